//! Plan and devices held against each other: what each device lacks, has too much, or has otherwise.

use egui::{RichText, Ui};

use crate::app::{Command, ComparedDevice, ComparisonReport, Item};
use crate::online::Difference;
use crate::ui::action::{Action, Scope};
use crate::ui::icon::{Icon, Named, icon, strong};
use crate::ui::lang::{said, tr, trf};
use crate::ui::theme::{SMALL, Theme};

/// State of the view.
#[derive(Default)]
pub struct Compare {
    report: Option<ComparisonReport>,
    is_running: bool,
    /// Devices without a difference are shown too.
    all: bool,
}

impl Compare {
    /// A comparison has begun.
    pub fn begins(&mut self) {
        self.is_running = true;
    }

    /// What it found.
    pub fn show(&mut self, report: ComparisonReport) {
        self.report = Some(report);
        self.is_running = false;
    }

    /// It found nothing, because it failed.
    pub fn fails(&mut self) {
        self.is_running = false;
    }
}

/// The view.
pub fn compare_ui(ui: &mut Ui, state: &mut Compare, scope: &mut Scope<'_>) {
    let theme = scope.theme;
    ui.horizontal(|ui| {
        let button = egui::Button::new((icon(Icon::GitCompare, 13.0), RichText::new(tr("command.compare"))));
        if ui
            .add_enabled(!state.is_running, button)
            .named(tr("command.compare"))
            .on_hover_text(tr("command.compare.tip"))
            .clicked()
        {
            scope.actions.run(Command::Compare);
        }
        if state.is_running {
            ui.add(egui::Spinner::new().size(14.0));
        }
        ui.checkbox(&mut state.all, tr("compare.all"));
    });
    ui.add_space(8.0);
    let Some(report) = &state.report else {
        ui.label(RichText::new(tr("compare.never")).color(theme.dim));
        return;
    };
    let n_equal = report.devices.iter().filter(|device| is_equal(device)).count();
    ui.label(RichText::new(trf("compare.equal", &[&n_equal, &report.devices.len()])).color(theme.dim));
    ui.add_space(4.0);
    let mut asked = Vec::new();
    egui::ScrollArea::both().auto_shrink(false).show(ui, |ui| {
        for device in report.devices.iter().filter(|device| state.all || !is_equal(device)) {
            device_ui(ui, device, theme, &mut asked);
        }
    });
    asked.into_iter().for_each(|action| scope.actions.push(action));
}

fn is_equal(device: &ComparedDevice) -> bool {
    device.error.is_none() && device.differences.is_empty()
}

fn device_ui(ui: &mut Ui, device: &ComparedDevice, theme: &Theme, asked: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        let (mark, colour) = match (&device.error, device.differences.is_empty()) {
            (Some(_), _) => (Icon::CircleX, theme.bad),
            (None, false) => (Icon::CircleDot, theme.warning),
            (None, true) => (Icon::CircleCheck, theme.running),
        };
        ui.label(icon(mark, 14.0).color(colour));
        if ui.add(egui::Button::new(strong(device.device.as_str())).frame(false)).clicked() {
            asked.push(Action::Reveal(Item::Device(device.device.clone())));
        }
        ui.label(RichText::new(device.address.as_deref().unwrap_or_default()).color(theme.dim));
        if let Some(error) = &device.error {
            ui.label(said(error));
            ui.label(RichText::new(device.remedy.as_ref().map(said).unwrap_or_default()).color(theme.dim));
        }
    });
    for difference in &device.differences {
        difference_ui(ui, difference, theme);
    }
    ui.add_space(4.0);
}

/// One difference, its sign in front: `+` missing in the device, `-` not in the plan, `~` otherwise.
pub fn difference_ui(ui: &mut Ui, difference: &Difference, theme: &Theme) {
    ui.horizontal(|ui| {
        ui.add_space(24.0);
        let sign = difference.sign();
        let colour = match sign {
            '+' => theme.running,
            '-' => theme.bad,
            _ => theme.warning,
        };
        ui.label(strong(sign.to_string()).color(colour));
        ui.label(RichText::new(said(&difference.text())).size(SMALL));
    });
}
