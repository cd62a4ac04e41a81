//! Printing and exit codes, the same for all sub-commands.

use std::io::{self, Write};
use std::process::ExitCode;

use serde::Serialize;

use super::{CommandResult, Outcome};
use crate::app::Failure;

/// Turns the end of a command into an exit code and reports a failure, once, on stderr.
pub(super) fn exit_code(result: CommandResult) -> ExitCode {
    match result {
        Ok(Outcome::Fine) => ExitCode::SUCCESS,
        Ok(Outcome::Findings) => ExitCode::from(1),
        Err(failure) => {
            // Nothing is left to do when stderr is gone as well.
            let _ = writeln!(io::stderr(), "error: {failure}");
            ExitCode::from(2)
        }
    }
}

/// Sends log lines to stderr: warnings, with `-v` what is done, with `-vv` protocol details.
pub(super) fn start_log(verbose: u8) {
    let level = match verbose {
        0 => "warn",
        1 => "plantweave=info,warn",
        _ => "plantweave=debug,info",
    };
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| level.into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_target(false).init();
}

/// Writes a whole result to stdout. A reader that went away (`| head`) ends the command quietly.
///
/// # Errors
/// When stdout cannot be written for another reason.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(|error| Failure::new("cannot print the result", error, "check where the output is sent to")),
    }
}

/// Writes a result as JSON, indented, with a line end.
///
/// # Errors
/// As [`print`].
pub(super) fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    let mut text = serde_json::to_string_pretty(value)
        .map_err(|error| Failure::new("cannot write the result as JSON", error, "report this as a fault of the program"))?;
    text.push('\n');
    print(&text)
}

/// A table with columns as wide as their widest cell, two blanks between them.
pub(super) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = head.iter().map(|cell| cell.chars().count()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut out = String::new();
    let head: Vec<String> = head.iter().map(ToString::to_string).collect();
    for row in std::iter::once(&head).chain(rows) {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', width + 2 - cell.chars().count()));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn table_columns_line_up() {
        let rows = [vec!["ä".to_owned(), "long cell".to_owned()], vec!["second".to_owned(), String::new()]];
        assert_eq!(super::table(&["a", "b"], &rows), "a       b\nä       long cell\nsecond\n");
    }
}
