//! Two texts in, sentences out; and over random edits: no change means the same files.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::edit::tests::{LINE, all_edits};
use crate::edit::{Document, Edit};
use crate::model::{Link, Point, fixture};
use crate::project::{self, Files};

/// What the comparison of two fixture texts says.
fn said(old: &str, new: &str) -> String {
    to_text(&diff(&fixture::plan(old), &fixture::plan(new)))
}

const COMPONENTS: &str = "
    component Belt 1.0 { in start BOOL = false; in speed R4 = 0; out running BOOL; out level I2 }
    component Filler 1.0 { in start BOOL; in speed R4; in level I2; out done BOOL }
    component Drive 1.0 profibusSlave { in on BOOL = false }
    component Gateway 1.0 proxy { out ok BOOL }
";

fn compared(old: &str, new: &str) -> String {
    said(&format!("{COMPONENTS}{old}"), &format!("{COMPONENTS}{new}"))
}

#[test]
fn equal_plans_have_no_difference() {
    assert_eq!(said(LINE, LINE), "");
    // The state of devices is no decision of the engineer.
    assert_eq!(said(LINE, &LINE.replace("generated 00", "generated 01")), "");
}

#[test]
fn links_and_constants() {
    let plant = |rest: &str| format!("Belt1: Belt @10.0.0.1\nBelt2: Belt @10.0.0.2\nFiller1: Filler @10.0.0.3\n{rest}");
    let old = plant(
        "Belt1.running -> Filler1.start acyclic 100
        Belt1.level -> Filler1.level cyclic 8 eps 2 sub 0
        Belt2.running -> Belt1.start
        Filler1.speed = 3",
    );
    let new = plant(
        "Belt2.running -> Filler1.start acyclic 200 sub true passive volatile note why
        Belt1.level -> Filler1.level cyclic 8 sub 1
        Filler1.done -> Belt2.start
        Belt1.speed = 7
        Filler1.speed = 4 ",
    );
    insta::assert_snapshot!(compared(&old, &new), @r#"
Links
  Belt2.Belt.Main.running → Belt1.Belt.Main.start removed
  Filler1.Filler.Main.level: epsilon: 2 to none
  Filler1.Filler.Main.level: substitute: `0` to `1`
  Filler1.Filler.Main.start: fed by Belt2.Belt.Main.running instead of Belt1.Belt.Main.running
  Filler1.Filler.Main.start: transmission: acyclic 100 ms to acyclic 200 ms
  Filler1.Filler.Main.start: activation: active to passive
  Filler1.Filler.Main.start: persistence: persistent to volatile
  Filler1.Filler.Main.start: substitute: last value to `true`
  Filler1.Filler.Main.start: remark: none to why
  Filler1.Filler.Main.done → Belt2.Belt.Main.start added, acyclic 500 ms
Constants
  Filler1.Filler.Main.speed: 3 to 4
  Belt1.Belt.Main.speed = 7 added
"#);
}

#[test]
fn a_link_that_feeds_another_input_is_replugged() {
    let plant = |rest: &str| format!("Belt1: Belt\nFiller1: Filler\nFiller2: Filler\n{rest}");
    let old = plant("Belt1.level -> Filler1.level cyclic 8");
    let new = plant("Belt1.level -> Filler2.level cyclic 16");
    insta::assert_snapshot!(compared(&old, &new), @r#"
Links
  Belt1.Belt.Main.level: feeds Filler2.Filler.Main.level instead of Filler1.Filler.Main.level
  Filler2.Filler.Main.level: transmission: cyclic 8 ms to cyclic 16 ms
"#);
    // With two that went it is not clear which came from which.
    let old = plant("Belt1.running -> Filler1.start\nBelt1.running -> Belt1.start");
    let new = plant("Belt1.running -> Filler2.start");
    insta::assert_snapshot!(compared(&old, &new), @r#"
Links
  Belt1.Belt.Main.running → Belt1.Belt.Main.start removed
  Belt1.Belt.Main.running → Filler1.Filler.Main.start removed
  Belt1.Belt.Main.running → Filler2.Filler.Main.start added, acyclic 500 ms
"#);
}

#[test]
fn renames_are_recognised_where_they_are_clear() {
    let old = "
        Belt1: Belt @10.0.0.1
        Belt2: Belt @10.0.0.2
        Filler1: Filler @10.0.0.3
        Gate: Gateway @10.0.0.4
        Drive1: Drive behind Gate address 5
        Belt1.running -> Filler1.start
        Belt2.running -> Belt1.start
        Belt1.speed = 3
        target Belt1 -> Filler1 40 ms
        cable Belt1 1 - Filler1 1";
    let renamed = |names: &[(&str, &str)]| names.iter().fold(old.to_owned(), |text, (from, to)| text.replace(from, to));
    insta::assert_snapshot!(compared(old, &renamed(&[("Belt1", "Infeed")])), @r#"
Instances
  Infeed: renamed from Belt1
Network
  device Infeed: renamed from Belt1
  device Infeed: name of station: belt1 to infeed
"#);
    // All at once, and something else set at the same time.
    let all = [
        ("Belt1", "Infeed"),
        ("Belt2", "Outfeed"),
        ("Filler1", "Fill"),
        ("Gate:", "Proxy:"),
        ("behind Gate", "behind Proxy"),
        ("Drive1", "Axis"),
        ("40 ms", "50 ms"),
        ("speed = 3", "speed = 4"),
    ];
    insta::assert_snapshot!(compared(old, &renamed(&all)), @r#"
Instances
  Infeed: renamed from Belt1
  Outfeed: renamed from Belt2
  Axis: renamed from Drive1
  Fill: renamed from Filler1
  Proxy: renamed from Gate
Constants
  Infeed.Belt.Main.speed: 3 to 4
Reaction targets
  Infeed.Belt.Main to Fill.Filler.Main: 40 ms to 50 ms
Network
  device Infeed: renamed from Belt1
  device Infeed: name of station: belt1 to infeed
  device Outfeed: renamed from Belt2
  device Outfeed: name of station: belt2 to outfeed
  device Axis: renamed from Drive1
  device Fill: renamed from Filler1
  device Fill: name of station: filler1 to fill
  device Proxy: renamed from Gate
  device Proxy: name of station: gate to proxy
"#);
}

#[test]
fn unclear_renames_are_removals_and_additions() {
    // Two alike, and nothing that tells them apart.
    insta::assert_snapshot!(compared("Belt1: Belt\nBelt2: Belt", "Belt3: Belt\nBelt4: Belt"), @r#"
Instances
  Belt1 removed: Belt 1.0
  Belt2 removed: Belt 1.0
  Belt3 added: Belt 1.0 on device Belt3, the top chart
  Belt4 added: Belt 1.0 on device Belt4, the top chart
Network
  device Belt1 removed: no IP address
  device Belt2 removed: no IP address
  device Belt3 added: no IP address
  device Belt4 added: no IP address
"#);
    // The old plan speaks of the new name already, in a link that leads nowhere.
    let old = "Belt1: Belt @10.0.0.1\nFiller1: Filler\nInfeed.Belt.Main.level -> Filler1.level\nBelt1.running -> Filler1.start";
    insta::assert_snapshot!(compared(old, &old.replace("Belt1", "Infeed")), @r#"
Instances
  Belt1 removed: Belt 1.0
  Infeed added: Belt 1.0 on device Infeed, the top chart
Links
  Filler1.Filler.Main.start: fed by Infeed.Belt.Main.running instead of Belt1.Belt.Main.running
Network
  device Infeed: renamed from Belt1
  device Infeed: name of station: belt1 to infeed
"#);
}

#[test]
fn charts_and_places() {
    let old = "
        chart Filling / Cell
        Belt1: Belt on Filling / Cell at 1 1
        Belt2: Belt on Filling
        Filler1: Filler on Packing at 1 1";
    let new = "
        chart Cell
        Belt1: Belt on Cell at 1 1
        Belt2: Belt on Wet area
        Filler1: Filler on Cell at 9 9
        chart Empty";
    insta::assert_snapshot!(compared(old, &new.replace("Wet area", "\"Wet area\"")), @r#"
Charts
  Filling removed
  Filling / Cell removed
  Packing removed
  Cell added
  Empty added
  Wet area added
Instances
  Belt1: moved from Filling / Cell to Cell
  Belt2: moved from Filling to Wet area
  Filler1: moved from Packing to Cell
Layout
  moved without another change: 1 device
"#);
    insta::assert_snapshot!(compared(old, &old.replace("Filling", "Wet").replace("Packing", "Wet / Cell / Pack")), @r#"
Charts
  Wet: renamed from Filling
  Wet / Cell / Pack: renamed from Packing
  Wet / Cell / Pack: moved here from the top chart
"#);
    insta::assert_snapshot!(compared(old, &old.replace("at 1 1", "at 2 3")), @r#"
Layout
  moved without another change: 2 blocks, 2 devices
"#);
}

#[test]
fn network() {
    let old = "
        subnet Plant 10.0.0.0/24
        subnet Office 10.1.0.0/16
        Belt1: Belt @10.0.0.1 subnet Plant
        Gate: Gateway @10.0.0.4
        Drive1: Drive behind Gate address 5
        cable Belt1 1 - Gate 1";
    let new = "
        subnet Plant 10.0.0.0/16
        subnet Line 10.2.0.0/16
        resolver 1135
        default cyclic 16
        Belt1: Belt @10.0.0.9 name belt subnet Line mac \"02:00:00:00:00:01\"
        Gate: Gateway @10.0.0.4
        Drive1: Drive behind Gate system 2 address 6
        Filler1: Filler
        cable Belt1 2 - Gate 1";
    insta::assert_snapshot!(compared(old, new), @r#"
Project
  resolver port: 135 to 1135
  transmission of new links: acyclic 500 ms to cyclic 16 ms
Instances
  Filler1 added: Filler 1.0 on device Filler1, the top chart
Network
  subnet Office removed: 10.1.0.0, mask 255.255.0.0
  subnet Plant: 10.0.0.0, mask 255.255.255.0 to 10.0.0.0, mask 255.255.0.0
  subnet Line added: 10.2.0.0, mask 255.255.0.0
  device Belt1: subnet: Plant to Line
  device Belt1: name of station: belt1 to belt
  device Belt1: IP address: 10.0.0.1 to 10.0.0.9
  device Belt1: MAC address: none to 02:00:00:00:00:01
  device Drive1: DP master system: 0 to 2
  device Drive1: PROFIBUS address: 5 to 6
  device Filler1 added: no IP address
  cable Belt1 port 1 – Gate port 1 removed
  cable Belt1 port 2 – Gate port 1 added
"#);
}

#[test]
fn components() {
    let old = "
        component A 1.0 { in x I2; out y I2 }
        component B 1.0 { in x I2 }
        component C 1.0 { in x I2 }
        One: A
        Two: B";
    let new = "
        component A 1.0 { in x R4; out z I2 }
        component B 1.1 { in x I2 }
        component D 1.0 { in x I2 }
        One: A
        Two: B
        Three: D";
    insta::assert_snapshot!(said(old, new), @r#"
Components
  B: version 1.0 to 1.1
  C 1.0 removed
  D 1.0 added
  A 1.0: another description under the same version (A.Main.x R4 instead of I2, without A.Main.y, with A.Main.z)
Instances
  Two: B, version 1.0 to 1.1
  Three added: D 1.0 on device Three, the top chart
Network
  device Three added: no IP address
"#);
}

#[test]
fn a_thousand_renamed_at_once_are_found() {
    let old = fixture::large(1_000, 4_000);
    let mut document = Document::new(old.clone());
    let renames = old
        .instances()
        .keys()
        .map(|name| Edit::RenameInstance { from: name.clone(), to: format!("New {name}").into() });
    document.apply(&Edit::Group("rename".into(), renames.collect())).unwrap();
    let changes = diff(&old, document.plan());
    let renames = changes.iter().filter(|change| matches!(change, Change::InstanceRenamed { .. })).count();
    let devices = changes.iter().filter(|change| matches!(change, Change::DeviceRenamed { .. })).count();
    assert_eq!((renames, devices, changes.len()), (1_000, 1_000, 2_000));
}

/// What stands in the files of a plan, but for the state of devices: all that a difference is about.
fn files(plan: &Plan) -> Files {
    let mut files = project::write(plan);
    files.remove("state.toml");
    files
}

/// The plan with everything in one place.
fn without_layout(plan: &Plan) -> Plan {
    let mut plan = plan.clone();
    let nowhere = Point::default();
    for chart in plan.charts.keys().copied().collect::<Vec<_>>() {
        let chart = Arc::make_mut(plan.charts.get_mut(&chart).unwrap());
        chart.at = nowhere;
        chart.frames.iter_mut().for_each(|frame| (frame.at, frame.size) = (nowhere, nowhere));
        chart.notes.iter_mut().for_each(|note| note.at = nowhere);
    }
    for instance in plan.instances.keys().cloned().collect::<Vec<_>>() {
        let instance = Arc::make_mut(plan.instances.get_mut(&instance).unwrap());
        instance.functions.values_mut().for_each(|place| place.at = nowhere);
    }
    for device in plan.devices.keys().cloned().collect::<Vec<_>>() {
        Arc::make_mut(plan.devices.get_mut(&device).unwrap()).at = nowhere;
    }
    for (key, link) in plan.links().clone() {
        plan.insert_link(key, Link { bends: Vec::new(), ..(*link).clone() });
    }
    plan
}

fn edited(start: &Plan, edits: &[Edit], picks: &[usize]) -> Plan {
    let mut document = Document::new(start.clone());
    for pick in picks {
        // Later edits may be refused, since earlier ones took away what they speak of.
        let _ = document.apply(&edits[pick % edits.len()]);
    }
    document.plan().clone()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_difference_if_and_only_if_the_files_are_the_same(
        ours in proptest::collection::vec(0usize..36, 0..6),
        theirs in proptest::collection::vec(0usize..36, 0..6),
    ) {
        let start = fixture::plan(LINE);
        let edits = all_edits(&start);
        let (one, other) = (edited(&start, &edits, &ours), edited(&start, &edits, &theirs));
        for (old, new) in [(&start, &one), (&one, &other), (&other, &one)] {
            let changes = diff(old, new);
            prop_assert_eq!(changes.is_empty(), files(old) == files(new), "{}", to_text(&changes));
            let only_layout = changes.iter().all(|change| change.group() == Group::Layout);
            let same_content = files(&without_layout(old)) == files(&without_layout(new));
            prop_assert_eq!(only_layout, same_content, "{}", to_text(&changes));
            prop_assert!(changes.is_sorted_by_key(Change::group));
        }
        prop_assert!(diff(&one, &one.clone()).is_empty());
    }
}
