//! Bytes without alignment, in either byte order: what DCP, LLDP, the records and the connectionless
//! RPC header are made of. (NDR stubs align by themselves: [`super::ndr`].)

use std::net::Ipv4Addr;

use super::ethernet::MacAddress;
use super::ndr::ByteOrder;
use super::{Guid, WireError};

/// Reads unaligned items. Every method takes the name of the item for the error.
#[derive(Debug, Clone)]
pub(crate) struct OctetReader<'a> {
    bytes: &'a [u8],
    position: usize,
    /// Added to positions in errors: where `bytes` begin in what the caller was given.
    base: usize,
    order: ByteOrder,
}

impl<'a> OctetReader<'a> {
    pub fn new(bytes: &'a [u8], order: ByteOrder) -> Self {
        Self { bytes, position: 0, base: 0, order }
    }

    /// Most significant byte first.
    pub fn big(bytes: &'a [u8]) -> Self {
        Self::new(bytes, ByteOrder::Big)
    }

    /// Offset of the next byte, from the outermost reader's start.
    pub fn at(&self) -> usize {
        self.base + self.position
    }

    pub fn remaining(&self) -> usize {
        self.bytes.len() - self.position
    }

    pub fn rest(&mut self) -> &'a [u8] {
        let rest = self.bytes.get(self.position..).unwrap_or_default();
        self.position = self.bytes.len();
        rest
    }

    pub fn take(&mut self, n: usize, what: &'static str) -> Result<&'a [u8], WireError> {
        match self.position.checked_add(n).and_then(|end| self.bytes.get(self.position..end)) {
            Some(bytes) => {
                self.position += n;
                Ok(bytes)
            }
            None => Err(WireError::Truncated { at: self.at(), what, need: n, have: self.remaining() }),
        }
    }

    /// A reader over the next `n` bytes only.
    pub fn sub(&mut self, n: usize, what: &'static str) -> Result<Self, WireError> {
        let base = self.at();
        Ok(Self { bytes: self.take(n, what)?, position: 0, base, order: self.order })
    }

    /// Skips padding to a multiple of `n`, counted from this reader's start; its content is ignored. Where the bytes
    /// end with the padding, it may be missing.
    pub fn align(&mut self, n: usize) {
        self.position = self.position.next_multiple_of(n.max(1)).min(self.bytes.len());
    }

    pub fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], WireError> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N, what)?);
        Ok(array)
    }

    pub fn u8(&mut self, what: &'static str) -> Result<u8, WireError> {
        self.array::<1>(what).map(|[byte]| byte)
    }

    pub fn u16(&mut self, what: &'static str) -> Result<u16, WireError> {
        let bytes = self.array(what)?;
        Ok(if self.order == ByteOrder::Big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    }

    pub fn u32(&mut self, what: &'static str) -> Result<u32, WireError> {
        let bytes = self.array(what)?;
        Ok(if self.order == ByteOrder::Big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }

    pub fn guid(&mut self, what: &'static str) -> Result<Guid, WireError> {
        Ok(Guid::from_wire(self.array(what)?, self.order))
    }

    pub fn mac(&mut self, what: &'static str) -> Result<MacAddress, WireError> {
        self.array(what).map(MacAddress)
    }

    pub fn ip(&mut self, what: &'static str) -> Result<Ipv4Addr, WireError> {
        self.array::<4>(what).map(Ipv4Addr::from)
    }
}

/// Writes unaligned items. Infallible.
#[derive(Debug, Clone)]
pub(crate) struct OctetWriter {
    bytes: Vec<u8>,
    order: ByteOrder,
}

impl OctetWriter {
    pub fn new(order: ByteOrder) -> Self {
        Self { bytes: Vec::new(), order }
    }

    /// Most significant byte first.
    pub fn big() -> Self {
        Self::new(ByteOrder::Big)
    }

    pub fn position(&self) -> usize {
        self.bytes.len()
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    pub fn bytes(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    pub fn zeros(&mut self, n: usize) {
        self.bytes.resize(self.bytes.len() + n, 0);
    }

    /// Pads with zeros to a multiple of `n`, counted from the writer's start.
    pub fn align(&mut self, n: usize) {
        self.bytes.resize(self.bytes.len().next_multiple_of(n.max(1)), 0);
    }

    pub fn u8(&mut self, value: u8) {
        self.bytes.push(value);
    }

    pub fn u16(&mut self, value: u16) {
        self.bytes(&if self.order == ByteOrder::Big { value.to_be_bytes() } else { value.to_le_bytes() });
    }

    pub fn u32(&mut self, value: u32) {
        self.bytes(&if self.order == ByteOrder::Big { value.to_be_bytes() } else { value.to_le_bytes() });
    }

    pub fn guid(&mut self, guid: Guid) {
        self.bytes(&guid.to_wire(self.order));
    }

    /// Length in one byte, then the text's bytes; what goes beyond 255 bytes is left out.
    pub fn short_text(&mut self, text: &[u8]) {
        let text = text.get(..255).unwrap_or(text);
        self.u8(u8::try_from(text.len()).unwrap_or(u8::MAX));
        self.bytes(text);
    }

    /// Overwrites the u16 at `at`, for lengths known only afterwards; beyond 65,535 it saturates.
    pub fn patch_u16(&mut self, at: usize, value: usize) {
        let value = u16::try_from(value).unwrap_or(u16::MAX);
        let bytes = if self.order == ByteOrder::Big { value.to_be_bytes() } else { value.to_le_bytes() };
        if let Some(place) = at.checked_add(2).and_then(|end| self.bytes.get_mut(at..end)) {
            place.copy_from_slice(&bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_orders_without_alignment() {
        for (order, bytes) in [(ByteOrder::Big, [9, 1, 2, 0, 0, 0, 3]), (ByteOrder::Little, [9, 2, 1, 3, 0, 0, 0])] {
            let mut r = OctetReader::new(&bytes, order);
            assert_eq!((r.u8("a"), r.u16("b"), r.u32("c")), (Ok(9), Ok(0x0102), Ok(3)));
            assert_eq!(r.u8("d"), Err(WireError::Truncated { at: 7, what: "d", need: 1, have: 0 }));
            let mut w = OctetWriter::new(order);
            w.u8(9);
            w.u16(0);
            w.u32(3);
            w.patch_u16(1, 0x0102);
            w.patch_u16(6, 1);
            assert_eq!(w.into_bytes(), bytes);
        }
    }

    #[test]
    fn a_sub_reader_stays_inside_and_counts_from_outside() {
        let mut r = OctetReader::big(&[1, 2, 3, 4]);
        r.u8("skip").unwrap();
        let mut sub = r.sub(2, "inner").unwrap();
        assert_eq!(sub.u32("x"), Err(WireError::Truncated { at: 1, what: "x", need: 4, have: 2 }));
        assert_eq!(r.take(usize::MAX, "y"), Err(WireError::Truncated { at: 3, what: "y", need: usize::MAX, have: 1 }));
        r.align(16);
        assert_eq!(r.remaining(), 0, "missing padding at the end is no error");
    }
}
