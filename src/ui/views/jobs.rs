//! Work in the background: how far it is, and a way to stop it.

use egui::{RichText, Ui};

use crate::app::JobState;
use crate::ui::action::Scope;
use crate::ui::icon::{Icon, icon};
use crate::ui::lang::{said, tr};
use crate::ui::theme::SMALL;

/// The panel.
pub fn jobs_ui(ui: &mut Ui, scope: &Scope<'_>) {
    let theme = scope.theme;
    let jobs = scope.jobs.list();
    if jobs.is_empty() {
        ui.label(RichText::new(tr("jobs.none")).color(theme.dim));
        return;
    }
    egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        for job in &jobs {
            ui.horizontal(|ui| {
                match &job.state {
                    JobState::Running => drop(ui.add(egui::Spinner::new().size(13.0))),
                    JobState::Done => drop(ui.label(icon(Icon::Check, 13.0).color(theme.running))),
                    JobState::Failed(_) => drop(ui.label(icon(Icon::CircleX, 13.0).color(theme.bad))),
                    JobState::Cancelled => drop(ui.label(icon(Icon::Ban, 13.0).color(theme.dim))),
                }
                ui.label(&job.title);
                if let (JobState::Running, Some(progress)) = (&job.state, job.progress) {
                    ui.add(egui::ProgressBar::new(progress).desired_width(160.0));
                }
                let text = match &job.state {
                    JobState::Failed(failure) => said(&failure.why),
                    _ => said(&job.text),
                };
                ui.label(RichText::new(text).color(theme.dim));
                let secs = job.elapsed.as_secs_f32();
                ui.label(RichText::new(format!("{secs:.1} s")).size(SMALL).color(theme.dim));
                if matches!(job.state, JobState::Running) && ui.button(tr("button.cancel")).clicked() {
                    scope.jobs.cancel(job.id);
                }
            });
        }
    });
}
