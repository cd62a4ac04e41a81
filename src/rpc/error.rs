//! Why a call over the network has no result, by who is at fault.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

use crate::net::tcp::NetError;
use crate::proto::rpc::{CallFailure, RpcError as ProtocolError};
use crate::wire::WireError;
use crate::wire::cba::HResult;
use crate::wire::dcerpc::FaultStatus;

/// Why a call has no result. Cheap to clone: one loss fails many calls.
#[derive(Debug, Clone, Error)]
pub enum RpcError {
    /// No connection could be made.
    #[error("{0}")]
    Unreachable(Arc<NetError>),
    /// The connection ended before the answer came.
    #[error("{peer} closed the connection, {awaited} unanswered")]
    Lost {
        /// The other side.
        peer: SocketAddr,
        /// The call.
        awaited: &'static str,
    },
    /// No answer in time.
    #[error("{peer} was silent for {} ms, {awaited} unanswered", after.as_millis())]
    Silent {
        /// The other side.
        peer: SocketAddr,
        /// The call.
        awaited: &'static str,
        /// How long was waited.
        after: Duration,
    },
    /// The server answered with a fault.
    #[error("{peer} refused {call}: {status}")]
    Fault {
        /// The other side.
        peer: SocketAddr,
        /// The call.
        call: &'static str,
        /// Why.
        status: FaultStatus,
    },
    /// The server does not serve the interface, or refuses the association.
    #[error("{peer} refused {call}: {why}")]
    Refused {
        /// The other side.
        peer: SocketAddr,
        /// The call.
        call: &'static str,
        /// Its words.
        why: CallFailure,
    },
    /// DCOM itself, not a method of CBA, answered with a failure.
    #[error("{peer} refused {call}: {code}")]
    HResult {
        /// The other side.
        peer: SocketAddr,
        /// The call.
        call: &'static str,
        /// Its result.
        code: HResult,
    },
    /// The peer's bytes contradict the protocol.
    #[error("{peer} broke the protocol in {call}: {why}")]
    Broke {
        /// The other side.
        peer: SocketAddr,
        /// The call under way.
        call: &'static str,
        /// What is wrong.
        why: Violation,
    },
    /// We have been shut down ourselves.
    #[error("{call} was given up: this program's end of the connection is shut down")]
    ShutDown {
        /// The call.
        call: &'static str,
    },
}

/// How a peer broke the protocol.
#[derive(Debug, Clone, Error)]
pub enum Violation {
    /// In the PDUs.
    #[error(transparent)]
    Association(#[from] ProtocolError),
    /// In a stub.
    #[error("its answer is {0}")]
    Stub(#[from] WireError),
    /// In what it says.
    #[error("{0}")]
    Meaning(&'static str),
}

impl RpcError {
    /// Whether nothing answers there, or nothing any more: other calls would fail the same way now, and
    /// may succeed later.
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Lost { .. } | Self::Silent { .. })
    }

    /// Whether the server no longer knows the object, as after a restart: activate it again.
    pub fn is_disconnected(&self) -> bool {
        matches!(self, Self::Fault { status: FaultStatus::DISCONNECTED | FaultStatus::OBJECT_NOT_FOUND, .. })
    }

    pub(super) fn failure(peer: SocketAddr, call: &'static str, failure: CallFailure) -> Self {
        match failure {
            CallFailure::Fault { status, .. } => Self::Fault { peer, call, status },
            why => Self::Refused { peer, call, why },
        }
    }

    pub(super) fn broke(peer: SocketAddr, call: &'static str, why: impl Into<Violation>) -> Self {
        Self::Broke { peer, call, why: why.into() }
    }
}
