//! # PW141: A component differs from that in the library without a new version
//!
//! ## What it checks
//! The description of each component version in the plan against that of the same version in the open libraries, byte by byte.
//!
//! ## Why
//! Two different things under one version: what is loaded then depends on who opens the project where.
//!
//! ## Example
//! The vendor corrected a port in version 2.1 of the filler and published it as 2.1 again.
//!
//! ## Remedy
//! Ask the vendor for a new version; or import the description again, if the change is known to be harmless.
//!
//! ## Facts
//! `plan_bytes` and `library_bytes`, the sizes of both descriptions.

use serde::Serialize;

use crate::check::Severity;
use crate::check::context::ComponentView;
use crate::check::rule::{Facts, On, Report, Rule};
use crate::model::Phrase;
use crate::say;

pub(super) static RULE: Rule = Rule {
    code: "PW141",
    name: "component-changed",
    severity: Severity::Warning,
    source: include_str!("component_changed.rs"),
    on: &[On::Component(check)],
};

#[derive(Serialize)]
struct ComponentChanged {
    plan_bytes: usize,
    library_bytes: usize,
}

impl Facts for ComponentChanged {
    fn message(&self) -> Phrase {
        say!("the library holds another description under the same version")
    }
}

fn check(view: &ComponentView, report: &mut Report) {
    let own = &view.component.source.xml;
    let Some(source) = view.cx.library.source(&view.component.key).filter(|source| source.xml != *own) else { return };
    report.add(view.subject(), &ComponentChanged { plan_bytes: own.len(), library_bytes: source.xml.len() });
}

#[cfg(test)]
mod tests {
    use crate::check::tests::found_with_library;

    const PLAN: &str = "component A 1.0 { in x R4 = 0 }\ncomponent B 1.0 { in x R4 = 0 }";

    #[test]
    fn fires_on_another_text() {
        let library = "component A 1.0 { in x I4 = 0 }";
        assert_eq!(
            found_with_library("PW141", PLAN, library),
            ["warning A 1.0: the library holds another description under the same version"]
        );
    }

    #[test]
    fn fires_for_each() {
        let library = "component A 1.0 { in x I4 = 0 }\ncomponent B 1.0 { out x R4 }";
        assert_eq!(found_with_library("PW141", PLAN, library).len(), 2);
    }

    #[test]
    fn silent_on_the_same_and_on_other_versions() {
        let library = "component A 1.0 { in x R4 = 0 }\ncomponent B 1.1 { out x R4 }";
        assert_eq!(found_with_library("PW141", PLAN, library), [""; 0]);
    }
}
