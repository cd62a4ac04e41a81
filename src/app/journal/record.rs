//! The form of a journal: a line that names the format, a record about the project, then a record a state.
//!
//! A record is its length (4 bytes), the first 8 bytes of its SHA-256, and its content; numbers are little-endian. The content is
//! a line of JSON; that of a state is followed by the files that changed: path length, content length or, for one that
//! is gone, all ones, path, content.

use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::project::{Files, STATE, is_own, limits};

/// The first line of a journal.
pub(super) const MAGIC: &[u8] = b"plantweave journal 1\n";
/// Longest content of a record: a whole project, and its paths.
const MOST_BYTES: usize = limits::TOTAL_BYTES + (64 << 20);
/// Length that says that a file is gone.
const GONE: u32 = u32::MAX;
const CHECKSUM: usize = 8;

/// What a journal is about.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Header {
    /// Where the project is saved.
    pub(super) project: Option<PathBuf>,
    /// [`fingerprint`] of the project as it is saved there.
    pub(super) saved: Option<String>,
}

/// What is said of a state beside its files.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Note {
    /// Name of the project.
    pub(super) name: String,
    /// States since the project was saved, this one included.
    pub(super) n_changes: u64,
    /// When it was noted, milliseconds since 1970.
    pub(super) at_ms: i64,
}

/// SHA-256 of what a project decides: of all files but the one about the state of devices, which a download writes.
pub(super) fn fingerprint(files: &Files) -> String {
    let mut hash = Sha256::new();
    for (path, bytes) in files.iter().filter(|(path, _)| *path != STATE) {
        for part in [path.as_bytes(), bytes] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn write_header(out: &mut impl Write, header: &Header) -> io::Result<u64> {
    out.write_all(MAGIC)?;
    let line = line(header)?;
    Ok(MAGIC.len() as u64 + write_record(out, &[&line])?)
}

/// Writes how `after` differs from `before`. Returns the bytes written.
pub(super) fn write_state(out: &mut impl Write, note: &Note, before: &Files, after: &Files) -> io::Result<u64> {
    let line = line(note)?;
    let put = after.iter().filter(|(path, bytes)| before.get(*path) != Some(*bytes));
    let put = put.map(|(path, bytes)| (path, Some(bytes)));
    let gone = before.keys().filter(|path| !after.contains_key(*path)).map(|path| (path, None));
    let mut heads = Vec::new();
    for (path, bytes) in put.chain(gone) {
        let length = |length: usize| u32::try_from(length).map_err(io::Error::other);
        let content = bytes.map_or(Ok(GONE), |bytes| length(bytes.len()))?;
        heads.push(([length(path.len())?.to_le_bytes(), content.to_le_bytes()].concat(), path, bytes));
    }
    let mut pieces: Vec<&[u8]> = vec![&line];
    for (head, path, bytes) in &heads {
        pieces.extend([&head[..], path.as_bytes()]);
        pieces.extend(bytes.map(|bytes| &bytes[..]));
    }
    write_record(out, &pieces)
}

fn line(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    Ok(line)
}

fn write_record(out: &mut impl Write, pieces: &[&[u8]]) -> io::Result<u64> {
    let length: usize = pieces.iter().map(|piece| piece.len()).sum();
    if length > MOST_BYTES {
        return Err(io::Error::other("the project is larger than a project may be"));
    }
    let mut hash = Sha256::new();
    pieces.iter().for_each(|piece| hash.update(piece));
    out.write_all(&u32::try_from(length).map_err(io::Error::other)?.to_le_bytes())?;
    out.write_all(&hash.finalize()[..CHECKSUM])?;
    for piece in pieces {
        out.write_all(piece)?;
    }
    Ok((4 + CHECKSUM + length) as u64)
}

/// A journal as far as it is whole.
pub(super) struct ReadJournal {
    pub(super) header: Header,
    /// The last state that is whole.
    pub(super) note: Note,
    /// Its files.
    pub(super) files: Files,
    /// Bytes up to the end of that state; what follows is torn.
    pub(super) length: u64,
}

/// Reads a journal up to its last whole state; `None` when there is none, or it is no journal.
///
/// # Errors
/// The file cannot be read.
pub(super) fn read(input: &mut impl Read) -> io::Result<Option<ReadJournal>> {
    let mut magic = Vec::new();
    input.by_ref().take(MAGIC.len() as u64).read_to_end(&mut magic)?;
    if magic != MAGIC {
        return Ok(None);
    }
    let Some(content) = read_record(input)? else { return Ok(None) };
    let Ok(header) = serde_json::from_slice::<Header>(&content) else { return Ok(None) };
    let mut length = (MAGIC.len() + 4 + CHECKSUM + content.len()) as u64;
    let mut files = Files::new();
    let mut last = None;
    while let Some(content) = read_record(input)? {
        let Some(note) = apply_state(&content, &mut files) else { break };
        length += (4 + CHECKSUM + content.len()) as u64;
        last = Some(note);
    }
    Ok(last.map(|note| ReadJournal { header, note, files, length }))
}

/// The content of the next record; `None` at the end, or where the rest is torn or damaged.
fn read_record(input: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut head = Vec::new();
    input.by_ref().take((4 + CHECKSUM) as u64).read_to_end(&mut head)?;
    let Some((length, checksum)) = head.split_first_chunk::<4>().filter(|(_, checksum)| checksum.len() == CHECKSUM)
    else {
        return Ok(None);
    };
    let length = u32::from_le_bytes(*length);
    if length as usize > MOST_BYTES {
        return Ok(None);
    }
    // What the length claims is not made room for before it is there.
    let mut content = Vec::new();
    input.by_ref().take(length.into()).read_to_end(&mut content)?;
    let is_whole = content.len() == length as usize && Sha256::digest(&content)[..CHECKSUM] == *checksum;
    Ok(is_whole.then_some(content))
}

/// Lays a state over the one before; `None`, with nothing changed, when it is not in order.
fn apply_state(content: &[u8], files: &mut Files) -> Option<Note> {
    let at = content.iter().position(|byte| *byte == b'\n')?;
    let (line, mut rest) = content.split_at(at + 1);
    let note = serde_json::from_slice(line).ok()?;
    let mut changed = Vec::new();
    while !rest.is_empty() {
        let (path_length, after) = rest.split_first_chunk::<4>()?;
        let (content_length, after) = after.split_first_chunk::<4>()?;
        let (path, after) = after.split_at_checked(u32::from_le_bytes(*path_length) as usize)?;
        let path = std::str::from_utf8(path).ok().filter(|path| is_own(path))?.to_owned();
        rest = match u32::from_le_bytes(*content_length) {
            GONE => {
                changed.push((path, None));
                after
            }
            length => {
                let (bytes, after) = after.split_at_checked(length as usize)?;
                changed.push((path, Some(Arc::from(bytes))));
                after
            }
        };
    }
    for (path, bytes) in changed {
        match bytes {
            Some(bytes) => _ = files.insert(path, bytes),
            None => _ = files.remove(&path),
        }
    }
    Some(note)
}
