//! # PW119: An epsilon that its type cannot have
//!
//! ## What it checks
//! Only links between numbers have an epsilon, and it is 0 or more.
//!
//! ## Why
//! The device refuses the connection with `CBA_E_INVALIDEPSILON`. Of arrays, structures, texts and truth values every change is sent.
//!
//! ## Example
//! Epsilon 0.5 on a link between `BOOL` ports.
//!
//! ## Remedy
//! Remove the epsilon. Safe fix, where the type has none: it is removed.
//!
//! ## Facts
//! `epsilon`; `value_type` of the input; `numeric`, whether it can have one.

use serde::Serialize;

use crate::check::context::LinkView;
use crate::check::rule::{Facts, On, Report, Rule, link_name};
use crate::check::{Fix, FixChange, Severity};
use crate::model::{BaseType, Phrase};
use crate::say;

pub(super) static RULE: Rule = Rule {
    code: "PW119",
    name: "epsilon",
    severity: Severity::Error,
    source: include_str!("epsilon.rs"),
    on: &[On::Link(check)],
};

#[derive(Serialize)]
struct Epsilon {
    epsilon: f64,
    value_type: String,
    numeric: bool,
}

impl Facts for Epsilon {
    fn message(&self) -> Phrase {
        match self.numeric {
            true => say!("epsilon {epsilon} is not a number of 0 or more", epsilon = self.epsilon),
            false => say!("{value_type} is not a number and has no epsilon", value_type = self.value_type),
        }
    }
}

fn check(view: &LinkView, report: &mut Report) {
    let (Some(port), Some(epsilon)) = (view.consumer.described, view.link.epsilon) else { return };
    let numeric = port.value_type.base().is_some_and(BaseType::is_numeric);
    if numeric && epsilon >= 0.0 {
        return;
    }
    let facts = Epsilon { epsilon, value_type: port.value_type.to_string(), numeric };
    let fix = (!numeric).then(|| {
        let title = say!("Remove the epsilon of {link}", link = link_name(view.cx.plan, view.key));
        Fix { title, change: FixChange::SetEpsilon { link: view.key.clone(), epsilon: None } }
    });
    report.add(view.subject(), &facts).fix = fix;
}

#[cfg(test)]
mod tests {
    use crate::check::tests::{VALUES, fixes_in, found_in};

    #[test]
    fn fires_on_a_truth_value() {
        assert_eq!(
            found_in(VALUES, "PW119", "One.c -> Two.b eps 1"),
            ["error One.c → Two.b: BOOL is not a number and has no epsilon"]
        );
    }

    #[test]
    fn fires_below_zero() {
        assert_eq!(
            found_in(VALUES, "PW119", "One.y -> Two.x eps -1"),
            ["error One.y → Two.x: epsilon -1 is not a number of 0 or more"]
        );
    }

    #[test]
    fn offers_to_remove_it() {
        assert_eq!(fixes_in(VALUES, "PW119", "One.c -> Two.b eps 1"), ["Remove the epsilon of One.c → Two.b"]);
    }

    #[test]
    fn silent_on_numbers() {
        assert_eq!(found_in(VALUES, "PW119", "One.y -> Two.x eps 0.5"), [""; 0]);
    }
}
