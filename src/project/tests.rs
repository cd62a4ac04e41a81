//! Whole projects: there and back, and broken ones.

use std::sync::Arc;

use super::*;
use crate::model::{ComponentSource, Plan, fixture};

/// Fixture components carry their own text as description.
pub(super) fn reader(source: Arc<ComponentSource>, _profile: Option<&str>) -> Result<Component, String> {
    let text = std::str::from_utf8(&source.xml).map_err(|error| error.to_string())?;
    let component = fixture::component(text).map_err(|error| error.to_string())?;
    Ok(Component { source, ..component })
}

const LINE: &str = r#"
    component Conveyor 1.0 { in start BOOL = false; in speed R4 = 0; out running BOOL; out level I2 }
    component Filler 1.0 { rtauto Fill; in start BOOL; in speed R4; in level I2; rtauto Rinse; in start BOOL }
    component Filler 2.0 { rtauto Fill; in start BOOL; in speed R4 }
    component Gateway 1.0 proxy { }
    component Drive 1.0 profibusSlave { in on BOOL }
    component Rack 1.0 field { }
    project "Bottling line"
    resolver 10135
    default cyclic 8
    subnet Plant 192.168.0.0/24
    chart Filling / Cell
    chart "Packing 2"
    Conveyor1: Conveyor @192.168.0.11 mac "08:00:06:01:02:03" on Filling
    "Conveyor 2": Conveyor @192.168.0.12 router 192.168.0.1 mask 255.255.255.0 on Filling note two
    Filler1: Filler 1.0 @192.168.0.13 name filler-1 subnet Plant on Filling / Cell at 400 80.5
    Gate: Gateway @192.168.0.1
    Drive1: Drive behind Gate system 1 address 5
    Rack1: Rack @192.168.0.20 device Cabinet
    Ghost: !Gone 3.1
    Conveyor1.running -> Filler1.Fill.start acyclic 100 sub false
    "Conveyor 2.running" -> Filler1.Fill.start cyclic 8 eps 0.5 passive volatile note why
    Conveyor1.level -> Filler1.level acyclic 500 bends 1 2 3 4
    Filler1.speed = 3
    Drive1.on = true
    A.B.C.d -> X.Y.Z.q
    target Conveyor1 -> Filler1.Fill 40 ms
    cable Filler1 2 - Conveyor1 1
    state Filler1 generated 00ff downloaded 00ff at "2026-01-01T08:00:00Z" stamp 7
"#;

fn line() -> Plan {
    let mut plan = fixture::plan(LINE);
    let chart = plan.charts.get_mut(&crate::model::ROOT_CHART).unwrap();
    let chart = Arc::make_mut(chart);
    chart.notes.push(crate::model::Note { text: "two\nlines".into(), at: Default::default() });
    let (at, size) = (Default::default(), crate::model::Point { x: 10.0, y: 1e12 });
    chart.frames.push(crate::model::Frame { title: "Filling".into(), at, size });
    plan
}

fn text(files: &Files, path: &str) -> String {
    String::from_utf8(files[path].to_vec()).unwrap()
}

fn edited(path: &str, edit: impl FnOnce(String) -> String) -> Files {
    let mut files = write(&line());
    let new = edit(files.get(path).map(|_| text(&files, path)).unwrap_or_default());
    files.insert(path.into(), new.into_bytes().into());
    files
}

#[test]
fn a_project_comes_back_as_it_was() {
    let plan = line();
    let files = write(&plan);
    let back = read(&files, &reader).unwrap_or_else(|errors| panic!("{}", errors[0]));
    assert_eq!(write(&back), files, "reading and writing changes no byte");
    assert_eq!(back, plan);
    let large = fixture::large(250, 2500);
    assert_eq!(read(&write(&large), &reader).unwrap(), large);
}

#[test]
fn files_read_as_people_would_write_them() {
    let files = write(&line());
    insta::assert_snapshot!(files.keys().cloned().collect::<Vec<_>>().join("\n"));
    for file in ["plant.toml", "chart.toml", "charts/Filling/Cell.toml", "network.toml", "state.toml"] {
        insta::assert_snapshot!(file.replace('/', "-"), text(&files, file));
    }
    insta::assert_snapshot!(text(&files, "components/Filler-1.0/component.toml"));
}

#[test]
fn one_link_is_one_line() {
    let mut plan = line();
    let before = write(&plan);
    let (key, link) = plan.links().iter().find(|(key, _)| key.consumer.port == "level").unwrap();
    let (key, link) = (key.clone(), crate::model::Link { active: false, ..(**link).clone() });
    plan.insert_link(key, link);
    let after = write(&plan);
    let changed: Vec<_> = before.keys().filter(|path| before[*path] != after[*path]).collect();
    assert_eq!(changed, ["charts/Filling/Cell.toml"]);
    let (before, after) = (text(&before, changed[0]), text(&after, changed[0]));
    assert_eq!(before.lines().zip(after.lines()).filter(|(old, new)| old != new).count(), 1);
    assert_eq!(before.lines().count(), after.lines().count());
}

#[test]
fn foreign_files_are_passed_over() {
    let mut files = write(&line());
    for path in
        [".git/config", "README.md", "charts/.Cell.toml.swp", "components/notes.txt", "components/Old-1.0/a.xml"]
    {
        files.insert(path.into(), Arc::from(&b"\xff"[..]));
    }
    assert_eq!(read(&files, &reader).unwrap(), line());
}

#[test]
fn functions_without_a_place_get_one() {
    let files = edited("charts/Filling/Cell.toml", |text| {
        text.lines()
            .filter(|line| !line.contains("Fill = ") && !line.contains("Filler.Fill\" ="))
            .collect::<Vec<_>>()
            .join("\n")
    });
    let plan = read(&files, &reader).unwrap();
    assert_eq!(plan.instances()["Filler1"].functions.len(), 2);
}

#[test]
fn two_tables_of_one_instance_s_links_become_surplus_links() {
    let files = edited("charts/Packing 2.toml", |text| {
        text + "\n[instance.Filler1.links]\n\"Filler.Fill.level\" = { from = \"Conveyor 2.Conveyor.Main.level\" }\n"
    });
    let plan = read(&files, &reader).unwrap();
    let level = plan.links().keys().filter(|key| key.consumer.port == "level").map(|key| key.nth).collect::<Vec<_>>();
    assert_eq!(level, [0, 1]);
}

/// What happens to a file.
type Edit = Box<dyn FnOnce(String) -> String>;

/// What the first error of a broken project says.
fn complaint(path: &str, edit: impl FnOnce(String) -> String) -> String {
    read(&edited(path, edit), &reader).expect_err("a broken project opened")[0].to_string()
}

#[test]
fn broken_projects_name_file_line_and_remedy() {
    let cell = "charts/Filling/Cell.toml";
    let cases: Vec<(&str, Edit, &str)> = vec![
        (
            "plant.toml",
            Box::new(|text| text.replace("format = 1", "format = 2")),
            "plant.toml:1: the project has format 2, this program reads formats up to 1. Remedy: open the project with a newer Plantweave.",
        ),
        (
            "plant.toml",
            Box::new(|text| text.replace("format = 1\n", "")),
            "plant.toml: the key `format` is missing. Remedy: add",
        ),
        (
            "plant.toml",
            Box::new(|text| text.replace("format = 1", "format = 0")),
            "plant.toml:1: `format` takes a number from 1, not 0",
        ),
        ("plant.toml", Box::new(|text| text.replace("name = ", "nmae = ")), "plant.toml:1: the key `name` is missing"),
        (
            "plant.toml",
            Box::new(|text| text.replace("cyclic 8", "cyclic 0")),
            "plant.toml:9: `default_qos` takes a transmission such as `acyclic 500` or `cyclic 8`, not \"cyclic 0\"",
        ),
        (
            "plant.toml",
            Box::new(|text| text.replace("10135", "99999")),
            "plant.toml:8: `resolver_port` takes a TCP port",
        ),
        (
            "plant.toml",
            Box::new(|text| text.replace("Conveyor1.Conveyor.Main", "Conveyor1")),
            "plant.toml:4: `from` takes `Instance.LDev.RTAuto`",
        ),
        (
            cell,
            Box::new(|text| text + "\n<<<<<<< HEAD\n"),
            "charts/Filling/Cell.toml:20: an unresolved merge conflict of git begins here. Remedy: keep one side",
        ),
        (
            cell,
            Box::new(|text| text.replace("qos = ", "qso = ")),
            "charts/Filling/Cell.toml:13: unknown key `qso`, expected one of `from`, `qos`",
        ),
        (
            cell,
            Box::new(|text| text.replace("\"Filler.Fill.level\" =", "\"Filler.Fill.start\" =")),
            "duplicate key. Remedy: delete one of the two lines",
        ),
        (
            cell,
            Box::new(|text| text.replace("\"Filler.Fill.level\"", "\"Fill.level\"")),
            "unknown key `Fill.level`, expected one of ports `LDev.RTAuto.port`",
        ),
        (
            cell,
            Box::new(|text| text.replace("from = \"Conveyor1.Conveyor.Main.level\"", "from = \"Conveyor1.level\"")),
            "`from` takes a port `Instance.LDev.RTAuto.port`, not \"Conveyor1.level\"",
        ),
        (cell, Box::new(|text| text.replace("epsilon = 0.5", "epsilon = nan")), "`epsilon` takes a number, not nan"),
        (
            cell,
            Box::new(|text| text.replace("component = \"Filler-1.0\"", "component = \"Filler-9.0\"")),
            "charts/Filling/Cell.toml:3: there is no component folder `components/Filler-9.0`. Remedy: restore components/Filler-9.0 from",
        ),
        (cell, Box::new(|text| text.replace("component = \"Filler-1.0\"\n", "")), "the key `component` is missing"),
        (cell, Box::new(|text| text.replace("80.5]", "80.5, 1]")), "takes a position `[x, y]`, not array"),
        (
            cell,
            Box::new(|text| text.replace("[400, 80.5]", "{ chart = \"Nowhere\", at = [1, 2] }")),
            "there is no chart `Nowhere`",
        ),
        (cell, Box::new(|text| text + "= 3"), "charts/Filling/Cell.toml:19:"),
        (cell, Box::new(|_| format!("x = {}", "[".repeat(100_000))), "charts/Filling/Cell.toml:1: "),
        (
            "charts/Packing 2.toml",
            Box::new(|_| "[instance.Filler1]\ncomponent = \"Filler-1.0\"".into()),
            "charts/Packing 2.toml:1: instance Filler1 stands here and in charts/Filling/Cell.toml:3. Remedy: delete one",
        ),
        (
            "charts/Packing 2.toml",
            Box::new(|_| "[instance.\"\"]\ncomponent = \"Filler-1.0\"".into()),
            "`the key` takes a name of 1 to 240 characters",
        ),
        (
            "network.toml",
            Box::new(|text| text.replace("192.168.0.13", "192.168.0.256")),
            "`ip` takes an IP address such as \"192.168.0.1\", not \"192.168.0.256\"",
        ),
        (
            "network.toml",
            Box::new(|text| text.replace("08:00:06:01:02:03", "08:00:06:01:02")),
            "`mac` takes a MAC address",
        ),
        (
            "network.toml",
            Box::new(|text| text.replace("profibus = ", "ip = \"1.2.3.4\"\nprofibus = ")),
            "a device behind a proxy has no Ethernet address",
        ),
        (
            "network.toml",
            Box::new(|text| text.replace("\"Conveyor1\", 1, ", "\"Conveyor1\", ")),
            "`cables` takes `[\"device\", port, \"device\", port]`",
        ),
        (
            "state.toml",
            Box::new(|text| text.replace("pdev_stamp = 7", "pdev_stamp = -7")),
            "`pdev_stamp` takes a number of 32 bits, not -7",
        ),
        (
            "components/Filler-1.0/component.toml",
            Box::new(|text| text.replace("1.0", "1.5")),
            "components/Filler-1.0/Filler.txt: the description is that of",
        ),
        (
            "components/Filler-1.0/component.toml",
            Box::new(|text| text.replace("Filler.txt", "../Filler.txt")),
            "`description` takes a file name of this folder",
        ),
        (
            "components/Filler-1.0/component.toml",
            Box::new(|text| text.replace("Filler.txt", "Other.txt")),
            "components/Filler-1.0/Other.txt: the file is missing",
        ),
        (
            "components/Filler-1.0/Filler.txt",
            Box::new(|_| "component {".into()),
            "the component description cannot be read: fixture line 1:",
        ),
        (
            "components/Twin-1.0/component.toml",
            Box::new(|_| text(&write(&line()), "components/Filler-1.0/component.toml")),
            "components/Twin-1.0/Filler.txt: the file is missing",
        ),
    ];
    let wrong: Vec<String> = cases
        .into_iter()
        .map(|(path, edit, message)| (message, complaint(path, edit)))
        .filter(|(message, complaint)| !complaint.contains(message))
        .map(|(message, complaint)| format!("expected: {message}\n   found: {complaint}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let mut files = write(&line());
    files.remove("plant.toml");
    assert_eq!(read(&files, &reader).unwrap_err()[0].problem, Problem::Missing);
    files.insert("plant.toml".into(), Arc::from(&b"format = 1\nname = \"\xff\""[..]));
    assert_eq!(
        read(&files, &reader).unwrap_err()[0].to_string().split(". ").next(),
        Some("plant.toml:2: byte 19 is not UTF-8 text")
    );
    let mut files = write(&line());
    files.insert(format!("charts/{}X.toml", "A/".repeat(40)), Arc::from(&b""[..]));
    assert!(matches!(read(&files, &reader).unwrap_err()[0].problem, Problem::TooMuch { .. }));
    let mut files = write(&line());
    for file in ["component.toml", "Filler.txt"] {
        let bytes = files[&format!("components/Filler-1.0/{file}")].clone();
        files.insert(format!("components/Twin-1.0/{file}"), bytes);
    }
    assert!(read(&files, &reader).unwrap_err()[0].to_string().contains("stands here and in components/Filler-1.0"));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(200))]

    #[test]
    fn no_file_panics(text in "[\\[\\]{}\"=.,a-z0-9\n -]{0,120}", at in 0usize..2000, cut in 0usize..40) {
        let files = write(&line());
        for path in ["plant.toml", "charts/Filling/Cell.toml", "network.toml", "components/Filler-1.0/component.toml"] {
            let mut files = files.clone();
            let mut bytes = files[path].to_vec();
            let start = at.min(bytes.len());
            let end = (start + cut).min(bytes.len());
            bytes.splice(start..end, text.bytes());
            files.insert(path.into(), bytes.into());
            let _ = read(&files, &reader);
        }
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_edits_make_comes_back(picks in proptest::collection::vec(0usize..36, 1..10)) {
        use crate::edit::{Document, tests};

        let start = fixture::plan(tests::LINE);
        let mut edits = tests::all_edits(&start);
        // Its component has another version than its description says, which reading refuses.
        edits.retain(|edit| !matches!(edit, crate::edit::Edit::AddComponent(_)));
        let mut document = Document::new(start);
        for pick in picks {
            let _ = document.apply(&edits[pick % edits.len()]);
        }
        let plan = document.plan();
        let files = write(plan);
        let back = read(&files, &reader).unwrap_or_else(|errors| panic!("{}", errors[0]));
        proptest::prop_assert!(write(&back) == files);
        proptest::prop_assert!(back.links() == plan.links() && back.constants() == plan.constants());
        proptest::prop_assert!(back.devices() == plan.devices() && back.states() == plan.states());
        proptest::prop_assert!(back.instances().keys().eq(plan.instances().keys()));
        for (name, instance) in plan.instances() {
            let path = |plan: &Plan, instance: &crate::model::Instance| instance.home().map(|home| plan.chart_path(home));
            proptest::prop_assert_eq!(path(&back, &back.instances()[name]), path(plan, instance));
        }
    }
}
