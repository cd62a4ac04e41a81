//! The tree of the project: charts with what stands on them, the network, the devices.
//!
//! Rows are made of the open nodes when plan or openness change, and only those in view are shown, so a plan of 100,000 instances
//! is as quick as a small one.

mod index;
mod moves;
mod rows;

use egui::{EventFilter, Key, Rect, Sense, Ui, pos2, vec2};

use self::index::{Group, Index};
use self::moves::Dragged;
use self::rows::{Node, Openness, Row};
use crate::app::{Command, Item, Selection};
use crate::model::{ChartId, Plan, ROOT_CHART, Touched};
use crate::ui::action::{Action, Scope};
use crate::ui::icon::{Icon, font};
use crate::ui::lang::{tr, trf};
use crate::ui::shell::context_menu;
use crate::ui::theme::{SMALL, TEXT, semibold};

/// Height of a row, px.
const ROW: f32 = 22.0;
/// How far a level is in, px.
const INDENT: f32 = 14.0;

/// State of the panel.
#[derive(Default)]
pub struct ProjectTree {
    index: Index,
    openness: Openness,
    rows: Vec<Row>,
    /// The plan or what is open was changed since the rows were made.
    is_stale: bool,
    /// The row that takes the keyboard in the next frame, and is brought into view.
    next: Option<usize>,
    /// How far it is scrolled down, px.
    offset: f32,
}

impl ProjectTree {
    /// Another project is open.
    pub fn opened(&mut self, plan: &Plan) {
        *self = Self { index: Index::new(plan), is_stale: true, ..Self::default() };
    }

    /// The plan was changed.
    pub fn changed(&mut self, plan: &Plan, touched: &Touched) {
        self.index.follow(plan, touched);
        self.is_stale = true;
    }

    fn set_open(&mut self, node: Node, open: bool) {
        self.openness.insert(node, open);
        self.is_stale = true;
    }
}

/// What was asked of a row.
enum Asked {
    Act(Action),
    SetOpen(Node, bool),
    /// The keyboard goes to this row.
    Go(usize),
}

/// The panel.
pub fn tree_ui(ui: &mut Ui, state: &mut ProjectTree, scope: &mut Scope<'_>) {
    if std::mem::take(&mut state.is_stale) {
        state.rows = rows::rows(scope.plan(), &state.index, &state.openness);
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    let next = state.next.take();
    let mut area = egui::ScrollArea::vertical().auto_shrink(false);
    if let Some(next) = next {
        // The row may not be in view, and then it is not there to be scrolled to.
        let height = ui.available_height();
        let top = ROW * next as f32;
        let offset = state.offset.min(top).max(top + ROW - height);
        area = area.vertical_scroll_offset(offset.max(0.0));
    }
    let ways = ways(scope);
    let n_rows = state.rows.len();
    let mut asked = Vec::new();
    let output = area.show_rows(ui, ROW, n_rows, |ui, range| {
        for at in range {
            let Some(row) = state.rows.get(at) else { continue };
            row_ui(ui, &RowScope { state, row, at, is_next: next == Some(at), ways: &ways }, scope, &mut asked);
        }
    });
    state.offset = output.state.clamped_offset().y;
    for asked in asked {
        match asked {
            Asked::Act(action) => scope.actions.push(action),
            Asked::SetOpen(node, open) => state.set_open(node, open),
            Asked::Go(to) => {
                state.next = Some(to.min(n_rows.saturating_sub(1)));
                ui.ctx().request_repaint();
            }
        }
    }
}

/// The charts that what is selected stands in: closed ones tell that it is inside.
fn ways(scope: &Scope<'_>) -> Vec<ChartId> {
    let plan = scope.plan();
    let mut ways = Vec::new();
    let mut at = scope.workspace.selection.lead().and_then(|lead| lead.chart(plan));
    while let Some(chart) = at.filter(|chart| !ways.contains(chart)) {
        ways.push(chart);
        at = plan.charts().get(&chart).and_then(|chart| chart.parent);
    }
    ways
}

struct RowScope<'a> {
    state: &'a ProjectTree,
    row: &'a Row,
    at: usize,
    /// It takes the keyboard now.
    is_next: bool,
    ways: &'a [ChartId],
}

/// What a row says: icon, name, and smaller what is beside it.
struct Caption {
    mark: Icon,
    name: String,
    about: String,
    is_title: bool,
}

fn caption(node: &Node, plan: &Plan, index: &Index) -> Caption {
    let plain = |mark, name: String| Caption { mark, name, about: String::new(), is_title: false };
    let title = |mark, name: &str, about: String| Caption { mark, name: name.to_owned(), about, is_title: true };
    match node {
        Node::Project => title(Icon::Factory, plan.name(), String::new()),
        Node::Chart(ROOT_CHART) => title(Icon::Workflow, tr("pane.plant"), String::new()),
        Node::Chart(chart) => {
            let name = plan.charts().get(chart).map(|chart| chart.name.to_string()).unwrap_or_default();
            Caption { about: index.n_inside(*chart).to_string(), ..plain(Icon::Workflow, name) }
        }
        Node::Hardware => plain(Icon::Boxes, tr("tree.hardware").to_owned()),
        Node::Instance(name) => {
            let component = plan.component_of(name).map(|component| component.name.to_string());
            Caption { about: component.unwrap_or_default(), ..plain(Icon::Box, name.to_string()) }
        }
        Node::Network => title(Icon::Network, tr("pane.network"), String::new()),
        Node::Group(Group::Subnet(Some(name))) => {
            let range = plan
                .subnets()
                .get(name)
                .map(|subnet| format!("{}/{}", subnet.address, subnet.mask.to_bits().count_ones()));
            Caption { about: range.unwrap_or_default(), ..plain(Icon::EthernetPort, name.to_string()) }
        }
        Node::Group(Group::Subnet(None)) => plain(Icon::EthernetPort, tr("tree.no_subnet").to_owned()),
        Node::Group(Group::Line(Some(proxy), system)) => plain(Icon::Cable, trf("tree.line", &[proxy, system])),
        Node::Group(Group::Line(None, _)) => plain(Icon::Cable, tr("tree.no_proxy").to_owned()),
        Node::Devices => title(Icon::Cpu, tr("tree.devices"), plan.devices().len().to_string()),
        Node::Attached(name) | Node::Device(name) => {
            let device = plan.devices().get(name);
            let address = device.and_then(|device| match &device.attachment {
                crate::model::Attachment::Ethernet(address) => address.ip.map(|ip| ip.to_string()),
                crate::model::Attachment::Profibus(address) => address.address.map(|number| number.to_string()),
            });
            Caption { about: address.unwrap_or_default(), ..plain(Icon::Cpu, name.to_string()) }
        }
    }
}

fn row_ui(ui: &mut Ui, this: &RowScope<'_>, scope: &Scope<'_>, asked: &mut Vec<Asked>) {
    let Row { node, depth, open } = this.row;
    let (theme, plan) = (scope.theme, scope.plan());
    let item = node.item();
    let caption = caption(node, plan, &this.state.index);
    let selected = item.as_ref().is_some_and(|item| is_selected(item, scope));
    let rect = Rect::from_min_size(ui.cursor().min, vec2(ui.available_width(), ROW));
    ui.advance_cursor_after_rect(rect);
    let response = ui.interact(rect, ui.unique_id().with(node), Sense::click_and_drag());
    response.widget_info(|| {
        let label = format!("{} {}", caption.name, caption.about);
        egui::WidgetInfo::selected(egui::Role::Button, true, selected, label.trim_end())
    });
    if this.is_next {
        response.request_focus();
    }
    let hovered_elsewhere = item.is_some() && scope.hovered == item.as_ref();
    paint_row(
        ui,
        this,
        scope,
        &Painted { rect, caption: &caption, selected, hovered: hovered_elsewhere || response.hovered() },
    );
    if response.has_focus() {
        ui.painter().rect_stroke(rect, 4.0, egui::Stroke::new(1.0, theme.accent), egui::StrokeKind::Inside);
        ui.memory_mut(|memory| {
            let filter = EventFilter { vertical_arrows: true, horizontal_arrows: true, ..EventFilter::default() };
            memory.set_focus_lock_filter(response.id, filter);
        });
        keys(ui, this, item.as_ref(), asked);
    }
    let on_closer = response
        .interact_pointer_pos()
        .is_some_and(|pointer| open.is_some() && pointer.x < rect.min.x + INDENT * f32::from(*depth) + 18.0);
    if let Some(item) = item.as_ref().filter(|_| response.hovered()) {
        asked.push(Asked::Act(Action::Hover(item.clone())));
    }
    if response.double_clicked() && !on_closer {
        activate(node, *open, asked);
    } else if response.clicked() {
        response.request_focus();
        match (&item, open) {
            (_, Some(open)) if on_closer || item.is_none() => asked.push(Asked::SetOpen(node.clone(), !open)),
            (Some(item), _) if ui.input(|input| input.modifiers.command) => {
                asked.push(Asked::Act(Action::Toggle(item.clone())));
            }
            (Some(item), _) => asked.push(Asked::Act(Action::Select(Selection::only(item.clone())))),
            _ => {}
        }
    } else if let Some(item) = item.as_ref().filter(|_| response.secondary_clicked() && !selected) {
        asked.push(Asked::Act(Action::Select(Selection::only(item.clone()))));
    }
    drag(ui, &response, node, scope, asked);
    menu(&response, node, scope, asked);
}

/// Selected itself, or by a block of it.
fn is_selected(item: &Item, scope: &Scope<'_>) -> bool {
    let selection = &scope.workspace.selection;
    match item {
        Item::Instance(name) => {
            scope.is_selected(item)
                || selection.lead().and_then(Item::instance) == Some(name)
                || crate::ui::views::functions_of(scope.plan(), name)
                    .any(|function| selection.contains(&Item::Function(function)))
        }
        _ => scope.is_selected(item),
    }
}

struct Painted<'a> {
    rect: Rect,
    caption: &'a Caption,
    selected: bool,
    hovered: bool,
}

fn paint_row(ui: &Ui, this: &RowScope<'_>, scope: &Scope<'_>, painted: &Painted<'_>) {
    let (theme, Row { node, depth, open }) = (scope.theme, this.row);
    let Painted { rect, caption, selected, hovered } = painted;
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    if *selected || *hovered {
        painter.rect_filled(*rect, 4.0, if *selected { theme.accent_fill } else { theme.inset });
    }
    // What belongs to the selected device, and the device of the selected function.
    let item = node.item();
    if !selected && item.as_ref().is_some_and(|item| is_related(item, scope)) {
        let bar = Rect::from_min_size(rect.min + vec2(0.0, 4.0), vec2(2.0, ROW - 8.0));
        painter.rect_filled(bar, 1.0, theme.accent);
    }
    let x = rect.min.x + 4.0 + INDENT * f32::from(*depth);
    let y = rect.center().y;
    let left = egui::Align2::LEFT_CENTER;
    if let Some(open) = open {
        let mark = char::from(if *open { Icon::ChevronDown } else { Icon::ChevronRight });
        painter.text(pos2(x, y), left, mark, font(12.0), theme.dim);
    }
    painter.text(pos2(x + 15.0, y), left, char::from(caption.mark), font(13.0), theme.dim);
    let face = match caption.is_title {
        true => egui::FontId::new(TEXT, semibold()),
        false => egui::FontId::proportional(TEXT),
    };
    let text = painter.text(pos2(x + 34.0, y), left, &caption.name, face, theme.text);
    if !caption.about.is_empty() {
        painter.text(pos2(text.max.x + 8.0, y), left, &caption.about, egui::FontId::proportional(SMALL), theme.dim);
    }
    let is_inside = matches!(node, Node::Chart(chart) if this.ways.contains(chart));
    if *open == Some(false) && is_inside {
        painter.circle_filled(pos2(rect.max.x - 10.0, y), 3.0, theme.accent);
    }
}

/// Whether a thing belongs to the device that is selected or under the pointer, or is the device of what is.
fn is_related(item: &Item, scope: &Scope<'_>) -> bool {
    let plan = scope.plan();
    [scope.workspace.selection.lead(), scope.hovered].into_iter().flatten().any(|other| match (item, other) {
        (Item::Instance(_), Item::Device(device)) => item.device(plan).as_ref() == Some(device),
        (Item::Device(device), Item::Instance(_) | Item::Function(_) | Item::Port(_)) => {
            other.device(plan).as_ref() == Some(device)
        }
        _ => false,
    })
}

/// Arrow keys, Home, End and Enter on the row that has the keyboard.
fn keys(ui: &Ui, this: &RowScope<'_>, item: Option<&Item>, asked: &mut Vec<Asked>) {
    let Row { node, depth, open } = this.row;
    let rows = &this.state.rows;
    let pressed = |key| ui.input(|input| input.key_pressed(key) && input.modifiers.is_none());
    let mut go = None;
    if pressed(Key::ArrowDown) {
        go = Some((this.at + 1).min(rows.len().saturating_sub(1)));
    } else if pressed(Key::ArrowUp) {
        go = Some(this.at.saturating_sub(1));
    } else if pressed(Key::Home) {
        go = Some(0);
    } else if pressed(Key::End) {
        go = Some(rows.len().saturating_sub(1));
    } else if pressed(Key::ArrowRight) {
        match open {
            Some(false) => asked.push(Asked::SetOpen(node.clone(), true)),
            Some(true) => go = Some(this.at + 1),
            None => {}
        }
    } else if pressed(Key::ArrowLeft) {
        match open {
            Some(true) => asked.push(Asked::SetOpen(node.clone(), false)),
            _ => go = rows.get(..this.at).and_then(|above| above.iter().rposition(|row| row.depth < *depth)),
        }
    } else if pressed(Key::Enter) {
        activate(node, *open, asked);
    } else if let Some(item) = item.filter(|_| pressed(Key::Space)) {
        asked.push(Asked::Act(Action::Select(Selection::only(item.clone()))));
    }
    if let Some(to) = go {
        asked.push(Asked::Go(to));
        if let Some(item) = rows.get(to).and_then(|row| row.node.item()) {
            asked.push(Asked::Act(Action::Select(Selection::only(item))));
        }
    }
}

/// Double click and Enter: a chart is opened in the link editor, what can be seen is brought into view, the rest opens and closes.
fn activate(node: &Node, open: Option<bool>, asked: &mut Vec<Asked>) {
    match (node, node.item(), open) {
        (Node::Chart(chart), ..) => asked.push(Asked::Act(Action::OpenChart(*chart))),
        (_, Some(item), _) => asked.push(Asked::Act(Action::Reveal(item))),
        (_, None, Some(open)) => asked.push(Asked::SetOpen(node.clone(), !open)),
        _ => {}
    }
}

/// Instances and charts are dragged onto charts.
fn drag(ui: &Ui, response: &egui::Response, node: &Node, scope: &Scope<'_>, asked: &mut Vec<Asked>) {
    if response.drag_started() {
        let dragged = node.item().and_then(|item| Dragged::with(&item, &scope.workspace.selection));
        if let Some(dragged) = dragged {
            response.dnd_set_drag_payload(dragged);
        }
    }
    let Node::Chart(chart) = node else { return };
    let Some(dragged) = response.dnd_hover_payload::<Dragged>() else { return };
    let edits = dragged.to(scope.plan(), *chart);
    if edits.is_empty() {
        ui.ctx().set_cursor_icon(egui::CursorIcon::NoDrop);
        return;
    }
    let stroke = egui::Stroke::new(2.0, scope.theme.accent);
    ui.painter().rect_stroke(response.rect, 4.0, stroke, egui::StrokeKind::Inside);
    ui.ctx().set_cursor_icon(egui::CursorIcon::Grabbing);
    if response.dnd_release_payload::<Dragged>().is_some() {
        let edit = match <[_; 1]>::try_from(edits) {
            Ok([edit]) => edit,
            Err(edits) => crate::edit::Edit::Group(tr("told.move").into(), edits),
        };
        asked.push(Asked::Act(Action::Edit(edit)));
    }
}

fn menu(response: &egui::Response, node: &Node, scope: &Scope<'_>, asked: &mut Vec<Asked>) {
    let groups: &[&[Command]] = match node {
        Node::Project => &[&[Command::Rename]],
        Node::Chart(ROOT_CHART) => &[&[Command::GoIn]],
        Node::Chart(_) => &[&[Command::GoIn, Command::Rename], &[Command::Delete]],
        Node::Instance(_) => {
            &[&[Command::Rename, Command::GoToDevice], &[Command::Cut, Command::Copy, Command::Delete]]
        }
        Node::Attached(_) | Node::Device(_) => &[&[Command::Rename, Command::GoToDevice], &[Command::Delete]],
        Node::Group(Group::Subnet(Some(_))) => &[&[Command::AddSubnet], &[Command::Delete]],
        Node::Network | Node::Devices | Node::Group(_) => &[&[Command::AddSubnet, Command::AssignAddresses]],
        Node::Hardware => return,
    };
    let now = scope.workspace.situation();
    if let Some(command) = context_menu(response, groups, &now) {
        asked.push(Asked::Act(Action::Run(command)));
    }
}
