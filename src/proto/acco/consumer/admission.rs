//! Which connections the database takes.

use std::sync::Arc;

use super::{Connection, Consumer, Link, Record, present};
use crate::proto::acco::epsilon::Threshold;
use crate::proto::acco::items::counted_bytes;
use crate::proto::acco::limits::check_item_size;
use crate::proto::acco::{ItemInfo, ItemSpace, overall};
use crate::wire::cba::acco_mgt::{AddConnectionIn, AddConnectionOut, AddConnectionsRequest, AddConnectionsResponse};
use crate::wire::cba::convention::{split_item, split_partner};
use crate::wire::cba::{Activation, HResult, Persistence, Qos, QosType, Reply};

impl Consumer {
    /// AddConnections: stores connections and starts connecting the active ones; does not wait for the provider.
    ///
    /// Every element has a result of its own, `CBA_S_ESTABLISHING` or `CBA_S_PERSISTPENDING` among the successes; the
    /// whole is `S_FALSE` if some were refused. What is wrong for all (provider, QoS, activation) is the result
    /// of the call and of every element, and nothing is stored.
    pub fn add_connections(
        &mut self,
        request: &AddConnectionsRequest,
        items: &dyn ItemSpace,
    ) -> Reply<AddConnectionsResponse> {
        let refused = |hr| AddConnectionOut { cons_id: 0, version: 0, hr };
        if let Err(hr) = self.check_terms(request) {
            let connections = vec![refused(hr); request.connections.len()];
            return Reply { out: AddConnectionsResponse { connections }, hr };
        }
        let mut accepted = false;
        let connections: Vec<AddConnectionOut> = request
            .connections
            .iter()
            .map(|element| match self.admit(record(request, element, self.next_free_cons_id()), items) {
                Ok(out) => {
                    accepted = true;
                    self.next_cons_id = out.cons_id.wrapping_add(1);
                    out
                }
                Err(hr) => refused(hr),
            })
            .collect();
        if accepted {
            self.changed();
        }
        let hr = overall(connections.iter().map(|connection| connection.hr));
        Reply { out: AddConnectionsResponse { connections }, hr }
    }

    fn check_terms(&self, request: &AddConnectionsRequest) -> Result<(), HResult> {
        check_provider(&request.provider, request.qos_type)?;
        self.qos.check(request.qos_type, request.qos_value)?;
        if request.state.is_named() { Ok(()) } else { Err(HResult::CBA_E_INVALIDENUMVALUE) }
    }

    fn next_free_cons_id(&self) -> u32 {
        // The limits keep the number of connections far below the number of ids.
        let mut cons_id = self.next_cons_id.max(1);
        while self.connections.contains_key(&cons_id) {
            cons_id = cons_id.checked_add(1).unwrap_or(1);
        }
        cons_id
    }

    /// Checks a record and stores it.
    pub(super) fn admit(&mut self, mut record: Record, items: &dyn ItemSpace) -> Result<AddConnectionOut, HResult> {
        let constant = record.qos.kind == QosType::Constant;
        check_provider(&record.provider, record.qos.kind)?;
        split_item(&record.consumer_item).ok_or(HResult::CBA_E_MALFORMED)?;
        let provider_named = split_item(&record.provider_item).is_some();
        if if constant { !record.provider_item.is_empty() } else { !provider_named } {
            return Err(HResult::CBA_E_MALFORMED);
        }
        if !record.persistence.is_named() {
            return Err(HResult::CBA_E_INVALIDENUMVALUE);
        }
        let ItemInfo { key: item, desc, writable, .. } = items.find(&record.consumer_item)?;
        if !writable {
            return Err(HResult::CBA_E_ACCESSBLOCKED);
        }
        if self.by_item.contains_key(&item) {
            return Err(HResult::CBA_E_INVALIDCONNECTION);
        }
        record.substitute = present(record.substitute.as_ref());
        record.epsilon = present(record.epsilon.as_ref());
        let suitable = record.substitute.as_ref().map_or(!constant, |substitute| desc.accepts(substitute));
        if !suitable {
            return Err(HResult::CBA_E_INVALIDSUBSTITUTE);
        }
        Threshold::new(record.epsilon.as_ref(), &desc)?;
        check_item_size(&desc, self.limits.array_bytes)?;
        let cyclic = record.qos.kind == QosType::Cyclic;
        if self.connections.len() >= self.limits.connections || cyclic && self.n_cyclic >= self.limits.cyclic {
            return Err(HResult::CBA_E_COUNTEXCEEDED);
        }
        // A constant carries nothing over the network.
        let bytes = if constant { 0 } else { counted_bytes(&desc) };
        if self.bytes.saturating_add(bytes) > self.limits.bytes {
            return Err(HResult::CBA_E_SIZEEXCEEDED);
        }
        if !constant && !self.is_local(&record.provider) {
            let others = self
                .partners
                .iter()
                .filter(|(name, partner)| !partner.local && !partner.members.is_empty() && ***name != *record.provider);
            if others.count() >= self.limits.partners {
                return Err(HResult::CBA_E_OUTOFPARTNERACCOS);
            }
        }
        let hr = if record.state == Activation::Active && !constant {
            HResult::CBA_S_ESTABLISHING
        } else if record.persistence == Persistence::Pending {
            HResult::CBA_S_PERSISTPENDING
        } else {
            HResult::S_OK
        };
        let out = AddConnectionOut { cons_id: record.cons_id, version: record.version, hr };
        self.insert(Connection {
            provider: Arc::from(&*record.provider),
            record,
            item,
            desc,
            bytes,
            link: if constant { Link::Constant } else { Link::Idle },
            error: None,
            has_data: false,
            had_data: false,
            fallen_back: false,
        });
        Ok(out)
    }
}

/// Constants have no provider, everything else has a well-formed one.
fn check_provider(provider: &str, kind: QosType) -> Result<(), HResult> {
    let well_formed = if kind == QosType::Constant { provider.is_empty() } else { split_partner(provider).is_some() };
    if well_formed { Ok(()) } else { Err(HResult::CBA_E_MALFORMED) }
}

/// The record of an element; convention 28: what is to be stored is pending until it is saved.
fn record(request: &AddConnectionsRequest, element: &AddConnectionIn, cons_id: u32) -> Record {
    Record {
        cons_id,
        version: 1,
        provider: request.provider.clone(),
        provider_item: element.provider_item.clone(),
        consumer_item: element.consumer_item.clone(),
        qos: Qos::new(request.qos_type, request.qos_value),
        state: request.state,
        persistence: match element.persistence {
            Persistence::Persistent => Persistence::Pending,
            other => other,
        },
        substitute: element.substitute.clone(),
        epsilon: element.epsilon.clone(),
    }
}
