//! # PW145: An instance name breaks the rules
//!
//! ## What it checks
//! Instance names: letters, digits and `_`, beginning with a letter or `_`, and `-` or a blank between other characters; 1 to 240 characters.
//!
//! ## Why
//! Names stand in item strings and paths, where other characters would be ambiguous. Edits allow no such name; a file edited by hand can hold one.
//!
//! ## Example
//! `Filler.1`, which reads like port 1 of an instance Filler.
//!
//! ## Remedy
//! Rename the instance.
//!
//! ## Facts
//! `error` in words.

use serde::Serialize;

use crate::check::Severity;
use crate::check::context::InstanceView;
use crate::check::rule::{Facts, On, Report, Rule};
use crate::model::{Phrase, Say, check_instance_name};

pub(super) static RULE: Rule = Rule {
    code: "PW145",
    name: "instance-name",
    severity: Severity::Error,
    source: include_str!("instance_name.rs"),
    on: &[On::Instance(check)],
};

#[derive(Serialize)]
struct InstanceName {
    error: Phrase,
}

impl Facts for InstanceName {
    fn message(&self) -> Phrase {
        self.error.clone()
    }
}

fn check(view: &InstanceView, report: &mut Report) {
    if let Err(error) = check_instance_name(view.name) {
        report.add(view.subject(), &InstanceName { error: error.say() });
    }
}

#[cfg(test)]
mod tests {
    use crate::check::tests::{MACHINE, found_in};

    #[test]
    fn fires_on_dots() {
        assert_eq!(
            found_in(MACHINE, "PW145", r#""Filler.1": A @10.0.0.1"#),
            [
                "error Filler.1: `.` at position 7 is not allowed in a name; use letters, digits and `_`, and begin with a letter or `_`"
            ]
        );
    }

    #[test]
    fn fires_on_leading_digits() {
        assert_eq!(
            found_in(MACHINE, "PW145", r#""1A": A @10.0.0.1"#),
            [
                "error 1A: `1` at position 1 is not allowed in a name; use letters, digits and `_`, and begin with a letter or `_`"
            ]
        );
    }

    #[test]
    fn silent_on_names() {
        assert_eq!(found_in(MACHINE, "PW145", r#""Belt conveyor-2": A @10.0.0.1"#), [""; 0]);
    }
}
