//! `plantweave check`, and what it mends.

use std::ffi::OsString;
use std::path::Path;

use insta::assert_snapshot;
use plantweave::app::{read_project_files, save_project_files};
use serde_json::Value as Json;

use crate::{Ended, plantweave, sample};

fn check(project: &Path, args: &[&str]) -> Ended {
    plantweave([OsString::from("check"), project.into()].into_iter().chain(args.iter().map(OsString::from)))
}

/// A sample of its own, to change.
fn copy_of(name: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    save_project_files(folder.path(), &read_project_files(&sample(name)).unwrap()).unwrap();
    folder
}

fn codes(ended: &Ended) -> Vec<String> {
    let lines = ended.stdout.lines().filter(|line| line.starts_with(['e', 'w', 'i']));
    lines.map(|line| line.split(' ').nth(1).unwrap().to_owned()).collect()
}

#[test]
fn only_what_is_asked_for_is_told() {
    let mistakes = sample("mistakes.plant");
    let errors = check(&mistakes, &["--severity", "error"]);
    assert_eq!(errors.code, 1);
    assert!(errors.stdout.lines().all(|line| line.starts_with("error ") || !line.starts_with(['w', 'i'])));
    let two = check(&mistakes, &["--code", "pw103,PW104"]);
    assert_eq!(codes(&two), ["PW103", "PW104"]);
    // What is only worth knowing is no reason to complain.
    let remarks = check(&mistakes, &["--code", "PW114"]);
    assert_eq!((remarks.code, codes(&remarks)), (0, vec!["PW114".to_owned(); 3]));
    let unknown = check(&mistakes, &["--code", "PW999"]);
    assert_eq!(unknown.code, 2);
    assert_snapshot!(unknown.stderr, @r"
    error: cannot look for `PW999`
      why: no rule has this code
      do:  `plantweave explain` lists all rules with their codes
    ");
}

#[test]
fn fixes_are_made_told_and_saved() {
    let project = copy_of("mistakes.plant");
    let before = read_project_files(project.path()).unwrap();
    let ended = check(project.path(), &["--fix", "--code", "PW110,PW124"]);
    assert_snapshot!(ended.stdout, @r"
    fixed PW110: Set ConveyorA.bottles_out → ConveyorB.bottles_in to acyclic 200 ms
    fixed PW124: Set the name of station of filler-1 to filler-1
    fixed PW124: Set the name of station of pump to pump
    3 fixes made, 2 files changed

    0 errors, 0 warnings, 0 remarks
    ");
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    let after = read_project_files(project.path()).unwrap();
    let changed: Vec<&String> = after.keys().filter(|file| after.get(*file) != before.get(*file)).collect();
    assert_eq!(changed, ["chart.toml", "network.toml"]);
    let lines = |text: &[u8]| String::from_utf8_lossy(text).lines().map(str::to_owned).collect::<Vec<_>>();
    let (old, new) = (lines(&before["network.toml"]), lines(&after["network.toml"]));
    assert_eq!(old.iter().zip(&new).filter(|(old, new)| old != new).count(), 2, "a fix changes a line");
    // A second time there is nothing to do, and nothing is written.
    let again = check(project.path(), &["--fix", "--code", "PW110,PW124"]);
    assert_snapshot!(again.stdout, @r"
    0 fixes made, 0 files changed

    0 errors, 0 warnings, 0 remarks
    ");
    assert_eq!(read_project_files(project.path()).unwrap(), after);
}

#[test]
fn all_fixes_are_made_and_told_as_json() {
    let project = copy_of("mistakes.plant");
    let ended = check(project.path(), &["--fix", "--format", "json"]);
    assert_eq!(ended.code, 1, "not all can be mended safely");
    let told: Json = serde_json::from_str(&ended.stdout).unwrap();
    let fixes = told["fixes"].as_array().unwrap();
    assert!(fixes.len() > 10 && fixes.iter().all(|fix| fix["refused"].is_null()), "{fixes:#?}");
    assert!(told["findings"].as_array().unwrap().iter().all(|finding| finding["fix"].is_null()));
    let plain: Json = serde_json::from_str(&check(project.path(), &["--format", "json"]).stdout).unwrap();
    assert_eq!(plain["findings"], told["findings"]);
    assert!(plain["fixes"].is_null());
}

#[test]
fn an_archive_is_checked_but_not_changed() {
    let files = read_project_files(&sample("mistakes.plant")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("mistakes.plantz");
    std::fs::write(&archive, plantweave::project::archive::pack(&files).unwrap()).unwrap();
    assert_eq!(check(&archive, &[]).code, 1);
    let refused = check(&archive, &["--fix"]);
    assert_eq!(refused.code, 2);
    let told = refused.stderr.replace(&folder.path().display().to_string(), "FOLDER");
    assert_snapshot!(told, @r"
    error: cannot mend FOLDER/mistakes.plantz
      why: it is an archive, no folder
      do:  unpack it with any zip program into a folder NAME.plant, and mend that
    ");
}
