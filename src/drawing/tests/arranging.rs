//! Automatic layout.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::model::Point;

/// The plan with its root chart laid out.
fn laid_out(plan: &Plan, selection: Option<&[BlockId]>) -> Plan {
    let mut document = Document::new(plan.clone());
    for (id, at) in layout(&Scene::new(plan, ROOT_CHART), selection) {
        let at = Point { x: at.x, y: at.y };
        let edit = match id {
            BlockId::Function(function) => Edit::MoveBlocks(vec![(function, Placement { chart: ROOT_CHART, at })]),
            BlockId::Chart(chart) => Edit::MoveChart { chart, parent: ROOT_CHART, at },
        };
        document.apply(&edit).expect("a place on the chart is allowed");
    }
    document.plan().clone()
}

fn places(plan: &Plan) -> BTreeMap<String, Pos2> {
    Scene::new(plan, ROOT_CHART).blocks().map(|(_, block)| (block.title.to_string(), block.rect.min)).collect()
}

const COMPONENT: &str = "component A 1.0 { in a I2 = 0; in b I2 = 0; out x I2; out y I2 }\n";

#[test]
fn a_chain_stands_in_a_row_with_straight_wires() {
    let plan = fixture::plan(&format!(
        "{COMPONENT}One: A at 0 80\nTwo: A at 40 80\nThree: A at 80 400\nAlone: A at 60 90
        One.x -> Two.a\nTwo.x -> Three.a\nThree.y -> One.b"
    ));
    let after = laid_out(&plan, None);
    let scene = routed(&after, ROOT_CHART);
    let at = places(&after);
    assert!(
        at["One"].x < at["Two"].x && at["Two"].x < at["Three"].x,
        "{at:?}: the wire that closes the loop counts least"
    );
    for key in ["Two.A.Main.a", "Three.A.Main.a"] {
        let wire = scene.wire(scene.find_wire(&LinkKey::to(port(key))).unwrap()).unwrap();
        assert_eq!(wire.points.len(), 2, "{key} runs straight:\n{}", text(&scene));
    }
    let corner = |at: &BTreeMap<String, Pos2>| at.values().copied().reduce(Pos2::min).unwrap();
    assert_eq!(corner(&at), pos2(0.0, 80.0), "the corner stays");
}

#[test]
fn only_the_selection_moves() {
    let plan = fixture::plan(&format!(
        "{COMPONENT}One: A at 400 80\nTwo: A at 400 90\nOther: A at 0 0\nOne.x -> Two.a\nOther.x -> One.a"
    ));
    let scene = Scene::new(&plan, ROOT_CHART);
    let ids = scene.blocks().map(|(_, block)| block.id.clone()).filter(|id| !format!("{id:?}").contains("Other"));
    let (before, after) = (places(&plan), places(&laid_out(&plan, Some(&ids.collect::<Vec<_>>()))));
    assert_eq!(before["Other"], after["Other"]);
    assert_eq!(after["One"], pos2(400.0, 80.0));
    assert!(after["Two"].x >= 400.0 + 160.0);
}

#[test]
fn blocks_without_links_stand_in_a_grid() {
    let blocks: String = (0..12).map(|number| format!("B{number}: A at {} {}\n", number * 3, number * 5)).collect();
    let after = places(&laid_out(&fixture::plan(&format!("{COMPONENT}{blocks}")), None));
    let columns: BTreeSet<i32> = after.values().map(|at| at.x as i32).collect();
    let rows: BTreeSet<i32> = after.values().map(|at| at.y as i32).collect();
    assert!(columns.len() * rows.len() < 16 && rows.len() > 1, "{after:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn blocks_are_on_the_grid_and_apart_with_room_for_their_wires(layout in routing::layouts(24)) {
        let plan = layout.plan();
        let after = laid_out(&plan, None);
        let scene = routed(&after, ROOT_CHART);
        let blocks: Vec<&Block> = scene.blocks().map(|(_, block)| block).collect();
        for (number, one) in blocks.iter().enumerate() {
            prop_assert_eq!((one.rect.min.x % sizes::GRID, one.rect.min.y % sizes::GRID), (0.0, 0.0));
            for other in &blocks[number + 1..] {
                prop_assert!(!one.rect.expand(12.0).intersects(other.rect), "{} and {}", one.title, other.title);
            }
        }
        routing::assert_sound(&scene);
        prop_assert_eq!(places(&laid_out(&plan, None)), places(&after), "the same once more");
    }
}
