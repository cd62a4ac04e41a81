//! The running sample plant, with the tool on line beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use serde::Serialize;
use tokio_util::sync::CancellationToken;

use crate::app::Failure;
use crate::app::plant::start_plant;
use crate::device::{DeviceAddress, DeviceStatistics, PlantError, PlantOptions, VirtualPlant};
use crate::generate::Configuration;
use crate::model::{Name, Plan, Substitute, Value};
use crate::net::tcp::Network;
use crate::online::monitor::{Event, Update};
use crate::online::{
    self, DeviceReport, DownloadOptions, Monitor, MonitorOptions, Target, Targets, Watch, Write, compare,
};
use crate::rpc::RpcNode;
use crate::wire::cba::Quality;

/// A live value as a person reads it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LiveRow {
    /// Port, in its short form.
    pub port: String,
    /// Value; empty when there is none.
    pub value: String,
    /// Unit; empty when it has none.
    pub unit: String,
    /// Quality code by name.
    pub quality: String,
    /// When it arrived.
    pub time: Option<SystemTime>,
}

/// An input that a link feeds.
#[derive(Debug, Clone)]
pub(super) struct FedInput {
    /// Short name of the port.
    pub(super) name: String,
    /// What it shows without its provider; `None` is the last value.
    substitute: Option<Value>,
}

/// The devices, and the tool's connections to them.
pub(super) struct Line<'a> {
    plan: &'a Plan,
    plant: VirtualPlant,
    node: RpcNode,
    targets: Arc<Targets>,
    monitor: Option<Monitor>,
    /// The latest of each item watched.
    latest: Vec<Option<Update>>,
    /// Places in it by short name.
    places: BTreeMap<String, usize>,
    /// Ends every waiting.
    stop: CancellationToken,
}

impl<'a> Line<'a> {
    pub(super) fn start(
        plan: &'a Plan,
        network: Network,
        share_address: bool,
        stop: CancellationToken,
    ) -> Result<Self, Failure> {
        let started = start_plant(plan, share_address, |host| PlantOptions::new(network.clone(), host));
        let plant = started.map_err(|error| {
            let remedy =
                "another program, perhaps a second demonstration, may hold these addresses and ports; end it first";
            Failure::new("cannot start the virtual devices", error.to_string(), remedy)
        })?;
        let target = |name: &Name| {
            let DeviceAddress { ip, resolver_port } = plant.address(name)?;
            Some((name.clone(), Target { ip, resolver_port }))
        };
        let targets = Arc::new(plant.names().filter_map(target).collect());
        let node = RpcNode::client(network, None);
        Ok(Self { plan, plant, node, targets, monitor: None, latest: Vec::new(), places: BTreeMap::new(), stop })
    }

    pub(super) fn plan(&self) -> &'a Plan {
        self.plan
    }

    pub(super) fn addresses(&self) -> Vec<(Name, DeviceAddress)> {
        self.plant.names().filter_map(|name| Some((name.clone(), self.plant.address(name)?))).collect()
    }

    /// Differences between plan and devices.
    pub(super) async fn compare(&self, configurations: &[Arc<Configuration>]) -> Result<usize, Failure> {
        let mut differences = 0;
        for configuration in configurations {
            let compared = compare(&self.node, configuration, &self.targets).await;
            differences += compared
                .result
                .map_err(|error| {
                    Failure::new(format!("cannot compare {}", compared.device), error.to_string(), error.remedy())
                })?
                .len();
        }
        Ok(differences)
    }

    pub(super) async fn download(&self, configurations: Vec<Arc<Configuration>>) -> Vec<DeviceReport> {
        let quiet = Arc::new(|_: &Name, _| {});
        let options = DownloadOptions::default();
        online::download(&self.node, configurations, Arc::clone(&self.targets), options, self.stop.clone(), quiet).await
    }

    /// Begins to watch these ports; tells how many items of how many devices that is.
    ///
    /// Not simply everything: each item is a connection that its device provides, and devices have a limit of those.
    pub(super) fn go_online<'b>(&mut self, ports: impl Iterator<Item = &'b str>) -> Result<(usize, usize), Failure> {
        let names: BTreeSet<&str> = ports.collect();
        let watch = |name: &str| Watch::of(self.plan, &self.plan.find_port(name).ok()?);
        let watches: Vec<Watch> = names.into_iter().filter_map(watch).collect();
        self.places = watches.iter().enumerate().map(|(at, watch)| (self.plan.short_name(&watch.port), at)).collect();
        self.latest = vec![None; watches.len()];
        let devices: BTreeSet<&Name> = watches.iter().map(|watch| &watch.device).collect();
        let sizes = (watches.len(), devices.len());
        let monitor = Monitor::start(&self.node, &self.targets, watches, &MonitorOptions::default())
            .map_err(|error| Failure::new("cannot go on line", error.to_string(), error.remedy()))?;
        self.monitor = Some(monitor);
        Ok(sizes)
    }

    pub(super) async fn go_offline(&mut self) {
        if let Some(monitor) = self.monitor.take() {
            monitor.stop().await;
        }
    }

    /// Takes news in until that moment.
    pub(super) async fn follow_until(&mut self, end: Instant) {
        while Instant::now() < end && !self.stop.is_cancelled() && self.monitor.is_some() {
            self.take_news_until(end).await;
        }
    }

    /// Waits for news and takes in all there are.
    async fn take_news_until(&mut self, end: Instant) {
        let Some(monitor) = &mut self.monitor else { return };
        let first = tokio::select! {
            first = monitor.next() => first,
            () = tokio::time::sleep_until(end.into()) => return,
            () = self.stop.cancelled() => return,
        };
        let mut news = Some(first);
        while let Some(event) = news {
            if let Event::Value(update) = event
                && let Some(place) = self.latest.get_mut(update.index)
            {
                *place = Some(update);
            }
            news = monitor.try_next();
        }
    }

    /// Follows the values until something is so, and tells how long that took, or what is so instead.
    pub(super) async fn until(
        &mut self,
        patience: Duration,
        mut so: impl FnMut(&Self) -> bool,
    ) -> Result<Duration, String> {
        let begun = Instant::now();
        let end = begun + patience;
        loop {
            if so(self) {
                return Ok(begun.elapsed());
            }
            if self.stop.is_cancelled() || self.monitor.is_none() {
                return Err("the waiting was ended".to_owned());
            }
            if Instant::now() >= end {
                return Err(format!("waited for {} s", patience.as_secs()));
            }
            self.take_news_until(end).await;
        }
    }

    pub(super) async fn until_connected(&mut self, patience: Duration) -> Result<Duration, String> {
        let came =
            self.until(patience, |line| line.latest.iter().all(|latest| latest.as_ref().is_some_and(has_come))).await;
        came.map_err(|waited| {
            let missing = self.places.iter().filter_map(|(name, at)| match self.latest.get(*at)?.as_ref() {
                Some(update) if has_come(update) => None,
                Some(update) => Some(format!("{name} ({})", update.reason)),
                None => Some(name.clone()),
            });
            format!("{waited}, nothing came of {}", missing.collect::<Vec<_>>().join(", "))
        })
    }

    pub(super) async fn until_value(
        &mut self,
        port: &str,
        value: &str,
        patience: Duration,
    ) -> Result<Duration, String> {
        let so = |line: &Self| line.is_good(port) && line.text(port).is_some_and(|held| held == value);
        let came = self.until(patience, so).await;
        came.map_err(|waited| match self.rows(&[port]).pop() {
            Some(row) => format!("{waited}, it is {} ({})", row.value, row.quality),
            None => waited,
        })
    }

    fn update(&self, port: &str) -> Option<&Update> {
        self.latest.get(*self.places.get(port)?)?.as_ref()
    }

    pub(super) fn value(&self, port: &str) -> Option<Value> {
        self.update(port)?.value.clone()
    }

    /// The value as a literal of its type.
    fn text(&self, port: &str) -> Option<String> {
        let value_type = &self.plan.port(&self.plan.find_port(port).ok()?)?.value_type;
        Some(value_type.write_literal(&self.value(port)?))
    }

    pub(super) fn is_good(&self, port: &str) -> bool {
        self.update(port).is_some_and(|update| update.quality == Quality::GOOD)
    }

    /// Whether the input shows what the plan says for the loss of its provider, with the quality code of that.
    pub(super) fn has_fallen_back(&self, input: &FedInput) -> bool {
        self.update(&input.name).is_some_and(|update| match &input.substitute {
            Some(substitute) => {
                update.quality == Quality::UNCERTAIN_SUBSTITUTE && update.value.as_ref() == Some(substitute)
            }
            None => update.quality == Quality::UNCERTAIN_LAST_USABLE,
        })
    }

    /// The active links' inputs on other devices that this device feeds.
    pub(super) fn inputs_fed_by(&self, device: &str) -> Vec<FedInput> {
        let runs_on = |instance: &str| self.plan.instances().get(instance).map(|instance| instance.device.as_str());
        let links = self.plan.links().iter().filter(|(key, link)| {
            link.active
                && runs_on(&link.provider.instance) == Some(device)
                && runs_on(&key.consumer.instance) != Some(device)
        });
        links
            .map(|(key, link)| FedInput {
                name: self.plan.short_name(&key.consumer),
                substitute: match &link.substitute {
                    Substitute::HoldLast => None,
                    Substitute::Value(literal) => {
                        let port = self.plan.port(&key.consumer);
                        port.and_then(|port| port.value_type.read_literal(literal).ok())
                    }
                },
            })
            .collect()
    }

    /// The values of these ports as they are now.
    pub(super) fn rows(&self, ports: &[&str]) -> Vec<LiveRow> {
        ports
            .iter()
            .map(|name| {
                let update = self.update(name);
                let port = self.plan.find_port(name).ok().and_then(|port| self.plan.port(&port));
                LiveRow {
                    port: (*name).to_owned(),
                    value: self.text(name).unwrap_or_default(),
                    unit: port.map(|port| port.unit.to_string()).unwrap_or_default(),
                    quality: update.map(|update| update.quality.to_string()).unwrap_or_default(),
                    time: update.map(|update| update.time),
                }
            })
            .collect()
    }

    pub(super) async fn write(&self, port: &str, value: &str) -> Result<(), String> {
        let write = Write::new(self.plan, port, value, Quality::GOOD).map_err(|error| error.to_string())?;
        write.perform(&self.node, &self.targets, false).await.map(drop).map_err(|error| error.to_string())
    }

    pub(super) async fn pull(&self, device: &str) -> Result<(), Failure> {
        self.plant.pull(device).await.map_err(no_cable)
    }

    pub(super) fn plug(&self, device: &str) -> Result<(), Failure> {
        self.plant.plug(device).map_err(no_cable)
    }

    /// Switches everything off and tells what the devices have done.
    pub(super) async fn shut_down(mut self) -> DeviceStatistics {
        self.go_offline().await;
        let statistics = self.plant.statistics();
        self.plant.shutdown().await;
        self.node.shutdown().await;
        statistics
    }
}

fn has_come(update: &Update) -> bool {
    update.value.is_some()
}

fn no_cable(error: PlantError) -> Failure {
    Failure::new(
        "cannot pull or plug the cable",
        error.to_string(),
        "another program may have taken the device's port meanwhile",
    )
}
