//! # PW137: A device is attached to the wrong kind of network
//!
//! ## What it checks
//! A component of class profibusSlave runs on a device on PROFIBUS, any other on a device on Ethernet.
//!
//! ## Why
//! A PROFIBUS device has no IP address, and a device with an Ethernet interface is not reached through a proxy.
//!
//! ## Example
//! A drive with PROFIBUS that was given an IP address.
//!
//! ## Remedy
//! Attach the device as its component says.
//!
//! ## Facts
//! `device`; `class` of the component; `on_profibus`, whether the device is.

use serde::Serialize;

use crate::check::context::InstanceView;
use crate::check::rule::{Facts, On, Report, Rule};
use crate::check::{Severity, Subject};
use crate::model::{DeviceClass, Phrase};
use crate::say;

pub(super) static RULE: Rule = Rule {
    code: "PW137",
    name: "wrong-attachment",
    severity: Severity::Error,
    source: include_str!("wrong_attachment.rs"),
    on: &[On::Instance(check)],
};

#[derive(Serialize)]
struct WrongAttachment {
    device: String,
    class: &'static str,
    on_profibus: bool,
}

impl Facts for WrongAttachment {
    fn message(&self) -> Phrase {
        let network = if self.on_profibus { "PROFIBUS" } else { "Ethernet" };
        say!(
            "its component is of class {class}, but device {device} is on {network}",
            class = self.class,
            device = self.device,
            network
        )
    }
}

fn check(view: &InstanceView, report: &mut Report) {
    let (Some(component), Some(device)) = (&view.placed.component, &view.placed.device) else { return };
    let on_profibus = device.profibus_address().is_some();
    if (component.device.class == DeviceClass::ProfibusSlave) != on_profibus {
        let facts = WrongAttachment {
            device: view.placed.instance.device.to_string(),
            class: component.device.class.token(),
            on_profibus,
        };
        report.add(view.subject(), &facts).related = vec![Subject::Device(view.placed.instance.device.clone())];
    }
}

#[cfg(test)]
mod tests {
    use crate::check::tests::{PROFIBUS, found_in};

    #[test]
    fn fires_behind_a_proxy() {
        assert_eq!(
            found_in(PROFIBUS, "PW137", "One: A behind Gate system 1 address 4"),
            ["error One: its component is of class plc, but device One is on PROFIBUS"]
        );
    }

    #[test]
    fn fires_on_ethernet() {
        let text = "
            One: A @10.0.0.2
            Drive: S device One";
        assert_eq!(
            found_in(PROFIBUS, "PW137", text),
            ["error Drive: its component is of class profibusSlave, but device One is on Ethernet"]
        );
    }

    #[test]
    fn silent_as_described() {
        let text = "
            One: A @10.0.0.2
            Drive: S behind Gate system 1 address 4";
        assert_eq!(found_in(PROFIBUS, "PW137", text), [""; 0]);
    }
}
