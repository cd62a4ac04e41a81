//! The bar at the top: menus, the way to everything, and how things stand.

use egui::{Align, Layout, RichText, Ui};

use super::keys_text;
use crate::app::live::LiveState;
use crate::app::{COMMANDS, Command, CommandRow, Counts, Menu, Situation, UserSettings, Workspace};
use crate::ui::action::{Action, Actions};
use crate::ui::desktop::{Online, step_text};
use crate::ui::icon::{Icon, Named, icon, of_command};
use crate::ui::lang::{said, tr, trf};
use crate::ui::pane::Pane;
use crate::ui::theme::{SMALL, Theme};

/// What the bar sees.
pub struct BarScope<'a> {
    /// What commands ask for.
    pub situation: &'a Situation,
    /// The project, if one is open.
    pub workspace: Option<&'a Workspace>,
    /// What is remembered of the user.
    pub settings: &'a UserSettings,
    /// Looks.
    pub theme: &'a Theme,
    /// Where to ask.
    pub actions: &'a mut Actions,
    /// Jobs that run.
    pub n_jobs: usize,
    /// What is on line.
    pub online: Option<&'a Online>,
}

/// The bar.
pub fn menu_bar_ui(ui: &mut Ui, scope: &mut BarScope<'_>) {
    let frame = egui::Frame::new().fill(scope.theme.bar).inner_margin(egui::Margin::symmetric(8, 4));
    egui::Panel::top("bar").frame(frame).show_separator_line(false).show(ui, |ui| {
        ui.set_min_height(28.0);
        egui::MenuBar::new().ui(ui, |ui| {
            for menu in Menu::ALL {
                ui.menu_button(tr(&format!("menu.{}", menu.key())), |ui| menu_ui(ui, menu, scope));
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                status_ui(ui, scope);
                search_ui(ui, scope);
            });
        });
    });
}

fn menu_ui(ui: &mut Ui, menu: Menu, scope: &mut BarScope<'_>) {
    ui.set_min_width(240.0);
    for row in COMMANDS.iter().filter(|row| row.menu == menu) {
        if row.section {
            ui.separator();
        }
        let label = match (row.command, scope.workspace) {
            (Command::Undo, Some(workspace)) => workspace.undo_label(),
            (Command::Redo, Some(workspace)) => workspace.redo_label(),
            _ => None,
        };
        if item_ui(ui, row, label.map(said).as_deref(), scope.situation) {
            scope.actions.run(row.command);
            ui.close();
        }
        if row.command == Command::OpenSample && !scope.settings.recent.is_empty() {
            ui.menu_button(tr("menu.recent"), |ui| {
                for recent in &scope.settings.recent {
                    let button = ui.button(&recent.name).on_hover_text(recent.path.display().to_string());
                    if button.clicked() {
                        scope.actions.push(Action::Open(recent.path.clone()));
                        ui.close();
                    }
                }
            });
        }
    }
}

/// A context menu of commands in groups; the one that was chosen.
pub fn context_menu(response: &egui::Response, groups: &[&[Command]], now: &Situation) -> Option<Command> {
    let mut chosen = None;
    response.context_menu(|ui| {
        ui.set_min_width(220.0);
        for (nth, group) in groups.iter().enumerate() {
            if nth > 0 {
                ui.separator();
            }
            for command in *group {
                if item_ui(ui, command.row(), None, now) {
                    chosen = Some(*command);
                    ui.close();
                }
            }
        }
    });
    chosen
}

fn item_ui(ui: &mut Ui, row: &CommandRow, about: Option<&str>, now: &Situation) -> bool {
    let enabled = row.when.holds(now);
    let mut text = tr(&format!("command.{}", row.key)).to_owned();
    if let Some(about) = about {
        text = format!("{text}: {about}");
    }
    // One without a mark keeps the room for it.
    let mark = match of_command(row.command) {
        Some(mark) => icon(mark, 14.0),
        None => icon(Icon::Dot, 14.0).color(egui::Color32::TRANSPARENT),
    };
    let mut button = egui::Button::new((mark, text.as_str()));
    if let Some(keys) = row.keys.first() {
        button = button.shortcut_text(RichText::new(keys_text(ui.ctx(), keys)).size(SMALL));
    }
    let response = ui.add_enabled(enabled, button).named(&text);
    let response = response.on_hover_text(tr(&format!("command.{}.tip", row.key)));
    response.on_disabled_hover_text(tr(&format!("when.{}", row.when.key()))).clicked()
}

/// The field that opens the palette.
fn search_ui(ui: &mut Ui, scope: &mut BarScope<'_>) {
    let room = ui.available_width();
    let width = (room - 40.0).clamp(0.0, 380.0);
    if width < 110.0 {
        return;
    }
    ui.add_space((room - width) / 2.0);
    let keys = keys_text(ui.ctx(), Command::Palette.row().keys[0]);
    let name = tr("command.palette").trim_end_matches('…');
    // Where menus leave little room, the glass and the keys say it.
    let text = if width < 260.0 { "" } else { name };
    let button = egui::Button::new((icon(Icon::Search, 13.0), RichText::new(text).color(scope.theme.dim)))
        .fill(scope.theme.inset)
        .shortcut_text(RichText::new(keys).size(SMALL).color(scope.theme.dim))
        .min_size(egui::vec2(width, 24.0));
    let response = ui.add(button);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, name));
    if response.clicked() {
        scope.actions.run(Command::Palette);
    }
}

/// Findings, and whether the plant is on line.
fn status_ui(ui: &mut Ui, scope: &mut BarScope<'_>) {
    let Some(workspace) = scope.workspace else { return };
    let theme = scope.theme;
    let Counts { errors: n_errors, warnings: n_warnings, .. } = workspace.counts();
    let warnings =
        if n_warnings == 1 { tr("status.warning").to_owned() } else { trf("status.warnings", &[&n_warnings]) };
    let errors = if n_errors == 1 { tr("status.error").to_owned() } else { trf("status.errors", &[&n_errors]) };
    let mut button = |ui: &mut Ui, mark: Icon, colour, text: String| {
        let button = egui::Button::new((icon(mark, 13.0).color(colour), RichText::new(&text))).frame(false);
        if ui.add(button).named(&text).clicked() {
            scope.actions.push(Action::Show(Pane::Findings));
        }
    };
    let (quiet, dim) = (Icon::Check, theme.dim);
    let (mark, colour) = if n_warnings > 0 { (Icon::TriangleAlert, theme.warning) } else { (quiet, dim) };
    button(ui, mark, colour, warnings);
    let (mark, colour) = if n_errors > 0 { (Icon::CircleX, theme.bad) } else { (quiet, dim) };
    button(ui, mark, colour, errors);
    ui.add_space(8.0);
    live_ui(ui, scope);
    if scope.n_jobs > 0 {
        ui.add_space(8.0);
        ui.add(egui::Spinner::new().size(14.0));
    }
}

/// Whether the plant is on line, and how many devices do well.
fn live_ui(ui: &mut Ui, scope: &mut BarScope<'_>) {
    let theme = scope.theme;
    let (text, mark, colour) = match scope.online.map(|online| &online.state) {
        None | Some(LiveState::Ended | LiveState::Failed(_)) => {
            (tr("status.offline").to_owned(), Icon::Circle, theme.dim)
        }
        Some(LiveState::Starting(step)) => (step_text(*step), Icon::CircleDashed, theme.accent),
        Some(LiveState::Ending) => (tr("live.ending").to_owned(), Icon::CircleDashed, theme.dim),
        Some(LiveState::Online { n_devices_ok, n_devices }) => {
            let text = trf("status.online", &[n_devices_ok, n_devices]);
            if n_devices_ok == n_devices {
                (text, Icon::CircleCheck, theme.running)
            } else {
                (text, Icon::TriangleAlert, theme.warning)
            }
        }
    };
    let button = egui::Button::new((icon(mark, 13.0).color(colour), RichText::new(&text))).frame(false);
    if ui.add(button).named(&text).clicked() {
        scope.actions.push(Action::Show(Pane::Diagnostics));
    }
}
