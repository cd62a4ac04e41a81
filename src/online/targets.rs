//! Where the planned devices stand: at their planned addresses, or, for virtual ones, at others.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use crate::binding::AccoName;
use crate::model::{Name, Plan};

/// Where one device is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// Its IP address.
    pub ip: Ipv4Addr,
    /// TCP port of its object resolver; 135 is the standard's.
    pub resolver_port: u16,
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.resolver_port {
            135 => write!(f, "{}", self.ip),
            port => write!(f, "{}[{port}]", self.ip),
        }
    }
}

/// Where all devices of a plan are reached, by their names in the plan.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Targets {
    by_device: BTreeMap<Name, Target>,
}

impl Targets {
    /// The planned addresses; devices without one, and those behind a proxy, are left out.
    pub fn planned(plan: &Plan) -> Self {
        let resolver_port = plan.settings().resolver_port;
        let target = |ip| Target { ip, resolver_port };
        plan.devices()
            .iter()
            .filter_map(|(name, device)| Some((name.clone(), target(device.ethernet_address()?.ip?))))
            .collect()
    }

    /// Where this device is reached.
    pub fn get(&self, device: &str) -> Option<Target> {
        self.by_device.get(device).copied()
    }

    /// All devices with where they are reached.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, &Target)> {
        self.by_device.iter()
    }

    /// The name of an ACCO on the wire. The resolver port is named only where addresses are shared, because only then the
    /// partner cannot know it.
    pub fn acco_name(&self, device: &str, ldev: &str) -> Option<String> {
        let target = self.get(device)?;
        let shared = self.by_device.values().filter(|other| other.ip == target.ip).count() > 1;
        let resolver_port = shared.then_some(target.resolver_port);
        Some(AccoName { resolver_port, ..AccoName::at(target.ip, ldev) }.to_string())
    }
}

impl FromIterator<(Name, Target)> for Targets {
    fn from_iter<T: IntoIterator<Item = (Name, Target)>>(iter: T) -> Self {
        Self { by_device: iter.into_iter().collect() }
    }
}
