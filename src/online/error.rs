//! What can go wrong on line, by who is at fault.

use super::{Target, Unwritable};
use crate::rpc::RpcError;
use crate::wire::cba::HResult;

/// Why something on line did not work.
#[derive(Debug, Clone, thiserror::Error)]
pub enum OnlineError {
    /// The configuration cannot be brought to the device.
    #[error(transparent)]
    Unwritable(#[from] Unwritable),
    /// Below the methods: unreachable, silent, a fault, or bytes that break the protocol.
    #[error("{target}: {error}")]
    Rpc {
        /// Where.
        target: Target,
        /// What.
        error: RpcError,
    },
    /// The device answered a call with a failure code.
    #[error("{target} refused {call}: {code}, {}", code.meaning())]
    Refused {
        /// Where.
        target: Target,
        /// Method.
        call: &'static str,
        /// Its result.
        code: HResult,
    },
    /// The device answered, but not what the protocol asks for.
    #[error("{target} broke the protocol: {what}")]
    Broke {
        /// Where.
        target: Target,
        /// What is wrong with the answer.
        what: String,
    },
}

impl OnlineError {
    /// Nothing answers there, or nothing any more: everything else would fail the same way.
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Self::Rpc { error, .. } if error.is_unreachable())
    }

    /// What a person can do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Unwritable(Unwritable::NoAddress(_)) => "give the device an IP address in the plan",
            Self::Unwritable(Unwritable::Value { .. }) => "change the value or the type of the port",
            Self::Rpc { error, .. } if error.is_unreachable() => {
                "check that the device is switched on, at this address, and that nothing blocks its ports"
            }
            Self::Rpc { .. } | Self::Broke { .. } => {
                "look at the conversation in a capture (--pcap); the device may be faulty or of another kind"
            }
            Self::Refused { .. } => "the code says what the device objects to; `compare` shows what it holds",
        }
    }
}
