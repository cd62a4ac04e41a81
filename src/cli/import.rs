//! `plantweave import`: descriptions into a library folder.

use std::path::PathBuf;

use super::console::Console;
use super::{Exit, Stop};
use crate::app::{self, ImportOptions, ImportReport, ImportedComponent, ImportedFile, Outcome};

/// Import component descriptions, each with all files it refers to, into a library folder.
///
/// A folder given instead of a file is searched for descriptions. What a file is, is recognised by its content. The exit code is 1
/// when a file was refused or a description has errors.
#[derive(clap::Args)]
pub(super) struct Args {
    /// Component descriptions (XML), or folders of them.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Library folder; it is made when there is none.
    #[arg(long, value_name = "DIR")]
    library: PathBuf,
    /// Mapping file (TOML) that says what the elements of a vendor's own dialect stand for.
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// Read versions of the format that this program does not know.
    #[arg(long)]
    force_tolerant: bool,
    /// Let a description that was changed without a new version take the place of the one in the library.
    #[arg(long)]
    replace: bool,
    /// Say what would be done, and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// List every remark on a description, also what is merely worth knowing.
    #[arg(long)]
    remarks: bool,
    /// Print as JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: Args, console: &mut Console) -> Result<Exit, Stop> {
    let options = ImportOptions {
        mapping: args.mapping,
        force_tolerant: args.force_tolerant,
        replace: args.replace,
        dry_run: args.dry_run,
    };
    let runtime = app::runtime()?;
    let stop = runtime.block_on(async { app::interrupted() });
    let report = app::import(&args.files, &args.library, &options, &stop)?;
    if args.json {
        console.json(&report)?;
    } else {
        print(&report, args.dry_run, args.remarks, console)?;
    }
    Ok(if report.is_fine() { Exit::Fine } else { Exit::Findings })
}

fn print(report: &ImportReport, dry_run: bool, all: bool, console: &mut Console) -> Result<(), Stop> {
    for file in &report.files {
        print_file(file, dry_run, all, console)?;
    }
    let count = |outcome| report.files.iter().filter(|file| file.outcome == outcome).count();
    let counts = [
        (Outcome::Added, if dry_run { "to add" } else { "added" }),
        (Outcome::Replaced, if dry_run { "to replace" } else { "replaced" }),
        (Outcome::AlreadyThere, "already there"),
        (Outcome::Skipped, "skipped"),
        (Outcome::Refused, "refused"),
    ];
    let counts = counts.into_iter().filter(|(outcome, _)| count(*outcome) > 0);
    let counts: Vec<String> = counts.map(|(outcome, word)| format!("{} {word}", count(outcome))).collect();
    console.line(if counts.is_empty() { "no descriptions found".to_owned() } else { counts.join(", ") })?;
    if report.interrupted {
        console.line("interrupted; files that are not listed were not imported")?;
    }
    Ok(())
}

fn print_file(file: &ImportedFile, dry_run: bool, all: bool, console: &mut Console) -> Result<(), Stop> {
    let outcome = match file.outcome {
        Outcome::Added if dry_run => "would be added",
        Outcome::Added => "added",
        Outcome::Replaced if dry_run => "would be replaced",
        Outcome::Replaced => "replaced",
        Outcome::AlreadyThere => "already there",
        Outcome::Skipped => "skipped",
        Outcome::Refused => "refused",
    };
    console.line(format!("{}: {outcome}", file.path))?;
    if let Some(component) = &file.component {
        print_component(component, all, console)?;
    }
    if let Some(failure) = &file.failure {
        console.line(format!("  why: {}", failure.why))?;
        if file.outcome == Outcome::Refused {
            console.line(format!("  do:  {}", failure.remedy))?;
        }
    }
    Ok(())
}

fn print_component(component: &ImportedComponent, all: bool, console: &mut Console) -> Result<(), Stop> {
    console.line(format!(
        "  {} {} of {}: {}, {} functions, {} ports, {} files beside it",
        component.name,
        component.version,
        component.vendor,
        component.grade,
        component.functions,
        component.ports,
        component.files.len(),
    ))?;
    if !component.library_path.is_empty() {
        console.line(format!("  in the library as {}", component.library_path))?;
    }
    match &component.newest_other_version {
        Some(other) if component.is_update => {
            console.line(format!("  an update: plants that use {other} can change to {}", component.version))?;
        }
        Some(other) => console.line(format!("  the library holds {other} as well"))?,
        None => {}
    }
    super::library::print_remarks(&component.remarks, &component.kept, all, console)
}
