//! The demonstration: a sample plant from vendors' XML files to live values, start to end, on virtual devices.
//!
//! It runs the jobs that the commands run, in the order of the work, and tells what each came to as a [`DemoEvent`]. What must
//! hold and does not is a complaint of its step; the demonstration goes on as far as it can, and [`DemoSummary`] collects.
//!
//! Start reading at [`demo`]; everything from the start of the devices on is in `line`.

mod line;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::{Failure, GenerationReport, ImportOptions, ImportReport, Summary, TagRequest, bundled};
use crate::check::{Finding, LibraryFacts, Severity, check};
use crate::device::DeviceAddress;
use crate::export::Format;
use crate::generate::Configuration;
use crate::model::{Name, Plan};
use crate::net::capture::{Capture, CaptureSettings, CaptureSummary};
use crate::net::tcp::Network;
use crate::online::{DeviceReport, Outcome};
use line::Line;
pub use line::LiveRow;

/// The sample that is shown.
pub const SAMPLE: &str = "bottling-line.plant";

/// Value that starts the line, the one that stops it, and what follows from them on another device.
const START: &str = "LineMaster.start";
const STOP: &str = "LineMaster.stop";
const FOLLOWS: &str = "Filler1.start";
/// The device whose cable is pulled.
const PULLED: &str = "infeed-conveyor";
/// What the table of live values shows.
const SHOWN: [&str; 14] = [
    "LineMaster.state",
    "LineMaster.message",
    "LineMaster.speed_sp",
    "InfeedConveyor.speed_act",
    "InfeedConveyor.bottles_out",
    "Filler1.start",
    "Filler1.bowl_level",
    "Filler1.bottles_out",
    "Capper1.torque_act",
    "Capper1.bottles_out",
    "BufferDrive.SpeedAct",
    "ProductTank.Level",
    "EnergyMeter1.ActivePower",
    "SignalTower1.Green",
];
/// What must have moved by itself while the line ran.
const MOVES: [&str; 2] = ["InfeedConveyor.bottles_out", "Filler1.bottles_in"];

/// Nothing that is waited for takes so long on a healthy system. A lost provider is tried again every 5 s.
const PATIENCE: Duration = Duration::from_secs(20);

/// How to run the demonstration.
#[derive(Debug, Clone)]
pub struct DemoOptions {
    /// Folder to keep what is made: library, project, configurations, tag file. Without one all of it is gone at the end.
    pub out: Option<PathBuf>,
    /// File to save the whole conversation to, as a capture that Wireshark opens.
    pub pcap: Option<PathBuf>,
    /// How long the running line is watched.
    pub watch: Duration,
    /// Let all devices share 127.0.0.1, as on a system that has no other loopback address.
    pub share_address: bool,
}

/// Something to show.
#[derive(Debug)]
pub enum DemoEvent {
    /// A step begins.
    Step(Step),
    /// The descriptions were imported.
    Imported(ImportReport),
    /// The plant was opened.
    Opened(Box<Summary>),
    /// The plant was checked.
    Checked(Vec<Finding>),
    /// The configurations were generated.
    Generated(GenerationReport),
    /// The devices run, each at an address of this computer.
    Started(Vec<(Name, DeviceAddress)>),
    /// Each device was identified as the one that is planned, and what it holds was compared with the plan.
    Compared {
        /// Devices compared.
        devices: usize,
        /// Differences of all together.
        differences: usize,
    },
    /// The devices were loaded.
    Downloaded(Vec<DeviceReport>),
    /// The tool is connected to this many items of this many devices, and has a value of each.
    Connected {
        /// Items.
        items: usize,
        /// Devices.
        devices: usize,
    },
    /// A value was written.
    Wrote {
        /// Port.
        port: String,
        /// Value.
        value: String,
    },
    /// Live values.
    Values {
        /// A row a port.
        rows: Vec<LiveRow>,
        /// The same ports follow again at once, so that only a screen that can take these back needs to show them.
        passing: bool,
    },
    /// What was waited for is so, after this time.
    Came {
        /// What.
        what: String,
        /// How long it took.
        after: Duration,
    },
    /// Something was done that needs no more words than these.
    Did(String),
    /// A file or folder was written.
    Saved {
        /// What is in it.
        what: String,
        /// Where it is.
        path: PathBuf,
    },
    /// The step did not hold what it should.
    Complaint(String),
}

/// The steps, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Import the descriptions of the library.
    Import,
    /// Open and check the sample plant.
    Check,
    /// Generate configurations.
    Generate,
    /// Start the virtual devices.
    Start,
    /// Identify, compare, download, save, read back, compare again.
    Download,
    /// Go on line and run the plant.
    Run,
    /// Export the tag file.
    Export,
    /// Pull a device off the network and bring it back.
    Pull,
    /// Put everything away.
    Finish,
}

impl Step {
    /// As a heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Import => "Import component descriptions",
            Self::Check => "Open and check the plant",
            Self::Generate => "Generate a configuration for each device",
            Self::Start => "Start the virtual devices",
            Self::Download => "Download",
            Self::Run => "Run the line",
            Self::Export => "Export a tag file for OPC clients",
            Self::Pull => "Pull a device off the network and bring it back",
            Self::Finish => "Stop",
        }
    }
}

/// How the demonstration ended.
#[derive(Debug, Clone, Serialize)]
pub struct DemoSummary {
    /// Each step that was begun, with what it did not hold.
    pub steps: Vec<(Step, Vec<String>)>,
    /// Values that virtual devices sent to each other and to the tool.
    pub values_sent: u64,
    /// Calls that virtual devices answered.
    pub calls_served: u64,
    /// What the capture holds, when one was asked for.
    #[serde(skip)]
    pub capture: Option<CaptureSummary>,
    /// How long it took.
    #[serde(skip)]
    pub took: Duration,
}

impl DemoSummary {
    /// Whether every step held.
    pub fn is_fine(&self) -> bool {
        self.steps.iter().all(|(_, complaints)| complaints.is_empty())
    }
}

/// Runs the demonstration. Must run inside a tokio runtime.
///
/// # Errors
/// Something without which it cannot go on: the disk, the ports of this computer, or `stop` was cancelled.
pub async fn demo(
    options: &DemoOptions,
    stop: &CancellationToken,
    tell: &mut (dyn FnMut(DemoEvent) + Send),
) -> Result<DemoSummary, Failure> {
    let begun = Instant::now();
    let temporary;
    let folder = match &options.out {
        Some(folder) => {
            expect_empty(folder)?;
            folder.as_path()
        }
        None => {
            temporary = temporary_folder()?;
            temporary.path()
        }
    };
    let mut show = Show { stop, tell, steps: Vec::new() };

    show.step(Step::Import)?;
    let facts = import_library(&mut show, folder)?;

    show.step(Step::Check)?;
    let project = folder.join(SAMPLE);
    let plan = open_sample(&mut show, &project, &facts)?;

    show.step(Step::Generate)?;
    let configurations = generate(&mut show, &plan, &project, &folder.join("configurations"))?;

    show.step(Step::Start)?;
    let capture = options.pcap.as_deref().map(begin_capture).transpose()?;
    let network = capture.clone().map_or_else(Network::new, |capture| Network::new().with_capture(capture));
    let mut line = Line::start(&plan, network, options.share_address, stop.clone())?;
    show.tell(DemoEvent::Started(line.addresses()));

    let shown = run_line(&mut show, options, &mut line, configurations, folder).await;
    let statistics = line.shut_down().await;
    shown?;
    let capture = capture.map(|capture| capture.finish()).transpose().map_err(|error| {
        Failure::new(
            "cannot save the capture",
            error.to_string(),
            "check that the disk has room and that you may write there",
        )
    })?;
    if let Some(path) = &options.pcap {
        show.tell(DemoEvent::Saved { what: "the whole conversation".to_owned(), path: path.clone() });
    }
    Ok(DemoSummary {
        steps: show.steps,
        values_sent: statistics.values_sent,
        calls_served: statistics.calls_served,
        capture,
        took: begun.elapsed(),
    })
}

/// Everything that happens between the start and the end of the devices.
async fn run_line(
    show: &mut Show<'_>,
    options: &DemoOptions,
    line: &mut Line<'_>,
    configurations: Vec<Arc<Configuration>>,
    folder: &Path,
) -> Result<(), Failure> {
    show.step(Step::Download)?;
    download(show, line, &configurations).await?;

    show.step(Step::Run)?;
    let fed = line.inputs_fed_by(PULLED);
    let shown = SHOWN.iter().copied().chain(MOVES).chain([FOLLOWS]);
    let (items, devices) = line.go_online(shown.chain(fed.iter().map(|input| input.name.as_str())))?;
    if show.hold(line.until_connected(PATIENCE).await, "a value of every item").is_some() {
        show.tell(DemoEvent::Connected { items, devices });
    }
    show.write(line, START, "true").await;
    let so = line.until_value(FOLLOWS, "true", PATIENCE).await;
    show.hold(so, &format!("{FOLLOWS} is true, on another device"));
    watch(show, line, options.watch).await?;

    show.step(Step::Export)?;
    let file = folder.join("tags.csv");
    let tags = super::export_tags(line.plan(), &TagRequest::of(Format::Csv), Some(&file))?;
    show.tell(DemoEvent::Saved { what: format!("{} variables", tags.n_variables), path: file });

    show.step(Step::Pull)?;
    pull_and_plug(show, line).await?;

    show.step(Step::Finish)?;
    show.write(line, STOP, "true").await;
    let so = line.until_value(FOLLOWS, "false", PATIENCE).await;
    show.hold(so, &format!("{FOLLOWS} is false"));
    line.go_offline().await;
    Ok(())
}

/// What the steps share: where they tell, and what they complained of.
struct Show<'a> {
    stop: &'a CancellationToken,
    tell: &'a mut (dyn FnMut(DemoEvent) + Send),
    steps: Vec<(Step, Vec<String>)>,
}

impl Show<'_> {
    fn step(&mut self, step: Step) -> Result<(), Failure> {
        if self.stop.is_cancelled() {
            return Err(Failure::new(
                "the demonstration was stopped",
                "you asked for it",
                "run it again to see the rest; its devices are switched off, and nothing is left behind",
            ));
        }
        self.steps.push((step, Vec::new()));
        self.tell(DemoEvent::Step(step));
        Ok(())
    }

    fn tell(&mut self, event: DemoEvent) {
        (self.tell)(event);
    }

    fn complain(&mut self, complaint: impl Into<String>) {
        let complaint = complaint.into();
        if let Some((_, complaints)) = self.steps.last_mut() {
            complaints.push(complaint.clone());
        }
        self.tell(DemoEvent::Complaint(complaint));
    }

    /// Tells that what was waited for came, or complains that it did not.
    fn hold(&mut self, came: Result<Duration, String>, what: &str) -> Option<Duration> {
        match came {
            Ok(after) => {
                self.tell(DemoEvent::Came { what: what.to_owned(), after });
                Some(after)
            }
            Err(instead) => {
                self.complain(format!("not so: {what}; {instead}"));
                None
            }
        }
    }

    async fn write(&mut self, line: &Line<'_>, port: &str, value: &str) {
        match line.write(port, value).await {
            Ok(()) => self.tell(DemoEvent::Wrote { port: port.to_owned(), value: value.to_owned() }),
            Err(why) => self.complain(format!("{port} was not written: {why}")),
        }
    }
}

/// What a former run left may have been worked on since, so nothing is written over it.
fn expect_empty(folder: &Path) -> Result<(), Failure> {
    let holds_something = folder.read_dir().is_ok_and(|mut entries| entries.next().is_some());
    if holds_something {
        let what = format!("cannot put the results into {}", folder.display());
        return Err(Failure::new(what, "the folder is not empty", "name a new folder, or empty this one"));
    }
    Ok(())
}

fn temporary_folder() -> Result<TempDir, Failure> {
    tempfile::tempdir().map_err(|error| {
        Failure::new(
            "cannot make a temporary folder",
            error,
            "check that the system's folder for temporary files has room",
        )
    })
}

/// Imports the library that comes with the program, as if its files had just come from their vendors.
fn import_library(show: &mut Show, folder: &Path) -> Result<LibraryFacts, Failure> {
    let from_vendors = temporary_folder()?;
    bundled::unpack_library(from_vendors.path())?;
    let library = folder.join("library");
    let files = [from_vendors.path().to_owned()];
    let report = super::import(&files, &library, &ImportOptions::default(), show.stop)?;
    let failures = report.files.iter().filter_map(|file| Some((&file.path, file.failure.as_ref()?)));
    let refused: Vec<String> = failures.map(|(path, failure)| format!("{path}: {}", failure.why)).collect();
    show.tell(DemoEvent::Imported(report));
    for why in refused {
        show.complain(why);
    }
    Ok(super::open_library(&library)?.facts())
}

/// Opens the sample from its folder on the disk, like any project.
fn open_sample(show: &mut Show, project: &Path, facts: &LibraryFacts) -> Result<Plan, Failure> {
    bundled::unpack_sample(SAMPLE, project)?;
    let plan = super::open_project(project)?;
    show.tell(DemoEvent::Opened(Box::new(super::summary(&plan))));
    let findings = check(&plan, facts);
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    show.tell(DemoEvent::Checked(findings));
    if errors > 0 {
        show.complain(format!("the sample has {errors} errors"));
    }
    Ok(plan)
}

fn generate(show: &mut Show, plan: &Plan, project: &Path, out: &Path) -> Result<Vec<Arc<Configuration>>, Failure> {
    let (generation, report) = super::generate_all(plan, &super::read_downloaded(project), Some(out))?;
    let errors = report.has_errors();
    show.tell(DemoEvent::Generated(report));
    show.tell(DemoEvent::Saved { what: "the configurations".to_owned(), path: out.to_owned() });
    if errors {
        show.complain("not everything could be generated");
    }
    Ok(generation.devices.into_iter().map(|generated| Arc::new(generated.configuration)).collect())
}

fn begin_capture(path: &Path) -> Result<Capture, Failure> {
    Capture::create(path, CaptureSettings::default()).map_err(|error| {
        let what = format!("cannot record the conversation to {}", path.display());
        Failure::new(what, error.to_string(), "check that the folder exists and that you may write there")
    })
}

/// Compares, downloads what differs, and compares again.
async fn download(show: &mut Show<'_>, line: &Line<'_>, configurations: &[Arc<Configuration>]) -> Result<(), Failure> {
    let devices = configurations.len();
    let differences = line.compare(configurations).await?;
    show.tell(DemoEvent::Compared { devices, differences });
    if differences == 0 {
        show.complain("the devices hold what they should before anything was downloaded");
    }
    let reports = line.download(configurations.to_vec()).await;
    let failed: Vec<String> = reports
        .iter()
        .filter_map(|report| match &report.outcome {
            Outcome::Failed(failed) => Some(format!("{}: {}", report.device, failed.why)),
            _ => None,
        })
        .collect();
    show.tell(DemoEvent::Downloaded(reports));
    for why in failed {
        show.complain(why);
    }
    let differences = line.compare(configurations).await?;
    show.tell(DemoEvent::Compared { devices, differences });
    if differences > 0 {
        show.complain("plan and devices still differ");
    }
    Ok(())
}

/// Shows the values of the running line for some time, and that they move.
async fn watch(show: &mut Show<'_>, line: &mut Line<'_>, time: Duration) -> Result<(), Failure> {
    let before = MOVES.map(|port| line.value(port));
    let end = Instant::now() + time;
    loop {
        let next = end.min(Instant::now() + Duration::from_secs(1));
        line.follow_until(next).await;
        let passing = Instant::now() < end && !show.stop.is_cancelled();
        show.tell(DemoEvent::Values { rows: line.rows(&SHOWN), passing });
        if !passing {
            break;
        }
    }
    for (port, before) in MOVES.iter().zip(before) {
        if line.value(port) == before {
            let so = line.until(PATIENCE, |line| line.value(port) != before).await;
            show.hold(so, &format!("{port} moves"));
        }
    }
    Ok(())
}

/// Pulls the cable of a device: every input that it feeds falls back as planned. Plugged in again, all is well by itself.
async fn pull_and_plug(show: &mut Show<'_>, line: &mut Line<'_>) -> Result<(), Failure> {
    let inputs = line.inputs_fed_by(PULLED);
    let names: Vec<String> = inputs.iter().map(|input| input.name.clone()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    line.pull(PULLED).await?;
    show.tell(DemoEvent::Did(format!("{PULLED} is pulled off the network")));
    let so = line.until(PATIENCE, |line| inputs.iter().all(|input| line.has_fallen_back(input))).await;
    show.hold(so, &format!("its {} consumers use the substitute or the last value", inputs.len()));
    show.tell(DemoEvent::Values { rows: line.rows(&names), passing: false });
    line.plug(PULLED)?;
    show.tell(DemoEvent::Did(format!("{PULLED} is plugged in again")));
    let so = line.until(PATIENCE, |line| inputs.iter().all(|input| line.is_good(&input.name))).await;
    show.hold(so, "all connections are back by themselves");
    show.tell(DemoEvent::Values { rows: line.rows(&names), passing: false });
    Ok(())
}
