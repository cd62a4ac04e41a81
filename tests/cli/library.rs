//! Commands around the library: import, library.

use std::path::{Path, PathBuf};

use insta::assert_snapshot;

use super::{Ended, plantweave};

fn own_library() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("library")
}

fn run(args: &[&str]) -> Ended {
    plantweave(args)
}

/// Runs the import of one file of the library that comes with the program into `library`.
fn import(file: &str, library: &Path, more: &[&str]) -> Ended {
    let file = own_library().join(file);
    let mut args = vec!["import", file.to_str().unwrap(), "--library", library.to_str().unwrap()];
    args.extend(more);
    run(&args)
}

#[test]
fn an_irregular_description_is_imported_and_its_oddities_named() {
    let library = tempfile::tempdir().unwrap();
    let ended = import("huellbach/shrink-wrapper/shrink-wrapper.pcd.xml", library.path(), &[]);
    assert_eq!(ended.stderr, "");
    assert_snapshot!(ended.stdout);
    assert_eq!(ended.code, 0);
    let again = import("huellbach", library.path(), &["--dry-run"]);
    assert!(again.stdout.ends_with("\n1 already there\n"), "{}", again.stdout);
}

#[test]
fn json_tells_what_came_of_each_file() {
    let library = tempfile::tempdir().unwrap();
    let ended = import("ledova", library.path(), &["--json", "--dry-run"]);
    let json: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    let file = &json["files"][0];
    assert_eq!((&file["outcome"], &json["interrupted"]), (&"added".into(), &false.into()));
    assert_eq!((&file["component"]["name"], &file["component"]["grade"]), (&"Labeller".into(), &"exact".into()));
    assert_eq!(std::fs::read_dir(library.path()).unwrap().count(), 0, "a dry run writes nothing");
}

#[test]
fn what_is_no_description_is_refused_with_exit_code_1() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("GSDML-V2.43.xml");
    std::fs::write(&file, "<?xml version='1.0'?>\n<ISO15745Profile/>\n").unwrap();
    let library = folder.path().join("library");
    let ended = run(&["import", file.to_str().unwrap(), "--library", library.to_str().unwrap()]);
    assert_eq!(ended.code, 1);
    let expected = "FOLDER/GSDML-V2.43.xml: refused
  why: this is a GSDML file, the device description of PROFINET IO, and only component descriptions (XML) can be imported
  do:  export a component description from the vendor's tool, or ask the vendor for one
1 refused
";
    assert_eq!(ended.stdout.replace(folder.path().to_str().unwrap(), "FOLDER"), expected);

    let ended = run(&["import", "x.xml", "--library", library.to_str().unwrap(), "--mapping", "none.toml"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (2, ""));
    assert!(ended.stderr.starts_with("error: cannot use the mapping file none.toml\n"), "{}", ended.stderr);
}

#[test]
fn the_library_is_listed() {
    let ended = run(&["library", own_library().to_str().unwrap()]);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    assert_snapshot!(ended.stdout);
}

#[test]
fn words_and_categories_narrow_the_list() {
    let library = own_library();
    let list = |more: &[&str]| {
        let mut args = vec!["library", library.to_str().unwrap(), "--json"];
        args.extend(more);
        let json: serde_json::Value = serde_json::from_str(&run(&args).stdout).unwrap();
        let components = json["components"].as_array().unwrap().clone();
        components
            .iter()
            .map(|row| format!("{} {}", row["name"].as_str().unwrap(), row["version"].as_str().unwrap()))
            .collect::<Vec<_>>()
    };
    assert_eq!(list(&["--search", "scharnierbandforderer"]), ["Belt conveyor 2.1", "Belt conveyor 2.0"]);
    assert_eq!(list(&["--search", "fuellvolumen ventil"]), ["Volumetric filler 3.0"]);
    assert_eq!(list(&["--category", "filling"]).len(), list(&["--search", "filling", "--category", "Filling"]).len());
    assert!(list(&["--search", "no-such-word"]).is_empty());
}

#[test]
fn one_component_is_shown_whole() {
    let library = own_library();
    let ended = run(&["library", library.to_str().unwrap(), "--show", "signal tower"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    assert_snapshot!(ended.stdout);
    let none = run(&["library", library.to_str().unwrap(), "--show", "teapot"]);
    assert_eq!((none.code, none.stdout.as_str()), (2, ""));
    assert!(none.stderr.contains("why: the library holds no such component"), "{}", none.stderr);
}

#[test]
fn an_irregular_description_is_printed_in_the_canonical_form() {
    let library = own_library();
    let ended = run(&["library", library.to_str().unwrap(), "--show", "Schrumpfpacker STE 3", "--canonical"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shrink.xml");
    std::fs::write(&file, &ended.stdout).unwrap();
    let ended = run(&["import", file.to_str().unwrap(), "--library", folder.path().to_str().unwrap(), "--dry-run"]);
    assert!(
        ended.stdout.contains("Schrumpfpacker STE 3 1.0 of Hüllbach Verpackung GmbH: exact, 1 functions, 15 ports")
    );
}

#[test]
fn two_contents_of_one_version_are_told_with_exit_code_1() {
    let library = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(own_library().join("ledova/labeller/labeller.pcd.xml")).unwrap();
    std::fs::write(library.path().join("a.xml"), &text).unwrap();
    std::fs::write(library.path().join("b.xml"), text.replace("<Name>Labeller", "<Name>Labeler")).unwrap();
    let ended = run(&["library", library.path().to_str().unwrap()]);
    assert_eq!(ended.code, 1);
    assert!(ended.stdout.contains("PCD-V12 changed without a new version: a.xml, b.xml"), "{}", ended.stdout);
}

#[test]
fn the_check_tells_of_newer_versions_in_a_library() {
    let project = super::sample("bottling-line.plant");
    let library = own_library();
    let check = |more: &[&str]| {
        let mut args = vec!["check", project.to_str().unwrap()];
        args.extend(more);
        run(&args).stdout
    };
    assert!(!check(&[]).contains("PW140"));
    assert!(check(&["--library", library.to_str().unwrap()]).contains("PW140"));
}
