//! Cells of a spreadsheet that could not be pasted: nothing was.

use egui::RichText;

use super::{Dialog, DialogScope, Fate};
use crate::app::network::PasteProblem;
use crate::ui::icon::{Icon, icon, strong};
use crate::ui::lang::{said, tr, trf};
use crate::ui::theme::SMALL;

/// Height of a row, px.
const ROW: f32 = 20.0;
/// Letters of a cell that are shown.
const MOST_LETTERS: usize = 40;

/// Tells them.
pub struct PasteProblems(pub Vec<PasteProblem>);

impl Dialog for PasteProblems {
    fn title(&self) -> String {
        tr("paste_problems.title").to_owned()
    }

    fn width(&self) -> f32 {
        560.0
    }

    fn ui(&mut self, ui: &mut egui::Ui, scope: &mut DialogScope<'_>) -> Fate {
        let theme = scope.theme;
        ui.label(trf("paste_problems.text", &[&self.0.len()]));
        ui.add_space(8.0);
        let spacing = ui.spacing().item_spacing.y;
        egui::ScrollArea::vertical().max_height(320.0).auto_shrink([false, true]).show_rows(
            ui,
            ROW - spacing,
            self.0.len(),
            |ui, range| {
                for problem in self.0.get(range).unwrap_or_default() {
                    ui.horizontal(|ui| {
                        ui.set_height(ROW - spacing);
                        ui.label(icon(Icon::CircleX, 12.0).color(theme.bad));
                        let place = trf("paste_problems.cell", &[&problem.row, &problem.column]);
                        ui.label(RichText::new(place).size(SMALL).color(theme.dim));
                        ui.label(strong(problem.text.chars().take(MOST_LETTERS).collect::<String>()));
                        ui.label(said(&problem.why));
                    });
                }
            },
        );
        ui.add_space(12.0);
        let close = ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ui.add(egui::Button::new(strong(tr("button.ok"))).min_size(egui::vec2(88.0, 28.0))).clicked()
        });
        let enter = ui.input(|input| input.key_pressed(egui::Key::Enter));
        if close.inner || enter { Fate::Closed } else { Fate::Open }
    }
}
