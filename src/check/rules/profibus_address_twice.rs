//! # PW133: Two devices on a PROFIBUS line have the same address
//!
//! ## What it checks
//! Addresses are unique in each DP master system of a proxy.
//!
//! ## Why
//! Both devices answer at once, and the master sees neither.
//!
//! ## Example
//! Two drives behind `proxy-1`, both with address 5.
//!
//! ## Remedy
//! Give one of them another address, here and at the device. Safe fix, at all but the first by name: the least address from 3 that is free on the line.

use serde::Serialize;

use crate::check::{Severity, Subject};
use crate::check::context::{DeviceView};
use crate::check::rule::{Facts, On, Report, Rule};
use crate::model::Name;
use super::profibus_address::free_address;

pub(super) static RULE: Rule = Rule {
    code: "PW133",
    name: "profibus-address-twice",
    severity: Severity::Error,
    source: include_str!("profibus_address_twice.rs"),
    on: &[On::Device(check)],
};

#[derive(Serialize)]
struct ProfibusAddressTwice {
    address: u8,
    others: Vec<String>,
}

impl Facts for ProfibusAddressTwice {
    fn message(&self) -> String {
        format!("PROFIBUS address {} is also that of {}", self.address, self.others.join(", "))
    }
}

fn check(view: &DeviceView, report: &mut Report) {
    let Some(place) = view.device.profibus_address() else { return };
    let (Some(proxy), Some(address)) = (&place.proxy, place.address) else { return };
    let slot = (proxy.clone(), place.system_id, address);
    let others: Vec<&Name> = view.cx.index.in_slot(&slot).filter(|other| *other != view.name).collect();
    if others.is_empty() {
        return;
    }
    let facts = ProfibusAddressTwice { address, others: others.iter().map(ToString::to_string).collect() };
    let first = others.iter().all(|other| view.name < *other);
    let finding = report.add(view.subject(), &facts);
    finding.fix = if first { None } else { free_address(view) };
    finding.related = others.into_iter().cloned().map(Subject::Device).collect();
}

#[cfg(test)]
mod tests {
    use crate::check::tests::{fixes, found};

    #[test]
    fn fires_at_both() {
        let plan = r#"
            component P 1.0 proxy { in x R4 = 0; out y R4; profibus master system 1 slaves 2 }
            component S 1.0 profibusSlave { in x R4 = 0; out y R4 }
            Gate: P @10.0.0.1
            D1: S behind Gate system 1 address 5
            D2: S behind Gate system 1 address 5"#;
        assert_eq!(found("PW133", plan), ["error D1: PROFIBUS address 5 is also that of D2", "error D2: PROFIBUS address 5 is also that of D1"]);
    }

    #[test]
    fn offers_a_free_address_to_the_second() {
        let plan = r#"
            component P 1.0 proxy { in x R4 = 0; out y R4; profibus master system 1 slaves 2 }
            component S 1.0 profibusSlave { in x R4 = 0; out y R4 }
            Gate: P @10.0.0.1
            D1: S behind Gate system 1 address 5
            D2: S behind Gate system 1 address 5"#;
        assert_eq!(fixes("PW133", plan), ["Give D2 PROFIBUS address 3"]);
    }

    #[test]
    fn silent_on_different_lines() {
        let plan = r#"
            component P 1.0 proxy { in x R4 = 0; out y R4; profibus master system 1 slaves 2 }
            component S 1.0 profibusSlave { in x R4 = 0; out y R4 }
            Gate: P @10.0.0.1
            D1: S behind Gate system 1 address 5
            D2: S behind Gate system 2 address 5
            D3: S behind Gate system 1 address 6"#;
        assert_eq!(found("PW133", plan), [""; 0]);
    }
}
