//! DCP conversations: finding stations, naming and addressing them, and being one (spec `dcp-lldp-snmp` 2 to 5).
//!
//! Whole Ethernet frames go in and out; the carrier passes every frame it receives to every machine, which takes
//! what is for it. Times count from any fixed moment.
//!
//! ```text
//! Scan      Identify ──window──▶ repeats against loss ──▶ finished      never changes anything
//! hello     who has just started says so by itself
//! Request   Get or Set ──▶ answer, or again ──▶ (Set) read back ──▶ Outcome
//! Station   answers both, as a device does
//! ```
//!
//! Each machine is used alike: `receive` what comes, `poll` no later than `next_due` and send what it gives.

pub mod convention;
mod hello;
mod identity;
mod request;
mod scan;
mod station;
mod xids;

pub use hello::hello;
pub use identity::Identity;
pub use request::{Outcome, Patience, Request};
pub use scan::{Conflict, Found, Scan, ScanEvent, ScanSettings, response_window};
pub use station::{FilterSupport, Rules, Settings, Station, StationAction, StationSettings, answer_delay};
pub use xids::Xids;

#[cfg(test)]
mod tests;
