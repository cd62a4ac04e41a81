//! What assistive programs are told of the chart: every block, port and wire in view has a node with a name.

use egui::accesskit::Role;
use egui::{Pos2, Rect, Ui, Vec2};

use super::item_of;
use super::paint::{Canvas, Detail};
use crate::app::Item;
use crate::drawing::{Reach, WireSlot};
use crate::ui::views::plane::Description;

/// Describes what is in view, and says what an assistive program has clicked.
pub fn describe(ui: &Ui, canvas: &Canvas<'_>) -> Option<Item> {
    if Detail::at(canvas.camera.zoom) < Detail::Name {
        return None;
    }
    let mut description = Description::of(ui)?;
    let seen = canvas.camera.seen(canvas.view);
    for slot in canvas.scene.blocks_in(seen, Reach::Touching) {
        let Some(block) = canvas.scene.block(slot) else { continue };
        let label = format!("{} ({})", block.title, block.subtitle());
        // The head is where a click means the block and nothing in it.
        let head = canvas.rect(block.head());
        let item = Some(item_of(&block.id));
        description.add(("block", &block.id), Role::Group, head, label, item, canvas.selection);
        for port in block.ports() {
            let rect = Rect::from_center_size(canvas.at(port.at), Vec2::splat(8.0));
            let label = format!("{}.{}", block.title, port.label);
            let label = if port.twin { format!("{label} →") } else { label };
            let item = block.port_ref(port.index).map(Item::Port);
            description.add(("port", slot, port.index), Role::Button, rect, label, item, canvas.selection);
        }
    }
    for slot in canvas.scene.wires_in(seen) {
        describe_wire(canvas, slot, &mut description);
    }
    description.clicked()
}

fn describe_wire(canvas: &Canvas<'_>, slot: WireSlot, description: &mut Description<'_>) {
    let Some(wire) = canvas.scene.wire(slot) else { return };
    // The longest segment is what one would click.
    let length = |(from, to): &(Pos2, Pos2)| from.distance(*to);
    let longest = wire.segments().max_by(|one, other| length(one).total_cmp(&length(other)));
    let Some((from, to)) = longest else { return };
    let rect = Rect::from_center_size(canvas.at(from.lerp(to, 0.5)), Vec2::splat(4.0));
    let provider = format!("{}.{}", wire.provider.instance, wire.provider.port);
    let label = format!("{provider} → {}.{}", wire.key.consumer.instance, wire.key.consumer.port);
    let item = Some(Item::Link(wire.key.clone()));
    description.add(("wire", slot), Role::Link, rect, label, item, canvas.selection);
}
