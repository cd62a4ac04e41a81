//! # PW122: A constant leads nowhere
//!
//! ## What it checks
//! Each constant stands at an input that exists, may be connected and is not constant by itself.
//!
//! ## Why
//! There is nothing to feed; the constant cannot be generated, or the device refuses it.
//!
//! ## Example
//! `Filler1.old_speed = 3`, where version 2 of the component has no such input.
//!
//! ## Remedy
//! Move the constant to another input, or remove it.
//!
//! ## Facts
//! `value` as it stands in the plan; `reason` in words.

use serde::Serialize;

use crate::check::Severity;
use crate::check::context::ConstantView;
use crate::check::rule::{Facts, On, Report, Rule};
use crate::model::Phrase;
use crate::say;

pub(super) static RULE: Rule = Rule {
    code: "PW122",
    name: "dangling-constant",
    severity: Severity::Error,
    source: include_str!("dangling_constant.rs"),
    on: &[On::Constant(check)],
};

#[derive(Serialize)]
struct DanglingConstant {
    value: String,
    reason: Phrase,
}

impl Facts for DanglingConstant {
    fn message(&self) -> Phrase {
        say!("the constant {value} feeds nothing: {reason}", value = self.value, reason = self.reason)
    }
}

fn check(view: &ConstantView, report: &mut Report) {
    let reason = match view.end.described {
        None => view.end.missing(),
        Some(port) if port.constant => Some(say!("the port never changes")),
        Some(port) if !port.is_input() => {
            Some(say!("the port has direction {direction}", direction = port.direction.token()))
        }
        Some(_) => None,
    };
    if let Some(reason) = reason {
        report.add(view.subject(), &DanglingConstant { value: view.constant.value.to_string(), reason });
    }
}

#[cfg(test)]
mod tests {
    use crate::check::tests::{PORTS, found_in};

    #[test]
    fn fires_on_a_missing_port() {
        assert_eq!(
            found_in(PORTS, "PW122", "One.A.Main.old = 3"),
            ["error One.A.Main.old: the constant 3 feeds nothing: A 1.0 has no port old"]
        );
    }

    #[test]
    fn fires_on_outputs_and_hmi_ports() {
        let text = "
            One.y = 3
            One.h = 4";
        assert_eq!(
            found_in(PORTS, "PW122", text),
            [
                "error One.h: the constant 4 feeds nothing: the port has direction HMI",
                "error One.y: the constant 3 feeds nothing: the port has direction Out"
            ]
        );
    }

    #[test]
    fn silent_on_inputs() {
        assert_eq!(found_in(PORTS, "PW122", "One.x = 3"), [""; 0]);
    }
}
