//! A project folder on disk: read whole, saved whole or not at all.
//!
//! A save that changes several files must never leave a mixture, whatever moment the power fails. So the changed files are first
//! written beside the project, in [`STAGE`] inside its folder, and a list of what is to happen is renamed into place there: that
//! rename is the moment at which the new project exists. Moving the files to their places comes after it and is
//! repeated by whoever opens the folder next, until it is done. Files that are not the project's (`.git`, a README) are
//! never touched, and an unchanged file is not written.
//!
//! A folder can come from anywhere, with links in it that lead elsewhere and the remains of a save that nobody made. So the
//! project's folders and files must be real ones: through a link nothing is read, written or removed.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Failure;
use crate::project::{Files, is_own, limits};
use crate::say;

/// Folder inside the project folder that holds an unfinished save.
const STAGE: &str = ".plantweave-save";
/// List of what a save does; the save counts from the moment this file exists.
const LIST: &str = "list";
/// Bytes of the list: a line for every file a project can have.
const MOST_LIST: usize = limits::FILES * 512;
/// The list while it is being written.
const DRAFT: &str = "list.new";

/// Folders inside each other that are looked into: those of charts, and those of a component's files.
const MOST_DEPTH: usize = limits::CHART_DEPTH + 2;

/// What a save did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Saved {
    /// Files written.
    pub written: usize,
    /// Files removed.
    pub removed: usize,
}

/// Reads all files of the project in `folder`, after finishing a save that was interrupted.
///
/// # Errors
/// The folder cannot be read, or is beyond what a project may be.
pub fn read_project_files(folder: &Path) -> Result<Files, Failure> {
    let failed = |error: io::Error| {
        let remedy = say!("check the path and that you may read it; a project is a folder that holds `plant.toml`");
        Failure::new(say!("cannot open the project {folder}", folder = folder.display()), error, remedy)
    };
    if !folder.is_dir() {
        return Err(failed(io::Error::new(io::ErrorKind::NotFound, "there is no such folder")));
    }
    // Without the right to write, the interrupted save is laid over in memory instead.
    match finish(&OsDisk, folder) {
        Ok(()) => read(folder).map_err(failed),
        Err(_) => read_with_stage(folder).map_err(failed),
    }
}

/// Makes the project in `folder` hold exactly `files`, all of them or, after a crash, none of the change.
///
/// # Errors
/// The disk refused something; the project is then as it was, or becomes the new one when it is next opened.
pub fn save_project_files(folder: &Path, files: &Files) -> Result<Saved, Failure> {
    save(&OsDisk, folder, files).map_err(|error| {
        let remedy = say!("check that the disk has room and that you may write to the folder, then save again");
        Failure::new(say!("cannot save the project {folder}", folder = folder.display()), error, remedy)
    })
}

/// The steps that change a disk, so that a test can stop after each of them.
trait Disk {
    fn create_folder(&self, path: &Path) -> io::Result<()>;
    /// Writes a new file and has it on the disk when it returns.
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    fn remove_file(&self, path: &Path) -> io::Result<()>;
    fn remove_folder(&self, path: &Path) -> io::Result<()>;
    /// Has the names in a folder on the disk when it returns.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;
}

struct OsDisk;

impl Disk for OsDisk {
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut file = fs::File::create(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir_all(path)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        // Elsewhere a folder cannot be opened as a file, and renames are durable without it.
        if cfg!(unix) { fs::File::open(path)?.sync_all() } else { Ok(()) }
    }
}

fn save(disk: &impl Disk, folder: &Path, files: &Files) -> io::Result<Saved> {
    if let Some(foreign) = files.keys().find(|path| !belongs(path)) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("`{foreign}` is no file of a project")));
    }
    disk.create_folder(folder)?;
    finish(disk, folder)?;
    let before = read(folder)?;
    for path in files.keys() {
        within(folder, path)?;
    }
    let put: Vec<&String> =
        files.iter().filter(|(path, bytes)| before.get(*path) != Some(*bytes)).map(|(path, _)| path).collect();
    let remove: Vec<&String> = before.keys().filter(|path| !files.contains_key(*path)).collect();
    if put.is_empty() && remove.is_empty() {
        return Ok(Saved::default());
    }
    let stage = folder.join(STAGE);
    disk.create_folder(&stage)?;
    let mut list = String::new();
    for (number, path) in put.iter().enumerate() {
        let bytes: &[u8] = files.get(*path).map_or(&[], |bytes| bytes);
        disk.write(&stage.join(number.to_string()), bytes)?;
        list.push_str(&format!("put {number} {path}\n"));
    }
    for path in &remove {
        list.push_str(&format!("remove 0 {path}\n"));
    }
    disk.write(&stage.join(DRAFT), list.as_bytes())?;
    disk.sync_folder(&stage)?;
    disk.rename(&stage.join(DRAFT), &stage.join(LIST))?;
    disk.sync_folder(&stage)?;
    finish(disk, folder)?;
    Ok(Saved { written: put.len(), removed: remove.len() })
}

/// Whether this is the path of a project's file, and stays inside the project folder.
fn belongs(path: &str) -> bool {
    let plain = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(['\\', ':']);
    is_own(path) && path.split('/').all(plain)
}

/// The place of a project's file, whose folders are real ones as far as they exist.
fn within(folder: &Path, path: &str) -> io::Result<PathBuf> {
    let mut place = folder.to_owned();
    for part in path.split('/') {
        refuse_link(&place, place == *folder)?;
        place.push(part);
    }
    Ok(place)
}

/// An error for a symbolic link, and for what is no folder. The project folder itself may be reached by a link.
fn refuse_link(place: &Path, is_project: bool) -> io::Result<()> {
    match fs::symlink_metadata(place) {
        Ok(found) if found.is_dir() || is_project => Ok(()),
        Ok(_) => Err(odd(place, "is a link or no folder; a project has real folders only")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

fn odd(place: &Path, what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{} {what}", place.display()))
}

/// Whether there is something at a place, be it a link that leads nowhere.
fn stands(place: &Path) -> bool {
    fs::symlink_metadata(place).is_ok()
}

/// One line of a save's list.
enum Step {
    /// A staged file, and where it belongs.
    Put(PathBuf, String),
    /// A file to remove.
    Remove(String),
}

/// What the save that waits in the stage does; `None` when there is none, or none that counts yet.
fn pending(folder: &Path) -> io::Result<Option<Vec<Step>>> {
    let stage = folder.join(STAGE);
    refuse_link(&stage, false)?;
    if !stands(&stage.join(LIST)) {
        return Ok(None);
    }
    let list = read_file(&stage.join(LIST), MOST_LIST)?;
    let step = |line: &str| {
        let mut parts = line.splitn(3, ' ');
        let (verb, number, path) = (parts.next()?, parts.next()?, parts.next()?);
        let number: u32 = number.parse().ok()?;
        // The list is ours, but a folder can come from anywhere: it never leads outside.
        let path = belongs(path).then(|| path.to_owned())?;
        match verb {
            "put" => Some(Step::Put(stage.join(number.to_string()), path)),
            "remove" => Some(Step::Remove(path)),
            _ => None,
        }
    };
    let list = std::str::from_utf8(&list).ok();
    let steps: Option<Vec<Step>> = list.and_then(|list| list.lines().map(step).collect());
    let broken = || {
        io::Error::new(io::ErrorKind::InvalidData, format!("{STAGE}/{LIST} is not the list of a save; remove {STAGE}"))
    };
    steps.ok_or_else(broken).map(Some)
}

/// Does what an interrupted save has left to do, or forgets a save that never came to count. Can be repeated.
fn finish(disk: &impl Disk, folder: &Path) -> io::Result<()> {
    let stage = folder.join(STAGE);
    if !stands(&stage) {
        return Ok(());
    }
    if let Some(steps) = pending(folder)? {
        let mut touched = BTreeSet::from([folder.to_owned()]);
        for step in steps {
            match step {
                Step::Put(staged, path) => {
                    if stands(&staged) {
                        refuse_odd_file(&staged)?;
                    }
                    let place = within(folder, &path)?;
                    if let Some(parent) = place.parent() {
                        disk.create_folder(parent)?;
                        touched.insert(parent.to_owned());
                    }
                    match disk.rename(&staged, &place) {
                        // Moved before the interruption.
                        Err(error) if error.kind() == io::ErrorKind::NotFound && place.exists() => {}
                        result => result?,
                    }
                }
                Step::Remove(path) => {
                    let place = within(folder, &path)?;
                    match disk.remove_file(&place) {
                        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                        result => result?,
                    }
                    remove_empty_parents(folder, &place);
                }
            }
        }
        for folder in touched.iter().filter(|folder| folder.exists()) {
            disk.sync_folder(folder)?;
        }
        // From here on the new project stands without the stage.
        disk.remove_file(&stage.join(LIST))?;
        disk.sync_folder(&stage)?;
    }
    disk.remove_folder(&stage)
}

/// Folders that nothing is left in go with their last file; one that still holds something stays.
fn remove_empty_parents(folder: &Path, place: &Path) {
    let mut parent = place.parent();
    while let Some(empty) = parent.filter(|parent| *parent != folder && parent.starts_with(folder)) {
        if fs::remove_dir(empty).is_err() {
            return;
        }
        parent = empty.parent();
    }
}

/// All files of the project as they stand in their places.
fn read(folder: &Path) -> io::Result<Files> {
    let mut files = Files::new();
    let mut bytes_left = limits::TOTAL_BYTES;
    collect(folder, "", 0, &mut files, &mut bytes_left)?;
    Ok(files)
}

/// As [`read`], with the save that waits in the stage laid over.
fn read_with_stage(folder: &Path) -> io::Result<Files> {
    let mut files = read(folder)?;
    for step in pending(folder)?.unwrap_or_default() {
        match step {
            Step::Put(staged, path) if stands(&staged) => {
                within(folder, &path)?;
                files.insert(path, read_file(&staged, limits::COMPONENT_FILE_BYTES)?);
            }
            Step::Put(..) => {}
            Step::Remove(path) => _ = files.remove(&path),
        }
    }
    Ok(files)
}

/// Folders of the project: those of charts and components, however deep. What else lies beside them is the user's.
fn is_own_folder(path: &str) -> bool {
    let hidden = path.split('/').any(|part| part.starts_with('.'));
    !hidden && path.split('/').next().is_some_and(|first| matches!(first, "charts" | "components"))
}

fn collect(folder: &Path, prefix: &str, depth: usize, files: &mut Files, left: &mut usize) -> io::Result<()> {
    let too_much = |what: &str| odd(folder, what);
    if depth > MOST_DEPTH {
        return Err(too_much("is nested too deeply for a project"));
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        // A name that is no text cannot be one of ours.
        let Ok(name) = entry.file_name().into_string() else { continue };
        let path = format!("{prefix}{name}");
        let kind = entry.file_type()?;
        if kind.is_dir() {
            if is_own_folder(&path) {
                collect(&entry.path(), &format!("{path}/"), depth + 1, files, left)?;
            }
        } else if is_own(&path) {
            if files.len() >= limits::FILES {
                return Err(too_much("holds too many files for a project"));
            }
            let bytes = read_file(&entry.path(), limits::COMPONENT_FILE_BYTES)?;
            *left = left.checked_sub(bytes.len()).ok_or_else(|| too_much("holds more than a project can"))?;
            files.insert(path, bytes);
        } else if kind.is_symlink() && is_own_folder(&path) && entry.path().is_dir() {
            refuse_link(&entry.path(), false)?;
        }
    }
    Ok(())
}

/// An error for what is no regular file: a link could lead anywhere, a device never end.
fn refuse_odd_file(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path)?.is_file() {
        true => Ok(()),
        false => Err(odd(path, "is no regular file; a project holds its files itself")),
    }
}

/// A regular file of so many bytes at most.
fn read_file(path: &Path, most: usize) -> io::Result<Arc<[u8]>> {
    refuse_odd_file(path)?;
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(most as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > most {
        return Err(odd(path, "is too large for a project"));
    }
    Ok(bytes.into())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// Stops for good after some steps, in the middle of a file when that step writes one.
    struct CrashingDisk {
        left: Cell<usize>,
    }

    impl CrashingDisk {
        fn step(&self) -> io::Result<()> {
            match self.left.get() {
                0 => Err(io::Error::other("the power failed")),
                left => {
                    self.left.set(left - 1);
                    Ok(())
                }
            }
        }
    }

    impl Disk for CrashingDisk {
        fn create_folder(&self, path: &Path) -> io::Result<()> {
            self.step()?;
            OsDisk.create_folder(path)
        }

        fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
            if let Err(error) = self.step() {
                fs::write(path, &bytes[..bytes.len() / 2])?;
                return Err(error);
            }
            OsDisk.write(path, bytes)
        }

        fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
            self.step()?;
            OsDisk.rename(from, to)
        }

        fn remove_file(&self, path: &Path) -> io::Result<()> {
            self.step()?;
            OsDisk.remove_file(path)
        }

        fn remove_folder(&self, path: &Path) -> io::Result<()> {
            self.step()?;
            OsDisk.remove_folder(path)
        }

        fn sync_folder(&self, path: &Path) -> io::Result<()> {
            self.step()?;
            OsDisk.sync_folder(path)
        }
    }

    fn files(entries: &[(&str, &str)]) -> Files {
        entries.iter().map(|(path, text)| ((*path).to_owned(), Arc::from(text.as_bytes()))).collect()
    }

    fn old() -> Files {
        files(&[
            ("plant.toml", "old"),
            ("chart.toml", "same"),
            ("charts/Filling/Cell.toml", "old cell"),
            ("network.toml", "old"),
        ])
    }

    fn new() -> Files {
        files(&[
            ("plant.toml", "new"),
            ("chart.toml", "same"),
            ("charts/Packing.toml", "new chart"),
            ("network.toml", "new"),
        ])
    }

    #[test]
    fn a_crash_at_any_step_leaves_the_old_or_the_new_project() {
        let (mut n_old, mut n_new) = (0, 0);
        for left in 0.. {
            let folder = tempfile::tempdir().unwrap();
            save(&OsDisk, folder.path(), &old()).unwrap();
            let result = save(&CrashingDisk { left: Cell::new(left) }, folder.path(), &new());
            // What a reader who may not write sees is what the next one who may finds.
            let seen = read_with_stage(folder.path()).unwrap();
            let found = read_project_files(folder.path()).unwrap();
            assert_eq!(seen, found, "after {left} steps");
            assert!(!folder.path().join(STAGE).exists(), "after {left} steps");
            match (found == old(), found == new()) {
                (true, false) => n_old += 1,
                (false, true) => n_new += 1,
                _ => panic!("a mixture after {left} steps: {:?}", found.keys()),
            }
            if result.is_ok() {
                assert_eq!(found, new());
                break;
            }
        }
        assert!(n_old > 3 && n_new > 3, "the crash fell on both sides of the decisive moment: {n_old}, {n_new}");
    }

    #[test]
    fn a_crash_while_finishing_can_be_finished_again() {
        for left in 0..12 {
            let folder = tempfile::tempdir().unwrap();
            save(&OsDisk, folder.path(), &old()).unwrap();
            // Stops right behind the decisive rename, then once more somewhere in the repetition.
            let steps = (0..).find(|steps| {
                let _ = save(&CrashingDisk { left: Cell::new(*steps) }, folder.path(), &new());
                folder.path().join(STAGE).join(LIST).exists()
            });
            assert!(steps.is_some());
            let _ = finish(&CrashingDisk { left: Cell::new(left) }, folder.path());
            assert_eq!(read_project_files(folder.path()).unwrap(), new(), "after {left} steps of the repetition");
        }
    }

    #[test]
    fn only_what_changed_is_written_and_foreign_files_stay() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        assert_eq!(save_project_files(path, &old()).unwrap(), Saved { written: 4, removed: 0 });
        fs::create_dir(path.join(".git")).unwrap();
        for foreign in [".git/config", "README.md", "charts/Filling/notes.txt"] {
            fs::write(path.join(foreign), "mine").unwrap();
        }
        assert_eq!(save_project_files(path, &old()).unwrap(), Saved::default());
        assert_eq!(save_project_files(path, &new()).unwrap(), Saved { written: 3, removed: 1 });
        for foreign in [".git/config", "README.md", "charts/Filling/notes.txt"] {
            assert_eq!(fs::read_to_string(path.join(foreign)).unwrap(), "mine", "{foreign}");
        }
        fs::remove_file(path.join("charts/Filling/notes.txt")).unwrap();
        save_project_files(path, &old()).unwrap();
        save_project_files(path, &new()).unwrap();
        assert!(!path.join("charts/Filling").exists(), "an empty folder goes with its last file");
        assert_eq!(read_project_files(path).unwrap(), new());
    }

    #[test]
    fn a_list_that_leads_outside_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("x.plant");
        save_project_files(&inner, &old()).unwrap();
        fs::create_dir(inner.join(STAGE)).unwrap();
        fs::write(inner.join(STAGE).join("0"), "evil").unwrap();
        for list in ["put 0 ../evil.toml\n", "put 0 charts/../../evil.toml\n", "put 0\n", "remove 0 README.md\n"] {
            fs::write(inner.join(STAGE).join(LIST), list).unwrap();
            let failure = read_project_files(&inner).unwrap_err();
            assert!(failure.why.to_string().contains("is not the list of a save"), "{failure}");
        }
        assert!(!folder.path().join("evil.toml").exists());
        let outside = files(&[("charts/../../evil.toml", "evil")]);
        assert!(save_project_files(&inner, &outside).is_err());
    }

    /// A folder that a stranger sent, with a save in it that would write through a link.
    #[cfg(unix)]
    #[test]
    fn nothing_is_touched_through_a_link() {
        use std::os::unix::fs::symlink;
        let outer = tempfile::tempdir().unwrap();
        let (inner, home) = (outer.path().join("x.plant"), outer.path().join("home"));
        let set_up = || {
            let _ = fs::remove_dir_all(&inner);
            let _ = fs::remove_dir_all(&home);
            save_project_files(&inner, &old()).unwrap();
            fs::create_dir(&home).unwrap();
            fs::write(home.join("keys"), "mine").unwrap();
        };
        let stage = |list: &str| {
            fs::create_dir(inner.join(STAGE)).unwrap();
            fs::write(inner.join(STAGE).join("0"), "evil").unwrap();
            fs::write(inner.join(STAGE).join(LIST), list).unwrap();
        };
        let why = || read_project_files(&inner).unwrap_err().why;
        let unharmed = || fs::read_to_string(home.join("keys")).is_ok_and(|text| text == "mine");

        for list in ["put 0 components/A/keys\n", "remove 0 components/A/keys\n", "put 0 components/A/new\n"] {
            set_up();
            fs::create_dir(inner.join("components")).unwrap();
            symlink(&home, inner.join("components/A")).unwrap();
            stage(list);
            assert!(why().to_string().contains("components/A is a link or no folder"), "{}", why());
            assert!(unharmed() && !home.join("new").exists(), "{list}");
        }
        // A save of ours does not follow it either, and fails before it counts.
        set_up();
        symlink(&home, inner.join("components")).unwrap();
        let component = files(&[("components/A/keys", "ours")]);
        assert!(save_project_files(&inner, &component).unwrap_err().why.to_string().contains("components is a link"));
        assert!(unharmed() && !inner.join(STAGE).join(LIST).exists());
        // The save itself is a link, its list, a staged file, a file of the project.
        set_up();
        fs::write(home.join(LIST), "put keys chart.toml\n").unwrap();
        symlink(&home, inner.join(STAGE)).unwrap();
        assert!(why().to_string().contains("plantweave-save is a link"), "{}", why());
        set_up();
        stage("");
        fs::remove_file(inner.join(STAGE).join(LIST)).unwrap();
        symlink("/dev/zero", inner.join(STAGE).join(LIST)).unwrap();
        assert!(why().to_string().contains("list is no regular file"), "{}", why());
        set_up();
        stage("put 1 chart.toml\n");
        symlink(home.join("keys"), inner.join(STAGE).join("1")).unwrap();
        assert!(why().to_string().contains("1 is no regular file"), "{}", why());
        for odd in ["chart.toml", "components/A/secret"] {
            set_up();
            let place = inner.join(odd);
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            let _ = fs::remove_file(&place);
            symlink(home.join("keys"), &place).unwrap();
            assert!(why().to_string().contains(&format!("{odd} is no regular file")), "{}", why());
        }
        assert!(unharmed());
        // Links among the files of others are their affair, and so is how deep their folders go.
        set_up();
        symlink(&home, inner.join("notes")).unwrap();
        symlink("nowhere", inner.join("README.md")).unwrap();
        fs::create_dir_all(inner.join("notes2").join("a/".repeat(100))).unwrap();
        assert_eq!(read_project_files(&inner).unwrap(), old());
    }

    #[test]
    fn a_missing_folder_is_named() {
        let failure = read_project_files(Path::new("no/such.plant")).unwrap_err();
        assert_eq!(failure.to_string().lines().next(), Some("cannot open the project no/such.plant"));
    }
}
