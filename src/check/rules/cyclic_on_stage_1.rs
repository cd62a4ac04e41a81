//! # PW111: A cyclic link with a device that knows no cyclic transmission
//!
//! ## What it checks
//! Both ends of a cyclic link run on devices of stage 2. The stage is the major number of the stack revision; without one, a device that
//! offers cyclic transmission is taken for stage 2.
//!
//! ## Why
//! Devices of stage 1 have no real-time interface (ICBAAccoServerSRT), so the connection is never set up.
//!
//! ## Example
//! A link with cyclic 8 ms to a controller with stack revision 1.2.
//!
//! ## Remedy
//! Make the link acyclic, or replace the device. Safe fix: acyclic with the nearest interval that both ends offer.
//!
//! ## Facts
//! `instance` at that end; `stack_revision` of its device, `null` when none is stated.

use serde::Serialize;

use crate::check::Severity;
use crate::check::context::LinkView;
use crate::check::offers;
use crate::check::rule::{Facts, On, Report, Rule};
use crate::model::{Phrase, QosType};
use crate::say;

pub(super) static RULE: Rule = Rule {
    code: "PW111",
    name: "cyclic-on-stage-1",
    severity: Severity::Error,
    source: include_str!("cyclic_on_stage_1.rs"),
    on: &[On::Link(check)],
};

#[derive(Serialize)]
struct CyclicOnStageOne {
    instance: String,
    stack_revision: Option<String>,
}

impl Facts for CyclicOnStageOne {
    fn message(&self) -> Phrase {
        let instance = &self.instance;
        match &self.stack_revision {
            Some(revision) => {
                say!("{instance} is of stage 1 (stack {revision}) and knows no cyclic transmission", instance, revision)
            }
            None => say!("{instance} is of stage 1 and knows no cyclic transmission", instance),
        }
    }
}

fn check(view: &LinkView, report: &mut Report) {
    let qos = view.link.qos;
    if qos.qos_type != QosType::Cyclic {
        return;
    }
    for end in [view.provider, view.consumer] {
        let Some(component) = end.component().filter(|component| component.stage() == 1) else { continue };
        let facts = CyclicOnStageOne {
            instance: end.port.instance.to_string(),
            stack_revision: component.device.identity.pn_revision.map(|revision| revision.to_string()),
        };
        report.add(view.subject(), &facts).fix = offers::make_acyclic(view);
    }
}

#[cfg(test)]
mod tests {
    use crate::check::tests::found;

    #[test]
    fn fires_on_an_old_stack() {
        let plan = r#"
            component A 1.0 { in x R4 = 0; out y R4; qos cyclic 8; stack 1.2 }
            One: A @10.0.0.1
            Two: A @10.0.0.2
            One.y -> Two.x cyclic 8"#;
        assert_eq!(
            found("PW111", plan),
            [
                "error One.y → Two.x: One is of stage 1 (stack 1.2) and knows no cyclic transmission",
                "error One.y → Two.x: Two is of stage 1 (stack 1.2) and knows no cyclic transmission"
            ]
        );
    }

    #[test]
    fn fires_without_revision_and_cyclic_offer() {
        let plan = r#"
            component A 1.0 { in x R4 = 0; out y R4; qos cyclic 8 }
            component B 1.0 { in x R4 = 0 }
            One: A @10.0.0.1
            Two: B @10.0.0.2
            One.y -> Two.x cyclic 8"#;
        assert_eq!(found("PW111", plan), ["error One.y → Two.x: Two is of stage 1 and knows no cyclic transmission"]);
    }

    #[test]
    fn silent_on_stage_2() {
        let plan = r#"
            component A 1.0 { in x R4 = 0; out y R4; qos cyclic 8; stack 2.0 }
            One: A @10.0.0.1
            Two: A @10.0.0.2
            One.y -> Two.x cyclic 8"#;
        assert_eq!(found("PW111", plan), [""; 0]);
    }
}
