//! On line: virtual devices or real ones, values, downloads, comparisons, writes and records.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Desktop;
use crate::app::live::{
    ConnectionStates, DeviceCondition, Live, LiveState, LiveStep, Recording, Source, Values, VirtualOptions, Way,
    compare_devices,
};
use crate::app::{
    AccessOptions, Announcement, ComparisonReport, DownloadReport, GenerationReport, Item, Job, Loaders, Whereabouts,
    WriteReport, generate_all, port_label, read_downloaded,
};
use crate::model::{Name, PortRef};
use crate::ui::action::Tone;
use crate::ui::dialogs::{Download, Question, Transfer};
use crate::ui::lang::{said, tr, trf};
use crate::ui::pane::{self, Pane};

/// What is on line, as views see it in a frame.
pub struct Online {
    /// How the session stands.
    pub state: LiveState,
    /// Values.
    pub values: Arc<Values>,
    /// Links as connections.
    pub connections: Arc<ConnectionStates>,
    /// Devices, problems first.
    pub devices: Arc<Vec<DeviceCondition>>,
    /// The devices are virtual ones of this program.
    pub is_virtual: bool,
}

impl Online {
    /// How a device does.
    pub fn device(&self, name: &str) -> Option<&DeviceCondition> {
        self.devices.iter().find(|condition| condition.device == name)
    }
}

/// The session and what goes on beside it.
#[derive(Default)]
pub(super) struct Session {
    live: Option<Live>,
    /// A failure was told already.
    told: bool,
    n_remarks: usize,
    /// Writing was agreed to once.
    may_write: bool,
    writes: Vec<(String, Job<WriteReport>)>,
    recording: Option<Recording>,
    comparing: Option<Job<ComparisonReport>>,
    generating: Option<Job<GenerationReport>>,
    /// The user's programs that load payloads, as they were read when the download was opened.
    pub(super) loaders: Loaders,
}

impl Session {
    /// The live session.
    pub(super) fn live(&self) -> Option<&Live> {
        self.live.as_ref()
    }
}

impl Desktop {
    /// The live session.
    pub fn live(&self) -> Option<&Live> {
        self.session.live()
    }

    /// What views see of it in this frame.
    pub(super) fn online(&self) -> Option<Online> {
        let live = self.session.live.as_ref()?;
        Some(Online {
            state: live.state(),
            values: live.values(),
            connections: live.connections(),
            devices: live.devices(),
            is_virtual: live.is_virtual(),
        })
    }

    /// Starts every device as a virtual one, loads them, goes on line.
    pub(super) fn run_virtual(&mut self) {
        self.begin_session(Source::Virtual(VirtualOptions::default()));
    }

    /// Watches the devices of the plant: those that another program simulates, or the real ones.
    pub(super) fn go_online(&mut self) {
        let path = self.workspace.as_ref().and_then(crate::app::Workspace::path);
        let simulated = path.is_some_and(|path| Announcement::of_running(path).is_ok());
        let whereabouts = if simulated { Whereabouts::Simulated } else { Whereabouts::Planned };
        self.begin_session(Source::Network(AccessOptions { whereabouts, ..AccessOptions::default() }));
    }

    fn begin_session(&mut self, source: Source) {
        let Some(workspace) = &self.workspace else { return };
        let live = Live::start(&self.jobs, workspace.plan(), workspace.path(), source);
        live.keep(&self.views.variables.ports());
        live.show(&self.views.link_editor.shown_ports(workspace.plan()));
        self.session = Session { live: Some(live), may_write: self.session.may_write, ..Session::default() };
    }

    /// Goes off line; virtual devices end.
    pub(super) fn go_offline(&mut self) {
        self.session.recording = None;
        if let Some(live) = self.session.live.take() {
            live.stop();
        }
    }

    /// The session follows an edit.
    pub(super) fn follow_online(&self) {
        if let (Some(live), Some(workspace)) = (&self.session.live, &self.workspace) {
            live.update_plan(workspace.plan());
        }
    }

    /// The session watches what is on the screen.
    pub(super) fn watch_shown(&mut self) {
        let Some(live) = &self.session.live else { return };
        if let Some(ports) = self.views.variables.newly_kept() {
            live.keep(&ports);
        }
        if let (true, Some(workspace)) = (self.views.link_editor.shows_others(), &self.workspace) {
            live.show(&self.views.link_editor.shown_ports(workspace.plan()));
        }
    }

    /// Tells what went wrong, and takes the results of jobs on line.
    pub(super) fn take_online(&mut self) {
        if let Some(live) = &self.session.live {
            if let LiveState::Failed(failure) = live.state()
                && !self.session.told
            {
                self.session.told = true;
                self.messages.fail(&failure);
            }
            let remarks = live.remarks();
            for remark in remarks.iter().skip(self.session.n_remarks) {
                self.messages.tell(Tone::Warning, format!("{}\n{}", said(&remark.what), said(&remark.why)));
            }
            self.session.n_remarks = remarks.len();
            if matches!(live.state(), LiveState::Failed(_) | LiveState::Ended) {
                self.session.live = None;
            }
        }
        self.take_writes();
        if let Some(result) = self.session.comparing.as_ref().and_then(Job::take) {
            self.session.comparing = None;
            match result {
                Ok(report) => self.views.compare.show(report),
                Err(failure) => {
                    self.views.compare.fails();
                    self.messages.fail(&failure);
                }
            }
        }
        if let Some(result) = self.session.generating.as_ref().and_then(Job::take) {
            self.session.generating = None;
            match result {
                Ok(report) => self.tell_generated(&report),
                Err(failure) => self.messages.fail(&failure),
            }
        }
        let recorded = self.session.recording.as_ref().and_then(|recording| recording.job.take());
        if let Some(result) = recorded {
            self.session.recording = None;
            match result {
                Ok(report) => {
                    let text = trf("told.recorded", &[&report.n_rows, &report.file.display()]);
                    self.messages.tell(if report.n_lost == 0 { Tone::Done } else { Tone::Warning }, text);
                }
                Err(failure) => self.messages.fail(&failure),
            }
        }
    }

    fn take_writes(&mut self) {
        let messages = &mut self.messages;
        self.session.writes.retain(|(item, job)| match job.take() {
            None => true,
            Some(Ok(report)) => {
                let held = report.read_back.map(|read| read.text).unwrap_or_default();
                messages.tell(Tone::Done, trf("told.wrote", &[item, &held]));
                false
            }
            Some(Err(failure)) => {
                messages.fail(&failure);
                false
            }
        });
    }

    /// Makes the configurations and says what they are; nothing leaves the program.
    pub(super) fn generate(&mut self) {
        let Some(workspace) = &self.workspace else { return };
        let (plan, path) = (workspace.plan().clone(), workspace.path().map(Path::to_owned));
        self.session.generating = Some(self.jobs.start_blocking(tr("job.generate"), move |_| {
            let downloaded = path.as_deref().map(read_downloaded).unwrap_or_default();
            generate_all(&plan, &downloaded, None).map(|(_, report)| report)
        }));
    }

    fn tell_generated(&mut self, report: &GenerationReport) {
        for error in report.errors.iter().chain(report.devices.iter().flat_map(|device| &device.errors)) {
            self.messages.tell(Tone::Error, said(error));
        }
        let n_connections: usize = report.devices.iter().map(|device| device.connections).sum();
        let text = trf("told.generated", &[&report.devices.len(), &n_connections]);
        self.messages.tell(if report.has_errors() { Tone::Warning } else { Tone::Done }, text);
        let states: BTreeMap<Name, Name> =
            report.devices.iter().map(|device| (device.device.clone(), device.fingerprint.as_str().into())).collect();
        if let Some(workspace) = &mut self.workspace {
            let known = workspace.plan().states();
            let states: Vec<_> = states
                .into_iter()
                .map(|(device, generated)| {
                    let mut state = known.get(&device).cloned().unwrap_or_default();
                    state.generated = Some(generated);
                    (device, state)
                })
                .collect();
            workspace.learn(&states);
        }
    }

    /// Opens the download, which begins with a dry run.
    pub(super) fn download(&mut self) {
        let Some(workspace) = &self.workspace else { return };
        self.session.loaders = match self.settings.loaders.as_deref().map(Loaders::read).transpose() {
            Ok(loaders) => loaders.unwrap_or_default(),
            Err(failure) => return self.messages.fail(&failure),
        };
        let transfer = Transfer {
            jobs: &self.jobs,
            plan: workspace.plan(),
            project: workspace.path(),
            live: self.session.live.as_ref(),
            loaders: &self.session.loaders,
        };
        let dialog = Download::new(&transfer);
        self.dialogs.open(dialog);
    }

    /// Takes in what a download noted of devices.
    pub(super) fn downloaded(&mut self, report: &DownloadReport) {
        if let Some(workspace) = &mut self.workspace {
            workspace.learn(&report.states);
        }
        if let Some(live) = &self.session.live {
            live.survey();
        }
    }

    /// Compares the devices with the plan.
    pub(super) fn compare(&mut self) {
        let Some(workspace) = &self.workspace else { return };
        pane::show(&mut self.tree, Pane::Compare);
        let options = AccessOptions::default();
        let way = self.session.live.as_ref().map_or(Way::Network(&options), Way::Live);
        let path: Option<PathBuf> = workspace.path().map(Path::to_owned);
        self.views.compare.begins();
        self.session.comparing = Some(compare_devices(&self.jobs, workspace.plan(), path, way, Vec::new()));
    }

    /// Puts the selected ports into the variable table.
    pub(super) fn watch_selected(&mut self) {
        let Some(workspace) = &self.workspace else { return };
        let ports: Vec<PortRef> = workspace
            .selection
            .items()
            .filter_map(|item| match item {
                Item::Port(port) | Item::Constant(port) => Some(port.clone()),
                Item::Link(key) => Some(key.consumer.clone()),
                _ => None,
            })
            .collect();
        self.watch(ports);
    }

    /// Puts ports into the variable table.
    pub(super) fn watch(&mut self, ports: Vec<PortRef>) {
        self.views.variables.add(ports);
        pane::show(&mut self.tree, Pane::Variables);
    }

    /// Writes a value, once the user has agreed that values are written.
    pub(super) fn write_value(&mut self, port: PortRef, literal: String) {
        let (Some(live), Some(workspace)) = (&self.session.live, &self.workspace) else { return };
        if !self.session.may_write {
            let item = Item::Port(port.clone());
            let device = item.device(workspace.plan()).unwrap_or_default();
            let about = port_label(workspace.plan(), &port);
            self.dialogs.open(crate::ui::dialogs::MayWrite { port, literal, about, device });
            return;
        }
        let job = live.write(&self.jobs, &port, &literal, None);
        self.session.writes.push((port_label(workspace.plan(), &port), job));
    }

    /// The user agreed.
    pub(super) fn allow_writes(&mut self, port: PortRef, literal: String) {
        self.session.may_write = true;
        self.write_value(port, literal);
    }

    /// Asks for the value to write to the selected port.
    pub(super) fn ask_write(&mut self) {
        let lead = self.workspace.as_ref().and_then(|workspace| workspace.selection.lead().cloned());
        if let Some(Item::Port(port) | Item::Constant(port)) = lead {
            self.ask(Question::Write(port));
        }
    }

    /// Records the variable table to a file; a record that runs ends.
    pub(super) fn record(&mut self, file: &Path) {
        let Some(live) = &self.session.live else { return };
        let ports = self.views.variables.ports();
        if ports.is_empty() {
            return self.messages.tell(Tone::Warning, tr("told.nothing_to_record"));
        }
        self.session.recording = Some(live.record(&self.jobs, file, &ports));
    }

    /// Ends the record that runs; `false` when there is none.
    pub(super) fn stop_record(&mut self) -> bool {
        match &self.session.recording {
            Some(recording) => {
                recording.stop();
                true
            }
            None => false,
        }
    }

    /// Rows recorded so far, while it is recorded.
    pub(super) fn n_recorded(&self) -> Option<u64> {
        self.session.recording.as_ref().map(Recording::n_rows)
    }

    /// Pulls or plugs the cable of a virtual device.
    pub(super) fn pull(&self, device: &Name, pulled: bool) {
        let Some(live) = &self.session.live else { return };
        if pulled { live.pull(device) } else { live.plug(device) }
    }
}

/// What a session that begins is at, in words.
pub fn step_text(step: LiveStep) -> String {
    match step {
        LiveStep::Generate => tr("live.generate").to_owned(),
        LiveStep::StartDevices => tr("live.start_devices").to_owned(),
        LiveStep::Download { done, total } => trf("live.download", &[&done, &total]),
        LiveStep::Connect => tr("live.connect").to_owned(),
    }
}
