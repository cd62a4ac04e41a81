//! The address table: every cell is edited in place, and a piece of a spreadsheet is pasted as a whole.
//!
//! The table has the keyboard as one; which of its cells is chosen is its own affair. So cells need not be on the screen to have it.

use egui::{Event, EventFilter, Id, Key, Modifiers, Rect, RichText, Sense, StrokeKind, Ui};
use egui_extras::{Column, TableBuilder};

use super::Derived;
use crate::app::network::{AddressColumn, Paste, cell_edit, cell_text, paste_addresses};
use crate::app::{Item, Selection};
use crate::edit::Edit;
use crate::model::Name;
use crate::ui::action::{Action, Scope, Tone};
use crate::ui::icon::strong;
use crate::ui::lang::{said, tr, trf};
use crate::ui::theme::SMALL;
use crate::ui::views::findings::severity_mark;
use crate::ui::views::plane::has_keyboard;

/// Height of a row, px.
const ROW: f32 = 24.0;
/// Frames within which the system brings its clipboard.
const PASTE_FRAMES: u8 = 8;

/// State of the table.
#[derive(Debug)]
pub struct Table {
    /// The chosen cell: row and column.
    pub cell: (usize, AddressColumn),
    /// Text that is being typed into it.
    typing: Option<Typing>,
    /// A paste was asked for; the system brings its clipboard in one of so many frames, or has none.
    awaits_paste: u8,
    /// The chosen row is to be seen.
    scrolls: bool,
    /// The chosen cell is brought into view in this frame.
    shows_cell: bool,
    /// The table takes the keyboard.
    takes_focus: bool,
}

#[derive(Debug)]
struct Typing {
    text: String,
    /// The field takes the keyboard in its first frame.
    is_new: bool,
}

impl Default for Table {
    fn default() -> Self {
        Self {
            cell: (0, AddressColumn::Device),
            typing: None,
            awaits_paste: 0,
            scrolls: false,
            shows_cell: false,
            takes_focus: false,
        }
    }
}

impl Table {
    /// The plan was changed.
    pub fn follow(&mut self, n_rows: usize) {
        self.cell.0 = self.cell.0.min(n_rows.saturating_sub(1));
    }

    /// It takes the keyboard.
    pub fn take_focus(&mut self) {
        self.takes_focus = true;
    }

    /// What the system has on its clipboard is pasted as soon as it comes.
    pub fn await_paste(&mut self) {
        self.awaits_paste = PASTE_FRAMES;
    }

    /// Whether a paste was asked for and has not come yet.
    pub fn awaits_paste(&self) -> bool {
        self.awaits_paste > 0
    }

    /// The row of what was chosen elsewhere.
    pub fn choose_row(&mut self, row: usize) {
        if self.cell.0 != row {
            self.typing = None;
            self.cell.0 = row;
            self.scrolls = true;
        }
    }

    /// To another cell; sideways over the end of a row to the next one.
    fn step(&mut self, n_rows: usize, rows: isize, columns: isize) {
        let all = AddressColumn::ALL;
        let at = all.iter().position(|column| *column == self.cell.1).unwrap_or(0);
        let last = n_rows.saturating_sub(1);
        let mut row = self.cell.0.saturating_add_signed(rows).min(last);
        let column = match at.checked_add_signed(columns) {
            Some(column) if column < all.len() => column,
            Some(_) if row < last => {
                row += 1;
                0
            }
            None if row > 0 => {
                row -= 1;
                all.len() - 1
            }
            _ => at,
        };
        self.cell = (row, all[column]);
        self.scrolls = true;
    }
}

/// The widget that has the keyboard for the whole table.
fn grid_id() -> Id {
    Id::unique("address-table")
}

/// Whether the table has the keyboard, outside of a field.
pub fn has_focus(ctx: &egui::Context) -> bool {
    ctx.memory(|memory| memory.focused()) == Some(grid_id())
}

/// Shows it.
pub fn table_ui(ui: &mut Ui, table: &mut Table, derived: &Derived, scope: &mut Scope<'_>) {
    let grid = ui.interact(ui.available_rect_before_wrap(), grid_id(), Sense::focusable_noninteractive());
    grid.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Table, true, grid_name(table, derived, scope)));
    if std::mem::take(&mut table.takes_focus) {
        grid.request_focus();
        // Only from its second frame on a widget can keep Tab and arrow keys for itself.
        ui.ctx().request_repaint();
    }
    paste(ui, table, derived, scope);
    if table.typing.is_none() && has_keyboard(ui, &grid) {
        keys(ui, table, derived, scope);
    }
    // Columns that do not fit are pushed into view.
    table.shows_cell = std::mem::take(&mut table.scrolls);
    egui::ScrollArea::horizontal().auto_shrink(false).show(ui, |ui| rows_ui(ui, table, derived, scope));
}

fn rows_ui(ui: &mut Ui, table: &mut Table, derived: &Derived, scope: &mut Scope<'_>) {
    let columns = AddressColumn::ALL.map(width);
    let mut builder = TableBuilder::new(ui)
        .id_salt("addresses")
        .striped(false)
        .resizable(true)
        .auto_shrink(false)
        .animate_scrolling(false)
        .cell_layout(egui::Layout::left_to_right(egui::Align::Center));
    if table.shows_cell {
        builder = builder.scroll_to_row(table.cell.0, None);
    }
    for width in columns {
        builder = builder.column(Column::initial(width).at_least(40.0).clip(true));
    }
    builder
        .header(22.0, |mut header| {
            for column in AddressColumn::ALL {
                header.col(|ui| {
                    ui.label(strong(title(column)).size(SMALL).color(scope.theme.dim));
                });
            }
        })
        .body(|body| {
            body.rows(ROW - 2.0, derived.rows.len(), |mut row| {
                let nth = row.index();
                let Some(name) = derived.rows.get(nth) else { return };
                for column in AddressColumn::ALL {
                    row.col(|ui| cell_ui(ui, table, derived, (nth, column), name, scope));
                }
            });
        });
}

/// Widths of the columns at first, px.
fn width(column: AddressColumn) -> f32 {
    match column {
        AddressColumn::Device | AddressColumn::Station => 150.0,
        AddressColumn::Subnet | AddressColumn::Proxy => 110.0,
        AddressColumn::Ip | AddressColumn::Mask | AddressColumn::Router => 112.0,
        AddressColumn::Mac => 132.0,
        AddressColumn::System | AddressColumn::Address => 72.0,
    }
}

/// Title of a column.
pub fn title(column: AddressColumn) -> &'static str {
    match column {
        AddressColumn::Device => tr("address.device"),
        AddressColumn::Subnet => tr("address.subnet"),
        AddressColumn::Station => tr("address.station"),
        AddressColumn::Ip => tr("address.ip"),
        AddressColumn::Mask => tr("address.mask"),
        AddressColumn::Router => tr("address.router"),
        AddressColumn::Mac => tr("address.mac"),
        AddressColumn::Proxy => tr("address.proxy"),
        AddressColumn::System => tr("address.system"),
        AddressColumn::Address => tr("address.address"),
    }
}

fn grid_name(table: &Table, derived: &Derived, scope: &Scope<'_>) -> String {
    let (row, column) = table.cell;
    let text = derived.rows.get(row).and_then(|name| {
        let device = scope.plan().devices().get(name)?;
        Some(format!("{}: {name}, {} {}", tr("address.table"), title(column), cell_text(name, device, column)))
    });
    text.unwrap_or_else(|| tr("address.table").to_owned())
}

fn cell_ui(
    ui: &mut Ui,
    table: &mut Table,
    derived: &Derived,
    cell: (usize, AddressColumn),
    name: &Name,
    scope: &mut Scope<'_>,
) {
    let Some(device) = scope.workspace.plan().devices().get(name) else { return };
    let theme = scope.theme;
    let (_, column) = cell;
    let is_chosen = table.cell == cell;
    if is_chosen && table.typing.is_some() {
        return field_ui(ui, table, derived, name, scope);
    }
    let text = cell_text(name, device, column);
    let rect = Rect::from_min_size(ui.max_rect().min, ui.max_rect().size());
    let item = Item::Device(name.clone());
    let is_marked = scope.is_selected(&item);
    if is_marked {
        ui.painter().rect_filled(rect.expand(2.0), 0.0, theme.accent_fill);
    } else if scope.hovered == Some(&item) || super::picture::is_related(name, scope) {
        ui.painter().rect_filled(rect.expand(2.0), 0.0, theme.inset);
    }
    if is_chosen {
        if table.shows_cell {
            ui.scroll_to_rect(rect, None);
        }
        let width = if has_focus(ui.ctx()) { 2.0 } else { 1.0 };
        ui.painter().rect_stroke(rect, 2.0, egui::Stroke::new(width, theme.accent), StrokeKind::Inside);
    }
    let response = ui.interact(rect, ui.unique_id().with(column.key()), Sense::CLICK);
    response.widget_info(|| {
        let label = format!("{name} {} {text}", title(column));
        egui::WidgetInfo::selected(egui::Role::Button, true, is_chosen, label)
    });
    ui.add_space(4.0);
    if column == AddressColumn::Device
        && let Some(severity) = derived.findings.get(&item)
    {
        let (mark, colour) = severity_mark(*severity, theme);
        ui.label(crate::ui::icon::icon(mark, 12.0).color(colour));
    }
    let shown = if column.applies(device) { RichText::new(text) } else { RichText::new("·").color(theme.faint) };
    ui.label(shown);
    if response.hovered() {
        scope.actions.push(Action::Hover(item.clone()));
    }
    if response.clicked() {
        table.cell = cell;
        table.typing = None;
        table.takes_focus = true;
        scope.actions.push(Action::Select(Selection::only(item)));
    }
    if response.double_clicked() {
        begin(table, derived, scope, None);
    }
}

/// The field in place of the cell while something is typed.
fn field_ui(ui: &mut Ui, table: &mut Table, derived: &Derived, name: &Name, scope: &mut Scope<'_>) {
    let Some(typing) = &mut table.typing else { return };
    let column = table.cell.1;
    let refusal = cell_edit(scope.workspace.plan(), name, column, &typing.text).err();
    let colour = if refusal.is_some() { scope.theme.bad } else { scope.theme.text };
    let mut field = egui::TextEdit::singleline(&mut typing.text).desired_width(f32::INFINITY).text_color(colour);
    if column != AddressColumn::Device {
        field = field.hint_text(title(column));
    }
    let mut output = field.show(ui);
    let response = output.response.response.clone();
    response.widget_info(|| {
        let text = typing.text.clone();
        let mut info = egui::WidgetInfo::labeled(egui::Role::TextInput, true, format!("{name} {}", title(column)));
        info.current_text_value = Some(text);
        info
    });
    if std::mem::take(&mut typing.is_new) {
        response.request_focus();
        let end = egui::text::CCursor::new(typing.text.chars().count());
        output.state.cursor.set_char_range(Some(egui::text::CCursorRange::one(end)));
        output.state.store(ui.ctx(), response.id);
        return;
    }
    if let Some(refusal) = &refusal {
        response.clone().on_hover_text(said(refusal));
    }
    let (escape, enter, tab, back, up, down) = ui.input(|input| {
        let pressed = |key| input.key_pressed(key);
        let shift = input.modifiers.shift;
        (
            pressed(Key::Escape),
            pressed(Key::Enter),
            pressed(Key::Tab) && !shift,
            pressed(Key::Tab) && shift,
            pressed(Key::ArrowUp),
            pressed(Key::ArrowDown),
        )
    });
    let leaves = response.lost_focus() || (response.has_focus() && (up || down));
    if !leaves {
        return;
    }
    let text = std::mem::take(&mut typing.text);
    table.typing = None;
    if escape {
        table.takes_focus = true;
        return;
    }
    match cell_edit(scope.workspace.plan(), name, column, &text) {
        Ok(edit) => edit.into_iter().for_each(|edit| scope.actions.edit(edit)),
        Err(error) => {
            let told = format!("{name}, {}: {error}", title(column));
            scope.actions.push(Action::Tell(Tone::Warning, told));
            // It stays to be mended, unless the user has gone elsewhere with the mouse.
            if enter || tab || back {
                table.typing = Some(Typing { text, is_new: true });
                return;
            }
        }
    }
    let n_rows = derived.rows.len();
    match (enter || down, up, tab, back) {
        (true, ..) => table.step(n_rows, 1, 0),
        (_, true, ..) => table.step(n_rows, -1, 0),
        (_, _, true, _) => table.step(n_rows, 0, 1),
        (_, _, _, true) => table.step(n_rows, 0, -1),
        _ => return,
    }
    table.takes_focus = true;
    select_row(table, derived, scope);
}

/// Begins to type into the chosen cell: what is there, or something new.
fn begin(table: &mut Table, derived: &Derived, scope: &Scope<'_>, new: Option<String>) {
    let (row, column) = table.cell;
    let Some(name) = derived.rows.get(row) else { return };
    let Some(device) = scope.plan().devices().get(name).filter(|device| column.applies(device)) else { return };
    let text = new.unwrap_or_else(|| cell_text(name, device, column));
    table.typing = Some(Typing { text, is_new: true });
}

fn select_row(table: &Table, derived: &Derived, scope: &mut Scope<'_>) {
    if let Some(name) = derived.rows.get(table.cell.0) {
        scope.actions.push(Action::Select(Selection::only(Item::Device(name.clone()))));
    }
}

/// Keys while the table has the keyboard and nothing is being typed.
fn keys(ui: &Ui, table: &mut Table, derived: &Derived, scope: &mut Scope<'_>) {
    let filter = EventFilter { tab: true, horizontal_arrows: true, vertical_arrows: true, escape: false };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(grid_id(), filter));
    let pressed = |modifiers: Modifiers, key: Key| ui.input_mut(|input| input.consume_key(modifiers, key));
    let n_rows = derived.rows.len();
    let before = table.cell.0;
    for (modifiers, key, rows, columns) in [
        (Modifiers::SHIFT, Key::Tab, 0, -1),
        (Modifiers::NONE, Key::Tab, 0, 1),
        (Modifiers::NONE, Key::ArrowLeft, 0, -1),
        (Modifiers::NONE, Key::ArrowRight, 0, 1),
        (Modifiers::NONE, Key::ArrowUp, -1, 0),
        (Modifiers::NONE, Key::ArrowDown, 1, 0),
        (Modifiers::NONE, Key::PageUp, -10, 0),
        (Modifiers::NONE, Key::PageDown, 10, 0),
    ] {
        if pressed(modifiers, key) {
            table.step(n_rows, rows, columns);
        }
    }
    if table.cell.0 != before {
        select_row(table, derived, scope);
    }
    if pressed(Modifiers::NONE, Key::Enter) {
        begin(table, derived, scope, None);
    } else if pressed(Modifiers::NONE, Key::Delete) || pressed(Modifiers::NONE, Key::Backspace) {
        clear(table, derived, scope);
    } else {
        let typed = ui.input_mut(|input| {
            let mut typed = String::new();
            input.events.retain(|event| match event {
                Event::Text(text) => {
                    typed.push_str(text);
                    false
                }
                _ => true,
            });
            typed
        });
        if !typed.trim().is_empty() {
            begin(table, derived, scope, Some(typed));
        }
    }
    let copies = ui.input(|input| input.events.iter().any(|event| matches!(event, Event::Copy)));
    if copies && let Some(name) = derived.rows.get(table.cell.0) {
        let text = scope.plan().devices().get(name).map(|device| cell_text(name, device, table.cell.1));
        ui.ctx().copy_text(text.unwrap_or_default());
    }
}

fn clear(table: &Table, derived: &Derived, scope: &mut Scope<'_>) {
    let (row, column) = table.cell;
    let Some(name) = derived.rows.get(row) else { return };
    match cell_edit(scope.workspace.plan(), name, column, "") {
        Ok(edit) => edit.into_iter().for_each(|edit| scope.actions.edit(edit)),
        Err(error) => {
            scope.actions.push(Action::Tell(Tone::Warning, format!("{name}, {}: {error}", title(column))));
        }
    }
}

/// Takes what is pasted when it is for this view.
fn paste(ui: &Ui, table: &mut Table, derived: &Derived, scope: &mut Scope<'_>) {
    let is_text = ui.ctx().text_edit_focused();
    if is_text && !table.awaits_paste() {
        return;
    }
    let text = ui.input_mut(|input| {
        let at = input.events.iter().position(|event| matches!(event, Event::Paste(_)))?;
        match input.events.remove(at) {
            Event::Paste(text) => Some(text),
            _ => None,
        }
    });
    let Some(text) = text else {
        if table.awaits_paste() {
            table.awaits_paste -= 1;
            ui.ctx().request_repaint();
            if !table.awaits_paste() {
                scope.actions.push(Action::Tell(Tone::Info, tr("address.no_clipboard").to_owned()));
            }
        }
        return;
    };
    table.awaits_paste = 0;
    let paste = paste_addresses(scope.workspace.plan(), &derived.rows, table.cell, &text);
    take_paste(paste, scope);
}

fn take_paste(paste: Paste, scope: &mut Scope<'_>) {
    if !paste.problems.is_empty() {
        return scope.actions.push(Action::ShowPasteProblems(paste.problems));
    }
    if paste.edits.is_empty() {
        return scope.actions.push(Action::Tell(Tone::Info, tr("address.pasted_nothing").to_owned()));
    }
    scope.actions.push(Action::Edit(Edit::Group(tr("address.paste").into(), paste.edits)));
    let mut told = trf("address.pasted", &[&paste.n_devices]);
    if !paste.ignored.is_empty() {
        told = format!("{told}; {}", trf("address.ignored", &[&paste.ignored.join(", ")]));
    }
    scope.actions.push(Action::Tell(Tone::Done, told));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_go_over_the_ends_of_rows_and_stay_in_the_table() {
        let mut table = Table::default();
        table.step(2, 0, -1);
        assert_eq!(table.cell, (0, AddressColumn::Device));
        table.step(2, 0, 1);
        assert_eq!(table.cell, (0, AddressColumn::Subnet));
        table.cell.1 = AddressColumn::Address;
        table.step(2, 0, 1);
        assert_eq!(table.cell, (1, AddressColumn::Device));
        table.step(2, 1, 0);
        assert_eq!(table.cell, (1, AddressColumn::Device));
        table.step(2, 0, -1);
        assert_eq!(table.cell, (0, AddressColumn::Address));
        table.step(0, 1, 0);
        assert_eq!(table.cell.0, 0);
    }
}
