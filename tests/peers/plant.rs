//! A small plant of virtual devices, recorded by its own carriers.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use plantweave::device::{DeviceAddress, PlantOptions, VirtualDevice, VirtualPlant};
use plantweave::generate::generate;
use plantweave::model::{Plan, fixture};
use plantweave::net::capture::{Capture, CaptureSettings, CaptureSummary};
use plantweave::net::loopback::{self, Host};
use plantweave::net::tcp::Network;
use plantweave::online::monitor::Event;
use plantweave::online::{DownloadOptions, Monitor, MonitorOptions, Outcome, Target, Targets, Watch, download};
use plantweave::rpc::RpcNode;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

/// Nothing here takes so long unless it is broken.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// Two devices that feed each other, of stage 2 and stage 1. `NET` keeps tests that run at the same time apart.
const PLAN: &str = "
    component Mixer 2.1 {
        stack 2.0
        rtauto Mix
        in speed R4 = 1
        in go BOOL
        in batch I2 = 3
        out level I4 = 7
        out trend R8[3]
        hmi note BSTR
    }
    component Filler 1.0 {
        rtauto Fill
        in level I4
        in ready BOOL
        out speed R4 = 2.5
        out go BOOL
        out count I2 = 300
    }
    Mixer1: Mixer @10.NET.0.11
    Filler1: Filler @10.NET.0.12
    Mixer1.level -> Filler1.level acyclic 100 eps 2 sub -1
    Filler1.speed -> Mixer1.speed acyclic 100
    Filler1.go -> Mixer1.go acyclic 500 sub false
";

/// Held while devices share an address: the ports are the same in every test.
static SHARED: Mutex<()> = Mutex::new(());

/// The running plant and its capture file.
pub struct Plant {
    runtime: Runtime,
    network: Network,
    plan: Plan,
    devices: VirtualPlant,
    capture: Capture,
    folder: TempDir,
    _alone: Option<MutexGuard<'static, ()>>,
}

impl Plant {
    /// Starts the devices on 127.`net`.0.11 and .12, or where this host lets them.
    pub fn start(net: u8) -> Self {
        Self::start_on(loopback::probe(2), net, None)
    }

    /// Starts the devices on one address, as on a system that has no other.
    pub fn start_sharing() -> Self {
        // What `probe` finds there.
        let host = Host { loopback_range: false, ..loopback::probe(2) };
        Self::start_on(host, 0, Some(SHARED.lock().unwrap_or_else(PoisonError::into_inner)))
    }

    fn start_on(host: Host, net: u8, alone: Option<MutexGuard<'static, ()>>) -> Self {
        let runtime = Runtime::new().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let capture = Capture::create(&folder.path().join("own.pcap"), CaptureSettings::default()).unwrap();
        let network = Network::new().with_capture(capture.clone());
        let plan = fixture::plan(&PLAN.replace("NET", &net.to_string()));
        let devices = {
            let _inside = runtime.enter();
            let options = PlantOptions::new(network.clone(), host);
            VirtualPlant::start(&plan, options).unwrap()
        };
        Self { runtime, network, plan, devices, capture, folder, _alone: alone }
    }

    /// Where a device is.
    pub fn address(&self, device: &str) -> DeviceAddress {
        self.devices.address(device).unwrap()
    }

    /// A device.
    pub fn device(&self, device: &str) -> &VirtualDevice {
        self.devices.device(device).unwrap()
    }

    /// Loads the planned links into the devices.
    pub fn download(&self) {
        let targets = self.targets();
        let configurations = generate(&self.plan).devices.into_iter().map(|it| Arc::new(it.configuration)).collect();
        let reports = self.runtime.block_on(async {
            let node = RpcNode::client(self.network.clone(), Some(Ipv4Addr::LOCALHOST));
            let reports = download(
                &node,
                configurations,
                Arc::new(targets),
                DownloadOptions::default(),
                CancellationToken::new(),
                Arc::new(|_, _| {}),
            )
            .await;
            node.shutdown().await;
            reports
        });
        assert_eq!(reports.len(), 2);
        for report in reports {
            assert!(matches!(report.outcome, Outcome::Downloaded), "{}: {:?}", report.device, report.outcome);
        }
    }

    /// Watches ports as the tool does until one of the news is it, then says goodbye.
    pub fn watch(&self, ports: &[&str], mut is_it: impl FnMut(&Event) -> bool) {
        let watch = |port: &&str| Watch::of(&self.plan, &self.plan.find_port(port).unwrap()).unwrap();
        let watches = ports.iter().map(watch).collect();
        self.runtime.block_on(async {
            let node = RpcNode::client(self.network.clone(), None);
            let options = MonitorOptions { interval_ms: 50, ..MonitorOptions::default() };
            let mut monitor = Monitor::start(&node, &self.targets(), watches, &options).unwrap();
            let watching = async { while !is_it(&monitor.next().await) {} };
            tokio::time::timeout(DEADLINE, watching).await.expect("what is waited for comes");
            monitor.stop().await;
            node.shutdown().await;
        });
    }

    fn targets(&self) -> Targets {
        let target = |device: &VirtualDevice| {
            let DeviceAddress { ip, resolver_port } = device.address();
            (device.name().clone(), Target { ip, resolver_port })
        };
        self.devices.devices().map(target).collect()
    }

    /// A file in the folder of this plant.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Switches everything off; the capture file is complete then.
    pub fn stop(self) -> Recorded {
        let Self { runtime, devices, capture, folder, .. } = self;
        runtime.block_on(devices.shutdown());
        drop(runtime);
        let summary = capture.finish().unwrap();
        Recorded { summary, folder }
    }
}

/// What a plant has left behind.
pub struct Recorded {
    /// What its own capture holds.
    pub summary: CaptureSummary,
    folder: TempDir,
}

impl Recorded {
    /// Its own capture.
    pub fn capture(&self) -> PathBuf {
        self.file("own.pcap")
    }

    /// A file in the folder of the plant.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// Waits until something holds.
///
/// # Panics
/// If it does not within [`DEADLINE`].
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + DEADLINE;
    while !holds() {
        assert!(Instant::now() < end, "waited in vain for: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A file beside the tests.
pub fn beside(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers").join(name)
}
