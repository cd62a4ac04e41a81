//! What views ask for. They show and push; the desktop app acts between frames, first in, first out.

use std::path::PathBuf;
use std::sync::Arc;

use super::desktop::{Decision, Purpose};
use super::dialogs::{Question, Then};
use super::pane::Pane;
use crate::app::network::PasteProblem;

use crate::app::{Command, DownloadReport, Item, Selection, UserSettings};
use crate::check::Finding;
use crate::edit::Edit;
use crate::model::{ChartId, Component, ComponentKey, Name, Phrase, Point, PortRef};

/// Something to be done after painting.
#[derive(Debug, Clone)]
pub enum Action {
    /// A command of the table.
    Run(Command),
    /// A change of the plan; a refusal becomes a message.
    Edit(Edit),
    /// Select exactly this.
    Select(Selection),
    /// Put this into the selection, or take it out.
    Toggle(Item),
    /// The pointer is over this; every view marks it in the next frame.
    Hover(Item),
    /// Select this and bring it into view.
    Reveal(Item),
    /// Show a chart in the link editor.
    OpenChart(ChartId),
    /// Bring a panel to the front.
    Show(Pane),
    /// Select a finding, and what it is about.
    SelectFinding(Box<Finding>),
    /// Apply the fix of a finding.
    Fix(Box<Finding>),
    /// Open the page of a rule.
    Explain(&'static str),
    /// Open a project.
    Open(PathBuf),
    /// Open a sample plant.
    OpenSample(&'static str),
    /// Begin a project of this name.
    NewProject(String),
    /// Save, and go on when that is done.
    SaveThen(Then),
    /// Go on although there is work that is not saved.
    Leave(Then),
    /// Let the user choose a file or folder.
    Pick(Purpose),
    /// The user has chosen.
    Picked(Purpose, Vec<PathBuf>),
    /// Remember other choices of the user.
    SetSettings(Box<UserSettings>),
    /// Read descriptions into the library.
    Import(Vec<PathBuf>),
    /// Place a component of the library; `at` on the chart, in canvas units.
    Place {
        /// Component.
        component: ComponentKey,
        /// Chart.
        chart: ChartId,
        /// Upper left corner.
        at: Point,
    },
    /// Tell which cells of a spreadsheet could not be pasted.
    ShowPasteProblems(Vec<PasteProblem>),
    /// Do with a left-over of a crash, by its number, what was decided.
    LeftOver(usize, Decision),
    /// Show these ports in the variable table.
    Watch(Vec<PortRef>),
    /// Write a value to a port on line, after the user has agreed.
    Write {
        /// Port.
        port: PortRef,
        /// Value as text.
        literal: String,
    },
    /// The user agrees that values are written; write this one.
    AllowWrites {
        /// Port.
        port: PortRef,
        /// Value as text.
        literal: String,
    },
    /// A download has ended.
    Downloaded(Box<DownloadReport>),
    /// Pull or plug the cable of a virtual device.
    Pull {
        /// Device.
        device: Name,
        /// Pulled, or plugged in again.
        pulled: bool,
    },
    /// Ask the user something.
    Ask(Question),
    /// Open a document or address with the system's program.
    OpenOutside(String),
    /// Open a document of a component: an address, or a file that came with its description.
    OpenDocument(Arc<Component>, String),
    /// Tell the user something.
    Tell(Tone, String),
}

/// How something is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Done.
    Done,
    /// To be known.
    Info,
    /// Not as it should be.
    Warning,
    /// It failed.
    Error,
}

/// Actions in the order they came.
#[derive(Debug, Default)]
pub struct Actions(Vec<Action>);

impl Actions {
    /// Asks for something.
    pub fn push(&mut self, action: Action) {
        self.0.push(action);
    }

    /// Asks for a command.
    pub fn run(&mut self, command: Command) {
        self.push(Action::Run(command));
    }

    /// Asks for an edit.
    pub fn edit(&mut self, edit: Edit) {
        self.push(Action::Edit(edit));
    }

    /// Asks for several edits as one step; for nothing when there are none.
    pub fn edit_all(&mut self, label: impl Into<Phrase>, mut edits: Vec<Edit>) {
        match edits.len() {
            0 => {}
            1 => self.edit(edits.remove(0)),
            _ => self.edit(Edit::Group(label.into(), edits)),
        }
    }

    /// Whether anything was asked for but to mark what the pointer is over.
    pub fn asks(&self) -> bool {
        self.0.iter().any(|action| !matches!(action, Action::Hover(_)))
    }

    /// What the pointer is over, as views have said since the last time.
    pub fn hovered(&self) -> Option<&Item> {
        self.0.iter().rev().find_map(|action| match action {
            Action::Hover(item) => Some(item),
            _ => None,
        })
    }

    /// Everything asked for since the last time.
    pub fn take(&mut self) -> Vec<Action> {
        std::mem::take(&mut self.0)
    }
}

/// What every view sees: the project, the library and what is under the pointer, read only; and the way to ask for more.
pub struct Scope<'a> {
    /// The project; views of a project are shown only while there is one.
    pub workspace: &'a crate::app::Workspace,
    /// The open libraries.
    pub library: &'a Arc<crate::app::Library>,
    /// Looks.
    pub theme: &'a super::theme::Theme,
    /// What the pointer was over in the frame before.
    pub hovered: Option<&'a Item>,
    /// Work in the background.
    pub jobs: &'a crate::app::Jobs,
    /// What was told.
    pub messages: &'a super::desktop::Messages,
    /// What is on line.
    pub online: Option<&'a super::desktop::Online>,
    /// Rows recorded so far, while it is recorded.
    pub n_recorded: Option<u64>,
    /// Where to ask.
    pub actions: &'a mut Actions,
}

impl Scope<'_> {
    /// The plan.
    pub fn plan(&self) -> &crate::model::Plan {
        self.workspace.plan()
    }

    /// A click on an item, or on none: it alone is selected, or with `toggles` put in or taken out.
    pub fn click(&mut self, item: Option<Item>, toggles: bool) {
        match item {
            Some(item) if toggles => self.actions.push(Action::Toggle(item)),
            Some(item) => self.actions.push(Action::Select(Selection::only(item))),
            None if !toggles => self.actions.push(Action::Select(Selection::default())),
            None => {}
        }
    }

    /// A context menu opens on an item, or on none: it is about the selection if that has the item, otherwise about the item.
    pub fn select_for_menu(&mut self, item: Option<Item>) {
        if item.as_ref().is_none_or(|item| !self.is_selected(item)) {
            self.click(item, false);
        }
    }

    /// Whether an item is selected.
    pub fn is_selected(&self, item: &Item) -> bool {
        self.workspace.selection.contains(item)
    }
}
