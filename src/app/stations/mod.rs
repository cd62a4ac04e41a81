//! Stations of a network, found and changed: what the commands `scan`, `topology`, `identify`, `set-name`, `set-ip`, `flash` and `reset` do.

mod act;
mod scan;

pub use act::{StationAct, StationChange, act};
pub use scan::{NetworkWay, ScanNews, ScanOutcome, ScanRequest, ScannedStation, scan_network};
