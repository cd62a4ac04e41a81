//! DCE/RPC connection-oriented PDUs over TCP (C706 chapter 12, MS-RPCE; protocol notes section 2).
//!
//! ```text
//! header 16 | body of the type | stub (calls only) | [pad | auth trailer 8 | token]
//! ```
//!
//! [`Pdu::parse`] takes exactly one PDU, of either byte order; [`Pdu::emit`] writes little-endian and
//! without security. An authentication trailer is cut off on receipt and shown as [`AuthTrailer`], its
//! token unread. A type that only security or cancelling needs is kept as [`Body::Other`].
//!
//! PROFINET devices are asked over UDP, by the connectionless protocol: [`datagram`], and [`endpoint`] for who is there.
//!
//! This part knows no conversation: which PDU may follow which, fragments and contexts are
//! `proto::rpc`. Where to start: [`header`], then [`bind`] (how interfaces are agreed on) and [`call`].
pub mod bind;
pub mod call;
pub mod datagram;
pub mod endpoint;
pub mod fault;
pub mod header;
pub mod pdu;

pub use bind::{Bind, BindAck, BindNak, ContextResult, PresentationContext, SyntaxId};
pub use call::{Fault, Request, Response};
pub use datagram::{DATAGRAM_HEADER_LEN, Datagram, DatagramFlags, DatagramType};
pub use fault::FaultStatus;
pub use header::{Flags, HEADER_LEN, Header, PacketType};
pub use pdu::{AuthTrailer, Body, Pdu};
