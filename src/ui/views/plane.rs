//! A canvas of boxes and lines to look at through a camera: what the network and the topology view share.

use egui::accesskit::{Action as NodeAction, Node, NodeId, Role};
use egui::{
    Align2, Color32, CornerRadius, FontFamily, FontId, Id, Key, Mesh, Painter, PointerButton, Pos2, Rect, Response,
    Stroke, StrokeKind, Ui, Vec2, pos2, vec2,
};

use super::camera::Camera;
use super::diagnostics::urgency_mark;
use super::findings::severity_mark;
use crate::app::live::Urgency;
use crate::app::{Item, Selection};
use crate::check::Severity;
use crate::ui::icon;
use crate::ui::lang::tr;
use crate::ui::pane::{self, Pane};
use crate::ui::theme::{BLOCK_RADIUS, Theme, semibold};

/// Distance of the points of the grid, canvas units.
const GRID: f32 = 40.0;
/// Nodes described to assistive programs; from farther away there are too many to be told apart.
const MOST_NODES: usize = 2_000;

/// Part of a canvas that is seen, and how it is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Sight {
    /// What part is seen, and how large.
    pub camera: Camera,
    /// Where on the screen.
    pub view: Rect,
    /// Everything is to be shown once the size of the view is known.
    pub fits: bool,
}

impl Default for Sight {
    fn default() -> Self {
        Self { camera: Camera::default(), view: Rect::NOTHING, fits: true }
    }
}

impl Sight {
    /// Takes the room for the canvas, the wheel, and pushing with the middle button or with Space.
    pub fn canvas(&mut self, ui: &mut Ui, bounds: Option<Rect>, pane: Pane) -> Response {
        let view = ui.available_rect_before_wrap();
        self.view = view;
        if self.fits
            && let Some(bounds) = bounds
        {
            self.camera.fit(view, bounds);
            self.fits = false;
        }
        let response = ui.allocate_rect(view, egui::Sense::click_and_drag());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Canvas, true, tr(pane.key())));
        if pane::takes_keyboard(ui.ctx(), pane) {
            response.request_focus();
        }
        self.camera.follow_wheel(ui, &response, view);
        let pushes = response.dragged_by(PointerButton::Middle)
            || (response.dragged() && ui.input(|input| input.key_down(Key::Space)));
        if pushes {
            ui.ctx().set_cursor_icon(egui::CursorIcon::Grabbing);
            self.camera.pan(response.drag_delta());
        }
        response
    }

    /// Brings a place into view when it is not.
    pub fn show(&mut self, rect: Rect) {
        if !self.camera.seen(self.view).contains_rect(rect) {
            self.camera.centre(self.view, rect.center());
        }
    }

    /// Zooms by a factor around the middle.
    pub fn zoom_by(&mut self, factor: f32) {
        self.camera.zoom_at(self.view, self.view.center(), factor);
    }

    /// Shows it at 100 %.
    pub fn actual_size(&mut self) {
        self.zoom_by(1.0 / self.camera.zoom);
    }
}

/// Whether keys are for this widget: it has the keyboard, and no list or dialog lies over it.
pub fn has_keyboard(ui: &Ui, widget: &Response) -> bool {
    let layer = ui.layer_id();
    if widget.gained_focus() {
        // Only from its second frame on a widget can keep arrow keys for itself.
        ui.ctx().request_repaint();
    }
    widget.has_focus() && !ui.ctx().any_popup_open() && ui.memory(|memory| memory.allows_interaction(layer))
}

/// A step with an arrow key.
pub fn arrow_pressed(ui: &Ui) -> Option<Vec2> {
    let ways = [
        (Key::ArrowLeft, vec2(-1.0, 0.0)),
        (Key::ArrowRight, vec2(1.0, 0.0)),
        (Key::ArrowUp, vec2(0.0, -1.0)),
        (Key::ArrowDown, vec2(0.0, 1.0)),
    ];
    ui.input_mut(|input| {
        ways.into_iter().find(|(key, _)| input.consume_key(egui::Modifiers::NONE, *key)).map(|(_, way)| way)
    })
}

/// The place that is next in a direction: near, and rather straight ahead than aside.
pub fn next_in<T>(from: Pos2, way: Vec2, places: impl Iterator<Item = (Pos2, T)>) -> Option<T> {
    let cost = |to: Pos2| {
        let by = to - from;
        let ahead = by.dot(way);
        (ahead > 1.0).then(|| ahead + 3.0 * by.dot(way.rot90()).abs())
    };
    let ahead = places.filter_map(|(at, what)| Some((cost(at)?, what)));
    ahead.min_by(|(one, _), (other, _)| one.total_cmp(other)).map(|(_, what)| what)
}

/// Paints points in the ground, `each` canvas units apart, or a multiple of that from afar.
pub fn grid(painter: &Painter, camera: Camera, view: Rect, mut each: f32, theme: &Theme) {
    while each * camera.zoom < 14.0 {
        each *= 4.0;
    }
    let seen = camera.seen(view);
    let mut mesh = Mesh::default();
    let mut y = (seen.min.y / each).floor() * each;
    while y <= seen.max.y {
        let mut x = (seen.min.x / each).floor() * each;
        while x <= seen.max.x {
            let point = Rect::from_center_size(camera.to_screen(view, pos2(x, y)), vec2(1.5, 1.5));
            mesh.add_colored_rect(point, theme.grid);
            x += each;
        }
        y += each;
    }
    painter.add(mesh);
}

/// What painting on a canvas needs.
pub struct Plane<'a> {
    /// Where to paint.
    pub painter: Painter,
    /// How it is looked at.
    pub sight: Sight,
    /// Looks.
    pub theme: &'a Theme,
}

/// How a box stands out.
#[derive(Debug, Clone, Copy, Default)]
pub struct Standing {
    /// It is selected, under the pointer, or belongs to what is.
    pub marked: bool,
    /// It is selected.
    pub selected: bool,
    /// It is what something that is being dragged would be dropped on.
    pub target: bool,
    /// The worst that was found about it.
    pub finding: Option<Severity>,
    /// On line: how the device does.
    pub urgency: Option<Urgency>,
}

impl<'a> Plane<'a> {
    /// For painting where a canvas was allocated.
    pub fn new(ui: &Ui, sight: Sight, theme: &'a Theme) -> Self {
        Self { painter: ui.painter_at(sight.view), sight, theme }
    }

    /// A place of the canvas on the screen.
    pub fn at(&self, at: Pos2) -> Pos2 {
        self.sight.camera.to_screen(self.sight.view, at)
    }

    /// A rectangle of the canvas on the screen.
    pub fn rect(&self, rect: Rect) -> Rect {
        self.sight.camera.rect_to_screen(self.sight.view, rect)
    }

    /// Screen pixels a canvas unit.
    pub fn zoom(&self) -> f32 {
        self.sight.camera.zoom
    }

    /// Whether a part of the canvas is seen.
    pub fn sees(&self, rect: Rect) -> bool {
        self.sight.camera.seen(self.sight.view).intersects(rect)
    }

    /// Whether texts can be read at this zoom.
    pub fn is_readable(&self) -> bool {
        self.zoom() >= 0.34
    }

    /// The points in the ground.
    pub fn grid(&self) {
        grid(&self.painter, self.sight.camera, self.sight.view, GRID, self.theme);
    }

    /// Text at the size it has at this zoom, cut off at the right end of a rectangle of the canvas.
    pub fn text_in(&self, room: Rect, at: Pos2, text: &str, size: f32, strong: bool, colour: Color32) {
        let painter = self.painter.with_clip_rect(self.painter.clip_rect().intersect(self.rect(room)));
        self.text_by(&painter, at, Align2::LEFT_CENTER, text, size, strong, colour);
    }

    /// Text at the size it has at this zoom.
    pub fn text(&self, at: Pos2, align: Align2, text: &str, size: f32, strong: bool, colour: Color32) -> Rect {
        self.text_by(&self.painter, at, align, text, size, strong, colour)
    }

    #[expect(clippy::too_many_arguments, reason = "what a text is made of")]
    fn text_by(
        &self,
        painter: &Painter,
        at: Pos2,
        align: Align2,
        text: &str,
        size: f32,
        strong: bool,
        colour: Color32,
    ) -> Rect {
        // On half points, so that few sizes are laid out.
        let size = (size * self.zoom() * 2.0).round() / 2.0;
        let at = self.at(at);
        if size < 4.0 {
            return Rect::from_min_size(at, Vec2::ZERO);
        }
        let family = if strong { semibold() } else { FontFamily::Proportional };
        painter.text(at, align, text, FontId::new(size, family), colour)
    }

    /// A line of the canvas.
    pub fn line(&self, from: Pos2, to: Pos2, stroke: Stroke) {
        self.painter.line_segment([self.at(from), self.at(to)], stroke);
    }

    /// The ground of a box with a head of this height, its border, and the mark of what was found about it.
    pub fn ground(&self, rect: Rect, head: f32, standing: Standing) {
        let (theme, zoom) = (self.theme, self.zoom());
        let on_screen = self.rect(rect);
        let radius = (BLOCK_RADIUS * zoom).clamp(0.0, 255.0) as u8;
        self.painter.rect_filled(on_screen, CornerRadius::same(radius), theme.block);
        let mut head_rect = on_screen;
        head_rect.set_height(head * zoom);
        let fill = if standing.selected { theme.accent_fill } else { theme.block_head };
        let upper = CornerRadius { nw: radius, ne: radius, sw: 0, se: 0 };
        self.painter.rect_filled(head_rect, upper, fill);
        let (width, colour) = match standing {
            Standing { target: true, .. } => (2.5, theme.accent),
            Standing { marked: true, .. } => (1.8, theme.accent),
            _ => (1.0, theme.border),
        };
        self.painter.rect_stroke(on_screen, radius, Stroke::new(width, colour), StrokeKind::Middle);
        let finding = standing.finding.map(|severity| severity_mark(severity, theme));
        // On line its state is what matters: what is wrong with the plan stands in the list of findings.
        let mark = standing.urgency.map(|urgency| urgency_mark(urgency, theme)).or(finding);
        if let Some((mark, colour)) = mark {
            let at = pos2(on_screen.max.x - 12.0 * zoom, head_rect.center().y);
            let font = icon::font((13.0 * zoom).max(9.0));
            self.painter.text(at, Align2::CENTER_CENTER, char::from(mark), font, colour);
        }
    }

    /// What an empty canvas says.
    pub fn hint(&self, text: &str) {
        let at = self.sight.view.center();
        self.painter.text(at, Align2::CENTER_CENTER, text, FontId::proportional(14.0), self.theme.dim);
    }
}

/// What assistive programs are told of a canvas, and what they click on it. Costs nothing while nobody listens.
pub struct Description<'a> {
    ui: &'a Ui,
    parent: Id,
    left: usize,
    /// Nodes that are clicked in this frame.
    requested: Vec<NodeId>,
    clicked: Option<Item>,
}

impl<'a> Description<'a> {
    /// `None` while nobody listens.
    pub fn of(ui: &'a Ui) -> Option<Self> {
        let parent = ui.unique_id();
        ui.ctx().accesskit_node_builder(parent, |_| ())?;
        let click = |event: &egui::Event| match event {
            egui::Event::AccessKitActionRequest(request) if request.action == NodeAction::Click => {
                Some(request.target_node)
            }
            _ => None,
        };
        let requested = ui.input(|input| input.events.iter().filter_map(click).collect());
        Some(Self { ui, parent, left: MOST_NODES, requested, clicked: None })
    }

    /// A thing with a name, at a place of the screen; one that stands for an item can be clicked.
    pub fn add(
        &mut self,
        key: impl std::hash::Hash + std::fmt::Debug,
        role: Role,
        rect: Rect,
        label: String,
        item: Option<Item>,
        selection: &Selection,
    ) {
        if self.left == 0 || !self.ui.clip_rect().intersects(rect) {
            return;
        }
        self.left -= 1;
        let id = self.parent.with(key);
        self.ui.ctx().accesskit_node_builder(id, |node: &mut Node| {
            node.set_role(role);
            node.set_label(label);
            let (min, max) = (rect.min, rect.max);
            let (x0, y0, x1, y1) = (min.x.into(), min.y.into(), max.x.into(), max.y.into());
            node.set_bounds(egui::accesskit::Rect { x0, y0, x1, y1 });
            node.set_selected(item.as_ref().is_some_and(|item| selection.contains(item)));
            if item.is_some() {
                node.add_action(NodeAction::Click);
            }
        });
        if self.requested.contains(&id.accesskit_id()) {
            self.clicked = item;
        }
    }

    /// What was clicked in this frame; nothing more is told then.
    pub fn clicked(self) -> Option<Item> {
        self.clicked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arrow_leads_to_what_is_ahead() {
        let places = [pos2(100.0, 0.0), pos2(40.0, 80.0), pos2(-10.0, 0.0), pos2(0.0, 50.0)];
        let next = |way: Vec2| next_in(Pos2::ZERO, way, places.iter().map(|at| (*at, *at)));
        assert_eq!(next(vec2(1.0, 0.0)), Some(pos2(100.0, 0.0)));
        assert_eq!(next(vec2(0.0, 1.0)), Some(pos2(0.0, 50.0)));
        assert_eq!(next(vec2(-1.0, 0.0)), Some(pos2(-10.0, 0.0)));
        assert_eq!(next(vec2(0.0, -1.0)), None);
    }
}
