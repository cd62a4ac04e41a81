//! The live session of the desktop: on line with the devices of the plan, real or virtual ones.
//!
//! A session is one task of its own. It starts virtual devices and loads them, or finds real ones; watches every connected port and
//! those the screen asks for; asks how connections fare; and publishes all of it as whole snapshots that the screen reads
//! without waiting for anybody. However many values come, the screen is woken 30 times a second at most.
//!
//! ```text
//! screen ── Live ── commands ─▶ session ─┬─ pumps     subscriptions, values as they change
//!   ▲                                    ├─ surveyors  who a device is, how its connections fare, every 2 s
//!   └──── snapshots: values, connections,└─ plant      the virtual devices of this program
//!         conditions, state
//! ```
//!
//! [`begin`](self) is the start, `session` the task, `values` what values go through, `condition` what is wrong and what
//! to do, `transfer` download and comparison.

mod begin;
mod condition;
mod connections;
mod prepare;
mod record;
mod session;
mod survey;
mod transfer;
mod values;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use imbl::Vector;
use tokio::sync::mpsc;

use self::session::Command;
use super::access::Access;
use super::job::{Job, Jobs};
use super::wake::Wake;
use super::write::{WriteReport, write_port};
use super::{AccessOptions, Failure};
use crate::model::{Name, Plan, PortRef};
use crate::online::Watch;
use crate::online::monitor::Update;
use crate::say;
use crate::wire::cba::{HResult, Quality};

pub use crate::wire::cba::quality::QualityClass;
pub use condition::{DeviceCondition, LdevView, Reach, Trouble, Urgency};
pub use connections::{ConnectionState, ConnectionStates};
pub use record::{RecordReport, Recording};
pub use transfer::{DownloadJob, DownloadRow, RowState, Way, compare_devices};
pub use values::{LiveValue, MOST_SAMPLES, SAMPLE_SECS, Sample, Values};

/// Writes remembered.
const MOST_WRITES: usize = 1000;
/// Remarks remembered.
const MOST_REMARKS: usize = 100;

/// Where the devices are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// All devices of the plan run as virtual ones in this program; they are loaded first.
    Virtual(VirtualOptions),
    /// Real devices, or the virtual ones of another program.
    Network(AccessOptions),
}

/// How virtual devices run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VirtualOptions {
    /// Time between two steps of a behaviour script.
    pub cycle: Duration,
    /// All devices share 127.0.0.1, each at a port of its own, as on a system that has no other loopback address.
    pub share_address: bool,
}

impl Default for VirtualOptions {
    /// 50 ms, each at an address of its own.
    fn default() -> Self {
        Self { cycle: Duration::from_millis(50), share_address: false }
    }
}

/// What a session that begins is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiveStep {
    /// Generating the configurations.
    Generate,
    /// Starting the virtual devices.
    StartDevices,
    /// Loading them.
    Download {
        /// Devices done.
        done: usize,
        /// Of so many.
        total: usize,
    },
    /// Connecting.
    Connect,
}

/// How a session stands.
#[derive(Debug, Clone, PartialEq)]
pub enum LiveState {
    /// It begins.
    Starting(LiveStep),
    /// It is on line.
    Online {
        /// Devices with which all is well.
        n_devices_ok: usize,
        /// Devices of the plan that something runs on.
        n_devices: usize,
    },
    /// It ends: devices are told, virtual ones switched off.
    Ending,
    /// It could not begin, or broke off.
    Failed(Failure),
    /// It has ended.
    Ended,
}

/// A value that was written from here.
#[derive(Debug, Clone, PartialEq)]
pub struct WriteEntry {
    /// When.
    pub time: SystemTime,
    /// The device.
    pub device: Name,
    /// The port, by its short name.
    pub item: String,
    /// Value before, as far as it was known.
    pub old: String,
    /// Value written, as it was typed.
    pub new: String,
    /// Why it was not written; `None` when it was.
    pub failure: Option<Failure>,
}

/// The live session. Dropping it ends it in order, beside the screen; [`Jobs`] waits for that at the end of the program.
pub struct Live {
    commands: mpsc::UnboundedSender<Command>,
    shared: Shared,
    job: Job<()>,
    is_virtual: bool,
}

/// What the session shows.
#[derive(Clone)]
struct Shared {
    shown: Arc<Mutex<Shown>>,
    wake: Wake,
}

struct Shown {
    state: LiveState,
    values: Arc<Values>,
    connections: Arc<ConnectionStates>,
    devices: Arc<Vec<DeviceCondition>>,
    plan: Plan,
    /// The way to the devices, once it is open.
    access: Option<Arc<Access>>,
    writes: Vector<WriteEntry>,
    remarks: Vector<Failure>,
}

impl Live {
    /// Begins a session. Returns at once; [`state`](Self::state) tells how far it is.
    ///
    /// `project` is where the plan is saved: a virtual plant is then announced, so that commands find it. The plan itself need
    /// not be saved as it is, nor at all.
    pub fn start(jobs: &Jobs, plan: &Plan, project: Option<&Path>, source: Source) -> Self {
        let is_virtual = matches!(source, Source::Virtual(_));
        let shown = Shown {
            state: LiveState::Starting(LiveStep::Generate),
            values: Arc::default(),
            connections: Arc::default(),
            devices: Arc::default(),
            plan: plan.clone(),
            access: None,
            writes: Vector::new(),
            remarks: Vector::new(),
        };
        let shared = Shared { shown: Arc::new(Mutex::new(shown)), wake: jobs.wake().clone() };
        let (commands, wishes) = mpsc::unbounded_channel();
        let (plan, project, told) = (plan.clone(), project.map(Path::to_owned), shared.clone());
        let job =
            jobs.start_quiet("Live session", move |job| live(plan, project, source, told, wishes, job.cancelled()));
        Self { commands, shared, job, is_virtual }
    }

    /// How it stands.
    pub fn state(&self) -> LiveState {
        let state = self.shared.lock().state.clone();
        let is_over = matches!(state, LiveState::Failed(_) | LiveState::Ended);
        // Only a mistake in this program ends it without a word.
        match self.job.take().filter(|_| !is_over) {
            None => state,
            Some(Ok(())) => self.shared.set_state(LiveState::Ended),
            Some(Err(failure)) => self.shared.set_state(LiveState::Failed(failure)),
        }
    }

    /// Whether the devices are virtual ones of this program.
    pub fn is_virtual(&self) -> bool {
        self.is_virtual
    }

    /// All values as they are now; take it once a frame. It does not change in one's hands.
    pub fn values(&self) -> Arc<Values> {
        Arc::clone(&self.shared.lock().values)
    }

    /// The value of one port; for many, see [`values`](Self::values).
    pub fn value(&self, port: &PortRef) -> Option<LiveValue> {
        self.values().get(port).cloned()
    }

    /// How each link fares as a connection in its consumer. Asked for every two seconds.
    pub fn connections(&self) -> Arc<ConnectionStates> {
        Arc::clone(&self.shared.lock().connections)
    }

    /// How each device does and what to do about it, problems first.
    pub fn devices(&self) -> Arc<Vec<DeviceCondition>> {
        Arc::clone(&self.shared.lock().devices)
    }

    /// Watches these ports and keeps their past, [`SAMPLE_SECS`] or [`MOST_SAMPLES`], and that of no others: the table of variables.
    pub fn keep(&self, ports: &[PortRef]) {
        self.tell(Command::Keep(ports.to_vec()));
    }

    /// Watches these ports beside the connected and the kept ones: what is open on the screen.
    pub fn show(&self, ports: &[PortRef]) {
        self.tell(Command::Show(ports.to_vec()));
    }

    /// The plan after an edit. Ports that vanished are dropped, new ones are watched; devices hold what they held.
    pub fn update_plan(&self, plan: &Plan) {
        self.tell(Command::Plan(plan.clone().into()));
    }

    /// Asks all devices now, as after a download.
    pub fn survey(&self) {
        self.tell(Command::Survey);
    }

    /// Pulls the cable of a virtual device: it works on by itself, its connections break.
    pub fn pull(&self, device: &Name) {
        self.tell(Command::Cable(device.clone(), true));
    }

    /// Plugs it in again.
    pub fn plug(&self, device: &Name) {
        self.tell(Command::Cable(device.clone(), false));
    }

    /// Writes a value, given as in project files, to an input or an operator's value, and reads it back.
    ///
    /// `quality` is the name of a quality code, good without one. What came of it stands in [`writes`](Self::writes) too.
    pub fn write(&self, jobs: &Jobs, port: &PortRef, literal: &str, quality: Option<&str>) -> Job<WriteReport> {
        let (shared, port, literal) = (self.shared.clone(), port.clone(), literal.to_owned());
        let quality = quality.map(str::to_owned);
        let (plan, access, old) = {
            let shown = shared.lock();
            let old = shown.values.get(&port).map(|value| value.text.clone()).unwrap_or_default();
            (shown.plan.clone(), shown.access.clone(), old)
        };
        let item = plan.short_name(&port);
        jobs.start(format!("Write {item}"), async move |_| {
            let result = match access {
                Some(access) => write_port(&plan, &access, port.clone(), &literal, quality.as_deref(), true).await,
                None => Err(not_online(&format!("cannot write {item}"))),
            };
            let device = Watch::of(&plan, &port).map(|watch| watch.device).unwrap_or_default();
            let (time, failure) = (SystemTime::now(), result.as_ref().err().cloned());
            shared.log_write(WriteEntry { time, device, item, old, new: literal, failure });
            result
        })
    }

    /// What was written from here, the latest last; a thousand at most. Cheap to clone.
    pub fn writes(&self) -> Vector<WriteEntry> {
        self.shared.lock().writes.clone()
    }

    /// What went wrong beside, the latest last; a hundred at most. Cheap to clone.
    pub fn remarks(&self) -> Vector<Failure> {
        self.shared.lock().remarks.clone()
    }

    /// Writes every change of these ports to a new CSV file, replacing one that is there; the values as they are now come first.
    pub fn record(&self, jobs: &Jobs, file: &Path, ports: &[PortRef]) -> Recording {
        let (recording, rows, counts) = record::begin(jobs, file);
        self.tell(Command::Record(ports.to_vec(), rows, counts));
        recording
    }

    /// The way to the devices, for a download or a comparison; `None` while it is not open.
    pub(super) fn access(&self) -> Option<Arc<Access>> {
        self.shared.lock().access.clone()
    }

    /// Ends it in order. Returns at once; the state goes to [`LiveState::Ended`].
    pub fn stop(&self) {
        self.job.cancel();
    }

    fn tell(&self, command: Command) {
        // A session that has ended has nothing to do.
        let _ = self.commands.send(command);
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.job.cancel();
    }
}

/// From the beginning to the end.
async fn live(
    plan: Plan,
    project: Option<PathBuf>,
    source: Source,
    shared: Shared,
    commands: mpsc::UnboundedReceiver<Command>,
    cancel: tokio_util::sync::CancellationToken,
) -> Result<(), Failure> {
    let result = match begin::begin(plan, project, source, &shared, &cancel).await {
        Ok(begun) => session::run(begun, shared.clone(), commands, cancel.clone()).await,
        Err(_) if cancel.is_cancelled() => Ok(()),
        Err(failure) => Err(failure),
    };
    shared.set_state(match &result {
        Ok(()) => LiveState::Ended,
        Err(failure) => LiveState::Failed(failure.clone()),
    });
    result
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Shown> {
        // Every change under the lock is whole in itself.
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn step(&self, step: LiveStep) {
        self.set_state(LiveState::Starting(step));
    }

    fn set_state(&self, state: LiveState) -> LiveState {
        let is_over = matches!(state, LiveState::Ending | LiveState::Failed(_) | LiveState::Ended);
        let mut shown = self.lock();
        shown.state = state.clone();
        if is_over {
            shown.access = None;
        }
        drop(shown);
        self.wake.soon();
        state
    }

    fn set_way(&self, plan: &Plan, access: &Access) {
        let access = Access::over(access.node.clone(), Arc::clone(&access.targets), access.simulated);
        let mut shown = self.lock();
        shown.plan = plan.clone();
        shown.access = Some(Arc::new(access));
    }

    fn publish_values(&self, values: Arc<Values>) {
        self.lock().values = values;
        self.wake.soon();
    }

    fn publish_conditions(&self, devices: Vec<DeviceCondition>, connections: ConnectionStates) {
        let n_devices = devices.len();
        let n_devices_ok = devices.iter().filter(|device| device.urgency == Urgency::Fine).count();
        let mut shown = self.lock();
        shown.state = LiveState::Online { n_devices_ok, n_devices };
        shown.devices = Arc::new(devices);
        shown.connections = Arc::new(connections);
        drop(shown);
        self.wake.soon();
    }

    fn log_write(&self, entry: WriteEntry) {
        let mut shown = self.lock();
        shown.writes.push_back(entry);
        if shown.writes.len() > MOST_WRITES {
            shown.writes.pop_front();
        }
    }

    fn remark(&self, failure: Failure) {
        let mut shown = self.lock();
        shown.remarks.push_back(failure);
        if shown.remarks.len() > MOST_REMARKS {
            shown.remarks.pop_front();
        }
        drop(shown);
        self.wake.soon();
    }
}

fn not_online(what: &str) -> Failure {
    Failure::new(what, say!("the program is not on line"), say!("go on line, or start the virtual devices, first"))
}

/// A value that is shown, as the update that brought it.
fn update_of(value: &LiveValue) -> Update {
    Update {
        index: 0,
        value: value.value.clone(),
        quality: Quality(value.quality),
        reason: HResult(value.reason),
        time: value.time,
        n_skipped: 0,
    }
}
