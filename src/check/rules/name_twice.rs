//! # PW125: Two devices have the same name of station
//!
//! ## What it checks
//! Names of station are unique in the plan.
//!
//! ## Why
//! Two devices that answer to one name make every tool on the network find now the one, now the other.
//!
//! ## Example
//! `filler-1` was copied, and the copy kept the name.
//!
//! ## Remedy
//! Name one of them differently.

use serde::Serialize;

use crate::check::{Severity, Subject};
use crate::check::context::{DeviceView};
use crate::check::rule::{Facts, On, Report, Rule};
use crate::model::Name;

pub(super) static RULE: Rule = Rule {
    code: "PW125",
    name: "name-twice",
    severity: Severity::Error,
    source: include_str!("name_twice.rs"),
    on: &[On::Device(check)],
};

#[derive(Serialize)]
struct NameTwice {
    name: String,
    others: Vec<String>,
}

impl Facts for NameTwice {
    fn message(&self) -> String {
        format!("the name of station {} is also that of {}", self.name, self.others.join(", "))
    }
}

fn check(view: &DeviceView, report: &mut Report) {
    let Some(address) = view.device.ethernet_address() else { return };
    let others = view.cx.index.with_station_name(&address.name_of_station).filter(|other| *other != view.name);
    let others: Vec<&Name> = others.collect();
    if !others.is_empty() {
        let facts = NameTwice {
            name: address.name_of_station.to_string(),
            others: others.iter().map(ToString::to_string).collect(),
        };
        report.add(view.subject(), &facts).related = others.into_iter().cloned().map(Subject::Device).collect();
    }
}

#[cfg(test)]
mod tests {
    use crate::check::tests::{found};

    #[test]
    fn fires_at_both() {
        let plan = r#"
            component A 1.0 { in x R4 = 0; out y R4 }
            One: A @10.0.0.1 name pump
            Two: A @10.0.0.2 name pump"#;
        assert_eq!(found("PW125", plan), ["error One: the name of station pump is also that of Two", "error Two: the name of station pump is also that of One"]);
    }

    #[test]
    fn names_all_others() {
        let plan = r#"
            component A 1.0 { in x R4 = 0; out y R4 }
            B: A @10.0.0.1 name p
            C: A @10.0.0.2 name p
            D: A @10.0.0.3 name p"#;
        assert_eq!(found("PW125", plan), ["error B: the name of station p is also that of C, D", "error C: the name of station p is also that of B, D", "error D: the name of station p is also that of B, C"]);
    }

    #[test]
    fn silent_on_different_names_and_none() {
        let plan = r#"
            component A 1.0 { in x R4 = 0; out y R4 }
            One: A @10.0.0.1
            Two: A @10.0.0.2
            B: A noname
            C: A noname"#;
        assert_eq!(found("PW125", plan), [""; 0]);
    }
}
