//! What a monitor knows: its connections, the latest of every item, and what the reader has not seen yet.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::Notify;

use super::{Event, LdevStatus, LinkState, Update, Watch};
use crate::binding::{self, AccoName, item_name};
use crate::model::{Name, Say, Value};
use crate::online::{Target, Targets, meaning};
use crate::partner::Happened;
use crate::proto::acco::consumer::{ConsumerAction, Outcome, PartnerCall};
use crate::proto::acco::{Consumer, ConsumerLimits, ItemInfo, ItemKey, ItemSpace, QosSupport, Sample};
use crate::proto::dcom::convention::RESOLVER_PORT;
use crate::say;
use crate::wire::Variant;
use crate::wire::cba::acco_mgt::{AddConnectionIn, AddConnectionsRequest};
use crate::wire::cba::convention::split_item;
use crate::wire::cba::{
    Activation, GroupErrorState, HResult, LDevState, Persistence, QosType, Quality, Reply, TypeDesc,
};

/// Convention 22: a tool looks after its providers this often, in seconds; a person is watching.
const PING_FACTOR: u16 = 3;
/// The function that the watched items belong to on the tool's own side.
const OWN_RTAUTO: &str = "Watch";

/// The shared state of a monitor.
pub(super) struct Core {
    start: Instant,
    watches: Vec<Watch>,
    ldevs: Vec<Ldev>,
    held: Mutex<Held>,
    /// Rung when there are calls to make.
    bell: Notify,
    /// Rung when the reader has something to read.
    news: Notify,
}

struct Ldev {
    device: Name,
    name: Name,
    target: Option<Target>,
    /// Its ACCO, as the machine knows it.
    provider: Arc<str>,
    items: Vec<usize>,
    has_state: bool,
    has_group_error: bool,
}

struct Held {
    consumer: Consumer,
    shown: Vec<Shown>,
    statuses: Vec<Status>,
    /// Calls that the driver has not begun yet.
    calls: Vec<PartnerCall>,
    gone: Vec<Arc<str>>,
    /// What the reader has not seen, each once, in the order in which it became new.
    unseen: VecDeque<Unseen>,
}

#[derive(Clone, Copy)]
enum Unseen {
    Item(usize),
    Ldev(usize),
}

/// The latest of an item.
struct Shown {
    /// 0 when it could not even be asked for.
    cons_id: u32,
    value: Option<Value>,
    quality: Quality,
    reason: HResult,
    time: SystemTime,
    is_unseen: bool,
    n_skipped: u32,
}

/// The latest of an LDev.
struct Status {
    link: LinkState,
    state: Option<LDevState>,
    group_error: Option<GroupErrorState>,
    is_unseen: bool,
    /// Counts what events have said, so that an older answer does not overwrite them.
    n_events: u64,
}

/// What the driver is to do next.
pub(super) struct Work {
    pub(super) calls: Vec<PartnerCall>,
    pub(super) gone: Vec<Arc<str>>,
    pub(super) due: Option<Duration>,
    /// A call is under way or about to be.
    pub(super) busy: bool,
}

/// The items on the tool's own side, as the machine sees them.
struct Space(Vec<Arc<TypeDesc>>);

impl ItemSpace for Space {
    fn has_rtauto(&self, name: &str) -> bool {
        name == OWN_RTAUTO
    }

    fn find(&self, item: &str) -> Result<ItemInfo, HResult> {
        let index: u32 =
            split_item(item).and_then(|(_, index)| index.parse().ok()).ok_or(HResult::CBA_E_UNKNOWNMEMBER)?;
        let desc =
            usize::try_from(index).ok().and_then(|index| self.0.get(index)).ok_or(HResult::CBA_E_UNKNOWNMEMBER)?;
        Ok(ItemInfo { key: ItemKey(index), desc: Arc::clone(desc), readable: false, writable: true })
    }

    fn sample(&self, _: ItemKey) -> Sample<'_> {
        Sample { value: &Variant::Empty, quality: Quality::BAD_OUT_OF_SERVICE }
    }
}

impl Core {
    pub(super) fn new(name: &str, targets: &Targets, watches: Vec<Watch>, interval_ms: u16) -> Self {
        let mut ldevs: Vec<Ldev> = Vec::new();
        let mut by_name: BTreeMap<(Name, Name), usize> = BTreeMap::new();
        for (index, watch) in watches.iter().enumerate() {
            let ldev_idx = *by_name.entry((watch.device.clone(), watch.ldev.clone())).or_insert_with(|| {
                let target = targets.get(&watch.device);
                ldevs.push(Ldev {
                    device: watch.device.clone(),
                    name: watch.ldev.clone(),
                    target,
                    provider: target.map(|target| acco_at(target, &watch.ldev)).unwrap_or_default().into(),
                    items: Vec::new(),
                    has_state: watch.has_state,
                    has_group_error: watch.has_group_error,
                });
                ldevs.len() - 1
            });
            if let Some(ldev) = ldevs.get_mut(ldev_idx) {
                ldev.items.push(index);
            }
        }
        let limits = ConsumerLimits { partners: usize::MAX, connections: usize::MAX, ..ConsumerLimits::default() };
        let qos = QosSupport { acyclic: vec![interval_ms], cyclic: Vec::new() };
        let mut consumer = Consumer::new(name, limits, qos);
        consumer.put_ping_factor(PING_FACTOR);
        let mut held = Held {
            consumer,
            shown: Vec::new(),
            statuses: Vec::new(),
            calls: Vec::new(),
            gone: Vec::new(),
            unseen: VecDeque::new(),
        };
        held.fill(&watches, &ldevs, interval_ms);
        let core = Self {
            start: Instant::now(),
            watches,
            ldevs,
            held: Mutex::new(held),
            bell: Notify::new(),
            news: Notify::new(),
        };
        core.change(|_| ());
        core
    }

    pub(super) fn watches(&self) -> impl ExactSizeIterator<Item = &Watch> {
        self.watches.iter()
    }

    /// The LDevs that tell their condition, with where they are.
    pub(super) fn conditions(&self) -> impl Iterator<Item = (usize, Target)> {
        let telling = self.ldevs.iter().enumerate().filter(|(_, ldev)| ldev.has_state || ldev.has_group_error);
        telling.filter_map(|(index, ldev)| Some((index, ldev.target?)))
    }

    /// Name of an LDev, and whether it tells its operating state and its group error.
    pub(super) fn ldev(&self, index: usize) -> Option<(&Name, bool, bool)> {
        self.ldevs.get(index).map(|ldev| (&ldev.name, ldev.has_state, ldev.has_group_error))
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        // A panic under the lock leaves values that are each whole.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    /// When a moment of the machine's clock is.
    pub(super) fn at(&self, due: Duration) -> Instant {
        self.start.checked_add(due).unwrap_or_else(|| Instant::now() + Duration::from_secs(3600))
    }

    /// Changes something, then does what the machine wants done about it.
    fn change<T>(&self, change: impl FnOnce(&mut Held) -> T) -> T {
        let mut held = self.lock();
        let result = change(&mut held);
        held.settle(self.now(), SystemTime::now(), &self.watches);
        let has_calls = !held.calls.is_empty() || !held.gone.is_empty();
        let has_news = !held.unseen.is_empty();
        drop(held);
        if has_calls {
            self.bell.notify_one();
        }
        if has_news {
            self.news.notify_one();
        }
        result
    }

    /// OnDataChanged.
    pub(super) fn data_changed(&self, data: &[u8]) -> Reply<()> {
        self.change(|held| held.consumer.data_changed(data))
    }

    /// Something happened at a provider.
    pub(super) fn hear(&self, happened: Happened) {
        let now = self.now();
        let (provider, link) = match &happened {
            Happened::Called { provider, outcome, failure, .. } => {
                let link = match outcome {
                    Outcome::Failed(code) => {
                        let why = failure.as_ref().map_or_else(|| meaning(*code), Say::say);
                        Some(LinkState::Failed { code: *code, why })
                    }
                    Outcome::Connected(reply) if reply.hr.is_failure() => {
                        Some(LinkState::Failed { code: reply.hr, why: meaning(reply.hr) })
                    }
                    Outcome::Connected(_) => Some(LinkState::Connected),
                    Outcome::Results(_) | Outcome::Answered(_) => None,
                };
                (Arc::clone(provider), link)
            }
            Happened::Lost { provider } => {
                let why = say!("the device closed the connection");
                (Arc::clone(provider), Some(LinkState::Failed { code: HResult::CBA_E_NONACCESSIBLE, why }))
            }
        };
        self.change(|held| {
            match happened {
                Happened::Called { request, outcome, .. } => held.consumer.done(now, request, outcome),
                Happened::Lost { provider } => held.consumer.partner_lost(now, &provider, HResult::CBA_E_NONACCESSIBLE),
            }
            let Some(index) = self.ldevs.iter().position(|ldev| ldev.provider == provider) else { return };
            if let Some(link) = link {
                held.status(index, |status| status.link = link);
            }
            // A refusal changes no value, and so would not be told otherwise.
            for item in self.ldevs.get(index).into_iter().flat_map(|ldev| &ldev.items) {
                held.check_reason(*item, SystemTime::now());
            }
        });
    }

    /// The time has come that [`Work::due`] said.
    pub(super) fn look(&self) {
        self.change(|_| ());
    }

    /// Begins to give everything back.
    pub(super) fn leave(&self) {
        self.change(|held| held.consumer.clear_connections());
    }

    pub(super) fn take_work(&self) -> Work {
        let mut held = self.lock();
        let calls = std::mem::take(&mut held.calls);
        let gone = std::mem::take(&mut held.gone);
        Work { calls, gone, due: held.consumer.next_due(), busy: held.consumer.is_busy() }
    }

    /// Waits until there are calls to make.
    pub(super) async fn rung(&self) {
        self.bell.notified().await;
    }

    /// Waits until there may be something to read.
    pub(super) async fn news(&self) {
        self.news.notified().await;
    }

    /// What an event, or the answer to a question that was asked after `n_events` events, says about an LDev.
    pub(super) fn tell_condition(&self, index: usize, asked_after: Option<u64>, condition: Condition) {
        self.change(|held| {
            held.status(index, |status| {
                match asked_after {
                    None => status.n_events += 1,
                    Some(n_events) if n_events == status.n_events => {}
                    Some(_) => return,
                }
                match condition {
                    Condition::State(state) => status.state = state,
                    Condition::GroupError(error) => status.group_error = error,
                }
            });
        });
    }

    /// Events so far about an LDev.
    pub(super) fn n_events(&self, index: usize) -> u64 {
        self.lock().statuses.get(index).map_or(0, |status| status.n_events)
    }

    pub(super) fn take_news(&self) -> Option<Event> {
        let mut held = self.lock();
        match held.unseen.pop_front()? {
            Unseen::Item(index) => {
                let shown = held.shown.get_mut(index)?;
                shown.is_unseen = false;
                Some(Event::Value(Update {
                    index,
                    value: shown.value.clone(),
                    quality: shown.quality,
                    reason: shown.reason,
                    time: shown.time,
                    n_skipped: std::mem::take(&mut shown.n_skipped),
                }))
            }
            Unseen::Ldev(index) => {
                let status = held.statuses.get_mut(index)?;
                status.is_unseen = false;
                let Ldev { device, name, .. } = self.ldevs.get(index)?;
                Some(Event::Ldev(LdevStatus {
                    device: device.clone(),
                    ldev: name.clone(),
                    link: status.link.clone(),
                    state: status.state,
                    group_error: status.group_error,
                }))
            }
        }
    }
}

/// One thing known about an LDev; `None` when it is not known any more.
#[derive(Debug, Clone, Copy)]
pub(super) enum Condition {
    State(Option<LDevState>),
    GroupError(Option<GroupErrorState>),
}

impl Held {
    /// Puts all items into the machine's database; it begins to connect by itself.
    fn fill(&mut self, watches: &[Watch], ldevs: &[Ldev], interval_ms: u16) {
        let time = SystemTime::now();
        let descs = watches.iter().map(|watch| binding::type_desc(&watch.value_type).map(Arc::new));
        let descs: Vec<_> = descs.collect();
        // One that cannot be described is never asked for; its place only keeps the numbers right.
        let space = Space(
            descs.iter().map(|desc| desc.clone().unwrap_or_else(|_| Arc::new(TypeDesc::Structure(vec![])))).collect(),
        );
        self.shown = descs
            .iter()
            .map(|desc| Shown {
                cons_id: 0,
                value: None,
                quality: Quality::BAD_OUT_OF_SERVICE,
                reason: if desc.is_err() { HResult::CBA_E_ITEMTOOLARGE } else { HResult::CBA_E_NONACCESSIBLE },
                time,
                is_unseen: false,
                n_skipped: 0,
            })
            .collect();
        for (index, ldev) in ldevs.iter().enumerate() {
            let link = match ldev.target {
                Some(_) => LinkState::Connecting,
                None => LinkState::Failed {
                    code: HResult::CBA_E_NONACCESSIBLE,
                    why: say!("{it} has no IP address in the plan", it = ldev.device),
                },
            };
            self.statuses.push(Status { link, state: None, group_error: None, is_unseen: true, n_events: 0 });
            self.unseen.push_back(Unseen::Ldev(index));
            let wanted: Vec<usize> = ldev
                .items
                .iter()
                .copied()
                .filter(|index| ldev.target.is_some() && descs.get(*index).is_some_and(Result::is_ok))
                .collect();
            let connections = wanted.iter().filter_map(|index| {
                Some(AddConnectionIn {
                    provider_item: watches.get(*index)?.item.clone(),
                    consumer_item: item_name(OWN_RTAUTO, &index.to_string()),
                    persistence: Persistence::Volatile,
                    substitute: None,
                    epsilon: None,
                })
            });
            let request = AddConnectionsRequest {
                provider: ldev.provider.to_string(),
                qos_type: QosType::AcyclicHmi,
                qos_value: interval_ms,
                state: Activation::Active,
                connections: connections.collect(),
            };
            let added = self.consumer.add_connections(&request, &space).out.connections;
            for (index, added) in wanted.iter().zip(added) {
                if let Some(shown) = self.shown.get_mut(*index) {
                    shown.cons_id = added.cons_id;
                    shown.reason = added.hr;
                }
            }
        }
        for index in 0..self.shown.len() {
            self.mark(index);
        }
    }

    /// Polls the machine: values into their places, calls into the list of the driver.
    fn settle(&mut self, now: Duration, time: SystemTime, watches: &[Watch]) {
        for action in self.consumer.poll(now) {
            match action {
                ConsumerAction::Deliver { item, value, quality } => {
                    if let Ok(index) = usize::try_from(item.0) {
                        self.deliver(index, value, quality, time, watches);
                    }
                }
                ConsumerAction::Release { .. } => {}
                ConsumerAction::Call(call) => self.calls.push(call),
                ConsumerAction::PartnerGone { provider } => self.gone.push(provider),
            }
        }
    }

    fn deliver(&mut self, index: usize, value: Option<Variant>, quality: Quality, time: SystemTime, watches: &[Watch]) {
        let (Some(watch), Some(shown)) = (watches.get(index), self.shown.get_mut(index)) else { return };
        shown.quality = quality;
        shown.time = time;
        match value {
            Some(value) => {
                // The machine has held it against the type already.
                shown.value = binding::from_variant(&value, &watch.value_type).ok();
                // Also when it overtook the answer to Connect.
                shown.reason = HResult::S_OK;
            }
            None => shown.reason = self.consumer.error_state(shown.cons_id).unwrap_or(shown.reason),
        }
        self.mark(index);
    }

    /// Tells the reader when the reason of an item has changed.
    fn check_reason(&mut self, index: usize, time: SystemTime) {
        let Some(shown) = self.shown.get_mut(index) else { return };
        let reason = self.consumer.error_state(shown.cons_id).unwrap_or(shown.reason);
        if reason != shown.reason {
            shown.reason = reason;
            shown.time = time;
            self.mark(index);
        }
    }

    fn mark(&mut self, index: usize) {
        let Some(shown) = self.shown.get_mut(index) else { return };
        if std::mem::replace(&mut shown.is_unseen, true) {
            shown.n_skipped = shown.n_skipped.saturating_add(1);
        } else {
            self.unseen.push_back(Unseen::Item(index));
        }
    }

    fn status(&mut self, index: usize, change: impl FnOnce(&mut Status)) {
        let Some(status) = self.statuses.get_mut(index) else { return };
        let before = (status.link.clone(), status.state, status.group_error);
        change(status);
        let changed = before != (status.link.clone(), status.state, status.group_error);
        if changed && !std::mem::replace(&mut status.is_unseen, true) {
            self.unseen.push_back(Unseen::Ldev(index));
        }
    }
}

/// An ACCO as the machine knows it. The port is always named, because the tool knows it, so one place has one name.
fn acco_at(target: Target, ldev: &str) -> String {
    let resolver_port = Some(target.resolver_port).filter(|port| *port != RESOLVER_PORT);
    AccoName { resolver_port, ..AccoName::at(target.ip, ldev) }.to_string()
}
