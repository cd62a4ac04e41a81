//! One virtual device, from power on to power off.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::core::{CoreError, DeviceCore};
use super::drive::Driver;
use super::fault::Faults;
use super::script::Script;
use super::spec::DeviceSpec;
use super::station::Station;
use super::store::{Store, StoreError};
use crate::binding::{AccoName, BindingError};
use crate::model::{Name, Value};
use crate::net::loopback::RESOLVER_PORT;
use crate::net::tcp::Network;
use crate::rpc::RpcError;
use crate::wire::cba::{GroupErrorState, HResult, LDevState, Quality};

/// Where a device is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceAddress {
    /// IP address.
    pub ip: Ipv4Addr,
    /// TCP port of its resolver.
    pub resolver_port: u16,
}

/// How a virtual device is run.
#[derive(Debug, Clone)]
pub struct DeviceOptions {
    /// Port of resolvers that a partner's name says nothing of; a device elsewhere names its own (`127.0.0.1[41351]!LDev`).
    pub usual_resolver_port: u16,
    /// Where it keeps its persistent connections.
    pub store: Store,
    /// Whether its LDevs go on to Operating by themselves when they are Ready.
    pub operate: bool,
    /// Time between two steps of a behaviour script.
    pub cycle: Duration,
    /// Faults to try; shared, so that they can be switched from outside and survive a power cycle.
    pub faults: Arc<Faults>,
}

impl Default for DeviceOptions {
    /// Port 135, kept in memory, operating, 50 ms, no fault.
    fn default() -> Self {
        Self {
            usual_resolver_port: RESOLVER_PORT,
            store: Store::default(),
            operate: true,
            cycle: Duration::from_millis(50),
            faults: Arc::default(),
        }
    }
}

/// Why a device cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Its ports cannot be opened.
    #[error("device `{device}`: {source}")]
    Ports {
        /// The device.
        device: Name,
        /// What the network said.
        source: Box<RpcError>,
    },
    /// The type of a port is beyond what the wire can describe.
    #[error("device `{device}`: {source}")]
    Type {
        /// The device.
        device: Name,
        /// Which type, and why.
        source: BindingError,
    },
    /// What it had saved cannot be read.
    #[error("device `{device}`: {source}")]
    Store {
        /// The device.
        device: Name,
        /// Where, and what is wrong.
        source: StoreError,
    },
}

/// What a device has done since it was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DeviceStatistics {
    /// Calls answered.
    pub calls_served: u64,
    /// Calls made at other devices.
    pub calls_made: u64,
    /// Values sent to consumers.
    pub values_sent: u64,
    /// Values received from providers.
    pub values_received: u64,
    /// Connections held as consumer.
    pub connections_in: u64,
    /// Connections held as provider.
    pub connections_out: u64,
}

/// An item of a virtual device as it is now.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemState {
    /// Value.
    pub value: crate::wire::Variant,
    /// Quality.
    pub quality: Quality,
    /// When it got this value, as days since 1899-12-30 UTC.
    pub date: f64,
}

/// A running virtual device. Dropping it ends it; [`shutdown`](Self::shutdown) also waits for the end.
pub struct VirtualDevice {
    core: Arc<DeviceCore>,
    network: Network,
    address: DeviceAddress,
    /// Its place on the network; none while its cable is pulled.
    plugged: Arc<watch::Sender<Option<Arc<Station>>>>,
    death: CancellationToken,
    /// Ends the tasks when dropped.
    stop: DropGuard,
    tasks: JoinSet<()>,
}

impl VirtualDevice {
    /// Starts a device at an address of this host: loads what it had saved, opens its ports, lets its LDevs go Ready and (if so
    /// asked) Operating, and connects as consumer by itself. Must run inside a tokio runtime.
    ///
    /// # Errors
    /// See [`StartError`]. A script that does not compile is no error: the device runs without it, with group error
    /// "problem" and a diagnostic text.
    pub fn start(
        spec: DeviceSpec,
        network: &Network,
        address: DeviceAddress,
        options: DeviceOptions,
    ) -> Result<Self, StartError> {
        let device = spec.name.clone();
        let DeviceAddress { ip, resolver_port } = address;
        let own_port = (resolver_port != options.usual_resolver_port).then_some(resolver_port);
        let acco = |ldev: &Name| AccoName { resolver_port: own_port, ..AccoName::at(ip, ldev.clone()) };
        let core = DeviceCore::new(spec, |ldev| acco(ldev).to_string(), options.faults, options.store);
        let core = Arc::new(core.map_err(|error| match error {
            CoreError::Binding(source) => StartError::Type { device: device.clone(), source },
            CoreError::Store(source) => StartError::Store { device: device.clone(), source },
        })?);
        let stop = CancellationToken::new();
        let death = CancellationToken::new();
        let station = Station::open(&core, network, ip, resolver_port, &death)
            .map_err(|source| StartError::Ports { device, source: source.into() })?;
        let plugged = Arc::new(watch::Sender::new(Some(station)));

        let mut tasks = JoinSet::new();
        for index in 0..core.n_ldevs() {
            core.with_ldev(index, |ldev| {
                ldev.become_ready();
                // From Ready nothing forbids it.
                let _ = if options.operate { ldev.activate() } else { Ok(()) };
            });
        }
        for (ldev, spec) in core.spec().ldevs.iter().enumerate() {
            let driver = Driver {
                core: Arc::clone(&core),
                plugged: plugged.subscribe(),
                ldev,
                name: acco(&spec.name).to_string().into(),
                usual_resolver_port: options.usual_resolver_port,
            };
            tasks.spawn(driver.run(stop.clone()));
        }
        for script in &core.spec().scripts {
            match Script::new(&core, script) {
                Ok(script) => {
                    tasks.spawn(script.run(options.cycle, stop.clone()));
                }
                Err(error) => {
                    core.note(error.to_string());
                    for (ldev, spec) in core.spec().ldevs.iter().enumerate() {
                        if spec.instance == script.instance {
                            core.with_ldev(ldev, |held| held.set_group_error(GroupErrorState::Problem));
                        }
                    }
                }
            }
        }
        tasks.spawn(die(death.clone(), stop.clone(), Arc::clone(&plugged)));
        let network = network.clone();
        Ok(Self { core, network, address, plugged, death, stop: stop.drop_guard(), tasks })
    }

    /// Its name in the plan.
    pub fn name(&self) -> &Name {
        &self.core.spec().name
    }

    /// Where it is reached while it is plugged in.
    pub fn address(&self) -> DeviceAddress {
        self.address
    }

    /// What it is.
    pub fn spec(&self) -> &DeviceSpec {
        self.core.spec()
    }

    /// Faults to try.
    pub fn faults(&self) -> &Faults {
        self.core.faults()
    }

    /// Whether its cable is in and it has not died of a fault.
    pub fn is_plugged(&self) -> bool {
        self.plugged.borrow().is_some()
    }

    /// Pulls its cable: its ports and connections close, it works on by itself. Returns when they are closed.
    pub async fn pull(&self) {
        let station = self.plugged.send_replace(None);
        if let Some(station) = station {
            station.close().await;
        }
    }

    /// Plugs the cable in again. A device that is plugged in, or has died, stays as it is.
    ///
    /// # Errors
    /// [`StartError::Ports`].
    pub fn plug(&self) -> Result<(), StartError> {
        let DeviceAddress { ip, resolver_port } = self.address;
        if self.is_plugged() || self.death.is_cancelled() {
            return Ok(());
        }
        let station = Station::open(&self.core, &self.network, ip, resolver_port, &self.death)
            .map_err(|source| StartError::Ports { device: self.name().clone(), source: source.into() })?;
        self.plugged.send_replace(Some(station));
        Ok(())
    }

    /// An item `RTAuto.Property` of an LDev as it is now.
    ///
    /// # Errors
    /// `CBA_E_UNKNOWNOBJECT`, `CBA_E_UNKNOWNMEMBER`, `CBA_E_ACCESSBLOCKED`.
    pub fn read(&self, ldev: &str, item: &str) -> Result<ItemState, HResult> {
        let index = self.core.ldev_index(ldev).ok_or(HResult::CBA_E_UNKNOWNOBJECT)?;
        let reading = self.core.with_ldev(index, |held| held.items.read(item));
        let reading = reading.ok_or(HResult::CBA_E_UNKNOWNOBJECT)??;
        Ok(ItemState { value: reading.value, quality: reading.quality, date: crate::binding::date_of(reading.time) })
    }

    /// Sets any port from inside the device, as its program would: also outputs, which clients cannot write.
    ///
    /// # Errors
    /// `CBA_E_UNKNOWNOBJECT`, `CBA_E_UNKNOWNMEMBER`, `CBA_E_TYPEMISMATCH`.
    pub fn set(&self, ldev: &str, item: &str, value: &Value) -> Result<(), HResult> {
        let index = self.core.ldev_index(ldev).ok_or(HResult::CBA_E_UNKNOWNOBJECT)?;
        let now = self.core.now();
        let set = self.core.with_ldev(index, |held| held.items.set_named(item, value, now.wall));
        set.unwrap_or(Err(HResult::CBA_E_UNKNOWNOBJECT))
    }

    /// Operating state of an LDev; `None` if there is no such LDev.
    pub fn ldev_state(&self, ldev: &str) -> Option<LDevState> {
        self.core.with_ldev(self.core.ldev_index(ldev)?, |held| held.state())
    }

    /// Group error of an LDev; `None` if there is no such LDev.
    pub fn group_error(&self, ldev: &str) -> Option<GroupErrorState> {
        self.core.with_ldev(self.core.ldev_index(ldev)?, |held| held.group_error().0)
    }

    /// A fault to try: the LDev becomes defect, until it is reset. Nothing happens if there is no such LDev.
    pub fn make_defect(&self, ldev: &str) {
        if let Some(index) = self.core.ldev_index(ldev) {
            self.core.with_ldev(index, |held| held.fail());
        }
    }

    /// How each connection of an LDev fares: consumer item and ConnErrorState.
    pub fn connections(&self, ldev: &str) -> Vec<(String, HResult)> {
        let states = |index| {
            self.core.with_ldev(index, |held| {
                held.consumer.records().map(|(record, state)| (record.consumer_item.clone(), state)).collect()
            })
        };
        self.core.ldev_index(ldev).and_then(states).unwrap_or_default()
    }

    /// The latest diagnostic texts, oldest first: scripts that failed, stored connections not taken.
    pub fn diagnostics(&self) -> Vec<String> {
        self.core.diagnostics()
    }

    /// What it has done since it was started.
    pub fn statistics(&self) -> DeviceStatistics {
        let counters = &self.core.counters;
        let mut statistics = DeviceStatistics {
            calls_served: counters.calls_served.load(Ordering::Relaxed),
            calls_made: counters.calls_made.load(Ordering::Relaxed),
            values_sent: counters.values_sent.load(Ordering::Relaxed),
            ..DeviceStatistics::default()
        };
        for index in 0..self.core.n_ldevs() {
            self.core.with_ldev(index, |ldev| {
                statistics.values_received += ldev.consumer.statistic().values;
                statistics.connections_in += ldev.consumer.n_connections() as u64;
                statistics.connections_out += ldev.provider.n_connections() as u64;
            });
        }
        statistics
    }

    /// Switches the device off and waits until it is: a second at most for calls under way.
    pub async fn shutdown(self) {
        let Self { plugged, stop, mut tasks, .. } = self;
        drop(stop);
        let station = plugged.send_replace(None);
        if let Some(station) = station {
            station.close().await;
        }
        while tasks.join_next().await.is_some() {}
    }
}

impl std::fmt::Debug for VirtualDevice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VirtualDevice")
            .field("name", self.name())
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// Takes the device off the network for good when a fault to try says so.
async fn die(death: CancellationToken, stop: CancellationToken, plugged: Arc<watch::Sender<Option<Arc<Station>>>>) {
    tokio::select! {
        () = stop.cancelled() => return,
        () = death.cancelled() => {}
    }
    let station = plugged.send_replace(None);
    if let Some(station) = station {
        station.close().await;
    }
}
