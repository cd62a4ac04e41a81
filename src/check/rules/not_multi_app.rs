//! # PW143: Several instances run on a device that hosts one
//!
//! ## What it checks
//! Several instances run on one device only if the components of all of them say that the device hosts LDevs of several components.
//!
//! ## Why
//! A device with one fixed program cannot take a second component.
//!
//! ## Example
//! Two fillers that were put on the same device.
//!
//! ## Remedy
//! Give each instance a device of its own.
//!
//! ## Facts
//! Up to ten of the instances on the device as `others`, and how many there are as `n_others`; `component` that does not allow it.

use serde::Serialize;

use crate::check::context::DeviceView;
use crate::check::rule::{Facts, On, Others, Report, Rule};
use crate::check::{Severity, Subject};
use crate::model::Phrase;
use crate::say;

pub(super) static RULE: Rule = Rule {
    code: "PW143",
    name: "not-multi-app",
    severity: Severity::Error,
    source: include_str!("not_multi_app.rs"),
    on: &[On::Device(check)],
};

#[derive(Serialize)]
struct NotMultiApp {
    #[serde(flatten)]
    instances: Others,
    component: String,
}

impl Facts for NotMultiApp {
    fn message(&self) -> Phrase {
        let Self { instances, component } = self;
        say!("{instances} run on it, but a device of {component} hosts one component only", instances, component)
    }
}

fn check(view: &DeviceView, report: &mut Report) {
    let Some(instances) = view.cx.index.all_on(view.name).filter(|instances| instances.len() > 1) else { return };
    if let Some(component) = view.components().find(|component| !component.device.multi_app) {
        let facts = NotMultiApp { instances: Others::all(instances), component: component.name.to_string() };
        report.add(view.subject(), &facts).related = facts.instances.subjects(Subject::Instance);
    }
}

#[cfg(test)]
mod tests {
    use crate::check::tests::{MACHINE, found_in};

    #[test]
    fn fires_on_two_of_one_component() {
        let text = "
            One: A @10.0.0.1
            Two: A device One";
        assert_eq!(
            found_in(MACHINE, "PW143", text),
            ["error One: One, Two run on it, but a device of A hosts one component only"]
        );
    }

    #[test]
    fn fires_when_one_of_them_does_not_allow_it() {
        let text = "
            component M 1.0 multiApp { in x R4 = 0 }
            One: M @10.0.0.1
            Two: A device One";
        assert_eq!(
            found_in(MACHINE, "PW143", text),
            ["error One: One, Two run on it, but a device of A hosts one component only"]
        );
    }

    #[test]
    fn silent_on_one_and_on_multi_application_devices() {
        let text = "
            component M 1.0 multiApp { in x R4 = 0 }
            component N 1.0 multiApp { in x R4 = 0 }
            One: M @10.0.0.1
            Two: N device One
            B: A @10.0.0.2";
        assert_eq!(found_in(MACHINE, "PW143", text), [""; 0]);
    }
}
