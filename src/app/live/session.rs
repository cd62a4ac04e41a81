//! The task of a session: takes news in, follows the plan, and publishes for the screen at its pace.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, Semaphore, mpsc, watch};
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::begin::{Begun, off_task};
use super::condition::{Facts, Known, Reach, conditions};
use super::connections::{ConnectionState, LinkPlaces, Told};
use super::prepare::{Prepared, watched_item};
use super::record::{Counts, Row};
use super::survey::{AT_ONCE, Configurations, Survey, Surveyor};
use super::values::Board;
use super::{LiveState, Shared};
use crate::app::access::Access;
use crate::app::{Failure, WatchedItem};
use crate::device::VirtualPlant;
use crate::model::{Name, Phrase, Plan, PortRef};
use crate::online::monitor::{Event, LdevStatus, Update};
use crate::online::{Monitor, MonitorOptions, Target, Targets, Watch};
use crate::say;

/// Least time between two publications of values, and of conditions.
const PACE: Duration = Duration::from_millis(33);
const CONDITIONS_PACE: Duration = Duration::from_millis(200);
/// Subscriptions at the same time before all become one again.
const MOST_PUMPS: usize = 8;
/// Events taken over from a subscription at once.
const EVENTS_AT_ONCE: usize = 1000;
/// Time between two looks of devices at their values, milliseconds.
const INTERVAL_MS: u16 = 100;

/// What the screen asks for.
pub(super) enum Command {
    /// The plan is this one now.
    Plan(Box<Plan>),
    /// These ports are watched with their past.
    Keep(Vec<PortRef>),
    /// These are watched beside.
    Show(Vec<PortRef>),
    /// Changes of these go to a file.
    Record(Vec<PortRef>, mpsc::Sender<Row>, Arc<Counts>),
    /// Pulls or plugs the cable of a virtual device.
    Cable(Name, bool),
    /// Asks all devices at once.
    Survey,
}

/// Events of a subscription.
type Batch = Vec<(Option<PortRef>, Event)>;

/// A subscription. It goes on with ports that are not wanted any more, as those of a block that was looked at, until it has no
/// other.
struct Pump {
    items: Vec<Arc<WatchedItem>>,
    _stop: DropGuard,
}

struct Recorder {
    ports: HashSet<PortRef>,
    rows: mpsc::Sender<Row>,
    counts: Arc<Counts>,
}

/// A running session.
pub(super) struct Session {
    shared: Shared,
    access: Access,
    plant: Option<Arc<VirtualPlant>>,
    follows_plan: bool,
    plan: Plan,
    links: LinkPlaces,
    connected: Vec<Arc<WatchedItem>>,
    configurations: watch::Sender<Configurations>,
    kept: Vec<PortRef>,
    shown: Vec<PortRef>,
    /// What is wanted now.
    items: Vec<Arc<WatchedItem>>,
    pumps: Vec<Pump>,
    pumping: JoinSet<()>,
    batches: mpsc::Sender<Batch>,
    surveyors: BTreeMap<Name, (Target, DropGuard)>,
    surveying: JoinSet<()>,
    surveyor: Surveyor,
    board: Board,
    recorders: Vec<Recorder>,
    devices: BTreeMap<Name, Facts>,
    ldevs: BTreeMap<(Name, Name), LdevStatus>,
    told: BTreeMap<Name, Told>,
    /// The conditions are not those that were published.
    conditions_are_old: bool,
}

/// Works until it is cancelled, then ends everything in order.
pub(super) async fn run(
    begun: Begun,
    shared: Shared,
    mut commands: mpsc::UnboundedReceiver<Command>,
    cancel: CancellationToken,
) -> Result<(), Failure> {
    let Begun { prepared, access, plant, announced, follows_plan, not_downloaded } = begun;
    let (batches, mut news) = mpsc::channel(4);
    let (tell, mut surveys) = mpsc::channel(64);
    let (configurations, for_surveyors) = watch::channel(Configurations::default());
    let (cables, pulled) = mpsc::unbounded_channel();
    let cable_task = plant.clone().map(|plant| tokio::spawn(cable(plant, pulled, shared.clone())));
    let mut session = Session {
        surveyor: Surveyor {
            node: access.node.clone(),
            configurations: for_surveyors,
            tell,
            places: Arc::new(Semaphore::new(AT_ONCE)),
            bell: Arc::new(Notify::new()),
            stop: CancellationToken::new(),
        },
        shared,
        access,
        plant,
        follows_plan,
        plan: prepared.plan.clone(),
        links: LinkPlaces::default(),
        connected: Vec::new(),
        configurations,
        kept: Vec::new(),
        shown: Vec::new(),
        items: Vec::new(),
        pumps: Vec::new(),
        pumping: JoinSet::new(),
        batches,
        surveyors: BTreeMap::new(),
        surveying: JoinSet::new(),
        board: Board::default(),
        recorders: Vec::new(),
        devices: BTreeMap::new(),
        ldevs: BTreeMap::new(),
        told: BTreeMap::new(),
        conditions_are_old: true,
    };
    session.follow(prepared, Some(not_downloaded))?;

    let mut next_plan: Option<Plan> = None;
    let mut preparing = JoinSet::new();
    let (mut values_due, mut conditions_due) = (Instant::now(), Instant::now());
    let result = loop {
        let has_news = session.board.has_news();
        tokio::select! {
            () = cancel.cancelled() => break Ok(()),
            command = commands.recv() => match command {
                // Nobody holds the session any more.
                None => break Ok(()),
                Some(Command::Plan(plan)) => next_plan = Some(*plan),
                Some(Command::Cable(device, is_pulled)) => {
                    session.note_cable(&device, is_pulled);
                    // It lives as long as the plant does.
                    let _ = cables.send((device, is_pulled));
                }
                Some(command) => if let Err(failure) = session.obey(command) { break Err(failure) },
            },
            Some(batch) = news.recv() => session.take(batch),
            Some(survey) = surveys.recv() => session.take_survey(survey),
            Some(ended) = session.pumping.join_next() => session.note_end(ended),
            Some(ended) = session.surveying.join_next() => session.note_end(ended),
            Some(prepared) = preparing.join_next() => match prepared {
                Ok(Ok(prepared)) => if let Err(failure) = session.follow(prepared, None) { break Err(failure) },
                Ok(Err(failure)) => break Err(failure),
                Err(error) => std::panic::resume_unwind(error.into_panic()),
            },
            () = sleep_until(values_due), if has_news => {
                session.publish_values();
                values_due = Instant::now() + PACE;
            }
            () = sleep_until(conditions_due), if session.conditions_are_old => {
                session.publish_conditions();
                conditions_due = Instant::now() + CONDITIONS_PACE;
            }
        }
        // The newest plan only, however many came while one was prepared.
        if preparing.is_empty()
            && let Some(plan) = next_plan.take()
        {
            let is_virtual = session.plant.is_some();
            preparing.spawn(off_task(move || Prepared::of(plan, is_virtual)));
        }
    };
    session.shared.set_state(LiveState::Ending);
    drop(announced);
    drop(cables);
    if let Some(task) = cable_task {
        let _ = task.await;
    }
    let ended = session.end().await;
    result.and(ended)
}

impl Session {
    /// Follows a plan: what vanished is dropped, what is new is watched and asked.
    fn follow(&mut self, prepared: Prepared, not_downloaded: Option<BTreeMap<Name, Phrase>>) -> Result<(), Failure> {
        let Prepared { plan, configurations, links, connected, .. } = prepared;
        if self.follows_plan {
            let port = self.access.targets.iter().next().map(|(_, target)| target.resolver_port);
            let at_port = |(name, target): (&Name, &Target)| {
                (name.clone(), Target { resolver_port: port.unwrap_or(target.resolver_port), ..*target })
            };
            self.access.targets = Arc::new(Targets::planned(&plan).iter().map(at_port).collect());
        }
        (self.plan, self.links, self.connected) = (plan, links, connected);
        self.shared.set_way(&self.plan, &self.access);
        self.configurations.send_replace(Arc::clone(&configurations));
        self.devices.retain(|name, _| configurations.contains_key(name));
        self.told.retain(|name, _| configurations.contains_key(name));
        for name in configurations.keys() {
            let target = self.access.targets.get(name);
            let facts = self.devices.entry(name.clone()).or_insert_with(|| Facts {
                address: String::new(),
                reach: Reach::Asking,
                identity: None,
                differences: Vec::new(),
                is_pulled: false,
                not_downloaded: None,
            });
            facts.address = target.map(|target| target.to_string()).unwrap_or_default();
            if let Some(why) = not_downloaded.as_ref().and_then(|all| all.get(name)) {
                facts.not_downloaded = Some(why.clone());
            }
            if target.is_none() {
                let remedy = match self.plant {
                    Some(_) => say!("stop and start the virtual devices, so that it runs too"),
                    None => say!("give the device an IP address in the plan"),
                };
                facts.reach = Reach::Silent { why: say!("it has no address"), remedy };
            }
        }
        self.survey(&configurations);
        self.conditions_are_old = true;
        self.rewatch()
    }

    /// A surveyor for each device that has an address, and for no other.
    fn survey(&mut self, configurations: &Configurations) {
        let targets = Arc::clone(&self.access.targets);
        self.surveyors
            .retain(|name, (target, _)| configurations.contains_key(name) && targets.get(name) == Some(*target));
        for name in configurations.keys() {
            let Some(target) = targets.get(name).filter(|_| !self.surveyors.contains_key(name)) else { continue };
            let stop = CancellationToken::new();
            let surveyor = Surveyor { stop: stop.clone(), ..self.surveyor.clone() };
            self.surveying.spawn(surveyor.run(name.clone(), target));
            self.surveyors.insert(name.clone(), (target, stop.drop_guard()));
        }
    }

    /// Watches what is connected, kept and shown.
    fn rewatch(&mut self) -> Result<(), Failure> {
        let connected: HashSet<&PortRef> = self.connected.iter().map(|item| &item.watch.port).collect();
        let chosen: BTreeSet<&PortRef> =
            self.kept.iter().chain(&self.shown).filter(|port| !connected.contains(port)).collect();
        let chosen = chosen.into_iter().filter_map(|port| watched_item(&self.plan, port));
        self.items = self.connected.iter().cloned().chain(chosen).collect();
        let wanted: HashMap<&PortRef, &Watch> = self.items.iter().map(|item| (&item.watch.port, &item.watch)).collect();
        let is_wanted = |item: &Arc<WatchedItem>| wanted.contains_key(&item.watch.port);
        if self.pumps.len() >= MOST_PUMPS {
            self.pumps.retain(|pump| pump.items.iter().any(is_wanted));
        }
        let pumped = || self.pumps.iter().flat_map(|pump| &pump.items);
        let is_elsewhere = |item: &Arc<WatchedItem>| {
            wanted.get(&item.watch.port).is_some_and(|watch| place(watch) != place(&item.watch))
        };
        // What is not wanted burdens the devices all the same.
        let n_idle = pumped().filter(|item| !is_wanted(item)).count();
        let anew = self.pumps.len() > MOST_PUMPS || n_idle > 200 + self.items.len() / 4 || pumped().any(is_elsewhere);
        if anew {
            self.pumps.clear();
        }
        let pumped: HashSet<&PortRef> =
            self.pumps.iter().flat_map(|pump| &pump.items).map(|item| &item.watch.port).collect();
        let new: Vec<Arc<WatchedItem>> =
            self.items.iter().filter(|item| !pumped.contains(&item.watch.port)).cloned().collect();
        // A port that is idle and still there is ready when it is wanted again.
        let idle = self.pumps.iter().flat_map(|pump| &pump.items).filter(|item| !is_wanted(item));
        let idle = idle.filter(|item| {
            let now = Watch::of(&self.plan, &item.watch.port);
            now.is_some_and(|watch| place(&watch) == place(&item.watch))
        });
        let all = self.items.iter().chain(idle).cloned().collect();
        let watched: HashSet<(&Name, &Name)> =
            self.items.iter().map(|item| (&item.watch.device, &item.watch.ldev)).collect();
        self.ldevs.retain(|(device, ldev), _| watched.contains(&(device, ldev)));
        self.board.show(all);
        self.board.keep(&self.kept);
        self.conditions_are_old = true;
        if new.is_empty() { Ok(()) } else { self.pump(new) }
    }

    /// Subscribes to these, and has what comes brought here.
    fn pump(&mut self, items: Vec<Arc<WatchedItem>>) -> Result<(), Failure> {
        let watches = items.iter().map(|item| item.watch.clone()).collect();
        let options = MonitorOptions { interval_ms: INTERVAL_MS, ..MonitorOptions::default() };
        let monitor = Monitor::start(&self.access.node, &self.access.targets, watches, &options)
            .map_err(|error| Failure::new(say!("cannot go on line"), &error, error.remedy()))?;
        let (stop, batches) = (CancellationToken::new(), self.batches.clone());
        let ports = items.iter().map(|item| item.watch.port.clone()).collect();
        self.pumping.spawn(pump(monitor, ports, batches, stop.clone()));
        self.pumps.push(Pump { items, _stop: stop.drop_guard() });
        Ok(())
    }

    fn obey(&mut self, command: Command) -> Result<(), Failure> {
        match command {
            Command::Keep(ports) => {
                self.kept = ports;
                self.rewatch()
            }
            Command::Show(ports) => {
                self.shown = ports;
                self.rewatch()
            }
            Command::Record(ports, rows, counts) => {
                for port in &ports {
                    let value = self.board.values().get(port);
                    if let (Some(item), Some(value)) = (self.board.item(port), value) {
                        let update = super::update_of(value);
                        send_row(&rows, &counts, (Arc::clone(item), update));
                    }
                }
                self.recorders.push(Recorder { ports: ports.iter().cloned().collect(), rows, counts });
                let unseen: Vec<PortRef> = ports.into_iter().filter(|port| self.board.item(port).is_none()).collect();
                self.shown.extend(unseen);
                self.rewatch()
            }
            Command::Survey => {
                self.surveyor.bell.notify_waiters();
                Ok(())
            }
            Command::Plan(_) | Command::Cable(..) => Ok(()),
        }
    }

    /// A task that ended by itself was not needed any more, or broke off.
    fn note_end(&mut self, ended: Result<(), JoinError>) {
        if let Err(error) = ended {
            let remedy = say!("stop and start again, and report it with what you did last");
            let why = say!("a mistake in Plantweave: {error}", error = Phrase::plain(error));
            self.shared.remark(Failure::new(say!("some values or conditions are not followed any more"), why, remedy));
        }
    }

    fn note_cable(&mut self, device: &Name, is_pulled: bool) {
        if let Some(facts) = self.devices.get_mut(device) {
            facts.is_pulled = is_pulled;
            self.conditions_are_old = true;
        }
    }

    fn take(&mut self, batch: Batch) {
        for (port, event) in batch {
            match (port, event) {
                (Some(port), Event::Value(update)) => self.take_value(&port, &update),
                (_, Event::Ldev(status)) => {
                    let key = (status.device.clone(), status.ldev.clone());
                    if self.ldevs.get(&key) != Some(&status) {
                        self.ldevs.insert(key, status);
                        self.conditions_are_old = true;
                    }
                }
                (None, Event::Value(_)) => {}
            }
        }
    }

    fn take_value(&mut self, port: &PortRef, update: &Update) {
        let group = self.board.values().get(port).map(|value| value.group);
        let Some(item) = self.board.take(port, update) else { return };
        self.recorders.retain(|recorder| !recorder.rows.is_closed());
        for recorder in self.recorders.iter().filter(|recorder| recorder.ports.contains(port)) {
            send_row(&recorder.rows, &recorder.counts, (Arc::clone(item), update.clone()));
        }
        self.conditions_are_old |= group != Some(update.quality.class());
    }

    fn take_survey(&mut self, survey: Survey) {
        let Survey { device, reach, identity, differences, told } = survey;
        let Some(facts) = self.devices.get_mut(&device) else { return };
        if identity.is_some() {
            (facts.identity, facts.differences) = (identity, differences);
        }
        let answers = reach == Reach::Answers;
        facts.reach = reach;
        // A download made since shows in the connections only.
        let links = self.links.fed_in(&device);
        let in_device = |state| !matches!(state, ConnectionState::NotLoaded | ConnectionState::Unknown);
        let is_loaded = !links.is_empty() && links.iter().all(|link| in_device(link.state(Some(&told))));
        if answers && is_loaded {
            facts.not_downloaded = None;
        }
        self.told.insert(device, told);
        self.conditions_are_old = true;
    }

    fn publish_values(&mut self) {
        if let Some(values) = self.board.publish() {
            self.shared.publish_values(values);
        }
    }

    fn publish_conditions(&mut self) {
        let watches: Vec<&Watch> = self.items.iter().map(|item| &item.watch).collect();
        let known = Known {
            devices: &self.devices,
            ldevs: &self.ldevs,
            told: &self.told,
            links: &self.links,
            watches: &watches,
            values: self.board.values(),
        };
        self.shared.publish_conditions(conditions(&known), self.links.states(&self.told));
        self.conditions_are_old = false;
    }

    /// Ends subscriptions, visits, devices and connections, in this order.
    async fn end(self) -> Result<(), Failure> {
        let Self { pumps, mut pumping, surveyors, mut surveying, access, plant, batches, .. } = self;
        drop((pumps, surveyors, batches));
        while pumping.join_next().await.is_some() {}
        while surveying.join_next().await.is_some() {}
        // The only other holder was the task of the cables, which has ended.
        if let Some(plant) = plant.and_then(Arc::into_inner) {
            plant.shutdown().await;
        }
        access.close().await.map(drop)
    }
}

/// Where a watched item is.
fn place(watch: &Watch) -> (&PortRef, &Name, &Name, &str) {
    (&watch.port, &watch.device, &watch.ldev, &watch.item)
}

fn send_row(rows: &mpsc::Sender<Row>, counts: &Counts, row: Row) {
    if let Err(mpsc::error::TrySendError::Full(_)) = rows.try_send(row) {
        counts.lost.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }
}

/// Brings what a subscription hears to the session. When that does not keep up, the subscription counts what is overtaken.
async fn pump(mut monitor: Monitor, ports: Vec<PortRef>, batches: mpsc::Sender<Batch>, stop: CancellationToken) {
    let with_port = |event: Event| match &event {
        Event::Value(update) => (ports.get(update.index).cloned(), event),
        Event::Ldev(_) => (None, event),
    };
    loop {
        let first = tokio::select! {
            first = monitor.next() => first,
            () = stop.cancelled() => break,
        };
        // Only now a place, so that a subscription without news takes none from the others.
        let room = tokio::select! {
            room = batches.reserve() => room,
            () = stop.cancelled() => break,
        };
        let Ok(room) = room else { break };
        let mut batch = vec![with_port(first)];
        while batch.len() < EVENTS_AT_ONCE
            && let Some(event) = monitor.try_next()
        {
            batch.push(with_port(event));
        }
        room.send(batch);
    }
    monitor.stop().await;
}

/// Pulls and plugs cables, one after the other.
async fn cable(plant: Arc<VirtualPlant>, mut wishes: mpsc::UnboundedReceiver<(Name, bool)>, shared: Shared) {
    while let Some((device, is_pulled)) = wishes.recv().await {
        let done = if is_pulled { plant.pull(&device).await } else { plant.plug(&device) };
        if let Err(error) = done {
            let what = match is_pulled {
                true => say!("cannot pull the cable of {device}", device),
                false => say!("cannot plug in the cable of {device}", device),
            };
            shared.remark(Failure::new(
                what,
                Phrase::plain(error),
                say!("another program may have taken the device's port meanwhile"),
            ));
        }
    }
}
