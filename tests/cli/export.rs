//! `plantweave export`.

use insta::assert_snapshot;

use super::{plantweave, sample};

fn export(args: &[&str]) -> super::Ended {
    let path = sample("bottling-line.plant");
    plantweave([&["export", path.to_str().unwrap()], args].concat())
}

#[test]
fn tags_are_printed_or_written_and_are_the_same() {
    let folder = tempfile::tempdir().unwrap();
    for format in ["csv", "json", "kepware", "symbols"] {
        let printed = export(&["--format", format]);
        assert_eq!((printed.code, printed.stderr.as_str()), (0, ""), "{format}");
        let out = folder.path().join(format);
        let written = export(&["--format", format, "--out", out.to_str().unwrap()]);
        assert_eq!(written.code, 0);
        assert!(written.stdout.ends_with(&format!(" rows: {}\n", out.display())), "{}", written.stdout);
        assert_eq!(std::fs::read_to_string(&out).unwrap(), printed.stdout, "{format}");
    }
}

#[test]
fn a_drive_behind_its_proxy_in_german_by_an_own_template() {
    let ended = export(&[
        "--format",
        "symbols",
        "--lang",
        "de",
        "--item",
        "BufferDrive.*.Speed*",
        "--template",
        "{ip}|{ldev}|{property}",
    ]);
    assert_snapshot!(ended.stdout, @r#"
# Symbols for OPC clients, project Bottling line
# UNVERIFIED SYNTAX: no source confirms the item strings of the SIMATIC NET server for PROFINET CBA; try one before you rely on all
# Template: {ip}|{ldev}|{property}
# Columns, with tabs between them: symbol, item, VARTYPE, access, unit, description
BufferDrive.Drive.Axis.SpeedSp	192.168.10.28|BufferDrive_Drive|SpeedSp	4	RW	1/min	Drehzahlsollwert
BufferDrive.Drive.Axis.SpeedAct	192.168.10.28|BufferDrive_Drive|SpeedAct	4	R	1/min	Istdrehzahl
"#);
}

#[test]
fn a_wrong_template_is_told_with_its_place() {
    let ended = export(&["--format", "kepware", "--template", "{device}.{tag}"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (2, ""));
    assert_snapshot!(ended.stderr, @r#"
error: cannot use the template `{device}.{tag}`
  why: `{tag}` at position 10 is no placeholder; there are {project} {device} {ip} {ldev} {rtauto} {property} {path}
  do:  correct it; docs/TAGS.md says what each placeholder stands for
"#);
}

#[test]
fn an_archive_is_a_project_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = sample("bottling-line.plant");
    let files = plantweave::app::read_project_files(&path).unwrap();
    let archive = folder.path().join("line.plantz");
    std::fs::write(&archive, plantweave::project::archive::pack(&files).unwrap()).unwrap();
    let from_archive = plantweave(["export".as_ref(), archive.as_os_str(), "--format".as_ref(), "csv".as_ref()]);
    assert_eq!((from_archive.code, from_archive.stdout), (0, export(&["--format", "csv"]).stdout));
    std::fs::write(&archive, "PK").unwrap();
    let broken = plantweave(["info".as_ref(), archive.as_os_str()]);
    assert_eq!(broken.code, 2);
    assert_snapshot!(broken.stderr.replace(folder.path().to_str().unwrap(), "FOLDER"), @r#"
error: cannot open the project FOLDER/line.plantz
  why: this is not a readable archive: invalid Zip archive: Could not find EOCD
  do:  a project is a folder that holds `plant.toml`, or an archive of one (NAME.plantz)
"#);
}

#[test]
fn the_book_is_the_same_every_time_and_has_no_date_but_the_one_given() {
    let folder = tempfile::tempdir().unwrap();
    let book = |name: &str, args: &[&str]| {
        let out = folder.path().join(name);
        let ended = export(&[&["--format", "book", "--out", out.to_str().unwrap()], args].concat());
        assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
        let bytes = std::fs::read(&out).unwrap();
        assert_eq!(ended.stdout, format!("{} bytes: {}\n", bytes.len(), out.display()));
        bytes
    };
    let first = book("first.pdf", &[]);
    assert!(first.starts_with(b"%PDF-") && first.ends_with(b"%%EOF"));
    assert_eq!(book("second.pdf", &[]), first);
    let dated = book("dated.pdf", &["--date", "25 November 2026"]);
    assert_eq!(book("dated.pdf", &["--date", "25 November 2026"]), dated);
    assert!(dated != first && book("german.pdf", &["--lang", "de"]) != first);
    // Another process has other seeds for its hash maps; so has the one that prints to a pipe.
    let printed = std::process::Command::new(env!("CARGO_BIN_EXE_plantweave"))
        .args(["export".as_ref(), sample("bottling-line.plant").as_os_str(), "--format".as_ref(), "book".as_ref()])
        .output()
        .unwrap();
    assert!(printed.stdout == first);
}

#[test]
fn an_option_without_use_is_refused() {
    let ended = export(&["--format", "book", "--item", "Filler1.*"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (2, ""));
    assert_snapshot!(ended.stderr, @r"
    error: cannot use `--item` with this format
      why: it is for tag files
      do:  leave it out
    ");
    assert_eq!(export(&["--format", "csv", "--date", "today"]).code, 2);
}

#[test]
fn charts_are_drawn_the_same_every_time_in_either_theme() {
    let folder = tempfile::tempdir().unwrap();
    let draw = |name: &str, args: &[&str]| {
        let out = folder.path().join(name);
        let ended = export(&[&["--out", out.to_str().unwrap()], args].concat());
        assert_eq!((ended.code, ended.stderr.as_str(), ended.stdout), (0, "", format!("{}\n", out.display())));
        std::fs::read(&out).unwrap()
    };
    let svg = draw("a.svg", &["--format", "svg", "--chart", "Filling"]);
    assert_eq!(draw("b.svg", &["--format", "svg", "--chart", " Filling/"]), svg);
    assert_eq!(export(&["--format", "svg", "--chart", "Filling"]).stdout.into_bytes(), svg);
    let text = String::from_utf8(svg).unwrap();
    for what in ["<title id=\"title\">Filling</title>", ">Volumetric filler 3.0<", "#f7f8f9", "@font-face"] {
        assert!(text.contains(what), "{what} in {text}");
    }
    let dark = String::from_utf8(draw("dark.svg", &["--format", "svg", "--theme", "dark"])).unwrap();
    assert!(dark.contains("<title id=\"title\">Bottling line</title>") && dark.contains("#1b1f24"));
    let png = draw("a.png", &["--format", "png", "--chart", "Filling", "--scale", "0.5"]);
    assert!(
        png.starts_with(b"\x89PNG")
            && draw("b.png", &["--format", "png", "--chart", "Filling", "--scale", "0.5"]) == png
    );
}

#[test]
fn all_charts_go_into_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let ended = export(&["--format", "svg", "--out", folder.path().to_str().unwrap()]);
    let names: Vec<&str> = ended.stdout.lines().map(|line| line.rsplit('/').next().unwrap()).collect();
    let expected =
        ["Bottling line.svg", "Filling.svg", "Packing.svg", "Packing.Palletising.svg", "Product.svg", "Utilities.svg"];
    assert_eq!(names, expected);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), expected.len());
}

#[test]
fn what_cannot_be_drawn_is_told() {
    let ended = export(&["--format", "svg", "--chart", "Filling/Nowhere"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (2, ""));
    assert_snapshot!(ended.stderr, @r"
    error: cannot find the chart `Filling/Nowhere`
      why: there is no `Nowhere`
      do:  charts are, among others: Filling, Packing, Packing/Palletising, Product, Utilities
    ");
    let ended = export(&["--format", "png", "--scale", "5000"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (2, ""));
    assert!(ended.stderr.contains("there is room for 100000000"), "{}", ended.stderr);
    assert_eq!(export(&["--format", "svg", "--scale", "2"]).code, 2);
}
