//! The cross-reference: every port with what feeds it and what it feeds, as a table to filter, to sort and to jump from.

mod find;

use egui::{Key, Rect, RichText, Sense, Ui, pos2, vec2};

use self::find::{Column, Found, MOST_ROWS, Wanted, find};
use super::fields::nothing;
use crate::app::{Item, Job, XrefRow};
use crate::model::Name;
use crate::ui::action::{Action, Scope};
use crate::ui::icon::{Icon, font, icon, strong};
use crate::ui::lang::{tr, trf};
use crate::ui::theme::{SMALL, TEXT, Theme};

/// Height of a row, px.
const ROW: f32 = 22.0;
/// Narrowest table, px; a narrower panel scrolls.
const MIN_WIDTH: f32 = 900.0;
/// A plan with more instances is looked through by a job.
const FEW: usize = 500;

/// State of the panel.
#[derive(Default)]
pub struct CrossReference {
    filter: String,
    only_selection: bool,
    sorted: Option<(Column, bool)>,
    found: Found,
    /// What `found` answers, and for which state of the plan.
    found_for: Option<(u64, Wanted)>,
    /// A search that goes on, and what it is for.
    running: Option<(Job<Found>, (u64, Wanted))>,
}

impl CrossReference {
    /// Brings the rows up to date with plan, filter and selection; a large plan is looked through beside the screen, and the rows
    /// from before stay until then.
    fn follow(&mut self, scope: &Scope<'_>) {
        if let Some(result) = self.running.as_ref().and_then(|(job, _)| job.take()) {
            let wanted = self.running.take().map(|(_, wanted)| wanted);
            if let Ok(found) = result {
                self.found = found;
            }
            // One that was cancelled is not begun again by itself.
            self.found_for = wanted;
        }
        let now = (scope.workspace.revision(), self.wanted(scope));
        if self.found_for.as_ref() == Some(&now) {
            return;
        }
        let n_instances = now.1.instances.as_ref().map_or(scope.plan().instances().len(), Vec::len);
        if n_instances <= FEW {
            self.running = None;
            self.found = find(scope.plan(), &now.1, || false);
            self.found_for = Some(now);
            return;
        }
        // One at a time: what changed meanwhile is seen when it ends.
        if self.running.is_none() {
            let (plan, wanted) = (scope.plan().clone(), now.1.clone());
            let job = scope.jobs.start_blocking(tr("job.cross_reference"), move |job| {
                Ok(find(&plan, &wanted, || job.check().is_err()))
            });
            self.running = Some((job, now));
        }
    }

    fn wanted(&self, scope: &Scope<'_>) -> Wanted {
        let instances = self.only_selection.then(|| selected_instances(scope));
        Wanted { filter: self.filter.trim().to_owned(), instances, sorted: self.sorted }
    }
}

/// The instances that are selected, by themselves, a block, a port or a link, or that run on a selected device.
fn selected_instances(scope: &Scope<'_>) -> Vec<Name> {
    let plan = scope.plan();
    let mut names = Vec::new();
    for item in scope.workspace.selection.items() {
        match item {
            Item::Link(key) => {
                names.push(key.consumer.instance.clone());
                names.extend(plan.links().get(key).map(|link| link.provider.instance.clone()));
            }
            Item::Device(device) => names.extend(plan.instances_on(device).map(|(name, _)| name.clone())),
            _ => names.extend(item.instance().cloned()),
        }
    }
    names.sort();
    names.dedup();
    names
}

/// The panel.
pub fn cross_reference_ui(ui: &mut Ui, state: &mut CrossReference, scope: &mut Scope<'_>) {
    state.follow(scope);
    let theme = scope.theme;
    ui.horizontal(|ui| {
        let field = egui::TextEdit::singleline(&mut state.filter).hint_text(tr("findings.filter")).desired_width(200.0);
        ui.add(field).on_hover_text(tr("cross_reference.filter_tip"));
        ui.checkbox(&mut state.only_selection, tr("cross_reference.only_selection"));
        let n_rows = state.found.rows.len();
        let text = match state.found.is_cut {
            true => trf("cross_reference.cut", &[&MOST_ROWS]),
            false => trf("cross_reference.n_ports", &[&n_rows]),
        };
        ui.label(RichText::new(text).size(SMALL).color(theme.dim));
        if state.running.is_some() {
            ui.add(egui::Spinner::new().size(13.0));
        }
    });
    ui.add_space(4.0);
    if state.found.rows.is_empty() && state.running.is_none() {
        nothing(ui, theme, tr(if state.only_selection { "cross_reference.select" } else { "cross_reference.none" }));
        return;
    }
    let mut asked = Vec::new();
    egui::ScrollArea::horizontal().auto_shrink(false).show(ui, |ui| {
        let width = ui.available_width().max(MIN_WIDTH);
        ui.set_min_width(width);
        ui.spacing_mut().item_spacing.y = 0.0;
        head_ui(ui, state, theme, width);
        let rows = &state.found.rows;
        egui::ScrollArea::vertical().auto_shrink(false).show_rows(ui, ROW, rows.len(), |ui, range| {
            for row in rows.get(range).unwrap_or_default() {
                row_ui(ui, row, width, scope, &mut asked);
            }
        });
    });
    asked.into_iter().for_each(|action| scope.actions.push(action));
}

fn title(column: Column) -> &'static str {
    match column {
        Column::Port => tr("cross_reference.port"),
        Column::Component => tr("properties.component"),
        Column::Type => tr("properties.type"),
        Column::Direction => tr("properties.direction"),
        Column::Chart => tr("properties.chart"),
        Column::Device => tr("properties.device"),
        Column::FedBy => tr("properties.fed_by"),
        Column::Feeds => tr("properties.feeds"),
    }
}

/// The columns with where each stands in a row.
fn cells(row: Rect, width: f32) -> impl Iterator<Item = (Column, Rect)> {
    let mut x = row.min.x;
    Column::ALL.into_iter().map(move |(column, share)| {
        let cell = Rect::from_min_size(pos2(x, row.min.y), vec2(share * width - 8.0, row.height()));
        x += share * width;
        (column, cell)
    })
}

/// Titles; a press sorts by the column, upwards, downwards, not at all.
fn head_ui(ui: &mut Ui, state: &mut CrossReference, theme: &Theme, width: f32) {
    let (row, _) = ui.allocate_exact_size(vec2(width, ROW), Sense::hover());
    for (column, cell) in cells(row, width) {
        let sorted = state.sorted.filter(|(by, _)| *by == column).map(|(_, downwards)| downwards);
        let response = ui.interact(cell, ui.unique_id().with(("head", column)), Sense::click());
        response.widget_info(|| {
            egui::WidgetInfo::selected(egui::Role::ColumnHeader, true, sorted.is_some(), title(column))
        });
        let colour = if response.hovered() || response.has_focus() { theme.text } else { theme.dim };
        let painter = ui.painter().with_clip_rect(cell.intersect(ui.clip_rect()));
        let face = egui::FontId::new(SMALL, crate::ui::theme::semibold());
        let at = pos2(cell.min.x + 4.0, cell.center().y);
        let text = painter.text(at, egui::Align2::LEFT_CENTER, title(column), face, colour);
        if let Some(downwards) = sorted {
            let mark = char::from(if downwards { Icon::ArrowDown } else { Icon::ArrowUp });
            let at = pos2(text.max.x + 4.0, cell.center().y);
            painter.text(at, egui::Align2::LEFT_CENTER, mark, font(11.0), theme.accent);
        }
        if response.on_hover_text(tr("cross_reference.sort_tip")).clicked() {
            state.sorted = match sorted {
                None => Some((column, false)),
                Some(false) => Some((column, true)),
                Some(true) => None,
            };
        }
    }
    ui.painter().hline(row.x_range(), row.max.y, theme.line());
}

fn row_ui(ui: &mut Ui, row: &XrefRow, width: f32, scope: &Scope<'_>, asked: &mut Vec<Action>) {
    let theme = scope.theme;
    let item = Item::Port(row.at.clone());
    let selected = scope.is_selected(&item);
    let rect = Rect::from_min_size(ui.cursor().min, vec2(width, ROW));
    ui.advance_cursor_after_rect(rect);
    let response = ui.interact(rect, ui.unique_id().with(&row.at), Sense::click());
    response.widget_info(|| {
        let texts = Column::ALL.map(|(column, _)| column.text(row));
        egui::WidgetInfo::selected(egui::Role::Button, true, selected, texts.join(" ").trim_end())
    });
    let hovered = response.hovered() || scope.hovered == Some(&item);
    if selected || hovered || response.has_focus() {
        ui.painter().rect_filled(rect, 4.0, if selected { theme.accent_fill } else { theme.inset });
    }
    if response.has_focus() {
        ui.painter().rect_stroke(rect, 4.0, egui::Stroke::new(1.0, theme.accent), egui::StrokeKind::Inside);
    }
    let pointer = ui.ctx().pointer_latest_pos().filter(|_| response.hovered());
    // A cell that names another port leads there.
    let mut target = None;
    for (column, cell) in cells(rect, width) {
        let text = column.text(row);
        if text.is_empty() {
            continue;
        }
        let other = match column {
            Column::FedBy => row.fed_by.first(),
            Column::Feeds => row.feeds.first(),
            _ => None,
        };
        let over = pointer.is_some_and(|pointer| cell.contains(pointer));
        let colour = match column {
            Column::Port => theme.text,
            _ if other.is_some() && over => theme.accent,
            _ => theme.dim,
        };
        if over {
            target = other.map(|end| Item::Port(end.at.clone()));
        }
        let painter = ui.painter().with_clip_rect(cell.intersect(ui.clip_rect()));
        let at = pos2(cell.min.x + 4.0, cell.center().y);
        painter.text(at, egui::Align2::LEFT_CENTER, text, egui::FontId::proportional(TEXT), colour);
    }
    if response.hovered() {
        asked.push(Action::Hover(target.clone().unwrap_or_else(|| item.clone())));
    }
    let enter = response.has_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    if response.clicked() || enter {
        // Rows of a large plan can be a little behind it.
        let item = target.unwrap_or(item);
        if item.exists(scope.plan()) {
            asked.push(Action::Reveal(item));
        }
    }
    response.on_hover_ui(|ui| tip_ui(ui, row, theme));
}

/// All of a row, with transmission.
fn tip_ui(ui: &mut Ui, row: &XrefRow, theme: &Theme) {
    ui.label(strong(&row.port));
    for (mark, ends) in [(Icon::ArrowRightToLine, &row.fed_by), (Icon::ArrowRightFromLine, &row.feeds)] {
        for end in ends.iter().take(20) {
            ui.horizontal(|ui| {
                ui.label(icon(mark, 11.0).color(theme.dim));
                ui.label(&end.port);
                ui.label(RichText::new(&end.qos).size(SMALL).color(theme.dim));
            });
        }
    }
}
