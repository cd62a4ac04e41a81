//! Scenes of small plans, and scenes that follow edits against scenes made anew.

mod arranging;
mod routing;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use emath::{Pos2, Rect, pos2, vec2};

use super::*;
use crate::edit::{Document, Edit};
use crate::model::*;

const LINE: &str = "
    component Conveyor 1.0 { in start BOOL; in speed R4 = 0 unit m/s; out running BOOL; out jam BOOL; hmi temp R4; hmi hours I4 }
    component Filler 1.0 { rtauto Fill; in go BOOL = false; inout recipe I2; out level R4; out done BOOL; rtauto Clean; in go BOOL }
    chart Filling
    chart Packing
    Conveyor1: Conveyor on Filling at 80 80
    Filler1: Filler on Filling at 400 80
    Conveyor2: Conveyor on Packing at 80 80
    Conveyor3: Conveyor on Packing / Cell at 80 80
    Conveyor4: Conveyor on Packing / Cell at 400 80
    Conveyor1.running -> Filler1.Fill.go cyclic 8
    Filler1.done -> Conveyor1.start passive
    Filler1.done -> Conveyor2.start
    Filler1.done -> Conveyor3.start
    Conveyor3.running -> Conveyor4.start
    Conveyor1.speed = 0.45
";

fn chart(plan: &Plan, name: &str) -> ChartId {
    *plan.charts().iter().find(|(_, chart)| chart.name == name).expect("the chart is in the plan").0
}

fn routed(plan: &Plan, chart: ChartId) -> Scene {
    let mut scene = Scene::new(plan, chart);
    scene.route_all();
    scene
}

/// Everything a scene shows, as text; slots do not count.
fn text(scene: &Scene) -> String {
    let rect = |rect: Rect| format!("{} {} {}x{}", rect.min.x, rect.min.y, rect.width(), rect.height());
    let points = |points: &[Pos2]| points.iter().map(|at| format!("{},{}", at.x, at.y)).collect::<Vec<_>>().join(" ");
    let mut blocks: Vec<&Block> = scene.blocks().map(|(_, block)| block).collect();
    blocks.sort_by(|one, other| one.id.cmp(&other.id));
    let mut out = String::new();
    for block in blocks {
        writeln!(out, "{} [{}] {}", block.title, block.subtitle(), rect(block.rect)).unwrap();
        for port in block.ports() {
            let marks = [
                (port.mandatory_open, " open"),
                (port.connected, " connected"),
                (port.both_ways, " both"),
                (port.twin, " twin"),
                (port.hmi, " hmi"),
                (port.missing, " missing"),
            ];
            let marks: String = marks.iter().filter(|(set, _)| *set).map(|(_, mark)| *mark).collect();
            let at = port.at - block.rect.min;
            writeln!(out, "  {:?} {} {:?} at {},{}{marks}", port.side, port.label, port.kind, at.x, at.y).unwrap();
        }
        for tag in &block.constants {
            writeln!(out, "  {} at {}", tag.text, rect(tag.rect)).unwrap();
        }
        for tag in &block.arrows {
            let targets: Vec<String> = tag.targets.iter().map(|target| target.key.to_string()).collect();
            writeln!(out, "  {} at {} ({})", tag.label, rect(tag.rect), targets.join(", ")).unwrap();
        }
    }
    let mut wires: Vec<&Wire> = scene.wires().map(|(_, wire)| wire).collect();
    wires.sort_by(|one, other| one.key.cmp(&other.key));
    for wire in wires {
        let end = |end: End| {
            let block = scene.block(end.block()).expect("a wire ends at a block");
            let label = block.port(end.port()).map(|port| port.label.clone()).unwrap_or_default();
            format!("{}{}.{label}", if end.is_arrow() { "beyond " } else { "" }, block.title)
        };
        let looks = if wire.cyclic { " cyclic" } else { "" };
        let passive = if wire.active { "" } else { " passive" };
        writeln!(out, "{} -> {}{looks}{passive}: {}", end(wire.from), end(wire.to), points(&wire.points)).unwrap();
        for (what, places) in [("hops", &wire.hops), ("junctions", &wire.junctions)] {
            if !places.is_empty() {
                writeln!(out, "  {what} {}", points(places)).unwrap();
            }
        }
    }
    for frame in scene.frames() {
        writeln!(out, "frame {} {}", frame.title, rect(frame.rect)).unwrap();
    }
    for note in scene.notes() {
        writeln!(out, "note {:?} {}", note.lines, rect(note.rect)).unwrap();
    }
    out
}

#[test]
fn a_chart_has_blocks_ports_tags_and_wires() {
    let plan = fixture::plan(LINE);
    insta::assert_snapshot!(text(&routed(&plan, chart(&plan, "Filling"))), @r"
    Conveyor1 [Conveyor 1.0] 80 80 160x100
      Left start Bool at 0,48 connected
      Left speed Real at 0,68
      Right running Bool at 160,48 connected
      Right jam Bool at 160,68
      = 0.45 m/s at -4 140 72x16
    Filler1 · Clean [Filler 1.0] 400 200 160x64
      Left go Bool at 0,48 open
    Filler1 · Fill [Filler 1.0] 400 80 160x104
      Left go Bool at 0,48 connected
      Left recipe Integer at 0,68 both
      Right recipe Integer at 160,68 both twin
      Right level Real at 160,48
      Right done Bool at 160,88 connected
      Packing › Conveyor2 + 1 at 572 160 140x16 (Conveyor2.Conveyor.Main.start, Conveyor3.Conveyor.Main.start)
    Filler1 · Fill.done -> Conveyor1.start passive: 560,168 720,168 720,72 64,72 64,128 80,128
    Filler1 · Fill.done -> beyond Filler1 · Fill.done: 560,168 572,168
    Filler1 · Fill.done -> beyond Filler1 · Fill.done: 560,168 572,168
    Conveyor1.running -> Filler1 · Fill.go cyclic: 240,128 400,128
    ");
}

#[test]
fn a_chart_block_has_the_ports_that_cross_its_border() {
    let plan = fixture::plan(LINE);
    insta::assert_snapshot!(text(&routed(&plan, chart(&plan, "Packing"))), @r"
    Conveyor2 [Conveyor 1.0] 80 80 160x100
      Left start Bool at 0,48 connected
      Left speed Real at 0,68
      Right running Bool at 160,48
      Right jam Bool at 160,68
      Filling › Filler1 at -20 120 88x16 (Conveyor2.Conveyor.Main.start)
    Cell [chart · 2 functions] 600 0 160x64
      Left start Bool at 0,48 connected
      Filling › Filler1 at 500 40 88x16 (Conveyor3.Conveyor.Main.start)
    beyond Conveyor2.start -> Conveyor2.start: 68,128 80,128
    beyond Cell.start -> Cell.start: 588,48 600,48
    ");
    insta::assert_snapshot!(text(&routed(&plan, ROOT_CHART)), @r"
    Filling [chart · 3 functions] 200 0 160x64
      Right done Bool at 160,48 connected
    Packing [chart · 3 functions] 400 0 160x84
      Left Conveyor2.start Bool at 0,48 connected
      Left Conveyor3.start Bool at 0,68 connected
    Filling.done -> Packing.Conveyor2.start: 360,48 400,48
      junctions 384,48
    Filling.done -> Packing.Conveyor3.start: 360,48 384,48 384,68 400,68
      junctions 384,48
    ");
}

#[test]
fn ends_that_lead_nowhere_are_shown() {
    let plan = fixture::plan(
        "component A 1.0 { in x I2; out y I2 }\nOne: A at 0 0\nTwo: !Gone 1.0 at 300 0\nOne.A.Main.old -> Two.A.Main.z\nNo.A.Main.y -> One.x",
    );
    insta::assert_snapshot!(text(&routed(&plan, ROOT_CHART)), @r"
    One [A 1.0] 0 0 160x84
      Left x Integer at 0,48 connected
      Right y Integer at 160,48
      Right old Structure at 160,68 connected missing
      No.A.Main.y is missing at -140 40 128x16 (One.A.Main.x)
      Two.A.Main.z is missing at 172 60 136x16 (Two.A.Main.z)
    beyond One.x -> One.x: -12,48 0,48
    One.old -> beyond One.old: 160,68 172,68
    ");
    assert!(Scene::new(&plan, ChartId(99)).bounds().is_negative(), "no such chart, nothing on it");
}

/// Applies edits one by one; after each, every chart's scene must be what a new one would be.
fn follow(edits: Vec<Edit>) {
    let mut document = Document::new(fixture::plan(LINE));
    let mut scenes: Vec<Scene> =
        document.plan().charts().keys().map(|chart| Scene::new(document.plan(), *chart)).collect();
    let mut follow = |document: &Document, before: &Plan, what: &str| {
        let touched = Touched::between(before, document.plan());
        for scene in &mut scenes {
            scene.update(document.plan(), &touched);
            scene.route_all();
            let anew = routed(document.plan(), scene.chart());
            assert_eq!(text(scene), text(&anew), "{what}, chart {:?}", scene.chart());
            assert_eq!(scene.bounds(), anew.bounds(), "{what}");
        }
    };
    for edit in &edits {
        let before = document.plan().clone();
        document.apply(edit).unwrap_or_else(|error| panic!("{edit:?}: {error}"));
        follow(&document, &before, &format!("{edit:?}"));
    }
    for _ in &edits {
        let before = document.plan().clone();
        document.undo().expect("there is a step");
        follow(&document, &before, "undo");
    }
}

fn port(text: &str) -> PortRef {
    PortRef::parse(text).expect("four parts")
}

#[test]
fn an_updated_scene_is_as_one_made_anew() {
    let plan = fixture::plan(LINE);
    let [filling, packing] = ["Filling", "Packing"].map(|name| chart(&plan, name));
    let cell = chart(&plan, "Cell");
    let point = |x, y| Point { x, y };
    let belt = |name: &str| FunctionRef { instance: name.into(), ldev: "Conveyor".into(), rtauto: "Main".into() };
    follow(
        vec![
            Edit::MoveBlocks(vec![(belt("Conveyor1"), Placement { chart: filling, at: point(120.0, 300.0) })]),
            Edit::MoveBlocks(vec![(belt("Conveyor3"), Placement { chart: packing, at: point(500.0, 300.0) })]),
            Edit::RenameInstance { from: "Conveyor2".into(), to: "The second of all conveyors there are".into() },
            Edit::Link {
                provider: port("Conveyor1.Conveyor.Main.jam"),
                consumer: port("Conveyor4.Conveyor.Main.start"),
            },
        ]
        .into_iter()
        .map(|edit| match edit {
            // Conveyor4.start is fed already: it is freed first.
            Edit::Link { .. } => Edit::Replug {
                key: LinkKey::to(port("Conveyor4.Conveyor.Main.start")),
                provider: port("Conveyor1.Conveyor.Main.jam"),
                consumer: port("Conveyor4.Conveyor.Main.start"),
            },
            edit => edit,
        })
        .chain([
            Edit::SetConstant {
                port: port("Conveyor2.Conveyor.Main.speed").in_instance("The second of all conveyors there are"),
                constant: Constant { value: "2".into(), comment: Name::default() },
            },
            Edit::Unlink(LinkKey::to(port("Conveyor1.Conveyor.Main.start"))),
            Edit::RenameChart { chart: cell, name: "Robots".into() },
            Edit::MoveChart { chart: cell, parent: packing, at: point(900.0, 40.0) },
            Edit::MoveChart { chart: cell, parent: filling, at: point(900.0, 40.0) },
            Edit::AddChart { name: "Empty".into(), parent: filling, at: point(0.0, 600.0) },
            Edit::DecorateChart {
                chart: filling,
                comment: Name::default(),
                frames: vec![Frame { title: "All".into(), at: point(0.0, 0.0), size: point(800.0, 400.0) }],
                notes: vec![Note { text: "one\ntwo".into(), at: point(0.0, 500.0) }],
            },
            Edit::CopyChart { chart: cell, at: point(900.0, 400.0) },
            Edit::RemoveChart(cell),
            Edit::Remove(vec!["Filler1".into()]),
        ])
        .collect(),
    );
}

#[test]
fn hmi_properties_unfold() {
    let plan = fixture::plan(LINE);
    let filling = chart(&plan, "Filling");
    let mut scene = routed(&plan, filling);
    let slot = scene.blocks().find(|(_, block)| block.title == "Conveyor1").expect("it is on the chart").0;
    let id = scene.block(slot).unwrap().id.clone();
    let folded = text(&scene);
    assert_eq!(scene.block(slot).unwrap().n_hmi(), 2);
    scene.set_unfolded(&plan, &id, true);
    scene.route_all();
    let block = scene.block(slot).unwrap();
    assert_eq!(block.ports().filter(|port| port.hmi).count(), 2);
    assert!(
        block.ports().all(|port| block.rect.shrink2(vec2(0.0, 8.0)).contains(port.at)),
        "all ports stand at the block"
    );
    let mut anew = Scene::with_unfolded(&plan, filling, [id.clone()].into());
    anew.route_all();
    assert_eq!(text(&scene), text(&anew));
    scene.set_unfolded(&plan, &id, false);
    scene.route_all();
    assert_eq!(text(&scene), folded);
}

#[test]
fn what_stands_foremost_is_hit() {
    let plan = fixture::plan(LINE);
    let scene = routed(&plan, chart(&plan, "Filling"));
    let find = |title: &str| scene.blocks().find(|(_, block)| block.title == title).expect("it is on the chart");
    let (slot, block) = find("Conveyor1");
    let start = block.ports().find(|port| port.label == "start").unwrap();
    assert_eq!(scene.pick(start.at + vec2(3.0, 2.0), 2.0), Some(Hit::Port { block: slot, port: start.index }));
    let tag = &block.constants[0];
    assert_eq!(scene.pick(tag.rect.center(), 2.0), Some(Hit::Constant { block: slot, port: tag.port }));
    assert_eq!(scene.pick(block.head().center(), 2.0), Some(Hit::BlockHead(slot)));
    assert_eq!(scene.pick(block.fold().unwrap().center(), 2.0), Some(Hit::Fold(slot)));
    assert_eq!(scene.pick(block.rect.center(), 2.0), Some(Hit::Block(slot)));
    let key = LinkKey::to(port("Filler1.Filler.Fill.go"));
    let wire = scene.find_wire(&key).unwrap();
    let points = &scene.wire(wire).unwrap().points;
    assert_eq!(scene.pick(points[0] + vec2(12.0, 1.0), 2.0), Some(Hit::WireEnd { wire, end: WireEnd::From }));
    assert_eq!(scene.pick(points[0].lerp(points[1], 0.5), 2.0), Some(Hit::Wire { wire, segment: 0 }));
    let (filler, block) = find("Filler1 · Fill");
    let arrow = &block.arrows[0];
    assert_eq!(scene.pick(arrow.rect.center(), 2.0), Some(Hit::Arrow { block: filler, port: arrow.port }));
    assert_eq!(scene.pick(pos2(-5000.0, 0.0), 2.0), None);
}

#[test]
fn a_view_shows_what_touches_it() {
    let plan = fixture::plan(LINE);
    let scene = routed(&plan, chart(&plan, "Filling"));
    let (slot, block) = scene.blocks().find(|(_, block)| block.title == "Conveyor1").unwrap();
    let upper_half = block.rect.with_max_y(block.rect.center().y);
    assert_eq!(scene.blocks_in(upper_half, Reach::Touching), [slot]);
    assert!(scene.blocks_in(upper_half, Reach::Inside).is_empty());
    assert_eq!(scene.blocks_in(block.rect, Reach::Inside), [slot]);
    assert_eq!(scene.blocks_in(Rect::EVERYTHING, Reach::Touching).len(), scene.n_blocks());
    assert_eq!(scene.wires_in(scene.bounds()).len(), scene.n_wires());
}

#[test]
fn a_preview_moves_blocks_and_wires_and_leaves_no_trace() {
    let plan = fixture::plan(LINE);
    let mut scene = routed(&plan, chart(&plan, "Filling"));
    let before = text(&scene);
    let moved: Vec<BlockId> = scene
        .blocks()
        .filter(|(_, block)| block.title.starts_with("Filler1"))
        .map(|(_, block)| block.id.clone())
        .collect();
    let moved = [moved[1].clone(), moved[0].clone()];
    scene.preview_move(&moved, vec2(10.3, 200.7));
    scene.preview_move(&moved, vec2(77.7, -200.1));
    let slot = scene.find_block(&moved[0]).unwrap();
    assert_eq!(scene.block(slot).unwrap().rect.min, pos2(400.0, 80.0) + vec2(77.7, -200.1));
    let wire = scene.wire(scene.find_wire(&LinkKey::to(port("Filler1.Filler.Fill.go"))).unwrap()).unwrap();
    assert!(wire.points.last().unwrap().x > 470.0, "the wire follows");
    scene.preview_move(&moved[..1], vec2(5.0, 5.0));
    scene.end_preview();
    assert_eq!(text(&scene), before);
}
