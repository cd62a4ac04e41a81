//! # PW112: Cyclic links are carried acyclically for now
//!
//! ## What it checks
//! Devices on Ethernet that consume cyclic links, those of PROFIBUS devices behind them included.
//!
//! ## Why
//! This version of the program has no cyclic frames yet. The links are planned, generated and downloaded as they are, but virtual devices carry
//! them acyclically at the same interval: values arrive, with the jitter of TCP.
//!
//! ## Example
//! A link with cyclic 8 ms between two virtual devices.
//!
//! ## Remedy
//! Nothing must be done.
//!
//! ## Facts
//! `n_links`.

use serde::Serialize;

use crate::check::Severity;
use crate::check::context::DeviceView;
use crate::check::rule::{Facts, On, Report, Rule};
use crate::model::Phrase;
use crate::say;

pub(super) static RULE: Rule = Rule {
    code: "PW112",
    name: "cyclic-carried-acyclically",
    severity: Severity::Info,
    source: include_str!("cyclic_carried_acyclically.rs"),
    on: &[On::Device(check)],
};

#[derive(Serialize)]
struct CarriedAcyclically {
    n_links: u64,
}

impl Facts for CarriedAcyclically {
    fn message(&self) -> Phrase {
        match self.n_links {
            1 => say!("1 cyclic link is carried acyclically until cyclic frames are implemented"),
            n => say!("{n} cyclic links are carried acyclically until cyclic frames are implemented", n),
        }
    }
}

fn check(view: &DeviceView, report: &mut Report) {
    let n_links = view.load.cyclic_in;
    if n_links > 0 && view.device.ethernet_address().is_some() {
        report.add(view.subject(), &CarriedAcyclically { n_links });
    }
}

#[cfg(test)]
mod tests {
    use crate::check::tests::{PORTS, found, found_in};

    #[test]
    fn fires_at_the_consumer() {
        let plan = r#"
            component A 1.0 { in x R4 = 0; in z R4 = 0; out y R4; hmi h R4; in b BOOL = false; out c BOOL; stack 2.0; qos cyclic 8 }
            One: A @10.0.0.1
            Two: A @10.0.0.2
            One.y -> Two.x cyclic 8"#;
        assert_eq!(
            found("PW112", plan),
            ["info Two: 1 cyclic link is carried acyclically until cyclic frames are implemented"]
        );
    }

    #[test]
    fn counts_links() {
        let plan = r#"
            component A 1.0 { in x R4 = 0; in z R4 = 0; out y R4; hmi h R4; in b BOOL = false; out c BOOL; stack 2.0; qos cyclic 8 }
            One: A @10.0.0.1
            Two: A @10.0.0.2
            One.y -> Two.x cyclic 8
            One.y -> Two.z cyclic 8"#;
        assert_eq!(
            found("PW112", plan),
            ["info Two: 2 cyclic links are carried acyclically until cyclic frames are implemented"]
        );
    }

    #[test]
    fn silent_on_acyclic_links() {
        assert_eq!(found_in(PORTS, "PW112", "One.y -> Two.x acyclic 100"), [""; 0]);
    }
}
