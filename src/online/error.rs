//! What can go wrong on line, by who is at fault.

use super::{Target, Unwritable, meaning};
use crate::model::{Phrase, Say};
use crate::rpc::RpcError;
use crate::wire::cba::HResult;

/// Why something on line did not work.
#[derive(Debug, Clone)]
pub enum OnlineError {
    /// The configuration cannot be brought to the device.
    Unwritable(Unwritable),
    /// Below the methods: unreachable, silent, a fault, or bytes that break the protocol.
    Rpc {
        /// Where.
        target: Target,
        /// What.
        error: RpcError,
    },
    /// The device answered a call with a failure code.
    Refused {
        /// Where.
        target: Target,
        /// Method.
        call: &'static str,
        /// Its result.
        code: HResult,
    },
    /// The device answered, but not what the protocol asks for.
    Broke {
        /// Where.
        target: Target,
        /// What is wrong with the answer.
        what: String,
    },
}

impl Say for OnlineError {
    fn say(&self) -> Phrase {
        match self {
            Self::Unwritable(it) => it.say(),
            Self::Rpc { target, error } => crate::say!("{target}: {error}", target, error),
            Self::Refused { target, call, code } => {
                crate::say!("{target} refused {call}: {code}, {meaning}", target, call, code, meaning = meaning(*code))
            }
            Self::Broke { target, what } => crate::say!("{target} broke the protocol: {what}", target, what),
        }
    }
}

crate::error_in_words!(OnlineError);

impl From<Unwritable> for OnlineError {
    fn from(it: Unwritable) -> Self {
        Self::Unwritable(it)
    }
}

impl OnlineError {
    /// Nothing answers there, or nothing any more: everything else would fail the same way.
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Self::Rpc { error, .. } if error.is_unreachable())
    }

    /// What a person can do about it.
    pub fn remedy(&self) -> Phrase {
        match self {
            Self::Unwritable(Unwritable::NoAddress(_)) => crate::say!("give the device an IP address in the plan"),
            Self::Unwritable(Unwritable::Value { .. }) => crate::say!("change the value or the type of the port"),
            Self::Rpc { error, .. } if error.is_unreachable() => {
                crate::say!("check that the device is switched on, at this address, and that nothing blocks its ports")
            }
            Self::Rpc { .. } | Self::Broke { .. } => {
                crate::say!(
                    "look at the conversation in a capture (--pcap); the device may be faulty or of another kind"
                )
            }
            Self::Refused { .. } => {
                crate::say!("the code says what the device objects to; `compare` shows what it holds")
            }
        }
    }
}
