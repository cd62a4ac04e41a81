//! Guard of unsaved work.

use super::{Dialog, DialogScope, Fate};
use crate::ui::action::Action;
use crate::ui::icon::strong;
use crate::ui::lang::{tr, trf};

/// What goes on once the project may be left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Then {
    /// The program ends.
    Quit,
    /// The project is closed.
    Close,
    /// Another project is opened.
    Open(std::path::PathBuf),
    /// A sample is opened.
    OpenSample(&'static str),
    /// A new project is begun.
    New,
}

/// Asks what to do with work that is not saved.
pub struct Unsaved {
    /// Name of the project.
    pub name: String,
    /// What goes on then.
    pub then: Then,
}

impl Dialog for Unsaved {
    fn title(&self) -> String {
        trf("unsaved.title", &[&self.name])
    }

    fn ui(&mut self, ui: &mut egui::Ui, scope: &mut DialogScope<'_>) -> Fate {
        ui.label(tr("unsaved.text"));
        ui.add_space(12.0);
        let mut fate = Fate::Open;
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let size = egui::vec2(88.0, 28.0);
            let save = ui.add(egui::Button::new(strong(tr("unsaved.save"))).min_size(size));
            if save.clicked() || ui.input(|input| input.key_pressed(egui::Key::Enter)) {
                scope.actions.push(Action::SaveThen(self.then.clone()));
                fate = Fate::Closed;
            }
            if ui.add(egui::Button::new(tr("unsaved.discard")).min_size(size)).clicked() {
                scope.actions.push(Action::Leave(self.then.clone()));
                fate = Fate::Closed;
            }
            if ui.add(egui::Button::new(tr("button.cancel")).min_size(size)).clicked() {
                fate = Fate::Closed;
            }
        });
        fate
    }
}
