//! The views: each a function over what it may read, with a small state of its own.

mod camera;
pub mod compare;
mod cross_reference;
pub mod diagnostics;
mod fields;
mod findings;
mod jobs;
mod library;
pub mod link_editor;
mod messages;
pub mod network;
pub mod plane;
mod project;
mod properties;
mod topology;
mod tree;
pub mod variables;
pub mod welcome;

use egui::Ui;

use self::compare::Compare;
pub use self::compare::difference_ui;
use self::cross_reference::CrossReference;
use self::findings::Findings;
use self::library::LibraryView;
use self::link_editor::LinkEditor;
use self::network::Network;
use self::plane::Sight;
use self::project::Project;
use self::properties::Properties;
use self::topology::Topology;
use self::tree::ProjectTree;
use self::variables::Variables;
use super::action::Scope;
use super::pane::Pane;
use super::shell::Claim;
use crate::model::{FunctionRef, Name, Plan, Touched};

/// The states of all views.
#[derive(Default)]
pub struct Views {
    /// The link editor.
    pub link_editor: LinkEditor,
    /// The network.
    pub network: Network,
    /// Cables.
    pub topology: Topology,
    /// The project as a whole.
    pub project: Project,
    findings: Findings,
    library: LibraryView,
    properties: Properties,
    /// The view in the middle that the pointer was over last, and the pass in which that was shown last.
    central: Option<(Pane, u64)>,
    /// The variable table.
    pub variables: Variables,
    /// Plan and devices compared.
    pub compare: Compare,
    tree: ProjectTree,
    cross_reference: CrossReference,
}

impl Views {
    /// Another project is open.
    pub fn opened(&mut self, plan: &Plan) {
        *self = Self::default();
        self.link_editor.opened(plan);
        self.tree.opened(plan);
    }

    /// The plan was changed.
    pub fn changed(&mut self, plan: &Plan, touched: &Touched) {
        self.link_editor.changed(plan, touched);
        self.network.changed();
        self.variables.changed(plan);
        self.tree.changed(plan, touched);
        self.topology.changed();
    }

    /// Shows a panel.
    pub fn pane_ui(&mut self, ui: &mut Ui, pane: Pane, scope: &mut Scope<'_>) {
        self.notice(ui, pane);
        match pane {
            Pane::Plant => link_editor::link_editor_ui(ui, &mut self.link_editor, scope),
            Pane::Library => padded(ui, |ui| {
                if let Some(key) = library::library_ui(ui, &mut self.library, scope) {
                    self.link_editor.place_in_view(&key, scope);
                }
            }),
            Pane::Properties => padded(ui, |ui| properties::properties_ui(ui, &mut self.properties, scope)),
            Pane::Network => network::network_ui(ui, &mut self.network, scope),
            Pane::Tree => padded(ui, |ui| tree::tree_ui(ui, &mut self.tree, scope)),
            Pane::CrossReference => {
                padded(ui, |ui| cross_reference::cross_reference_ui(ui, &mut self.cross_reference, scope));
            }
            Pane::Topology => topology::topology_ui(ui, &mut self.topology, scope),
            Pane::Project => project::project_ui(ui, &mut self.project, scope),
            Pane::Findings => padded(ui, |ui| findings::findings_ui(ui, &mut self.findings, scope)),
            Pane::Variables => padded(ui, |ui| variables::variables_ui(ui, &mut self.variables, scope)),
            Pane::Diagnostics => padded(ui, |ui| diagnostics::diagnostics_ui(ui, scope)),
            Pane::Compare => padded(ui, |ui| compare::compare_ui(ui, &mut self.compare, scope)),
            Pane::Messages => padded(ui, |ui| messages::messages_ui(ui, scope)),
            Pane::Jobs => padded(ui, |ui| jobs::jobs_ui(ui, scope)),
        }
    }

    /// Of several views in the middle beside each other, commands go to the one that the pointer was over last.
    fn notice(&mut self, ui: &Ui, pane: Pane) {
        if !pane.is_central() {
            return;
        }
        let now = ui.ctx().cumulative_pass_nr();
        let is_pointed = ui.rect_contains_pointer(ui.max_rect());
        match &mut self.central {
            Some((central, last)) if *central == pane => *last = now,
            Some((_, last)) if !is_pointed && *last + 1 >= now => {}
            central => *central = Some((pane, now)),
        }
    }

    /// How the view in the middle is looked at, when that is one of boxes and lines.
    pub fn sight_mut(&mut self) -> Option<&mut Sight> {
        match self.central?.0 {
            Pane::Network => Some(self.network.sight_mut()),
            Pane::Topology => Some(self.topology.sight_mut()),
            _ => None,
        }
    }

    /// Keys and pastes that belong to a view, not to commands.
    pub fn claim(&self, ctx: &egui::Context) -> Claim {
        if self.network.takes_keys(ctx) || self.link_editor.lists() {
            Claim::Keys
        } else if self.network.takes_paste(ctx) {
            Claim::Paste
        } else {
            Claim::Nothing
        }
    }

    /// Shows what stands right in the tab bar over the chart.
    pub fn tab_bar_ui(&mut self, ui: &mut Ui, scope: &mut Scope<'_>) {
        link_editor::bar_ui(ui, &self.link_editor, scope);
    }

    /// Shows what stands beside the tabs in the middle.
    pub fn tab_trail_ui(&mut self, ui: &mut Ui, scope: &mut Scope<'_>) {
        link_editor::breadcrumb_ui(ui, &self.link_editor, scope);
    }
}

/// With room around.
fn padded(ui: &mut Ui, contents: impl FnOnce(&mut Ui)) {
    egui::Frame::new().inner_margin(egui::Margin::same(8)).show(ui, |ui| {
        ui.set_min_size(ui.available_size());
        contents(ui);
    });
}

/// The functions of an instance that have a place.
pub fn functions_of<'a>(plan: &'a Plan, instance: &'a Name) -> impl Iterator<Item = FunctionRef> + 'a {
    plan.instances().get(instance).into_iter().flat_map(move |described| {
        described.functions.keys().map(move |(ldev, rtauto)| FunctionRef {
            instance: instance.clone(),
            ldev: ldev.clone(),
            rtauto: rtauto.clone(),
        })
    })
}
