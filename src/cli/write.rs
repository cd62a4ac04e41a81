//! `plantweave write`: one value written to a device.

use std::path::PathBuf;

use super::access::{self, AccessArgs};
use super::console::Console;
use super::{Exit, Stop};
use crate::app::{self, Failure};

/// Write a value to an input or an HMI value of a device.
///
/// The value is held against type and range of its description first. It is read back, unless its description says that it
/// cannot be read.
#[derive(clap::Args)]
pub(super) struct Args {
    /// Project folder (NAME.plant) or archive (NAME.plantz).
    project: PathBuf,
    /// The item, as INSTANCE.PORT, INSTANCE.RTAUTO.PORT or INSTANCE.LDEV.RTAUTO.PORT.
    item: String,
    /// The value: true, -5, 12.5, text, `1 2 3` (array), `{batch=7; name="A"}` (structure).
    #[arg(allow_hyphen_values = true)]
    value: String,
    /// Quality to write with it, by name (UncertainSubstituteSet) or number (0x48).
    #[arg(long, value_name = "NAME")]
    quality: Option<String>,
    /// Do not read the value back.
    #[arg(long)]
    no_read_back: bool,
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
        let write = app::write(&plan, &access, &args.item, &args.value, args.quality.as_deref(), !args.no_read_back);
        let report = tokio::select! {
            report = write => report,
            () = cancel.cancelled() => {
                let why = "it was cancelled, and the device may or may not have taken the value";
                Err(Failure::new(format!("cannot tell whether {} was written", args.item), why, "read the value"))
            }
        };
        access::close(access, console).await?;
        Ok::<_, Stop>(report?)
    })?;
    if args.json {
        console.json(&report)?;
        return Ok(Exit::Fine);
    }
    console.line(match &report.read_back {
        Some(read) => format!("{} is {} {} now, at {}", report.item, read.text, read.quality, report.address),
        None => format!("{} was written, at {}", report.item, report.address),
    })?;
    Ok(Exit::Fine)
}
