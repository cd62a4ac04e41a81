//! Lists that pop up on the chart: what a port can be linked to, and components to add.

use egui::{Color32, Context, Key, Modifiers, Pos2, RichText, Ui};
use fuzzy_matcher::FuzzyMatcher as _;
use fuzzy_matcher::skim::SkimMatcherV2;

use super::offers::Offer;
use super::{LinkEditor, offers};
use crate::app::{Item, Selection, Workspace, port_label};
use crate::drawing::Side;
use crate::edit::Edit;
use crate::model::{ComponentKey, LinkKey, Plan, PortRef};
use crate::ui::action::{Action, Scope};
use crate::ui::icon::strong;
use crate::ui::lang::{said, tr};
use crate::ui::theme::{SMALL, Theme};

/// Links offered by the keyboard.
const MOST_OFFERS: usize = 5_000;
/// Rows shown.
const MOST_ROWS: usize = 200;

/// What could be linked.
pub struct LinkList {
    offers: Vec<Offer>,
    title: &'static str,
    /// All of them can be linked at once.
    at_once: bool,
    query: String,
    chosen: usize,
    is_new: bool,
}

impl LinkList {
    /// One of these is linked.
    pub fn of_one(offers: Vec<Offer>) -> Self {
        Self { offers, title: tr("editor.link_to"), at_once: false, query: String::new(), chosen: 0, is_new: true }
    }

    /// Outputs with the inputs of their names: all of them are linked at once, or one after the other.
    pub fn by_name(offers: Vec<Offer>) -> Self {
        Self { title: tr("editor.link_by_name"), at_once: true, ..Self::of_one(offers) }
    }

    /// What could follow a copy; `None` when there is nothing.
    pub fn following(offers: Vec<Offer>) -> Option<Self> {
        (!offers.is_empty()).then(|| Self { title: tr("editor.link_following"), ..Self::by_name(offers) })
    }

    /// What is left to be offered when these positions are linked; `None` when nothing is.
    fn without(mut self, taken: &[usize]) -> Option<Self> {
        let mut at = 0;
        self.offers.retain(|_| {
            at += 1;
            !taken.contains(&(at - 1))
        });
        (!self.offers.is_empty()).then_some(self)
    }
}

/// The links of an arrow, to choose the one to follow.
pub struct Jumps {
    targets: Vec<(PortRef, String)>,
    query: String,
    chosen: usize,
    is_new: bool,
}

impl Jumps {
    /// To the ports at the other ends.
    pub fn new(plan: &Plan, targets: impl Iterator<Item = PortRef>) -> Self {
        let targets = targets.map(|port| (port.clone(), port_label(plan, &port))).collect();
        Self { targets, query: String::new(), chosen: 0, is_new: true }
    }
}

/// The box to add a component by its name.
pub struct QuickAdd {
    /// Where it is placed, on the canvas.
    at: Pos2,
    query: String,
    chosen: usize,
    is_new: bool,
}

impl QuickAdd {
    /// A component placed there.
    pub fn new(at: Pos2) -> Self {
        Self { at, query: String::new(), chosen: 0, is_new: true }
    }
}

/// What a list came to in a frame.
enum Answer {
    Open,
    Closed,
    Taken(usize),
    TakenAll,
}

impl LinkEditor {
    /// Opens the list of what the selected port can be linked to.
    pub fn link_from(&mut self, workspace: &Workspace) {
        let Some(Item::Port(port)) = workspace.selection.lead() else { return };
        let Some(described) = workspace.plan().port(port) else { return };
        let side = if described.is_output() { Side::Right } else { Side::Left };
        self.list = Some(LinkList::of_one(offers::of_plan(workspace, port, side, MOST_OFFERS)));
    }

    /// Opens the box to add a component where the pointer is, or in the middle.
    pub fn quick_add(&mut self) {
        self.add = Some(QuickAdd::new(self.place_of_new()));
    }

    /// Shows the list that is open.
    pub(super) fn lists_ui(&mut self, ui: &Ui, scope: &mut Scope<'_>) {
        if let Some(list) = self.list.take() {
            self.link_list_ui(ui, list, scope);
        }
        if let Some(mut jumps) = self.jumps.take()
            && !jumps_ui(ui, &mut jumps, scope)
        {
            self.jumps = Some(jumps);
        }
        if let Some(mut add) = self.add.take()
            && !self.quick_add_ui(ui, &mut add, scope)
        {
            self.add = Some(add);
        }
    }

    /// Shows what could be linked, until it is done.
    fn link_list_ui(&mut self, ui: &Ui, mut list: LinkList, scope: &mut Scope<'_>) {
        let rows = matching(&list.query, list.offers.iter().map(|offer| offer.text.clone()));
        let refused = |offer: &Offer| offer.refused.as_ref().map(said);
        let listed: Vec<(&Offer, Option<String>)> =
            rows.iter().filter_map(|at| list.offers.get(*at)).map(|offer| (offer, refused(offer))).collect();
        let shown: Vec<Row<'_>> = listed
            .iter()
            .map(|(offer, refused)| Row {
                text: &offer.text,
                about: refused.as_deref().unwrap_or_default(),
                refused: refused.is_some(),
            })
            .collect();
        let all = list.at_once.then(|| tr("editor.link_all"));
        let state = State { query: &mut list.query, chosen: &mut list.chosen, is_new: &mut list.is_new };
        let answer =
            list_ui(ui.ctx(), pointer(ui), list.title, tr("editor.link_none"), &shown, state, scope.theme, all);
        let taken: Vec<usize> = match answer {
            Answer::Open => {
                self.list = Some(list);
                return;
            }
            Answer::Closed => return,
            Answer::Taken(nth) => rows.get(nth).copied().into_iter().collect(),
            Answer::TakenAll => rows,
        };
        let offers: Vec<&Offer> =
            taken.iter().filter_map(|at| list.offers.get(*at)).filter(|offer| offer.refused.is_none()).collect();
        if offers.is_empty() {
            self.list = Some(list);
            return;
        }
        let keys = offers.iter().map(|offer| Item::Link(LinkKey::to(offer.consumer.clone())));
        let selected = Selection::of(keys);
        let mut edits: Vec<Edit> = offers.into_iter().flat_map(Offer::edits).collect();
        match edits.pop() {
            Some(only) if edits.is_empty() => scope.actions.edit(only),
            last => scope.actions.edit_all(list.title, edits.into_iter().chain(last).collect()),
        }
        scope.actions.push(Action::Select(selected));
        if list.at_once {
            self.list_next = list.without(&taken);
        }
    }

    fn quick_add_ui(&mut self, ui: &Ui, add: &mut QuickAdd, scope: &mut Scope<'_>) -> bool {
        let entries: Vec<(ComponentKey, String, String)> = scope
            .library
            .catalogue
            .newest()
            .map(|entry| {
                let component = &entry.component;
                let name = format!("{} {}", component.name, component.key.version);
                (component.key.clone(), name, format!("{} · {}", component.category, component.vendor))
            })
            .collect();
        let rows = matching(&add.query, entries.iter().map(|(_, name, about)| format!("{name} {about}")));
        let shown: Vec<Row<'_>> = rows
            .iter()
            .filter_map(|at| entries.get(*at))
            .map(|(_, name, about)| Row { text: name, about, refused: false })
            .collect();
        let at = self.camera().to_screen(self.view, add.at);
        let title = tr("editor.add_title");
        let state = State { query: &mut add.query, chosen: &mut add.chosen, is_new: &mut add.is_new };
        match list_ui(ui.ctx(), at, title, tr("editor.add_none"), &shown, state, scope.theme, None) {
            Answer::Open => false,
            Answer::Closed | Answer::TakenAll => true,
            Answer::Taken(nth) => {
                let key = rows.get(nth).and_then(|at| entries.get(*at)).map(|(key, ..)| key.clone());
                if let Some(key) = key {
                    self.place_at(&key, add.at, scope);
                }
                true
            }
        }
    }
}

/// Shows where an arrow leads; `true` when it is done.
fn jumps_ui(ui: &Ui, jumps: &mut Jumps, scope: &mut Scope<'_>) -> bool {
    let rows = matching(&jumps.query, jumps.targets.iter().map(|(_, text)| text.clone()));
    let shown: Vec<Row<'_>> = rows
        .iter()
        .filter_map(|at| jumps.targets.get(*at))
        .map(|(_, text)| Row { text, about: "", refused: false })
        .collect();
    let state = State { query: &mut jumps.query, chosen: &mut jumps.chosen, is_new: &mut jumps.is_new };
    match list_ui(ui.ctx(), pointer(ui), tr("editor.jump_to"), tr("editor.link_none"), &shown, state, scope.theme, None)
    {
        Answer::Open => false,
        Answer::Closed | Answer::TakenAll => true,
        Answer::Taken(nth) => {
            if let Some((port, _)) = rows.get(nth).and_then(|at| jumps.targets.get(*at)) {
                scope.actions.push(Action::Reveal(Item::Port(port.clone())));
            }
            true
        }
    }
}

/// Where a list opens.
fn pointer(ui: &Ui) -> Pos2 {
    ui.ctx().pointer_latest_pos().unwrap_or_else(|| ui.max_rect().center())
}

struct Row<'a> {
    text: &'a str,
    about: &'a str,
    refused: bool,
}

struct State<'a> {
    query: &'a mut String,
    chosen: &'a mut usize,
    is_new: &'a mut bool,
}

/// Positions of texts that match, the best first; all in their order for an empty query.
fn matching(query: &str, texts: impl Iterator<Item = String>) -> Vec<usize> {
    if query.is_empty() {
        return texts.take(MOST_ROWS).enumerate().map(|(at, _)| at).collect();
    }
    let matcher = SkimMatcherV2::default().ignore_case();
    let mut scored: Vec<(i64, usize)> =
        texts.enumerate().filter_map(|(at, text)| Some((matcher.fuzzy_match(&text, query)?, at))).collect();
    scored.sort_by_key(|(score, at)| (-score, *at));
    scored.into_iter().take(MOST_ROWS).map(|(_, at)| at).collect()
}

/// A field to type in, and rows below to choose from by key or click.
#[allow(
    clippy::too_many_arguments,
    reason = "one private function for two callers; a struct would say the same words twice"
)]
fn list_ui(
    ctx: &Context,
    at: Pos2,
    title: &str,
    nothing: &str,
    rows: &[Row<'_>],
    state: State<'_>,
    theme: &Theme,
    all: Option<&str>,
) -> Answer {
    let id = egui::Id::unique("chart-list");
    let first = *state.is_new;
    // Where the pointer was when it opened; later it moves over the rows.
    let at = if first {
        ctx.data_mut(|data| data.insert_temp(id, at));
        at
    } else {
        ctx.data(|data| data.get_temp(id)).unwrap_or(at)
    };
    let (up, down, enter, escape) = ctx.input_mut(|input| {
        let mut key = |key| input.consume_key(Modifiers::NONE, key);
        (key(Key::ArrowUp), key(Key::ArrowDown), key(Key::Enter), key(Key::Escape))
    });
    *state.chosen = match (up, down) {
        (_, true) => (*state.chosen + 1).min(rows.len().saturating_sub(1)),
        (true, _) => state.chosen.saturating_sub(1),
        _ => (*state.chosen).min(rows.len().saturating_sub(1)),
    };
    let mut answer = Answer::Open;
    let area = egui::Area::new(id).order(egui::Order::Foreground).fixed_pos(at).constrain(true).show(ctx, |ui| {
        egui::Frame::popup(ui.style()).show(ui, |ui| {
            ui.set_width(440.0);
            ui.label(strong(title).size(SMALL).color(theme.dim));
            let field = ui.add(
                egui::TextEdit::singleline(state.query).hint_text(tr("editor.filter")).desired_width(f32::INFINITY),
            );
            let field = field.on_hover_text(tr("editor.filter"));
            if std::mem::take(state.is_new) {
                field.request_focus();
            }
            if field.changed() {
                *state.chosen = 0;
            }
            if let Some(all) = all.filter(|_| !rows.is_empty()) {
                let text = format!("{all} ({})", rows.len());
                if ui.add(egui::Button::new(strong(text)).min_size(egui::vec2(ui.available_width(), 26.0))).clicked() {
                    answer = Answer::TakenAll;
                }
            }
            egui::ScrollArea::vertical().max_height(300.0).show(ui, |ui| {
                for (nth, row) in rows.iter().enumerate() {
                    if row_ui(ui, row, nth == *state.chosen, (up || down) && nth == *state.chosen, theme) {
                        answer = Answer::Taken(nth);
                    }
                }
                if rows.is_empty() {
                    ui.label(RichText::new(nothing).color(theme.dim));
                }
            });
        });
    });
    if enter && !rows.is_empty() {
        answer = if all.is_some() { Answer::TakenAll } else { Answer::Taken(*state.chosen) };
    }
    let outside = !first && ctx.input(|input| input.pointer.any_pressed()) && {
        let pointer = ctx.input(|input| input.pointer.interact_pos());
        pointer.is_some_and(|pointer| !area.response.rect.contains(pointer))
    };
    if escape || outside { Answer::Closed } else { answer }
}

fn row_ui(ui: &mut Ui, row: &Row<'_>, chosen: bool, scroll: bool, theme: &Theme) -> bool {
    let colour = if row.refused { theme.dim } else { theme.text };
    let button = egui::Button::new(RichText::new(row.text).color(colour))
        .selected(chosen)
        .frame_when_inactive(false)
        .truncate()
        .shortcut_text(RichText::new(row.about).size(SMALL).color(theme.dim))
        .min_size(egui::vec2(ui.available_width(), 24.0));
    let response = ui.add(button);
    if scroll {
        response.scroll_to_me(None);
    }
    response.on_hover_text(format!("{}\n{}", row.text, row.about)).clicked()
}

/// A line beside the pointer: what would happen here.
pub fn note_at_pointer(ctx: &Context, text: &str, colour: Color32) {
    let Some(pointer) = ctx.pointer_hover_pos() else { return };
    egui::Area::new(egui::Id::unique("pointer-note"))
        .order(egui::Order::Tooltip)
        .fixed_pos(pointer + egui::vec2(16.0, 16.0))
        .interactable(false)
        .show(ctx, |ui| {
            egui::Frame::popup(ui.style()).show(ui, |ui| {
                ui.set_max_width(360.0);
                ui.label(RichText::new(text).color(colour));
            });
        });
}
