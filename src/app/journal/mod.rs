//! Autosave: every state of the open project is on the disk moments after the edit that made it, and is offered after a crash.
//!
//! An open project that is not saved as it is has one journal, in the user's folder for the state of programs. It holds the
//! project's files as they would be saved: first all of them, then, after each edit, undo or redo, those that changed. Each
//! record carries its length and checksum, so the end that a crash tore off is known and cut. A lock beside it tells
//! whether the program that writes it still runs: only what nobody writes any more is offered.
//!
//! ```text
//! screen ── note(plan) ─▶ Writer (thread, newest plan wins) ─▶ <id>.journal, held by <id>.lock
//! next start ── orphans() ─▶ Orphan::recover() ─▶ plan, and the same journal goes on
//! ```
//!
//! [`record`](self) is the form on the disk, `file` one journal, `orphan` what is left over. Nothing here looks at the time of a file.

mod file;
mod orphan;
mod record;
#[cfg(test)]
mod tests;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use directories::ProjectDirs;

use self::writer::{Base, Shared, Writer};
use super::Failure;
use crate::model::Plan;
use crate::say;

pub use orphan::{OnDisk, Orphan, Recovered, orphans};

/// Variable of the environment that names another folder for journals.
pub const FOLDER_VARIABLE: &str = "PLANTWEAVE_STATE_DIR";

/// The user's folder for journals: that of the system for such things, or the one that [`FOLDER_VARIABLE`] names.
///
/// # Errors
/// The system knows no home of this user.
pub fn journal_folder() -> Result<PathBuf, Failure> {
    if let Some(folder) = std::env::var_os(FOLDER_VARIABLE).filter(|folder| !folder.is_empty()) {
        return Ok(PathBuf::from(folder).join("journal"));
    }
    let folders = ProjectDirs::from("", "", "plantweave").ok_or_else(|| {
        let remedy = say!("set {variable} to a folder for them, and save often until then", variable = FOLDER_VARIABLE);
        Failure::new(
            say!("edits cannot be kept against a crash"),
            say!("the system knows no home of this user"),
            remedy,
        )
    })?;
    Ok(folders.state_dir().unwrap_or_else(|| folders.data_local_dir()).join("journal"))
}

/// The journal of an open project. Dropping it leaves on the disk what was noted, as a crash does; [`close`](Self::close) removes it.
pub struct Journal {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Journal {
    /// A journal in `folder` for a project that was opened. No file is made before the first state that differs from `saved`.
    ///
    /// `project` is where it is saved, `None` for one that never was. `saved` is the plan as it is there, or, for a project
    /// that is new, the one that would be no loss; with `None` every state is kept.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn begin(folder: &Path, project: Option<&Path>, saved: Option<&Plan>) -> Result<Self, Failure> {
        let base = saved.map_or(Base::Unknown(None), |plan| Base::Plan(plan.clone().into()));
        Self::run(Writer::new(folder.to_owned(), project.map(Path::to_owned), base), 0)
    }

    fn run(writer: Writer, n_changes: u64) -> Result<Self, Failure> {
        let shared = Arc::new(Shared::after(n_changes));
        let for_thread = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("journal".to_owned()).spawn(move || writer.run(&for_thread));
        let thread = thread.map_err(|error| {
            let remedy = say!("close other programs, and save often until then");
            Failure::new(say!("edits cannot be kept against a crash"), error, remedy)
        })?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// The present state, after an edit, an undo or a redo. Returns at once. When states come faster than the disk takes them,
    /// the newest is kept.
    pub fn note(&self, plan: &Plan) {
        self.shared.note(plan.clone());
    }

    /// The project is saved as `plan` in a folder now. The journal goes, unless something else was noted meanwhile.
    pub fn saved(&self, project: &Path, plan: &Plan) {
        self.shared.saved(project.to_owned(), plan.clone());
    }

    /// Waits until all that was noted is on the disk, five seconds at most.
    ///
    /// # Errors
    /// It is not.
    pub fn flush(&self) -> Result<(), Failure> {
        self.shared.flush()
    }

    /// Why the latest state is not on the disk; `None` when all is well. It is tried again with the next state.
    pub fn trouble(&self) -> Option<Failure> {
        self.shared.trouble()
    }

    /// Nothing is to be kept any more: the project is saved, or was given up. Removes the journal.
    pub fn close(mut self) {
        self.end(true);
    }

    fn end(&mut self, remove: bool) {
        self.shared.stop(remove);
        if let Some(thread) = self.thread.take() {
            // It only ends by itself; that it panicked changes nothing about the end.
            let _ = thread.join();
        }
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.end(false);
    }
}
