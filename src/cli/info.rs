//! `plantweave info`: a project at a glance.

use std::path::PathBuf;

use super::console::Console;
use super::{Exit, Stop};
use crate::app;

/// Tell what is in a project: sizes, and each device with its address, instances and links.
#[derive(clap::Args)]
pub(super) struct Args {
    /// Project folder (NAME.plant) or archive (NAME.plantz).
    project: PathBuf,
    /// Print as JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: Args, console: &mut Console) -> Result<Exit, Stop> {
    let plan = app::open_project(&args.project)?;
    let summary = app::summary(&plan);
    if args.json {
        console.json(&summary)?;
        return Ok(Exit::Fine);
    }
    console.line(&summary.name)?;
    for line in summary.comment.lines() {
        console.line(format!("  {line}"))?;
    }
    let levels = match summary.chart_levels {
        1 => "one level".to_owned(),
        levels => format!("{levels} levels"),
    };
    console.line(format!("  {} charts on {levels}, {} components", summary.charts, summary.components))?;
    console.line(format!("  {} instances with {} functions", summary.instances, summary.functions))?;
    console.line(format!(
        "  {} links ({} cyclic), {} constants\n",
        summary.links, summary.cyclic_links, summary.constants
    ))?;
    let rows = summary.devices.iter().map(|device| {
        let downloaded = device.downloaded.as_deref().map_or("–".to_owned(), |sha256| format!("{sha256:.12}"));
        [
            device.name.clone(),
            device.address.clone(),
            device.instances.join(", "),
            device.links_in.to_string(),
            device.links_out.to_string(),
            device.partners.to_string(),
            downloaded,
        ]
    });
    console.table(&["device", "address", "instances", "in", "out", "partners", "downloaded"], rows)?;
    Ok(Exit::Fine)
}
