//! Libraries on disk: folders of any shape with component descriptions, and device profiles in `profiles/`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::Failure;
use super::description::{Fault, How, read_bounded, read_description};
use crate::check::LibraryFacts;
use crate::library::{Catalogue, Entry, Problem, Profiles, read_profile};
use crate::pcd::PcdError;
use crate::say;

/// Folders inside each other that are looked into.
const MOST_DEPTH: usize = 16;
/// Files and folders that are looked at.
const MOST_ENTRIES: usize = 200_000;
/// Folder of a library that holds device profiles.
const PROFILES: &str = "profiles";
/// Bytes of a profile.
const PROFILE_BYTES: usize = 1 << 20;

/// What one or more library folders hold.
#[derive(Debug, Clone, Default)]
pub struct Library {
    /// The descriptions; a file that cannot be read is a problem beside them.
    pub catalogue: Catalogue,
    /// Device profiles. Components have theirs already.
    pub profiles: Profiles,
}

impl Library {
    /// What the check must know of it.
    pub fn facts(&self) -> LibraryFacts {
        LibraryFacts::new(self.catalogue.entries().iter().map(|entry| &*entry.component))
    }
}

/// Reads a library folder. Paths of entries and problems are relative to it.
///
/// # Errors
/// The folder itself cannot be read; anything in it that cannot be read is a problem in the catalogue.
pub fn open_library(folder: &Path) -> Result<Library, Failure> {
    open(&[folder], false)
}

/// Reads several library folders as one. Paths begin with the folder as given.
///
/// # Errors
/// One of the folders cannot be read.
pub fn open_libraries(folders: &[&Path]) -> Result<Library, Failure> {
    open(folders, true)
}

/// What the check must know of these library folders.
///
/// # Errors
/// One of the folders cannot be read.
pub fn library_facts(folders: &[PathBuf]) -> Result<LibraryFacts, Failure> {
    let folders: Vec<&Path> = folders.iter().map(PathBuf::as_path).collect();
    Ok(open_libraries(&folders)?.facts())
}

fn open(folders: &[&Path], with_folder: bool) -> Result<Library, Failure> {
    let mut found = Found::default();
    for folder in folders {
        let shown = if with_folder { format!("{}/", folder.display()) } else { String::new() };
        found.library(folder, &shown).map_err(|error| {
            let remedy = say!("name a folder with component descriptions; `plantweave import` makes one");
            Failure::new(say!("cannot open the library {folder}", folder = folder.display()), error, remedy)
        })?;
    }
    let mut profiles = Profiles::default();
    for (path, shown) in &found.profiles {
        let fault = match read_one_profile(path).map(|profile| profiles.insert(profile)) {
            Ok(true) => continue,
            Ok(false) => "another profile is for the same device; this one does not count".to_owned(),
            Err(fault) => fault,
        };
        found.problems.push(Problem { path: shown.clone(), fault });
    }
    let (entries, problems) = read_all(&found.descriptions, &profiles);
    found.problems.extend(problems);
    Ok(Library { catalogue: Catalogue::new(entries, found.problems), profiles })
}

fn read_one_profile(path: &Path) -> Result<crate::model::DeviceProfile, String> {
    let bytes = read_bounded(path, PROFILE_BYTES).map_err(|error| error.to_string())?;
    let text = String::from_utf8(bytes).map_err(|error| error.to_string())?;
    read_profile(&text).map_err(|error| error.to_string())
}

/// Files of interest, with the paths to show.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) descriptions: Vec<(PathBuf, String)>,
    profiles: Vec<(PathBuf, String)>,
    pub(super) problems: Vec<Problem>,
    entries: usize,
}

impl Found {
    fn library(&mut self, folder: &Path, shown: &str) -> io::Result<()> {
        self.folder(folder, shown)?;
        let profiles = folder.join(PROFILES);
        if profiles.is_dir() {
            for name in names(&profiles)?.into_iter().filter(|name| has_extension(name, "toml")) {
                self.profiles.push((profiles.join(&name), format!("{shown}{PROFILES}/{}", name.to_string_lossy())));
            }
        }
        Ok(())
    }

    /// All files below a folder that may be descriptions.
    ///
    /// # Errors
    /// The folder cannot be read. One below it that cannot is a problem.
    pub(super) fn folder(&mut self, folder: &Path, shown: &str) -> io::Result<()> {
        if !folder.is_dir() {
            return Err(io::Error::new(io::ErrorKind::NotADirectory, "there is no such folder"));
        }
        self.walk(folder, shown, 0)
    }

    fn walk(&mut self, folder: &Path, shown: &str, depth: usize) -> io::Result<()> {
        if depth > MOST_DEPTH {
            self.problem(shown, format!("folders are nested deeper than {MOST_DEPTH}; those below are left out"));
            return Ok(());
        }
        for name in names(folder)? {
            self.entries += 1;
            if self.entries > MOST_ENTRIES {
                if self.entries == MOST_ENTRIES + 1 {
                    self.problem(shown, format!("there are more than {MOST_ENTRIES} files; the rest is left out"));
                }
                return Ok(());
            }
            let path = folder.join(&name);
            let text = name.to_string_lossy();
            // Links to folders could lead in a circle.
            let Ok(kind) = fs::symlink_metadata(&path).map(|data| data.file_type()) else { continue };
            if kind.is_dir() && !text.starts_with('.') {
                let shown = format!("{shown}{text}/");
                if let Err(error) = self.walk(&path, &shown, depth + 1) {
                    self.problem(&shown, error.to_string());
                }
            } else if has_extension(&name, "xml") && path.is_file() && !text.starts_with('.') {
                self.descriptions.push((path, format!("{shown}{text}")));
            }
        }
        Ok(())
    }

    fn problem(&mut self, shown: &str, fault: String) {
        self.problems.push(Problem { path: shown.trim_end_matches('/').to_owned(), fault });
    }
}

/// Names in a folder, sorted.
fn names(folder: &Path) -> io::Result<Vec<std::ffi::OsString>> {
    let mut names =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.file_name())).collect::<io::Result<Vec<_>>>()?;
    names.sort();
    Ok(names)
}

fn has_extension(name: &std::ffi::OsStr, extension: &str) -> bool {
    Path::new(name).extension().is_some_and(|found| found.eq_ignore_ascii_case(extension))
}

/// Reads descriptions side by side on all processors.
fn read_all(files: &[(PathBuf, String)], profiles: &Profiles) -> (Vec<Entry>, Vec<Problem>) {
    let next = AtomicUsize::new(0);
    let work = || {
        let (mut entries, mut problems) = (Vec::new(), Vec::new());
        while let Some((path, shown)) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            match read_description(path, &How::default(), profiles) {
                Ok(read) => entries.push(Entry::new(
                    shown.clone(),
                    Arc::new(read.component),
                    read.grade,
                    read.remarks,
                    read.kept,
                )),
                Err(fault) => {
                    problems.push((Problem { path: shown.clone(), fault: fault.to_string() }, is_foreign(&fault)))
                }
            }
        }
        (entries, problems)
    };
    let n_threads = thread::available_parallelism().map_or(1, usize::from).min(files.len());
    let results = thread::scope(|scope| {
        let threads: Vec<_> = (1..n_threads).map(|_| scope.spawn(work)).collect();
        let own = work();
        let others =
            threads.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        std::iter::once(own).chain(others).collect::<Vec<_>>()
    });
    let (mut entries, mut problems) = (Vec::new(), Vec::new());
    for (some_entries, some_problems) in results {
        entries.extend(some_entries);
        problems.extend(some_problems);
    }
    // XML of another kind that a description refers to is at home here: a parameter file, for example.
    let referred: std::collections::HashSet<String> = entries.iter().flat_map(files_of).collect();
    let problems = problems.into_iter().filter(|(problem, foreign)| !(*foreign && referred.contains(&problem.path)));
    (entries, problems.map(|(problem, _)| problem).collect())
}

/// The paths, as shown, of the files beside a description.
fn files_of(entry: &Entry) -> impl Iterator<Item = String> {
    let folder = entry.path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    entry.component.source.files.keys().map(move |file| format!("{folder}{file}"))
}

/// Whether a file is of another kind, rather than broken.
pub(super) fn is_foreign(fault: &Fault) -> bool {
    matches!(fault, Fault::OtherKind(_) | Fault::Description(PcdError::NotADescription { .. }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own_library() -> Library {
        open_library(&Path::new(env!("CARGO_MANIFEST_DIR")).join("library")).unwrap()
    }

    #[test]
    fn the_library_that_comes_with_the_program_is_read() {
        let library = own_library();
        let catalogue = &library.catalogue;
        assert_eq!(catalogue.problems(), []);
        assert!(catalogue.entries().len() >= 25, "{} entries", catalogue.entries().len());
        assert_eq!(catalogue.conflicts(), []);
        for entry in catalogue.entries() {
            let is_mere_hardware = entry.component.rtautos().next().is_none();
            assert!(entry.component.profile.is_some() || is_mere_hardware, "{} has no profile", entry.path);
            assert!(entry.component.source.files.contains_key("icon.svg"), "{} has no icon", entry.path);
            assert!(entry.worst() < Some(crate::pcd::Severity::Error), "{}: {:?}", entry.path, entry.remarks);
        }
        let conveyors: Vec<_> = catalogue
            .search("scharnierbandforderer", None)
            .iter()
            .map(|hit| hit.entry.component.key.version.to_string())
            .collect();
        assert_eq!(conveyors, ["2.1", "2.0"]);
        assert_eq!(library.profiles.len(), 16);
    }

    #[test]
    fn one_broken_file_hides_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("library/ledova/labeller");
        let inner = folder.path().join("a/b/c");
        fs::create_dir_all(&inner).unwrap();
        for entry in fs::read_dir(own).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), inner.join(entry.file_name())).unwrap();
        }
        fs::create_dir(folder.path().join("profiles")).unwrap();
        fs::write(folder.path().join("profiles/x.toml"), "[match]\n").unwrap();
        fs::write(folder.path().join("a/broken.XML"), "<ComponentDescription>").unwrap();
        fs::write(folder.path().join("device.xml"), "<ISO15745Profile/>").unwrap();
        fs::create_dir(folder.path().join(".hidden")).unwrap();
        fs::write(folder.path().join(".hidden/x.xml"), "<").unwrap();
        let library = open_library(folder.path()).unwrap();
        let paths: Vec<_> = library.catalogue.entries().iter().map(|entry| entry.path.as_str()).collect();
        assert_eq!(paths, ["a/b/c/labeller.pcd.xml"]);
        let problems: Vec<_> =
            library.catalogue.problems().iter().map(|problem| format!("{}: {}", problem.path, problem.fault)).collect();
        assert_eq!(
            problems,
            [
                "a/broken.XML: 1:23: the file ends inside an open element",
                "device.xml: this is a GSDML file, the device description of PROFINET IO",
                "profiles/x.toml: 1:1: missing field `producer`",
            ]
        );
    }

    #[test]
    fn several_libraries_are_one() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("library");
        let (one, two) = (root.join("ledova"), root.join("tarnau"));
        let library = open_libraries(&[&one, &two]).unwrap();
        assert_eq!(library.catalogue.entries().len(), 2);
        assert!(library.catalogue.entries().iter().all(|entry| Path::new(&entry.path).is_file()));
        let failure = open_libraries(&[&one, Path::new("no/such")]).unwrap_err();
        assert_eq!(failure.what, "cannot open the library no/such");
    }

    #[test]
    fn the_check_gets_its_facts() {
        let library = own_library();
        let plan =
            super::super::open_project(&Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/bottling-line.plant"))
                .unwrap();
        let with = crate::check::check(&plan, &library.facts());
        let codes: Vec<_> = with.iter().map(|finding| finding.code).collect();
        assert!(!codes.contains(&"PW141"), "samples embed what the library holds");
        assert!(codes.contains(&"PW140"), "the library holds a newer belt conveyor");
    }
}
