//! Journals that nobody writes any more: what a crash left over.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::file::{JournalFile, Lock, Place};
use super::record::{self, ReadJournal, fingerprint};
use super::writer::Writer;
use super::{Failure, Journal};
use crate::app::open::{open_project, plan_of_files};
use crate::model::{Plan, Say};
use crate::project::{self, Files};
use crate::say;

/// Journals looked at; nobody crashes so often.
const MOST: usize = 1000;

/// The project on the disk, seen from a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDisk {
    /// It was never saved.
    Never,
    /// As it was when the journal began.
    Same,
    /// Somebody has changed it since, or it is not known as what it was. To recover the journal and save it would undo that.
    Changed,
    /// It does not open any more.
    Unreadable,
    /// It is not there any more.
    Gone,
}

/// What a crash left over of a project. Dropping it leaves it for the next time.
#[derive(Debug)]
pub struct Orphan {
    /// Name of the project.
    pub name: String,
    /// Where it is saved; `None` when it never was.
    pub project: Option<PathBuf>,
    /// Edits, undos and redos since it was saved.
    pub n_changes: u64,
    /// When the last of them was made.
    pub at: SystemTime,
    /// What became of the saved project since.
    pub on_disk: OnDisk,
    place: Place,
    /// Keeps others from offering the same.
    lock: Lock,
}

/// A project as it was when the program crashed.
pub struct Recovered {
    /// Where it is saved; `None` when it never was.
    pub project: Option<PathBuf>,
    /// Its state after the last edit. It is saved nowhere yet.
    pub plan: Plan,
    /// Its journal, which goes on: a second crash loses nothing either.
    pub journal: Journal,
}

/// What crashes left over in a folder of journals, the latest first. What the saved projects hold already is removed, as is a
/// journal without a single whole state.
///
/// Reads the projects concerned: work for a job.
///
/// # Errors
/// The folder cannot be read.
pub fn orphans(folder: &Path) -> Result<Vec<Orphan>, Failure> {
    let places = Place::all(folder, MOST).map_err(|error| {
        let what = say!("it is not known whether a crash left something over");
        Failure::new(
            what,
            say!("{folder}: {error}", folder = folder.display(), error),
            say!("check that you may read the folder"),
        )
    })?;
    let mut orphans: Vec<Orphan> = places.into_iter().filter_map(look).collect();
    orphans.sort_by_key(|orphan| std::cmp::Reverse(orphan.at));
    Ok(orphans)
}

fn look(place: Place) -> Option<Orphan> {
    // A journal that another window holds, or that cannot be read now, stays.
    let lock = place.lock().ok()??;
    let Some(ReadJournal { header, note, files, .. }) = read(&place).ok()? else {
        place.remove(lock);
        return None;
    };
    let (on_disk, nothing_to_lose) = match &header.project {
        None => (OnDisk::Never, false),
        Some(project) => compare(project, header.saved.as_deref(), &files),
    };
    if nothing_to_lose {
        place.remove(lock);
        return None;
    }
    let since_1970 = Duration::from_millis(u64::try_from(note.at_ms).unwrap_or_default());
    Some(Orphan {
        name: note.name,
        project: header.project,
        n_changes: note.n_changes,
        at: SystemTime::UNIX_EPOCH.checked_add(since_1970).unwrap_or(SystemTime::UNIX_EPOCH),
        on_disk,
        place,
        lock,
    })
}

/// What became of a project, and whether it holds already what the journal does.
fn compare(project: &Path, saved: Option<&str>, journal: &Files) -> (OnDisk, bool) {
    if !project.exists() {
        return (OnDisk::Gone, false);
    }
    // Held against each other as this program would write them, so that blanks and comments make no difference.
    let Ok(plan) = open_project(project) else { return (OnDisk::Unreadable, false) };
    let files = project::write(&plan);
    let on_disk = if saved == Some(&*fingerprint(&files)) { OnDisk::Same } else { OnDisk::Changed };
    (on_disk, files == *journal)
}

fn read(place: &Place) -> std::io::Result<Option<ReadJournal>> {
    record::read(&mut BufReader::new(File::open(&place.journal)?))
}

impl Orphan {
    /// The project as it was, and its journal, which goes on. Reads the whole project: work for a job.
    ///
    /// # Errors
    /// The journal cannot be read; it stays where it is.
    pub fn recover(self) -> Result<Recovered, Failure> {
        let Self { name, project, place, lock, .. } = self;
        let what = say!("cannot recover {name}", name);
        let remedy = say!("keep {journal} and report it", journal = place.journal.display());
        let failed = |why: &dyn Say| Failure::new(what.clone(), why, remedy.clone());
        let read = read(&place).map_err(|error| failed(&error))?;
        let ReadJournal { header, note, files, length } = read.ok_or_else(|| failed(&"nothing in it is whole"))?;
        let plan = plan_of_files(&files).map_err(|why| failed(&why))?;
        let folder = place.journal.parent().unwrap_or(Path::new(".")).to_owned();
        let file = JournalFile::resume(place, lock, header, files, length).map_err(|error| failed(&error))?;
        let journal = Journal::run(Writer::resume(folder, file, plan.clone()), note.n_changes)?;
        Ok(Recovered { project, plan, journal })
    }

    /// Gives it up for good.
    pub fn discard(self) {
        self.place.remove(self.lock);
    }
}
