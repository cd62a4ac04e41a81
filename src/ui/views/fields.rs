//! Rows of a label and a value, as properties and previews show them.

use egui::{Align, Layout, RichText, Ui, UiBuilder, vec2};

use crate::ui::icon::strong;
use crate::ui::theme::{SMALL, Theme};

/// Height of a row with a text, px.
const TEXT_ROW: f32 = 20.0;
/// Height of a row with a field to change, px.
const FIELD_ROW: f32 = 26.0;

/// A row with a value that is only read; a long one goes on below.
pub fn text_row(ui: &mut Ui, theme: &Theme, label: &str, value: impl Into<String>) {
    row(ui, theme, label, TEXT_ROW, |ui, _| {
        ui.add(egui::Label::new(value.into()).wrap().selectable(true));
    });
}

/// A row with things to jump to, one below the other.
pub fn jump_row(ui: &mut Ui, theme: &Theme, label: &str, jumps: impl FnOnce(&mut Ui)) {
    row(ui, theme, label, TEXT_ROW, |ui, _| jumps(ui));
}

/// A row with a field; it is called by the label, whose id is passed on.
pub fn field_row<R>(ui: &mut Ui, theme: &Theme, label: &str, field: impl FnOnce(&mut Ui, egui::Id) -> R) -> R {
    row(ui, theme, label, FIELD_ROW, field)
}

fn row<R>(ui: &mut Ui, theme: &Theme, label: &str, height: f32, value: impl FnOnce(&mut Ui, egui::Id) -> R) -> R {
    ui.horizontal_top(|ui| {
        let room = ui.available_width();
        let width = (room * 0.36).clamp((room * 0.45).min(84.0), 132.0);
        let rect = egui::Rect::from_min_size(ui.cursor().min, vec2(width, height - ui.spacing().item_spacing.y));
        let named = ui
            .scope_builder(UiBuilder::new().max_rect(rect).layout(Layout::left_to_right(Align::Center)), |ui| {
                ui.set_min_size(rect.size());
                let text = RichText::new(label).size(SMALL).color(theme.dim);
                ui.add(egui::Label::new(text).truncate()).on_hover_text(label).id
            })
            .inner;
        ui.vertical(|ui| {
            // A field's edge stands a little out.
            ui.set_width((ui.available_width() - 4.0).max(24.0));
            ui.set_min_height(rect.height());
            value(ui, named)
        })
        .inner
    })
    .inner
}

/// The title over rows that belong together.
pub fn group_title(ui: &mut Ui, theme: &Theme, title: &str) {
    ui.add_space(8.0);
    ui.label(strong(title).size(SMALL).color(theme.dim));
    ui.add_space(2.0);
}

/// Something to jump to, as a word that is pressed; cut where there is no room.
pub fn jump(ui: &mut Ui, theme: &Theme, text: &str) -> egui::Response {
    let label = egui::Label::new(RichText::new(text).color(theme.accent)).truncate().sense(egui::Sense::click());
    let response = ui.add(label).on_hover_text(text).on_hover_cursor(egui::CursorIcon::PointingHand);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Link, true, text));
    response
}

/// What a panel says when it has nothing to show.
pub fn nothing(ui: &mut Ui, theme: &Theme, text: &str) {
    ui.label(RichText::new(text).color(theme.dim));
}
