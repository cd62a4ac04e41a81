//! Download and comparison as jobs, with a row a device that changes as it goes on.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;

use super::session::Command;
use super::{Live, not_online};
use crate::app::access::Access;
use crate::app::download::{DownloadObserver, download_observed};
use crate::app::job::{Job, JobHandle, Jobs};
use crate::app::{
    AccessOptions, ComparisonReport, DownloadOutcome, DownloadReport, DownloadRequest, DownloadedDevice, Failure,
    compare,
};
use crate::model::{Name, Plan};
use crate::online::Step;

/// The way to the devices.
#[derive(Clone, Copy)]
pub enum Way<'a> {
    /// That of a session that is on line.
    Live(&'a Live),
    /// One of its own, as these options say.
    Network(&'a AccessOptions),
}

/// How the download of one device stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowState {
    /// Its turn has not come.
    Waiting,
    /// It is at this step.
    Running(Step),
    /// It is done, or was not to be.
    Ended,
}

/// A device in a download.
#[derive(Debug, Clone)]
pub struct DownloadRow {
    /// How it stands.
    pub state: RowState,
    /// What is known of it: differences and result once it has ended.
    pub device: DownloadedDevice,
}

/// A download, or its dry run.
pub struct DownloadJob {
    /// The job; its result is the report.
    pub job: Job<DownloadReport>,
    /// Nothing is changed in the devices.
    pub dry_run: bool,
    rows: Arc<Rows>,
}

#[derive(Default)]
struct Rows(Mutex<BTreeMap<Name, Arc<DownloadRow>>>);

/// A way that is open, or to be opened.
enum Reached {
    Shared(Arc<Access>, mpsc::UnboundedSender<Command>),
    Own(AccessOptions),
    Closed,
}

impl DownloadJob {
    /// Begins to download a plan as it is now, saved or not. Where it is saved, `project`, is noted what real devices hold
    /// afterwards.
    pub fn start(jobs: &Jobs, plan: &Plan, project: Option<PathBuf>, way: Way, request: DownloadRequest) -> Self {
        let (plan, reached, rows) = (plan.clone(), Reached::by(way), Arc::new(Rows::default()));
        let dry_run = request.dry_run;
        let title = if dry_run { "Compare before the download" } else { "Download" };
        let for_job = Arc::clone(&rows);
        let job = jobs.start(title, async move |job| {
            let observer = Arc::new(Observer { rows: for_job, job: job.clone() });
            let cancel = job.cancelled();
            reached
                .visit("cannot download", project.clone(), &plan, async |access| {
                    download_observed(project.as_deref(), &plan, access, &request, cancel, observer).await
                })
                .await
        });
        Self { job, dry_run, rows }
    }

    /// The devices as they stand, by name; empty until it is known which they are. Cheap enough for every frame.
    pub fn rows(&self) -> Vec<Arc<DownloadRow>> {
        self.rows.lock().values().cloned().collect()
    }
}

/// Compares devices with the plan, those named or all.
pub fn compare_devices(
    jobs: &Jobs,
    plan: &Plan,
    project: Option<PathBuf>,
    way: Way,
    devices: Vec<Name>,
) -> Job<ComparisonReport> {
    let (plan, reached) = (plan.clone(), Reached::by(way));
    jobs.start("Compare devices with the plan", async move |job| {
        let cancel = job.cancelled();
        reached
            .visit("cannot compare", project, &plan, async |access| compare(&plan, access, &devices, cancel).await)
            .await
    })
}

impl Reached {
    fn by(way: Way) -> Self {
        match way {
            Way::Live(live) => live.access().map_or(Self::Closed, |access| Self::Shared(access, live.commands.clone())),
            Way::Network(options) => Self::Own(options.clone()),
        }
    }

    /// Does something on the way, and closes it when it is one's own.
    async fn visit<T>(
        self,
        what: &str,
        project: Option<PathBuf>,
        plan: &Plan,
        work: impl AsyncFnOnce(&Access) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        match self {
            Self::Shared(access, commands) => {
                let result = work(&access).await;
                // What the devices hold may be new; a session that has ended does not mind.
                let _ = commands.send(Command::Survey);
                result
            }
            Self::Own(options) => {
                let access = Access::open(&project.unwrap_or_default(), plan, &options)?;
                let result = work(&access).await;
                access.close().await?;
                result
            }
            Self::Closed => Err(not_online(what)),
        }
    }
}

impl Rows {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<Name, Arc<DownloadRow>>> {
        // Every row is whole in itself.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Observer {
    rows: Arc<Rows>,
    job: JobHandle,
}

impl Observer {
    fn change(&self, device: &Name, change: impl FnOnce(&mut DownloadRow)) {
        let mut rows = self.rows.lock();
        if let Some(row) = rows.get_mut(device) {
            change(Arc::make_mut(row));
        }
        let n_ended = rows.values().filter(|row| row.state == RowState::Ended).count();
        let n_rows = rows.len();
        drop(rows);
        self.job.progress(n_ended, n_rows);
    }
}

impl DownloadObserver for Observer {
    fn begins(&self, devices: &[DownloadedDevice]) {
        let row = |device: &DownloadedDevice| {
            // One that cannot be generated has failed already.
            let failed = device.outcome == DownloadOutcome::Failed && device.error.is_some();
            let state = if failed { RowState::Ended } else { RowState::Waiting };
            (device.device.clone(), Arc::new(DownloadRow { state, device: device.clone() }))
        };
        *self.rows.lock() = devices.iter().map(row).collect();
        self.job.progress(0, devices.len());
    }

    fn step(&self, device: &Name, step: Step) {
        // That it is done is told with how it ended.
        if step != Step::Done {
            self.change(device, |row| row.state = RowState::Running(step));
        }
    }

    fn ended(&self, device: &DownloadedDevice) {
        self.change(&device.device, |row| *row = DownloadRow { state: RowState::Ended, device: device.clone() });
    }
}
