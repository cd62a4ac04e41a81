//! Devices on line, those with a problem first: what is wrong and what to do.

use egui::{Color32, RichText, Ui};

use crate::app::Item;
use crate::app::live::{DeviceCondition, Reach, Urgency};
use crate::model::Name;
use crate::ui::action::{Action, Scope};
use crate::ui::icon::{Icon, icon, strong};
use crate::ui::lang::{said, tr, trf};
use crate::ui::theme::{SMALL, Theme};

/// The mark of how a device does.
pub fn urgency_mark(urgency: Urgency, theme: &Theme) -> (Icon, Color32) {
    match urgency {
        Urgency::Problem => (Icon::CircleX, theme.bad),
        Urgency::Warning => (Icon::TriangleAlert, theme.warning),
        Urgency::Unknown => (Icon::CircleDashed, theme.dim),
        Urgency::Fine => (Icon::CircleCheck, theme.running),
    }
}

/// The panel.
pub fn diagnostics_ui(ui: &mut Ui, scope: &mut Scope<'_>) {
    let theme = scope.theme;
    let Some(online) = scope.online else {
        ui.label(RichText::new(tr("diagnostics.offline")).color(theme.dim));
        return;
    };
    let mut asked = Vec::new();
    egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        for device in online.devices.iter() {
            device_ui(ui, device, online.is_virtual, theme, &mut asked);
            ui.add_space(4.0);
        }
    });
    asked.into_iter().for_each(|action| scope.actions.push(action));
}

fn device_ui(ui: &mut Ui, device: &DeviceCondition, is_virtual: bool, theme: &Theme, asked: &mut Vec<Action>) {
    let (mark, colour) = urgency_mark(device.urgency, theme);
    ui.horizontal(|ui| {
        ui.label(icon(mark, 14.0).color(colour));
        let name = ui.add(egui::Button::new(strong(device.device.as_str())).frame(false));
        if name.on_hover_text(tr("diagnostics.go")).clicked() {
            asked.push(Action::Reveal(Item::Device(device.device.clone())));
        }
        ui.label(RichText::new(&device.address).color(theme.dim));
        let state = match &device.reach {
            Reach::Asking => tr("diagnostics.asking").to_owned(),
            Reach::Silent { .. } => tr("diagnostics.silent").to_owned(),
            Reach::Stranger => tr("diagnostics.stranger").to_owned(),
            Reach::Answers => {
                let states = device
                    .ldevs
                    .iter()
                    .filter_map(|ldev| Some(format!("{} {}", ldev.ldev, said(ldev.state.as_ref()?))));
                states.collect::<Vec<_>>().join(", ")
            }
        };
        ui.label(RichText::new(state).size(SMALL).color(theme.dim));
        let values = trf("diagnostics.values", &[&device.n_values, &device.n_uncertain, &device.n_bad]);
        ui.label(RichText::new(values).size(SMALL).color(theme.dim));
        if is_virtual {
            pull_ui(ui, &device.device, device.is_pulled, asked);
        }
    });
    for trouble in &device.troubles {
        ui.horizontal_wrapped(|ui| {
            ui.add_space(24.0);
            ui.label(said(&trouble.what()));
            ui.label(RichText::new(begun_large(&said(&trouble.advice()))).color(theme.dim));
        });
    }
    for (key, state) in device.connection_errors.iter().take(8) {
        let crate::app::live::ConnectionState::Failed { name, .. } = state else { continue };
        ui.horizontal(|ui| {
            ui.add_space(24.0);
            let text = RichText::new(format!("{key}: {name}")).size(SMALL).color(theme.bad);
            if ui.add(egui::Button::new(text).frame(false)).clicked() {
                asked.push(Action::Reveal(Item::Link(key.clone())));
            }
        });
    }
}

/// A sentence with a capital letter first.
fn begun_large(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Pulling a virtual device off the network, to see what happens.
fn pull_ui(ui: &mut Ui, device: &Name, is_pulled: bool, asked: &mut Vec<Action>) {
    let (text, mark) =
        if is_pulled { (tr("diagnostics.plug"), Icon::Plug) } else { (tr("diagnostics.pull"), Icon::Unplug) };
    let button = ui.add(egui::Button::new((icon(mark, 12.0), RichText::new(text).size(SMALL))));
    button.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, format!("{text} {device}")));
    if button.clicked() {
        asked.push(Action::Pull { device: device.clone(), pulled: !is_pulled });
    }
}
