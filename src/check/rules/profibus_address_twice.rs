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
//!
//! ## Facts
//! `address`; up to ten of the devices that have it too as `others`, and how many there are as `n_others`.

use serde::Serialize;

use super::profibus_address::free_address;
use crate::check::context::DeviceView;
use crate::check::rule::{Facts, On, Others, Report, Rule};
use crate::check::{Severity, Subject};
use crate::model::Phrase;
use crate::say;

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
    #[serde(flatten)]
    others: Others,
}

impl Facts for ProfibusAddressTwice {
    fn message(&self) -> Phrase {
        say!("PROFIBUS address {address} is also that of {others}", address = self.address, others = self.others)
    }
}

fn check(view: &DeviceView, report: &mut Report) {
    let Some(place) = view.device.profibus_address() else { return };
    // Beyond 125 is PW132's affair.
    let address = place.address.filter(|address| *address <= 125);
    let (Some(proxy), Some(address)) = (&place.proxy, address) else { return };
    let slot = (proxy.clone(), place.system_id, address);
    let group = view.cx.index.in_slot(&slot);
    let others = Others::beside(view.name, group);
    if others.is_empty() {
        return;
    }
    let facts = ProfibusAddressTwice { address, others };
    let is_first = group.and_then(|group| group.first()) == Some(view.name);
    let finding = report.add(view.subject(), &facts);
    finding.fix = if is_first { None } else { free_address(view) };
    finding.related = facts.others.subjects(Subject::Device);
}

#[cfg(test)]
mod tests {
    use crate::check::tests::{PROFIBUS, fixes_in, found_in};

    #[test]
    fn fires_at_both() {
        let text = "
            D1: S behind Gate system 1 address 5
            D2: S behind Gate system 1 address 5";
        assert_eq!(
            found_in(PROFIBUS, "PW133", text),
            ["error D1: PROFIBUS address 5 is also that of D2", "error D2: PROFIBUS address 5 is also that of D1"]
        );
    }

    #[test]
    fn offers_a_free_address_to_the_second() {
        let text = "
            D1: S behind Gate system 1 address 5
            D2: S behind Gate system 1 address 5";
        assert_eq!(fixes_in(PROFIBUS, "PW133", text), ["Give D2 PROFIBUS address 3"]);
    }

    #[test]
    fn silent_on_different_lines() {
        let text = "
            D1: S behind Gate system 1 address 5
            D2: S behind Gate system 2 address 5
            D3: S behind Gate system 1 address 6
            D4: S behind Gate system 1 address 126
            D5: S behind Gate system 1 address 126";
        assert_eq!(found_in(PROFIBUS, "PW133", text), [""; 0]);
    }
}
