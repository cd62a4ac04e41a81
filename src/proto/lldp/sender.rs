//! Telling the neighbour who one is.

use std::time::Duration;

use super::convention::SEND_EVERY;
use crate::wire::ethernet::MacAddress;
use crate::wire::lldp::Lldpdu;

/// Sends for one port.
#[derive(Debug, Clone)]
pub struct Sender {
    port: MacAddress,
    pdu: Lldpdu,
    every: Duration,
    /// When the next frame is due; `None` while the link is down.
    next: Option<Duration>,
    goodbye: bool,
}

impl Sender {
    /// For the port with this address; its link is down. The TTL is that of `pdu`.
    pub fn new(port: MacAddress, pdu: Lldpdu) -> Self {
        Self { port, pdu, every: SEND_EVERY, next: None, goodbye: false }
    }

    /// With another interval than the usual 5 s.
    #[must_use]
    pub fn every(mut self, every: Duration) -> Self {
        self.every = every;
        self
    }

    /// The link has come up: the first frame goes at once.
    pub fn link_up(&mut self, now: Duration) {
        self.next = Some(now);
    }

    /// The link is gone.
    pub fn link_down(&mut self) {
        self.next = None;
        self.goodbye = false;
    }

    /// What is told has changed: the next frame goes at once. An equal statement changes nothing. Where the chassis or
    /// the port is another one, the neighbour is told first that the one before is gone.
    pub fn set(&mut self, now: Duration, pdu: Lldpdu) -> Option<Vec<u8>> {
        if self.pdu == pdu {
            return None;
        }
        let renamed = (&self.pdu.chassis, &self.pdu.port) != (&pdu.chassis, &pdu.port);
        let farewell = (renamed && self.next.is_some()).then(|| self.farewell());
        self.pdu = pdu;
        if let Some(next) = &mut self.next {
            *next = now.min(*next);
        }
        farewell
    }

    /// Says that this port is going away; nothing is sent afterwards until the link comes up again.
    pub fn shut_down(&mut self) {
        self.goodbye = self.next.is_some();
    }

    /// When [`poll`](Self::poll) has something to do.
    pub fn next_due(&self) -> Option<Duration> {
        if self.goodbye { Some(Duration::ZERO) } else { self.next }
    }

    /// The frame to be sent now, if one is due.
    pub fn poll(&mut self, now: Duration) -> Option<Vec<u8>> {
        let next = self.next?;
        if std::mem::take(&mut self.goodbye) {
            self.next = None;
            return Some(self.farewell());
        }
        if now < next {
            return None;
        }
        self.next = Some(now + self.every);
        Some(self.pdu.frame(self.port))
    }

    fn farewell(&self) -> Vec<u8> {
        let Lldpdu { chassis, port, .. } = self.pdu.clone();
        Lldpdu { chassis, port, ttl: 0, tlvs: Vec::new() }.frame(self.port)
    }
}
