//! One component description from disk, with every file it refers to.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::library::{Kind, Profiles, recognise};
use crate::model::{Component, ComponentSource, Phrase, Say};
use crate::pcd::{self, DialectError, Intake, MAPPING_FILE, PAYLOAD_BYTES, PcdError, Read, ReadOptions, Remark, Rule};
use crate::project::is_component_file;
use crate::say;

/// Bytes of all files beside one description together.
const BESIDE_BYTES: usize = 256 << 20;
/// Bytes of a mapping file.
const MAPPING_BYTES: usize = 1 << 20;
/// Bytes read from disk at once.
const PIECE_BYTES: usize = 64 << 10;

/// How a description is to be read.
#[derive(Debug, Clone, Default)]
pub(super) struct How {
    /// Text of a mapping file, which then becomes one of the component's files. Without one that beside the description
    /// counts ([`MAPPING_FILE`]).
    pub mapping: Option<Arc<str>>,
}

/// Why a file gives no component.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// The disk refused.
    #[error("{0}")]
    Disk(#[from] io::Error),
    /// A file of another kind.
    #[error("this is {0}")]
    OtherKind(Kind),
    /// XML, but no description that can be read.
    #[error("{0}")]
    Description(#[from] PcdError),
    /// The mapping file beside it cannot be used.
    #[error("{MAPPING_FILE}: {0}")]
    Mapping(#[from] DialectError),
}

impl Say for Fault {
    fn say(&self) -> Phrase {
        match self {
            Self::Disk(error) => error.say(),
            Self::OtherKind(kind) => say!("this is {kind}", kind = Phrase::plain(kind)),
            Self::Description(error) => Phrase::plain(error),
            Self::Mapping(error) => say!("{file}: {error}", file = MAPPING_FILE, error),
        }
    }
}

/// Reads the description in a file with all files it refers to; the component's source holds them. A file that cannot be had
/// is a remark, for the interface is good without.
///
/// # Errors
/// The file cannot be read or gives no component.
pub(super) fn read_description(path: &Path, how: &How, profiles: &Profiles) -> Result<Read, Fault> {
    let xml: Arc<[u8]> = read_bytes(path)?.into();
    let kind = recognise(&xml);
    if !kind.may_be_description() {
        return Err(Fault::OtherKind(kind));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = fs::canonicalize(folder)?;
    let mapping = match &how.mapping {
        Some(mapping) => Some(Arc::clone(mapping)),
        None => mapping_beside(&folder)?,
    };
    let options = match &mapping {
        Some(mapping) => ReadOptions::with_mapping(mapping)?,
        None => ReadOptions::default(),
    };
    let mut read = pcd::read(&xml, &options)?;
    let mut source = ComponentSource {
        file_name: path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        xml,
        ..ComponentSource::default()
    };
    if let Some(mapping) = mapping {
        source.files.insert(MAPPING_FILE.to_owned(), Arc::from(mapping.as_bytes()));
    }
    fetch(&folder, &mut read, &mut source);
    let profile = profiles.of(&read.component.device.identity).cloned();
    read.component = Component { source: Arc::new(source), profile, ..read.component };
    pcd::check_files(&mut read);
    Ok(read)
}

/// All bytes of a description; a hostile one is refused before much of it is held.
fn read_bytes(path: &Path) -> Result<Vec<u8>, Fault> {
    let mut file = open(path)?;
    let mut intake = Intake::new(pcd::Limits::default());
    let mut piece = vec![0; PIECE_BYTES];
    let mut first = true;
    loop {
        let count = match file.read(&mut piece) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error.into()),
        };
        let bytes = piece.get(..count).unwrap_or_default();
        if count == 0 {
            return Ok(intake.finish());
        }
        // What is no XML at all need not be read to its end.
        if first && !recognise(bytes).may_be_description() {
            return Err(Fault::OtherKind(recognise(bytes)));
        }
        first = false;
        intake.push(bytes)?;
    }
}

/// Opens a regular file: pipes and devices would wait or never end.
fn open(path: &Path) -> io::Result<fs::File> {
    if fs::metadata(path)?.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "this is a folder"));
    }
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "this is no regular file"));
    }
    fs::File::open(path)
}

fn mapping_beside(folder: &Path) -> Result<Option<Arc<str>>, Fault> {
    let path = folder.join(MAPPING_FILE);
    match read_bounded(&path, MAPPING_BYTES) {
        Ok(bytes) => mapping_text(bytes).map(Some).map_err(Fault::Disk),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Fault::Disk(io::Error::new(error.kind(), format!("{MAPPING_FILE}: {error}")))),
    }
}

/// The text of a mapping file on disk.
///
/// # Errors
/// It cannot be read, is too large, or is no text.
pub(super) fn read_mapping(path: &Path) -> io::Result<Arc<str>> {
    mapping_text(read_bounded(path, MAPPING_BYTES)?)
}

fn mapping_text(bytes: Vec<u8>) -> io::Result<Arc<str>> {
    let text = String::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    Ok(text.into())
}

/// All bytes of a file that has at most `most`.
pub(super) fn read_bounded(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(most as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > most {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("it has more than {most} bytes")));
    }
    Ok(bytes)
}

/// Fetches what a description refers to; what cannot be had becomes a remark.
fn fetch(folder: &Path, read: &mut Read, source: &mut ComponentSource) {
    let mut left = BESIDE_BYTES;
    let mut told = std::collections::HashSet::new();
    for reference in &read.references {
        let file = &reference.file;
        if source.files.contains_key(file) || !told.insert(file.clone()) {
            continue;
        }
        let (rule, message) = match fetch_one(folder, file, left.min(PAYLOAD_BYTES)) {
            Ok(bytes) => {
                left -= bytes.len().min(left);
                source.files.insert(file.clone(), bytes.into());
                continue;
            }
            Err(Missing::Outside(place)) => {
                (Rule::EscapingPath, format!("`{file}` leads to {}, outside the folder", place.display()))
            }
            Err(Missing::Name) => {
                (Rule::MissingFile, format!("`{file}` is left out: a component's files cannot have this name"))
            }
            Err(Missing::Disk(error)) if error.kind() == io::ErrorKind::NotFound => {
                (Rule::MissingFile, format!("`{file}` does not exist"))
            }
            Err(Missing::Disk(error)) => (Rule::MissingFile, format!("`{file}` cannot be read: {error}")),
        };
        read.remarks.push(Remark { rule, place: reference.place.clone(), message, count: 1 });
    }
    read.remarks.sort_by_key(|remark| remark.place.position);
}

/// Why a file beside a description is not taken.
enum Missing {
    Disk(io::Error),
    /// A symbolic link leads out of the folder.
    Outside(PathBuf),
    /// A name of ours, or one that no project can hold.
    Name,
}

fn fetch_one(folder: &Path, file: &str, most: usize) -> Result<Vec<u8>, Missing> {
    if !is_component_file(file) || file == MAPPING_FILE {
        return Err(Missing::Name);
    }
    let place = fs::canonicalize(folder.join(file)).map_err(Missing::Disk)?;
    if !place.starts_with(folder) {
        return Err(Missing::Outside(place));
    }
    read_bounded(&place, most).map_err(Missing::Disk)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::read_profile;

    const HEAD: &str = "<ComponentDescription xmlns='urn:x-cba:pcd:2' schemaVersion='2.0'>\
        <ComponentInfo id='5b1c2f1e-0d1a-4c55-9e0e-6a2f9c6f0a01' version='1.0'><Name>N</Name><Vendor>V</Vendor>";
    const TAIL: &str = "</ComponentInfo><PhysicalDevice class='plc'><Identity producer='V' product='P'/></PhysicalDevice>\
        <LogicalDevice name='L'/></ComponentDescription>";

    fn described(folder: &Path, inner: &str) -> Result<Read, Fault> {
        let path = folder.join("x.xml");
        fs::write(&path, format!("{HEAD}{inner}{TAIL}")).unwrap();
        read_description(&path, &How::default(), &Profiles::default())
    }

    fn told(read: &Read) -> Vec<String> {
        read.remarks.iter().map(|remark| format!("{} {}", remark.rule.code(), remark.message)).collect()
    }

    #[test]
    fn files_come_with_their_description() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("docs")).unwrap();
        fs::write(folder.path().join("docs/m.html"), "manual").unwrap();
        fs::write(folder.path().join("i.svg"), "<svg/>").unwrap();
        let inner = "<Icon href='i.svg'/><Icon kind='large' href='i.svg'/><Link href='docs/m.html#two'>M</Link>\
            <Link kind='web' href='https://v.invalid/'>W</Link>";
        let read = described(folder.path(), inner).unwrap();
        assert_eq!(told(&read), [""; 0]);
        let source = &read.component.source;
        assert_eq!(source.files.keys().collect::<Vec<_>>(), ["docs/m.html", "i.svg"]);
        assert_eq!((&*source.file_name, &*source.files["docs/m.html"]), ("x.xml", &b"manual"[..]));
    }

    #[test]
    fn what_cannot_be_had_is_told_and_the_component_stays() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("d")).unwrap();
        let inner = "<Icon href='none.svg'/><Icon href='d'/><Icon href='../x'/><Icon href='http://x/y'/>\
            <Link href='component.toml'>c</Link>";
        let read = described(folder.path(), inner).unwrap();
        assert_eq!(
            told(&read),
            [
                "PCD-F01 `none.svg` does not exist",
                "PCD-F01 `d` cannot be read: this is a folder",
                "PCD-V08 `../x` is left out",
                "PCD-V08 `http://x/y` is left out",
                "PCD-F01 `component.toml` is left out: a component's files cannot have this name",
            ]
        );
        assert!(read.remarks.iter().all(|remark| remark.place.position.is_some()));
        assert!(read.component.source.files.is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn symbolic_links_do_not_lead_outside() {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("secret"), "secret").unwrap();
        let folder = tempfile::tempdir().unwrap();
        let link = |from: &Path, to: &str| std::os::unix::fs::symlink(from, folder.path().join(to)).unwrap();
        link(&outside.path().join("secret"), "i.svg");
        link(outside.path(), "docs");
        fs::write(folder.path().join("real.svg"), "<svg/>").unwrap();
        link(&folder.path().join("real.svg"), "inside.svg");
        link(Path::new("/dev/zero"), "zero");
        let inner = "<Icon href='i.svg'/><Icon href='docs/secret'/><Icon href='inside.svg'/><Icon href='zero'/>";
        let read = described(folder.path(), inner).unwrap();
        assert_eq!(read.component.source.files.keys().collect::<Vec<_>>(), ["inside.svg"]);
        assert!(told(&read).iter().all(|told| told.starts_with("PCD-V08") && told.ends_with("outside the folder")));
        assert_eq!(told(&read).len(), 3);
    }

    #[test]
    fn an_endless_attribute_is_refused_before_it_is_held() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.xml");
        let file = fs::File::create(&path).unwrap();
        io::Write::write_all(&mut &file, b"<ComponentDescription a='").unwrap();
        // A hole of 1 GiB costs no disk.
        file.set_len(1 << 30).unwrap();
        let fault = read_description(&path, &How::default(), &Profiles::default()).unwrap_err();
        assert!(fault.to_string().contains("too many bytes, and at most 1048576 are read"), "{fault}");
    }

    #[test]
    fn other_files_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.xml");
        for (bytes, expected) in [
            (&b"<ISO15745Profile/>"[..], "this is a GSDML file, the device description of PROFINET IO"),
            (b"DATA_BLOCK DB1", "this is the source of a STEP 7 data block"),
            (b"", "this is an empty file"),
            (b"<Unknown/>", "1:1: Unknown: the root element `Unknown` is not that of a component description"),
        ] {
            fs::write(&path, bytes).unwrap();
            let fault = read_description(&path, &How::default(), &Profiles::default()).unwrap_err();
            assert_eq!(fault.to_string(), expected);
        }
        let fault = read_description(folder.path(), &How::default(), &Profiles::default()).unwrap_err();
        assert_eq!(fault.to_string(), "this is a folder");
    }

    #[test]
    fn a_mapping_beside_the_description_is_used_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.xml");
        let text = format!("{HEAD}{TAIL}").replace("ComponentDescription", "Module");
        fs::write(&path, text).unwrap();
        fs::write(folder.path().join(MAPPING_FILE), "[paths]\n\"/Module\" = \"ComponentDescription\"\n").unwrap();
        let read = read_description(&path, &How::default(), &Profiles::default()).unwrap();
        assert!(read.component.source.files.contains_key(MAPPING_FILE));
        let again = pcd::read_source(&read.component.source).unwrap();
        assert_eq!(again.component, read.component);
        fs::write(folder.path().join(MAPPING_FILE), "[pahts]").unwrap();
        let fault = read_description(&path, &How::default(), &Profiles::default()).unwrap_err();
        assert!(fault.to_string().starts_with("plantweave-mapping.toml: "), "{fault}");
    }

    #[test]
    fn the_profile_of_the_device_comes_along() {
        let folder = tempfile::tempdir().unwrap();
        described(folder.path(), "").unwrap();
        let mut profiles = Profiles::default();
        profiles.insert(read_profile("[match]\nproducer = 'V'\nproduct = 'P'\n").unwrap());
        let read = read_description(&folder.path().join("x.xml"), &How::default(), &profiles).unwrap();
        assert!(read.component.profile.is_some());
    }
}
