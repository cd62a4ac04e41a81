//! What the specification leaves open, in one place.

use std::time::Duration;

/// How long one try waits for an answer, or for the next fragment of it.
pub const TRY_TIMEOUT: Duration = Duration::from_secs(2);

/// Tries of a call.
pub const TRIES: u32 = 3;

/// Longest a call may take altogether, however often the station says that it is still working.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(30);

/// Longest answer that is put together from fragments, bytes.
pub const MAX_ANSWER: usize = 1 << 20;

/// Most entries of a series of lookups.
pub const MAX_ENTRIES: usize = 64;

/// Most bytes of a body in one datagram, so that it fits an Ethernet frame.
pub const FRAGMENT_LEN: usize = 1392;
