//! Choices of the user: language, looks, libraries.

use super::{Dialog, DialogScope, Fate};
use crate::app::{LanguageChoice, ThemeChoice, UserSettings};
use crate::ui::action::Action;
use crate::ui::icon::{Icon, icon};
use crate::ui::lang::tr;

/// Shows them; each takes effect at once.
pub struct Options;

impl Dialog for Options {
    fn title(&self) -> String {
        tr("options.title").to_owned()
    }

    fn width(&self) -> f32 {
        480.0
    }

    fn ui(&mut self, ui: &mut egui::Ui, scope: &mut DialogScope<'_>) -> Fate {
        let mut settings = scope.settings.clone();
        egui::Grid::new("options").num_columns(2).spacing([24.0, 8.0]).show(ui, |ui| {
            choices(ui, &mut settings);
        });
        ui.add_space(12.0);
        ui.label(tr("options.libraries"));
        let mut removed = None;
        for (at, folder) in settings.libraries.iter().enumerate() {
            ui.horizontal(|ui| {
                let remove = ui.add(egui::Button::new(icon(Icon::X, 12.0)).frame(false));
                if remove.on_hover_text(tr("options.remove_library")).clicked() {
                    removed = Some(at);
                }
                ui.add(egui::Label::new(folder.display().to_string()).truncate());
            });
        }
        if let Some(at) = removed {
            settings.libraries.remove(at);
        }
        if ui.button(tr("options.add_library")).clicked() {
            scope.actions.push(Action::Pick(crate::ui::desktop::Purpose::AddLibrary));
        }
        ui.add_space(12.0);
        ui.label(tr("options.loaders"));
        if let Some(file) = settings.loaders.clone() {
            ui.horizontal(|ui| {
                let remove = ui.add(egui::Button::new(icon(Icon::X, 12.0)).frame(false));
                if remove.on_hover_text(tr("options.remove_loaders")).clicked() {
                    settings.loaders = None;
                }
                ui.add(egui::Label::new(file.display().to_string()).truncate());
            });
        } else if ui.button(tr("options.choose_loaders")).on_hover_text(tr("options.loaders_tip")).clicked() {
            scope.actions.push(Action::Pick(crate::ui::desktop::Purpose::ChooseLoaders));
        }
        if settings != *scope.settings {
            scope.actions.push(Action::SetSettings(Box::new(settings)));
        }
        ui.add_space(12.0);
        if ui.button(tr("button.close")).clicked() { Fate::Closed } else { Fate::Open }
    }
}

fn choices(ui: &mut egui::Ui, settings: &mut UserSettings) {
    ui.label(tr("options.language"));
    ui.horizontal(|ui| {
        ui.selectable_value(&mut settings.language, LanguageChoice::System, tr("options.as_system"));
        ui.selectable_value(&mut settings.language, LanguageChoice::English, "English");
        ui.selectable_value(&mut settings.language, LanguageChoice::German, "Deutsch");
    });
    ui.end_row();
    ui.label(tr("options.theme"));
    ui.horizontal(|ui| {
        ui.selectable_value(&mut settings.theme, ThemeChoice::System, tr("options.as_system"));
        ui.selectable_value(&mut settings.theme, ThemeChoice::Light, tr("options.light"));
        ui.selectable_value(&mut settings.theme, ThemeChoice::Dark, tr("options.dark"));
    });
    ui.end_row();
    ui.label(tr("options.scale"));
    ui.horizontal(|ui| {
        for scale in [0.9, 1.0, 1.25, 1.5, 2.0] {
            ui.selectable_value(&mut settings.scale, scale, format!("{:.0} %", scale * 100.0));
        }
    });
    ui.end_row();
    ui.label(tr("options.movement"));
    ui.checkbox(&mut settings.animations, tr("options.animations"));
    ui.end_row();
}
