//! The picture: cards on buses, moved and hung elsewhere by hand.

use egui::accesskit::Role;
use egui::{Align2, Color32, Key, PointerButton, Pos2, Rect, Response, Stroke, Ui, Vec2, pos2, vec2};

use super::Network;
use crate::app::live::Urgency;
use crate::app::network::{Attached, Bus, DrawnBus, NetworkCard, attach};
use crate::app::{Command, Item, Selection, function_label};
use crate::edit::Edit;
use crate::model::{Attachment, Device, Name, Point};
use crate::ui::action::{Action, Scope, Tone};
use crate::ui::lang::{said, tr, trf};
use crate::ui::pane::Pane;
use crate::ui::shell::context_menu;
use crate::ui::views::findings::lines_about;
use crate::ui::views::plane::{Description, Plane, Standing, arrow_pressed, has_keyboard, next_in};

/// Height of the head of a card.
const HEAD: f32 = 38.0;
/// How near the pointer must be to a bus, px.
const TOLERANCE: f32 = 7.0;
/// Cards move in steps of this, canvas units.
const SNAP: f32 = 8.0;
/// Functions named when the pointer rests on a card.
const MOST_NAMED: usize = 12;
/// Longest name shown of a bus, canvas units.
const LABEL: Vec2 = vec2(260.0, 18.0);

/// What is being done with the pointer.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Gesture {
    /// Nothing.
    #[default]
    None,
    /// Cards are moved: where it began, and by how much, on the canvas.
    Move {
        /// The one pressed on.
        device: Name,
        /// Where it began.
        start: Pos2,
        /// By how much, snapped.
        by: Vec2,
    },
}

/// What the pointer is over.
enum Hit<'a> {
    Card(&'a NetworkCard),
    Bus(&'a DrawnBus),
}

/// Shows it.
pub fn picture_ui(ui: &mut Ui, state: &mut Network, scope: &mut Scope<'_>) {
    let bounds = state.derived.layout.bounds();
    let response = state.sight.canvas(ui, bounds, Pane::Network);
    state.has_focus = response.has_focus();
    interact(ui, &response, state, scope);
    let plane = Plane::new(ui, state.sight, scope.theme);
    plane.grid();
    let hung = hung_on(ui, state, scope);
    for bus in &state.derived.layout.buses {
        bus_ui(&plane, bus, state, scope, hung.as_ref());
    }
    for card in &state.derived.layout.cards {
        let rect = moved(card, state, scope);
        if plane.sees(rect) {
            card_ui(&plane, card, rect, state, scope, hung.as_ref());
        }
    }
    if let Some(attached) = &hung {
        let text = match attached {
            Attached::Subnet(name) => trf("network.to_subnet", &[name]),
            Attached::Proxy(name) => trf("network.to_proxy", &[name]),
        };
        crate::ui::views::link_editor::note_at_pointer(ui.ctx(), &text, scope.theme.text);
    }
    if let Some(item) = describe(ui, &plane, state, scope) {
        scope.click(Some(item), false);
    }
    if state.derived.layout.cards.is_empty() && state.derived.layout.buses.is_empty() {
        plane.hint(tr("network.empty"));
    }
    menu_ui(&response, scope);
}

fn interact(ui: &Ui, response: &Response, state: &mut Network, scope: &mut Scope<'_>) {
    keys(ui, response, state, scope);
    let Some(pointer) = response.hover_pos().or_else(|| response.interact_pointer_pos()) else { return };
    let at = state.sight.camera.to_canvas(state.sight.view, pointer);
    let pushes = ui.input(|input| input.key_down(Key::Space));
    if response.drag_started_by(PointerButton::Primary) && !pushes {
        response.request_focus();
        let origin = ui.input(|input| input.pointer.press_origin()).unwrap_or(pointer);
        let start = state.sight.camera.to_canvas(state.sight.view, origin);
        if let Some(card) = state.derived.layout.card_at(start) {
            let item = Item::Device(card.device.clone());
            if !scope.is_selected(&item) {
                scope.actions.push(Action::Select(Selection::only(item)));
            }
            state.gesture = Gesture::Move { device: card.device.clone(), start, by: Vec2::ZERO };
        }
    }
    if let Gesture::Move { start, by, .. } = &mut state.gesture
        && response.dragged_by(PointerButton::Primary)
    {
        *by = ((at - *start) / SNAP).round() * SNAP;
    }
    if response.drag_stopped() {
        finish(ui, state, scope);
    }
    let item = hit(state, at).map(|hit| item_of(&hit));
    if response.double_clicked() {
        match item {
            Some(_) => scope.actions.push(Action::Show(Pane::Properties)),
            None => state.sight.fits = true,
        }
    } else if response.clicked() {
        response.request_focus();
        let toggles = ui.input(|input| input.modifiers.command || input.modifiers.shift);
        scope.click(item.clone(), toggles);
        if let Some(Item::Device(name)) = &item
            && let Some(row) = state.derived.rows.iter().position(|row| row == name)
        {
            state.table.choose_row(row);
        }
    }
    let item = hit(state, at).map(|hit| item_of(&hit));
    if response.secondary_clicked() {
        scope.select_for_menu(item.clone());
    }
    if let Some(item) = item.filter(|_| response.hovered() && state.gesture == Gesture::None) {
        response.clone().on_hover_text_at_pointer(hover_text(&item, state, scope));
        scope.actions.push(Action::Hover(item));
    }
}

fn hit(state: &Network, at: Pos2) -> Option<Hit<'_>> {
    let layout = &state.derived.layout;
    let label = |bus: &&DrawnBus| label_rect(bus).contains(at);
    layout
        .card_at(at)
        .map(Hit::Card)
        .or_else(|| layout.bus_at(at, TOLERANCE / state.sight.camera.zoom).map(Hit::Bus))
        .or_else(|| layout.buses.iter().find(label).map(Hit::Bus))
}

fn label_rect(bus: &DrawnBus) -> Rect {
    Rect::from_min_size(bus.label + vec2(4.0, -LABEL.y - 2.0), LABEL)
}

/// A PROFIBUS line is part of its proxy.
fn item_of(hit: &Hit<'_>) -> Item {
    match hit {
        Hit::Card(card) => Item::Device(card.device.clone()),
        Hit::Bus(DrawnBus { bus: Bus::Subnet(name), .. }) => Item::Subnet(name.clone()),
        Hit::Bus(DrawnBus { bus: Bus::Line { proxy, .. }, .. }) => Item::Device(proxy.clone()),
    }
}

/// What the card that is being moved would be hung on: another bus or proxy under the pointer.
fn hung_on(ui: &Ui, state: &Network, scope: &Scope<'_>) -> Option<Attached> {
    let Gesture::Move { device, by, .. } = &state.gesture else { return None };
    let pointer = ui.ctx().pointer_latest_pos().filter(|_| *by != Vec2::ZERO)?;
    let at = state.sight.camera.to_canvas(state.sight.view, pointer);
    let layout = &state.derived.layout;
    // The card that is moved stands in the way of what is under it.
    let proxy = layout.cards.iter().rev().find(|card| card.device != *device && card.rect.contains(at));
    let attached = match proxy {
        Some(card) => Attached::Proxy(card.device.clone()),
        None => {
            let near = layout.bus_at(at, TOLERANCE / state.sight.camera.zoom);
            match &near.or_else(|| layout.buses.iter().find(|bus| label_rect(bus).contains(at)))?.bus {
                Bus::Subnet(name) => Attached::Subnet(name.clone()),
                Bus::Line { proxy, .. } => Attached::Proxy(proxy.clone()),
            }
        }
    };
    let plan = scope.plan();
    let is_there = match (&plan.devices().get(device)?.attachment, &attached) {
        (Attachment::Ethernet(address), Attached::Subnet(name)) => address.subnet.as_ref() == Some(name),
        (Attachment::Profibus(address), Attached::Proxy(name)) => address.proxy.as_ref() == Some(name),
        _ => false,
    };
    (!is_there).then_some(attached)
}

/// The button was released: cards have moved, or one hangs elsewhere.
fn finish(ui: &Ui, state: &mut Network, scope: &mut Scope<'_>) {
    let attached = hung_on(ui, state, scope);
    let Gesture::Move { device, by, .. } = std::mem::take(&mut state.gesture) else { return };
    let plan = scope.workspace.plan();
    if let Some(attached) = attached {
        match attach(plan, &state.derived.members, &device, &attached, None) {
            Ok(Some(edit)) => scope.actions.edit(edit),
            Ok(None) => {}
            Err(error) => scope.actions.push(Action::Tell(Tone::Warning, said(&error))),
        }
        return;
    }
    if by == Vec2::ZERO {
        return;
    }
    let mut names = vec![device];
    for item in scope.workspace.selection.items() {
        match item {
            Item::Device(name) if !names.contains(name) && scope.is_selected(&Item::Device(names[0].clone())) => {
                names.push(name.clone());
            }
            _ => {}
        }
    }
    let edits = names.into_iter().filter_map(|name| {
        let rect = state.derived.layout.rect(&name)?.translate(by);
        let device = plan.devices().get(&name)?;
        let at = Point { x: rect.min.x, y: rect.min.y };
        Some(Edit::SetDevice { name, device: Device { at, ..(**device).clone() } })
    });
    scope.actions.edit_all(tr("told.move"), edits.collect());
}

/// Arrow keys walk from card to card; Enter shows properties, Delete removes.
fn keys(ui: &Ui, response: &Response, state: &mut Network, scope: &mut Scope<'_>) {
    if !has_keyboard(ui, response) {
        return;
    }
    let filter = egui::EventFilter { tab: false, horizontal_arrows: true, vertical_arrows: true, escape: true };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    let pressed = |key: Key| ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, key));
    if pressed(Key::Escape) {
        state.gesture = Gesture::None;
        scope.actions.push(Action::Select(Selection::default()));
    }
    if pressed(Key::Enter) && !scope.workspace.selection.is_empty() {
        scope.actions.push(Action::Show(Pane::Properties));
    }
    if pressed(Key::Delete) {
        scope.actions.run(Command::Delete);
    }
    let Some(way) = arrow_pressed(ui) else { return };
    let layout = &state.derived.layout;
    let from = match scope.workspace.selection.lead() {
        Some(Item::Device(name)) => layout.rect(name).map(|rect| rect.center()),
        _ => None,
    };
    let cards = layout.cards.iter().map(|card| (card.rect.center(), card));
    let next = match from {
        Some(from) => next_in(from, way, cards),
        None => layout.cards.first(),
    };
    if let Some(card) = next {
        scope.actions.push(Action::Select(Selection::only(Item::Device(card.device.clone()))));
        let (device, rect) = (card.device.clone(), card.rect);
        state.sight.show(rect);
        if let Some(row) = state.derived.rows.iter().position(|row| *row == device) {
            state.table.choose_row(row);
        }
    }
}

fn moved(card: &NetworkCard, state: &Network, scope: &Scope<'_>) -> Rect {
    match &state.gesture {
        Gesture::Move { device, by, .. } => {
            let is_moved = card.device == *device
                || (scope.is_selected(&Item::Device(card.device.clone()))
                    && scope.is_selected(&Item::Device(device.clone())));
            if is_moved { card.rect.translate(*by) } else { card.rect }
        }
        Gesture::None => card.rect,
    }
}

fn bus_ui(plane: &Plane<'_>, bus: &DrawnBus, state: &Network, scope: &Scope<'_>, hung: Option<&Attached>) {
    let theme = plane.theme;
    let (item, name, is_target) = match &bus.bus {
        Bus::Subnet(name) => {
            let target = hung == Some(&Attached::Subnet(name.clone()));
            (Item::Subnet(name.clone()), bus_text(bus, scope), target)
        }
        Bus::Line { proxy, .. } => {
            let target = hung == Some(&Attached::Proxy(proxy.clone()));
            (Item::Device(proxy.clone()), bus_text(bus, scope), target)
        }
    };
    let is_subnet = matches!(item, Item::Subnet(_));
    let is_marked = is_target || (is_subnet && (scope.is_selected(&item) || scope.hovered == Some(&item)));
    let colour = if is_marked { theme.accent } else { theme.wire };
    // Ethernet and PROFIBUS differ in shape: a thick line, and two thin ones.
    for (from, to) in &bus.lines {
        if !plane.sees(Rect::from_two_pos(*from, *to).expand(4.0)) {
            continue;
        }
        if is_subnet {
            plane.line(*from, *to, Stroke::new((2.4 * plane.zoom()).max(1.0), colour));
        } else {
            let aside = if (from.x - to.x).abs() < 0.5 { vec2(1.8, 0.0) } else { vec2(0.0, 1.8) };
            let stroke = Stroke::new((1.2 * plane.zoom()).max(0.8), colour);
            plane.line(*from - aside, *to - aside, stroke);
            plane.line(*from + aside, *to + aside, stroke);
        }
    }
    if plane.is_readable() {
        let colour = match state.derived.findings.get(&item).filter(|_| is_subnet) {
            Some(severity) => crate::ui::views::findings::severity_mark(*severity, theme).1,
            None if is_marked => theme.accent,
            None => theme.dim,
        };
        plane.text(bus.label + vec2(8.0, -4.0), Align2::LEFT_BOTTOM, &name, 12.0, is_subnet, colour);
    }
}

/// `line-net · 192.168.10.0/24`, or `PROFIBUS · proxy-1 · DP system 1`.
fn bus_text(bus: &DrawnBus, scope: &Scope<'_>) -> String {
    match &bus.bus {
        Bus::Subnet(name) => match scope.plan().subnets().get(name) {
            Some(subnet) => format!("{name} · {}/{}", subnet.address, subnet.mask.to_bits().count_ones()),
            None => name.to_string(),
        },
        Bus::Line { system, .. } => trf("network.line", &[system]),
    }
}

fn card_ui(
    plane: &Plane<'_>,
    card: &NetworkCard,
    rect: Rect,
    state: &Network,
    scope: &Scope<'_>,
    hung: Option<&Attached>,
) {
    let plan = scope.plan();
    let Some(device) = plan.devices().get(&card.device) else { return };
    let item = Item::Device(card.device.clone());
    let selected = scope.is_selected(&item);
    let standing = Standing {
        selected,
        marked: selected || scope.hovered == Some(&item) || is_related(&card.device, scope),
        target: hung == Some(&Attached::Proxy(card.device.clone())),
        finding: state.derived.findings.get(&item).copied(),
        urgency: urgency(&card.device, scope),
    };
    plane.ground(rect, HEAD, standing);
    if !plane.is_readable() {
        return;
    }
    let theme = plane.theme;
    let members = state.derived.members.get(&card.device);
    let (left, room) = (rect.min.x + 10.0, Rect::from_min_max(rect.min, rect.max - vec2(24.0, 0.0)));
    let line = |y: f32, text: &str, size: f32, strong: bool, colour: Color32| {
        plane.text_in(room, pos2(left, rect.min.y + y), text, size, strong, colour);
    };
    line(12.0, &card.device, 13.0, true, theme.text);
    match members.and_then(|members| members.component.as_ref()) {
        Some(component) => line(27.0, &format!("{} {}", component.name, component.key.version), 11.0, false, theme.dim),
        None => line(27.0, tr("network.no_component"), 11.0, false, theme.dim),
    }
    let missing = |text: String, absent: &str| match text.is_empty() {
        true => (absent.to_owned(), theme.warning),
        false => (text, theme.text),
    };
    match &device.attachment {
        Attachment::Ethernet(address) => {
            let ip = address.ip.map(|ip| ip.to_string()).unwrap_or_default();
            let (text, colour) = missing(ip, tr("network.no_ip"));
            line(50.0, &text, 12.0, false, colour);
            let (text, colour) = missing(address.name_of_station.to_string(), tr("network.no_station"));
            line(66.0, &text, 11.0, false, if colour == theme.text { theme.dim } else { colour });
        }
        Attachment::Profibus(address) => {
            let number = address.address.map(|number| trf("network.profibus", &[&number])).unwrap_or_default();
            let (text, colour) = missing(number, tr("network.no_address"));
            line(50.0, &text, 12.0, false, colour);
            let proxy = address.proxy.as_ref().map(|proxy| trf("network.behind", &[proxy])).unwrap_or_default();
            let (text, colour) = missing(proxy, tr("network.no_proxy"));
            line(66.0, &text, 11.0, false, if colour == theme.text { theme.dim } else { colour });
        }
    }
    line(83.0, &functions_text(members.map_or(0, |members| members.functions.len())), 11.0, false, theme.dim);
}

/// On line: how a device does.
pub fn urgency(device: &Name, scope: &Scope<'_>) -> Option<Urgency> {
    Some(scope.online?.device(device)?.urgency)
}

fn functions_text(n_functions: usize) -> String {
    match n_functions {
        0 => tr("network.no_function").to_owned(),
        1 => tr("network.one_function").to_owned(),
        _ => trf("network.functions", &[&n_functions]),
    }
}

/// Whether something that runs on the device is selected or under the pointer.
pub fn is_related(device: &Name, scope: &Scope<'_>) -> bool {
    let plan = scope.plan();
    let runs_here = |item: &Item| {
        let instance = item.instance().and_then(|name| plan.instances().get(name));
        instance.is_some_and(|instance| instance.device == *device)
    };
    scope.hovered.is_some_and(runs_here) || scope.workspace.selection.lead().is_some_and(runs_here)
}

fn hover_text(item: &Item, state: &Network, scope: &Scope<'_>) -> String {
    let plan = scope.plan();
    let mut lines = vec![item.label(plan)];
    match item {
        Item::Device(name) => {
            let functions = state.derived.members.get(name).map(|members| members.functions.as_slice());
            let functions = functions.unwrap_or_default();
            lines.push(functions_text(functions.len()));
            lines.extend(
                functions.iter().take(MOST_NAMED).map(|function| format!("  {}", function_label(plan, function))),
            );
            if functions.len() > MOST_NAMED {
                lines.push("  …".to_owned());
            }
        }
        Item::Subnet(name) => {
            if let Some(subnet) = plan.subnets().get(name) {
                lines.push(format!("{}/{}", subnet.address, subnet.mask.to_bits().count_ones()));
                lines.extend(Some(subnet.comment.to_string()).filter(|comment| !comment.is_empty()));
            }
        }
        _ => {}
    }
    lines.extend(lines_about(scope.workspace, item));
    lines.join("\n")
}

/// Describes what is in view, and says what an assistive program has clicked.
fn describe(ui: &Ui, plane: &Plane<'_>, state: &Network, scope: &Scope<'_>) -> Option<Item> {
    let mut description = Description::of(ui).filter(|_| plane.is_readable())?;
    let selection = &scope.workspace.selection;
    for card in &state.derived.layout.cards {
        let item = Item::Device(card.device.clone());
        let component = state.derived.members.component(&card.device);
        let component = component.map(|component| format!(" ({} {})", component.name, component.key.version));
        let label = format!("{}{}", card.device, component.unwrap_or_default());
        let rect = plane.rect(card.rect);
        description.add(("device", &card.device), Role::Button, rect, label, Some(item), selection);
    }
    for bus in &state.derived.layout.buses {
        let key = ("bus", bus.label.x.to_bits(), bus.label.y.to_bits());
        let (rect, item) = (plane.rect(label_rect(bus)), item_of(&Hit::Bus(bus)));
        description.add(key, Role::Button, rect, bus_text(bus, scope), Some(item), selection);
    }
    description.clicked()
}

/// The context menu: commands that fit what is selected.
fn menu_ui(response: &Response, scope: &mut Scope<'_>) {
    let now = scope.workspace.situation();
    let groups: &[&[Command]] = match scope.workspace.selection.lead() {
        Some(Item::Device(_)) => &[
            &[Command::GoToDevice, Command::Rename, Command::ShowProperties],
            &[Command::AssignAddresses, Command::AddCable],
            &[Command::Delete],
        ],
        Some(Item::Subnet(_)) => &[&[Command::ShowProperties, Command::AssignAddresses], &[Command::Delete]],
        _ => &[
            &[Command::AddSubnet, Command::AssignAddresses, Command::PasteAddresses],
            &[Command::Fit, Command::ActualSize, Command::SelectAll],
        ],
    };
    if let Some(command) = context_menu(response, groups, &now) {
        scope.actions.run(command);
    }
}
