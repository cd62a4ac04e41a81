//! Every edit: applied, refused, and undone to the plan before.

use std::sync::Arc;

use super::*;
use crate::model::fixture;

pub(crate) const LINE: &str = "
    component Conveyor 1.0 { in start BOOL = false; in speed R4 = 0; out running BOOL; out level I2; hmi temp R4 }
    component Filler 1.0 { in start BOOL; in speed R4; in level I2; out done BOOL }
    component Filler 2.0 { in start BOOL; in speed R8; out done BOOL; rtauto Rinse; in on BOOL }
    component Gateway 1.0 proxy singleton { out ok BOOL }
    component Drive 1.0 profibusSlave { in on BOOL }
    subnet Plant 192.168.0.0/24
    chart Filling / Cell
    Conveyor1: Conveyor @192.168.0.11 subnet Plant on Filling
    Filler1: Filler 1.0 @192.168.0.12 on Filling / Cell
    Gate: Gateway @192.168.0.1
    Drive1: Drive behind Gate address 5
    Conveyor1.running -> Filler1.start
    Conveyor1.level -> Filler1.level
    Filler1.speed = 3
    target Conveyor1 -> Filler1 40 ms
    cable Conveyor1 1 - Filler1 1
    state Filler1 generated 00
";

fn port(text: &str) -> PortRef {
    fixture::plan(LINE).find_port(text).unwrap()
}

fn key(plan: &Plan, name: &str, version: &str) -> ComponentKey {
    let version = Version::parse(version);
    let found = plan.components.values().find(|one| one.name == name && Some(one.key.version) == version);
    found.unwrap().key.clone()
}

fn chart(plan: &Plan, name: &str) -> ChartId {
    *plan.charts.iter().find(|(_, chart)| chart.name == name).unwrap().0
}

/// Applies, and sees that undo gives the plan before and redo the plan after, touching the same.
fn apply(document: &mut Document, edit: Edit) -> Applied {
    let before = document.plan().clone();
    let applied = document.apply(&edit).unwrap_or_else(|error| panic!("{}: {error}", edit.label()));
    let after = document.plan().clone();
    assert!(!applied.touched.is_empty(), "{} changes nothing", applied.label);
    assert!(document.is_modified());
    assert_eq!(document.undo().unwrap(), applied);
    assert_eq!(*document.plan(), before);
    assert_eq!(document.redo().unwrap(), applied);
    assert_eq!(*document.plan(), after);
    applied
}

/// One of every kind, for the plan of [`LINE`].
pub(crate) fn all_edits(plan: &Plan) -> Vec<Edit> {
    let at = Point { x: 5.0, y: 6.0 };
    let place = |component, name: &str, chart| Edit::Place { component, name: Some(name.into()), chart, at };
    let function = FunctionRef { instance: "Filler1".into(), ldev: "Filler".into(), rtauto: "Main".into() };
    let clip = Arc::new(Clip::of(plan, &["Conveyor1".into(), "Filler1".into()]));
    let level = LinkKey::to(port("Filler1.level"));
    let mut properties = Box::new((*plan.links()[&level]).clone());
    properties.epsilon = Some(2.0);
    let (cell, filling) = (chart(plan, "Cell"), chart(plan, "Filling"));
    let mut device = (*plan.devices["Filler1"]).clone();
    device.comment = "left".into();
    let lan = |device: &str, port| LanPort { device: device.into(), port };
    let mut other = (**plan.components.values().next().unwrap()).clone();
    other.key.version = Version([9, 0, 0, 0]);
    let to = key(plan, "Filler", "2.0");
    vec![
        Edit::AddComponent(Arc::new(other)),
        Edit::RemoveComponent(to.clone()),
        Edit::ReplaceComponent { instances: vec!["Filler1".into()], to },
        Edit::Place { component: key(plan, "Conveyor", "1.0"), name: None, chart: cell, at },
        place(key(plan, "Drive", "1.0"), "Drive 7", ROOT_CHART),
        Edit::Remove(vec!["Filler1".into(), "Gate".into()]),
        Edit::RenameInstance { from: "Filler1".into(), to: "Filler 9".into() },
        Edit::RenameInstance { from: "Conveyor1".into(), to: "Belt".into() },
        Edit::CommentInstance { instance: "Filler1".into(), comment: "x".into() },
        Edit::SetInstanceDevice { instance: "Filler1".into(), device: "Conveyor1".into() },
        Edit::MoveBlocks(vec![(function, Placement { chart: filling, at })]),
        Edit::AddChart { name: "New".into(), parent: cell, at },
        Edit::RemoveChart(filling),
        Edit::RenameChart { chart: cell, name: "Zone".into() },
        Edit::MoveChart { chart: cell, parent: ROOT_CHART, at },
        Edit::CopyChart { chart: filling, at },
        Edit::DecorateChart {
            chart: cell,
            comment: "c".into(),
            frames: vec![],
            notes: vec![Note { text: "n".into(), at }],
        },
        Edit::Paste { clip, chart: ROOT_CHART, offset: at },
        Edit::Link { provider: port("Filler1.done"), consumer: port("Drive1.on") },
        Edit::Unlink(level.clone()),
        Edit::Replug {
            key: LinkKey::to(port("Filler1.start")),
            provider: port("Filler1.done"),
            consumer: port("Drive1.on"),
        },
        Edit::SetLink { key: level, properties },
        Edit::SetConstant { port: port("Drive1.on"), constant: Constant { value: "true".into(), comment: "".into() } },
        Edit::ClearConstant(port("Filler1.speed")),
        Edit::SetSubnet { name: "Other".into(), subnet: plan.subnets["Plant"].clone() },
        Edit::RemoveSubnet("Plant".into()),
        Edit::SetDevice { name: "Filler1".into(), device },
        Edit::RenameDevice { from: "Gate".into(), to: "Gate 2".into() },
        Edit::RenameSubnet { from: "Plant".into(), to: "Hall 2".into() },
        Edit::AddCable(Cable::between(lan("Filler1", 2), lan("Gate", 1))),
        Edit::RemoveCable(Cable::between(lan("Filler1", 1), lan("Conveyor1", 1))),
        Edit::RemoveTarget(plan.targets.iter().next().unwrap().clone()),
        Edit::SetSettings(Settings { resolver_port: 1, ..Settings::default() }),
        Edit::RenameProject("P".into()),
        Edit::CommentProject("why".into()),
        Edit::SetState { device: "Filler1".into(), state: None },
        Edit::Group("both".into(), vec![Edit::RenameProject("Q".into()), Edit::CommentProject("q".into())]),
    ]
}

fn undo_label(document: &Document) -> String {
    document.undo_label().map(ToString::to_string).unwrap_or_default()
}

#[test]
fn every_edit_is_undone_to_the_plan_before() {
    let plan = fixture::plan(LINE);
    for edit in all_edits(&plan) {
        let mut document = Document::new(plan.clone());
        let applied = apply(&mut document, edit.clone());
        assert_eq!(applied.label, edit.label());
        assert_eq!(document.undo_label(), Some(&applied.label));
        document.undo();
        assert!(!document.is_modified());
    }
}

#[test]
fn refusals_are_sentences_and_change_nothing() {
    let plan = fixture::plan(LINE);
    let at = Point::default();
    let link = |provider, consumer| Edit::Link { provider: port(provider), consumer: port(consumer) };
    let constant = |name, value: &str| Edit::SetConstant {
        port: port(name),
        constant: Constant { value: value.into(), comment: "".into() },
    };
    let gate = key(&plan, "Gateway", "1.0");
    for (edit, message) in [
        (link("Conveyor1.level", "Conveyor1.speed"), "I2 does not fit R4"),
        (link("Filler1.done", "Filler1.start"), "already fed by Conveyor1.Conveyor.Main.running"),
        (link("Filler1.start", "Drive1.on"), "Filler1.Filler.Main.start is no output"),
        (link("Filler1.done", "Conveyor1.level"), "Conveyor1.Conveyor.Main.level is no input"),
        (
            link("Conveyor1.temp", "Conveyor1.speed"),
            "Conveyor1.Conveyor.Main.temp is for operator panels and never links",
        ),
        (constant("Filler1.start", "true"), "already fed by Conveyor1.Conveyor.Main.running"),
        (constant("Drive1.on", "7"), "Drive1.Drive.Main.on: `7` is not a BOOL value"),
        (Edit::RenameInstance { from: "Gate".into(), to: "Filler1".into() }, "the instance Filler1 is there already"),
        (Edit::RenameInstance { from: "Nobody".into(), to: "X".into() }, "there is no instance Nobody"),
        (
            Edit::Place { component: gate.clone(), name: None, chart: ROOT_CHART, at },
            "Gateway can stand in a project once only, it is there as Gate",
        ),
        (Edit::RemoveComponent(gate), "is used by Gate"),
        (Edit::RemoveChart(ROOT_CHART), "the top chart stays"),
        (
            Edit::MoveChart { chart: chart(&plan, "Filling"), parent: chart(&plan, "Cell"), at },
            "a chart cannot stand inside itself",
        ),
        (Edit::RemoveDevice("Gate".into()), "device Gate is used by Gate"),
        (
            Edit::Group("g".into(), vec![Edit::RenameProject("Q".into()), Edit::RemoveChart(ROOT_CHART)]),
            "the top chart stays",
        ),
    ] {
        let mut document = Document::new(plan.clone());
        let refusal = document.apply(&edit).expect_err(&edit.label().to_string()).to_string();
        assert!(refusal.contains(message), "{refusal}");
        assert_eq!(*document.plan(), plan);
        assert!(!document.is_modified() && document.undo_label().is_none());
    }
    assert_eq!(why_not(&plan, &port("Filler1.done"), &port("Drive1.on"), None), None);
}

#[test]
fn names_and_devices_follow() {
    let mut document = Document::new(fixture::plan(LINE));
    apply(&mut document, Edit::RenameInstance { from: "Conveyor1".into(), to: "Belt".into() });
    let plan = document.plan();
    assert_eq!(plan.links_out_of("Belt").count(), 2);
    assert_eq!(plan.links_out_of("Conveyor1").count(), 0);
    assert!(plan.devices.contains_key("Belt") && !plan.devices.contains_key("Conveyor1"));
    assert_eq!(plan.targets.iter().next().unwrap().from.instance, "Belt");
    assert_eq!(plan.cables.iter().next().unwrap().a.device, "Belt");
    apply(&mut document, Edit::RenameDevice { from: "Gate".into(), to: "Proxy".into() });
    assert_eq!(document.plan().devices["Drive1"].profibus_address().unwrap().proxy.as_deref(), Some("Proxy"));
    apply(&mut document, Edit::RenameSubnet { from: "Plant".into(), to: "Hall".into() });
    assert_eq!(document.plan().devices["Belt"].ethernet_address().unwrap().subnet.as_deref(), Some("Hall"));
    assert_eq!(document.plan().subnets.keys().collect::<Vec<_>>(), ["Hall"]);
    let taken = document.apply(&Edit::RenameSubnet { from: "Attic".into(), to: "Hall".into() });
    assert!(taken.is_err());
}

#[test]
fn a_new_version_takes_its_ports_links_with_it() {
    let plan = fixture::plan(LINE);
    let to = key(&plan, "Filler", "2.0");
    let lost = vanishing_ports(&plan, "Filler1", &plan.components[&to]);
    assert_eq!(lost, [port("Filler1.level"), port("Filler1.speed")]);
    let mut document = Document::new(plan);
    apply(&mut document, Edit::ReplaceComponent { instances: vec!["Filler1".into()], to });
    let plan = document.plan();
    assert_eq!((plan.links().len(), plan.constants().len()), (1, 0));
    assert_eq!(plan.instances["Filler1"].functions.len(), 2);
}

#[test]
fn a_copied_chart_is_a_module_of_its_own() {
    let mut document = Document::new(fixture::plan(LINE));
    let filling = chart(document.plan(), "Filling");
    apply(&mut document, Edit::CopyChart { chart: filling, at: Point::default() });
    let plan = document.plan();
    assert_eq!(plan.chart_path(chart(plan, "Filling2")), ["Filling2"]);
    assert_eq!(plan.chart_path(plan.instances["Filler2"].home().unwrap()), ["Filling2", "Cell"]);
    let inner: Vec<_> = plan.links_into("Filler2").map(|(_, link)| link.provider.instance.clone()).collect();
    assert_eq!(inner, ["Conveyor2", "Conveyor2"]);
    assert_eq!(plan.constants_of("Filler2").count(), 1);
    let address = plan.devices["Conveyor2"].ethernet_address().unwrap();
    assert_eq!((address.name_of_station.as_str(), address.ip), ("conveyor2", None));
}

#[test]
fn modified_follows_the_history() {
    let mut document = Document::new(fixture::plan(LINE));
    apply(&mut document, Edit::RenameProject("One".into()));
    document.mark_saved();
    apply(&mut document, Edit::RenameProject("Two".into()));
    document.undo();
    assert!(!document.is_modified(), "back at the saved state");
    document.undo();
    assert!(document.is_modified(), "before the saved state");
    document.apply(&Edit::RenameProject("Three".into())).unwrap();
    assert!(document.redo().is_none(), "a new edit ends what could be done again");
    assert!(document.is_modified());
    let same = document.apply(&Edit::RenameProject("Three".into())).unwrap();
    assert!(same.touched.is_empty());
    assert_eq!(undo_label(&document), "Rename project to Three", "an edit without effect leaves no step");
    document.apply(&Edit::RenameProject("One".into())).unwrap();
    assert!(!document.is_modified(), "the saved state by other edits");
    let saving = document.plan().clone();
    document.apply(&Edit::RenameProject("Four".into())).unwrap();
    document.mark_saved_as(&saving);
    assert!(document.is_modified(), "edited while it was being saved");
    document.undo();
    assert!(!document.is_modified());
    document.mark_unsaved();
    assert!(document.is_modified());
}

#[test]
fn what_becomes_known_is_not_undone() {
    let mut document = Document::new(fixture::plan(LINE));
    document.apply(&Edit::RenameProject("One".into())).unwrap();
    document.apply(&Edit::RemoveDevice("Nobody".into())).unwrap_err();
    let state = DeviceState { downloaded: Some("ff".into()), ..DeviceState::default() };
    document.learn(&"Filler1".into(), &state);
    document.learn(&"Nobody".into(), &state);
    assert!(document.is_modified() && undo_label(&document) == "Rename project to One");
    document.undo();
    assert!(!document.is_modified());
    assert_eq!(document.plan().states().get("Filler1"), Some(&state));
    assert!(!document.plan().states().contains_key("Nobody"));
    document.redo();
    assert_eq!(document.plan().states().get("Filler1"), Some(&state));
}

#[test]
fn places_follow_the_component() {
    let mut plan = fixture::plan(LINE);
    let function =
        |rtauto: &str| FunctionRef { instance: "Filler1".into(), ldev: "Filler".into(), rtauto: rtauto.into() };
    let placement = Placement { chart: ROOT_CHART, at: Point::default() };
    // As a merge leaves it: a place of a function that the component does not have, none for the one it has.
    let filler = Arc::make_mut(plan.instances.get_mut("Filler1").unwrap());
    filler.functions = [(("Filler".into(), "Rinse".into()), placement)].into();
    let mut document = Document::new(plan);
    let refusal = document.apply(&Edit::MoveBlocks(vec![(function("Gone"), placement)])).unwrap_err();
    assert_eq!(refusal.to_string(), "there is no function Filler1.Filler.Gone");
    apply(&mut document, Edit::MoveBlocks(vec![(function("Main"), placement)]));
    apply(&mut document, Edit::RemoveBlock(function("Rinse")));
    let places: Vec<_> = document.plan().instances["Filler1"].functions.keys().cloned().collect();
    assert_eq!(places, [("Filler".into(), "Main".into())]);
    for (rtauto, message) in [("Main", "keeps its place"), ("Rinse", "there is no place of Filler1.Filler.Rinse")] {
        let refusal = document.apply(&Edit::RemoveBlock(function(rtauto))).unwrap_err().to_string();
        assert!(refusal.contains(message), "{refusal}");
    }
}

#[test]
fn what_was_wrong_before_does_not_hinder_an_edit() {
    let mut plan = fixture::plan(LINE);
    let level = LinkKey::to(port("Filler1.level"));
    let wrong = Substitute::Value("full".into());
    plan.insert_link(
        level.clone(),
        Link { substitute: wrong.clone(), epsilon: Some(-1.0), ..(*plan.links()[&level]).clone() },
    );
    Arc::make_mut(plan.devices.get_mut("Filler1").unwrap()).attachment =
        Attachment::Ethernet(EthernetAddress { subnet: Some("Gone".into()), ..EthernetAddress::default() });
    Arc::make_mut(plan.devices.get_mut("Drive1").unwrap()).attachment =
        Attachment::Profibus(ProfibusAddress { proxy: Some("Gone".into()), system_id: 0, address: Some(200) });
    let mut document = Document::new(plan);
    let mut link = Box::new((*document.plan().links()[&level]).clone());
    link.qos.value_ms = 7;
    apply(&mut document, Edit::SetLink { key: level.clone(), properties: link.clone() });
    link.substitute = Substitute::Value("empty".into());
    assert!(document.apply(&Edit::SetLink { key: level.clone(), properties: link.clone() }).is_err());
    link.substitute = wrong;
    link.epsilon = Some(-2.0);
    assert!(document.apply(&Edit::SetLink { key: level, properties: link }).is_err());
    for name in ["Filler1", "Drive1"] {
        let mut device = (*document.plan().devices[name]).clone();
        device.comment = "seen".into();
        apply(&mut document, Edit::SetDevice { name: name.into(), device: device.clone() });
        match &mut device.attachment {
            Attachment::Ethernet(address) => address.subnet = Some("Also gone".into()),
            Attachment::Profibus(address) => address.address = Some(201),
        }
        assert!(document.apply(&Edit::SetDevice { name: name.into(), device }).is_err(), "{name}");
    }
}

#[test]
fn surplus_links_move_up() {
    let mut document = Document::new(fixture::plan(&format!("{LINE}\nFiller1.done -> Filler1.start")));
    apply(&mut document, Edit::Unlink(LinkKey::to(port("Filler1.start"))));
    let links: Vec<_> = document.plan().links_to(&port("Filler1.start")).collect();
    assert_eq!((links.len(), links[0].0.nth, links[0].1.provider.clone()), (1, 0, port("Filler1.done")));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn any_sequence_is_undone_to_the_beginning(picks in proptest::collection::vec(0usize..36, 1..12)) {
        let start = fixture::plan(LINE);
        let edits = all_edits(&start);
        let mut document = Document::new(start.clone());
        for pick in picks {
            // Later edits may be refused, since earlier ones took away what they speak of.
            let _ = document.apply(&edits[pick % edits.len()]);
            for (key, link) in document.plan().links() {
                proptest::prop_assert!(link::why_not(document.plan(), &link.provider, &key.consumer, None)
                    .is_none_or(|why| matches!(why, LinkError::Fed(_))), "{}", key);
            }
        }
        while document.undo().is_some() {}
        proptest::prop_assert!(*document.plan() == start && !document.is_modified());
    }
}

#[test]
fn links_from_outside_can_follow_a_copy() {
    let plan = fixture::plan(LINE);
    let clip = Clip::of(&plan, &["Filler1".into()]);
    let following = clip.following(&plan);
    let texts: Vec<String> =
        following.iter().map(|(consumer, link)| format!("{} -> {consumer}", link.provider)).collect();
    assert_eq!(texts.len(), 2, "{texts:?}");
    assert!(texts.iter().all(|text| text.starts_with("Conveyor1.") && text.contains("-> Filler2.")), "{texts:?}");
    // They can be drawn once it is pasted.
    let mut document = Document::new(plan.clone());
    let paste = Edit::Paste { clip: Arc::new(clip), chart: ROOT_CHART, offset: Point::default() };
    document.apply(&paste).unwrap();
    for (consumer, link) in following {
        document.apply(&Edit::Link { provider: link.provider, consumer }).unwrap();
    }
    // Both ends copied: nothing is outside.
    assert!(Clip::of(&plan, &["Conveyor1".into(), "Filler1".into()]).following(&plan).is_empty());
}
