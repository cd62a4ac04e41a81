//! Provider side: ICBAAccoServer(2) without the sockets (protocol notes, sections 5.11, 7.3, 7.6).
//!
//! Connections of one consumer with the same interval form a group; only groups that are due are touched. A
//! value that changed by more than its epsilon, or whose quality changed, is marked and sent with the
//! consumer's next OnDataChanged, of which one is under way at a time; what changes meanwhile waits, latest
//! value wins.
//!
//! The consumer's name is the key to all that is kept for it. Start reading at [`Provider::connect`] (what
//! is kept) and [`Provider::poll`] (what is sent).

mod connect;
mod sending;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::answer::{ANSWER_BYTES, MOST_ELEMENTS, NO_ROOM, Room};
use super::epsilon::Threshold;
use super::{ItemKey, ItemSpace, ProviderLimits};
use crate::wire::Variant;
use crate::wire::cba::acco_mgt::{GetProvConnectionOut, GetProvConnectionsResponse, GetProvIdsResponse, Results};
use crate::wire::cba::acco_server::{GetConnectionDataResponse, SetActivationRequest};
use crate::wire::cba::data_buffer::{DataBufferWriter, Version};
use crate::wire::cba::{Activation, HResult, Qos, QosType, Quality, Reply, TypeDesc};
use sending::Outgoing;

/// Names an OnDataChanged call, so that its outcome finds its consumer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallId(pub u64);

/// What the owner is to do for the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProviderAction {
    /// Call OnDataChanged and report the outcome with [`Provider::done`].
    OnDataChanged {
        /// For [`Provider::done`].
        call: CallId,
        /// Consumer ACCO.
        consumer: Arc<str>,
        /// Its callback, OBJREF bytes.
        callback: Arc<[u8]>,
        /// Data buffer.
        data: Arc<[u8]>,
    },
    /// All that was kept for this consumer is gone; its callback may be released. Follows a disconnect of its last
    /// connection as well as failed OnDataChanged calls.
    Dropped {
        /// Consumer ACCO.
        consumer: Arc<str>,
    },
}

/// A connection, as the provider keeps it.
#[derive(Debug)]
struct Connection {
    consumer: Arc<str>,
    provider_item: String,
    item: ItemKey,
    desc: Arc<TypeDesc>,
    cons_id: u32,
    qos: Qos,
    state: Activation,
    epsilon: Option<Variant>,
    threshold: Threshold,
    bytes: usize,
    /// What was sent last.
    sent: Option<(Variant, Quality)>,
    /// Waits in the consumer's queue.
    marked: bool,
}

/// Connections of one consumer with one interval.
#[derive(Debug)]
struct Group {
    members: BTreeSet<u32>,
    next: Duration,
}

/// What is kept for one consumer.
#[derive(Debug, Default)]
struct Entry {
    callback: Option<Arc<[u8]>>,
    /// By interval in milliseconds.
    groups: BTreeMap<u32, Group>,
    /// ProvID by ConsID.
    by_cons_id: BTreeMap<u32, u32>,
    /// ProvIDs with a value to send.
    queue: VecDeque<u32>,
    outgoing: Outgoing,
    /// Its connections that count against the limits.
    n_counted: usize,
}

/// What of a provider counts against the limits of its device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ProviderUse {
    /// Connections.
    pub connections: usize,
    /// Consumer ACCOs.
    pub partners: usize,
    /// Bytes of all values.
    pub bytes: usize,
}

/// The provider side of an ACCO.
#[derive(Debug)]
pub struct Provider {
    limits: ProviderLimits,
    consumers: BTreeMap<Arc<str>, Entry>,
    /// By ProvID.
    connections: BTreeMap<u32, Connection>,
    in_use: ProviderUse,
    next_prov_id: u32,
    next_call: u64,
    calls: BTreeMap<CallId, Arc<str>>,
    /// When which group is sampled next; groups of consumers without callback are not in it.
    schedule: BTreeSet<(Duration, Arc<str>, u32)>,
    /// When which consumer's call is repeated.
    retries: BTreeSet<(Duration, Arc<str>)>,
    /// Consumers with something to send and no call under way.
    ready: BTreeSet<Arc<str>>,
    dropped: Vec<Arc<str>>,
}

impl Provider {
    /// A provider with no connections.
    pub fn new(limits: ProviderLimits) -> Self {
        Self {
            limits,
            consumers: BTreeMap::new(),
            connections: BTreeMap::new(),
            in_use: ProviderUse::default(),
            next_prov_id: 1,
            next_call: 1,
            calls: BTreeMap::new(),
            schedule: BTreeSet::new(),
            retries: BTreeSet::new(),
            ready: BTreeSet::new(),
            dropped: Vec::new(),
        }
    }

    /// Number of connections.
    pub fn n_connections(&self) -> usize {
        self.connections.len()
    }

    /// What of it counts against the limits.
    pub fn in_use(&self) -> ProviderUse {
        self.in_use
    }

    /// Changes the limits; what is connected stays.
    pub fn set_limits(&mut self, limits: ProviderLimits) {
        self.limits = limits;
    }

    /// Names of the consumers, sorted.
    pub fn consumers(&self) -> impl Iterator<Item = &str> {
        self.consumers.keys().map(|name| &**name)
    }

    /// Disconnect: ends connections.
    pub fn disconnect(&mut self, prov_ids: &[u32]) -> Reply<Results> {
        self.each(prov_ids, |provider, prov_id| provider.remove(prov_id))
    }

    /// DisconnectMe: ends all connections of a consumer. `CBA_S_NOCONNECTION` if there were none.
    pub fn disconnect_me(&mut self, consumer: &str) -> Reply<()> {
        Reply::only(if self.drop_consumer(consumer) { HResult::S_OK } else { HResult::CBA_S_NOCONNECTION })
    }

    /// SetActivation: activates or deactivates connections. Activated ones are sent at the next poll.
    pub fn set_activation(&mut self, request: &SetActivationRequest) -> Reply<Results> {
        let state = request.state;
        if !state.is_named() {
            return Reply::only(HResult::CBA_E_INVALIDENUMVALUE);
        }
        self.each(&request.prov_ids, |provider, prov_id| {
            let Some(connection) = provider.connections.get_mut(&prov_id) else { return false };
            let activated = state == Activation::Active && connection.state != state;
            connection.state = state;
            if activated {
                provider.mark(prov_id);
            }
            true
        })
    }

    /// Ping: `S_OK` if the consumer is known, otherwise `CBA_S_NOCONNECTION`.
    pub fn ping(&self, consumer: &str) -> Reply<()> {
        let known = self.consumers.contains_key(consumer);
        Reply::only(if known { HResult::S_OK } else { HResult::CBA_S_NOCONNECTION })
    }

    /// GetConnectionData: present values of all active connections of a consumer; `S_FALSE` when they are more than one
    /// answer holds.
    pub fn connection_data(&self, consumer: &str, items: &dyn ItemSpace) -> Reply<GetConnectionDataResponse> {
        let Some(entry) = self.consumers.get(consumer) else {
            return Reply::only(HResult::CBA_S_NOCONNECTION);
        };
        let mut buffer = DataBufferWriter::new(Version::Dcom);
        let mut scratch = Vec::new();
        for connection in entry.by_cons_id.values().filter_map(|prov_id| self.connections.get(prov_id)) {
            if buffer.byte_len() > ANSWER_BYTES {
                return Reply { out: GetConnectionDataResponse { data: buffer.into_bytes() }, hr: HResult::S_FALSE };
            }
            if connection.state == Activation::Active {
                sending::push_item(&mut buffer, connection, items, &mut scratch);
            }
        }
        Reply::ok(GetConnectionDataResponse { data: buffer.into_bytes() })
    }

    /// GetProvIDs of ICBAAccoMgt2: ids of all connections.
    pub fn prov_ids(&self) -> Reply<GetProvIdsResponse> {
        Reply::ok(GetProvIdsResponse { prov_ids: self.connections.keys().copied().collect() })
    }

    /// GetProvConnections of ICBAAccoMgt2: connections by id; an unknown id has `CBA_E_INVALIDID` in its element, and what
    /// is too much for one answer `CBA_E_SIZEEXCEEDED`.
    pub fn prov_connections(&self, prov_ids: &[u32]) -> Reply<GetProvConnectionsResponse> {
        if prov_ids.len() > MOST_ELEMENTS {
            return Reply::only(NO_ROOM);
        }
        let mut room = Room::default();
        let mut fits = |connection: &Connection| {
            room.take(&[&connection.consumer, &connection.provider_item], &connection.epsilon)
        };
        let connections: Vec<_> = prov_ids
            .iter()
            .map(|prov_id| match self.connections.get(prov_id) {
                Some(connection) if !fits(connection) => {
                    GetProvConnectionOut { hr: NO_ROOM, ..GetProvConnectionOut::default() }
                }
                Some(connection) => GetProvConnectionOut {
                    consumer: connection.consumer.to_string(),
                    provider_item: connection.provider_item.clone(),
                    cons_id: connection.cons_id,
                    epsilon: connection.epsilon.clone(),
                    qos_type: connection.qos.kind,
                    qos_value: connection.qos.value,
                    state: connection.state,
                    hr: HResult::S_OK,
                },
                None => GetProvConnectionOut { hr: HResult::CBA_E_INVALIDID, ..GetProvConnectionOut::default() },
            })
            .collect();
        let hr = super::overall(connections.iter().map(|connection| connection.hr));
        Reply { out: GetProvConnectionsResponse { connections }, hr }
    }

    /// Applies `change` to each id; `false` from it means the id is unknown.
    fn each(&mut self, prov_ids: &[u32], change: impl Fn(&mut Self, u32) -> bool) -> Reply<Results> {
        let results: Vec<HResult> = prov_ids
            .iter()
            .map(|prov_id| if change(self, *prov_id) { HResult::S_OK } else { HResult::CBA_E_INVALIDID })
            .collect();
        let hr = super::overall(results.iter().copied());
        Reply { out: Results { results }, hr }
    }

    /// Removes a connection, and its consumer with the last one.
    fn remove(&mut self, prov_id: u32) -> bool {
        let Some(connection) = self.connections.remove(&prov_id) else { return false };
        let Some(entry) = self.consumers.get_mut(&connection.consumer) else { return true };
        self.in_use.end(&connection, entry);
        if entry.by_cons_id.get(&connection.cons_id) == Some(&prov_id) {
            entry.by_cons_id.remove(&connection.cons_id);
        }
        let interval = connection.qos.interval_millis();
        if let Some(group) = entry.groups.get_mut(&interval) {
            group.members.remove(&prov_id);
            if group.members.is_empty() {
                self.schedule.remove(&(group.next, connection.consumer.clone(), interval));
                entry.groups.remove(&interval);
            }
        }
        if entry.groups.is_empty() {
            self.drop_consumer(&connection.consumer);
        }
        true
    }

    /// Forgets a consumer; `false` if it was unknown.
    fn drop_consumer(&mut self, consumer: &str) -> bool {
        let Some((name, mut entry)) = self.consumers.remove_entry(consumer) else { return false };
        for (interval, group) in std::mem::take(&mut entry.groups) {
            self.schedule.remove(&(group.next, name.clone(), interval));
            for prov_id in group.members {
                if let Some(connection) = self.connections.remove(&prov_id) {
                    self.in_use.end(&connection, &mut entry);
                }
            }
        }
        match entry.outgoing {
            Outgoing::Idle => {}
            Outgoing::Calling { call, .. } => {
                self.calls.remove(&call);
            }
            Outgoing::Pausing { until, .. } => {
                self.retries.remove(&(until, name.clone()));
            }
        }
        self.ready.remove(&name);
        self.dropped.push(name);
        true
    }
}

impl ProviderUse {
    fn begin(&mut self, connection: &Connection, entry: &mut Entry) {
        if !counts(connection.qos.kind) {
            return;
        }
        self.connections += 1;
        self.bytes = self.bytes.saturating_add(connection.bytes);
        self.partners += usize::from(entry.n_counted == 0);
        entry.n_counted += 1;
    }

    fn end(&mut self, connection: &Connection, entry: &mut Entry) {
        if !counts(connection.qos.kind) {
            return;
        }
        self.connections = self.connections.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(connection.bytes);
        entry.n_counted = entry.n_counted.saturating_sub(1);
        self.partners -= usize::from(entry.n_counted == 0 && self.partners > 0);
    }
}

/// Whether connections of this type count against the limits that are stated for links.
fn counts(kind: QosType) -> bool {
    kind != QosType::AcyclicHmi
}

#[cfg(test)]
mod tests;
