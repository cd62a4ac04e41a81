//! All devices of a plan as virtual devices, in one process.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::fault::Faults;
use super::spec::{DeviceSpec, SpecError};
use super::store::Store;
use super::virtual_device::{DeviceAddress, DeviceOptions, DeviceStatistics, StartError, VirtualDevice};
use crate::model::{Name, Plan};
use crate::net::loopback::{self, Host, NoRoom};
use crate::net::tcp::Network;

/// How a virtual plant is run.
#[derive(Debug, Clone)]
pub struct PlantOptions {
    /// The network of all devices; give the tool a clone, so that a capture sees both ends.
    pub network: Network,
    /// What this host allows; [`loopback::probe`] finds out.
    pub host: Host,
    /// Folder in which every device keeps its persistent connections in a file of its own; without one they are kept in
    /// memory, as long as the plant lives.
    pub folder: Option<PathBuf>,
    /// Whether LDevs go on to Operating by themselves.
    pub operate: bool,
    /// Time between two steps of a behaviour script.
    pub cycle: Duration,
}

impl PlantOptions {
    /// Kept in memory, operating, 50 ms.
    pub fn new(network: Network, host: Host) -> Self {
        Self { network, host, folder: None, operate: true, cycle: Duration::from_millis(50) }
    }
}

/// Why a plant, or one of its devices, cannot run.
#[derive(Debug, thiserror::Error)]
pub enum PlantError {
    /// The plan does not say what a device is.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// More devices than this host has room for.
    #[error(transparent)]
    NoRoom(#[from] NoRoom),
    /// A device cannot be started.
    #[error(transparent)]
    Start(#[from] StartError),
    /// There is no such device in the plant.
    #[error("there is no device `{0}` in this plant")]
    UnknownDevice(Name),
}

/// A place in the plant: what stands there, and what outlives a power cycle.
struct Place {
    spec: DeviceSpec,
    address: DeviceAddress,
    store: Store,
    faults: Arc<Faults>,
    /// None while it is switched off.
    device: Option<VirtualDevice>,
}

/// The running devices of a plan.
pub struct VirtualPlant {
    options: PlantOptions,
    usual_resolver_port: u16,
    places: BTreeMap<Name, Place>,
}

impl VirtualPlant {
    /// Starts every device of the plan that has an Ethernet address of its own and an instance on it; PROFIBUS devices live in
    /// their proxy. Must run inside a tokio runtime.
    ///
    /// # Errors
    /// See [`PlantError`]; no device is left running.
    pub fn start(plan: &Plan, options: PlantOptions) -> Result<Self, PlantError> {
        let names = DeviceSpec::devices_to_run(plan);
        let planned: Vec<Option<Ipv4Addr>> =
            names.iter().map(|name| plan.devices().get(name)?.ethernet_address()?.ip).collect();
        let at = loopback::place(&planned, &options.host)?;
        let usual_resolver_port = options.host.resolver_port;
        let mut places = BTreeMap::new();
        for (name, place) in names.into_iter().zip(at) {
            let ip = match place.ip {
                IpAddr::V4(ip) => ip,
                // Loopback places are IPv4; the protocol knows nothing else.
                IpAddr::V6(_) => Ipv4Addr::LOCALHOST,
            };
            let store = match &options.folder {
                Some(folder) => Store::File(folder.join(file_name(&name))),
                None => Store::default(),
            };
            let place = Place {
                spec: DeviceSpec::from_plan(plan, &name)?,
                address: DeviceAddress { ip, resolver_port: place.resolver_port },
                store,
                faults: Arc::default(),
                device: None,
            };
            places.insert(name, place);
        }
        let mut plant = Self { options, usual_resolver_port, places };
        let names: Vec<Name> = plant.places.keys().cloned().collect();
        for name in names {
            plant.start_device(&name)?;
        }
        Ok(plant)
    }

    /// Names of its devices, sorted.
    pub fn names(&self) -> impl Iterator<Item = &Name> {
        self.places.keys()
    }

    /// Port of the resolvers that names of ACCOs say nothing of.
    pub fn usual_resolver_port(&self) -> u16 {
        self.usual_resolver_port
    }

    /// Where a device stands, whether it runs or not.
    pub fn address(&self, device: &str) -> Option<DeviceAddress> {
        self.places.get(device).map(|place| place.address)
    }

    /// A running device.
    pub fn device(&self, device: &str) -> Option<&VirtualDevice> {
        self.places.get(device)?.device.as_ref()
    }

    /// Its running devices, by name.
    pub fn devices(&self) -> impl Iterator<Item = &VirtualDevice> {
        self.places.values().filter_map(|place| place.device.as_ref())
    }

    /// Faults to try on a device; they stay over a power cycle.
    pub fn faults(&self, device: &str) -> Option<&Faults> {
        self.places.get(device).map(|place| &*place.faults)
    }

    /// Switches a device on; one that runs keeps running.
    ///
    /// # Errors
    /// [`PlantError::UnknownDevice`], [`PlantError::Start`].
    pub fn start_device(&mut self, device: &str) -> Result<(), PlantError> {
        let place = self.places.get_mut(device).ok_or_else(|| PlantError::UnknownDevice(device.into()))?;
        if place.device.is_none() {
            let options = DeviceOptions {
                usual_resolver_port: self.usual_resolver_port,
                store: place.store.clone(),
                operate: self.options.operate,
                cycle: self.options.cycle,
                faults: Arc::clone(&place.faults),
            };
            let started = VirtualDevice::start(place.spec.clone(), &self.options.network, place.address, options)?;
            place.device = Some(started);
        }
        Ok(())
    }

    /// Switches a device off. What it has saved it has again at the next start; everything else is lost.
    ///
    /// # Errors
    /// [`PlantError::UnknownDevice`].
    pub async fn stop_device(&mut self, device: &str) -> Result<(), PlantError> {
        let place = self.places.get_mut(device).ok_or_else(|| PlantError::UnknownDevice(device.into()))?;
        if let Some(device) = place.device.take() {
            device.shutdown().await;
        }
        Ok(())
    }

    /// Pulls the cable of a device: it works on by itself, its connections break.
    ///
    /// # Errors
    /// [`PlantError::UnknownDevice`].
    pub async fn pull(&self, device: &str) -> Result<(), PlantError> {
        let place = self.places.get(device).ok_or_else(|| PlantError::UnknownDevice(device.into()))?;
        if let Some(device) = &place.device {
            device.pull().await;
        }
        Ok(())
    }

    /// Plugs the cable of a device in again.
    ///
    /// # Errors
    /// [`PlantError::UnknownDevice`], [`PlantError::Start`].
    pub fn plug(&self, device: &str) -> Result<(), PlantError> {
        let place = self.places.get(device).ok_or_else(|| PlantError::UnknownDevice(device.into()))?;
        match &place.device {
            Some(device) => Ok(device.plug()?),
            None => Ok(()),
        }
    }

    /// What all devices together have done since each was started.
    pub fn statistics(&self) -> DeviceStatistics {
        self.devices().map(VirtualDevice::statistics).fold(DeviceStatistics::default(), |sum, one| DeviceStatistics {
            calls_served: sum.calls_served + one.calls_served,
            calls_made: sum.calls_made + one.calls_made,
            values_sent: sum.values_sent + one.values_sent,
            values_received: sum.values_received + one.values_received,
            connections_in: sum.connections_in + one.connections_in,
            connections_out: sum.connections_out + one.connections_out,
        })
    }

    /// Switches all devices off, side by side, and waits until they are.
    pub async fn shutdown(self) {
        let mut ending = tokio::task::JoinSet::new();
        for device in self.places.into_values().filter_map(|place| place.device) {
            ending.spawn(device.shutdown());
        }
        while ending.join_next().await.is_some() {}
    }
}

impl std::fmt::Debug for VirtualPlant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(self.places.iter().map(|(name, place)| (name, place.address))).finish()
    }
}

/// The file of a device: its name, with everything but letters, digits, `-` and `_` written as a number.
fn file_name(device: &str) -> String {
    let mut name = String::new();
    for character in device.chars() {
        if character.is_alphanumeric() || matches!(character, '-' | '_') {
            name.push(character);
        } else {
            name.push_str(&format!("%{:x}", u32::from(character)));
        }
    }
    name + ".json"
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn files_are_named_after_devices_and_stay_in_their_folder() {
        assert_eq!(file_name("Filler-1_a"), "Filler-1_a.json");
        assert_eq!(file_name("../a b"), "%2e%2e%2fa%20b.json");
    }
}
