//! The format of a tag file.

use super::{Dialog, DialogScope, Fate};
use crate::ui::action::Action;
use crate::ui::desktop::{Purpose, TAG_FORMATS};
use crate::ui::lang::tr;

/// Asks for it.
pub struct TagFormats;

impl Dialog for TagFormats {
    fn title(&self) -> String {
        tr("tag_formats.title").to_owned()
    }

    fn ui(&mut self, ui: &mut egui::Ui, scope: &mut DialogScope<'_>) -> Fate {
        let mut fate = Fate::Open;
        ui.label(tr("tag_formats.text"));
        ui.add_space(8.0);
        for (format, name) in TAG_FORMATS {
            if ui.add(egui::Button::new(name).min_size(egui::vec2(160.0, 28.0))).clicked() {
                scope.actions.push(Action::Pick(Purpose::ExportTags(format)));
                fate = Fate::Closed;
            }
        }
        ui.add_space(8.0);
        if ui.button(tr("button.cancel")).clicked() { Fate::Closed } else { fate }
    }
}
