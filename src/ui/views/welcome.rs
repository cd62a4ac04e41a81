//! The first page: samples, a new project, projects that were open.

use egui::{RichText, Ui, vec2};

use crate::app::{Command, UserSettings};
use crate::ui::action::{Action, Actions};
use crate::ui::icon::{Icon, Named, icon, of_command, strong};
use crate::ui::lang::tr;
use crate::ui::shell::keys_text;
use crate::ui::theme::{SMALL, Theme};

/// What the page sees.
pub struct Welcome<'a> {
    /// What is remembered of the user.
    pub settings: &'a UserSettings,
    /// Looks.
    pub theme: &'a Theme,
    /// A project is being opened.
    pub is_opening: bool,
}

/// The page.
pub fn welcome_ui(ui: &mut Ui, welcome: &Welcome<'_>, actions: &mut Actions) {
    let theme = welcome.theme;
    ui.painter().rect_filled(ui.max_rect(), 0.0, theme.canvas);
    let width = 760.0_f32.min(ui.available_width() - 48.0);
    let side = ((ui.available_width() - width) / 2.0).max(24.0);
    egui::ScrollArea::vertical().show(ui, |ui| {
        ui.add_space((ui.available_height() * 0.12).max(24.0));
        ui.horizontal(|ui| {
            ui.add_space(side);
            ui.vertical(|ui| {
                ui.set_width(width);
                ui.label(strong("Plantweave").size(28.0));
                ui.label(RichText::new(tr("welcome.subtitle")).size(15.0).color(theme.dim));
                ui.add_space(24.0);
                first_minute_ui(ui, welcome, actions);
                ui.add_space(24.0);
                ui.columns(2, |columns| {
                    start_ui(&mut columns[0], theme, actions);
                    recent_ui(&mut columns[1], welcome, actions);
                });
            });
        });
    });
}

/// The shortest way to values that move.
fn first_minute_ui(ui: &mut Ui, welcome: &Welcome<'_>, actions: &mut Actions) {
    let theme = welcome.theme;
    egui::Frame::new().fill(theme.block).stroke(theme.line()).corner_radius(8).inner_margin(16).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal(|ui| {
            ui.label(icon(Icon::Factory, 28.0).color(theme.accent));
            ui.add_space(8.0);
            ui.vertical(|ui| {
                ui.label(strong(tr("welcome.first_title")).size(15.0));
                ui.label(RichText::new(tr("welcome.first_text")).color(theme.dim));
            });
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if welcome.is_opening {
                    ui.add(egui::Spinner::new());
                }
                let button = egui::Button::new(strong(tr("welcome.open_bottling")).color(theme.block))
                    .fill(theme.accent)
                    .min_size(vec2(180.0, 32.0));
                if ui.add_enabled(!welcome.is_opening, button).clicked() {
                    actions.push(Action::OpenSample("bottling-line.plant"));
                }
            });
        });
    });
}

fn start_ui(ui: &mut Ui, theme: &Theme, actions: &mut Actions) {
    ui.label(strong(tr("welcome.start")).size(SMALL).color(theme.dim));
    ui.add_space(4.0);
    for command in [
        Command::NewProject,
        Command::OpenProject,
        Command::OpenSample,
        Command::ImportComponents,
        Command::Palette,
        Command::CheatSheet,
        Command::Options,
    ] {
        let row = command.row();
        let mark = of_command(command).unwrap_or(Icon::LayoutTemplate);
        let keys = row.keys.first().map(|keys| keys_text(ui.ctx(), keys)).unwrap_or_default();
        let button =
            egui::Button::new((icon(mark, 15.0).color(theme.dim), RichText::new(tr(&format!("command.{}", row.key)))))
                .shortcut_text(RichText::new(keys).size(SMALL).color(theme.dim))
                .frame_when_inactive(false)
                .min_size(vec2(ui.available_width() - 12.0, 28.0));
        let response = ui.add(button).named(tr(&format!("command.{}", row.key)));
        if response.on_hover_text(tr(&format!("command.{}.tip", row.key))).clicked() {
            actions.run(command);
        }
    }
}

fn recent_ui(ui: &mut Ui, welcome: &Welcome<'_>, actions: &mut Actions) {
    let theme = welcome.theme;
    ui.label(strong(tr("welcome.recent")).size(SMALL).color(theme.dim));
    ui.add_space(4.0);
    if welcome.settings.recent.is_empty() {
        ui.label(RichText::new(tr("welcome.no_recent")).color(theme.dim));
    }
    for recent in &welcome.settings.recent {
        let path = recent.path.display().to_string();
        let button = egui::Button::new((icon(Icon::Folder, 15.0).color(theme.dim), RichText::new(&recent.name)))
            .frame_when_inactive(false)
            .min_size(vec2(ui.available_width(), 28.0));
        if ui.add(button).named(&recent.name).on_hover_text(path).clicked() {
            actions.push(Action::Open(recent.path.clone()));
        }
    }
}
