//! `plantweave diff`: what changed between two plans.

use std::path::PathBuf;

use super::console::Console;
use super::{Exit, Stop};
use crate::app::{self, Effect};

/// Tell what differs between two projects in engineering terms; ends with 1 when something does.
#[derive(clap::Args)]
pub(super) struct Args {
    /// Project folder (NAME.plant) or archive (NAME.plantz) before.
    old: PathBuf,
    /// Project folder or archive after.
    new: PathBuf,
    /// Print as JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: Args, console: &mut Console) -> Result<Exit, Stop> {
    let (old, new) = (app::open_project(&args.old)?, app::open_project(&args.new)?);
    let difference = app::diff_plans(&old, &new);
    let exit = if difference.equal { Exit::Fine } else { Exit::Findings };
    if args.json {
        console.json(&difference)?;
        return Ok(exit);
    }
    if difference.equal {
        console.line("no difference")?;
        return Ok(exit);
    }
    for group in difference.changes.chunk_by(|one, next| one.group == next.group) {
        if let Some(first) = group.first() {
            console.line(first.group.to_string())?;
        }
        for change in group {
            console.line(format!("  {}", change.text))?;
        }
    }
    console.line("Devices whose configuration changes")?;
    if difference.devices.is_empty() {
        console.line("  none")?;
    }
    for device in &difference.devices {
        let effect = match device.effect {
            Effect::Added => "new".to_owned(),
            Effect::Removed => "gone".to_owned(),
            Effect::Changed if device.changes.len() == 1 => "1 change".to_owned(),
            Effect::Changed => format!("{} changes", device.changes.len()),
        };
        console.line(format!("  {}: {effect}", device.device))?;
    }
    Ok(exit)
}
