//! # PW123: A device has no name of station
//!
//! ## What it checks
//! Every device on Ethernet has a name of station.
//!
//! ## Why
//! CBA finds its partners by IP address, but a scan of the network, topology and device replacement go by the name.
//!
//! ## Example
//! `Filler1` was placed and never named.
//!
//! ## Remedy
//! Name the device. Safe fix: the device's name in the plan, in the spelling of names of station, if no other device has it.
//!
//! ## Facts
//! None.

use serde::Serialize;

use super::name_malformed::name_like;
use crate::check::Severity;
use crate::check::context::DeviceView;
use crate::check::rule::{Facts, On, Report, Rule};
use crate::model::Phrase;
use crate::say;

pub(super) static RULE: Rule = Rule {
    code: "PW123",
    name: "name-missing",
    severity: Severity::Warning,
    source: include_str!("name_missing.rs"),
    on: &[On::Device(check)],
};

#[derive(Serialize)]
struct NameMissing {}

impl Facts for NameMissing {
    fn message(&self) -> Phrase {
        say!("the device has no name of station")
    }
}

fn check(view: &DeviceView, report: &mut Report) {
    if view.device.ethernet_address().is_none_or(|address| !address.name_of_station.is_empty()) {
        return;
    }
    report.add(view.subject(), &NameMissing {}).fix = name_like(view, view.name);
}

#[cfg(test)]
mod tests {
    use crate::check::tests::{MACHINE, PROFIBUS, fixes_in, found_in};

    #[test]
    fn fires_without_name() {
        assert_eq!(
            found_in(MACHINE, "PW123", "One: A @10.0.0.1 noname"),
            ["warning One: the device has no name of station"]
        );
    }

    #[test]
    fn offers_the_name_in_the_plan() {
        assert_eq!(fixes_in(MACHINE, "PW123", "One: A @10.0.0.1 noname"), ["Set the name of station of One to one"]);
    }

    #[test]
    fn silent_with_name_and_on_profibus() {
        let text = "
            One: A @10.0.0.2
            Drive: S behind Gate system 1 address 3";
        assert_eq!(found_in(PROFIBUS, "PW123", text), [""; 0]);
    }
}
