//! Properties of a chart, and of what is drawn on it.

use egui::Ui;

use super::Counts;
use super::form::{Form, edit};
use crate::app::Item;
use crate::edit::Edit;
use crate::model::{ChartId, ROOT_CHART};
use crate::ui::lang::tr;
use crate::ui::views::link_editor::retext;

/// Shows those of a chart.
pub fn chart_ui(ui: &mut Ui, form: &mut Form<'_>, id: ChartId, counts: Counts) {
    let plan = form.plan();
    let Some(chart) = plan.charts().get(&id) else { return };
    if id == ROOT_CHART {
        form.read(ui, tr("properties.name"), plan.name().as_str());
    } else {
        form.text(ui, tr("properties.name"), &chart.name, move |_, text| {
            edit(Edit::RenameChart { chart: id, name: text.trim().into() })
        });
        let parent = Item::Chart(chart.parent.unwrap_or(ROOT_CHART));
        form.jumps(ui, tr("properties.inside"), [(parent.label(plan), parent)]);
    }
    form.lines(ui, tr("properties.comment"), &chart.comment, move |plan, text| {
        let Some(chart) = plan.charts().get(&id) else { return Ok(Vec::new()) };
        let (frames, notes) = (chart.frames.clone(), chart.notes.clone());
        edit(Edit::DecorateChart { chart: id, comment: text.trim().into(), frames, notes })
    });
    form.read(ui, tr("properties.functions"), counts.functions.to_string());
    form.read(ui, tr("properties.charts_inside"), counts.charts.to_string());
    form.read(ui, tr("properties.notes"), (chart.frames.len() + chart.notes.len()).to_string());
}

/// Shows the text of a frame or note.
pub fn decoration_ui(ui: &mut Ui, form: &mut Form<'_>, item: &Item) {
    let plan = form.plan();
    let (label, text) = match item {
        Item::Frame(chart, at) => {
            let frame = plan.charts().get(chart).and_then(|chart| chart.frames.get(*at));
            (tr("properties.title"), frame.map(|frame| frame.title.to_string()))
        }
        Item::Note(chart, at) => {
            let note = plan.charts().get(chart).and_then(|chart| chart.notes.get(*at));
            (tr("properties.text"), note.map(|note| note.text.to_string()))
        }
        _ => return,
    };
    let of = item.clone();
    form.lines(ui, label, &text.unwrap_or_default(), move |plan, text| match retext(plan, &of, text.trim()) {
        Some(retexted) => edit(retexted),
        None => Ok(Vec::new()),
    });
}
