//! The header common to all PDUs.
//!
//! ```text
//!  0  u8   rpc_vers 5
//!  1  u8   rpc_vers_minor 0 (1 accepted)
//!  2  u8   ptype
//!  3  u8   pfc_flags
//!  4  4    drep: byte order and character set, floating point, 2 reserved
//!  8  u16  frag_length, whole PDU
//! 10  u16  auth_length, token only; 0 = no trailer
//! 12  u32  call_id
//! ```

use std::fmt;
use std::ops::BitOr;

use crate::wire::WireError;
use crate::wire::ndr::{ByteOrder, NdrReader, NdrWriter};

/// Bytes of the header.
pub const HEADER_LEN: usize = 16;

/// The only major version of the connection-oriented protocol.
pub const RPC_VERSION: u8 = 5;

/// What a PDU is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PacketType {
    /// Call of a method, or a fragment of one.
    Request,
    /// Result of a call, or a fragment of one.
    Response,
    /// The call was not executed or broke down.
    Fault,
    /// First offer of presentation contexts.
    Bind,
    /// Answer to a bind.
    BindAck,
    /// The association is refused.
    BindNak,
    /// Offer of further contexts on an association.
    AlterContext,
    /// Answer to an alter_context.
    AlterContextResp,
    /// Third step of authentication; has no answer.
    Auth3,
    /// The server wants the connection closed.
    Shutdown,
    /// The client wants a call ended.
    CoCancel,
    /// The client is no longer interested in a call.
    Orphaned,
    /// Any other value.
    Unknown(u8),
}

impl From<u8> for PacketType {
    fn from(value: u8) -> Self {
        match value {
            0 => Self::Request,
            2 => Self::Response,
            3 => Self::Fault,
            11 => Self::Bind,
            12 => Self::BindAck,
            13 => Self::BindNak,
            14 => Self::AlterContext,
            15 => Self::AlterContextResp,
            16 => Self::Auth3,
            17 => Self::Shutdown,
            18 => Self::CoCancel,
            19 => Self::Orphaned,
            other => Self::Unknown(other),
        }
    }
}

impl From<PacketType> for u8 {
    fn from(value: PacketType) -> Self {
        match value {
            PacketType::Request => 0,
            PacketType::Response => 2,
            PacketType::Fault => 3,
            PacketType::Bind => 11,
            PacketType::BindAck => 12,
            PacketType::BindNak => 13,
            PacketType::AlterContext => 14,
            PacketType::AlterContextResp => 15,
            PacketType::Auth3 => 16,
            PacketType::Shutdown => 17,
            PacketType::CoCancel => 18,
            PacketType::Orphaned => 19,
            PacketType::Unknown(other) => other,
        }
    }
}

impl fmt::Display for PacketType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Request => "request",
            Self::Response => "response",
            Self::Fault => "fault",
            Self::Bind => "bind",
            Self::BindAck => "bind_ack",
            Self::BindNak => "bind_nak",
            Self::AlterContext => "alter_context",
            Self::AlterContextResp => "alter_context_resp",
            Self::Auth3 => "auth3",
            Self::Shutdown => "shutdown",
            Self::CoCancel => "co_cancel",
            Self::Orphaned => "orphaned",
            Self::Unknown(other) => return write!(f, "PDU type {other}"),
        })
    }
}

/// `pfc_flags`; unknown bits are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Flags(pub u8);

impl Flags {
    /// First fragment of a call.
    pub const FIRST: Self = Self(0x01);
    /// Last fragment of a call.
    pub const LAST: Self = Self(0x02);
    /// Not fragmented.
    pub const WHOLE: Self = Self(0x03);
    /// Several calls may be under way at once on one association.
    pub const CONCURRENT: Self = Self(0x10);
    /// Fault: the call was certainly not executed.
    pub const DID_NOT_EXECUTE: Self = Self(0x20);
    /// Request without any answer.
    pub const MAYBE: Self = Self(0x40);
    /// Request carries an object UUID (the IPID).
    pub const OBJECT: Self = Self(0x80);

    /// Whether all bits of `other` are set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl BitOr for Flags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// The common header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Major version, 5.
    pub version: u8,
    /// Minor version, 0 or 1.
    pub version_minor: u8,
    /// What follows.
    pub packet_type: PacketType,
    /// Fragmentation and call flags.
    pub flags: Flags,
    /// Order of all integers of the PDU, stub included.
    pub order: ByteOrder,
    /// Bytes of the whole PDU.
    pub frag_length: u16,
    /// Bytes of the authentication token.
    pub auth_length: u16,
    /// Ties fragments and answers to their call.
    pub call_id: u32,
}

impl Header {
    /// Reads the first 16 bytes of a PDU; more may follow. The version is not judged, so that a peer of
    /// another version can be answered.
    ///
    /// # Errors
    /// Fewer than 16 bytes, a data representation other than integers of either order with ASCII and
    /// IEEE, a `frag_length` below 16, an `auth_length` that exceeds the PDU.
    pub fn parse(bytes: &[u8]) -> Result<Self, WireError> {
        let mut r = NdrReader::new(bytes, ByteOrder::Little);
        let [version, version_minor, packet_type, flags] = r.array("PDU header")?;
        let [representation, floating_point, _, _] = r.array::<4>("PDU header")?;
        let unsupported = |at, what, value: u8| WireError::Unsupported { at, what, value: u64::from(value) };
        let order = match representation {
            0x10 => ByteOrder::Little,
            0x00 => ByteOrder::Big,
            other => return Err(unsupported(4, "data representation", other)),
        };
        if floating_point != 0 {
            return Err(unsupported(5, "floating point representation", floating_point));
        }
        let read_u16 = |bytes: [u8; 2]| match order {
            ByteOrder::Little => u16::from_le_bytes(bytes),
            ByteOrder::Big => u16::from_be_bytes(bytes),
        };
        let frag_length = read_u16(r.array("frag_length")?);
        let auth_length = read_u16(r.array("auth_length")?);
        let call_id = r.array("call_id")?;
        let call_id = match order {
            ByteOrder::Little => u32::from_le_bytes(call_id),
            ByteOrder::Big => u32::from_be_bytes(call_id),
        };
        if usize::from(frag_length) < HEADER_LEN {
            return Err(WireError::Malformed { at: 8, what: "frag_length", why: "shorter than the header it counts" });
        }
        if auth_length > 0
            && usize::from(auth_length) + super::pdu::AUTH_TRAILER_LEN + HEADER_LEN > usize::from(frag_length)
        {
            return Err(WireError::Malformed {
                at: 10,
                what: "auth_length",
                why: "the authentication trailer does not fit the PDU",
            });
        }
        Ok(Self {
            version,
            version_minor,
            packet_type: packet_type.into(),
            flags: Flags(flags),
            order,
            frag_length,
            auth_length,
            call_id,
        })
    }

    /// Writes the 16 bytes, little-endian whatever `order` says.
    pub(crate) fn emit(&self, w: &mut NdrWriter) {
        w.bytes(&[self.version, self.version_minor, self.packet_type.into(), self.flags.0, 0x10, 0, 0, 0]);
        w.u16(self.frag_length);
        w.u16(self.auth_length);
        w.u32(self.call_id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// bind_ack of 60 bytes, call 1, with a token of 8 bytes.
    const LITTLE: [u8; 16] = [5, 0, 12, 3, 0x10, 0, 0, 0, 60, 0, 8, 0, 1, 0, 0, 0];
    const BIG: [u8; 16] = [5, 0, 12, 3, 0, 0, 0, 0, 0, 60, 0, 8, 0, 0, 0, 1];

    #[test]
    fn both_byte_orders() {
        for (bytes, order) in [(LITTLE, ByteOrder::Little), (BIG, ByteOrder::Big)] {
            let header = Header::parse(&bytes).unwrap();
            assert_eq!(
                header,
                Header {
                    version: 5,
                    version_minor: 0,
                    packet_type: PacketType::BindAck,
                    flags: Flags::WHOLE,
                    order,
                    frag_length: 60,
                    auth_length: 8,
                    call_id: 1
                }
            );
            let mut w = NdrWriter::new();
            header.emit(&mut w);
            assert_eq!(w.as_bytes(), LITTLE, "always sent little-endian");
        }
    }

    #[test]
    fn refusals_name_the_byte() {
        for n in 0..HEADER_LEN {
            assert!(Header::parse(&LITTLE[..n]).is_err(), "{n} bytes");
        }
        for (at, value) in [(4, 0x11), (4, 0x20), (5, 1), (8, 15), (10, 37)] {
            let mut bytes = LITTLE;
            bytes[at] = value;
            let error = Header::parse(&bytes).unwrap_err();
            assert_eq!(error.at(), at, "{error}");
        }
    }

    #[test]
    fn every_packet_type_survives() {
        for value in 0..=u8::MAX {
            assert_eq!(u8::from(PacketType::from(value)), value);
        }
    }
}
