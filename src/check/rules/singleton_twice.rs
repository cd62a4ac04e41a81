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
//!
//! ## Facts
//! `component`; up to ten of its further instances as `others`, and how many there are as `n_others`.

use serde::Serialize;

use crate::check::context::InstanceView;
use crate::check::rule::{Facts, On, Others, Report, Rule};
use crate::check::{Severity, Subject};
use crate::model::Phrase;
use crate::say;

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
    #[serde(flatten)]
    others: Others,
}

impl Facts for SingletonTwice {
    fn message(&self) -> Phrase {
        say!(
            "{component} may have one instance only, and {others} is one too",
            component = self.component,
            others = self.others
        )
    }
}

fn check(view: &InstanceView, report: &mut Report) {
    let Some(component) = view.placed.component.as_deref().filter(|component| component.singleton) else { return };
    let others = Others::beside(view.name, view.cx.index.of_any_version(&component.key.id));
    if !others.is_empty() {
        let facts = SingletonTwice { component: component.name.to_string(), others };
        report.add(view.subject(), &facts).related = facts.others.subjects(Subject::Instance);
    }
}

#[cfg(test)]
mod tests {
    use crate::check::tests::found;

    #[test]
    fn fires_at_both() {
        let plan = r#"
            component A 1.0 singleton { in x R4 = 0 }
            One: A @10.0.0.1
            Two: A @10.0.0.2"#;
        assert_eq!(
            found("PW138", plan),
            [
                "error One: A may have one instance only, and Two is one too",
                "error Two: A may have one instance only, and One is one too"
            ]
        );
    }

    #[test]
    fn counts_all_versions() {
        let plan = r#"
            component A 1.0 singleton { in x R4 = 0 }
            component A 2.0 singleton { in x R4 = 0 }
            One: A 1.0 @10.0.0.1
            Two: A 2.0 @10.0.0.2"#;
        assert_eq!(
            found("PW138", plan),
            [
                "error One: A may have one instance only, and Two is one too",
                "error Two: A may have one instance only, and One is one too"
            ]
        );
    }

    #[test]
    fn silent_with_one() {
        let plan = r#"
            component A 1.0 singleton { in x R4 = 0 }
            One: A @10.0.0.1"#;
        assert_eq!(found("PW138", plan), [""; 0]);
    }
}
