//! An Ethernet in this process: stations, cables, switches, loss.
//!
//! ```text
//! place    add_station ── add_switch ── connect ──▶ nodes with ports, cables between them
//! power    switch_on ──▶ LinkEnd ──drop──▶ off            what is placed and cabled outlives it
//! cable    pull ──▶ both ends know at once ──▶ plug
//! frame    LLDP        to the neighbour on the cable of the sending port
//!          group       to every station reached, each once (rings do not loop)
//!          station     to that one only; to nobody if it is not reached
//! ```
//!
//! A station with several LAN ports passes on what is not for it alone, as PROFINET devices do. A switch is nobody's
//! device: it has no address and says nothing. A station that is off passes nothing on.
//!
//! Frames arrive in the very step in which they are sent. Sending costs time by the number of receivers, not by the
//! size of the network; changing a cable costs one pass over the network at the next frame.

mod forest;
mod state;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use thiserror::Error;

use super::end::{Carrier, SendError};
use super::inbox::Inbox;
use super::{LinkClock, LinkEnd};
use crate::net::capture::Capture;
use crate::wire::ethernet::MacAddress;
use state::State;

/// A station or a switch of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(usize);

/// A cable of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CableId(usize);

/// Where a cable is plugged in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Jack {
    /// Station or switch.
    pub node: NodeId,
    /// Its LAN port, from 1.
    pub port: u16,
}

/// What a switch does with LLDP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LldpHandling {
    /// Keeps it, as every 802.1D bridge: its neighbours do not see each other.
    #[default]
    Keep,
    /// Passes it on, as hubs and some office switches: its neighbours all see each other.
    Pass,
}

/// What cannot be cabled.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SegmentError {
    /// Not of this segment.
    #[error("there is no such station, switch or cable on this segment")]
    Unknown,
    /// It has fewer ports.
    #[error("there is no LAN port {port}: there are {n_ports}")]
    NoSuchPort {
        /// The port asked for.
        port: u16,
        /// Ports there are.
        n_ports: usize,
    },
    /// A cable is plugged in there.
    #[error("LAN port {port} has a cable already")]
    PortTaken {
        /// The port.
        port: u16,
    },
    /// Both ends at one station.
    #[error("a cable from a station to itself connects nothing")]
    SameNode,
    /// It runs already.
    #[error("the station is switched on already")]
    IsOn,
    /// A switch has nothing to hold on to.
    #[error("a switch is no station")]
    NoStation,
}

/// What a segment has carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SegmentStatistics {
    /// Frames sent.
    pub sent: u64,
    /// Frames handed to stations; one sent to a group counts once a station.
    pub delivered: u64,
    /// Of those that should have been handed over, the ones that loss took.
    pub lost: u64,
    /// Frames sent for which there was nobody.
    pub unheard: u64,
}

/// An Ethernet in this process. Clones are the same one.
#[derive(Debug, Clone)]
pub struct Segment {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    clock: LinkClock,
    capture: Option<Capture>,
}

impl Segment {
    /// An empty segment without loss.
    pub fn new() -> Self {
        Self::build(None)
    }

    /// An empty segment that records every frame that is sent, once, in the order they are sent.
    pub fn with_capture(capture: Capture) -> Self {
        Self::build(Some(capture))
    }

    fn build(capture: Option<Capture>) -> Self {
        Self { shared: Arc::new(Shared { state: Mutex::default(), clock: LinkClock::start(), capture }) }
    }

    /// The clock of all its ends.
    pub fn clock(&self) -> LinkClock {
        self.shared.clock
    }

    /// Places a station that is off: the address of its interface, and those of its LAN ports from port 1 on. Addresses
    /// may be there twice, as happens in plants.
    pub fn add_station(&self, mac: MacAddress, port_macs: Vec<MacAddress>) -> NodeId {
        self.shared.state().add_station(mac, port_macs)
    }

    /// Places a switch, which is on.
    pub fn add_switch(&self, n_ports: u16, lldp: LldpHandling) -> NodeId {
        self.shared.state().add_switch(n_ports, lldp)
    }

    /// Switches a station on. Dropping the end switches it off; cables stay where they are.
    ///
    /// # Errors
    /// [`SegmentError::IsOn`], [`SegmentError::NoStation`], [`SegmentError::Unknown`].
    pub fn switch_on(&self, node: NodeId) -> Result<LinkEnd, SegmentError> {
        let inbox = Arc::new(Inbox::default());
        let (mac, port_macs) = self.shared.state().switch_on(node, &inbox)?;
        let carrier = Socket { shared: Arc::clone(&self.shared), node };
        Ok(LinkEnd::new(mac, port_macs, inbox, Arc::new(carrier), self.shared.clock))
    }

    /// Places a station with one port and switches it on.
    pub fn join(&self, mac: MacAddress) -> (NodeId, LinkEnd) {
        let node = self.add_station(mac, vec![mac]);
        let inbox = Arc::new(Inbox::default());
        // It was placed in the line before, so there is nothing that could be wrong with it.
        let _ = self.shared.state().switch_on(node, &inbox);
        let carrier = Socket { shared: Arc::clone(&self.shared), node };
        (node, LinkEnd::new(mac, vec![mac], inbox, Arc::new(carrier), self.shared.clock))
    }

    /// Puts a cable between two ports.
    ///
    /// # Errors
    /// See [`SegmentError`].
    pub fn connect(&self, a: Jack, b: Jack) -> Result<CableId, SegmentError> {
        self.shared.state().connect(a, b)
    }

    /// Pulls a cable out at one end. It keeps its place. Both ends lose link at once.
    ///
    /// # Errors
    /// [`SegmentError::Unknown`].
    pub fn pull(&self, cable: CableId) -> Result<(), SegmentError> {
        self.shared.state().set_plugged(cable, false)
    }

    /// Puts a cable back that was pulled.
    ///
    /// # Errors
    /// [`SegmentError::Unknown`].
    pub fn plug(&self, cable: CableId) -> Result<(), SegmentError> {
        self.shared.state().set_plugged(cable, true)
    }

    /// The cable in a port, plugged or pulled.
    pub fn cable_at(&self, jack: Jack) -> Option<CableId> {
        self.shared.state().cable_at(jack)
    }

    /// Lets a share of all deliveries (0 to 1) get lost, each by itself. The same seed gives the same losses for the
    /// same frames in the same order.
    pub fn set_loss(&self, share: f64, seed: u64) {
        self.shared.state().set_loss(share, seed);
    }

    /// What it has carried.
    pub fn statistics(&self) -> SegmentStatistics {
        self.shared.state().statistics
    }
}

impl Default for Segment {
    fn default() -> Self {
        Self::new()
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a station on a segment sends with.
#[derive(Debug)]
struct Socket {
    shared: Arc<Shared>,
    node: NodeId,
}

impl Carrier for Socket {
    fn send(&self, port: Option<u16>, frame: &[u8]) -> Result<(), SendError> {
        let mut state = self.shared.state();
        state.may_send(self.node, port)?;
        // Recorded under the lock, so an answer never stands before its question.
        if let Some(capture) = &self.shared.capture {
            capture.record_frame(frame);
        }
        state.deliver(self.node, port, frame, self.shared.clock.now());
        Ok(())
    }

    fn is_up(&self, port: u16) -> bool {
        self.shared.state().is_up(Jack { node: self.node, port })
    }

    fn close(&self) {
        self.shared.state().switch_off(self.node);
    }
}
