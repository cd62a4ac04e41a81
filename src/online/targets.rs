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

impl crate::model::Say for Target {
    fn say(&self) -> crate::model::Phrase {
        crate::model::Phrase::plain(self)
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

    /// The name of an ACCO on the wire. The resolver port is named only where the partner cannot know it: where addresses are
    /// shared, or the port is another than most devices have.
    pub fn acco_name(&self, device: &str, ldev: &str) -> Option<String> {
        let target = self.get(device)?;
        let shared = self.by_device.values().filter(|other| other.ip == target.ip).count() > 1;
        let unusual = self.usual_port() != Some(target.resolver_port);
        let resolver_port = (shared || unusual).then_some(target.resolver_port);
        Some(AccoName { resolver_port, ..AccoName::at(target.ip, ldev) }.to_string())
    }

    /// The resolver port that most devices have; of several such, the least.
    fn usual_port(&self) -> Option<u16> {
        let mut uses: BTreeMap<u16, usize> = BTreeMap::new();
        for target in self.by_device.values() {
            *uses.entry(target.resolver_port).or_default() += 1;
        }
        uses.into_iter().max_by_key(|(port, n_uses)| (*n_uses, std::cmp::Reverse(*port))).map(|(port, _)| port)
    }
}

impl FromIterator<(Name, Target)> for Targets {
    fn from_iter<T: IntoIterator<Item = (Name, Target)>>(iter: T) -> Self {
        Self { by_device: iter.into_iter().collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_named_where_a_partner_cannot_know_it() {
        let targets = |all: &[(&str, [u8; 4], u16)]| -> Targets {
            let target = |ip: [u8; 4], resolver_port| Target { ip: ip.into(), resolver_port };
            all.iter().map(|(name, ip, port)| (Name::new(*name), target(*ip, *port))).collect()
        };
        let own = targets(&[("A", [10, 0, 0, 1], 4000), ("B", [10, 0, 0, 2], 4000), ("C", [10, 0, 0, 3], 135)]);
        assert_eq!(own.acco_name("A", "X").as_deref(), Some("10.0.0.1!X"));
        assert_eq!(own.acco_name("C", "X").as_deref(), Some("10.0.0.3[135]!X"));
        let shared = targets(&[("A", [127, 0, 0, 1], 4000), ("B", [127, 0, 0, 1], 4001)]);
        assert_eq!(shared.acco_name("A", "X").as_deref(), Some("127.0.0.1[4000]!X"));
        assert_eq!(shared.acco_name("C", "X"), None);
    }
}
