//! NDR, the marshalling of DCE/RPC stubs (C706 chapter 14, MS-RPCE): scalars aligned to their size
//! counted from the first byte of the stub, pointers as referent ids, conformant arrays behind a
//! `max_count`, strings as UTF-16.
//!
//! ```text
//! unique pointer     u32 referent id, 0 = NULL; what it points to follows at once when the pointer is
//!                    an argument, or behind the outermost structure or array ("deferred") when it is a
//!                    member; order is element by element, pointer by pointer
//! conformant array   u32 max_count, elements
//! LPWSTR             u32 max_count, u32 offset 0, u32 actual_count, UTF-16 units with final NUL
//! interface pointer  u32 referent id; if not 0: u32 max_count, u32 count, count bytes of OBJREF
//! ```
//!
//! [`NdrReader`] honours the byte order of the PDU; [`NdrWriter`] always writes little-endian. Both
//! leave deferral to the caller, who first handles all fixed parts of an array, then the referents.
//! Positions count from the first stub byte; ORPCTHIS and ORPCTHAT are part of the stub, so a method's
//! arguments are read with the reader that has just read them.

use super::{Guid, WireError};

/// Referent id of user-marshalled pointers (BSTR, VARIANT, SAFEARRAY): the characters `User`.
pub const USER_REFERENT: u32 = 0x7265_7355;

/// Longest string accepted, in UTF-16 units including a final NUL.
pub const MAX_STRING_UNITS: usize = 32_767;

/// Byte order of integers in a PDU, from its data representation label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ByteOrder {
    /// Least significant byte first (drep `10 00 00 00`); what we send.
    #[default]
    Little,
    /// Most significant byte first (drep `00 00 00 00`).
    Big,
}

/// Writes a stub, little-endian. Infallible.
#[derive(Debug, Clone, Default)]
pub struct NdrWriter {
    bytes: Vec<u8>,
    referents: u32,
}

impl NdrWriter {
    /// An empty stub.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty stub with room for `bytes` bytes.
    pub fn with_capacity(bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes), referents: 0 }
    }

    /// Bytes written so far, which is also the stub-relative position.
    pub fn position(&self) -> usize {
        self.bytes.len()
    }

    /// The stub.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// The stub so far.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Pads with zeros to a multiple of `n` bytes (`n` = 0 does nothing).
    pub fn align(&mut self, n: usize) {
        if n > 0 {
            let len = self.bytes.len().next_multiple_of(n);
            self.bytes.resize(len, 0);
        }
    }

    /// Raw bytes, unaligned.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// One byte.
    pub fn u8(&mut self, value: u8) {
        self.bytes.push(value);
    }

    /// Aligned 16-bit integer.
    pub fn u16(&mut self, value: u16) {
        self.align(2);
        self.bytes(&value.to_le_bytes());
    }

    /// Aligned 32-bit integer.
    pub fn u32(&mut self, value: u32) {
        self.align(4);
        self.bytes(&value.to_le_bytes());
    }

    /// 64-bit integer, aligned to 8.
    pub fn u64(&mut self, value: u64) {
        self.align(8);
        self.bytes(&value.to_le_bytes());
    }

    /// One signed byte.
    pub fn i8(&mut self, value: i8) {
        self.bytes(&value.to_le_bytes());
    }

    /// Aligned signed 16-bit integer.
    pub fn i16(&mut self, value: i16) {
        self.align(2);
        self.bytes(&value.to_le_bytes());
    }

    /// Aligned signed 32-bit integer.
    pub fn i32(&mut self, value: i32) {
        self.align(4);
        self.bytes(&value.to_le_bytes());
    }

    /// Signed 64-bit integer, aligned to 8.
    pub fn i64(&mut self, value: i64) {
        self.align(8);
        self.bytes(&value.to_le_bytes());
    }

    /// Aligned single-precision number.
    pub fn f32(&mut self, value: f32) {
        self.u32(value.to_bits());
    }

    /// Double-precision number, aligned to 8.
    pub fn f64(&mut self, value: f64) {
        self.u64(value.to_bits());
    }

    /// GUID, aligned to 4.
    pub fn guid(&mut self, guid: Guid) {
        self.align(4);
        self.bytes(&guid.to_wire(ByteOrder::Little));
    }

    /// A count or length as u32. Beyond `u32::MAX` it saturates; a stub never gets that long.
    pub fn count(&mut self, n: usize) {
        self.u32(u32::try_from(n).unwrap_or(u32::MAX));
    }

    /// Overwrites the integer at `at`, for lengths known only afterwards. Does nothing past the end.
    pub(crate) fn patch_u32(&mut self, at: usize, value: u32) {
        if let Some(place) = at.checked_add(4).and_then(|end| self.bytes.get_mut(at..end)) {
            place.copy_from_slice(&value.to_le_bytes());
        }
    }

    /// NULL pointer.
    pub fn null(&mut self) {
        self.u32(0);
    }

    /// Pointer that is not NULL: the next referent id of 00020004, 00020008, …
    pub fn referent(&mut self) {
        self.referents = self.referents.wrapping_add(4) & 0x00ff_ffff;
        self.u32(0x0002_0000_u32.wrapping_add(self.referents));
    }

    /// Pointer: [`referent`](Self::referent) if `present`, otherwise NULL.
    pub fn pointer(&mut self, present: bool) {
        if present { self.referent() } else { self.null() }
    }

    /// Pointer to user-marshalled data: [`USER_REFERENT`] if `present`, otherwise NULL.
    pub fn user_pointer(&mut self, present: bool) {
        self.u32(if present { USER_REFERENT } else { 0 });
    }

    /// LPWSTR body: `max_count`, offset, `actual_count`, UTF-16 with final NUL. The string ends at its
    /// first NUL character, as it will for the receiver.
    pub fn lpwstr(&mut self, text: &str) {
        let text = text.split('\0').next().unwrap_or_default();
        let units = text.encode_utf16().count() + 1;
        self.count(units);
        self.u32(0);
        self.count(units);
        for unit in text.encode_utf16() {
            self.bytes(&unit.to_le_bytes());
        }
        self.u16(0);
    }

    /// Interface pointer: referent id and, if `Some`, `max_count`, count and the OBJREF bytes.
    pub fn interface_pointer(&mut self, objref: Option<&[u8]>) {
        self.pointer(objref.is_some());
        if let Some(bytes) = objref {
            self.interface_pointer_body(bytes);
        }
    }

    /// Referent of an interface pointer: `max_count`, count, OBJREF bytes.
    pub fn interface_pointer_body(&mut self, objref: &[u8]) {
        self.count(objref.len());
        self.count(objref.len());
        self.bytes(objref);
    }
}

/// Reads a stub. Every method takes the name of the item for the error.
#[derive(Debug, Clone)]
pub struct NdrReader<'a> {
    /// Everything this reader may see, from offset 0 of the outermost reader on.
    bytes: &'a [u8],
    /// Where alignment counts from; 0 except in a reader made by [`NdrReader::sub`].
    base: usize,
    position: usize,
    order: ByteOrder,
}

impl<'a> NdrReader<'a> {
    /// A reader over a whole stub.
    pub fn new(stub: &'a [u8], order: ByteOrder) -> Self {
        Self { bytes: stub, base: 0, position: 0, order }
    }

    /// Byte order of the integers.
    pub fn order(&self) -> ByteOrder {
        self.order
    }

    /// Offset of the next byte, from the start of the stub.
    pub fn position(&self) -> usize {
        self.position
    }

    /// Bytes not yet read.
    pub fn remaining(&self) -> usize {
        self.bytes.len().saturating_sub(self.position)
    }

    /// Skips padding to a multiple of `n` bytes; the content of the padding is ignored.
    pub fn align(&mut self, n: usize, what: &'static str) -> Result<(), WireError> {
        let relative = self.position.saturating_sub(self.base);
        let pad = if n > 0 { relative.next_multiple_of(n) - relative } else { 0 };
        self.take(pad, what).map(drop)
    }

    /// The next `n` bytes, unaligned.
    pub fn take(&mut self, n: usize, what: &'static str) -> Result<&'a [u8], WireError> {
        let at = self.position;
        let end = at.checked_add(n);
        match end.and_then(|end| self.bytes.get(at..end)) {
            Some(bytes) => {
                self.position += n;
                Ok(bytes)
            }
            None => Err(WireError::Truncated { at, what, need: n, have: self.remaining() }),
        }
    }

    /// The next `N` bytes, unaligned.
    pub fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], WireError> {
        let bytes = self.take(N, what)?;
        let mut array = [0; N];
        array.copy_from_slice(bytes);
        Ok(array)
    }

    fn scalar<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], WireError> {
        self.align(N, what)?;
        let mut bytes = self.array::<N>(what)?;
        if self.order == ByteOrder::Big {
            bytes.reverse();
        }
        Ok(bytes)
    }

    /// One byte.
    pub fn u8(&mut self, what: &'static str) -> Result<u8, WireError> {
        self.scalar(what).map(u8::from_le_bytes)
    }

    /// Aligned 16-bit integer.
    pub fn u16(&mut self, what: &'static str) -> Result<u16, WireError> {
        self.scalar(what).map(u16::from_le_bytes)
    }

    /// Aligned 32-bit integer.
    pub fn u32(&mut self, what: &'static str) -> Result<u32, WireError> {
        self.scalar(what).map(u32::from_le_bytes)
    }

    /// 64-bit integer, aligned to 8.
    pub fn u64(&mut self, what: &'static str) -> Result<u64, WireError> {
        self.scalar(what).map(u64::from_le_bytes)
    }

    /// One signed byte.
    pub fn i8(&mut self, what: &'static str) -> Result<i8, WireError> {
        self.scalar(what).map(i8::from_le_bytes)
    }

    /// Aligned signed 16-bit integer.
    pub fn i16(&mut self, what: &'static str) -> Result<i16, WireError> {
        self.scalar(what).map(i16::from_le_bytes)
    }

    /// Aligned signed 32-bit integer.
    pub fn i32(&mut self, what: &'static str) -> Result<i32, WireError> {
        self.scalar(what).map(i32::from_le_bytes)
    }

    /// Signed 64-bit integer, aligned to 8.
    pub fn i64(&mut self, what: &'static str) -> Result<i64, WireError> {
        self.scalar(what).map(i64::from_le_bytes)
    }

    /// Aligned single-precision number.
    pub fn f32(&mut self, what: &'static str) -> Result<f32, WireError> {
        self.scalar(what).map(f32::from_le_bytes)
    }

    /// Double-precision number, aligned to 8.
    pub fn f64(&mut self, what: &'static str) -> Result<f64, WireError> {
        self.scalar(what).map(f64::from_le_bytes)
    }

    /// GUID, aligned to 4.
    pub fn guid(&mut self, what: &'static str) -> Result<Guid, WireError> {
        self.align(4, what)?;
        self.array(what).map(|bytes| Guid::from_wire(bytes, self.order))
    }

    /// Pointer: whether it is not NULL.
    pub fn pointer(&mut self, what: &'static str) -> Result<bool, WireError> {
        self.u32(what).map(|id| id != 0)
    }

    /// Accepts a count of elements of at least `min_element_size` bytes each only if they can fit in
    /// the rest of the stub, so that it is safe to allocate for it.
    pub fn count(&self, count: u32, min_element_size: usize, what: &'static str) -> Result<usize, WireError> {
        let fits = usize::try_from(count)
            .ok()
            .filter(|n| n.checked_mul(min_element_size.max(1)).is_some_and(|size| size <= self.remaining()));
        fits.ok_or(WireError::Malformed { at: self.position, what, why: "the count does not fit the rest of the stub" })
    }

    /// Reads `max_count` of a conformant array and checks it like [`count`](Self::count).
    pub fn max_count(&mut self, min_element_size: usize, what: &'static str) -> Result<usize, WireError> {
        let count = self.u32(what)?;
        self.count(count, min_element_size, what)
    }

    /// Reads `max_count` of a conformant array and requires it to equal `count`, which came earlier as
    /// an argument of its own.
    pub fn max_count_of(
        &mut self,
        count: u32,
        min_element_size: usize,
        what: &'static str,
    ) -> Result<usize, WireError> {
        let at = self.position;
        let max_count = self.max_count(min_element_size, what)?;
        if u32::try_from(max_count) == Ok(count) {
            Ok(max_count)
        } else {
            Err(WireError::Malformed { at, what, why: "max_count differs from the count argument" })
        }
    }

    /// LPWSTR body. Ends at the first NUL or at `actual_count`; a unit that is no valid UTF-16 reads as
    /// U+FFFD.
    pub fn lpwstr(&mut self, what: &'static str) -> Result<String, WireError> {
        self.align(4, what)?;
        let at = self.position;
        let malformed = |why| WireError::Malformed { at, what, why };
        let max_count = self.u32(what)?;
        let offset = self.u32(what)?;
        let actual_count = self.u32(what)?;
        if offset != 0 {
            return Err(malformed("the offset of a string is not 0"));
        }
        if actual_count > max_count {
            return Err(malformed("actual_count is greater than max_count"));
        }
        self.utf16(actual_count, what).map(|text| match text.find('\0') {
            Some(end) => text[..end].to_owned(),
            None => text,
        })
    }

    /// `units` UTF-16 code units, at most [`MAX_STRING_UNITS`].
    pub(crate) fn utf16(&mut self, units: u32, what: &'static str) -> Result<String, WireError> {
        let at = self.position;
        let n = usize::try_from(units).unwrap_or(usize::MAX);
        if n > MAX_STRING_UNITS {
            return Err(WireError::Malformed { at, what, why: "the string is longer than 32767 characters" });
        }
        let bytes = self.take(n * 2, what)?;
        let order = self.order;
        let units = bytes.chunks_exact(2).map(|pair| match (pair, order) {
            (&[a, b], ByteOrder::Little) => u16::from_le_bytes([a, b]),
            (&[a, b], ByteOrder::Big) => u16::from_be_bytes([a, b]),
            _ => 0,
        });
        Ok(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
    }

    /// Interface pointer: the OBJREF bytes, or `None` for a NULL pointer.
    pub fn interface_pointer(&mut self, what: &'static str) -> Result<Option<&'a [u8]>, WireError> {
        if self.pointer(what)? { self.interface_pointer_body(what).map(Some) } else { Ok(None) }
    }

    /// Referent of an interface pointer: `max_count`, count, OBJREF bytes.
    pub fn interface_pointer_body(&mut self, what: &'static str) -> Result<&'a [u8], WireError> {
        let at = self.position;
        let max_count = self.max_count(1, what)?;
        let count = self.u32(what)?;
        if usize::try_from(count) != Ok(max_count) {
            return Err(WireError::Malformed { at, what, why: "the two lengths of an interface pointer differ" });
        }
        self.take(max_count, what)
    }

    /// A reader over the next `n` bytes with alignment of its own and possibly another byte order, for
    /// embedded formats (OBJREF, activation properties). Its offsets still count from this stub.
    pub fn sub(&mut self, n: usize, order: ByteOrder, what: &'static str) -> Result<NdrReader<'a>, WireError> {
        let base = self.position;
        self.take(n, what)?;
        let bytes = self.bytes.get(..self.position).unwrap_or_default();
        Ok(NdrReader { bytes, base, position: base, order })
    }

    /// Requires that nothing but up to seven bytes of padding is left.
    pub fn finish(&self, what: &'static str) -> Result<(), WireError> {
        if self.remaining() < 8 {
            Ok(())
        } else {
            Err(WireError::Malformed { at: self.position, what, why: "bytes are left after the last argument" })
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `Mixer.Speed` as printed in the protocol notes.
    const MIXER_SPEED: [u8; 36] = [
        12, 0, 0, 0, 0, 0, 0, 0, 12, 0, 0, 0, // max_count, offset, actual_count
        0x4d, 0, 0x69, 0, 0x78, 0, 0x65, 0, 0x72, 0, 0x2e, 0, // Mixer.
        0x53, 0, 0x70, 0, 0x65, 0, 0x65, 0, 0x64, 0, 0, 0, // Speed, NUL
    ];

    #[test]
    fn scalars_align_to_their_size() {
        let mut w = NdrWriter::new();
        w.u8(1);
        w.u16(0x0203);
        w.u8(4);
        w.u32(0x0506_0708);
        w.u8(9);
        w.f64(1.5);
        w.i8(-1);
        w.guid(Guid::from_u128(1));
        let bytes = w.into_bytes();
        assert_eq!(bytes[..12], [1, 0, 3, 2, 4, 0, 0, 0, 8, 7, 6, 5]);
        assert_eq!(bytes.len(), 12 + 1 + 3 + 8 + 1 + 3 + 16);
        let mut r = NdrReader::new(&bytes, ByteOrder::Little);
        assert_eq!(r.u8("a"), Ok(1));
        assert_eq!(r.u16("b"), Ok(0x0203));
        assert_eq!(r.u8("c"), Ok(4));
        assert_eq!(r.u32("d"), Ok(0x0506_0708));
        assert_eq!(r.u8("e"), Ok(9));
        assert_eq!(r.f64("f"), Ok(1.5));
        assert_eq!(r.i8("g"), Ok(-1));
        assert_eq!(r.guid("h"), Ok(Guid::from_u128(1)));
        assert_eq!(r.finish("test"), Ok(()));
        assert_eq!(r.u8("i"), Err(WireError::Truncated { at: 44, what: "i", need: 1, have: 0 }));
    }

    #[test]
    fn big_endian_is_read() {
        let mut r =
            NdrReader::new(&[0, 1, 0, 0, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 65], ByteOrder::Big);
        assert_eq!(r.u16("a"), Ok(1));
        assert_eq!(r.u32("b"), Ok(2));
        assert_eq!(r.lpwstr("c"), Ok("A".to_owned()));
    }

    #[test]
    fn lpwstr_matches_the_example() {
        let mut w = NdrWriter::new();
        w.lpwstr("Mixer.Speed");
        assert_eq!(w.as_bytes(), MIXER_SPEED);
        assert_eq!(NdrReader::new(&MIXER_SPEED, ByteOrder::Little).lpwstr("item"), Ok("Mixer.Speed".to_owned()));
    }

    #[test]
    fn counts_that_cannot_fit_are_refused() {
        let bytes = [0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0];
        let mut r = NdrReader::new(&bytes, ByteOrder::Little);
        assert!(matches!(r.max_count(4, "ids"), Err(WireError::Malformed { at: 4, what: "ids", .. })));
        let r = NdrReader::new(&bytes, ByteOrder::Little);
        assert_eq!(r.count(2, 4, "ids"), Ok(2));
        assert!(r.count(3, 4, "ids").is_err());
        assert!(r.count(9, 0, "ids").is_err(), "an element of unknown size counts as one byte");
    }

    #[test]
    fn referents_count_up_from_20004() {
        let mut w = NdrWriter::new();
        w.referent();
        w.user_pointer(true);
        w.pointer(false);
        w.pointer(true);
        assert_eq!(w.as_bytes(), [4, 0, 2, 0, 0x55, 0x73, 0x65, 0x72, 0, 0, 0, 0, 8, 0, 2, 0]);
    }

    #[test]
    fn sub_reader_aligns_from_its_own_start_and_stays_inside() {
        let bytes = [9, 7, 0, 0, 0, 1, 2, 3, 4, 5];
        let mut r = NdrReader::new(&bytes, ByteOrder::Big);
        r.u8("skip").unwrap();
        let mut sub = r.sub(6, ByteOrder::Little, "inner").unwrap();
        assert_eq!(sub.u32("a"), Ok(7));
        assert_eq!(sub.u32("b"), Err(WireError::Truncated { at: 5, what: "b", need: 4, have: 2 }));
        assert_eq!(r.u8("after"), Ok(3));
    }

    #[test]
    fn interface_pointer_lengths_must_agree() {
        let mut w = NdrWriter::new();
        w.interface_pointer(Some(b"MEOW!"));
        w.interface_pointer(None);
        let mut bytes = w.into_bytes();
        assert_eq!(bytes.len(), 4 + 4 + 4 + 5 + 3 + 4);
        let mut r = NdrReader::new(&bytes, ByteOrder::Little);
        assert_eq!(r.interface_pointer("cb"), Ok(Some(&b"MEOW!"[..])));
        assert_eq!(r.interface_pointer("cb"), Ok(None));
        bytes[8] = 4;
        assert!(NdrReader::new(&bytes, ByteOrder::Little).interface_pointer("cb").is_err());
    }

    proptest! {
        #[test]
        fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..64), big: bool) {
            let order = if big { ByteOrder::Big } else { ByteOrder::Little };
            let r = NdrReader::new(&bytes, order);
            let _ = r.clone().lpwstr("s");
            let _ = r.clone().interface_pointer("p");
            let _ = r.clone().max_count(usize::MAX, "n");
            let _ = r.clone().guid("g");
            let _ = r.clone().align(usize::MAX, "a");
            let mut r = r;
            while r.u64("u").is_ok() {}
        }

        #[test]
        fn strings_round_trip(text in "[^\\x00]{0,200}") {
            let mut w = NdrWriter::new();
            w.lpwstr(&text);
            prop_assert_eq!(NdrReader::new(w.as_bytes(), ByteOrder::Little).lpwstr("s"), Ok(text));
        }
    }
}
