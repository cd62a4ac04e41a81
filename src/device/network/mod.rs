//! Virtual stations on an Ethernet in this process: what a planned device is below IP.
//!
//! ```text
//! Plan ──▶ StationSpec a device ──▶ VirtualNetwork ─┬─ Segment   stations, cables, one switch for the tool
//!                                                   └─ Running   one task a station that is on
//! Running   LinkEnd ◀──▶ dcp::Station   name, address, flash, reset
//!                   ◀──▶ lldp::Sender a port, lldp::Neighbours
//! ```
//!
//! A plan may leave cables open. Everything that its cables do not connect hangs at one switch, where the tool is
//! plugged in too ([`VirtualNetwork::join`]).
//!
//! Start reading at [`VirtualNetwork`]. What the same devices do over TCP is [`VirtualPlant`](super::VirtualPlant).

mod islands;
mod records;
mod running;
mod spec;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::model::{Cable, LanPort, Name, Plan};
use crate::net::capture::Capture;
use crate::net::link::{CableId, Jack, LinkEnd, LldpHandling, NodeId, Segment, SegmentError};
use crate::proto::dcp::Settings;
use crate::wire::ethernet::MacAddress;
use islands::islands;
use records::RecordServer;
use running::Running;
pub use spec::{LldpNaming, StationSpec, stations_of};

/// Ports of the switch that are left for tools.
const TOOL_PORTS: u16 = 32;

/// What is not as it should be with a network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// There is no such station.
    #[error("there is no station `{0}` on this network")]
    UnknownStation(Name),
    /// There is no such cable.
    #[error("there is no cable between port {} of `{}` and port {} of `{}`", .0.a.port, .0.a.device, .0.b.port, .0.b.device)]
    UnknownCable(Cable),
    /// A cable cannot be put there.
    #[error("port {port} of `{device}`: {source}")]
    Cabling {
        /// Device.
        device: Name,
        /// LAN port.
        port: u16,
        /// What is wrong.
        source: SegmentError,
    },
    /// More tools than the switch has ports.
    #[error("the switch has no port left: {TOOL_PORTS} tools are plugged in already")]
    NoPortLeft,
}

/// How a network is run.
#[derive(Debug, Clone, Default)]
pub struct NetworkOptions {
    /// Records every frame.
    pub capture: Option<Capture>,
    /// What the switch between what the plan's cables do not connect does with LLDP.
    pub switch_lldp: LldpHandling,
}

/// What a station is like now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StationState {
    /// Whether it is switched on.
    pub on: bool,
    /// Name and address in effect.
    pub running: Settings,
    /// Name and address after the next start.
    pub stored: Settings,
    /// How often it was told to flash.
    pub flashes: u64,
    /// How often it was told to reset more than name and address.
    pub resets: u64,
    /// Names of its neighbours' ports (`port-001.name`) by LLDP, sorted.
    pub neighbours: Vec<String>,
    /// Its neighbours by LLDP.
    pub seen: Vec<SeenPeer>,
    /// LAN ports that have a link.
    pub links_up: Vec<u16>,
}

/// A neighbour as a port sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenPeer {
    /// LAN port of the station.
    pub at: u16,
    /// Port of the neighbour in the short form, `port-001`.
    pub port: String,
    /// Its name of station, or what else it calls itself.
    pub chassis: String,
    /// Its MAC address.
    pub mac: MacAddress,
}

/// A place on the network; what outlives a power cycle.
#[derive(Debug)]
struct Place {
    spec: Arc<StationSpec>,
    node: NodeId,
    state: Arc<Mutex<StationState>>,
    running: Option<Running>,
    /// Answers about its records, over UDP at an address of this computer.
    records: Option<RecordServer>,
}

/// The stations of a plan on an Ethernet in this process. Dropping it switches all of them off.
#[derive(Debug)]
pub struct VirtualNetwork {
    segment: Segment,
    places: BTreeMap<Name, Place>,
    cables: BTreeMap<Cable, CableId>,
    switch: NodeId,
    next_port: u16,
    last_port: u16,
}

impl VirtualNetwork {
    /// Places and switches on a station for every planned device with an Ethernet interface, cabled as planned. Must run
    /// inside a tokio runtime.
    ///
    /// # Errors
    /// [`NetworkError::Cabling`]: two planned cables in one port.
    pub fn from_plan(plan: &Plan, options: NetworkOptions) -> Result<Self, NetworkError> {
        let stations = stations_of(plan);
        let names: BTreeSet<&Name> = stations.iter().map(|station| &station.device).collect();
        // Cables to what is no station of this network are nobody's.
        let both_here = |cable: &&Cable| names.contains(&cable.a.device) && names.contains(&cable.b.device);
        let cables: Vec<Cable> = plan.cables().iter().filter(both_here).cloned().collect();
        Self::start(stations, &cables, options)
    }

    /// The same for any stations and cables.
    ///
    /// # Errors
    /// [`NetworkError::Cabling`], [`NetworkError::UnknownStation`] for a cable that leads elsewhere.
    pub fn start(
        mut stations: Vec<StationSpec>,
        cables: &[Cable],
        options: NetworkOptions,
    ) -> Result<Self, NetworkError> {
        let segment = options.capture.map_or_else(Segment::new, Segment::with_capture);
        let uplinks = islands(&mut stations, cables);
        let n_islands = u16::try_from(uplinks.len()).unwrap_or(u16::MAX);
        let last_port = n_islands.saturating_add(TOOL_PORTS);
        let switch = segment.add_switch(last_port, options.switch_lldp);
        let mut network =
            Self { segment, places: BTreeMap::new(), cables: BTreeMap::new(), switch, next_port: 1, last_port };
        for spec in stations {
            let node = network.segment.add_station(spec.mac, spec.port_macs.clone());
            let stored = spec.stored.clone();
            let state = StationState { running: stored.clone(), stored, ..StationState::default() };
            let name = spec.device.clone();
            let place =
                Place { spec: Arc::new(spec), node, state: Arc::new(Mutex::new(state)), running: None, records: None };
            network.places.insert(name, place);
        }
        for cable in cables {
            let (a, b) = (network.jack(&cable.a)?, network.jack(&cable.b)?);
            let id = network.segment.connect(a, b).map_err(|source| cabling(&cable.b, source))?;
            network.cables.insert(cable.clone(), id);
        }
        for uplink in uplinks {
            let jack = network.jack(&uplink)?;
            let here = network.free_port()?;
            network.segment.connect(jack, here).map_err(|source| cabling(&uplink, source))?;
        }
        let names: Vec<Name> = network.places.keys().cloned().collect();
        for name in names {
            network.switch_on(&name)?;
        }
        Ok(network)
    }

    /// The Ethernet itself: loss, statistics, further stations.
    pub fn segment(&self) -> &Segment {
        &self.segment
    }

    /// Names of its stations, sorted.
    pub fn names(&self) -> impl Iterator<Item = &Name> {
        self.places.keys()
    }

    /// What a station is.
    pub fn spec(&self, station: &str) -> Option<&StationSpec> {
        self.places.get(station).map(|place| &*place.spec)
    }

    /// What a station is like now.
    pub fn state(&self, station: &str) -> Option<StationState> {
        self.places.get(station).map(|place| state(&place.state).clone())
    }

    /// Plugs a tool in at the switch.
    ///
    /// # Errors
    /// [`NetworkError::NoPortLeft`].
    pub fn join(&mut self, mac: MacAddress) -> Result<LinkEnd, NetworkError> {
        let here = self.free_port()?;
        let (node, end) = self.segment.join(mac);
        // Both ports are new.
        let _ = self.segment.connect(Jack { node, port: 1 }, here);
        Ok(end)
    }

    /// Plugs a tool in at a port of a station, so that it hears the station's LLDP.
    ///
    /// # Errors
    /// [`NetworkError::UnknownStation`], [`NetworkError::Cabling`].
    pub fn join_at(&self, mac: MacAddress, at: &LanPort) -> Result<LinkEnd, NetworkError> {
        let there = self.jack(at)?;
        let (node, end) = self.segment.join(mac);
        self.segment.connect(Jack { node, port: 1 }, there).map_err(|source| cabling(at, source))?;
        Ok(end)
    }

    /// Switches a station on; one that is on stays so.
    ///
    /// # Errors
    /// [`NetworkError::UnknownStation`].
    pub fn switch_on(&mut self, station: &str) -> Result<(), NetworkError> {
        let place = self.places.get_mut(station).ok_or_else(|| NetworkError::UnknownStation(station.into()))?;
        if place.running.is_none()
            && let Ok(end) = self.segment.switch_on(place.node)
        {
            place.running = Some(Running::start(Arc::clone(&place.spec), end, Arc::clone(&place.state)));
        }
        Ok(())
    }

    /// Switches a station off, at once and without a goodbye. What it has stored it has again at the next start.
    ///
    /// # Errors
    /// [`NetworkError::UnknownStation`].
    pub async fn switch_off(&mut self, station: &str) -> Result<(), NetworkError> {
        let place = self.places.get_mut(station).ok_or_else(|| NetworkError::UnknownStation(station.into()))?;
        if let Some(running) = place.running.take() {
            running.stop().await;
        }
        Ok(())
    }

    /// Where this computer answers about the records of the station with an IP address; begins to when it is first asked for.
    /// `None` when no station has the address, or the system gives no port.
    pub fn records_address(&mut self, ip: Ipv4Addr) -> Option<SocketAddrV4> {
        let place = self.places.values_mut().find(|place| state(&place.state).running.ip.ip == ip)?;
        if place.records.is_none() {
            place.records = RecordServer::start(Arc::clone(&place.spec), Arc::clone(&place.state)).ok();
        }
        place.records.as_ref().map(RecordServer::at)
    }

    /// Pulls a planned cable.
    ///
    /// # Errors
    /// [`NetworkError::UnknownCable`].
    pub fn pull(&self, cable: &Cable) -> Result<(), NetworkError> {
        self.segment.pull(self.cable(cable)?).map_err(|_| NetworkError::UnknownCable(cable.clone()))
    }

    /// Puts a planned cable back.
    ///
    /// # Errors
    /// [`NetworkError::UnknownCable`].
    pub fn plug(&self, cable: &Cable) -> Result<(), NetworkError> {
        self.segment.plug(self.cable(cable)?).map_err(|_| NetworkError::UnknownCable(cable.clone()))
    }

    /// Switches all stations off and waits until they are.
    pub async fn shutdown(self) {
        for running in self.places.into_values().filter_map(|place| place.running) {
            running.stop().await;
        }
    }

    fn cable(&self, cable: &Cable) -> Result<CableId, NetworkError> {
        self.cables.get(cable).copied().ok_or_else(|| NetworkError::UnknownCable(cable.clone()))
    }

    fn jack(&self, at: &LanPort) -> Result<Jack, NetworkError> {
        let place = self.places.get(&at.device).ok_or_else(|| NetworkError::UnknownStation(at.device.clone()))?;
        Ok(Jack { node: place.node, port: at.port.into() })
    }

    fn free_port(&mut self) -> Result<Jack, NetworkError> {
        let port = self.next_port;
        if port > self.last_port {
            return Err(NetworkError::NoPortLeft);
        }
        self.next_port += 1;
        Ok(Jack { node: self.switch, port })
    }
}

fn cabling(at: &LanPort, source: SegmentError) -> NetworkError {
    NetworkError::Cabling { device: at.device.clone(), port: at.port.into(), source }
}

fn state(state: &Mutex<StationState>) -> MutexGuard<'_, StationState> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
