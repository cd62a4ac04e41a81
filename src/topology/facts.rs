//! What a source says about a station.

use std::net::Ipv4Addr;

use crate::wire::ethernet::MacAddress;
use crate::wire::lldp::{ChassisId, PortId};

/// Who says so; of two that contradict each other the later one here is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// The endpoint mapper of a station.
    Endpoints,
    /// LLDP of a neighbour that this computer heard itself.
    Lldp,
    /// The station's answer to DCP.
    Dcp,
    /// Its SNMP agent.
    Snmp,
    /// Its PROFINET records.
    Records,
}

impl Source {
    /// As people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Endpoints => "endpoint mapper",
            Self::Lldp => "LLDP",
            Self::Dcp => "DCP",
            Self::Snmp => "SNMP",
            Self::Records => "records",
        }
    }
}

/// Whether a port has a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LinkState {
    /// It has.
    Up,
    /// It has none.
    Down,
}

/// What one source says about one station. What it does not say is `None` or empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StationFacts {
    /// Who says so.
    pub source: Source,
    /// MAC address of the interface, by which DCP calls the station.
    pub mac: Option<MacAddress>,
    /// Name of station; for others the name they give themselves.
    pub name: Option<String>,
    /// IP address.
    pub ip: Option<Ipv4Addr>,
    /// LAN ports.
    pub ports: Vec<PortFacts>,
}

impl StationFacts {
    /// Nothing but who says it.
    pub fn of(source: Source) -> Self {
        Self { source, mac: None, name: None, ip: None, ports: Vec::new() }
    }
}

/// What it says about a port of the station.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PortFacts {
    /// How the station calls it: `port-001`, `port-001.pump-2`, `eth0`.
    pub id: String,
    /// Its own MAC address.
    pub mac: Option<MacAddress>,
    /// Other names of it, for example the one of its interface.
    pub description: Option<String>,
    /// Link.
    pub link: Option<LinkState>,
    /// Bits a second.
    pub speed: Option<u64>,
    /// Who is at the other end; `None` where the source cannot tell, empty where nobody is.
    pub peers: Option<Vec<PeerFacts>>,
}

/// A neighbour as a port sees it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PeerFacts {
    /// Who it says it is.
    pub chassis: ChassisId,
    /// Which of its ports.
    pub port: PortId,
    /// Name of station, where it comes beside.
    pub name: Option<String>,
    /// MAC address of its port or interface.
    pub mac: Option<MacAddress>,
    /// Its management address.
    pub ip: Option<Ipv4Addr>,
}

impl PeerFacts {
    /// A neighbour that says no more than it must.
    pub fn new(chassis: ChassisId, port: PortId) -> Self {
        Self { chassis, port, name: None, mac: None, ip: None }
    }
}
