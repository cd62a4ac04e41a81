//! # PW144: Two LDevs have the same name on one device
//!
//! ## What it checks
//! The names of all LDevs that a device serves are different, those of PROFIBUS devices behind it included. An LDev has the name of its description; behind a proxy it is
//! `<instance>_<LDev>`, with `_` for characters that a name cannot hold.
//!
//! ## Why
//! On the network an LDev is found by address and name alone.
//!
//! ## Example
//! Two instances of one component on the same controller.
//!
//! ## Remedy
//! Put one of the instances on another device; behind a proxy, rename one.
//!
//! ## Facts
//! `ldev`, the name; up to ten of the instances that have it as `others`, and how many there are as `n_others`.

use serde::Serialize;

use crate::check::context::DeviceView;
use crate::check::rule::{Facts, On, Others, Report, Rule};
use crate::check::{Severity, Subject};
use crate::model::ldev_on_network;
use crate::model::{Name, Phrase};
use crate::say;
use std::collections::{BTreeMap, BTreeSet};

pub(super) static RULE: Rule = Rule {
    code: "PW144",
    name: "ldev-twice",
    severity: Severity::Error,
    source: include_str!("ldev_twice.rs"),
    on: &[On::Device(check)],
};

#[derive(Serialize)]
struct LdevTwice {
    ldev: String,
    #[serde(flatten)]
    instances: Others,
}

impl Facts for LdevTwice {
    fn message(&self) -> Phrase {
        say!(
            "LDev {ldev} stands on the device more than once, from {instances}",
            ldev = self.ldev,
            instances = self.instances
        )
    }
}

fn check(view: &DeviceView, report: &mut Report) {
    if view.device.ethernet_address().is_none() {
        return;
    }
    let index = view.cx.index;
    let mut instances: BTreeMap<Name, BTreeSet<Name>> = BTreeMap::new();
    let behind = view.slaves().flat_map(|slave| index.instances_on(slave));
    let names = index.instances_on(view.name).map(|name| (name, false)).chain(behind.map(|name| (name, true)));
    for (name, behind_proxy) in names {
        let Some(component) = index.placed(name).and_then(|placed| placed.component.as_deref()) else { continue };
        for ldev in &component.ldevs {
            instances.entry(ldev_on_network(name, &ldev.name, behind_proxy)).or_default().insert(name.clone());
        }
    }
    for (ldev, instances) in instances.into_iter().filter(|(_, instances)| instances.len() > 1) {
        let facts = LdevTwice { ldev: ldev.to_string(), instances: Others::all(&instances) };
        report.add(view.subject(), &facts).related = facts.instances.subjects(Subject::Instance);
    }
}

#[cfg(test)]
mod tests {
    use crate::check::tests::found;

    #[test]
    fn fires_on_one_component_twice() {
        let plan = r#"
            component M 1.0 multiApp { in x R4 = 0 }
            One: M @10.0.0.1
            Two: M device One"#;
        assert_eq!(found("PW144", plan), ["error One: LDev M stands on the device more than once, from One, Two"]);
    }

    #[test]
    fn fires_behind_a_proxy() {
        let plan = r#"
            component P 1.0 proxy { in x R4 = 0; out y R4; profibus master system 1 slaves 4 }
            component S 1.0 profibusSlave { in x R4 = 0; out y R4 }
            Gate: P @10.0.0.1
            "D 1": S behind Gate system 1 address 3
            D-1: S behind Gate system 1 address 4"#;
        assert_eq!(found("PW144", plan), ["error Gate: LDev D_1_S stands on the device more than once, from D 1, D-1"]);
    }

    #[test]
    fn silent_on_different_names() {
        let plan = r#"
            component P 1.0 proxy { in x R4 = 0; out y R4; profibus master system 1 slaves 4 }
            component S 1.0 profibusSlave { in x R4 = 0; out y R4 }
            Gate: P @10.0.0.1
            D1: S behind Gate system 1 address 3
            D2: S behind Gate system 1 address 4"#;
        assert_eq!(found("PW144", plan), [""; 0]);
    }
}
