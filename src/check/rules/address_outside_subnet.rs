//! # PW129: A device does not fit its subnet
//!
//! ## What it checks
//! The subnet that a device names is in the plan, its address lies in it, and its own mask, if it has one, is that of the subnet. (A mask that
//! is none is PW127's affair.)
//!
//! ## Why
//! Devices that take each other for neighbours without being so cannot reach each other.
//!
//! ## Example
//! `Filler1` is in subnet Plant (192.168.0.0 with 255.255.255.0) with address 192.168.1.12.
//!
//! ## Remedy
//! Correct address, mask or subnet. Safe fix, where only the mask differs: that of the subnet is used.
//!
//! ## Facts
//! `subnet`; `reason` in words.

use serde::Serialize;

use super::address_malformed::mask_of_subnet;
use crate::check::context::DeviceView;
use crate::check::rule::{Facts, On, Report, Rule};
use crate::check::{Severity, Subject};
use crate::model::{Phrase, is_mask};
use crate::say;

pub(super) static RULE: Rule = Rule {
    code: "PW129",
    name: "address-outside-subnet",
    severity: Severity::Error,
    source: include_str!("address_outside_subnet.rs"),
    on: &[On::Device(check)],
};

#[derive(Serialize)]
struct OutsideSubnet {
    subnet: String,
    reason: Phrase,
}

impl Facts for OutsideSubnet {
    fn message(&self) -> Phrase {
        self.reason.clone()
    }
}

fn check(view: &DeviceView, report: &mut Report) {
    let Some(address) = view.device.ethernet_address() else { return };
    let Some(name) = &address.subnet else { return };
    let mut add = |reason: Phrase| {
        let facts = OutsideSubnet { subnet: name.to_string(), reason };
        report.add(view.subject(), &facts).related = vec![Subject::Subnet(name.clone())];
    };
    let Some(subnet) = view.cx.plan.subnets().get(name) else {
        add(say!("there is no subnet {name}", name));
        return;
    };
    let network = || say!("{name} ({address} mask {mask})", name, address = subnet.address, mask = subnet.mask);
    if let Some(ip) = address.ip.filter(|ip| !subnet.contains(*ip)) {
        add(say!("{ip} is outside of subnet {network}", ip, network = network()));
    } else if let Some(mask) = address.mask.filter(|mask| *mask != subnet.mask && is_mask(*mask)) {
        let facts = OutsideSubnet {
            subnet: name.to_string(),
            reason: say!("the mask {mask} is not that of subnet {network}", mask, network = network()),
        };
        let finding = report.add(view.subject(), &facts);
        finding.related = vec![Subject::Subnet(name.clone())];
        finding.fix = Some(mask_of_subnet(view));
    }
}

#[cfg(test)]
mod tests {
    use crate::check::tests::{MACHINE, found_in};

    #[test]
    fn fires_outside() {
        let text = "
            subnet Plant 10.0.0.0/24
            One: A @10.0.1.1 subnet Plant";
        assert_eq!(
            found_in(MACHINE, "PW129", text),
            ["error One: 10.0.1.1 is outside of subnet Plant (10.0.0.0 mask 255.255.255.0)"]
        );
    }

    #[test]
    fn fires_on_a_missing_subnet_and_another_mask() {
        let text = "
            subnet Plant 10.0.0.0/24
            One: A @10.0.1.1 subnet Gone
            Two: A @10.0.0.1 subnet Plant mask 255.255.0.0";
        assert_eq!(
            found_in(MACHINE, "PW129", text),
            [
                "error One: there is no subnet Gone",
                "error Two: the mask 255.255.0.0 is not that of subnet Plant (10.0.0.0 mask 255.255.255.0)"
            ]
        );
    }

    #[test]
    fn silent_inside() {
        let text = "
            subnet Plant 10.0.0.0/24
            One: A @10.0.0.1 subnet Plant mask 255.255.255.0
            Two: A @10.9.0.1
            Odd: A @10.0.0.2 subnet Plant mask 255.0.255.0";
        assert_eq!(found_in(MACHINE, "PW129", text), [""; 0]);
    }
}
