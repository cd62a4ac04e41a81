//! Fields that change the plan: what is typed becomes one edit, when Enter is pressed or the field is left.

use egui::{Id, Key, Ui};

use crate::app::{Item, Library, Selection, Workspace};
use crate::edit::Edit;
use crate::model::Plan;
use crate::ui::action::{Action, Actions, Tone};
use crate::ui::icon::{Icon, icon};
use crate::ui::lang::tr;
use crate::ui::theme::Theme;
use crate::ui::views::fields::{self, field_row};

/// What a text comes to: actions, or why it means nothing.
pub type Made = Result<Vec<Action>, String>;
/// Makes actions of the text of a field and the plan as it is when the field is left.
type Make = Box<dyn Fn(&Plan, &str) -> Made + Send>;

/// The field that is typed in. It is done when it has the keyboard no longer, also when it is not shown any more: what is typed
/// goes to what it was typed for.
#[derive(Default)]
pub struct Draft(Option<Typed>);

struct Typed {
    id: Id,
    text: String,
    before: String,
    make: Make,
}

impl Draft {
    /// Takes what was typed when its field was left since the frame before.
    pub fn take_left(&mut self, ctx: &egui::Context, plan: &Plan, actions: &mut Actions) {
        let focused = ctx.memory(|memory| memory.focused());
        if self.0.as_ref().is_some_and(|typed| focused != Some(typed.id)) {
            self.take(plan, actions);
        }
    }

    fn take(&mut self, plan: &Plan, actions: &mut Actions) {
        let Some(typed) = self.0.take() else { return };
        if typed.text == typed.before {
            return;
        }
        match (typed.make)(plan, &typed.text) {
            Ok(made) => made.into_iter().for_each(|action| actions.push(action)),
            Err(why) => actions.push(Action::Tell(Tone::Warning, why)),
        }
    }
}

/// What the properties of one thing are shown with.
pub struct Form<'a> {
    /// The project.
    pub workspace: &'a Workspace,
    /// The libraries.
    pub library: &'a Library,
    /// Looks.
    pub theme: &'a Theme,
    /// The field that is typed in.
    pub draft: &'a mut Draft,
    /// Where to ask.
    pub actions: &'a mut Actions,
    /// Told apart by it: fields of one thing are not those of another.
    pub of: Id,
}

impl<'a> Form<'a> {
    /// The plan.
    pub fn plan(&self) -> &'a Plan {
        self.workspace.plan()
    }

    /// A value to read.
    pub fn read(&self, ui: &mut Ui, label: &str, value: impl Into<String>) {
        let value = value.into();
        if !value.is_empty() {
            fields::text_row(ui, self.theme, label, value);
        }
    }

    /// A title over rows.
    pub fn title(&self, ui: &mut Ui, title: &str) {
        fields::group_title(ui, self.theme, title);
    }

    /// A text of one line.
    pub fn text(&mut self, ui: &mut Ui, label: &str, value: &str, make: impl Fn(&Plan, &str) -> Made + Send + 'static) {
        self.hinted(ui, label, value, "", make);
    }

    /// A text of one line, with what stands in it while it is empty.
    pub fn hinted(
        &mut self,
        ui: &mut Ui,
        label: &str,
        value: &str,
        hint: &str,
        make: impl Fn(&Plan, &str) -> Made + Send + 'static,
    ) {
        field_row(ui, self.theme, label, |ui, named| {
            let width = ui.available_width();
            self.field(ui, (label, named), value, hint, width, Box::new(make));
        });
    }

    /// A text of several lines; Enter begins a new one.
    pub fn lines(
        &mut self,
        ui: &mut Ui,
        label: &str,
        value: &str,
        make: impl Fn(&Plan, &str) -> Made + Send + 'static,
    ) {
        field_row(ui, self.theme, label, |ui, named| {
            let id = self.of.with(label);
            let mut text = self.typed(id, value);
            let rows = text.lines().count().clamp(2, 6);
            let field = egui::TextEdit::multiline(&mut text).id(id).desired_rows(rows);
            let response = ui.add(field.desired_width(ui.available_width())).labelled_by(named);
            self.keep(ui, &response, id, text, value, Box::new(make));
        });
    }

    /// A number with its unit, and a list of values to take instead of typing.
    pub fn number_or_listed(
        &mut self,
        ui: &mut Ui,
        label: &str,
        (value, unit): (&str, &str),
        listed: &[String],
        make: impl Fn(&Plan, &str) -> Made + Clone + Send + 'static,
    ) {
        field_row(ui, self.theme, label, |ui, named| {
            ui.horizontal(|ui| {
                let beside = if listed.is_empty() { 32.0 } else { 62.0 };
                let width = (ui.available_width() - beside).max(40.0);
                self.field(ui, (label, named), value, "", width, Box::new(make.clone()));
                ui.label(unit);
                if listed.is_empty() {
                    return;
                }
                let menu = ui.menu_button(icon(Icon::ChevronDown, 12.0), |ui| {
                    for listed in listed {
                        if ui.button(format!("{listed} {unit}")).clicked() {
                            self.ask(make(self.plan(), listed));
                            ui.close();
                        }
                    }
                });
                menu.response.widget_info(|| {
                    egui::WidgetInfo::labeled(
                        egui::Role::Button,
                        true,
                        format!("{label}: {}", tr("properties.offered")),
                    )
                });
            });
        });
    }

    /// Yes or no; `None` where several things differ.
    pub fn switch(&mut self, ui: &mut Ui, label: &str, value: Option<bool>, make: impl FnOnce(&Plan, bool) -> Made) {
        field_row(ui, self.theme, label, |ui, named| {
            let mut on = value.unwrap_or(false);
            let text = match value {
                Some(true) => tr("properties.yes"),
                Some(false) => tr("properties.no"),
                None => tr("properties.various"),
            };
            let check = egui::Checkbox::new(&mut on, text).indeterminate(value.is_none());
            if ui.add(check).labelled_by(named).changed() {
                let made = make(self.plan(), on);
                self.ask(made);
            }
        });
    }

    /// One of several; `chosen` is its position.
    pub fn choice(
        &mut self,
        ui: &mut Ui,
        label: &str,
        chosen: Option<usize>,
        options: &[String],
        make: impl FnOnce(&Plan, usize) -> Made,
    ) {
        field_row(ui, self.theme, label, |ui, named| {
            let shown = chosen.and_then(|at| options.get(at)).map_or(tr("properties.various"), String::as_str);
            let mut taken = None;
            let combo = egui::ComboBox::from_id_salt(self.of.with(label)).width(ui.available_width());
            let combo = combo.truncate().selected_text(shown);
            let response = combo.show_ui(ui, |ui| {
                for (at, option) in options.iter().enumerate() {
                    if ui.selectable_label(chosen == Some(at), option).clicked() {
                        taken = Some(at);
                    }
                }
            });
            response.response.labelled_by(named);
            if let Some(at) = taken.filter(|at| chosen != Some(*at)) {
                let made = make(self.plan(), at);
                self.ask(made);
            }
        });
    }

    /// Things to jump to.
    pub fn jumps(&mut self, ui: &mut Ui, label: &str, items: impl IntoIterator<Item = (String, Item)>) {
        let items: Vec<(String, Item)> = items.into_iter().collect();
        if items.is_empty() {
            return;
        }
        let (theme, actions) = (self.theme, &mut *self.actions);
        fields::jump_row(ui, theme, label, |ui| {
            for (text, item) in items {
                let response = fields::jump(ui, theme, &text);
                if response.hovered() {
                    actions.push(Action::Hover(item.clone()));
                }
                if response.clicked() {
                    actions.push(Action::Reveal(item));
                }
            }
        });
    }

    /// Does what was made, or tells why nothing was.
    pub fn ask(&mut self, made: Made) {
        match made {
            Ok(made) => made.into_iter().for_each(|action| self.actions.push(action)),
            Err(why) => self.actions.push(Action::Tell(Tone::Warning, why)),
        }
    }

    fn typed(&self, id: Id, value: &str) -> String {
        self.draft
            .0
            .as_ref()
            .filter(|typed| typed.id == id)
            .map_or_else(|| value.to_owned(), |typed| typed.text.clone())
    }

    fn field(&mut self, ui: &mut Ui, (label, named): (&str, Id), value: &str, hint: &str, width: f32, make: Make) {
        let id = self.of.with(label);
        let mut text = self.typed(id, value);
        let field = egui::TextEdit::singleline(&mut text).id(id).hint_text(hint).desired_width(width);
        let response = ui.add(field).labelled_by(named);
        self.keep(ui, &response, id, text, value, make);
    }

    fn keep(&mut self, ui: &Ui, response: &egui::Response, id: Id, text: String, value: &str, make: Make) {
        if response.has_focus() {
            match &mut self.draft.0 {
                Some(typed) if typed.id == id => typed.text = text,
                _ => {
                    // Another field may have been left for this one in this very frame.
                    self.draft.take(self.workspace.plan(), self.actions);
                    self.draft.0 = Some(Typed { id, text, before: value.to_owned(), make });
                }
            }
        } else if self.draft.0.as_ref().is_some_and(|typed| typed.id == id) {
            if ui.input(|input| input.key_pressed(Key::Escape)) {
                self.draft.0 = None;
            } else {
                if let Some(typed) = &mut self.draft.0 {
                    typed.text = text;
                }
                self.draft.take(self.workspace.plan(), self.actions);
            }
        }
    }
}

/// One edit.
pub fn edit(edit: Edit) -> Made {
    Ok(vec![Action::Edit(edit)])
}

/// An edit after which a thing has another name: it stays selected, whether the edit is refused or not.
pub fn rename(edit: Edit, from: Item, to: Item) -> Made {
    Ok(vec![Action::Edit(edit), Action::Select(Selection::of([from, to]))])
}

/// Reads a text; an empty one is none. `what` is said when it cannot be read.
pub fn optional<T: std::str::FromStr>(text: &str, what: &str) -> Result<Option<T>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| crate::ui::lang::trf("properties.unreadable", &[&text, &what]))
}
