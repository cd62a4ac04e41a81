//! The thread that writes a journal, and what the screen tells it.

use std::path::PathBuf;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::Failure;
use super::file::JournalFile;
use super::record::{Header, Note, fingerprint};
use crate::model::{Plan, Say};
use crate::project::{self, Files};
use crate::say;

/// Longest wait for what was noted to be on the disk.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the screen has told and the thread has not done yet.
#[derive(Default)]
pub(super) struct Shared {
    held: Mutex<Held>,
    /// Rung when there is something to do.
    work: Condvar,
    /// Rung when there is nothing left to do.
    idle: Condvar,
}

#[derive(Default)]
struct Held {
    /// Saved since; comes before the note.
    saved: Option<(PathBuf, Plan)>,
    note: Option<Plan>,
    /// Notes since the project was saved.
    n_changes: u64,
    is_busy: bool,
    stop: Option<Stop>,
    trouble: Option<Failure>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stop {
    Remove,
    Leave,
}

/// The state of a project that is no loss.
pub(super) enum Base {
    /// As it is saved, or as it began.
    Plan(Box<Plan>),
    /// The same as files, which are made when they are needed first.
    Files(Files),
    /// Not known any more but for its fingerprint: every state is kept.
    Unknown(Option<String>),
}

/// The thread.
pub(super) struct Writer {
    folder: PathBuf,
    project: Option<PathBuf>,
    base: Base,
    file: Option<JournalFile>,
    /// The latest state, to be held against what is saved next.
    latest: Option<Plan>,
}

impl Shared {
    /// After so many states that are in the journal already.
    pub(super) fn after(n_changes: u64) -> Self {
        Self { held: Mutex::new(Held { n_changes, ..Held::default() }), ..Self::default() }
    }

    pub(super) fn note(&self, plan: Plan) {
        let mut held = self.lock();
        held.n_changes += 1;
        held.note = Some(plan);
        self.work.notify_one();
    }

    pub(super) fn saved(&self, project: PathBuf, plan: Plan) {
        let mut held = self.lock();
        held.n_changes = 0;
        held.saved = Some((project, plan));
        self.work.notify_one();
    }

    pub(super) fn flush(&self) -> Result<(), Failure> {
        let is_behind = |held: &mut Held| held.is_busy || held.note.is_some() || held.saved.is_some();
        let waited = self.idle.wait_timeout_while(self.lock(), PATIENCE, is_behind);
        let (held, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() {
            let why = say!("the disk does not take it within {secs} s", secs = PATIENCE.as_secs());
            return Err(failure(&why));
        }
        held.trouble.clone().map_or(Ok(()), Err)
    }

    pub(super) fn trouble(&self) -> Option<Failure> {
        self.lock().trouble.clone()
    }

    pub(super) fn stop(&self, remove: bool) {
        self.lock().stop = Some(if remove { Stop::Remove } else { Stop::Leave });
        self.work.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        // Every change under the lock is whole in itself.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Writer {
    pub(super) fn new(folder: PathBuf, project: Option<PathBuf>, base: Base) -> Self {
        Self { folder, project, base, file: None, latest: None }
    }

    /// Goes on with a journal whose last state is `plan`.
    pub(super) fn resume(folder: PathBuf, file: JournalFile, plan: Plan) -> Self {
        let Header { project, saved } = file.header().clone();
        Self { folder, project, base: Base::Unknown(saved), file: Some(file), latest: Some(plan) }
    }

    /// Works until it is told to stop; what was noted until then is written first, unless it is to be removed anyway.
    pub(super) fn run(mut self, shared: &Shared) {
        loop {
            let waits = |held: &mut Held| held.note.is_none() && held.saved.is_none() && held.stop.is_none();
            let mut held = shared.work.wait_while(shared.lock(), waits).unwrap_or_else(PoisonError::into_inner);
            if held.stop == Some(Stop::Remove) {
                drop(held);
                if let Some(file) = self.file.take() {
                    file.remove();
                }
                return;
            }
            let (saved, note, n_changes) = (held.saved.take(), held.note.take(), held.n_changes);
            if saved.is_none() && note.is_none() {
                return;
            }
            held.is_busy = true;
            drop(held);
            let trouble = self.work(saved, note, n_changes).err();
            let mut held = shared.lock();
            held.is_busy = false;
            held.trouble = trouble.map(|error| failure(&error));
            drop(held);
            shared.idle.notify_all();
        }
    }

    fn work(&mut self, saved: Option<(PathBuf, Plan)>, note: Option<Plan>, n_changes: u64) -> std::io::Result<()> {
        if let Some((project, plan)) = saved {
            self.project = Some(project);
            self.base = Base::Plan(plan.into());
            // Its first line speaks of the project as it was saved before, so it is written anew.
            if let Some(file) = self.file.take() {
                let kept = self.latest.clone();
                let result = self.keep(note.or(kept), n_changes);
                if result.is_err() && self.file.is_none() {
                    self.file = Some(file);
                } else {
                    file.remove();
                }
                return result;
            }
        }
        self.keep(note, n_changes)
    }

    /// Has a state on the disk, if it would be a loss.
    fn keep(&mut self, note: Option<Plan>, n_changes: u64) -> std::io::Result<()> {
        let Some(plan) = note else { return Ok(()) };
        let files = project::write(&plan);
        let told = Note {
            name: plan.name().to_string(),
            n_changes: n_changes.max(1),
            at_ms: jiff::Timestamp::now().as_millisecond(),
        };
        self.latest = Some(plan);
        if let Base::Plan(plan) = &self.base {
            self.base = Base::Files(project::write(plan));
        }
        if matches!(&self.base, Base::Files(base) if *base == files) {
            if let Some(file) = self.file.take() {
                file.remove();
            }
            return Ok(());
        }
        match &mut self.file {
            Some(file) if *file.files() == files => Ok(()),
            Some(file) => file.add(&told, files),
            None => {
                let saved = match &self.base {
                    Base::Files(base) if self.project.is_some() => Some(fingerprint(base)),
                    Base::Unknown(saved) => saved.clone(),
                    Base::Files(_) | Base::Plan(_) => None,
                };
                let header = Header { project: self.project.clone(), saved };
                self.file = Some(JournalFile::create(&self.folder, header, &told, files)?);
                Ok(())
            }
        }
    }
}

fn failure(why: &dyn Say) -> Failure {
    let remedy = say!("save the project; check that the disk has room and that you may write to your own folders");
    Failure::new(say!("the last edits are not kept against a crash"), why, remedy)
}
