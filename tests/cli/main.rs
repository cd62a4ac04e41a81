//! The program as a user calls it: arguments in; standard output, standard error and exit code out.
//!
//! One module a command. Paths of this machine are filtered out of what is compared.

mod check;
mod demo;
mod diff;
mod export;
mod library;
mod network;
mod online;
mod plan;

use std::path::{Path, PathBuf};
use std::process::Command;

/// A sample project of this repository.
pub fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(name)
}

/// What a call of the program came to.
pub struct Ended {
    pub stdout: String,
    pub stderr: String,
    pub code: i32,
}

/// Runs the program to its end.
pub fn plantweave<A: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = A>) -> Ended {
    let output = Command::new(env!("CARGO_BIN_EXE_plantweave")).args(args).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap().replace(env!("CARGO_MANIFEST_DIR"), "PACKAGE");
    // On Unix a process that a signal ended has no code.
    let code = output.status.code().unwrap_or(-1);
    Ended { stdout: text(output.stdout), stderr: text(output.stderr), code }
}
