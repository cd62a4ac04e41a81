//! The task of a logical device: does what its ACCO's machines ask for, at the time they ask for it.
//!
//! Under the lock the machines are polled and values put in place; calls at others run beside, each in a task of its own, and
//! their outcome comes back here. One task a logical device, so the machines see one thing at a time.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::clock::Now;
use super::core::DeviceCore;
use super::ldev::{Event, LDev, Topic};
use super::recipient::{self, CallbackSlot};
use super::serve::{Object, References};
use super::station::Station;
use crate::binding::AccoName;
use crate::partner::{Caller, Happened, Providers};
use crate::proto::acco::consumer::{ConsumerAction, Outcome, PartnerCall, ProviderCall};
use crate::proto::acco::provider::{CallId, ProviderAction};
use crate::wire::cba::acco_server::SetActivationRequest;
use crate::wire::cba::convention::split_partner;
use crate::wire::cba::{HResult, Interface};

/// The device's place on the network; none while its cable is pulled.
pub(super) type Plugged = watch::Receiver<Option<Arc<Station>>>;

/// An event and those to be told of it, by cookie.
struct Telling {
    event: Event,
    subscribers: Vec<(u32, Arc<[u8]>)>,
}

/// What is to be done outside the lock.
#[derive(Default)]
struct Work {
    calls: Vec<PartnerCall>,
    gone: Vec<Arc<str>>,
    sends: Vec<Send>,
    dropped: Vec<Arc<str>>,
    events: Vec<Telling>,
}

/// An OnDataChanged to make.
struct Send {
    call: CallId,
    consumer: Arc<str>,
    callback: Arc<[u8]>,
    data: Arc<[u8]>,
}

/// How something outside the lock ended.
enum Done {
    Sent(CallId, bool),
    Told(Vec<(Topic, u32, bool)>),
}

/// The task of one LDev.
pub(super) struct Driver {
    pub(super) core: Arc<DeviceCore>,
    pub(super) plugged: Plugged,
    pub(super) ldev: usize,
    /// Name of its ACCO.
    pub(super) name: Arc<str>,
    pub(super) usual_resolver_port: u16,
}

/// What the task keeps of others.
#[derive(Default)]
struct Others {
    providers: Providers,
    callbacks: HashMap<Arc<str>, CallbackSlot>,
    /// Events wait until those before them are told.
    events: VecDeque<Telling>,
    telling: bool,
    running: JoinSet<Done>,
}

impl Driver {
    /// Works until `stop`.
    pub(super) async fn run(mut self, stop: CancellationToken) {
        let mut others = Others::default();
        loop {
            let now = self.core.now();
            let attended = self.core.attend(self.ldev, |ldev| gather(ldev, now));
            let Some((work, due)) = attended else { return };
            self.begin(work, &mut others);
            let timer = async {
                match due {
                    Some(due) => tokio::time::sleep_until(self.core.clock().at(due).into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                Some(happened) = others.providers.next() => self.hear(happened),
                Some(Ok(done)) = others.running.join_next() => self.report(done, &mut others),
                changed = self.plugged.changed() => match changed {
                    Ok(()) => self.forget(&mut others),
                    Err(_) => return,
                },
                () = self.core.rung(self.ldev) => {}
                () = timer => {}
            }
        }
    }

    fn station(&self) -> Option<Arc<Station>> {
        self.plugged.borrow().clone()
    }

    /// The cable was pulled or plugged in: nothing we hold of others is of use any more.
    fn forget(&self, others: &mut Others) {
        let now = self.core.now();
        others.callbacks.clear();
        for provider in others.providers.forget_all() {
            self.lose(&provider, now);
        }
    }

    fn lose(&self, provider: &str, now: Now) {
        self.core.with_ldev(self.ldev, |ldev| {
            ldev.consumer.partner_lost(now.steady, provider, HResult::CBA_E_NONACCESSIBLE);
        });
    }

    fn begin(&self, work: Work, others: &mut Others) {
        let station = self.station();
        for provider in work.gone {
            others.providers.forget(&provider);
        }
        for consumer in work.dropped {
            others.callbacks.remove(&consumer);
        }
        for call in work.calls {
            if call.local {
                let outcome = self.call_here(&call.provider, &call.call);
                self.hear(Happened::Called { request: call.request, provider: call.provider, outcome, failure: None });
                continue;
            }
            self.core.counters.calls_made.fetch_add(1, Ordering::Relaxed);
            others.providers.begin(station.clone().map(|station| self.caller(station)), call);
        }
        for Send { call, consumer, callback, data } in work.sends {
            let n_values = u64::from(u16::from_le_bytes([byte(&data, 2), byte(&data, 3)]));
            self.core.counters.values_sent.fetch_add(n_values, Ordering::Relaxed);
            if let Some(here) = self.here(&consumer) {
                let taken = self.core.with_ldev(here, |ldev| ldev.consumer.data_changed(&data));
                self.report(Done::Sent(call, taken.is_some()), others);
                continue;
            }
            self.core.counters.calls_made.fetch_add(1, Ordering::Relaxed);
            let slot = others.callbacks.entry(consumer).or_default().clone();
            let station = station.clone();
            let mut plugged = self.plugged.clone();
            others.running.spawn(async move {
                let delivered = match station {
                    Some(station) => tokio::select! {
                        delivered = slot.send(&station.node, &callback, &data) => delivered,
                        _ = plugged.changed() => false,
                    },
                    None => false,
                };
                Done::Sent(call, delivered)
            });
        }
        others.events.extend(work.events);
        self.tell_events(others);
    }

    /// Tells the subscribers of the events so far, unless earlier ones are still being told.
    fn tell_events(&self, others: &mut Others) {
        if others.telling || others.events.is_empty() {
            return;
        }
        others.telling = true;
        let events = std::mem::take(&mut others.events);
        let station = self.station();
        others.running.spawn(async move {
            let mut told = Vec::new();
            for Telling { event, subscribers } in events {
                for (cookie, objref) in subscribers {
                    let delivered = match &station {
                        Some(station) => recipient::tell(&station.node, &objref, event).await,
                        None => false,
                    };
                    told.push((event.topic(), cookie, delivered));
                }
            }
            Done::Told(told)
        });
    }

    /// This LDev's ACCO as consumer, at its place on the network.
    fn caller(&self, station: Arc<Station>) -> Caller {
        let node = station.node.clone();
        let acco = Object::Acco(self.ldev);
        let callback = Arc::new(move |_| station.objref(acco, Interface::AccoCallback));
        Caller { node, name: Arc::clone(&self.name), callback, usual_resolver_port: self.usual_resolver_port }
    }

    /// Tells the machine of something that happened at a provider.
    fn hear(&self, happened: Happened) {
        let now = self.core.now();
        match happened {
            Happened::Called { request, outcome, .. } => {
                self.core.with_ldev(self.ldev, |ldev| ldev.consumer.done(now.steady, request, outcome));
            }
            Happened::Lost { provider } => self.lose(&provider, now),
        }
    }

    fn report(&self, done: Done, others: &mut Others) {
        let now = self.core.now();
        match done {
            Done::Sent(call, delivered) => {
                self.core.with_ldev(self.ldev, |ldev| ldev.provider.done(now.steady, call, delivered));
            }
            Done::Told(told) => {
                self.core.with_ldev(self.ldev, |ldev| {
                    for (topic, cookie, delivered) in told {
                        ldev.subscribers(topic).told(cookie, delivered);
                    }
                });
                others.telling = false;
                self.tell_events(others);
            }
        }
    }

    /// The LDev of this device that an ACCO's name means, if it is one.
    fn here(&self, acco: &str) -> Option<usize> {
        let (own, other) = (split_partner(&self.name)?, split_partner(acco)?);
        (own.0 == other.0).then(|| self.core.ldev_index(other.1))?
    }

    /// A call at a provider of this same device (convention 26).
    fn call_here(&self, provider: &str, call: &ProviderCall) -> Outcome {
        let missing = || Outcome::Failed(HResult::CBA_E_UNKNOWNOBJECT);
        let ldev = AccoName::parse(provider).ok().and_then(|name| self.core.ldev_index(&name.ldev));
        let Some(ldev) = ldev else { return missing() };
        let callback =
            self.station().and_then(|station| station.objref(Object::Acco(self.ldev), Interface::AccoCallback));
        let now = self.core.now();
        let outcome = self.core.with_ldev_admitting(ldev, |LDev { items, provider, .. }| match call {
            ProviderCall::Connect { .. } => {
                // Values go from hand to hand; the pointer only has to be there.
                let request = call.connect2_request(&self.name, &callback.unwrap_or_default());
                match request {
                    Some(request) => Outcome::Connected(provider.connect2(now.steady, &request, items)),
                    None => Outcome::Failed(HResult::E_UNEXPECTED),
                }
            }
            ProviderCall::Disconnect { prov_ids } => Outcome::Results(provider.disconnect(prov_ids)),
            ProviderCall::SetActivation { state, prov_ids } => {
                let request = SetActivationRequest { state: *state, prov_ids: prov_ids.clone() };
                Outcome::Results(provider.set_activation(&request))
            }
            ProviderCall::DisconnectMe => Outcome::Answered(provider.disconnect_me(&self.name).hr),
            ProviderCall::Ping => Outcome::Answered(provider.ping(&self.name).hr),
        });
        outcome.unwrap_or_else(missing)
    }
}

/// Polls the machines of an LDev and puts the values that arrived into place.
fn gather(ldev: &mut LDev, now: Now) -> Work {
    let mut work = Work::default();
    for action in ldev.consumer.poll(now.steady) {
        match action {
            ConsumerAction::Deliver { item, value, quality } => ldev.items.deliver(item, value, quality, now.wall),
            ConsumerAction::Release { item } => ldev.items.release(item, now.wall),
            ConsumerAction::Call(call) => work.calls.push(call),
            ConsumerAction::PartnerGone { provider } => work.gone.push(provider),
        }
    }
    for action in ldev.provider.poll(now.steady, &ldev.items) {
        match action {
            ProviderAction::OnDataChanged { call, consumer, callback, data } => {
                work.sends.push(Send { call, consumer, callback, data });
            }
            ProviderAction::Dropped { consumer } => work.dropped.push(consumer),
        }
    }
    for event in ldev.take_events() {
        let subscribers = ldev.subscribers(event.topic()).all();
        if !subscribers.is_empty() {
            work.events.push(Telling { event, subscribers });
        }
    }
    work
}

fn byte(data: &[u8], at: usize) -> u8 {
    data.get(at).copied().unwrap_or_default()
}
