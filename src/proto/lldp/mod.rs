//! LLDP conversations: telling neighbours who one is, and remembering who they are (spec `dcp-lldp-snmp` 6).
//!
//! ```text
//! Sender      link up ──▶ at once, then every 5 s ──▶ changed: at once ──▶ goodbye: TTL 0
//! Neighbours  appeared ──▶ refreshed, changed ──▶ gone: goodbye, TTL over, or the link of the port is lost
//! ```
//!
//! One [`Sender`] a port; one [`Neighbours`] for all ports of a station, or for the one adapter of a tool.

pub mod convention;
mod neighbours;
mod sender;

pub use neighbours::{Gone, Neighbour, NeighbourEvent, NeighbourKey, Neighbours};
pub use sender::Sender;

#[cfg(test)]
mod tests;
