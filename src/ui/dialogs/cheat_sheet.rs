//! Every command with its keys.

use super::{Dialog, DialogScope, Fate};
use crate::app::{COMMANDS, Menu};
use crate::ui::icon::strong;
use crate::ui::lang::tr;
use crate::ui::shell::keys_text;
use crate::ui::theme::SMALL;

/// The table of commands, and what hands do on the canvas.
#[derive(Default)]
pub struct CheatSheet;

impl Dialog for CheatSheet {
    fn title(&self) -> String {
        tr("cheat_sheet.title").to_owned()
    }

    fn width(&self) -> f32 {
        980.0
    }

    fn ui(&mut self, ui: &mut egui::Ui, scope: &mut DialogScope<'_>) -> Fate {
        let height = ui.ctx().content_rect().height() - 160.0;
        egui::ScrollArea::vertical().max_height(height).show(ui, |ui| {
            ui.spacing_mut().item_spacing.x = 24.0;
            ui.columns(3, |columns| {
                let parts: [&[Menu]; 3] = [
                    &[Menu::File, Menu::Edit],
                    &[Menu::View, Menu::Help],
                    &[Menu::Plant, Menu::Network, Menu::Online, Menu::Tools],
                ];
                for (ui, menus) in columns.iter_mut().zip(parts) {
                    for menu in menus {
                        let mut rows =
                            COMMANDS.iter().filter(|row| row.menu == *menu && !row.keys.is_empty()).peekable();
                        if rows.peek().is_some() {
                            section(ui, tr(&format!("menu.{}", menu.key())));
                        }
                        for row in rows {
                            line(ui, scope, tr(&format!("command.{}", row.key)), &keys_text(ui.ctx(), row.keys[0]));
                        }
                    }
                }
            });
            section(ui, tr("cheat_sheet.canvas"));
            for key in [
                "cheat_sheet.link",
                "cheat_sheet.replug",
                "cheat_sheet.many",
                "cheat_sheet.box",
                "cheat_sheet.pan",
                "cheat_sheet.zoom",
                "cheat_sheet.walk",
                "cheat_sheet.move",
            ] {
                ui.label(egui::RichText::new(tr(key)).size(SMALL).color(scope.theme.dim));
            }
        });
        ui.add_space(8.0);
        if ui.button(tr("button.close")).clicked() { Fate::Closed } else { Fate::Open }
    }
}

fn section(ui: &mut egui::Ui, title: &str) {
    ui.add_space(8.0);
    ui.label(strong(title).size(SMALL));
}

fn line(ui: &mut egui::Ui, scope: &DialogScope<'_>, what: &str, keys: &str) {
    ui.horizontal(|ui| {
        ui.add(egui::Label::new(egui::RichText::new(what.trim_end_matches('…')).size(SMALL)).truncate());
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ui.label(egui::RichText::new(keys).size(SMALL).color(scope.theme.dim));
        });
    });
}
