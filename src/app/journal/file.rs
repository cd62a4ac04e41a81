//! One journal on the disk, with its lock.

use std::fs::{self, File, TryLockError};
use std::io::{self, BufWriter, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::record::{Header, Note, write_header, write_state};
use crate::project::Files;

/// End of the names of journals.
const JOURNAL: &str = "journal";
/// A journal grows to this many times its first state, or to [`ROOM`], before it is written anew.
const GROWTH: u64 = 8;
/// Bytes up to which nothing is written anew.
const ROOM: u64 = 1 << 20;

/// Where the parts of a journal lie.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) journal: PathBuf,
    lock: PathBuf,
    /// A journal that is not whole yet.
    draft: PathBuf,
}

/// A lock of one's own; the system takes it back when the program ends, however it ends.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

/// A journal that is being written.
pub(super) struct JournalFile {
    place: Place,
    _lock: Lock,
    file: File,
    header: Header,
    /// The last state in it.
    files: Files,
    /// Bytes, and how many there were when it was written as a whole.
    length: u64,
    whole: u64,
}

impl Place {
    /// A place that nobody has.
    fn new(folder: &Path) -> Self {
        Self::of(folder.join(format!("{:016x}.{JOURNAL}", rand::random::<u64>())))
    }

    fn of(journal: PathBuf) -> Self {
        Self { lock: journal.with_extension("lock"), draft: journal.with_extension("new"), journal }
    }

    /// The journals in a folder, sorted, `most` at most.
    pub(super) fn all(folder: &Path, most: usize) -> io::Result<Vec<Self>> {
        let entries = match fs::read_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        let mut journals: Vec<PathBuf> =
            paths.filter(|path| path.extension().is_some_and(|end| end == JOURNAL)).take(most).collect();
        journals.sort();
        Ok(journals.into_iter().map(Self::of).collect())
    }

    /// Takes the lock; `None` when a running program has it.
    pub(super) fn lock(&self) -> io::Result<Option<Lock>> {
        let file = File::options().create(true).truncate(false).write(true).open(&self.lock)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Lock { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Removes all of it. The lock goes last, and while it is held.
    pub(super) fn remove(&self, lock: Lock) {
        for path in [&self.journal, &self.draft, &self.lock] {
            // One that stays is offered again; nothing is lost.
            let _ = fs::remove_file(path);
        }
        drop(lock);
    }
}

impl JournalFile {
    /// A new journal with its first state.
    pub(super) fn create(folder: &Path, header: Header, note: &Note, files: Files) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let place = Place::new(folder);
        let lock = place.lock()?.ok_or(io::ErrorKind::WouldBlock)?;
        match write_whole(&place, &header, note, &files) {
            Ok((file, length)) => Ok(Self { place, _lock: lock, file, header, files, length, whole: length }),
            Err(error) => {
                place.remove(lock);
                Err(error)
            }
        }
    }

    /// Goes on with a journal that was left over, behind its last whole state.
    pub(super) fn resume(place: Place, lock: Lock, header: Header, files: Files, length: u64) -> io::Result<Self> {
        let mut file = File::options().write(true).open(&place.journal)?;
        file.set_len(length)?;
        file.seek(SeekFrom::End(0))?;
        Ok(Self { place, _lock: lock, file, header, files, length, whole: length })
    }

    /// Adds a state. When the journal has grown too large it is written anew with this state only.
    pub(super) fn add(&mut self, note: &Note, files: Files) -> io::Result<()> {
        if self.length > ROOM.max(self.whole.saturating_mul(GROWTH)) {
            let (file, length) = write_whole(&self.place, &self.header, note, &files)?;
            (self.file, self.length, self.whole) = (file, length, length);
        } else {
            match append(&mut self.file, note, &self.files, &files) {
                Ok(added) => self.length += added,
                Err(error) => {
                    // What is half written would hide what comes behind it.
                    self.file.set_len(self.length)?;
                    self.file.seek(SeekFrom::Start(self.length))?;
                    return Err(error);
                }
            }
        }
        self.files = files;
        Ok(())
    }

    /// The last state in it.
    pub(super) fn files(&self) -> &Files {
        &self.files
    }

    pub(super) fn header(&self) -> &Header {
        &self.header
    }

    /// Removes it.
    pub(super) fn remove(self) {
        let Self { place, _lock, .. } = self;
        place.remove(_lock);
    }
}

/// Writes a journal beside its place, and moves it there when it is whole.
fn write_whole(place: &Place, header: &Header, note: &Note, files: &Files) -> io::Result<(File, u64)> {
    let mut out = BufWriter::new(File::create(&place.draft)?);
    let mut length = write_header(&mut out, header)?;
    length += write_state(&mut out, note, &Files::new(), files)?;
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_data()?;
    fs::rename(&place.draft, &place.journal)?;
    Ok((file, length))
}

fn append(file: &mut File, note: &Note, before: &Files, after: &Files) -> io::Result<u64> {
    let mut out = BufWriter::new(&mut *file);
    let added = write_state(&mut out, note, before, after)?;
    out.flush()?;
    drop(out);
    file.sync_data()?;
    Ok(added)
}
