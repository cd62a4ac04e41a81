//! # PW118: A substitute is outside the range its input is meant for
//!
//! ## What it checks
//! Substitutes against the least and greatest value, the longest text and the named values that the description gives for the input.
//!
//! ## Why
//! On connection loss, of all moments, the device would get a value it is not made for.
//!
//! ## Example
//! The substitute -1 for a speed of 0 to 100 %.
//!
//! ## Remedy
//! Choose a value in the range.
//!
//! ## Facts
//! `substitute` as it stands in the plan; `complaint` in words.

use serde::Serialize;

use crate::check::Severity;
use crate::check::context::LinkView;
use crate::check::rule::{Facts, On, Report, Rule};
use crate::model::{Phrase, Substitute};
use crate::say;

pub(super) static RULE: Rule = Rule {
    code: "PW118",
    name: "substitute-out-of-range",
    severity: Severity::Warning,
    source: include_str!("substitute_out_of_range.rs"),
    on: &[On::Link(check)],
};

#[derive(Serialize)]
struct SubstituteOutOfRange {
    substitute: String,
    complaint: Phrase,
}

impl Facts for SubstituteOutOfRange {
    fn message(&self) -> Phrase {
        say!("the substitute is out of range: {complaint}", complaint = self.complaint)
    }
}

fn check(view: &LinkView, report: &mut Report) {
    let (Some(port), Substitute::Value(literal)) = (view.consumer.described, &view.link.substitute) else { return };
    let Ok(value) = port.value_type.read_literal(literal) else { return };
    if let Some(complaint) = port.complaint(&value) {
        report.add(view.subject(), &SubstituteOutOfRange { substitute: literal.to_string(), complaint });
    }
}

#[cfg(test)]
mod tests {
    use crate::check::tests::{VALUES, found_in};

    #[test]
    fn fires_beyond_the_maximum() {
        assert_eq!(
            found_in(VALUES, "PW118", "One.y -> Two.x sub 11"),
            ["warning One.y → Two.x: the substitute is out of range: 11 is above 10"]
        );
    }

    #[test]
    fn fires_on_long_texts() {
        assert_eq!(
            found_in(VALUES, "PW118", "One.t -> Two.s sub abcd"),
            ["warning One.t → Two.s: the substitute is out of range: 4 characters, at most 3 are allowed"]
        );
    }

    #[test]
    fn silent_in_range() {
        assert_eq!(found_in(VALUES, "PW118", "One.y -> Two.x sub -10"), [""; 0]);
    }
}
