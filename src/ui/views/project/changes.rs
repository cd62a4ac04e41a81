//! What changed since each device was loaded last, in words.

use egui::{RichText, Ui};

use crate::app::Item;
use crate::app::overview::{DeviceProgress, LoadState, Progress};
use crate::generate::{Change, ChangeKind};
use crate::model::Phrase;
use crate::ui::action::{Action, Scope};
use crate::ui::icon::{Icon, icon, strong};
use crate::ui::lang::{said, tr};

/// Height of a line, px.
const ROW: f32 = 20.0;

/// A line of the list.
enum Line<'a> {
    Device(&'a DeviceProgress),
    Error(&'a Phrase),
    Change(&'a Change),
    Unknown,
}

/// Shows them.
pub fn changes_ui(ui: &mut Ui, progress: Option<&Progress>, scope: &mut Scope<'_>) {
    let theme = scope.theme;
    let Some(progress) = progress else { return };
    let lines = lines(progress);
    if lines.is_empty() {
        let is_loaded = progress.devices.iter().any(|device| device.load != LoadState::Never);
        let text = if is_loaded { tr("project.no_changes") } else { tr("project.never_loaded") };
        ui.label(RichText::new(text).color(theme.dim));
        return;
    }
    let spacing = ui.spacing().item_spacing.y;
    egui::ScrollArea::vertical().auto_shrink(false).show_rows(ui, ROW - spacing, lines.len(), |ui, range| {
        for line in lines.get(range).unwrap_or_default() {
            ui.horizontal(|ui| {
                ui.set_height(ROW - spacing);
                match line {
                    Line::Device(device) => {
                        if ui.link(strong(device.device.as_str())).clicked() {
                            scope.actions.push(Action::Reveal(Item::Device(device.device.clone())));
                        }
                        let at = device.loaded_at.as_deref().unwrap_or_default();
                        ui.label(RichText::new(at).size(crate::ui::theme::SMALL).color(theme.dim));
                    }
                    Line::Change(change) => {
                        let mark = match change.kind {
                            ChangeKind::Added => Icon::Plus,
                            ChangeKind::Removed => Icon::Minus,
                            ChangeKind::Changed => Icon::PenLine,
                        };
                        ui.add_space(16.0);
                        ui.label(icon(mark, 11.0).color(theme.dim));
                        ui.label(said(&change.text));
                    }
                    Line::Error(text) => {
                        ui.add_space(16.0);
                        ui.label(icon(Icon::CircleX, 12.0).color(theme.bad));
                        ui.label(said(*text));
                    }
                    Line::Unknown => {
                        ui.add_space(16.0);
                        ui.label(RichText::new(tr("project.not_kept")).color(theme.dim));
                    }
                }
            });
        }
    });
}

fn lines(progress: &Progress) -> Vec<Line<'_>> {
    let mut lines: Vec<Line<'_>> = progress.errors.iter().map(Line::Error).collect();
    for device in &progress.devices {
        let changes = device.changes.as_deref().unwrap_or_default();
        let is_unknown = device.load == LoadState::Differs && changes.is_empty();
        if device.errors.is_empty() && changes.is_empty() && !is_unknown {
            continue;
        }
        lines.push(Line::Device(device));
        lines.extend(device.errors.iter().map(Line::Error));
        lines.extend(changes.iter().map(Line::Change));
        if is_unknown {
            lines.push(Line::Unknown);
        }
    }
    lines
}
