//! Importing descriptions into a library folder: each with all its files, or not at all.
//!
//! A component gets a folder of its own, `VENDOR/NAME-VERSION`. It is written in full inside a hidden folder of the library first and
//! then renamed into place, so whoever looks sees nothing or all of it, whatever moment the power fails.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::Failure;
use super::description::{Fault, How, read_description, read_mapping};
use super::library::{Found, Library, is_foreign, open_library};
use crate::library::{Catalogue, Entry, KeptPreview, Kind, Profiles, RemarkPreview, Standing, component_folder};
use crate::model::{Component, ComponentSource, Phrase, Say};
use crate::pcd::{self, Grade, PcdError, Rule, Severity};
use crate::project::is_component_file;
use crate::say;

/// How to import.
#[derive(Debug, Clone, Default)]
pub struct ImportOptions {
    /// A mapping file for descriptions in a dialect of their own (`docs/DESCRIPTIONS.md`). It is kept with those that need it.
    pub mapping: Option<PathBuf>,
    /// Read schema versions that this program does not know.
    pub force_tolerant: bool,
    /// Let a description that was changed without a new version take the place of the one in the library.
    pub replace: bool,
    /// Say what would be done and change nothing.
    pub dry_run: bool,
}

/// What came of each file, in the order given.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ImportReport {
    /// One entry a file.
    pub files: Vec<ImportedFile>,
    /// Stopped before all files were done; those that are listed are complete.
    pub interrupted: bool,
}

impl ImportReport {
    /// Whether everything that was asked for is in the library now, without errors in it.
    pub fn is_fine(&self) -> bool {
        !self.interrupted && self.files.iter().all(|file| file.outcome != Outcome::Refused && !file.has_errors())
    }
}

/// What came of one file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ImportedFile {
    /// The file as given, or as found in a folder given.
    pub path: String,
    /// What came of it.
    pub outcome: Outcome,
    /// The component in it; `None` when none could be read.
    pub component: Option<ImportedComponent>,
    /// Why it was refused or skipped.
    pub failure: Option<Failure>,
}

impl ImportedFile {
    fn has_errors(&self) -> bool {
        let severity = Severity::Error.to_string();
        self.component.iter().flat_map(|component| &component.remarks).any(|remark| remark.severity == severity)
    }
}

/// What can come of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It is in the library now.
    Added,
    /// It is in the library now, in place of another content under the same version.
    Replaced,
    /// The library had it already.
    AlreadyThere,
    /// A file of another kind in a folder that was given.
    Skipped,
    /// It is not in the library.
    Refused,
}

/// A component that was imported, or could have been.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ImportedComponent {
    /// Component id.
    pub id: String,
    /// Version.
    pub version: String,
    /// Library caption.
    pub name: String,
    /// Vendor.
    pub vendor: String,
    /// `exact`, `tolerant` or `partial`.
    pub grade: String,
    /// Its description in the library, relative to the library folder; empty when it was refused.
    pub library_path: String,
    /// Newest other version in the library.
    pub newest_other_version: Option<String>,
    /// Whether this is newer than all others in the library: plants that use one of these can be updated.
    pub is_update: bool,
    /// Functions.
    pub functions: usize,
    /// Ports.
    pub ports: usize,
    /// Files beside the description.
    pub files: Vec<String>,
    /// What was guessed, left out or found wrong.
    pub remarks: Vec<RemarkPreview>,
    /// What was not understood or is meant for others.
    pub kept: Vec<KeptPreview>,
}

/// Imports descriptions, or folders of them, into a library folder, which is made when there is none.
///
/// One file that cannot be imported leaves the others done. `stop` is looked at between files.
///
/// # Errors
/// The library cannot be opened or made, or the mapping file cannot be used: nothing was changed then.
pub fn import(
    files: &[PathBuf],
    library: &Path,
    options: &ImportOptions,
    stop: &CancellationToken,
) -> Result<ImportReport, Failure> {
    let mapping = options.mapping.as_deref().map(usable_mapping).transpose()?;
    if !options.dry_run {
        fs::create_dir_all(library).map_err(|error| {
            let remedy = say!("check the path and that you may write there");
            Failure::new(say!("cannot make the library {library}", library = library.display()), error, remedy)
        })?;
    }
    let Library { catalogue, profiles } =
        if library.is_dir() || !options.dry_run { open_library(library)? } else { Library::default() };
    let mut job = Import { folder: library, options, mapping, catalogue, profiles };
    let mut report = ImportReport { files: Vec::new(), interrupted: false };
    for candidate in candidates(files, &mut report) {
        if stop.is_cancelled() {
            report.interrupted = true;
            break;
        }
        report.files.push(job.one(&candidate));
    }
    Ok(report)
}

fn usable_mapping(path: &Path) -> Result<Arc<str>, Failure> {
    let wrong = |why: &dyn Say| {
        let what = say!("cannot use the mapping file {path}", path = path.display());
        Failure::new(what, why, say!("mend it; docs/DESCRIPTIONS.md says what a mapping file holds"))
    };
    let text = read_mapping(path).map_err(|error| wrong(&error))?;
    pcd::Dialect::with_mapping(&text).map_err(|error| wrong(&error))?;
    Ok(text)
}

/// A file to import.
struct Candidate {
    path: PathBuf,
    shown: String,
    /// Found in a folder, so files of other kinds are no surprise.
    in_folder: bool,
}

/// The files given, and those in folders given. A folder that cannot be read is reported.
fn candidates(files: &[PathBuf], report: &mut ImportReport) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    for path in files {
        let shown = path.display().to_string();
        if !path.is_dir() {
            candidates.push(Candidate { path: path.clone(), shown, in_folder: false });
            continue;
        }
        let mut found = Found::default();
        let prefix = format!("{}/", shown.trim_end_matches('/'));
        if let Err(error) = found.folder(path, &prefix) {
            report.files.push(refused(shown, disk_failure(path, &error)));
            continue;
        }
        for problem in found.problems {
            let remedy = say!("import that folder by itself");
            let failure = Failure::new(say!("cannot import {path}", path = problem.path), &problem.fault, remedy);
            report.files.push(refused(problem.path, failure));
        }
        let here = found.descriptions.into_iter();
        candidates.extend(here.map(|(path, shown)| Candidate { path, shown, in_folder: true }));
    }
    candidates
}

fn refused(path: String, failure: Failure) -> ImportedFile {
    ImportedFile { path, outcome: Outcome::Refused, component: None, failure: Some(failure) }
}

fn disk_failure(path: &Path, error: &io::Error) -> Failure {
    Failure::new(
        say!("cannot import {path}", path = path.display()),
        error,
        say!("check the path and that you may read it"),
    )
}

struct Import<'a> {
    folder: &'a Path,
    options: &'a ImportOptions,
    mapping: Option<Arc<str>>,
    catalogue: Catalogue,
    profiles: Profiles,
}

impl Import<'_> {
    fn one(&mut self, candidate: &Candidate) -> ImportedFile {
        let read = match self.read(&candidate.path) {
            Ok(read) => read,
            Err(fault) => {
                let mut file = refused(candidate.shown.clone(), fault_failure(&candidate.path, &fault));
                if candidate.in_folder && is_foreign(&fault) {
                    file.outcome = Outcome::Skipped;
                }
                return file;
            }
        };
        let mut entry = Entry::new(String::new(), Arc::new(read.component), read.grade, read.remarks, read.kept);
        let versions = self.catalogue.versions(&entry.component.key.id);
        let other = versions.iter().find(|other| other.component.key.version != entry.component.key.version);
        let newest_other_version = other.map(|other| other.component.key.version.to_string());
        let (outcome, replaced) = match self.catalogue.standing(&entry.component) {
            Standing::Same(same) => (Outcome::AlreadyThere, Some(same.path.clone())),
            Standing::Changed(old) if self.options.replace => (Outcome::Replaced, Some(old.path.clone())),
            Standing::Changed(old) => {
                let failure = changed_failure(&candidate.path, &entry.component, old);
                let component = imported(&entry, newest_other_version, false);
                return ImportedFile { component: Some(component), ..refused(candidate.shown.clone(), failure) };
            }
            Standing::New | Standing::Newer(_) | Standing::Older(_) => (Outcome::Added, None),
        };
        let is_update = matches!(self.catalogue.standing(&entry.component), Standing::Newer(_));
        let placed = match (outcome, replaced.as_deref()) {
            (Outcome::AlreadyThere, Some(path)) => Ok(path.to_owned()),
            _ if self.options.dry_run => Ok(would_be(&entry.component)),
            (_, old) => self.place(&entry.component, old),
        };
        let mut component = imported(&entry, newest_other_version, is_update);
        match placed {
            Ok(path) => component.library_path = path,
            Err(error) => {
                let remedy = say!("check that the disk has room and that you may write to the library");
                let what =
                    format!("cannot put {} into the library {}", candidate.path.display(), self.folder.display());
                let file = refused(candidate.shown.clone(), Failure::new(what, error, remedy));
                return ImportedFile { component: Some(component), ..file };
            }
        }
        if outcome != Outcome::AlreadyThere {
            if let Some(old) = replaced {
                self.catalogue.remove(&old);
            }
            entry.path.clone_from(&component.library_path);
            self.catalogue.insert(entry);
        }
        ImportedFile { path: candidate.shown.clone(), outcome, component: Some(component), failure: None }
    }

    /// Reads a description as it is; with the user's mapping and force only where it needs them, for what it needed is
    /// kept with it.
    fn read(&self, path: &Path) -> Result<pcd::Read, Fault> {
        let attempt = |mapping: Option<Arc<str>>| read_description(path, &How { mapping }, &self.profiles);
        let mut read = attempt(None);
        let mut mapping = None;
        if let Some(own) = &self.mapping
            && !matches!(&read, Ok(read) if read.grade == Grade::Exact)
        {
            mapping = Some(Arc::clone(own));
            read = attempt(mapping.clone());
        }
        if self.options.force_tolerant && matches!(&read, Err(Fault::Description(PcdError::SchemaVersion { .. }))) {
            let forced = format!("force_tolerant = true\n{}", mapping.as_deref().unwrap_or_default());
            read = attempt(Some(forced.into()));
        }
        read
    }

    /// Puts a component into the library, in place of the description `old` if there is one. Returns where its description is
    /// now, relative to the library.
    fn place(&self, component: &Component, old: Option<&str>) -> io::Result<String> {
        let stage = tempfile::Builder::new().prefix(".plantweave-import-").tempdir_in(self.folder)?;
        let new = stage.path().join("new");
        let file_name = file_name(component);
        write_component(&new, &file_name, &component.source)?;

        let (vendor, name) = component_folder(component);
        let vendor_folder = self.folder.join(&vendor);
        fs::create_dir_all(&vendor_folder)?;
        let mut folder = free_name(&vendor_folder, &name)?;
        // From here on the new one is there; the old one goes afterwards, so at no moment there is none.
        fs::rename(&new, vendor_folder.join(&folder))?;
        sync_folder(&vendor_folder)?;
        sync_folder(self.folder)?;
        if let Some(entry) = old.and_then(|old| self.catalogue.entries().iter().find(|entry| entry.path == old)) {
            let description = self.folder.join(&entry.path);
            let old_folder = description.parent().unwrap_or(self.folder);
            if old_folder != self.folder && holds_nothing_else(old_folder, &entry.component.source) {
                fs::rename(old_folder, stage.path().join("old"))?;
            } else {
                fs::rename(&description, stage.path().join("old.xml"))?;
            }
            // The usual name may be free now; the other one is as good.
            let usual = vendor_folder.join(&name);
            if !usual.exists() && fs::rename(vendor_folder.join(&folder), usual).is_ok() {
                folder = name;
            }
            sync_folder(&vendor_folder)?;
        }
        Ok(format!("{vendor}/{folder}/{file_name}"))
    }
}

/// Where the description would be put.
fn would_be(component: &Component) -> String {
    let (vendor, name) = component_folder(component);
    format!("{vendor}/{name}/{}", file_name(component))
}

/// The description's own file name where a library can have it.
fn file_name(component: &Component) -> String {
    let source = &component.source;
    let name = match source.file_name.to_ascii_lowercase().ends_with(".xml") {
        true => source.file_name.clone(),
        false => format!("{}.xml", source.file_name),
    };
    match is_component_file(&name) && !name.contains('/') && !source.files.contains_key(&name) {
        true => name,
        false => format!("{}.pcd.xml", component_folder(component).1),
    }
}

fn write_component(folder: &Path, file_name: &str, source: &ComponentSource) -> io::Result<()> {
    fs::create_dir(folder)?;
    let files = source.files.iter().map(|(path, bytes)| (path.as_str(), bytes));
    for (path, bytes) in files.chain([(file_name, &source.xml)]) {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        let mut file = fs::File::create_new(path)?;
        file.write_all(bytes)?;
        file.sync_all()?;
    }
    sync_folder(folder)
}

/// Has the names in a folder on the disk when it returns.
fn sync_folder(folder: &Path) -> io::Result<()> {
    // Elsewhere a folder cannot be opened as a file, and renames are durable without it.
    if cfg!(unix) { fs::File::open(folder)?.sync_all() } else { Ok(()) }
}

/// `name`, or the first of `name~2`, `name~3` … that nothing has.
fn free_name(folder: &Path, name: &str) -> io::Result<String> {
    let mut free = name.to_owned();
    let mut n = 2;
    loop {
        match fs::symlink_metadata(folder.join(&free)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(free),
            Err(error) => return Err(error),
            Ok(_) => free = format!("{name}~{n}"),
        }
        n += 1;
    }
}

/// Whether a folder holds the files of this component and no others.
fn holds_nothing_else(folder: &Path, source: &ComponentSource) -> bool {
    let mut open = vec![String::new()];
    while let Some(prefix) = open.pop() {
        let Ok(entries) = fs::read_dir(folder.join(&prefix)) else { return false };
        for entry in entries {
            let Ok(entry) = entry else { return false };
            let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
            let known = path == source.file_name || source.files.contains_key(&path);
            let inside = format!("{path}/");
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && source.files.keys().any(|file| file.starts_with(&inside)) => {
                    open.push(inside)
                }
                Ok(kind) if kind.is_file() && known => {}
                _ => return false,
            }
        }
    }
    true
}

fn imported(entry: &Entry, newest_other_version: Option<String>, is_update: bool) -> ImportedComponent {
    let component = &entry.component;
    ImportedComponent {
        id: component.key.id.to_string(),
        version: component.key.version.to_string(),
        name: component.name.to_string(),
        vendor: component.vendor.to_string(),
        grade: entry.grade.to_string(),
        library_path: String::new(),
        newest_other_version,
        is_update,
        functions: component.rtautos().count(),
        ports: component.rtautos().map(|(_, rtauto)| rtauto.ports.len()).sum(),
        files: component.source.files.keys().cloned().collect(),
        remarks: entry.remarks.iter().map(RemarkPreview::from).collect(),
        kept: entry.kept.iter().map(KeptPreview::from).collect(),
    }
}

fn changed_failure(path: &Path, component: &Component, old: &Entry) -> Failure {
    let name = format!("{} {}", component.name, component.key.version);
    Failure::new(
        say!("cannot import {path}", path = path.display()),
        say!(
            "{rule}: the library holds other content of {name} in {path}",
            rule = Phrase::plain(Rule::ChangedWithoutVersion),
            name,
            path = old.path
        ),
        say!(
            "ask the vendor for a new version; or replace the one in the library (--replace), if the change is known to be harmless"
        ),
    )
}

fn fault_failure(path: &Path, fault: &Fault) -> Failure {
    let remedy = match fault {
        Fault::Disk(error) => return disk_failure(path, error),
        Fault::OtherKind(kind) => {
            let why = say!("{fault}, and only component descriptions (XML) can be imported", fault);
            let remedy = match kind {
                Kind::Zip => "unpack it and import what is in it",
                _ => "export a component description from the vendor's tool, or ask the vendor for one",
            };
            return Failure::new(say!("cannot import {path}", path = path.display()), why, remedy);
        }
        Fault::Description(PcdError::NotADescription { .. }) => {
            "if it is a description in a dialect of its own, say in a mapping file what its elements are (--mapping)"
        }
        Fault::Description(PcdError::SchemaVersion { .. }) => {
            "update Plantweave, or read it all the same (--force-tolerant) and look at what was not understood"
        }
        Fault::Description(PcdError::Limit { .. }) => "this is no description that a device could have; ask the vendor",
        Fault::Description(_) => "mend the file at the place named, or ask the vendor for a correct one",
        Fault::Mapping(_) => "mend the mapping file beside the description; docs/DESCRIPTIONS.md says what it holds",
    };
    Failure::new(say!("cannot import {path}", path = path.display()), fault, remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(path: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("library").join(path)
    }

    fn run(files: &[PathBuf], library: &Path, options: &ImportOptions) -> ImportReport {
        import(files, library, options, &CancellationToken::new()).unwrap()
    }

    fn outcomes(report: &ImportReport) -> Vec<Outcome> {
        report.files.iter().map(|file| file.outcome).collect()
    }

    /// All files below a folder, hidden ones too.
    fn tree(folder: &Path) -> Vec<String> {
        let mut files = Vec::new();
        let mut open = vec![folder.to_owned()];
        while let Some(path) = open.pop() {
            for entry in fs::read_dir(path).unwrap() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true => open.push(path),
                    false => files.push(path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned()),
                }
            }
        }
        files.sort();
        files
    }

    #[test]
    fn a_description_comes_with_its_files_and_only_once() {
        let library = tempfile::tempdir().unwrap();
        let library = library.path().join("new");
        let file = own("ledova/labeller/labeller.pcd.xml");
        let report = run(std::slice::from_ref(&file), &library, &ImportOptions::default());
        assert_eq!(outcomes(&report), [Outcome::Added]);
        assert!(report.is_fine());
        let files = tree(&library);
        let names = ["behaviour.rhai", "icon.svg", "labeller.pcd.xml", "manual_de.md", "manual_en.md"];
        let component = report.files[0].component.as_ref().unwrap();
        let folder = component.library_path.rsplit_once('/').unwrap().0;
        assert_eq!(files, names.map(|name| format!("{folder}/{name}")));
        assert_eq!(fs::read(&file).unwrap(), fs::read(library.join(&component.library_path)).unwrap());

        let again = run(&[file.clone(), file], &library, &ImportOptions::default());
        assert_eq!(outcomes(&again), [Outcome::AlreadyThere; 2]);
        assert!(again.is_fine());
        assert_eq!(tree(&library), files);
    }

    #[test]
    fn a_whole_folder_is_imported_and_opens_as_a_library() {
        let library = tempfile::tempdir().unwrap();
        let report = run(&[own("")], library.path(), &ImportOptions::default());
        assert!(report.files.len() >= 25 && report.files.iter().all(|file| file.outcome == Outcome::Added));
        let opened = open_library(library.path()).unwrap();
        assert_eq!(opened.catalogue.entries().len(), report.files.len());
        assert_eq!((opened.catalogue.problems(), opened.catalogue.conflicts()), (&[][..], vec![]));
        let (new, first) = {
            let find = |version| {
                let components = report.files.iter().filter_map(|file| file.component.as_ref());
                components
                    .into_iter()
                    .find(|component| component.name == "Belt conveyor" && component.version == version)
            };
            (find("2.0").unwrap(), find("2.1").unwrap())
        };
        assert_eq!((new.newest_other_version.as_deref(), new.is_update), (Some("2.1"), false));
        assert_eq!((first.newest_other_version.as_deref(), first.is_update), (None, false));
        assert!(!tree(library.path()).iter().any(|path| path.starts_with('.')), "no stage is left");
    }

    /// A copy of the labeller, changed.
    fn changed(folder: &Path, from: &str, to: &str) -> PathBuf {
        let copy = folder.join("labeller.pcd.xml");
        for entry in fs::read_dir(own("ledova/labeller")).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
        }
        let text = fs::read_to_string(&copy).unwrap();
        assert!(text.contains(from));
        fs::write(&copy, text.replacen(from, to, 1)).unwrap();
        copy
    }

    #[test]
    fn a_change_without_a_new_version_is_refused_or_replaces() {
        let (library, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let file = own("ledova/labeller/labeller.pcd.xml");
        run(std::slice::from_ref(&file), library.path(), &ImportOptions::default());
        let before = tree(library.path());
        let copy = changed(other.path(), "<Name>Labeller", "<Name>Labeler");

        let report = run(std::slice::from_ref(&copy), library.path(), &ImportOptions::default());
        assert_eq!(outcomes(&report), [Outcome::Refused]);
        assert!(!report.is_fine());
        let failure = report.files[0].failure.as_ref().unwrap();
        assert!(failure.why.to_string().starts_with("PCD-V12 changed without a new version: "), "{failure}");
        assert_eq!(tree(library.path()), before);

        let replace = ImportOptions { replace: true, ..ImportOptions::default() };
        let dry = ImportOptions { dry_run: true, ..replace.clone() };
        assert_eq!(outcomes(&run(std::slice::from_ref(&copy), library.path(), &dry)), [Outcome::Replaced]);
        assert_eq!(tree(library.path()), before);

        let report = run(&[copy], library.path(), &replace);
        assert_eq!(outcomes(&report), [Outcome::Replaced]);
        let opened = open_library(library.path()).unwrap().catalogue;
        let names: Vec<_> = opened.entries().iter().map(|entry| entry.component.name.as_str()).collect();
        assert_eq!(names, ["Labeler"]);
        assert_eq!(tree(library.path()).len(), before.len());

        // Back again: the folder has its own name, so the old one makes way.
        let report = run(&[file], library.path(), &replace);
        assert_eq!(outcomes(&report), [Outcome::Replaced]);
        assert_eq!(tree(library.path()), before);
    }

    #[test]
    fn replacing_leaves_the_files_of_others_alone() {
        let (library, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        changed(library.path(), "<Name>Labeller", "<Name>Labeler");
        fs::write(library.path().join("notes.txt"), "mine").unwrap();
        let copy = changed(other.path(), "<Name>Labeller", "<Name>Label machine");
        let replace = ImportOptions { replace: true, ..ImportOptions::default() };
        run(&[copy], library.path(), &replace);
        let files = tree(library.path());
        assert!(files.contains(&"notes.txt".to_owned()) && files.contains(&"icon.svg".to_owned()), "{files:?}");
        assert!(!files.contains(&"labeller.pcd.xml".to_owned()), "{files:?}");
    }

    #[test]
    fn an_update_is_offered() {
        let (library, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let older = changed(other.path(), "version=\"", "version=\"0");
        let newer = own("kettwald/belt-conveyor/belt-conveyor.pcd.xml");
        let report = run(&[own("kettwald/belt-conveyor-2.0"), older, newer], library.path(), &ImportOptions::default());
        let component = report.files[2].component.as_ref().unwrap();
        assert_eq!((component.newest_other_version.as_deref(), component.is_update), (Some("2.0"), true));
    }

    #[test]
    fn other_files_are_refused_by_name_and_skipped_in_folders() {
        let (library, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let gsdml = other.path().join("GSDML-V2.3.xml");
        fs::write(&gsdml, "<?xml version='1.0'?><ISO15745Profile/>").unwrap();
        let broken = other.path().join("broken.xml");
        fs::write(&broken, "<PCD>").unwrap();
        let files = [gsdml, PathBuf::from("none.xml"), other.path().to_owned()];
        let report = run(&files, library.path(), &ImportOptions::default());
        assert_eq!(outcomes(&report), [Outcome::Refused, Outcome::Refused, Outcome::Skipped, Outcome::Refused]);
        let why = |n: usize| report.files[n].failure.as_ref().unwrap().why.clone();
        assert_eq!(
            why(0),
            "this is a GSDML file, the device description of PROFINET IO, and only component descriptions (XML) can be imported"
        );
        assert!(why(3).to_string().starts_with("1:6: the file ends inside"), "{}", why(3));
        assert_eq!(tree(library.path()), [""; 0]);
    }

    #[test]
    fn a_mapping_and_force_stay_with_what_needed_them() {
        let (library, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let vendor = other.path().join("vendor.xml");
        let text = fs::read_to_string(own("ledova/labeller/labeller.pcd.xml")).unwrap();
        fs::write(&vendor, text.replace("ComponentDescription", "Module").replace("ledova", "x")).unwrap();
        let later = other.path().join("later.xml");
        let text = fs::read_to_string(own("tarnau/checkweigher/checkweigher.pcd.xml")).unwrap();
        fs::write(&later, text.replace("schemaVersion=\"2.0\"", "schemaVersion=\"3.0\"")).unwrap();
        let mapping = other.path().join("m.toml");
        fs::write(&mapping, "[paths]\n\"/Module\" = \"ComponentDescription\"\n").unwrap();
        let files = [vendor, later, own("okulum")];

        let plain = run(&files, library.path(), &ImportOptions { dry_run: true, ..ImportOptions::default() });
        assert_eq!(outcomes(&plain), [Outcome::Refused, Outcome::Refused, Outcome::Added]);
        let options =
            ImportOptions { mapping: Some(mapping.clone()), force_tolerant: true, ..ImportOptions::default() };
        let report = run(&files, library.path(), &options);
        assert_eq!(outcomes(&report), [Outcome::Added; 3], "{report:#?}");
        let needed: Vec<_> = report
            .files
            .iter()
            .map(|file| file.component.as_ref().unwrap().files.iter().any(|file| file == pcd::MAPPING_FILE))
            .collect();
        assert_eq!(needed, [true, true, false]);
        let opened = open_library(library.path()).unwrap().catalogue;
        assert_eq!((opened.entries().len(), opened.problems()), (3, &[][..]));
        assert_eq!(outcomes(&run(&files, library.path(), &options)), [Outcome::AlreadyThere; 3]);

        fs::write(&mapping, "[pahts]").unwrap();
        let failure = import(&files, library.path(), &options, &CancellationToken::new()).unwrap_err();
        assert!(failure.what.to_string().starts_with("cannot use the mapping file"), "{failure}");
    }

    #[test]
    fn stopping_leaves_nothing_half_done() {
        let library = tempfile::tempdir().unwrap();
        let stop = CancellationToken::new();
        stop.cancel();
        let report = import(&[own("")], library.path(), &ImportOptions::default(), &stop).unwrap();
        assert!(report.interrupted && report.files.is_empty() && !report.is_fine());
        assert_eq!(tree(library.path()), [""; 0]);
    }

    #[cfg(unix)]
    #[test]
    fn a_disk_that_refuses_leaves_nothing() {
        let library = tempfile::tempdir().unwrap();
        // A file where the vendor's folder belongs.
        let (vendor, _) = component_folder(&open_library(&own("ledova")).unwrap().catalogue.entries()[0].component);
        fs::write(library.path().join(&vendor), "").unwrap();
        let report = run(&[own("ledova")], library.path(), &ImportOptions::default());
        assert_eq!(outcomes(&report), [Outcome::Refused]);
        assert!(report.files[0].failure.as_ref().unwrap().what.to_string().starts_with("cannot put "));
        assert_eq!(tree(library.path()), [vendor]);
    }
}
