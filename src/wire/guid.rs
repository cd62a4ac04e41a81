//! GUID: 16 bytes naming interfaces (IID), classes (CLSID) and interface pointers (IPID).
//!
//! On the wire the first three fields follow the byte order of the PDU, the last eight bytes never
//! do; the text form is the usual `8-4-4-4-12` in lower case.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use super::ndr::ByteOrder;

/// A GUID (UUID). Ordered and hashed by its text order.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Guid(Uuid);

/// Text that is not a GUID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a GUID (expected 8-4-4-4-12 hexadecimal digits)")]
pub struct GuidError {
    /// The text refused, shortened to 64 characters.
    pub text: String,
}

impl Guid {
    /// The GUID of all zeros.
    pub const NIL: Self = Self(Uuid::nil());

    /// From the number whose 32 hexadecimal digits are the text form without dashes.
    pub const fn from_u128(value: u128) -> Self {
        Self(Uuid::from_u128(value))
    }

    /// The number whose 32 hexadecimal digits are the text form without dashes.
    pub const fn to_u128(self) -> u128 {
        self.0.as_u128()
    }

    /// A GUID differing from `tail` only in its first 32 bits.
    pub const fn with_first(first: u32, tail: Self) -> Self {
        let low = tail.to_u128() & ((1 << 96) - 1);
        Self::from_u128(((first as u128) << 96) | low)
    }

    /// First 32 bits, by which CBA and DCOM number their interfaces.
    pub const fn first(self) -> u32 {
        (self.0.as_u128() >> 96) as u32
    }

    /// From wire bytes of the given order.
    pub const fn from_wire(bytes: [u8; 16], order: ByteOrder) -> Self {
        match order {
            ByteOrder::Little => Self(Uuid::from_bytes_le(bytes)),
            ByteOrder::Big => Self(Uuid::from_bytes(bytes)),
        }
    }

    /// Wire bytes in the given order.
    pub const fn to_wire(self, order: ByteOrder) -> [u8; 16] {
        match order {
            ByteOrder::Little => self.0.to_bytes_le(),
            ByteOrder::Big => self.0.into_bytes(),
        }
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0.as_hyphenated(), f)
    }
}

impl fmt::Debug for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Guid {
    type Err = GuidError;

    /// Accepts the dashed form, with or without braces, in either case.
    fn from_str(text: &str) -> Result<Self, GuidError> {
        let inner = text.strip_prefix('{').and_then(|t| t.strip_suffix('}')).unwrap_or(text);
        match Uuid::try_parse(inner) {
            Ok(uuid) if inner.len() == 36 => Ok(Self(uuid)),
            _ => Err(GuidError { text: text.chars().take(64).collect() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCO_MGT: &str = "cba00041-6c97-11d1-8271-00a02442df7d";

    #[test]
    fn little_endian_wire_bytes_swap_the_first_three_fields() {
        let guid: Guid = ACCO_MGT.parse().unwrap();
        let wire = [0x41, 0x00, 0xa0, 0xcb, 0x97, 0x6c, 0xd1, 0x11, 0x82, 0x71, 0x00, 0xa0, 0x24, 0x42, 0xdf, 0x7d];
        assert_eq!(guid.to_wire(ByteOrder::Little), wire);
        assert_eq!(Guid::from_wire(wire, ByteOrder::Little), guid);
        assert_eq!(guid.to_wire(ByteOrder::Big)[..4], [0xcb, 0xa0, 0x00, 0x41]);
        assert_eq!(Guid::from_wire(guid.to_wire(ByteOrder::Big), ByteOrder::Big), guid);
    }

    #[test]
    fn text_forms() {
        let guid: Guid = ACCO_MGT.parse().unwrap();
        assert_eq!(guid.to_string(), ACCO_MGT);
        assert_eq!(format!("{{{}}}", ACCO_MGT.to_uppercase()).parse(), Ok(guid));
        assert_eq!(guid.first(), 0xcba0_0041);
        assert_eq!(Guid::with_first(0xcba0_0041, "cba00000-6c97-11d1-8271-00a02442df7d".parse().unwrap()), guid);
        for bad in ["", "cba00041", "cba00041-6c97-11d1-8271-00a02442df7", "cba000416c9711d1827100a02442df7d", "ü"] {
            assert!(bad.parse::<Guid>().is_err(), "{bad}");
        }
    }
}
