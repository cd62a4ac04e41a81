//! # PW126: A device has no IP address
//!
//! ## What it checks
//! Every device on Ethernet has an IP address.
//!
//! ## Why
//! Connections name their provider by IP address, and a download goes to one: without it nothing can be loaded into the device or connected to it.
//!
//! ## Example
//! `Filler1` was placed and never addressed.
//!
//! ## Remedy
//! Give the device an address of its subnet.
//!
//! ## Facts
//! None.

use serde::Serialize;

use crate::check::Severity;
use crate::check::context::DeviceView;
use crate::check::rule::{Facts, On, Report, Rule};
use crate::model::Phrase;
use crate::say;

pub(super) static RULE: Rule = Rule {
    code: "PW126",
    name: "address-missing",
    severity: Severity::Error,
    source: include_str!("address_missing.rs"),
    on: &[On::Device(check)],
};

#[derive(Serialize)]
struct AddressMissing {}

impl Facts for AddressMissing {
    fn message(&self) -> Phrase {
        say!("the device has no IP address")
    }
}

fn check(view: &DeviceView, report: &mut Report) {
    if view.device.ethernet_address().is_some_and(|address| address.ip.is_none()) {
        report.add(view.subject(), &AddressMissing {});
    }
}

#[cfg(test)]
mod tests {
    use crate::check::tests::{MACHINE, PROFIBUS, found_in};

    #[test]
    fn fires_without_address() {
        assert_eq!(found_in(MACHINE, "PW126", "One: A"), ["error One: the device has no IP address"]);
    }

    #[test]
    fn fires_for_each() {
        let text = "
            One: A
            Two: A";
        assert_eq!(
            found_in(MACHINE, "PW126", text),
            ["error One: the device has no IP address", "error Two: the device has no IP address"]
        );
    }

    #[test]
    fn silent_with_address_and_on_profibus() {
        let text = "
            One: A @10.0.0.2
            Drive: S behind Gate system 1 address 3";
        assert_eq!(found_in(PROFIBUS, "PW126", text), [""; 0]);
    }
}
