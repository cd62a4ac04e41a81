//! `plantweave diff`.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;

use super::{plantweave, sample};

/// The bottling line with one text in its files replaced by another, once.
fn changed(folder: &Path, file: &str, from: &str, to: &str) -> std::path::PathBuf {
    let copy = folder.join("copy.plant");
    let mut files = plantweave::app::read_project_files(&sample("bottling-line.plant")).unwrap();
    let text = String::from_utf8(files[file].to_vec()).unwrap();
    assert!(text.contains(from), "{file} has no {from}");
    files.insert(file.into(), text.replacen(from, to, 1).into_bytes().into());
    plantweave::app::save_project_files(&copy, &files).unwrap();
    copy
}

#[test]
fn a_project_equals_itself_and_its_archive() {
    let folder = tempfile::tempdir().unwrap();
    let line = sample("bottling-line.plant");
    let files = plantweave::app::read_project_files(&line).unwrap();
    let archive = folder.path().join("line.plantz");
    fs::write(&archive, plantweave::project::archive::pack(&files).unwrap()).unwrap();
    let ended = plantweave(["diff".as_ref(), line.as_os_str(), archive.as_os_str()]);
    assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (0, "no difference\n", ""));
}

#[test]
fn one_link_set_otherwise_reaches_one_device() {
    let folder = tempfile::tempdir().unwrap();
    let line = sample("bottling-line.plant");
    let copy = changed(folder.path(), "charts/Packing.toml", "qos = \"acyclic 200\"", "qos = \"acyclic 500\"");
    let ended = plantweave(["diff".as_ref(), line.as_os_str(), copy.as_os_str()]);
    assert_eq!((ended.code, ended.stderr.as_str()), (1, ""));
    assert_snapshot!(ended.stdout, @r#"
Links
  Buffer1.Table.Buffer.drive_ready: transmission: acyclic 200 ms to acyclic 500 ms
Devices whose configuration changes
  buffer-1: 1 change
"#);
    let json = plantweave(["diff".as_ref(), line.as_os_str(), copy.as_os_str(), "--json".as_ref()]);
    assert_eq!(json.code, 1);
    assert_snapshot!(json.stdout, @r#"
{
  "equal": false,
  "changes": [
    {
      "group": "links",
      "kind": "link_changed",
      "consumer": "Buffer1.Table.Buffer.drive_ready",
      "property": "transmission",
      "from": "acyclic 200 ms",
      "to": "acyclic 500 ms",
      "text": "Buffer1.Table.Buffer.drive_ready: transmission: acyclic 200 ms to acyclic 500 ms"
    }
  ],
  "devices": [
    {
      "device": "buffer-1",
      "effect": "changed",
      "changes": [
        "~ Buffer1.Buffer.drive_ready <- BufferDrive.Axis.Ready: acyclic 500 ms (was acyclic 200 ms)"
      ]
    }
  ]
}
"#);
}

#[test]
fn two_samples_have_hardly_anything_in_common() {
    let ended = plantweave([
        "diff".as_ref(),
        sample("bottling-line.plant").as_os_str(),
        sample("water-treatment.plant").as_os_str(),
    ]);
    assert_eq!(ended.code, 1);
    assert!(ended.stdout.starts_with("Project\n  renamed from Bottling line to "), "{}", ended.stdout);
    assert!(ended.stdout.lines().count() > 200);
}

#[test]
fn a_project_that_cannot_be_opened_ends_with_2() {
    let ended = plantweave(["diff".as_ref(), sample("bottling-line.plant").as_os_str(), "no/such.plant".as_ref()]);
    assert_eq!((ended.code, ended.stdout.as_str()), (2, ""));
    assert!(ended.stderr.starts_with("error: cannot open the project no/such.plant\n"), "{}", ended.stderr);
}
