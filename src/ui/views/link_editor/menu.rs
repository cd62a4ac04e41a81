//! What the chart says about a thing, and its context menu.

use egui::Response;

use super::LinkEditor;
use crate::app::live::ConnectionState;
use crate::app::{Command, Item, function_label, port_label};
use crate::drawing::{Hit, Scene};
use crate::model::{Direction, Substitute};
use crate::ui::action::Scope;
use crate::ui::lang::{chosen, tr, trf};
use crate::ui::shell::context_menu;
use crate::ui::views::findings::lines_about;

/// What is said about what the pointer is over.
pub fn hover_text(scope: &Scope<'_>, scene: &Scene, hit: Hit, item: &Item) -> Option<String> {
    let plan = scope.plan();
    let mut lines = Vec::new();
    match (hit, item) {
        (Hit::Port { .. }, Item::Port(port)) => {
            let described = plan.port(port)?;
            let direction = match described.direction {
                Direction::In => tr("direction.in"),
                Direction::Out => tr("direction.out"),
                Direction::InOut => tr("direction.in_out"),
                Direction::Hmi => tr("direction.hmi"),
            };
            let unit = if described.unit.is_empty() { String::new() } else { format!(" · {}", described.unit) };
            lines.push(format!("{} · {} {direction}{unit}", port_label(plan, port), described.value_type));
            lines.extend(described.comment.get(chosen().code()).map(str::to_owned));
            for (_, link) in plan.links_to(port) {
                lines.push(trf("editor.fed_by", &[&port_label(plan, &link.provider)]));
            }
            if described.is_mandatory() && plan.links_to(port).next().is_none() && !plan.constants().contains_key(port)
            {
                lines.push(tr("editor.mandatory").to_owned());
            }
        }
        (Hit::Arrow { block, port }, _) => {
            let arrow = scene.arrow(block, port)?;
            lines.extend(arrow.targets.iter().take(12).map(|target| port_label(plan, &target.port)));
            lines.push(tr("editor.jump").to_owned());
        }
        (Hit::Wire { .. } | Hit::WireEnd { .. }, Item::Link(key)) => {
            let link = plan.links().get(key)?;
            lines.push(item.label(plan));
            lines.push(link.qos.to_string());
            if let Some(ConnectionState::Failed { name, meaning, .. }) =
                scope.online.and_then(|online| online.connections.get(key))
            {
                lines.push(format!("{name}: {meaning}"));
            }
            if let Some(value) = scope.online.and_then(|online| online.values.get(&link.provider)) {
                lines.push(format!("{} · {}", value.text, value.quality_name));
            }
            if let Substitute::Value(value) = &link.substitute {
                lines.push(trf("editor.substitute", &[value]));
            }
        }
        (Hit::BlockHead(_) | Hit::Block(_), Item::Function(function)) => {
            let instance = plan.instances().get(&function.instance)?;
            lines.push(function_label(plan, function));
            if let Some(component) = plan.components().get(&instance.component) {
                lines.push(format!("{} {} · {}", component.name, component.key.version, component.vendor));
            }
            lines.push(trf("editor.on_device", &[&instance.device]));
        }
        (Hit::Fold(_), _) => lines.push(tr("editor.fold").to_owned()),
        _ => return None,
    }
    lines.extend(lines_about(scope.workspace, item));
    Some(lines.join("\n"))
}

impl LinkEditor {
    /// The context menu: commands that fit what is selected.
    pub(super) fn menu_ui(&mut self, response: &Response, scope: &mut Scope<'_>) {
        let now = crate::app::Situation {
            online: scope.online.is_some(),
            below_top: self.chart() != crate::model::ROOT_CHART,
            ..scope.workspace.situation()
        };
        let groups: &[&[Command]] = match scope.workspace.selection.lead() {
            Some(Item::Port(_)) => &[
                &[Command::LinkFrom, Command::SetConstant, Command::ClearSource],
                &[Command::Watch, Command::WriteValue],
                &[Command::GoToDevice],
            ],
            Some(Item::Constant(_)) => &[&[Command::SetConstant, Command::ClearSource, Command::Delete]],
            Some(Item::Link(_)) => &[&[Command::FreeBends, Command::Delete]],
            Some(Item::Function(_) | Item::Instance(_) | Item::Chart(_)) => &[
                &[Command::GoIn, Command::Rename],
                &[Command::Cut, Command::Copy, Command::Duplicate, Command::Delete],
                &[Command::Arrange, Command::AlignLeft, Command::AlignTop, Command::DistributeDown],
                &[Command::AddFrame, Command::GoToDevice],
            ],
            Some(_) => &[&[Command::Rename, Command::Delete]],
            None => &[
                &[Command::QuickAdd, Command::AddChart, Command::AddNote],
                &[Command::Paste, Command::SelectAll],
                &[Command::Arrange, Command::Fit, Command::ActualSize, Command::GoUp],
            ],
        };
        if let Some(command) = context_menu(response, groups, &now) {
            scope.actions.run(command);
        }
    }
}
