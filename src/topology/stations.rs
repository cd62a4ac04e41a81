//! Facts of one station brought together, and stations found by what a neighbour knows of them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use petgraph::unionfind::UnionFind;

use super::facts::{LinkState, PeerFacts, PortFacts, Source, StationFacts};
use crate::wire::ethernet::MacAddress;
use crate::wire::lldp::{ChassisId, PortId, naming};

/// A station with everything that is said of it.
#[derive(Debug, Clone)]
pub(super) struct Station {
    pub(super) mac: Option<MacAddress>,
    pub(super) name: Option<String>,
    pub(super) ip: Option<Ipv4Addr>,
    pub(super) sources: Vec<Source>,
    /// By [`port_key`].
    pub(super) ports: BTreeMap<String, StationPort>,
}

/// A port of it.
#[derive(Debug, Clone, Default)]
pub(super) struct StationPort {
    pub(super) mac: Option<MacAddress>,
    pub(super) link: Option<LinkState>,
    pub(super) speed: Option<u64>,
    pub(super) descriptions: Vec<String>,
    pub(super) peers: Option<Vec<PeerFacts>>,
}

/// What a port is known by on its station: the PROFINET part of its id, or all of it.
pub(super) fn port_key(id: &str) -> String {
    match naming::port_number(id) {
        Some((port, slot)) => naming::port_text(port, slot),
        None => id.to_owned(),
    }
}

/// How a neighbour names its port.
pub(super) fn port_of(peer: &PeerFacts) -> String {
    match &peer.port {
        PortId::Local(text) | PortId::InterfaceName(text) | PortId::InterfaceAlias(text) => port_key(text),
        PortId::Mac(mac) => mac.to_string(),
        PortId::Other(subtype, value) => {
            let bytes: String = value.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{subtype}:{bytes}")
        }
    }
}

/// The stations that these facts are about: facts are of one station when MAC or name are the same, or, where one has neither, the IP
/// address.
pub(super) fn stations(facts: &[StationFacts]) -> Vec<Station> {
    let mut groups = UnionFind::<usize>::new(facts.len());
    let mut by_mac: BTreeMap<MacAddress, usize> = BTreeMap::new();
    let mut by_name: BTreeMap<(&str, Option<MacAddress>), usize> = BTreeMap::new();
    for (at, fact) in facts.iter().enumerate() {
        if let Some(mac) = fact.mac {
            groups.union(at, *by_mac.entry(mac).or_insert(at));
        }
    }
    // Two stations may have one name by mistake, so a name joins only facts that do not contradict each other in their MAC.
    let mut macs: BTreeMap<&str, BTreeSet<MacAddress>> = BTreeMap::new();
    for fact in facts {
        if let (Some(name), Some(mac)) = (&fact.name, fact.mac) {
            macs.entry(name).or_default().insert(mac);
        }
    }
    for (at, fact) in facts.iter().enumerate() {
        let Some(name) = fact.name.as_deref().filter(|name| !name.is_empty()) else { continue };
        // Of two it would be guessed.
        let only = || macs.get(name).filter(|macs| macs.len() == 1).and_then(|macs| macs.first().copied());
        let mac = fact.mac.or_else(only);
        groups.union(at, *by_name.entry((name, mac)).or_insert(at));
        if let Some(mac) = mac {
            groups.union(at, *by_mac.entry(mac).or_insert(at));
        }
    }
    let mut by_ip: BTreeMap<Ipv4Addr, usize> = BTreeMap::new();
    for (at, fact) in facts.iter().enumerate().filter(|(_, fact)| fact.mac.is_some() || fact.name.is_some()) {
        if let Some(ip) = fact.ip {
            by_ip.entry(ip).or_insert(at);
        }
    }
    for (at, fact) in facts.iter().enumerate().filter(|(_, fact)| fact.mac.is_none() && fact.name.is_none()) {
        if let Some(ip) = fact.ip {
            groups.union(at, *by_ip.entry(ip).or_insert(at));
        }
    }
    let mut members: BTreeMap<usize, Vec<&StationFacts>> = BTreeMap::new();
    for (at, fact) in facts.iter().enumerate() {
        members.entry(groups.find(at)).or_default().push(fact);
    }
    members.into_values().map(Station::of).collect()
}

impl Station {
    /// The most trusted source that says something is believed.
    fn of(mut facts: Vec<&StationFacts>) -> Self {
        facts.sort_by_key(|fact| std::cmp::Reverse(fact.source));
        let mut sources: Vec<Source> = facts.iter().map(|fact| fact.source).collect();
        sources.dedup();
        let mut ports: BTreeMap<String, StationPort> = BTreeMap::new();
        for port in facts.iter().flat_map(|fact| &fact.ports) {
            ports.entry(port_key(&port.id)).or_default().learn(port);
        }
        Self {
            mac: facts.iter().find_map(|fact| fact.mac),
            name: facts.iter().find_map(|fact| fact.name.clone()).filter(|name| !name.is_empty()),
            ip: facts.iter().find_map(|fact| fact.ip),
            sources,
            ports,
        }
    }
}

impl StationPort {
    fn learn(&mut self, port: &PortFacts) {
        self.mac = self.mac.or(port.mac);
        self.link = self.link.or(port.link);
        self.speed = self.speed.or(port.speed);
        self.descriptions.extend(port.description.clone().filter(|text| !self.descriptions.contains(text)));
        if let Some(peers) = &port.peers {
            let known = self.peers.get_or_insert_default();
            // Sources write a neighbour differently (long and short port ids): it is one as long as its port is.
            let is_new = |peer: &&PeerFacts| !known.iter().any(|other| is_same(other, peer));
            let new: Vec<PeerFacts> = peers.iter().filter(is_new).cloned().collect();
            known.extend(new);
        }
    }
}

/// Whether two descriptions are of one neighbour.
fn is_same(one: &PeerFacts, other: &PeerFacts) -> bool {
    if one == other || (one.mac.is_some() && one.mac == other.mac) {
        return true;
    }
    let name = |peer: &PeerFacts| naming::station_name(&peer.chassis, &peer.port).or_else(|| peer.name.clone());
    port_of(one) == port_of(other) && name(one).is_some() && name(one) == name(other)
}

/// Finds stations by what neighbours know of them.
pub(super) struct Finder {
    by_name: BTreeMap<String, Vec<usize>>,
    by_mac: BTreeMap<MacAddress, usize>,
    by_ip: BTreeMap<Ipv4Addr, Vec<usize>>,
    /// Port keys by the MAC of the port.
    ports_by_mac: BTreeMap<MacAddress, (usize, String)>,
}

impl Finder {
    pub(super) fn new(stations: &[Station]) -> Self {
        let mut finder = Self {
            by_name: BTreeMap::new(),
            by_mac: BTreeMap::new(),
            by_ip: BTreeMap::new(),
            ports_by_mac: BTreeMap::new(),
        };
        for (at, station) in stations.iter().enumerate() {
            if let Some(name) = &station.name {
                finder.by_name.entry(name.clone()).or_default().push(at);
            }
            if let Some(mac) = station.mac {
                finder.by_mac.entry(mac).or_insert(at);
            }
            if let Some(ip) = station.ip {
                finder.by_ip.entry(ip).or_default().push(at);
            }
            for (key, port) in &station.ports {
                if let Some(mac) = port.mac {
                    finder.ports_by_mac.entry(mac).or_insert_with(|| (at, key.clone()));
                }
            }
        }
        finder
    }

    /// The station and port that a neighbour is, in the order of the spec (section 9): alias or name, chassis MAC, management address,
    /// MAC of a port. A name or address that several have tells nothing.
    pub(super) fn find(&self, stations: &[Station], peer: &PeerFacts) -> Option<(usize, String)> {
        let only = |found: Option<&Vec<usize>>| found.filter(|found| found.len() == 1).map(|found| found[0]);
        let name = naming::station_name(&peer.chassis, &peer.port).or_else(|| peer.name.clone());
        let chassis_mac = match &peer.chassis {
            ChassisId::Mac(mac) => Some(*mac),
            ChassisId::Local(text) => naming::mac_of(text),
            ChassisId::Other(..) => None,
        };
        let of_mac = |mac: MacAddress| {
            self.by_mac.get(&mac).copied().or_else(|| self.ports_by_mac.get(&mac).map(|(station, _)| *station))
        };
        let station = name
            .and_then(|name| only(self.by_name.get(&name)))
            .or_else(|| chassis_mac.and_then(of_mac))
            .or_else(|| only(self.by_ip.get(&peer.ip?)))
            .or_else(|| of_mac(peer.mac?))
            .or_else(|| match &peer.port {
                PortId::Mac(mac) => of_mac(*mac),
                _ => None,
            })?;
        Some((station, self.port(stations, station, peer)))
    }

    /// Which of the station's ports: by its key, a description of it, or its MAC.
    fn port(&self, stations: &[Station], station: usize, peer: &PeerFacts) -> String {
        let key = port_of(peer);
        let Some(ports) = stations.get(station).map(|station| &station.ports) else { return key };
        if ports.contains_key(&key) {
            return key;
        }
        let described = ports.iter().find(|(_, port)| port.descriptions.contains(&key)).map(|(key, _)| key.clone());
        let port_mac = match &peer.port {
            PortId::Mac(mac) => Some(*mac),
            _ => peer.mac,
        };
        let by_mac = || {
            let (of, key) = self.ports_by_mac.get(&port_mac?)?;
            (*of == station).then(|| key.clone())
        };
        described.or_else(by_mac).unwrap_or(key)
    }
}
