//! Foreign programs the tests are judged by.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Set by `tests/run`, which has installed every peer: a missing one is then a failure.
const REQUIRE: &str = "PLANTWEAVE_REQUIRE_PEERS";

/// A foreign program ready to run, or `None` after saying that the test is skipped for lack of it.
///
/// `python` is the interpreter of the environment with the packages of `tests/peers/requirements.txt`,
/// `dumpcap` one that may capture on the loopback device; other names are looked up on the path.
///
/// # Panics
/// If the program is missing and `tests/run` promised that it is there.
pub fn peer(name: &str) -> Option<Command> {
    let program = match name {
        "python" => from_environment("PLANTWEAVE_PYTHON").or_else(venv_python),
        "dumpcap" => from_environment("PLANTWEAVE_DUMPCAP").or_else(|| Some(PathBuf::from(name))),
        _ => Some(PathBuf::from(name)),
    };
    if let Some(program) = program.filter(|program| starts(program)) {
        return Some(Command::new(program));
    }
    assert!(std::env::var_os(REQUIRE).is_none(), "{name} is required by {REQUIRE} and missing");
    println!("skipped: {name} missing");
    None
}

fn from_environment(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).map(PathBuf::from)
}

/// Where `tests/run` puts the environment, for those who call `cargo test` afterwards.
fn venv_python() -> Option<PathBuf> {
    // target/debug/plantweave
    let target = Path::new(env!("CARGO_BIN_EXE_plantweave")).parent()?.parent()?;
    Some(target.join("peers-venv/bin/python3"))
}

fn starts(program: &Path) -> bool {
    // Poppler's programs know their version by this name only.
    let version = if program.ends_with("pdftotext") { "-v" } else { "--version" };
    Command::new(program)
        .arg(version)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
