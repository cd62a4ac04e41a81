//! A chart from so far that a block is but a coloured box: all of them in one mesh.

use egui::{Color32, Mesh, Rect, Shape, Vec2, vec2};

use super::{Canvas, Markers};
use crate::app::Item;
use crate::check::Severity;
use crate::drawing::{BlockId, Scene, WireSlot};
use crate::ui::theme::Theme;
use crate::ui::views::link_editor::item_of;

/// All blocks of a chart with their colours, made once for many frames: there may be a hundred thousand.
#[derive(Default)]
pub struct Boxes {
    boxes: Vec<(Rect, Color32)>,
    /// Looks they were made for; `None` when they have to be made.
    dark: Option<bool>,
}

impl Boxes {
    /// Blocks were moved, or there are other ones, or other findings.
    pub fn forget(&mut self) {
        self.dark = None;
    }

    /// Makes them when they are not as the chart is.
    pub fn follow(&mut self, scene: &Scene, markers: &Markers, theme: &Theme) {
        if self.dark == Some(theme.dark) {
            return;
        }
        self.dark = Some(theme.dark);
        self.boxes.clear();
        self.boxes.extend(scene.blocks().map(|(_, block)| {
            let severity = if markers.has_others() { markers.of(&item_of(&block.id)) } else { None };
            let colour = match severity {
                Some(Severity::Error) => theme.bad,
                Some(Severity::Warning) => theme.warning,
                _ => theme.border,
            };
            (block.rect, colour)
        }));
    }
}

/// Paints thin wires, the boxes, and over them those that are marked.
pub fn paint(canvas: &Canvas<'_>, seen: Rect, wires: &[WireSlot]) {
    let theme = canvas.theme;
    let mut mesh = Mesh::default();
    for slot in wires {
        let Some(wire) = canvas.scene.wire(*slot) else { continue };
        let marked = canvas.is_marked(&Item::Link(wire.key.clone()));
        let (colour, width) = if marked { (theme.accent, 2.0) } else { (theme.wire.gamma_multiply(0.6), 1.0) };
        for (from, to) in wire.segments() {
            let rect = Rect::from_two_pos(canvas.at(from), canvas.at(to)).expand(width / 2.0);
            mesh.add_colored_rect(rect, colour);
        }
    }
    mesh.reserve_vertices(canvas.boxes.boxes.len() * 4);
    mesh.reserve_triangles(canvas.boxes.boxes.len() * 2);
    let mut add = |rect: Rect, colour: Color32| {
        let rect = canvas.rect(rect);
        // A hair's breadth of ground between neighbours, and never nothing.
        let size = (rect.size() - Vec2::splat(0.5)).max(vec2(1.0, 1.0));
        mesh.add_colored_rect(Rect::from_min_size(rect.min, size), colour);
    };
    for (rect, colour) in canvas.boxes.boxes.iter().filter(|(rect, _)| rect.intersects(seen)) {
        add(*rect, *colour);
    }
    let block_of = |item: &Item| match item {
        Item::Function(function) => canvas.scene.find_block(&BlockId::Function(function.clone())),
        Item::Chart(chart) => canvas.scene.find_block(&BlockId::Chart(*chart)),
        _ => None,
    };
    let marked = canvas.selection.items().chain(canvas.hovered).chain(canvas.related);
    for block in marked.filter_map(block_of).filter_map(|slot| canvas.scene.block(slot)) {
        add(block.rect, theme.accent);
    }
    canvas.painter.add(Shape::mesh(mesh));
}
