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
//!
//! ## Facts
//! `name` of station; up to ten of the devices that have it too as `others`, and how many there are as `n_others`.

use serde::Serialize;

use crate::check::context::DeviceView;
use crate::check::rule::{Facts, On, Others, Report, Rule};
use crate::check::{Severity, Subject};
use crate::model::Phrase;
use crate::say;

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
    #[serde(flatten)]
    others: Others,
}

impl Facts for NameTwice {
    fn message(&self) -> Phrase {
        say!("the name of station {name} is also that of {others}", name = self.name, others = self.others)
    }
}

fn check(view: &DeviceView, report: &mut Report) {
    let Some(address) = view.device.ethernet_address() else { return };
    let others = Others::beside(view.name, view.cx.index.with_station_name(&address.name_of_station));
    if !others.is_empty() {
        let facts = NameTwice { name: address.name_of_station.to_string(), others };
        report.add(view.subject(), &facts).related = facts.others.subjects(Subject::Device);
    }
}

#[cfg(test)]
mod tests {
    use crate::check::tests::{MACHINE, PAIR, found_in};

    #[test]
    fn fires_at_both() {
        let text = "
            One: A @10.0.0.1 name pump
            Two: A @10.0.0.2 name pump";
        assert_eq!(
            found_in(MACHINE, "PW125", text),
            [
                "error One: the name of station pump is also that of Two",
                "error Two: the name of station pump is also that of One"
            ]
        );
    }

    #[test]
    fn names_all_others() {
        let text = "
            B: A @10.0.0.1 name p
            C: A @10.0.0.2 name p
            D: A @10.0.0.3 name p";
        assert_eq!(
            found_in(MACHINE, "PW125", text),
            [
                "error B: the name of station p is also that of C, D",
                "error C: the name of station p is also that of B, D",
                "error D: the name of station p is also that of B, C"
            ]
        );
    }

    #[test]
    fn silent_on_different_names_and_none() {
        let text = "
            B: A noname
            C: A noname";
        assert_eq!(found_in(PAIR, "PW125", text), [""; 0]);
    }
}
