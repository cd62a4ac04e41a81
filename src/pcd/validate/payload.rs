//! Payloads: bytes that are what the description declares (9), unpacked under limits.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Read as _;

use sha2::{Digest as _, Sha256};

use super::super::error::PAYLOAD_BYTES;
use super::super::read::{Reference, ReferenceKind};
use super::super::remark::{Remark, Rule};
use crate::model::{Component, Content, Payload};

/// The bytes of a payload as they are to be loaded: out of the description or the file beside it, unpacked, and proven to be what is
/// declared.
///
/// # Errors
/// The file is not there, cannot be unpacked, or differs from what is declared; a text that goes on from "the payload X".
pub fn payload_bytes<'a>(component: &'a Component, payload: &'a Payload) -> Result<Cow<'a, [u8]>, String> {
    let bytes = match &payload.content {
        Content::Inline(bytes) => bytes,
        Content::Href(file) => {
            component.source.files.get(file).ok_or_else(|| format!("has no file: `{file}` is missing"))?
        }
    };
    self::payload(payload, bytes)
}

/// Unpacks the bytes of a payload and holds them against what is declared. No more is unpacked than that.
///
/// # Errors
/// How they differ; a text that goes on from "the payload X".
pub(in super::super) fn payload<'a>(payload: &Payload, packed: &'a [u8]) -> Result<Cow<'a, [u8]>, String> {
    unpack(payload, packed, PAYLOAD_BYTES)
}

/// Bytes that are looked at of all payloads of a description together, as they are unpacked: a short file can hold many that
/// unpack to much, or name one many times.
const ALL_BYTES: usize = 4 * PAYLOAD_BYTES;

/// What is left of [`ALL_BYTES`].
#[derive(Debug)]
pub(in super::super) struct Effort {
    left: usize,
}

impl Default for Effort {
    fn default() -> Self {
        Self { left: ALL_BYTES }
    }
}

impl Effort {
    /// Looks at one more payload.
    ///
    /// # Errors
    /// As [`payload`], and when there have been too many.
    pub(in super::super) fn check(&mut self, payload: &Payload, packed: &[u8]) -> Result<(), String> {
        if self.left == 0 {
            return Err(format!("is not looked into: there are more than {ALL_BYTES} bytes before it"));
        }
        let result = self::payload(payload, packed).map(|bytes| bytes.len());
        // What goes wrong goes wrong at the latest there.
        let size = payload.size.and_then(|size| usize::try_from(size).ok()).unwrap_or(PAYLOAD_BYTES).min(PAYLOAD_BYTES);
        let failed = if payload.gzip { size } else { packed.len() };
        self.left = self.left.saturating_sub(*result.as_ref().unwrap_or(&failed));
        result.map(drop)
    }
}

fn unpack<'a>(payload: &Payload, packed: &'a [u8], cap: usize) -> Result<Cow<'a, [u8]>, String> {
    let most = payload.size.map_or(cap, |size| usize::try_from(size).unwrap_or(usize::MAX));
    if most > cap {
        return Err(format!("is declared with {most} bytes, and at most {cap} are taken"));
    }
    let bytes: Cow<'a, [u8]> = if payload.gzip {
        let mut bytes = Vec::new();
        // One byte more than declared shows that there are more.
        let unpacker = flate2::read::MultiGzDecoder::new(packed);
        unpacker
            .take(most as u64 + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| format!("cannot be unpacked: {error}"))?;
        bytes.into()
    } else {
        packed.into()
    };
    match payload.size {
        Some(size) if bytes.len() > most => return Err(format!("has more than the {size} bytes declared")),
        Some(size) if bytes.len() < most => return Err(format!("has {} bytes, {size} are declared", bytes.len())),
        None if bytes.len() > most => return Err(format!("has more than {most} bytes, and at most these are taken")),
        _ => {}
    }
    if !payload.sha256.is_empty() {
        let found: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        if found != payload.sha256 {
            return Err(format!("has the SHA-256 {found:.12}…, declared is {:.12}…", payload.sha256));
        }
    }
    Ok(bytes)
}

/// Checks payloads in files beside the description. Those that are not there are not complained of twice.
pub(in super::super) fn files(component: &Component, references: &[Reference]) -> Vec<Remark> {
    let mut places = HashMap::new();
    for reference in references.iter().filter(|reference| reference.kind == ReferenceKind::Payload) {
        places.entry(reference.file.as_str()).or_insert(&reference.place);
    }
    let mut remarks = Vec::new();
    let mut effort = Effort::default();
    for payload in &component.payloads {
        let Content::Href(file) = &payload.content else { continue };
        let Some(bytes) = component.source.files.get(file) else { continue };
        if let Err(fault) = effort.check(payload, bytes) {
            let place = places.get(file.as_str()).map(|place| (*place).clone()).unwrap_or_default();
            let message = format!("the payload `{}` {fault}", payload.id);
            remarks.push(Remark { rule: Rule::BadPayload, place, message, count: 1 });
        }
    }
    remarks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_unpacked_than_the_cap() {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        std::io::Write::write_all(&mut packer, &[0; 100_000]).unwrap();
        let bomb = packer.finish().unwrap();
        assert!(bomb.len() < 1000);
        let payload = Payload {
            id: "p".into(),
            kind: "other".into(),
            target: "".into(),
            loader: "".into(),
            mime: "".into(),
            size: None,
            gzip: true,
            sha256: "".into(),
            content: Content::Inline(bomb.clone().into()),
        };
        let unpacked = |cap: usize| unpack(&payload, &bomb, cap).map(|bytes| bytes.len());
        assert_eq!(unpacked(99_999), Err("has more than 99999 bytes, and at most these are taken".to_owned()));
        assert_eq!(unpacked(100_000), Ok(100_000));
        // Many of them are looked at until they are too many.
        let mut effort = Effort { left: 250_000 };
        let mut checks = (0..4).map(|_| effort.check(&payload, &bomb));
        assert!(checks.by_ref().take(3).all(|check| check == Ok(())));
        assert!(checks.next().unwrap().unwrap_err().starts_with("is not looked into"));
    }
}
