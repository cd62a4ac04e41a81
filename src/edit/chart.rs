//! Charts.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::clipboard::Clip;
use super::link::is_finite;
use super::{EditError, place};
use crate::model::*;
use crate::say;

/// Charts inside each other that a project file can hold.
const MOST_DEPTH: usize = 32;

pub(super) fn get(plan: &Plan, chart: ChartId) -> Result<&Arc<Chart>, EditError> {
    plan.charts.get(&chart).ok_or_else(|| EditError::nothing(say!("chart"), &chart.0))
}

fn check_name(plan: &Plan, name: &Name, parent: ChartId, except: Option<ChartId>) -> Result<(), EditError> {
    check_instance_name(name)?;
    let taken = |(id, chart): (&ChartId, &Arc<Chart>)| {
        chart.parent == Some(parent) && chart.name == *name && Some(*id) != except
    };
    match plan.charts.iter().any(taken) {
        true => Err(EditError::Taken { kind: say!("chart"), name: name.clone() }),
        false => Ok(()),
    }
}

pub(super) fn add(plan: &mut Plan, name: &Name, parent: ChartId, at: Point) -> Result<ChartId, EditError> {
    get(plan, parent)?;
    check_name(plan, name, parent, None)?;
    if !is_finite(at) {
        return Err(EditError::Range(say!("a position is made of numbers")));
    }
    if plan.chart_path(parent).len() + 1 > MOST_DEPTH {
        return Err(EditError::Chart(say!("charts nest 32 deep at most")));
    }
    let id = ChartId(plan.charts.keys().next_back().map_or(0, |last| last.0.saturating_add(1)));
    let (comment, frames, notes) = (Name::default(), Vec::new(), Vec::new());
    let chart = Chart { name: name.clone(), parent: Some(parent), at, comment, frames, notes };
    plan.charts.insert(id, Arc::new(chart));
    Ok(id)
}

/// The chart and all charts inside it, a parent before its children.
pub(super) fn subtree(plan: &Plan, top: ChartId) -> Vec<ChartId> {
    let mut all = vec![top];
    let mut next = 0;
    while let Some(parent) = all.get(next).copied() {
        all.extend(plan.charts.iter().filter(|(_, chart)| chart.parent == Some(parent)).map(|(id, _)| *id));
        next += 1;
    }
    all
}

/// Instances at home on one of the charts.
pub(super) fn at_home(plan: &Plan, charts: &BTreeSet<ChartId>) -> Vec<Name> {
    let here = |instance: &Instance| instance.home().is_some_and(|home| charts.contains(&home));
    plan.instances.iter().filter(|(_, instance)| here(instance)).map(|(name, _)| name.clone()).collect()
}

pub(super) fn remove(plan: &mut Plan, chart: ChartId) -> Result<(), EditError> {
    let parent = get(plan, chart)?.parent.ok_or(EditError::Chart(say!("the top chart stays")))?;
    let gone: BTreeSet<ChartId> = subtree(plan, chart).into_iter().collect();
    let instances = at_home(plan, &gone);
    place::remove(plan, &instances)?;
    // Blocks of instances that are at home elsewhere stay, on the chart around the removed one.
    let strays: Vec<Name> = plan
        .instances
        .iter()
        .filter(|(_, instance)| instance.functions.values().any(|placement| gone.contains(&placement.chart)))
        .map(|(name, _)| name.clone())
        .collect();
    for stray in strays {
        if let Some(instance) = plan.instances.get_mut(&stray) {
            for placement in Arc::make_mut(instance).functions.values_mut() {
                if gone.contains(&placement.chart) {
                    placement.chart = parent;
                }
            }
        }
    }
    for chart in gone {
        plan.charts.remove(&chart);
    }
    Ok(())
}

pub(super) fn rename(plan: &mut Plan, id: ChartId, name: &Name) -> Result<(), EditError> {
    let parent = get(plan, id)?.parent.ok_or(EditError::Chart(say!("the top chart is called like the project")))?;
    check_name(plan, name, parent, Some(id))?;
    change(plan, id, |chart| chart.name = name.clone())
}

pub(super) fn rename_project(plan: &mut Plan, name: &Name) -> Result<(), EditError> {
    plan.name = name.clone();
    change(plan, ROOT_CHART, |chart| chart.name = name.clone())
}

fn change(plan: &mut Plan, id: ChartId, change: impl FnOnce(&mut Chart)) -> Result<(), EditError> {
    let chart = plan.charts.get_mut(&id).ok_or_else(|| EditError::nothing(say!("chart"), &id.0))?;
    change(Arc::make_mut(chart));
    Ok(())
}

pub(super) fn relocate(plan: &mut Plan, id: ChartId, parent: ChartId, at: Point) -> Result<(), EditError> {
    let name = get(plan, id)?.name.clone();
    get(plan, id)?.parent.ok_or(EditError::Chart(say!("the top chart stays")))?;
    get(plan, parent)?;
    let inside = subtree(plan, id);
    if inside.contains(&parent) {
        return Err(EditError::Chart(say!("a chart cannot stand inside itself")));
    }
    let above = plan.chart_path(id).len();
    let height = inside.iter().map(|chart| plan.chart_path(*chart).len() - above).max().unwrap_or(0);
    if plan.chart_path(parent).len() + 1 + height > MOST_DEPTH {
        return Err(EditError::Chart(say!("charts nest 32 deep at most")));
    }
    if !is_finite(at) {
        return Err(EditError::Range(say!("a position is made of numbers")));
    }
    check_name(plan, &name, parent, Some(id))?;
    change(plan, id, |chart| (chart.parent, chart.at) = (Some(parent), at))
}

pub(super) fn decorate(
    plan: &mut Plan,
    id: ChartId,
    comment: &Name,
    frames: &[Frame],
    notes: &[Note],
) -> Result<(), EditError> {
    let mut points = frames.iter().flat_map(|frame| [frame.at, frame.size]).chain(notes.iter().map(|note| note.at));
    if points.any(|point| !is_finite(point)) {
        return Err(EditError::Range(say!("a position is made of numbers")));
    }
    change(plan, id, |chart| {
        chart.comment = comment.clone();
        chart.frames = frames.to_vec();
        chart.notes = notes.to_vec();
    })
}

pub(super) fn copy(plan: &mut Plan, id: ChartId, at: Point) -> Result<(), EditError> {
    let chart = get(plan, id)?;
    let parent = chart.parent.ok_or(EditError::Chart(say!("the top chart is not copied")))?;
    let name = free_name(plan, &chart.name, parent);
    let inside = subtree(plan, id);
    let clip = Clip::of(plan, &at_home(plan, &inside.iter().copied().collect()));
    let mut copies = std::collections::BTreeMap::new();
    for original in inside {
        let chart = Arc::clone(get(plan, original)?);
        let copied = match chart.parent.and_then(|parent| copies.get(&parent)) {
            Some(parent) if original != id => add(plan, &chart.name, *parent, chart.at)?,
            _ => add(plan, &name, parent, at)?,
        };
        decorate(plan, copied, &chart.comment, &chart.frames, &chart.notes)?;
        copies.insert(original, copied);
    }
    clip.insert(plan, Point::default(), |chart| copies.get(&chart).copied().unwrap_or(parent)).map(drop)
}

fn free_name(plan: &Plan, name: &Name, parent: ChartId) -> Name {
    let stem = name.trim_end_matches(|last: char| last.is_ascii_digit());
    let taken: BTreeSet<&Name> =
        plan.charts.values().filter(|chart| chart.parent == Some(parent)).map(|chart| &chart.name).collect();
    let numbered = (2..=u32::MAX).map(|number| Name::new(format!("{stem}{number}")));
    numbered.into_iter().find(|name| !taken.contains(name)).unwrap_or_default()
}
