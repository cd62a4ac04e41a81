//! Consumer side: ICBAAccoMgt(2) and ICBAAccoCallback without the sockets (protocol notes, sections 5.10, 5.13,
//! 7.2, 7.6).
//!
//! The database holds records; a record that is active wants to be connected, and the machine works towards that by
//! itself, partner by partner:
//!
//! ```text
//! Idle (passive) -> Waiting -> Requested -> Connected -> values arrive
//!                      ^          |             |
//!                      +----------+-------------+   refused, unreachable, forgotten by the provider:
//!                                                   substitute in force, again after a pause
//! ```
//!
//! Start reading at [`Consumer::add_connections`] (what is stored), then [`Consumer::poll`] and
//! [`Consumer::done`] (what happens at a partner), then [`Consumer::data_changed`].

mod admission;
mod calls;
mod database;
mod partner;
mod record;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

pub use calls::{ConnectItem, ConsumerAction, Outcome, PartnerCall, ProviderCall, RequestId};
use partner::Partner;
pub use record::{Database, Record};

use super::convention::DEFAULT_PING_FACTOR;
use super::{ConsumerLimits, ItemKey, QosSupport};
use crate::wire::Variant;
use crate::wire::cba::convention::split_partner;
use crate::wire::cba::data_buffer::{DataBuffer, Version};
use crate::wire::cba::{Activation, HResult, QosType, Quality, Reply, TypeDesc};

/// How far a connection has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Link {
    /// Needs no partner.
    Constant,
    /// Stored only.
    Idle,
    /// To be connected, now or after a pause.
    Waiting,
    /// Connect is under way; values may already arrive.
    Requested,
    /// Known to the provider.
    Connected { prov_id: u32 },
}

/// A record and how it fares.
#[derive(Debug)]
struct Connection {
    record: Record,
    provider: Arc<str>,
    item: ItemKey,
    desc: Arc<TypeDesc>,
    bytes: usize,
    link: Link,
    /// Why it is not connected; `None` if nothing has failed yet.
    error: Option<HResult>,
    /// A value has arrived since it was connected.
    has_data: bool,
    /// A value has arrived at any time.
    had_data: bool,
    /// The substitute, or the mark of the last value, is in force.
    fallen_back: bool,
}

impl Connection {
    /// ConnErrorState of DiagConsConnections (convention 13).
    fn error_state(&self) -> HResult {
        match self.link {
            _ if self.record.state != Activation::Active => HResult::CBA_S_NOCONNECTION,
            Link::Constant => HResult::S_OK,
            Link::Connected { .. } if self.has_data => HResult::S_OK,
            Link::Connected { .. } => HResult::CBA_S_NOCONNECTIONDATA,
            _ => self.error.unwrap_or(HResult::CBA_S_ESTABLISHING),
        }
    }

    /// What the item is to show while no values arrive; `None` if it shows that already.
    fn fall_back(&mut self) -> Option<ConsumerAction> {
        if std::mem::replace(&mut self.fallen_back, true) {
            return None;
        }
        let (value, quality) = match &self.record.substitute {
            Some(substitute) => (Some(substitute.clone()), Quality::UNCERTAIN_SUBSTITUTE),
            None if self.had_data => (None, Quality::UNCERTAIN_LAST_USABLE),
            None => (None, Quality::BAD_OUT_OF_SERVICE),
        };
        Some(ConsumerAction::Deliver { item: self.item, value, quality })
    }

    /// The value of an active constant.
    fn constant(&self) -> Option<ConsumerAction> {
        let value = self.record.substitute.clone();
        (self.link == Link::Constant && self.record.state == Activation::Active).then_some(ConsumerAction::Deliver {
            item: self.item,
            value,
            quality: Quality::GOOD,
        })
    }
}

/// Counters for diagnosis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Statistic {
    /// OnDataChanged calls received.
    pub calls: u64,
    /// Values delivered.
    pub values: u64,
    /// Values refused: unknown or passive connection, or not of the item's type.
    pub refused: u64,
    /// Connect calls made.
    pub connects: u64,
    /// Calls that a partner did not answer.
    pub failures: u64,
}

/// What of a consumer counts against the limits of its device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ConsumerUse {
    /// Connections, constants included.
    pub connections: usize,
    /// Cyclic ones among them.
    pub cyclic: usize,
    /// Provider ACCOs elsewhere.
    pub partners: usize,
    /// Bytes of all values.
    pub bytes: usize,
}

/// The consumer side of an ACCO.
#[derive(Debug)]
pub struct Consumer {
    name: Arc<str>,
    limits: ConsumerLimits,
    qos: QosSupport,
    /// By ConsID.
    connections: BTreeMap<u32, Connection>,
    by_item: BTreeMap<ItemKey, u32>,
    bytes: usize,
    n_cyclic: usize,
    partners: BTreeMap<Arc<str>, Partner>,
    next_cons_id: u32,
    cookie: u32,
    ping_factor: u16,
    next_request: u64,
    requests: BTreeMap<RequestId, Arc<str>>,
    /// Partners to look after at the next poll.
    wake: BTreeSet<Arc<str>>,
    timers: BTreeSet<(Duration, Arc<str>)>,
    actions: Vec<ConsumerAction>,
    statistic: Statistic,
}

impl Consumer {
    /// A consumer with an empty database. `name` is the own ACCO, `<PDev>!<LDev>`; providers with the same PDev are
    /// local.
    pub fn new(name: &str, limits: ConsumerLimits, qos: QosSupport) -> Self {
        Self {
            name: Arc::from(name),
            limits,
            qos,
            connections: BTreeMap::new(),
            by_item: BTreeMap::new(),
            bytes: 0,
            n_cyclic: 0,
            partners: BTreeMap::new(),
            next_cons_id: 1,
            cookie: 0,
            ping_factor: DEFAULT_PING_FACTOR,
            next_request: 1,
            requests: BTreeMap::new(),
            wake: BTreeSet::new(),
            timers: BTreeSet::new(),
            actions: Vec::new(),
            statistic: Statistic::default(),
        }
    }

    /// The own ACCO, `<PDev>!<LDev>`, as providers know it.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Counters for diagnosis.
    pub fn statistic(&self) -> Statistic {
        self.statistic
    }

    /// Number of connections.
    pub fn n_connections(&self) -> usize {
        self.connections.len()
    }

    /// What of it counts against the limits.
    pub fn in_use(&self) -> ConsumerUse {
        let partners = self.partners.values().filter(|partner| !partner.local && !partner.members.is_empty()).count();
        ConsumerUse { connections: self.connections.len(), cyclic: self.n_cyclic, partners, bytes: self.bytes }
    }

    /// Changes the limits; what is stored stays.
    pub fn set_limits(&mut self, limits: ConsumerLimits) {
        self.limits = limits;
    }

    /// All records with their error state, by ConsID.
    pub fn records(&self) -> impl Iterator<Item = (&Record, HResult)> {
        self.connections.values().map(|connection| (&connection.record, connection.error_state()))
    }

    /// How a connection fares (ConnErrorState); `None` if it is unknown.
    pub fn error_state(&self, cons_id: u32) -> Option<HResult> {
        self.connections.get(&cons_id).map(Connection::error_state)
    }

    /// Whether a call at a partner is under way, or is to be made at once.
    pub fn is_busy(&self) -> bool {
        !(self.requests.is_empty() && self.actions.is_empty() && self.wake.is_empty())
    }

    /// What is to be done now, in order. To be called after every other method and no later than
    /// [`next_due`](Self::next_due).
    pub fn poll(&mut self, now: Duration) -> Vec<ConsumerAction> {
        while self.timers.first().is_some_and(|timer| timer.0 <= now) {
            if let Some((_, provider)) = self.timers.pop_first() {
                self.wake.insert(provider);
            }
        }
        while let Some(provider) = self.wake.pop_first() {
            self.look_after(now, &provider);
        }
        std::mem::take(&mut self.actions)
    }

    /// When [`poll`](Self::poll) has something to do next; `Duration::ZERO` if at once, `None` if never.
    pub fn next_due(&self) -> Option<Duration> {
        if self.actions.is_empty() && self.wake.is_empty() {
            self.timers.first().map(|timer| timer.0)
        } else {
            Some(Duration::ZERO)
        }
    }

    /// OnDataChanged: values from a provider, as a data buffer. They become deliveries of the next poll. Values
    /// of connections that are unknown, passive or of another type are left out, which `S_FALSE` says.
    pub fn data_changed(&mut self, data: &[u8]) -> Reply<()> {
        self.statistic.calls += 1;
        let buffer = match DataBuffer::parse(data) {
            Ok(buffer) if buffer.version == Version::Dcom => buffer,
            _ => return Reply::only(HResult::CBA_E_MALFORMED),
        };
        let mut refused = 0;
        for item in &buffer.items {
            let connection = item.cons_id.and_then(|cons_id| self.connections.get_mut(&cons_id));
            let connection = connection.filter(|connection| {
                connection.record.state == Activation::Active
                    && matches!(connection.link, Link::Requested | Link::Connected { .. })
            });
            match connection.and_then(|connection| Some((connection.desc.decode(item.data).ok()?, connection))) {
                Some((value, connection)) => {
                    connection.has_data = true;
                    connection.had_data = true;
                    connection.fallen_back = false;
                    self.statistic.values += 1;
                    let (item, quality) = (connection.item, item.quality);
                    self.actions.push(ConsumerAction::Deliver { item, value: Some(value), quality });
                }
                None => refused += 1,
            }
        }
        self.statistic.refused += refused;
        Reply::only(if refused == 0 { HResult::S_OK } else { HResult::S_FALSE })
    }

    fn ping_period(&self) -> Option<Duration> {
        (self.ping_factor > 0).then(|| Duration::from_secs(self.ping_factor.into()))
    }

    fn is_local(&self, provider: &str) -> bool {
        match (split_partner(provider), split_partner(&self.name)) {
            (Some((theirs, _)), Some((ours, _))) => theirs == ours,
            _ => false,
        }
    }

    /// Counts a change of the database.
    fn changed(&mut self) {
        self.cookie = self.cookie.wrapping_add(1);
    }

    /// Puts a new connection into the database and, if it is active, on its way.
    fn insert(&mut self, mut connection: Connection) {
        let cons_id = connection.record.cons_id;
        self.by_item.insert(connection.item, cons_id);
        self.bytes = self.bytes.saturating_add(connection.bytes);
        self.n_cyclic += usize::from(connection.record.qos.kind == QosType::Cyclic);
        let active = connection.record.state == Activation::Active;
        if connection.link == Link::Constant {
            self.actions.extend(connection.constant());
        } else {
            let provider = connection.provider.clone();
            let local = self.is_local(&provider);
            let partner = self.partners.entry(provider.clone()).or_insert_with(|| Partner::new(local));
            partner.members.insert(cons_id);
            if active {
                connection.link = Link::Waiting;
                partner.want(cons_id, connection.record.qos);
                self.actions.extend(connection.fall_back());
                self.wake.insert(provider);
            }
        }
        self.connections.insert(cons_id, connection);
    }

    /// Takes a connection out of the database; `false` if it is unknown.
    fn remove(&mut self, cons_id: u32) -> bool {
        let Some(connection) = self.connections.remove(&cons_id) else { return false };
        self.by_item.remove(&connection.item);
        self.bytes = self.bytes.saturating_sub(connection.bytes);
        self.n_cyclic -= usize::from(connection.record.qos.kind == QosType::Cyclic);
        self.actions.push(ConsumerAction::Release { item: connection.item });
        if let Some(partner) = self.partners.get_mut(&connection.provider) {
            partner.forget(cons_id);
            if let Link::Connected { prov_id } = connection.link {
                partner.disconnect.insert(prov_id);
            }
            self.wake.insert(connection.provider);
        }
        true
    }

    /// Activates or deactivates; `false` if the connection is unknown.
    fn activate(&mut self, cons_id: u32, state: Activation) -> bool {
        let Some(connection) = self.connections.get_mut(&cons_id) else { return false };
        if connection.record.state == state {
            return true;
        }
        connection.record.state = state;
        let active = state == Activation::Active;
        if connection.link == Link::Constant {
            self.actions.extend(connection.constant());
        }
        let Some(partner) = self.partners.get_mut(&connection.provider) else {
            if !active {
                let (item, quality) = (connection.item, Quality::BAD_OUT_OF_SERVICE);
                self.actions.push(ConsumerAction::Deliver { item, value: None, quality });
            }
            return true;
        };
        match connection.link {
            Link::Idle if active => {
                connection.link = Link::Waiting;
                connection.error = None;
                partner.want(cons_id, connection.record.qos);
            }
            Link::Waiting if !active => {
                connection.link = Link::Idle;
                partner.stop_wanting(cons_id);
            }
            Link::Connected { .. } => partner.tell_activation(cons_id, state),
            // A Connect under way is put right when it is answered.
            _ => {}
        }
        connection.has_data = false;
        self.actions.extend(connection.fall_back());
        self.wake.insert(connection.provider.clone());
        true
    }
}

/// A value that stands for "none".
fn present(value: Option<&Variant>) -> Option<Variant> {
    value.filter(|value| !matches!(value, Variant::Empty | Variant::Null)).cloned()
}

#[cfg(test)]
mod tests;
