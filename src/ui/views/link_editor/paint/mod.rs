//! How a chart is painted: blocks, wires, tags, frames; in as much detail as its size on the screen allows.
//!
//! Only what is seen is looked at; texts are laid out at the size they are shown in, so they are never blurred.

mod block;
mod glyph;
mod live;
mod minimap;
mod wire;

use std::collections::HashMap;

use egui::{Align2, Color32, FontFamily, FontId, Mesh, Painter, Pos2, Rect, Shape, Stroke, vec2};

pub use glyph::glyph;
pub use minimap::minimap_ui;

use crate::app::{Item, Selection};
use crate::check::Severity;
use crate::drawing::{BlockSlot, Reach, Scene, WireSlot, sizes};
use crate::model::Plan;
use crate::ui::desktop::Online;
use crate::ui::theme::{Theme, semibold};
use crate::ui::views::camera::Camera;
use crate::ui::views::plane::grid;

/// More wires than this are not told apart any longer: only the ones that matter are drawn.
const MOST_WIRES: usize = 6_000;

/// How much of a block is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// A coloured box.
    Box,
    /// With its name.
    Name,
    /// With its ports.
    Ports,
    /// Everything.
    Full,
}

impl Detail {
    /// What can be read at a zoom.
    pub fn at(zoom: f32) -> Self {
        if zoom >= 0.38 {
            Self::Full
        } else if zoom >= 0.26 {
            Self::Ports
        } else if zoom >= 0.18 {
            Self::Name
        } else {
            Self::Box
        }
    }
}

/// Findings as they are marked on the chart: the worst of each thing.
pub type Markers = HashMap<Item, Severity>;

/// What lights up while a link is drawn, and what does not.
pub type Fits<'a> = Option<&'a dyn Fn(BlockSlot, u16) -> bool>;

/// Everything painting needs.
pub struct Canvas<'a> {
    /// Where to paint.
    pub painter: &'a Painter,
    /// The part of the screen that shows the chart.
    pub view: Rect,
    /// What of it is seen.
    pub camera: Camera,
    /// Looks.
    pub theme: &'a Theme,
    /// The chart.
    pub scene: &'a Scene,
    /// What is selected.
    pub selection: &'a Selection,
    /// What is marked for being selected or hovered elsewhere: the device or function that belongs to it.
    pub related: &'a dyn Fn(&Item) -> bool,
    /// What the pointer is over.
    pub hovered: Option<&'a Item>,
    /// Findings.
    pub markers: &'a Markers,
    /// What is on line.
    pub online: Option<&'a Online>,
    /// The plan.
    pub plan: &'a Plan,
    /// While a link is drawn: which ports can take it.
    pub fits: Fits<'a>,
}

impl Canvas<'_> {
    /// A place of the canvas on the screen.
    pub fn at(&self, at: Pos2) -> Pos2 {
        self.camera.to_screen(self.view, at)
    }

    /// A rectangle of the canvas on the screen.
    pub fn rect(&self, rect: Rect) -> Rect {
        self.camera.rect_to_screen(self.view, rect)
    }

    /// Text at the size it has at this zoom, on half points so that few sizes are laid out.
    pub fn text(&self, at: Pos2, align: Align2, text: &str, size: f32, strong: bool, colour: Color32) -> Rect {
        let size = ((size * self.camera.zoom) * 2.0).round() / 2.0;
        if size < 4.0 {
            return Rect::from_min_size(at, vec2(0.0, 0.0));
        }
        let family = if strong { semibold() } else { FontFamily::Proportional };
        self.painter.text(at, align, text, FontId::new(size, family), colour)
    }

    fn is_marked(&self, item: &Item) -> bool {
        self.selection.contains(item) || self.hovered == Some(item) || (self.related)(item)
    }
}

/// Paints the chart.
pub fn paint(canvas: &Canvas<'_>) {
    grid(canvas.painter, canvas.camera, canvas.view, sizes::GRID * 5.0, canvas.theme);
    let seen = canvas.camera.seen(canvas.view);
    frames(canvas, seen);
    let detail = Detail::at(canvas.camera.zoom);
    let wires = visible_wires(canvas, seen);
    if detail == Detail::Box {
        boxes(canvas, seen, &wires);
        return;
    }
    wire::wires(canvas, &wires, detail);
    let blocks = canvas.scene.blocks_in(seen.expand(8.0), Reach::Touching);
    for slot in &blocks {
        block::block(canvas, *slot, detail);
    }
    // A tag may be seen while its block is not.
    if detail >= Detail::Ports {
        for slot in canvas.scene.tagged_in(seen) {
            block::tags(canvas, slot);
        }
    }
    wire::raised(canvas, &wires, detail);
    if let Some(online) = canvas.online.filter(|_| detail == Detail::Full) {
        for slot in &blocks {
            live::values(canvas, online, *slot);
        }
    }
}

/// Wires in view; those that matter only where there are too many.
fn visible_wires(canvas: &Canvas<'_>, seen: Rect) -> Vec<WireSlot> {
    let important = || {
        let of = |item: &Item| match item {
            Item::Link(key) => canvas.scene.find_wire(key),
            _ => None,
        };
        canvas.selection.items().filter_map(of).chain(canvas.hovered.and_then(of)).collect()
    };
    // On a whole large chart wires are a grey mist; asking for them all would cost more than painting them.
    if canvas.scene.n_wires() > MOST_WIRES && Detail::at(canvas.camera.zoom) == Detail::Box {
        return important();
    }
    let wires = canvas.scene.wires_in(seen);
    if wires.len() > MOST_WIRES { important() } else { wires }
}

fn frames(canvas: &Canvas<'_>, seen: Rect) {
    let chart = canvas.scene.chart();
    let theme = canvas.theme;
    for (at, frame) in canvas.scene.frames().iter().enumerate() {
        if !frame.rect.intersects(seen) {
            continue;
        }
        let marked = canvas.is_marked(&Item::Frame(chart, at));
        let edge = if marked { theme.accent } else { theme.border };
        let rect = canvas.rect(frame.rect);
        canvas.painter.rect(
            rect,
            6.0,
            theme.inset.gamma_multiply(0.55),
            Stroke::new(if marked { 2.0 } else { 1.0 }, edge),
            egui::StrokeKind::Inside,
        );
        let corner = rect.min + vec2(10.0, 6.0) * canvas.camera.zoom;
        canvas.text(corner, Align2::LEFT_TOP, &frame.title, sizes::LABEL_TEXT, true, theme.dim);
    }
    for (at, note) in canvas.scene.notes().iter().enumerate() {
        if !note.rect.intersects(seen) {
            continue;
        }
        let rect = canvas.rect(note.rect);
        if canvas.is_marked(&Item::Note(chart, at)) {
            canvas.painter.rect_stroke(rect, 4.0, Stroke::new(1.5, theme.accent), egui::StrokeKind::Outside);
        }
        for (nth, line) in note.lines.iter().enumerate() {
            let corner = canvas.at(note.rect.min + vec2(8.0, 8.0 + 16.0 * nth as f32));
            canvas.text(corner, Align2::LEFT_TOP, line, sizes::LABEL_TEXT, false, theme.dim);
        }
    }
}

/// The whole chart from far: boxes and thin wires in one mesh.
fn boxes(canvas: &Canvas<'_>, seen: Rect, wires: &[WireSlot]) {
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
    let all = seen.contains_rect(canvas.scene.bounds());
    let mut add = |slot: BlockSlot| {
        let Some(block) = canvas.scene.block(slot) else { return };
        let item = super::item_of(&block.id);
        let rect = canvas.rect(block.rect);
        // A hair's breadth of ground between neighbours, and never nothing.
        let rect = Rect::from_min_size(rect.min, (rect.size() - vec2(0.5, 0.5)).max(vec2(1.0, 1.0)));
        let colour = if canvas.is_marked(&item) {
            theme.accent
        } else {
            match canvas.markers.get(&item) {
                Some(Severity::Error) => theme.bad,
                Some(Severity::Warning) => theme.warning,
                _ => theme.border,
            }
        };
        mesh.add_colored_rect(rect, colour);
    };
    if all {
        canvas.scene.blocks().for_each(|(slot, _)| add(slot));
    } else {
        canvas.scene.blocks_in(seen, Reach::Touching).into_iter().for_each(&mut add);
    }
    canvas.painter.add(Shape::mesh(mesh));
}
