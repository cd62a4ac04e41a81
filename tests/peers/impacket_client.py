"""A foreign DCOM client against a (virtual) CBA device: impacket without authentication.

usage: impacket_client.py EXPECTATIONS.json
The file says where the device is and what the plan holds of it:
{
  "host": "127.168.0.12", "resolver_port": 135,
  "producer": "...", "product": "...", "ldev": "...", "rtauto": "...",
  "component_id": "...", "component_version": "...",
  "items": {"RTAuto.Property": VARTYPE, ...},                       to read
  "write": {"item": "...", "vartype": 2, "value": 7},
  "link": {"provider": "IP!LDev", "provider_item": "...", "consumer_item": "...",
           "vartype": 2, "substitute": 7, "epsilon": 1},            a connection that is not there yet
  "stage": 2,                                                       1 for a device of the first stage of CBA
  "profibus": [1, 5]                                                system and address, for an LDev behind a proxy
}
Prints one line a step; ends with 1 at the first step that does not hold.
"""

import json
import random
import sys
import time

from impacket.dcerpc.v5 import transport
from impacket.dcerpc.v5.dcomrt import (
    INTERFACE,
    DCOMConnection,
    IActivation,
    IID,
    IID_IRemUnknown,
    IObjectExporter,
    IRemoteSCMActivator,
    IRemUnknown,
    REMINTERFACEREF,
    RemAddRef,
    RemRelease,
)
from impacket.dcerpc.v5.ndr import NULL
from impacket.dcerpc.v5.rpcrt import RPC_C_AUTHN_LEVEL_NONE, DCERPCException
from impacket.uuid import generate

import cba_idl as cba

# As impacket names them; it hides the number of those it knows from HRESULTs.
UNKNOWN_OPNUM = "nca_s_op_rng_error"
UNKNOWN_IPID = "RPC_E_DISCONNECTED"
NO_INTERFACE = "E_NOINTERFACE"


def step(text):
    print(text, flush=True)


def equal(got, wanted, what):
    assert got == wanted, f"{what}: {got!r}, expected {wanted!r}"


def resolver(host, port):
    """A connection to the resolver. impacket knows port 135 only, so it is made by hand."""
    rpc = transport.DCERPCTransportFactory(f"ncacn_ip_tcp:{host}[{port}]")
    rpc.set_connect_timeout(10)
    dce = rpc.get_dce_rpc()
    dce.set_auth_level(RPC_C_AUTHN_LEVEL_NONE)
    dce.connect()
    DCOMConnection.PORTMAPS[host] = dce
    return dce


def call(interface, iid, request):
    """Calls an interface; the answer is given back whatever its HRESULT."""
    request["ORPCthis"] = interface.get_cinstance().get_ORPCthis()
    request["ORPCthis"]["flags"] = 0
    interface.connect(iid)
    answer = interface.get_dce_rpc().request(request, interface.get_iPid(), checkError=False)
    return answer


def good(interface, iid, request):
    answer = call(interface, iid, request)
    equal(answer["hr"], cba.S_OK, type(request).__name__)
    return answer


def unmarshal(parent, pointer):
    """The object behind a marshalled interface pointer."""
    return IRemUnknown(
        INTERFACE(
            parent.get_cinstance(),
            b"".join(pointer["abData"]),
            parent.get_ipidRemUnknown(),
            target=parent.get_target(),
        )
    )


def query(interface, iid):
    return interface.RemQueryInterface(5, [iid[:16]])


def fault(action, what):
    """What impacket says of the fault the action must end with."""
    try:
        action()
    except DCERPCException as error:
        return str(error)
    raise AssertionError(f"{what} was answered instead of faulted")


def activations(dce):
    bindings = IObjectExporter(dce).ServerAlive2()
    addresses = [binding["aNetworkAddr"].rstrip("\0") for binding in bindings]
    assert addresses, "ServerAlive2 names no address"
    step(f"ServerAlive2: {addresses}")

    new = IRemoteSCMActivator(dce).RemoteCreateInstance(cba.CLSID_PDEV[:16], cba.IID_PDEV[:16])
    new.get_cinstance().set_auth_level(RPC_C_AUTHN_LEVEL_NONE)
    step("RemoteCreateInstance")
    old = IActivation(dce).RemoteActivation(cba.CLSID_PDEV[:16], cba.IID_PDEV[:16])
    old.get_cinstance().set_auth_level(RPC_C_AUTHN_LEVEL_NONE)
    step("RemoteActivation")
    equal((old.get_oxid(), old.get_oid(), old.get_iPid()), (new.get_oxid(), new.get_oid(), new.get_iPid()), "both ways")

    oxid_bindings = IObjectExporter(dce).ResolveOxid2(new.get_oxid(), (7,))
    assert oxid_bindings[0]["aNetworkAddr"].rstrip("\0").endswith("]"), "no port in the OXID binding"
    step(f"ResolveOxid2: {oxid_bindings[0]['aNetworkAddr']}")
    return new


def physical_device(pdev, expected):
    equal(good(pdev, cba.IID_PDEV, cba.GetProducer())["text"]["asData"], expected["producer"], "producer")
    equal(good(pdev, cba.IID_PDEV, cba.GetProduct())["text"]["asData"], expected["product"], "product")
    step("get_Producer, get_Product")
    browse = query(pdev, cba.IID_BROWSE)
    request = cba.BrowseItems()
    request["offset"], request["max_return"] = 0, 0
    vartype, names = good(browse, cba.IID_BROWSE, request)["names"]
    equal(vartype, cba.VT_ARRAY | cba.VT_BSTR, "type of the names")
    assert expected["ldev"] in names, f"{expected['ldev']} is not among {names}"
    equal(good(browse, cba.IID_BROWSE, cba.BrowseCount())["count"], len(names), "count")
    step(f"BrowseItems: {names}")

    request = cba.GetLogicalDevice()
    request["name"]["asData"] = "no such device"
    answer = call(pdev, cba.IID_PDEV, request)
    equal((answer["hr"], answer.fields["object"]["ReferentID"]), (cba.CBA_E_UNKNOWNOBJECT, 0), "unknown LDev")
    request["name"]["asData"] = expected["ldev"]
    ldev = unmarshal(pdev, good(pdev, cba.IID_PDEV, request)["object"])
    step("get_LogicalDevice")
    return ldev


def logical_device(ldev, expected):
    equal(good(ldev, cba.IID_LDEV, cba.GetName())["text"]["asData"], expected["ldev"], "name of the LDev")
    step("get_Name")
    if expected.get("stage", 2) == 1:
        refused(ldev, cba.IID_LDEV2)
        step("no ICBALogicalDevice2")
    else:
        ldev2 = query(ldev, cba.IID_LDEV2)
        info = good(ldev2, cba.IID_LDEV2, cba.ComponentInfo())
        equal(info["id"]["asData"], expected["component_id"], "component id")
        equal(info["version"]["asData"], expected["component_version"], "component version")
        pairs = good(ldev2, cba.IID_LDEV2, cba.PbAddressInfo())["pairs"]
        equal(pairs, expected.get("profibus", []), "PROFIBUS address")
        step(f"ComponentInfo, PBAddressInfo: {pairs}")
    request = cba.GetRtAuto()
    request["name"]["asData"] = expected["rtauto"]
    rtauto = unmarshal(ldev, good(ldev, cba.IID_LDEV, request)["object"])
    equal(good(rtauto, cba.IID_RTAUTO, cba.GetName())["text"]["asData"], expected["rtauto"], "name of the RTAuto")
    step("get_RTAuto")
    acco = unmarshal(ldev, good(ldev, cba.IID_LDEV, cba.GetAcco())["object"])
    step("get_ACCO")
    return acco


def refused(interface, iid):
    """The interface must not be there."""
    try:
        query(interface, iid)
    except DCERPCException as error:
        assert NO_INTERFACE in str(error), f"missing interface: {error}"
        return
    raise AssertionError("an interface of stage 2 is there")


def connections(acco, link, stage):
    if stage == 1:
        refused(acco, cba.IID_ACCO_MGT2)
        step("no ICBAAccoMgt2")
        mgt, iid = acco, cba.IID_ACCO_MGT
    else:
        mgt, iid = query(acco, cba.IID_ACCO_MGT2), cba.IID_ACCO_MGT2
    known = held_ids(mgt, iid)
    cookie = good(mgt, iid, cba.GetCdbCookie())["cookie"]

    request = cba.AddConnections()
    request["provider"] = link["provider"] + "\0"
    request["qos_type"], request["qos_value"] = 0, 500
    request["state"], request["count"] = 0, 2
    for consumer_item in (link["consumer_item"], "Nobody.Nothing"):
        connection = cba.ADDCONNECTIONIN()
        connection["provider_item"] = link["provider_item"] + "\0"
        connection["consumer_item"] = consumer_item + "\0"
        connection["persistence"] = 0
        connection["substitute"] = (link["vartype"], link["substitute"])
        if link["epsilon"] is None:
            connection["epsilon"] = NULL
        else:
            connection["epsilon"] = (link["vartype"], link["epsilon"])
        request["connections"].append(connection)
    answer = call(mgt, iid, request)
    equal(answer["hr"], cba.S_FALSE, "AddConnections with one bad connection")
    added, bad = answer["results"]
    assert added["cons_id"] != 0 and added["hr"] < 0x80000000, f"refused with {added['hr']:#x}"
    assert bad["hr"] in (cba.CBA_E_UNKNOWNOBJECT, cba.CBA_E_UNKNOWNMEMBER), f"{bad['hr']:#x}"
    equal(bad["cons_id"], 0, "ConsID of a refused connection")
    step(f"AddConnections: ConsID {added['cons_id']:#x}, and {bad['hr']:#x} for the bad one")

    now = held_ids(mgt, iid)
    equal(sorted(now), sorted(known + [added["cons_id"]]), "ConsIDs")
    assert good(mgt, iid, cba.GetCdbCookie())["cookie"] != cookie, "the CDB cookie did not change"
    step(f"{'GetIDs' if stage == 1 else 'GetConsIDs'}: {len(now)}")

    request = cba.GetConnections() if stage == 1 else cba.GetConsConnections()
    what = type(request).__name__
    with_ids(request, added["cons_id"], 0xFFFFFFF0)
    answer = call(mgt, iid, request)
    equal(answer["hr"], cba.S_FALSE, f"{what} with an unknown ConsID")
    held, unknown = answer["results"]
    equal(unknown["hr"], cba.CBA_E_INVALIDID, "unknown ConsID")
    equal(held["hr"], cba.S_OK, what)
    for field in ("provider", "provider_item", "consumer_item"):
        equal(held[field].rstrip("\0"), link[field], field)
    equal((held["qos_type"], held["qos_value"], held["state"]), (0, 500, 0), "QoS and state")
    equal(held["substitute"], (link["vartype"], link["substitute"]), "substitute")
    if link["epsilon"] is not None:
        equal(held["epsilon"], (link["vartype"], link["epsilon"]), "epsilon")
    step(what)

    request = cba.RemoveConnections()
    with_ids(request, added["cons_id"])
    equal(list(results(good(mgt, iid, request))), [cba.S_OK], "RemoveConnections")
    equal(sorted(held_ids(mgt, iid)), sorted(known), "ConsIDs afterwards")
    step("RemoveConnections")


def with_ids(request, *ids):
    request["count"] = len(ids)
    for cons_id in ids:
        element = cba.NDRULONG()
        element["Data"] = cons_id
        request["ids"].append(element)


def held_ids(mgt, iid):
    """The ConsIDs a device holds: GetIDs of stage 1, GetConsIDs of stage 2."""
    answer = good(mgt, iid, cba.GetIDs() if iid == cba.IID_ACCO_MGT else cba.GetConsIDs())
    if answer["count"] == 0:
        return []
    return [element["cons_id"] if iid == cba.IID_ACCO_MGT else element["Data"] for element in answer["ids"]]


def results(answer):
    return [element["Data"] for element in answer["results"]]


def values(sync, expected):
    items = expected["items"]
    request = cba.ReadItems()
    request["count"] = len(items) + 1
    for name in [*items, "Nobody.Nothing"]:
        item = cba.LPWSTR()
        item["Data"] = name + "\0"
        request["items"].append(item)
    answer = call(sync, cba.IID_ACCO_SYNC, request)
    equal(answer["hr"], cba.S_FALSE, "ReadItems with an unknown item")
    *read, unknown = answer["results"]
    assert unknown["hr"] in (cba.CBA_E_UNKNOWNOBJECT, cba.CBA_E_UNKNOWNMEMBER), f"{unknown['hr']:#x}"
    for (name, vartype), result in zip(items.items(), read, strict=True):
        assert result["hr"] < 0x80000000, f"{name}: {result['hr']:#x}"
        equal(result["value"][0], vartype, f"type of {name}")
        age = time.time() - ((result["time_high"] << 32 | result["time_low"]) / 1e7 - 11644473600)
        assert -5 < age < 3600, f"{name}: time stamp {age} s old"
        step(f"ReadItems: {name} = {result['value'][1]!r}, quality {result['qc']:#x}")

    write = expected["write"]
    element = cba.WRITEITEMIN()
    element["item"] = write["item"] + "\0"
    element["value"] = (write["vartype"], write["value"])
    request = cba.WriteItems()
    request["count"] = 1
    request["items"].append(element)
    equal(results(good(sync, cba.IID_ACCO_SYNC, request)), [cba.S_OK], "WriteItems")
    request = cba.ReadItems()
    request["count"] = 1
    item = cba.LPWSTR()
    item["Data"] = write["item"] + "\0"
    request["items"].append(item)
    (result,) = call(sync, cba.IID_ACCO_SYNC, request)["results"]
    equal(result["value"], (write["vartype"], write["value"]), "value written and read")
    step(f"WriteItems: {write['item']} = {write['value']!r}")


def faults(pdev):
    def wrong_ipid():
        pdev.connect(cba.IID_PDEV)
        request = cba.GetProducer()
        request["ORPCthis"] = pdev.get_cinstance().get_ORPCthis()
        pdev.get_dce_rpc().request(request, generate(), checkError=False)

    said = fault(wrong_ipid, "an unknown IPID")
    assert UNKNOWN_IPID in said, f"unknown IPID: {said}"
    step(f"unknown IPID: {said}")
    said = fault(lambda: call(pdev, cba.IID_PDEV, cba.Nowhere()), "an unknown opnum")
    assert UNKNOWN_OPNUM in said, f"unknown opnum: {said}"
    step(f"unknown opnum: {said}")
    # The association lives on after a fault.
    good(pdev, cba.IID_PDEV, cba.GetProducer())


def release(interfaces):
    first = interfaces[0]
    for request in (RemAddRef(), RemRelease()):
        request["ORPCthis"] = first.get_cinstance().get_ORPCthis()
        request["cInterfaceRefs"] = len(interfaces)
        for interface in interfaces:
            reference = REMINTERFACEREF()
            reference["ipid"] = interface.get_iPid()
            reference["cPublicRefs"], reference["cPrivateRefs"] = 5, 0
            request["InterfaceRefs"].append(reference)
        first.connect(IID_IRemUnknown)
        answer = first.get_dce_rpc().request(request, first.get_ipidRemUnknown(), checkError=False)
        equal(answer["ErrorCode"], cba.S_OK, type(request).__name__)
    step("RemAddRef, RemRelease")


def main(path):
    with open(path, encoding="utf-8") as file:
        expected = json.load(file)
    random.seed(1)
    dce = resolver(expected["host"], expected["resolver_port"])
    pdev = activations(dce)
    ldev = physical_device(pdev, expected)
    acco = logical_device(ldev, expected)
    connections(acco, expected["link"], expected.get("stage", 2))
    values(query(acco, cba.IID_ACCO_SYNC), expected)
    faults(pdev)
    release([pdev, ldev, acco])
    pdev.disconnect()
    dce.disconnect()
    step("done")


try:
    main(*sys.argv[1:])
except AssertionError as error:
    print(f"does not hold: {error}", file=sys.stderr)
    sys.exit(1)
