//! The program.

use std::process::ExitCode;

fn main() -> ExitCode {
    plantweave::cli::main()
}
