//! # PW106: A device has more to bear than it can
//!
//! ## What it checks
//! For each device: connections consumed and provided, partner ACCOs on other devices, bytes consumed and provided, cyclic connections
//! consumed and provided, against the maximum of its description and of its device profile, the lower of both. For each link: the bytes of
//! an array or structure against the maximum of both ends. A device behind a proxy counts for itself and for the proxy.
//!
//! ## Why
//! The device refuses what is beyond with `CBA_E_COUNTEXCEEDED`, `CBA_E_SIZEEXCEEDED`, `CBA_E_OUTOFPARTNERACCOS` or `CBA_E_LIMITVIOLATION`, in the middle of a download.
//!
//! ## Example
//! A controller takes 64 partners and the plan links it with 70 machines.
//!
//! ## Remedy
//! Spread the functions over more devices, collect values in arrays, or pass them on through a machine in between.

use serde::Serialize;

use crate::check::limits;
use crate::check::{Severity, Subject};
use crate::check::context::{DeviceView, LinkView};
use crate::check::rule::{Facts, On, Report, Rule};
use crate::check::limits::Use;

pub(super) static RULE: Rule = Rule {
    code: "PW106",
    name: "limit-exceeded",
    severity: Severity::Error,
    source: include_str!("limit_exceeded.rs"),
    on: &[On::Device(check), On::Link(check_arrays)],
};

#[derive(Serialize)]
struct LimitExceeded {
    what: &'static str,
    used: u64,
    typical: Option<u64>,
    maximum: u64,
}

impl Facts for LimitExceeded {
    fn message(&self) -> String {
        let typical = self.typical.map(|typical| format!(" (typical {typical})")).unwrap_or_default();
        format!("{} {}, the limit is {}{typical}", self.used, self.what, self.maximum)
    }
}

fn exceeded(Use { what, used, typical, maximum }: Use) -> Option<LimitExceeded> {
    let maximum = maximum.filter(|maximum| used > *maximum)?;
    Some(LimitExceeded { what, used, typical, maximum })
}

fn check(view: &DeviceView, report: &mut Report) {
    for facts in limits::uses(view).into_iter().filter_map(exceeded) {
        report.add(view.subject(), &facts);
    }
}

fn check_arrays(view: &LinkView, report: &mut Report) {
    let Some((port, _)) = view.ports().filter(|(port, _)| port.value_type.base().is_none()) else { return };
    let bytes = port.value_type.wire_bytes();
    for end in [view.provider, view.consumer] {
        let facts = end.component().and_then(|component| exceeded(limits::array_use(component, bytes)));
        if let Some(facts) = facts {
            report.add(view.subject(), &facts).related = vec![Subject::Instance(end.port.instance.clone())];
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::check::tests::{found};

    #[test]
    fn fires_beyond_the_maximum() {
        let plan = r#"
            component A 1.0 { in x R4 = 0; in z R4 = 0; in w R4 = 0; out y R4; limit connections_in 2; typical connections_in 1; limit partners 1 }
            One: A @10.0.0.1
            Two: A @10.0.0.2
            Three: A @10.0.0.3
            Two.y -> One.x
            Two.y -> One.z
            Three.y -> One.w"#;
        assert_eq!(found("PW106", plan), ["error One: 3 connections consumed, the limit is 2 (typical 1)", "error One: 2 partners, the limit is 1"]);
    }

    #[test]
    fn fires_on_arrays() {
        let plan = r#"
            component A 1.0 { in x R4[8] = "0 0 0 0 0 0 0 0"; out y R4[8]; maximum array_bytes 30 }
            One: A @10.0.0.1
            B: A @10.0.0.2
            One.y -> B.x"#;
        assert_eq!(found("PW106", plan), ["error One.y → B.x: 32 bytes in one array or structure, the limit is 30", "error One.y → B.x: 32 bytes in one array or structure, the limit is 30"]);
    }

    #[test]
    fn silent_up_to_the_maximum() {
        let plan = r#"
            component A 1.0 { in x R4 = 0; in z R4 = 0; in w R4 = 0; out y R4; limit connections_in 2; limit partners 1; limit bytes_in 8 }
            One: A @10.0.0.1
            Two: A @10.0.0.2
            Three: A @10.0.0.3
            Two.y -> One.x
            Two.y -> One.z"#;
        assert_eq!(found("PW106", plan), [""; 0]);
    }
}
