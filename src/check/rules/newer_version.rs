//! # PW140: The library holds a newer version of a component
//!
//! ## What it checks
//! The component versions of the plan against those of the open libraries.
//!
//! ## Why
//! A newer version may mend a fault, or describe what the machines in the plant really are by now.
//!
//! ## Example
//! The plan uses the filler 2.1, the library holds 2.3.
//!
//! ## Remedy
//! Read what is new; then, if wanted, change the instances to the new version.
//!
//! ## Facts
//! `version` in the plan; `newest` in the library; `n_instances` of the version in the plan.

use serde::Serialize;

use crate::check::Severity;
use crate::check::context::ComponentView;
use crate::check::rule::{Facts, On, Report, Rule};
use crate::model::Phrase;
use crate::say;

pub(super) static RULE: Rule = Rule {
    code: "PW140",
    name: "newer-version",
    severity: Severity::Info,
    source: include_str!("newer_version.rs"),
    on: &[On::Component(check)],
};

#[derive(Serialize)]
struct NewerVersion {
    version: String,
    newest: String,
    n_instances: usize,
}

impl Facts for NewerVersion {
    fn message(&self) -> Phrase {
        let Self { version, newest, n_instances } = self;
        match n_instances {
            0 => say!("the library holds version {newest}; no instance uses {version}", newest, version),
            1 => say!("the library holds version {newest}; 1 instance uses {version}", newest, version),
            n => say!("the library holds version {newest}; {n} instances use {version}", newest, n, version),
        }
    }
}

fn check(view: &ComponentView, report: &mut Report) {
    let key = &view.component.key;
    let Some(newest) = view.cx.library.newest(&key.id).filter(|newest| *newest > key.version) else { return };
    let facts = NewerVersion {
        version: key.version.to_string(),
        newest: newest.to_string(),
        n_instances: view.cx.index.instances_of(key).count(),
    };
    report.add(view.subject(), &facts);
}

#[cfg(test)]
mod tests {
    use crate::check::tests::found_with_library;

    const NEW: &str = "component A 1.2 { in x R4 = 0 }\ncomponent A 1.10 { in x R4 = 0 }";

    #[test]
    fn fires_on_a_newer_version() {
        let plan = "component A 1.0 { in x R4 = 0 }\nOne: A @10.0.0.1";
        assert_eq!(
            found_with_library("PW140", plan, NEW),
            ["info A 1.0: the library holds version 1.10; 1 instance uses 1.0"]
        );
    }

    #[test]
    fn fires_for_each_old_version() {
        let plan = "component A 1.0 { in x R4 = 0 }\ncomponent A 1.2 { in x R4 = 0 }";
        assert_eq!(found_with_library("PW140", plan, NEW).len(), 2);
    }

    #[test]
    fn silent_on_the_newest_and_without_library() {
        let plan = "component A 1.10 { in x R4 = 0 }\ncomponent B 1.0 { in x R4 = 0 }";
        assert_eq!(found_with_library("PW140", plan, NEW), [""; 0]);
        assert_eq!(found_with_library("PW140", plan, ""), [""; 0]);
    }
}
