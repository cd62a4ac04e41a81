//! `NAME.plantz`: the files of a project as one zip.
//!
//! The same files give the same bytes: sorted, one fixed time, one level of compression. On reading nothing is believed: paths
//! must be those of a project, and counts and sizes are those of [`limits`](super::limits) however little the zip says they are.

use std::collections::BTreeSet;
use std::io::{Cursor, Read as _, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use super::{Files, limits, paths};
use crate::model::{Phrase, Say};

/// Why an archive cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArchiveError {
    /// Not a zip, or a damaged one.
    Zip(String),
    /// An entry that cannot be unpacked.
    Entry {
        /// Its name.
        name: String,
        /// What is wrong with it.
        fault: String,
    },
    /// An entry that no project has, such as one that leads outside.
    Foreign(String),
    /// An entry that is a link, a device or the like.
    Odd(String),
    /// Two entries of one name.
    Twice(String),
    /// More than a project can hold.
    TooMuch {
        /// Of what.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
}

impl Say for ArchiveError {
    fn say(&self) -> Phrase {
        match self {
            Self::Zip(it) => crate::say!("this is not a readable archive: {it}", it),
            Self::Entry { name, fault } => crate::say!("entry `{name}` cannot be read: {fault}", name, fault),
            Self::Foreign(it) => crate::say!("entry `{it}` does not belong to a project", it),
            Self::Odd(it) => crate::say!("entry `{it}` is no regular file", it),
            Self::Twice(it) => crate::say!("entry `{it}` stands in the archive twice", it),
            Self::TooMuch { what, limit } => {
                crate::say!("the archive holds more than a project can: {what} exceed {limit}", what, limit)
            }
        }
    }
}

crate::error_in_words!(ArchiveError);

/// Packs the files of a project.
///
/// # Errors
/// Only for more than a zip can hold, which no project reaches.
pub fn pack(files: &Files) -> Result<Vec<u8>, ArchiveError> {
    let failed = |error: &dyn std::fmt::Display| ArchiveError::Zip(error.to_string());
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(6))
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    for (path, bytes) in files {
        zip.start_file(path.as_str(), options).map_err(|error| failed(&error))?;
        zip.write_all(bytes).map_err(|error| failed(&error))?;
    }
    zip.finish().map(Cursor::into_inner).map_err(|error| failed(&error))
}

/// Unpacks an archive; its files are then read as those of a folder.
///
/// # Errors
/// The first entry that cannot be part of a project.
pub fn unpack(bytes: &[u8]) -> Result<Files, ArchiveError> {
    unpack_within(bytes, limits::FILES, limits::COMPONENT_FILE_BYTES, limits::TOTAL_BYTES)
}

fn unpack_within(
    bytes: &[u8],
    most_files: usize,
    file_bytes: usize,
    total_bytes: usize,
) -> Result<Files, ArchiveError> {
    let failed = |error: &dyn std::fmt::Display| ArchiveError::Zip(error.to_string());
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|error| failed(&error))?;
    if zip.len() > most_files {
        return Err(ArchiveError::TooMuch { what: "files", limit: most_files });
    }
    if let Some(name) = twice(bytes, zip.central_directory_start()) {
        return Err(ArchiveError::Twice(shorten(&String::from_utf8_lossy(name))));
    }
    let mut files = Files::new();
    let mut left = total_bytes;
    for index in 0..zip.len() {
        let name = zip.name_for_index(index).and_then(Result::ok).map(|name| shorten(&name)).unwrap_or_default();
        let unreadable =
            |error: &dyn std::fmt::Display| ArchiveError::Entry { name: name.clone(), fault: error.to_string() };
        let entry = zip.by_index(index).map_err(|error| unreadable(&error))?;
        if entry.is_dir() {
            continue;
        }
        let path = entry.name().map_err(|error| failed(&error))?.into_owned();
        let plain = |part: &str| {
            !matches!(part, "" | "." | "..") && !part.contains(['\\', ':']) && !part.contains(char::is_control)
        };
        if !paths::is_own(&path) || !path.split('/').all(plain) {
            return Err(ArchiveError::Foreign(shorten(&path)));
        }
        if !is_regular(entry.unix_mode()) {
            return Err(ArchiveError::Odd(shorten(&path)));
        }
        let most = left.min(file_bytes);
        let mut content = Vec::new();
        // One byte more than allowed shows that there is more; what the entry claims about its size is not looked at.
        entry.take(most as u64 + 1).read_to_end(&mut content).map_err(|error| unreadable(&error))?;
        left = match left.checked_sub(content.len()) {
            Some(left) if content.len() <= most => left,
            _ => return Err(ArchiveError::TooMuch { what: "bytes", limit: most }),
        };
        if files.insert(path.clone(), content.into()).is_some() {
            return Err(ArchiveError::Twice(shorten(&path)));
        }
    }
    Ok(files)
}

/// The first name that stands in the central directory twice. The zip crate takes the later entry and says nothing.
fn twice(bytes: &[u8], start: u64) -> Option<&[u8]> {
    const SIGNATURE: &[u8] = b"PK\x01\x02";
    const HEAD_LEN: usize = 46;
    let mut names = BTreeSet::new();
    let mut rest = bytes.get(usize::try_from(start).ok()?..)?;
    while rest.starts_with(SIGNATURE) {
        let length = |at: usize| Some(usize::from(u16::from_le_bytes([*rest.get(at)?, *rest.get(at + 1)?])));
        // Name, extra field, comment.
        let [name, extra, comment] = [length(28)?, length(30)?, length(32)?];
        let name = rest.get(HEAD_LEN..HEAD_LEN + name)?;
        if !names.insert(name) {
            return Some(name);
        }
        rest = rest.get(HEAD_LEN + name.len() + extra + comment..)?;
    }
    None
}

/// Whether an entry is a file or says nothing about it.
fn is_regular(mode: Option<u32>) -> bool {
    const FORMAT: u32 = 0o170_000;
    const REGULAR: u32 = 0o100_000;
    matches!(mode.map(|mode| mode & FORMAT), None | Some(0 | REGULAR))
}

/// The beginning of a name, safe to print.
fn shorten(name: &str) -> String {
    name.chars().take(100).map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture;

    fn zip_of(entries: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (path, bytes) in entries {
            zip.start_file(*path, SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn a_project_comes_back_and_its_bytes_are_always_the_same() {
        let files = super::super::write(&fixture::large(20, 60));
        let packed = pack(&files).unwrap();
        assert_eq!(unpack(&packed).unwrap(), files);
        assert_eq!(pack(&files).unwrap(), packed);
    }

    #[test]
    fn entries_that_no_project_has_are_refused() {
        for path in
            ["../plant.toml", "/plant.toml", "charts/../../x.toml", "C:\\plant.toml", "charts//x.toml", "run.sh"]
        {
            assert_eq!(unpack(&zip_of(&[(path, b"x")])), Err(ArchiveError::Foreign(path.into())), "{path}");
        }
        assert!(matches!(unpack(b"PK no zip"), Err(ArchiveError::Zip(_))));
    }

    #[test]
    fn a_bomb_stops_at_the_limit() {
        let big = vec![0; 100_000];
        let packed = zip_of(&[("components/A-1.0/a", &big), ("components/A-1.0/b", &big)]);
        assert!(packed.len() < 1000);
        let stopped = |files, file_bytes, total_bytes| match unpack_within(&packed, files, file_bytes, total_bytes) {
            Err(ArchiveError::TooMuch { what, limit }) => Some((what, limit)),
            _ => None,
        };
        assert_eq!(stopped(2, 100_000, 200_000), None);
        assert_eq!(stopped(1, 100_000, 200_000), Some(("files", 1)));
        assert_eq!(stopped(2, 99_999, 200_000), Some(("bytes", 99_999)));
        assert_eq!(stopped(2, 100_000, 199_999), Some(("bytes", 99_999)));
    }

    #[test]
    fn a_cut_or_changed_archive_never_panics() {
        let packed = pack(&super::super::write(&fixture::large(2, 1))).unwrap();
        for at in 0..packed.len() {
            assert!(unpack(&packed[..at]).is_err(), "cut at {at}");
            let mut changed = packed.clone();
            changed[at] ^= 0x5a;
            let _ = unpack(&changed);
        }
    }
}
