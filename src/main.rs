//! The program. It has no command yet; the library holds what there is.

use std::process::ExitCode;

fn main() -> ExitCode {
    eprintln!(
        "error: plantweave {} has no commands yet\n  why: the parts they will run are being built and tested as a library first\n  do:  see README.md, \"What there is today\"",
        env!("CARGO_PKG_VERSION")
    );
    ExitCode::from(2)
}
