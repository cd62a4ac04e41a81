//! The connection database: everything of ICBAAccoMgt(2) but AddConnections, and what survives a restart.

use super::{Consumer, Database, Record, Statistic};
use crate::proto::acco::answer::{MOST_ELEMENTS, NO_ROOM, Room};
use crate::proto::acco::{ItemSpace, overall};
use crate::wire::cba::acco_mgt::{
    DiagConsConnectionOut, DiagConsConnectionsResponse, GetConnectionOut, GetConnectionsResponse, GetConsConnectionOut,
    GetConsConnectionsResponse, GetConsIdsResponse, GetDiagnosisRequest, GetDiagnosisResponse, GetIdOut,
    GetIdsResponse, Info, PingFactor, QosValue, Results, ReviseQosRequest, SetActivationStateRequest,
};
use crate::wire::cba::enums::DiagnosisRequest;
use crate::wire::cba::shared::Cookie;
use crate::wire::cba::{HResult, Persistence, Reply};

impl Consumer {
    /// RemoveConnections: takes connections out and tells their providers.
    pub fn remove_connections(&mut self, cons_ids: &[u32]) -> Reply<Results> {
        self.each(cons_ids, Self::remove)
    }

    /// ClearConnections: takes everything out and tells every provider.
    pub fn clear_connections(&mut self) -> Reply<()> {
        let cons_ids: Vec<u32> = self.connections.keys().copied().collect();
        for (provider, partner) in &mut self.partners {
            partner.say_farewell();
            self.wake.insert(provider.clone());
        }
        self.remove_connections(&cons_ids);
        Reply::only(HResult::S_OK)
    }

    /// SetActivationState: activates or deactivates connections.
    pub fn set_activation_state(&mut self, request: &SetActivationStateRequest) -> Reply<Results> {
        if !request.state.is_named() {
            return Reply::only(HResult::CBA_E_INVALIDENUMVALUE);
        }
        self.each(&request.cons_ids, |consumer, cons_id| consumer.activate(cons_id, request.state))
    }

    /// GetInfo.
    pub fn info(&self) -> Reply<Info> {
        let number = |n| u32::try_from(n).unwrap_or(u32::MAX);
        Reply::ok(Info { max: number(self.limits.connections), current: number(self.connections.len()) })
    }

    /// GetIDs.
    pub fn ids(&self) -> Reply<GetIdsResponse> {
        let ids = self.connections.values().map(|connection| GetIdOut {
            cons_id: connection.record.cons_id,
            state: connection.record.state,
            version: connection.record.version,
            hr: HResult::S_OK,
        });
        Reply::ok(GetIdsResponse { ids: ids.collect() })
    }

    /// GetConsIDs.
    pub fn cons_ids(&self) -> Reply<GetConsIdsResponse> {
        Reply::ok(GetConsIdsResponse { cons_ids: self.connections.keys().copied().collect() })
    }

    /// GetConnections; an unknown id has `CBA_E_INVALIDID` in its element, and what is too much for one answer
    /// `CBA_E_SIZEEXCEEDED`.
    pub fn connections(&self, cons_ids: &[u32]) -> Reply<GetConnectionsResponse> {
        if cons_ids.len() > MOST_ELEMENTS {
            return Reply::only(NO_ROOM);
        }
        let connections = self.look_up(cons_ids, |record, hr| match record {
            Some(record) => GetConnectionOut {
                provider: record.provider.clone(),
                provider_item: record.provider_item.clone(),
                consumer_item: record.consumer_item.clone(),
                substitute: record.substitute.clone(),
                epsilon: record.epsilon.clone(),
                qos_type: record.qos.kind,
                qos_value: record.qos.value,
                state: record.state,
                persistence: record.persistence,
                version: record.version,
                hr,
            },
            None => GetConnectionOut { hr, ..GetConnectionOut::default() },
        });
        let hr = overall(connections.iter().map(|connection| connection.hr));
        Reply { out: GetConnectionsResponse { connections }, hr }
    }

    /// GetConsConnections; an unknown id has `CBA_E_INVALIDID` in its element, and what is too much for one answer
    /// `CBA_E_SIZEEXCEEDED`.
    pub fn cons_connections(&self, cons_ids: &[u32]) -> Reply<GetConsConnectionsResponse> {
        if cons_ids.len() > MOST_ELEMENTS {
            return Reply::only(NO_ROOM);
        }
        let connections = self.look_up(cons_ids, |record, hr| match record {
            Some(record) => GetConsConnectionOut {
                provider: record.provider.clone(),
                provider_item: record.provider_item.clone(),
                consumer_item: record.consumer_item.clone(),
                substitute: record.substitute.clone(),
                epsilon: record.epsilon.clone(),
                qos_type: record.qos.kind,
                qos_value: record.qos.value,
                state: record.state,
                persistence: record.persistence,
                hr,
            },
            None => GetConsConnectionOut { hr, ..GetConsConnectionOut::default() },
        });
        let hr = overall(connections.iter().map(|connection| connection.hr));
        Reply { out: GetConsConnectionsResponse { connections }, hr }
    }

    /// DiagConsConnections; an unknown id has `CBA_E_INVALIDID` in its element.
    pub fn diagnose_connections(&self, cons_ids: &[u32]) -> Reply<DiagConsConnectionsResponse> {
        let connections: Vec<_> = cons_ids
            .iter()
            .map(|cons_id| match self.connections.get(cons_id) {
                Some(connection) => DiagConsConnectionOut {
                    state: connection.record.state,
                    persistence: connection.record.persistence,
                    version: connection.record.version,
                    error_state: connection.error_state(),
                    hr: HResult::S_OK,
                },
                None => DiagConsConnectionOut { hr: HResult::CBA_E_INVALIDID, ..DiagConsConnectionOut::default() },
            })
            .collect();
        let hr = overall(connections.iter().map(|connection| connection.hr));
        Reply { out: DiagConsConnectionsResponse { connections }, hr }
    }

    /// ReviseQoS: the value that would be used for a wanted one.
    pub fn revise_qos(&self, request: &ReviseQosRequest, items: &dyn ItemSpace) -> Reply<QosValue> {
        if !items.has_rtauto(&request.rtauto) {
            return Reply::only(HResult::CBA_E_UNKNOWNOBJECT);
        }
        match self.qos.revise(request.qos_type, request.qos_value) {
            Ok(value) => Reply::ok(QosValue { value }),
            Err(hr) => Reply::only(hr),
        }
    }

    /// get_PingFactor.
    pub fn ping_factor(&self) -> Reply<PingFactor> {
        Reply::ok(PingFactor { factor: self.ping_factor })
    }

    /// put_PingFactor: the period in seconds, 0 = off. Runs anew at every partner.
    pub fn put_ping_factor(&mut self, factor: u16) -> Reply<()> {
        self.ping_factor = factor;
        for (provider, partner) in &mut self.partners {
            partner.ping_at = None;
            self.wake.insert(provider.clone());
        }
        Reply::only(HResult::S_OK)
    }

    /// get_CDBCookie: changes with every change of the database.
    pub fn cdb_cookie(&self) -> Reply<Cookie> {
        Reply::ok(Cookie { cookie: self.cookie })
    }

    /// GetDiagnosis, convention 10: directory of requests, statistic as text, reset of the statistic.
    pub fn diagnosis(&mut self, request: &GetDiagnosisRequest) -> Reply<GetDiagnosisResponse> {
        let data = match request.request {
            DiagnosisRequest::Directory => {
                let offered =
                    [DiagnosisRequest::Directory, DiagnosisRequest::Statistic, DiagnosisRequest::ResetStatistic];
                offered.iter().flat_map(|request| request.raw().to_le_bytes()).collect()
            }
            DiagnosisRequest::Statistic => {
                let Statistic { calls, values, refused, connects, failures } = self.statistic;
                let (connections, partners) = (self.connections.len(), self.partners.len());
                format!(
                    "connections {connections}, partners {partners}, data calls {calls}, values {values}, \
                     refused values {refused}, connects {connects}, failures {failures}"
                )
                .into_bytes()
            }
            DiagnosisRequest::ResetStatistic => {
                self.statistic = Statistic::default();
                Vec::new()
            }
            _ => return Reply::only(HResult::CBA_E_INVALIDENUMVALUE),
        };
        Reply::ok(GetDiagnosisResponse { data })
    }

    /// Save: pending connections become persistent; returns what the owner is to store.
    pub fn save(&mut self) -> Database {
        for connection in self.connections.values_mut() {
            if connection.record.persistence == Persistence::Pending {
                connection.record.persistence = Persistence::Persistent;
            }
        }
        let persistent = |record: &&Record| record.persistence == Persistence::Persistent;
        Database {
            records: self.connections.values().map(|c| &c.record).filter(persistent).cloned().collect(),
            next_cons_id: self.next_cons_id,
            cookie: self.cookie,
            ping_factor: self.ping_factor,
        }
    }

    /// Replaces the database by what was stored and starts connecting. Returns the records that the logical device no
    /// longer takes, with the reason.
    pub fn restore(&mut self, database: Database, items: &dyn ItemSpace) -> Vec<(Record, HResult)> {
        self.clear_connections();
        let mut refused = Vec::new();
        for record in database.records {
            let hr = if record.cons_id == 0 || self.connections.contains_key(&record.cons_id) {
                Err(HResult::CBA_E_INVALIDID)
            } else {
                let terms = self.qos.check(record.qos.kind, record.qos.value);
                terms.and_then(|()| self.admit(record.clone(), items)).map(drop)
            };
            if let Err(hr) = hr {
                refused.push((record, hr));
            }
        }
        self.next_cons_id = database.next_cons_id.max(1);
        self.cookie = database.cookie;
        self.ping_factor = database.ping_factor;
        refused
    }

    fn look_up<T>(&self, cons_ids: &[u32], element: impl Fn(Option<&Record>, HResult) -> T) -> Vec<T> {
        let mut room = Room::default();
        let mut fits = |record: &Record| {
            let texts = [&*record.provider, &*record.provider_item, &*record.consumer_item];
            room.take(&texts, record.substitute.iter().chain(&record.epsilon))
        };
        cons_ids
            .iter()
            .map(|cons_id| match self.connections.get(cons_id) {
                Some(connection) if fits(&connection.record) => element(Some(&connection.record), HResult::S_OK),
                Some(_) => element(None, NO_ROOM),
                None => element(None, HResult::CBA_E_INVALIDID),
            })
            .collect()
    }

    /// Applies `change` to each id; `false` from it means the id is unknown.
    fn each(&mut self, cons_ids: &[u32], change: impl Fn(&mut Self, u32) -> bool) -> Reply<Results> {
        let results: Vec<HResult> = cons_ids
            .iter()
            .map(|cons_id| if change(self, *cons_id) { HResult::S_OK } else { HResult::CBA_E_INVALIDID })
            .collect();
        if results.contains(&HResult::S_OK) {
            self.changed();
        }
        let hr = overall(results.iter().copied());
        Reply { out: Results { results }, hr }
    }
}
