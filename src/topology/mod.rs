//! The cables of a network, worked out of what its stations say of their neighbours.
//!
//! Facts come in station by station and source by source ([`StationFacts`]: DCP, LLDP that this computer heard, SNMP, records); out comes
//! one graph ([`Topology`]) whose nodes are stations, neighbours that nobody knows more of, and switches that can only be inferred, and
//! whose lines say how sure they are: both ends agree, one end says so, or the ends contradict each other. Nodes keep their identity from
//! scan to scan, so what is drawn of them stays where it is.
//!
//! [`compare`] holds a graph against the planned cables, [`History`] one scan against another. No socket, no clock.

mod difference;
mod facts;
mod history;
mod merge;
mod render;
mod stations;

#[cfg(test)]
mod tests;

pub use difference::{FoundCable, PlannedCable, TopologyDifference, Verdict, compare};
pub use facts::{LinkState, PeerFacts, PortFacts, Source, StationFacts};
pub use history::{History, Recorded, TopologyChange};
pub use merge::{Agreement, End, Line, Node, NodeId, NodeKind, NodePort, Topology};
pub use render::{dot, json, text};
