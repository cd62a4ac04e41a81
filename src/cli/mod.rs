//! The command line: arguments in, text out, exit code.
//!
//! One file a sub-command. A command takes its arguments apart, calls a job of `app` and prints what the job returns; it
//! decides nothing, so a screen could do the same. Help texts are the doc comments of the argument structs.
//!
//! Exit codes are those of [`Exit`]. Errors go to standard error in three lines: what, why, what to do.
//!
//! Start reading at [`main`], then [`info`] as the shortest command.

mod access;
mod check;
mod compare;
mod console;
mod demo;
mod diff;
mod download;
mod explain;
mod export;
mod generate;
mod import;
mod info;
mod library;
mod monitor;
mod scan;
mod simulate;
mod station;
mod way;
mod write;
mod xref;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::app::Failure;
use console::Console;

/// Engineering of PROFINET CBA plants, from vendors' component descriptions to live values.
#[derive(Parser)]
#[command(name = "plantweave", version, max_term_width = 100, disable_help_subcommand = true)]
#[command(after_help = "Without a command the desktop app opens.\n\
Exit codes: 0 fine, 1 findings or differences, 2 could not run.")]
#[command(args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// Project folder or archive to open in the desktop app
    project: Option<PathBuf>,
}

/// All sub-commands, in the order of the work.
#[derive(Subcommand)]
enum Command {
    Demo(demo::Args),
    Import(import::Args),
    Library(library::Args),
    Info(info::Args),
    Xref(xref::Args),
    Check(check::Args),
    Explain(explain::Args),
    Generate(generate::Args),
    Simulate(simulate::Args),
    Download(download::Args),
    Compare(compare::Args),
    Monitor(monitor::Args),
    Write(write::Args),
    Export(export::Args),
    Diff(diff::Args),
    Scan(scan::Args),
    Topology(scan::TopologyArgs),
    Identify(station::IdentifyArgs),
    SetName(station::SetNameArgs),
    SetIp(station::SetIpArgs),
    Flash(station::FlashArgs),
    Reset(station::ResetArgs),
}

/// How a command that ran ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exit {
    /// Nothing to complain of.
    Fine,
    /// It ran and found something: findings, differences.
    Findings,
}

/// Why a command did not end by itself.
#[derive(Debug)]
enum Stop {
    /// It could not be done.
    Failed(Failure),
    /// Who read our output wants no more of it, such as `head`; no reason to complain.
    PipeClosed,
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// Stands in for the desktop app in a build without it: says so.
pub fn no_window(_: Option<PathBuf>) -> ExitCode {
    let failure = Failure::new(
        "the desktop app cannot be opened",
        "this program was built without it (feature `gui`)",
        "give a command, see `plantweave --help`, or build with the default features",
    );
    eprintln!("error: {failure}");
    ExitCode::from(2)
}

/// Runs the program with the arguments of the process; without a command `window` opens the desktop app.
pub fn main(window: impl FnOnce(Option<PathBuf>) -> ExitCode) -> ExitCode {
    // clap answers `--help` and wrong arguments by itself, with exit codes 0 and 2.
    let Cli { command, project } = Cli::parse();
    let Some(command) = command else {
        // A mistyped command must not open a window.
        if let Some(path) = project.as_ref().filter(|path| !path.exists()) {
            let why = "there is no such command, and no such project either";
            let failure = Failure::new(
                format!("cannot open {}", path.display()),
                why,
                "`plantweave --help` lists the commands; a project is a folder NAME.plant or an archive NAME.plantz",
            );
            eprintln!("error: {failure}");
            return ExitCode::from(2);
        }
        return window(project);
    };
    let mut console = Console::new();
    let ended = match command {
        Command::Demo(args) => demo::run(args, &mut console),
        Command::Import(args) => import::run(args, &mut console),
        Command::Library(args) => library::run(args, &mut console),
        Command::Info(args) => info::run(args, &mut console),
        Command::Xref(args) => xref::run(args, &mut console),
        Command::Check(args) => check::run(args, &mut console),
        Command::Explain(args) => explain::run(args, &mut console),
        Command::Generate(args) => generate::run(args, &mut console),
        Command::Export(args) => export::run(args, &mut console),
        Command::Simulate(args) => simulate::run(args, &mut console),
        Command::Download(args) => download::run(args, &mut console),
        Command::Compare(args) => compare::run(args, &mut console),
        Command::Monitor(args) => monitor::run(args, &mut console),
        Command::Write(args) => write::run(args, &mut console),
        Command::Diff(args) => diff::run(args, &mut console),
        Command::Scan(args) => scan::run(args, &mut console),
        Command::Topology(args) => scan::run_topology(args, &mut console),
        Command::Identify(args) => station::identify(args, &mut console),
        Command::SetName(args) => station::set_name(args, &mut console),
        Command::SetIp(args) => station::set_ip(args, &mut console),
        Command::Flash(args) => station::flash(args, &mut console),
        Command::Reset(args) => station::reset(args, &mut console),
    };
    match ended {
        Ok(Exit::Fine) | Err(Stop::PipeClosed) => ExitCode::SUCCESS,
        Ok(Exit::Findings) => ExitCode::from(1),
        Err(Stop::Failed(failure)) => {
            eprintln!("error: {failure}");
            ExitCode::from(2)
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn arguments_are_consistent() {
        super::Cli::command().debug_assert();
    }
}
