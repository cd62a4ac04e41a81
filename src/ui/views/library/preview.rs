//! What is known of a component: what it does, its ports, the device it runs on, and what was not understood of its description.

use std::sync::Arc;

use egui::{RichText, Sense, Ui, vec2};

use crate::app::{Library, preview_component};
use crate::drawing::PortKind;
use crate::library::{FunctionPreview, Preview, VersionPreview};
use crate::model::{Component, ComponentKey, Direction, Port, Version};
use crate::ui::action::{Action, Scope};
use crate::ui::component_icon;
use crate::ui::icon::{Icon, icon, strong};
use crate::ui::lang::{Lang, chosen, tr, trf};
use crate::ui::theme::{SMALL, Theme};
use crate::ui::views::fields::{group_title, jump, nothing, text_row};
use crate::ui::views::link_editor::glyph;

/// Remarks and parts kept that are listed.
const MOST_REMARKS: usize = 100;

/// What is shown, made once.
pub struct Shown {
    key: ComponentKey,
    library: *const Library,
    lang: Lang,
    preview: Preview,
    component: Arc<Component>,
}

/// What was asked for.
pub enum Asked {
    Nothing,
    Place,
    Choose(ComponentKey),
    Close,
}

/// Makes what is shown anew when it is of another component, library or language; `None` when nobody has the component.
fn follow<'a>(shown: &'a mut Option<Shown>, key: &ComponentKey, scope: &Scope<'_>) -> Option<&'a Shown> {
    let (library, lang) = (Arc::as_ptr(scope.library), chosen());
    let is_same = |shown: &Shown| shown.key == *key && shown.library == library && shown.lang == lang;
    if !shown.as_ref().is_some_and(is_same) {
        let component = match scope.library.catalogue.get(key) {
            Some(entry) => Some(&entry.component),
            None => scope.plan().components().get(key),
        };
        let preview = preview_component(scope.library, scope.plan(), key, lang.code());
        *shown = preview.zip(component.cloned()).map(|(preview, component)| Shown {
            key: key.clone(),
            library,
            lang,
            preview,
            component,
        });
    }
    shown.as_ref()
}

/// Shows it.
pub fn preview_ui(ui: &mut Ui, shown: &mut Option<Shown>, key: &ComponentKey, scope: &mut Scope<'_>) -> Asked {
    let theme = scope.theme;
    let Some(Shown { preview, component, .. }) = follow(shown, key, scope) else { return Asked::Close };
    let mut asked = Asked::Nothing;
    ui.horizontal(|ui| {
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let close = ui.add(egui::Button::new(icon(Icon::X, 12.0).color(theme.dim)).frame(false));
            close.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, tr("button.close")));
            if close.clicked() {
                asked = Asked::Close;
            }
            if ui.button(tr("library.place")).on_hover_text(tr("library.place_tip")).clicked() {
                asked = Asked::Place;
            }
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                if let Some(texture) = component_icon::texture(ui.ctx(), component) {
                    let (rect, _) = ui.allocate_exact_size(vec2(28.0, 28.0), Sense::hover());
                    component_icon::paint(ui.painter(), rect, &texture);
                }
                ui.add(egui::Label::new(strong(format!("{} {}", preview.name, preview.version))).truncate());
            });
        });
    });
    if let Some(version) = versions_ui(ui, preview, key) {
        asked = Asked::Choose(version);
    }
    egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        if !preview.description.is_empty() {
            ui.add(egui::Label::new(&preview.description).wrap());
            ui.add_space(4.0);
        }
        about_ui(ui, theme, preview);
        for function in &preview.functions {
            function_ui(ui, theme, function, component, preview.functions.len() > 1);
        }
        device_ui(ui, theme, preview);
        documents_ui(ui, component, preview, scope);
        understood_ui(ui, theme, preview);
    });
    asked
}

/// The versions of the component beside each other; the one that was pressed.
fn versions_ui(ui: &mut Ui, preview: &Preview, key: &ComponentKey) -> Option<ComponentKey> {
    if preview.versions.len() < 2 {
        return None;
    }
    let mut taken = None;
    ui.horizontal_wrapped(|ui| {
        for VersionPreview { version, path } in &preview.versions {
            let text = RichText::new(version).size(SMALL);
            let button = ui.add(egui::Button::new(text).selected(*version == preview.version)).on_hover_text(path);
            if button.clicked() {
                taken = Version::parse(version).map(|version| ComponentKey { id: key.id.clone(), version });
            }
        }
    });
    taken
}

fn about_ui(ui: &mut Ui, theme: &Theme, preview: &Preview) {
    let mut row = |label: &str, value: &str| {
        if !value.is_empty() {
            text_row(ui, theme, label, value);
        }
    };
    row(tr("library.vendor"), &preview.vendor);
    if preview.singleton {
        row(tr("library.instances"), tr("library.singleton"));
    }
}

fn function_ui(ui: &mut Ui, theme: &Theme, function: &FunctionPreview, component: &Component, several: bool) {
    let title = if several { trf("library.ports_of", &[&function.name]) } else { tr("library.ports").to_owned() };
    group_title(ui, theme, &title);
    let described = component.rtauto(&function.ldev, &function.name);
    for port in described.into_iter().flat_map(|rtauto| &rtauto.ports) {
        port_ui(ui, theme, port);
    }
    if function.ports.is_empty() {
        nothing(ui, theme, tr("library.no_ports"));
    }
}

fn port_ui(ui: &mut Ui, theme: &Theme, port: &Port) {
    let kind = PortKind::of(&port.value_type);
    let row = ui.horizontal(|ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(12.0, 18.0), Sense::hover());
        let hollow = port.is_mandatory().then_some(theme.panel);
        glyph(ui.painter(), kind, rect.center(), 4.0, theme.type_colour(kind), hollow);
        let way = match port.direction {
            Direction::In => Icon::ArrowRightToLine,
            Direction::Out => Icon::ArrowRightFromLine,
            Direction::InOut => Icon::ArrowLeftRight,
            Direction::Hmi => Icon::Monitor,
        };
        ui.label(icon(way, 11.0).color(theme.dim));
        ui.label(port.name.as_str());
        let mut about = port.value_type.to_string();
        if !port.unit.is_empty() {
            about = format!("{about} · {}", port.unit);
        }
        ui.add(egui::Label::new(RichText::new(about).size(SMALL).color(theme.dim)).truncate());
    });
    let mut lines = vec![format!("{} · {}", port.name, direction_text(port.direction))];
    lines.extend(port.comment.get(chosen().code()).map(str::to_owned));
    if let (Some(min), Some(max)) = (port.min, port.max) {
        lines.push(format!("{min} … {max} {}", port.unit).trim_end().to_owned());
    }
    if let Some(default) = &port.default {
        lines.push(trf("library.default", &[&port.value_type.write_literal(default)]));
    }
    if port.is_mandatory() {
        lines.push(tr("editor.mandatory").to_owned());
    }
    row.response.on_hover_text(lines.join("\n"));
}

/// A direction as people say it.
fn direction_text(direction: Direction) -> &'static str {
    match direction {
        Direction::In => tr("direction.in"),
        Direction::Out => tr("direction.out"),
        Direction::InOut => tr("direction.in_out"),
        Direction::Hmi => tr("direction.hmi"),
    }
}

fn device_ui(ui: &mut Ui, theme: &Theme, preview: &Preview) {
    group_title(ui, theme, tr("library.device"));
    let mut row = |label: &str, value: String| {
        if !value.is_empty() {
            text_row(ui, theme, label, value);
        }
    };
    row(tr("library.device_type"), preview.device.clone());
    row(tr("library.device_class"), preview.device_class.to_owned());
    let maker = format!("{} {}", preview.producer, preview.product);
    row(tr("library.product"), maker.trim().to_owned());
    row(tr("library.order_number"), preview.order_number.clone());
    row(tr("library.stage"), preview.stage.to_string());
    if let Some(ports) = preview.lan_ports {
        row(tr("library.lan_ports"), ports.to_string());
    }
    row(tr("library.profibus"), preview.profibus.join(", "));
    for offer in &preview.qos {
        let values: Vec<String> = offer.values_ms.iter().map(u16::to_string).collect();
        let values =
            if values.is_empty() { tr("library.any_interval").to_owned() } else { format!("{} ms", values.join(", ")) };
        row(offer.qos_type, values);
    }
    if preview.limits.is_empty() {
        return;
    }
    group_title(ui, theme, tr("library.limits"));
    for limit in &preview.limits {
        let value = match (limit.typical, limit.maximum) {
            (Some(typical), Some(maximum)) => trf("library.typical_and_maximum", &[&typical, &maximum]),
            (Some(typical), None) => trf("library.typical", &[&typical]),
            (None, Some(maximum)) => maximum.to_string(),
            (None, None) => continue,
        };
        text_row(ui, theme, tr(&format!("limit.{}", limit.what)), value);
    }
    if !preview.profile.is_empty() {
        text_row(ui, theme, tr("library.source"), preview.profile.as_str());
    }
}

fn documents_ui(ui: &mut Ui, component: &Arc<Component>, preview: &Preview, scope: &mut Scope<'_>) {
    let theme = scope.theme;
    if !component.links.is_empty() {
        group_title(ui, theme, tr("library.documents"));
        for link in &component.links {
            let title = if link.title.is_empty() { &link.href } else { &link.title };
            if jump(ui, theme, title).on_hover_text(&link.href).clicked() {
                scope.actions.push(Action::OpenDocument(component.clone(), link.href.clone()));
            }
        }
    }
    if !preview.files.is_empty() {
        group_title(ui, theme, tr("library.files"));
        for file in &preview.files {
            ui.add(egui::Label::new(RichText::new(file).size(SMALL).color(theme.dim)).truncate());
        }
    }
}

/// How far the description follows the format, and what of it was guessed, left out or kept unread.
fn understood_ui(ui: &mut Ui, theme: &Theme, preview: &Preview) {
    group_title(ui, theme, tr("library.conformance"));
    let (mark, colour) = match preview.grade.as_str() {
        "exact" => (Icon::Check, theme.running),
        "tolerant" => (Icon::Info, theme.dim),
        _ => (Icon::TriangleAlert, theme.warning),
    };
    ui.horizontal(|ui| {
        ui.label(icon(mark, 13.0).color(colour));
        ui.add(egui::Label::new(tr(&format!("grade.{}", preview.grade))).wrap());
    });
    ui.add(egui::Label::new(RichText::new(&preview.path).size(SMALL).color(theme.dim)).truncate())
        .on_hover_text(&preview.path);
    for remark in preview.remarks.iter().take(MOST_REMARKS) {
        let line = remark.line.map(|line| format!("{line}: ")).unwrap_or_default();
        let times = if remark.count > 1 { format!(" (×{})", remark.count) } else { String::new() };
        let text = format!("{} {line}{}{times}", remark.code, remark.message);
        ui.add(egui::Label::new(RichText::new(text).size(SMALL)).wrap()).on_hover_text(&remark.place);
    }
    if preview.kept.is_empty() {
        return;
    }
    group_title(ui, theme, tr("library.kept"));
    for kept in preview.kept.iter().take(MOST_REMARKS) {
        let line = kept.line.map(|line| format!("{line}: ")).unwrap_or_default();
        let first: String = kept.text.lines().next().unwrap_or_default().chars().take(120).collect();
        let text = RichText::new(format!("{line}{first}")).size(SMALL).color(theme.dim);
        ui.add(egui::Label::new(text).truncate()).on_hover_text(&kept.place);
    }
}
