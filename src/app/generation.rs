//! Configurations of all devices, written to a folder, with what changed since before.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Failure;
use crate::generate::{Change, Configuration, Generation, PayloadReference, difference, generate};
use crate::model::{Name, Phrase, Plan, Say};
use crate::project::{file_stem, limits};
use crate::say;

/// Folder inside a project folder in which the download keeps what it loaded, a file a device.
const DOWNLOADED: &str = "downloaded";
/// End of the names of files there that list loaded payloads.
const LOADED: &str = "payloads.json";

/// What became of one device's configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GeneratedDevice {
    /// Device in the plan.
    pub device: Name,
    /// SHA-256 of the configuration.
    pub fingerprint: String,
    /// File it was written to, when one was asked for.
    pub file: Option<PathBuf>,
    /// Logical devices.
    pub ldevs: usize,
    /// Connections, constants included.
    pub connections: usize,
    /// Constants among them.
    pub constants: usize,
    /// Programs and parameter sets.
    pub payloads: usize,
    /// What changed since the last download, in words; `None` when it was never downloaded from this project.
    pub changes: Option<Vec<Change>>,
    /// What a person should know.
    pub remarks: Vec<String>,
    /// What could not be generated; while there is any, the device is not downloaded.
    pub errors: Vec<Phrase>,
}

/// What came of generating.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GenerationReport {
    /// One entry a device, by name.
    pub devices: Vec<GeneratedDevice>,
    /// What belongs to no device.
    pub errors: Vec<Phrase>,
}

impl GenerationReport {
    /// Whether something could not be generated.
    pub fn has_errors(&self) -> bool {
        !self.errors.is_empty() || self.devices.iter().any(|device| !device.errors.is_empty())
    }

    /// Whether every configuration is written.
    ///
    /// # Errors
    /// Something could not be generated; what could is written.
    pub fn all_written(&self) -> Result<(), Failure> {
        let first = self.errors.iter().chain(self.devices.iter().flat_map(|device| &device.errors)).next();
        let missing = self.devices.iter().filter(|device| device.file.is_none()).count();
        first.map_or(Ok(()), |why| {
            let what = format!("{missing} of {} configurations are not written", self.devices.len());
            Err(Failure::new(what, why, "mend the findings of these devices and export again"))
        })
    }
}

/// Generates all configurations, says what changed since the last download, and writes each to `out`, when given, as
/// `DEVICE.json`. Devices with errors are not written.
///
/// `downloaded` is what was loaded last, see [`read_downloaded`].
///
/// # Errors
/// The folder cannot be written; files written until then are whole.
pub fn generate_all(
    plan: &Plan,
    downloaded: &BTreeMap<Name, Configuration>,
    out: Option<&Path>,
) -> Result<(Generation, GenerationReport), Failure> {
    let generation = generate(plan);
    let mut report = GenerationReport {
        devices: Vec::with_capacity(generation.devices.len()),
        errors: generation.errors.iter().map(Say::say).collect(),
    };
    for generated in &generation.devices {
        let configuration = &generated.configuration;
        let file = match out {
            Some(folder) if generated.errors.is_empty() => Some(write_configuration(folder, configuration)?),
            _ => None,
        };
        let changes = downloaded.get(&configuration.device).map(|before| difference(before, configuration));
        let groups = configuration.ldevs.iter().flat_map(|ldev| &ldev.groups);
        report.devices.push(GeneratedDevice {
            device: configuration.device.clone(),
            fingerprint: configuration.fingerprint(),
            file,
            ldevs: configuration.ldevs.len(),
            connections: configuration.n_connections(),
            constants: groups.filter(|group| group.provider.is_none()).map(|group| group.connections.len()).sum(),
            payloads: configuration.payloads.len(),
            changes,
            remarks: configuration
                .remarks
                .iter()
                .map(|remark| format!("{}: {} ({})", remark.ldev, remark.text, remark.connections.join(", ")))
                .collect(),
            errors: generated.errors.iter().map(Say::say).collect(),
        });
    }
    Ok((generation, report))
}

/// The configurations that were last downloaded from a project folder, as [`keep_downloaded`] left them. A file that is
/// missing or cannot be read any more counts as never downloaded: the next download compares with the device anyway.
pub fn read_downloaded(project: &Path) -> BTreeMap<Name, Configuration> {
    let Ok(entries) = fs::read_dir(project.join(DOWNLOADED)) else { return BTreeMap::new() };
    let texts = entries.take(limits::INSTANCES).filter_map(|entry| read_text(&entry.ok()?.path()).ok());
    let configurations = texts.filter_map(|text| Configuration::from_json(&text).ok());
    configurations.map(|configuration| (configuration.device.clone(), configuration)).collect()
}

/// Keeps what was downloaded to a device in the project folder, so that the next `generate` can say what changed since.
///
/// # Errors
/// The folder cannot be written.
pub fn keep_downloaded(project: &Path, configuration: &Configuration) -> Result<(), Failure> {
    let what = say!("cannot keep the configuration of {device}", device = configuration.device);
    let folder = own_place(project, &configuration.device, "json", &what)?;
    write_configuration(&folder, configuration).map(drop)
}

/// The payloads that loaders have put into a device, as [`keep_loaded`] left them.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Loaded {
    device: Name,
    payloads: Vec<PayloadReference>,
}

/// Programs and parameter sets that were loaded into each device from this project folder; what cannot be read counts as never
/// loaded.
pub(super) fn read_loaded(project: &Path) -> BTreeMap<Name, Vec<PayloadReference>> {
    let Ok(entries) = fs::read_dir(project.join(DOWNLOADED)) else { return BTreeMap::new() };
    let texts = entries.take(limits::INSTANCES).filter_map(|entry| read_text(&entry.ok()?.path()).ok());
    let all = texts.filter_map(|text| serde_json::from_str::<Loaded>(&text).ok());
    all.map(|loaded| (loaded.device, loaded.payloads)).collect()
}

/// Keeps which payloads are in a device, so that they are not loaded again.
///
/// # Errors
/// The folder cannot be written.
pub(super) fn keep_loaded(project: &Path, device: &Name, payloads: Vec<PayloadReference>) -> Result<(), Failure> {
    let what = say!("cannot keep what was loaded into {device}", device);
    let folder = own_place(project, device, LOADED, &what)?;
    let file = folder.join(format!("{}.{LOADED}", file_stem(device)));
    let write = || {
        fs::create_dir_all(&folder)?;
        let text = serde_json::to_string_pretty(&Loaded { device: device.clone(), payloads })?;
        replace_file(&file, text.as_bytes())
    };
    write().map_err(|error: io::Error| {
        Failure::new(
            what,
            say!("{file}: {error}", file = file.display(), error),
            say!("check that the folder can be written and has room"),
        )
    })
}

/// The folder for what was downloaded, unless it or the file for a device in it leads elsewhere.
fn own_place(project: &Path, device: &Name, extension: &str, what: &Phrase) -> Result<PathBuf, Failure> {
    let folder = project.join(DOWNLOADED);
    let file = folder.join(format!("{}.{extension}", file_stem(device)));
    if let Some(link) = [&folder, &file].into_iter().find(|place| place.is_symlink()) {
        let why = say!("{link} is a link, and what belongs to a project stands in it", link = link.display());
        return Err(Failure::new(what, why, say!("remove the link")));
    }
    Ok(folder)
}

/// The text of a regular file that is no larger than any of a project's.
fn read_text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    if fs::symlink_metadata(path)?.is_file() {
        fs::File::open(path)?.take(limits::TEXT_BYTES as u64).read_to_string(&mut text)?;
    }
    Ok(text)
}

fn write_configuration(folder: &Path, configuration: &Configuration) -> Result<PathBuf, Failure> {
    let file = folder.join(format!("{}.json", file_stem(&configuration.device)));
    let write = || {
        fs::create_dir_all(folder)?;
        replace_file(&file, configuration.to_json().as_bytes())
    };
    write().map_err(|error| {
        let what = say!("cannot write the configuration of {device}", device = configuration.device);
        Failure::new(
            what,
            say!("{file}: {error}", file = file.display(), error),
            say!("check that the folder can be written and has room"),
        )
    })?;
    Ok(file)
}

/// Puts a whole file in the place of another, or leaves that as it was. What is no file, such as `/dev/stdout`, is written to.
pub(super) fn replace_file(file: &Path, bytes: &[u8]) -> io::Result<()> {
    // Through a symbolic link to where it leads, as every other program writes.
    let place = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    if fs::metadata(&place).is_ok_and(|found| !found.is_file()) {
        return fs::OpenOptions::new().write(true).open(&place)?.write_all(bytes);
    }
    let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // Temporary files are private; this one is to be read like any file its user makes.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut draft = builder.tempfile_in(folder)?;
    draft.write_all(bytes)?;
    draft.as_file().sync_all()?;
    draft.persist(&place)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture;

    const PLAN: &str = "
        component Pump 1.0 { qos acyclic; in start BOOL = false; out running BOOL }
        Pump1: Pump @192.168.0.1
        Pump2: Pump @192.168.0.2
        Pump1.running -> Pump2.start acyclic INTERVAL
    ";

    #[test]
    fn what_changed_since_the_download_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let before = fixture::plan(&PLAN.replace("INTERVAL", "100"));
        let (generation, report) = generate_all(&before, &read_downloaded(folder.path()), None).unwrap();
        assert_eq!(report.devices[1].changes, None);
        for generated in &generation.devices {
            keep_downloaded(folder.path(), &generated.configuration).unwrap();
        }
        let downloaded = read_downloaded(folder.path());
        let (_, report) = generate_all(&before, &downloaded, None).unwrap();
        assert_eq!(report.devices[1].changes, Some(vec![]));
        let after = fixture::plan(&PLAN.replace("INTERVAL", "200"));
        let (_, report) = generate_all(&after, &downloaded, None).unwrap();
        assert_eq!(report.devices[0].changes, Some(vec![]));
        let changes = report.devices[1].changes.clone().unwrap();
        assert_eq!(changes.len(), 1);
        assert!(changes[0].to_string().contains("200 ms"), "{changes:?}");
    }

    #[test]
    fn files_are_named_after_devices_and_hold_what_was_generated() {
        let folder = tempfile::tempdir().unwrap();
        let plan = fixture::plan(&PLAN.replace("INTERVAL", "100"));
        let (generation, report) = generate_all(&plan, &BTreeMap::new(), Some(folder.path())).unwrap();
        assert!(!report.has_errors());
        assert_eq!((report.devices[1].connections, report.devices[1].constants), (1, 0));
        for generated in &generation.devices {
            let file = folder.path().join(format!("{}.json", generated.configuration.device));
            let read = Configuration::from_json(&fs::read_to_string(file).unwrap()).unwrap();
            assert_eq!(read, generated.configuration);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_is_replaced_as_any_program_would() {
        use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
        let folder = tempfile::tempdir().unwrap();
        let (file, link, usual) = (folder.path().join("a"), folder.path().join("b"), folder.path().join("c"));
        fs::write(&file, "old").unwrap();
        fs::write(&usual, "").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        replace_file(&link, b"new").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&file), mode(&usual));
        replace_file(Path::new("/dev/null"), b"x").unwrap();
        assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
    }
}
