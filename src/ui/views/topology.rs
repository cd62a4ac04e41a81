//! The topology view: planned cables from LAN port to LAN port.
//!
//! Where devices stand and why a cable cannot lie somewhere is [`crate::app::topology`]'s business; here it is painted, and cables are
//! drawn by hand: from port to port with the button held, or with a click on each.

use egui::accesskit::Role;
use egui::{Align2, Key, PointerButton, Pos2, Rect, Response, Shape, Stroke, Ui, pos2, vec2};

use super::findings::{lines_about, worse};
use super::plane::{Description, Plane, Sight, Standing, arrow_pressed, has_keyboard, next_in};
use crate::app::network::Members;
use crate::app::topology::{CableLine, LanPorts, PORT, PortPlace, TopologyBox, TopologyLayout};
use crate::app::{Command, Item, Selection, Workspace};
use crate::check::Severity;
use crate::edit::Edit;
use crate::model::{LanPort, Name};
use crate::ui::action::{Action, Scope, Tone};
use crate::ui::lang::{said, tr, trf};
use crate::ui::pane::Pane;
use crate::ui::shell::context_menu;

/// How near the pointer must be to a cable, px.
const TOLERANCE: f32 = 6.0;
/// Height of the head of a device, canvas units.
const HEAD: f32 = 40.0;

/// State of the view.
pub struct Topology {
    sight: Sight,
    /// A cable is drawn from this port; by clicks, or with the button held.
    drawn: Option<(LanPort, bool)>,
    members: Members,
    ports: LanPorts,
    layout: TopologyLayout,
    findings: std::collections::HashMap<Item, Severity>,
    /// The workspace's revision that all this is of.
    revision: u64,
    aim: Option<Item>,
}

impl Default for Topology {
    fn default() -> Self {
        Self {
            sight: Sight::default(),
            drawn: None,
            members: Members::default(),
            ports: LanPorts::default(),
            layout: TopologyLayout::default(),
            findings: std::collections::HashMap::new(),
            revision: u64::MAX,
            aim: None,
        }
    }
}

/// What the pointer is over.
enum Hit<'a> {
    Port(&'a PortPlace),
    Device(&'a TopologyBox),
    Cable(&'a CableLine),
}

impl Topology {
    /// The plan was changed.
    pub fn changed(&mut self) {
        self.drawn = None;
        self.revision = u64::MAX;
    }

    /// Brings a cable into view.
    pub fn centre(&mut self, item: &Item) {
        self.aim = Some(item.clone());
    }

    /// How it is looked at.
    pub fn sight_mut(&mut self) -> &mut Sight {
        &mut self.sight
    }

    fn follow(&mut self, workspace: &Workspace) {
        if self.revision != workspace.revision() {
            self.revision = workspace.revision();
            let plan = workspace.plan();
            self.members = Members::of(plan);
            self.ports = LanPorts::of(plan, &self.members);
            self.layout = TopologyLayout::of(plan, &self.ports);
            self.findings.clear();
            for finding in workspace.findings() {
                let item = Item::of_subject(&finding.subject);
                if matches!(item, Item::Device(_) | Item::Cable(_)) {
                    let worst = self.findings.entry(item).or_insert(finding.severity);
                    *worst = worse(*worst, finding.severity);
                }
            }
        }
        let rect = match self.aim.take() {
            Some(Item::Cable(cable)) => {
                let line = self.layout.cables.iter().find(|line| line.cable == cable);
                line.map(|line| Rect::from_two_pos(line.from, line.to))
            }
            Some(Item::Device(name)) => self.layout.find(&name).map(|one| one.rect),
            _ => None,
        };
        if let Some(rect) = rect {
            self.sight.show(rect);
        }
    }

    fn hit(&self, at: Pos2) -> Option<Hit<'_>> {
        let cable = || self.layout.cable_at(at, TOLERANCE / self.sight.camera.zoom).map(Hit::Cable);
        let device = || self.layout.box_at(at).map(Hit::Device);
        self.layout.port_at(at).map(Hit::Port).or_else(device).or_else(cable)
    }
}

/// A port that is in use stands for its cable, a free one for its device.
fn item_of(state: &Topology, hit: &Hit<'_>) -> Item {
    match hit {
        Hit::Port(place) => match state.ports.leads_to(&place.port) {
            Some(other) => Item::Cable(crate::model::Cable::between(place.port.clone(), other.clone())),
            None => Item::Device(place.port.device.clone()),
        },
        Hit::Device(one) => Item::Device(one.device.clone()),
        Hit::Cable(line) => Item::Cable(line.cable.clone()),
    }
}

/// Shows the view.
pub fn topology_ui(ui: &mut Ui, state: &mut Topology, scope: &mut Scope<'_>) {
    state.follow(scope.workspace);
    let bounds = state.layout.bounds();
    let response = state.sight.canvas(ui, bounds, Pane::Topology);
    interact(ui, &response, state, scope);
    let plane = Plane::new(ui, state.sight, scope.theme);
    plane.grid();
    for line in &state.layout.cables {
        cable_ui(&plane, line, state, scope);
    }
    for one in &state.layout.boxes {
        if plane.sees(one.rect.expand(PORT.y)) {
            box_ui(&plane, one, state, scope);
        }
    }
    rubber_ui(ui, &plane, state);
    if let Some(item) = describe(ui, &plane, state, scope) {
        scope.click(Some(item), false);
    }
    if state.layout.boxes.is_empty() {
        plane.hint(tr("network.empty"));
    }
    menu_ui(&response, scope);
}

fn interact(ui: &Ui, response: &Response, state: &mut Topology, scope: &mut Scope<'_>) {
    keys(ui, response, state, scope);
    let Some(pointer) = response.hover_pos().or_else(|| response.interact_pointer_pos()) else { return };
    let at = state.sight.camera.to_canvas(state.sight.view, pointer);
    let pushes = ui.input(|input| input.key_down(Key::Space));
    if response.drag_started_by(PointerButton::Primary) && !pushes {
        response.request_focus();
        let origin = ui.input(|input| input.pointer.press_origin()).unwrap_or(pointer);
        let start = state.sight.camera.to_canvas(state.sight.view, origin);
        let place = state.layout.port_at(start);
        state.drawn = place.map(|place| (place.port.clone(), false));
    }
    let port = state.layout.port_at(at).map(|place| place.port.clone());
    if response.drag_stopped()
        && let Some((from, false)) = state.drawn.take()
        && let Some(to) = &port
    {
        draw(state, &from, to, scope);
    }
    if response.clicked() {
        response.request_focus();
        click(ui, state, at, port.as_ref(), scope);
    }
    if response.double_clicked() && !matches!(state.hit(at), Some(Hit::Port(_))) {
        match state.hit(at) {
            Some(_) => scope.actions.push(Action::Show(Pane::Properties)),
            None => state.sight.fits = true,
        }
    }
    let item = state.hit(at).map(|hit| item_of(state, &hit));
    if response.secondary_clicked() {
        state.drawn = None;
        scope.select_for_menu(item.clone());
    }
    if !response.hovered() && !response.dragged() {
        return;
    }
    if let Some((from, _)) = &state.drawn {
        ui.ctx().set_cursor_icon(egui::CursorIcon::Crosshair);
        if let Some(to) = port.as_ref().filter(|to| *to != from) {
            let (text, colour) = match state.ports.cable(scope.workspace.plan(), from, to) {
                Ok(cable) => (Item::Cable(cable).label(scope.workspace.plan()), scope.theme.text),
                Err(error) => (said(&error), scope.theme.bad),
            };
            super::link_editor::note_at_pointer(ui.ctx(), &text, colour);
        }
    } else if let Some(hit) = state.hit(at) {
        if matches!(hit, Hit::Port(place) if !place.is_used) {
            ui.ctx().set_cursor_icon(egui::CursorIcon::Crosshair);
        }
        response.clone().on_hover_text_at_pointer(hover_text(&hit, state, scope));
    }
    if let Some(item) = item {
        scope.actions.push(Action::Hover(item));
    }
}

/// A click begins a cable on a free port, ends it on another, and selects anything else.
fn click(ui: &Ui, state: &mut Topology, at: Pos2, port: Option<&LanPort>, scope: &mut Scope<'_>) {
    if let Some((from, true)) = state.drawn.take() {
        if let Some(to) = port.filter(|to| **to != from) {
            draw(state, &from, to, scope);
        }
        return;
    }
    if let Some(port) = port.filter(|port| state.ports.leads_to(port).is_none()) {
        state.drawn = Some((port.clone(), true));
        return;
    }
    let toggles = ui.input(|input| input.modifiers.command || input.modifiers.shift);
    scope.click(state.hit(at).map(|hit| item_of(state, &hit)), toggles);
}

/// A cable was drawn; where it cannot lie the reason is told.
fn draw(state: &Topology, from: &LanPort, to: &LanPort, scope: &mut Scope<'_>) {
    if from == to {
        return;
    }
    match state.ports.cable(scope.workspace.plan(), from, to) {
        Ok(cable) => {
            scope.actions.edit(Edit::AddCable(cable.clone()));
            scope.actions.push(Action::Select(Selection::only(Item::Cable(cable))));
        }
        Err(error) => scope.actions.push(Action::Tell(Tone::Warning, said(&error))),
    }
}

/// Arrow keys walk from device to device; Delete removes what is selected, Escape lets go of a cable.
fn keys(ui: &Ui, response: &Response, state: &mut Topology, scope: &mut Scope<'_>) {
    if !has_keyboard(ui, response) {
        return;
    }
    let filter = egui::EventFilter { tab: false, horizontal_arrows: true, vertical_arrows: true, escape: true };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    let pressed = |key: Key| ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, key));
    if pressed(Key::Escape) && state.drawn.take().is_none() {
        scope.actions.push(Action::Select(Selection::default()));
    }
    if pressed(Key::Delete) {
        scope.actions.run(Command::Delete);
    }
    if pressed(Key::Enter) && !scope.workspace.selection.is_empty() {
        scope.actions.push(Action::Show(Pane::Properties));
    }
    let Some(way) = arrow_pressed(ui) else { return };
    let from = match scope.workspace.selection.lead() {
        Some(Item::Device(name)) => state.layout.find(name).map(|one| one.rect.center()),
        _ => None,
    };
    let boxes = state.layout.boxes.iter().map(|one| (one.rect.center(), one));
    let next = match from {
        Some(from) => next_in(from, way, boxes),
        None => state.layout.boxes.first(),
    };
    if let Some(one) = next {
        scope.actions.push(Action::Select(Selection::only(Item::Device(one.device.clone()))));
        let rect = one.rect;
        state.sight.show(rect);
    }
}

/// A planned cable is dashed: nobody has seen it yet.
fn cable_ui(plane: &Plane<'_>, line: &CableLine, state: &Topology, scope: &Scope<'_>) {
    if !plane.sees(Rect::from_two_pos(line.from, line.to).expand(4.0)) {
        return;
    }
    let item = Item::Cable(line.cable.clone());
    let marked = scope.is_selected(&item) || scope.hovered == Some(&item);
    let colour = match state.findings.get(&item) {
        _ if marked => plane.theme.accent,
        Some(Severity::Error) => plane.theme.bad,
        Some(Severity::Warning) => plane.theme.warning,
        _ => plane.theme.wire,
    };
    let width = if marked { 2.4 } else { 1.6 };
    let ends = [plane.at(line.from), plane.at(line.to)];
    let scale = plane.zoom().clamp(0.5, 1.5);
    plane.painter.extend(Shape::dashed_line(&ends, Stroke::new(width, colour), 8.0 * scale, 5.0 * scale));
}

fn box_ui(plane: &Plane<'_>, one: &TopologyBox, state: &Topology, scope: &Scope<'_>) {
    let theme = plane.theme;
    let item = Item::Device(one.device.clone());
    let selected = scope.is_selected(&item);
    let related = |item: &Item| item.device(scope.plan()).as_ref() == Some(&one.device);
    let marked = selected
        || scope.hovered.is_some_and(|item| !matches!(item, Item::Link(_)) && related(item))
        || scope.workspace.selection.lead().is_some_and(|item| !matches!(item, Item::Link(_)) && related(item));
    plane.ground(
        one.rect,
        HEAD,
        Standing {
            selected,
            marked,
            target: false,
            finding: state.findings.get(&item).copied(),
            urgency: super::network::urgency(&one.device, scope),
        },
    );
    if plane.is_readable() {
        let room = Rect::from_min_max(one.rect.min, one.rect.max - vec2(22.0, 0.0));
        let left = one.rect.min.x + 10.0;
        plane.text_in(room, pos2(left, one.rect.min.y + 13.0), &one.device, 13.0, true, theme.text);
        if let Some(component) = state.members.component(&one.device) {
            let text = format!("{} {}", component.name, component.key.version);
            plane.text_in(room, pos2(left, one.rect.min.y + 28.0), &text, 11.0, false, theme.dim);
        }
        let ip = scope.plan().devices().get(&one.device).and_then(|device| device.ethernet_address()?.ip);
        if let Some(ip) = ip {
            plane.text_in(room, pos2(left, one.rect.min.y + 52.0), &ip.to_string(), 11.0, false, theme.dim);
        }
    }
    for place in &one.ports {
        port_ui(plane, place, state, scope);
    }
}

fn port_ui(plane: &Plane<'_>, place: &PortPlace, state: &Topology, scope: &Scope<'_>) {
    let theme = plane.theme;
    let is_begun = state.drawn.as_ref().is_some_and(|(from, _)| *from == place.port);
    // While a cable is drawn, ports that can take it brighten and the rest fades.
    let fits = state
        .drawn
        .as_ref()
        .filter(|_| !is_begun)
        .map(|(from, _)| state.ports.cable(scope.plan(), from, &place.port).is_ok());
    let rect = plane.rect(place.rect);
    let fill = if place.is_used { theme.block_head } else { theme.block };
    let (width, edge) = match fits {
        _ if is_begun => (2.0, theme.accent),
        Some(true) => (1.6, theme.accent),
        _ => (1.0, theme.border),
    };
    plane.painter.rect(rect, 2.0, fill, Stroke::new(width, edge), egui::StrokeKind::Inside);
    let colour = match fits {
        Some(false) => theme.faint,
        _ if place.is_used => theme.text,
        _ => theme.dim,
    };
    if plane.is_readable() {
        let number = place.port.port.to_string();
        plane.text(place.rect.center(), Align2::CENTER_CENTER, &number, 10.5, false, colour);
    }
}

/// The cable that is being drawn.
fn rubber_ui(ui: &Ui, plane: &Plane<'_>, state: &Topology) {
    let Some((from, _)) = &state.drawn else { return };
    let (Some(place), Some(pointer)) = (state.layout.port(from), ui.ctx().pointer_latest_pos()) else { return };
    let ends = [plane.at(place.plug()), pointer];
    plane.painter.extend(Shape::dashed_line(&ends, Stroke::new(2.0, plane.theme.accent), 8.0, 5.0));
    plane.painter.circle_filled(pointer, 3.0, plane.theme.accent);
}

fn hover_text(hit: &Hit<'_>, state: &Topology, scope: &Scope<'_>) -> String {
    let plan = scope.plan();
    let item = item_of(state, hit);
    let mut lines = Vec::new();
    match hit {
        Hit::Port(place) => {
            lines.push(trf("topology.port", &[&place.port.device, &place.port.port]));
            lines.push(match state.ports.leads_to(&place.port) {
                Some(other) => trf("topology.leads_to", &[&other.device, &other.port]),
                None => tr("topology.free").to_owned(),
            });
        }
        Hit::Device(one) => {
            lines.push(one.device.to_string());
            let free = state.ports.free(&one.device).count();
            lines.push(trf("topology.ports", &[&one.ports.len(), &free]));
        }
        Hit::Cable(_) => lines.push(item.label(plan)),
    }
    lines.extend(lines_about(scope.workspace, &item));
    lines.join("\n")
}

/// Describes what is in view, and says what an assistive program has clicked.
fn describe(ui: &Ui, plane: &Plane<'_>, state: &Topology, scope: &Scope<'_>) -> Option<Item> {
    let mut description = Description::of(ui).filter(|_| plane.is_readable())?;
    let selection = &scope.workspace.selection;
    for one in &state.layout.boxes {
        let (rect, item) = (plane.rect(one.rect), Item::Device(one.device.clone()));
        description.add(("device", &one.device), Role::Button, rect, one.device.to_string(), Some(item), selection);
        for place in &one.ports {
            let rect = plane.rect(place.rect);
            description.add(("port", &place.port), Role::Button, rect, port_name(&place.port), None, selection);
        }
    }
    for line in &state.layout.cables {
        let item = Item::Cable(line.cable.clone());
        let middle = plane.at(line.from.lerp(line.to, 0.5));
        let rect = Rect::from_center_size(middle, vec2(6.0, 6.0));
        let label = item.label(scope.plan());
        description.add(("cable", &line.cable), Role::Button, rect, label, Some(item), selection);
    }
    description.clicked()
}

fn port_name(port: &LanPort) -> String {
    let LanPort { device, port }: &LanPort = port;
    let device: &Name = device;
    trf("topology.port", &[device, port])
}

/// The context menu: commands that fit what is selected.
fn menu_ui(response: &Response, scope: &mut Scope<'_>) {
    let now = scope.workspace.situation();
    let groups: &[&[Command]] = match scope.workspace.selection.lead() {
        Some(Item::Device(_)) => {
            &[&[Command::AddCable, Command::GoToDevice], &[Command::Rename, Command::ShowProperties]]
        }
        Some(Item::Cable(_)) => &[&[Command::Delete]],
        _ => &[&[Command::AddCable], &[Command::Fit, Command::ActualSize]],
    };
    if let Some(command) = context_menu(response, groups, &now) {
        scope.actions.run(command);
    }
}
