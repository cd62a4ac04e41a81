//! Time at live carriers.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

/// Counts from 1970 as the computer's clock had it at the start, and from then on evenly: setting the clock does not
/// make it jump.
#[derive(Debug, Clone, Copy)]
pub struct LinkClock {
    origin: Duration,
    started: Instant,
}

impl LinkClock {
    /// Starts now.
    pub fn start() -> Self {
        let origin = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Self { origin, started: Instant::now() }
    }

    /// Now.
    pub fn now(&self) -> Duration {
        self.origin + self.started.elapsed()
    }

    /// When it will be `time`, for timers.
    pub fn instant(&self, time: Duration) -> Instant {
        self.started + time.saturating_sub(self.origin)
    }
}
