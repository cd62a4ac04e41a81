"""scapy's codec of DCP and LLDP: `build` prints frames (name, tab, hex), `read` prints what stands in those given."""

import sys

from scapy.all import Ether, raw
from scapy.contrib import lldp
from scapy.contrib.pnio import ProfinetIO
from scapy.contrib import pnio_dcp as dcp

TOOL, DEVICE = "02:00:00:00:00:01", "02:00:00:00:00:02"
ADDRESS = {"ip": "10.0.0.2", "netmask": "255.255.255.0", "gateway": "10.0.0.1"}


def to_device(**fields):
    set_ = {"service_id": dcp.DCP_SERVICE_ID_SET, "service_type": dcp.DCP_REQUEST, "block_qualifier": 1}
    return Ether(src=TOOL, dst=DEVICE) / ProfinetIO(frameID=dcp.DCP_GET_SET_FRAME_ID) / dcp.ProfinetDCP(**set_, **fields)


def build():
    yield "identify", Ether(src=TOOL, dst="01:0e:cf:00:00:00") / ProfinetIO(
        frameID=dcp.DCP_IDENTIFY_REQUEST_FRAME_ID
    ) / dcp.ProfinetDCP(
        service_id=dcp.DCP_SERVICE_ID_IDENTIFY, service_type=dcp.DCP_REQUEST, xid=7, reserved=1, dcp_data_length=12,
        option=2, sub_option=2, dcp_block_length=8, name_of_station="filler-1",
    )
    yield "set-name", to_device(option=2, sub_option=2, dcp_data_length=14, dcp_block_length=10, name_of_station="filler-1")
    yield "set-ip", to_device(option=1, sub_option=2, dcp_data_length=18, dcp_block_length=14, **ADDRESS)
    blocks = [
        dcp.DCPIPBlock(dcp_block_length=14, padding=b"", block_info=1, **ADDRESS),
        dcp.DCPNameOfStationBlock(dcp_block_length=10, padding=b"", name_of_station="filler-1"),
        dcp.DCPDeviceIDBlock(dcp_block_length=6, padding=b"", vendor_id=0x0493, device_id=2),
        dcp.DCPDeviceRoleBlock(dcp_block_length=4, padding=b"", device_role_details=3),
        # An odd length: one byte of padding.
        dcp.DCPAliasNameBlock(dcp_block_length=15, alias_name="port-001.sw-2"),
        dcp.DCPMACBlock(dcp_block_length=8, padding=b"", mac=DEVICE),
    ]
    yield "identified", Ether(src=DEVICE, dst=TOOL) / ProfinetIO(
        frameID=dcp.DCP_IDENTIFY_RESPONSE_FRAME_ID
    ) / dcp.ProfinetDCP(
        service_id=dcp.DCP_SERVICE_ID_IDENTIFY, service_type=dcp.DCP_RESPONSE, xid=7,
        dcp_data_length=sum(len(raw(block)) for block in blocks), dcp_blocks=blocks,
    )
    yield "lldp", Ether(src=DEVICE, dst=lldp.LLDP_NEAREST_BRIDGE_MAC) / lldp.LLDPDUChassisID(
        subtype=7, id="Filler".ljust(80)
    ) / lldp.LLDPDUPortID(subtype=7, id="port-001.filler-1") / lldp.LLDPDUTimeToLive(ttl=20) / lldp.LLDPDUSystemName(
        system_name="filler-1"
    ) / lldp.LLDPDUGenericOrganisationSpecific(
        org_code=0x000ECF, subtype=5, data=bytes.fromhex(DEVICE.replace(":", ""))
    ) / lldp.LLDPDUEndOfLLDPDU()


def facts_of_dcp(frame):
    facts = {}
    for block in frame[dcp.ProfinetDCP].dcp_blocks:
        if isinstance(block, dcp.DCPIPBlock):
            facts |= {"ip": block.ip, "mask": block.netmask, "gateway": block.gateway}
        elif isinstance(block, dcp.DCPNameOfStationBlock):
            facts["name"] = block.name_of_station.decode()
        elif isinstance(block, dcp.DCPDeviceIDBlock):
            facts |= {"vendor": block.vendor_id, "device": block.device_id}
        elif isinstance(block, dcp.DCPDeviceRoleBlock):
            facts["role"] = block.device_role_details
        elif isinstance(block, dcp.DCPManufacturerSpecificBlock):
            facts["type"] = block.device_vendor_value.decode()
        elif isinstance(block, dcp.DCPControlBlock):
            facts["error"] = block.block_error
    order = ["ip", "mask", "gateway", "name", "vendor", "device", "role", "type", "error"]
    return {key: facts[key] for key in order if key in facts}


def facts_of_lldp(frame):
    organisations = []
    layer = frame
    while layer:
        if hasattr(layer, "org_code"):
            organisations.append(layer.org_code)
        layer = layer.payload
    return {
        "chassis": frame[lldp.LLDPDUChassisID].id.decode(),
        "port": frame[lldp.LLDPDUPortID].id.decode(),
        "ttl": frame[lldp.LLDPDUTimeToLive].ttl,
        "organisations": sorted(set(organisations)),
    }


if sys.argv[1] == "build":
    for name, frame in build():
        print(name, raw(frame).hex(), sep="\t")
else:
    for line in sys.stdin:
        name, data = line.rstrip("\n").split("\t")
        frame = Ether(bytes.fromhex(data))
        facts = facts_of_dcp(frame) if dcp.ProfinetDCP in frame else facts_of_lldp(frame)
        print(name, " ".join(f"{key}={value}" for key, value in facts.items()), sep="\t")
