//! Agreement before the first value is written.

use super::{Dialog, DialogScope, Fate, buttons};
use crate::model::{Name, PortRef};
use crate::ui::action::Action;
use crate::ui::lang::{tr, trf};

/// Asks once a session whether values may be written to devices.
pub struct MayWrite {
    /// Port.
    pub port: PortRef,
    /// Value.
    pub literal: String,
    /// The port as people say it.
    pub about: String,
    /// Its device.
    pub device: Name,
}

impl Dialog for MayWrite {
    fn title(&self) -> String {
        tr("may_write.title").to_owned()
    }

    fn ui(&mut self, ui: &mut egui::Ui, scope: &mut DialogScope<'_>) -> Fate {
        ui.label(trf("may_write.text", &[&self.literal, &self.about, &self.device]));
        ui.label(egui::RichText::new(tr("may_write.once")).color(scope.theme.dim));
        match buttons(ui, tr("may_write.write"), true) {
            Some(Fate::Open) => {
                scope.actions.push(Action::AllowWrites { port: self.port.clone(), literal: self.literal.clone() });
                Fate::Closed
            }
            Some(Fate::Closed) => Fate::Closed,
            None => Fate::Open,
        }
    }
}
