//! Where arrow keys lead: along wires, from port to port, from block to block.

use egui::{Pos2, Vec2};

use super::item_of;
use crate::app::Item;
use crate::drawing::{BlockId, BlockPort, BlockSlot, End, Scene, Side};
use crate::model::LinkKey;
use crate::ui::views::plane::next_in;

/// The item that is reached from another by an arrow key; `way` points there. From nothing it is the block that stands first.
pub fn step(scene: &Scene, from: Option<&Item>, way: Vec2) -> Option<Item> {
    let of_block = |id: BlockId| scene.find_block(&id);
    match from {
        Some(Item::Port(port) | Item::Constant(port)) => {
            let found = [Side::Left, Side::Right].into_iter().find_map(|side| scene.find_port(port, side));
            let (slot, index) = found?;
            from_port(scene, slot, index, way)
        }
        Some(Item::Link(key)) => from_link(scene, key, way),
        Some(Item::Function(function)) => from_block(scene, of_block(BlockId::Function(function.clone()))?, way),
        Some(Item::Chart(chart)) => from_block(scene, of_block(BlockId::Chart(*chart))?, way),
        Some(Item::Instance(name)) => {
            let of_instance = |id: &BlockId| matches!(id, BlockId::Function(function) if function.instance == *name);
            let (slot, _) = scene.blocks().find(|(_, block)| of_instance(&block.id))?;
            from_block(scene, slot, way)
        }
        _ => {
            let corner = |at: Pos2| at.x + at.y;
            let first =
                scene.blocks().min_by(|(_, one), (_, other)| corner(one.rect.min).total_cmp(&corner(other.rect.min)));
            first.map(|(_, block)| item_of(&block.id))
        }
    }
}

/// From a block: sideways to its ports, up and down to the next block.
fn from_block(scene: &Scene, slot: BlockSlot, way: Vec2) -> Option<Item> {
    let block = scene.block(slot)?;
    if way.x == 0.0 {
        return neighbour(scene, slot, way);
    }
    let side = if way.x > 0.0 { Side::Right } else { Side::Left };
    let mut ports: Vec<BlockPort<'_>> = block.ports().filter(|port| port.side == side && !port.twin).collect();
    // A port that leads on comes first.
    ports.sort_by_key(|port| (!port.connected, port.row));
    match ports.first() {
        Some(port) => block.port_ref(port.index).map(Item::Port),
        None => neighbour(scene, slot, way),
    }
}

/// From a port: up and down to the others of its side; outwards along its wire; inwards to the block.
fn from_port(scene: &Scene, slot: BlockSlot, index: u16, way: Vec2) -> Option<Item> {
    let block = scene.block(slot)?;
    let port = block.port(index)?;
    if way.x == 0.0 {
        let ahead = |other: &BlockPort<'_>| other.side == port.side && (other.at.y - port.at.y) * way.y > 0.0;
        let next = block.ports().filter(ahead).min_by(|one, other| {
            let distance = |candidate: &BlockPort<'_>| (candidate.at.y - port.at.y).abs();
            distance(one).total_cmp(&distance(other))
        });
        return match next {
            Some(next) => block.port_ref(next.index).map(Item::Port),
            None => neighbour(scene, slot, way),
        };
    }
    let outwards = (way.x > 0.0) == (port.side == Side::Right);
    if !outwards {
        return Some(item_of(&block.id));
    }
    let at_port = |end: End| end.block() == slot && end.port() == index;
    let leaving = scene
        .wires_of(slot)
        .iter()
        .filter_map(|wire| scene.wire(*wire))
        .find(|wire| at_port(if port.side == Side::Right { wire.from } else { wire.to }));
    match leaving {
        Some(wire) => Some(Item::Link(wire.key.clone())),
        None => neighbour(scene, slot, way),
    }
}

/// From a wire: to the port at its end.
fn from_link(scene: &Scene, key: &LinkKey, way: Vec2) -> Option<Item> {
    let wire = scene.wire(scene.find_wire(key)?)?;
    if way.x == 0.0 {
        // Up and down: the other wires of the same output.
        let mut fan: Vec<&LinkKey> = scene
            .wires_of(wire.from.block())
            .iter()
            .filter_map(|slot| scene.wire(*slot))
            .filter(|other| other.provider == wire.provider)
            .map(|other| &other.key)
            .collect();
        fan.sort();
        let at = fan.iter().position(|other| *other == key)?;
        let next = if way.y > 0.0 { at + 1 } else { at.checked_sub(1)? };
        return fan.get(next).map(|key| Item::Link((*key).clone()));
    }
    Some(Item::Port(if way.x > 0.0 { wire.key.consumer.clone() } else { wire.provider.clone() }))
}

/// The block that lies nearest in a direction.
fn neighbour(scene: &Scene, slot: BlockSlot, way: Vec2) -> Option<Item> {
    let from = scene.block(slot)?.rect.center();
    let others = scene.blocks().filter(|(other, _)| *other != slot);
    let next = next_in(from, way, others.map(|(_, block)| (block.rect.center(), block)));
    next.map(|block| item_of(&block.id))
}

#[cfg(test)]
mod tests {
    use egui::vec2;

    use super::*;
    use crate::model::ROOT_CHART;
    use crate::model::fixture::plan;

    const TEXT: &str = "
        component Conveyor 1.0 { in start BOOL; in stop BOOL; out jam BOOL; out running BOOL }
        A: Conveyor at 0 0
        B: Conveyor at 400 0
        C: Conveyor at 0 300
        A.running -> B.start
        A.running -> C.start
    ";

    #[test]
    fn arrows_lead_along_a_wire_and_through_a_block() {
        let plan = plan(TEXT);
        let scene = Scene::new(&plan, ROOT_CHART);
        let mut item = step(&scene, None, vec2(1.0, 0.0));
        let mut way = vec![item.clone().unwrap().label(&plan)];
        for _ in 0..4 {
            item = step(&scene, item.as_ref(), vec2(1.0, 0.0));
            way.push(item.clone().unwrap().label(&plan));
        }
        assert_eq!(way, ["A", "A.running", "A.running → B.start", "B.start", "B"]);
    }

    #[test]
    fn up_and_down_change_port_wire_and_block() {
        let plan = plan(TEXT);
        let scene = Scene::new(&plan, ROOT_CHART);
        let go = |from: &str, way: Vec2| -> String {
            let all = scene.blocks().map(|(_, block)| item_of(&block.id));
            let ports = scene.blocks().flat_map(|(_, block)| {
                block.ports().filter_map(|port| block.port_ref(port.index).map(Item::Port)).collect::<Vec<_>>()
            });
            let links = plan.links().keys().cloned().map(Item::Link);
            let from = all.chain(ports).chain(links).find(|item| item.label(&plan) == from).unwrap();
            step(&scene, Some(&from), way).map(|item| item.label(&plan)).unwrap_or_default()
        };
        let (up, down) = (vec2(0.0, -1.0), vec2(0.0, 1.0));
        assert_eq!(go("A.start", down), "A.stop");
        assert_eq!(go("A.stop", up), "A.start");
        assert_eq!(go("A", down), "C");
        assert_eq!(go("A.running → B.start", down), "A.running → C.start");
        assert_eq!(go("A.running", vec2(-1.0, 0.0)), "A");
    }
}
