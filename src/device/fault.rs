//! Faults to try: how a virtual device misbehaves on purpose.
//!
//! A plant has to stand a device that refuses, lies, stalls or dies, and a tool has to leave the others alone and say what
//! happened. Each fault can be switched on and off while the device runs. What goes wrong on the cable itself
//! (refused, slow, cut in the middle of a message) is `net::impair`.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

/// Sentinel of the counter: the device does not die.
const IMMORTAL: i64 = -1;

/// A fault by name, as a person switches it on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// `refuse-connections`, see [`Faults::refuse_connections`].
    RefuseConnections,
    /// `lie-at-read-back`, see [`Faults::lie_at_read_back`].
    LieAtReadBack,
    /// `stall`, see [`Faults::stall`].
    Stall,
    /// `die-after-N`, see [`Faults::die_after`].
    DieAfter(u32),
}

impl Fault {
    /// How they are written.
    pub const FORMS: &'static str = "refuse-connections, lie-at-read-back, stall, die-after-N";

    /// Reads a name; `None` for one that is not among [`FORMS`](Self::FORMS).
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "refuse-connections" => Self::RefuseConnections,
            "lie-at-read-back" => Self::LieAtReadBack,
            "stall" => Self::Stall,
            _ => Self::DieAfter(name.strip_prefix("die-after-")?.parse().ok()?),
        })
    }
}

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
    /// Switches a fault on.
    pub fn switch_on(&self, fault: Fault) {
        match fault {
            Fault::RefuseConnections => self.refuse_connections(true),
            Fault::LieAtReadBack => self.lie_at_read_back(true),
            Fault::Stall => self.stall(true),
            Fault::DieAfter(calls) => self.die_after(Some(calls)),
        }
    }

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
    fn faults_are_switched_on_by_name() {
        let faults = Faults::default();
        for name in ["stall", "refuse-connections", "lie-at-read-back", "die-after-0"] {
            faults.switch_on(Fault::parse(name).unwrap());
        }
        assert!(faults.stalls() && faults.refuses_connections() && faults.lies_at_read_back() && faults.dies_now());
        assert_eq!((Fault::parse("die-after-x"), Fault::parse("die"), Fault::parse("")), (None, None, None));
    }

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
