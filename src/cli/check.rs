//! `plantweave check`: findings.

use std::path::PathBuf;

use clap::ValueEnum;

use super::console::Console;
use super::{Exit, Stop};
use crate::app;
use crate::check::{self, Severity};

/// Check a project and print the findings, the most severe first.
///
/// The exit code is 1 when there are errors or warnings. `plantweave explain CODE` tells more about a finding.
#[derive(clap::Args)]
pub(super) struct Args {
    /// Project folder (NAME.plant).
    project: PathBuf,
    /// Form of the findings.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Library folder to hold the project's components against: newer versions, changed contents. Can be given several times.
    #[arg(long, value_name = "DIR")]
    library: Vec<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Text,
    Json,
    /// SARIF 2.1.0, for code review and CI services.
    Sarif,
}

pub(super) fn run(args: Args, console: &mut Console) -> Result<Exit, Stop> {
    let plan = app::open_project(&args.project)?;
    let facts = app::library_facts(&args.library)?;
    let findings = check::check(&plan, &facts);
    let text = match args.format {
        Format::Text => check::text(&findings),
        Format::Json => check::json(&findings),
        Format::Sarif => app::sarif(&plan, &findings),
    };
    console.print(&text)?;
    let complains = findings.iter().any(|finding| finding.severity != Severity::Info);
    Ok(if complains { Exit::Findings } else { Exit::Fine })
}
