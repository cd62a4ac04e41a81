//! Download of a project: checked, generated, payloads by their loaders, connections by the tool, and what was done noted.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use serde::Serialize;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::access::Access;
use super::generation::{keep_loaded, read_loaded};
use super::loaders::{Loaders, PayloadOutcome, PayloadReport};
use super::{Failure, keep_downloaded, open_project, read_project_files, save_project_files};
use crate::check::{self, LibraryFacts, Severity};
use crate::edit::{Document, Edit};
use crate::generate::{Configuration, PayloadReference, generate};
use crate::model::{DeviceState, Name, Phrase, Plan, Say};
use crate::online::{
    self, DeviceReport, Difference, DownloadError, DownloadOptions, Left, Outcome, Progress, Step, Targets,
    identify_device,
};
use crate::project;
use crate::rpc::RpcNode;
use crate::say;

/// Devices whose payloads are loaded at the same time.
const LOADERS_AT_ONCE: usize = 4;
/// Errors of the plan told when a download refuses; the rest is counted.
const ERRORS_TOLD: usize = 5;

/// What to download, and how.
#[derive(Debug, Clone, Default)]
pub struct DownloadRequest {
    /// Devices in the plan; empty means all.
    pub devices: Vec<Name>,
    /// Replace everything, also what is the same already.
    pub all: bool,
    /// Only find out what would be done.
    pub dry_run: bool,
    /// Go on although `check` finds errors.
    pub despite_errors: bool,
    /// Programs that load payloads.
    pub loaders: Loaders,
}

/// What a download did.
#[derive(Debug, Clone, Serialize)]
pub struct DownloadReport {
    /// One entry a device, by name.
    pub devices: Vec<DownloadedDevice>,
    /// What was done is noted in the project.
    pub noted: bool,
    /// Why it is not; `null` when it is.
    pub not_noted_because: Option<&'static str>,
    /// What was noted. Whoever has the plan open lets it know, see [`Document::learn`].
    #[serde(skip)]
    pub states: Vec<(Name, DeviceState)>,
}

/// Follows a download, from any thread.
pub trait DownloadObserver: Send + Sync {
    /// These devices are to be done.
    fn begins(&self, devices: &[DownloadedDevice]);
    /// A device goes on to this step.
    fn step(&self, device: &Name, step: Step);
    /// A device is done, or was not to be.
    fn ended(&self, device: &DownloadedDevice);
}

/// One who looks at the steps only.
struct StepsOnly(Progress);

impl DownloadObserver for StepsOnly {
    fn begins(&self, _: &[DownloadedDevice]) {}

    fn step(&self, device: &Name, step: Step) {
        (self.0)(device, step);
    }

    fn ended(&self, _: &DownloadedDevice) {}
}

impl DownloadReport {
    /// Whether a device was not done.
    pub fn has_failures(&self) -> bool {
        self.devices.iter().any(|device| device.outcome == DownloadOutcome::Failed)
    }
}

/// What was done to one device.
#[derive(Debug, Clone, Serialize)]
pub struct DownloadedDevice {
    /// The device in the plan.
    pub device: Name,
    /// Where it is, e.g. `192.168.0.11`; `null` when it has no address.
    pub address: Option<String>,
    /// How it ended.
    pub outcome: DownloadOutcome,
    /// Why it was not done; `null` when it was.
    pub error: Option<Phrase>,
    /// What to do about that.
    pub remedy: Option<Phrase>,
    /// What a device that was not done holds now.
    pub left: Option<LeftWith>,
    /// What differed before, device against plan.
    pub differences: Vec<Difference>,
    /// Connections removed, added and switched.
    pub changes: usize,
    /// Connections it holds when done.
    pub connections: usize,
    /// SHA-256 of the configuration.
    pub fingerprint: String,
    /// Stamp of the device's stored configuration, read back.
    pub pdev_stamp: Option<u32>,
    /// Stamp of each LDev's connection database, read back.
    pub cdb_cookies: BTreeMap<Name, u32>,
    /// Programs and parameter sets.
    pub payloads: Vec<PayloadReport>,
}

/// How it ended for a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DownloadOutcome {
    /// It held what it should already.
    Equal,
    /// It holds what it should now, read back and saved.
    Downloaded,
    /// A dry run: it would be changed.
    WouldChange,
    /// It was not done.
    Failed,
}

/// What a device that was not done holds now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LeftWith {
    /// What it held before: nothing had been changed.
    Untouched,
    /// What it held before: put back, and read back to be sure.
    PutBack,
    /// Not known.
    Unknown,
}

/// Downloads to the devices wanted and, if that went well, notes in the project what each holds now.
///
/// A device that fails is put back to what it held, and costs the others nothing. A cancel does the same to those under way.
///
/// # Errors
/// The plan has errors, a device named does not exist, or what was done cannot be noted.
pub async fn download(
    project: &Path,
    plan: &Plan,
    access: &Access,
    request: &DownloadRequest,
    cancel: CancellationToken,
    progress: Progress,
) -> Result<DownloadReport, Failure> {
    download_observed(Some(project), plan, access, request, cancel, Arc::new(StepsOnly(progress))).await
}

/// As [`download()`], of a plan that need not be saved, with one who follows it device by device.
///
/// # Errors
/// As [`download()`].
pub(super) async fn download_observed(
    project: Option<&Path>,
    plan: &Plan,
    access: &Access,
    request: &DownloadRequest,
    cancel: CancellationToken,
    observer: Arc<dyn DownloadObserver>,
) -> Result<DownloadReport, Failure> {
    let chosen = choose(plan, &request.devices, "download")?;
    if !request.despite_errors {
        refuse_errors(plan)?;
    }
    let generation = generate(plan);
    let mut reports: BTreeMap<Name, DownloadedDevice> = BTreeMap::new();
    let mut configurations = Vec::new();
    for generated in generation.devices {
        let configuration = Arc::new(generated.configuration);
        if !chosen.contains(&configuration.device) {
            continue;
        }
        let mut report = DownloadedDevice::new(&configuration, access);
        if generated.errors.is_empty() {
            configurations.push(configuration);
        } else {
            let errors = Phrase::joined(generated.errors.iter().map(Say::say));
            let remedy = say!("mend the plan; `plantweave check` tells more");
            report.fail(errors, remedy, LeftWith::Untouched);
        }
        reports.insert(report.device.clone(), report);
    }
    observer.begins(&reports.values().cloned().collect::<Vec<_>>());

    let loading = Loading {
        plan: plan.clone(),
        node: access.node.clone(),
        targets: Arc::clone(&access.targets),
        simulated: access.simulated,
        request: request.clone(),
        loaded: project.map(read_loaded).unwrap_or_default(),
        cancel: cancel.clone(),
    };
    let generated = configurations.clone();
    let ready = loading.load_all(configurations, &mut reports).await;

    for report in reports.values().filter(|report| !ready.iter().any(|one| one.device == report.device)) {
        observer.ended(report);
    }

    let options = DownloadOptions { all: request.all, dry_run: request.dry_run };
    let (steps, at_end) = (Arc::clone(&observer), reports.clone());
    let progress: Progress = Arc::new(move |device, step| steps.step(device, step));
    let ended = Arc::new(move |report: &DeviceReport| {
        if let Some(entry) = at_end.get(&report.device) {
            let mut entry = entry.clone();
            entry.take(report.clone());
            observer.ended(&entry);
        }
    });
    let (configurations, targets) = (ready.clone(), access.targets.clone());
    let done = online::download_each(&access.node, configurations, targets, options, cancel, progress, ended).await;
    for (configuration, report) in ready.iter().zip(done) {
        if let Some(entry) = reports.get_mut(&configuration.device) {
            entry.take(report);
        }
    }
    let mut states = Vec::new();
    let not_noted_because = match project {
        _ if request.dry_run => Some("nothing was done"),
        _ if access.simulated => Some("the devices are virtual ones"),
        None => Some("the project is not saved"),
        Some(project) if !project.is_dir() => Some("the project is an archive"),
        Some(project) => {
            note_payloads(project, &generated, &reports)?;
            states = note(project, &ready, &reports)?;
            None
        }
    };
    let noted = not_noted_because.is_none();
    Ok(DownloadReport { devices: reports.into_values().collect(), noted, not_noted_because, states })
}

/// The devices wanted: those named, or all that anything runs on.
pub(super) fn choose(plan: &Plan, named: &[Name], purpose: &str) -> Result<BTreeSet<Name>, Failure> {
    if let Some(unknown) = named.iter().find(|name| !plan.devices().contains_key(*name)) {
        let what = format!("cannot {purpose} device `{unknown}`");
        return Err(Failure::new(
            what,
            say!("the plan has no such device"),
            say!("`plantweave info` lists the devices"),
        ));
    }
    if named.is_empty() {
        return Ok(plan.devices().keys().cloned().collect());
    }
    // What runs on PROFIBUS is loaded into the proxy in front of it.
    Ok(named.iter().filter_map(|name| plan.serving_device(name)).cloned().collect())
}

fn refuse_errors(plan: &Plan) -> Result<(), Failure> {
    let findings = check::check(plan, &LibraryFacts::default());
    let errors: Vec<_> = findings.iter().filter(|finding| finding.severity == Severity::Error).collect();
    if errors.is_empty() {
        return Ok(());
    }
    let mut told: Vec<String> =
        errors.iter().take(ERRORS_TOLD).map(|finding| format!("{} {}", finding.code, finding.message)).collect();
    if errors.len() > ERRORS_TOLD {
        told.push(format!("and {} more", errors.len() - ERRORS_TOLD));
    }
    Err(Failure::new(
        say!("the plan has errors and is not downloaded"),
        told.join("\n       "),
        say!("mend them (`plantweave check` tells more), or download what can be with --despite-errors"),
    ))
}

/// The payloads of all devices.
struct Loading {
    plan: Plan,
    node: RpcNode,
    targets: Arc<Targets>,
    simulated: bool,
    request: DownloadRequest,
    /// What is in the devices already.
    loaded: BTreeMap<Name, Vec<PayloadReference>>,
    cancel: CancellationToken,
}

impl Loading {
    /// Has payloads loaded, several devices at a time. The devices to go on with: a device whose program is not in it is not
    /// wired.
    async fn load_all(
        self,
        configurations: Vec<Arc<Configuration>>,
        reports: &mut BTreeMap<Name, DownloadedDevice>,
    ) -> Vec<Arc<Configuration>> {
        let (loading, places) = (Arc::new(self), Arc::new(Semaphore::new(LOADERS_AT_ONCE)));
        let mut tasks = JoinSet::new();
        for configuration in configurations {
            let (loading, places) = (Arc::clone(&loading), Arc::clone(&places));
            tasks.spawn(async move {
                // The semaphore is never closed, so a place always comes.
                let _place = places.acquire().await;
                let loaded = loading.load(&configuration).await;
                (configuration, loaded)
            });
        }
        let mut ready = Vec::new();
        while let Some(ended) = tasks.join_next().await {
            // A task only ends without a result when it panicked; the panic is not hidden.
            let (configuration, loaded) = ended.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
            let Some(report) = reports.get_mut(&configuration.device) else { continue };
            match loaded {
                Ok(payloads) => {
                    let failed = payloads.iter().find(|payload| payload.outcome == PayloadOutcome::Failed);
                    let why = failed.map(|failed| {
                        say!(
                            "{id} of {instance}: {detail}",
                            id = failed.id,
                            instance = failed.instance,
                            detail = failed.detail
                        )
                    });
                    report.payloads = payloads;
                    match why {
                        Some(why) => {
                            let remedy = say!("mend what the loader complains of, and download again");
                            report.fail(why, remedy, LeftWith::Unknown)
                        }
                        None => ready.push(configuration),
                    }
                }
                Err(differences) => {
                    let error = DownloadError::Identity(differences);
                    report.fail(error.say(), error.remedy(), LeftWith::Untouched);
                }
            }
        }
        ready.sort_by(|a, b| a.device.cmp(&b.device));
        ready
    }

    /// Has the payloads of one device loaded.
    ///
    /// # Errors
    /// Another device than planned answers at its address.
    async fn load(&self, configuration: &Configuration) -> Result<Vec<PayloadReport>, Vec<Difference>> {
        let device = &configuration.device;
        let loaders = &self.request.loaders;
        let target = self.targets.get(device);
        let is_for_loader = |reference: &PayloadReference| loaders.has(&reference.loader) && !self.simulated;
        if let Some(target) = target.filter(|_| configuration.payloads.iter().any(is_for_loader)) {
            // A program must not end up in a stranger. A device that does not answer yet may well need its program first.
            if let Ok(differences) = identify_device(&self.node, target, configuration).await
                && !differences.is_empty()
            {
                return Err(differences);
            }
        }
        let loaded = self.loaded.get(device);
        let mut reports = Vec::with_capacity(configuration.payloads.len());
        for reference in &configuration.payloads {
            let quick = |outcome, detail: &str| PayloadReport {
                instance: reference.instance.clone(),
                id: reference.id.clone(),
                loader: reference.loader.clone(),
                outcome,
                detail: detail.to_owned(),
            };
            let unchanged = loaded.is_some_and(|loaded| loaded.contains(reference)) && !self.request.all;
            let report = match target {
                _ if self.simulated => quick(PayloadOutcome::NotLoaded, "a virtual device needs no program"),
                _ if !loaders.has(&reference.loader) => {
                    quick(PayloadOutcome::NotLoaded, "no loader of this name is configured")
                }
                None => quick(PayloadOutcome::NotLoaded, "the device has no address"),
                Some(_) if unchanged => quick(PayloadOutcome::Unchanged, ""),
                Some(_) if self.request.dry_run => quick(PayloadOutcome::WouldLoad, ""),
                Some(target) => loaders.load(&self.plan, device, target, reference, &self.cancel).await,
            };
            let failed = report.outcome == PayloadOutcome::Failed;
            reports.push(report);
            if failed {
                break;
            }
        }
        Ok(reports)
    }
}

impl DownloadedDevice {
    /// A device that nothing was done to yet.
    fn new(configuration: &Configuration, access: &Access) -> Self {
        Self {
            device: configuration.device.clone(),
            address: access.targets.get(&configuration.device).map(|target| target.to_string()),
            outcome: DownloadOutcome::Failed,
            error: None,
            remedy: None,
            left: None,
            differences: Vec::new(),
            changes: 0,
            connections: 0,
            fingerprint: configuration.fingerprint(),
            pdev_stamp: None,
            cdb_cookies: BTreeMap::new(),
            payloads: Vec::new(),
        }
    }

    fn fail(&mut self, error: Phrase, remedy: Phrase, left: LeftWith) {
        self.outcome = DownloadOutcome::Failed;
        self.error = Some(error);
        self.remedy = Some(remedy);
        self.left = Some(left);
    }

    fn take(&mut self, report: DeviceReport) {
        self.differences = report.differences;
        self.changes = report.n_changes;
        self.connections = report.n_connections;
        self.pdev_stamp = report.pdev_stamp;
        self.cdb_cookies = report.cdb_cookies;
        match report.outcome {
            Outcome::Equal => self.outcome = DownloadOutcome::Equal,
            Outcome::Downloaded => self.outcome = DownloadOutcome::Downloaded,
            Outcome::WouldChange => self.outcome = DownloadOutcome::WouldChange,
            Outcome::Failed(failed) => {
                let (left, error) = match &failed.left {
                    Left::Untouched => (LeftWith::Untouched, failed.why.say()),
                    Left::PutBack => (LeftWith::PutBack, failed.why.say()),
                    Left::Unknown(error) => {
                        (LeftWith::Unknown, say!("{why}; it could not be put back: {error}", why = failed.why, error))
                    }
                };
                self.fail(error, failed.why.remedy(), left);
            }
        }
    }
}

/// Notes in the project which payloads are in the devices, also in those whose connections were not done.
fn note_payloads(
    project: &Path,
    configurations: &[Arc<Configuration>],
    reports: &BTreeMap<Name, DownloadedDevice>,
) -> Result<(), Failure> {
    for configuration in configurations {
        let Some(report) = reports.get(&configuration.device) else { continue };
        if !report.payloads.iter().any(|payload| payload.outcome == PayloadOutcome::Loaded) {
            continue;
        }
        let is_in_device = |reference: &&PayloadReference| {
            report.payloads.iter().any(|payload| {
                (&payload.instance, &payload.id) == (&reference.instance, &reference.id)
                    && matches!(payload.outcome, PayloadOutcome::Loaded | PayloadOutcome::Unchanged)
            })
        };
        let payloads = configuration.payloads.iter().filter(is_in_device).cloned().collect();
        keep_loaded(project, &configuration.device, payloads)?;
    }
    Ok(())
}

/// Notes in the project what the devices that were done hold now. Nothing but the state of devices is written, whatever else may
/// have changed in the project since it was opened. Returns what was noted.
fn note(
    project: &Path,
    configurations: &[Arc<Configuration>],
    reports: &BTreeMap<Name, DownloadedDevice>,
) -> Result<Vec<(Name, DeviceState)>, Failure> {
    let done = |configuration: &&Arc<Configuration>| {
        let report = reports.get(&configuration.device);
        report.is_some_and(|report| matches!(report.outcome, DownloadOutcome::Equal | DownloadOutcome::Downloaded))
    };
    let done: Vec<&Arc<Configuration>> = configurations.iter().filter(done).collect();
    let mut states = Vec::new();
    if done.is_empty() {
        return Ok(states);
    }
    let now: Name = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string().into();
    let mut document = Document::new(open_project(project)?);
    for configuration in done {
        let Some(report) = reports.get(&configuration.device) else { continue };
        let fingerprint = Name::from(report.fingerprint.as_str());
        let before = document.plan().states().get(&configuration.device).cloned().unwrap_or_default();
        // What was equal already keeps the time at which it became so.
        let equal_before = report.outcome == DownloadOutcome::Equal && before.downloaded.as_ref() == Some(&fingerprint);
        let state = DeviceState {
            generated: Some(fingerprint.clone()),
            downloaded: Some(fingerprint),
            downloaded_at: before.downloaded_at.filter(|_| equal_before).or_else(|| Some(now.clone())),
            pdev_stamp: report.pdev_stamp,
            cdb_cookies: report.cdb_cookies.clone(),
        };
        states.push((configuration.device.clone(), state.clone()));
        // A device that was taken out of the plan meanwhile has no state to note any more.
        let _ = document.apply(&Edit::SetState { device: configuration.device.clone(), state: Some(state) });
        keep_downloaded(project, configuration)?;
    }
    let mut files = read_project_files(project)?;
    if let Some(state) = project::write(document.plan()).remove(project::STATE) {
        files.insert(project::STATE.to_owned(), state);
    }
    save_project_files(project, &files)?;
    Ok(states)
}
