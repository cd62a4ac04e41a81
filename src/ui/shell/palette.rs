//! The way to everything: commands, instances, ports, charts, devices and findings, found by a few letters.

use egui::{AtomExt as _, Context, Key, RichText};
use fuzzy_matcher::FuzzyMatcher as _;
use fuzzy_matcher::skim::SkimMatcherV2;

use super::keys_text;
use crate::app::{COMMANDS, Command, Item, Situation, Workspace, port_label};
use crate::check::Finding;
use crate::ui::action::{Action, Actions};
use crate::ui::icon::{Icon, Named, icon, of_command};
use crate::ui::lang::{said, tr};
use crate::ui::theme::{SMALL, Theme};

/// Hits shown.
const MOST_HITS: usize = 60;
/// Things looked at in one frame: a plan with more is searched by its first ones, in the order of their kinds.
const MOST_ENTRIES: usize = 400_000;

/// What can be found.
enum Target {
    Command(Command),
    Item(Item),
    Finding(Box<Finding>),
}

struct Entry {
    text: String,
    /// Beside the text: keys, or what kind of thing it is.
    about: String,
    mark: Option<Icon>,
    target: Target,
}

/// The open palette.
pub struct Palette {
    query: String,
    entries: Vec<Entry>,
    /// Positions in `entries`, the best first, for this query.
    hits: Vec<usize>,
    found_for: Option<String>,
    chosen: usize,
    is_new: bool,
    matcher: SkimMatcherV2,
}

impl Palette {
    /// Over everything there is.
    pub fn new(workspace: Option<&Workspace>) -> Self {
        let mut entries: Vec<Entry> = COMMANDS
            .iter()
            .filter(|row| row.command != Command::Palette)
            .map(|row| Entry {
                text: tr(&format!("command.{}", row.key)).to_owned(),
                about: row.keys.first().copied().unwrap_or_default().to_owned(),
                mark: of_command(row.command),
                target: Target::Command(row.command),
            })
            .collect();
        if let Some(workspace) = workspace {
            add_plan(workspace, &mut entries);
        }
        entries.truncate(MOST_ENTRIES);
        Self {
            query: String::new(),
            entries,
            hits: Vec::new(),
            found_for: None,
            chosen: 0,
            is_new: true,
            matcher: SkimMatcherV2::default().ignore_case(),
        }
    }

    fn find(&mut self, now: &Situation) {
        if self.found_for.as_ref() == Some(&self.query) {
            return;
        }
        let usable = |entry: &Entry| match &entry.target {
            Target::Command(command) => command.row().when.holds(now),
            _ => true,
        };
        let mut scored: Vec<(i64, usize)> = self
            .entries
            .iter()
            .enumerate()
            .filter(|(_, entry)| usable(entry))
            .filter_map(|(at, entry)| Some((self.matcher.fuzzy_match(&entry.text, &self.query)?, at)))
            .collect();
        scored.sort_by_key(|(score, at)| (-score, *at));
        self.hits = scored.into_iter().take(MOST_HITS).map(|(_, at)| at).collect();
        self.found_for = Some(self.query.clone());
        self.chosen = 0;
    }

    /// Shows it; `false` when it is done.
    pub fn show(
        &mut self,
        ctx: &Context,
        theme: &Theme,
        workspace: Option<&Workspace>,
        now: &Situation,
        actions: &mut Actions,
    ) -> bool {
        self.find(now);
        let n_hits = self.hits.len();
        let (up, down, enter, escape) = ctx.input_mut(|input| {
            let mut key = |key| input.consume_key(egui::Modifiers::NONE, key);
            (key(Key::ArrowUp), key(Key::ArrowDown), key(Key::Enter), key(Key::Escape))
        });
        if down && n_hits > 0 {
            self.chosen = (self.chosen + 1) % n_hits;
        }
        if up && n_hits > 0 {
            self.chosen = (self.chosen + n_hits - 1) % n_hits;
        }
        let mut taken = enter.then_some(self.chosen);
        let area = egui::Modal::default_area(egui::Id::unique("palette")).anchor(egui::Align2::CENTER_TOP, [0.0, 48.0]);
        let modal = egui::Modal::new(egui::Id::unique("palette"))
            .area(area)
            .backdrop_color(egui::Color32::from_black_alpha(20))
            .show(ctx, |ui| {
                ui.set_width(560.0_f32.min(ctx.content_rect().width() - 48.0));
                let field = egui::TextEdit::singleline(&mut self.query)
                    .hint_text(tr("palette.hint"))
                    .desired_width(f32::INFINITY)
                    .font(egui::FontId::proportional(15.0));
                let response = ui.add(field).on_hover_text(tr("command.palette.tip"));
                if std::mem::take(&mut self.is_new) {
                    response.request_focus();
                }
                ui.add_space(4.0);
                let height = ctx.content_rect().height() * 0.6;
                egui::ScrollArea::vertical().max_height(height).show(ui, |ui| {
                    for (nth, at) in self.hits.iter().enumerate() {
                        if row_ui(ui, theme, &self.entries[*at], nth == self.chosen, (up || down) && nth == self.chosen)
                        {
                            taken = Some(nth);
                        }
                    }
                    if self.hits.is_empty() {
                        ui.label(RichText::new(tr("palette.nothing")).color(theme.dim));
                    }
                });
            });
        if let Some(entry) = taken.and_then(|nth| self.entries.get(*self.hits.get(nth)?)) {
            match &entry.target {
                Target::Command(command) => actions.run(*command),
                Target::Item(item) => {
                    if workspace.is_some_and(|workspace| item.exists(workspace.plan())) {
                        actions.push(Action::Reveal(item.clone()));
                    }
                }
                Target::Finding(finding) => actions.push(Action::SelectFinding(finding.clone())),
            }
            return false;
        }
        !(escape || modal.should_close())
    }
}

fn row_ui(ui: &mut egui::Ui, theme: &Theme, entry: &Entry, is_chosen: bool, scroll: bool) -> bool {
    let mark = entry.mark;
    let about = if matches!(entry.target, Target::Command(_)) && !entry.about.is_empty() {
        keys_text(ui.ctx(), &entry.about)
    } else {
        entry.about.clone()
    };
    let name = format!("{} {about}", entry.text);
    let button = egui::Button::new((icon_or_blank(mark), RichText::new(&entry.text).atom_shrink(true)))
        .shortcut_text(RichText::new(about).size(SMALL).color(theme.dim))
        .selected(is_chosen)
        .frame_when_inactive(false)
        .truncate()
        .min_size(egui::vec2(ui.available_width(), 26.0));
    let response = ui.add(button).named(name.trim_end());
    if scroll {
        response.scroll_to_me(None);
    }
    response.clicked()
}

/// One without a mark keeps the room for it.
fn icon_or_blank(mark: Option<Icon>) -> RichText {
    match mark {
        Some(mark) => icon(mark, 14.0),
        None => icon(Icon::Dot, 14.0).color(egui::Color32::TRANSPARENT),
    }
}

fn add_plan(workspace: &Workspace, entries: &mut Vec<Entry>) {
    let plan = workspace.plan();
    let mut add = |text: String, about: &str, mark, target| {
        entries.push(Entry { text, about: about.to_owned(), mark: Some(mark), target });
    };
    for chart in plan.charts().keys() {
        let item = Item::Chart(*chart);
        add(item.label(plan), tr("kind.chart"), Icon::Workflow, Target::Item(item));
    }
    for name in plan.instances().keys() {
        add(name.to_string(), tr("kind.instance"), Icon::Box, Target::Item(Item::Instance(name.clone())));
    }
    for name in plan.devices().keys() {
        add(name.to_string(), tr("kind.device"), Icon::Cpu, Target::Item(Item::Device(name.clone())));
    }
    for finding in workspace.findings() {
        let text = format!("{} {}: {}", finding.code, finding.place, said(&finding.message));
        add(text, tr("kind.finding"), Icon::TriangleAlert, Target::Finding(Box::new(finding.clone())));
    }
    for (name, instance) in plan.instances() {
        let Some(component) = plan.components().get(&instance.component) else { continue };
        for (ldev, rtauto) in component.rtautos() {
            for port in &rtauto.ports {
                let port =
                    crate::model::PortRef::new(name.clone(), ldev.name.clone(), rtauto.name.clone(), port.name.clone());
                add(port_label(plan, &port), tr("kind.port"), Icon::CircleDot, Target::Item(Item::Port(port)));
            }
        }
    }
}
