//! Remembering who the neighbours are.

use std::collections::BTreeMap;
use std::time::Duration;

use super::convention::MAX_NEIGHBOURS;
use crate::wire::ethernet::{EtherType, Frame, MacAddress};
use crate::wire::lldp::{ChassisId, Lldpdu, PortId};

/// Which neighbour: one port of one station.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NeighbourKey {
    /// Our port, from 1.
    pub local_port: u32,
    /// Its station.
    pub chassis: ChassisId,
    /// Its port.
    pub port: PortId,
}

/// What a neighbour said last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbour {
    /// Address of its port: the source of its frames.
    pub mac: MacAddress,
    /// What it said.
    pub pdu: Lldpdu,
    /// When it was first heard.
    pub since: Duration,
    /// When it was heard last.
    pub heard: Duration,
    /// When it is forgotten unless it is heard again.
    pub expires: Duration,
}

/// Why a neighbour is no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gone {
    /// It said so.
    Goodbye,
    /// It fell silent.
    Silent,
    /// The link of our port is lost.
    LinkDown,
    /// Its port now goes by another name: stations that are renamed do not say goodbye.
    Renamed,
}

/// News of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NeighbourEvent {
    /// Heard for the first time.
    Appeared(NeighbourKey),
    /// It says something else than before.
    Changed(NeighbourKey),
    /// It is no more.
    Left(NeighbourKey, Gone),
}

/// The neighbours at all ports of a station.
#[derive(Debug, Default)]
pub struct Neighbours {
    table: BTreeMap<NeighbourKey, Neighbour>,
    /// How many of them each port has.
    per_port: BTreeMap<u32, usize>,
    events: Vec<NeighbourEvent>,
    malformed: u64,
    left_out: u64,
}

impl Neighbours {
    /// Nobody yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// All neighbours, port by port.
    pub fn iter(&self) -> impl Iterator<Item = (&NeighbourKey, &Neighbour)> {
        self.table.iter()
    }

    /// The neighbours at one port; several mean that something that passes LLDP on stands between.
    pub fn at(&self, local_port: u32) -> impl Iterator<Item = (&NeighbourKey, &Neighbour)> {
        self.table.iter().filter(move |(key, _)| key.local_port == local_port)
    }

    /// The aliases (`port-001.name`) by which the station with these neighbours can be found: those of all of them.
    pub fn aliases(&self) -> Vec<String> {
        self.table.values().filter_map(|neighbour| neighbour.pdu.alias()).collect()
    }

    /// LLDP frames that could not be read.
    pub fn malformed(&self) -> u64 {
        self.malformed
    }

    /// Neighbours that were not kept because their port has too many.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// News since the last call.
    pub fn take_events(&mut self) -> Vec<NeighbourEvent> {
        std::mem::take(&mut self.events)
    }

    /// When [`poll`](Self::poll) has something to do: the first TTL that runs out.
    pub fn next_due(&self) -> Option<Duration> {
        self.table.values().map(|neighbour| neighbour.expires).min()
    }

    /// Forgets who has fallen silent.
    pub fn poll(&mut self, now: Duration) {
        self.forget(Gone::Silent, |_, neighbour| neighbour.expires <= now);
    }

    /// The link of a port is lost: who was there is no neighbour any more, whatever the TTL.
    pub fn link_down(&mut self, local_port: u32) {
        self.forget(Gone::LinkDown, |key, _| key.local_port == local_port);
    }

    /// A frame came in at a port; what is not LLDP is ignored.
    pub fn receive(&mut self, now: Duration, local_port: u32, frame: &[u8]) {
        let Ok(frame) = Frame::parse(frame) else { return };
        if frame.ether_type != EtherType::LLDP || frame.source.is_multicast() {
            return;
        }
        let Ok(pdu) = Lldpdu::parse(frame.payload) else {
            self.malformed += 1;
            return;
        };
        let key = NeighbourKey { local_port, chassis: pdu.chassis.clone(), port: pdu.port.clone() };
        if pdu.ttl == 0 {
            self.forget(Gone::Goodbye, |other, _| *other == key);
            return;
        }
        let expires = now + Duration::from_secs(pdu.ttl.into());
        if let Some(known) = self.table.get_mut(&key) {
            let changed = (known.mac, &known.pdu) != (frame.source, &pdu);
            *known = Neighbour { mac: frame.source, pdu, since: known.since, heard: now, expires };
            if changed {
                self.events.push(NeighbourEvent::Changed(key));
            }
            return;
        }
        self.forget(Gone::Renamed, |other, known| other.local_port == local_port && known.mac == frame.source);
        let count = self.per_port.entry(local_port).or_default();
        if *count >= MAX_NEIGHBOURS {
            self.left_out += 1;
            return;
        }
        *count += 1;
        self.table.insert(key.clone(), Neighbour { mac: frame.source, pdu, since: now, heard: now, expires });
        self.events.push(NeighbourEvent::Appeared(key));
    }

    fn forget(&mut self, why: Gone, which: impl Fn(&NeighbourKey, &Neighbour) -> bool) {
        let (events, per_port) = (&mut self.events, &mut self.per_port);
        self.table.retain(|key, neighbour| {
            let gone = which(key, neighbour);
            if gone {
                events.push(NeighbourEvent::Left(key.clone(), why));
                if let Some(count) = per_port.get_mut(&key.local_port) {
                    *count = count.saturating_sub(1);
                }
            }
            !gone
        });
    }
}
