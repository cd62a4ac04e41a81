//! # PW148: A planned cable cannot be plugged
//!
//! ## What it checks
//! Both ends of a cable are LAN ports that their device has, on devices with Ethernet, and no LAN port has two cables. Ports count from 1; a device without known component may have any.
//!
//! ## Why
//! The plan of the cables is compared with what is found on the network, and would always differ.
//!
//! ## Example
//! Two cables at port 2 of the same switch.
//!
//! ## Remedy
//! Correct the cable.
//!
//! ## Facts
//! `device` and `port` of the end that is wrong; `reason` in words.

use serde::Serialize;

use crate::check::context::CableView;
use crate::check::rule::{Facts, On, Report, Rule};
use crate::check::{Severity, Subject};
use crate::model::{LanPort, Phrase};
use crate::say;

pub(super) static RULE: Rule = Rule {
    code: "PW148",
    name: "cable",
    severity: Severity::Error,
    source: include_str!("cable.rs"),
    on: &[On::Cable(check)],
};

#[derive(Serialize)]
struct WrongCable {
    device: String,
    port: u8,
    reason: Phrase,
}

impl Facts for WrongCable {
    fn message(&self) -> Phrase {
        say!("port {port} of {device}: {reason}", port = self.port, device = self.device, reason = self.reason)
    }
}

fn check(view: &CableView, report: &mut Report) {
    if view.cable.a == view.cable.b {
        let LanPort { device, port } = &view.cable.a;
        let facts = WrongCable { device: device.to_string(), port: *port, reason: say!("plugged to itself") };
        report.add(view.subject(), &facts);
    }
    for end in [&view.cable.a, &view.cable.b] {
        if let Some(reason) = complaint(view, end) {
            let facts = WrongCable { device: end.device.to_string(), port: end.port, reason };
            report.add(view.subject(), &facts);
        }
    }
}

fn complaint(view: &CableView, end: &LanPort) -> Option<Phrase> {
    let plan = view.cx.plan;
    let Some(device) = plan.devices().get(&end.device) else { return Some(say!("there is no such device")) };
    if device.ethernet_address().is_none() {
        return Some(say!("the device has no Ethernet"));
    }
    let index = view.cx.index;
    let placed = index.instances_on(&end.device).filter_map(|name| index.placed(name)?.component.as_ref());
    let ports = placed.filter_map(|component| component.device.ethernet.as_ref()).map(|ethernet| ethernet.ports).max();
    if end.port == 0 || ports.is_some_and(|ports| end.port > ports) {
        return Some(match ports {
            Some(ports) => say!("the device has ports 1 to {ports}", ports),
            None => say!("ports count from 1"),
        });
    }
    let other = index.cables_at(end).find(|other| *other != view.cable)?;
    Some(say!("the cable {cable} is there already", cable = Subject::Cable(other.clone()).to_string()))
}

#[cfg(test)]
mod tests {
    use crate::check::tests::{PAIR, found_in};

    #[test]
    fn fires_on_missing_devices_and_ports() {
        let text = "
            cable One 1 - Gone 1
            cable One 2 - Two 3";
        assert_eq!(
            found_in(PAIR, "PW148", text),
            [
                "error Gone 1 - One 1: port 1 of Gone: there is no such device",
                "error One 2 - Two 3: port 3 of Two: the device has ports 1 to 2"
            ]
        );
    }

    #[test]
    fn fires_on_two_cables_at_a_port() {
        let text = "
            B: A @10.0.0.3
            cable One 1 - Two 1
            cable One 1 - B 1";
        assert_eq!(
            found_in(PAIR, "PW148", text),
            [
                "error B 1 - One 1: port 1 of One: the cable One 1 - Two 1 is there already",
                "error One 1 - Two 1: port 1 of One: the cable B 1 - One 1 is there already"
            ]
        );
    }

    #[test]
    fn silent_on_cables() {
        let text = "
            cable One 1 - Two 1
            cable One 2 - Two 2";
        assert_eq!(found_in(PAIR, "PW148", text), [""; 0]);
    }
}
