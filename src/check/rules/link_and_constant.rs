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
//!
//! ## Facts
//! `constant`, its value; `provider` of the link.

use serde::Serialize;

use crate::check::context::ConstantView;
use crate::check::rule::{Facts, On, Report, Rule};
use crate::check::{Fix, FixChange, Severity, Subject};
use crate::model::Phrase;
use crate::say;

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
    fn message(&self) -> Phrase {
        say!(
            "fed by the constant {constant} and by a link from {provider}",
            constant = self.constant,
            provider = self.provider
        )
    }
}

fn check(view: &ConstantView, report: &mut Report) {
    let plan = report.plan;
    let Some((key, link)) = plan.links_to(view.port).next() else { return };
    let facts =
        LinkAndConstant { constant: view.constant.value.to_string(), provider: plan.short_name(&link.provider) };
    let title = say!("Remove the constant of {port}", port = plan.short_name(view.port));
    let finding = report.add(view.subject(), &facts);
    finding.related = vec![Subject::Link(key.clone())];
    finding.fix = Some(Fix { title, change: FixChange::RemoveConstant { port: view.port.clone() } });
}

#[cfg(test)]
mod tests {
    use crate::check::tests::{PORTS, fixes_in, found_in};

    #[test]
    fn fires_with_both() {
        let text = "
            One.y -> Two.x
            Two.x = 3";
        assert_eq!(found_in(PORTS, "PW104", text), ["error Two.x: fed by the constant 3 and by a link from One.y"]);
    }

    #[test]
    fn offers_to_remove_the_constant() {
        let text = "
            One.y -> Two.x
            Two.x = 3";
        assert_eq!(fixes_in(PORTS, "PW104", text), ["Remove the constant of Two.x"]);
    }

    #[test]
    fn silent_with_one() {
        let text = "
            One.y -> Two.x
            Two.z = 3";
        assert_eq!(found_in(PORTS, "PW104", text), [""; 0]);
    }
}
