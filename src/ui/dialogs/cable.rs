//! A new cable, without a mouse: two devices, and a port of each.

use egui::RichText;

use super::{Dialog, DialogScope, Fate, buttons};
use crate::app::network::Members;
use crate::app::topology::LanPorts;
use crate::app::{Item, Selection, Workspace};
use crate::edit::Edit;
use crate::model::{LanPort, Name};
use crate::ui::action::Action;
use crate::ui::lang::{said, tr, trf};
use crate::ui::theme::SMALL;

/// Asks for it.
pub struct AddCable {
    ports: LanPorts,
    /// Devices that have a free port.
    devices: Vec<Name>,
    ends: [LanPort; 2],
    /// The workspace's revision that this is of.
    revision: u64,
}

impl AddCable {
    /// From the selected device to another, by their first free ports.
    pub fn new(workspace: &Workspace) -> Self {
        let plan = workspace.plan();
        let ports = LanPorts::of(plan, &Members::of(plan));
        let all = ports.devices().map(|(name, _)| name);
        let devices: Vec<Name> = all.filter(|name| ports.free(name).next().is_some()).cloned().collect();
        let selected: Vec<&Name> = workspace
            .selection
            .items()
            .filter_map(|item| match item {
                Item::Device(name) if devices.contains(name) => Some(name),
                _ => None,
            })
            .collect();
        let first = selected.first().copied().or(devices.first()).cloned().unwrap_or_default();
        let others = selected.into_iter().chain(&devices);
        let second = others.into_iter().find(|name| **name != first).cloned().unwrap_or_default();
        let end = |device: Name| {
            let port = ports.free(&device).next().unwrap_or(1);
            LanPort { device, port }
        };
        let ends = [end(first), end(second)];
        Self { devices, ends, ports, revision: workspace.revision() }
    }

    fn end_ui(&mut self, ui: &mut egui::Ui, nth: usize) {
        let name = if nth == 0 { tr("cable.from") } else { tr("cable.to") };
        let Some(end) = self.ends.get_mut(nth) else { return };
        ui.horizontal(|ui| {
            let label = ui.label(name);
            let devices = egui::ComboBox::from_id_salt(("device", nth)).width(200.0).selected_text(end.device.as_str());
            let devices = devices.show_ui(ui, |ui| {
                for device in &self.devices {
                    if ui.selectable_label(end.device == *device, device.as_str()).clicked() {
                        let port = self.ports.free(device).next().unwrap_or(1);
                        *end = LanPort { device: device.clone(), port };
                    }
                }
            });
            keeps_enter(ui, &devices.response.labelled_by(label.id));
            let label = ui.label(tr("cable.port"));
            let numbers = egui::ComboBox::from_id_salt(("port", nth)).width(56.0).selected_text(end.port.to_string());
            let numbers = numbers.show_ui(ui, |ui| {
                for port in self.ports.free(&end.device.clone()) {
                    if ui.selectable_label(end.port == port, port.to_string()).clicked() {
                        end.port = port;
                    }
                }
            });
            keeps_enter(ui, &numbers.response.labelled_by(label.id));
        });
        ui.add_space(4.0);
    }
}

/// Enter on a list that has the keyboard opens it, and does not press the button of the dialog too.
fn keeps_enter(ui: &egui::Ui, list: &egui::Response) {
    if list.has_focus() || ui.ctx().any_popup_open() {
        ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, egui::Key::Enter));
    }
}

impl Dialog for AddCable {
    fn title(&self) -> String {
        tr("cable.title").to_owned()
    }

    fn ui(&mut self, ui: &mut egui::Ui, scope: &mut DialogScope<'_>) -> Fate {
        let Some(workspace) = scope.workspace else { return Fate::Closed };
        if workspace.revision() != self.revision {
            *self = Self::new(workspace);
        }
        if self.devices.len() < 2 {
            ui.label(tr("cable.none"));
        } else {
            self.end_ui(ui, 0);
            self.end_ui(ui, 1);
        }
        let [one, other] = &self.ends;
        let cable = self.ports.cable(workspace.plan(), one, other);
        let why = match &cable {
            Err(error) if self.devices.len() > 1 => said(&error),
            Err(_) => String::new(),
            Ok(cable) => trf("cable.lies", &[&Item::Cable(cable.clone()).label(workspace.plan())]),
        };
        let colour = if cable.is_ok() { scope.theme.dim } else { scope.theme.bad };
        ui.label(RichText::new(why).size(SMALL).color(colour));
        match buttons(ui, tr("button.ok"), cable.is_ok()) {
            Some(Fate::Open) => {
                if let Ok(cable) = cable {
                    scope.actions.edit(Edit::AddCable(cable.clone()));
                    scope.actions.push(Action::Select(Selection::only(Item::Cable(cable))));
                }
                Fate::Closed
            }
            Some(Fate::Closed) => Fate::Closed,
            None => Fate::Open,
        }
    }
}
