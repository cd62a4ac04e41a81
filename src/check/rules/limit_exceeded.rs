//! # PW106: A device has more to bear than it can
//!
//! ## What it checks
//! For each device: connections consumed and provided, partner ACCOs on other devices, bytes consumed and provided, cyclic connections
//! consumed and provided, against the maximum of its description and of its device profile, the lower of both. For each link: the bytes of
//! an array or structure against the maximum of both ends.
//!
//! A limit is one of the device: all LDevs on it add up. A constant counts as a connection consumed, without bytes and partner. A device
//! behind a proxy counts for itself and for the proxy. Each pair of ACCOs that are connected counts as one partner.
//!
//! ## Why
//! The device refuses what is beyond with `CBA_E_COUNTEXCEEDED`, `CBA_E_SIZEEXCEEDED`, `CBA_E_OUTOFPARTNERACCOS` or
//! `CBA_E_ITEMTOOLARGE`, in the middle of a download.
//!
//! ## Example
//! A controller takes 64 partners and the plan links it with 70 machines.
//!
//! ## Remedy
//! Spread the functions over more devices, collect values in arrays, or pass them on through a machine in between.
//!
//! ## Facts
//! `what` is counted; how much is `used`; `typical`, `null` when nobody states it; `maximum`; `instance`, whose limit it is, for arrays and
//! structures, otherwise `null`.

use serde::Serialize;

use crate::check::context::{DeviceView, LinkView};
use crate::check::limits::{self, Use};
use crate::check::rule::{Facts, On, Report, Rule};
use crate::check::{Severity, Subject};
use crate::model::{Name, Phrase};
use crate::say;

pub(super) static RULE: Rule = Rule {
    code: "PW106",
    name: "limit-exceeded",
    severity: Severity::Error,
    source: include_str!("limit_exceeded.rs"),
    on: &[On::Device(check), On::Link(check_arrays)],
};

#[derive(Serialize)]
struct LimitExceeded {
    what: Phrase,
    used: u64,
    typical: Option<u64>,
    maximum: u64,
    instance: Option<String>,
}

impl Facts for LimitExceeded {
    fn message(&self) -> Phrase {
        let Self { what, used, typical, maximum, instance } = self;
        let exceeded = match instance {
            Some(instance) => {
                say!("{used} {what}, the limit of {instance} is {maximum}", used, what, instance, maximum)
            }
            None => say!("{used} {what}, the limit is {maximum}", used, what, maximum),
        };
        match typical {
            Some(typical) => say!("{exceeded} (typical {typical})", exceeded, typical),
            None => exceeded,
        }
    }
}

fn exceeded(of_device: Use, instance: Option<&Name>) -> Option<LimitExceeded> {
    let is_exceeded = of_device.is_exceeded();
    let Use { what, used, typical, maximum, .. } = of_device;
    let maximum = maximum.filter(|_| is_exceeded)?;
    Some(LimitExceeded { what, used, typical, maximum, instance: instance.map(ToString::to_string) })
}

fn check(view: &DeviceView, report: &mut Report) {
    for facts in limits::uses(view).into_iter().filter_map(|of_device| exceeded(of_device, None)) {
        report.add(view.subject(), &facts);
    }
}

fn check_arrays(view: &LinkView, report: &mut Report) {
    for (of_array, instance) in limits::array_uses(view) {
        if let Some(facts) = exceeded(of_array, Some(instance)) {
            report.add(view.subject(), &facts).related = vec![Subject::Instance(instance.clone())];
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::check::tests::found;

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
        assert_eq!(
            found("PW106", plan),
            ["error One: 3 connections consumed, the limit is 2 (typical 1)", "error One: 2 partners, the limit is 1"]
        );
    }

    #[test]
    fn constants_are_connections_and_ldevs_add_up() {
        let text = r#"
            component A 1.0 { ldev L; in x R4 = 0; in z R4 = 0; ldev M; rtauto Other; in w R4 = 0; limit connections_in 2; limit partners 1 }
            component B 1.0 { out y R4 }
            One: A @10.0.0.1
            Two: B @10.0.0.2
            Two.y -> One.x
            One.z = 1
            Two.y -> One.w"#;
        assert_eq!(
            found("PW106", text),
            ["error One: 3 connections consumed, the limit is 2", "error One: 2 partners, the limit is 1"]
        );
    }

    #[test]
    fn two_accos_that_feed_each_other_are_one_pair() {
        let text = "
            component A 1.0 { in x R4 = 0; out y R4; limit partners 1 }
            One: A @10.0.0.1
            Two: A @10.0.0.2
            One.y -> Two.x
            Two.y -> One.x";
        assert_eq!(found("PW106", text), [""; 0]);
    }

    #[test]
    fn fires_on_arrays() {
        let plan = r#"
            component A 1.0 { in x R4[8] = "0 0 0 0 0 0 0 0"; out y R4[8]; maximum array_bytes 30 }
            One: A @10.0.0.1
            B: A @10.0.0.2
            One.y -> B.x"#;
        assert_eq!(
            found("PW106", plan),
            [
                "error One.y → B.x: 32 bytes in one array or structure, the limit of One is 30",
                "error One.y → B.x: 32 bytes in one array or structure, the limit of B is 30"
            ]
        );
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
