//! The connections of a port: who may stay when there is no room for one more.
//!
//! Anybody can open connections and say nothing. Whoever has called before is worth more than whoever never has, so strangers
//! give way first, the longest seated before the others; then those who have not been heard for long.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Of one who has called before, this long nothing must have been heard before it gives way: several times the interval at
/// which the partners of a device ping it.
const GIVES_WAY_AFTER: Duration = Duration::from_secs(60);
/// Milliseconds of one who never called.
const STRANGER: u64 = u64::MAX;

/// One connection's place. It is free again when the connection drops it.
#[derive(Debug)]
pub(super) struct Seat {
    taken_at: Instant,
    /// When it called last, in milliseconds from `taken_at`; [`STRANGER`] before the first call.
    heard: AtomicU64,
    give_way: CancellationToken,
}

impl Seat {
    /// A call of this connection has arrived whole, or has been answered.
    pub(super) fn heard(&self, now: Instant) {
        let millis = u64::try_from(now.saturating_duration_since(self.taken_at).as_millis()).unwrap_or(STRANGER - 1);
        self.heard.store(millis, Ordering::Relaxed);
    }

    /// Waits until the place is needed by somebody else.
    pub(super) async fn needed(&self) {
        self.give_way.cancelled().await;
    }

    /// How long nothing was heard of one who has called before.
    fn silent(&self, now: Instant) -> Option<Duration> {
        let heard = self.heard.load(Ordering::Relaxed);
        (heard != STRANGER)
            .then(|| now.saturating_duration_since(self.taken_at).saturating_sub(Duration::from_millis(heard)))
    }
}

/// The places of one port.
#[derive(Debug)]
pub(super) struct Seats {
    taken: Vec<Arc<Seat>>,
    most: usize,
}

impl Seats {
    pub(super) fn new(most: usize) -> Self {
        Self { taken: Vec::new(), most }
    }

    /// A place for one more connection; `None` if nobody gives way.
    pub(super) fn take(&mut self, now: Instant) -> Option<Arc<Seat>> {
        self.taken.retain(|seat| Arc::strong_count(seat) > 1 && !seat.give_way.is_cancelled());
        if self.taken.len() >= self.most {
            let strangers = self.taken.iter().filter(|seat| seat.silent(now).is_none());
            let victim = strangers.min_by_key(|seat| seat.taken_at).or_else(|| {
                let silent = self.taken.iter().filter(|seat| seat.silent(now) >= Some(GIVES_WAY_AFTER));
                silent.max_by_key(|seat| seat.silent(now))
            })?;
            victim.give_way.cancel();
        }
        let seat =
            Arc::new(Seat { taken_at: now, heard: AtomicU64::new(STRANGER), give_way: CancellationToken::new() });
        self.taken.push(Arc::clone(&seat));
        Some(seat)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_give_way_first_then_the_silent() {
        let mut seats = Seats::new(3);
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let known = seats.take(at(0)).unwrap();
        known.heard(at(0));
        let stranger = seats.take(at(1)).unwrap();
        let later = seats.take(at(2)).unwrap();
        let gone = |seat: &Seat| seat.give_way.is_cancelled();

        let fourth = seats.take(at(2)).unwrap();
        assert!(gone(&stranger) && !gone(&known) && !gone(&later), "the stranger seated longest");
        later.heard(at(3));
        fourth.heard(at(3));
        assert!(seats.take(at(59)).is_none(), "all are known, and were heard not long ago");
        fourth.heard(at(63));
        let fifth = seats.take(at(63)).unwrap();
        assert!(gone(&known) && !gone(&later), "the one that was silent longest");
        drop(fifth);
        assert!(seats.take(at(63)).is_some(), "a place that was left is free");
        assert!(!gone(&later));
    }
}
