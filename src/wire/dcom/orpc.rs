//! ORPCTHIS and ORPCTHAT: what precedes the arguments of every method call on an object, and its
//! results (protocol notes 3.1).
//!
//! ```text
//! ORPCTHIS  0 u16 major, u16 minor | 4 u32 flags | 8 u32 0 | 12 causality id | 28 ptr extensions
//! ORPCTHAT  0 u32 flags | 4 ptr extensions
//! extensions, if the pointer is set:
//!   u32 count | u32 0 | ptr; if set: u32 n (count rounded up to even), n × ptr,
//!   for each set ptr: u32 max_count, 16 GUID, u32 size, max_count bytes
//! ```
//!
//! Extensions are skipped on receipt and never sent.

use std::fmt;

use crate::wire::ndr::{NdrReader, NdrWriter};
use crate::wire::{Guid, WireError};

/// Version of the DCOM protocol a side speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ComVersion {
    /// 5.
    pub major: u16,
    /// 1 to 7.
    pub minor: u16,
}

impl ComVersion {
    pub(crate) fn read(r: &mut NdrReader<'_>) -> Result<Self, WireError> {
        Ok(Self { major: r.u16("COM version")?, minor: r.u16("COM version")? })
    }

    pub(crate) fn write(self, w: &mut NdrWriter) {
        w.u16(self.major);
        w.u16(self.minor);
    }
}

impl fmt::Display for ComVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// First element of every request stub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrpcThis {
    /// What the caller speaks.
    pub version: ComVersion,
    /// 0; 1 = local call.
    pub flags: u32,
    /// Names the outermost call of a chain of nested calls.
    pub causality_id: Guid,
}

impl OrpcThis {
    /// Reads it, extensions included, and leaves the reader at the arguments.
    ///
    /// # Errors
    /// Truncated, or extensions that do not fit the stub. Versions are not judged.
    pub fn read(r: &mut NdrReader<'_>) -> Result<Self, WireError> {
        let version = ComVersion::read(r)?;
        let flags = r.u32("ORPCTHIS flags")?;
        r.u32("ORPCTHIS reserved")?;
        let causality_id = r.guid("causality id")?;
        skip_extensions(r)?;
        Ok(Self { version, flags, causality_id })
    }

    /// Writes it without extensions.
    pub fn write(&self, w: &mut NdrWriter) {
        self.version.write(w);
        w.u32(self.flags);
        w.u32(0);
        w.guid(self.causality_id);
        w.null();
    }
}

/// First element of every response stub.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OrpcThat {
    /// 0.
    pub flags: u32,
}

impl OrpcThat {
    /// Reads it, extensions included, and leaves the reader at the results.
    ///
    /// # Errors
    /// Truncated, or extensions that do not fit the stub.
    pub fn read(r: &mut NdrReader<'_>) -> Result<Self, WireError> {
        let flags = r.u32("ORPCTHAT flags")?;
        skip_extensions(r)?;
        Ok(Self { flags })
    }

    /// Writes it without extensions.
    pub fn write(&self, w: &mut NdrWriter) {
        w.u32(self.flags);
        w.null();
    }
}

fn skip_extensions(r: &mut NdrReader<'_>) -> Result<(), WireError> {
    const WHAT: &str = "ORPC extensions";
    if !r.pointer(WHAT)? {
        return Ok(());
    }
    r.u32(WHAT)?;
    r.u32(WHAT)?;
    if !r.pointer(WHAT)? {
        return Ok(());
    }
    let n = r.max_count(4, WHAT)?;
    let mut n_set = 0_usize;
    for _ in 0..n {
        n_set += usize::from(r.pointer(WHAT)?);
    }
    for _ in 0..n_set {
        let length = r.max_count(1, WHAT)?;
        r.guid(WHAT)?;
        r.u32(WHAT)?;
        r.take(length, WHAT)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::ndr::ByteOrder;

    /// ORPCTHIS with one extension of 8 bytes, then the argument 7.
    fn with_extension() -> Vec<u8> {
        let mut w = NdrWriter::new();
        OrpcThis { version: ComVersion { major: 5, minor: 1 }, flags: 0, causality_id: Guid::from_u128(3) }
            .write(&mut w);
        let mut bytes = w.into_bytes();
        bytes.truncate(28);
        let mut w = NdrWriter::new();
        w.referent();
        w.u32(1); // count
        w.u32(0);
        w.referent();
        w.u32(2); // n, even
        w.referent();
        w.null();
        w.u32(8); // max_count
        w.guid(Guid::from_u128(9));
        w.u32(5);
        w.bytes(b"12345\0\0\0");
        w.u32(7);
        bytes.extend(w.into_bytes());
        bytes
    }

    #[test]
    fn extensions_are_skipped() {
        let bytes = with_extension();
        let mut r = NdrReader::new(&bytes, ByteOrder::Little);
        let this = OrpcThis::read(&mut r).unwrap();
        assert_eq!(this.version.to_string(), "5.1");
        assert_eq!(this.causality_id, Guid::from_u128(3));
        assert_eq!(r.u32("argument"), Ok(7));
        assert_eq!(r.remaining(), 0);
    }

    #[test]
    fn truncated_at_every_byte() {
        let bytes = with_extension();
        for n in 0..bytes.len() - 4 {
            let mut r = NdrReader::new(&bytes[..n], ByteOrder::Little);
            assert!(OrpcThis::read(&mut r).is_err(), "{n}");
        }
    }

    #[test]
    fn that_is_eight_zero_bytes() {
        let mut w = NdrWriter::new();
        OrpcThat::default().write(&mut w);
        assert_eq!(w.as_bytes(), [0; 8]);
        let mut r = NdrReader::new(w.as_bytes(), ByteOrder::Big);
        assert_eq!(OrpcThat::read(&mut r), Ok(OrpcThat::default()));
    }

    proptest! {
        #[test]
        fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..120), big: bool) {
            let order = if big { ByteOrder::Big } else { ByteOrder::Little };
            let _ = OrpcThis::read(&mut NdrReader::new(&bytes, order));
            let _ = OrpcThat::read(&mut NdrReader::new(&bytes, order));
        }
    }
}
