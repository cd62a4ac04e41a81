//! # PW146: An instance runs on a device that is not in the plan
//!
//! ## What it checks
//! The device that an instance names is in the plan.
//!
//! ## Why
//! Nobody knows the address to load the instance to.
//!
//! ## Example
//! A merge removed the device that somebody else put an instance on.
//!
//! ## Remedy
//! Put the instance on another device.
//!
//! ## Facts
//! `device`.

use serde::Serialize;

use crate::check::Severity;
use crate::check::context::InstanceView;
use crate::check::rule::{Facts, On, Report, Rule};
use crate::model::Phrase;
use crate::say;

pub(super) static RULE: Rule = Rule {
    code: "PW146",
    name: "device-missing",
    severity: Severity::Error,
    source: include_str!("device_missing.rs"),
    on: &[On::Instance(check)],
};

#[derive(Serialize)]
struct DeviceMissing {
    device: String,
}

impl Facts for DeviceMissing {
    fn message(&self) -> Phrase {
        say!("its device {device} is not in the plan", device = self.device)
    }
}

fn check(view: &InstanceView, report: &mut Report) {
    if view.placed.device.is_none() {
        report.add(view.subject(), &DeviceMissing { device: view.placed.instance.device.to_string() });
    }
}

#[cfg(test)]
mod tests {

    fn without(device: &str) -> Vec<String> {
        use crate::check::{LibraryFacts, check};
        let text = "component A 1.0 { in x R4 = 0 }\nOne: A @10.0.0.1\nTwo: A device One\nB: A @10.0.0.2";
        let mut plan = crate::model::fixture::plan(text);
        plan.devices.remove(device);
        let findings = check(&plan, &LibraryFacts::default());
        findings.iter().filter(|finding| finding.code == "PW146").map(ToString::to_string).collect()
    }

    #[test]
    fn fires_on_a_missing_device() {
        assert_eq!(without("B"), ["error PW146 B: its device B is not in the plan"]);
    }

    #[test]
    fn fires_for_each_instance() {
        assert_eq!(without("One").len(), 2);
    }

    #[test]
    fn silent_when_all_are_there() {
        assert_eq!(without("Three"), [""; 0]);
    }
}
