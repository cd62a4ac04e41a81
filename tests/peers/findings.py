"""Reads findings and configurations as other programs would: the SARIF schema of OASIS, JSON Schema, and URIs that lead to files.

Arguments: a folder with plan.sarif, findings.json, files.txt (the files of the project) and configurations/, and the folder with our
schemas. Prints what was found.
"""

import json
import pathlib
import sys
import urllib.parse

import jsonschema
from sarif_kit.validate import validation_errors


def validator(path):
    schema = json.loads(path.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def refuses(check, document):
    """A judge that takes everything judges nothing."""
    broken = dict(document)
    broken.pop(next(iter(sorted(broken))))
    return not check.is_valid({**broken, "something": "else"})


def sarif(path, files):
    log = json.loads(path.read_text(encoding="utf-8"))
    errors = validation_errors(log)
    assert not errors, "\n".join(errors)
    assert validation_errors({**log, "version": "2.0.0"}) and validation_errors({**log, "runs": 1})
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        locations = result["locations"] + result.get("relatedLocations", [])
        for location in locations:
            artifact = location["physicalLocation"]["artifactLocation"]
            assert artifact["uriBaseId"] in run["originalUriBaseIds"]
            uri = urllib.parse.urlsplit(artifact["uri"])
            assert not uri.scheme and not uri.netloc and not uri.path.startswith("/"), artifact["uri"]
            assert artifact["uri"].isascii()
            assert urllib.parse.unquote(uri.path, errors="strict") in files, artifact["uri"]
    fingerprints = [result["partialFingerprints"]["subject/v1"] for result in run["results"]]
    return run["results"], fingerprints


def main():
    folder, schemas = map(pathlib.Path, sys.argv[1:])
    files = set((folder / "files.txt").read_text(encoding="utf-8").splitlines())
    results, fingerprints = sarif(folder / "plan.sarif", files)

    document = json.loads((folder / "findings.json").read_text(encoding="utf-8"))
    check = validator(schemas / "findings.schema.json")
    check.validate(document)
    assert refuses(check, document)
    findings = document["findings"]
    if findings:
        assert refuses(check, {**document, "findings": [{**findings[0], "severity": "fatal"}]})
    levels = {"error": "error", "warning": "warning", "info": "note"}
    for result, finding in zip(results, findings, strict=True):
        assert result["ruleId"] == finding["code"] and result["level"] == levels[finding["severity"]]
        assert result["message"]["text"] == f"{finding['place']}: {finding['message']}"
        assert result["properties"]["facts"] == finding["facts"]

    check = validator(schemas / "configuration.schema.json")
    configurations = sorted((folder / "configurations").glob("*.json"))
    for path in configurations:
        configuration = json.loads(path.read_text(encoding="utf-8"))
        check.validate(configuration)
        assert refuses(check, configuration)

    print(f"{len(findings)} findings, {len(set(fingerprints))} fingerprints, {len(configurations)} configurations")


if __name__ == "__main__":
    main()
