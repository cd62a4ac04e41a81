//! Cuts a byte stream into PDUs.

use super::error::RpcError;
use crate::wire::WireError;
use crate::wire::dcerpc::header::RPC_VERSION;
use crate::wire::dcerpc::{HEADER_LEN, Header};

/// Collects received bytes and gives them out PDU by PDU, whatever the segments were.
#[derive(Debug, Clone)]
pub struct Framer {
    buffer: Vec<u8>,
    /// Bytes of `buffer` given out already.
    used: usize,
    /// Bytes given out since the beginning.
    stream_offset: u64,
    max_length: u16,
}

/// One PDU, cut out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame {
    /// Where it starts in the stream.
    pub stream_offset: u64,
    pub bytes: Vec<u8>,
}

impl Frame {
    /// The error of this frame.
    pub fn error(&self, source: WireError) -> RpcError {
        RpcError::Wire { stream_offset: self.stream_offset, source }
    }
}

impl Framer {
    /// A framer that accepts PDUs of up to `max_length` bytes.
    pub fn new(max_length: u16) -> Self {
        Self { buffer: Vec::new(), used: 0, stream_offset: 0, max_length }
    }

    /// Takes in bytes as they arrived.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.used);
        self.used = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// The bytes of the next PDU, once they are complete.
    ///
    /// # Errors
    /// A header that cannot be one, another major version, a PDU beyond the limit: all of them as soon
    /// as the header is there. The stream cannot be cut any further then.
    pub fn next_pdu(&mut self) -> Result<Option<Vec<u8>>, RpcError> {
        Ok(self.next_frame()?.map(|frame| frame.bytes))
    }

    /// As [`next_pdu`](Self::next_pdu), with the place in the stream.
    pub(super) fn next_frame(&mut self) -> Result<Option<Frame>, RpcError> {
        let rest = self.buffer.get(self.used..).unwrap_or_default();
        if rest.len() < HEADER_LEN {
            return Ok(None);
        }
        if let [major, minor, ..] = *rest
            && (major != RPC_VERSION || minor > 1)
        {
            return Err(RpcError::Version { major, minor });
        }
        let header =
            Header::parse(rest).map_err(|source| RpcError::Wire { stream_offset: self.stream_offset, source })?;
        if header.frag_length > self.max_length {
            return Err(RpcError::PduTooLong { length: header.frag_length, limit: self.max_length });
        }
        let length = usize::from(header.frag_length);
        let Some(bytes) = rest.get(..length) else {
            return Ok(None);
        };
        let frame = Frame { stream_offset: self.stream_offset, bytes: bytes.to_vec() };
        self.used += length;
        self.stream_offset += u64::from(header.frag_length);
        Ok(Some(frame))
    }

    /// Bytes received of a PDU that is not complete.
    pub fn n_pending(&self) -> usize {
        self.buffer.len().saturating_sub(self.used)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::dcerpc::{Body, Fault, FaultStatus, Flags, Pdu, Response};

    fn pdus() -> Vec<Vec<u8>> {
        [0, 1, 700]
            .into_iter()
            .map(|n| {
                let stub = vec![7; n];
                let body = Response { alloc_hint: 0, context_id: 0, cancel_count: 0, stub: &stub };
                Pdu { flags: Flags::WHOLE, call_id: 1, body: Body::Response(body) }.emit()
            })
            .chain([Pdu {
                flags: Flags::WHOLE,
                call_id: 2,
                body: Body::Fault(Fault { alloc_hint: 0, context_id: 0, status: FaultStatus::OP_RANGE }),
            }
            .emit()])
            .collect()
    }

    #[test]
    fn errors_name_the_place_in_the_stream() {
        let mut framer = Framer::new(1000);
        let mut stream = pdus().concat();
        let end = stream.len() as u64;
        stream.extend([5, 0, 2, 3, 0x33, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0]);
        framer.push(&stream);
        for pdu in pdus() {
            assert_eq!(framer.next_pdu().unwrap(), Some(pdu));
        }
        assert_eq!(
            framer.next_pdu().unwrap_err().to_string(),
            format!("PDU at byte {end} of the stream: unsupported at byte 4: data representation 0x33")
        );
    }

    #[test]
    fn other_protocols_and_long_pdus_are_refused_at_the_header() {
        let mut framer = Framer::new(1000);
        framer.push(b"GET / HTTP/1.1\r\n");
        assert_eq!(framer.next_pdu(), Err(RpcError::Version { major: b'G', minor: b'E' }));
        let mut framer = Framer::new(1000);
        framer.push(&[5, 0, 0, 3, 0x10, 0, 0, 0, 0xe9, 3, 0, 0, 0, 0, 0, 0]);
        assert_eq!(framer.next_pdu(), Err(RpcError::PduTooLong { length: 1001, limit: 1000 }));
    }

    proptest! {
        #[test]
        fn segmentation_does_not_matter(mut cuts in prop::collection::vec(0_usize..900, 0..20)) {
            let stream = pdus().concat();
            cuts.push(0);
            cuts.push(stream.len());
            cuts.sort_unstable();
            let mut framer = Framer::new(u16::MAX);
            let mut got = Vec::new();
            for cut in cuts.windows(2) {
                framer.push(&stream[cut[0].min(stream.len())..cut[1].min(stream.len())]);
                while let Some(pdu) = framer.next_pdu().unwrap() {
                    got.push(pdu);
                }
            }
            prop_assert_eq!(framer.n_pending(), 0);
            prop_assert_eq!(got, pdus());
        }

        #[test]
        fn random_bytes_never_panic(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..10)) {
            let mut framer = Framer::new(100);
            for piece in pieces {
                framer.push(&piece);
                while let Ok(Some(_)) = framer.next_pdu() {}
            }
        }
    }
}
