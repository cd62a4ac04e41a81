//! The tables: devices, functions, components, charts. A click selects, the name leads to where it is seen.

use egui::{Align, Layout, RichText, Ui};
use egui_extras::{Column, TableBuilder};

use crate::app::network::{AddressColumn, cell_text};
use crate::app::overview::{DeviceProgress, LoadState, Progress};
use crate::app::{Item, Selection, chart_tree, function_label};
use crate::model::{Attachment, ChartId, ComponentKey, FunctionRef, Name};
use crate::ui::action::{Action, Scope};
use crate::ui::icon::{Icon, icon, strong};
use crate::ui::lang::{chosen, said, tr, trf};
use crate::ui::theme::SMALL;

/// Height of a row, px.
const ROW: f32 = 24.0;

/// Rows worked out once for a state of the plan.
#[derive(Default)]
pub struct Rows {
    devices: Cached<(Name, Vec<Name>)>,
    functions: Cached<FunctionRef>,
    components: Cached<(ComponentKey, usize)>,
    charts: Cached<(ChartId, usize, usize)>,
}

/// Rows with the revision of the workspace that they are of.
struct Cached<T>(Option<u64>, Vec<T>);

impl<T> Default for Cached<T> {
    fn default() -> Self {
        Self(None, Vec::new())
    }
}

impl<T> Cached<T> {
    fn rows(&mut self, revision: u64, make: impl FnOnce() -> Vec<T>) -> &[T] {
        if self.0 != Some(revision) {
            *self = Self(Some(revision), make());
        }
        &self.1
    }
}

/// A table of rows that select.
fn table<T>(
    ui: &mut Ui,
    columns: &[(&str, f32)],
    rows: &[T],
    aim: Option<usize>,
    mut cell: impl FnMut(&mut Ui, &T, usize),
) {
    egui::ScrollArea::horizontal().id_salt("columns").auto_shrink(false).show(ui, |ui| {
        rows_ui(ui, columns, rows, aim, &mut cell);
    });
}

fn rows_ui<T>(
    ui: &mut Ui,
    columns: &[(&str, f32)],
    rows: &[T],
    aim: Option<usize>,
    cell: &mut impl FnMut(&mut Ui, &T, usize),
) {
    let dim = ui.visuals().weak_text_color();
    let mut builder = TableBuilder::new(ui)
        .id_salt(columns.first().map(|(title, _)| *title))
        .resizable(true)
        .auto_shrink(false)
        .animate_scrolling(false)
        .cell_layout(Layout::left_to_right(Align::Center));
    if let Some(row) = aim {
        builder = builder.scroll_to_row(row, Some(Align::Center));
    }
    for (_, width) in columns {
        builder = builder.column(Column::initial(*width).at_least(48.0).clip(true));
    }
    builder
        .header(22.0, |mut header| {
            for (title, _) in columns {
                header.col(|ui| {
                    ui.label(strong(*title).size(SMALL).color(dim));
                });
            }
        })
        .body(|body| {
            body.rows(ROW - 2.0, rows.len(), |mut row| {
                let Some(content) = rows.get(row.index()) else { return };
                for nth in 0..columns.len() {
                    row.col(|ui| cell(ui, content, nth));
                }
            });
        });
}

/// A name that leads to where the thing is seen; what is selected or under the pointer is marked.
fn jump(ui: &mut Ui, item: Item, text: &str, scope: &mut Scope<'_>) {
    let rect = ui.max_rect();
    if scope.is_selected(&item) {
        ui.painter().rect_filled(rect, 3.0, scope.theme.accent_fill);
    } else if scope.hovered == Some(&item) {
        ui.painter().rect_filled(rect, 3.0, scope.theme.inset);
    }
    let ground = ui.interact(rect, ui.unique_id().with("select"), egui::Sense::CLICK);
    ui.add_space(4.0);
    let link = ui.link(text).on_hover_text(tr("project.jump"));
    if ground.hovered() || link.hovered() {
        scope.actions.push(Action::Hover(item.clone()));
    }
    if link.clicked() {
        scope.actions.push(Action::Reveal(item));
    } else if ground.clicked() {
        scope.actions.push(Action::Select(Selection::only(item)));
    }
}

/// Devices, and how far each is.
pub fn devices_ui(ui: &mut Ui, rows: &mut Rows, progress: Option<&Progress>, scope: &mut Scope<'_>) {
    let plan = scope.workspace.plan();
    let rows = rows.devices.rows(scope.workspace.revision(), || {
        let mut by_device: std::collections::BTreeMap<&Name, Vec<Name>> =
            plan.devices().keys().map(|name| (name, Vec::new())).collect();
        for (name, instance) in plan.instances() {
            if let Some(instances) = by_device.get_mut(&instance.device) {
                instances.push(name.clone());
            }
        }
        by_device.into_iter().map(|(name, instances)| (name.clone(), instances)).collect()
    });
    let columns = [
        (tr("address.device"), 150.0),
        (tr("project.address"), 130.0),
        (tr("project.runs"), 170.0),
        (tr("project.configured"), 92.0),
        (tr("project.generated"), 92.0),
        (tr("project.loaded"), 150.0),
        (tr("project.state"), 170.0),
        (tr("project.connections"), 90.0),
    ];
    table(ui, &columns, rows, None, |ui, (name, instances), column| {
        let Some(device) = plan.devices().get(name) else { return };
        let known = progress.and_then(|progress| {
            let at = progress.devices.binary_search_by(|it| it.device.cmp(name)).ok()?;
            progress.devices.get(at)
        });
        match column {
            0 => jump(ui, Item::Device(name.clone()), name, scope),
            1 => {
                let text = match &device.attachment {
                    Attachment::Ethernet(_) => cell_text(name, device, AddressColumn::Ip),
                    Attachment::Profibus(address) => {
                        address.address.map(|number| trf("network.profibus", &[&number])).unwrap_or_default()
                    }
                };
                ui.label(text);
            }
            2 => {
                let names = instances.iter().map(Name::as_str).take(8).collect::<Vec<_>>().join(", ");
                ui.label(RichText::new(names).color(scope.theme.dim));
            }
            _ => progress_ui(ui, known, column, scope),
        }
    });
}

fn progress_ui(ui: &mut Ui, known: Option<&DeviceProgress>, column: usize, scope: &Scope<'_>) {
    let theme = scope.theme;
    let Some(known) = known else { return };
    // A mark with a word: neither colour nor shape alone.
    let mut mark = |good: bool, yes: &str, no: &str| {
        let (shape, colour) = if good { (Icon::Check, theme.running) } else { (Icon::Minus, theme.dim) };
        ui.label(icon(shape, 12.0).color(colour));
        ui.label(RichText::new(if good { yes } else { no }).size(SMALL));
    };
    match column {
        3 => mark(known.is_addressed, tr("project.yes"), tr("project.no_address")),
        4 => mark(known.is_generated, tr("project.yes"), tr("project.no")),
        5 => {
            let at = known.loaded_at.as_deref().unwrap_or_default();
            ui.label(RichText::new(at.replace('T', " ").trim_end_matches('Z')).size(SMALL));
        }
        6 => {
            let (shape, colour, text) = match known.load {
                LoadState::Faulty => (Icon::CircleX, theme.bad, tr("project.faulty")),
                LoadState::Never => (Icon::Minus, theme.dim, tr("project.never")),
                LoadState::Differs => (Icon::Diff, theme.warning, tr("project.differs")),
                LoadState::Same => (Icon::Check, theme.running, tr("project.same")),
            };
            ui.label(icon(shape, 12.0).color(colour));
            let label = ui.label(RichText::new(text).size(SMALL));
            if let Some(error) = known.errors.first() {
                label.on_hover_text(said(error));
            }
        }
        _ => drop(ui.label(RichText::new(known.n_connections.to_string()).size(SMALL))),
    }
}

/// Every function.
pub fn functions_ui(ui: &mut Ui, rows: &mut Rows, scope: &mut Scope<'_>) {
    let plan = scope.workspace.plan();
    let rows = rows.functions.rows(scope.workspace.revision(), || {
        let names = plan.instances().keys();
        names.flat_map(|name| crate::ui::views::functions_of(plan, name)).collect()
    });
    let columns = [
        (tr("project.function"), 200.0),
        (tr("project.component"), 190.0),
        (tr("project.version"), 80.0),
        (tr("address.device"), 160.0),
        (tr("project.chart"), 220.0),
    ];
    table(ui, &columns, rows, None, |ui, function, column| {
        let Some(instance) = plan.instances().get(&function.instance) else { return };
        match column {
            0 => jump(ui, Item::Function(function.clone()), &function_label(plan, function), scope),
            1 => {
                let name = plan.components().get(&instance.component).map(|component| component.name.clone());
                jump(ui, Item::Component(instance.component.clone()), &name.unwrap_or_default(), scope);
            }
            2 => drop(ui.label(instance.component.version.to_string())),
            3 => jump(ui, Item::Device(instance.device.clone()), &instance.device, scope),
            _ => {
                let place = instance.functions.get(&(function.ldev.clone(), function.rtauto.clone()));
                if let Some(place) = place {
                    let label = Item::Chart(place.chart).label(plan);
                    if ui.link(label).clicked() {
                        scope.actions.push(Action::OpenChart(place.chart));
                    }
                }
            }
        }
    });
}

/// Component versions, whether the library has newer ones, and their documents.
pub fn components_ui(ui: &mut Ui, rows: &mut Rows, aim: Option<ComponentKey>, scope: &mut Scope<'_>) {
    let plan = scope.workspace.plan();
    let rows = rows.components.rows(scope.workspace.revision(), || {
        let mut users: std::collections::HashMap<&ComponentKey, usize> = std::collections::HashMap::new();
        for instance in plan.instances().values() {
            *users.entry(&instance.component).or_default() += 1;
        }
        let count = |key: &ComponentKey| users.get(key).copied().unwrap_or(0);
        let mut rows: Vec<_> = plan.components().keys().map(|key| (key.clone(), count(key))).collect();
        rows.sort_by_key(|(key, _)| (plan.components().get(key).map(|component| component.name.clone()), key.clone()));
        rows
    });
    let columns = [
        (tr("project.component"), 210.0),
        (tr("project.version"), 80.0),
        (tr("project.newer"), 130.0),
        (tr("project.vendor"), 150.0),
        (tr("project.instances"), 90.0),
        (tr("project.documents"), 260.0),
    ];
    let row = aim.and_then(|key| rows.iter().position(|(other, _)| *other == key));
    table(ui, &columns, rows, row, |ui, (key, n_instances), column| {
        let Some(component) = plan.components().get(key) else { return };
        match column {
            0 => {
                let item = Item::Component(key.clone());
                let selected = scope.is_selected(&item);
                let response = ui.add(egui::Button::selectable(selected, component.name.as_str()));
                if response.clicked() {
                    scope.actions.push(Action::Select(Selection::only(item)));
                }
            }
            1 => drop(ui.label(key.version.to_string())),
            2 => {
                let newest = scope.library.catalogue.versions(&key.id);
                let newest = newest.first().map(|entry| entry.component.key.version);
                if let Some(newest) = newest.filter(|newest| *newest > key.version) {
                    ui.label(icon(Icon::CircleArrowUp, 12.0).color(scope.theme.accent));
                    ui.label(RichText::new(trf("project.newer_version", &[&newest])).size(SMALL));
                }
            }
            3 => drop(ui.label(RichText::new(component.vendor.as_str()).color(scope.theme.dim))),
            4 => drop(ui.label(n_instances.to_string())),
            _ => documents_ui(ui, key, scope),
        }
    });
}

/// The documents in the language of the screen, or all where there is none in it.
fn documents_ui(ui: &mut Ui, key: &ComponentKey, scope: &mut Scope<'_>) {
    let Some(component) = scope.workspace.plan().components().get(key) else { return };
    let lang = chosen().code();
    let is_own = |lang_of: &str| lang_of.is_empty() || lang_of.starts_with(lang);
    let has_own = component.links.iter().any(|link| link.lang.starts_with(lang));
    for link in component.links.iter() {
        // What is on the web often comes in one language only.
        if has_own && !is_own(&link.lang) && link.kind != "web" {
            continue;
        }
        let title = if link.title.is_empty() { &link.href } else { &link.title };
        if ui.link(RichText::new(title).size(SMALL)).on_hover_text(&link.href).clicked() {
            scope.actions.push(Action::OpenDocument(component.clone(), link.href.clone()));
        }
    }
}

/// Charts as they nest.
pub fn charts_ui(ui: &mut Ui, rows: &mut Rows, scope: &mut Scope<'_>) {
    let plan = scope.workspace.plan();
    let rows = rows.charts.rows(scope.workspace.revision(), || {
        let mut blocks: std::collections::HashMap<ChartId, usize> = std::collections::HashMap::new();
        for placement in plan.instances().values().flat_map(|instance| instance.functions.values()) {
            *blocks.entry(placement.chart).or_default() += 1;
        }
        let count = |chart: ChartId| blocks.get(&chart).copied().unwrap_or(0);
        chart_tree(plan).into_iter().map(|(chart, depth)| (chart, depth, count(chart))).collect()
    });
    let columns = [(tr("project.chart"), 280.0), (tr("project.functions"), 90.0), (tr("project.comment"), 380.0)];
    table(ui, &columns, rows, None, |ui, (chart, depth, n_functions), column| {
        let Some(described) = plan.charts().get(chart) else { return };
        match column {
            0 => {
                ui.add_space(16.0 * *depth as f32);
                if ui.link(described.name.as_str()).on_hover_text(tr("project.jump")).clicked() {
                    scope.actions.push(Action::OpenChart(*chart));
                }
            }
            1 => drop(ui.label(n_functions.to_string())),
            _ => drop(ui.label(RichText::new(described.comment.as_str()).color(scope.theme.dim))),
        }
    });
}
