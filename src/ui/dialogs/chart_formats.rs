//! The format of a chart's picture.

use super::{Dialog, DialogScope, Fate};
use crate::ui::action::Action;
use crate::ui::desktop::Purpose;
use crate::ui::lang::tr;

/// Asks for it.
pub struct ChartFormats;

impl Dialog for ChartFormats {
    fn title(&self) -> String {
        tr("chart_formats.title").to_owned()
    }

    fn ui(&mut self, ui: &mut egui::Ui, scope: &mut DialogScope<'_>) -> Fate {
        let mut fate = Fate::Open;
        for (svg, name) in [(true, tr("chart_formats.svg")), (false, tr("chart_formats.png"))] {
            if ui.add(egui::Button::new(name).min_size(egui::vec2(200.0, 28.0))).clicked() {
                scope.actions.push(Action::Pick(Purpose::ExportChart { svg }));
                fate = Fate::Closed;
            }
        }
        ui.add_space(8.0);
        if ui.button(tr("button.cancel")).clicked() { Fate::Closed } else { fate }
    }
}
