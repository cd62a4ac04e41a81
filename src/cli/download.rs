//! `plantweave download`: make the devices hold what the plan says.

use std::path::PathBuf;
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};

use super::access::{self, AccessArgs};
use super::console::Console;
use super::{Exit, Stop};
use crate::app::{
    self, DownloadOutcome, DownloadReport, DownloadRequest, DownloadedDevice, Failure, LeftWith, Loaders,
    PayloadOutcome,
};
use crate::model::Name;
use crate::online::{Progress, Step};

/// Download to the devices: only what differs is changed, read back, and saved in the device.
///
/// A device that fails is put back to what it held before, and does not hold up the others. The report says device by device what
/// was done; what the devices hold now is noted in the project, unless they are virtual ones. The exit code is 2 when a device
/// was not done.
#[derive(clap::Args)]
pub(super) struct Args {
    /// Project folder (NAME.plant) or archive (NAME.plantz).
    project: PathBuf,
    /// Download only to this device; can be given more than once.
    #[arg(long, value_name = "NAME")]
    device: Vec<Name>,
    /// Replace everything, also what is the same already.
    #[arg(long)]
    all: bool,
    /// Only tell what would be done.
    #[arg(long)]
    dry_run: bool,
    /// Download although `check` finds errors. What cannot be generated is left out all the same.
    #[arg(long)]
    despite_errors: bool,
    /// File that says which programs load payloads, see docs/LOADERS.md.
    #[arg(long, value_name = "FILE")]
    loaders: Option<PathBuf>,
    /// Print the report as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    access: AccessArgs,
}

pub(super) fn run(args: Args, console: &mut Console) -> Result<Exit, Stop> {
    let plan = app::open_project(&args.project)?;
    let request = DownloadRequest {
        devices: args.device,
        all: args.all,
        dry_run: args.dry_run,
        despite_errors: args.despite_errors,
        loaders: args.loaders.as_deref().map(Loaders::read).transpose()?.unwrap_or_default(),
    };
    let report = app::runtime()?.block_on(async {
        let cancel = app::interrupted();
        let access = args.access.open(&args.project, &plan)?;
        let bar = progress_bar(plan.devices().len());
        let report = app::download(&args.project, &plan, &access, &request, cancel, steps_on(&bar)).await;
        bar.finish_and_clear();
        access::close(access, console).await?;
        Ok::<_, Stop>(report?)
    })?;
    if args.json {
        console.json(&report)?;
    } else {
        print(&report, request.dry_run, console)?;
    }
    ended(&report)
}

/// Exit code 1 for a dry run that would change something, 2 when a device was not done.
fn ended(report: &DownloadReport) -> Result<Exit, Stop> {
    let failed: Vec<&DownloadedDevice> =
        report.devices.iter().filter(|device| device.outcome == DownloadOutcome::Failed).collect();
    if let Some(first) = failed.first() {
        let what = format!("{} of {} devices were not downloaded", failed.len(), report.devices.len());
        let why = format!("{}: {}", first.device, first.error.clone().unwrap_or_else(|| "unknown".into()));
        let remedy = first.remedy.clone().unwrap_or_else(|| "see the report".into());
        return Err(Failure::new(what, why, remedy).into());
    }
    let would_load =
        |device: &DownloadedDevice| device.payloads.iter().any(|payload| payload.outcome == PayloadOutcome::WouldLoad);
    let would_change = |device: &DownloadedDevice| device.outcome == DownloadOutcome::WouldChange || would_load(device);
    let would_change = report.devices.iter().any(would_change);
    Ok(if would_change { Exit::Findings } else { Exit::Fine })
}

/// A bar on standard error; indicatif hides it where nobody reads along.
fn progress_bar(n_devices: usize) -> ProgressBar {
    let bar = ProgressBar::new(n_devices as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} devices  {msg}") {
        bar.set_style(style);
    }
    bar
}

fn steps_on(bar: &ProgressBar) -> Progress {
    let bar = bar.clone();
    Arc::new(move |device, step| {
        let doing = match step {
            Step::Identify => "identifying",
            Step::Compare => "reading",
            Step::Change => "changing",
            Step::ReadBack => "reading back",
            Step::Save => "saving",
            Step::PutBack => "putting back",
            Step::Done => {
                bar.inc(1);
                return;
            }
        };
        bar.set_message(format!("{device}: {doing}"));
    })
}

fn print(report: &DownloadReport, dry_run: bool, console: &mut Console) -> Result<(), Stop> {
    let rows = report.devices.iter().map(|device| {
        let outcome = match (device.outcome, device.left) {
            (DownloadOutcome::Equal, _) => "equal already",
            (DownloadOutcome::Downloaded, _) => "downloaded, saved",
            (DownloadOutcome::WouldChange, _) => "would change",
            (DownloadOutcome::Failed, Some(LeftWith::Untouched) | None) => "failed, untouched",
            (DownloadOutcome::Failed, Some(LeftWith::PutBack)) => "failed, put back",
            (DownloadOutcome::Failed, Some(LeftWith::Unknown)) => "failed, state unknown",
        };
        let stamp = device.pdev_stamp.map_or_else(|| "–".to_owned(), |stamp| stamp.to_string());
        [
            device.device.to_string(),
            device.address.clone().unwrap_or_else(|| "–".to_owned()),
            outcome.to_owned(),
            device.changes.to_string(),
            device.connections.to_string(),
            format!("{:.12}", device.fingerprint),
            stamp,
        ]
    });
    console.table(&["device", "address", "outcome", "changes", "connections", "fingerprint", "stamp"], rows)?;
    for device in &report.devices {
        if dry_run {
            for difference in &device.differences {
                console.line(format!("{}: {difference}", device.device))?;
            }
        }
        for payload in &device.payloads {
            let outcome = match payload.outcome {
                PayloadOutcome::Loaded => "loaded",
                PayloadOutcome::Unchanged => "unchanged",
                PayloadOutcome::WouldLoad => "would be loaded",
                PayloadOutcome::NotLoaded => "not loaded",
                PayloadOutcome::Failed => "failed",
            };
            let detail = if payload.detail.is_empty() { String::new() } else { format!(": {}", payload.detail) };
            let (instance, id, loader) = (&payload.instance, &payload.id, &payload.loader);
            console.line(format!("{}: payload {id} of {instance} ({loader}) {outcome}{detail}", device.device))?;
        }
        if let Some(error) = &device.error {
            console.line(format!("{}: error: {error}", device.device))?;
        }
    }
    if let Some(why) = report.not_noted_because {
        console.line(format!("not noted in the project: {why}"))?;
    }
    Ok(())
}
