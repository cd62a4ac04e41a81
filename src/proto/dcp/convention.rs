//! What the specification leaves open (marked [ours] there), in one place.

use std::time::Duration;

/// How long one try of a Get or Set waits for its answer.
pub const TRY_TIMEOUT: Duration = Duration::from_secs(1);

/// Tries of a Get or Set, one right after the other's timeout.
pub const TRIES: u32 = 3;

/// One more try comes this long after the last: a station that another tool works on is silent for 3 s.
pub const LATE_RETRY: Duration = Duration::from_millis(3500);

/// Reading back after a Set: so many tries …
pub const VERIFY_TRIES: u32 = 3;

/// … so far apart. The first comes at once.
pub const VERIFY_EVERY: Duration = Duration::from_secs(1);

/// Delay factor of a network scan.
pub const SCAN_DELAY_FACTOR: u16 = 128;

/// Between two repeats of a scan after its window. They ask for answers at once, so no station has one pending.
pub const REPEAT_EVERY: Duration = Duration::from_millis(60);

/// Most repeats of a scan.
pub const MAX_REPEATS: u32 = 20;

/// Repeats end when fewer stations than this are expected to be missing.
pub const MISSING_ACCEPTED: f64 = 0.01;

/// Most stations a scan keeps.
pub const MAX_STATIONS: usize = 20_000;
