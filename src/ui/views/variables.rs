//! The variable table: chosen ports with value, quality, time, their last minutes, and a field to write.

use std::collections::BTreeMap;
use std::time::SystemTime;

use egui::{Color32, Pos2, Rect, RichText, Sense, Stroke, Ui, pos2, vec2};
use egui_plot::{Line, Plot, PlotPoints};

use crate::app::live::{LiveValue, QualityClass, SAMPLE_SECS, Sample};
use crate::app::{Command, Item, Selection, port_label, time_text};
use crate::model::{Plan, PortRef};
use crate::ui::action::{Action, Scope};
use crate::ui::icon::{Icon, Named, icon, of_command, strong};
use crate::ui::lang::{tr, trf};
use crate::ui::theme::{SMALL, Theme};

/// Height of a row, px.
const ROW: f32 = 26.0;
/// Seconds that a sparkline shows.
const SPARK_SECS: f32 = 60.0;

/// State of the table.
#[derive(Default)]
pub struct Variables {
    rows: Vec<PortRef>,
    /// The rows are not those that are watched.
    is_new: bool,
    /// What is typed to be written, by port.
    typed: BTreeMap<PortRef, String>,
    /// Rows that are plotted.
    plotted: Vec<PortRef>,
}

impl Variables {
    /// The ports in the table.
    pub fn ports(&self) -> Vec<PortRef> {
        self.rows.clone()
    }

    /// Puts ports in, each once.
    pub fn add(&mut self, ports: impl IntoIterator<Item = PortRef>) {
        for port in ports {
            if !self.rows.contains(&port) {
                self.rows.push(port);
                self.is_new = true;
            }
        }
    }

    /// The plan was changed: ports that are gone leave the table.
    pub fn changed(&mut self, plan: &Plan) {
        let before = self.rows.len();
        self.rows.retain(|port| plan.port(port).is_some());
        self.plotted.retain(|port| plan.port(port).is_some());
        self.is_new |= self.rows.len() != before;
    }

    /// The ports, when they are others than at the last call.
    pub fn newly_kept(&mut self) -> Option<Vec<PortRef>> {
        std::mem::take(&mut self.is_new).then(|| self.rows.clone())
    }

    fn remove(&mut self, port: &PortRef) {
        self.rows.retain(|other| other != port);
        self.plotted.retain(|other| other != port);
        self.typed.remove(port);
        self.is_new = true;
    }
}

/// Colour and mark of a quality; good needs none.
pub fn quality_mark(group: QualityClass, theme: &Theme) -> Option<(Icon, Color32)> {
    match group {
        QualityClass::Bad => Some((Icon::CircleX, theme.bad)),
        QualityClass::Uncertain => Some((Icon::TriangleAlert, theme.warning)),
        _ => None,
    }
}

/// The panel.
pub fn variables_ui(ui: &mut Ui, state: &mut Variables, scope: &mut Scope<'_>) {
    bar_ui(ui, state, scope);
    if state.rows.is_empty() {
        ui.add_space(8.0);
        ui.label(RichText::new(tr("variables.empty")).color(scope.theme.dim));
    }
    let width = if state.plotted.is_empty() { ui.available_width() } else { (ui.available_width() * 0.62).max(520.0) };
    ui.horizontal_top(|ui| {
        ui.vertical(|ui| {
            ui.set_width(width.min(ui.available_width()));
            table_ui(ui, state, scope);
        });
        if !state.plotted.is_empty() {
            plot_ui(ui, state, scope);
        }
    });
    // Ports are dropped anywhere on the panel.
    let rect = ui.min_rect().union(ui.max_rect());
    let drop = ui.interact(rect, ui.unique_id().with("drop"), Sense::hover());
    if let Some(port) = drop.dnd_release_payload::<PortRef>() {
        scope.actions.push(Action::Watch(vec![(*port).clone()]));
    }
}

fn bar_ui(ui: &mut Ui, state: &mut Variables, scope: &mut Scope<'_>) {
    ui.horizontal(|ui| {
        for command in [Command::Watch, Command::Record] {
            let row = command.row();
            let mut now = scope.workspace.situation();
            now.online = scope.online.is_some();
            let mark = of_command(command).unwrap_or(Icon::Dot);
            let text = match (command, scope.n_recorded) {
                (Command::Record, Some(n)) => trf("variables.recording", &[&n]),
                _ => tr(&format!("command.{}", row.key)).to_owned(),
            };
            let button = egui::Button::new((icon(mark, 13.0), RichText::new(&text).size(SMALL)));
            let response = ui.add_enabled(row.when.holds(&now), button).named(&text);
            if response.on_hover_text(tr(&format!("command.{}.tip", row.key))).clicked() {
                scope.actions.run(command);
            }
        }
        if !state.rows.is_empty() && ui.button(RichText::new(tr("variables.clear")).size(SMALL)).clicked() {
            *state = Variables { is_new: true, ..Variables::default() };
        }
    });
}

/// Left edges of the columns, as parts of the width.
const COLUMNS: [f32; 6] = [0.0, 0.28, 0.43, 0.57, 0.69, 0.86];

fn table_ui(ui: &mut Ui, state: &mut Variables, scope: &mut Scope<'_>) {
    if state.rows.is_empty() {
        return;
    }
    let theme = *scope.theme;
    let width = ui.available_width();
    let heads = [
        tr("variables.name"),
        tr("variables.value"),
        tr("variables.quality"),
        tr("variables.time"),
        tr("variables.past"),
        tr("variables.write"),
    ];
    let (rect, _) = ui.allocate_exact_size(vec2(width, 20.0), Sense::hover());
    for (head, left) in heads.iter().zip(COLUMNS) {
        let at = pos2(rect.min.x + left * width + 4.0, rect.center().y);
        ui.painter().text(at, egui::Align2::LEFT_CENTER, head, egui::FontId::proportional(SMALL), theme.dim);
    }
    ui.painter().hline(rect.x_range(), rect.max.y, theme.line());
    let mut removed = None;
    let rows = state.rows.clone();
    let n_rows = rows.len();
    egui::ScrollArea::vertical().auto_shrink(false).show_rows(
        ui,
        ROW - ui.spacing().item_spacing.y,
        n_rows,
        |ui, range| {
            for port in rows.get(range).unwrap_or_default() {
                if !row_ui(ui, port, state, scope) {
                    removed = Some(port.clone());
                }
            }
        },
    );
    if let Some(port) = removed {
        state.remove(&port);
    }
}

/// One row; `false` when it is to go.
fn row_ui(ui: &mut Ui, port: &PortRef, state: &mut Variables, scope: &mut Scope<'_>) -> bool {
    let theme = *scope.theme;
    let item = Item::Port(port.clone());
    let name = port_label(scope.plan(), port);
    let value: Option<LiveValue> = scope.online.and_then(|online| online.values.get(port).cloned());
    let (rect, response) =
        ui.allocate_exact_size(vec2(ui.available_width(), ROW - ui.spacing().item_spacing.y), Sense::click());
    response.widget_info(|| {
        let text = value.as_ref().map(|value| value.text.clone()).unwrap_or_default();
        egui::WidgetInfo::selected(egui::Role::Button, true, false, format!("{name} {text}"))
    });
    if scope.is_selected(&item) || scope.hovered == Some(&item) || response.hovered() {
        let fill = if scope.is_selected(&item) { theme.accent_fill } else { theme.inset };
        ui.painter().rect_filled(rect, 4.0, fill);
    }
    if response.hovered() {
        scope.actions.push(Action::Hover(item.clone()));
    }
    if response.double_clicked() {
        scope.actions.push(Action::Reveal(item));
    } else if response.clicked() {
        scope.actions.push(Action::Select(Selection::only(item)));
    }
    let column = |nth: usize| {
        let left = COLUMNS.get(nth).copied().unwrap_or(1.0);
        let right = COLUMNS.get(nth + 1).copied().unwrap_or(1.0);
        Rect::from_x_y_ranges(
            (rect.min.x + left * rect.width() + 4.0)..=(rect.min.x + right * rect.width() - 4.0),
            rect.y_range(),
        )
    };
    let text = |ui: &mut Ui, nth: usize, text: RichText| {
        let mut ui = ui.new_child(
            egui::UiBuilder::new().max_rect(column(nth)).layout(egui::Layout::left_to_right(egui::Align::Center)),
        );
        ui.add(egui::Label::new(text).truncate());
    };
    text(ui, 0, RichText::new(&name));
    if let Some(value) = &value {
        let colour = quality_mark(value.group, &theme).map_or(theme.text, |(_, colour)| colour);
        text(ui, 1, strong(&value.text).color(colour));
        text(ui, 2, quality_text(value, &theme));
        text(ui, 3, RichText::new(clock_text(value.time)).size(SMALL).color(theme.dim));
    } else {
        text(ui, 1, RichText::new("–").color(theme.dim));
    }
    if let Some(history) = scope.online.and_then(|online| online.values.history(port)) {
        sparkline(ui, column(4), history.iter(), &theme);
    }
    let mut ui = ui
        .new_child(egui::UiBuilder::new().max_rect(column(5)).layout(egui::Layout::right_to_left(egui::Align::Center)));
    tail_ui(&mut ui, port, &name, state, scope)
}

/// The time of the day of a value, UTC as everywhere: `12:04:31.212`.
fn clock_text(time: SystemTime) -> String {
    let text = time_text(time);
    text.split_once('T').map_or(text.clone(), |(_, clock)| clock.trim_end_matches('Z').to_owned())
}

fn quality_text(value: &LiveValue, theme: &Theme) -> RichText {
    let name = if value.reason == 0 {
        value.quality_name.clone()
    } else {
        format!("{} · {}", value.quality_name, value.reason_name)
    };
    match quality_mark(value.group, theme) {
        Some((mark, colour)) => RichText::new(format!("{} {name}", char::from(mark))).color(colour),
        None => RichText::new(name).color(theme.dim),
    }
}

/// Write field, plot switch and the way out; `false` when the row is to go.
fn tail_ui(ui: &mut Ui, port: &PortRef, name: &str, state: &mut Variables, scope: &mut Scope<'_>) -> bool {
    let theme = scope.theme;
    let remove = ui.add(egui::Button::new(icon(Icon::X, 11.0).color(theme.dim)).frame(false));
    remove.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, trf("variables.remove", &[&name])));
    let plotted = state.plotted.contains(port);
    let colour = if plotted { theme.accent } else { theme.dim };
    let plot = ui.add(egui::Button::new(icon(Icon::ChartLine, 13.0).color(colour)).frame(false));
    plot.widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, true, plotted, trf("variables.plot", &[&name])));
    if plot.on_hover_text(tr("variables.plot_tip")).clicked() {
        if plotted {
            state.plotted.retain(|other| other != port);
        } else {
            state.plotted.push(port.clone());
        }
    }
    let typed = state.typed.entry(port.clone()).or_default();
    let field = egui::TextEdit::singleline(typed).desired_width(ui.available_width() - 4.0);
    let field = ui.add_enabled(scope.online.is_some(), field).on_hover_text(trf("variables.write_tip", &[&name]));
    if field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter)) && !typed.trim().is_empty() {
        let literal = std::mem::take(typed);
        scope.actions.push(Action::Write { port: port.clone(), literal: literal.trim().to_owned() });
    }
    !remove.clicked()
}

/// The last minute as a line.
fn sparkline<'a>(ui: &Ui, rect: Rect, samples: impl Iterator<Item = &'a Sample>, theme: &Theme) {
    let now = SystemTime::now();
    let age = |sample: &Sample| now.duration_since(sample.time).unwrap_or_default().as_secs_f32();
    let points: Vec<(f32, f32)> = samples
        .filter_map(|sample| Some((age(sample), sample.value? as f32)))
        .filter(|(age, _)| *age <= SPARK_SECS)
        .collect();
    let Some((_, last)) = points.last().copied() else { return };
    let (low, high) =
        points.iter().fold((f32::MAX, f32::MIN), |(low, high), (_, value)| (low.min(*value), high.max(*value)));
    let span = (high - low).max(f32::EPSILON);
    let inner = rect.shrink2(vec2(2.0, 4.0));
    let place = |age: f32, value: f32| -> Pos2 {
        let y = if high > low { inner.max.y - (value - low) / span * inner.height() } else { inner.center().y };
        pos2(inner.max.x - age / SPARK_SECS * inner.width(), y)
    };
    // Values hold until the next one comes.
    let mut line: Vec<Pos2> = Vec::with_capacity(points.len() * 2 + 1);
    let mut before: Option<f32> = None;
    for (age, value) in &points {
        if let Some(before) = before {
            line.push(place(*age, before));
        }
        line.push(place(*age, *value));
        before = Some(*value);
    }
    line.push(place(0.0, last));
    ui.painter().line(line, Stroke::new(1.5, theme.accent));
}

/// Plotted rows over ten minutes.
fn plot_ui(ui: &mut Ui, state: &Variables, scope: &Scope<'_>) {
    let now = SystemTime::now();
    let age = |sample: &Sample| -now.duration_since(sample.time).unwrap_or_default().as_secs_f64();
    Plot::new("variables")
        .legend(egui_plot::Legend::default())
        .include_x(0.0)
        .include_x(-(SAMPLE_SECS as f64) / 10.0)
        .show(ui, |plot| {
            for port in &state.plotted {
                let Some(history) = scope.online.and_then(|online| online.values.history(port)) else { continue };
                let mut points: Vec<[f64; 2]> = Vec::new();
                for sample in history {
                    let Some(value) = sample.value else { continue };
                    if let Some([_, before]) = points.last().copied() {
                        points.push([age(sample), before]);
                    }
                    points.push([age(sample), value]);
                }
                if let Some([_, last]) = points.last().copied() {
                    points.push([0.0, last]);
                }
                plot.line(Line::new(port_label(scope.plan(), port), PlotPoints::from(points)));
            }
        });
}
