//! Bodies of read implicit (spec 8.2, 8.3).

use std::fmt;

use super::index;
use crate::wire::ndr::ByteOrder;
use crate::wire::octets::{OctetReader, OctetWriter};
use crate::wire::{Guid, WireError};

/// Bytes of the header before a record.
pub const READ_HEADER_LEN: usize = 64;

/// How a read went: four bytes, all zero for success.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct PnioStatus {
    /// ErrorCode; 0xDE = a read failed.
    pub code: u8,
    /// ErrorDecode; 0x80 = the next byte is one of PNIORW.
    pub decode: u8,
    /// ErrorCode1: why.
    pub code1: u8,
    /// ErrorCode2: the manufacturer's.
    pub code2: u8,
}

impl PnioStatus {
    /// Success.
    pub const OK: Self = Self { code: 0, decode: 0, code1: 0, code2: 0 };
    /// There is no such record, as a device stack was seen to say it.
    pub const INVALID_INDEX: Self = Self::read_error(0xb0, 0x0a);
    /// There is no such slot or subslot.
    pub const INVALID_SLOT: Self = Self::read_error(0xb2, 0);

    /// A read failed.
    pub const fn read_error(code1: u8, code2: u8) -> Self {
        Self { code: 0xde, decode: 0x80, code1, code2 }
    }

    /// Whether the record was read.
    pub fn is_ok(self) -> bool {
        self == Self::OK
    }

    fn from_u32(value: u32) -> Self {
        let [code, decode, code1, code2] = value.to_be_bytes();
        Self { code, decode, code1, code2 }
    }

    fn to_u32(self) -> u32 {
        u32::from_be_bytes([self.code, self.decode, self.code1, self.code2])
    }
}

impl fmt::Display for PnioStatus {
    /// `invalid index (de 80 b0 0a)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code, decode, code1, code2 } = self;
        let name = match (code, decode, code1) {
            (0, 0, 0) => "ok",
            (_, 0x80, 0xa0) => "read error",
            (_, 0x80, 0xa9) => "not supported",
            (_, 0x80, 0xb0) => "invalid index",
            (_, 0x80, 0xb1) => "invalid length",
            (_, 0x80, 0xb2) => "invalid slot or subslot",
            (_, 0x80, 0xb3) => "type conflict",
            (_, 0x80, 0xb4) => "invalid area",
            (_, 0x80, 0xb5) => "state conflict",
            (_, 0x80, 0xb6) => "access denied",
            (_, 0x80, 0xb7) => "invalid range",
            (_, 0x80, 0xb8) => "invalid parameter",
            (_, 0x80, 0xc2) => "busy",
            (_, 0x80, 0xc3) => "unavailable",
            _ => "error",
        };
        write!(f, "{name} ({code:02x} {decode:02x} {code1:02x} {code2:02x})")
    }
}

/// Which record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadHeader {
    /// Number of the request, echoed.
    pub sequence: u16,
    /// Application relation; nil for implicit reads.
    pub ar: Guid,
    /// Application profile; 0 = the default one.
    pub api: u32,
    /// Slot.
    pub slot: u16,
    /// Subslot.
    pub subslot: u16,
    /// Index, see [`index`].
    pub index: u16,
    /// Request: most bytes wanted. Response: bytes of the record.
    pub length: u32,
}

impl ReadHeader {
    /// A record of API 0, without connection.
    pub fn implicit(sequence: u16, slot: u16, subslot: u16, index: u16) -> Self {
        Self { sequence, ar: Guid::NIL, api: 0, slot, subslot, index, length: 4096 }
    }

    /// Reads a header of 64 bytes of the given block type, up to its length; what follows is left in the reader.
    fn read(r: &mut OctetReader<'_>, wanted: u16) -> Result<Self, WireError> {
        let at = r.at();
        let block = r.u16("block type")?;
        if block != wanted {
            return Err(WireError::Unsupported { at, what: "block type", value: block.into() });
        }
        let length = r.u16("block length")?;
        if usize::from(length) != READ_HEADER_LEN - 4 {
            let (what, why) = ("block length", "60 is expected");
            return Err(WireError::Malformed { at: at + 2, what, why });
        }
        r.u16("block version")?;
        let sequence = r.u16("sequence")?;
        let ar = r.guid("AR UUID")?;
        let (api, slot, subslot) = (r.u32("API")?, r.u16("slot")?, r.u16("subslot")?);
        r.u16("padding")?;
        Ok(Self { sequence, ar, api, slot, subslot, index: r.u16("index")?, length: r.u32("record length")? })
    }

    fn write(&self, w: &mut OctetWriter, block: u16) {
        w.u16(block);
        w.u16(60);
        w.bytes(&[1, 0]);
        w.u16(self.sequence);
        w.guid(self.ar);
        w.u32(self.api);
        for value in [self.slot, self.subslot, 0, self.index] {
            w.u16(value);
        }
        w.u32(self.length);
    }
}

impl fmt::Display for ReadHeader {
    /// `record 0xaff0 of slot 0 subslot 0x1 (I&M0)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "record {:#06x} of slot {} subslot {:#x}", self.index, self.slot, self.subslot)?;
        index::name(self.index).map_or(Ok(()), |name| write!(f, " ({name})"))
    }
}

/// Asks for a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadRequest {
    /// Most bytes of the answer, its header included.
    pub max_args: u32,
    /// Which record.
    pub header: ReadHeader,
    /// Application relation whose record is wanted; nil: none.
    pub target_ar: Guid,
}

impl ReadRequest {
    /// Reads the body of a request.
    ///
    /// # Errors
    /// The bytes end within it; it is of another block type.
    pub fn parse(body: &[u8], order: ByteOrder) -> Result<Self, WireError> {
        let mut r = OctetReader::new(body, order);
        let max_args = r.u32("args maximum")?;
        r.take(16, "args length and counts")?;
        let at = r.at();
        let mut r = OctetReader::big(r.rest());
        let shift = |error: WireError| error.shifted(at);
        let header = ReadHeader::read(&mut r, 0x0009).map_err(shift)?;
        let target_ar = r.guid("target AR UUID").map_err(shift)?;
        r.take(8, "padding").map_err(shift)?;
        Ok(Self { max_args, header, target_ar })
    }

    /// The body of a request.
    pub fn emit(&self, order: ByteOrder) -> Vec<u8> {
        let mut w = OctetWriter::new(order);
        for value in [self.max_args, 64, self.max_args, 0, 64] {
            w.u32(value);
        }
        let mut block = OctetWriter::big();
        self.header.write(&mut block, 0x0009);
        block.guid(self.target_ar);
        block.zeros(8);
        w.bytes(&block.into_bytes());
        w.into_bytes()
    }
}

/// A record, or why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadResponse<'a> {
    /// How it went.
    pub status: PnioStatus,
    /// Most bytes the answer might have, as asked for.
    pub max_args: u32,
    /// The request's header, with the length of the record; `None` in some refusals.
    pub header: Option<ReadHeader>,
    /// Additional values beside the record.
    pub additional: [u16; 2],
    /// The record; empty for what there is nothing of, or where it failed.
    pub record: &'a [u8],
}

impl<'a> ReadResponse<'a> {
    /// Reads the body of a response, all fragments together.
    ///
    /// # Errors
    /// The bytes end within it, a length does not fit, it is of another block type.
    pub fn parse(body: &'a [u8], order: ByteOrder) -> Result<Self, WireError> {
        let mut r = OctetReader::new(body, order);
        let status = PnioStatus::from_u32(r.u32("PNIO status")?);
        r.u32("args length")?;
        let max_args = r.u32("max count")?;
        r.u32("offset")?;
        let length = r.u32("actual count")?;
        let at = r.at();
        let shift = |error: WireError| error.shifted(at);
        let mut r = OctetReader::big(r.take(usize::try_from(length).unwrap_or(usize::MAX), "args")?);
        if length == 0 {
            return Ok(Self { status, max_args, header: None, additional: [0; 2], record: &[] });
        }
        let header = ReadHeader::read(&mut r, 0x8009).map_err(shift)?;
        let additional = [r.u16("additional value"), r.u16("additional value")];
        let [Ok(first), Ok(second)] = additional else {
            return Err(WireError::Truncated {
                at: at + r.at(),
                what: "additional value",
                need: 2,
                have: r.remaining(),
            });
        };
        r.take(20, "padding").map_err(shift)?;
        let record = r.take(usize::try_from(header.length).unwrap_or(usize::MAX), "record").map_err(shift)?;
        Ok(Self { status, max_args, header: Some(header), additional: [first, second], record })
    }

    /// The body of a response. The header's length is that of the record.
    pub fn emit(&self, order: ByteOrder) -> Vec<u8> {
        let mut block = OctetWriter::big();
        let length = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        if let Some(header) = self.header {
            ReadHeader { length: length(self.record.len()), ..header }.write(&mut block, 0x8009);
            block.u16(self.additional[0]);
            block.u16(self.additional[1]);
            block.zeros(20);
            block.bytes(self.record);
        }
        let block = block.into_bytes();
        let mut w = OctetWriter::new(order);
        w.u32(self.status.to_u32());
        for value in [length(block.len()), self.max_args, 0, length(block.len())] {
            w.u32(value);
        }
        w.bytes(&block);
        w.into_bytes()
    }
}
