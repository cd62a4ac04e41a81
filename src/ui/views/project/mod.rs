//! The project tab: what there is in numbers, every device, function, component and chart to jump to, and how far each device is on
//! its way from plan to plant.

mod changes;
mod tables;

use std::sync::Arc;

use egui::{RichText, Ui};

use self::tables::Rows;
use crate::app::overview::{Counts, Progress, progress};
use crate::app::{Item, Job, Workspace};
use crate::model::ComponentKey;
use crate::ui::action::{Action, Scope, Tone};
use crate::ui::icon::{Icon, icon, strong};
use crate::ui::lang::{tr, trf};
use crate::ui::theme::SMALL;

/// A part of the tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Part {
    #[default]
    Devices,
    Functions,
    Components,
    Charts,
    Changes,
}

/// State of the tab.
#[derive(Default)]
pub struct Project {
    part: Part,
    rows: Rows,
    /// The plan in numbers, and the revision of the workspace that it is of.
    counts: Option<(u64, Counts)>,
    progress: Option<Known>,
    job: Option<(u64, Job<Progress>)>,
    /// A component to be shown.
    aim: Option<ComponentKey>,
}

/// How far the devices were at a revision of the workspace.
struct Known {
    revision: u64,
    progress: Arc<Progress>,
}

impl Project {
    /// Shows a component among the others.
    pub fn centre(&mut self, item: &Item) {
        if let Item::Component(key) = item {
            self.part = Part::Components;
            self.aim = Some(key.clone());
        }
    }

    /// Whether what is known of the devices is of an earlier plan.
    fn is_stale(&self, workspace: &Workspace) -> bool {
        self.progress.as_ref().is_some_and(|known| known.revision != workspace.revision())
    }

    fn begin(&mut self, scope: &Scope<'_>) {
        let (plan, folder) = (scope.plan().clone(), scope.workspace.path().map(ToOwned::to_owned));
        let job = scope.jobs.start_blocking(tr("job.progress"), move |job| progress(&plan, folder.as_deref(), &job));
        self.job = Some((scope.workspace.revision(), job));
    }

    fn take(&mut self, scope: &mut Scope<'_>) {
        let Some((revision, result)) = self.job.as_ref().and_then(|(revision, job)| Some((*revision, job.take()?)))
        else {
            return;
        };
        self.job = None;
        let progress = result.unwrap_or_else(|failure| {
            scope.actions.push(Action::Tell(Tone::Warning, format!("{}: {}", failure.what, failure.why)));
            Progress::default()
        });
        self.progress = Some(Known { revision, progress: progress.into() });
    }
}

/// Shows the tab.
pub fn project_ui(ui: &mut Ui, state: &mut Project, scope: &mut Scope<'_>) {
    state.take(scope);
    if state.progress.is_none() && state.job.is_none() {
        state.begin(scope);
    }
    let frame = egui::Frame::new().inner_margin(egui::Margin::symmetric(16, 12));
    frame.show(ui, |ui| {
        ui.set_min_size(ui.available_size());
        head_ui(ui, state, scope);
        ui.add_space(8.0);
        parts_ui(ui, state, scope);
        ui.add_space(4.0);
        let progress = state.progress.as_ref().map(|known| Arc::clone(&known.progress));
        match state.part {
            Part::Devices => tables::devices_ui(ui, &mut state.rows, progress.as_deref(), scope),
            Part::Functions => tables::functions_ui(ui, &mut state.rows, scope),
            Part::Components => tables::components_ui(ui, &mut state.rows, state.aim.take(), scope),
            Part::Charts => tables::charts_ui(ui, &mut state.rows, scope),
            Part::Changes => changes::changes_ui(ui, progress.as_deref(), scope),
        }
    });
}

/// Name, remark and counts.
fn head_ui(ui: &mut Ui, state: &mut Project, scope: &mut Scope<'_>) {
    let (theme, revision) = (scope.theme, scope.workspace.revision());
    if state.counts.as_ref().is_none_or(|(of, _)| *of != revision) {
        state.counts = Some((revision, Counts::of(scope.plan())));
    }
    let Some((_, counts)) = &state.counts else { return };
    let name = ui.add(egui::Label::new(strong(scope.plan().name().as_str()).size(17.0)).sense(egui::Sense::click()));
    if name.clicked() {
        scope.actions.push(Action::Select(crate::app::Selection::only(Item::Project)));
    }
    let path =
        scope.workspace.path().map_or_else(|| tr("project.unsaved").to_owned(), |path| path.display().to_string());
    ui.label(RichText::new(path).size(SMALL).color(theme.dim));
    if let Some(comment) = scope.plan().comment().lines().next() {
        ui.label(comment);
    }
    ui.add_space(8.0);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(24.0, 4.0);
        for (number, word) in [
            (counts.devices, tr("project.devices")),
            (counts.instances, tr("project.instances")),
            (counts.functions, tr("project.functions")),
            (counts.components, tr("project.components")),
            (counts.charts, tr("project.charts")),
            (counts.links, tr("project.links")),
            (counts.cyclic_links, tr("project.cyclic")),
            (counts.constants, tr("project.constants")),
            (counts.cables, tr("project.cables")),
        ] {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = 5.0;
                ui.label(strong(number.to_string()));
                ui.label(RichText::new(word).size(SMALL).color(theme.dim));
            });
        }
    });
}

/// The parts, and how what is known of the devices stands.
fn parts_ui(ui: &mut Ui, state: &mut Project, scope: &mut Scope<'_>) {
    ui.horizontal(|ui| {
        for (part, text) in [
            (Part::Devices, tr("project.devices")),
            (Part::Functions, tr("project.functions")),
            (Part::Components, tr("project.components")),
            (Part::Charts, tr("project.charts")),
            (Part::Changes, tr("project.changes")),
        ] {
            if ui.add(egui::Button::selectable(state.part == part, RichText::new(text))).clicked() {
                state.part = part;
            }
        }
        if !matches!(state.part, Part::Devices | Part::Changes) {
            return;
        }
        ui.add_space(16.0);
        if state.job.is_some() {
            ui.add(egui::Spinner::new().size(13.0));
            ui.label(RichText::new(tr("project.working")).size(SMALL).color(scope.theme.dim));
            return;
        }
        let refresh = (icon(Icon::RefreshCw, 12.0), RichText::new(tr("project.refresh")).size(SMALL));
        if ui.add(egui::Button::new(refresh)).on_hover_text(tr("project.refresh.tip")).clicked() {
            state.begin(scope);
        }
        if state.is_stale(scope.workspace) {
            ui.label(icon(Icon::Clock, 12.0).color(scope.theme.warning));
            ui.label(RichText::new(tr("project.stale")).size(SMALL).color(scope.theme.warning));
        }
        if let Some(known) = &state.progress {
            let n_differ =
                known.progress.devices.iter().filter(|it| it.load == crate::app::overview::LoadState::Differs);
            let n_differ = n_differ.count();
            if n_differ > 0 {
                ui.label(RichText::new(trf("project.n_differ", &[&n_differ])).size(SMALL).color(scope.theme.dim));
            }
        }
    });
}
