//! # PW116: A constant is outside the range its input is meant for
//!
//! ## What it checks
//! Constants against the least and greatest value, the longest text and the named values that the description gives for the input.
//!
//! ## Why
//! The device may clip the value, refuse it, or do what nobody expects.
//!
//! ## Example
//! `Filler1.speed = 150` where the description says 0 to 100 %.
//!
//! ## Remedy
//! Choose a value in the range.
//!
//! ## Facts
//! `value` as it stands in the plan; `complaint` in words.

use serde::Serialize;

use crate::check::Severity;
use crate::check::context::ConstantView;
use crate::check::rule::{Facts, On, Report, Rule};
use crate::model::Phrase;
use crate::say;

pub(super) static RULE: Rule = Rule {
    code: "PW116",
    name: "constant-out-of-range",
    severity: Severity::Warning,
    source: include_str!("constant_out_of_range.rs"),
    on: &[On::Constant(check)],
};

#[derive(Serialize)]
struct ConstantOutOfRange {
    value: String,
    complaint: Phrase,
}

impl Facts for ConstantOutOfRange {
    fn message(&self) -> Phrase {
        say!("the constant is out of range: {complaint}", complaint = self.complaint)
    }
}

fn check(view: &ConstantView, report: &mut Report) {
    let Some(port) = view.end.described else { return };
    let Ok(value) = port.value_type.read_literal(&view.constant.value) else { return };
    if let Some(complaint) = port.complaint(&value) {
        report.add(view.subject(), &ConstantOutOfRange { value: view.constant.value.to_string(), complaint });
    }
}

#[cfg(test)]
mod tests {
    use crate::check::tests::{VALUES, found_in};

    #[test]
    fn fires_beyond_min_and_max() {
        let text = "
            One.x = 11
            Two.x = -11";
        assert_eq!(
            found_in(VALUES, "PW116", text),
            [
                "warning One.x: the constant is out of range: 11 is above 10",
                "warning Two.x: the constant is out of range: -11 is below -10"
            ]
        );
    }

    #[test]
    fn fires_on_elements_and_long_texts() {
        let text = "
            One.a = 1 6
            One.s = abcd";
        assert_eq!(
            found_in(VALUES, "PW116", text),
            [
                "warning One.a: the constant is out of range: 6 is above 5",
                "warning One.s: the constant is out of range: 4 characters, at most 3 are allowed"
            ]
        );
    }

    #[test]
    fn silent_in_range() {
        let text = "
            One.x = 10
            One.a = 5 5
            One.s = abc";
        assert_eq!(found_in(VALUES, "PW116", text), [""; 0]);
    }
}
