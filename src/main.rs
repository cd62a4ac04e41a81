//! The program.

use std::process::ExitCode;

fn main() -> ExitCode {
    #[cfg(feature = "gui")]
    let window = plantweave::ui::run;
    #[cfg(not(feature = "gui"))]
    let window = plantweave::cli::no_window;
    plantweave::cli::main(window)
}
