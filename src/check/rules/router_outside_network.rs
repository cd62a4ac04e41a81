//! # PW130: A router that its device cannot reach
//!
//! ## What it checks
//! The router of a device lies in the device's own network, and is neither the network's address nor 0.x. The device's own address as router means that there is none.
//!
//! ## Why
//! A device sends packets for other networks to the router, which it must reach directly.
//!
//! ## Example
//! Address 192.168.0.12 with mask 255.255.255.0 and router 192.168.1.1.
//!
//! ## Remedy
//! Correct the router, or leave it out.

use serde::Serialize;

use crate::check::{Severity};
use crate::check::context::{DeviceView};
use crate::check::rule::{Facts, On, Report, Rule};
use std::net::Ipv4Addr;

pub(super) static RULE: Rule = Rule {
    code: "PW130",
    name: "router-outside-network",
    severity: Severity::Error,
    source: include_str!("router_outside_network.rs"),
    on: &[On::Device(check)],
};

#[derive(Serialize)]
struct RouterOutside {
    router: Ipv4Addr,
    ip: Ipv4Addr,
    mask: Ipv4Addr,
}

impl Facts for RouterOutside {
    fn message(&self) -> String {
        format!("the router {} is outside of the device's network ({} mask {})", self.router, self.ip, self.mask)
    }
}

fn check(view: &DeviceView, report: &mut Report) {
    let Some(address) = view.device.ethernet_address() else { return };
    let subnet = address.subnet.as_ref().and_then(|name| view.cx.plan.subnets().get(name));
    let mask = address.mask.or(subnet.map(|subnet| subnet.mask));
    let (Some(router), Some(ip), Some(mask)) = (address.router, address.ip, mask) else { return };
    let network = |ip: Ipv4Addr| ip.to_bits() & mask.to_bits();
    let is_network = mask.to_bits().count_ones() < 31 && router.to_bits() == network(router);
    if router != ip && (network(router) != network(ip) || is_network) {
        report.add(view.subject(), &RouterOutside { router, ip, mask });
    }
}

#[cfg(test)]
mod tests {
    use crate::check::tests::{found};

    #[test]
    fn fires_outside() {
        let plan = r#"
            component A 1.0 { in x R4 = 0; out y R4 }
            One: A @10.0.0.5 mask 255.255.255.0 router 10.0.1.1"#;
        assert_eq!(found("PW130", plan), ["error One: the router 10.0.1.1 is outside of the device's network (10.0.0.5 mask 255.255.255.0)"]);
    }

    #[test]
    fn fires_with_the_mask_of_the_subnet() {
        let plan = r#"
            component A 1.0 { in x R4 = 0; out y R4 }
            subnet Plant 10.0.0.0/24
            One: A @10.0.0.5 subnet Plant router 10.0.9.1"#;
        assert_eq!(found("PW130", plan), ["error One: the router 10.0.9.1 is outside of the device's network (10.0.0.5 mask 255.255.255.0)"]);
    }

    #[test]
    fn silent_inside_and_for_none() {
        let plan = r#"
            component A 1.0 { in x R4 = 0; out y R4 }
            One: A @10.0.0.5 mask 255.255.255.0 router 10.0.0.1
            Two: A @10.0.0.6 mask 255.255.255.0 router 10.0.0.6
            B: A @10.0.0.7 mask 255.255.255.0"#;
        assert_eq!(found("PW130", plan), [""; 0]);
    }
}
