//! What was done and what went wrong, the latest first.

use egui::{RichText, Ui};

use crate::app::time_text;
use crate::ui::action::{Scope, Tone};
use crate::ui::icon::{Icon, icon};
use crate::ui::lang::tr;
use crate::ui::theme::SMALL;

/// The panel.
pub fn messages_ui(ui: &mut Ui, scope: &Scope<'_>) {
    let theme = scope.theme;
    let kept = scope.messages.kept();
    if kept.is_empty() {
        ui.label(RichText::new(tr("messages.none")).color(theme.dim));
        return;
    }
    egui::ScrollArea::both().auto_shrink(false).show(ui, |ui| {
        for message in kept.iter().rev() {
            ui.horizontal_top(|ui| {
                let (mark, colour) = match message.tone {
                    Tone::Done => (Icon::Check, theme.running),
                    Tone::Info => (Icon::Info, theme.dim),
                    Tone::Warning => (Icon::TriangleAlert, theme.warning),
                    Tone::Error => (Icon::CircleX, theme.bad),
                };
                ui.label(icon(mark, 13.0).color(colour));
                ui.label(RichText::new(time_text(message.time)).size(SMALL).color(theme.dim));
                ui.add(egui::Label::new(&message.text).selectable(true));
            });
        }
    });
}
