//! `plantweave compare`: plan and devices held against each other.

use std::path::PathBuf;

use super::access::{self, AccessArgs};
use super::console::Console;
use super::{Exit, Stop};
use crate::app::{self, ComparisonReport, Failure};
use crate::model::Name;

/// Compare the devices with the plan, without changing anything.
///
/// The exit code is 1 when they differ, and 2 when a device could not be asked.
#[derive(clap::Args)]
pub(super) struct Args {
    /// Project folder (NAME.plant) or archive (NAME.plantz).
    project: PathBuf,
    /// Compare only this device; can be given more than once.
    #[arg(long, value_name = "NAME")]
    device: Vec<Name>,
    /// Print as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    access: AccessArgs,
}

pub(super) fn run(args: Args, console: &mut Console) -> Result<Exit, Stop> {
    let plan = app::open_project(&args.project)?;
    let report = app::runtime()?.block_on(async {
        let cancel = app::interrupted();
        let access = args.access.open(&args.project, &plan)?;
        let report = app::compare(&plan, &access, &args.device, cancel).await;
        access::close(access, console).await?;
        Ok::<_, Stop>(report?)
    })?;
    if args.json {
        console.json(&report)?;
    } else {
        print(&report, console)?;
    }
    let failed: Vec<_> = report.devices.iter().filter(|device| device.error.is_some()).collect();
    if let Some(first) = failed.first() {
        let what = format!("{} of {} devices could not be compared", failed.len(), report.devices.len());
        let why = format!("{}: {}", first.device, first.error.clone().unwrap_or_default());
        return Err(Failure::new(what, why, first.remedy.clone().unwrap_or_default()).into());
    }
    Ok(if report.has_differences() { Exit::Findings } else { Exit::Fine })
}

fn print(report: &ComparisonReport, console: &mut Console) -> Result<(), Stop> {
    let rows = report.devices.iter().map(|device| {
        let outcome = match (&device.error, device.differences.len()) {
            (Some(_), _) => "no answer".to_owned(),
            (None, 0) => "equal".to_owned(),
            (None, 1) => "1 difference".to_owned(),
            (None, n) => format!("{n} differences"),
        };
        let ldevs = device.ldevs.iter().map(|ldev| {
            let state = ldev.state.as_deref().unwrap_or("–");
            let group_error = ldev.group_error.as_deref().unwrap_or("–");
            format!("{} {state}, {group_error}", ldev.ldev)
        });
        let ldevs = ldevs.collect::<Vec<_>>().join("; ");
        [device.device.to_string(), device.address.clone().unwrap_or_else(|| "–".to_owned()), outcome, ldevs]
    });
    console.table(&["device", "address", "outcome", "LDevs with state and group error"], rows)?;
    for device in &report.devices {
        for difference in &device.differences {
            console.line(format!("{}: {difference}", device.device))?;
        }
        if let Some(error) = &device.error {
            console.line(format!("{}: error: {error}", device.device))?;
        }
    }
    Ok(())
}
