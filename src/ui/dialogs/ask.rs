//! One question with one text as the answer: a name, a constant, a value.

use egui::text::CCursor;

use super::{Dialog, DialogScope, Fate, buttons};
use crate::app::{Item, Workspace};
use crate::edit::Edit;
use crate::model::{Constant, PortRef};
use crate::ui::action::{Action, Actions};
use crate::ui::lang::{tr, trf};
use crate::ui::views::link_editor::retext;

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// A new name.
    Rename(Item),
    /// A constant for an input.
    Constant(PortRef),
    /// A value to write on line.
    Write(PortRef),
    /// Name of a new project.
    NewProject,
}

/// Asks it.
pub struct Ask {
    question: Question,
    about: String,
    text: String,
    hint: String,
    /// The field takes the keyboard in the first frame.
    is_new: bool,
}

impl Ask {
    /// With what stands there now.
    pub fn new(question: Question, workspace: Option<&Workspace>) -> Self {
        let plan = workspace.map(Workspace::plan);
        let mut hint = String::new();
        let (about, text) = match (&question, plan) {
            (Question::Rename(Item::Function(function)), _) => {
                (function.instance.to_string(), function.instance.to_string())
            }
            (Question::Rename(Item::Chart(chart)), Some(plan)) => {
                let name = plan.charts().get(chart).map(|chart| chart.name.to_string()).unwrap_or_default();
                (name.clone(), name)
            }
            (Question::Rename(item), Some(plan)) => (item.label(plan), item.label(plan)),
            (Question::Constant(port) | Question::Write(port), Some(plan)) => {
                if let Some(described) = plan.port(port) {
                    hint = described.value_type.to_string();
                    if !described.unit.is_empty() {
                        hint = format!("{hint} · {}", described.unit);
                    }
                }
                let value = plan.constants().get(port).map(|constant| constant.value.to_string());
                (crate::app::port_label(plan, port), value.unwrap_or_default())
            }
            _ => (String::new(), tr("new_project.name").to_owned()),
        };
        Self { question, about, text, hint, is_new: true }
    }

    /// What answering does; an empty constant is taken away.
    fn answer(&self, workspace: Option<&Workspace>, actions: &mut Actions) {
        let text = self.text.trim();
        match &self.question {
            Question::Rename(item) => {
                let retexted = workspace.and_then(|workspace| retext(workspace.plan(), item, text));
                if let Some(edit) = retexted.or_else(|| rename(item, text)) {
                    actions.edit(edit);
                }
            }
            Question::Constant(port) => {
                let constant = Constant { value: text.into(), comment: Default::default() };
                actions.edit(Edit::SetConstant { port: port.clone(), constant });
            }
            Question::Write(port) => actions.push(Action::Write { port: port.clone(), literal: text.to_owned() }),
            Question::NewProject => actions.push(Action::NewProject(text.to_owned())),
        }
    }
}

fn rename(item: &Item, to: &str) -> Option<Edit> {
    let to = to.into();
    Some(match item {
        Item::Instance(from) => Edit::RenameInstance { from: from.clone(), to },
        Item::Function(function) => Edit::RenameInstance { from: function.instance.clone(), to },
        Item::Chart(chart) => Edit::RenameChart { chart: *chart, name: to },
        Item::Device(from) => Edit::RenameDevice { from: from.clone(), to },
        Item::Subnet(from) => Edit::RenameSubnet { from: from.clone(), to },
        Item::Project => Edit::RenameProject(to),
        _ => return None,
    })
}

impl Dialog for Ask {
    fn title(&self) -> String {
        match &self.question {
            Question::Rename(_) => trf("ask.rename", &[&self.about]),
            Question::Constant(_) => trf("ask.constant", &[&self.about]),
            Question::Write(_) => trf("ask.write", &[&self.about]),
            Question::NewProject => tr("ask.new_project").to_owned(),
        }
    }

    fn width(&self) -> f32 {
        360.0
    }

    fn ui(&mut self, ui: &mut egui::Ui, scope: &mut DialogScope<'_>) -> Fate {
        let name = match self.question {
            Question::Rename(_) | Question::NewProject => tr("ask.name"),
            Question::Constant(_) | Question::Write(_) => tr("ask.value"),
        };
        let label = ui.label(name);
        let mut output = egui::TextEdit::singleline(&mut self.text).desired_width(f32::INFINITY).show(ui);
        let field = output.response.response.labelled_by(label.id);
        if std::mem::take(&mut self.is_new) {
            field.request_focus();
            // What is proposed goes with the first key, or stays with Enter.
            let all = egui::text::CCursorRange::two(CCursor::default(), CCursor::new(self.text.chars().count()));
            output.state.cursor.set_char_range(Some(all));
            output.state.store(ui.ctx(), field.id);
        }
        if !self.hint.is_empty() {
            ui.label(egui::RichText::new(&self.hint).color(scope.theme.dim).size(crate::ui::theme::SMALL));
        }
        match buttons(ui, tr("button.ok"), !self.text.trim().is_empty()) {
            Some(Fate::Open) => {
                self.answer(scope.workspace, scope.actions);
                Fate::Closed
            }
            Some(Fate::Closed) => Fate::Closed,
            None => Fate::Open,
        }
    }
}
