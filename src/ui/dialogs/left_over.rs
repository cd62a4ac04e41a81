//! What a crash left over: each project as it was after the last edit, to be opened or given up.

use std::path::PathBuf;

use egui::RichText;

use super::{Dialog, DialogScope, Fate};
use crate::app::{OnDisk, Orphan, time_text};
use crate::ui::action::Action;
use crate::ui::desktop::Decision;
use crate::ui::icon::strong;
use crate::ui::lang::{tr, trf};
use crate::ui::theme::SMALL;

/// Offers it.
pub struct LeftOver(Vec<Row>);

struct Row {
    name: String,
    project: Option<PathBuf>,
    n_changes: u64,
    at: String,
    on_disk: OnDisk,
    decided: bool,
}

impl LeftOver {
    /// Over what was found, in its order.
    pub fn new(found: &[Orphan]) -> Self {
        let row = |orphan: &Orphan| Row {
            name: orphan.name.clone(),
            project: orphan.project.clone(),
            n_changes: orphan.n_changes,
            at: time_text(orphan.at),
            on_disk: orphan.on_disk,
            decided: false,
        };
        Self(found.iter().map(row).collect())
    }
}

impl Dialog for LeftOver {
    fn title(&self) -> String {
        tr("left_over.title").to_owned()
    }

    fn width(&self) -> f32 {
        560.0
    }

    fn ui(&mut self, ui: &mut egui::Ui, scope: &mut DialogScope<'_>) -> Fate {
        let theme = scope.theme;
        ui.label(tr("left_over.text"));
        let mut fate = Fate::Open;
        for (nth, row) in self.0.iter_mut().enumerate().filter(|(_, row)| !row.decided) {
            ui.add_space(8.0);
            egui::Frame::new().fill(theme.inset).corner_radius(6).inner_margin(10).show(ui, |ui| {
                ui.set_width(ui.available_width());
                ui.label(strong(&row.name));
                let place = row.project.as_ref().map(|path| path.display().to_string());
                let place = place.unwrap_or_else(|| tr("left_over.never_saved").to_owned());
                let about = format!("{} · {} · {place}", trf("left_over.changes", &[&row.n_changes]), row.at);
                ui.label(RichText::new(about).size(SMALL).color(theme.dim));
                let warning = match row.on_disk {
                    OnDisk::Never | OnDisk::Same => None,
                    OnDisk::Changed => Some(tr("left_over.changed")),
                    OnDisk::Unreadable => Some(tr("left_over.unreadable")),
                    OnDisk::Gone => Some(tr("left_over.gone")),
                };
                if let Some(warning) = warning {
                    ui.label(RichText::new(warning).color(theme.warning));
                }
                ui.horizontal(|ui| {
                    if ui.button(strong(trf("left_over.recover", &[&row.name]))).clicked() {
                        scope.actions.push(Action::LeftOver(nth, Decision::Recover));
                        row.decided = true;
                        fate = Fate::Closed;
                    }
                    if ui.button(trf("left_over.discard", &[&row.name])).clicked() {
                        scope.actions.push(Action::LeftOver(nth, Decision::Discard));
                        row.decided = true;
                    }
                });
            });
        }
        ui.add_space(12.0);
        if ui.button(tr("left_over.later")).clicked() || self.0.iter().all(|row| row.decided) {
            fate = Fate::Closed;
        }
        fate
    }
}
