//! Why a link cannot be drawn, as it is told while it is tried.

use crate::check::Use;
use crate::edit::LinkError;
use crate::model::{Name, Phrase, Say};
use crate::{error_in_words, say};

/// Why an output cannot feed an input.
#[derive(Debug, Clone, PartialEq)]
pub enum Refusal {
    /// The ports do not go together, or the input has what feeds it.
    Ports(LinkError),
    /// A device, or an instance's array, would have more to bear than it can.
    Limit {
        /// The device, or the instance whose array it is.
        whose: Name,
        /// The limit, and what it would be with the link.
        limit: Use,
    },
}

impl Say for Refusal {
    fn say(&self) -> Phrase {
        match self {
            Self::Ports(why) => why.say(),
            Self::Limit { whose, limit } => {
                let maximum = limit.maximum.unwrap_or_default();
                say!("limit of {maximum} {what} of {whose} reached", maximum, what = limit.what, whose)
            }
        }
    }
}

error_in_words!(Refusal);
