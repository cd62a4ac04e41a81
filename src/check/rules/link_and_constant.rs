//! # PW104: An input has both a link and a constant
//!
//! ## What it checks
//! An input is fed by a link or by a constant, not by both.
//!
//! ## Why
//! A constant is a connection too, and a device takes one connection for an input. Which of the two wins would be chance.
//!
//! ## Example
//! `Filler1.speed = 3`, and a link from `Panel.speed` to it.
//!
//! ## Remedy
//! Decide for one. Safe fix: the constant is removed; the link, which alone would be loaded, stays.

use serde::Serialize;

use crate::check::{Fix, FixChange, Severity, Subject};
use crate::check::context::{ConstantView};
use crate::check::rule::{Facts, On, Report, Rule};

pub(super) static RULE: Rule = Rule {
    code: "PW104",
    name: "link-and-constant",
    severity: Severity::Error,
    source: include_str!("link_and_constant.rs"),
    on: &[On::Constant(check)],
};

#[derive(Serialize)]
struct LinkAndConstant {
    constant: String,
    provider: String,
}

impl Facts for LinkAndConstant {
    fn message(&self) -> String {
        format!("fed by the constant {} and by a link from {}", self.constant, self.provider)
    }
}

fn check(view: &ConstantView, report: &mut Report) {
    let plan = report.plan;
    let Some((key, link)) = plan.links_to(view.port).next() else { return };
    let facts =
        LinkAndConstant { constant: view.constant.value.to_string(), provider: plan.short_name(&link.provider) };
    let title = format!("Remove the constant of {}", plan.short_name(view.port));
    let finding = report.add(view.subject(), &facts);
    finding.related = vec![Subject::Link(key.clone())];
    finding.fix = Some(Fix { title, change: FixChange::RemoveConstant { port: view.port.clone() } });
}

#[cfg(test)]
mod tests {
    use crate::check::tests::{fixes, found};

    #[test]
    fn fires_with_both() {
        let plan = r#"
            component A 1.0 { in x R4 = 0; in z R4 = 0; out y R4; hmi h R4; inout io R4 = 0; out fixed R4 = 1 constant; in shut R4 = 0 disconnected }
            One: A @10.0.0.1
            Two: A @10.0.0.2
            One.y -> Two.x
            Two.x = 3"#;
        assert_eq!(found("PW104", plan), ["error Two.x: fed by the constant 3 and by a link from One.y"]);
    }

    #[test]
    fn offers_to_remove_the_constant() {
        let plan = r#"
            component A 1.0 { in x R4 = 0; in z R4 = 0; out y R4; hmi h R4; inout io R4 = 0; out fixed R4 = 1 constant; in shut R4 = 0 disconnected }
            One: A @10.0.0.1
            Two: A @10.0.0.2
            One.y -> Two.x
            Two.x = 3"#;
        assert_eq!(fixes("PW104", plan), ["Remove the constant of Two.x"]);
    }

    #[test]
    fn silent_with_one() {
        let plan = r#"
            component A 1.0 { in x R4 = 0; in z R4 = 0; out y R4; hmi h R4; inout io R4 = 0; out fixed R4 = 1 constant; in shut R4 = 0 disconnected }
            One: A @10.0.0.1
            Two: A @10.0.0.2
            One.y -> Two.x
            Two.z = 3"#;
        assert_eq!(found("PW104", plan), [""; 0]);
    }
}
