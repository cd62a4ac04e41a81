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

use serde::Serialize;

use crate::check::{Severity};
use crate::check::context::{LinkView};
use crate::check::rule::{Facts, On, Report, Rule};
use crate::model::Substitute;

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
    complaint: String,
}

impl Facts for SubstituteOutOfRange {
    fn message(&self) -> String {
        format!("the substitute is out of range: {}", self.complaint)
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
    use crate::check::tests::{found};

    #[test]
    fn fires_beyond_the_maximum() {
        let plan = r#"
            component A 1.0 { in x I2 = 0 min -10 max 10; in s BSTR = a maxlen 3; in a I2[2] = "0 0" max 5; out y I2; out t BSTR; in b BOOL = false; out c BOOL }
            One: A @10.0.0.1
            Two: A @10.0.0.2
            One.y -> Two.x sub 11"#;
        assert_eq!(found("PW118", plan), ["warning One.y → Two.x: the substitute is out of range: 11 is above 10"]);
    }

    #[test]
    fn fires_on_long_texts() {
        let plan = r#"
            component A 1.0 { in x I2 = 0 min -10 max 10; in s BSTR = a maxlen 3; in a I2[2] = "0 0" max 5; out y I2; out t BSTR; in b BOOL = false; out c BOOL }
            One: A @10.0.0.1
            Two: A @10.0.0.2
            One.t -> Two.s sub abcd"#;
        assert_eq!(found("PW118", plan), ["warning One.t → Two.s: the substitute is out of range: 4 characters, at most 3 are allowed"]);
    }

    #[test]
    fn silent_in_range() {
        let plan = r#"
            component A 1.0 { in x I2 = 0 min -10 max 10; in s BSTR = a maxlen 3; in a I2[2] = "0 0" max 5; out y I2; out t BSTR; in b BOOL = false; out c BOOL }
            One: A @10.0.0.1
            Two: A @10.0.0.2
            One.y -> Two.x sub -10"#;
        assert_eq!(found("PW118", plan), [""; 0]);
    }
}
