//! What views asked for is done here, each by a function of its own kind.

use super::Desktop;
use crate::app::{Failure, Item, Selection, Workspace};
use crate::check::Finding;
use crate::edit::{Applied, Edit, EditError};
use crate::model::{ChartId, Component, ComponentKey, Name, Plan, Point, ROOT_CHART, Touched};
use crate::say;
use crate::ui::action::{Action, Tone};
use crate::ui::dialogs::Explain;
use crate::ui::lang::{said, trf};
use crate::ui::pane::{self, Pane};

impl Desktop {
    /// Does it.
    pub(super) fn perform(&mut self, ctx: &egui::Context, action: Action) {
        match action {
            Action::Run(command) => self.run(ctx, command),
            Action::Edit(edit) => self.edit(&edit),
            Action::Select(selection) => self.select(selection),
            Action::Toggle(item) => {
                if let Some(workspace) = &mut self.workspace {
                    workspace.selection.toggle(item);
                }
            }
            Action::Hover(item) => self.hovering = Some(item),
            Action::Reveal(item) => self.reveal(item),
            Action::OpenChart(chart) => self.open_chart(chart),
            Action::Show(pane) => pane::show(&mut self.tree, pane),
            Action::SelectFinding(finding) => self.select_finding(*finding),
            Action::Fix(finding) => self.fix(&finding),
            Action::Explain(code) => self.dialogs.open(Explain::new(code)),
            Action::Open(path) => self.open(path),
            Action::OpenSample(name) => self.leave_for(crate::ui::dialogs::Then::OpenSample(name)),
            Action::NewProject(name) => self.new_project(&name),
            Action::SaveThen(then) => self.save(Some(then)),
            Action::Leave(then) => self.leave(then),
            Action::Pick(purpose) => self.pick(purpose),
            Action::Picked(purpose, paths) => self.picked(purpose, paths),
            Action::SetSettings(settings) => self.change_settings(ctx, *settings),
            Action::Import(paths) => self.import(paths),
            Action::Place { component, chart, at } => self.place(component, chart, at),
            Action::OpenOutside(what) => self.open_outside(&what),
            Action::OpenDocument(component, href) => self.open_document(&component, &href),
            Action::Tell(tone, text) => self.messages.tell(tone, text),
            Action::ShowPasteProblems(problems) => self.show_paste_problems(problems),
            Action::Watch(ports) => self.watch(ports),
            Action::Write { port, literal } => self.write_value(port, literal),
            Action::AllowWrites { port, literal } => self.allow_writes(port, literal),
            Action::Downloaded(report) => self.downloaded(&report),
            Action::Pull { device, pulled } => self.pull(&device, pulled),
            Action::LeftOver(nth, decision) => self.decide(nth, decision),
            Action::Ask(question) => self.ask(question),
        }
    }

    /// Applies an edit; a refusal is told.
    pub(super) fn edit(&mut self, edit: &Edit) {
        let Some(workspace) = &mut self.workspace else { return };
        let before = workspace.plan().clone();
        let done = workspace.apply(edit);
        if let Ok(applied) = &done {
            select_new(workspace, &before, &applied.touched);
        }
        self.after(done);
    }

    pub(super) fn undo(&mut self) {
        if let Some(applied) = self.workspace.as_mut().and_then(|workspace| workspace.undo()) {
            self.after(Ok(applied));
        }
    }

    pub(super) fn redo(&mut self) {
        if let Some(applied) = self.workspace.as_mut().and_then(|workspace| workspace.redo()) {
            self.after(Ok(applied));
        }
    }

    fn after(&mut self, done: Result<Applied, EditError>) {
        match done {
            Ok(applied) => self.follow(&applied.touched),
            Err(error) => self.messages.tell(Tone::Warning, said(&error)),
        }
    }

    fn select(&mut self, selection: Selection) {
        if let Some(workspace) = &mut self.workspace {
            workspace.selection = selection;
            // An edit before it may have been refused.
            workspace.selection.keep_existing(&workspace.plan().clone());
        }
    }

    /// Selects something and shows the view it is seen in, with it in the middle.
    pub(super) fn reveal(&mut self, item: Item) {
        let Some(workspace) = &mut self.workspace else { return };
        let plan = workspace.plan();
        match &item {
            Item::Device(_) | Item::Subnet(_) => {
                pane::show(&mut self.tree, Pane::Network);
                self.views.network.centre(&item);
            }
            Item::Cable(_) => {
                pane::show(&mut self.tree, Pane::Topology);
                self.views.topology.centre(&item);
            }
            Item::Project | Item::Component(_) => {
                pane::show(&mut self.tree, Pane::Project);
                self.views.project.centre(&item);
            }
            _ => {
                if let Some(chart) = item.chart(plan) {
                    pane::show(&mut self.tree, Pane::Plant);
                    self.views.link_editor.open_chart(plan, chart);
                    self.views.link_editor.centre(&item);
                }
            }
        }
        workspace.selection = Selection::only(item);
    }

    fn open_chart(&mut self, chart: ChartId) {
        let Some(workspace) = &self.workspace else { return };
        pane::show(&mut self.tree, Pane::Plant);
        self.views.link_editor.open_chart(workspace.plan(), chart);
    }

    /// The chart that the one shown stands in.
    pub(super) fn go_up(&mut self) {
        let Some(workspace) = &self.workspace else { return };
        let shown = self.views.link_editor.chart();
        let parent = workspace.plan().charts().get(&shown).and_then(|chart| chart.parent).unwrap_or(ROOT_CHART);
        self.open_chart(parent);
        if shown != ROOT_CHART {
            self.select(Selection::only(Item::Chart(shown)));
        }
    }

    /// Selects a finding and brings what it is about into view.
    pub(super) fn select_finding(&mut self, finding: Finding) {
        let item = Item::of_subject(&finding.subject);
        if let Some(workspace) = &mut self.workspace {
            workspace.finding = Some(finding);
        }
        self.reveal(item);
    }

    /// The next finding, or the one before; from the last to the first.
    pub(super) fn step_finding(&mut self, forward: bool) {
        let Some(workspace) = &self.workspace else { return };
        let findings: Vec<&Finding> = workspace.findings().collect();
        let selected = workspace.finding.as_ref();
        let at = selected.and_then(|selected| findings.iter().position(|finding| *finding == selected));
        let next = match (at, forward) {
            (Some(at), true) => (at + 1) % findings.len(),
            (Some(at), false) => (at + findings.len() - 1) % findings.len(),
            (None, true) => 0,
            (None, false) => findings.len().saturating_sub(1),
        };
        if let Some(finding) = findings.get(next).map(|finding| (*finding).clone()) {
            self.select_finding(finding);
        }
    }

    /// Applies the fix of a finding.
    pub(super) fn fix(&mut self, finding: &Finding) {
        let Some(workspace) = &self.workspace else { return };
        match workspace.fix(finding) {
            Ok(Some(edit)) => {
                self.edit(&edit);
                if let Some(fix) = &finding.fix {
                    self.messages.tell(Tone::Done, said(&fix.title));
                }
            }
            Ok(None) => {}
            Err(error) => self.messages.tell(Tone::Warning, said(&error)),
        }
    }

    /// Places a component: embedded with the same step when the plan does not have it yet.
    fn place(&mut self, key: ComponentKey, chart: ChartId, at: Point) {
        let Some(workspace) = &mut self.workspace else { return };
        let place = Edit::Place { component: key.clone(), name: None, chart, at };
        let edit = if workspace.plan().components().contains_key(&key) {
            place
        } else {
            let Some(entry) = self.library.catalogue.get(&key) else { return };
            Edit::Group(
                trf("told.place", &[&entry.component.name]).into(),
                vec![Edit::AddComponent(entry.component.clone()), place],
            )
        };
        let before = workspace.plan().clone();
        match workspace.apply(&edit) {
            Ok(applied) => {
                select_new(workspace, &before, &applied.touched);
                self.follow(&applied.touched);
            }
            Err(error) => self.messages.tell(Tone::Warning, said(&error)),
        }
    }

    fn open_document(&mut self, component: &Component, href: &str) {
        match self.documents.target(component, href) {
            Ok(target) => self.open_outside(&target),
            Err(failure) => self.messages.fail(&failure),
        }
    }

    fn open_outside(&mut self, what: &str) {
        if let Err(error) = open::that_detached(what) {
            let failure = Failure::new(
                say!("cannot open {href}", href = what),
                error,
                say!("open it with a program of the system"),
            );
            self.messages.fail(&failure);
        }
    }
}

/// Selects what an edit has added: copies and what was placed. Where something went as well, things were renamed or replaced.
fn select_new(workspace: &mut Workspace, before: &Plan, touched: &Touched) {
    let plan = workspace.plan();
    let is_new = |name: &&Name| !before.instances().contains_key(*name) && plan.instances().contains_key(*name);
    if touched.instances.iter().any(|name| !plan.instances().contains_key(name)) {
        return;
    }
    let instances = touched.instances.iter().filter(is_new);
    let functions = instances.flat_map(|name| crate::ui::views::functions_of(plan, name)).map(Item::Function);
    let old = |chart: &ChartId| before.charts().contains_key(chart);
    let charts = touched.charts.iter().copied().filter(|chart| {
        !old(chart) && plan.charts().get(chart).is_some_and(|chart| chart.parent.is_some_and(|above| old(&above)))
    });
    let new = Selection::of(functions.chain(charts.map(Item::Chart)));
    if !new.is_empty() {
        workspace.selection = new;
    }
}
