//! Commands of the table, each done by the function of its kind.

use super::{Desktop, Purpose};
use crate::app::{Command, Item, Selection};
use crate::edit::Edit;
use crate::model::ROOT_CHART;
use crate::ui::action::Action;
use crate::ui::dialogs::{About, Ask, ChartFormats, CheatSheet, Explain, Options, Question, Samples, TagFormats, Then};
use crate::ui::pane::{self, Pane};
use crate::ui::shell::Palette;
use crate::ui::views::link_editor::Align;

impl Desktop {
    /// Runs a command, if it makes sense now.
    pub(super) fn run(&mut self, ctx: &egui::Context, command: Command) {
        if !command.row().when.holds(&self.situation()) {
            return;
        }
        if let Some(pane) = Pane::of(command) {
            let shown = self.shown_panes();
            let has = pane::focused(ctx, &shown).and_then(|at| shown.get(at)).copied();
            if has == Some(pane) && self.enters_table(ctx, has) {
                return;
            }
            pane::show(&mut self.tree, pane);
            return pane::focus(ctx, pane);
        }
        match command {
            Command::NewProject => self.leave_for(Then::New),
            Command::OpenProject => self.pick(Purpose::OpenProject),
            Command::OpenSample => self.dialogs.open(Samples),
            Command::Save => self.save(None),
            Command::SaveAs => self.pick(Purpose::SaveProject(None)),
            Command::SaveArchive => self.pick(Purpose::SaveArchive),
            Command::ImportComponents => self.pick(Purpose::Import),
            Command::ExportTags => self.dialogs.open(TagFormats),
            Command::ExportBook => self.pick(Purpose::ExportBook),
            Command::ExportConfigurations => self.pick(Purpose::ExportConfigurations),
            Command::ExportChart => self.dialogs.open(ChartFormats),
            Command::CloseProject | Command::Welcome => self.leave_for(Then::Close),
            Command::Quit => self.leave_for(Then::Quit),
            Command::Undo => self.undo(),
            Command::Redo => self.redo(),
            Command::Copy => self.copy(ctx),
            Command::Cut => {
                self.copy(ctx);
                self.delete();
            }
            Command::Paste => self.paste(),
            Command::Duplicate => self.duplicate(),
            Command::Delete => self.delete(),
            Command::Rename => self.ask_about(Question::Rename),
            Command::SelectNone => self.actions.push(Action::Select(Selection::default())),
            Command::Palette => self.palette = Some(Palette::new(self.workspace.as_ref())),
            Command::NextPane => self.step_pane(ctx, true),
            Command::PreviousPane => self.step_pane(ctx, false),
            Command::ResetLayout => self.tree = pane::default_layout(),
            Command::ToggleTheme => self.toggle_theme(ctx),
            Command::GoUp => self.go_up(),
            Command::GoIn => self.go_in(),
            Command::SetConstant => self.ask_port(Question::Constant),
            Command::ClearSource => self.clear_source(),
            Command::GoToDevice => self.go_to_device(),
            Command::NextFinding => self.step_finding(true),
            Command::PreviousFinding => self.step_finding(false),
            Command::FixFinding => self.fix_selected(),
            Command::ExplainFinding => self.explain_selected(),
            Command::RunVirtual => self.run_virtual(),
            Command::GoOnline => self.go_online(),
            Command::GoOffline => self.go_offline(),
            Command::Generate => self.generate(),
            Command::Download => self.download(),
            Command::Compare => self.compare(),
            Command::Watch => self.watch_selected(),
            Command::WriteValue => self.ask_write(),
            Command::Record => {
                if !self.stop_record() {
                    self.pick(Purpose::Record);
                }
            }
            Command::Options => self.dialogs.open(Options),
            Command::CheatSheet => self.dialogs.open(CheatSheet),
            Command::About => self.dialogs.open(About),
            _ if self.run_in_network(ctx, command) || self.run_in_middle(command) => {}
            _ => self.run_in_view(command),
        }
    }

    /// Takes the keyboard from the panel that has it to the next one, or to the one before.
    fn step_pane(&mut self, ctx: &egui::Context, forward: bool) {
        let shown = self.shown_panes();
        let has = pane::focused(ctx, &shown);
        if forward && self.enters_table(ctx, has.and_then(|at| shown.get(at)).copied()) {
            return;
        }
        let next = match (has, forward) {
            (Some(at), true) => at + 1,
            (Some(at), false) => at + shown.len() - 1,
            (None, _) => 0,
        };
        if let Some(pane) = shown.get(next % shown.len().max(1)) {
            pane::focus(ctx, *pane);
        }
    }

    /// Panels to be seen, not behind another tab.
    fn shown_panes(&self) -> Vec<Pane> {
        self.tree.active_tiles().into_iter().filter_map(|tile| self.tree.tiles.get_pane(&tile).copied()).collect()
    }

    /// Takes the keyboard from the picture of the network to the table of addresses below it.
    fn enters_table(&mut self, ctx: &egui::Context, from: Option<Pane>) -> bool {
        let enters = from == Some(Pane::Network) && !self.views.network.takes_keys(ctx);
        if enters {
            self.views.network.enter_table();
            ctx.request_repaint();
        }
        enters
    }

    /// Commands that the link editor does, with what it knows of places.
    fn run_in_view(&mut self, command: Command) {
        let Some(workspace) = &self.workspace else { return };
        let (plan, selection) = (workspace.plan(), &workspace.selection);
        let editor = &mut self.views.link_editor;
        match command {
            Command::SelectAll => self.actions.push(Action::Select(Selection::of(editor.all_blocks()))),
            Command::ZoomIn => editor.zoom_by(1.25),
            Command::ZoomOut => editor.zoom_by(0.8),
            Command::Fit => editor.fit(selection),
            Command::ActualSize => editor.actual_size(),
            Command::QuickAdd => editor.quick_add(),
            Command::AddChart => editor.add_chart(plan, &mut self.actions),
            Command::AddFrame => editor.add_frame(plan, selection, &mut self.actions),
            Command::AddNote => editor.add_note(plan, &mut self.actions),
            Command::LinkFrom => editor.link_from(workspace),
            Command::Arrange => editor.arrange(plan, selection, &mut self.actions),
            Command::AlignLeft => editor.align(plan, selection, Align::Left, &mut self.actions),
            Command::AlignRight => editor.align(plan, selection, Align::Right, &mut self.actions),
            Command::AlignTop => editor.align(plan, selection, Align::Top, &mut self.actions),
            Command::AlignBottom => editor.align(plan, selection, Align::Bottom, &mut self.actions),
            Command::DistributeAcross => editor.align(plan, selection, Align::Across, &mut self.actions),
            Command::DistributeDown => editor.align(plan, selection, Align::Down, &mut self.actions),
            Command::FreeBends => free_bends(plan, selection, &mut self.actions),
            _ => {}
        }
    }

    /// Asks a question about what leads the selection.
    fn ask_about(&mut self, question: impl Fn(Item) -> Question) {
        if let Some(item) = self.workspace.as_ref().and_then(|workspace| workspace.selection.lead().cloned()) {
            self.ask(question(item));
        }
    }

    fn ask_port(&mut self, question: impl Fn(crate::model::PortRef) -> Question) {
        let lead = self.workspace.as_ref().and_then(|workspace| workspace.selection.lead().cloned());
        if let Some(Item::Port(port) | Item::Constant(port)) = lead {
            self.ask(question(port));
        }
    }

    pub(super) fn ask(&mut self, question: Question) {
        let dialog = Ask::new(question, self.workspace.as_ref());
        self.dialogs.open(dialog);
    }

    pub(super) fn ask_new_project(&mut self) {
        self.ask(Question::NewProject);
    }

    fn copy(&mut self, ctx: &egui::Context) {
        let Some(workspace) = &mut self.workspace else { return };
        workspace.copy();
        // The system's clipboard gets the names: they are of use elsewhere, and without a text in it no key pastes.
        let names: Vec<String> = workspace.selection.instances().iter().map(ToString::to_string).collect();
        ctx.copy_text(names.join("\n"));
    }

    fn paste(&mut self) {
        let Some(workspace) = &self.workspace else { return };
        if let Some(clip) = workspace.clipboard().cloned() {
            self.views.link_editor.paste(workspace.plan(), clip, &mut self.actions);
        }
    }

    fn duplicate(&mut self) {
        let Some(workspace) = &self.workspace else { return };
        self.views.link_editor.duplicate(workspace.plan(), &workspace.selection, &mut self.actions);
    }

    /// Removes what is selected, as one step.
    fn delete(&mut self) {
        let Some(workspace) = &self.workspace else { return };
        let plan = workspace.plan();
        let mut edits = Vec::new();
        let instances: Vec<_> = workspace.selection.instances().into_iter().collect();
        for item in workspace.selection.items() {
            match item {
                // A link that goes with its instance needs no edit of its own.
                Item::Link(key) => {
                    let provider = plan.links().get(key).map(|link| link.provider.instance.clone());
                    let goes = |name| instances.contains(name);
                    if !goes(&key.consumer.instance) && !provider.as_ref().is_some_and(goes) {
                        edits.push(Edit::Unlink(key.clone()));
                    }
                }
                Item::Constant(port) if !instances.contains(&port.instance) => {
                    edits.push(Edit::ClearConstant(port.clone()));
                }
                Item::Chart(chart) if *chart != ROOT_CHART => edits.push(Edit::RemoveChart(*chart)),
                Item::Device(name) => edits.push(Edit::RemoveDevice(name.clone())),
                Item::Subnet(name) => edits.push(Edit::RemoveSubnet(name.clone())),
                Item::Cable(cable) => edits.push(Edit::RemoveCable(cable.clone())),
                _ => {}
            }
        }
        edits.extend(crate::ui::views::link_editor::remove_decorations(plan, &workspace.selection));
        if !instances.is_empty() {
            edits.push(Edit::Remove(instances));
        }
        let label = crate::ui::lang::tr("told.delete");
        self.actions.edit_all(label, edits);
    }

    fn go_in(&mut self) {
        let Some(workspace) = &self.workspace else { return };
        if let Some(Item::Chart(chart)) = workspace.selection.lead() {
            self.actions.push(Action::OpenChart(*chart));
        }
    }

    /// Removes what feeds the selected input, or the selected link.
    fn clear_source(&mut self) {
        let Some(workspace) = &self.workspace else { return };
        match workspace.selection.lead() {
            Some(Item::Link(key)) => self.actions.edit(Edit::Unlink(key.clone())),
            Some(Item::Port(port) | Item::Constant(port)) => {
                let plan = workspace.plan();
                // The last first: those after a removed one move up.
                let keys: Vec<_> = plan.links_to(port).map(|(key, _)| key.clone()).collect();
                let mut edits: Vec<Edit> = keys.into_iter().rev().map(Edit::Unlink).collect();
                if plan.constants().contains_key(port) {
                    edits.push(Edit::ClearConstant(port.clone()));
                }
                self.actions.edit_all(crate::ui::lang::tr("told.disconnect"), edits);
            }
            _ => {}
        }
    }

    /// From a function to its device, from a device to its functions.
    fn go_to_device(&mut self) {
        let Some(workspace) = &self.workspace else { return };
        let plan = workspace.plan();
        match workspace.selection.lead() {
            Some(Item::Device(name)) => {
                let first = plan.instances_on(name).next().map(|(name, _)| Item::Instance(name.clone()));
                if let Some(item) = first {
                    let all = plan.instances_on(name).map(|(name, _)| name.clone()).collect::<Vec<_>>();
                    let functions = all.iter().flat_map(|name| crate::ui::views::functions_of(plan, name));
                    let selection = Selection::of(functions.map(Item::Function));
                    self.reveal(item);
                    self.actions.push(Action::Select(selection));
                }
            }
            Some(item) => {
                if let Some(device) = item.device(plan) {
                    self.reveal(Item::Device(device));
                }
            }
            None => {}
        }
    }

    fn fix_selected(&mut self) {
        if let Some(finding) = self.workspace.as_ref().and_then(|workspace| workspace.finding.clone()) {
            self.fix(&finding);
        }
    }

    fn explain_selected(&mut self) {
        if let Some(finding) = self.workspace.as_ref().and_then(|workspace| workspace.finding.as_ref()) {
            self.dialogs.open(Explain::new(finding.code));
        }
    }
}

/// Lets the router decide again on the selected links.
fn free_bends(plan: &crate::model::Plan, selection: &Selection, actions: &mut crate::ui::action::Actions) {
    let edits = selection.items().filter_map(|item| {
        let Item::Link(key) = item else { return None };
        let link = plan.links().get(key).filter(|link| !link.bends.is_empty())?;
        let properties = Box::new(crate::model::Link { bends: Vec::new(), ..(**link).clone() });
        Some(Edit::SetLink { key: key.clone(), properties })
    });
    actions.edit_all(crate::ui::lang::tr("command.free_bends"), edits.collect());
}
