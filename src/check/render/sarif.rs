//! Findings as SARIF 2.1.0, the format of code-review tools.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use crate::check::{Finding, Severity, Subject, rules};
use crate::model::Plan;

/// Findings as a SARIF 2.1.0 log with one run.
///
/// The plan is not a text, so a result names its subject as a logical location, and as physical location the file of
/// the project folder that holds it. `file_of` tells that file, relative to the folder and with `/`; whoever knows the
/// folder's layout hands it in. `None` stands for `plant.toml`.
pub fn sarif<'a>(
    plan: &Plan,
    findings: impl IntoIterator<Item = &'a Finding>,
    file_of: impl Fn(&Plan, &Subject) -> Option<String>,
) -> String {
    let findings: Vec<&Finding> = findings.into_iter().collect();
    let used: BTreeSet<&str> = findings.iter().map(|finding| finding.code).collect();
    let used: Vec<_> = rules().iter().filter(|rule| used.contains(rule.code)).collect();
    let descriptors: Vec<Json> = used
        .iter()
        .map(|rule| {
            json!({
                "id": rule.code,
                "name": camel_case(rule.name),
                "shortDescription": { "text": rule.title() },
                "fullDescription": { "text": rule.section("What it checks") },
                "help": { "text": rule.page(), "markdown": rule.page() },
                "defaultConfiguration": { "level": level(rule.severity) },
            })
        })
        .collect();
    let results: Vec<Json> = findings
        .iter()
        .map(|finding| {
            let mut result = json!({
                "ruleId": finding.code,
                "ruleIndex": used.iter().position(|rule| rule.code == finding.code),
                "level": level(finding.severity),
                "message": { "text": format!("{}: {}", finding.place, finding.message) },
                "locations": [location(plan, &finding.subject, &finding.place, &file_of)],
                "partialFingerprints": {
                    "subject/v1": format!("{} {} {}", finding.code, finding.subject.kind(), finding.subject),
                },
                "properties": { "facts": finding.facts },
            });
            if !finding.related.is_empty() {
                let related = finding.related.iter().enumerate().map(|(id, subject)| {
                    let mut location = location(plan, subject, &subject.to_string(), &file_of);
                    location["id"] = json!(id);
                    location
                });
                result["relatedLocations"] = related.collect();
            }
            if let Some(fix) = &finding.fix {
                result["properties"]["fix"] = json!(fix.title);
            }
            result
        })
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "Plantweave",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "version": env!("CARGO_PKG_VERSION"),
                "rules": descriptors,
            } },
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": { "PROJECT": { "description": { "text": "The project folder." } } },
            "results": results,
        }],
    });
    let mut out = serde_json::to_string_pretty(&log).unwrap_or_default();
    out.push('\n');
    out
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn location(plan: &Plan, subject: &Subject, place: &str, file_of: &impl Fn(&Plan, &Subject) -> Option<String>) -> Json {
    let file = file_of(plan, subject).unwrap_or_else(|| "plant.toml".to_owned());
    json!({
        "physicalLocation": { "artifactLocation": { "uri": uri(&file), "uriBaseId": "PROJECT" } },
        "logicalLocations": [{ "name": place, "fullyQualifiedName": subject.to_string(), "kind": subject.kind() }],
    })
}

/// A relative path as a URI reference: what a URI cannot hold is percent-encoded.
fn uri(path: &str) -> String {
    path.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// `type-mismatch` as `TypeMismatch`.
fn camel_case(name: &str) -> String {
    name.split('-')
        .map(|word| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_paths_are_spelled_as_sarif_wants_them() {
        assert_eq!(camel_case("type-mismatch"), "TypeMismatch");
        assert_eq!(uri("charts/Füllen 1.toml"), "charts/F%C3%BCllen%201.toml");
    }
}
