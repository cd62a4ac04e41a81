//! A new subnet: name, range, remark.

use egui::RichText;

use super::{Dialog, DialogScope, Fate, buttons};
use crate::app::network::read_subnet;
use crate::app::{Item, Selection};
use crate::edit::Edit;
use crate::ui::action::Action;
use crate::ui::lang::{said, tr};
use crate::ui::theme::SMALL;

/// Asks for it.
pub struct AddSubnet {
    name: String,
    range: String,
    comment: String,
    /// The first field takes the keyboard in the first frame.
    is_new: bool,
}

impl AddSubnet {
    /// With nothing in it yet.
    pub fn new() -> Self {
        Self { name: String::new(), range: String::new(), comment: String::new(), is_new: true }
    }
}

impl Dialog for AddSubnet {
    fn title(&self) -> String {
        tr("subnet.title").to_owned()
    }

    fn ui(&mut self, ui: &mut egui::Ui, scope: &mut DialogScope<'_>) -> Fate {
        let Some(workspace) = scope.workspace else { return Fate::Closed };
        let is_new = std::mem::take(&mut self.is_new);
        for (nth, (label, text, hint)) in [
            (tr("ask.name"), &mut self.name, ""),
            (tr("subnet.range"), &mut self.range, "192.168.0.0/24"),
            (tr("subnet.comment"), &mut self.comment, ""),
        ]
        .into_iter()
        .enumerate()
        {
            let label = ui.label(label);
            let field = egui::TextEdit::singleline(text).hint_text(hint).desired_width(f32::INFINITY);
            let field = ui.add(field).labelled_by(label.id);
            if is_new && nth == 0 {
                field.request_focus();
            }
            ui.add_space(4.0);
        }
        let read = read_subnet(workspace.plan(), &self.name, &self.range, &self.comment);
        let why = match &read {
            Err(error) if !self.name.is_empty() && !self.range.is_empty() => said(&error),
            _ => String::new(),
        };
        // A line of its own also while it is empty, so that nothing jumps.
        ui.label(RichText::new(why).size(SMALL).color(scope.theme.bad));
        match buttons(ui, tr("button.ok"), read.is_ok()) {
            Some(Fate::Open) => {
                if let Ok((name, subnet)) = read {
                    scope.actions.edit(Edit::SetSubnet { name: name.clone(), subnet });
                    scope.actions.push(Action::Select(Selection::only(Item::Subnet(name))));
                }
                Fate::Closed
            }
            Some(Fate::Closed) => Fate::Closed,
            None => Fate::Open,
        }
    }
}
