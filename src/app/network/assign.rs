//! Addresses for the devices that have none yet: IP addresses from the ranges of subnets, names of station from the names of
//! devices, PROFIBUS addresses line by line.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use super::cell::{cell_text, device_edits};
use super::subnet::is_mask;
use super::{AddressColumn, Members};
use crate::edit::Edit;
use crate::model::{Attachment, Device, Name, Phrase, Plan, Say, Subnet, check_station_name, to_station_name};

/// PROFIBUS addresses that are given: 0 to 2 are left to masters and tools.
const PROFIBUS: std::ops::RangeInclusive<u8> = 3..=125;

/// What assigning would do.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Assignment {
    /// Cells that get a value, by device.
    pub changes: Vec<AddressChange>,
    /// What is missing and cannot be given, by device.
    pub left: Vec<(Name, Unassigned)>,
    /// Edits, to be made as one step.
    pub edits: Vec<Edit>,
}

/// A cell of the address table that gets a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressChange {
    /// Device.
    pub device: Name,
    /// Column.
    pub column: AddressColumn,
    /// What it will say; it was empty.
    pub value: String,
}

/// Why something that is missing is not given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unassigned {
    /// No IP address without a subnet.
    NoSubnet,
    /// The subnet of the device is not in the plan, or its mask is none.
    NoRange(Name),
    /// Every address of the subnet is taken.
    Full(Name),
    /// The name of the device makes no name of station.
    NoName,
    /// No PROFIBUS address without a line.
    NoProxy,
    /// Every address of the line is taken.
    LineFull(Name, u8),
}

impl Say for Unassigned {
    fn say(&self) -> Phrase {
        match self {
            Self::NoSubnet => crate::say!("no IP address: it is in no subnet"),
            Self::NoRange(it) => crate::say!("no IP address: the range of subnet {it} is not known", it),
            Self::Full(it) => crate::say!("no IP address: subnet {it} has none left", it),
            Self::NoName => crate::say!("no name of station: a person should choose one"),
            Self::NoProxy => crate::say!("no PROFIBUS address: it has no proxy"),
            Self::LineFull(proxy, system) => {
                crate::say!("no PROFIBUS address: DP system {system} of {proxy} has none left", proxy, system)
            }
        }
    }
}

crate::error_in_words!(Unassigned);

/// Gives every device what it misses. What is there stays as it is; devices come in the order of their names.
///
/// A device in no subnet is put into the only one of the plan, if there is only one. Addresses begin behind the highest that is taken
/// in the subnet, so that they stay in one row, and go on from the beginning; the first and the last of a range, routers and what is
/// taken are left out.
pub fn assign_addresses(plan: &Plan) -> Assignment {
    let members = Members::of(plan);
    let mut pool = Pool::of(plan);
    let mut assignment = Assignment::default();
    let mut changed = BTreeMap::new();
    for (name, before) in plan.devices() {
        let mut device = Device::clone(before);
        pool.complete(&mut device, plan, name, &members, &mut assignment.left);
        for column in AddressColumn::ALL {
            let value = cell_text(name, &device, column);
            if value != cell_text(name, before, column) {
                assignment.changes.push(AddressChange { device: name.clone(), column, value });
            }
        }
        changed.insert(name.clone(), device);
    }
    assignment.edits = device_edits(plan, changed);
    assignment
}

/// What is taken.
struct Pool {
    ips: BTreeSet<u32>,
    names: BTreeSet<String>,
    slots: BTreeSet<(Name, u8, u8)>,
    /// Where each subnet goes on.
    next: BTreeMap<Name, u32>,
    only_subnet: Option<Name>,
}

impl Pool {
    fn of(plan: &Plan) -> Self {
        let mut pool = Self {
            ips: BTreeSet::new(),
            names: BTreeSet::new(),
            slots: BTreeSet::new(),
            next: BTreeMap::new(),
            only_subnet: None,
        };
        if let [only] = plan.subnets().keys().take(2).collect::<Vec<_>>()[..] {
            pool.only_subnet = Some(only.clone());
        }
        for device in plan.devices().values() {
            match &device.attachment {
                Attachment::Ethernet(address) => {
                    pool.ips.extend(address.ip.into_iter().chain(address.router).map(Ipv4Addr::to_bits));
                    pool.names.insert(address.name_of_station.to_lowercase());
                }
                Attachment::Profibus(address) => {
                    if let (Some(proxy), Some(number)) = (&address.proxy, address.address) {
                        pool.slots.insert((proxy.clone(), address.system_id, number));
                    }
                }
            }
        }
        for (name, subnet) in plan.subnets() {
            if let Some((first, last)) = hosts(subnet) {
                let highest = pool.highest_in(plan, subnet, first, last);
                pool.next.insert(name.clone(), highest.map_or(first, |highest| highest.saturating_add(1)));
            }
        }
        pool
    }

    /// The highest address of a device in a range; routers often stand at its end and do not count.
    fn highest_in(&self, plan: &Plan, subnet: &Subnet, first: u32, last: u32) -> Option<u32> {
        let routers: BTreeSet<u32> = plan
            .devices()
            .values()
            .filter_map(|device| device.ethernet_address()?.router)
            .filter(|router| subnet.contains(*router))
            .map(Ipv4Addr::to_bits)
            .collect();
        self.ips.range(first..=last).rev().find(|ip| !routers.contains(ip)).copied()
    }

    fn complete(
        &mut self,
        device: &mut Device,
        plan: &Plan,
        name: &Name,
        members: &Members,
        left: &mut Vec<(Name, Unassigned)>,
    ) {
        let mut leave = |why: Unassigned| left.push((name.clone(), why));
        match &mut device.attachment {
            Attachment::Ethernet(address) => {
                if address.subnet.is_none() && address.ip.is_none() {
                    address.subnet = self.only_subnet.clone();
                }
                if address.ip.is_none() {
                    match self.ip(plan, address.subnet.as_ref()) {
                        Ok(ip) => address.ip = Some(ip),
                        Err(why) => leave(why),
                    }
                }
                if address.name_of_station.is_empty() {
                    match self.station(name) {
                        Some(station) => address.name_of_station = station.into(),
                        None => leave(Unassigned::NoName),
                    }
                }
            }
            Attachment::Profibus(address) if address.address.is_none() => {
                let Some(proxy) = &address.proxy else { return leave(Unassigned::NoProxy) };
                let component = members.component(name);
                let slave = component.and_then(|it| it.device.profibus.iter().find(|interface| !interface.master));
                let proposed = slave.and_then(|slave| slave.address).filter(|proposed| PROFIBUS.contains(proposed));
                let slot = |number: u8| (proxy.clone(), address.system_id, number);
                let free = proposed.into_iter().chain(PROFIBUS).find(|number| !self.slots.contains(&slot(*number)));
                match free {
                    Some(number) => {
                        self.slots.insert(slot(number));
                        address.address = Some(number);
                    }
                    None => leave(Unassigned::LineFull(proxy.clone(), address.system_id)),
                }
            }
            Attachment::Profibus(_) => {}
        }
    }

    fn ip(&mut self, plan: &Plan, subnet: Option<&Name>) -> Result<Ipv4Addr, Unassigned> {
        let name = subnet.ok_or(Unassigned::NoSubnet)?;
        let range = plan.subnets().get(name).and_then(hosts);
        let (first, last) = range.ok_or_else(|| Unassigned::NoRange(name.clone()))?;
        let next = self.next.get(name).copied().filter(|next| (first..=last).contains(next)).unwrap_or(first);
        let free = (next..=last).chain(first..next).find(|ip| !self.ips.contains(ip));
        let ip = free.ok_or_else(|| Unassigned::Full(name.clone()))?;
        self.ips.insert(ip);
        self.next.insert(name.clone(), ip.saturating_add(1));
        Ok(Ipv4Addr::from_bits(ip))
    }

    fn station(&mut self, device: &Name) -> Option<String> {
        let base = to_station_name(device)?;
        let numbered = (2..=u32::MAX).map(|number| format!("{base}-{number}"));
        let free = std::iter::once(base.clone()).chain(numbered).find(|name| !self.names.contains(name))?;
        check_station_name(&free).ok()?;
        self.names.insert(free.clone());
        Some(free)
    }
}

/// The first and the last address of a range that a device can have.
fn hosts(subnet: &Subnet) -> Option<(u32, u32)> {
    if !is_mask(subnet.mask) {
        return None;
    }
    let mask = subnet.mask.to_bits();
    let (first, last) = (subnet.address.to_bits() & mask, subnet.address.to_bits() | !mask);
    // Two addresses are both ends of a wire, one is a device by itself: neither has one for all.
    Some(if mask.count_ones() >= 31 { (first, last) } else { (first + 1, last - 1) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::Document;
    use crate::model::fixture;

    fn assigned(text: &str) -> Vec<String> {
        let mut document = Document::new(fixture::plan(text));
        let assignment = assign_addresses(document.plan());
        let changes = assignment.changes.iter().map(|it| format!("{} {} {}", it.device, it.column.key(), it.value));
        let left = assignment.left.iter().map(|(device, why)| format!("{device}: {why}"));
        let told: Vec<String> = changes.chain(left).collect();
        if !assignment.edits.is_empty() {
            document.apply(&Edit::Group("Assign".into(), assignment.edits)).unwrap();
            let again = assign_addresses(document.plan());
            assert_eq!((again.changes, again.edits), (vec![], vec![]), "once is enough");
            assert_eq!(again.left, assignment.left);
        }
        told
    }

    const COMPONENTS: &str = "
        component Pump 1.0 { in start BOOL = false }
        component Gate 1.0 proxy { in start BOOL = false }
        component Drive 1.0 profibusSlave { in start BOOL = false }
    ";

    #[test]
    fn addresses_go_on_behind_the_highest_and_leave_out_what_is_taken() {
        let text = format!(
            "{COMPONENTS}
            subnet plant 192.168.0.0/29
            A: Pump @192.168.0.4 subnet plant router 192.168.0.6
            B: Pump subnet plant
            C: Pump subnet plant
            D: Pump subnet plant
            E: Pump @192.168.0.2
            F: Pump subnet plant
            "
        );
        assert_eq!(
            assigned(&text),
            [
                "B ip 192.168.0.5",
                "C ip 192.168.0.1",
                "D ip 192.168.0.3",
                "F: no IP address: subnet plant has none left"
            ]
        );
    }

    #[test]
    fn the_only_subnet_takes_devices_in_none() {
        let text = format!("{COMPONENTS}\nA: Pump");
        assert_eq!(assigned(&text), ["A: no IP address: it is in no subnet"]);
        let text = format!("{text}\nsubnet plant 10.0.0.0/8");
        assert_eq!(assigned(&text), ["A subnet plant", "A ip 10.0.0.1"]);
        let text = format!("{text}\nsubnet office 192.168.0.0/24");
        assert_eq!(assigned(&text), ["A: no IP address: it is in no subnet"]);
    }

    #[test]
    fn names_of_station_are_unique_and_those_that_are_no_names_are_left_to_people() {
        let text = format!(
            "{COMPONENTS}
            A: Pump @10.0.0.1 name pump-1
            Pump_1: Pump @10.0.0.2 noname
            Rührer: Pump @10.0.0.3 noname
            "
        );
        assert_eq!(
            assigned(&text),
            ["Pump_1 station pump-1-2", "Rührer: no name of station: a person should choose one"]
        );
    }

    #[test]
    fn profibus_addresses_are_given_line_by_line() {
        let text = format!(
            "{COMPONENTS}
            G: Gate @10.0.0.1
            A: Drive behind G system 1 address 3
            B: Drive behind G system 1
            C: Drive behind G system 2
            D: Drive
            "
        );
        assert_eq!(assigned(&text), ["B address 4", "C address 3", "D: no PROFIBUS address: it has no proxy"]);
    }

    #[test]
    fn ranges_without_an_address_for_all_are_used_to_their_ends() {
        let text = format!("{COMPONENTS}\nsubnet wire 10.0.0.4/31\nA: Pump subnet wire\nB: Pump subnet wire");
        assert_eq!(assigned(&text), ["A ip 10.0.0.4", "B ip 10.0.0.5"]);
    }
}
