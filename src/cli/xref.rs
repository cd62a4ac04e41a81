//! `plantweave xref`: the cross-reference.

use std::path::PathBuf;

use clap::ValueEnum;

use super::console::Console;
use super::{Exit, Stop};
use crate::app::{self, Failure, XrefEnd, XrefRow};

/// List every port of the plant with what feeds it and what it feeds.
#[derive(clap::Args)]
pub(super) struct Args {
    /// Project folder (NAME.plant) or archive (NAME.plantz).
    project: PathBuf,
    /// Form of the list.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Text,
    Json,
    Csv,
}

pub(super) fn run(args: Args, console: &mut Console) -> Result<Exit, Stop> {
    let rows = app::cross_reference(&app::open_project(&args.project)?);
    match args.format {
        Format::Json => console.json(&rows)?,
        Format::Csv => console.print(&csv(&rows)?)?,
        Format::Text => {
            let headings = ["port", "type", "direction", "chart", "fed by", "feeds"];
            let rows = rows.iter().map(|row| {
                [
                    row.port.clone(),
                    row.value_type.clone(),
                    row.direction.to_owned(),
                    row.chart.clone(),
                    source(row),
                    ends(&row.feeds),
                ]
            });
            console.table(&headings, rows)?;
        }
    }
    Ok(Exit::Fine)
}

fn source(row: &XrefRow) -> String {
    let constant = row.constant.iter().map(|value| format!("= {value}"));
    row.fed_by.iter().map(text).chain(constant).collect::<Vec<_>>().join(", ")
}

fn ends(ends: &[XrefEnd]) -> String {
    ends.iter().map(text).collect::<Vec<_>>().join(", ")
}

fn text(end: &XrefEnd) -> String {
    format!("{} ({})", end.port, end.qos)
}

fn csv(rows: &[XrefRow]) -> Result<String, Failure> {
    let failed = |error: &dyn std::fmt::Display| {
        Failure::new("cannot write the cross-reference as CSV", error.to_string(), "please report this as a fault")
    };
    let mut writer = csv::Writer::from_writer(Vec::new());
    let headings = ["port", "component", "type", "direction", "chart", "device", "fed by", "constant", "feeds"];
    writer.write_record(headings).map_err(|error| failed(&error))?;
    for row in rows {
        let record = [
            &row.port,
            &row.component,
            &row.value_type,
            row.direction,
            &row.chart,
            &row.device,
            &ends(&row.fed_by),
            row.constant.as_deref().unwrap_or_default(),
            &ends(&row.feeds),
        ];
        writer.write_record(record).map_err(|error| failed(&error))?;
    }
    let bytes = writer.into_inner().map_err(|error| failed(&error))?;
    String::from_utf8(bytes).map_err(|error| failed(&error))
}
