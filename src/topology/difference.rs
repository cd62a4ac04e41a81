//! Planned cables against found ones.

use std::collections::{BTreeMap, BTreeSet};

use super::merge::{Agreement, End, Line, Node, NodeId, NodeKind, Topology};
use crate::model::{Cable, LanPort, Name, Plan};
use crate::wire::ethernet::MacAddress;
use crate::wire::lldp::naming;

/// How a planned cable stands to what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is there.
    Present {
        /// How sure that is.
        agreement: Agreement,
    },
    /// It is there, but an unmanaged switch lies between.
    Through {
        /// The switch.
        hidden: NodeId,
    },
    /// The two devices are connected, but at other ports.
    WrongPort {
        /// Where the cable is instead.
        found: Line,
    },
    /// Both devices were found, and nothing connects them directly.
    Missing,
    /// It cannot be told: a device was not found, or neither of the two tells its neighbours.
    Unknown {
        /// Planned devices that were not found; empty when nobody tells.
        not_found: Vec<Name>,
    },
}

/// A planned cable with its verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedCable {
    /// The cable.
    pub cable: Cable,
    /// How it stands.
    pub verdict: Verdict,
}

/// A found cable that is not planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundCable {
    /// The cable.
    pub line: Line,
    /// Its ends as planned ports, where their devices are planned.
    pub ends: [Option<LanPort>; 2],
}

/// Plan and finding compared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TopologyDifference {
    /// All planned cables, in the plan's order.
    pub planned: Vec<PlannedCable>,
    /// Cables between ports where the plan has none.
    pub surplus: Vec<FoundCable>,
    /// The node of each planned device that was found.
    pub nodes: BTreeMap<Name, NodeId>,
}

/// Compares the planned cables with a graph. A planned device is found by its MAC address, then by its name of station, then by its IP
/// address.
pub fn compare(plan: &Plan, topology: &Topology) -> TopologyDifference {
    let nodes = devices(plan, topology);
    let mut taken: BTreeSet<&Line> = BTreeSet::new();
    let lines = topology.lines();
    let end = |lan: &LanPort| {
        let node = topology.node(nodes.get(&lan.device)?)?;
        Some(End { node: node.id.clone(), port: port_of(node, lan.port)? })
    };
    let mut verdicts: Vec<Option<Verdict>> = Vec::new();
    // What is where it is planned comes first, so that no cable is taken for another one at a wrong port.
    for cable in plan.cables() {
        let at = end(&cable.a).zip(end(&cable.b));
        let direct = at.as_ref().and_then(|(a, b)| lines.iter().find(|line| is_between(line, a, b)));
        verdicts.push(match (direct, at) {
            (Some(line), _) => {
                taken.insert(line);
                Some(Verdict::Present { agreement: line.agreement })
            }
            (None, Some((a, b))) => hidden_between(topology, &a, &b).map(|(hidden, used)| {
                taken.extend(lines.iter().copied().filter(|line| used.contains(line)));
                Verdict::Through { hidden }
            }),
            (None, None) => None,
        });
    }
    let planned = plan.cables().iter().zip(verdicts).map(|(cable, verdict)| {
        let verdict = verdict.unwrap_or_else(|| {
            let not_found: Vec<Name> = [&cable.a, &cable.b]
                .into_iter()
                .map(|lan| lan.device.clone())
                .filter(|name| !nodes.contains_key(name))
                .collect();
            let (Some(a), Some(b)) = (nodes.get(&cable.a.device), nodes.get(&cable.b.device)) else {
                return Verdict::Unknown { not_found };
            };
            let wrong = lines.iter().find(|line| {
                let between = (line.a.node == *a && line.b.node == *b) || (line.a.node == *b && line.b.node == *a);
                between && !taken.contains(**line)
            });
            if let Some(line) = wrong {
                taken.insert(line);
                return Verdict::WrongPort { found: (*line).clone() };
            }
            let tells = |lan: &LanPort, id: &NodeId| {
                let node = topology.node(id)?;
                Some(node.ports.get(&port_of(node, lan.port)?)?.tells)
            };
            let told = tells(&cable.a, a) == Some(true) || tells(&cable.b, b) == Some(true);
            if told { Verdict::Missing } else { Verdict::Unknown { not_found } }
        });
        PlannedCable { cable: cable.clone(), verdict }
    });
    let planned: Vec<PlannedCable> = planned.collect();
    let by_node: BTreeMap<&NodeId, &Name> = nodes.iter().map(|(name, id)| (id, name)).collect();
    let lan = |end: &End| {
        let device = (*by_node.get(&end.node)?).clone();
        let (port, slot) = naming::port_number(&end.port)?;
        slot.is_none().then_some(LanPort { device, port })
    };
    let surplus = lines.iter().filter(|line| !taken.contains(**line));
    let surplus =
        surplus.map(|line| FoundCable { line: (*line).clone(), ends: [lan(&line.a), lan(&line.b)] }).collect();
    TopologyDifference { planned, surplus, nodes }
}

fn is_between(line: &Line, a: &End, b: &End) -> bool {
    (line.a == *a && line.b == *b) || (line.a == *b && line.b == *a)
}

/// The hidden switch that both ends hang at, with the two lines to it.
fn hidden_between<'a>(topology: &'a Topology, a: &'a End, b: &'a End) -> Option<(NodeId, [&'a Line; 2])> {
    topology.lines_at(a).find_map(|line| {
        let hidden = if line.a == *a { &line.b.node } else { &line.a.node };
        if topology.node(hidden)?.kind != NodeKind::Hidden {
            return None;
        }
        let other = topology.lines_at(b).find(|other| other.a.node == *hidden || other.b.node == *hidden)?;
        Some((hidden.clone(), [line, other]))
    })
}

/// What a node calls the LAN port that the plan counts: `port-001`, or the first of its ports in their order where it names them otherwise.
fn port_of(node: &Node, port: u8) -> Option<String> {
    let named = naming::port_text(port, None);
    let is_named = node.ports.keys().any(|key| naming::port_number(key).is_some());
    if is_named || node.ports.is_empty() {
        return Some(named);
    }
    node.ports.keys().nth(usize::from(port).checked_sub(1)?).cloned()
}

fn devices(plan: &Plan, topology: &Topology) -> BTreeMap<Name, NodeId> {
    let mut by_mac = BTreeMap::new();
    let mut by_name: BTreeMap<&str, Vec<&Node>> = BTreeMap::new();
    let mut by_ip: BTreeMap<_, Vec<&Node>> = BTreeMap::new();
    for node in topology.nodes().filter(|node| node.kind != NodeKind::Hidden) {
        if let Some(mac) = node.mac {
            by_mac.insert(mac, node);
        }
        if let Some(name) = &node.name {
            by_name.entry(name).or_default().push(node);
        }
        if let Some(ip) = node.ip {
            by_ip.entry(ip).or_default().push(node);
        }
    }
    let only = |found: Option<&Vec<&Node>>| found.filter(|found| found.len() == 1).map(|found| found[0].id.clone());
    let find = |name: &Name| {
        let address = plan.devices().get(name)?.ethernet_address()?;
        let mac = address.mac.and_then(|mac| by_mac.get(&MacAddress(mac))).map(|node| node.id.clone());
        mac.or_else(|| only(by_name.get(address.name_of_station.as_str()))).or_else(|| only(by_ip.get(&address.ip?)))
    };
    plan.devices().keys().filter_map(|name| Some((name.clone(), find(name)?))).collect()
}
