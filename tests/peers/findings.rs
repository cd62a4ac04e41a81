//! Findings and configurations in the hands of validators: the SARIF schema of OASIS, JSON Schema.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use plantweave::app::{findings_json, library_facts, open_project, sarif};
use plantweave::check::{Finding, check};
use plantweave::generate::generate;
use plantweave::model::{Plan, fixture};
use plantweave::project;

use crate::support::peer;

/// Names in many scripts, with characters that a URI cannot hold.
const MANY_SCRIPTS: &str = r#"
    component Füller 1.0 {
        rtauto Füllen
        in Füllstand R4 min 0 max 10 unit "°C"; in Größe I2 = 0; in Rezept BSTR = "ä" maxlen 3; in ein BOOL = false; out läuft BOOL; out Zähler I2
        hmi 温度 R4; stack 2.0; qos acyclic 100,200
    }
    component Насос 1.0 profibusSlave { in пуск BOOL }
    project "Abfüllung № 1"
    chart "Füllen & Verschließen" / "Zelle 1 (100 %)"
    "Füller 1": Füller @10.0.0.1 on "Füllen & Verschließen" / "Zelle 1 (100 %)"
    Füller2: Füller @10.0.0.1 on 日本
    Насос1: Насос address 126
    "Füller 1.läuft" -> Füller2.Größe acyclic 77 eps 1 note "größer als „1“"
    "Füller 1.Zähler" -> Füller2.Füller.Füllen.weg sub ½
    Füller2.Zähler -> "Füller 1.Größe" acyclic 100 sub zwölf
    Füller2.läuft -> "Füller 1.ein" acyclic 100 eps 1
    "Füller 1.Füllstand" = 11
    Füller2.Rezept = "Öl ÄÄÄ"
    target "Füller 1" -> Füller2 50 ms
"#;

/// What Python says of a plan's findings and configurations.
fn judged(plan: &Plan, findings: &[Finding]) -> Option<String> {
    let mut python = peer("python")?;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    fs::write(path.join("plan.sarif"), sarif(plan, findings)).unwrap();
    fs::write(path.join("findings.json"), findings_json(findings, None).to_string()).unwrap();
    let files: Vec<String> = project::write(plan).into_keys().collect();
    fs::write(path.join("files.txt"), files.join("\n")).unwrap();
    fs::create_dir(path.join("configurations")).unwrap();
    for (number, generated) in generate(plan).devices.iter().enumerate() {
        fs::write(path.join(format!("configurations/{number}.json")), generated.configuration.to_json()).unwrap();
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let script = root.join("tests/peers/findings.py");
    let output = python.arg(script).arg(path).arg(root.join("docs/schema")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn assert_judged(plan: &Plan, findings: &[Finding]) {
    let Some(told) = judged(plan, findings) else { return };
    let devices = generate(plan).devices.len();
    let subjects: BTreeSet<String> =
        findings.iter().map(|it| format!("{} {} {}", it.code, it.subject.kind(), it.subject)).collect();
    let expected = format!("{} findings, {} fingerprints, {devices} configurations", findings.len(), subjects.len());
    assert_eq!(told, expected);
}

#[test]
fn findings_and_configurations_of_the_samples_keep_their_schemas() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let facts = library_facts(&[root.join("library")]).unwrap();
    for (name, at_least) in [("bottling-line.plant", 10), ("water-treatment.plant", 1), ("mistakes.plant", 51)] {
        let plan = open_project(&root.join("samples").join(name)).unwrap();
        let findings = check(&plan, &facts);
        assert!(findings.len() >= at_least, "{name}: {}", findings.len());
        assert_judged(&plan, &findings);
    }
}

#[test]
fn names_in_many_scripts_keep_the_schemas() {
    let plan = fixture::plan(MANY_SCRIPTS);
    let findings = check(&plan, &plantweave::check::LibraryFacts::default());
    let codes: BTreeSet<&str> = findings.iter().map(|finding| finding.code).collect();
    for code in ["PW101", "PW110", "PW116", "PW117", "PW119", "PW121", "PW128", "PW132", "PW134", "PW113"] {
        assert!(codes.contains(code), "{code} is not among {codes:?}");
    }
    assert_judged(&plan, &findings);
}

#[test]
fn a_plan_without_findings_keeps_the_schemas() {
    assert_judged(&Plan::new("Empty"), &[]);
}
