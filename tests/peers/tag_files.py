"""Reads the tag files as other programs would: Python's csv, jsonschema, and the types that Kepware knows.

Arguments: the folder with csv, json, kepware and symbols files, and the JSON Schema. Prints what was found.
"""

import csv
import json
import pathlib
import sys

import jsonschema

HEADER = (
    "Tag Name,Address,Data Type,Respect Data Type,Client Access,Scan Rate,Scaling,Raw Low,Raw High,"
    "Scaled Low,Scaled High,Scaled Data Type,Clamp Low,Clamp High,Eng Units,Description,Negate Value"
)
TYPES = {"Boolean", "Char", "Byte", "Short", "Word", "Long", "DWord", "Float", "Double", "Date", "String"}


def rows(path, **options):
    with open(path, newline="", **options) as file:
        return list(csv.reader(file, strict=True))


def kepware(path):
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf"), "no byte order mark"
    assert raw.count(b"\n") == raw.count(b"\r\n"), "lines do not end with CRLF"
    header, *tags = rows(path, encoding="utf-8-sig")
    assert ",".join(header) == HEADER, header
    assert len(HEADER.split(",")) == 17
    names = set()
    for tag in tags:
        assert len(tag) == 17, tag
        name, address, kind, respect, access, rate, *scaling = tag
        assert name.lower() not in names, f"{name} stands twice"
        names.add(name.lower())
        assert len(name) <= 256 and '"' not in name, name
        assert all(part and not part.startswith("_") for part in name.split(".")), name
        assert address, tag
        assert kind.removesuffix(" Array") in TYPES, kind
        assert respect == "1" and access in ("R/W", "RO") and int(rate) > 0, tag
        assert scaling[:8] == [""] * 8 and scaling[-1] == "", tag
    # A group and a tag in it cannot have one name.
    groups = {name.rsplit(".", 1)[0] for name in names}
    assert not names & groups, names & groups
    return tags


def main():
    folder, schema = map(pathlib.Path, sys.argv[1:])
    document = json.loads((folder / "json").read_text(encoding="utf-8"))
    schema = json.loads(schema.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(document)
    paths = [tag["path"] for tag in document["tags"]]
    assert len(set(paths)) == len(paths), "paths stand twice"

    with open(folder / "csv", newline="", encoding="utf-8") as file:
        plain = list(csv.DictReader(file, strict=True))
    assert [row["path"] for row in plain] == paths, "csv and json differ"
    for row, tag in zip(plain, document["tags"]):
        assert None not in row and None not in row.values(), row
        for column in ("device", "item", "type", "direction", "access", "unit", "description"):
            assert row[column] == tag[column], (column, row)
        assert int(row["vartype"]) == tag["vartype"], row
        assert row["fed_by"] == "; ".join(feed["provider"] for feed in tag["fed_by"]), row

    tags = kepware(folder / "kepware")
    # Each variable is there, as itself or as the group of its members.
    nodes = [tag[1].removeprefix("ns=1;s=") for tag in tags]
    missing = [path for path in paths if not any(node == path or node.startswith((path + ".", path + "[")) for node in nodes)]
    assert not missing, missing

    symbols = (folder / "symbols").read_bytes().decode("utf-8").split("\r\n")
    assert symbols.pop() == ""
    fields = [line.split("\t") for line in symbols if not line.startswith("#")]
    assert all(len(line) == 6 for line in fields)
    assert len({line[1] for line in fields}) == len(fields), "item strings stand twice"
    print(f"{len(paths)} variables, {len(tags)} Kepware tags, {len(fields)} symbols")


main()
