//! The library: components by category or as a search finds them, what is known of the one chosen, and ways onto the chart.

mod preview;
mod rows;

use std::collections::HashSet;
use std::sync::Arc;

use egui::{Key, Rect, RichText, Sense, Ui, pos2, vec2};

use self::preview::{Shown, preview_ui};
use self::rows::Row;
use super::fields::nothing;
use crate::app::{Command, Library};
use crate::model::{Component, ComponentKey};
use crate::ui::action::Scope;
use crate::ui::component_icon;
use crate::ui::icon::{Icon, font, icon};
use crate::ui::lang::{Lang, chosen, tr, trf};
use crate::ui::theme::{SMALL, TEXT, Theme, semibold};

/// Height of a row, px.
const ROW: f32 = 22.0;
/// How far a level is in, px.
const INDENT: f32 = 14.0;
/// Files that cannot be read and are named in the tooltip.
const MOST_PROBLEMS: usize = 12;

/// State of the panel.
#[derive(Default)]
pub struct LibraryView {
    query: String,
    closed: HashSet<String>,
    chosen: Option<ComponentKey>,
    rows: Vec<Row>,
    /// What `rows` are made of.
    rows_of: Option<RowsOf>,
    shown: Option<Shown>,
}

#[derive(PartialEq)]
struct RowsOf {
    library: *const Library,
    revision: u64,
    query: String,
    lang: Lang,
}

/// What was done with a row.
enum Done {
    Chosen(ComponentKey),
    Placed(ComponentKey),
    Turned(String),
}

impl LibraryView {
    fn follow(&mut self, scope: &Scope<'_>) {
        let now = RowsOf {
            library: Arc::as_ptr(scope.library),
            revision: scope.workspace.revision(),
            query: self.query.trim().to_owned(),
            lang: chosen(),
        };
        if self.rows_of.as_ref() == Some(&now) {
            return;
        }
        self.rows = if now.query.is_empty() {
            rows::tree(scope.library, scope.plan(), &self.closed, tr("library.only_in_project"))
        } else {
            rows::hits(scope.library, &now.query)
        };
        self.rows_of = Some(now);
    }
}

/// The panel; the component that is to be placed where there is room for it.
pub fn library_ui(ui: &mut Ui, state: &mut LibraryView, scope: &mut Scope<'_>) -> Option<ComponentKey> {
    state.follow(scope);
    let mut placed = None;
    if let Some(key) = state.chosen.clone() {
        let share = ui.available_height() * 0.5;
        let frame = egui::Frame::new().inner_margin(egui::Margin { top: 6, ..egui::Margin::ZERO });
        let panel = egui::Panel::bottom("library-preview").resizable(true).frame(frame);
        let below = panel.default_size(share).size_range(72.0..=ui.available_height().max(160.0) - 80.0);
        below.show(ui, |ui| {
            let asked = preview_ui(ui, &mut state.shown, &key, scope);
            match asked {
                preview::Asked::Nothing => {}
                preview::Asked::Place => placed = Some(key),
                preview::Asked::Choose(version) => state.chosen = Some(version),
                preview::Asked::Close => state.chosen = None,
            }
        });
    }
    head_ui(ui, state, scope);
    ui.add_space(4.0);
    match list_ui(ui, state, scope) {
        Some(Done::Chosen(key)) => state.chosen = Some(key),
        Some(Done::Placed(key)) => placed = Some(key),
        Some(Done::Turned(path)) => {
            if !state.closed.remove(&path) {
                state.closed.insert(path);
            }
            state.rows_of = None;
        }
        None => {}
    }
    placed
}

/// The search field, and importing.
fn head_ui(ui: &mut Ui, state: &mut LibraryView, scope: &mut Scope<'_>) {
    let row = vec2(ui.available_width(), 26.0);
    ui.allocate_ui_with_layout(row, egui::Layout::right_to_left(egui::Align::Center), |ui| {
        let button = ui.add(egui::Button::new(icon(Icon::PackagePlus, 14.0)));
        let button = button.on_hover_text(tr("command.import_components.tip"));
        button.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, tr("command.import_components")));
        if button.clicked() {
            scope.actions.run(Command::ImportComponents);
        }
        let field = egui::TextEdit::singleline(&mut state.query)
            .hint_text(tr("library.search"))
            .desired_width(ui.available_width());
        let field = ui.add(field).on_hover_text(tr("library.search_tip"));
        field.widget_info(|| egui::WidgetInfo::labeled(egui::Role::TextInput, true, tr("library.search_name")));
        let enter = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        if let Some(Row::Component { key, .. }) = state.rows.first().filter(|_| enter && !state.query.is_empty()) {
            state.chosen = Some(key.clone());
        }
    });
}

fn list_ui(ui: &mut Ui, state: &LibraryView, scope: &Scope<'_>) -> Option<Done> {
    let theme = scope.theme;
    let problems = scope.library.catalogue.problems();
    if !problems.is_empty() {
        let text = trf("library.problems", &[&problems.len()]);
        let named: Vec<String> =
            problems.iter().take(MOST_PROBLEMS).map(|problem| format!("{}: {}", problem.path, problem.fault)).collect();
        ui.horizontal(|ui| {
            ui.label(icon(Icon::TriangleAlert, 12.0).color(theme.warning));
            let label = egui::Label::new(RichText::new(text).size(SMALL)).truncate();
            ui.add(label).on_hover_text(named.join("\n"));
        });
    }
    if state.rows.is_empty() {
        nothing(ui, theme, tr(if state.query.trim().is_empty() { "library.empty" } else { "library.none" }));
        return None;
    }
    let mut done = None;
    ui.spacing_mut().item_spacing.y = 0.0;
    egui::ScrollArea::vertical().auto_shrink(false).show_rows(ui, ROW, state.rows.len(), |ui, range| {
        for row in state.rows.get(range).unwrap_or_default() {
            match row {
                Row::Category { path, name, depth, n_inside, open } => {
                    if category_ui(ui, theme, path, name, *depth, *n_inside, *open) {
                        done = Some(Done::Turned(path.clone()));
                    }
                }
                Row::Component { key, name, about, depth, older } => {
                    let selected = state.chosen.as_ref() == Some(key);
                    let row = ComponentRow { key, name, about, depth: *depth, older: *older, selected };
                    let entry = scope.library.catalogue.get(key).map(|entry| &entry.component);
                    let component = entry.or_else(|| scope.plan().components().get(key));
                    if let Some(new) = component_ui(ui, theme, &row, component) {
                        done = Some(new);
                    }
                }
            }
        }
    });
    done
}

/// A row to paint on: where it is and what is done with it.
fn ground(ui: &mut Ui, theme: &Theme, id: impl egui::AsIdSalt, selected: bool) -> (Rect, egui::Response) {
    let rect = Rect::from_min_size(ui.cursor().min, vec2(ui.available_width(), ROW));
    ui.advance_cursor_after_rect(rect);
    let response = ui.interact(rect, ui.unique_id().with(id), Sense::click_and_drag());
    if selected || response.hovered() || response.has_focus() {
        let fill = if selected { theme.accent_fill } else { theme.inset };
        ui.painter().rect_filled(rect, 4.0, fill);
    }
    if response.has_focus() {
        ui.painter().rect_stroke(rect, 4.0, egui::Stroke::new(1.0, theme.accent), egui::StrokeKind::Inside);
    }
    (rect, response)
}

/// A category; whether it is to be opened or closed.
fn category_ui(ui: &mut Ui, theme: &Theme, path: &str, name: &str, depth: u16, n_inside: usize, open: bool) -> bool {
    let (rect, response) = ground(ui, theme, ("category", path), false);
    response.widget_info(|| {
        egui::WidgetInfo::selected(egui::Role::DisclosureTriangle, true, open, format!("{name} ({n_inside})"))
    });
    let mark = char::from(if open { Icon::ChevronDown } else { Icon::ChevronRight });
    let x = rect.min.x + 2.0 + INDENT * f32::from(depth);
    let painter = ui.painter();
    painter.text(pos2(x, rect.center().y), egui::Align2::LEFT_CENTER, mark, font(13.0), theme.dim);
    let title = egui::FontId::new(TEXT, semibold());
    painter.text(pos2(x + 17.0, rect.center().y), egui::Align2::LEFT_CENTER, name, title, theme.text);
    let turned_by_key = response.has_focus()
        && ui.input(|input| input.key_pressed(if open { Key::ArrowLeft } else { Key::ArrowRight }));
    response.clicked() || turned_by_key
}

struct ComponentRow<'a> {
    key: &'a ComponentKey,
    name: &'a str,
    about: &'a str,
    depth: u16,
    older: bool,
    selected: bool,
}

fn component_ui(
    ui: &mut Ui,
    theme: &Theme,
    row: &ComponentRow<'_>,
    component: Option<&Arc<Component>>,
) -> Option<Done> {
    let (rect, response) = ground(ui, theme, row.key, row.selected);
    let caption = format!("{} · {}", row.name, row.key.version);
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, true, row.selected, &caption));
    response.dnd_set_drag_payload(row.key.clone());
    let x = rect.min.x + 4.0 + INDENT * f32::from(row.depth);
    let colour = if row.older { theme.dim } else { theme.text };
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    match component.and_then(|component| component_icon::texture(ui.ctx(), component)) {
        Some(texture) => {
            let icon = Rect::from_center_size(pos2(x + 7.0, rect.center().y), vec2(15.0, 15.0));
            component_icon::paint(&painter, icon, &texture);
        }
        None => {
            let at = pos2(x, rect.center().y);
            painter.text(at, egui::Align2::LEFT_CENTER, char::from(Icon::Box), font(13.0), theme.dim);
        }
    }
    let at = pos2(x + 20.0, rect.center().y);
    let text = painter.text(at, egui::Align2::LEFT_CENTER, &caption, egui::FontId::proportional(TEXT), colour);
    if !row.about.is_empty() {
        let at = pos2(text.max.x + 10.0, rect.center().y);
        painter.text(at, egui::Align2::LEFT_CENTER, row.about, egui::FontId::proportional(SMALL), theme.dim);
    }
    let enter = response.has_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    let done = if response.double_clicked() || enter {
        Some(Done::Placed(row.key.clone()))
    } else if response.clicked() || response.gained_focus() {
        Some(Done::Chosen(row.key.clone()))
    } else {
        None
    };
    let tip = if row.about.is_empty() { caption } else { format!("{caption}\n{}", row.about) };
    response.on_hover_text(format!("{tip}\n{}", tr("library.row_tip")));
    done
}
