//! What the specification leaves open, and what the device stack was seen to do, in one place.

use std::time::Duration;

/// Between two frames of a port.
pub const SEND_EVERY: Duration = Duration::from_secs(5);

/// For how long a frame counts, seconds.
pub const TTL: u16 = 20;

/// Most neighbours kept at one port. More than one means that a bridge or hub that passes LLDP on stands between.
pub const MAX_NEIGHBOURS: usize = 64;
