//! What no source confirms about DCOM between CBA devices; chosen by this project (protocol notes, section 9).

use std::time::Duration;

use crate::wire::dcom::ComVersion;

/// Version announced and sent at most (P3); the smaller of own and peer minor version is used.
pub const OWN_VERSION: ComVersion = ComVersion { major: 5, minor: 7 };

/// References handed out with an interface pointer (protocol notes 3.2).
pub const PUBLIC_REFS: u32 = 5;

/// Authentication level recommended to clients: none (P2).
pub const AUTHN_HINT_NONE: u32 = 1;

/// The standard's resolver port. Our addition: a resolver that listens elsewhere names its port in its string binding,
/// `ip[port]`, also in the resolver part of an OBJREF, where the standard always means 135.
pub const RESOLVER_PORT: u16 = 135;

/// A ping set that was silent for so long is dropped: three periods of 120 s (protocol notes 3.3).
pub const PING_SET_LIFE: Duration = Duration::from_secs(360);

/// Interfaces that one call may ask for: each takes a hundred bytes of the answer, more than of the question.
pub const MOST_INTERFACES: usize = 1_024;

/// Ping sets a resolver keeps; a further one is refused, so that a hostile client cannot fill the memory.
pub const MOST_PING_SETS: usize = 1_024;

/// Objects a ping set holds.
pub const MOST_PINGED_OBJECTS: usize = 16_384;
