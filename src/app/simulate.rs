//! All devices of a project as virtual devices, until somebody ends it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Failure;
use super::access::capture_failed;
use super::announcement::{Announced, AnnouncedDevice, Announcement};
use super::plant::start_plant;
use crate::device::{DeviceStatistics, Fault, PlantError, PlantOptions, VirtualPlant};
use crate::model::{Name, Plan};
use crate::net::capture::{Capture, CaptureSettings, CaptureSummary};
use crate::net::loopback::Host;
use crate::net::tcp::Network;

/// How to simulate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimulateOptions {
    /// Folder in which devices keep what was saved in them; without one they forget it at the end.
    pub state: Option<PathBuf>,
    /// File to capture everything to that devices send and receive.
    pub capture: Option<PathBuf>,
    /// Time between two steps of a behaviour script.
    pub cycle: Duration,
    /// Faults to try, by device.
    pub faults: Vec<(Name, Fault)>,
    /// TCP port of all resolvers; 135, or another that is free, when not given.
    pub resolver_port: Option<u16>,
    /// Let all devices share 127.0.0.1, each at a port of its own, as on a system that has no other loopback address.
    pub share_address: bool,
    /// File to announce in, beside the usual one.
    pub announce: Option<PathBuf>,
}

impl Default for SimulateOptions {
    fn default() -> Self {
        Self {
            state: None,
            capture: None,
            cycle: Duration::from_millis(50),
            faults: Vec::new(),
            resolver_port: None,
            share_address: false,
            announce: None,
        }
    }
}

/// A running simulation.
pub struct Simulation {
    plant: VirtualPlant,
    announcement: Announcement,
    announced: Announced,
    capture: Option<Capture>,
    /// What devices had to say when they were asked last.
    told: BTreeMap<Name, Vec<String>>,
}

/// What it came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SimulationEnd {
    /// What the devices have done.
    pub statistics: DeviceStatistics,
    /// The capture, if there was one.
    pub capture: Option<CaptureSummary>,
}

impl Simulation {
    /// Starts all devices of a plan and announces where they stand. Must be called inside a runtime.
    ///
    /// # Errors
    /// There is nothing to simulate, the project is simulated already, an address or port cannot be had, a file cannot be
    /// written. No device is then left running.
    pub fn start(project: &Path, plan: &Plan, options: &SimulateOptions) -> Result<Self, Failure> {
        let what = || format!("cannot simulate {}", project.display());
        let path = std::fs::canonicalize(project)
            .map_err(|error| Failure::new(what(), error, "check the path of the project"))?;
        if let Some((unknown, _)) = options.faults.iter().find(|(name, _)| !plan.devices().contains_key(name)) {
            let why = format!("a fault is to be tried on `{unknown}`, and the plan has no such device");
            return Err(Failure::new(what(), why, "`plantweave info` lists the devices"));
        }
        if let Some(folder) = &options.state {
            std::fs::create_dir_all(folder).map_err(|error| {
                Failure::new(what(), format!("{}: {error}", folder.display()), "choose a folder you may write to")
            })?;
        }
        let capture = match &options.capture {
            Some(file) => Some(Capture::create(file, CaptureSettings::default()).map_err(capture_failed)?),
            None => None,
        };
        let network = match &capture {
            Some(capture) => Network::new().with_capture(capture.clone()),
            None => Network::new(),
        };
        let plant_options = |mut host: Host| {
            if let Some(port) = options.resolver_port {
                host.resolver_port = port;
            }
            let mut plant_options = PlantOptions::new(network.clone(), host);
            plant_options.folder.clone_from(&options.state);
            plant_options.cycle = options.cycle;
            plant_options
        };
        let plant = start_plant(plan, options.share_address, plant_options)
            .map_err(|error| Failure::new(what(), error.to_string(), remedy(&error)))?;
        let devices: Vec<AnnouncedDevice> = plant
            .names()
            .filter_map(|name| {
                let at = plant.address(name)?;
                Some(AnnouncedDevice { device: name.clone(), ip: at.ip, resolver_port: at.resolver_port })
            })
            .collect();
        if devices.is_empty() {
            let why = "no planned device on Ethernet has an instance to run";
            return Err(Failure::new(what(), why, "place instances on devices first"));
        }
        for (name, fault) in &options.faults {
            match plant.faults(name) {
                Some(faults) => faults.switch_on(*fault),
                None => {
                    let why = format!("`{name}` has nothing to run, so it cannot misbehave");
                    return Err(Failure::new(what(), why, "name a device on Ethernet that has an instance"));
                }
            }
        }
        let announcement = Announcement::new(path, devices);
        let announced = Announced::publish(&announcement, options.announce.as_deref())?;
        Ok(Self { plant, announcement, announced, capture, told: BTreeMap::new() })
    }

    /// Where the devices stand.
    pub fn announcement(&self) -> &Announcement {
        &self.announcement
    }

    /// The file that says so.
    pub fn announced_in(&self) -> &Path {
        self.announced.file()
    }

    /// What devices have to say since this was called last: scripts that failed, connections not taken.
    pub fn diagnostics(&mut self) -> Vec<(Name, String)> {
        let mut new = Vec::new();
        for device in self.plant.devices() {
            let texts = device.diagnostics();
            let told = self.told.entry(device.name().clone()).or_default();
            new.extend(
                texts.iter().filter(|text| !told.contains(text)).map(|text| (device.name().clone(), text.clone())),
            );
            *told = texts;
        }
        new
    }

    /// Ends all devices, takes the announcement back and completes the capture.
    ///
    /// # Errors
    /// The capture could not be written whole.
    pub async fn end(self) -> Result<SimulationEnd, Failure> {
        drop(self.announced);
        let statistics = self.plant.statistics();
        self.plant.shutdown().await;
        let capture = self.capture.as_ref().map(Capture::finish).transpose().map_err(capture_failed)?;
        Ok(SimulationEnd { statistics, capture })
    }
}

fn remedy(error: &PlantError) -> &'static str {
    match error {
        PlantError::Spec(_) | PlantError::UnknownDevice(_) => "`plantweave check` tells what the plan lacks",
        PlantError::NoRoom(_) => "simulate fewer devices on this host",
        PlantError::Start(_) => "end what else uses the address and port, or choose a port with --resolver-port",
    }
}
