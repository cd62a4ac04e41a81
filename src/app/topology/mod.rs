//! Planned cables: which LAN ports a device has, which are free, and where everything stands in the topology view.

mod layout;
mod ports;

pub use layout::{CableLine, PORT, PortPlace, TopologyBox, TopologyLayout};
pub use ports::{CableError, LanPorts};
