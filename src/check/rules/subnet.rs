//! # PW131: A subnet is malformed, or overlaps another
//!
//! ## What it checks
//! The mask of a subnet is ones and then zeros, its address is the first of the network, and no other subnet of the plan shares addresses with it.
//!
//! ## Why
//! Whether two devices are neighbours must not depend on which subnet one looks at.
//!
//! ## Example
//! Subnet Plant 192.168.0.0 with 255.255.0.0 and subnet Cell 192.168.7.0 with 255.255.255.0.
//!
//! ## Remedy
//! Correct address or mask.
//!
//! ## Facts
//! `address`; `mask`; `reason` in words.

use serde::Serialize;

use crate::check::Severity;
use crate::check::context::SubnetView;
use crate::check::rule::{Facts, On, Report, Rule};
use crate::model::{Phrase, Subnet, is_mask};
use crate::say;

pub(super) static RULE: Rule = Rule {
    code: "PW131",
    name: "subnet",
    severity: Severity::Error,
    source: include_str!("subnet.rs"),
    on: &[On::Subnet(check)],
};

#[derive(Serialize)]
struct WrongSubnet {
    address: std::net::Ipv4Addr,
    mask: std::net::Ipv4Addr,
    reason: Phrase,
}

impl Facts for WrongSubnet {
    fn message(&self) -> Phrase {
        self.reason.clone()
    }
}

fn check(view: &SubnetView, report: &mut Report) {
    let Subnet { address, mask, .. } = view.subnet;
    let mut add = |reason: Phrase| {
        let facts = WrongSubnet { address: *address, mask: *mask, reason };
        report.add(view.subject(), &facts);
    };
    if !is_mask(*mask) {
        return add(say!("{mask} is no mask: ones must come first, then zeros", mask));
    }
    if address.to_bits() & mask.to_bits() != address.to_bits() {
        add(say!("{address} is not the first address of a network with mask {mask}", address, mask));
    }
    for (other_name, other) in view.cx.plan.subnets() {
        let overlaps = view.subnet.contains(other.address) || other.contains(*address);
        if other_name != view.name && is_mask(other.mask) && overlaps {
            add(say!(
                "shares addresses with subnet {name} ({address} mask {mask})",
                name = other_name,
                address = other.address,
                mask = other.mask
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::check::tests::{MACHINE, found_in};

    #[test]
    fn fires_on_an_address_inside() {
        assert_eq!(
            found_in(MACHINE, "PW131", "subnet Plant 10.0.0.7/24"),
            ["error Plant: 10.0.0.7 is not the first address of a network with mask 255.255.255.0"]
        );
    }

    #[test]
    fn fires_on_overlaps() {
        let text = "
            subnet Cell 10.0.7.0/24
            subnet Plant 10.0.0.0/16";
        assert_eq!(
            found_in(MACHINE, "PW131", text),
            [
                "error Cell: shares addresses with subnet Plant (10.0.0.0 mask 255.255.0.0)",
                "error Plant: shares addresses with subnet Cell (10.0.7.0 mask 255.255.255.0)"
            ]
        );
    }

    #[test]
    fn silent_on_subnets() {
        let text = "
            subnet Cell 10.0.7.0/24
            subnet Plant 10.0.8.0/24";
        assert_eq!(found_in(MACHINE, "PW131", text), [""; 0]);
    }
}
