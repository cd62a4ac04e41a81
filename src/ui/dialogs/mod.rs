//! Dialogs: one file each. They lie over the window, one upon the other; Escape closes the uppermost.

mod about;
mod ask;
mod assign;
mod cable;
mod chart_formats;
mod cheat_sheet;
mod download;
mod explain;
mod left_over;
mod may_write;
mod options;
mod paste_problems;
mod path;
mod samples;
mod subnet;
mod tag_formats;
mod unsaved;

pub use about::About;
pub use ask::{Ask, Question};
pub use assign::AssignAddresses;
pub use cable::AddCable;
pub use chart_formats::ChartFormats;
pub use cheat_sheet::CheatSheet;
pub use download::{Download, Transfer};
pub use explain::Explain;
pub use left_over::LeftOver;
pub use may_write::MayWrite;
pub use options::Options;
pub use paste_problems::PasteProblems;
pub use path::PathDialog;
pub use samples::Samples;
pub use subnet::AddSubnet;
pub use tag_formats::TagFormats;
pub use unsaved::{Then, Unsaved};

use super::action::Actions;
use super::icon::strong;
use super::lang::tr;
use super::theme::Theme;
use crate::app::{UserSettings, Workspace};

/// What a dialog sees.
pub struct DialogScope<'a> {
    /// The project, if one is open.
    pub workspace: Option<&'a Workspace>,
    /// What is remembered of the user.
    pub settings: &'a UserSettings,
    /// What a download needs; `None` without a project.
    pub transfer: Option<&'a Transfer<'a>>,
    /// Looks.
    pub theme: &'a Theme,
    /// Where to ask.
    pub actions: &'a mut Actions,
}

/// What becomes of a dialog after a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It stays.
    Open,
    /// It is closed.
    Closed,
}

/// Something that asks or tells over the window.
pub trait Dialog {
    /// Its title.
    fn title(&self) -> String;

    /// Width of its contents, px.
    fn width(&self) -> f32 {
        420.0
    }

    /// Shows what is below the title.
    fn ui(&mut self, ui: &mut egui::Ui, scope: &mut DialogScope<'_>) -> Fate;
}

/// The dialogs that are open, the uppermost last.
#[derive(Default)]
pub struct Dialogs {
    open: Vec<(u64, Box<dyn Dialog>)>,
    /// Dialogs opened so far: each has a number, so that none begins with the size of another.
    n_opened: u64,
}

impl Dialogs {
    /// Opens one over the others.
    pub fn open(&mut self, dialog: impl Dialog + 'static) {
        self.n_opened += 1;
        self.open.push((self.n_opened, Box::new(dialog)));
    }

    /// Whether one is open.
    pub fn is_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// Shows them all; only the uppermost takes input.
    pub fn show(&mut self, ctx: &egui::Context, scope: &mut DialogScope<'_>) {
        let n_dialogs = self.open.len();
        let mut closed = None;
        for (at, (number, dialog)) in self.open.iter_mut().enumerate() {
            let is_uppermost = at + 1 == n_dialogs;
            let width = dialog.width();
            let response = egui::Modal::new(egui::Id::unique(("dialog", *number)))
                .backdrop_color(egui::Color32::from_black_alpha(if scope.theme.dark { 120 } else { 60 }))
                .frame(egui::Frame::popup(&ctx.global_style()).inner_margin(16))
                .show(ctx, |ui| {
                    ui.set_width(width.min(ui.ctx().content_rect().width() - 48.0));
                    ui.add(egui::Label::new(strong(dialog.title()).size(15.0)));
                    ui.add_space(8.0);
                    ui.add_enabled_ui(is_uppermost, |ui| dialog.ui(ui, scope)).inner
                });
            let left = is_uppermost && response.should_close();
            if response.inner == Fate::Closed || left {
                closed = Some(at);
            }
        }
        if let Some(at) = closed {
            self.open.remove(at);
        }
    }
}

/// The row of buttons at the foot: the main one, and the one that leaves. Enter presses the main one.
pub fn buttons(ui: &mut egui::Ui, main: &str, enabled: bool) -> Option<Fate> {
    let mut pressed = None;
    ui.add_space(12.0);
    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
        let accept = ui.add_enabled(enabled, egui::Button::new(strong(main)).min_size(egui::vec2(88.0, 28.0)));
        let enter = enabled && ui.input(|input| input.key_pressed(egui::Key::Enter));
        if accept.clicked() || enter {
            pressed = Some(Fate::Open);
        }
        if ui.add(egui::Button::new(tr("button.cancel")).min_size(egui::vec2(88.0, 28.0))).clicked() {
            pressed = Some(Fate::Closed);
        }
    });
    pressed
}
