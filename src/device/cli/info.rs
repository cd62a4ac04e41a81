//! `plantweave info`: a project at a glance.

use std::fmt::Write as _;
use std::path::PathBuf;

use super::{CommandResult, Outcome, report};
use crate::app::{self, Summary};

/// Show what is in a project: counts, and one line a device.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Project folder (`….plant`) or archive (`….plantz`).
    project: PathBuf,
    /// Print JSON instead of text.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments) -> CommandResult {
    let summary = app::summary(&app::open_project(&arguments.project)?);
    if arguments.json {
        report::print_json(&summary)?;
    } else {
        report::print(&text(&summary))?;
    }
    Ok(Outcome::Fine)
}

fn text(summary: &Summary) -> String {
    let mut out = format!("{}\n", summary.name);
    if !summary.comment.is_empty() {
        out.push_str(&summary.comment);
        out.push('\n');
    }
    _ = writeln!(
        out,
        "\n{} instances of {} components with {} functions on {} charts in {} levels\n{} links ({} cyclic), {} constants, {} devices\n",
        summary.instances,
        summary.components,
        summary.functions,
        summary.charts,
        summary.chart_levels,
        summary.links,
        summary.cyclic_links,
        summary.constants,
        summary.devices.len(),
    );
    let rows: Vec<_> = summary
        .devices
        .iter()
        .map(|device| {
            vec![
                device.name.clone(),
                device.address.clone(),
                device.instances.join(", "),
                device.links_in.to_string(),
                device.links_out.to_string(),
                device.partners.to_string(),
                device.downloaded.as_ref().map_or("never", |print| print.get(..12).unwrap_or(print)).to_owned(),
            ]
        })
        .collect();
    out + &report::table(&["Device", "Address", "Instances", "In", "Out", "Partners", "Downloaded"], &rows)
}
