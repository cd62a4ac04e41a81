//! Addresses that would be assigned, shown before they are.

use egui::RichText;

use super::{Dialog, DialogScope, Fate, buttons};
use crate::app::Workspace;
use crate::app::network::{Assignment, assign_addresses};
use crate::ui::icon::{Icon, icon, strong};
use crate::ui::lang::{said, tr, trf};
use crate::ui::theme::SMALL;
use crate::ui::views::network::title;

/// Height of a row, px.
const ROW: f32 = 20.0;
/// Height of the list at most, px.
const MOST_HEIGHT: f32 = 320.0;

/// Shows them, and asks whether to make them.
pub struct AssignAddresses {
    assignment: Assignment,
    /// The workspace's revision that the assignment is for.
    revision: u64,
}

impl AssignAddresses {
    /// For the present plan.
    pub fn new(workspace: &Workspace) -> Self {
        Self { assignment: assign_addresses(workspace.plan()), revision: workspace.revision() }
    }
}

impl Dialog for AssignAddresses {
    fn title(&self) -> String {
        tr("assign.title").to_owned()
    }

    fn width(&self) -> f32 {
        520.0
    }

    fn ui(&mut self, ui: &mut egui::Ui, scope: &mut DialogScope<'_>) -> Fate {
        let Some(workspace) = scope.workspace else { return Fate::Closed };
        if workspace.revision() != self.revision {
            *self = Self::new(workspace);
        }
        let Assignment { changes, left, edits } = &self.assignment;
        let theme = scope.theme;
        ui.label(match changes.len() {
            0 if left.is_empty() => tr("assign.complete").to_owned(),
            0 => tr("assign.nothing").to_owned(),
            _ => trf("assign.text", &[&changes.len(), &edits.len()]),
        });
        ui.add_space(8.0);
        let n_rows = changes.len() + left.len();
        let spacing = ui.spacing().item_spacing.y;
        egui::ScrollArea::vertical().max_height(MOST_HEIGHT).auto_shrink([false, true]).show_rows(
            ui,
            ROW - spacing,
            n_rows,
            |ui, range| {
                for nth in range {
                    ui.horizontal(|ui| {
                        ui.set_height(ROW - spacing);
                        if let Some(change) = changes.get(nth) {
                            ui.label(icon(Icon::Plus, 12.0).color(theme.accent));
                            ui.label(strong(change.device.as_str()));
                            ui.label(RichText::new(title(change.column)).size(SMALL).color(theme.dim));
                            ui.label(&change.value);
                        } else if let Some((device, why)) = left.get(nth - changes.len()) {
                            ui.label(icon(Icon::TriangleAlert, 12.0).color(theme.warning));
                            ui.label(strong(device.as_str()));
                            ui.label(RichText::new(said(why)).color(theme.dim));
                        }
                    });
                }
            },
        );
        match buttons(ui, tr("assign.do"), !edits.is_empty()) {
            Some(Fate::Open) => {
                scope.actions.edit_all(tr("assign.title"), edits.clone());
                Fate::Closed
            }
            Some(Fate::Closed) => Fate::Closed,
            None => Fate::Open,
        }
    }
}
