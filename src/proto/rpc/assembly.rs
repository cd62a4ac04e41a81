//! Stubs cut into fragments, and put together again (protocol notes 2.7).

use super::error::RpcError;
use crate::wire::dcerpc::Flags;
use crate::wire::ndr::ByteOrder;

/// Puts the fragments of calls together. `Head` is what every fragment of a call repeats.
///
/// Fragments of different calls may interleave: peers are not to do so, but telling them apart by
/// call_id costs nothing.
#[derive(Debug)]
pub(super) struct Assembly<Head> {
    parts: Vec<Part<Head>>,
    max_bytes: usize,
    max_parts: usize,
}

#[derive(Debug)]
struct Part<Head> {
    call_id: u32,
    order: ByteOrder,
    head: Head,
    stub: Vec<u8>,
}

impl<Head: PartialEq> Assembly<Head> {
    /// `max_bytes` over all calls together, `max_parts` calls at once.
    pub fn new(max_bytes: usize, max_parts: usize) -> Self {
        Self { parts: Vec::new(), max_bytes, max_parts }
    }

    /// Whether a call has begun and is not complete.
    pub fn is_half_way(&self) -> bool {
        !self.parts.is_empty()
    }

    /// Bytes held of calls that are not complete.
    pub fn n_bytes(&self) -> usize {
        self.parts.iter().map(|part| part.stub.len()).sum()
    }

    /// Takes a fragment; gives the whole stub if it was the last.
    pub fn add(
        &mut self,
        call_id: u32,
        flags: Flags,
        order: ByteOrder,
        head: Head,
        stub: &[u8],
    ) -> Result<Option<Vec<u8>>, RpcError> {
        if self.n_bytes().saturating_add(stub.len()) > self.max_bytes {
            return Err(RpcError::StubTooLong { call_id, limit: self.max_bytes });
        }
        let found = self.parts.iter().position(|part| part.call_id == call_id);
        let fragment = |why| Err(RpcError::Fragment { call_id, why });
        let idx = match (flags.contains(Flags::FIRST), found) {
            (true, Some(_)) => return fragment("the call has begun already"),
            (false, None) => return fragment("the call has not begun"),
            (true, None) if flags.contains(Flags::LAST) => return Ok(Some(stub.to_vec())),
            (true, None) if self.parts.len() >= self.max_parts => {
                return fragment("too many calls are incomplete");
            }
            (true, None) => {
                self.parts.push(Part { call_id, order, head, stub: stub.to_vec() });
                return Ok(None);
            }
            (false, Some(idx)) => idx,
        };
        let Some(part) = self.parts.get_mut(idx) else {
            return fragment("the call has not begun");
        };
        if part.head != head {
            return fragment("context, opnum or object differ from the first fragment");
        }
        if part.order != order {
            return fragment("the byte order differs from the first fragment");
        }
        part.stub.extend_from_slice(stub);
        if flags.contains(Flags::LAST) { Ok(Some(self.parts.swap_remove(idx).stub)) } else { Ok(None) }
    }

    /// Forgets what has arrived of a call.
    pub fn drop_call(&mut self, call_id: u32) {
        self.parts.retain(|part| part.call_id != call_id);
    }
}

/// Cuts a stub so that each part, behind `head_len` bytes of header, stays within `max_fragment` bytes.
/// All parts but the last are multiples of 8 long. An empty stub is one empty part.
pub(super) fn fragments(stub: &[u8], max_fragment: u16, head_len: usize) -> impl Iterator<Item = (Flags, &[u8])> {
    let room = usize::from(max_fragment).saturating_sub(head_len).max(8);
    let length = room - room % 8;
    let n = stub.len().div_ceil(length).max(1);
    (0..n).map(move |i| {
        let part = stub.get(i * length..).unwrap_or_default();
        let part = part.get(..length).unwrap_or(part);
        let first = if i == 0 { Flags::FIRST } else { Flags::default() };
        let last = if i + 1 == n { Flags::LAST } else { Flags::default() };
        (first | last, part)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LITTLE: ByteOrder = ByteOrder::Little;

    #[test]
    fn interleaved_calls_are_told_apart() {
        let mut assembly = Assembly::new(100, 4);
        assert_eq!(assembly.add(1, Flags::FIRST, LITTLE, 'a', b"one "), Ok(None));
        assert_eq!(assembly.add(2, Flags::FIRST, LITTLE, 'b', b"two "), Ok(None));
        assert_eq!(assembly.add(3, Flags::WHOLE, LITTLE, 'c', b"three"), Ok(Some(b"three".to_vec())));
        assert_eq!(assembly.add(1, Flags::default(), LITTLE, 'a', b"more "), Ok(None));
        assert_eq!(assembly.add(2, Flags::LAST, LITTLE, 'b', b"end"), Ok(Some(b"two end".to_vec())));
        assert_eq!(assembly.add(1, Flags::LAST, LITTLE, 'a', b"end"), Ok(Some(b"one more end".to_vec())));
        assert!(!assembly.is_half_way());
    }

    #[test]
    fn contradictions_are_refused() {
        let mut assembly = Assembly::new(10, 2);
        assembly.add(1, Flags::FIRST, LITTLE, 'a', b"12345678").unwrap();
        let why = |result: Result<_, RpcError>| result.unwrap_err().to_string();
        let mut add = |call_id, flags, order, head, stub: &[u8]| why(assembly.add(call_id, flags, order, head, stub));
        assert_eq!(add(1, Flags::FIRST, LITTLE, 'a', b""), "fragment of call 1: the call has begun already");
        assert_eq!(add(2, Flags::LAST, LITTLE, 'a', b""), "fragment of call 2: the call has not begun");
        assert_eq!(
            add(1, Flags::LAST, LITTLE, 'b', b""),
            "fragment of call 1: context, opnum or object differ from the first fragment"
        );
        assert_eq!(
            add(1, Flags::LAST, ByteOrder::Big, 'a', b""),
            "fragment of call 1: the byte order differs from the first fragment"
        );
        assert_eq!(add(1, Flags::LAST, LITTLE, 'a', b"abc"), "the fragments of call 1 exceed the limit of 10 bytes");
        assembly.add(2, Flags::FIRST, LITTLE, 'a', b"").unwrap();
        assert_eq!(
            why(assembly.add(3, Flags::FIRST, LITTLE, 'a', b"")),
            "fragment of call 3: too many calls are incomplete"
        );
        assembly.drop_call(1);
        assert_eq!(assembly.add(3, Flags::FIRST, LITTLE, 'a', b"0123456789"), Ok(None));
    }

    proptest! {
        #[test]
        fn cut_and_joined_is_the_same(stub in prop::collection::vec(any::<u8>(), 0..2000), max: u16, head in prop::sample::select(vec![24_usize, 40])) {
            let max = max % 500;
            let mut assembly = Assembly::new(2000, 1);
            let mut joined = None;
            for (flags, part) in fragments(&stub, max, head) {
                prop_assert!(joined.is_none());
                prop_assert!(part.len() + head <= usize::from(max).max(head + 8));
                prop_assert!(flags.contains(Flags::LAST) || part.len() % 8 == 0);
                joined = assembly.add(1, flags, LITTLE, (), part).unwrap();
            }
            prop_assert_eq!(joined, Some(stub));
        }
    }
}
