//! A plant of virtual devices, loaded by the tool over the real protocol on loopback: the whole way, and devices that
//! refuse, lie or die.

use std::sync::Arc;
use std::time::{Duration, Instant};

use plantweave::device::{PlantOptions, VirtualPlant};
use plantweave::generate::{Configuration, generate};
use plantweave::model::{Plan, Value, fixture};
use plantweave::net::loopback;
use plantweave::net::tcp::Network;
use plantweave::online::{
    DeviceReport, DownloadError, DownloadOptions, Left, Outcome, Step, Target, Targets, compare, download,
};
use plantweave::rpc::RpcNode;
use plantweave::wire::Variant;
use plantweave::wire::cba::Quality;
use tokio_util::sync::CancellationToken;

const LINE: &str = "
    component Conveyor 1.0 { qos acyclic; qos cyclic 8,16; in start BOOL = false; in speed R4 = 0; out running BOOL; out level I2 }
    component Filler 1.0 { qos acyclic; qos cyclic 8,16; in start BOOL = false; in speed R4; in level I2 = 0; out ready BOOL }
    Conveyor1: Conveyor @192.168.77.11
    Conveyor2: Conveyor @192.168.77.12
    Filler1: Filler @192.168.77.13
    Conveyor1.running -> Filler1.start acyclic 50 sub false
    Conveyor1.level -> Filler1.level acyclic 50 eps 2
    Filler1.ready -> Conveyor2.start cyclic 8
    Filler1.ready -> Conveyor1.start acyclic 50
    Filler1.speed = 1.5
";

struct Lab {
    plant: VirtualPlant,
    node: RpcNode,
    configurations: Vec<Arc<Configuration>>,
    targets: Arc<Targets>,
}

/// The line on a subnet of its own, since tests run side by side and an address has one resolver port.
fn lab(subnet: &str) -> Lab {
    lab_of(&fixture::plan(&LINE.replace("192.168.77", subnet)))
}

fn lab_of(plan: &Plan) -> Lab {
    let network = Network::new();
    let plant =
        VirtualPlant::start(plan, PlantOptions::new(network.clone(), loopback::probe(plan.devices().len()))).unwrap();
    let targets = plant
        .names()
        .map(|name| {
            let at = plant.address(name).unwrap();
            (name.clone(), Target { ip: at.ip, resolver_port: at.resolver_port })
        })
        .collect();
    let generation = generate(plan);
    assert!(!generation.has_errors(), "{generation:?}");
    let configurations = generation.devices.into_iter().map(|one| Arc::new(one.configuration)).collect();
    Lab { plant, node: RpcNode::client(network, None), configurations, targets: Arc::new(targets) }
}

impl Lab {
    async fn download(&self, options: DownloadOptions) -> Vec<DeviceReport> {
        let cancel = CancellationToken::new();
        download(&self.node, self.configurations.clone(), self.targets.clone(), options, cancel, Arc::new(|_, _| {}))
            .await
    }

    async fn differences(&self, device: &str) -> Vec<String> {
        let configuration = self.configurations.iter().find(|one| one.device == device).unwrap();
        let comparison = compare(&self.node, configuration, &self.targets).await;
        comparison.result.unwrap().iter().map(ToString::to_string).collect()
    }

    /// Waits until an item has a value and quality; what it has instead after ten seconds is told.
    async fn await_item(&self, device: &str, ldev: &str, item: &str, value: Variant, quality: Quality) {
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let state = self.plant.device(device).unwrap().read(ldev, item).unwrap();
            if state.value == value && state.quality == quality {
                return;
            }
            assert!(Instant::now() < deadline, "{device} {ldev} {item}: {state:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

fn outcome(reports: &[DeviceReport], device: &str) -> Outcome {
    reports.iter().find(|report| report.device == device).unwrap().outcome.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plant_is_loaded_and_its_values_move() {
    let lab = lab("192.168.77");
    let dry = lab.download(DownloadOptions { dry_run: true, ..DownloadOptions::default() }).await;
    assert!(dry.iter().all(|report| matches!(report.outcome, Outcome::WouldChange)), "{dry:?}");
    assert_eq!(lab.differences("Filler1").await.len(), 3, "a dry run changes nothing");

    let first = lab.download(DownloadOptions::default()).await;
    assert!(first.iter().all(|report| matches!(report.outcome, Outcome::Downloaded)), "{first:?}");
    assert_eq!(first.iter().map(|report| report.n_changes).sum::<usize>(), 5);
    for device in ["Conveyor1", "Conveyor2", "Filler1"] {
        assert_eq!(lab.differences(device).await, Vec::<String>::new(), "{device}");
    }
    let again = lab.download(DownloadOptions::default()).await;
    assert!(again.iter().all(|report| matches!(report.outcome, Outcome::Equal)), "{again:?}");

    let conveyor = lab.plant.device("Conveyor1").unwrap();
    conveyor.set("Conveyor", "Main.running", &Value::Bool(true)).unwrap();
    conveyor.set("Conveyor", "Main.level", &Value::Int(40)).unwrap();
    lab.await_item("Filler1", "Filler", "Main.start", Variant::Bool(true), Quality::GOOD).await;
    lab.await_item("Filler1", "Filler", "Main.level", Variant::I2(40), Quality::GOOD).await;
    lab.await_item("Filler1", "Filler", "Main.speed", Variant::R4(1.5), Quality::GOOD).await;

    lab.plant.pull("Conveyor1").await.unwrap();
    lab.await_item("Filler1", "Filler", "Main.start", Variant::Bool(false), Quality::UNCERTAIN_SUBSTITUTE).await;
    lab.await_item("Filler1", "Filler", "Main.level", Variant::I2(40), Quality::UNCERTAIN_LAST_USABLE).await;
    lab.plant.plug("Conveyor1").unwrap();
    lab.await_item("Filler1", "Filler", "Main.start", Variant::Bool(true), Quality::GOOD).await;
    lab.plant.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_refuses_or_lies_is_put_back_and_the_others_are_done() {
    let lab = lab("192.168.78");
    lab.plant.faults("Filler1").unwrap().refuse_connections(true);
    let reports = lab.download(DownloadOptions::default()).await;
    let Outcome::Failed(failed) = outcome(&reports, "Filler1") else { panic!("{reports:?}") };
    assert!(matches!(&failed.why, DownloadError::Refused(refused) if !refused.is_empty()), "{failed:?}");
    assert!(matches!(failed.left, Left::PutBack), "{failed:?}");
    for device in ["Conveyor1", "Conveyor2"] {
        assert!(matches!(outcome(&reports, device), Outcome::Downloaded), "{reports:?}");
    }
    lab.plant.faults("Filler1").unwrap().refuse_connections(false);
    assert_eq!(lab.differences("Filler1").await.len(), 3, "it holds what it held before: nothing");

    lab.plant.faults("Filler1").unwrap().lie_at_read_back(true);
    let reports = lab.download(DownloadOptions::default()).await;
    let Outcome::Failed(failed) = outcome(&reports, "Filler1") else { panic!("{reports:?}") };
    assert!(matches!(failed.why, DownloadError::ReadBack(_)), "{failed:?}");
    lab.plant.faults("Filler1").unwrap().lie_at_read_back(false);
    assert_eq!(lab.differences("Filler1").await.len(), 3, "put back");
    lab.plant.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_dies_costs_only_itself() {
    let lab = lab("192.168.79");
    lab.plant.faults("Conveyor2").unwrap().die_after(Some(12));
    let reports = lab.download(DownloadOptions::default()).await;
    assert!(matches!(outcome(&reports, "Conveyor2"), Outcome::Failed(_)), "{reports:?}");
    for device in ["Conveyor1", "Filler1"] {
        assert!(matches!(outcome(&reports, device), Outcome::Downloaded), "{reports:?}");
    }
    lab.plant.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancel_puts_back_what_is_under_way() {
    let lab = lab("192.168.80");
    let mut before = std::collections::BTreeMap::new();
    for device in ["Conveyor1", "Conveyor2", "Filler1"] {
        before.insert(device, lab.differences(device).await);
    }
    let cancel = CancellationToken::new();
    // As soon as the first device has been changed and is to be read back, the user has enough.
    let stop = cancel.clone();
    let progress = Arc::new(move |_: &_, step| {
        if step == Step::ReadBack {
            stop.cancel();
        }
    });
    let (configurations, targets) = (lab.configurations.clone(), lab.targets.clone());
    let options = DownloadOptions { all: true, ..DownloadOptions::default() };
    let reports = download(&lab.node, configurations, targets, options, cancel, progress).await;
    let cancelled = |report: &&DeviceReport| {
        matches!(&report.outcome, Outcome::Failed(failed)
            if matches!(failed.why, DownloadError::Cancelled) && !matches!(failed.left, Left::Unknown(_)))
    };
    assert!(reports.iter().filter(cancelled).count() >= 1, "{reports:?}");
    for report in reports.iter().filter(cancelled) {
        assert_eq!(lab.differences(&report.device).await, before[report.device.as_str()], "{report:?}");
    }
    assert!(
        reports.iter().all(|report| cancelled(&report) || !matches!(report.outcome, Outcome::Failed(_))),
        "{reports:?}"
    );
    lab.plant.shutdown().await;
}
