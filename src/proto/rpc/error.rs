//! How a peer can break the protocol.

use thiserror::Error;

use crate::wire::WireError;
use crate::wire::dcerpc::PacketType;

/// The peer broke the protocol; the association cannot go on.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RpcError {
    /// A PDU cannot be read.
    #[error("PDU at byte {stream_offset} of the stream: {source}")]
    Wire {
        /// Where the PDU starts, counted from the first byte received.
        stream_offset: u64,
        /// What is wrong; its offset counts from the PDU.
        source: WireError,
    },
    /// The peer speaks another version of the protocol.
    #[error("the peer speaks RPC version {major}.{minor}, not 5.0")]
    Version {
        /// Its major version.
        major: u8,
        /// Its minor version.
        minor: u8,
    },
    /// A PDU longer than accepted.
    #[error("a PDU of {length} bytes exceeds the limit of {limit}")]
    PduTooLong {
        /// What its header announces.
        length: u16,
        /// [`Limits::received_fragment`](super::Limits::received_fragment).
        limit: u16,
    },
    /// Fragments that together exceed the limit.
    #[error("the fragments of call {call_id} exceed the limit of {limit} bytes")]
    StubTooLong {
        /// The call.
        call_id: u32,
        /// [`Limits::stub`](super::Limits::stub).
        limit: usize,
    },
    /// A fragment that does not continue what came before.
    #[error("fragment of call {call_id}: {why}")]
    Fragment {
        /// The call.
        call_id: u32,
        /// The contradiction, as a sentence part.
        why: &'static str,
    },
    /// The peer takes only PDUs too short to work with.
    #[error("the peer takes PDUs of {announced} bytes only")]
    FragmentTooShort {
        /// What it announced.
        announced: u16,
    },
    /// A PDU that may not come now.
    #[error("{packet_type} (call {call_id}) is out of place: {why}")]
    Unexpected {
        /// What came.
        packet_type: PacketType,
        /// The call it names.
        call_id: u32,
        /// What was to be expected, as a sentence part.
        why: &'static str,
    },
}
