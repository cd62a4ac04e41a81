//! # PW127: An IP address or mask that no device accepts
//!
//! ## What it checks
//! The address is not 0.x, not a loopback address, not multicast, broadcast or reserved, and neither the first nor the last of its network. The mask is ones and
//! then zeros. The mask is that of the device or else of its subnet. Networks of 31 and 32 bits have no first and last address.
//!
//! ## Why
//! The device answers DCP error 3, or cannot be reached. (For trials on one computer, virtual devices get loopback addresses by themselves.)
//!
//! ## Example
//! 192.168.0.255 in a network of 24 bits is its broadcast address; 255.0.255.0 is no mask.
//!
//! ## Remedy
//! Choose another address. Safe fix, where the device's own mask is wrong and its subnet has one: that of the subnet is used.
//!
//! ## Facts
//! `ip` and `mask` that are meant, where there are; `reason` in words.

use serde::Serialize;

use crate::check::context::DeviceView;
use crate::check::rule::{Facts, On, Report, Rule};
use crate::check::{Fix, FixChange, Severity};
use crate::model::{IpSettingsError, Phrase, Say, check_ip_address, is_mask};
use crate::say;
use std::net::Ipv4Addr;

pub(super) static RULE: Rule = Rule {
    code: "PW127",
    name: "address-malformed",
    severity: Severity::Error,
    source: include_str!("address_malformed.rs"),
    on: &[On::Device(check)],
};

#[derive(Serialize)]
struct AddressMalformed {
    ip: Option<Ipv4Addr>,
    mask: Option<Ipv4Addr>,
    reason: Phrase,
}

impl Facts for AddressMalformed {
    fn message(&self) -> Phrase {
        self.reason.clone()
    }
}

fn check(view: &DeviceView, report: &mut Report) {
    let Some(address) = view.device.ethernet_address() else { return };
    let subnet = address.subnet.as_ref().and_then(|name| view.cx.plan.subnets().get(name));
    if let Some(mask) = address.mask.filter(|mask| !is_mask(*mask)) {
        let reason = IpSettingsError::Mask(mask).say();
        let fix = subnet.filter(|subnet| is_mask(subnet.mask)).map(|_| mask_of_subnet(view));
        report.add(view.subject(), &AddressMalformed { ip: address.ip, mask: Some(mask), reason }).fix = fix;
        return;
    }
    let Some(ip) = address.ip else { return };
    let mask = address.mask.or(subnet.map(|subnet| subnet.mask)).filter(|mask| is_mask(*mask));
    if let Err(error) = check_ip_address(ip, mask) {
        report.add(view.subject(), &AddressMalformed { ip: Some(ip), mask, reason: error.say() });
    }
}

/// Lets a device use the mask of its subnet.
pub(super) fn mask_of_subnet(view: &DeviceView) -> Fix {
    Fix {
        title: say!("Use the mask of the subnet for {device}", device = view.name),
        change: FixChange::ClearMask { device: view.name.clone() },
    }
}

#[cfg(test)]
mod tests {
    use crate::check::tests::{MACHINE, fixes_in, found_in};

    #[test]
    fn fires_on_addresses_no_device_has() {
        let text = "
            B: A @0.0.0.0
            C: A @224.0.0.1
            D: A @127.0.0.1
            E: A @255.255.255.255";
        assert_eq!(
            found_in(MACHINE, "PW127", text),
            [
                "error B: 0.0.0.0 is an address of \"this network\"",
                "error C: 224.0.0.1 is a multicast address",
                "error D: 127.0.0.1 is a loopback address",
                "error E: 255.255.255.255 is the broadcast address"
            ]
        );
    }

    #[test]
    fn fires_on_edges_of_the_network_and_masks() {
        let text = "
            subnet Plant 10.0.0.0/24
            B: A @10.0.0.0 subnet Plant
            C: A @10.0.0.255 subnet Plant
            D: A @10.0.0.1 mask 255.0.255.0";
        assert_eq!(
            found_in(MACHINE, "PW127", text),
            [
                "error B: 10.0.0.0 is the address of the network itself (mask 255.255.255.0)",
                "error C: 10.0.0.255 is the broadcast address of its network (mask 255.255.255.0)",
                "error D: 255.0.255.0 is no mask: ones must come first, then zeros"
            ]
        );
    }

    #[test]
    fn offers_the_mask_of_the_subnet() {
        let text = "
            subnet Plant 10.0.0.0/24
            D: A @10.0.0.1 mask 255.0.255.0 subnet Plant";
        assert_eq!(fixes_in(MACHINE, "PW127", text), ["Use the mask of the subnet for D"]);
    }

    #[test]
    fn silent_on_addresses() {
        let text = "
            subnet Plant 10.0.0.0/24
            B: A @10.0.0.1 subnet Plant
            C: A @10.0.1.255 mask 255.255.0.0
            D: A @10.0.0.0 mask 255.255.255.254";
        assert_eq!(found_in(MACHINE, "PW127", text), [""; 0]);
    }
}
