//! Properties of the project, and of a component in it.

use std::sync::Arc;

use egui::Ui;

use super::Counts;
use super::form::{Form, Made, edit, optional};
use super::link::qos_text;
use crate::app::Item;
use crate::edit::Edit;
use crate::model::{Component, ComponentKey, Plan, QosType, Settings};
use crate::ui::action::Action;
use crate::ui::lang::{chosen, tr};
use crate::ui::views::fields::jump;

/// Transmission that a new link may have.
const TYPES: [QosType; 4] = [QosType::Acyclic, QosType::AcyclicStatus, QosType::AcyclicHmi, QosType::Cyclic];

fn change(plan: &Plan, change: impl FnOnce(&mut Settings)) -> Made {
    let mut settings = plan.settings().clone();
    change(&mut settings);
    if settings == *plan.settings() { Ok(Vec::new()) } else { edit(Edit::SetSettings(settings)) }
}

/// Shows those of the project.
pub fn project_ui(ui: &mut Ui, form: &mut Form<'_>) {
    let plan = form.plan();
    form.text(ui, tr("properties.name"), plan.name(), |_, text| edit(Edit::RenameProject(text.trim().into())));
    form.lines(ui, tr("properties.comment"), plan.comment(), |_, text| edit(Edit::CommentProject(text.trim().into())));
    form.title(ui, tr("properties.new_links"));
    let qos = plan.settings().default_qos;
    let options = TYPES.map(|qos_type| qos_text(qos_type).to_owned());
    let set = TYPES.iter().position(|qos_type| *qos_type == qos.qos_type);
    form.choice(ui, tr("properties.transmission"), set, &options, |plan, at| {
        let Some(qos_type) = TYPES.get(at).copied() else { return Ok(Vec::new()) };
        change(plan, |settings| settings.default_qos.qos_type = qos_type)
    });
    let time = (&*qos.value_ms.to_string(), "ms");
    form.number_or_listed(ui, tr("properties.update_time"), time, &[], |plan, text| {
        let what = tr("properties.a_time");
        match optional::<u16>(text, what)? {
            None | Some(0) => Err(crate::ui::lang::trf("properties.unreadable", &[&text, &what])),
            Some(value_ms) => change(plan, |settings| settings.default_qos.value_ms = value_ms),
        }
    });
    form.title(ui, tr("properties.devices"));
    form.text(ui, tr("properties.resolver_port"), &plan.settings().resolver_port.to_string(), |plan, text| {
        let what = tr("properties.a_port_number");
        match optional::<u16>(text, what)? {
            None | Some(0) => Err(crate::ui::lang::trf("properties.unreadable", &[&text, &what])),
            Some(port) => change(plan, |settings| settings.resolver_port = port),
        }
    });
    form.title(ui, tr("properties.contents"));
    for (label, count) in [
        (tr("properties.instances"), plan.instances().len()),
        (tr("properties.links"), plan.links().len()),
        (tr("properties.constants"), plan.constants().len()),
        (tr("properties.charts"), plan.charts().len()),
        (tr("properties.devices"), plan.devices().len()),
        (tr("properties.components"), plan.components().len()),
    ] {
        form.read(ui, label, count.to_string());
    }
    if let Some(path) = form.workspace.path() {
        form.read(ui, tr("properties.folder"), path.display().to_string());
    }
}

/// Shows those of a component.
pub fn component_ui(ui: &mut Ui, form: &mut Form<'_>, key: &ComponentKey, counts: Counts) {
    let Some(component) = form.plan().components().get(key) else { return };
    form.read(ui, tr("properties.name"), component.name.as_str());
    form.read(ui, tr("properties.version"), key.version.to_string());
    form.read(ui, tr("properties.vendor"), component.vendor.as_str());
    form.read(ui, tr("library.category"), component.category.as_str());
    form.read(ui, tr("properties.comment"), component.description.get(chosen().code()).unwrap_or_default());
    form.read(ui, tr("library.device_type"), component.device.type_name.as_str());
    form.read(ui, tr("library.device_class"), component.device.class.token());
    form.read(ui, tr("properties.instances"), counts.instances.to_string());
    form.read(ui, tr("properties.identity"), key.id.as_str());
    documents_ui(ui, form, component);
}

/// Documents of a component, to open.
pub fn documents_ui(ui: &mut Ui, form: &mut Form<'_>, component: &Arc<Component>) {
    if component.links.is_empty() {
        return;
    }
    form.title(ui, tr("library.documents"));
    for link in &component.links {
        let title = if link.title.is_empty() { &link.href } else { &link.title };
        if jump(ui, form.theme, title).on_hover_text(&link.href).clicked() {
            form.actions.push(Action::OpenDocument(component.clone(), link.href.clone()));
        }
    }
}

/// What the item is called over its properties.
pub fn kind_text(item: &Item) -> &'static str {
    match item {
        Item::Project => tr("kind.project"),
        Item::Chart(_) => tr("kind.chart"),
        Item::Instance(_) => tr("kind.instance"),
        Item::Function(_) => tr("kind.function"),
        Item::Port(_) => tr("kind.port"),
        Item::Link(_) => tr("kind.link"),
        Item::Constant(_) => tr("kind.constant"),
        Item::Frame(..) => tr("kind.frame"),
        Item::Note(..) => tr("kind.note"),
        Item::Device(_) => tr("kind.device"),
        Item::Subnet(_) => tr("kind.subnet"),
        Item::Cable(_) => tr("kind.cable"),
        Item::Component(_) => tr("kind.component"),
    }
}
