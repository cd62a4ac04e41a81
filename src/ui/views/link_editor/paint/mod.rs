//! How a chart is painted: blocks, wires, tags, frames; in as much detail as its size on the screen allows.
//!
//! Only what is seen is looked at; texts are laid out at the size they are shown in, so they are never blurred.

mod block;
mod boxes;
mod coarse;
mod glyph;
mod live;
mod minimap;
mod text;
mod wire;

use std::cell::RefCell;

use ahash::{HashMap, HashSet};
use egui::{Align2, Color32, FontId, Painter, Pos2, Rect, Stroke, vec2};

pub use boxes::Boxes;
pub use glyph::glyph;
pub use minimap::minimap_ui;
pub use text::Texts;

use self::coarse::Coarse;
use crate::app::{Item, Selection};
use crate::check::Severity;
use crate::drawing::{BlockSlot, Reach, Scene, WireSlot, sizes};
use crate::model::{LinkKey, Plan};
use crate::ui::desktop::Online;
use crate::ui::theme::{Theme, semibold};
use crate::ui::views::camera::Camera;
use crate::ui::views::findings::worse;
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
#[derive(Default)]
pub struct Markers {
    /// Of links, which are many and are asked for by themselves.
    links: HashMap<LinkKey, Severity>,
    others: HashMap<Item, Severity>,
}

impl Markers {
    /// Takes all away.
    pub fn clear(&mut self) {
        self.links.clear();
        self.others.clear();
    }

    /// Marks a thing, unless something worse is marked there.
    pub fn mark(&mut self, item: Item, severity: Severity) {
        let worst = match item {
            Item::Link(key) => self.links.entry(key).or_insert(severity),
            item => self.others.entry(item).or_insert(severity),
        };
        *worst = worse(*worst, severity);
    }

    fn has_others(&self) -> bool {
        !self.others.is_empty()
    }

    fn of_link(&self, key: &LinkKey) -> Option<Severity> {
        if self.links.is_empty() { None } else { self.links.get(key).copied() }
    }

    /// The worst found about anything but a link.
    fn of(&self, item: &Item) -> Option<Severity> {
        if self.others.is_empty() { None } else { self.others.get(item).copied() }
    }
}

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
    /// What is marked for being selected or hovered elsewhere: the functions of a device, what a finding is about.
    pub related: &'a HashSet<Item>,
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
    /// Texts that were laid out before.
    pub texts: &'a RefCell<Texts>,
    /// All blocks, for a chart seen from afar.
    pub boxes: &'a Boxes,
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
        self.text_of(self.painter, at, align, text, size * self.camera.zoom, strong, colour)
    }

    /// Bold text that will be another one soon: it is not kept.
    fn passing_text(&self, at: Pos2, align: Align2, text: &str, size: f32, colour: Color32) {
        let half_points = (size * self.camera.zoom * 2.0).round();
        if half_points >= 8.0 {
            let font = FontId::new(half_points / 2.0, semibold());
            self.painter.text(at, align, text, font, colour);
        }
    }

    /// Text of a size in px.
    #[expect(clippy::too_many_arguments, reason = "what a text is made of")]
    fn text_of(
        &self,
        painter: &Painter,
        at: Pos2,
        align: Align2,
        text: &str,
        size: f32,
        strong: bool,
        colour: Color32,
    ) -> Rect {
        let half_points = (size * 2.0).round() as u16;
        if half_points < 8 {
            return Rect::from_min_size(at, vec2(0.0, 0.0));
        }
        let galley = self.texts.borrow_mut().get(painter, text, half_points, strong);
        let rect = align.anchor_size(at, galley.size());
        painter.galley(rect.min, galley, colour);
        rect
    }

    fn is_selected(&self, item: &Item) -> bool {
        self.selection.contains(item)
    }

    fn is_marked(&self, item: &Item) -> bool {
        self.is_selected(item) || self.hovered == Some(item) || self.related.contains(item)
    }

    /// Whether any port may look other than its type and state tell: asking for each costs time.
    fn minds_ports(&self) -> bool {
        self.markers.has_others() || !self.selection.is_empty() || self.hovered.is_some() || !self.related.is_empty()
    }
}

/// Paints the chart.
pub fn paint(canvas: &Canvas<'_>) {
    canvas.texts.borrow_mut().begin(canvas.painter);
    grid(canvas.painter, canvas.camera, canvas.view, sizes::GRID * 5.0, canvas.theme);
    let seen = canvas.camera.seen(canvas.view);
    frames(canvas, seen);
    let detail = Detail::at(canvas.camera.zoom);
    let wires = visible_wires(canvas, seen);
    if detail == Detail::Box {
        boxes::paint(canvas, seen, &wires);
        return;
    }
    let mut coarse = Coarse::of(canvas);
    wire::wires(canvas, &wires, detail, coarse.as_mut());
    let blocks = canvas.scene.blocks_in(seen.expand(8.0), Reach::Touching);
    for slot in &blocks {
        block::block(canvas, *slot, detail, coarse.as_mut());
    }
    // A tag may be seen while its block is not.
    if detail >= Detail::Ports {
        for slot in canvas.scene.tagged_in(seen) {
            block::tags(canvas, slot);
        }
    }
    wire::raised(canvas, &wires, detail, coarse.as_mut());
    if let Some(online) = canvas.online.filter(|_| detail == Detail::Full) {
        for slot in &blocks {
            live::values(canvas, online, *slot);
        }
    }
}

/// Whether wires are drawn at this zoom: on a whole large chart they are a grey mist, and asking for them all would cost more than
/// painting them.
pub fn draws_wires(scene: &Scene, zoom: f32) -> bool {
    scene.n_wires() <= MOST_WIRES || Detail::at(zoom) != Detail::Box
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
    if !draws_wires(canvas.scene, canvas.camera.zoom) {
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
