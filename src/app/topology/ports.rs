//! LAN ports of devices, and what is plugged into them.

use std::collections::BTreeMap;

use crate::app::network::Members;
use crate::model::{Cable, LanPort, Name, Phrase, Plan, Say};

/// Why a cable cannot lie between two ports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CableError {
    /// Both ends are one device.
    Itself,
    /// No such device.
    NoDevice(Name),
    /// Behind a proxy there is no Ethernet.
    NoEthernet(Name),
    /// The device has fewer ports.
    NoPort {
        /// Device.
        device: Name,
        /// The port asked for.
        port: u8,
        /// How many it has.
        n_ports: u8,
    },
    /// A cable is plugged in already.
    Used(LanPort, LanPort),
}

impl Say for CableError {
    fn say(&self) -> Phrase {
        match self {
            Self::Itself => crate::say!("a cable leads from one device to another"),
            Self::NoDevice(it) => crate::say!("there is no device {it}", it),
            Self::NoEthernet(it) => crate::say!("{it} is on PROFIBUS and has no LAN port", it),
            Self::NoPort { device, n_ports, port } => {
                crate::say!("{device} has {n_ports} LAN ports, {port} is none of them", device, n_ports, port)
            }
            Self::Used(one, other) => crate::say!(
                "port {port} of {device} leads to {other}, port {other_port}",
                port = one.port,
                device = one.device,
                other = other.device,
                other_port = other.port
            ),
        }
    }
}

crate::error_in_words!(CableError);

/// The LAN ports of all devices of a plan.
#[derive(Debug, Clone, Default)]
pub struct LanPorts {
    /// Ports of each device on Ethernet, counted from 1.
    n_ports: BTreeMap<Name, u8>,
    /// What each port in use leads to.
    used: BTreeMap<LanPort, LanPort>,
}

impl LanPorts {
    /// Of a plan. A device whose component does not say has the ports that its cables name, and one at least.
    pub fn of(plan: &Plan, members: &Members) -> Self {
        let mut ports = Self::default();
        for (name, device) in plan.devices() {
            if device.ethernet_address().is_some() {
                let described = members.component(name).and_then(|component| component.device.ethernet.as_ref());
                ports.n_ports.insert(name.clone(), described.map_or(1, |ethernet| ethernet.ports.max(1)));
            }
        }
        for Cable { a, b } in plan.cables() {
            for (end, other) in [(a, b), (b, a)] {
                // A cable that is there is shown, also where the device has no such port: the check tells of it.
                let n_ports = ports.n_ports.entry(end.device.clone()).or_insert(1);
                *n_ports = end.port.max(*n_ports);
                ports.used.insert(end.clone(), other.clone());
            }
        }
        ports
    }

    /// Devices with LAN ports, and how many each has.
    pub fn devices(&self) -> impl ExactSizeIterator<Item = (&Name, u8)> {
        self.n_ports.iter().map(|(name, n_ports)| (name, *n_ports))
    }

    /// How many a device has; none on PROFIBUS.
    pub fn n_ports(&self, device: &str) -> u8 {
        self.n_ports.get(device).copied().unwrap_or(0)
    }

    /// What a port leads to; `None` when it is free.
    pub fn leads_to(&self, port: &LanPort) -> Option<&LanPort> {
        self.used.get(port)
    }

    /// The free ports of a device.
    pub fn free<'a>(&'a self, device: &'a Name) -> impl Iterator<Item = u8> + 'a {
        let used = |port: &u8| self.used.contains_key(&LanPort { device: device.clone(), port: *port });
        (1..=self.n_ports(device)).filter(move |port| !used(port))
    }

    /// The cable between two ports, in whichever order.
    ///
    /// # Errors
    /// Why it cannot lie there.
    pub fn cable(&self, plan: &Plan, one: &LanPort, other: &LanPort) -> Result<Cable, CableError> {
        if one.device == other.device {
            return Err(CableError::Itself);
        }
        for end in [one, other] {
            if !plan.devices().contains_key(&end.device) {
                return Err(CableError::NoDevice(end.device.clone()));
            }
            let n_ports = self.n_ports(&end.device);
            if n_ports == 0 {
                return Err(CableError::NoEthernet(end.device.clone()));
            }
            if !(1..=n_ports).contains(&end.port) {
                return Err(CableError::NoPort { device: end.device.clone(), port: end.port, n_ports });
            }
            if let Some(to) = self.leads_to(end) {
                return Err(CableError::Used(end.clone(), to.clone()));
            }
        }
        Ok(Cable::between(one.clone(), other.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::{Document, Edit};
    use crate::model::fixture;

    const PLAN: &str = "
        component Switch 1.0 { ethernet 4; in x BOOL = false }
        component Pump 1.0 { ethernet 2; in x BOOL = false }
        component Gate 1.0 proxy { in x BOOL = false }
        component Drive 1.0 profibusSlave { in x BOOL = false }
        S: Switch @10.0.0.1
        A: Pump @10.0.0.2
        G: Gate @10.0.0.4
        D: Drive behind G system 1 address 5
        cable A 1 - S 3
    ";

    fn port(device: &str, port: u8) -> LanPort {
        LanPort { device: device.into(), port }
    }

    #[test]
    fn a_cable_needs_two_free_ports_of_two_devices() {
        let plan = fixture::plan(PLAN);
        let ports = LanPorts::of(&plan, &Members::of(&plan));
        let why = |one, other| ports.cable(&plan, &one, &other).unwrap_err().to_string();
        assert_eq!(why(port("S", 3), port("G", 1)), "port 3 of S leads to A, port 1");
        assert_eq!(why(port("G", 1), port("S", 5)), "S has 4 LAN ports, 5 is none of them");
        assert_eq!(why(port("G", 1), port("A", 0)), "A has 2 LAN ports, 0 is none of them");
        assert_eq!(why(port("D", 1), port("S", 1)), "D is on PROFIBUS and has no LAN port");
        assert_eq!(why(port("X", 1), port("S", 1)), "there is no device X");
        assert_eq!(why(port("S", 1), port("S", 2)), "a cable leads from one device to another");
        let cable = ports.cable(&plan, &port("S", 1), &port("A", 2)).unwrap();
        Document::new(plan).apply(&Edit::AddCable(cable)).unwrap();
    }

    #[test]
    fn free_ports_are_those_without_cable() {
        let plan = fixture::plan(PLAN);
        let ports = LanPorts::of(&plan, &Members::of(&plan));
        let free = |device: &str| ports.free(&device.into()).collect::<Vec<_>>();
        assert_eq!((free("S"), free("A"), free("D")), (vec![1, 2, 4], vec![2], vec![]));
        assert_eq!(ports.leads_to(&port("S", 3)), Some(&port("A", 1)));
        assert_eq!(
            ports.devices().map(|(name, n_ports)| (name.as_str(), n_ports)).collect::<Vec<_>>(),
            [("A", 2), ("G", 2), ("S", 4)]
        );
    }
}
