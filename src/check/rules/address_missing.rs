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

use serde::Serialize;

use crate::check::{Severity};
use crate::check::context::{DeviceView};
use crate::check::rule::{Facts, On, Report, Rule};

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
    fn message(&self) -> String {
        "the device has no IP address".to_owned()
    }
}

fn check(view: &DeviceView, report: &mut Report) {
    if view.device.ethernet_address().is_some_and(|address| address.ip.is_none()) {
        report.add(view.subject(), &AddressMissing {});
    }
}

#[cfg(test)]
mod tests {
    use crate::check::tests::{found};

    #[test]
    fn fires_without_address() {
        let plan = r#"
            component A 1.0 { in x R4 = 0; out y R4 }
            One: A"#;
        assert_eq!(found("PW126", plan), ["error One: the device has no IP address"]);
    }

    #[test]
    fn fires_for_each() {
        let plan = r#"
            component A 1.0 { in x R4 = 0; out y R4 }
            One: A
            Two: A"#;
        assert_eq!(found("PW126", plan), ["error One: the device has no IP address", "error Two: the device has no IP address"]);
    }

    #[test]
    fn silent_with_address_and_on_profibus() {
        let plan = r#"
            component A 1.0 { in x R4 = 0; out y R4 }
            component P 1.0 proxy { in x R4 = 0; out y R4; profibus master system 1 slaves 2 }
            component S 1.0 profibusSlave { in x R4 = 0; out y R4 }
            Gate: P @10.0.0.1
            One: A @10.0.0.2
            Drive: S behind Gate system 1 address 3"#;
        assert_eq!(found("PW126", plan), [""; 0]);
    }
}
