//! Properties of what is selected: of the one selected last, and of several links at once. Without a selection those of the project.

mod chart;
mod device;
mod form;
mod instance;
mod link;
mod port;
mod project;

use egui::{RichText, Ui};

use self::form::{Draft, Form};
use self::instance::VersionChange;
use crate::app::Item;
use crate::model::{LinkKey, Name, Plan};
use crate::ui::action::Scope;
use crate::ui::icon::strong;
use crate::ui::lang::trf;
use crate::ui::theme::SMALL;

/// State of the panel.
#[derive(Default)]
pub struct Properties {
    draft: Draft,
    waiting: Option<VersionChange>,
    counted: Option<Counted>,
}

/// What is found only by walking the whole plan, of one thing and one state of the plan.
struct Counted {
    item: Item,
    revision: u64,
    counts: Counts,
    /// Instances on a device.
    instances: Vec<Name>,
}

/// How many of what there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Functions on a chart.
    functions: usize,
    /// Charts directly in a chart.
    charts: usize,
    /// Instances of a component.
    instances: usize,
    /// Devices in a subnet.
    devices: usize,
}

impl Counts {
    fn of(plan: &Plan, item: &Item) -> Self {
        let mut counts = Self::default();
        match item {
            Item::Chart(chart) => {
                counts.charts = plan.charts().values().filter(|inner| inner.parent == Some(*chart)).count();
                let places = plan.instances().values().flat_map(|instance| instance.functions.values());
                counts.functions = places.filter(|place| place.chart == *chart).count();
            }
            Item::Component(key) => {
                counts.instances = plan.instances().values().filter(|instance| instance.component == *key).count();
            }
            Item::Subnet(name) => {
                let inside = |device: &crate::model::Device| {
                    device.ethernet_address().is_some_and(|address| address.subnet.as_ref() == Some(name))
                };
                counts.devices = plan.devices().values().filter(|device| inside(device)).count();
            }
            _ => {}
        }
        counts
    }
}

/// The panel.
pub fn properties_ui(ui: &mut Ui, state: &mut Properties, scope: &mut Scope<'_>) {
    let workspace = scope.workspace;
    let plan = workspace.plan();
    state.draft.take_left(ui.ctx(), plan, scope.actions);
    let selection = &workspace.selection;
    let item = selection.lead().cloned().unwrap_or(Item::Project);
    let links: Vec<LinkKey> = selection
        .items()
        .filter_map(|item| match item {
            Item::Link(key) => Some(key.clone()),
            _ => None,
        })
        .collect();
    let several_links = links.len() > 1 && links.len() == selection.items().len();
    let theme = scope.theme;
    ui.label(RichText::new(project::kind_text(&item)).size(SMALL).color(theme.dim));
    let n_selected = selection.items().len();
    let title = if several_links { trf("properties.n_links", &[&n_selected]) } else { item.label(plan) };
    ui.add(egui::Label::new(strong(title).size(14.0)).truncate());
    if n_selected > 1 && !several_links {
        let text = trf("properties.and_more", &[&(n_selected - 1)]);
        ui.label(RichText::new(text).size(SMALL).color(theme.dim));
    }
    ui.add_space(6.0);
    let is_counted = |counted: &Counted| counted.item == item && counted.revision == workspace.revision();
    if !state.counted.as_ref().is_some_and(is_counted) {
        let instances = match &item {
            Item::Device(name) => plan.instances_on(name).map(|(name, _)| name.clone()).collect(),
            _ => Vec::new(),
        };
        let counts = Counts::of(plan, &item);
        state.counted = Some(Counted { item: item.clone(), revision: workspace.revision(), counts, instances });
    }
    let Properties { draft, waiting, counted: Some(counted) } = state else { return };
    let of = if several_links { egui::Id::unique(("links", &links)) } else { egui::Id::unique(&item) };
    let mut form = Form { workspace, library: scope.library, theme, draft, actions: scope.actions, of };
    egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        let form = &mut form;
        match &item {
            Item::Link(_) if several_links => link::links_ui(ui, form, &links),
            Item::Link(key) => link::links_ui(ui, form, std::slice::from_ref(key)),
            Item::Port(port) | Item::Constant(port) => port::port_ui(ui, form, port),
            Item::Instance(name) => instance::instance_ui(ui, form, name, None, waiting),
            Item::Function(function) => {
                instance::instance_ui(ui, form, &function.instance, Some(function), waiting);
            }
            Item::Chart(chart) => chart::chart_ui(ui, form, *chart, counted.counts),
            Item::Frame(..) | Item::Note(..) => chart::decoration_ui(ui, form, &item),
            Item::Device(name) => device::device_ui(ui, form, name, &counted.instances),
            Item::Subnet(name) => device::subnet_ui(ui, form, name, counted.counts),
            Item::Cable(cable) => device::cable_ui(ui, form, cable),
            Item::Component(key) => project::component_ui(ui, form, key, counted.counts),
            Item::Project => project::project_ui(ui, form),
        }
    });
}
