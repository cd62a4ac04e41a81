//! Project folders: damaged, contradictory, hostile; each problem is named with file, line and what to do.

use std::path::Path;
use std::sync::Arc;

use plantweave::app;
use plantweave::model::{Component, ComponentSource, Name, RtAuto, Version};
use plantweave::pcd::{self, ReadOptions};
use plantweave::project::{self, Files, LoadError};

use crate::corpus::{self, Edit};
use crate::meter::{Cost, measure};

const DESCRIPTION: &str = include_str!("../data/pcd/own-filler.pcd.xml");

/// Two fillers, one on a chart of its own.
const PROJECT: [(&str, &str); 7] = [
    (
        "plant.toml",
        r#"format = 1
name = "Small"
targets = [
  { from = "A.Filler.Fill", to = "B.Filler.Fill", max_ms = 20 },
]

[settings]
resolver_port = 135
default_qos = "acyclic 500"
"#,
    ),
    (
        "chart.toml",
        r#"[[note]]
text = "Größe"
at = [1, 2.5]

[instance.A]
component = "Filler-1.2"

[instance.A.blocks]
"Filler.Fill" = [80, 80]
"#,
    ),
    (
        "charts/Cell.toml",
        r#"at = [400, 80]

[instance.B]
component = "Filler-1.2"
device = "filler-2"

[instance.B.blocks]
"Filler.Fill" = { chart = "", at = [80, 80] }

[instance.B.links]
"Filler.Fill.Start" = { from = "A.Filler.Fill.Ready", qos = "cyclic 64", substitute = "false", bends = [[1, 2]] }

[instance.B.constants]
"Filler.Fill.Speed" = "7"
"#,
    ),
    (
        "network.toml",
        r#"cables = [
  ["A", 1, "filler-2", 2],
]

[subnet.Line]
address = "10.0.0.0"
mask = "255.0.0.0"

[device.A]
subnet = "Line"
name_of_station = "a"
ip = "10.0.0.1"
mac = "08:00:06:00:00:01"

[device.filler-2]
profibus = { proxy = "A", system = 1, address = 3 }
"#,
    ),
    (
        "state.toml",
        r#"[device.A]
downloaded_at = "2026-01-01T00:00:00Z"
pdev_stamp = 7
cdb_cookies = { Filler = 3 }
"#,
    ),
    (
        "components/Filler-1.2/component.toml",
        r#"id = "5b1c2f1e-0d1a-4c55-9e0e-6a2f9c6f0a01"
version = "1.2"
description = "filler.xml"
"#,
    ),
    ("components/Filler-1.2/filler.xml", DESCRIPTION),
];

fn small() -> Files {
    PROJECT.iter().map(|(path, text)| ((*path).to_owned(), Arc::from(text.as_bytes()))).collect()
}

fn filler() -> Component {
    pcd::read(DESCRIPTION.as_bytes(), &ReadOptions::default()).unwrap().component
}

fn reader(source: Arc<ComponentSource>, _: Option<&str>) -> Result<Component, String> {
    pcd::read_source(&source).map(|read| read.component)
}

/// All problems, after looking at what finding them cost.
fn problems(files: &Files) -> Vec<String> {
    let size: u64 = files.values().map(|bytes| bytes.len() as u64).sum();
    let (result, cost) = measure(|| project::read(files, &reader));
    let errors = result.err().unwrap_or_default();
    assert!(errors.len() <= 100);
    within(&cost, size);
    errors.iter().map(ToString::to_string).collect()
}

fn within(cost: &Cost, size: u64) {
    assert!(cost.peak <= (1 << 20) + 128 * size, "{size} bytes: {cost:?}");
    let most_busy = 1.0 + 4e-6 * size as f64;
    assert!(cost.busy.as_secs_f64() <= most_busy, "{size} bytes: {cost:?}");
}

#[test]
fn each_edit_is_answered_as_listed() {
    let edits = corpus::edits();
    assert!(edits.len() >= 40);
    let mut wrong = Vec::new();
    for Edit { name, file, from, to, answer } in &edits {
        let mut files = small();
        let text = std::str::from_utf8(&files[file]).unwrap();
        assert!(text.contains(from), "{name}: {file} has no {from}");
        files.insert(file.clone(), Arc::from(text.replacen(from, to, 1).as_bytes()));
        let told = problems(&files).join("<br>");
        if told != *answer {
            wrong.push(format!("| {name} | … | {told} |"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(problems(&small()).is_empty(), "unharmed, it opens");
}

#[test]
fn each_broken_file_is_told_with_its_place() {
    const PLANT: &str = "plant.toml";
    const CHART: &str = "chart.toml";
    const CELL: &str = "charts/Cell.toml";
    const XML: &str = "components/Filler-1.2/filler.xml";
    let text = |text: &str| text.as_bytes().to_vec();
    let deep = |open: &str, n: usize| format!("a = {}", open.repeat(n)).into_bytes();
    let cases: Vec<(&str, &str, Option<Vec<u8>>, &str)> = vec![
        ("no plant", PLANT, None, "plant.toml: the file is missing"),
        ("an empty plant", PLANT, Some(text("")), "plant.toml: the key `format` is missing"),
        (
            "ISO-8859-1",
            CHART,
            Some(b"[[note]]\ntext = \"Gr\xf6\xdfe\"\n".to_vec()),
            "chart.toml:2: byte 19 is not UTF-8 text",
        ),
        (
            "UTF-16",
            CHART,
            Some("\u{feff}[[note]]\n".encode_utf16().flat_map(u16::to_le_bytes).collect()),
            "chart.toml:1: byte 0 is not UTF-8 text",
        ),
        ("zero bytes", CHART, Some(vec![0; 1000]), "chart.toml:1: "),
        ("a program", "network.toml", Some(b"\x7fELF\x02\x01\x01".to_vec()), "network.toml:1: "),
        ("JSON", "state.toml", Some(text("{\"device\": {}}")), "state.toml:1: "),
        (
            "arrays without end",
            CHART,
            Some(deep("[", 2000)),
            "chart.toml:1: cannot recurse further; max recursion depth met",
        ),
        (
            "tables without end",
            CHART,
            Some(deep("{a=", 2000)),
            "chart.toml:1: cannot recurse further; max recursion depth met",
        ),
        (
            "a key without end",
            CHART,
            Some([b"a".to_vec(), b".a".repeat(100_000), b" = 1".to_vec()].concat()),
            "chart.toml:1: recursion limit",
        ),
        (
            "a table of a key without end",
            CHART,
            Some([b"[instance".to_vec(), b".a".repeat(100_000), b"]".to_vec()].concat()),
            "chart.toml:1: recursion limit",
        ),
        (
            "a text without end",
            CHART,
            Some([b"comment = \"".to_vec(), vec![b'x'; 1_000_000]].concat()),
            "chart.toml:1: invalid basic string",
        ),
        ("nothing but errors", CHART, Some(b"=\n".repeat(100_000)), "chart.toml:1: "),
        (
            "a hundred thousand unknown keys",
            CHART,
            Some((0..100_000).flat_map(|n| format!("a{n}=1\n").into_bytes()).collect()),
            "chart.toml:1: unknown key `a0`",
        ),
        (
            "an instance in two charts",
            CELL,
            Some(text("[instance.A]\ncomponent = \"Filler-1.2\"\n")),
            "charts/Cell.toml:1: instance A stands here and in chart.toml:5",
        ),
        (
            "a name of 241 characters",
            CHART,
            Some(format!("[instance.{}]\ncomponent = \"Filler-1.2\"\n", "x".repeat(241)).into_bytes()),
            "chart.toml:1: `the key` takes a name of 1 to 240 characters",
        ),
        (
            "a name without characters",
            CHART,
            Some(text("[instance.\"\"]\ncomponent = \"Filler-1.2\"\n")),
            "chart.toml:1: `the key` takes a name of 1 to 240 characters, not \"\"",
        ),
        ("no description", XML, None, "components/Filler-1.2/filler.xml: the file is missing"),
        (
            "a description cut short",
            XML,
            Some(DESCRIPTION.as_bytes()[..2000].to_vec()),
            "components/Filler-1.2/filler.xml: the component description cannot be read: ",
        ),
        (
            "a mapping file that is none",
            "components/Filler-1.2/plantweave-mapping.toml",
            Some(text("[elements]\nProperty = 1\n")),
            "components/Filler-1.2/filler.xml: the component description cannot be read: plantweave-mapping.toml: ",
        ),
        (
            "a profile that is no text",
            "components/Filler-1.2/profile.toml",
            Some(vec![0xff; 8]),
            "components/Filler-1.2/profile.toml: byte 0 is not UTF-8 text",
        ),
    ];
    let mut seen = std::collections::BTreeSet::new();
    for (name, file, bytes, expected) in cases {
        assert!(seen.insert(name), "{name} stands here twice");
        let mut files = small();
        match bytes {
            Some(bytes) => drop(files.insert(file.into(), bytes.into())),
            None => drop(files.remove(file)),
        }
        let told = problems(&files);
        assert!(told.iter().any(|told| told.starts_with(expected)), "{name}: {told:#?} instead of {expected}");
        assert!(told.iter().all(|told| told.contains(". Remedy: ")), "{name}: {told:#?}");
        assert!(told.iter().all(|told| told.len() < 1000), "{name}: a message without end");
    }
}

#[test]
fn names_that_some_disks_confuse_or_refuse_are_names() {
    for path in [
        "charts/cell.toml",
        "charts/CON.toml",
        "charts/nul~.toml",
        "charts/%FF%00.toml",
        "charts/a .toml",
        "charts/Ｃell.toml",
    ] {
        let mut files = small();
        files.insert(path.into(), Arc::from(&b""[..]));
        let plan = project::read(&files, &reader).unwrap_or_else(|errors| panic!("{path}: {errors:?}"));
        assert_eq!(plan.charts().len(), 3, "{path}");
        // Written again, each chart has a file of its own on every disk.
        let stems: std::collections::BTreeSet<_> = project::write(&plan)
            .keys()
            .filter(|path| path.starts_with("charts/"))
            .map(|path| path.to_lowercase())
            .collect();
        assert_eq!(stems.len(), 2, "{path}: {stems:?}");
    }
}

#[test]
fn more_than_a_project_holds_is_refused() {
    let told = |files: &Files, reader: project::ComponentReader| -> Vec<LoadError> {
        let size: u64 = files.values().map(|bytes| bytes.len() as u64).sum();
        let (result, cost) = measure(|| project::read(files, reader));
        assert!(cost.peak <= (64 << 20) + 64 * size.min(16 << 20), "{size} bytes: {cost:?}");
        result.expect_err("it is too much")
    };
    let component = Arc::new(filler());
    let known = |_: Arc<ComponentSource>, _: Option<&str>| Ok(Component::clone(&component));

    let mut files = small();
    files.extend((0..100_001).map(|n| (format!("charts/{n}.toml"), Arc::from(&b""[..]))));
    assert!(told(&files, &known)[0].to_string().contains(": files exceed the limit of 100000."));

    let mut files = small();
    let blank: Arc<[u8]> = vec![b'\n'; 16 << 20].into();
    files.extend((0..4).map(|n| (format!("charts/{n}.toml"), Arc::clone(&blank))));
    assert!(
        told(&files, &known)[0].to_string().contains(": bytes of all charts and tables exceed the limit of 67108864.")
    );

    let mut files = small();
    files.insert("chart.toml".into(), vec![b'\n'; (16 << 20) + 1].into());
    assert!(told(&files, &known)[0].to_string().starts_with("chart.toml: bytes exceed the limit of 16777216."));

    let mut files = small();
    files.insert(format!("charts/{}x.toml", "a/".repeat(40)), Arc::from(&b""[..]));
    assert!(told(&files, &known)[0].to_string().contains("charts inside each other exceed the limit of 32."));

    // Few bytes that ask for many places: every instance has one for every function.
    let mut many = filler();
    let function = many.ldevs[0].rtautos[0].clone();
    let name = |n: usize| Name::from(format!("F{n}"));
    many.ldevs[0].rtautos =
        (0..10_000).map(|n| RtAuto { name: name(n), ports: Vec::new(), ..function.clone() }).collect();
    let many = Arc::new(many);
    let mut files = small();
    let instances: String = (0..200).map(|n| format!("[instance.I{n}]\ncomponent = \"Filler-1.2\"\n")).collect();
    files.insert("chart.toml".into(), Arc::from(instances.as_bytes()));
    let (result, cost) = measure(|| project::read(&files, &|_, _| Ok(Component::clone(&many))));
    let errors = result.unwrap_err();
    assert!(errors[0].to_string().starts_with("chart.toml: functions exceed the limit of 1000000."), "{}", errors[0]);
    assert!(cost.peak < 300 << 20, "{cost:?}");

    // Many components with many ports each.
    let mut many = filler();
    let port = many.ldevs[0].rtautos[0].ports[0].clone();
    many.ldevs[0].rtautos[0].ports = vec![port; 100_000];
    let mut files = small();
    files.remove("components/Filler-1.2/component.toml");
    for n in 0..12 {
        let own = PROJECT[5].1.replace("1.2", &format!("1.{n}"));
        files.insert(format!("components/C{n:02}/component.toml"), Arc::from(own.as_bytes()));
        files.insert(format!("components/C{n:02}/filler.xml"), Arc::from(format!("1.{n}").as_bytes()));
    }
    let reader = |source: Arc<ComponentSource>, _: Option<&str>| {
        let mut component = many.clone();
        component.key.version = Version::parse(std::str::from_utf8(&source.xml).unwrap()).unwrap();
        Ok(component)
    };
    let errors = project::read(&files, &reader).unwrap_err();
    assert_eq!(errors.len(), 1);
    assert!(
        errors[0].to_string().starts_with("components/C10: ports of all components exceed the limit of 1000000."),
        "{}",
        errors[0]
    );
}

#[test]
fn cut_at_every_byte_no_file_brings_the_reader_down() {
    let component = filler();
    let known = |_: Arc<ComponentSource>, _: Option<&str>| Ok(component.clone());
    for (path, text) in PROJECT.iter().filter(|(path, _)| path.ends_with(".toml")) {
        let mut refused = 0;
        for length in 0..text.len() {
            let mut files = small();
            files.insert((*path).into(), Arc::from(&text.as_bytes()[..length]));
            if let Err(errors) = project::read(&files, &known) {
                refused += 1;
                assert!(errors.iter().any(|error| error.file == *path), "{path} cut at {length}: {errors:?}");
            }
        }
        assert!(refused * 2 > text.len(), "{path}: most cuts are seen, not {refused} of {}", text.len());
    }
}

/// A folder on disk with things in it that are no files.
#[cfg(unix)]
#[test]
fn what_is_no_file_is_not_waited_for() {
    use std::os::unix::ffi::OsStringExt as _;
    use std::os::unix::net::UnixListener;

    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("small.plant");
    let set_up = || {
        let _ = std::fs::remove_dir_all(&folder);
        app::save_project_files(&folder, &small()).unwrap();
    };
    let why = || app::open_project(&folder).unwrap_err().to_string();
    set_up();
    assert_eq!(app::open_project(&folder).unwrap().instances().len(), 2);

    // A socket is to `open` what a pipe is: it would wait, or fail.
    std::fs::remove_file(folder.join("chart.toml")).unwrap();
    let _socket = UnixListener::bind(folder.join("chart.toml")).unwrap();
    assert!(why().contains("chart.toml is no regular file"), "{}", why());

    set_up();
    std::fs::remove_file(folder.join("plant.toml")).unwrap();
    std::fs::create_dir(folder.join("plant.toml")).unwrap();
    assert!(why().contains("plant.toml: the file is missing"), "{}", why());

    set_up();
    std::fs::create_dir_all(folder.join("charts").join("a/".repeat(100))).unwrap();
    assert!(why().contains("is nested too deeply for a project"), "{}", why());

    // Names that are no text are nobody's.
    set_up();
    std::fs::write(folder.join("charts").join(std::ffi::OsString::from_vec(b"\xff.toml".to_vec())), "x").unwrap();
    assert!(app::open_project(&folder).is_ok());

    for (path, expected) in [
        (Path::new("/dev/zero"), "there is no such folder"),
        (Path::new("/dev/null/x.plant"), "there is no such folder"),
        (Path::new("no/such.plantz"), "there is no such folder"),
        (Path::new(env!("CARGO_MANIFEST_PATH")), "this is not a readable archive"),
        (outer.path(), "plant.toml: the file is missing"),
    ] {
        let failure = app::open_project(path).unwrap_err().to_string();
        assert!(failure.contains(expected), "{}: {failure}", path.display());
    }
}
