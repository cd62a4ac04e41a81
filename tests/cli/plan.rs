//! Commands that look at a plan: info, xref, check, explain, generate.

use insta::assert_snapshot;

use super::{plantweave, sample};

#[test]
fn a_project_that_is_not_there_is_told_in_three_lines() {
    for command in ["info", "xref", "check", "generate"] {
        let ended = plantweave([command, "no/such.plant"]);
        assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{command}");
        let expected = "error: cannot open the project no/such.plant
  why: there is no such folder
  do:  check the path and that you may read it; a project is a folder that holds `plant.toml`
";
        assert_eq!(ended.stderr, expected, "{command}");
    }
}

#[test]
fn wrong_arguments_end_with_2_and_help_with_0() {
    assert_eq!(plantweave(["check"]).code, 2);
    let mistyped = plantweave(["no-such-command"]);
    assert_eq!(mistyped.code, 2);
    assert!(mistyped.stderr.contains("there is no such command"), "{}", mistyped.stderr);
    let help = plantweave(["--help"]);
    assert_eq!(help.code, 0);
    assert!(help.stdout.contains("Exit codes: 0 fine, 1 findings or differences, 2 could not run."));
}

#[test]
fn info_counts_and_lists_devices() {
    let path = sample("water-treatment.plant");
    let ended = plantweave(["info".as_ref(), path.as_os_str()]);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    assert!(ended.stdout.contains("\n  11 instances with "), "{}", ended.stdout);
    let json = plantweave(["info".as_ref(), path.as_os_str(), "--json".as_ref()]);
    let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!((&json["instances"], &json["links"]), (&11.into(), &45.into()));
}

#[test]
fn the_cross_reference_has_a_row_for_every_port_in_each_format() {
    let path = sample("water-treatment.plant");
    let xref = |format: &str| {
        let ended = plantweave(["xref".as_ref(), path.as_os_str(), "--format".as_ref(), format.as_ref()]);
        assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
        ended.stdout
    };
    let json: Vec<serde_json::Value> = serde_json::from_str(&xref("json")).unwrap();
    let csv = xref("csv");
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert!(json.len() > 100);
    assert_eq!(rows.len(), json.len());
    assert_eq!(xref("text").lines().count(), json.len() + 1);
    for (row, json) in rows.iter().zip(&json) {
        assert_eq!(row.get(0), json["port"].as_str());
    }
}

#[test]
fn check_ends_with_1_when_there_is_something_to_mend() {
    let path = sample("mistakes.plant");
    let ended = plantweave(["check".as_ref(), path.as_os_str()]);
    assert_eq!((ended.code, ended.stderr.as_str()), (1, ""));
    let sarif = plantweave(["check".as_ref(), path.as_os_str(), "--format".as_ref(), "sarif".as_ref()]);
    let sarif: serde_json::Value = serde_json::from_str(&sarif.stdout).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let findings = ended.stdout.lines().filter(|line| !line.starts_with("    ")).count() - 1;
    assert_eq!(results.len(), findings);
    for result in results {
        let file = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
        // Only blanks are encoded in the names of this sample.
        assert!(path.join(file.replace("%20", " ")).is_file(), "{file}");
    }
}

#[test]
fn explain_prints_the_page_of_a_rule() {
    let ended = plantweave(["explain", "pw101"]);
    assert_eq!(ended.code, 0);
    assert!(ended.stdout.starts_with("# PW101"), "{}", ended.stdout);
    let unknown = plantweave(["explain", "PW999"]);
    assert_eq!(unknown.code, 2);
    assert_snapshot!(unknown.stderr, @r"
    error: cannot explain `PW999`
      why: no rule has this code
      do:  `plantweave explain` without a code lists all rules
    ");
}

#[test]
fn generate_writes_a_file_a_device_and_refuses_a_plan_with_errors() {
    let out = tempfile::tempdir().unwrap();
    let path = sample("water-treatment.plant");
    let args = |path: &std::path::Path| {
        ["generate".into(), path.to_owned().into_os_string(), "--out".into(), out.path().as_os_str().to_owned()]
    };
    let ended = plantweave(args(&path));
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    let files = std::fs::read_dir(out.path()).unwrap().count();
    assert_eq!(files, ended.stdout.lines().filter(|line| line.ends_with("never downloaded")).count());
    let ended = plantweave(args(&sample("mistakes.plant")));
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.starts_with("error: not everything could be generated\n"), "{}", ended.stderr);
}
