//! `plantweave xref`: the cross-reference.

use std::path::PathBuf;

use super::{CommandResult, Outcome, report};
use crate::app::{self, Failure, XrefEnd, XrefRow};

/// List every port, what feeds it and what it feeds.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Project folder (`….plant`) or archive (`….plantz`).
    project: PathBuf,
    /// How to print it.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Leave out ports that nothing feeds and that feed nothing.
    #[arg(long)]
    used: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    Text,
    Json,
    Csv,
}

pub(super) fn run(arguments: &Arguments) -> CommandResult {
    let mut rows = app::cross_reference(&app::open_project(&arguments.project)?);
    if arguments.used {
        rows.retain(|row| !row.fed_by.is_empty() || !row.feeds.is_empty() || row.constant.is_some());
    }
    match arguments.format {
        Format::Json => report::print_json(&rows)?,
        Format::Text => {
            let rows: Vec<_> = rows.iter().map(|row| cells(row).to_vec()).collect();
            report::print(&report::table(&HEAD, &rows))?;
        }
        Format::Csv => report::print(&csv(&rows)?)?,
    }
    Ok(Outcome::Fine)
}

const HEAD: [&str; 8] = ["Port", "Type", "Direction", "Fed by", "Feeds", "Chart", "Device", "Component"];

fn cells(row: &XrefRow) -> [String; 8] {
    let ends = |ends: &[XrefEnd]| ends.iter().map(|end| format!("{} ({})", end.port, end.qos)).collect::<Vec<_>>();
    let mut fed_by = ends(&row.fed_by);
    fed_by.extend(row.constant.iter().map(|value| format!("= {value}")));
    [
        row.port.clone(),
        row.value_type.clone(),
        row.direction.to_owned(),
        fed_by.join(", "),
        ends(&row.feeds).join(", "),
        row.chart.clone(),
        row.device.clone(),
        row.component.clone(),
    ]
}

fn csv(rows: &[XrefRow]) -> Result<String, Failure> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let failed = |error: String| Failure::new("cannot write the cross-reference as CSV", error, "report this as a fault of the program");
    writer.write_record(HEAD).map_err(|error| failed(error.to_string()))?;
    for row in rows {
        writer.write_record(cells(row)).map_err(|error| failed(error.to_string()))?;
    }
    let bytes = writer.into_inner().map_err(|error| failed(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| failed(error.to_string()))
}
