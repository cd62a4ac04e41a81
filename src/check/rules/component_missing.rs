//! # PW139: The component version of an instance is not in the plan
//!
//! ## What it checks
//! Every instance's component, in exactly its version, is embedded in the plan.
//!
//! ## Why
//! Without the description nobody knows the ports of the instance; it can be neither checked nor generated.
//!
//! ## Example
//! A merge took over the instance, but not the folder of its component.
//!
//! ## Remedy
//! Import the component in this version, or change the instance to a version that the plan holds.
//!
//! ## Facts
//! `component`, identity and version, and the `version` alone; `name`, `null` unless the plan holds another version; `versions` that it holds.

use serde::Serialize;

use crate::check::Severity;
use crate::check::context::InstanceView;
use crate::check::rule::{Facts, On, Report, Rule, list};
use crate::model::Phrase;
use crate::say;

pub(super) static RULE: Rule = Rule {
    code: "PW139",
    name: "component-missing",
    severity: Severity::Error,
    source: include_str!("component_missing.rs"),
    on: &[On::Instance(check)],
};

#[derive(Serialize)]
struct ComponentMissing {
    component: String,
    version: String,
    name: Option<String>,
    versions: Vec<String>,
}

impl Facts for ComponentMissing {
    fn message(&self) -> Phrase {
        let Self { component, version, name, versions } = self;
        match name {
            Some(name) => {
                say!(
                    "version {version} of {name} is not in the plan, which holds {versions}",
                    version,
                    name,
                    versions = list(versions)
                )
            }
            None => say!("component {component} is not in the plan", component),
        }
    }
}

fn check(view: &InstanceView, report: &mut Report) {
    if view.placed.component.is_some() {
        return;
    }
    let key = &view.placed.instance.component;
    let others = || view.cx.plan.components().values().filter(|other| other.key.id == key.id);
    let facts = ComponentMissing {
        component: key.to_string(),
        version: key.version.to_string(),
        name: others().next().map(|other| other.name.to_string()),
        versions: others().map(|other| other.key.version.to_string()).collect(),
    };
    report.add(view.subject(), &facts);
}

#[cfg(test)]
mod tests {
    use crate::check::tests::found;

    const ID: &str = "id 11111111-2222-3333-4444-555555555555";

    #[test]
    fn fires_without_the_component() {
        let found = found("PW139", "One: !A 1.0 @10.0.0.1");
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("error One: component ") && found[0].ends_with(" 1.0 is not in the plan"));
    }

    #[test]
    fn names_the_versions_there_are() {
        let text = "component A 1.0 { in x R4 = 0 }\nOne: !A 2.0 @10.0.0.1";
        assert_eq!(found("PW139", text), ["error One: version 2.0 of A is not in the plan, which holds 1.0"]);
    }

    #[test]
    fn silent_with_the_component() {
        assert_eq!(found("PW139", &format!("component A 1.0 {{ {ID} }}\nOne: A @10.0.0.1")), [""; 0]);
    }
}
