//! What hands do on the chart. A gesture previews in here and becomes one edit when it ends.

use std::cell::RefCell;
use std::collections::HashMap;

use egui::{Color32, Key, PointerButton, Pos2, Rect, Response, Stroke, StrokeKind, Ui, Vec2, vec2};

use super::drop::on_grid;
use super::paint::Canvas;
use super::place::{Guide, snapped};
use super::{LinkEditor, item_of, lists, offers};
use crate::app::{Command, Item, Selection, Workspace, port_label};
use crate::drawing::{BlockId, BlockSlot, End, Hit, Reach, Scene, Side, WireEnd};
use crate::edit::Edit;
use crate::model::{Link, LinkKey, Point, PortRef};
use crate::ui::action::{Action, Scope, Tone};
use crate::ui::dialogs::Question;
use crate::ui::lang::{said, tr};
use crate::ui::views::plane::has_keyboard;

/// How far from a port or wire the pointer may be, px.
const TOLERANCE: f32 = 5.0;

/// What is being done with the pointer.
#[derive(Debug, Clone, Default)]
pub enum Gesture {
    /// Nothing.
    #[default]
    None,
    /// The chart is pushed about.
    Pan,
    /// A box is drawn around blocks: from left to right takes what is inside, from right to left what it touches.
    Box {
        /// Where it began, and where it is, on the canvas.
        from: Pos2,
        /// See `from`.
        to: Pos2,
    },
    /// Blocks, frames and notes are moved.
    Move(Moving),
    /// A link is drawn from a port, or from several outputs at once.
    Link {
        /// The ports it is drawn from; the first is the one pressed on.
        from: Vec<PortRef>,
        /// Where that stands on its block.
        side: Side,
        /// Where that stands on the canvas.
        at: Pos2,
        /// Drawn with clicks, not with the button held.
        by_click: bool,
    },
    /// An end of a link is taken elsewhere.
    Replug {
        /// The link.
        key: LinkKey,
        /// The port at the end that stays.
        fixed: PortRef,
        /// Where that stands on its block.
        side: Side,
        /// And on the canvas.
        at: Pos2,
    },
    /// Edges of a frame are moved.
    Resize {
        /// Its number.
        frame: usize,
        /// The edges, as `-1` for the left or upper one, `1` for the right or lower one.
        edges: Vec2,
        /// Where it stands as it is now.
        rect: Rect,
    },
    /// A segment of a wire is moved by hand.
    Bend {
        /// The link.
        key: LinkKey,
        /// Number of the segment.
        segment: usize,
        /// Corners of the wire as they are now.
        points: Vec<Pos2>,
    },
}

/// Things that are moved together.
#[derive(Debug, Clone, Default)]
pub struct Moving {
    /// Blocks.
    pub blocks: Vec<BlockId>,
    /// Numbers of frames.
    pub frames: Vec<usize>,
    /// Numbers of notes.
    pub notes: Vec<usize>,
    /// Where it began, on the canvas.
    pub start: Pos2,
    /// By how much, snapped.
    pub by: Vec2,
    /// Edges that meet those of other blocks.
    pub guides: Vec<Guide>,
}

impl Gesture {
    /// The plan was changed under the hands: what was begun may not be there any longer.
    pub fn plan_changed(&mut self) {
        if !matches!(self, Self::Pan) {
            *self = Self::None;
        }
    }

    /// The port a link is drawn from, where it stands, and the link whose end is taken elsewhere.
    fn linking(&self) -> Option<(&PortRef, Side, Option<&LinkKey>)> {
        match self {
            Self::Link { from, side, .. } => Some((from.first()?, *side, None)),
            Self::Replug { key, fixed, side, .. } => Some((fixed, *side, Some(key))),
            _ => None,
        }
    }

    /// While a link is drawn: which ports can take it.
    pub fn fits<'a>(
        &'a self,
        scene: &'a Scene,
        workspace: &'a Workspace,
    ) -> Option<impl Fn(BlockSlot, u16) -> bool + 'a> {
        let (port, side, replugged) = self.linking()?;
        let known: RefCell<HashMap<(BlockSlot, u16), bool>> = RefCell::default();
        Some(move |slot: BlockSlot, index: u16| {
            *known.borrow_mut().entry((slot, index)).or_insert_with(|| {
                let Some(other) = other_port(scene, slot, index, side) else { return false };
                other != *port && offers::refusal(workspace, port, side, &other, replugged).is_none()
            })
        })
    }

    /// Paints what the gesture shows.
    pub fn paint(&self, canvas: &Canvas<'_>, ui: &Ui) {
        let theme = canvas.theme;
        match self {
            Self::Box { from, to } => {
                let rect = canvas.rect(Rect::from_two_pos(*from, *to));
                let touching = to.x < from.x;
                let fill = theme.accent.gamma_multiply(0.08);
                canvas.painter.rect_filled(rect, 0.0, fill);
                if touching {
                    let corners =
                        [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom(), rect.left_top()];
                    let dashes = egui::Shape::dashed_line(&corners, Stroke::new(1.0, theme.accent), 5.0, 4.0);
                    canvas.painter.extend(dashes);
                } else {
                    canvas.painter.rect_stroke(rect, 0.0, Stroke::new(1.0, theme.accent), StrokeKind::Inside);
                }
            }
            Self::Move(moving) => {
                for guide in &moving.guides {
                    let (from, to) = guide.line;
                    canvas.painter.line_segment([canvas.at(from), canvas.at(to)], Stroke::new(1.0, theme.accent));
                }
            }
            Self::Link { side, at, .. } | Self::Replug { side, at, .. } => {
                if let Some(pointer) = ui.ctx().pointer_hover_pos() {
                    rubber(canvas, *at, *side, pointer, theme.accent);
                }
            }
            Self::Bend { points, .. } => {
                let points = points.iter().map(|point| canvas.at(*point)).collect();
                canvas.painter.line(points, Stroke::new(2.0, theme.accent));
            }
            Self::Resize { rect, .. } => {
                let stroke = Stroke::new(2.0, theme.accent);
                canvas.painter.rect_stroke(canvas.rect(*rect), 6.0, stroke, StrokeKind::Inside);
            }
            Self::None | Self::Pan => {}
        }
    }
}

/// Least width and height of a frame, canvas units.
const LEAST_FRAME: Vec2 = vec2(64.0, 40.0);

/// The edges of a rectangle that a place lies on: `-1` for the left or upper one, `1` for the right or lower one, `0` for none.
fn edges_at(rect: Rect, at: Pos2, tolerance: f32) -> Vec2 {
    let edge = |at: f32, min: f32, max: f32| {
        if (at - max).abs() <= tolerance {
            1.0
        } else if (at - min).abs() <= tolerance {
            -1.0
        } else {
            0.0
        }
    };
    vec2(edge(at.x, rect.min.x, rect.max.x), edge(at.y, rect.min.y, rect.max.y))
}

/// A rectangle with these edges moved to a place, on the grid.
fn with_edges(mut rect: Rect, edges: Vec2, at: Pos2) -> Rect {
    let at = on_grid(at);
    if edges.x > 0.0 {
        rect.max.x = at.x.max(rect.min.x + LEAST_FRAME.x);
    } else if edges.x < 0.0 {
        rect.min.x = at.x.min(rect.max.x - LEAST_FRAME.x);
    }
    if edges.y > 0.0 {
        rect.max.y = at.y.max(rect.min.y + LEAST_FRAME.y);
    } else if edges.y < 0.0 {
        rect.min.y = at.y.min(rect.max.y - LEAST_FRAME.y);
    }
    rect
}

/// The line from a port to the pointer, in steps like a wire.
fn rubber(canvas: &Canvas<'_>, at: Pos2, side: Side, pointer: Pos2, colour: Color32) {
    let from = canvas.at(at);
    let away = if side == Side::Right { 1.0 } else { -1.0 };
    let middle = from.x + ((pointer.x - from.x) / 2.0 * away).max(16.0) * away;
    let points = vec![from, egui::pos2(middle, from.y), egui::pos2(middle, pointer.y), pointer];
    canvas.painter.line(points, Stroke::new(2.0, colour));
    canvas.painter.circle_filled(pointer, 3.0, colour);
}

/// The port of the plan at a port of a block, if a link from `side` may end there.
fn other_port(scene: &Scene, slot: BlockSlot, index: u16, side: Side) -> Option<PortRef> {
    let block = scene.block(slot)?;
    let port = block.port(index)?;
    (port.side != side).then(|| block.port_ref(index)).flatten()
}

/// The item under the pointer.
fn item_at(scene: &Scene, hit: Hit) -> Option<Item> {
    let chart = scene.chart();
    Some(match hit {
        Hit::Port { block, port } => Item::Port(scene.block(block)?.port_ref(port)?),
        Hit::Constant { block, port } => Item::Constant(scene.block(block)?.port_ref(port)?),
        Hit::Arrow { block, port } => Item::Link(scene.arrow(block, port)?.targets.first()?.key.clone()),
        Hit::WireEnd { wire, .. } | Hit::Wire { wire, .. } => Item::Link(scene.wire(wire)?.key.clone()),
        Hit::Fold(block) | Hit::BlockHead(block) | Hit::Block(block) => item_of(&scene.block(block)?.id),
        Hit::Note(at) => Item::Note(chart, at),
        Hit::Frame(at) => Item::Frame(chart, at),
    })
}

impl LinkEditor {
    /// Takes mouse and keys.
    pub(super) fn interact(&mut self, ui: &mut Ui, response: &Response, scope: &mut Scope<'_>) {
        let view = self.view;
        self.camera_mut().follow_wheel(ui, response, view);
        let pointer = response.hover_pos().or_else(|| response.interact_pointer_pos());
        let Some(at) = pointer.map(|pointer| self.camera().to_canvas(self.view, pointer)) else {
            self.keys(ui, response, scope);
            return;
        };
        self.pointer = at;
        let hit = self.pick(at);
        self.point_at(ui, response, hit, scope);
        if response.drag_started_by(PointerButton::Primary) {
            response.request_focus();
            let origin = ui.input(|input| input.pointer.press_origin()).unwrap_or_default();
            // A slow frame can see a press beside the chart only when the pointer is over it already.
            if !self.view.contains(origin) {
                return;
            }
            self.begin(ui, self.camera().to_canvas(self.view, origin), scope);
        } else if response.drag_started_by(PointerButton::Middle) {
            self.gesture = Gesture::Pan;
        }
        if response.dragged() {
            self.drag(ui, response, at);
        }
        if response.drag_stopped() {
            self.finish(hit, scope);
        }
        if response.double_clicked() {
            self.double_click(at, hit, scope);
        } else if response.clicked() {
            response.request_focus();
            self.click(ui, hit, scope);
        }
        if response.secondary_clicked() {
            scope.select_for_menu(self.scene.as_ref().zip(hit).and_then(|(scene, hit)| item_at(scene, hit)));
        }
        self.keys(ui, response, scope);
    }

    fn pick(&self, at: Pos2) -> Option<Hit> {
        self.scene.as_ref()?.pick(at, TOLERANCE / self.camera().zoom)
    }

    /// Marks what is under the pointer, and says what it is or why it does not fit.
    fn point_at(&mut self, ui: &Ui, response: &Response, hit: Option<Hit>, scope: &mut Scope<'_>) {
        let Some(scene) = self.scene.as_ref().filter(|_| response.hovered() || response.dragged()) else { return };
        let item = hit.and_then(|hit| item_at(scene, hit));
        if let Some((port, side, replugged)) = self.gesture.linking() {
            ui.ctx().set_cursor_icon(egui::CursorIcon::Crosshair);
            if let Some(Hit::Port { block, port: index }) = hit {
                let plan = scope.plan();
                let text = match other_port(scene, block, index, side) {
                    Some(other) if other == *port => None,
                    Some(other) => Some(match offers::refusal(scope.workspace, port, side, &other, replugged) {
                        Some(why) => (said(&why), scope.theme.bad),
                        None => {
                            let (provider, consumer) = offers::in_order(port, side, &other);
                            let text = format!("{} → {}", port_label(plan, &provider), port_label(plan, &consumer));
                            (text, scope.theme.text)
                        }
                    }),
                    None => Some((tr("editor.same_direction").to_owned(), scope.theme.bad)),
                };
                if let Some((text, colour)) = text {
                    lists::note_at_pointer(ui.ctx(), &text, colour);
                }
            }
        } else if let Some(hit) = hit.filter(|_| matches!(self.gesture, Gesture::None)) {
            ui.ctx().set_cursor_icon(match hit {
                Hit::Port { .. } => egui::CursorIcon::Crosshair,
                Hit::WireEnd { .. } => egui::CursorIcon::Grab,
                Hit::Arrow { .. } | Hit::Fold(_) | Hit::Constant { .. } => egui::CursorIcon::PointingHand,
                Hit::Frame(frame) => self.frame_cursor(frame),
                _ => egui::CursorIcon::Default,
            });
            if let Some(text) = item.as_ref().and_then(|item| super::menu::hover_text(scope, scene, hit, item)) {
                response.clone().on_hover_text_at_pointer(text);
            }
        }
        if let Some(item) = item {
            scope.actions.push(Action::Hover(item));
        }
    }

    /// The button was pressed here and is being dragged.
    fn begin(&mut self, ui: &Ui, at: Pos2, scope: &mut Scope<'_>) {
        let Some(scene) = &self.scene else { return };
        if ui.input(|input| input.key_down(Key::Space)) {
            self.gesture = Gesture::Pan;
            return;
        }
        let selection = &scope.workspace.selection;
        self.gesture = match self.pick(at) {
            Some(Hit::Port { block, port }) => begin_link(scene, block, port, selection, false).unwrap_or_default(),
            Some(Hit::WireEnd { wire, end }) => begin_replug(scene, wire, end).unwrap_or_default(),
            Some(Hit::Wire { wire, segment }) => {
                let Some(wire) = scene.wire(wire) else { return };
                scope.actions.push(Action::Select(Selection::only(Item::Link(wire.key.clone()))));
                let segment = usize::from(segment);
                // The first and the last segment are held by their ports.
                if segment == 0 || segment + 2 >= wire.points.len() {
                    Gesture::None
                } else {
                    Gesture::Bend { key: wire.key.clone(), segment, points: wire.points.to_vec() }
                }
            }
            Some(Hit::Frame(frame)) if self.edges_of(frame, at) != Vec2::ZERO => {
                let Some(rect) = scene.frames().get(frame).map(|area| area.rect) else { return };
                scope.actions.push(Action::Select(Selection::only(Item::Frame(scene.chart(), frame))));
                Gesture::Resize { frame, edges: self.edges_of(frame, at), rect }
            }
            Some(hit @ (Hit::BlockHead(_) | Hit::Block(_) | Hit::Fold(_) | Hit::Frame(_) | Hit::Note(_))) => {
                let Some(item) = item_at(scene, hit) else { return };
                let selection = if selection.contains(&item) { selection.clone() } else { Selection::only(item) };
                if selection != scope.workspace.selection {
                    scope.actions.push(Action::Select(selection.clone()));
                }
                Gesture::Move(moving(scene, &selection, at))
            }
            Some(Hit::Constant { .. } | Hit::Arrow { .. }) => Gesture::None,
            None => Gesture::Box { from: at, to: at },
        };
    }

    fn drag(&mut self, ui: &Ui, response: &Response, at: Pos2) {
        let view = self.view;
        if let Gesture::Pan = self.gesture {
            ui.ctx().set_cursor_icon(egui::CursorIcon::Grabbing);
            self.camera_mut().pan(response.drag_delta());
            return;
        }
        self.push_at_edge(ui, view);
        let Some(scene) = &mut self.scene else { return };
        match &mut self.gesture {
            Gesture::Box { to, .. } => *to = at,
            Gesture::Move(moving) => {
                let free = ui.input(|input| input.modifiers.alt);
                let by = at - moving.start;
                (moving.by, moving.guides) = if free { (by.round(), Vec::new()) } else { snapped(scene, moving, by) };
                scene.preview_move(&moving.blocks, moving.by);
                self.boxes.forget();
            }
            Gesture::Bend { segment, points, .. } => bend(points, *segment, at),
            Gesture::Resize { edges, rect, .. } => *rect = with_edges(*rect, *edges, at),
            _ => {}
        }
    }

    /// Near the edge of the view, dragging pushes the chart on.
    fn push_at_edge(&mut self, ui: &Ui, view: Rect) {
        let Some(pointer) = ui.ctx().pointer_latest_pos() else { return };
        if matches!(self.gesture, Gesture::None) || view.shrink(20.0).contains(pointer) {
            return;
        }
        let inside = view.shrink(20.0).clamp(pointer);
        let by = (inside - pointer) * 0.25;
        self.camera_mut().pan(by.clamp(Vec2::splat(-24.0), Vec2::splat(24.0)));
        ui.ctx().request_repaint();
    }

    /// The button was released: the gesture becomes an edit.
    fn finish(&mut self, hit: Option<Hit>, scope: &mut Scope<'_>) {
        let Some(scene) = &mut self.scene else { return };
        match std::mem::take(&mut self.gesture) {
            Gesture::Box { from, to } => {
                let reach = if to.x < from.x { Reach::Touching } else { Reach::Inside };
                let blocks = scene.blocks_in(Rect::from_two_pos(from, to), reach);
                let items = blocks.into_iter().filter_map(|slot| Some(item_of(&scene.block(slot)?.id)));
                scope.actions.push(Action::Select(Selection::of(items)));
            }
            Gesture::Move(moving) => {
                scene.end_preview();
                self.boxes.forget();
                if moving.by != Vec2::ZERO {
                    let edits = super::place::move_edits(scope.workspace.plan(), scene, &moving);
                    scope.actions.edit_all(tr("told.move"), edits);
                }
            }
            gesture @ (Gesture::Link { .. } | Gesture::Replug { .. }) => self.end_link(gesture, hit, scope),
            Gesture::Bend { key, points, .. } => {
                if let Some(link) = scope.workspace.plan().links().get(&key) {
                    let inner = points.get(1..points.len().saturating_sub(1)).unwrap_or_default();
                    let bends = inner.iter().map(|bend| Point { x: bend.x, y: bend.y }).collect();
                    let properties = Box::new(Link { bends, ..(**link).clone() });
                    scope.actions.edit(Edit::SetLink { key, properties });
                }
            }
            Gesture::Resize { frame, rect, .. } => {
                let is_changed = scene.frames().get(frame).is_some_and(|area| area.rect != rect);
                let edit = super::place::resize_frame(scope.workspace.plan(), scene.chart(), frame, rect);
                if let Some(edit) = edit.filter(|_| is_changed) {
                    scope.actions.edit(edit);
                }
            }
            Gesture::None | Gesture::Pan => {}
        }
    }

    /// The edges of a frame that a place lies on, see [`edges_at`].
    fn edges_of(&self, frame: usize, at: Pos2) -> Vec2 {
        let rect = self.scene.as_ref().and_then(|scene| scene.frames().get(frame)).map(|area| area.rect);
        rect.map_or(Vec2::ZERO, |rect| edges_at(rect, at, TOLERANCE / self.camera().zoom))
    }

    /// How the pointer looks over a frame: its edges are moved by it, its title moves all of it.
    fn frame_cursor(&self, frame: usize) -> egui::CursorIcon {
        let edges = self.edges_of(frame, self.pointer);
        match (edges.x != 0.0, edges.y != 0.0) {
            (true, true) if edges.x == edges.y => egui::CursorIcon::ResizeNwSe,
            (true, true) => egui::CursorIcon::ResizeNeSw,
            (true, false) => egui::CursorIcon::ResizeHorizontal,
            (false, true) => egui::CursorIcon::ResizeVertical,
            (false, false) => egui::CursorIcon::Default,
        }
    }

    /// A link was dropped: on a port it is drawn, on a block its ports are offered.
    fn end_link(&mut self, gesture: Gesture, hit: Option<Hit>, scope: &mut Scope<'_>) {
        let Some(scene) = &self.scene else { return };
        let Some((port, side, replugged)) = gesture.linking() else { return };
        match hit {
            Some(Hit::Port { block, port: index }) => {
                let Some(other) = other_port(scene, block, index, side).filter(|other| other != port) else { return };
                if let Some(why) = offers::refusal(scope.workspace, port, side, &other, replugged) {
                    return scope.actions.push(Action::Tell(Tone::Warning, said(&why)));
                }
                let (provider, consumer) = offers::in_order(port, side, &other);
                let drawn = LinkKey::to(consumer.clone());
                scope.actions.edit(match replugged {
                    Some(key) => Edit::Replug { key: key.clone(), provider, consumer },
                    None => Edit::Link { provider, consumer },
                });
                scope.actions.push(Action::Select(Selection::only(Item::Link(drawn))));
            }
            Some(Hit::BlockHead(slot) | Hit::Block(slot) | Hit::Fold(slot)) => {
                let Some(BlockId::Function(function)) = scene.block(slot).map(|block| &block.id) else { return };
                if replugged.is_some() {
                    return;
                }
                let Gesture::Link { from, .. } = &gesture else { return };
                self.list = Some(if from.len() > 1 {
                    lists::LinkList::by_name(offers::by_name(scope.workspace, from, function))
                } else {
                    lists::LinkList::of_one(offers::of_function(scope.workspace, port, side, function))
                });
            }
            // An end dropped on nothing is taken out.
            None => {
                if let Some(key) = replugged {
                    scope.actions.edit(Edit::Unlink(key.clone()));
                }
            }
            _ => {}
        }
    }

    fn click(&mut self, ui: &Ui, hit: Option<Hit>, scope: &mut Scope<'_>) {
        let toggles = ui.input(|input| input.modifiers.command || input.modifiers.shift);
        if let Gesture::Link { by_click: true, .. } = &self.gesture {
            let gesture = std::mem::take(&mut self.gesture);
            let same = matches!(hit, Some(Hit::Port { .. })) && {
                let item = self.scene.as_ref().zip(hit).and_then(|(scene, hit)| item_at(scene, hit));
                matches!((item, &gesture), (Some(Item::Port(port)), Gesture::Link { from, .. }) if from.contains(&port))
            };
            // With Ctrl or Shift more is selected, not linked.
            if hit.is_some() && !same && !toggles {
                return self.end_link(gesture, hit, scope);
            }
        }
        let Some(scene) = &mut self.scene else { return };
        match hit {
            Some(Hit::Fold(slot)) => {
                if let Some(block) = scene.block(slot) {
                    let (id, unfolded) = (block.id.clone(), block.is_unfolded());
                    scene.set_unfolded(scope.workspace.plan(), &id, !unfolded);
                    self.boxes.forget();
                }
            }
            Some(Hit::Arrow { block, port }) => {
                let Some(arrow) = scene.arrow(block, port) else { return };
                match arrow.targets.as_slice() {
                    [target] => scope.actions.push(Action::Reveal(Item::Port(target.port.clone()))),
                    targets => {
                        let ports = targets.iter().map(|target| target.port.clone());
                        self.jumps = Some(lists::Jumps::new(scope.workspace.plan(), ports));
                    }
                }
            }
            Some(hit) => {
                let Some(item) = item_at(scene, hit) else { return };
                scope.click(Some(item), toggles);
                if let (Hit::Port { block, port }, false) = (hit, toggles) {
                    let only = Selection::default();
                    self.gesture = begin_link(scene, block, port, &only, true).unwrap_or_default();
                }
            }
            None => scope.click(None, toggles),
        }
    }

    fn double_click(&mut self, at: Pos2, hit: Option<Hit>, scope: &mut Scope<'_>) {
        self.gesture = Gesture::None;
        let Some(scene) = &self.scene else { return };
        match hit {
            Some(Hit::BlockHead(slot) | Hit::Block(slot)) => match scene.block(slot).map(|block| &block.id) {
                Some(BlockId::Chart(chart)) => scope.actions.push(Action::OpenChart(*chart)),
                Some(BlockId::Function(function)) => {
                    scope.actions.push(Action::Ask(Question::Rename(Item::Function(function.clone()))));
                }
                None => {}
            },
            Some(hit @ (Hit::Constant { .. } | Hit::Port { .. })) => {
                if let Some(Item::Constant(port) | Item::Port(port)) = item_at(scene, hit) {
                    scope.actions.push(Action::Select(Selection::only(Item::Port(port))));
                    // On line a value is written, off line it is planned.
                    let online = scope.online.is_some();
                    scope.actions.run(if online { Command::WriteValue } else { Command::SetConstant });
                }
            }
            Some(hit @ (Hit::Note(_) | Hit::Frame(_))) => {
                if let Some(item) = item_at(scene, hit) {
                    scope.actions.push(Action::Ask(Question::Rename(item)));
                }
            }
            None => self.add = Some(lists::QuickAdd::new(at)),
            _ => {}
        }
    }

    /// Arrow keys walk along wires, with Ctrl they move what is selected; Space opens the box to add, unless the chart was pushed with it.
    fn keys(&mut self, ui: &Ui, response: &Response, scope: &mut Scope<'_>) {
        let free = ui.memory(|memory| memory.focused().is_none_or(|focused| focused == response.id));
        if !free || self.lists() || ui.ctx().any_popup_open() {
            return;
        }
        if response.has_focus() {
            let filter = egui::EventFilter { tab: false, horizontal_arrows: true, vertical_arrows: true, escape: true };
            ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
            self.own_keys(ui, response, scope);
        }
        let space_up = ui.input(|input| {
            input.events.iter().any(|event| {
                matches!(event, egui::Event::Key { key: Key::Space, pressed: false, modifiers, .. } if modifiers.is_none())
            })
        });
        if space_up && !matches!(self.gesture, Gesture::Pan) && !ui.input(|input| input.pointer.any_down()) {
            scope.actions.run(Command::QuickAdd);
        }
        if ui.input(|input| input.key_pressed(Key::Escape)) {
            self.gesture = Gesture::None;
            if let Some(scene) = &mut self.scene {
                scene.end_preview();
                self.boxes.forget();
            }
        }
        for (key, way) in [
            (Key::ArrowLeft, vec2(-1.0, 0.0)),
            (Key::ArrowRight, vec2(1.0, 0.0)),
            (Key::ArrowUp, vec2(0.0, -1.0)),
            (Key::ArrowDown, vec2(0.0, 1.0)),
        ] {
            let (moves, walks) = ui.input_mut(|input| {
                let moves = input.consume_key(egui::Modifiers::COMMAND, key);
                (moves, !moves && input.consume_key(egui::Modifiers::NONE, key))
            });
            let Some(scene) = &self.scene else { continue };
            if moves {
                let mut moving = moving(scene, &scope.workspace.selection, Pos2::ZERO);
                moving.by = way * 20.0;
                let edits = super::place::move_edits(scope.workspace.plan(), scene, &moving);
                scope.actions.edit_all(tr("told.move"), edits);
            } else if walks && let Some(item) = super::walk::step(scene, scope.workspace.selection.lead(), way) {
                self.aim = Some(super::Aim::Item(item.clone()));
                scope.actions.push(Action::Select(Selection::only(item)));
            }
        }
    }
}

impl LinkEditor {
    /// Keys that commands leave to whatever has the focus: here they are the commands' again.
    fn own_keys(&self, ui: &Ui, response: &Response, scope: &mut Scope<'_>) {
        if !has_keyboard(ui, response) {
            return;
        }
        let pressed = |key| ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, key));
        for (key, command) in
            [(Key::Delete, Command::Delete), (Key::Backspace, Command::GoUp), (Key::Enter, Command::GoIn)]
        {
            if pressed(key) {
                scope.actions.run(command);
            }
        }
        // Escape first ends what is being done, then takes the selection back.
        if matches!(self.gesture, Gesture::None) && pressed(Key::Escape) {
            scope.actions.run(Command::SelectNone);
        }
    }
}

/// A link begins at a port; from all selected outputs when it is one of them.
fn begin_link(scene: &Scene, slot: BlockSlot, index: u16, selection: &Selection, by_click: bool) -> Option<Gesture> {
    let block = scene.block(slot)?;
    let port = block.port(index)?;
    let pressed = block.port_ref(index)?;
    if port.hmi || port.missing {
        return None;
    }
    let mut from = vec![pressed.clone()];
    if port.side == Side::Right && selection.contains(&Item::Port(pressed.clone())) {
        from.extend(selection.items().filter_map(|item| match item {
            Item::Port(other) if *other != pressed && scene.find_port(other, Side::Right).is_some() => {
                Some(other.clone())
            }
            _ => None,
        }));
    }
    Some(Gesture::Link { from, side: port.side, at: port.at, by_click })
}

/// The end of a wire is taken off its port; the other end stays.
fn begin_replug(scene: &Scene, wire: crate::drawing::WireSlot, end: WireEnd) -> Option<Gesture> {
    let wire = scene.wire(wire)?;
    let (stays, side, fixed) = match end {
        WireEnd::From => (wire.to, Side::Left, wire.key.consumer.clone()),
        WireEnd::To => (wire.from, Side::Right, wire.provider.clone()),
    };
    let End::Port { block, port } = stays else { return None };
    let at = scene.block(block)?.port(port)?.at;
    Some(Gesture::Replug { key: wire.key.clone(), fixed, side, at })
}

/// What moves when the selection is moved. A frame takes the blocks inside along.
pub(super) fn moving(scene: &Scene, selection: &Selection, start: Pos2) -> Moving {
    let mut moving = Moving { start, ..Moving::default() };
    for item in selection.items() {
        match item {
            Item::Function(function) => moving.blocks.push(BlockId::Function(function.clone())),
            Item::Chart(chart) => moving.blocks.push(BlockId::Chart(*chart)),
            Item::Instance(name) => moving.blocks.extend(scene.blocks().filter_map(|(_, block)| match &block.id {
                BlockId::Function(function) if function.instance == *name => Some(block.id.clone()),
                _ => None,
            })),
            Item::Note(chart, at) if *chart == scene.chart() => moving.notes.push(*at),
            Item::Frame(chart, at) if *chart == scene.chart() => {
                moving.frames.push(*at);
                if let Some(frame) = scene.frames().get(*at) {
                    let inside = scene.blocks_in(frame.rect, Reach::Inside);
                    moving.blocks.extend(inside.into_iter().filter_map(|slot| Some(scene.block(slot)?.id.clone())));
                }
            }
            _ => {}
        }
    }
    moving.blocks.retain(|id| scene.find_block(id).is_some());
    moving.blocks.sort();
    moving.blocks.dedup();
    moving
}

/// Moves a segment to where the pointer is; its neighbours become longer or shorter.
fn bend(points: &mut [Pos2], segment: usize, at: Pos2) {
    let (Some(from), Some(to)) = (points.get(segment).copied(), points.get(segment + 1).copied()) else { return };
    let snapped = (at.to_vec2() / 4.0).round() * 4.0;
    let horizontal = (from.y - to.y).abs() < (from.x - to.x).abs();
    for point in &mut points[segment..=segment + 1] {
        if horizontal {
            point.y = snapped.y;
        } else {
            point.x = snapped.x;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_are_found_and_moved_but_never_past_each_other() {
        let rect = Rect::from_min_max(Pos2::ZERO, egui::pos2(200.0, 100.0));
        assert_eq!(edges_at(rect, egui::pos2(198.0, 50.0), 5.0), vec2(1.0, 0.0));
        assert_eq!(edges_at(rect, egui::pos2(2.0, 98.0), 5.0), vec2(-1.0, 1.0));
        assert_eq!(edges_at(rect, egui::pos2(100.0, 50.0), 5.0), Vec2::ZERO);
        let moved = |edges, at| with_edges(rect, edges, at);
        assert_eq!(
            moved(vec2(1.0, 0.0), egui::pos2(243.0, 7.0)),
            Rect::from_min_max(rect.min, egui::pos2(240.0, 100.0))
        );
        assert_eq!(moved(vec2(-1.0, 1.0), egui::pos2(900.0, -900.0)).size(), LEAST_FRAME);
    }
}
