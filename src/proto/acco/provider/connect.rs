//! Connect and Connect2: which items a consumer gets, and under which ids.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::{Connection, Entry, Group, Provider, counts};
use crate::proto::acco::convention::{MAX_CONNECTIONS, MAX_PARTNERS};
use crate::proto::acco::epsilon::Threshold;
use crate::proto::acco::items::counted_bytes;
use crate::proto::acco::limits::check_item_size;
use crate::proto::acco::{ItemInfo, ItemSpace, overall};
use crate::wire::cba::acco_server::{Connect2Request, ConnectOut, ConnectRequest, ConnectResponse};
use crate::wire::cba::convention::{split_item, split_partner};
use crate::wire::cba::{Activation, HResult, Qos, QosType, Reply, TypeDesc};
use crate::wire::{VarType, Variant};

/// Longest value the length field of a data buffer item can announce.
const MAX_VALUE_BYTES: usize = 65_528;

/// Bytes of a callback's OBJREF: the pointer and some addresses. It is kept as long as the consumer.
const MOST_CALLBACK_BYTES: usize = 4096;

/// What all items of a call have in common.
struct Terms<'a> {
    consumer: &'a str,
    qos: Qos,
    state: Activation,
    callback: Option<&'a [u8]>,
}

/// One item of a call.
struct Demand<'a> {
    provider_item: &'a str,
    expected: Expected<'a>,
    epsilon: Option<&'a Variant>,
    cons_id: u32,
}

/// Type the consumer expects.
enum Expected<'a> {
    VarType(VarType),
    Words(&'a [u16]),
}

impl Expected<'_> {
    fn check(&self, desc: &TypeDesc) -> Result<(), HResult> {
        let expected = match self {
            Self::VarType(vt) if *vt == desc.var_type() => return Ok(()),
            Self::VarType(_) => return Err(HResult::CBA_E_TYPEMISMATCH),
            Self::Words(words) => TypeDesc::from_words(words).map_err(|_| HResult::CBA_E_MALFORMED)?,
        };
        match (&expected, desc) {
            (expected, desc) if expected == desc => Ok(()),
            (TypeDesc::Structure(_), TypeDesc::Structure(_)) => Err(HResult::CBA_E_SUBELEMENTMISMATCH),
            _ => Err(HResult::CBA_E_TYPEMISMATCH),
        }
    }
}

impl Provider {
    /// Connect: items typed by VARTYPE, data by callback.
    ///
    /// Every element has a result of its own; the whole is `S_FALSE` if some were refused. A call that is wrong as a
    /// whole (names, QoS, activation, no callback) connects nothing and says so in the result of the call.
    pub fn connect(
        &mut self,
        now: Duration,
        request: &ConnectRequest,
        items: &dyn ItemSpace,
    ) -> Reply<ConnectResponse> {
        if request.callback.is_none() {
            return Reply::only(HResult::E_POINTER);
        }
        let terms = Terms {
            consumer: &request.consumer,
            qos: Qos::new(request.qos_type, request.qos_value),
            state: request.state,
            callback: request.callback.as_deref(),
        };
        let demands = request.connections.iter().map(|c| Demand {
            provider_item: &c.provider_item,
            expected: Expected::VarType(c.data_type),
            epsilon: c.epsilon.as_ref(),
            cons_id: c.cons_id,
        });
        self.connect_all(now, &terms, demands, items)
    }

    /// Connect2: as [`connect`](Self::connect) with extended type descriptions; without a callback the consumer
    /// fetches its data.
    pub fn connect2(
        &mut self,
        now: Duration,
        request: &Connect2Request,
        items: &dyn ItemSpace,
    ) -> Reply<ConnectResponse> {
        let terms = Terms {
            consumer: &request.consumer,
            qos: Qos::new(request.qos_type, request.qos_value),
            state: request.state,
            callback: request.callback.as_deref(),
        };
        let demands = request.connections.iter().map(|c| Demand {
            provider_item: &c.provider_item,
            expected: Expected::Words(&c.type_desc),
            epsilon: c.epsilon.as_ref(),
            cons_id: c.cons_id,
        });
        self.connect_all(now, &terms, demands, items)
    }

    fn connect_all<'a>(
        &mut self,
        now: Duration,
        terms: &Terms<'_>,
        demands: impl Iterator<Item = Demand<'a>>,
        items: &dyn ItemSpace,
    ) -> Reply<ConnectResponse> {
        if let Err(hr) = check_terms(terms) {
            return Reply::only(hr);
        }
        let (consumer, first_connect) = match self.consumers.get_key_value(terms.consumer) {
            Some((name, _)) => (name.clone(), false),
            None if self.consumers.len() >= self.limits.partners.saturating_add(MAX_PARTNERS) => {
                return Reply::only(HResult::CBA_E_OUTOFPARTNERACCOS);
            }
            None => (Arc::from(terms.consumer), true),
        };
        let is_partner = self.consumers.get(terms.consumer).is_some_and(|entry| entry.n_counted > 0);
        if counts(terms.qos.kind) && !is_partner && self.in_use.partners >= self.limits.partners {
            return Reply::only(HResult::CBA_E_OUTOFPARTNERACCOS);
        }
        if first_connect {
            self.consumers.insert(consumer.clone(), Entry::default());
        }
        let connections: Vec<ConnectOut> = demands
            .map(|demand| match self.connect_one(now, &consumer, terms, &demand, items) {
                Ok(prov_id) => ConnectOut { prov_id, hr: HResult::S_OK },
                Err(hr) => ConnectOut { prov_id: 0, hr },
            })
            .collect();
        if self.consumers.get(&consumer).is_some_and(|entry| entry.groups.is_empty()) {
            // Nothing was accepted from a stranger: it stays one.
            self.consumers.remove(&consumer);
        } else if let Some(callback) = terms.callback {
            self.set_callback(now, &consumer, callback);
        }
        let hr = overall(connections.iter().map(|connection| connection.hr));
        Reply { out: ConnectResponse { first_connect, connections }, hr }
    }

    fn connect_one(
        &mut self,
        now: Duration,
        consumer: &Arc<str>,
        terms: &Terms<'_>,
        demand: &Demand<'_>,
        items: &dyn ItemSpace,
    ) -> Result<u32, HResult> {
        split_item(demand.provider_item).ok_or(HResult::CBA_E_MALFORMED)?;
        if demand.cons_id == 0 {
            return Err(HResult::CBA_E_INVALIDID);
        }
        let ItemInfo { key, desc, readable, .. } = items.find(demand.provider_item)?;
        if !readable {
            return Err(HResult::CBA_E_ACCESSBLOCKED);
        }
        demand.expected.check(&desc)?;
        let threshold = Threshold::new(demand.epsilon, &desc)?;
        check_item_size(&desc, self.limits.array_bytes.min(MAX_VALUE_BYTES))?;
        let entry = self.consumers.get(consumer).ok_or(HResult::E_UNEXPECTED)?;
        let replaced = entry.by_cons_id.get(&demand.cons_id).copied();
        let bytes = counted_bytes(&desc);
        self.check_room(terms.qos.kind, bytes, replaced.and_then(|id| self.connections.get(&id)))?;
        let prov_id = self.free_prov_id();
        let interval = terms.qos.interval_millis();
        let connection = Connection {
            consumer: consumer.clone(),
            provider_item: demand.provider_item.to_owned(),
            item: key,
            desc,
            cons_id: demand.cons_id,
            qos: terms.qos,
            state: terms.state,
            epsilon: demand.epsilon.cloned(),
            threshold,
            bytes,
            sent: None,
            marked: false,
        };
        if let Some(entry) = self.consumers.get_mut(consumer) {
            self.in_use.begin(&connection, entry);
            entry.by_cons_id.insert(demand.cons_id, prov_id);
            let next = now + Duration::from_millis(interval.into());
            let group = entry.groups.entry(interval).or_insert_with(|| {
                if entry.callback.is_some() {
                    self.schedule.insert((next, consumer.clone(), interval));
                }
                Group { members: BTreeSet::new(), next }
            });
            group.members.insert(prov_id);
        }
        self.connections.insert(prov_id, connection);
        // Removed only now, so that the consumer does not vanish with its last connection in between.
        if let Some(old) = replaced {
            self.remove(old);
        }
        if terms.state == Activation::Active {
            self.mark(prov_id);
        }
        Ok(prov_id)
    }

    /// Whether a connection of so many bytes fits in, perhaps in the place of another.
    fn check_room(&self, kind: QosType, bytes: usize, replaced: Option<&Connection>) -> Result<(), HResult> {
        if !counts(kind) {
            let n_others = self.connections.len().saturating_sub(self.in_use.connections);
            return if n_others < MAX_CONNECTIONS { Ok(()) } else { Err(HResult::CBA_E_COUNTEXCEEDED) };
        }
        let replaced = replaced.filter(|old| counts(old.qos.kind));
        let connections = self.in_use.connections - usize::from(replaced.is_some());
        if connections >= self.limits.connections {
            return Err(HResult::CBA_E_COUNTEXCEEDED);
        }
        let in_use = self.in_use.bytes.saturating_sub(replaced.map_or(0, |old| old.bytes));
        if in_use.saturating_add(bytes) > self.limits.bytes {
            return Err(HResult::CBA_E_SIZEEXCEEDED);
        }
        Ok(())
    }

    fn set_callback(&mut self, now: Duration, consumer: &Arc<str>, callback: &[u8]) {
        let Some(entry) = self.consumers.get_mut(consumer) else { return };
        let had_none = entry.callback.is_none();
        if entry.callback.as_deref() != Some(callback) {
            entry.callback = Some(Arc::from(callback));
        }
        if had_none {
            for (interval, group) in &mut entry.groups {
                group.next = now + Duration::from_millis((*interval).into());
                self.schedule.insert((group.next, consumer.clone(), *interval));
            }
            self.make_ready(consumer);
        }
    }

    fn free_prov_id(&mut self) -> u32 {
        // The limits keep the number of connections far below the number of ids.
        loop {
            let prov_id = self.next_prov_id;
            self.next_prov_id = self.next_prov_id.checked_add(1).unwrap_or(1);
            if !self.connections.contains_key(&prov_id) {
                return prov_id;
            }
        }
    }
}

fn check_terms(terms: &Terms<'_>) -> Result<(), HResult> {
    split_partner(terms.consumer).ok_or(HResult::CBA_E_MALFORMED)?;
    if terms.callback.is_some_and(|callback| callback.len() > MOST_CALLBACK_BYTES) {
        return Err(HResult::CBA_E_MALFORMED);
    }
    match terms.qos.kind {
        kind if kind.is_acyclic() => {}
        QosType::Cyclic | QosType::Constant => return Err(HResult::CBA_E_QOSTYPENOTAPPLICABLE),
        _ => return Err(HResult::CBA_E_QOSTYPEUNSUPPORTED),
    }
    if terms.qos.value == 0 {
        return Err(HResult::CBA_E_QOSVALUEUNSUPPORTED);
    }
    if terms.state.is_named() { Ok(()) } else { Err(HResult::CBA_E_INVALIDENUMVALUE) }
}
