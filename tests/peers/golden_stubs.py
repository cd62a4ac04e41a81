"""Holds cba_idl.py against the golden vectors, before it judges anything else.

usage: golden_stubs.py cba-example.stubs.tsv
Every stub is decoded by impacket to its last byte, encoded again and decoded again: same length, same values.
"""

import contextlib
import csv
import io
import sys

import cba_idl as cba

STUBS = {
    "PDev.get_Producer": cba.GetProducer,
    "PDev.get_Product": cba.GetProduct,
    "PDev.Revision": cba.Revision,
    "PDev.get_LogicalDevice": cba.GetLogicalDevice,
    "PDev2.PDevStamp": cba.PDevStamp,
    "Browse.get_Count": cba.BrowseCount,
    "Browse.BrowseItems": cba.BrowseItems,
    "LDev.get_Name": cba.GetName,
    "LDev.get_ACCO": cba.GetAcco,
    "LDev.get_RTAuto": cba.GetRtAuto,
    "LDev2.ComponentInfo": cba.ComponentInfo,
    "State.get_State": cba.GetState,
    "AccoMgt.AddConnections": cba.AddConnections,
    "AccoMgt.AddConnections(SRT,fragmented)": cba.AddConnections,
    "AccoMgt.RemoveConnections": cba.RemoveConnections,
    "AccoMgt.ClearConnections": cba.ClearConnections,
    "AccoMgt.GetInfo": cba.GetInfo,
    "AccoMgt.get_CDBCookie": cba.GetCdbCookie,
    "AccoMgt2.GetConsIDs": cba.GetConsIDs,
    "AccoMgt2.GetConsConnections": cba.GetConsConnections,
    "AccoSync.ReadItems": cba.ReadItems,
    "AccoSync.WriteItems": cba.WriteItems,
}


def values(stub):
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        stub.dump()
    return text.getvalue()


def main(path):
    seen = set()
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            name, _, kind = row["pdu"].rpartition(" ")
            if name not in STUBS or kind not in ("request", "response"):
                continue
            request = STUBS[name]
            if kind == "request":
                assert request.opnum == int(row["opnum"]), row["pdu"]
                cls = request
            else:
                cls = getattr(cba, request.__name__ + "Response")
            golden = bytes.fromhex(row["stub_hex"])
            first = cls(golden)
            assert first.fromString(golden) == len(golden), f"{row['pdu']}: not decoded to the end"
            again = first.getData()
            assert len(again) == len(golden), f"{row['pdu']}: {len(again)} bytes instead of {len(golden)}"
            assert values(cls(again)) == values(first), row["pdu"]
            seen.add((name, kind))
    missing = {(name, kind) for name in STUBS for kind in ("request", "response")} - seen
    assert not missing, f"not in the vectors: {sorted(missing)}"
    print(f"{len(seen)} kinds of stubs agree")


main(*sys.argv[1:])
