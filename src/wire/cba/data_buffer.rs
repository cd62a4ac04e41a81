//! The data buffer: values in transit, in OnDataChanged, GetConnectionData and real-time frames (protocol
//! notes, section 7.4). Packed, always little-endian, not NDR.
//!
//! ```text
//! 0 u8  version  01 DCOM, 10 SRT with ConsID, 11 SRT without
//! 1 u8  flags    0
//! 2 u16 count of items
//! 4 items        01 and 10: u16 length, u32 ConsID, u8 QC, data (length - 7 bytes)
//!                11:        u16 length, u8 QC, data (length - 3 bytes)
//! ```
//!
//! Data are encoded per [`TypeDesc`](super::TypeDesc). A removed record of version 11 leaves a hole of
//! zeros; whoever knows the layout reads records with [`record_at`].

use super::quality::Quality;
use crate::wire::WireError;

const HEADER: usize = 4;

/// Which items a data buffer holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Version {
    /// For DCOM calls.
    Dcom,
    /// For real-time frames, items with ConsID.
    SrtWithConsId,
    /// For real-time frames, items known by their place.
    Srt,
}

impl Version {
    const fn raw(self) -> u8 {
        match self {
            Self::Dcom => 0x01,
            Self::SrtWithConsId => 0x10,
            Self::Srt => 0x11,
        }
    }

    /// Bytes of an item beside its data.
    const fn overhead(self) -> usize {
        match self {
            Self::Dcom | Self::SrtWithConsId => 7,
            Self::Srt => 3,
        }
    }
}

/// One value in a data buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item<'a> {
    /// Connection at the consumer; `None` in version 11.
    pub cons_id: Option<u32>,
    /// Quality of the value.
    pub quality: Quality,
    /// Encoded value.
    pub data: &'a [u8],
}

/// A data buffer, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataBuffer<'a> {
    /// Version.
    pub version: Version,
    /// Items in order.
    pub items: Vec<Item<'a>>,
}

impl<'a> DataBuffer<'a> {
    /// Reads a data buffer. Bytes behind the last item (frame padding) are ignored; between records of
    /// version 11 zeros are skipped as holes.
    ///
    /// # Errors
    /// Unknown version or flags, truncated items, item lengths below the minimum.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, WireError> {
        let &[version, flags, count_low, count_high, ..] = bytes else {
            return Err(WireError::Truncated { at: 0, what: "data buffer", need: HEADER, have: bytes.len() });
        };
        let version = match version {
            0x01 => Version::Dcom,
            0x10 => Version::SrtWithConsId,
            0x11 => Version::Srt,
            other => {
                return Err(WireError::Unsupported { at: 0, what: "data buffer version", value: other.into() });
            }
        };
        if flags != 0 {
            return Err(WireError::Unsupported { at: 1, what: "data buffer flags", value: flags.into() });
        }
        let count = usize::from(u16::from_le_bytes([count_low, count_high]));
        let overhead = version.overhead();
        if count.saturating_mul(overhead) > bytes.len() - HEADER {
            return Err(WireError::Malformed {
                at: 2,
                what: "data buffer",
                why: "the count does not fit the rest of the buffer",
            });
        }
        let mut items = Vec::with_capacity(count);
        let mut at = HEADER;
        for _ in 0..count {
            if version == Version::Srt {
                let zeros = bytes.get(at..).unwrap_or_default().iter().take_while(|byte| **byte == 0).count();
                at += zeros;
            }
            let (item, length) = Self::item(bytes, at, version)?;
            items.push(item);
            at += length;
        }
        Ok(Self { version, items })
    }

    fn item(bytes: &'a [u8], at: usize, version: Version) -> Result<(Item<'a>, usize), WireError> {
        let what = "data buffer item";
        let rest = bytes.get(at..).unwrap_or_default();
        let truncated = |need| WireError::Truncated { at, what, need, have: rest.len() };
        let &[low, high, ..] = rest else { return Err(truncated(version.overhead())) };
        let length = usize::from(u16::from_le_bytes([low, high]));
        if length < version.overhead() {
            return Err(WireError::Malformed { at, what, why: "the length is smaller than the item's header" });
        }
        let body = rest.get(2..length).ok_or(truncated(length))?;
        let (cons_id, body) = match (version, body) {
            (Version::Srt, body) => (None, body),
            (_, &[a, b, c, d, ref body @ ..]) => (Some(u32::from_le_bytes([a, b, c, d])), body),
            _ => return Err(truncated(length)),
        };
        let (quality, data) = body.split_first().ok_or(truncated(length))?;
        Ok((Item { cons_id, quality: Quality(*quality), data }, length))
    }
}

/// The record of a version 11 buffer that lies at `offset` with `record_length` bytes by agreement;
/// `None` if there is a hole or the frame holds something else there.
pub fn record_at(bytes: &[u8], offset: usize, record_length: u16) -> Option<Item<'_>> {
    let (item, length) = DataBuffer::item(bytes, offset, Version::Srt).ok()?;
    (length == usize::from(record_length)).then_some(item)
}

/// Builds a data buffer item by item.
#[derive(Debug, Clone)]
pub struct DataBufferWriter {
    version: Version,
    count: u16,
    bytes: Vec<u8>,
}

impl DataBufferWriter {
    /// An empty data buffer.
    pub fn new(version: Version) -> Self {
        Self { version, count: 0, bytes: vec![version.raw(), 0, 0, 0] }
    }

    /// Appends an item whose data `encode` writes behind the header. `false`, and nothing is appended, if
    /// the data are too long for the length field or there are 65535 items already. `cons_id` is not
    /// written in version 11.
    pub fn push(&mut self, cons_id: u32, quality: Quality, encode: impl FnOnce(&mut Vec<u8>)) -> bool {
        let start = self.bytes.len();
        self.bytes.extend([0, 0]);
        if self.version != Version::Srt {
            self.bytes.extend(cons_id.to_le_bytes());
        }
        self.bytes.push(quality.0);
        encode(&mut self.bytes);
        let length = u16::try_from(self.bytes.len().saturating_sub(start)).ok();
        let (Some(length), Some(count)) = (length, self.count.checked_add(1)) else {
            self.bytes.truncate(start);
            return false;
        };
        if let Some(field) = self.bytes.get_mut(start..start + 2) {
            field.copy_from_slice(&length.to_le_bytes());
        }
        self.count = count;
        true
    }

    /// Number of items so far.
    pub fn count(&self) -> u16 {
        self.count
    }

    /// Length so far, bytes.
    pub fn byte_len(&self) -> usize {
        self.bytes.len()
    }

    /// The data buffer.
    pub fn into_bytes(mut self) -> Vec<u8> {
        if let Some(field) = self.bytes.get_mut(2..HEADER) {
            field.copy_from_slice(&self.count.to_le_bytes());
        }
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The example of the protocol notes: I2 1234 for ConsID 1001 hex, BOOL true for 1002 hex.
    const EXAMPLE: [u8; 22] = [
        0x01, 0, 2, 0, //
        9, 0, 0x01, 0x10, 0, 0, 0x80, 0xd2, 0x04, //
        9, 0, 0x02, 0x10, 0, 0, 0x80, 0xff, 0xff,
    ];

    #[test]
    fn example_both_ways() {
        let mut w = DataBufferWriter::new(Version::Dcom);
        assert!(w.push(0x1001, Quality::GOOD, |out| out.extend(1234_i16.to_le_bytes())));
        assert!(w.push(0x1002, Quality::GOOD, |out| out.extend([0xff, 0xff])));
        assert_eq!((w.count(), w.byte_len()), (2, 22));
        assert_eq!(w.into_bytes(), EXAMPLE);
        let buffer = DataBuffer::parse(&EXAMPLE).unwrap();
        assert_eq!(buffer.version, Version::Dcom);
        assert_eq!(buffer.items[0], Item { cons_id: Some(0x1001), quality: Quality::GOOD, data: &[0xd2, 4] });
        assert_eq!(buffer.items[1].data, [0xff, 0xff]);
        for end in 0..EXAMPLE.len() {
            assert!(DataBuffer::parse(&EXAMPLE[..end]).is_err(), "truncated at {end}");
        }
    }

    #[test]
    fn srt_records_and_holes() {
        let mut w = DataBufferWriter::new(Version::Srt);
        assert!(w.push(0, Quality::GOOD, |out| out.extend([0x2c, 1])));
        assert!(w.push(0, Quality::GOOD, |out| out.extend(2.5_f32.to_le_bytes())));
        let mut bytes = w.into_bytes();
        bytes.resize(40, 0);
        assert_eq!(bytes[..9], [0x11, 0, 2, 0, 5, 0, 0x80, 0x2c, 1]);
        assert_eq!(DataBuffer::parse(&bytes).unwrap().items.len(), 2);
        // The first record is removed: five zeros, one item.
        bytes[2] = 1;
        bytes[4..9].fill(0);
        let buffer = DataBuffer::parse(&bytes).unwrap();
        assert_eq!(buffer.items, [Item { cons_id: None, quality: Quality::GOOD, data: &[0, 0, 0x20, 0x40] }]);
        assert_eq!(record_at(&bytes, 4, 5), None);
        assert_eq!(record_at(&bytes, 9, 7), Some(buffer.items[0]));
        assert_eq!(record_at(&bytes, 9, 6), None);
        assert_eq!(record_at(&bytes, 400, 6), None);
    }

    #[test]
    fn refusals_name_their_place() {
        let with = |at: usize, value: u8| {
            let mut bytes = EXAMPLE;
            bytes[at] = value;
            DataBuffer::parse(&bytes).unwrap_err()
        };
        assert_eq!(with(0, 2), WireError::Unsupported { at: 0, what: "data buffer version", value: 2 });
        assert_eq!(with(1, 1).at(), 1);
        assert_eq!(with(3, 0xff).at(), 2);
        assert_eq!(with(4, 6).at(), 4);
        assert_eq!(with(14, 1).at(), 13);
    }

    #[test]
    fn oversized_items_are_left_out() {
        let mut w = DataBufferWriter::new(Version::Dcom);
        assert!(!w.push(1, Quality::GOOD, |out| out.extend(vec![0; 65_536])));
        assert!(w.push(1, Quality::GOOD, |out| out.extend(vec![0; 65_528])));
        assert_eq!(DataBuffer::parse(&w.into_bytes()).unwrap().items.len(), 1);
    }

    proptest! {
        #[test]
        fn random_bytes_never_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..80), version in 0_usize..4) {
            if let (Some(first), Some(raw)) = (bytes.first_mut(), [0x01, 0x10, 0x11].get(version)) {
                *first = *raw;
            }
            if let Some(flags) = bytes.get_mut(1) {
                *flags &= 1;
            }
            let _ = DataBuffer::parse(&bytes);
            let _ = record_at(&bytes, version, 7);
        }

        #[test]
        fn round_trip(items in prop::collection::vec((any::<u32>(), any::<u8>(), prop::collection::vec(any::<u8>(), 0..20)), 0..20)) {
            let mut w = DataBufferWriter::new(Version::Dcom);
            for (cons_id, quality, data) in &items {
                let pushed = w.push(*cons_id, Quality(*quality), |out| out.extend(data));
                prop_assert!(pushed);
            }
            let bytes = w.into_bytes();
            let read = DataBuffer::parse(&bytes).unwrap();
            prop_assert_eq!(read.items.len(), items.len());
            for (item, (cons_id, quality, data)) in read.items.iter().zip(&items) {
                prop_assert_eq!(item, &Item { cons_id: Some(*cons_id), quality: Quality(*quality), data });
            }
        }
    }
}
