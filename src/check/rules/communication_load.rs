//! # PW108: A device exchanges more values a second than is typical for it
//!
//! ## What it checks
//! The sum over all active links of a device, consumed and provided, of value updates a second, if every link sends at each of
//! its intervals, against the numbers of the device profile. Beyond the maximum the finding is an error.
//!
//! ## Why
//! Each update costs the device time that its program lacks; acyclic updates queue up and arrive late.
//!
//! ## Example
//! 300 links at 100 ms are 3000 updates a second; the profile calls 1000 typical.
//!
//! ## Remedy
//! Lengthen intervals, set epsilons so that fewer changes are sent, or collect values in arrays.
//!
//! ## Facts
//! `updates_per_second`; `typical` and `maximum`, each `null` when no profile states it.

use serde::Serialize;

use crate::check::Severity;
use crate::check::context::DeviceView;
use crate::check::rule::{Facts, On, Report, Rule};
use crate::model::Phrase;
use crate::say;

pub(super) static RULE: Rule = Rule {
    code: "PW108",
    name: "communication-load",
    severity: Severity::Warning,
    source: include_str!("communication_load.rs"),
    on: &[On::Device(check)],
};

#[derive(Serialize)]
struct CommunicationLoad {
    updates_per_second: f64,
    typical: Option<f64>,
    maximum: Option<f64>,
}

impl CommunicationLoad {
    fn refused(&self) -> bool {
        self.maximum.is_some_and(|maximum| self.updates_per_second > maximum)
    }
}

impl Facts for CommunicationLoad {
    fn message(&self) -> Phrase {
        let bounds = [
            self.typical.map(|typical| say!("typical {typical}", typical)),
            self.maximum.map(|maximum| say!("limit {maximum}", maximum)),
        ];
        let verdict = match self.refused() {
            true => say!("more than the device can do"),
            false => say!("beyond what the maker calls typical"),
        };
        let n = format!("{:.0}", self.updates_per_second);
        let bounds = Phrase::list(bounds.into_iter().flatten());
        say!("up to {n} value updates a second ({bounds}): {verdict}", n, bounds, verdict)
    }
}

fn check(view: &DeviceView, report: &mut Report) {
    let least = |one: Option<f64>, other: Option<f64>| match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
    let (mut typical, mut maximum) = (None, None);
    for profile in view.components().filter_map(|component| component.profile.as_deref()) {
        typical = least(typical, profile.typical_updates_per_second);
        maximum = least(maximum, profile.maximum_updates_per_second);
    }
    let facts = CommunicationLoad { updates_per_second: view.load.updates_per_second(), typical, maximum };
    if facts.refused() {
        report.add(view.subject(), &facts).severity = Severity::Error;
    } else if typical.is_some_and(|typical| facts.updates_per_second > typical) {
        report.add(view.subject(), &facts);
    }
}

#[cfg(test)]
mod tests {
    use crate::check::tests::found;

    #[test]
    fn warns_beyond_typical() {
        let plan = r#"
            component A 1.0 { in x R4 = 0; in z R4 = 0; in w R4 = 0; out y R4; updates 15 40 }
            One: A @10.0.0.1
            Two: A @10.0.0.2
            Three: A @10.0.0.3
            Two.y -> One.x acyclic 100
            Two.y -> One.z acyclic 100"#;
        assert_eq!(
            found("PW108", plan),
            [
                "warning One: up to 20 value updates a second (typical 15, limit 40): beyond what the maker calls typical",
                "warning Two: up to 20 value updates a second (typical 15, limit 40): beyond what the maker calls typical"
            ]
        );
    }

    #[test]
    fn is_an_error_beyond_the_maximum() {
        let plan = r#"
            component A 1.0 { in x R4 = 0; in z R4 = 0; in w R4 = 0; out y R4; updates 5 9 }
            One: A @10.0.0.1
            Two: A @10.0.0.2
            Three: A @10.0.0.3
            Two.y -> One.x acyclic 100"#;
        assert_eq!(
            found("PW108", plan),
            [
                "error One: up to 10 value updates a second (typical 5, limit 9): more than the device can do",
                "error Two: up to 10 value updates a second (typical 5, limit 9): more than the device can do"
            ]
        );
    }

    #[test]
    fn silent_within_and_for_passive_links() {
        let plan = r#"
            component A 1.0 { in x R4 = 0; in z R4 = 0; in w R4 = 0; out y R4; updates 10 40 }
            One: A @10.0.0.1
            Two: A @10.0.0.2
            Three: A @10.0.0.3
            Two.y -> One.x acyclic 100
            Two.y -> One.z acyclic 100 passive"#;
        assert_eq!(found("PW108", plan), [""; 0]);
    }
}
