//! Finding stations: Identify with a response window, then repeats against loss.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::time::Duration;

use super::convention::{MAX_REPEATS, MAX_STATIONS, MISSING_ACCEPTED, REPEAT_EVERY, SCAN_DELAY_FACTOR};
use super::{Identity, Xids};
use crate::wire::dcp::{Body, Filter, FrameId, Pdu, Value};
use crate::wire::ethernet::{EtherType, Frame, MacAddress};

/// How long answers to an Identify may take: 400 ms at once (factor 0, 1 or above 6400), otherwise 1 s and 10 ms for
/// each step, rounded up to whole seconds. Stations with the longest delay answer within it.
pub fn response_window(delay_factor: u16) -> Duration {
    match delay_factor {
        0 | 1 | 6401.. => Duration::from_millis(400),
        steps => Duration::from_secs((1000 + u64::from(steps) * 10).div_ceil(1000)),
    }
}

/// What a scan asks for, and how stubbornly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanSettings {
    /// Who shall answer. Many stations answer only to everybody, to a name or to an alias; names are sent in lower case.
    pub filters: Vec<Filter>,
    /// Steps of 10 ms over which the stations spread their answers.
    pub delay_factor: u16,
    /// Most repeats after the window; 0: none. Fewer are sent as soon as the loss seen makes it unlikely that anybody
    /// is missing.
    pub repeats: u32,
}

impl ScanSettings {
    /// Everybody.
    pub fn all() -> Self {
        Self { filters: vec![Filter::All], delay_factor: SCAN_DELAY_FACTOR, repeats: MAX_REPEATS }
    }

    /// Whoever has this name of station.
    pub fn named(name: &str) -> Self {
        Self::at_once(Value::Name(name.to_lowercase()))
    }

    /// The neighbour at a port: `port-001.name`.
    pub fn alias(alias: &str) -> Self {
        Self::at_once(Value::Alias(alias.to_lowercase()))
    }

    fn at_once(value: Value) -> Self {
        Self { filters: vec![Filter::Is(value)], delay_factor: 1, repeats: MAX_REPEATS }
    }
}

/// A station that answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What it said last.
    pub identity: Identity,
    /// When its first answer came.
    pub first: Duration,
    /// When its latest answer came.
    pub latest: Duration,
    /// Requests of this scan that it answered.
    pub answers: u32,
    /// Every one of its answers came after the window of its request.
    pub late: bool,
}

/// News of a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScanEvent {
    /// A station answered for the first time.
    Found(MacAddress),
    /// A station says something else than before.
    Changed(MacAddress),
    /// A station answered when the scan was over; it stands in [`Scan::late`] only.
    Late(MacAddress),
    /// The scan is over.
    Finished,
}

/// Two or more stations with what must be one's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Conflict {
    /// One name of station.
    Name(String, Vec<MacAddress>),
    /// One address.
    Address(Ipv4Addr, Vec<MacAddress>),
}

/// A request of this scan.
#[derive(Debug)]
struct Round {
    ends: Duration,
    /// Stations that were known when it was sent.
    expected: BTreeSet<MacAddress>,
    answered: BTreeSet<MacAddress>,
}

/// A scan of one link, from the first Identify to the last answer.
///
/// Only one scan at a time may run on a link: a station has one pending answer and drops what comes meanwhile. A scan
/// that is over may be kept to receive late answers; they never get into another one, for every request has an Xid of
/// its own.
#[derive(Debug)]
pub struct Scan {
    own: MacAddress,
    settings: ScanSettings,
    first_xid: u32,
    rounds: Vec<Round>,
    /// When the next request is due, or the scan over.
    next: Option<Duration>,
    finished: bool,
    found: BTreeMap<MacAddress, Found>,
    late: BTreeMap<MacAddress, Identity>,
    events: Vec<ScanEvent>,
    malformed: u64,
    left_out: u64,
}

impl Scan {
    /// A scan from the interface with the address `own`. The first [`poll`](Self::poll) sends.
    pub fn new(own: MacAddress, settings: ScanSettings, xids: &mut Xids) -> Self {
        let first_xid = xids.reserve(settings.repeats.saturating_add(1));
        Self {
            own,
            settings,
            first_xid,
            rounds: Vec::new(),
            next: Some(Duration::ZERO),
            finished: false,
            found: BTreeMap::new(),
            late: BTreeMap::new(),
            events: Vec::new(),
            malformed: 0,
            left_out: 0,
        }
    }

    /// Stations found so far, by MAC address.
    pub fn found(&self) -> &BTreeMap<MacAddress, Found> {
        &self.found
    }

    /// Stations that answered only after the scan was over.
    pub fn late(&self) -> &BTreeMap<MacAddress, Identity> {
        &self.late
    }

    /// Whether it is over.
    pub fn is_finished(&self) -> bool {
        self.finished
    }

    /// DCP frames that could not be read.
    pub fn malformed(&self) -> u64 {
        self.malformed
    }

    /// Stations that were not kept because there are too many.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Requests sent so far.
    pub fn requests(&self) -> usize {
        self.rounds.len()
    }

    /// News since the last call.
    pub fn take_events(&mut self) -> Vec<ScanEvent> {
        std::mem::take(&mut self.events)
    }

    /// When [`poll`](Self::poll) has something to do; `None` if never again.
    pub fn next_due(&self) -> Option<Duration> {
        self.next
    }

    /// Frames to be sent now.
    pub fn poll(&mut self, now: Duration) -> Vec<Vec<u8>> {
        if self.finished || self.next.is_none_or(|next| now < next) {
            return Vec::new();
        }
        if let Some(round) = self.rounds.last()
            && !self.wants_repeat()
        {
            // Nobody is missing, or patience is at its end; answers to the latest request still have their time.
            let over = now >= round.ends;
            self.next = (!over).then_some(round.ends);
            if over {
                self.finished = true;
                self.events.push(ScanEvent::Finished);
            }
            return Vec::new();
        }
        let delay_factor = if self.rounds.is_empty() { self.settings.delay_factor } else { 1 };
        let xid = self.first_xid.wrapping_add(u32::try_from(self.rounds.len()).unwrap_or_default());
        let ends = now + response_window(delay_factor);
        let expected = self.found.keys().copied().collect();
        let first = self.rounds.is_empty();
        self.rounds.push(Round { ends, expected, answered: BTreeSet::new() });
        self.next = Some(if first { ends } else { now + REPEAT_EVERY });
        let body = Body::Identify { delay_factor, filters: self.settings.filters.clone() };
        vec![Pdu { xid, body }.frame(self.own, MacAddress::DCP_IDENTIFY)]
    }

    /// A frame came in; what is no answer to this scan is ignored.
    pub fn receive(&mut self, now: Duration, frame: &[u8]) {
        let Ok(frame) = Frame::parse(frame) else { return };
        let ours = frame.destination == self.own && !frame.source.is_multicast();
        if !ours || frame.ether_type != EtherType::PROFINET || FrameId::of(frame.payload) != Some(FrameId::IDENTIFIED) {
            return;
        }
        let (xid, blocks) = match Pdu::parse(frame.payload) {
            Ok(Pdu { xid, body: Body::Identified(blocks) }) => (xid, blocks),
            _ => {
                self.malformed += 1;
                return;
            }
        };
        let index = usize::try_from(xid.wrapping_sub(self.first_xid)).unwrap_or(usize::MAX);
        let Some(round) = self.rounds.get_mut(index) else { return };
        let identity = Identity::of(&blocks);
        let mac = frame.source;
        if self.finished {
            if !self.found.contains_key(&mac) {
                if self.late.len() >= MAX_STATIONS && !self.late.contains_key(&mac) {
                    self.left_out += 1;
                } else if self.late.insert(mac, identity).is_none() {
                    self.events.push(ScanEvent::Late(mac));
                }
            }
            return;
        }
        let late = now > round.ends;
        if self.found.len() >= MAX_STATIONS && !self.found.contains_key(&mac) {
            self.left_out += 1;
            return;
        }
        let again = !round.answered.insert(mac);
        match self.found.get_mut(&mac) {
            Some(found) => {
                found.latest = now;
                found.answers += u32::from(!again);
                found.late &= late;
                // An answer delayed by the network must not undo what a later request brought.
                let newer = self.rounds.iter().skip(index + 1).all(|round| !round.answered.contains(&mac));
                if newer && found.identity != identity {
                    found.identity = identity;
                    self.events.push(ScanEvent::Changed(mac));
                }
            }
            None => {
                self.found.insert(mac, Found { identity, first: now, latest: now, answers: 1, late });
                self.events.push(ScanEvent::Found(mac));
            }
        }
    }

    /// Names and addresses that several stations have.
    pub fn conflicts(&self) -> Vec<Conflict> {
        let mut names: BTreeMap<&str, Vec<MacAddress>> = BTreeMap::new();
        let mut addresses: BTreeMap<Ipv4Addr, Vec<MacAddress>> = BTreeMap::new();
        for (mac, found) in &self.found {
            if let Some(name) = found.identity.station_name() {
                names.entry(name).or_default().push(*mac);
            }
            if let Some(address) = found.identity.address() {
                addresses.entry(address).or_default().push(*mac);
            }
        }
        let names = names.into_iter().map(|(name, macs)| (Conflict::Name(name.to_owned(), macs.clone()), macs));
        let addresses = addresses.into_iter().map(|(ip, macs)| (Conflict::Address(ip, macs.clone()), macs));
        names.chain(addresses).filter(|(_, macs)| macs.len() > 1).map(|(conflict, _)| conflict).collect()
    }

    /// Whether it is likely enough that somebody has not been heard yet.
    ///
    /// How often a station known before a request did not answer it tells how likely a request gets lost on one of its
    /// ways; a station that nobody has heard of has lost every one of them.
    fn wants_repeat(&self) -> bool {
        let sent = u32::try_from(self.rounds.len()).unwrap_or(u32::MAX);
        if sent > self.settings.repeats {
            return false;
        }
        let expected: usize = self.rounds.iter().map(|round| round.expected.len()).sum();
        let missed: usize = self.rounds.iter().map(|round| round.expected.difference(&round.answered).count()).sum();
        // Before anything is known a request is as likely lost as not.
        let loss = (missed as f64 + 1.0) / (expected as f64 + 2.0);
        self.found.len().max(1) as f64 * loss.powf(f64::from(sent)) > MISSING_ACCEPTED
    }
}
