//! The graph.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::Ipv4Addr;

use petgraph::graph::{NodeIndex, UnGraph};
use petgraph::unionfind::UnionFind;

use super::facts::{LinkState, PeerFacts, Source, StationFacts};
use super::stations::{Finder, Station, port_of, stations};
use crate::wire::ethernet::MacAddress;
use crate::wire::lldp::{ChassisId, naming};

/// What a node is known by, the same in every scan: `mac 02:00:00:00:00:03`, `name pump-2`, `neighbour …`, `hidden …`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub String);

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a node stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NodeKind {
    /// A station that answered, or of which more is known than a neighbour tells.
    Station,
    /// Known only as the neighbour of others.
    Neighbour,
    /// Seen by nobody: one port has several neighbours, so something that passes LLDP on must lie between (spec 6.4).
    Hidden,
}

/// A port of a node.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NodePort {
    /// Its own MAC address.
    pub mac: Option<MacAddress>,
    /// Link.
    pub link: Option<LinkState>,
    /// Bits a second.
    pub speed: Option<u64>,
    /// Whether its station tells who is at the other end.
    pub tells: bool,
}

/// A station, neighbour or hidden switch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Identity.
    pub id: NodeId,
    /// What it stands for.
    pub kind: NodeKind,
    /// Name of station, or what it calls itself.
    pub name: Option<String>,
    /// MAC address.
    pub mac: Option<MacAddress>,
    /// IP address.
    pub ip: Option<Ipv4Addr>,
    /// Who tells of it, the most trusted first.
    pub sources: Vec<Source>,
    /// Ports by `port-001`, or how the station calls them.
    pub ports: BTreeMap<String, NodePort>,
}

impl Node {
    /// What people call it: its name, IP or MAC address.
    pub fn label(&self) -> String {
        if self.kind == NodeKind::Hidden {
            return "unmanaged switch".to_owned();
        }
        let ip = || self.ip.map(|ip| ip.to_string());
        let mac = || self.mac.map(|mac| mac.to_string());
        self.name.clone().or_else(ip).or_else(mac).unwrap_or_else(|| self.id.to_string())
    }
}

/// An end of a line. A hidden switch has no known ports: its ends are called as the node at the other end is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct End {
    /// Node.
    pub node: NodeId,
    /// Port.
    pub port: String,
}

/// How sure a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Agreement {
    /// Both ends say so.
    Confirmed,
    /// One end says so; the other cannot tell, or does not.
    OneSided,
    /// The other end says something else.
    Contradicted,
}

/// A cable as it was found; `a` is the smaller end.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// One end.
    pub a: End,
    /// The other end.
    pub b: End,
    /// How sure it is.
    pub agreement: Agreement,
    /// The ends that say so.
    pub said_by: Vec<End>,
}

/// A network as it was found.
#[derive(Debug, Clone, Default)]
pub struct Topology {
    graph: UnGraph<Node, Line>,
    places: BTreeMap<NodeId, NodeIndex>,
}

impl Topology {
    /// Works the graph out; the same for the same facts in whatever order they come.
    pub fn of(facts: &[StationFacts]) -> Self {
        let mut ordered: Vec<&StationFacts> = facts.iter().collect();
        ordered.sort_by(|one, other| {
            let key = |fact: &StationFacts| (fact.mac, fact.name.clone(), fact.ip, fact.source);
            key(one).cmp(&key(other))
        });
        let ordered: Vec<StationFacts> = ordered.into_iter().cloned().collect();
        let mut merge = Merge::of(stations(&ordered));
        merge.claim();
        merge.into_topology()
    }

    /// For the algorithms of petgraph.
    pub fn graph(&self) -> &UnGraph<Node, Line> {
        &self.graph
    }

    /// Nodes by their identity.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.places.values().filter_map(|place| self.graph.node_weight(*place))
    }

    /// A node.
    pub fn node(&self, id: &NodeId) -> Option<&Node> {
        self.graph.node_weight(*self.places.get(id)?)
    }

    /// Cables, sorted.
    pub fn lines(&self) -> Vec<&Line> {
        let mut lines: Vec<&Line> = self.graph.edge_weights().collect();
        lines.sort();
        lines
    }

    /// Cables at a port.
    pub fn lines_at<'a>(&'a self, end: &'a End) -> impl Iterator<Item = &'a Line> {
        let edges = self.places.get(&end.node).into_iter().flat_map(|place| self.graph.edges(*place));
        edges.map(|edge| edge.weight()).filter(move |line| line.a == *end || line.b == *end)
    }
}

struct Merge {
    stations: Vec<Station>,
    nodes: BTreeMap<NodeId, Node>,
    /// The node of each station.
    ids: Vec<NodeId>,
    /// Who says who is at the other end.
    claims: BTreeMap<End, BTreeSet<End>>,
}

impl Merge {
    fn of(stations: Vec<Station>) -> Self {
        let mut merge = Self { stations: Vec::new(), nodes: BTreeMap::new(), ids: Vec::new(), claims: BTreeMap::new() };
        for station in &stations {
            let id = NodeId(match (station.mac, &station.name, station.ip) {
                (Some(mac), ..) => format!("mac {mac}"),
                (None, Some(name), _) => format!("name {name}"),
                (None, None, Some(ip)) => format!("ip {ip}"),
                (None, None, None) => continue,
            });
            let ports = station.ports.iter().map(|(key, port)| {
                let tells = port.peers.is_some();
                (key.clone(), NodePort { mac: port.mac, link: port.link, speed: port.speed, tells })
            });
            let node = Node {
                id: id.clone(),
                kind: NodeKind::Station,
                name: station.name.clone(),
                mac: station.mac,
                ip: station.ip,
                sources: station.sources.clone(),
                ports: ports.collect(),
            };
            merge.nodes.insert(id, node);
        }
        let known = |station: &Station| station.mac.is_some() || station.name.is_some() || station.ip.is_some();
        merge.stations = stations.into_iter().filter(known).collect();
        merge.ids = merge.nodes_of_stations();
        merge
    }

    fn nodes_of_stations(&self) -> Vec<NodeId> {
        let id = |station: &Station| match (station.mac, &station.name, station.ip) {
            (Some(mac), ..) => format!("mac {mac}"),
            (None, Some(name), _) => format!("name {name}"),
            (_, _, ip) => ip.map(|ip| format!("ip {ip}")).unwrap_or_default(),
        };
        self.stations.iter().map(|station| NodeId(id(station))).collect()
    }

    /// Takes down what every port says.
    fn claim(&mut self) {
        let finder = Finder::new(&self.stations);
        let mut claims: Vec<(End, PeerFacts)> = Vec::new();
        for (station, id) in self.stations.iter().zip(&self.ids) {
            for (key, port) in &station.ports {
                let end = End { node: id.clone(), port: key.clone() };
                claims.extend(port.peers.iter().flatten().map(|peer| (end.clone(), peer.clone())));
            }
        }
        for (end, peer) in claims {
            let found = finder.find(&self.stations, &peer);
            let (node, port) = match found.and_then(|(at, port)| Some((self.ids.get(at)?.clone(), port))) {
                Some(found) => found,
                None => (self.neighbour(&peer), port_of(&peer)),
            };
            if let Some(node) = self.nodes.get_mut(&node) {
                node.ports.entry(port.clone()).or_default();
            }
            self.claims.entry(end).or_default().insert(End { node, port });
        }
    }

    /// The node of a neighbour that is no station that is known.
    fn neighbour(&mut self, peer: &PeerFacts) -> NodeId {
        let name = naming::station_name(&peer.chassis, &peer.port).or_else(|| peer.name.clone());
        let (mac, chassis) = match &peer.chassis {
            ChassisId::Mac(mac) => (Some(*mac), mac.to_string()),
            ChassisId::Local(text) => (naming::mac_of(text).or(peer.mac), text.trim().to_owned()),
            ChassisId::Other(subtype, value) => {
                (peer.mac, format!("{subtype}:{}", value.iter().map(|byte| format!("{byte:02x}")).collect::<String>()))
            }
        };
        let id = NodeId(format!("neighbour {}", name.as_deref().unwrap_or(&chassis)));
        let node = self.nodes.entry(id.clone()).or_insert_with(|| Node {
            id: id.clone(),
            kind: NodeKind::Neighbour,
            name,
            mac,
            ip: peer.ip,
            sources: Vec::new(),
            ports: BTreeMap::new(),
        });
        node.ip = node.ip.or(peer.ip);
        id
    }

    fn into_topology(mut self) -> Topology {
        let lines = self.lines();
        let mut topology = Topology::default();
        for (id, node) in self.nodes {
            let place = topology.graph.add_node(node);
            topology.places.insert(id, place);
        }
        for line in lines {
            if let (Some(a), Some(b)) = (topology.places.get(&line.a.node), topology.places.get(&line.b.node)) {
                topology.graph.add_edge(*a, *b, line);
            }
        }
        topology
    }

    /// The lines that the claims come to.
    fn lines(&mut self) -> Vec<Line> {
        let ends: Vec<End> = {
            let all = self.claims.iter().flat_map(|(end, others)| std::iter::once(end).chain(others));
            all.collect::<BTreeSet<_>>().into_iter().cloned().collect()
        };
        let place: BTreeMap<&End, usize> = ends.iter().zip(0..).collect();
        let mut groups = UnionFind::<usize>::new(ends.len());
        for (end, others) in &self.claims {
            for other in others {
                if let (Some(one), Some(two)) = (place.get(end), place.get(other)) {
                    groups.union(*one, *two);
                }
            }
        }
        let mut members: BTreeMap<usize, BTreeSet<&End>> = BTreeMap::new();
        for (end, at) in &place {
            members.entry(groups.find(*at)).or_default().insert(end);
        }
        let groups: Vec<Vec<End>> = members.into_values().map(|group| group.into_iter().cloned().collect()).collect();
        let mut lines = Vec::new();
        for group in groups {
            let is_shared = group.iter().any(|end| self.claims.get(end).is_some_and(|others| others.len() > 1));
            if is_shared { self.through_hidden(&group, &mut lines) } else { self.direct(&group, &mut lines) }
        }
        lines
    }

    fn says(&self, end: &End, other: &End) -> bool {
        self.claims.get(end).is_some_and(|others| others.contains(other))
    }

    /// Each end names at most one other: lines between them.
    fn direct(&self, group: &[End], lines: &mut Vec<Line>) {
        let mut pairs: BTreeSet<(&End, &End)> = BTreeSet::new();
        for end in group {
            for other in self.claims.get(end).into_iter().flatten() {
                pairs.insert(if end <= other { (end, other) } else { (other, end) });
            }
        }
        for (a, b) in pairs {
            let said_by: Vec<End> = [(a, b), (b, a)]
                .into_iter()
                .filter(|(one, other)| self.says(one, other))
                .map(|(one, _)| one.clone())
                .collect();
            let agreement = match said_by.as_slice() {
                [_, _] => Agreement::Confirmed,
                // A port that is its own neighbour: the cable comes back to where it began.
                [_] if a == b => Agreement::Confirmed,
                [one] => {
                    let silent = if one == a { b } else { a };
                    let says_else = self.claims.get(silent).is_some_and(|others| !others.is_empty());
                    if says_else { Agreement::Contradicted } else { Agreement::OneSided }
                }
                _ => continue,
            };
            lines.push(Line { a: a.clone(), b: b.clone(), agreement, said_by });
        }
    }

    /// Some port has several neighbours: all of them hang at something that passes LLDP on.
    fn through_hidden(&mut self, group: &[End], lines: &mut Vec<Line>) {
        let Some(first) = group.first() else { return };
        let id = NodeId(format!("hidden {} {}", first.node, first.port));
        let mut ports = BTreeMap::new();
        for end in group {
            let own = End { node: id.clone(), port: format!("{} {}", end.node, end.port) };
            ports.insert(own.port.clone(), NodePort::default());
            // It has its place there when it sees the others, and they see it.
            let others = || group.iter().filter(|other| *other != end);
            let sees = others().all(|other| self.says(end, other));
            let is_seen = others().any(|other| self.says(other, end));
            let agreement = if sees && is_seen { Agreement::Confirmed } else { Agreement::OneSided };
            let said_by: Vec<End> =
                group.iter().filter(|other| *other == end && sees || self.says(other, end)).cloned().collect();
            let (a, b) = if *end <= own { (end.clone(), own) } else { (own, end.clone()) };
            lines.push(Line { a, b, agreement, said_by });
        }
        let node = Node {
            id: id.clone(),
            kind: NodeKind::Hidden,
            name: None,
            mac: None,
            ip: None,
            sources: Vec::new(),
            ports,
        };
        self.nodes.insert(id, node);
    }
}
