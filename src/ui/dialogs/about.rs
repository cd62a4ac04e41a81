//! What this program is.

use super::{Dialog, DialogScope, Fate};
use crate::ui::lang::tr;

/// Version, purpose, licences.
pub struct About;

impl Dialog for About {
    fn title(&self) -> String {
        format!("Plantweave {}", env!("CARGO_PKG_VERSION"))
    }

    fn ui(&mut self, ui: &mut egui::Ui, scope: &mut DialogScope<'_>) -> Fate {
        ui.label(tr("about.purpose"));
        ui.add_space(8.0);
        for (what, licence) in [
            ("Plantweave", env!("CARGO_PKG_LICENSE")),
            ("Inter", "SIL OFL 1.1"),
            ("Lucide", "ISC"),
            ("egui", "MIT OR Apache-2.0"),
        ] {
            ui.horizontal(|ui| {
                ui.label(what);
                ui.label(egui::RichText::new(licence).color(scope.theme.dim));
            });
        }
        ui.add_space(12.0);
        if ui.button(tr("button.close")).clicked() { Fate::Closed } else { Fate::Open }
    }
}
