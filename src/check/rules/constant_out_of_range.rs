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

use serde::Serialize;

use crate::check::{Severity};
use crate::check::context::{ConstantView};
use crate::check::rule::{Facts, On, Report, Rule};

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
    complaint: String,
}

impl Facts for ConstantOutOfRange {
    fn message(&self) -> String {
        format!("the constant is out of range: {}", self.complaint)
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
    use crate::check::tests::{found};

    #[test]
    fn fires_beyond_min_and_max() {
        let plan = r#"
            component A 1.0 { in x I2 = 0 min -10 max 10; in s BSTR = a maxlen 3; in a I2[2] = "0 0" max 5; out y I2; out t BSTR; in b BOOL = false; out c BOOL }
            One: A @10.0.0.1
            Two: A @10.0.0.2
            One.x = 11
            Two.x = -11"#;
        assert_eq!(found("PW116", plan), ["warning One.x: the constant is out of range: 11 is above 10", "warning Two.x: the constant is out of range: -11 is below -10"]);
    }

    #[test]
    fn fires_on_elements_and_long_texts() {
        let plan = r#"
            component A 1.0 { in x I2 = 0 min -10 max 10; in s BSTR = a maxlen 3; in a I2[2] = "0 0" max 5; out y I2; out t BSTR; in b BOOL = false; out c BOOL }
            One: A @10.0.0.1
            Two: A @10.0.0.2
            One.a = 1 6
            One.s = abcd"#;
        assert_eq!(found("PW116", plan), ["warning One.a: the constant is out of range: 6 is above 5", "warning One.s: the constant is out of range: 4 characters, at most 3 are allowed"]);
    }

    #[test]
    fn silent_in_range() {
        let plan = r#"
            component A 1.0 { in x I2 = 0 min -10 max 10; in s BSTR = a maxlen 3; in a I2[2] = "0 0" max 5; out y I2; out t BSTR; in b BOOL = false; out c BOOL }
            One: A @10.0.0.1
            Two: A @10.0.0.2
            One.x = 10
            One.a = 5 5
            One.s = abc"#;
        assert_eq!(found("PW116", plan), [""; 0]);
    }
}
