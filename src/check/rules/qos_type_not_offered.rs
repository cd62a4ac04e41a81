//! # PW109: A link uses a transmission that an end does not offer
//!
//! ## What it checks
//! The transmission type of a link is offered by both ends: by the port, or where it says nothing, by the device. A device
//! that says nothing offers acyclic transmission.
//!
//! ## Why
//! The device refuses the connection with `CBA_E_QOSTYPEUNSUPPORTED` or `CBA_E_QOSTYPENOTAPPLICABLE`.
//!
//! ## Example
//! A cyclic link to a panel that only does acyclic transmission.
//!
//! ## Remedy
//! Choose a transmission that both ends offer. Safe fix: the acyclic transmission with the nearest interval that both offer.
//!
//! ## Facts
//! `instance` at that end; `qos_type`; `by_port`, whether its port rather than its device makes the offer.

use serde::Serialize;

use crate::check::Severity;
use crate::check::context::LinkView;
use crate::check::offers;
use crate::check::rule::{Facts, On, Report, Rule};
use crate::model::{Phrase, QosType, Say};
use crate::say;

pub(super) static RULE: Rule = Rule {
    code: "PW109",
    name: "qos-type-not-offered",
    severity: Severity::Error,
    source: include_str!("qos_type_not_offered.rs"),
    on: &[On::Link(check)],
};

#[derive(Serialize)]
struct QosTypeNotOffered {
    instance: String,
    qos_type: Phrase,
    by_port: bool,
}

impl Facts for QosTypeNotOffered {
    fn message(&self) -> Phrase {
        let Self { instance, qos_type, by_port } = self;
        match by_port {
            true => say!("the port of {instance} does not offer {qos_type} transmission", instance, qos_type),
            false => say!("{instance} does not offer {qos_type} transmission", instance, qos_type),
        }
    }
}

fn check(view: &LinkView, report: &mut Report) {
    let qos = view.link.qos;
    for end in [view.provider, view.consumer] {
        // That a device of stage 1 has no cyclic transmission is a rule of its own.
        let stage_one = end.component().is_some_and(|component| component.stage() == 1);
        if offers::values(&end, qos.qos_type).is_some() || (qos.qos_type == QosType::Cyclic && stage_one) {
            continue;
        }
        let facts = QosTypeNotOffered {
            instance: end.port.instance.to_string(),
            qos_type: qos.qos_type.say(),
            by_port: offers::by_port(&end),
        };
        report.add(view.subject(), &facts).fix = offers::make_acyclic(view);
    }
}

#[cfg(test)]
mod tests {
    use crate::check::tests::{fixes, found};

    #[test]
    fn fires_when_a_device_does_not_offer_it() {
        let plan = r#"
            component A 1.0 { in x R4 = 0; in z R4 = 0; out y R4; hmi h R4; in b BOOL = false; out c BOOL; stack 2.0; qos acyclic 100,200 }
            One: A @10.0.0.1
            Two: A @10.0.0.2
            One.y -> Two.x acyclicHmi 100"#;
        assert_eq!(
            found("PW109", plan),
            [
                "error One.y → Two.x: One does not offer acyclicHmi transmission",
                "error One.y → Two.x: Two does not offer acyclicHmi transmission"
            ]
        );
    }

    #[test]
    fn offers_the_nearest_acyclic_interval() {
        let plan = r#"
            component A 1.0 { in x R4 = 0; in z R4 = 0; out y R4; hmi h R4; in b BOOL = false; out c BOOL; stack 2.0; in p R4 = 0 qos acyclic 50,500; qos acyclic; qos cyclic 8 }
            One: A @10.0.0.1
            Two: A @10.0.0.2
            One.y -> Two.p cyclic 8"#;
        assert_eq!(fixes("PW109", plan), ["Set One.y → Two.p to acyclic 50 ms"]);
    }

    #[test]
    fn silent_when_both_offer_it() {
        let plan = r#"
            component A 1.0 { in x R4 = 0; in z R4 = 0; out y R4; hmi h R4; in b BOOL = false; out c BOOL; stack 2.0; qos cyclic 8,16 }
            One: A @10.0.0.1
            Two: A @10.0.0.2
            One.y -> Two.x cyclic 8"#;
        assert_eq!(found("PW109", plan), [""; 0]);
    }
}
