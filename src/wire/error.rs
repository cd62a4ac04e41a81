//! Why foreign bytes could not be read: what was expected, at which byte.

/// A refusal to read some bytes. `at` counts from the first byte given to the reader, so a caller
/// that cut the bytes out of a larger PDU adds its own offset with [`WireError::shifted`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// The bytes end before the item does.
    #[error("truncated at byte {at}: {what} needs {need} bytes, {have} left")]
    Truncated {
        /// Offset of the item.
        at: usize,
        /// Item being read.
        what: &'static str,
        /// Bytes the item needs from `at` on.
        need: usize,
        /// Bytes there are from `at` on.
        have: usize,
    },
    /// The bytes contradict the format: a count that cannot fit, a length that disagrees.
    #[error("malformed at byte {at}: {what}: {why}")]
    Malformed {
        /// Offset of the item.
        at: usize,
        /// Item being read.
        what: &'static str,
        /// The contradiction, as a sentence part.
        why: &'static str,
    },
    /// Well formed, but a kind this program does not read.
    #[error("unsupported at byte {at}: {what} {value:#x}")]
    Unsupported {
        /// Offset of the item.
        at: usize,
        /// Item being read.
        what: &'static str,
        /// The value met.
        value: u64,
    },
}

impl WireError {
    /// Offset of the item that could not be read.
    pub fn at(&self) -> usize {
        match self {
            Self::Truncated { at, .. } | Self::Malformed { at, .. } | Self::Unsupported { at, .. } => *at,
        }
    }

    /// The same error with its offset moved by `by` bytes, for bytes cut out of a larger PDU.
    #[must_use]
    pub fn shifted(mut self, by: usize) -> Self {
        match &mut self {
            Self::Truncated { at, .. } | Self::Malformed { at, .. } | Self::Unsupported { at, .. } => {
                *at = at.saturating_add(by);
            }
        }
        self
    }
}
