//! Two plans compared, with the devices that the difference reaches.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::diff::{Change, Group, diff};
use crate::generate::{Configuration, difference, generate};
use crate::model::{Name, Plan};

/// What differs between two plans.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlanDifference {
    /// Whether nothing differs.
    pub equal: bool,
    /// Changes by group.
    pub changes: Vec<PlanChange>,
    /// Devices whose configuration differs, by name: those to download after the change.
    pub devices: Vec<AffectedDevice>,
}

/// One change with its sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlanChange {
    /// Part of the plan.
    pub group: Group,
    /// The facts.
    #[serde(flatten)]
    pub change: Change,
    /// The facts in words.
    pub text: String,
}

/// A device whose configuration differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AffectedDevice {
    /// Device; by its new name when it was renamed.
    pub device: Name,
    /// How.
    pub effect: Effect,
    /// What its configuration says otherwise, in words; empty for a device that came or went.
    pub changes: Vec<String>,
}

/// What becomes of a device's configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// There was none.
    Added,
    /// There is none any more.
    Removed,
    /// It is another one.
    Changed,
}

/// Compares two plans, and what is generated from them.
pub fn diff_plans(old: &Plan, new: &Plan) -> PlanDifference {
    let changes = diff(old, new);
    let devices = if changes.is_empty() { Vec::new() } else { affected(old, new, &changes) };
    let told = |change: Change| PlanChange { group: change.group(), text: change.to_string(), change };
    PlanDifference { equal: changes.is_empty(), changes: changes.into_iter().map(told).collect(), devices }
}

fn affected(old: &Plan, new: &Plan, changes: &[Change]) -> Vec<AffectedDevice> {
    let renamed: BTreeMap<&Name, &Name> = changes
        .iter()
        .filter_map(|change| match change {
            Change::DeviceRenamed { from, to } => Some((from, to)),
            _ => None,
        })
        .collect();
    let mut before = configurations(old, |device| (*renamed.get(device).unwrap_or(&device)).clone());
    let after = configurations(new, Name::clone);
    let mut devices = Vec::new();
    for (device, configuration) in after {
        match before.remove(&device) {
            None => devices.push(AffectedDevice { device, effect: Effect::Added, changes: Vec::new() }),
            Some(before) => {
                let changes: Vec<String> =
                    difference(&before, &configuration).iter().map(ToString::to_string).collect();
                if !changes.is_empty() {
                    devices.push(AffectedDevice { device, effect: Effect::Changed, changes });
                }
            }
        }
    }
    let gone = before.into_keys();
    devices.extend(gone.map(|device| AffectedDevice { device, effect: Effect::Removed, changes: Vec::new() }));
    devices.sort_by(|one, other| one.device.cmp(&other.device));
    devices
}

fn configurations(plan: &Plan, called: impl Fn(&Name) -> Name) -> BTreeMap<Name, Configuration> {
    let generated = generate(plan).devices.into_iter().map(|generated| generated.configuration);
    generated.map(|configuration| (called(&configuration.device), configuration)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture;

    #[test]
    fn devices_that_the_difference_reaches_are_named() {
        let old = "
            component A 1.0 { in x I2 = 0; out y I2 }
            One: A @10.0.0.1
            Two: A @10.0.0.2
            Three: A @10.0.0.3
            One.y -> Two.x acyclic 100";
        let plan = fixture::plan(old);
        assert_eq!(diff_plans(&plan, &plan), PlanDifference { equal: true, changes: vec![], devices: vec![] });
        let new = old.replace("acyclic 100", "acyclic 200").replace("Three", "Four").replace("10.0.0.3", "10.0.0.4");
        let difference = diff_plans(&plan, &fixture::plan(&new));
        let devices: Vec<_> =
            difference.devices.iter().map(|one| (one.device.as_str(), one.effect, one.changes.len())).collect();
        assert_eq!(devices, [("Four", Effect::Added, 0), ("Three", Effect::Removed, 0), ("Two", Effect::Changed, 1)]);
        // Where a block stands is no device's business.
        let difference = diff_plans(&plan, &fixture::plan(&old.replace("10.0.0.2", "10.0.0.2 at 5 5")));
        assert_eq!((difference.equal, difference.changes.len(), difference.devices.len()), (false, 1, 0));
    }
}
