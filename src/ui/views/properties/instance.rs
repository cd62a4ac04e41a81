//! Properties of an instance, or of one of its functions; another component version is taken here.

use std::sync::Arc;

use egui::{RichText, Ui};

use super::form::{Form, edit, rename};
use super::project::documents_ui;
use crate::app::{Item, port_label};
use crate::edit::{Edit, vanishing_ports};
use crate::model::{Component, FunctionRef, Name, Plan, PortRef};
use crate::ui::action::Action;
use crate::ui::lang::{tr, trf};
use crate::ui::theme::SMALL;

/// Ports named before they lose what they have.
const MOST_NAMED: usize = 20;

/// A change to another version that waits for a yes, because ports lose their links or constants.
pub struct VersionChange {
    instance: Name,
    to: Arc<Component>,
    losing: Vec<PortRef>,
    revision: u64,
}

/// Shows them.
pub fn instance_ui(
    ui: &mut Ui,
    form: &mut Form<'_>,
    name: &Name,
    function: Option<&FunctionRef>,
    waiting: &mut Option<VersionChange>,
) {
    let plan = form.plan();
    let Some(instance) = plan.instances().get(name) else { return };
    let (from, of) = (name.clone(), function.cloned());
    form.text(ui, tr("properties.name"), name, move |_, text| {
        let to: Name = text.trim().into();
        let item = |name: Name| match &of {
            Some(function) => Item::Function(FunctionRef { instance: name, ..function.clone() }),
            None => Item::Instance(name),
        };
        let edit = Edit::RenameInstance { from: from.clone(), to: to.clone() };
        rename(edit, item(from.clone()), item(to))
    });
    if let Some(function) = function {
        form.read(ui, tr("properties.function"), format!("{} · {}", function.ldev, function.rtauto));
    }
    match plan.components().get(&instance.component) {
        Some(component) => component_ui(ui, form, name, component, waiting),
        None => form.read(ui, tr("properties.component"), instance.component.to_string()),
    }
    let device = Item::Device(instance.device.clone());
    form.jumps(ui, tr("properties.device"), [(device.label(plan), device)]);
    if let Some(chart) = instance.home() {
        let item = Item::Chart(chart);
        form.jumps(ui, tr("properties.chart"), [(item.label(plan), item)]);
    }
    let of = name.clone();
    form.lines(ui, tr("properties.comment"), &instance.comment, move |_, text| {
        edit(Edit::CommentInstance { instance: of.clone(), comment: text.trim().into() })
    });
    let count = |n: usize| n.to_string();
    form.read(ui, tr("properties.links_in"), count(plan.links_into(name).count()));
    form.read(ui, tr("properties.links_out"), count(plan.links_out_of(name).count()));
    if let Some(component) = plan.components().get(&instance.component) {
        documents_ui(ui, form, component);
    }
}

/// Component, its versions in library and project, and what another one would take away.
fn component_ui(
    ui: &mut Ui,
    form: &mut Form<'_>,
    name: &Name,
    component: &Arc<Component>,
    waiting: &mut Option<VersionChange>,
) {
    let plan = form.plan();
    let item = Item::Component(component.key.clone());
    form.jumps(ui, tr("properties.component"), [(component.name.to_string(), item)]);
    let versions = versions(form, component);
    let texts: Vec<String> = versions.iter().map(|version| version.key.version.to_string()).collect();
    let current = versions.iter().position(|version| version.key == component.key);
    if versions.len() < 2 {
        form.read(ui, tr("properties.version"), component.key.version.to_string());
    } else {
        let revision = form.workspace.revision();
        form.choice(ui, tr("properties.version"), current, &texts, |plan, at| {
            let Some(to) = versions.get(at).cloned() else { return Ok(Vec::new()) };
            let losing = vanishing_ports(plan, name, &to);
            if losing.is_empty() {
                return Ok(vec![Action::Edit(replace(plan, name, &to))]);
            }
            *waiting = Some(VersionChange { instance: name.clone(), to, losing, revision });
            Ok(Vec::new())
        });
    }
    // What was shown belongs to the plan as it was.
    let revision = form.workspace.revision();
    waiting.take_if(|change| change.instance != *name || change.revision != revision);
    if let Some(change) = waiting {
        let answer = losing_ui(ui, form, plan, change);
        if answer == Some(true) {
            form.actions.edit(replace(plan, name, &change.to));
        }
        if answer.is_some() {
            *waiting = None;
        }
    }
    form.read(ui, tr("properties.vendor"), component.vendor.as_str());
}

/// Names the ports that lose what they have; whether the version is to be changed all the same.
fn losing_ui(ui: &mut Ui, form: &Form<'_>, plan: &Plan, change: &VersionChange) -> Option<bool> {
    let theme = form.theme;
    let mut answer = None;
    egui::Frame::new().fill(theme.inset).corner_radius(4).inner_margin(8).show(ui, |ui| {
        ui.set_width(ui.available_width());
        let version = change.to.key.version;
        ui.add(egui::Label::new(trf("properties.losing", &[&version])).wrap());
        for port in change.losing.iter().take(MOST_NAMED) {
            ui.label(RichText::new(port_label(plan, port)).size(SMALL));
        }
        if let Some(more) = change.losing.len().checked_sub(MOST_NAMED).filter(|more| *more > 0) {
            ui.label(RichText::new(trf("properties.more", &[&more])).size(SMALL).color(theme.dim));
        }
        ui.horizontal(|ui| {
            if ui.button(tr("properties.change_version")).clicked() {
                answer = Some(true);
            }
            if ui.button(tr("button.cancel")).clicked() {
                answer = Some(false);
            }
        });
    });
    answer
}

/// Versions of a component in library and project, the newest first.
fn versions(form: &Form<'_>, component: &Component) -> Vec<Arc<Component>> {
    let id = &component.key.id;
    let mut versions: Vec<Arc<Component>> =
        form.plan().components().iter().filter(|(key, _)| key.id == *id).map(|(_, it)| it.clone()).collect();
    for entry in form.library.catalogue.versions(id) {
        if !versions.iter().any(|known| known.key == entry.component.key) {
            versions.push(entry.component.clone());
        }
    }
    versions.sort_by_key(|component| std::cmp::Reverse(component.key.version));
    versions
}

/// The edit that lets an instance use another version, which comes along when the plan does not have it yet.
fn replace(plan: &Plan, instance: &Name, to: &Arc<Component>) -> Edit {
    let replace = Edit::ReplaceComponent { instances: vec![instance.clone()], to: to.key.clone() };
    if plan.components().contains_key(&to.key) {
        return replace;
    }
    Edit::Group(replace.label(), vec![Edit::AddComponent(to.clone()), replace])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::Document;
    use crate::model::fixture;

    #[test]
    fn another_version_comes_along() {
        let plan = fixture::plan("component P 1.0 { in x R4 }\nA: P at 0 0");
        let to = Arc::new(fixture::component("component P 2.0 { in x R4; in y R4 }").unwrap());
        let mut document = Document::new(plan);
        let edit = replace(document.plan(), &"A".into(), &to);
        document.apply(&edit).unwrap();
        assert_eq!(document.plan().instances()["A"].component, to.key);
        let before = Name::new("A");
        assert!(matches!(replace(document.plan(), &before, &to), Edit::ReplaceComponent { .. }));
    }
}
