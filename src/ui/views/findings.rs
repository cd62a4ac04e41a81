//! What the checks found: live, by severity; a click shows where, a button mends it.

use egui::{RichText, Ui};

use crate::app::{Command, Item, Workspace};
use crate::check::{Finding, Severity};
use crate::ui::action::{Action, Scope};
use crate::ui::icon::{Icon, Named, icon, strong};
use crate::ui::lang::{Lang, chosen, said, tr};
use crate::ui::theme::{SMALL, Theme};

/// Height of a row, px.
const ROW: f32 = 26.0;

/// State of the panel.
pub struct Findings {
    filter: String,
    errors: bool,
    warnings: bool,
    infos: bool,
    /// Findings that pass the filter, and what that was found out for.
    rows: Vec<Finding>,
    rows_of: Option<(u64, String, [bool; 3], Lang)>,
}

impl Default for Findings {
    fn default() -> Self {
        Self { filter: String::new(), errors: true, warnings: true, infos: true, rows: Vec::new(), rows_of: None }
    }
}

impl Findings {
    /// The rows, made anew when findings or filter may have changed.
    fn follow(&mut self, workspace: &Workspace) {
        let shown = [self.errors, self.warnings, self.infos];
        let now = Some((workspace.revision(), self.filter.clone(), shown, chosen()));
        if self.rows_of != now {
            self.rows = workspace.findings().filter(|finding| self.wants(finding)).cloned().collect();
            self.rows_of = now;
        }
    }

    fn wants(&self, finding: &Finding) -> bool {
        let severity = match finding.severity {
            Severity::Error => self.errors,
            Severity::Warning => self.warnings,
            Severity::Info => self.infos,
        };
        let has = |text: &str| text.to_lowercase().contains(&self.filter);
        severity && (self.filter.is_empty() || has(finding.code) || has(&finding.place) || has(&said(&finding.message)))
    }
}

/// What is found about a thing, in a few lines for a tooltip.
pub fn lines_about(workspace: &Workspace, item: &Item) -> Vec<String> {
    let line = |finding: &Finding| format!("{} {}", finding.code, said(&finding.message));
    workspace.findings_about(item).take(3).map(line).collect()
}

/// The worse of two severities: what is marked where several things were found.
pub fn worse(one: Severity, other: Severity) -> Severity {
    // The worst comes first in their order.
    one.min(other)
}

/// The mark of a severity.
pub fn severity_mark(severity: Severity, theme: &Theme) -> (Icon, egui::Color32) {
    match severity {
        Severity::Error => (Icon::CircleX, theme.bad),
        Severity::Warning => (Icon::TriangleAlert, theme.warning),
        Severity::Info => (Icon::Info, theme.dim),
    }
}

/// The panel.
pub fn findings_ui(ui: &mut Ui, state: &mut Findings, scope: &mut Scope<'_>) {
    let theme = scope.theme;
    ui.horizontal(|ui| {
        let mut filter = state.filter.clone();
        let field = egui::TextEdit::singleline(&mut filter).hint_text(tr("findings.filter")).desired_width(200.0);
        ui.add(field).on_hover_text(tr("findings.filter"));
        state.filter = filter.to_lowercase();
        let counts = scope.workspace.counts();
        for (shown, severity, count, key) in [
            (&mut state.errors, Severity::Error, counts.errors, tr("findings.errors")),
            (&mut state.warnings, Severity::Warning, counts.warnings, tr("findings.warnings")),
            (&mut state.infos, Severity::Info, counts.infos, tr("findings.infos")),
        ] {
            let (mark, colour) = severity_mark(severity, theme);
            let name = format!("{key} {count}");
            let text = (icon(mark, 12.0).color(colour), RichText::new(&name).size(SMALL));
            let button = ui.add(egui::Button::new(text).selected(*shown));
            button.widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, true, *shown, &name));
            if button.clicked() {
                *shown = !*shown;
            }
        }
    });
    ui.add_space(4.0);
    state.follow(scope.workspace);
    let rows = &state.rows;
    if rows.is_empty() {
        ui.label(RichText::new(tr("status.no_findings")).color(theme.dim));
        return;
    }
    let mut asked = Vec::new();
    egui::ScrollArea::both().auto_shrink(false).show_rows(
        ui,
        ROW - ui.spacing().item_spacing.y,
        rows.len(),
        |ui, range| {
            for finding in rows.get(range).unwrap_or_default() {
                let selected = scope.workspace.finding.as_ref() == Some(finding);
                row_ui(ui, finding, selected, theme, &mut asked);
            }
        },
    );
    asked.into_iter().for_each(|action| scope.actions.push(action));
}

fn row_ui(ui: &mut Ui, finding: &Finding, selected: bool, theme: &Theme, asked: &mut Vec<Action>) {
    let rect = egui::Rect::from_min_size(ui.cursor().min, egui::vec2(ui.available_width(), ROW - 4.0));
    let message = said(&finding.message);
    let ground = ui.interact(rect, ui.unique_id().with((finding.code, &finding.place, &message)), egui::Sense::click());
    ground.widget_info(|| {
        let label = format!("{} {} {}", finding.code, finding.place, message);
        egui::WidgetInfo::selected(egui::Role::Button, true, selected, label)
    });
    if selected || ground.hovered() {
        let fill = if selected { theme.accent_fill } else { theme.inset };
        ui.painter().rect_filled(rect, 4.0, fill);
    }
    ui.horizontal(|ui| {
        ui.set_height(ROW - 4.0);
        let (mark, colour) = severity_mark(finding.severity, theme);
        ui.add_space(4.0);
        ui.label(icon(mark, 13.0).color(colour));
        let code = ui.add(
            egui::Label::new(RichText::new(finding.code).size(SMALL).color(theme.dim)).sense(egui::Sense::click()),
        );
        if code.on_hover_text(tr("command.explain_finding.tip")).clicked() {
            asked.push(Action::Explain(finding.code));
        }
        ui.label(strong(&finding.place));
        ui.label(&message);
        if let Some(fix) = &finding.fix {
            let title = said(&fix.title);
            let text = RichText::new(&title).size(SMALL).color(theme.accent);
            let button = egui::Button::new((icon(Icon::Wrench, 12.0), text));
            if ui.add(button).named(&title).on_hover_text(tr("command.fix_finding.tip")).clicked() {
                asked.push(Action::Fix(Box::new(finding.clone())));
            }
        }
    });
    if ground.clicked() {
        asked.push(Action::SelectFinding(Box::new(finding.clone())));
    }
    if ground.double_clicked() {
        asked.push(Action::Run(Command::ExplainFinding));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_worse_than_a_remark() {
        assert_eq!(worse(Severity::Info, Severity::Error), Severity::Error);
        assert_eq!(worse(Severity::Warning, Severity::Info), Severity::Warning);
    }
}
