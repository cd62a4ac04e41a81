//! Component versions that a plan embeds.

use std::collections::{BTreeMap, BTreeSet};

use super::{Change, Compared, ComponentLabel};
use crate::model::{Component, ComponentKey, Name, Plan, Port, Version};

pub(super) fn compare(compared: &mut Compared<'_>) {
    let (old, new) = (compared.old.components(), compared.new.components());
    // Versions that went and came, by component id.
    let mut moved: BTreeMap<&Name, (Vec<Version>, Vec<Version>)> = BTreeMap::new();
    for key in old.keys().filter(|key| !new.contains_key(*key)) {
        moved.entry(&key.id).or_default().0.push(key.version);
    }
    for key in new.keys().filter(|key| !old.contains_key(*key)) {
        moved.entry(&key.id).or_default().1.push(key.version);
    }
    for (id, (gone, come)) in moved {
        let key = |version: &Version| ComponentKey { id: id.clone(), version: *version };
        if let ([from], [to]) = (gone.as_slice(), come.as_slice()) {
            let name = label(compared.new, &key(to)).name;
            compared.add(Change::ComponentVersion { name, from: *from, to: *to });
            continue;
        }
        for version in &gone {
            let component = label(compared.old, &key(version));
            compared.add(Change::ComponentRemoved { component });
        }
        for version in &come {
            let component = label(compared.new, &key(version));
            compared.add(Change::ComponentAdded { component });
        }
    }
    for (key, new) in new {
        if let Some(old) = old.get(key).filter(|old| *old != new) {
            compared.add(Change::ComponentChanged { component: label(compared.new, key), what: what(old, new) });
        }
    }
}

/// What people call a component of this plan.
pub(super) fn label(plan: &Plan, key: &ComponentKey) -> ComponentLabel {
    let name = plan.components().get(key).map_or(&key.id, |component| &component.name);
    ComponentLabel { name: name.clone(), version: key.version }
}

/// Ports that came, went or are otherwise, sorted.
fn what(old: &Component, new: &Component) -> Vec<String> {
    let (old, new) = (ports(old), ports(new));
    let names: BTreeSet<&(&Name, &Name, &Name)> = old.keys().chain(new.keys()).collect();
    let difference = |name: &(&Name, &Name, &Name)| {
        let text = format!("{}.{}.{}", name.0, name.1, name.2);
        match (old.get(name), new.get(name)) {
            (Some(_), None) => Some(format!("without {text}")),
            (None, Some(_)) => Some(format!("with {text}")),
            (Some(old), Some(new)) if old.value_type != new.value_type => {
                Some(format!("{text} {} instead of {}", new.value_type, old.value_type))
            }
            (Some(old), Some(new)) if old != new => Some(format!("{text} otherwise")),
            _ => None,
        }
    };
    names.into_iter().filter_map(difference).collect()
}

fn ports(component: &Component) -> BTreeMap<(&Name, &Name, &Name), &Port> {
    let of = component
        .rtautos()
        .flat_map(|(ldev, rtauto)| rtauto.ports.iter().map(move |port| ((&ldev.name, &rtauto.name, &port.name), port)));
    of.collect()
}
