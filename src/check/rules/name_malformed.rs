//! # PW124: A name of station breaks the rules
//!
//! ## What it checks
//! Names of station: 1 to 240 characters in parts of 1 to 63 between dots; `a` to `z`, `0` to `9` and `-`; no part begins or ends with `-`; no
//! `--` outside punycode; not like `port-001`, not like an IP address.
//!
//! ## Why
//! The device refuses the name with DCP error 3, or is not found under it.
//!
//! ## Example
//! `Filler 1` has a capital letter and a blank.
//!
//! ## Remedy
//! Correct the name. Safe fix: the nearest name that keeps the rules, if no other device has it.
//!
//! ## Facts
//! `name` of station; `error` in words.

use serde::Serialize;

use crate::check::context::DeviceView;
use crate::check::rule::{Facts, On, Report, Rule};
use crate::check::{Fix, FixChange, Severity};
use crate::model::{Name, Phrase, Say, check_station_name, to_station_name};
use crate::say;

pub(super) static RULE: Rule = Rule {
    code: "PW124",
    name: "name-malformed",
    severity: Severity::Error,
    source: include_str!("name_malformed.rs"),
    on: &[On::Device(check)],
};

#[derive(Serialize)]
struct NameMalformed {
    name: String,
    error: Phrase,
}

impl Facts for NameMalformed {
    fn message(&self) -> Phrase {
        say!("`{name}` is no name of station: {error}", name = self.name, error = self.error)
    }
}

fn check(view: &DeviceView, report: &mut Report) {
    let Some(name) = view.device.ethernet_address().map(|address| &address.name_of_station) else { return };
    if name.is_empty() {
        return;
    }
    let Err(error) = check_station_name(name) else { return };
    let fix = name_like(view, name);
    report.add(view.subject(), &NameMalformed { name: name.to_string(), error: error.say() }).fix = fix;
}

/// Gives a device the name of station that is nearest to a text, if no other device has it.
pub(super) fn name_like(view: &DeviceView, text: &str) -> Option<Fix> {
    let free = |name: &Name| view.cx.index.with_station_name(name).is_none();
    to_station_name(text).map(Name::from).filter(free).map(|name| Fix {
        title: say!("Set the name of station of {device} to {name}", device = view.name, name),
        change: FixChange::SetNameOfStation { device: view.name.clone(), name },
    })
}

#[cfg(test)]
mod tests {
    use crate::check::tests::{MACHINE, fixes_in, found_in};

    #[test]
    fn fires_on_capitals() {
        assert_eq!(
            found_in(MACHINE, "PW124", "One: A @10.0.0.1 name Pump"),
            ["error One: `Pump` is no name of station: `P` is not allowed; use a to z, 0 to 9, `-` and `.`"]
        );
    }

    #[test]
    fn fires_on_addresses() {
        assert_eq!(
            found_in(MACHINE, "PW124", "One: A @10.0.0.1 name 10.0.0.1"),
            ["error One: `10.0.0.1` is no name of station: it looks like an IP address"]
        );
    }

    #[test]
    fn offers_the_nearest_name() {
        assert_eq!(
            fixes_in(MACHINE, "PW124", "One: A @10.0.0.1 name Pump_1"),
            ["Set the name of station of One to pump-1"]
        );
    }

    #[test]
    fn silent_on_names() {
        assert_eq!(found_in(MACHINE, "PW124", "One: A @10.0.0.1 name pump-1.cell-2"), [""; 0]);
    }
}
