//! Download: make each device hold what its configuration says, or leave it as it was.
//!
//! Per device: identify, compare, change only what differs (or all), read back and compare, save, read back the stamps. Whatever
//! fails on the way, or a cancel, makes the tool put the device back to what it held before, and say so.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::connections::{differences, wanted};
use super::{
    Connections, Delta, Difference, LdevSession, OnlineError, PDevSession, Target, Targets, Unwritable, identify,
    meaning,
};
use crate::generate::Configuration;
use crate::model::{Name, Phrase, Say};
use crate::rpc::RpcNode;
use crate::wire::cba::{Activation, HResult};

/// Devices that are downloaded at the same time. A device that stalls holds one place until its deadline.
const DEVICES_AT_ONCE: usize = 32;

/// How to download.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DownloadOptions {
    /// Replace all connections, not only those that differ.
    pub all: bool,
    /// Only find out what would be done.
    pub dry_run: bool,
}

/// Where a download stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Asking the device who it is.
    Identify,
    /// Reading what it holds.
    Compare,
    /// Removing and adding connections.
    Change,
    /// Reading back.
    ReadBack,
    /// Saving in the device.
    Save,
    /// Putting it back to what it held.
    PutBack,
    /// Finished.
    Done,
}

/// How it ended for a device.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// It held what it should already.
    Equal,
    /// It holds what it should now, read back and saved.
    Downloaded,
    /// A dry run: this is what differs.
    WouldChange,
    /// It was not done.
    Failed(Box<Failed>),
}

impl Outcome {
    fn failed(why: DownloadError, left: Left) -> Self {
        Self::Failed(Box::new(Failed { why, left }))
    }
}

/// Why a device was not done, and in which state it is left.
#[derive(Debug, Clone)]
pub struct Failed {
    /// Why.
    pub why: DownloadError,
    /// What the device holds now.
    pub left: Left,
}

/// What a device that was not done holds now.
#[derive(Debug, Clone)]
pub enum Left {
    /// Nothing had been changed yet.
    Untouched,
    /// What it held before: put back, and read back to be sure.
    PutBack,
    /// Not known, because it did not let itself be put back.
    Unknown(DownloadError),
}

/// Why a device was not done.
#[derive(Debug, Clone)]
pub enum DownloadError {
    /// A call failed.
    Online(OnlineError),
    /// Another device than planned answers there.
    Identity(Vec<Difference>),
    /// The device refused connections.
    Refused(Vec<(String, HResult)>),
    /// What was read back is not what was written.
    ReadBack(Vec<Difference>),
    /// The user cancelled.
    Cancelled,
}

impl Say for DownloadError {
    fn say(&self) -> Phrase {
        match self {
            Self::Online(it) => it.say(),
            Self::Identity(it) => {
                crate::say!("another device than planned answers: {differences}", differences = lines(it))
            }
            Self::Refused(it) => {
                crate::say!(
                    "the device refused {n} of the connections: {refusals}",
                    n = it.len(),
                    refusals = refusals(it)
                )
            }
            Self::ReadBack(it) => {
                crate::say!("the device does not hold what was written: {differences}", differences = lines(it))
            }
            Self::Cancelled => crate::say!("cancelled"),
        }
    }
}

crate::error_in_words!(DownloadError);

impl From<OnlineError> for DownloadError {
    fn from(it: OnlineError) -> Self {
        Self::Online(it)
    }
}

impl DownloadError {
    /// What a person can do about it.
    pub fn remedy(&self) -> Phrase {
        match self {
            Self::Online(error) => error.remedy(),
            Self::Identity(_) => crate::say!("check addresses and cabling, or plan the device that is there"),
            Self::Refused(_) => {
                crate::say!("the codes say what the device objects to; `plantweave check` tells its limits")
            }
            Self::ReadBack(_) => {
                crate::say!("the device may be faulty, or somebody else is changing it; download again")
            }
            Self::Cancelled => crate::say!("download again when it suits"),
        }
    }
}

/// All of them, with semicolons between.
pub fn lines(differences: &[Difference]) -> Phrase {
    Phrase::joined(differences.iter().map(Say::say))
}

fn refusals(refused: &[(String, HResult)]) -> Phrase {
    let told = |(item, code): &(String, HResult)| {
        crate::say!("{item}: {code}, {meaning}", item, code, meaning = meaning(*code))
    };
    Phrase::joined(refused.iter().map(told))
}

/// What was done to one device.
#[derive(Debug, Clone)]
pub struct DeviceReport {
    /// The device in the plan.
    pub device: Name,
    /// Where it is.
    pub target: Option<Target>,
    /// How it ended.
    pub outcome: Outcome,
    /// What differed before, device against plan.
    pub differences: Vec<Difference>,
    /// Connections removed, added and switched.
    pub n_changes: usize,
    /// Connections it holds when done.
    pub n_connections: usize,
    /// Stamps read back after saving: the PDev's, and that of each LDev's connection database.
    pub pdev_stamp: Option<u32>,
    /// See [`pdev_stamp`](Self::pdev_stamp).
    pub cdb_cookies: BTreeMap<Name, u32>,
}

/// Called as a device goes from step to step.
pub type Progress = Arc<dyn Fn(&Name, Step) + Send + Sync>;

/// Downloads all configurations, many at a time, and reports device by device in the order given.
///
/// A device that refuses, lies, stalls or dies costs its own time only.
pub async fn download(
    node: &RpcNode,
    configurations: Vec<Arc<Configuration>>,
    targets: Arc<Targets>,
    options: DownloadOptions,
    cancel: CancellationToken,
    progress: Progress,
) -> Vec<DeviceReport> {
    download_each(node, configurations, targets, options, cancel, progress, Arc::new(|_| {})).await
}

/// As [`download()`]; each report is shown as soon as its device is done.
pub async fn download_each(
    node: &RpcNode,
    configurations: Vec<Arc<Configuration>>,
    targets: Arc<Targets>,
    options: DownloadOptions,
    cancel: CancellationToken,
    progress: Progress,
    ended: Arc<dyn Fn(&DeviceReport) + Send + Sync>,
) -> Vec<DeviceReport> {
    let places = Arc::new(Semaphore::new(DEVICES_AT_ONCE));
    let mut tasks = JoinSet::new();
    let names: Vec<Name> = configurations.iter().map(|configuration| configuration.device.clone()).collect();
    for (index, configuration) in configurations.into_iter().enumerate() {
        let (node, targets, places) = (node.clone(), targets.clone(), places.clone());
        let (cancel, progress, ended) = (cancel.clone(), progress.clone(), ended.clone());
        tasks.spawn(async move {
            // The semaphore is never closed, so a place always comes.
            let _place = places.acquire_owned().await;
            let mut job = Job::new(&configuration, &targets, options, cancel, &progress);
            job.run(&node).await;
            progress(&configuration.device, Step::Done);
            ended(&job.report);
            (index, job.report)
        });
    }
    let mut reports: Vec<Option<DeviceReport>> = names.iter().map(|_| None).collect();
    while let Some(finished) = tasks.join_next().await {
        match finished {
            Ok((index, report)) => {
                if let Some(place) = reports.get_mut(index) {
                    *place = Some(report);
                }
            }
            // A task only ends without a report when it panicked; the panic is not hidden.
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
    reports.into_iter().flatten().collect()
}

/// The download of one device.
struct Job<'a> {
    configuration: &'a Configuration,
    targets: &'a Targets,
    options: DownloadOptions,
    cancel: CancellationToken,
    progress: &'a Progress,
    report: DeviceReport,
}

/// An LDev during a download.
struct Work {
    name: Name,
    session: LdevSession,
    /// What it held at the beginning.
    before: Connections,
    wanted: Connections,
}

impl<'a> Job<'a> {
    fn new(
        configuration: &'a Configuration,
        targets: &'a Targets,
        options: DownloadOptions,
        cancel: CancellationToken,
        progress: &'a Progress,
    ) -> Self {
        let report = DeviceReport {
            device: configuration.device.clone(),
            target: targets.get(&configuration.device),
            outcome: Outcome::Equal,
            differences: Vec::new(),
            n_changes: 0,
            n_connections: 0,
            pdev_stamp: None,
            cdb_cookies: BTreeMap::new(),
        };
        Self { configuration, targets, options, cancel, progress, report }
    }

    fn step(&self, step: Step) -> Result<(), DownloadError> {
        if self.cancel.is_cancelled() {
            return Err(DownloadError::Cancelled);
        }
        (self.progress)(&self.configuration.device, step);
        Ok(())
    }

    async fn run(&mut self, node: &RpcNode) {
        let (session, work) = match self.prepare(node).await {
            Ok(prepared) => prepared,
            Err(why) => {
                self.report.outcome = Outcome::failed(why, Left::Untouched);
                return;
            }
        };
        self.report.n_connections = work.iter().map(|ldev| ldev.wanted.len()).sum();
        let forced = self.options.all && work.iter().any(|ldev| !ldev.before.is_empty() || !ldev.wanted.is_empty());
        let nothing_to_do = self.report.differences.is_empty() && !forced;
        self.report.outcome = if nothing_to_do {
            match self.read_stamps(&session, &work).await {
                Ok(()) => Outcome::Equal,
                Err(why) => Outcome::failed(why, Left::Untouched),
            }
        } else if self.options.dry_run {
            Outcome::WouldChange
        } else {
            match self.change(&session, &work).await {
                Ok(()) => Outcome::Downloaded,
                Err(why) => {
                    (self.progress)(&self.configuration.device, Step::PutBack);
                    let left = match put_back(&session, &work).await {
                        Ok(()) => Left::PutBack,
                        Err(error) => Left::Unknown(error),
                    };
                    Outcome::failed(why, left)
                }
            }
        };
        for ldev in work {
            ldev.session.close().await;
        }
    }

    async fn prepare(&mut self, node: &RpcNode) -> Result<(PDevSession, Vec<Work>), DownloadError> {
        self.step(Step::Identify)?;
        let device = &self.configuration.device;
        let target = self.report.target.ok_or_else(|| OnlineError::from(Unwritable::NoAddress(device.clone())))?;
        let session = PDevSession::open(node, target).await?;
        let identified = identify(&session, self.configuration).await?;
        if !identified.differences.is_empty() {
            return Err(DownloadError::Identity(identified.differences));
        }
        self.step(Step::Compare)?;
        let mut work = Vec::with_capacity(identified.ldevs.len());
        for visited in identified.ldevs {
            let Some(ldev) = self.configuration.ldevs.get(visited.ldev_idx) else { continue };
            let wanted = wanted(ldev, self.targets).map_err(OnlineError::from)?;
            let (before, _) = visited.session.connections().await?;
            self.report.differences.extend(differences(&ldev.name, &before, &wanted));
            work.push(Work { name: ldev.name.clone(), session: visited.session, before, wanted });
        }
        Ok((session, work))
    }

    async fn change(&mut self, session: &PDevSession, work: &[Work]) -> Result<(), DownloadError> {
        for ldev in work {
            self.step(Step::Change)?;
            let delta = if self.options.all {
                let remove = ldev.before.keys().cloned().collect();
                Delta { remove, add: ldev.wanted.clone(), switch: Vec::new() }
            } else {
                Delta::between(&ldev.before, &ldev.wanted)
            };
            self.report.n_changes += delta.remove.len() + delta.add.len() + delta.switch.len();
            apply(&ldev.session, &delta).await?;
        }
        self.step(Step::ReadBack)?;
        expect(work, |ldev| &ldev.wanted).await?;
        self.step(Step::Save)?;
        session.save().await?;
        // A device may well take the connections and lose them when it stores them.
        expect(work, |ldev| &ldev.wanted).await?;
        self.read_stamps(session, work).await
    }

    async fn read_stamps(&mut self, session: &PDevSession, work: &[Work]) -> Result<(), DownloadError> {
        self.report.pdev_stamp = session.pdev_stamp().await?;
        for ldev in work {
            self.report.cdb_cookies.insert(ldev.name.clone(), ldev.session.cdb_cookie().await?);
        }
        Ok(())
    }
}

/// Does to an LDev what the delta says.
async fn apply(session: &LdevSession, delta: &Delta) -> Result<(), DownloadError> {
    if delta.is_empty() {
        return Ok(());
    }
    // Only what is there already has an id.
    let adds_only = delta.remove.is_empty() && delta.switch.is_empty();
    let ids = if adds_only { Vec::new() } else { session.connections().await?.1 };
    let ids: BTreeMap<&String, u32> = ids.iter().map(|(item, id)| (item, *id)).collect();
    let remove: Vec<u32> = delta.remove.iter().filter_map(|item| ids.get(item).copied()).collect();
    session.remove(&remove).await?;
    for state in [Activation::Active, Activation::Passive] {
        let switch = delta.switch.iter().filter(|(_, wanted)| *wanted == state);
        let switch: Vec<u32> = switch.filter_map(|(item, _)| ids.get(item).copied()).collect();
        session.set_state(state, &switch).await?;
    }
    let refused = session.add(&delta.add).await?;
    if refused.is_empty() { Ok(()) } else { Err(DownloadError::Refused(refused)) }
}

/// Reads all LDevs back and holds them against what they should hold.
async fn expect(work: &[Work], should: impl Fn(&Work) -> &Connections) -> Result<(), DownloadError> {
    let mut all = Vec::new();
    for ldev in work {
        let (found, _) = ldev.session.connections().await?;
        all.extend(differences(&ldev.name, &found, should(ldev)));
    }
    if all.is_empty() { Ok(()) } else { Err(DownloadError::ReadBack(all)) }
}

/// Makes the device hold again what it held at the beginning, and saves that.
///
/// It begins from what the device holds now, not from what was sent, because a device that failed may have done anything.
async fn put_back(session: &PDevSession, work: &[Work]) -> Result<(), DownloadError> {
    for ldev in work {
        let (now, _) = ldev.session.connections().await?;
        apply(&ldev.session, &Delta::between(&now, &ldev.before)).await?;
    }
    expect(work, |ldev| &ldev.before).await?;
    session.save().await?;
    Ok(())
}
