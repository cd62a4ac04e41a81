//! `plantweave generate`: one configuration a device.

use std::path::PathBuf;

use super::console::Console;
use super::{Exit, Stop};
use crate::app::{self, Failure, GenerationReport};

/// Generate the configuration of every device, and tell what changed since the last download.
#[derive(clap::Args)]
pub(super) struct Args {
    /// Project folder (NAME.plant) or archive (NAME.plantz).
    project: PathBuf,
    /// Folder to write DEVICE.json files to.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print as JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: Args, console: &mut Console) -> Result<Exit, Stop> {
    let plan = app::open_project(&args.project)?;
    let downloaded = app::read_downloaded(&args.project);
    let (_, report) = app::generate_all(&plan, &downloaded, args.out.as_deref())?;
    if args.json {
        console.json(&report)?;
    } else {
        print_table(&report, console)?;
        for device in &report.devices {
            let changes = device.changes.iter().flatten().map(ToString::to_string);
            for line in changes.chain(device.remarks.iter().cloned()) {
                console.line(format!("{}: {line}", device.device))?;
            }
        }
        print_problems(&report, console)?;
    }
    if report.has_errors() {
        let failure = Failure::new(
            "not everything could be generated",
            "the plan has the errors named above",
            "`plantweave check` tells more about each of them",
        );
        return Err(failure.into());
    }
    Ok(Exit::Fine)
}

/// Prints a row a configuration.
pub(super) fn print_table(report: &GenerationReport, console: &mut Console) -> Result<(), Stop> {
    let rows = report.devices.iter().map(|device| {
        let changes = match &device.changes {
            None => "never downloaded".to_owned(),
            Some(changes) if changes.is_empty() => "as downloaded".to_owned(),
            Some(changes) => format!("{} changes", changes.len()),
        };
        [
            device.device.to_string(),
            device.ldevs.to_string(),
            (device.connections - device.constants).to_string(),
            device.constants.to_string(),
            device.payloads.to_string(),
            format!("{:.12}", device.fingerprint),
            changes,
        ]
    });
    console.table(&["device", "LDevs", "links", "constants", "payloads", "fingerprint", "since download"], rows)
}

/// Prints what could not be generated.
pub(super) fn print_problems(report: &GenerationReport, console: &mut Console) -> Result<(), Stop> {
    for device in &report.devices {
        for error in &device.errors {
            console.line(format!("{}: error: {error}", device.device))?;
        }
    }
    for error in &report.errors {
        console.line(format!("error: {error}"))?;
    }
    Ok(())
}
