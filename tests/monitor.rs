//! Live values by subscription and writes, over the real protocol on loopback: values arrive by change, are lost and come
//! back, two tools watch at once, a reader is slow, a device stalls.
//!
//! Nothing waits for a time; everything waits for a condition, with a deadline.

use std::time::Duration;

use plantweave::device::{PlantOptions, VirtualPlant};
use plantweave::model::{Plan, Value, fixture};
use plantweave::net::loopback;
use plantweave::net::tcp::Network;
use plantweave::online::monitor::{Event, LdevStatus, LinkState, Monitor, MonitorOptions, Update, Watch};
use plantweave::online::{OnlineError, Target, Targets, Unwritten, Write};
use plantweave::rpc::RpcNode;
use plantweave::wire::cba::{GroupErrorState, HResult, LDevState, Quality};
use tokio::time::{Instant, timeout};

const LINE: &str = "
    component Pump 2.0 { stack 2.0; out rate R4; out runs BOOL; out text BSTR; out many I2[3]; hmi goal R4 = 0 min 0 max 50 }
    component Valve 2.0 { stack 2.0; in rate R4 = 0; in runs BOOL = false }
    P: Pump @10.90.0.11
    V: Valve @10.90.0.12
    P.rate -> V.rate acyclic 50
";

struct Lab {
    plan: Plan,
    plant: VirtualPlant,
    node: RpcNode,
    targets: Targets,
}

/// The line on a subnet of its own, since tests run side by side.
fn lab(net: u8) -> Lab {
    let plan = fixture::plan(&LINE.replace("10.90.0.", &format!("10.90.{net}.")));
    let network = Network::new();
    let plant = VirtualPlant::start(&plan, PlantOptions::new(network.clone(), loopback::probe(2))).unwrap();
    let target = |name: &_| plant.address(name).map(|at| Target { ip: at.ip, resolver_port: at.resolver_port });
    let targets = plant.names().filter_map(|name| Some((name.clone(), target(name)?))).collect();
    Lab { plan, plant, node: RpcNode::client(network, None), targets }
}

impl Lab {
    fn watches(&self, ports: &[&str]) -> Vec<Watch> {
        let watch = |port: &&str| Watch::of(&self.plan, &self.plan.find_port(port).unwrap()).unwrap();
        ports.iter().map(watch).collect()
    }

    fn monitor(&self, ports: &[&str]) -> Seen {
        let options = MonitorOptions { interval_ms: 50, ..MonitorOptions::default() };
        let monitor = Monitor::start(&self.node, &self.targets, self.watches(ports), &options).unwrap();
        Seen { latest: vec![None; ports.len()], ldevs: Vec::new(), n_updates: 0, monitor }
    }

    fn set(&self, item: &str, value: Value) {
        self.plant.device("P").unwrap().set("Pump", item, &value).unwrap();
    }

    fn n_provided(&self, device: &str) -> u64 {
        self.plant.device(device).unwrap().statistics().connections_out
    }
}

/// A reader of a monitor, with the latest it has read.
struct Seen {
    monitor: Monitor,
    latest: Vec<Option<Update>>,
    ldevs: Vec<LdevStatus>,
    n_updates: usize,
}

impl Seen {
    /// Reads until something is so.
    async fn until(&mut self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + Duration::from_secs(30);
        while !is_so(self) {
            let left = deadline.saturating_duration_since(Instant::now());
            match timeout(left, self.monitor.next()).await {
                Ok(Event::Value(update)) => {
                    self.n_updates += 1;
                    let index = update.index;
                    self.latest[index] = Some(update);
                }
                Ok(Event::Ldev(status)) => {
                    self.ldevs.retain(|other| (&other.device, &other.ldev) != (&status.device, &status.ldev));
                    self.ldevs.push(status);
                }
                Err(_) => panic!("never happened: {what}; latest {:?} {:?}", self.latest, self.ldevs),
            }
        }
    }

    async fn until_value(&mut self, index: usize, value: Value, quality: Quality) {
        let what = format!("item {index} is {value:?} {quality}");
        self.until(&what, |seen| seen.is(index, &value, quality)).await;
    }

    fn is(&self, index: usize, value: &Value, quality: Quality) -> bool {
        self.latest[index].as_ref().is_some_and(|u| u.value.as_ref() == Some(value) && u.quality == quality)
    }

    fn reason(&self, index: usize) -> HResult {
        self.latest[index].as_ref().unwrap().reason
    }

    fn ldev(&self, device: &str) -> Option<&LdevStatus> {
        self.ldevs.iter().find(|status| status.device == device)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn values_arrive_when_they_change_and_goodbye_is_said() {
    let lab = lab(1);
    let mut seen = lab.monitor(&["P.rate", "P.runs", "P.text", "P.many", "P.goal", "V.rate"]);
    seen.until_value(0, Value::Real(0.0), Quality::GOOD).await;
    lab.set("Main.rate", Value::Real(1.5));
    lab.set("Main.runs", Value::Bool(true));
    lab.set("Main.text", Value::Text("läuft".into()));
    lab.set("Main.many", Value::Array([1, 2, 3].map(Value::Int).to_vec().into()));
    seen.until_value(0, Value::Real(1.5), Quality::GOOD).await;
    seen.until_value(1, Value::Bool(true), Quality::GOOD).await;
    seen.until_value(2, Value::Text("läuft".into()), Quality::GOOD).await;
    seen.until_value(3, Value::Array([1, 2, 3].map(Value::Int).to_vec().into()), Quality::GOOD).await;
    seen.until_value(4, Value::Real(0.0), Quality::GOOD).await;
    seen.until_value(5, Value::Real(0.0), Quality::GOOD).await;
    assert!((0..6).all(|index| seen.reason(index) == HResult::S_OK));
    assert_eq!((lab.n_provided("P"), lab.n_provided("V")), (5, 1));

    // Nothing is read as long as nothing changes: by subscription, not by polling.
    let before = (seen.n_updates, lab.plant.device("P").unwrap().statistics().values_sent);
    lab.set("Main.runs", Value::Bool(false));
    seen.until_value(1, Value::Bool(false), Quality::GOOD).await;
    let after = (seen.n_updates, lab.plant.device("P").unwrap().statistics().values_sent);
    assert_eq!((after.0 - before.0, after.1 - before.1), (1, 1));

    let begun = Instant::now();
    seen.monitor.stop().await;
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    assert_eq!((lab.n_provided("P"), lab.n_provided("V")), (0, 0), "the devices were told");
    lab.plant.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_is_lost_keeps_its_last_values_and_comes_back() {
    let lab = lab(2);
    let mut seen = lab.monitor(&["P.rate", "V.runs"]);
    lab.set("Main.rate", Value::Real(1.5));
    seen.until_value(0, Value::Real(1.5), Quality::GOOD).await;
    seen.until_value(1, Value::Bool(false), Quality::GOOD).await;
    lab.plant.pull("P").await.unwrap();
    seen.until_value(0, Value::Real(1.5), Quality::UNCERTAIN_LAST_USABLE).await;
    seen.until("reason", |seen| seen.reason(0) == HResult::CBA_E_NONACCESSIBLE).await;
    seen.until("status", |seen| matches!(seen.ldev("P").unwrap().link, LinkState::Failed { .. })).await;
    seen.until("no state known", |seen| seen.ldev("P").unwrap().state.is_none()).await;
    assert!(seen.is(1, &Value::Bool(false), Quality::GOOD), "the other device is not concerned");
    lab.set("Main.rate", Value::Real(2.5));
    lab.plant.plug("P").unwrap();
    seen.until_value(0, Value::Real(2.5), Quality::GOOD).await;
    assert_eq!(seen.reason(0), HResult::S_OK);
    seen.until("connected", |seen| seen.ldev("P").unwrap().link == LinkState::Connected).await;
    seen.until("state", |seen| seen.ldev("P").unwrap().state == Some(LDevState::Operating)).await;
    seen.monitor.stop().await;
    lab.plant.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_device_refuses_has_its_reason() {
    let mut lab = lab(3);
    let mut watches = lab.watches(&["P.rate", "P.runs", "V.rate"]);
    watches[0].item = "Main.nothing".into();
    watches[2].device = "Nowhere".into();
    let monitor = Monitor::start(&lab.node, &lab.targets, watches, &MonitorOptions::default()).unwrap();
    let mut seen = Seen { latest: vec![None; 3], ldevs: Vec::new(), n_updates: 0, monitor };
    seen.until("unknown member", |seen| {
        seen.latest[0].as_ref().is_some_and(|update| update.reason == HResult::CBA_E_UNKNOWNMEMBER)
    })
    .await;
    seen.until_value(1, Value::Bool(false), Quality::GOOD).await;
    let nowhere = seen.latest[2].clone().unwrap();
    assert_eq!((nowhere.value, nowhere.quality), (None, Quality::BAD_OUT_OF_SERVICE));
    assert!(
        matches!(&seen.ldev("Nowhere").unwrap().link, LinkState::Failed { why, .. } if why.to_string().contains("no IP"))
    );

    // A device that is switched off is found when it comes.
    lab.plant.stop_device("V").await.unwrap();
    let mut late = lab.monitor(&["V.rate"]);
    late.until("not accessible", |seen| {
        seen.latest[0].as_ref().is_some_and(|update| update.reason == HResult::CBA_E_NONACCESSIBLE)
    })
    .await;
    lab.plant.start_device("V").unwrap();
    late.until_value(0, Value::Real(0.0), Quality::GOOD).await;
    late.monitor.stop().await;
    seen.monitor.stop().await;
    lab.plant.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tools_watch_the_same_items() {
    let lab = lab(4);
    let mut one = lab.monitor(&["P.rate"]);
    let mut other = lab.monitor(&["P.rate"]);
    for seen in [&mut one, &mut other] {
        seen.until_value(0, Value::Real(0.0), Quality::GOOD).await;
    }
    assert_eq!(lab.n_provided("P"), 2);
    one.monitor.stop().await;
    assert_eq!(lab.n_provided("P"), 1);
    lab.set("Main.rate", Value::Real(3.0));
    other.until_value(0, Value::Real(3.0), Quality::GOOD).await;
    other.monitor.stop().await;
    lab.plant.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_reader_gets_the_latest_value_and_a_count_of_the_others() {
    let lab = lab(5);
    let mut seen = lab.monitor(&["P.rate"]);
    seen.until_value(0, Value::Real(0.0), Quality::GOOD).await;
    let statistics = || lab.plant.device("P").unwrap().statistics();
    for step in 1..=5_u32 {
        let sent = statistics().values_sent;
        lab.set("Main.rate", Value::Real(step.into()));
        let deadline = Instant::now() + Duration::from_secs(10);
        while statistics().values_sent == sent {
            assert!(Instant::now() < deadline, "value {step} was not sent");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    seen.until("the last", |seen| seen.is(0, &Value::Real(5.0), Quality::GOOD)).await;
    let update = seen.latest[0].clone().unwrap();
    assert!(update.n_skipped >= 3, "{update:?}");
    assert_eq!(seen.monitor.try_next(), None, "one place an item");
    seen.monitor.stop().await;
    lab.plant.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_stalls_costs_its_own_values() {
    let lab = lab(6);
    lab.plant.faults("P").unwrap().stall(true);
    let mut seen = lab.monitor(&["P.rate", "V.rate"]);
    let begun = Instant::now();
    seen.until_value(1, Value::Real(0.0), Quality::GOOD).await;
    assert!(begun.elapsed() < Duration::from_secs(4), "not held up by the other");
    seen.until("silent", |seen| {
        seen.latest[0].as_ref().is_some_and(|update| update.reason == HResult::CBA_E_NONACCESSIBLE)
    })
    .await;
    lab.plant.faults("P").unwrap().stall(false);
    seen.until_value(0, Value::Real(0.0), Quality::GOOD).await;
    lab.plant.faults("P").unwrap().stall(true);
    let begun = Instant::now();
    seen.monitor.stop().await;
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
    lab.plant.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn state_and_group_error_come_by_events() {
    let lab = lab(7);
    let mut seen = lab.monitor(&["P.rate"]);
    let status = |seen: &Seen| seen.ldev("P").map(|status| (status.state, status.group_error));
    let fine = Some((Some(LDevState::Operating), Some(GroupErrorState::Okay)));
    seen.until("operating", |seen| status(seen) == fine).await;
    lab.plant.device("P").unwrap().make_defect("Pump");
    let defect = Some((Some(LDevState::Defect), Some(GroupErrorState::Problem)));
    seen.until("defect", |seen| status(seen) == defect).await;
    seen.until_value(0, Value::Real(0.0), Quality::BAD_OUT_OF_SERVICE).await;
    seen.monitor.stop().await;
    lab.plant.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_is_written_with_its_quality_and_seen_by_the_monitor() {
    let lab = lab(8);
    let mut seen = lab.monitor(&["P.goal"]);
    seen.until_value(0, Value::Real(0.0), Quality::GOOD).await;
    let write = |name: &str, literal: &str, quality| Write::new(&lab.plan, name, literal, quality).unwrap();
    let written = write("P.goal", "12.5", Quality::GOOD).perform(&lab.node, &lab.targets, true).await.unwrap();
    let read_back = written.read_back.unwrap();
    assert_eq!((read_back.value, read_back.quality), (Some(Value::Real(12.5)), Quality::GOOD));
    seen.until_value(0, Value::Real(12.5), Quality::GOOD).await;
    let doubtful = write("P.goal", "13", Quality::UNCERTAIN_SENSOR);
    assert_eq!(doubtful.perform(&lab.node, &lab.targets, false).await.unwrap().read_back, None);
    seen.until_value(0, Value::Real(13.0), Quality::UNCERTAIN_SENSOR).await;
    seen.monitor.stop().await;

    // An input that a connection feeds is the device's to refuse.
    let input = write("V.rate", "1", Quality::GOOD);
    input.perform(&lab.node, &lab.targets, false).await.unwrap();
    feed(&lab).await;
    let error = input.perform(&lab.node, &lab.targets, false).await.unwrap_err();
    assert!(matches!(&error, Unwritten::Fed { feeder, .. } if feeder == "P.rate"), "{error}");
    assert!(error.to_string().contains("CBA_E_ACCESSBLOCKED"), "{error}");

    let nowhere = Targets::default();
    let error = input.perform(&lab.node, &nowhere, false).await.unwrap_err();
    assert!(matches!(error, Unwritten::Online(OnlineError::Unwritable(_))), "{error}");
    lab.plant.shutdown().await;
}

/// Downloads the line, and waits until the valve's input is fed.
async fn feed(lab: &Lab) {
    use plantweave::online::{DownloadOptions, Outcome, download};
    use std::sync::Arc;
    let configurations = plantweave::generate::generate(&lab.plan).devices;
    let configurations = configurations.into_iter().map(|one| Arc::new(one.configuration)).collect();
    let targets = Arc::new(lab.targets.clone());
    let (cancel, quiet) = (Default::default(), Arc::new(|_: &_, _| {}));
    let reports = download(&lab.node, configurations, targets, DownloadOptions::default(), cancel, quiet).await;
    assert!(reports.iter().any(|report| matches!(report.outcome, Outcome::Downloaded)), "{reports:?}");
    lab.set("Main.rate", Value::Real(7.0));
    let deadline = Instant::now() + Duration::from_secs(10);
    while lab.plant.device("V").unwrap().read("Valve", "Main.rate").unwrap().value.as_f64() != Some(7.0) {
        assert!(Instant::now() < deadline, "the input is not fed");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
