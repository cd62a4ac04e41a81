//! Who is there, what is cabled, and who gets a frame.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use super::forest::{Forest, Hop};
use super::{CableId, Inbox, Jack, LldpHandling, NodeId, SegmentError, SegmentStatistics, SendError};
use crate::net::link::Received;
use crate::net::link::end::Ended;
use crate::wire::ethernet::MacAddress;

#[derive(Debug, Default)]
pub(super) struct State {
    nodes: Vec<Node>,
    cables: Vec<Cable>,
    by_mac: HashMap<MacAddress, Vec<usize>>,
    /// Grown when a frame is sent after something has changed.
    forest: Option<Forest>,
    loss: Option<(f64, StdRng)>,
    pub(super) statistics: SegmentStatistics,
}

#[derive(Debug)]
struct Node {
    kind: Kind,
    ports: Vec<Port>,
}

#[derive(Debug)]
enum Kind {
    Station {
        mac: MacAddress,
        port_macs: Vec<MacAddress>,
        /// `None` while it is off.
        inbox: Option<Arc<Inbox>>,
    },
    Switch(LldpHandling),
}

#[derive(Debug, Clone, Copy, Default)]
struct Port {
    cable: Option<usize>,
    up: bool,
}

#[derive(Debug)]
struct Cable {
    ends: [Jack; 2],
    plugged: bool,
}

impl Node {
    fn is_on(&self) -> bool {
        !matches!(self.kind, Kind::Station { inbox: None, .. })
    }

    fn port(&self, port: u16) -> Option<&Port> {
        self.ports.get(usize::from(port).checked_sub(1)?)
    }

    fn port_mut(&mut self, port: u16) -> Option<&mut Port> {
        self.ports.get_mut(usize::from(port).checked_sub(1)?)
    }

    fn numbered_ports(&self) -> impl Iterator<Item = (u16, &Port)> {
        (1..).zip(&self.ports)
    }
}

impl State {
    pub(super) fn add_station(&mut self, mac: MacAddress, port_macs: Vec<MacAddress>) -> NodeId {
        let node = self.nodes.len();
        let own: HashSet<MacAddress> = port_macs.iter().copied().chain([mac]).collect();
        for mac in own {
            self.by_mac.entry(mac).or_default().push(node);
        }
        let ports = vec![Port::default(); port_macs.len()];
        self.nodes.push(Node { kind: Kind::Station { mac, port_macs, inbox: None }, ports });
        NodeId(node)
    }

    pub(super) fn add_switch(&mut self, n_ports: u16, lldp: LldpHandling) -> NodeId {
        let ports = vec![Port::default(); usize::from(n_ports)];
        self.nodes.push(Node { kind: Kind::Switch(lldp), ports });
        NodeId(self.nodes.len() - 1)
    }

    pub(super) fn switch_on(
        &mut self,
        NodeId(node): NodeId,
        with: &Arc<Inbox>,
    ) -> Result<(MacAddress, Vec<MacAddress>), SegmentError> {
        let Node { kind, .. } = self.nodes.get_mut(node).ok_or(SegmentError::Unknown)?;
        let Kind::Station { mac, port_macs, inbox } = kind else { return Err(SegmentError::NoStation) };
        if inbox.is_some() {
            return Err(SegmentError::IsOn);
        }
        *inbox = Some(Arc::clone(with));
        let addresses = (*mac, port_macs.clone());
        self.power_changed(node);
        Ok(addresses)
    }

    pub(super) fn switch_off(&mut self, NodeId(node): NodeId) {
        if let Some(Node { kind: Kind::Station { inbox, .. }, .. }) = self.nodes.get_mut(node)
            && let Some(inbox) = inbox.take()
        {
            inbox.end(Ended::SwitchedOff);
            self.power_changed(node);
        }
    }

    pub(super) fn connect(&mut self, a: Jack, b: Jack) -> Result<CableId, SegmentError> {
        if a.node == b.node {
            return Err(SegmentError::SameNode);
        }
        for Jack { node, port } in [a, b] {
            let node = self.nodes.get(node.0).ok_or(SegmentError::Unknown)?;
            let n_ports = node.ports.len();
            if node.port(port).ok_or(SegmentError::NoSuchPort { port, n_ports })?.cable.is_some() {
                return Err(SegmentError::PortTaken { port });
            }
        }
        let cable = self.cables.len();
        self.cables.push(Cable { ends: [a, b], plugged: true });
        for Jack { node, port } in [a, b] {
            if let Some(port) = self.nodes.get_mut(node.0).and_then(|node| node.port_mut(port)) {
                port.cable = Some(cable);
            }
        }
        self.cable_changed(cable);
        Ok(CableId(cable))
    }

    pub(super) fn set_plugged(&mut self, CableId(cable): CableId, plugged: bool) -> Result<(), SegmentError> {
        self.cables.get_mut(cable).ok_or(SegmentError::Unknown)?.plugged = plugged;
        self.cable_changed(cable);
        Ok(())
    }

    pub(super) fn cable_at(&self, Jack { node, port }: Jack) -> Option<CableId> {
        self.nodes.get(node.0)?.port(port)?.cable.map(CableId)
    }

    pub(super) fn is_up(&self, Jack { node, port }: Jack) -> bool {
        self.nodes.get(node.0).and_then(|node| node.port(port)).is_some_and(|port| port.up)
    }

    pub(super) fn set_loss(&mut self, share: f64, seed: u64) {
        self.loss = (share > 0.0).then(|| (share.clamp(0.0, 1.0), StdRng::seed_from_u64(seed)));
    }

    fn power_changed(&mut self, node: usize) {
        let cables: Vec<usize> = self
            .nodes
            .get(node)
            .map(|node| node.ports.iter().filter_map(|port| port.cable).collect())
            .unwrap_or_default();
        for cable in cables {
            self.cable_changed(cable);
        }
        self.forest = None;
    }

    /// Works out anew whether both ends have link, and tells them if that has changed.
    fn cable_changed(&mut self, cable: usize) {
        let Some(Cable { ends, plugged }) = self.cables.get(cable) else { return };
        let on = |jack: &Jack| self.nodes.get(jack.node.0).is_some_and(Node::is_on);
        let up = *plugged && ends.iter().all(on);
        for Jack { node, port: number } in *ends {
            let Some(node) = self.nodes.get_mut(node.0) else { continue };
            let Some(port) = node.port_mut(number) else { continue };
            if std::mem::replace(&mut port.up, up) != up {
                self.forest = None;
                if let Kind::Station { inbox: Some(inbox), .. } = &node.kind {
                    inbox.link(number, up);
                }
            }
        }
    }

    /// What is at the other end of the cable of a port that has link.
    fn hop(&self, node: usize, port: u16) -> Option<Hop> {
        let Port { cable, up: true } = self.nodes.get(node)?.port(port)? else { return None };
        let here = Jack { node: NodeId(node), port };
        let [a, b] = self.cables.get((*cable)?)?.ends;
        let there = if a == here { b } else { a };
        Some(Hop { port, to: there.node.0, to_port: there.port })
    }

    fn hops(&self, node: usize) -> Option<Vec<Hop>> {
        let at = self.nodes.get(node).filter(|node| node.is_on())?;
        Some(at.numbered_ports().filter_map(|(port, _)| self.hop(node, port)).collect())
    }

    pub(super) fn may_send(&self, NodeId(node): NodeId, port: Option<u16>) -> Result<(), SendError> {
        let at = self.nodes.get(node).filter(|node| node.is_on()).ok_or(SendError::Gone)?;
        match port {
            Some(port) if !at.port(port).is_some_and(|port| port.up) => Err(SendError::NoLink { port }),
            _ => Ok(()),
        }
    }

    /// Hands a frame to whom it is for.
    pub(super) fn deliver(&mut self, NodeId(from): NodeId, port: Option<u16>, frame: &[u8], at: Duration) {
        self.statistics.sent += 1;
        let Some(destination) = frame.first_chunk::<6>().copied().map(MacAddress) else { return };
        let receivers = if is_for_neighbours(destination) {
            self.neighbours(from, port)
        } else {
            self.receivers(from, port, destination)
        };
        if receivers.is_empty() {
            self.statistics.unheard += 1;
        }
        let frame: Arc<[u8]> = frame.into();
        for (node, port) in receivers {
            if let Some((share, dice)) = &mut self.loss
                && dice.random_bool(*share)
            {
                self.statistics.lost += 1;
            } else if let Some(Node { kind: Kind::Station { inbox: Some(inbox), .. }, .. }) = self.nodes.get(node) {
                self.statistics.delivered += 1;
                inbox.frame(Received { port, frame: Arc::clone(&frame), at });
            }
        }
    }

    /// Stations, with the ports at which they receive.
    fn receivers(&mut self, from: usize, port: Option<u16>, destination: MacAddress) -> Vec<(usize, u16)> {
        let forest = self.forest.take().unwrap_or_else(|| Forest::grow(self.nodes.len(), |node| self.hops(node)));
        let ingress = |node: usize| Some((node, forest.ingress(from, port, node)?));
        let receivers = if destination.is_multicast() {
            let is_station =
                |node: &usize| matches!(self.nodes.get(*node), Some(Node { kind: Kind::Station { .. }, .. }));
            forest.reach(from, port).filter(is_station).filter_map(ingress).collect()
        } else {
            self.by_mac.get(&destination).into_iter().flatten().copied().filter_map(ingress).collect()
        };
        self.forest = Some(forest);
        receivers
    }

    /// Stations at the other ends of the cables of one port or of all, and of switches there that pass everything on.
    fn neighbours(&self, from: usize, port: Option<u16>) -> Vec<(usize, u16)> {
        let mut open: Vec<Hop> = match port {
            Some(port) => self.hop(from, port).into_iter().collect(),
            None => self.hops(from).unwrap_or_default(),
        };
        let mut seen = HashSet::new();
        let mut receivers = Vec::new();
        while let Some(Hop { to, to_port, .. }) = open.pop() {
            match self.nodes.get(to).map(|node| &node.kind) {
                Some(Kind::Station { .. }) if to != from => receivers.push((to, to_port)),
                Some(Kind::Switch(LldpHandling::Pass)) if seen.insert(to) => {
                    open.extend(self.hops(to).unwrap_or_default().into_iter().filter(|hop| hop.port != to_port));
                }
                _ => {}
            }
        }
        receivers.sort_unstable();
        receivers
    }
}

/// One of the group addresses that bridges keep to themselves (01-80-C2-00-00-00 to -0F), LLDP's among them.
fn is_for_neighbours(destination: MacAddress) -> bool {
    matches!(destination.0, [0x01, 0x80, 0xc2, 0, 0, 0..=0x0f])
}
