//! Charts: their tree, remarks, frames and notes.

use std::collections::BTreeSet;

use super::{Change, ChartPath, Compared};
use crate::model::{Chart, ChartId};

pub(super) fn compare(compared: &mut Compared<'_>) {
    let (old, new) = (compared.old, compared.new);
    let mut gone = Vec::new();
    for (id, chart) in old.charts() {
        match compared.identity.charts.get(id).copied() {
            Some(new_id) => {
                if let Some(now) = new.charts().get(&new_id) {
                    one(compared, chart, now, new_id);
                }
            }
            None => gone.push(ChartPath(old.chart_path(*id))),
        }
    }
    gone.sort();
    for chart in gone {
        compared.add(Change::ChartRemoved { chart });
    }
    let known: BTreeSet<ChartId> = compared.identity.charts.values().copied().collect();
    let mut come: Vec<ChartPath> =
        new.charts().keys().filter(|id| !known.contains(*id)).map(|id| ChartPath(new.chart_path(*id))).collect();
    come.sort();
    for chart in come {
        compared.add(Change::ChartAdded { chart });
    }
}

fn one(compared: &mut Compared<'_>, old: &Chart, new: &Chart, id: ChartId) {
    let chart = ChartPath(compared.new.chart_path(id));
    let mut changes = Vec::new();
    // The top chart has the name of the project.
    if old.name != new.name && new.parent.is_some() {
        changes.push(Change::ChartRenamed { chart: chart.clone(), from: old.name.clone() });
    }
    let parent = old.parent.map(|parent| compared.identity.charts.get(&parent).copied());
    if parent != new.parent.map(Some) {
        let from = ChartPath(old.parent.map(|parent| compared.old.chart_path(parent)).unwrap_or_default());
        changes.push(Change::ChartMoved { chart: chart.clone(), from });
    } else if old.at != new.at && new.parent.is_some() {
        compared.layout.charts += 1;
    }
    if old.comment != new.comment {
        let (from, to) = (old.comment.clone(), new.comment.clone());
        changes.push(Change::ChartRemark { chart: chart.clone(), from, to });
    }
    if frames_and_notes(old).ne(frames_and_notes(new)) {
        changes.push(Change::ChartNotes { chart });
    } else if (&old.frames, &old.notes) != (&new.frames, &new.notes) {
        compared.layout.decorations += 1;
    }
    compared.changes.append(&mut changes);
}

/// What frames and notes say, whatever their places.
fn frames_and_notes(chart: &Chart) -> impl Iterator<Item = (bool, &str)> {
    let frames = chart.frames.iter().map(|frame| (true, frame.title.as_str()));
    frames.chain(chart.notes.iter().map(|note| (false, &*note.text)))
}
