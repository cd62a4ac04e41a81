//! # PW128: Two devices have the same IP address
//!
//! ## What it checks
//! IP addresses are unique in the plan.
//!
//! ## Why
//! Two devices with one address disturb each other's traffic, and a download may end up in the wrong one.
//!
//! ## Example
//! `Filler1` was copied, and the copy kept 192.168.0.12.
//!
//! ## Remedy
//! Give one of them another address.
//!
//! ## Facts
//! `ip`; up to ten of the devices that have it too as `others`, and how many there are as `n_others`.

use serde::Serialize;

use crate::check::context::DeviceView;
use crate::check::rule::{Facts, On, Others, Report, Rule};
use crate::check::{Severity, Subject};
use crate::model::Phrase;
use crate::say;
use std::net::Ipv4Addr;

pub(super) static RULE: Rule = Rule {
    code: "PW128",
    name: "address-twice",
    severity: Severity::Error,
    source: include_str!("address_twice.rs"),
    on: &[On::Device(check)],
};

#[derive(Serialize)]
struct AddressTwice {
    ip: Ipv4Addr,
    #[serde(flatten)]
    others: Others,
}

impl Facts for AddressTwice {
    fn message(&self) -> Phrase {
        say!("{ip} is also the address of {others}", ip = self.ip, others = self.others)
    }
}

fn check(view: &DeviceView, report: &mut Report) {
    let Some(ip) = view.device.ethernet_address().and_then(|address| address.ip) else { return };
    let others = Others::beside(view.name, view.cx.index.with_ip(ip));
    if !others.is_empty() {
        let facts = AddressTwice { ip, others };
        report.add(view.subject(), &facts).related = facts.others.subjects(Subject::Device);
    }
}

#[cfg(test)]
mod tests {
    use crate::check::tests::{MACHINE, found, found_in};

    #[test]
    fn fires_at_both() {
        let text = "
            One: A @10.0.0.1
            Two: A @10.0.0.1";
        assert_eq!(
            found_in(MACHINE, "PW128", text),
            ["error One: 10.0.0.1 is also the address of Two", "error Two: 10.0.0.1 is also the address of One"]
        );
    }

    #[test]
    fn names_all_others() {
        let text = "
            B: A @10.0.0.1
            C: A @10.0.0.1
            D: A @10.0.0.1
            E: A @10.0.0.2";
        assert_eq!(
            found_in(MACHINE, "PW128", text),
            [
                "error B: 10.0.0.1 is also the address of C, D",
                "error C: 10.0.0.1 is also the address of B, D",
                "error D: 10.0.0.1 is also the address of B, C"
            ]
        );
    }

    #[test]
    fn silent_on_different_addresses() {
        let plan = r#"
            component A 1.0 { in x R4 = 0; out y R4 }
            One: A @10.0.0.1
            Two: A @10.0.0.2"#;
        assert_eq!(found("PW128", plan), [""; 0]);
    }
}
