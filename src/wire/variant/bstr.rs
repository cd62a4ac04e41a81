//! BSTR as user-marshalled by OLE Automation (MS-OAUT 2.2.23): a pointer and a flagged word blob.
//!
//! ```text
//! u32 referent ("User"), 0 = NULL
//! u32 max_count = n, u32 cBytes = 2n (ffffffff = NULL string), u32 clSize = n, n x u16 without NUL
//! ```
//!
//! A NULL string and a NULL pointer both read as the empty string.

use crate::wire::WireError;
use crate::wire::ndr::{NdrReader, NdrWriter};

/// `cBytes` of a NULL string.
const NULL_BYTES: u32 = u32::MAX;

/// Reads pointer and body.
///
/// # Errors
/// Truncated bytes, lengths that disagree, more than 32767 characters.
pub fn read(r: &mut NdrReader<'_>, what: &'static str) -> Result<String, WireError> {
    if r.pointer(what)? { read_body(r, what) } else { Ok(String::new()) }
}

/// Reads the body a BSTR pointer points to.
///
/// # Errors
/// As [`read`].
pub fn read_body(r: &mut NdrReader<'_>, what: &'static str) -> Result<String, WireError> {
    r.align(4, what)?;
    let at = r.position();
    let malformed = |why| WireError::Malformed { at, what, why };
    let max_count = r.u32(what)?;
    let bytes = r.u32(what)?;
    let units = r.u32(what)?;
    if units != max_count {
        return Err(malformed("the two lengths of a BSTR differ"));
    }
    if bytes == NULL_BYTES {
        return if units == 0 { Ok(String::new()) } else { Err(malformed("a NULL BSTR has characters")) };
    }
    // An odd byte count (a BSTR used as a byte string) still occupies whole units.
    if bytes.div_ceil(2) != units {
        return Err(malformed("the byte count of a BSTR disagrees with its length"));
    }
    r.utf16(units, what)
}

/// Writes pointer and body.
pub fn write(w: &mut NdrWriter, text: &str) {
    w.user_pointer(true);
    write_body(w, text);
}

/// Writes the body.
pub fn write_body(w: &mut NdrWriter, text: &str) {
    let units = text.encode_utf16().count();
    w.count(units);
    w.count(units.saturating_mul(2));
    w.count(units);
    for unit in text.encode_utf16() {
        w.u16(unit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::ndr::ByteOrder;

    /// `Pump` as printed in the protocol notes.
    const PUMP: [u8; 24] = [
        0x55, 0x73, 0x65, 0x72, 4, 0, 0, 0, 8, 0, 0, 0, 4, 0, 0, 0, // User, max_count, cBytes, clSize
        0x50, 0, 0x75, 0, 0x6d, 0, 0x70, 0,
    ];

    fn read_all(bytes: &[u8]) -> Result<String, WireError> {
        read(&mut NdrReader::new(bytes, ByteOrder::Little), "name")
    }

    #[test]
    fn example_both_ways() {
        let mut w = NdrWriter::new();
        write(&mut w, "Pump");
        assert_eq!(w.as_bytes(), PUMP);
        assert_eq!(read_all(&PUMP), Ok("Pump".to_owned()));
        for end in 0..PUMP.len() {
            assert!(read_all(&PUMP[..end]).is_err(), "truncated at {end}");
        }
    }

    #[test]
    fn null_forms_are_empty() {
        assert_eq!(read_all(&[0; 4]), Ok(String::new()));
        let mut null = [0; 16];
        null[0] = 1;
        null[8..12].fill(0xff);
        assert_eq!(read_all(&null), Ok(String::new()));
        assert_eq!(read_all(&[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), Ok(String::new()));
    }

    #[test]
    fn lengths_must_agree() {
        let mut bad = PUMP;
        bad[12] = 3;
        assert!(matches!(read_all(&bad), Err(WireError::Malformed { at: 4, .. })));
        let mut bad = PUMP;
        bad[8] = 6;
        assert!(read_all(&bad).is_err());
        let mut huge = PUMP;
        huge[4..8].copy_from_slice(&0x7fff_ffff_u32.to_le_bytes());
        huge[8..12].copy_from_slice(&0xffff_fffe_u32.to_le_bytes());
        huge[12..16].copy_from_slice(&0x7fff_ffff_u32.to_le_bytes());
        assert!(matches!(read_all(&huge), Err(WireError::Malformed { at: 16, .. })));
    }
}
