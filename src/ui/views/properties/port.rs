//! Properties of a port: what it is, what feeds it, whom it feeds.

use egui::Ui;

use super::form::{Form, edit};
use crate::app::{Item, port_label};
use crate::edit::Edit;
use crate::model::{Constant, Direction, Plan, Port, PortRef};
use crate::ui::lang::{chosen, tr};

/// Ends of links that are listed.
const MOST_ENDS: usize = 64;
/// Named values that are listed.
const MOST_NAMES: usize = 32;

/// Shows them.
pub fn port_ui(ui: &mut Ui, form: &mut Form<'_>, port: &PortRef) {
    let plan = form.plan();
    let instance = Item::Instance(port.instance.clone());
    form.jumps(ui, tr("properties.instance"), [(instance.label(plan), instance)]);
    form.read(ui, tr("properties.function"), format!("{} · {}", port.ldev, port.rtauto));
    if let Some(described) = plan.port(port) {
        described_ui(ui, form, described);
    }
    let fed_by = plan.links_to(port).map(|(_, link)| end(plan, &link.provider));
    form.jumps(ui, tr("properties.fed_by"), fed_by.take(MOST_ENDS));
    let is_fed = plan.links_to(port).next().is_some();
    let is_input = plan.port(port).is_some_and(|described| described.is_input() && !described.constant);
    let constant = plan.constants().get(port);
    if constant.is_some() || (is_input && !is_fed) {
        constant_ui(ui, form, port, constant);
    }
    let feeds = plan.links_from(port).map(|(key, _)| end(plan, &key.consumer));
    form.jumps(ui, tr("properties.feeds"), feeds.take(MOST_ENDS));
}

fn end(plan: &Plan, port: &PortRef) -> (String, Item) {
    (port_label(plan, port), Item::Port(port.clone()))
}

fn described_ui(ui: &mut Ui, form: &Form<'_>, port: &Port) {
    let direction = match port.direction {
        Direction::In => tr("direction.in"),
        Direction::Out => tr("direction.out"),
        Direction::InOut => tr("direction.in_out"),
        Direction::Hmi => tr("direction.hmi"),
    };
    form.read(ui, tr("properties.direction"), direction);
    form.read(ui, tr("properties.type"), port.value_type.to_string());
    form.read(ui, tr("properties.unit"), port.unit.as_str());
    let range = match (port.min, port.max) {
        (Some(min), Some(max)) => format!("{min} … {max}"),
        (Some(min), None) => format!("≥ {min}"),
        (None, Some(max)) => format!("≤ {max}"),
        (None, None) => String::new(),
    };
    form.read(ui, tr("properties.range"), range);
    let default = port.default.as_ref().map(|value| port.value_type.write_literal(value));
    form.read(ui, tr("properties.default"), default.unwrap_or_default());
    if port.is_mandatory() {
        form.read(ui, tr("properties.source"), tr("editor.mandatory"));
    }
    let names: Vec<String> =
        port.enumeration.iter().take(MOST_NAMES).map(|text| format!("{} = {}", text.value, text.name)).collect();
    form.read(ui, tr("properties.values"), names.join(", "));
    form.read(ui, tr("properties.comment"), port.comment.get(chosen().code()).unwrap_or_default());
    for (lang, text) in &port.comment.0 {
        if port.comment.get(chosen().code()) != Some(&**text) {
            form.read(ui, &format!("{} ({lang})", tr("properties.comment")), &**text);
        }
    }
}

/// The constant of an input; an empty one is taken out.
fn constant_ui(ui: &mut Ui, form: &mut Form<'_>, port: &PortRef, constant: Option<&Constant>) {
    let value = constant.map(|constant| constant.value.as_str()).unwrap_or_default();
    let hint = form.plan().port(port).map(|port| port.value_type.to_string()).unwrap_or_default();
    let target = port.clone();
    form.hinted(ui, tr("properties.constant"), value, &hint, move |plan, text| {
        let port = target.clone();
        let before = plan.constants().get(&port);
        match (text.trim(), before) {
            ("", None) => Ok(Vec::new()),
            ("", Some(_)) => edit(Edit::ClearConstant(port)),
            (value, before) => {
                let comment = before.map(|constant| constant.comment.clone()).unwrap_or_default();
                edit(Edit::SetConstant { port, constant: Constant { value: value.into(), comment } })
            }
        }
    });
    let Some(constant) = constant else { return };
    let target = port.clone();
    form.lines(ui, tr("properties.remark"), &constant.comment, move |plan, text| {
        let Some(before) = plan.constants().get(&target) else { return Ok(Vec::new()) };
        let constant = Constant { comment: text.trim().into(), ..before.clone() };
        edit(Edit::SetConstant { port: target.clone(), constant })
    });
}
