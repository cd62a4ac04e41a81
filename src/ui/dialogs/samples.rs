//! The plants that come with the program.

use super::{Dialog, DialogScope, Fate};
use crate::app;
use crate::ui::action::Action;
use crate::ui::lang::tr;

/// Offers them.
pub struct Samples;

impl Dialog for Samples {
    fn title(&self) -> String {
        tr("samples.title").to_owned()
    }

    fn ui(&mut self, ui: &mut egui::Ui, scope: &mut DialogScope<'_>) -> Fate {
        let mut fate = Fate::Open;
        for name in app::samples() {
            let shown = name.trim_end_matches(".plant");
            ui.horizontal(|ui| {
                if ui.add(egui::Button::new(shown).min_size(egui::vec2(160.0, 28.0))).clicked() {
                    scope.actions.push(Action::OpenSample(name));
                    fate = Fate::Closed;
                }
                let about = match shown {
                    "bottling-line" => tr("samples.bottling"),
                    "water-treatment" => tr("samples.water"),
                    "mistakes" => tr("samples.mistakes"),
                    _ => "",
                };
                ui.label(egui::RichText::new(about).color(scope.theme.dim));
            });
        }
        ui.add_space(8.0);
        if ui.button(tr("button.cancel")).clicked() { Fate::Closed } else { fate }
    }
}
