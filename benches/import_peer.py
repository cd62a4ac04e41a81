"""Reads a component description with lxml into the same content as `plantweave::pcd::read`, and compares the time both take.

    import_peer.py FILE                  medians of the extraction, in microseconds, as JSON
    import_peer.py FILE --against PROGRAM [--rounds N]
                                         runs PROGRAM FILE and this in turn, prints medians and their ratio

What is extracted is what becomes of a description in Plantweave: identity, texts, icons, links, limits, transmission, logical devices,
functions, ports with every attribute as a value of its type (literals of arrays and structures included), enumerations, maps, structure
types, payloads. Left out here, though the program does it: places of everything, the checks of the format, tolerance for other spellings,
limits against hostile files.
"""

import base64
import json
import statistics
import subprocess
import sys
import time
from datetime import datetime, timezone

from lxml import etree

NS = "{urn:x-cba:pcd:2}"
PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True)
INTEGERS = {"I1", "UI1", "I2", "UI2", "I4", "UI4"}


def integer(text):
    return None if text is None else int(text, 0)


def real(text):
    return None if text is None else float(text)


def truth(text, otherwise):
    return otherwise if text is None else text in ("true", "1")


def version(text):
    return None if text is None else tuple(int(part) for part in text.split("."))


def texts(node, name):
    return [(child.get("lang"), (child.text or "").strip()) for child in node.iterfind(NS + name)]


def content(node):
    href = node.get("href")
    return ("href", href) if href is not None else ("inline", base64.b64decode(node.text or ""))


def icons(node):
    return [(icon.get("kind", "small"), icon.get("mime"), content(icon)) for icon in node.iterfind(NS + "Icon")]


def qos(node):
    offers = []
    for offer in node.iterfind(f"{NS}SupportedQoS/{NS}QoS"):
        values = sorted({int(value) for value in offer.get("valuesMs", "").split()})
        offers.append((offer.get("type"), values, integer(offer.get("defaultMs"))))
    return offers


def enumeration(node):
    return [(int(entry.get("value")), entry.get("name"), texts(entry, "Text")) for entry in node.iterfind(NS + "Enum")]


class Types:
    """Structure types, resolved when they are asked for."""

    def __init__(self, root):
        self.nodes = {node.get("name"): node for node in root.iterfind(f"{NS}Types/{NS}Struct")}
        self.done = {}

    def of(self, node):
        token = node.get("type")
        if token == "STRUCT":
            name = node.get("typeRef")
            if name not in self.done:
                members = self.nodes[name].iterfind(NS + "Member")
                self.done[name] = ("STRUCT", name, [(member.get("name"), self.of(member)) for member in members])
            element = self.done[name]
        else:
            element = (token,)
        dims = node.get("array")
        return element if dims is None else ("ARRAY", element, [int(size) for size in dims.split()])


def literal(value_type, text):
    if text is None:
        return None
    kind = value_type[0]
    if kind == "ARRAY":
        return [literal(value_type[1], part) for part in text.split()]
    if kind == "BOOL":
        return {"true": True, "1": True, "false": False, "0": False}[text]
    if kind in INTEGERS:
        return int(text, 0)
    if kind in ("R4", "R8"):
        return float(text)
    if kind == "DATE":
        return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(timezone.utc)
    return text


def port(node, interface, types):
    value_type = types.of(node)
    direction = node.get("dir")
    access = node.get("access", "r" if direction == "Out" else "rw")
    place = node.find(NS + "Map")
    return {
        "name": node.get("name"),
        "interface": interface,
        "type": value_type,
        "direction": direction,
        "readable": "r" in access,
        "writable": "w" in access,
        "connectable": direction != "HMI" and truth(node.get("connectable"), True),
        "unit": node.get("unit"),
        "unit_code": node.get("unitCode"),
        "min": real(node.get("min")),
        "max": real(node.get("max")),
        "default": literal(value_type, node.get("default")),
        "constant": truth(node.get("constant"), False),
        "epsilon": real(node.get("epsilon")),
        "substitute": literal(value_type, node.get("substitute")),
        "max_len": integer(node.get("maxLen")),
        "source_type": node.get("sourceType"),
        "disp_id": integer(node.get("dispId")),
        "comment": texts(node, "Comment"),
        "enumeration": enumeration(node),
        "qos": qos(node),
        "map": None
        if place is None
        else (integer(place.get("db")), integer(place.get("byte")), integer(place.get("bit")), place.get("symbol")),
    }


def function(node, types):
    interfaces = []
    ports = []
    for interface in node.iterfind(NS + "Interface"):
        name = interface.get("name")
        interfaces.append((name, interface.get("uuid"), interface.get("version"), texts(interface, "Description")))
        ports.extend(port(child, name, types) for child in interface.iterfind(NS + "Property"))
    return {
        "name": node.get("name"),
        "id": node.get("id"),
        "revision": version(node.get("revision")),
        "description": texts(node, "Description"),
        "icons": icons(node),
        "interfaces": interfaces,
        "ports": ports,
    }


def logical_device(node, types):
    return {
        "name": node.get("name"),
        "producer": node.get("producer"),
        "product": node.get("product"),
        "revision": version(node.get("revision")),
        "pn_revision": version(node.get("pnRevision")),
        "state": truth(node.get("state"), True),
        "group_error": truth(node.get("groupError"), True),
        "time": truth(node.get("time"), False),
        "description": texts(node, "Description"),
        "functions": [function(child, types) for child in node.iterfind(NS + "RTAuto")],
    }


def device(node):
    identity = node.find(NS + "Identity")
    limits = node.find(NS + "Limits")
    ethernet = node.find(NS + "Ethernet")
    return {
        "class": node.get("class"),
        "stack": node.get("stack"),
        "multi_app": truth(node.get("multiApp"), False),
        "type_name": node.get("typeName"),
        "identity": {
            "producer": identity.get("producer"),
            "product": identity.get("product"),
            "vendor_id": integer(identity.get("vendorId")),
            "device_id": integer(identity.get("deviceId")),
            "order_number": identity.get("orderNumber"),
            "hardware": identity.get("hardware"),
            "firmware": identity.get("firmware"),
            "revision": version(identity.get("revision")),
            "pn_revision": version(identity.get("pnRevision")),
        },
        "description": texts(node, "Description"),
        "icons": icons(node),
        "limits": None if limits is None else {name: int(value) for name, value in limits.items()},
        "qos": qos(node),
        "ethernet": None
        if ethernet is None
        else (int(ethernet.get("ports", "1")), ethernet.get("defaultName"), ethernet.get("addressing", "dcp")),
        "profibus": [dict(bus.items()) for bus in node.iterfind(NS + "Profibus")],
    }


def struct(node, types):
    members = []
    for member in node.iterfind(NS + "Member"):
        value_type = types.of(member)
        members.append({
            "name": member.get("name"),
            "type": value_type,
            "unit": member.get("unit"),
            "unit_code": member.get("unitCode"),
            "min": real(member.get("min")),
            "max": real(member.get("max")),
            "default": literal(value_type, member.get("default")),
            "max_len": integer(member.get("maxLen")),
            "source_type": member.get("sourceType"),
            "comment": texts(member, "Comment"),
            "enumeration": enumeration(member),
        })
    return {"name": node.get("name"), "uuid": node.get("uuid"), "comment": texts(node, "Comment"), "members": members}


def extract(data):
    root = etree.fromstring(data, PARSER)
    types = Types(root)
    info = root.find(NS + "ComponentInfo")
    vendor = info.find(NS + "Vendor")
    return {
        "id": info.get("id").strip("{}").lower(),
        "version": version(info.get("version")),
        "singleton": info.get("kind") == "singleton",
        "author": info.get("author"),
        "category": info.get("category"),
        "tool": info.get("tool"),
        "created": info.get("created"),
        "modified": info.get("modified"),
        "name": info.findtext(NS + "Name"),
        "vendor": vendor.text,
        "vendor_url": vendor.get("url"),
        "description": texts(info, "Description"),
        "icons": icons(info),
        "links": [
            (link.get("kind", "manual"), link.get("lang"), link.get("href"), (link.text or "").strip())
            for link in info.iterfind(NS + "Link")
        ],
        "device": device(root.find(NS + "PhysicalDevice")),
        "ldevs": [logical_device(node, types) for node in root.iterfind(NS + "LogicalDevice")],
        "structs": [struct(node, types) for node in types.nodes.values()],
        "payloads": [
            {
                "id": node.get("id"),
                "kind": node.get("kind"),
                "target": node.get("target"),
                "loader": node.get("loader"),
                "mime": node.get("mime"),
                "size": integer(node.get("size")),
                "gzip": node.get("compress") == "gzip",
                "sha256": (node.get("sha256") or "").lower(),
                "content": content(node),
            }
            for node in root.iterfind(f"{NS}Payloads/{NS}Payload")
        ],
    }


def measure(data, seconds=1.0):
    component = extract(data)
    took = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        begun = time.perf_counter()
        extract(data)
        took.append((time.perf_counter() - begun) * 1e6)
    ports = sum(len(function["ports"]) for ldev in component["ldevs"] for function in ldev["functions"])
    return {"lxml_us": statistics.median(took), "ports": ports}


def compare(path, program, rounds):
    data = open(path, "rb").read()
    ours, events, attributes, theirs = [], [], [], []
    for _ in range(rounds):
        measured = json.loads(subprocess.run([program, path], check=True, capture_output=True, text=True).stdout)
        ours.append(measured["read_us"])
        events.append(measured["events_us"])
        attributes.append(measured["attributes_us"])
        lxml = measure(data)
        theirs.append(lxml["lxml_us"])
        assert lxml["ports"] == measured["ports"], "both read the same ports"
    median = statistics.median
    rows = [
        ("plantweave, whole import", median(ours)),
        ("lxml, same extraction", median(theirs)),
        ("quick-xml, bare events", median(events)),
        ("quick-xml, events and attributes", median(attributes)),
    ]
    print(f"{len(data)} bytes, {lxml['ports']} ports, medians of {rounds} rounds in turn; lxml {etree.__version__}, Python {sys.version.split()[0]}")
    for name, microseconds in rows:
        print(f"{name:<34} {microseconds:10.0f} us {len(data) / microseconds:10.1f} MB/s")
    print(f"times as fast as lxml: {median(theirs) / median(ours):.1f} (budget: at least 5)")
    print(f"share of the bare events' rate: {median(events) / median(ours):.2f} (budget: at least 0.5)")
    print(f"share of the rate of events and attributes: {median(attributes) / median(ours):.2f}")


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if "--against" in arguments:
        program = arguments[arguments.index("--against") + 1]
        rounds = int(arguments[arguments.index("--rounds") + 1]) if "--rounds" in arguments else 7
        compare(arguments[0], program, rounds)
    else:
        print(json.dumps(measure(open(arguments[0], "rb").read())))
