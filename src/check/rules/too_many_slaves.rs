//! # PW136: A proxy has more PROFIBUS devices than it can serve
//!
//! ## What it checks
//! For each DP system of a proxy, the devices behind it against the number in its description.
//!
//! ## Why
//! The proxy cannot configure the line; none of its devices may work.
//!
//! ## Example
//! A proxy for 8 devices, with 9 behind it.
//!
//! ## Remedy
//! Attach some of the devices to another proxy or system.
//!
//! ## Facts
//! `system_id`; `n_slaves` on it; `max_slaves`.

use serde::Serialize;

use crate::check::Severity;
use crate::check::context::DeviceView;
use crate::check::rule::{Facts, On, Report, Rule};
use crate::model::Phrase;
use crate::say;

pub(super) static RULE: Rule = Rule {
    code: "PW136",
    name: "too-many-slaves",
    severity: Severity::Error,
    source: include_str!("too_many_slaves.rs"),
    on: &[On::Device(check)],
};

#[derive(Serialize)]
struct TooManySlaves {
    system_id: u8,
    n_slaves: usize,
    max_slaves: u8,
}

impl Facts for TooManySlaves {
    fn message(&self) -> Phrase {
        let Self { system_id, n_slaves, max_slaves } = self;
        match n_slaves {
            1 => say!("1 device on PROFIBUS system {system_id}, the limit is {max_slaves}", system_id, max_slaves),
            n => {
                say!("{n} devices on PROFIBUS system {system_id}, the limit is {max_slaves}", n, system_id, max_slaves)
            }
        }
    }
}

fn check(view: &DeviceView, report: &mut Report) {
    for line in view.components().flat_map(|component| &component.device.profibus).filter(|line| line.master) {
        let Some(max_slaves) = line.max_slaves else { continue };
        let on_line = view.slaves().filter(|slave| {
            let place = view.cx.plan.devices().get(*slave).and_then(|device| device.profibus_address());
            place.is_some_and(|place| place.system_id == line.system_id)
        });
        let n_slaves = on_line.count();
        if n_slaves > usize::from(max_slaves) {
            report.add(view.subject(), &TooManySlaves { system_id: line.system_id, n_slaves, max_slaves });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::check::tests::{PROFIBUS, found, found_in};

    #[test]
    fn fires_beyond_the_limit() {
        let text = "
            D1: S behind Gate system 1 address 3
            D2: S behind Gate system 1 address 4
            D3: S behind Gate system 1 address 5";
        assert_eq!(found_in(PROFIBUS, "PW136", text), ["error Gate: 3 devices on PROFIBUS system 1, the limit is 2"]);
    }

    #[test]
    fn counts_each_system() {
        let plan = r#"
            component P 1.0 proxy { profibus master system 1 slaves 1; profibus master system 2 slaves 0 }
            component S 1.0 profibusSlave { in x R4 = 0 }
            Gate: P @10.0.0.1
            D1: S behind Gate system 1 address 3
            D2: S behind Gate system 2 address 3"#;
        assert_eq!(found("PW136", plan), ["error Gate: 1 device on PROFIBUS system 2, the limit is 0"]);
    }

    #[test]
    fn silent_up_to_the_limit() {
        let text = "
            D1: S behind Gate system 1 address 3
            D2: S behind Gate system 1 address 4
            D3: S behind Gate system 2 address 4";
        assert_eq!(found_in(PROFIBUS, "PW136", text), [""; 0]);
    }
}
