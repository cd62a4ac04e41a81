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

use serde::Serialize;

use crate::check::{Fix, FixChange, Severity};
use crate::check::context::{DeviceView};
use crate::check::rule::{Facts, On, Report, Rule};
use crate::model::{Name, to_station_name};

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
    fn message(&self) -> String {
        "the device has no name of station".to_owned()
    }
}

fn check(view: &DeviceView, report: &mut Report) {
    if view.device.ethernet_address().is_none_or(|address| !address.name_of_station.is_empty()) {
        return;
    }
    let free = |name: &Name| view.cx.index.with_station_name(name).next().is_none();
    let fix = to_station_name(view.name).map(Name::from).filter(free).map(|name| Fix {
        title: format!("Name {} {name}", view.name),
        change: FixChange::SetNameOfStation { device: view.name.clone(), name },
    });
    report.add(view.subject(), &NameMissing {}).fix = fix;
}

#[cfg(test)]
mod tests {
    use crate::check::tests::{fixes, found};

    #[test]
    fn fires_without_name() {
        let plan = r#"
            component A 1.0 { in x R4 = 0; out y R4 }
            One: A @10.0.0.1 noname"#;
        assert_eq!(found("PW123", plan), ["warning One: the device has no name of station"]);
    }

    #[test]
    fn offers_the_name_in_the_plan() {
        let plan = r#"
            component A 1.0 { in x R4 = 0; out y R4 }
            One: A @10.0.0.1 noname"#;
        assert_eq!(fixes("PW123", plan), ["Name One one"]);
    }

    #[test]
    fn silent_with_name_and_on_profibus() {
        let plan = r#"
            component A 1.0 { in x R4 = 0; out y R4 }
            component P 1.0 proxy { in x R4 = 0; out y R4; profibus master system 1 slaves 2 }
            component S 1.0 profibusSlave { in x R4 = 0; out y R4 }
            Gate: P @10.0.0.1
            One: A @10.0.0.2
            Drive: S behind Gate system 1 address 3"#;
        assert_eq!(found("PW123", plan), [""; 0]);
    }
}
