//! What every routed chart keeps to, over random charts that leave room.

use proptest::prelude::*;

use super::*;

/// Blocks in cells of a grid, each moved a little in its cell, and links between them.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    /// Steps of the grid in each direction, one a block.
    moved: Vec<(u8, u8)>,
    /// Provider, its output, consumer, its input.
    links: Vec<(usize, usize, usize, usize)>,
}

const COLUMNS: usize = 4;

impl Layout {
    fn at(&self, block: usize) -> (f32, f32) {
        let (dx, dy) = self.moved[block];
        let (column, row) = ((block % COLUMNS) as f32, (block / COLUMNS) as f32);
        (column * 360.0 + f32::from(dx) * 4.0, row * 260.0 + f32::from(dy) * 4.0)
    }

    pub(super) fn plan(&self) -> Plan {
        let mut text = String::from(
            "component A 1.0 { in x0 I2 = 0; in x1 I2 = 0; in x2 I2 = 0; out y0 I2; out y1 I2; out y2 I2 }\n",
        );
        for block in 0..self.moved.len() {
            let (x, y) = self.at(block);
            writeln!(text, "B{block}: A at {x} {y}").unwrap();
        }
        let mut fed = BTreeSet::new();
        for (provider, output, consumer, input) in &self.links {
            let n_blocks = self.moved.len();
            let (provider, consumer) = (provider % n_blocks, consumer % n_blocks);
            if fed.insert((consumer, input)) {
                writeln!(text, "B{provider}.y{output} -> B{consumer}.x{input}").unwrap();
            }
        }
        fixture::plan(&text)
    }
}

pub(super) fn layouts(n_links: usize) -> impl Strategy<Value = Layout> {
    let moved = prop::collection::vec((0..16_u8, 0..16_u8), 2..12);
    let links = prop::collection::vec((0..12_usize, 0..3_usize, 0..12_usize, 0..3_usize), 1..n_links);
    (moved, links).prop_map(|(moved, links)| Layout { moved, links })
}

/// What no path may do. Ends are at the block's edges, so a segment may touch a block and not enter it.
pub(super) fn assert_sound(scene: &Scene) {
    for (_, wire) in scene.wires() {
        let ends = |end: End| scene.block(end.block()).unwrap().port(end.port()).unwrap().at;
        assert_eq!(wire.points.first(), Some(&ends(wire.from)), "{} begins at its output", wire.key);
        assert_eq!(wire.points.last(), Some(&ends(wire.to)), "{} ends at its input", wire.key);
        for (from, to) in wire.segments() {
            assert!((from.x == to.x) != (from.y == to.y), "{}: {:?}", wire.key, wire.points);
            let run = Rect::from_two_pos(from, to);
            for (_, block) in scene.blocks() {
                assert!(
                    !block.rect.shrink(1.0).intersects(run),
                    "{} runs through {}: {:?}",
                    wire.key,
                    block.title,
                    wire.points
                );
            }
        }
    }
}

/// Pairs of segments of different outputs that lie on each other.
fn overlaps(scene: &Scene) -> Vec<String> {
    let all: Vec<&Wire> = scene.wires().map(|(_, wire)| wire).collect();
    let mut found = Vec::new();
    for (number, one) in all.iter().enumerate() {
        for other in all.iter().skip(number + 1).filter(|other| other.from != one.from) {
            for (a, b) in one.segments().flat_map(|one| other.segments().map(move |other| (one, other))) {
                let (first, second) = (Rect::from_two_pos(a.0, a.1), Rect::from_two_pos(b.0, b.1));
                let shared = first.intersect(second);
                let along = (a.0.x == a.1.x && b.0.x == b.1.x && a.0.x == b.0.x && shared.height() > 0.0)
                    || (a.0.y == a.1.y && b.0.y == b.1.y && a.0.y == b.0.y && shared.width() > 0.0);
                if along {
                    found.push(format!("{} {:?} and {} {:?}", one.key, one.points, other.key, other.points));
                }
            }
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, rng_seed: prop::test_runner::RngSeed::Fixed(1), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_wire_runs_through_a_block(layout in layouts(30)) {
        assert_sound(&routed(&layout.plan(), ROOT_CHART));
    }

    #[test]
    fn wires_of_different_outputs_keep_apart(layout in layouts(9)) {
        let found = overlaps(&routed(&layout.plan(), ROOT_CHART));
        prop_assert!(found.is_empty(), "{found:#?}");
    }

    #[test]
    fn a_chart_that_was_edited_looks_like_one_just_opened(
        layout in layouts(30),
        moves in prop::collection::vec((0..12_usize, 0..16_u8, 0..16_u8), 1..5),
        first in (0..1200_u16, 0..800_u16),
    ) {
        let mut plan = layout.plan();
        let mut scene = Scene::new(&plan, ROOT_CHART);
        // Some of it is routed in the order of the view, before the rest.
        let view = Rect::from_min_size(pos2(f32::from(first.0), f32::from(first.1)), vec2(500.0, 300.0));
        scene.route(view, 5);
        let mut layout = layout;
        for (block, dx, dy) in moves {
            let block = block % layout.moved.len();
            layout.moved[block] = (dx, dy);
            let now = layout.plan();
            scene.update(&now, &Touched::between(&plan, &now));
            scene.route(view, 3);
            plan = now;
        }
        scene.route_all();
        prop_assert_eq!(text(&scene), text(&routed(&plan, ROOT_CHART)));
    }
}

#[test]
fn parallel_wires_nest_and_a_shared_output_has_one_trunk() {
    let plan = fixture::plan(
        "component A 1.0 { in a I2 = 0; in b I2 = 0; in c I2 = 0; out x I2; out y I2; out z I2 }
        One: A at 0 0
        Two: A at 320 200
        Three: A at 320 400
        One.x -> Two.a
        One.y -> Two.b
        One.z -> Two.c
        One.z -> Three.a",
    );
    let scene = routed(&plan, ROOT_CHART);
    assert!(overlaps(&scene).is_empty());
    assert!(scene.wires().all(|(_, wire)| wire.hops.is_empty()), "nothing crosses:\n{}", text(&scene));
    let shared: Vec<_> = scene.wires().filter(|(_, wire)| !wire.junctions.is_empty()).collect();
    assert_eq!(shared.len(), 2, "two wires share a trunk:\n{}", text(&scene));
}

#[test]
fn bends_placed_by_hand_stay() {
    let plan = fixture::plan(
        "component A 1.0 { in a I2 = 0; out x I2 }
        One: A at 0 0
        Two: A at 320 200
        One.x -> Two.a bends 200 48 200 20 260 20 260 248",
    );
    let scene = routed(&plan, ROOT_CHART);
    let (_, wire) = scene.wires().next().unwrap();
    let bends = [pos2(200.0, 48.0), pos2(200.0, 20.0), pos2(260.0, 20.0), pos2(260.0, 248.0)];
    assert_eq!(wire.points[1..5], bends);
}
