//! # PW130: A router that its device cannot reach
//!
//! ## What it checks
//! The router of a device lies in the device's own network, and is neither the first nor the last address there. The device's own address
//! as router means that there is none. A mask that is none is PW127's affair.
//!
//! ## Why
//! A device sends packets for other networks to the router, which it must reach directly.
//!
//! ## Example
//! Address 192.168.0.12 with mask 255.255.255.0 and router 192.168.1.1.
//!
//! ## Remedy
//! Correct the router, or leave it out.
//!
//! ## Facts
//! `router`; `ip` and `mask` of the device; `reason` in words.

use serde::Serialize;

use crate::check::Severity;
use crate::check::context::DeviceView;
use crate::check::rule::{Facts, On, Report, Rule};
use crate::model::{Phrase, is_mask};
use crate::say;
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
    reason: Phrase,
}

impl Facts for RouterOutside {
    fn message(&self) -> Phrase {
        say!(
            "the router {router} {reason} ({ip} mask {mask})",
            router = self.router,
            reason = self.reason,
            ip = self.ip,
            mask = self.mask
        )
    }
}

fn check(view: &DeviceView, report: &mut Report) {
    let Some(address) = view.device.ethernet_address() else { return };
    let subnet = address.subnet.as_ref().and_then(|name| view.cx.plan.subnets().get(name));
    let mask = address.mask.or(subnet.map(|subnet| subnet.mask)).filter(|mask| is_mask(*mask));
    let (Some(router), Some(ip), Some(mask)) = (address.router, address.ip, mask) else { return };
    if router == ip {
        return;
    }
    let network = |ip: Ipv4Addr| ip.to_bits() & mask.to_bits();
    let host = router.to_bits() & !mask.to_bits();
    let reason = if network(router) != network(ip) {
        say!("is outside of the device's network")
    } else if mask.to_bits().count_ones() < 31 && (host == 0 || host == !mask.to_bits()) {
        say!("is the first or last address of the device's network, which no router has")
    } else {
        return;
    };
    report.add(view.subject(), &RouterOutside { router, ip, mask, reason });
}

#[cfg(test)]
mod tests {
    use crate::check::tests::{MACHINE, found_in};

    #[test]
    fn fires_outside() {
        assert_eq!(
            found_in(MACHINE, "PW130", "One: A @10.0.0.5 mask 255.255.255.0 router 10.0.1.1"),
            ["error One: the router 10.0.1.1 is outside of the device's network (10.0.0.5 mask 255.255.255.0)"]
        );
    }

    #[test]
    fn fires_with_the_mask_of_the_subnet() {
        let text = "
            subnet Plant 10.0.0.0/24
            One: A @10.0.0.5 subnet Plant router 10.0.9.1";
        assert_eq!(
            found_in(MACHINE, "PW130", text),
            ["error One: the router 10.0.9.1 is outside of the device's network (10.0.0.5 mask 255.255.255.0)"]
        );
    }

    #[test]
    fn fires_on_the_edges_of_the_network() {
        let text = "
            One: A @10.0.0.5 mask 255.255.255.0 router 10.0.0.0
            Two: A @10.0.0.6 mask 255.255.255.0 router 10.0.0.255";
        let reason = "is the first or last address of the device's network, which no router has";
        assert_eq!(
            found_in(MACHINE, "PW130", text),
            [
                format!("error One: the router 10.0.0.0 {reason} (10.0.0.5 mask 255.255.255.0)"),
                format!("error Two: the router 10.0.0.255 {reason} (10.0.0.6 mask 255.255.255.0)")
            ]
        );
    }

    #[test]
    fn silent_inside_and_for_none() {
        let text = "
            One: A @10.0.0.5 mask 255.255.255.0 router 10.0.0.1
            Two: A @10.0.0.6 mask 255.255.255.0 router 10.0.0.6
            B: A @10.0.0.7 mask 255.255.255.0";
        assert_eq!(found_in(MACHINE, "PW130", text), [""; 0]);
    }
}
