//! Download: first what would change in each device, then the change itself, device by device.

use std::path::Path;

use egui::{RichText, Ui};

use super::{Dialog, DialogScope, Fate};
use crate::app::live::{DownloadJob, DownloadRow, Live, RowState, Way};
use crate::app::{
    AccessOptions, DownloadOutcome, DownloadRequest, Failure, Jobs, Loaders, PayloadOutcome, PayloadReport,
};
use crate::model::Plan;
use crate::online::Step;
use crate::ui::action::Action;
use crate::ui::icon::{Icon, icon, strong};
use crate::ui::lang::{said, tr, trf};
use crate::ui::theme::{SMALL, Theme};
use crate::ui::views::difference_ui;

/// What a download needs.
pub struct Transfer<'a> {
    /// Where it runs.
    pub jobs: &'a Jobs,
    /// What is loaded.
    pub plan: &'a Plan,
    /// Where that is saved.
    pub project: Option<&'a Path>,
    /// The session that has a way to the devices.
    pub live: Option<&'a Live>,
    /// The user's programs that load payloads.
    pub loaders: &'a Loaders,
}

impl Transfer<'_> {
    fn begin(&self, dry_run: bool) -> DownloadJob {
        let options = AccessOptions::default();
        let way = self.live.map_or(Way::Network(&options), Way::Live);
        let request = DownloadRequest {
            devices: Vec::new(),
            all: false,
            dry_run,
            despite_errors: false,
            loaders: self.loaders.clone(),
        };
        DownloadJob::start(self.jobs, self.plan, self.project.map(Path::to_owned), way, request)
    }
}

/// The dialog.
pub struct Download {
    job: DownloadJob,
    /// It has ended; with what went wrong as a whole.
    ended: Option<Option<Failure>>,
    /// The device whose differences are shown.
    open: Option<crate::model::Name>,
}

impl Download {
    /// Begins with the dry run.
    pub fn new(transfer: &Transfer<'_>) -> Self {
        Self { job: transfer.begin(true), ended: None, open: None }
    }

    fn follow(&mut self, scope: &mut DialogScope<'_>) {
        if let Some(result) = self.job.job.take() {
            self.ended = Some(match result {
                Ok(report) => {
                    if !self.job.dry_run {
                        scope.actions.push(Action::Downloaded(Box::new(report)));
                    }
                    None
                }
                Err(failure) => Some(failure),
            });
        }
    }
}

impl Dialog for Download {
    fn title(&self) -> String {
        match (self.job.dry_run, self.ended.is_some()) {
            (true, _) => tr("download.dry").to_owned(),
            (false, false) => tr("download.running").to_owned(),
            (false, true) => tr("download.done").to_owned(),
        }
    }

    fn width(&self) -> f32 {
        760.0
    }

    fn ui(&mut self, ui: &mut Ui, scope: &mut DialogScope<'_>) -> Fate {
        self.follow(scope);
        let theme = scope.theme;
        if let Some(Some(failure)) = &self.ended {
            ui.label(RichText::new(said(&failure.what)).color(theme.bad));
            ui.label(said(&failure.why));
            ui.label(RichText::new(said(&failure.remedy)).color(theme.dim));
            ui.add_space(8.0);
        }
        let rows = self.job.rows();
        let n_done = rows.iter().filter(|row| row.state == RowState::Ended).count();
        if self.ended.is_none() {
            let part = if rows.is_empty() { 0.0 } else { n_done as f32 / rows.len() as f32 };
            ui.add(egui::ProgressBar::new(part).text(format!("{n_done} / {}", rows.len())));
            ui.add_space(4.0);
        }
        let height = (ui.ctx().content_rect().height() - 260.0).max(120.0);
        egui::ScrollArea::vertical().max_height(height).show(ui, |ui| {
            ui.set_min_width(ui.available_width());
            for row in &rows {
                row_ui(ui, row, &mut self.open, theme);
            }
        });
        let changes: usize = rows.iter().map(|row| row.device.differences.len()).sum();
        self.foot_ui(ui, changes, scope)
    }
}

impl Download {
    fn foot_ui(&mut self, ui: &mut Ui, n_differences: usize, scope: &mut DialogScope<'_>) -> Fate {
        let mut fate = Fate::Open;
        ui.add_space(12.0);
        let size = egui::vec2(96.0, 28.0);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| match (&self.ended, self.job.dry_run) {
            (None, _) => {
                if ui.add(egui::Button::new(tr("button.cancel")).min_size(size)).clicked() {
                    self.job.job.cancel();
                    fate = Fate::Closed;
                }
            }
            (Some(None), true) => {
                let text = trf("download.now", &[&n_differences]);
                let button = egui::Button::new(strong(text)).min_size(size);
                let enter = ui.input(|input| input.key_pressed(egui::Key::Enter));
                if let Some(transfer) = scope.transfer.filter(|_| ui.add(button).clicked() || enter) {
                    self.job = transfer.begin(false);
                    self.ended = None;
                }
                if ui.add(egui::Button::new(tr("button.cancel")).min_size(size)).clicked() {
                    fate = Fate::Closed;
                }
            }
            (Some(_), _) => {
                let enter = ui.input(|input| input.key_pressed(egui::Key::Enter));
                if ui.add(egui::Button::new(tr("button.close")).min_size(size)).clicked() || enter {
                    fate = Fate::Closed;
                }
            }
        });
        fate
    }
}

fn row_ui(ui: &mut Ui, row: &DownloadRow, open: &mut Option<crate::model::Name>, theme: &Theme) {
    let device = &row.device;
    let is_open = open.as_ref() == Some(&device.device);
    ui.horizontal(|ui| {
        let (mark, colour, text) = row_state(row, theme);
        match mark {
            Some(mark) => drop(ui.label(icon(mark, 14.0).color(colour))),
            None => drop(ui.add(egui::Spinner::new().size(14.0))),
        }
        let arrow = if is_open { Icon::ChevronDown } else { Icon::ChevronRight };
        let n_differences = device.differences.len();
        let name = (icon(arrow, 12.0).color(theme.dim), strong(device.device.as_str()));
        let has_more = n_differences > 0 || !device.payloads.is_empty() || device.error.is_some();
        if ui.add_enabled(has_more, egui::Button::new(name).frame(false)).clicked() {
            *open = (!is_open).then(|| device.device.clone());
        }
        ui.label(RichText::new(device.address.as_deref().unwrap_or_default()).size(SMALL).color(theme.dim));
        ui.label(text);
        if n_differences > 0 {
            ui.label(RichText::new(counts(row)).size(SMALL).color(theme.dim));
        }
    });
    if let Some(error) = &device.error {
        ui.horizontal_wrapped(|ui| {
            ui.add_space(24.0);
            ui.label(RichText::new(said(error)).color(theme.bad));
            ui.label(RichText::new(device.remedy.as_ref().map(said).unwrap_or_default()).color(theme.dim));
        });
    }
    if is_open {
        for difference in &device.differences {
            difference_ui(ui, difference, theme);
        }
        for payload in &device.payloads {
            payload_ui(ui, payload, theme);
        }
    }
}

/// A program or parameter set of the device, and what became of it.
fn payload_ui(ui: &mut Ui, payload: &PayloadReport, theme: &Theme) {
    let (colour, outcome) = match payload.outcome {
        PayloadOutcome::Loaded => (theme.text, tr("payload.loaded")),
        PayloadOutcome::Unchanged => (theme.dim, tr("payload.unchanged")),
        PayloadOutcome::WouldLoad => (theme.text, tr("payload.would_load")),
        PayloadOutcome::NotLoaded => (theme.dim, tr("payload.not_loaded")),
        PayloadOutcome::Failed => (theme.bad, tr("payload.failed")),
    };
    ui.horizontal_wrapped(|ui| {
        ui.add_space(24.0);
        ui.label(trf("payload.of", &[&payload.id, &payload.instance, &payload.loader]));
        ui.label(RichText::new(outcome).color(colour));
        ui.label(RichText::new(&payload.detail).size(SMALL).color(theme.dim));
    });
}

/// `+3 −1 ~2`: missing in the device, surplus there, otherwise there.
fn counts(row: &DownloadRow) -> String {
    let (mut missing, mut surplus, mut other) = (0, 0, 0);
    for difference in &row.device.differences {
        match (&difference.planned, &difference.found) {
            (Some(_), None) => missing += 1,
            (None, Some(_)) => surplus += 1,
            _ => other += 1,
        }
    }
    format!("+{missing} −{surplus} ~{other}")
}

fn row_state(row: &DownloadRow, theme: &Theme) -> (Option<Icon>, egui::Color32, String) {
    match &row.state {
        RowState::Waiting => (Some(Icon::Circle), theme.dim, tr("download.waiting").to_owned()),
        RowState::Running(step) => (None, theme.accent, step_text(*step).to_owned()),
        RowState::Ended => {
            let (mark, colour) = match row.device.outcome {
                DownloadOutcome::Failed => (Icon::CircleX, theme.bad),
                DownloadOutcome::Equal | DownloadOutcome::Downloaded => (Icon::CircleCheck, theme.running),
                _ => (Icon::CircleDot, theme.warning),
            };
            (Some(mark), colour, outcome_text(row.device.outcome).to_owned())
        }
    }
}

fn step_text(step: Step) -> &'static str {
    match step {
        Step::Identify => tr("download.identify"),
        Step::Compare => tr("download.compare"),
        Step::Change => tr("download.change"),
        Step::ReadBack => tr("download.read_back"),
        Step::Save => tr("download.save"),
        Step::PutBack => tr("download.put_back"),
        Step::Done => tr("download.finished"),
    }
}

fn outcome_text(outcome: DownloadOutcome) -> &'static str {
    match outcome {
        DownloadOutcome::Equal => tr("download.equal"),
        DownloadOutcome::Downloaded => tr("download.downloaded"),
        DownloadOutcome::WouldChange => tr("download.would_change"),
        DownloadOutcome::Failed => tr("download.failed"),
    }
}
