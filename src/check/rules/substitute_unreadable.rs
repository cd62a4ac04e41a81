//! # PW117: A substitute is no value of its input
//!
//! ## What it checks
//! The substitute of each link can be read as a value of the input's type.
//!
//! ## Why
//! The device refuses the connection with `CBA_E_INVALIDSUBSTITUTE`.
//!
//! ## Example
//! The substitute `off` for an input of type `BOOL`.
//!
//! ## Remedy
//! Write the value in the form of its type, or let the input hold the last value. Safe fix, where the description proposes a substitute: take that one.
//!
//! ## Facts
//! `substitute` as it stands in the plan; `value_type` of the input; `error` in words.

use serde::Serialize;

use crate::check::context::LinkView;
use crate::check::rule::{Facts, On, Report, Rule, link_name};
use crate::check::{Fix, FixChange, Severity};
use crate::model::{Phrase, Say, Substitute};
use crate::say;

pub(super) static RULE: Rule = Rule {
    code: "PW117",
    name: "substitute-unreadable",
    severity: Severity::Error,
    source: include_str!("substitute_unreadable.rs"),
    on: &[On::Link(check)],
};

#[derive(Serialize)]
struct SubstituteUnreadable {
    substitute: String,
    value_type: String,
    error: Phrase,
}

impl Facts for SubstituteUnreadable {
    fn message(&self) -> Phrase {
        say!("the substitute cannot be used: {error}", error = self.error)
    }
}

fn check(view: &LinkView, report: &mut Report) {
    let (Some(port), Substitute::Value(literal)) = (view.consumer.described, &view.link.substitute) else { return };
    let Err(error) = port.value_type.read_literal(literal) else { return };
    let facts = SubstituteUnreadable {
        substitute: literal.to_string(),
        value_type: port.value_type.to_string(),
        error: error.say(),
    };
    let fix = port.substitute.as_ref().map(|proposed| {
        let literal = port.value_type.write_literal(proposed);
        let title =
            say!("Set the substitute of {link} to {literal}", link = link_name(view.cx.plan, view.key), literal);
        let substitute = Substitute::Value(literal.into());
        Fix { title, change: FixChange::SetSubstitute { link: view.key.clone(), substitute } }
    });
    report.add(view.subject(), &facts).fix = fix;
}

#[cfg(test)]
mod tests {
    use crate::check::tests::{VALUES, fixes, found_in};

    #[test]
    fn fires_on_form() {
        assert_eq!(
            found_in(VALUES, "PW117", "One.c -> Two.b sub off"),
            ["error One.c → Two.b: the substitute cannot be used: `off` is not a BOOL value"]
        );
    }

    #[test]
    fn offers_what_the_description_proposes() {
        let plan = r#"
            component A 1.0 { in x I2 = 0 sub 5; out y I2 }
            One: A @10.0.0.1
            One.y -> One.x sub 70000"#;
        assert_eq!(fixes("PW117", plan), ["Set the substitute of One.y → One.x to 5"]);
    }

    #[test]
    fn silent_on_values() {
        let text = "
            One.c -> Two.b sub false
            One.y -> Two.x";
        assert_eq!(found_in(VALUES, "PW117", text), [""; 0]);
    }
}
