//! The asking side.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::convention::{CALL_TIMEOUT, MAX_ANSWER, MAX_ENTRIES, TRIES, TRY_TIMEOUT};
use crate::wire::dcerpc::endpoint::{ENDPOINT_MAPPER, Entry, LOOKUP, LookupHandle, LookupRequest, LookupResponse};
use crate::wire::dcerpc::{Datagram, DatagramFlags, DatagramType, FaultStatus};
use crate::wire::ndr::ByteOrder;
use crate::wire::pnio::{DEVICE_INTERFACE, PnioStatus, READ_IMPLICIT, ReadHeader, ReadRequest, ReadResponse};
use crate::wire::{Guid, WireError};

/// Names a call of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(u64);

/// What became of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The record; empty where there is nothing of it.
    Record(Vec<u8>),
    /// The station has no such record, or does not give it.
    Refused(PnioStatus),
    /// What the endpoint mapper knows.
    Entries(Vec<Entry>),
    /// The call broke down there.
    Fault(FaultStatus),
    /// The call was not executed there.
    Rejected(FaultStatus),
    /// The answer cannot be read.
    Malformed(WireError),
    /// The answer is longer than is accepted, or it never ends.
    TooLong,
    /// No answer, or no end of it.
    NoAnswer,
}

#[derive(Debug)]
enum Call {
    Read(ReadHeader),
    Lookup { handle: LookupHandle, entries: Vec<Entry> },
}

/// The call under way.
#[derive(Debug)]
struct Current {
    id: CallId,
    call: Call,
    sequence: u32,
    /// The request as it is sent, without its serial number.
    bytes: Vec<u8>,
    sent: u32,
    began: Option<Duration>,
    next: Duration,
    fragments: BTreeMap<u16, Vec<u8>>,
    size: usize,
    last: Option<u16>,
}

impl Current {
    /// There are signs of life: patience begins anew, but not beyond the end of the call.
    fn be_patient(&mut self, now: Duration) {
        self.sent = 1;
        self.next = self.began.map_or(now, |began| (now + TRY_TIMEOUT).min(began + CALL_TIMEOUT));
    }
}

/// Asks one station, one call after the other.
#[derive(Debug)]
pub struct Client {
    object: Guid,
    activity: Guid,
    sequence: u32,
    next_id: u64,
    queue: VecDeque<(CallId, Call)>,
    current: Option<Current>,
    facks: Vec<Vec<u8>>,
    done: Vec<(CallId, Outcome)>,
}

impl Client {
    /// Asks the station with this object (`wire::pnio::device_object`). `activity` must be new and unique in the world.
    pub fn new(object: Guid, activity: Guid) -> Self {
        Self {
            object,
            activity,
            sequence: 0,
            next_id: 0,
            queue: VecDeque::new(),
            current: None,
            facks: Vec::new(),
            done: Vec::new(),
        }
    }

    /// Reads a record of API 0.
    pub fn read(&mut self, slot: u16, subslot: u16, index: u16) -> CallId {
        self.call(Call::Read(ReadHeader::implicit(1, slot, subslot, index)))
    }

    /// Asks the endpoint mapper for everything it knows.
    pub fn lookup(&mut self) -> CallId {
        self.call(Call::Lookup { handle: LookupHandle::default(), entries: Vec::new() })
    }

    fn call(&mut self, call: Call) -> CallId {
        let id = CallId(self.next_id);
        self.next_id += 1;
        self.queue.push_back((id, call));
        id
    }

    /// Calls that came to an end since the last call of this.
    pub fn take_outcomes(&mut self) -> Vec<(CallId, Outcome)> {
        std::mem::take(&mut self.done)
    }

    /// When [`poll`](Self::poll) has something to do; `None` if all calls are over.
    pub fn next_due(&self) -> Option<Duration> {
        match &self.current {
            _ if !self.facks.is_empty() => Some(Duration::ZERO),
            Some(current) => Some(current.next),
            None => (!self.queue.is_empty()).then_some(Duration::ZERO),
        }
    }

    /// Datagrams to be sent now.
    pub fn poll(&mut self, now: Duration) -> Vec<Vec<u8>> {
        let mut datagrams = std::mem::take(&mut self.facks);
        loop {
            if self.current.is_none() {
                let Some((id, call)) = self.queue.pop_front() else { return datagrams };
                self.begin(now, id, call, None);
            }
            let Some(current) = &mut self.current else { return datagrams };
            if now < current.next {
                return datagrams;
            }
            let late = current.began.is_some_and(|began| now >= began + CALL_TIMEOUT);
            if current.sent < TRIES && !late {
                current.sent += 1;
                current.began = current.began.or(Some(now));
                current.next = now + TRY_TIMEOUT;
                datagrams.push(current.bytes.clone());
                return datagrams;
            }
            self.end(Outcome::NoAnswer);
        }
    }

    /// A datagram of the station came in; what belongs to no call under way is ignored.
    pub fn receive(&mut self, now: Duration, bytes: &[u8]) {
        let Ok(datagram) = Datagram::parse(bytes) else { return };
        let Some(current) = &mut self.current else { return };
        let ours = datagram.activity == self.activity && datagram.sequence == current.sequence && current.sent > 0;
        if !ours {
            return;
        }
        match datagram.packet_type {
            DatagramType::Working => current.be_patient(now),
            DatagramType::Fault | DatagramType::Reject => match datagram.status() {
                Some(status) if datagram.packet_type == DatagramType::Fault => self.end(Outcome::Fault(status)),
                Some(status) => self.end(Outcome::Rejected(status)),
                None => {
                    let (what, have) = ("status", datagram.body.len());
                    self.end(Outcome::Malformed(WireError::Truncated { at: 0, what, need: 4, have }));
                }
            },
            DatagramType::Response if datagram.flags.contains(DatagramFlags::FRAGMENT) => self.fragment(now, &datagram),
            DatagramType::Response => self.answered(now, datagram.body, datagram.order),
            _ => {}
        }
    }

    fn begin(&mut self, now: Duration, id: CallId, call: Call, began: Option<Duration>) {
        let sequence = self.sequence;
        self.sequence = sequence.wrapping_add(1);
        let order = ByteOrder::Little;
        let (object, interface, version, opnum, body) = match &call {
            Call::Read(header) => {
                let request = ReadRequest { max_args: header.length, header: *header, target_ar: Guid::NIL };
                (self.object, DEVICE_INTERFACE, 1, READ_IMPLICIT, request.emit(order))
            }
            Call::Lookup { handle, .. } => {
                (Guid::NIL, ENDPOINT_MAPPER, 3, LOOKUP, LookupRequest::next(*handle).emit(order))
            }
        };
        let request = Datagram::request(object, interface, self.activity, sequence, opnum, &body);
        let bytes = Datagram { interface_version: version, ..request }.emit();
        let fragments = BTreeMap::new();
        self.current =
            Some(Current { id, call, sequence, bytes, sent: 0, began, next: now, fragments, size: 0, last: None });
    }

    fn end(&mut self, outcome: Outcome) {
        if let Some(current) = self.current.take() {
            self.done.push((current.id, outcome));
        }
    }

    fn fragment(&mut self, now: Duration, datagram: &Datagram<'_>) {
        if !datagram.flags.contains(DatagramFlags::NO_FACK) {
            let fack =
                Datagram { packet_type: DatagramType::Fack, flags: DatagramFlags::default(), body: &[], ..*datagram };
            self.facks.push(fack.emit());
        }
        let Some(current) = &mut self.current else { return };
        if datagram.flags.contains(DatagramFlags::LAST) {
            current.last = Some(datagram.fragment);
        }
        if !current.fragments.contains_key(&datagram.fragment) {
            current.size += datagram.body.len();
            current.fragments.insert(datagram.fragment, datagram.body.to_vec());
            // There is something new: patience begins anew.
            current.be_patient(now);
        }
        if current.size > MAX_ANSWER {
            self.end(Outcome::TooLong);
            return;
        }
        let complete =
            current.last.is_some_and(|last| current.fragments.range(..=last).count() == usize::from(last) + 1);
        if complete {
            let body = std::mem::take(&mut current.fragments).into_values().flatten().collect::<Vec<_>>();
            self.answered(now, &body, datagram.order);
        }
    }

    /// The whole body of an answer.
    fn answered(&mut self, now: Duration, body: &[u8], order: ByteOrder) {
        let Some(current) = self.current.take() else { return };
        let outcome = match current.call {
            Call::Read(_) => match ReadResponse::parse(body, order) {
                Ok(response) if response.status.is_ok() => Outcome::Record(response.record.to_vec()),
                Ok(response) => Outcome::Refused(response.status),
                Err(error) => Outcome::Malformed(error),
            },
            Call::Lookup { mut entries, .. } => match LookupResponse::parse(body, order) {
                Ok(response) => {
                    entries.extend(response.entries);
                    let over = response.status != 0 || response.handle == LookupHandle::default();
                    if over {
                        Outcome::Entries(entries)
                    } else if entries.len() >= MAX_ENTRIES {
                        Outcome::TooLong
                    } else {
                        let call = Call::Lookup { handle: response.handle, entries };
                        self.begin(now, current.id, call, current.began);
                        return;
                    }
                }
                Err(error) => Outcome::Malformed(error),
            },
        };
        self.done.push((current.id, outcome));
    }
}
