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
    describe_tags(canvas, seen, &mut description);
    for slot in canvas.scene.wires_in(seen) {
        describe_wire(canvas, slot, &mut description);
    }
    description.clicked()
}

/// Constants, arrows to other charts, frames and notes.
fn describe_tags(canvas: &Canvas<'_>, seen: Rect, description: &mut Description<'_>) {
    let (chart, selection) = (canvas.scene.chart(), canvas.selection);
    for slot in canvas.scene.tagged_in(seen) {
        let Some(block) = canvas.scene.block(slot) else { continue };
        let port_label = |port| block.port(port).map(|port| format!("{}.{}", block.title, port.label));
        for tag in &block.constants {
            let label = format!("{} = {}", port_label(tag.port).unwrap_or_default(), tag.text);
            let item = block.port_ref(tag.port).map(Item::Constant);
            let rect = canvas.rect(tag.rect);
            description.add(("constant", slot, tag.port), Role::Button, rect, label, item, selection);
        }
        for tag in &block.arrows {
            let label = format!("{} ⇢ {}", port_label(tag.port).unwrap_or_default(), tag.label);
            let item = tag.targets.first().map(|target| Item::Link(target.key.clone()));
            description.add(("arrow", slot, tag.port), Role::Link, canvas.rect(tag.rect), label, item, selection);
        }
    }
    for (nth, frame) in canvas.scene.frames().iter().enumerate().filter(|(_, frame)| frame.rect.intersects(seen)) {
        let (rect, item) = (canvas.rect(frame.rect), Some(Item::Frame(chart, nth)));
        description.add(("frame", nth), Role::Group, rect, frame.title.to_string(), item, selection);
    }
    for (nth, note) in canvas.scene.notes().iter().enumerate().filter(|(_, note)| note.rect.intersects(seen)) {
        let (rect, item) = (canvas.rect(note.rect), Some(Item::Note(chart, nth)));
        let text = note.lines.iter().map(|line| line.as_str()).collect::<Vec<_>>().join(" ");
        description.add(("note", nth), Role::Note, rect, text, item, selection);
    }
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
