//! # PW110: A link uses an interval that an end does not offer
//!
//! ## What it checks
//! The interval of a link stands in the list of both ends: of the port, or of the device. An empty list allows any interval.
//!
//! ## Why
//! The device refuses the connection with `CBA_E_QOSVALUEUNSUPPORTED`, or silently takes another interval than planned.
//!
//! ## Example
//! Cyclic 10 ms, where the device offers 8, 16 and 32 ms.
//!
//! ## Remedy
//! Choose an interval from the lists. Safe fix: the nearest one that both ends offer.
//!
//! ## Facts
//! `instance` at that end; `qos_type`; `value_ms` of the link; `offered_ms`, empty for any interval.

use serde::Serialize;

use crate::check::Severity;
use crate::check::context::LinkView;
use crate::check::offers;
use crate::check::rule::{Facts, On, Report, Rule};
use crate::model::{Phrase, Qos, Say};
use crate::say;

pub(super) static RULE: Rule = Rule {
    code: "PW110",
    name: "qos-value-not-offered",
    severity: Severity::Error,
    source: include_str!("qos_value_not_offered.rs"),
    on: &[On::Link(check)],
};

#[derive(Serialize)]
struct QosValueNotOffered {
    instance: String,
    qos_type: Phrase,
    value_ms: u16,
    offered_ms: Vec<u16>,
}

impl Facts for QosValueNotOffered {
    fn message(&self) -> Phrase {
        say!(
            "{instance} does not offer {qos_type} {value_ms} ms, but {offered}",
            instance = self.instance,
            qos_type = self.qos_type,
            value_ms = self.value_ms,
            offered = offers::list(&self.offered_ms)
        )
    }
}

fn check(view: &LinkView, report: &mut Report) {
    let qos = view.link.qos;
    for end in [view.provider, view.consumer] {
        let Some(offered) = offers::values(&end, qos.qos_type) else { continue };
        if (offered.is_empty() && qos.value_ms > 0) || offered.contains(&qos.value_ms) {
            continue;
        }
        let facts = QosValueNotOffered {
            instance: end.port.instance.to_string(),
            qos_type: qos.qos_type.say(),
            value_ms: qos.value_ms,
            offered_ms: offered.to_vec(),
        };
        let nearest = offers::nearest(view, qos.qos_type, qos.value_ms);
        report.add(view.subject(), &facts).fix = nearest.map(|value_ms| offers::set(view, Qos { value_ms, ..qos }));
    }
}

#[cfg(test)]
mod tests {
    use crate::check::tests::{fixes, found};

    #[test]
    fn fires_beside_the_list() {
        let plan = r#"
            component A 1.0 { in x R4 = 0; in z R4 = 0; out y R4; hmi h R4; in b BOOL = false; out c BOOL; stack 2.0; in p R4 = 0 qos cyclic 16; qos cyclic 8,16 }
            One: A @10.0.0.1
            Two: A @10.0.0.2
            One.y -> Two.p cyclic 8"#;
        assert_eq!(found("PW110", plan), ["error One.y → Two.p: Two does not offer cyclic 8 ms, but 16 ms"]);
    }

    #[test]
    fn offers_the_nearest_that_both_have() {
        let plan = r#"
            component A 1.0 { in x R4 = 0; in z R4 = 0; out y R4; hmi h R4; in b BOOL = false; out c BOOL; stack 2.0; in p R4 = 0 qos cyclic 16,32; qos cyclic 8,16,32 }
            One: A @10.0.0.1
            Two: A @10.0.0.2
            One.y -> Two.p cyclic 10"#;
        assert_eq!(fixes("PW110", plan), ["Set One.y → Two.p to cyclic 16 ms", "Set One.y → Two.p to cyclic 16 ms"]);
    }

    #[test]
    fn silent_in_the_list_and_without_one() {
        let plan = r#"
            component A 1.0 { in x R4 = 0; in z R4 = 0; out y R4; hmi h R4; in b BOOL = false; out c BOOL; stack 2.0; qos cyclic 8,16; qos acyclic }
            One: A @10.0.0.1
            Two: A @10.0.0.2
            One.y -> Two.x cyclic 8
            One.y -> Two.z acyclic 123"#;
        assert_eq!(found("PW110", plan), [""; 0]);
    }
}
