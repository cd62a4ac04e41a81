//! A provider ACCO as partner: what it is to be told, one call at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::{ConnectItem, Consumer, ConsumerAction, Link, Outcome, PartnerCall, ProviderCall, RequestId};
use crate::proto::acco::convention::{CONNECT_CHUNK, FAREWELL_ATTEMPTS, RETRY_PAUSE, carried};
use crate::wire::cba::acco_mgt::Results;
use crate::wire::cba::acco_server::ConnectResponse;
use crate::wire::cba::{Activation, HResult, Qos, Reply};

/// What is kept for one provider.
#[derive(Debug)]
pub(super) struct Partner {
    pub(super) local: bool,
    /// ConsIDs of all its connections, passive ones too.
    pub(super) members: BTreeSet<u32>,
    /// ConsIDs to connect, by the QoS they travel with.
    to_connect: BTreeMap<Qos, BTreeSet<u32>>,
    /// ConsIDs the provider refused, to be tried again at `refused_until`.
    refused: BTreeSet<u32>,
    refused_until: Option<Duration>,
    /// ConsIDs whose activation the provider is to be told.
    to_activate: BTreeSet<u32>,
    to_deactivate: BTreeSet<u32>,
    /// ProvIDs to give back.
    pub(super) disconnect: BTreeSet<u32>,
    /// ProvIDs of before a disturbance; given back if the provider still knows us.
    stale: BTreeSet<u32>,
    /// ConsIDs whose Connect was not answered: the provider may have them or not.
    unsure: BTreeSet<u32>,
    /// Everything is to be given back.
    farewell: bool,
    farewell_failures: u32,
    /// A Connect has been made, so the provider may hold something.
    contacted: bool,
    /// The provider has begun anew with us, so nothing of an earlier life of ours is left there.
    known: bool,
    in_flight: Option<InFlight>,
    /// No call before this.
    paused_until: Option<Duration>,
    pub(super) ping_at: Option<Duration>,
    timer: Option<Duration>,
}

/// The call under way.
#[derive(Debug)]
struct InFlight {
    request: RequestId,
    topic: Topic,
}

/// What a call is about.
#[derive(Debug)]
enum Topic {
    /// ConsIDs, in the order of the request.
    Connect(Vec<u32>),
    /// ProvIDs.
    Disconnect(Vec<u32>),
    Farewell,
    /// ConsIDs, in the order of the request.
    Activation(Vec<u32>),
    Ping,
}

impl Partner {
    pub(super) fn new(local: bool) -> Self {
        Self {
            local,
            members: BTreeSet::new(),
            to_connect: BTreeMap::new(),
            refused: BTreeSet::new(),
            refused_until: None,
            to_activate: BTreeSet::new(),
            to_deactivate: BTreeSet::new(),
            disconnect: BTreeSet::new(),
            stale: BTreeSet::new(),
            unsure: BTreeSet::new(),
            farewell: false,
            farewell_failures: 0,
            contacted: false,
            known: false,
            in_flight: None,
            paused_until: None,
            ping_at: None,
            timer: None,
        }
    }

    /// Queues a connection for Connect.
    pub(super) fn want(&mut self, cons_id: u32, qos: Qos) {
        self.to_connect.entry(carried(qos)).or_default().insert(cons_id);
    }

    pub(super) fn stop_wanting(&mut self, cons_id: u32) {
        self.refused.remove(&cons_id);
        self.to_connect.values_mut().for_each(|group| {
            group.remove(&cons_id);
        });
        self.to_connect.retain(|_, group| !group.is_empty());
    }

    pub(super) fn tell_activation(&mut self, cons_id: u32, state: Activation) {
        let active = state == Activation::Active;
        let (into, out_of) = if active {
            (&mut self.to_activate, &mut self.to_deactivate)
        } else {
            (&mut self.to_deactivate, &mut self.to_activate)
        };
        into.insert(cons_id);
        out_of.remove(&cons_id);
    }

    pub(super) fn forget(&mut self, cons_id: u32) {
        self.members.remove(&cons_id);
        self.stop_wanting(cons_id);
        self.to_activate.remove(&cons_id);
        self.to_deactivate.remove(&cons_id);
    }

    /// Everything is to be given back, in one call.
    pub(super) fn say_farewell(&mut self) {
        self.farewell = self.contacted;
        self.farewell_failures = 0;
    }
}

impl Consumer {
    /// Reports how a call at a partner ended. A request that is unknown is ignored.
    pub fn done(&mut self, now: Duration, request: RequestId, outcome: Outcome) {
        let Some(provider) = self.requests.remove(&request) else { return };
        let Some(partner) = self.partners.get_mut(&provider) else { return };
        let Some(in_flight) = partner.in_flight.take_if(|call| call.request == request) else { return };
        self.wake.insert(provider.clone());
        match (in_flight.topic, outcome) {
            (topic, Outcome::Failed(hr)) => self.partner_failed(now, &provider, hr, Some(topic)),
            (Topic::Connect(cons_ids), Outcome::Connected(reply)) => {
                self.connected(now, &provider, &cons_ids, reply);
            }
            (Topic::Activation(cons_ids), Outcome::Results(reply)) => {
                self.activation_told(&provider, &cons_ids, &reply);
            }
            (Topic::Disconnect(_), Outcome::Results(_)) => {}
            (Topic::Farewell, Outcome::Answered(_)) => {
                partner.farewell = false;
                partner.known = true;
                self.forgotten_by(&provider, None);
            }
            (Topic::Ping, Outcome::Answered(HResult::S_OK)) => {}
            (Topic::Ping, Outcome::Answered(_)) => self.forgotten_by(&provider, None),
            // An answer to another question than was asked.
            (topic, _) => self.partner_failed(now, &provider, HResult::E_UNEXPECTED, Some(topic)),
        }
    }

    /// Reports that a partner was lost without a call of ours having failed, for example because its transport
    /// broke. It is tried again after the usual pause.
    pub fn partner_lost(&mut self, now: Duration, provider: &str, hr: HResult) {
        let Some((provider, _)) = self.partners.get_key_value(provider) else { return };
        let provider = provider.clone();
        let in_flight = self.partners.get_mut(&provider).and_then(|partner| partner.in_flight.take());
        // The outcome of a call under way must not be taken for one of the calls to come.
        let topic = in_flight.map(|call| {
            self.requests.remove(&call.request);
            call.topic
        });
        self.partner_failed(now, &provider, hr, topic);
        self.wake.insert(provider);
    }

    /// Makes the next call at a partner, or sets its timer.
    pub(super) fn look_after(&mut self, now: Duration, provider: &Arc<str>) {
        let ping_period = self.ping_period();
        let Some(partner) = self.partners.get_mut(provider) else { return };
        if let Some(timer) = partner.timer.take() {
            self.timers.remove(&(timer, provider.clone()));
        }
        if partner.in_flight.is_some() {
            return;
        }
        if partner.paused_until.is_some_and(|until| until > now) {
            partner.timer = partner.paused_until;
        } else {
            partner.paused_until = None;
            if let Some((topic, call)) = self.next_call(now, provider) {
                self.begin(provider, topic, call);
                return;
            }
            let Some(partner) = self.partners.get_mut(provider) else { return };
            if partner.members.is_empty() {
                self.partners.remove(provider);
                self.actions.push(ConsumerAction::PartnerGone { provider: provider.clone() });
                return;
            }
            let is_connected =
                |cons_id| matches!(self.connections.get(cons_id).map(|c| c.link), Some(Link::Connected { .. }));
            if partner.ping_at.is_none() && !partner.local && partner.members.iter().any(is_connected) {
                partner.ping_at = ping_period.map(|period| now + period);
            }
            partner.timer = partner.ping_at.into_iter().chain(partner.refused_until).min();
        }
        if let Some(timer) = self.partners.get(provider).and_then(|partner| partner.timer) {
            self.timers.insert((timer, provider.clone()));
        }
    }

    fn next_call(&mut self, now: Duration, provider: &Arc<str>) -> Option<(Topic, ProviderCall)> {
        let connections = &mut self.connections;
        let partner = self.partners.get_mut(provider)?;
        let is_wanted = |cons_id| {
            partner.refused.contains(cons_id) || partner.to_connect.values().any(|group| group.contains(cons_id))
        };
        if !partner.unsure.iter().all(is_wanted) {
            // Connecting again would settle what the provider has of us, but not all of it is wanted any more.
            partner.farewell = true;
        }
        if partner.farewell {
            partner.disconnect.clear();
            partner.stale.clear();
            partner.unsure.clear();
            return Some((Topic::Farewell, ProviderCall::DisconnectMe));
        }
        if !partner.disconnect.is_empty() {
            let prov_ids: Vec<u32> = std::mem::take(&mut partner.disconnect).into_iter().collect();
            return Some((Topic::Disconnect(prov_ids.clone()), ProviderCall::Disconnect { prov_ids }));
        }
        if partner.refused_until.is_some_and(|until| until <= now) {
            partner.refused_until = None;
            for cons_id in std::mem::take(&mut partner.refused) {
                if let Some(connection) = connections.get(&cons_id) {
                    partner.want(cons_id, connection.record.qos);
                }
            }
        }
        if let Some(mut group) = partner.to_connect.first_entry() {
            let qos = *group.key();
            let cons_ids: Vec<u32> = group.get().iter().take(CONNECT_CHUNK).copied().collect();
            cons_ids.iter().for_each(|cons_id| {
                group.get_mut().remove(cons_id);
            });
            if group.get().is_empty() {
                group.remove();
            }
            let mut items = Vec::with_capacity(cons_ids.len());
            for cons_id in &cons_ids {
                let Some(connection) = connections.get_mut(cons_id) else { continue };
                connection.link = Link::Requested;
                connection.has_data = false;
                items.push(ConnectItem {
                    provider_item: connection.record.provider_item.clone(),
                    desc: connection.desc.clone(),
                    epsilon: connection.record.epsilon.clone(),
                    cons_id: *cons_id,
                });
            }
            self.statistic.connects += 1;
            partner.contacted = true;
            return Some((Topic::Connect(cons_ids), ProviderCall::Connect { qos, items }));
        }
        for (state, queue) in
            [(Activation::Passive, &mut partner.to_deactivate), (Activation::Active, &mut partner.to_activate)]
        {
            let (cons_ids, prov_ids): (Vec<u32>, Vec<u32>) = std::mem::take(queue)
                .into_iter()
                .filter_map(|cons_id| match connections.get(&cons_id)?.link {
                    Link::Connected { prov_id } => Some((cons_id, prov_id)),
                    _ => None,
                })
                .unzip();
            if !prov_ids.is_empty() {
                return Some((Topic::Activation(cons_ids), ProviderCall::SetActivation { state, prov_ids }));
            }
        }
        if partner.ping_at.is_some_and(|at| at <= now) {
            partner.ping_at = None;
            return Some((Topic::Ping, ProviderCall::Ping));
        }
        if !partner.stale.is_empty() && partner.refused.is_empty() {
            // No Connect will find out whether the provider still knows us.
            partner.stale.clear();
            partner.farewell = true;
            return Some((Topic::Farewell, ProviderCall::DisconnectMe));
        }
        None
    }

    fn begin(&mut self, provider: &Arc<str>, topic: Topic, call: ProviderCall) {
        let Some(partner) = self.partners.get_mut(provider) else { return };
        let request = RequestId(self.next_request);
        self.next_request = self.next_request.wrapping_add(1);
        self.requests.insert(request, provider.clone());
        partner.in_flight = Some(InFlight { request, topic });
        let (provider, local) = (provider.clone(), partner.local);
        self.actions.push(ConsumerAction::Call(PartnerCall { request, provider, local, call }));
    }

    fn connected(&mut self, now: Duration, provider: &Arc<str>, cons_ids: &[u32], reply: Reply<ConnectResponse>) {
        let Reply { out, hr } = reply;
        // A refusal of the whole call carries no elements.
        let missing = if hr.is_failure() { hr } else { HResult::E_UNEXPECTED };
        if out.first_connect && hr.is_success() {
            self.forgotten_by(provider, Some(cons_ids));
        }
        let Some(partner) = self.partners.get_mut(provider) else { return };
        if hr.is_success() && !partner.known {
            // A provider that knows us although we know nothing of it holds what we left there before a restart.
            partner.farewell = !out.first_connect;
            partner.known = true;
        }
        let mut results = out.connections.into_iter();
        for cons_id in cons_ids {
            partner.unsure.remove(cons_id);
            let result = results.next();
            let (prov_id, hr) = result.map_or((0, missing), |result| (result.prov_id, result.hr));
            if hr.is_success() {
                partner.stale.remove(&prov_id);
            }
            let connection = self.connections.get_mut(cons_id).filter(|c| c.link == Link::Requested);
            match connection {
                None if hr.is_success() => {
                    // Removed while Connect was under way.
                    partner.disconnect.insert(prov_id);
                }
                None => {}
                Some(connection) if hr.is_success() => {
                    connection.link = Link::Connected { prov_id };
                    connection.error = None;
                    if connection.record.state != Activation::Active {
                        partner.tell_activation(*cons_id, connection.record.state);
                    }
                }
                Some(connection) => {
                    connection.error = Some(hr);
                    if connection.record.state == Activation::Active {
                        connection.link = Link::Waiting;
                        partner.refused.insert(*cons_id);
                        partner.refused_until.get_or_insert(now + RETRY_PAUSE);
                    } else {
                        connection.link = Link::Idle;
                    }
                }
            }
        }
        if hr.is_success() {
            let stale = std::mem::take(&mut partner.stale);
            partner.disconnect.extend(stale);
        }
    }

    fn activation_told(&mut self, provider: &Arc<str>, cons_ids: &[u32], reply: &Reply<Results>) {
        for (cons_id, hr) in cons_ids.iter().zip(&reply.out.results) {
            // The provider does not know the connection any more.
            if hr.is_failure() {
                self.connect_again(provider, *cons_id, None);
            }
        }
    }

    /// The provider has dropped what we had connected there, except what was connected just now.
    fn forgotten_by(&mut self, provider: &Arc<str>, except: Option<&[u32]>) {
        let Some(partner) = self.partners.get_mut(provider) else { return };
        partner.stale.clear();
        partner.unsure.clear();
        partner.disconnect.clear();
        partner.ping_at = None;
        let except: BTreeSet<u32> = except.unwrap_or_default().iter().copied().collect();
        let members: Vec<u32> = partner.members.difference(&except).copied().collect();
        for cons_id in members {
            if matches!(self.connections.get(&cons_id).map(|c| c.link), Some(Link::Connected { .. })) {
                self.connect_again(provider, cons_id, None);
            }
        }
    }

    /// Nothing of what we had at the provider can be relied on; everything is tried again after a pause.
    fn partner_failed(&mut self, now: Duration, provider: &Arc<str>, hr: HResult, topic: Option<Topic>) {
        self.statistic.failures += 1;
        let Some(partner) = self.partners.get_mut(provider) else { return };
        partner.ping_at = None;
        partner.refused.clear();
        partner.refused_until = None;
        partner.paused_until = Some(now + RETRY_PAUSE);
        let to_give_back = std::mem::take(&mut partner.disconnect);
        partner.stale.extend(to_give_back);
        match topic {
            Some(Topic::Connect(cons_ids)) => partner.unsure.extend(cons_ids),
            Some(Topic::Disconnect(prov_ids)) => partner.stale.extend(prov_ids),
            _ => {}
        }
        if partner.members.is_empty() {
            // There will be no Connect to find out what the provider still knows.
            partner.farewell = partner.contacted;
            partner.farewell_failures += 1;
            if partner.farewell_failures >= FAREWELL_ATTEMPTS {
                partner.farewell = false;
                partner.stale.clear();
                partner.unsure.clear();
                partner.paused_until = None;
            }
        }
        let members: Vec<u32> = partner.members.iter().copied().collect();
        for cons_id in members {
            if let Some(Link::Connected { prov_id }) = self.connections.get(&cons_id).map(|c| c.link)
                && let Some(partner) = self.partners.get_mut(provider)
            {
                partner.stale.insert(prov_id);
            }
            self.connect_again(provider, cons_id, Some(hr));
        }
    }

    /// Brings a connection back to the beginning: waiting if it is active, with its substitute in force.
    fn connect_again(&mut self, provider: &Arc<str>, cons_id: u32, error: Option<HResult>) {
        let Some(partner) = self.partners.get_mut(provider) else { return };
        let Some(connection) = self.connections.get_mut(&cons_id) else { return };
        connection.has_data = false;
        partner.to_activate.remove(&cons_id);
        partner.to_deactivate.remove(&cons_id);
        if connection.record.state == Activation::Active {
            connection.link = Link::Waiting;
            connection.error = error;
            partner.want(cons_id, connection.record.qos);
            self.actions.extend(connection.fall_back());
        } else {
            connection.link = Link::Idle;
        }
    }
}
