//! What assistive programs are told of the canvas: every block, port and wire in view has a node with a name.

use std::cell::Cell;

use egui::accesskit::{Action, Node, NodeId, Role};
use egui::{Id, Rect, Ui, Vec2};

use super::item_of;
use super::paint::{Canvas, Detail};
use crate::app::Item;
use crate::drawing::{Reach, WireSlot};

/// Blocks and wires described; from farther away there are too many to be told apart.
const MOST: usize = 400;

/// Describes what is in view, and says what an assistive program has clicked. Costs nothing while nobody listens.
pub fn describe(ui: &Ui, canvas: &Canvas<'_>) -> Option<Item> {
    let parent = ui.unique_id();
    let ctx = ui.ctx();
    let seen = canvas.camera.seen(canvas.view);
    if Detail::at(canvas.camera.zoom) < Detail::Name || !is_listening(ui) {
        return None;
    }
    let requested: Vec<NodeId> = ui.input(|input| {
        let request = |event: &egui::Event| match event {
            egui::Event::AccessKitActionRequest(request) if request.action == Action::Click => {
                Some(request.target_node)
            }
            _ => None,
        };
        input.events.iter().filter_map(request).collect()
    });
    let clicked: Cell<Option<Item>> = Cell::new(None);
    let add = |id: Id, role: Role, rect: Rect, label: String, item: Item| {
        let selected = canvas.selection.contains(&item);
        if requested.contains(&id.accesskit_id()) {
            clicked.set(Some(item));
        }
        ctx.accesskit_node_builder(id, |node: &mut Node| {
            node.set_role(role);
            node.set_label(label);
            node.set_bounds(bounds(rect));
            node.set_selected(selected);
            node.add_action(Action::Click);
        });
    };
    for slot in canvas.scene.blocks_in(seen, Reach::Touching).into_iter().take(MOST) {
        let Some(block) = canvas.scene.block(slot) else { continue };
        let item = item_of(&block.id);
        let label = format!("{} ({})", block.title, block.subtitle());
        // The head is where a click means the block and nothing in it.
        let head = canvas.rect(block.head());
        add(parent.with(("block", &block.id)), Role::Group, head, label, item);
        for port in block.ports() {
            let Some(port_ref) = block.port_ref(port.index) else { continue };
            let rect = Rect::from_center_size(canvas.at(port.at), Vec2::splat(8.0));
            let label = format!("{}.{}", block.title, port.label);
            let label = if port.twin { format!("{label} →") } else { label };
            add(parent.with(("port", slot, port.index)), Role::Button, rect, label, Item::Port(port_ref));
        }
    }
    for slot in canvas.scene.wires_in(seen).into_iter().take(MOST) {
        describe_wire(canvas, slot, parent, &add);
    }
    clicked.take()
}

fn describe_wire(canvas: &Canvas<'_>, slot: WireSlot, parent: Id, add: &impl Fn(Id, Role, Rect, String, Item)) {
    let Some(wire) = canvas.scene.wire(slot) else { return };
    // The longest segment is what one would click.
    let longest = wire.segments().max_by(|one, other| {
        let length = |(from, to): &(egui::Pos2, egui::Pos2)| from.distance(*to);
        length(one).total_cmp(&length(other))
    });
    let Some((from, to)) = longest else { return };
    let rect = Rect::from_center_size(canvas.at(from.lerp(to, 0.5)), Vec2::splat(4.0));
    let provider = format!("{}.{}", wire.provider.instance, wire.provider.port);
    let label = format!("{provider} → {}.{}", wire.key.consumer.instance, wire.key.consumer.port);
    add(parent.with(("wire", slot)), Role::Link, rect, label, Item::Link(wire.key.clone()));
}

fn is_listening(ui: &Ui) -> bool {
    ui.ctx().accesskit_node_builder(ui.unique_id(), |_| ()).is_some()
}

fn bounds(rect: Rect) -> egui::accesskit::Rect {
    egui::accesskit::Rect { x0: rect.min.x.into(), y0: rect.min.y.into(), x1: rect.max.x.into(), y1: rect.max.y.into() }
}
