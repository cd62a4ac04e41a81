//! Where the devices of a running simulation stand, for other commands of the same user.
//!
//! `simulate` writes one small JSON file, by default into the user's own folder for running programs, under a name that
//! follows from the project's path. Beside it lies a lock that the system takes back when the simulation ends, however it
//! ends: a file without a holder of its lock is left over from a crash and counts for nothing.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read as _};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::Failure;
use super::generation::replace_file;
use crate::model::Name;

/// Number of the format.
const FORMAT: u32 = 1;
/// Larger files are none of ours.
const MOST_BYTES: u64 = 16 << 20;

/// Where the devices of a simulation stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Announcement {
    /// Number of the format, 1.
    pub format: u32,
    /// The project, as an absolute path.
    pub project: PathBuf,
    /// Process that simulates it.
    pub pid: u32,
    /// Its devices, by name.
    pub devices: Vec<AnnouncedDevice>,
}

/// Where a device stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnnouncedDevice {
    /// Device in the plan.
    pub device: Name,
    /// Address.
    pub ip: Ipv4Addr,
    /// TCP port of its object resolver.
    pub resolver_port: u16,
}

impl Announcement {
    /// The devices of a project that this process simulates.
    pub(super) fn new(project: PathBuf, devices: Vec<AnnouncedDevice>) -> Self {
        Self { format: FORMAT, project, pid: std::process::id(), devices }
    }

    /// Reads an announcement from a file that somebody names.
    ///
    /// # Errors
    /// The file cannot be read or holds something else.
    pub fn read(file: &Path) -> Result<Self, Failure> {
        let failed = |why: String| {
            let remedy = "give the file that `plantweave simulate --announce FILE` writes, or write one like it";
            Failure::new(format!("cannot read where devices stand from {}", file.display()), why, remedy)
        };
        let mut bytes = Vec::new();
        let opened = File::open(file).and_then(|opened| opened.take(MOST_BYTES).read_to_end(&mut bytes));
        opened.map_err(|error| failed(error.to_string()))?;
        let read: Self = serde_json::from_slice(&bytes).map_err(|error| failed(error.to_string()))?;
        if read.format != FORMAT {
            return Err(failed(format!("format {} is not {FORMAT}", read.format)));
        }
        Ok(read)
    }

    /// The announcement of the simulation of a project that runs now.
    ///
    /// # Errors
    /// None runs.
    pub fn of_running(project: &Path) -> Result<Self, Failure> {
        let none = |why: String| {
            let remedy = "start `plantweave simulate PROJECT` in another terminal, as the same user";
            Failure::new(format!("no simulation of {} is running", project.display()), why, remedy)
        };
        let place = Place::of(project).map_err(|error| none(error.to_string()))?;
        match place.is_held() {
            Ok(true) => Self::read(&place.file),
            Ok(false) if place.file.exists() => Err(none("one that ran ended without saying so".to_owned())),
            Ok(false) => Err(none("nothing announces itself for this project".to_owned())),
            Err(error) => Err(none(error.to_string())),
        }
    }
}

/// An announcement in force; taken back when dropped.
#[derive(Debug)]
pub struct Announced {
    file: PathBuf,
    /// Held as long as this lives.
    _lock: File,
    also: Option<PathBuf>,
}

impl Announced {
    /// Announces at the usual place, and in a file of the user's choice.
    ///
    /// # Errors
    /// The project is simulated already, or a file cannot be written.
    pub(super) fn publish(announcement: &Announcement, also: Option<&Path>) -> Result<Self, Failure> {
        let project = &announcement.project;
        let what = || format!("cannot announce the simulation of {}", project.display());
        let remedy = "check that the folder can be written";
        let place = Place::of(project).map_err(|error| Failure::new(what(), error, remedy))?;
        let lock = place.lock().map_err(|error| {
            if error.kind() == io::ErrorKind::WouldBlock {
                let by =
                    Announcement::read(&place.file).map_or(String::new(), |other| format!(" by process {}", other.pid));
                let why = format!("it is simulated already{by}");
                Failure::new(what(), why, "use that simulation, or end it first")
            } else {
                Failure::new(what(), format!("{}: {error}", place.lock.display()), remedy)
            }
        })?;
        let text = serde_json::to_string_pretty(announcement)
            .map_err(|error| Failure::new(what(), error.to_string(), remedy))?;
        // From here on both files go when this does.
        let announced = Self { file: place.file, _lock: lock, also: also.map(Path::to_owned) };
        for file in std::iter::once(&announced.file).chain(&announced.also) {
            replace_file(file, text.as_bytes())
                .map_err(|error| Failure::new(what(), format!("{}: {error}", file.display()), remedy))?;
        }
        Ok(announced)
    }

    /// The file that says where the devices stand.
    pub fn file(&self) -> &Path {
        self.also.as_deref().unwrap_or(&self.file)
    }
}

impl Drop for Announced {
    fn drop(&mut self) {
        // One that stays is known to be stale by its lock.
        for file in std::iter::once(&self.file).chain(&self.also) {
            let _ = fs::remove_file(file);
        }
    }
}

/// Where the announcement of a project lies.
struct Place {
    file: PathBuf,
    lock: PathBuf,
}

impl Place {
    fn of(project: &Path) -> io::Result<Self> {
        let project = fs::canonicalize(project)?;
        let folder = own_folder()?;
        let hash = Sha256::digest(project.as_os_str().as_encoded_bytes());
        let name: String = hash.iter().take(10).map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { file: folder.join(format!("{name}.json")), lock: folder.join(format!("{name}.lock")) })
    }

    fn lock(&self) -> io::Result<File> {
        let file = File::options().create(true).truncate(false).write(true).open(&self.lock)?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(io::ErrorKind::WouldBlock.into()),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    fn is_held(&self) -> io::Result<bool> {
        match self.lock() {
            Ok(_) => Ok(false),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(true),
            Err(error) => Err(error),
        }
    }
}

/// A folder that only this user writes to.
fn own_folder() -> io::Result<PathBuf> {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let folder = match runtime.filter(|folder| folder.is_absolute() && folder.is_dir()) {
        Some(runtime) => runtime.join("plantweave"),
        None => std::env::temp_dir().join(format!("plantweave-{}", user()?)),
    };
    create_private(&folder)?;
    Ok(folder)
}

/// Number of this user.
#[cfg(unix)]
fn user() -> io::Result<u32> {
    use std::os::unix::fs::MetadataExt as _;
    // A file of one's own tells without a call that needs `unsafe`.
    Ok(tempfile::tempfile()?.metadata()?.uid())
}

/// Name of this user.
#[cfg(not(unix))]
fn user() -> io::Result<String> {
    let user = std::env::var("USERNAME").unwrap_or_default();
    Ok(user.chars().filter(|c| c.is_alphanumeric()).collect())
}

#[cfg(unix)]
fn create_private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
    match fs::DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    // In a folder for everybody another user may have been here first, to send us elsewhere.
    let found = fs::symlink_metadata(folder)?;
    if found.is_dir() && found.uid() == user()? && found.mode() & 0o022 == 0 {
        return Ok(());
    }
    Err(io::Error::new(io::ErrorKind::PermissionDenied, format!("{} belongs to others too", folder.display())))
}

#[cfg(not(unix))]
fn create_private(folder: &Path) -> io::Result<()> {
    // The temporary folder is the user's own there.
    fs::create_dir_all(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn announcement(project: &Path) -> Announcement {
        let device = AnnouncedDevice { device: "P".into(), ip: [127, 0, 0, 2].into(), resolver_port: 135 };
        Announcement::new(fs::canonicalize(project).unwrap(), vec![device])
    }

    #[test]
    fn it_is_found_while_it_runs_and_gone_afterwards() {
        let project = tempfile::tempdir().unwrap();
        let chosen = project.path().join("devices.json");
        assert!(Announcement::of_running(project.path()).is_err());
        let announcement = announcement(project.path());
        let announced = Announced::publish(&announcement, Some(&chosen)).unwrap();
        assert_eq!(Announcement::of_running(project.path()).unwrap(), announcement);
        assert_eq!(Announcement::read(announced.file()).unwrap(), announcement);
        let again = Announced::publish(&announcement, None).unwrap_err();
        assert!(again.why.to_string().contains(&format!("by process {}", std::process::id())), "{again}");
        drop(announced);
        assert!(!chosen.exists());
        let failure = Announcement::of_running(project.path()).unwrap_err();
        assert_eq!(failure.why, "nothing announces itself for this project");
    }

    #[test]
    fn what_a_crash_left_over_does_not_count() {
        let project = tempfile::tempdir().unwrap();
        let place = Place::of(project.path()).unwrap();
        let text = serde_json::to_string(&announcement(project.path())).unwrap();
        fs::write(&place.file, text).unwrap();
        let failure = Announcement::of_running(project.path()).unwrap_err();
        assert_eq!(failure.why, "one that ran ended without saying so");
        // The next simulation takes its place.
        drop(Announced::publish(&announcement(project.path()), None).unwrap());
        assert!(!place.file.exists());
        let _ = fs::remove_file(place.lock);
    }

    #[test]
    fn other_files_are_refused_with_a_reason() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.json");
        for (text, why) in
            [("{", "EOF"), ("{\"format\":2,\"project\":\"/\",\"pid\":1,\"devices\":[]}", "format 2 is not 1")]
        {
            fs::write(&file, text).unwrap();
            assert!(Announcement::read(&file).unwrap_err().why.to_string().contains(why));
        }
    }
}
