//! Instances: component, device, place.

use std::collections::BTreeSet;

use super::components::label;
use super::{Change, ChartPath, Compared};
use crate::model::{ChartId, FunctionRef, Instance, Name};

pub(super) fn compare(compared: &mut Compared<'_>) {
    let (old, new) = (compared.old, compared.new);
    for (name, instance) in old.instances() {
        let Some(to) = compared.identity.instances.get(name).cloned() else {
            let component = label(old, &instance.component);
            compared.add(Change::InstanceRemoved { instance: name.clone(), component });
            continue;
        };
        if to != *name {
            compared.add(Change::InstanceRenamed { from: name.clone(), to: to.clone() });
        }
        if let Some(now) = new.instances().get(&to) {
            one(compared, instance, now, &to);
        }
    }
    let known: BTreeSet<&Name> = compared.identity.instances.values().collect();
    let come: Vec<Change> = new
        .instances()
        .iter()
        .filter(|(name, _)| !known.contains(*name))
        .map(|(name, instance)| Change::InstanceAdded {
            instance: name.clone(),
            component: label(new, &instance.component),
            device: instance.device.clone(),
            chart: instance.home().map(|chart| ChartPath(new.chart_path(chart))),
        })
        .collect();
    compared.changes.extend(come);
}

fn one(compared: &mut Compared<'_>, old: &Instance, new: &Instance, name: &Name) {
    let instance = || name.clone();
    if old.component != new.component {
        let (from, to) = (label(compared.old, &old.component), label(compared.new, &new.component));
        compared.add(Change::InstanceComponent { instance: instance(), from, to });
    }
    if *compared.identity.device(&old.device) != new.device {
        let (from, to) = (compared.identity.device(&old.device).clone(), new.device.clone());
        compared.add(Change::InstanceDevice { instance: instance(), from, to });
    }
    if old.comment != new.comment {
        let (from, to) = (old.comment.clone(), new.comment.clone());
        compared.add(Change::InstanceRemark { instance: instance(), from, to });
    }
    places(compared, old, new, name);
}

fn places(compared: &mut Compared<'_>, old: &Instance, new: &Instance, name: &Name) {
    let same_functions = old.functions.keys().eq(new.functions.keys());
    let same_component = old.component == new.component
        && compared.old.components().get(&old.component) == compared.new.components().get(&new.component);
    if !same_functions && same_component {
        compared.add(Change::InstanceFunctions { instance: name.clone() });
    }
    let mut moved: Vec<(FunctionRef, ChartId, ChartId)> = Vec::new();
    for ((ldev, rtauto), place) in &old.functions {
        let Some(now) = new.functions.get(&(ldev.clone(), rtauto.clone())) else { continue };
        if compared.identity.charts.get(&place.chart) != Some(&now.chart) {
            let function = FunctionRef { instance: name.clone(), ldev: ldev.clone(), rtauto: rtauto.clone() };
            moved.push((function, place.chart, now.chart));
        } else if place.at != now.at {
            compared.layout.blocks += 1;
        }
    }
    // Where charts still are, they are called as now.
    let from = |chart: ChartId| match compared.identity.charts.get(&chart) {
        Some(now) => ChartPath(compared.new.chart_path(*now)),
        None => ChartPath(compared.old.chart_path(chart)),
    };
    let to = |chart: ChartId| ChartPath(compared.new.chart_path(chart));
    let together = moved.first().is_some_and(|(_, first_from, first_to)| {
        moved.len() == new.functions.len() && moved.iter().all(|(_, from, to)| (from, to) == (first_from, first_to))
    });
    let count = if together { 1 } else { moved.len() };
    let changes: Vec<Change> = moved
        .into_iter()
        .take(count)
        .map(|(function, old_chart, new_chart)| {
            let (from, to) = (from(old_chart), to(new_chart));
            if together {
                Change::InstanceMoved { instance: name.clone(), from, to }
            } else {
                Change::FunctionMoved { function, from, to }
            }
        })
        .collect();
    compared.changes.extend(changes);
}
