//! # PW105: A mandatory input is fed by nothing
//!
//! ## What it checks
//! An input without a default value has a link or a constant. An input with a default is optional.
//!
//! ## Why
//! The function starts with zero there, which the vendor did not call a sensible value.
//!
//! ## Example
//! `Capper1.torque_sp` has no default and nothing feeds it: the capper closes bottles with 0 Nm.
//!
//! ## Remedy
//! Link the input, or give it a constant.
//!
//! ## Facts
//! `value_type`.

use serde::Serialize;

use crate::check::context::InstanceView;
use crate::check::rule::{Facts, On, Report, Rule};
use crate::check::{Severity, Subject};
use crate::model::{Phrase, PortRef};
use crate::say;

pub(super) static RULE: Rule = Rule {
    code: "PW105",
    name: "unfed-input",
    severity: Severity::Warning,
    source: include_str!("unfed_input.rs"),
    on: &[On::Instance(check)],
};

#[derive(Serialize)]
struct UnfedInput {
    value_type: String,
}

impl Facts for UnfedInput {
    fn message(&self) -> Phrase {
        say!("the input ({value_type}) has no link, no constant and no default", value_type = self.value_type)
    }
}

fn check(view: &InstanceView, report: &mut Report) {
    let Some(component) = &view.placed.component else { return };
    let plan = view.cx.plan;
    for (ldev, rtauto) in component.rtautos() {
        for port in rtauto.ports.iter().filter(|port| port.is_mandatory()) {
            let at = PortRef::new(view.name.clone(), ldev.name.clone(), rtauto.name.clone(), port.name.clone());
            // A link that begins nowhere feeds the input too; what is wrong with it is another rule's finding.
            if !view.cx.index.is_fed(&at) && plan.links_to(&at).next().is_none() {
                report.add(Subject::Port(at), &UnfedInput { value_type: port.value_type.to_string() });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::check::tests::found;

    #[test]
    fn fires_without_link_and_constant() {
        let plan = r#"
            component A 1.0 { in x R4; in z I2; out y R4 }
            One: A @10.0.0.1
            One.y -> One.x"#;
        assert_eq!(found("PW105", plan), ["warning One.z: the input (I2) has no link, no constant and no default"]);
    }

    #[test]
    fn fires_for_every_input() {
        let plan = r#"
            component A 1.0 { in x R4; in z I2 }
            One: A @10.0.0.1"#;
        assert_eq!(
            found("PW105", plan),
            [
                "warning One.x: the input (R4) has no link, no constant and no default",
                "warning One.z: the input (I2) has no link, no constant and no default"
            ]
        );
    }

    #[test]
    fn silent_when_fed_or_optional() {
        let plan = r#"
            component A 1.0 { in x R4; in z I2; in o I2 = 0; inout io I2; out y R4 }
            One: A @10.0.0.1
            One.y -> One.x
            One.z = 3"#;
        assert_eq!(found("PW105", plan), [""; 0]);
    }
}
