//! # PW142: A device is not used
//!
//! ## What it checks
//! On every device runs an instance, or it is the proxy of a device (otherwise a warning); and some port of its functions is linked, unless they have none that can be (otherwise a remark).
//!
//! ## Why
//! A device that does nothing is either left over or forgotten.
//!
//! ## Example
//! A filler was placed, addressed, and never linked.
//!
//! ## Remedy
//! Link it, or remove it.
//!
//! ## Facts
//! `n_instances` on the device.

use serde::Serialize;

use crate::check::Severity;
use crate::check::context::DeviceView;
use crate::check::rule::{Facts, On, Report, Rule};
use crate::model::{Component, Phrase, Port};
use crate::say;

pub(super) static RULE: Rule = Rule {
    code: "PW142",
    name: "unused-device",
    severity: Severity::Warning,
    source: include_str!("unused_device.rs"),
    on: &[On::Device(check)],
};

#[derive(Serialize)]
struct UnusedDevice {
    n_instances: usize,
}

impl Facts for UnusedDevice {
    fn message(&self) -> Phrase {
        match self.n_instances {
            0 => say!("no instance runs on the device, and it is no proxy"),
            _ => say!("none of its functions is linked"),
        }
    }
}

fn check(view: &DeviceView, report: &mut Report) {
    let n_instances = view.instances().count();
    if view.slaves().next().is_some() {
        return;
    }
    if n_instances == 0 {
        report.add(view.subject(), &UnusedDevice { n_instances });
        return;
    }
    let can_be_linked = |port: &Port| port.is_input() || port.is_output();
    let rtautos = |component: &Component| component.rtautos().any(|(_, rtauto)| rtauto.ports.iter().any(can_be_linked));
    let linked = view.load.connections_in + view.load.connections_out > 0;
    if !linked && view.components().any(rtautos) {
        report.add(view.subject(), &UnusedDevice { n_instances }).severity = Severity::Info;
    }
}

#[cfg(test)]
mod tests {
    use crate::check::tests::found;

    #[test]
    fn fires_without_links() {
        let plan = "component A 1.0 { in x R4 = 0; out y R4 }\nOne: A @10.0.0.1";
        assert_eq!(found("PW142", plan), ["info One: none of its functions is linked"]);
    }

    #[test]
    fn fires_without_instance() {
        use crate::check::{LibraryFacts, check};
        let mut plan = crate::model::Plan::new("test");
        plan.devices.insert("One".into(), std::sync::Arc::new(crate::model::Device::ethernet()));
        let findings = check(&plan, &LibraryFacts::default());
        let unused = findings.iter().find(|finding| finding.code == "PW142").unwrap();
        assert_eq!(unused.to_string(), "warning PW142 One: no instance runs on the device, and it is no proxy");
    }

    #[test]
    fn silent_when_linked_or_without_ports() {
        let plan = "component A 1.0 { in x R4 = 0; out y R4 }\ncomponent H 1.0 { hmi x R4 }
            One: A @10.0.0.1\nTwo: H @10.0.0.2\nOne.y -> One.x";
        assert_eq!(found("PW142", plan), [""; 0]);
    }
}
