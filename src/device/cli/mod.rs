//! The command line: arguments, printing, exit codes; one file a sub-command.
//!
//! No sub-command decides anything: it calls a job of `app` and prints what comes back. Exit codes: 0 fine, 1 findings or
//! differences, 2 could not run. Results go to stdout, errors and progress to stderr.

mod info;
mod report;
mod xref;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::app::Failure;

/// How a command ended that could run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Exit code 0.
    Fine,
    /// Exit code 1: findings, or differences.
    Findings,
}

type CommandResult = Result<Outcome, Failure>;

/// Engineering tool for PROFINET CBA plants: wire vendors' machine modules, check the plan, download it, watch it run.
#[derive(Parser)]
#[command(name = "plantweave", version, arg_required_else_help = true, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Say more on stderr; twice for protocol details.
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    verbose: u8,
}

#[derive(Subcommand)]
enum Command {
    Info(info::Arguments),
    Xref(xref::Arguments),
}

/// Runs the program.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    report::start_log(arguments.verbose);
    let result = match arguments.command {
        Command::Info(arguments) => info::run(&arguments),
        Command::Xref(arguments) => xref::run(&arguments),
    };
    report::exit_code(result)
}
