"""The CBA interfaces a foreign client calls, as impacket NDR structures.

Written from the protocol description, independently of the Rust code, so that an error shared by our
encoder and our decoder shows. impacket's NDR engine does alignment, arrays and deferred pointers. Two
things are our own here: VARIANT, whose body impacket aligns to 4 where the standard says 8, and arrays as
arguments, for which impacket forgets to count the size in front when it aligns their elements to 8.
"""

from struct import pack, unpack_from

from impacket.dcerpc.v5.dcomrt import DCOMANSWER, DCOMCALL, PMInterfacePointer
from impacket.dcerpc.v5.dcom.oaut import BSTR
from impacket.dcerpc.v5.dtypes import LPWSTR, WSTR
from impacket.dcerpc.v5.ndr import (
    NDR,
    NDRPOINTER,
    NDRSTRUCT,
    NDRULONG,
    NDRUniConformantArray,
    NDRUSHORT,
    NDRUSMALL,
)
from impacket.dcerpc.v5.rpcrt import DCERPCException
from impacket.uuid import uuidtup_to_bin


def iid(first):
    return uuidtup_to_bin((f"{first}-6c97-11d1-8271-00a02442df7d", "0.0"))


CLSID_PDEV = iid("cba00000")
IID_PDEV = iid("cba00001")
IID_BROWSE = iid("cba00002")
IID_PDEV2 = iid("cba00006")
IID_LDEV = iid("cba00011")
IID_LDEV2 = iid("cba00017")
IID_STATE = iid("cba00012")
IID_ACCO_MGT = iid("cba00041")
IID_ACCO_MGT2 = iid("cba00046")
IID_ACCO_SYNC = iid("cba00044")
IID_RTAUTO = iid("cba00051")

S_OK, S_FALSE = 0, 1
CBA_S_PERSISTPENDING, CBA_S_ESTABLISHING = 0x0004CA00, 0x0004CA01
CBA_E_UNKNOWNOBJECT, CBA_E_UNKNOWNMEMBER = 0x8004CB01, 0x8004CB02
CBA_E_INVALIDID = 0x8004CB05


class DCERPCSessionError(DCERPCException):
    """impacket looks it up beside the calls."""


# --- VARIANT -------------------------------------------------------------------------------------

SCALARS = {2: "<h", 3: "<i", 4: "<f", 5: "<d", 7: "<d", 10: "<I", 11: "<h", 16: "<b", 17: "<B", 18: "<H", 19: "<I", 20: "<q", 21: "<Q"}
VT_BSTR, VT_VARIANT, VT_ARRAY = 8, 12, 0x2000
SF_TYPE = {1: 16, 2: 2, 4: 3, 8: 20}


def aligned(offset, size):
    return offset + (-offset) % size


class VariantBody(NDR):
    """wireVARIANT: Data is (vartype, value); arrays have a list as value, None means no value.

    An array of VARIANT, as structures are sent, has a list of such pairs; it is only read.
    """

    align = 8
    structure = ()

    def __init__(self, data=None, isNDR64=False):
        super().__init__(None, isNDR64)
        self.fields["Data"] = (0, None)

    def getAlignment(self):
        return 8

    def getData(self, soFar=0):
        vartype, value = self.fields["Data"]
        union = VT_ARRAY if vartype & VT_ARRAY else vartype
        body = bytearray(pack("<IIHHHHI", 0, 0, vartype, 0, 0, 0, union))
        if vartype & VT_ARRAY:
            self._array(body, vartype & ~VT_ARRAY, value)
        elif vartype == VT_BSTR:
            body += pack("<I", 0x72657355) + bstr_body(value)
        elif vartype in SCALARS:
            pad(body, len(pack(SCALARS[vartype], 0)))
            body += pack(SCALARS[vartype], value)
        elif vartype not in (0, 1):
            raise ValueError(f"vartype {vartype}")
        body[0:4] = pack("<I", (len(body) + 7) // 8)
        # Padding has no meaning; make it visible if somebody reads it.
        return b"\xda" * ((-soFar) % 8) + bytes(body)

    @staticmethod
    def _array(body, element, values):
        size = 4 if element == VT_BSTR else len(pack(SCALARS[element], 0))
        features = 0x0180 if element == VT_BSTR else 0x0080
        sf_type = 8 if element == VT_BSTR else SF_TYPE[size]
        body += pack("<IIIHHIHHII", 0x72657355, 0x20004, 1, 1, features, size, 0, element, sf_type, len(values))
        body += pack("<IIiI", 0x20008, len(values), 0, len(values))
        if element == VT_BSTR:
            body += pack("<I", 0x72657355) * len(values)
            for value in values:
                pad(body, 4)
                body += bstr_body(value)
        else:
            pad(body, size)
            for value in values:
                body += pack(SCALARS[element], value)

    def fromString(self, data, offset=0):
        start = aligned(offset, 8)
        cl_size, _, vartype, _, _, _, union = unpack_from("<IIHHHHI", data, start)
        at, value = start + 20, None
        if vartype & VT_ARRAY:
            assert union == VT_ARRAY, f"union {union:#x} of an array"
            value, at = self._read_array(data, start, at, vartype & ~VT_ARRAY)
        else:
            assert union == vartype, f"union {union:#x} of vartype {vartype}"
            if vartype == VT_BSTR:
                (pointer,) = unpack_from("<I", data, at)
                assert pointer, "BSTR pointer is NULL"
                value, at = read_bstr(data, at + 4)
            elif vartype in SCALARS:
                value, at = read_scalar(data, start, at, vartype)
            else:
                assert vartype in (0, 1), f"vartype {vartype}"
        assert cl_size == (at - start + 7) // 8, f"clSize {cl_size} of a body of {at - start} bytes"
        self.fields["Data"] = (vartype, value)
        return at - offset

    @staticmethod
    def _read_array(data, start, at, element):
        outer, inner, n_bounds, n_dims, features, size, locks, vartype, sf_type, count = unpack_from("<IIIHHIHHII", data, at)
        assert outer and inner and n_bounds == n_dims == 1 and locks == 0, "SAFEARRAY head"
        assert vartype == element and features & 0x0080, "SAFEARRAY element type"
        at += 32
        pointer, n_elements, lower, max_count = unpack_from("<IIiI", data, at)
        assert pointer and n_elements == count == max_count and lower == 0, "SAFEARRAY counts"
        at += 16
        values = []
        if element == VT_VARIANT:
            assert (size, sf_type) == (16, 12) and features & 0x0800, "SAFEARRAY of VARIANT"
            assert all(unpack_from(f"<{count}I", data, at)), "VARIANT pointer is NULL"
            at += 4 * count
            for _ in range(count):
                body = VariantBody()
                at += body.fromString(data, at)
                values.append(body.fields["Data"])
        elif element == VT_BSTR:
            assert (size, sf_type) == (4, 8), "SAFEARRAY of BSTR"
            assert all(unpack_from(f"<{count}I", data, at)), "BSTR pointer is NULL"
            at += 4 * count
            for _ in range(count):
                value, at = read_bstr(data, aligned(at, 4))
                values.append(value)
        else:
            assert sf_type in (SF_TYPE[size], 10), f"sfType {sf_type}"
            for _ in range(count):
                value, at = read_scalar(data, start, at, element)
                values.append(value)
        return values, at

    def dump(self, msg=None, indent=0):
        print(msg or "VARIANT", self.fields["Data"], end=" ")


def pad(body, size):
    body += b"\x00" * ((-len(body)) % size)


def read_scalar(data, start, at, vartype):
    size = len(pack(SCALARS[vartype], 0))
    at = start + aligned(at - start, size)
    return unpack_from(SCALARS[vartype], data, at)[0], at + size


def bstr_body(text):
    encoded = text.encode("utf-16le")
    return pack("<III", len(encoded) // 2, len(encoded), len(encoded) // 2) + encoded


def read_bstr(data, at):
    max_count, n_bytes, cl_size = unpack_from("<III", data, at)
    assert n_bytes == 2 * max_count == 2 * cl_size, "BSTR counts"
    at += 12
    return bytes(data[at : at + n_bytes]).decode("utf-16le"), at + n_bytes


class VARIANT(NDRPOINTER):
    referent = (("Data", VariantBody),)


class BYTES(NDR):
    """SAFEARRAY of bytes as an argument, its two pointers included; only read."""

    align = 4
    structure = ()

    def __init__(self, data=None, isNDR64=False):
        super().__init__(None, isNDR64)
        self.fields["Data"] = []

    def getAlignment(self):
        return 4

    def fromString(self, data, offset=0):
        start = aligned(offset, 4)
        self.fields["Data"], at = VariantBody._read_array(data, start, start, 17)
        return at - offset

    def dump(self, msg=None, indent=0):
        print(msg or "BYTES", self.fields["Data"], end=" ")


# --- arrays --------------------------------------------------------------------------------------


class Argument(NDRUniConformantArray):
    """An array that is itself an argument, not behind a pointer."""

    def getData(self, soFar=0):
        return super().getData(soFar + 4)


class ULONGS(NDRUniConformantArray):
    item = NDRULONG


class ULONG_ARGUMENT(Argument):
    item = NDRULONG


class PULONGS(NDRPOINTER):
    referent = (("Data", ULONGS),)


def argument(struct):
    """A conformant array of `struct` as an argument."""
    return type(f"{struct.__name__}_ARGUMENT", (Argument,), {"item": struct})


def pointed(struct):
    """A pointer to a conformant array of `struct`."""
    array = type(f"{struct.__name__}_ARRAY", (NDRUniConformantArray,), {"item": struct})
    return type(f"P{struct.__name__}_ARRAY", (NDRPOINTER,), {"referent": (("Data", array),)})


# --- ICBAPhysicalDevice, ICBALogicalDevice, ICBARTAuto -------------------------------------------


def getter(opnum, **results):
    """A call without arguments: (request class, response class)."""
    fields = tuple(results.items()) + (("hr", NDRULONG),)
    return type("", (DCOMCALL,), {"opnum": opnum, "structure": ()}), type("", (DCOMANSWER,), {"structure": fields})


def call(name, request_and_response):
    """Gives both classes the names by which impacket finds the response of a request."""
    for suffix, cls in zip(("", "Response"), request_and_response):
        cls.__name__ = cls.__qualname__ = name + suffix
        cls.__module__ = __name__
        globals()[name + suffix] = cls


for name, parts in {
    "GetProducer": getter(7, text=BSTR),
    "GetProduct": getter(8, text=BSTR),
    "Revision": getter(11, major=NDRUSHORT, minor=NDRUSHORT),
    "PDevStamp": getter(15, stamp=NDRULONG),
    "BrowseCount": getter(7, count=NDRULONG),
    "GetName": getter(7, text=BSTR),
    "GetAcco": getter(13, object=PMInterfacePointer),
    "ComponentInfo": getter(16, id=BSTR, version=BSTR),
    "PbAddressInfo": getter(17, pairs=BYTES),
    "GetState": getter(7, state=NDRUSHORT),
    "GetInfo": getter(7, maximum=NDRULONG, current=NDRULONG),
    "GetCdbCookie": getter(13, cookie=NDRULONG),
    "GetConsIDs": getter(14, count=NDRULONG, ids=PULONGS),
    "ClearConnections": getter(5),
    "Nowhere": getter(60),
}.items():
    call(name, parts)


class BrowseItems(DCOMCALL):
    opnum = 8
    structure = (("offset", NDRULONG), ("max_return", NDRULONG))


class BrowseItemsResponse(DCOMANSWER):
    structure = (("names", VARIANT), ("types", VARIANT), ("rights", VARIANT), ("hr", NDRULONG))


class GetLogicalDevice(DCOMCALL):
    opnum = 12
    structure = (("name", BSTR),)


class GetLogicalDeviceResponse(DCOMANSWER):
    structure = (("object", PMInterfacePointer), ("hr", NDRULONG))


class GetRtAuto(DCOMCALL):
    opnum = 14
    structure = (("name", BSTR),)


class GetRtAutoResponse(DCOMANSWER):
    structure = (("object", PMInterfacePointer), ("hr", NDRULONG))


# --- ICBAAccoMgt2 --------------------------------------------------------------------------------


class ADDCONNECTIONIN(NDRSTRUCT):
    structure = (
        ("provider_item", LPWSTR),
        ("consumer_item", LPWSTR),
        ("persistence", NDRUSHORT),
        ("substitute", VARIANT),
        ("epsilon", VARIANT),
    )


class ADDCONNECTIONOUT(NDRSTRUCT):
    structure = (("cons_id", NDRULONG), ("version", NDRUSHORT), ("hr", NDRULONG))


class GETCONSCONNOUT(NDRSTRUCT):
    structure = (
        ("provider", LPWSTR),
        ("provider_item", LPWSTR),
        ("consumer_item", LPWSTR),
        ("substitute", VARIANT),
        ("epsilon", VARIANT),
        ("qos_type", NDRUSHORT),
        ("qos_value", NDRUSHORT),
        ("state", NDRUSMALL),
        ("persistence", NDRUSHORT),
        ("hr", NDRULONG),
    )


class GETIDOUT(NDRSTRUCT):
    structure = (("cons_id", NDRULONG), ("state", NDRUSMALL), ("version", NDRUSHORT), ("hr", NDRULONG))


class GETCONNECTIONOUT(NDRSTRUCT):
    structure = (*GETCONSCONNOUT.structure[:-1], ("version", NDRUSHORT), ("hr", NDRULONG))


class GetIDs(DCOMCALL):
    opnum = 8
    structure = ()


class GetIDsResponse(DCOMANSWER):
    structure = (("count", NDRULONG), ("ids", pointed(GETIDOUT)), ("hr", NDRULONG))


class GetConnections(DCOMCALL):
    opnum = 9
    structure = (("count", NDRULONG), ("ids", ULONG_ARGUMENT))


class GetConnectionsResponse(DCOMANSWER):
    structure = (("results", pointed(GETCONNECTIONOUT)), ("hr", NDRULONG))


class AddConnections(DCOMCALL):
    opnum = 3
    structure = (
        ("provider", WSTR),
        ("qos_type", NDRUSHORT),
        ("qos_value", NDRUSHORT),
        ("state", NDRUSMALL),
        ("count", NDRULONG),
        ("connections", argument(ADDCONNECTIONIN)),
    )


class AddConnectionsResponse(DCOMANSWER):
    structure = (("results", pointed(ADDCONNECTIONOUT)), ("hr", NDRULONG))


class RemoveConnections(DCOMCALL):
    opnum = 4
    structure = (("count", NDRULONG), ("ids", ULONG_ARGUMENT))


class RemoveConnectionsResponse(DCOMANSWER):
    structure = (("results", PULONGS), ("hr", NDRULONG))


class GetConsConnections(DCOMCALL):
    opnum = 15
    structure = (("count", NDRULONG), ("ids", ULONG_ARGUMENT))


class GetConsConnectionsResponse(DCOMANSWER):
    structure = (("results", pointed(GETCONSCONNOUT)), ("hr", NDRULONG))


# --- ICBAAccoSync --------------------------------------------------------------------------------


class READITEMOUT(NDRSTRUCT):
    structure = (
        ("value", VARIANT),
        ("qc", NDRUSHORT),
        # A FILETIME is two u32 and so aligned to 4.
        ("time_low", NDRULONG),
        ("time_high", NDRULONG),
        ("hr", NDRULONG),
    )


class WRITEITEMIN(NDRSTRUCT):
    structure = (("item", LPWSTR), ("value", VARIANT))


class ReadItems(DCOMCALL):
    opnum = 3
    structure = (("count", NDRULONG), ("items", argument(LPWSTR)))


class ReadItemsResponse(DCOMANSWER):
    structure = (("results", pointed(READITEMOUT)), ("hr", NDRULONG))


class WriteItems(DCOMCALL):
    opnum = 4
    structure = (("count", NDRULONG), ("items", argument(WRITEITEMIN)))


class WriteItemsResponse(DCOMANSWER):
    structure = (("results", PULONGS), ("hr", NDRULONG))
