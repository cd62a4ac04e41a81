//! # PW138: A singleton component has several instances
//!
//! ## What it checks
//! A component that its description calls a singleton has one instance at most, all versions together.
//!
//! ## Why
//! A singleton stands for one existing machine, of which only the connections are loaded.
//!
//! ## Example
//! Two instances of the plant's one central control.
//!
//! ## Remedy
//! Remove all instances but one.

use serde::Serialize;

use crate::check::{Severity, Subject};
use crate::check::context::{InstanceView};
use crate::check::rule::{Facts, On, Report, Rule};
use crate::model::{Name};

pub(super) static RULE: Rule = Rule {
    code: "PW138",
    name: "singleton-twice",
    severity: Severity::Error,
    source: include_str!("singleton_twice.rs"),
    on: &[On::Instance(check)],
};

#[derive(Serialize)]
struct SingletonTwice {
    component: String,
    others: Vec<String>,
}

impl Facts for SingletonTwice {
    fn message(&self) -> String {
        format!("{} may have one instance only, but so is {}", self.component, self.others.join(", "))
    }
}

fn check(view: &InstanceView, report: &mut Report) {
    let Some(component) = view.placed.component.as_deref().filter(|component| component.singleton) else { return };
    let instances = view.cx.index.instances_of_any_version(&component.key.id);
    let others: Vec<&Name> = instances.filter(|other| *other != view.name).collect();
    if !others.is_empty() {
        let facts = SingletonTwice {
            component: component.name.to_string(),
            others: others.iter().map(ToString::to_string).collect(),
        };
        report.add(view.subject(), &facts).related = others.into_iter().cloned().map(Subject::Instance).collect();
    }
}

#[cfg(test)]
mod tests {
    use crate::check::tests::{found};

    #[test]
    fn fires_at_both() {
        let plan = r#"
            component A 1.0 singleton { in x R4 = 0 }
            One: A @10.0.0.1
            Two: A @10.0.0.2"#;
        assert_eq!(found("PW138", plan), ["error One: A may have one instance only, but so is Two", "error Two: A may have one instance only, but so is One"]);
    }

    #[test]
    fn counts_all_versions() {
        let plan = r#"
            component A 1.0 singleton { in x R4 = 0 }
            component A 2.0 singleton { in x R4 = 0 }
            One: A 1.0 @10.0.0.1
            Two: A 2.0 @10.0.0.2"#;
        assert_eq!(found("PW138", plan), ["error One: A may have one instance only, but so is Two", "error Two: A may have one instance only, but so is One"]);
    }

    #[test]
    fn silent_with_one() {
        let plan = r#"
            component A 1.0 singleton { in x R4 = 0 }
            One: A @10.0.0.1"#;
        assert_eq!(found("PW138", plan), [""; 0]);
    }
}
