//! Two people work on one project in git: what does not overlap merges clean, what does is named when it is opened.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use plantweave::edit::{Document, Edit};
use plantweave::model::{
    Attachment, Cable, Component, ComponentSource, Constant, Device, LanPort, LinkKey, Note, Plan, Point, PortRef,
    ROOT_CHART, fixture,
};
use plantweave::project::{Files, LoadError, Problem, read, write};

mod support;

const LINE: &str = "
    component Conveyor 1.0 { in start BOOL = false; in speed R4 = 0; out running BOOL; out level R4 }
    component Filler 1.0 { in start BOOL; in speed R4; out done BOOL }
    chart Filling
    chart Packing
    Conveyor1: Conveyor @192.168.0.11 on Filling
    Filler1: Filler @192.168.0.12 on Filling
    Filler2: Filler @192.168.0.13 on Filling
    Conveyor1.running -> Filler1.start
    Conveyor1.level -> Filler1.speed
    Filler2.speed = 3
";

fn reader(source: Arc<ComponentSource>, _profile: Option<&str>) -> Result<Component, String> {
    let text = std::str::from_utf8(&source.xml).map_err(|error| error.to_string())?;
    let component = fixture::component(text).map_err(|error| error.to_string())?;
    Ok(Component { source, ..component })
}

fn git(folder: &Path, arguments: &[&str]) -> bool {
    let identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "core.autocrlf=false"];
    let output = Command::new("git").current_dir(folder).args(identity).args(arguments).output().unwrap();
    output.status.success()
}

fn put(folder: &Path, plan: &Plan) {
    for (path, bytes) in write(plan) {
        let place = folder.join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, bytes).unwrap();
    }
}

fn open(folder: &Path) -> Result<Plan, Vec<LoadError>> {
    let mut files = Files::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().replace('\\', "/");
                files.insert(name, fs::read(&path).unwrap().into());
            }
        }
    }
    read(&files, &reader)
}

fn edited(plan: &Plan, edits: Vec<Edit>) -> Plan {
    let mut document = Document::new(plan.clone());
    document.apply(&Edit::Group("work".into(), edits)).unwrap();
    document.plan().clone()
}

fn port(text: &str) -> PortRef {
    fixture::plan(LINE).find_port(text).unwrap()
}

/// Both people start from the same project; gives the folder after the merge, and whether git was content.
fn merge(ours: Vec<Edit>, theirs: Vec<Edit>) -> Option<(tempfile::TempDir, bool)> {
    support::peer("git")?;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    // As the files say it: charts have the numbers that reading gives them.
    let base = read(&write(&fixture::plan(LINE)), &reader).unwrap();
    assert!(git(path, &["init", "-q", "-b", "main"]));
    let commit = |plan: &Plan| {
        put(path, plan);
        assert!(git(path, &["add", "-A"]) && git(path, &["commit", "-q", "-m", "work"]));
    };
    commit(&base);
    assert!(git(path, &["checkout", "-q", "-b", "theirs"]));
    commit(&edited(&base, theirs));
    assert!(git(path, &["checkout", "-q", "main"]));
    commit(&edited(&base, ours));
    let clean = git(path, &["merge", "-q", "--no-edit", "theirs"]);
    Some((folder, clean))
}

#[test]
fn edits_to_different_instances_merge_clean() {
    let link = Edit::Link { provider: port("Filler1.done"), consumer: port("Filler2.start") };
    let replug = Edit::Replug {
        key: LinkKey::to(port("Filler1.start")),
        provider: port("Filler2.done"),
        consumer: port("Filler1.start"),
    };
    let Some((folder, clean)) = merge(vec![link.clone()], vec![replug.clone()]) else { return };
    assert!(clean);
    let base = read(&write(&fixture::plan(LINE)), &reader).unwrap();
    assert_eq!(open(folder.path()).unwrap(), edited(&base, vec![link, replug]));
}

#[test]
fn work_on_different_charts_merges_clean() {
    let plan = fixture::plan(LINE);
    let chart = *plan.charts().iter().find(|(_, chart)| chart.name == "Packing").unwrap().0;
    let component = plan.component_of("Conveyor1").unwrap().key.clone();
    let at = Point { x: 1.0, y: 2.0 };
    let place = Edit::Place { component, name: Some("Belt".into()), chart, at };
    let rename = Edit::RenameInstance { from: "Filler2".into(), to: "Rinser".into() };
    let Some((folder, clean)) = merge(vec![place.clone()], vec![rename.clone()]) else { return };
    assert!(clean);
    let base = read(&write(&plan), &reader).unwrap();
    assert_eq!(open(folder.path()).unwrap(), edited(&base, vec![place, rename]));
}

/// One has the network and the constants in hand, the other a new cable, a new device and the notes of a chart.
#[test]
fn network_constants_cables_and_notes_merge_clean() {
    let plan = fixture::plan(LINE);
    let base = read(&write(&plan), &reader).unwrap();
    let chart = |name: &str| *base.charts().iter().find(|(_, chart)| chart.name == name).unwrap().0;
    let addressed = |device: &str, last: u8| {
        let mut changed = Device::clone(&base.devices()[device]);
        if let Attachment::Ethernet(address) = &mut changed.attachment {
            address.ip = Some([192, 168, 0, last].into());
        }
        Edit::SetDevice { name: device.into(), device: changed }
    };
    let constant = |port_name: &str, value: &str| Edit::SetConstant {
        port: port(port_name),
        constant: Constant { value: value.into(), comment: "".into() },
    };
    let end = |device: &str, port| LanPort { device: device.into(), port };
    let note = |chart, text: &str| Edit::DecorateChart {
        chart,
        comment: "".into(),
        frames: Vec::new(),
        notes: vec![Note { text: text.into(), at: Point { x: 1.0, y: 2.0 } }],
    };
    let ours = vec![addressed("Conveyor1", 41), constant("Conveyor1.speed", "0.5"), note(chart("Packing"), "ours")];
    let theirs = vec![
        addressed("Filler2", 43),
        constant("Filler2.speed", "4"),
        Edit::AddCable(Cable::between(end("Filler1", 1), end("Filler2", 2))),
        Edit::SetDevice { name: "Spare".into(), device: Device::ethernet() },
        note(ROOT_CHART, "theirs"),
    ];
    let Some((folder, clean)) = merge(ours.clone(), theirs.clone()) else { return };
    assert!(clean);
    assert_eq!(open(folder.path()).unwrap(), edited(&base, [ours, theirs].concat()));
}

#[test]
fn a_conflict_is_named_with_file_and_line() {
    let replug = |provider: &str| {
        let (key, consumer) = (LinkKey::to(port("Filler1.start")), port("Filler1.start"));
        vec![Edit::Replug { key, provider: port(provider), consumer }]
    };
    let Some((folder, clean)) = merge(replug("Filler1.done"), replug("Filler2.done")) else { return };
    assert!(!clean, "two decisions about one link");
    let errors = open(folder.path()).unwrap_err();
    assert_eq!((errors[0].file.as_str(), &errors[0].problem), ("charts/Filling.toml", &Problem::Conflict));
    let text = fs::read_to_string(folder.path().join(&errors[0].file)).unwrap();
    assert!(text.lines().nth(errors[0].line.unwrap() - 1).unwrap().starts_with("<<<<<<<"));
}
