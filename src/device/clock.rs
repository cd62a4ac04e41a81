//! The time of a device: a steady one for its conversations, and the one on the wall.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::binding;
use crate::wire::cba::FileTime;

/// Read once for everything that happens at the same moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Now {
    /// Since the device started; never runs backwards.
    pub(super) steady: Duration,
    /// UTC.
    pub(super) wall: FileTime,
}

impl Now {
    /// The time on the wall as DATE.
    pub(super) fn date(self) -> f64 {
        binding::date_of(self.wall)
    }
}

/// The clock of one device.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    start: Instant,
}

impl Clock {
    pub(super) fn start() -> Self {
        Self { start: Instant::now() }
    }

    pub(super) fn now(&self) -> Now {
        // A wall clock before 1970 counts as 1970.
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let nanos = i128::try_from(since_1970.as_nanos()).unwrap_or(i128::MAX);
        Now { steady: self.start.elapsed(), wall: FileTime::from_unix_nanos(nanos) }
    }

    /// When a moment of this clock is, for timers.
    pub(super) fn at(&self, steady: Duration) -> Instant {
        self.start.checked_add(steady).unwrap_or_else(|| Instant::now() + Duration::from_secs(3600))
    }
}
