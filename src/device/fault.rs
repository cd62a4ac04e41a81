//! Faults to try: how a virtual device misbehaves on purpose.
//!
//! A plant has to stand a device that refuses, lies, stalls or dies, and a tool has to leave the others alone and say what
//! happened. Each fault can be switched on and off while the device runs. What goes wrong on the cable itself
//! (refused, slow, cut in the middle of a message) is `net::impair`.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

/// Sentinel of the counter: the device does not die.
const IMMORTAL: i64 = -1;

/// The faults of one device. Shared by everything that serves it.
#[derive(Debug)]
pub struct Faults {
    refuse_connections: AtomicBool,
    lie_at_read_back: AtomicBool,
    stall: AtomicBool,
    calls_to_live: AtomicI64,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            refuse_connections: AtomicBool::new(false),
            lie_at_read_back: AtomicBool::new(false),
            stall: AtomicBool::new(false),
            calls_to_live: AtomicI64::new(IMMORTAL),
        }
    }
}

impl Faults {
    /// AddConnections fails for every connection with `CBA_E_CAPACITYEXCEEDED`.
    pub fn refuse_connections(&self, on: bool) {
        self.refuse_connections.store(on, Ordering::Relaxed);
    }

    /// Connections that are read back (GetConnections, GetConsConnections) have another update time than was loaded.
    pub fn lie_at_read_back(&self, on: bool) {
        self.lie_at_read_back.store(on, Ordering::Relaxed);
    }

    /// Calls are taken and never answered.
    pub fn stall(&self, on: bool) {
        self.stall.store(on, Ordering::Relaxed);
    }

    /// The device stops, as after a crash, when it has answered this many further calls; `None` takes it back.
    pub fn die_after(&self, calls: Option<u32>) {
        self.calls_to_live.store(calls.map_or(IMMORTAL, i64::from), Ordering::Relaxed);
    }

    pub(super) fn refuses_connections(&self) -> bool {
        self.refuse_connections.load(Ordering::Relaxed)
    }

    pub(super) fn lies_at_read_back(&self) -> bool {
        self.lie_at_read_back.load(Ordering::Relaxed)
    }

    pub(super) fn stalls(&self) -> bool {
        self.stall.load(Ordering::Relaxed)
    }

    /// Counts a call; `true` when the device dies of it instead of answering.
    pub(super) fn dies_now(&self) -> bool {
        let left = self
            .calls_to_live
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| (left > 0).then_some(left - 1));
        left == Err(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_dies_after_its_calls_and_not_before() {
        let faults = Faults::default();
        assert!((0..100).all(|_| !faults.dies_now()));
        faults.die_after(Some(2));
        assert_eq!([(); 4].map(|()| faults.dies_now()), [false, false, true, true]);
        faults.die_after(None);
        assert!(!faults.dies_now());
    }
}
