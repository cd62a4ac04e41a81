//! # PW115: A constant is no value of its input
//!
//! ## What it checks
//! Each constant can be read as a value of its input's type: form, number of elements, members, and the range of whole-number types.
//!
//! ## Why
//! There is nothing to load: the device would have to refuse it with `CBA_E_INVALIDSUBSTITUTE`.
//!
//! ## Example
//! `Filler1.count = 70000` for an `I2`, or `Filler1.start = on` for a `BOOL`.
//!
//! ## Remedy
//! Write the value in the form of its type, e.g. `true`, `-5`, `12.5`, `1 2 3` for an array, `{no=7; name="A"}` for a structure.
//!
//! ## Facts
//! `value` as it stands in the plan; `value_type` of the input; `error` in words.

use serde::Serialize;

use crate::check::Severity;
use crate::check::context::ConstantView;
use crate::check::rule::{Facts, On, Report, Rule};
use crate::model::{Phrase, Say};
use crate::say;

pub(super) static RULE: Rule = Rule {
    code: "PW115",
    name: "constant-unreadable",
    severity: Severity::Error,
    source: include_str!("constant_unreadable.rs"),
    on: &[On::Constant(check)],
};

#[derive(Serialize)]
struct ConstantUnreadable {
    value: String,
    value_type: String,
    error: Phrase,
}

impl Facts for ConstantUnreadable {
    fn message(&self) -> Phrase {
        say!("the constant cannot be used: {error}", error = self.error)
    }
}

fn check(view: &ConstantView, report: &mut Report) {
    let Some(port) = view.end.described else { return };
    if let Err(error) = port.value_type.read_literal(&view.constant.value) {
        let facts = ConstantUnreadable {
            value: view.constant.value.to_string(),
            value_type: port.value_type.to_string(),
            error: error.say(),
        };
        report.add(view.subject(), &facts);
    }
}

#[cfg(test)]
mod tests {
    use crate::check::tests::{VALUES, found_in};

    #[test]
    fn fires_on_form() {
        assert_eq!(
            found_in(VALUES, "PW115", "One.b = on"),
            ["error One.b: the constant cannot be used: `on` is not a BOOL value"]
        );
    }

    #[test]
    fn fires_on_range_and_count() {
        let text = "
            One.x = 70000
            One.a = 1 2 3";
        assert_eq!(
            found_in(VALUES, "PW115", text),
            [
                "error One.a: the constant cannot be used: 2 elements expected, 3 found",
                "error One.x: the constant cannot be used: 70000 is outside the range of I2 (-32768 to 32767)"
            ]
        );
    }

    #[test]
    fn silent_on_values() {
        let text = "
            One.x = 7
            One.a = 1 2
            One.b = true
            One.s = on";
        assert_eq!(found_in(VALUES, "PW115", text), [""; 0]);
    }
}
