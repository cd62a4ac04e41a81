//! # PW107: A device has more to bear than is typical for it
//!
//! ## What it checks
//! The same counts as PW106, against the values that the device profile calls typical.
//!
//! ## Why
//! The device takes it, but the maker promises its speed only up to the typical values. There is no room for later machines.
//!
//! ## Example
//! 34 partners on a device whose maker calls 32 typical and 64 the limit.
//!
//! ## Remedy
//! Nothing must be done now; plan the next machine on another device.
//!
//! ## Facts
//! As for PW106: `what`, `used`, `typical`, `maximum` (here `null` when nobody states it), `instance`.

use serde::Serialize;

use crate::check::context::{DeviceView, LinkView};
use crate::check::limits::{self, Use};
use crate::check::rule::{Facts, On, Report, Rule};
use crate::check::{Severity, Subject};
use crate::model::{Name, Phrase};
use crate::say;

pub(super) static RULE: Rule = Rule {
    code: "PW107",
    name: "limit-typical",
    severity: Severity::Warning,
    source: include_str!("limit_typical.rs"),
    on: &[On::Device(check), On::Link(check_arrays)],
};

#[derive(Serialize)]
struct BeyondTypical {
    what: Phrase,
    used: u64,
    typical: u64,
    maximum: Option<u64>,
    instance: Option<String>,
}

impl Facts for BeyondTypical {
    fn message(&self) -> Phrase {
        let Self { what, used, typical, maximum, instance } = self;
        let mut load = say!("{used} of {typical} typical {what}", used, typical, what);
        if let Some(instance) = instance {
            load = say!("{load} at {instance}", load, instance);
        }
        if let Some(maximum) = maximum {
            load = say!("{load}, limit {maximum}", load, maximum);
        }
        say!("{load}: works, but beyond what the maker calls typical", load)
    }
}

fn beyond(Use { what, used, typical, maximum, .. }: Use, instance: Option<&Name>) -> Option<BeyondTypical> {
    let typical = typical.filter(|typical| used > *typical)?;
    // Beyond the maximum it is an error, and PW106 says so.
    let refused = maximum.is_some_and(|maximum| used > maximum);
    let instance = instance.map(ToString::to_string);
    (!refused).then_some(BeyondTypical { what, used, typical, maximum, instance })
}

fn check(view: &DeviceView, report: &mut Report) {
    for facts in limits::uses(view).into_iter().filter_map(|of_device| beyond(of_device, None)) {
        report.add(view.subject(), &facts);
    }
}

fn check_arrays(view: &LinkView, report: &mut Report) {
    for (of_array, instance) in limits::array_uses(view) {
        if let Some(facts) = beyond(of_array, Some(instance)) {
            report.add(view.subject(), &facts).related = vec![Subject::Instance(instance.clone())];
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::check::tests::found;

    #[test]
    fn fires_between_typical_and_maximum() {
        let plan = r#"
            component A 1.0 { in x R4 = 0; in z R4 = 0; in w R4 = 0; out y R4; typical partners 1; maximum partners 64 }
            One: A @10.0.0.1
            Two: A @10.0.0.2
            Three: A @10.0.0.3
            Two.y -> One.x
            Three.y -> One.z"#;
        assert_eq!(
            found("PW107", plan),
            ["warning One: 2 of 1 typical partners, limit 64: works, but beyond what the maker calls typical"]
        );
    }

    #[test]
    fn fires_on_bytes_without_maximum() {
        let plan = r#"
            component A 1.0 { in x R4 = 0; in z R4 = 0; in w R4 = 0; out y R4; typical bytes_out 4 }
            One: A @10.0.0.1
            Two: A @10.0.0.2
            Three: A @10.0.0.3
            One.y -> Two.x
            One.y -> Two.z"#;
        assert_eq!(
            found("PW107", plan),
            ["warning One: 8 of 4 typical bytes provided: works, but beyond what the maker calls typical"]
        );
    }

    #[test]
    fn silent_beyond_the_maximum_and_within_the_typical() {
        let plan = r#"
            component A 1.0 { in x R4 = 0; in z R4 = 0; in w R4 = 0; out y R4; typical connections_in 1; limit connections_in 1; typical bytes_in 100 }
            One: A @10.0.0.1
            Two: A @10.0.0.2
            Three: A @10.0.0.3
            Two.y -> One.x
            Three.y -> One.z"#;
        assert_eq!(found("PW107", plan), [""; 0]);
    }
}
