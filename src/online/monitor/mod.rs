//! Live values by subscription: the tool is a consumer like any other, with QoS type "acyclic HMI" and a callback of its own.
//!
//! Nothing is polled. The machine that makes virtual devices consume ([`Consumer`](crate::proto::acco::Consumer)) connects here
//! too, device by device side by side: it groups and chunks the items, pings, falls back when a provider is lost and connects
//! again. A device that stalls or dies costs its own values only. Operating state and group error come by their events.
//!
//! Whoever reads gets the latest value of each item; what was overtaken meanwhile is only counted. So the queue holds at most
//! one entry an item, however slow the reader.
//!
//! Start reading at [`Monitor::start`]; [`core`] is what a value goes through, [`drive`] what runs, [`condition`] the events.

mod condition;
mod core;
mod drive;

use std::sync::Arc;
use std::time::SystemTime;

use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use self::core::Core;
use super::{OnlineError, Target, Targets};
use crate::binding::AccoName;
use crate::model::{Name, Phrase, Plan, PortRef, Value, ValueType};
use crate::proto::dcom::convention::RESOLVER_PORT;
use crate::rpc::{Exported, RpcNode};
use crate::wire::cba::{GroupErrorState, HResult, Interface, LDevState, Quality};

/// An item to watch: a port of the plan, and where it is on the network.
#[derive(Debug, Clone, PartialEq)]
pub struct Watch {
    /// The port.
    pub port: PortRef,
    /// The device that serves it.
    pub device: Name,
    /// Its LDev on the network.
    pub ldev: Name,
    /// Its name there, `RTAuto.Property`.
    pub item: String,
    /// Its type.
    pub value_type: ValueType,
    /// The LDev offers ICBAState.
    pub has_state: bool,
    /// The LDev offers ICBAGroupError.
    pub has_group_error: bool,
}

impl Watch {
    /// A port of the plan; `None` if the plan has no such port, or no device serves it.
    pub fn of(plan: &Plan, port: &PortRef) -> Option<Self> {
        let described = plan.port(port)?;
        let instance = plan.instances().get(&port.instance)?;
        let ldev = plan.component_of(&port.instance)?.ldev(&port.ldev)?;
        Some(Self {
            port: port.clone(),
            device: plan.serving_device(&instance.device)?.clone(),
            ldev: plan.ldev_on_network(&port.instance, &port.ldev),
            item: crate::binding::item_name(&port.rtauto, &port.port),
            value_type: described.value_type.clone(),
            has_state: ldev.has_state,
            has_group_error: ldev.has_group_error,
        })
    }
}

/// How to watch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonitorOptions {
    /// How often devices look for changes, milliseconds, not 0.
    pub interval_ms: u16,
    /// What the tool calls itself at the devices; a number is added so that two monitors are told apart. Without `.` and `!`.
    pub name: String,
}

impl Default for MonitorOptions {
    /// Every 200 ms, as `plantweave`.
    fn default() -> Self {
        Self { interval_ms: 200, name: "plantweave".to_owned() }
    }
}

/// What is new.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A value, its quality, or the reason for it.
    Value(Update),
    /// How an LDev does.
    Ldev(LdevStatus),
}

/// The latest of an item.
#[derive(Debug, Clone, PartialEq)]
pub struct Update {
    /// The item's place in the list that was given to [`Monitor::start`].
    pub index: usize,
    /// The last value received; `None` until the first arrives.
    pub value: Option<Value>,
    /// Quality: the device's own, or, while it is not connected, that of a last value (0x44) or of none (0x1c).
    pub quality: Quality,
    /// How its connection fares: `S_OK`, or by the code's name why there is no value.
    pub reason: HResult,
    /// When this arrived, by this computer's clock.
    pub time: SystemTime,
    /// Values of this item that arrived since the last update was read, and were overtaken.
    pub n_skipped: u32,
}

/// How an LDev of which items are watched does.
#[derive(Debug, Clone, PartialEq)]
pub struct LdevStatus {
    /// Device in the plan.
    pub device: Name,
    /// LDev on the network.
    pub ldev: Name,
    /// Whether the tool is connected with its ACCO.
    pub link: LinkState,
    /// Operating state; `None` when it is not known.
    pub state: Option<LDevState>,
    /// Group error; `None` when it is not known.
    pub group_error: Option<GroupErrorState>,
}

/// Whether the tool is connected with an ACCO.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkState {
    /// Not yet.
    Connecting,
    /// Values come when they change.
    Connected,
    /// Not, or not any more. It is tried again every few seconds.
    Failed {
        /// Error state of its connections.
        code: HResult,
        /// Why, in words.
        why: Phrase,
    },
}

/// Live values of many devices. Ends when dropped, without saying goodbye for long: better use [`stop`](Self::stop).
pub struct Monitor {
    core: Arc<Core>,
    tasks: Vec<JoinHandle<()>>,
    stop: DropGuard,
}

impl Monitor {
    /// Begins to watch. Returns at once; what cannot be reached comes as an update with its reason. An item whose device is not
    /// among the targets is one of those. Must run inside a tokio runtime.
    ///
    /// # Errors
    /// [`OnlineError::Rpc`] when this computer's own ports, on which devices deliver values, cannot be opened.
    pub fn start(
        node: &RpcNode,
        targets: &Targets,
        watches: Vec<Watch>,
        options: &MonitorOptions,
    ) -> Result<Self, OnlineError> {
        let toward = watches.iter().find_map(|watch| targets.get(&watch.device));
        let name = own_name(node, toward, &options.name)?;
        let core = Arc::new(Core::new(&name, targets, watches, options.interval_ms));
        let stop = CancellationToken::new();
        let mut tasks = vec![tokio::spawn(drive::run(Arc::clone(&core), node.clone(), name.into(), stop.clone()))];
        tasks.extend(core.conditions().map(|(index, target)| {
            tokio::spawn(condition::run(Arc::clone(&core), node.clone(), index, target, stop.clone()))
        }));
        Ok(Self { core, tasks, stop: stop.drop_guard() })
    }

    /// The items watched, in the order of their indexes.
    pub fn watches(&self) -> impl ExactSizeIterator<Item = &Watch> {
        self.core.watches()
    }

    /// Waits for news. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Event {
        loop {
            if let Some(event) = self.core.take_news() {
                return event;
            }
            self.core.news().await;
        }
    }

    /// The next news, if there are any already.
    pub fn try_next(&mut self) -> Option<Event> {
        self.core.take_news()
    }

    /// Disconnects from all devices and returns when they have been told, after two seconds at most: a device that does not
    /// answer drops this consumer by itself when it cannot deliver.
    pub async fn stop(self) {
        let Self { tasks, stop, .. } = self;
        drop(stop);
        for task in tasks {
            // They end by themselves; that one might have panicked changes nothing about being gone.
            let _ = task.await;
        }
    }
}

/// The name by which devices know this consumer: `<own address>[<own resolver port>]!<name>-<number>` (convention 22).
fn own_name(node: &RpcNode, toward: Option<Target>, name: &str) -> Result<String, OnlineError> {
    let own = match toward {
        Some(target) => {
            let endpoint = node.endpoint_toward(target.ip).map_err(|error| OnlineError::Rpc { target, error })?;
            (endpoint.ip, Some(endpoint.resolver_port).filter(|port| *port != RESOLVER_PORT))
        }
        // Nobody will be told it.
        None => (std::net::Ipv4Addr::LOCALHOST, None),
    };
    let ldev = format!("{name}-{:08x}", rand::random::<u32>());
    Ok(AccoName { resolver_port: own.1, ..AccoName::at(own.0, ldev) }.to_string())
}

/// The object that devices deliver values to, at one end of DCOM.
fn export(core: &Arc<Core>, node: &RpcNode) -> Exported {
    node.export(Arc::new(drive::Callback(Arc::clone(core))), &[Interface::AccoCallback, Interface::AccoCallback2])
}
