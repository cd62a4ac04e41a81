//! The project being worked on, as the desktop app holds it: document, findings, selection, clipboard, library.
//!
//! Every change goes through [`Workspace::apply`], [`undo`](Workspace::undo) or [`redo`](Workspace::redo); findings and selection
//! follow at once. Whoever shows the plan is told what was touched.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::generation::replace_file;
use super::item::{Item, Selection};
use super::{Failure, Refusal, Situation, fix_edit, open_project, save_project_files, unpack_sample};
use crate::check::{Checker, Finding, LibraryFacts, Severity, Use};
use crate::edit::{Applied, Clip, Document, Edit, EditError, drawn, why_not};
use crate::model::{DeviceState, Direction, Link, LinkKey, Name, Phrase, Plan, PortRef, Touched};
use crate::project;
use crate::project::archive;
use crate::say;

/// A plan and its findings, ready to be shown; made by a job, because a large plan takes its time.
pub struct Opened {
    /// Where it is saved; `None` for one that is not.
    pub path: Option<PathBuf>,
    document: Document,
    checker: Checker,
}

impl Opened {
    /// Checks a plan.
    pub fn new(path: Option<PathBuf>, plan: Plan, library: LibraryFacts) -> Self {
        let checker = Checker::new(plan.clone(), library);
        Self { path, document: Document::new(plan), checker }
    }

    /// Opens and checks the project in a folder or archive.
    ///
    /// # Errors
    /// See [`open_project`].
    pub fn open(path: &Path, library: LibraryFacts) -> Result<Self, Failure> {
        let plan = open_project(path)?;
        // An archive is not saved to: it becomes a folder of its own.
        let path = path.is_dir().then(|| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()));
        Ok(Self::new(path, plan, library))
    }

    /// Opens a sample plant that comes with the program; it is saved nowhere yet.
    ///
    /// # Errors
    /// There is no such sample, or no room for it.
    pub fn sample(name: &str, library: LibraryFacts) -> Result<Self, Failure> {
        let remedy = say!("make room in the folder for temporary files");
        let folder = tempfile::tempdir()
            .map_err(|error| Failure::new(say!("cannot open the sample {name}", name), error, remedy))?;
        let folder = folder.path().join(name);
        unpack_sample(name, &folder)?;
        Ok(Self::new(None, open_project(&folder)?, library))
    }

    /// The same, but not saved as it is: it was recovered from an autosave, say.
    #[must_use]
    pub fn unsaved(mut self) -> Self {
        self.document.mark_unsaved();
        self
    }

    /// The plan.
    pub fn plan(&self) -> &Plan {
        self.document.plan()
    }
}

/// Findings by severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Errors.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
    /// Remarks.
    pub infos: usize,
}

impl Counts {
    fn of(checker: &Checker) -> Self {
        let mut counts = Self::default();
        for finding in checker.findings() {
            *match finding.severity {
                Severity::Error => &mut counts.errors,
                Severity::Warning => &mut counts.warnings,
                Severity::Info => &mut counts.infos,
            } += 1;
        }
        counts
    }

    /// All of them.
    pub fn all(&self) -> usize {
        self.errors + self.warnings + self.infos
    }
}

/// The project being worked on.
pub struct Workspace {
    document: Document,
    checker: Checker,
    path: Option<PathBuf>,
    /// What is selected.
    pub selection: Selection,
    /// The finding that is selected.
    pub finding: Option<Finding>,
    clipboard: Option<Arc<Clip>>,
    revision: u64,
    counts: Counts,
}

impl Workspace {
    /// Takes over what was opened.
    pub fn new(opened: Opened) -> Self {
        let Opened { path, document, checker } = opened;
        let counts = Counts::of(&checker);
        Self {
            document,
            checker,
            path,
            selection: Selection::default(),
            finding: None,
            clipboard: None,
            revision: 0,
            counts,
        }
    }

    /// The present plan.
    pub fn plan(&self) -> &Plan {
        self.document.plan()
    }

    /// The folder it is saved in.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Whether it is not saved as it is.
    pub fn is_modified(&self) -> bool {
        self.document.is_modified()
    }

    /// Goes up whenever plan or findings may have changed.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Findings, errors first.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> + Clone {
        self.checker.findings()
    }

    /// Findings about a thing, errors first.
    pub fn findings_about(&self, item: &Item) -> impl Iterator<Item = &Finding> {
        item.subject().into_iter().flat_map(|subject| self.checker.about(&subject).collect::<Vec<_>>())
    }

    /// What a device can bear and what the plan asks of it.
    pub fn uses(&self, device: &Name) -> Vec<Use> {
        self.checker.uses(device)
    }

    /// Why an output cannot feed an input; `None` when it can. `instead` is a link that is given up for it.
    ///
    /// Unlike an edit, which a limit does not stop, this minds what the devices at both ends can bear.
    pub fn refusal(&self, provider: &PortRef, consumer: &PortRef, instead: Option<&LinkKey>) -> Option<Refusal> {
        let plan = self.plan();
        if let Some(why) = why_not(plan, provider, consumer, instead) {
            return Some(Refusal::Ports(why));
        }
        let kept = instead.and_then(|key| plan.links().get(key));
        let link = kept.map_or_else(
            || drawn(plan, provider, consumer),
            |kept| Link { provider: provider.clone(), ..(**kept).clone() },
        );
        let broken = self.checker.broken_by(&LinkKey::to(consumer.clone()), &link, instead);
        broken.into_iter().next().map(|(whose, limit)| Refusal::Limit { whose, limit })
    }

    /// How many findings there are.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Label of what undo takes back.
    pub fn undo_label(&self) -> Option<&Phrase> {
        self.document.undo_label()
    }

    /// Label of what redo does again.
    pub fn redo_label(&self) -> Option<&Phrase> {
        self.document.redo_label()
    }

    /// Applies an edit.
    ///
    /// # Errors
    /// Why it is refused; nothing is changed then.
    pub fn apply(&mut self, edit: &Edit) -> Result<Applied, EditError> {
        let applied = self.document.apply(edit)?;
        self.follow(&applied.touched);
        Ok(applied)
    }

    /// Takes the last edit back; `None` when there is none.
    pub fn undo(&mut self) -> Option<Applied> {
        let applied = self.document.undo()?;
        self.follow(&applied.touched);
        Some(applied)
    }

    /// Does again what was taken back last; `None` when there is nothing.
    pub fn redo(&mut self) -> Option<Applied> {
        let applied = self.document.redo()?;
        self.follow(&applied.touched);
        Some(applied)
    }

    /// The edit that makes the fix of a finding.
    ///
    /// # Errors
    /// The plan is not any longer the one that the fix was proposed for.
    pub fn fix(&self, finding: &Finding) -> Result<Option<Edit>, EditError> {
        finding.fix.as_ref().map(|fix| fix_edit(self.plan(), fix)).transpose()
    }

    /// Checks against other libraries.
    pub fn set_library(&mut self, library: LibraryFacts) {
        self.checker = Checker::new(self.plan().clone(), library);
        self.revision += 1;
        self.counts = Counts::of(&self.checker);
        self.keep_finding();
    }

    /// Keeps instances and what links them for pasting.
    pub fn copy(&mut self) {
        let names: Vec<_> = self.selection.instances().into_iter().collect();
        let clip = Clip::of(self.plan(), &names);
        if !clip.is_empty() {
            self.clipboard = Some(Arc::new(clip));
        }
    }

    /// What was copied last.
    pub fn clipboard(&self) -> Option<&Arc<Clip>> {
        self.clipboard.as_ref()
    }

    /// Keeps the clipboard of the project that was open before.
    pub fn take_clipboard(&mut self, from: &mut Self) {
        self.clipboard = from.clipboard.take();
    }

    /// The present state is saved in this folder.
    pub fn saved_in(&mut self, folder: PathBuf, saved: &Plan) {
        self.path = Some(folder);
        // Edits that came while it was being written are not in it.
        self.document.mark_saved_as(saved);
    }

    /// Takes in what a download noted of devices, see [`Document::learn`].
    pub fn learn(&mut self, states: &[(Name, DeviceState)]) {
        for (device, state) in states {
            self.document.learn(device, state);
        }
        self.revision += 1;
    }

    /// What commands ask for; what views know themselves is left to them.
    pub fn situation(&self) -> Situation {
        let plan = self.plan();
        let lead = self.selection.lead();
        let port = match lead {
            Some(Item::Port(port) | Item::Constant(port)) => Some(port),
            _ => None,
        };
        let input = port.and_then(|port| plan.port(port)).is_some_and(|port| port.direction != Direction::Out);
        let has_source =
            port.is_some_and(|port| plan.links_to(port).next().is_some() || plan.constants().contains_key(port));
        let is_block = |item: &&Item| matches!(item, Item::Function(_) | Item::Instance(_) | Item::Chart(_));
        Situation {
            project: true,
            modified: self.is_modified(),
            undoable: self.undo_label().is_some(),
            redoable: self.redo_label().is_some(),
            n_selected: self.selection.items().len(),
            n_blocks: self.selection.items().filter(is_block).count(),
            nameable: matches!(
                lead,
                Some(
                    Item::Function(_)
                        | Item::Instance(_)
                        | Item::Chart(_)
                        | Item::Device(_)
                        | Item::Subnet(_)
                        | Item::Project
                )
            ),
            port: port.is_some(),
            input,
            fed: (input && has_source) || matches!(lead, Some(Item::Link(_))),
            link: matches!(lead, Some(Item::Link(_))),
            chart_block: matches!(lead, Some(Item::Chart(_))),
            has_device: lead.is_some_and(|item| item.device(plan).is_some()),
            clipboard: self.clipboard.is_some(),
            n_findings: self.counts.all(),
            finding: self.finding.is_some(),
            fixable: self.finding.as_ref().is_some_and(|finding| finding.fix.is_some()),
            n_devices: plan.devices().len(),
            ..Situation::default()
        }
    }

    fn follow(&mut self, touched: &Touched) {
        self.revision += 1;
        self.checker.update(self.document.plan(), touched);
        self.counts = Counts::of(&self.checker);
        self.selection.keep_existing(self.document.plan());
        self.keep_finding();
    }

    fn keep_finding(&mut self) {
        if self.finding.as_ref().is_some_and(|finding| !self.checker.finds(finding)) {
            self.finding = None;
        }
    }
}

/// Saves a plan as a project folder.
///
/// # Errors
/// The folder cannot be written; what it held is then as it was.
pub fn save_project(plan: &Plan, folder: &Path) -> Result<(), Failure> {
    save_project_files(folder, &project::write(plan)).map(drop)
}

/// Saves a plan as an archive.
///
/// # Errors
/// The plan is too large for one, or the file cannot be written.
pub fn save_archive(plan: &Plan, file: &Path) -> Result<(), Failure> {
    let what = || say!("cannot save {file}", file = file.display());
    let bytes = archive::pack(&project::write(plan))
        .map_err(|error| Failure::new(what(), error, say!("save it as a folder")))?;
    replace_file(file, &bytes)
        .map_err(|error| Failure::new(what(), error, say!("check that the folder can be written and has room")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture::plan;

    const TEXT: &str = "
        component Pump 1.0 { in start BOOL; out running BOOL }
        A: Pump at 0 0
        B: Pump at 300 0
        A.running -> B.start
    ";

    fn workspace() -> Workspace {
        Workspace::new(Opened::new(None, plan(TEXT), LibraryFacts::default()))
    }

    #[test]
    fn the_selection_follows_the_plan() {
        let mut workspace = workspace();
        let key = workspace.plan().links().keys().next().unwrap().clone();
        workspace.selection = Selection::of([Item::Link(key.clone()), Item::Instance("A".into())]);
        workspace.apply(&Edit::Remove(vec!["A".into()])).unwrap();
        assert!(workspace.selection.is_empty(), "{:?}", workspace.selection);
        assert!(workspace.is_modified());
        workspace.undo().unwrap();
        assert!(!workspace.is_modified() && workspace.plan().links().contains_key(&key));
    }

    #[test]
    fn what_was_edited_while_saving_stays_modified() {
        let mut workspace = workspace();
        workspace.apply(&Edit::CommentProject("one".into())).unwrap();
        let saving = workspace.plan().clone();
        workspace.apply(&Edit::CommentProject("two".into())).unwrap();
        workspace.saved_in("x.plant".into(), &saving);
        assert!(workspace.is_modified());
        workspace.saved_in("x.plant".into(), &workspace.plan().clone());
        assert!(!workspace.is_modified());
    }
}
