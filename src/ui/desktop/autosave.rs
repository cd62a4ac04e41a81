//! Autosave: every state goes into the journal; what a crash left over is offered at the next start.

use std::path::PathBuf;

use super::Desktop;
use crate::app::{Failure, Job, Journal, Opened, Orphan, journal_folder, orphans};
use crate::ui::action::Tone;
use crate::ui::dialogs::LeftOver;
use crate::ui::lang::{tr, trf};

/// The journal of the open project, and the way to those of a crash.
#[derive(Default)]
pub(super) struct Autosave {
    folder: Option<PathBuf>,
    journal: Option<Journal>,
    looking: Option<Job<Vec<Orphan>>>,
    /// What was found; taken out when the user has decided.
    found: Vec<Option<Orphan>>,
    recovering: Option<Job<(Opened, Journal)>>,
}

impl Desktop {
    /// Looks for what a crash left over, in the folder given or else that of the system.
    pub(super) fn begin_autosave(&mut self, folder: Option<PathBuf>) {
        match folder.map_or_else(journal_folder, Ok) {
            Ok(folder) => {
                let place = folder.clone();
                self.autosave.looking = Some(self.jobs.start_blocking(tr("job.left_over"), move |_| orphans(&place)));
                self.autosave.folder = Some(folder);
            }
            Err(failure) => self.messages.fail(&failure),
        }
    }

    /// Begins the journal of the project that was opened; one that was recovered goes on with its own.
    pub(super) fn begin_journal(&mut self, recovered: Option<Journal>) {
        self.end_journal();
        let (Some(workspace), Some(folder)) = (&self.workspace, &self.autosave.folder) else { return };
        let begun = match recovered {
            Some(journal) => Ok(journal),
            None => Journal::begin(folder, workspace.path(), Some(workspace.plan())),
        };
        match begun {
            Ok(journal) => self.autosave.journal = Some(journal),
            Err(failure) => self.messages.fail(&failure),
        }
    }

    /// Notes the plan as it is after an edit.
    pub(super) fn note_in_journal(&mut self) {
        let (Some(journal), Some(workspace)) = (&self.autosave.journal, &self.workspace) else { return };
        journal.note(workspace.plan());
        if let Some(failure) = journal.trouble() {
            self.messages.fail(&failure);
        }
    }

    /// The project is saved: the journal has nothing to keep.
    pub(super) fn saved_to_journal(&mut self) {
        let (Some(journal), Some(workspace)) = (&self.autosave.journal, &self.workspace) else { return };
        if let Some(path) = workspace.path().filter(|_| !workspace.is_modified()) {
            journal.saved(path, workspace.plan());
        }
    }

    /// The project is left, saved or given up.
    pub(super) fn end_journal(&mut self) {
        if let Some(journal) = self.autosave.journal.take() {
            journal.close();
        }
    }

    /// Takes what looking and recovering came to.
    pub(super) fn take_left_over(&mut self) {
        if let Some(found) = self.autosave.looking.as_ref().and_then(Job::take) {
            self.autosave.looking = None;
            match found {
                Ok(found) if !found.is_empty() => {
                    self.dialogs.open(LeftOver::new(&found));
                    self.autosave.found = found.into_iter().map(Some).collect();
                }
                Ok(_) => {}
                Err(failure) => self.messages.fail(&failure),
            }
        }
        if let Some(result) = self.autosave.recovering.as_ref().and_then(Job::take) {
            self.autosave.recovering = None;
            match result {
                Ok((opened, journal)) => {
                    self.take_over(opened);
                    self.begin_journal(Some(journal));
                    self.messages.tell(Tone::Info, tr("told.recovered"));
                }
                Err(failure) => self.messages.fail(&failure),
            }
        }
    }

    /// Opens what a crash left over.
    fn recover(&mut self, orphan: Orphan) {
        let facts = self.library.facts();
        let recover = move || -> Result<(Opened, Journal), Failure> {
            let recovered = orphan.recover()?;
            Ok((Opened::new(recovered.project, recovered.plan, facts).unsaved(), recovered.journal))
        };
        self.autosave.recovering = Some(self.jobs.start_blocking(tr("job.recover"), move |_| recover()));
    }
}

/// What the user decides about a left-over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Open it.
    Recover,
    /// Remove it.
    Discard,
}

impl Desktop {
    /// Does what was decided about a left-over, by its number in the dialog. One that is opened takes the place of the present
    /// project, which must have nothing to lose.
    pub(super) fn decide(&mut self, nth: usize, decision: Decision) {
        let modified = self.workspace.as_ref().filter(|open| open.is_modified());
        if let (Decision::Recover, Some(open)) = (decision, modified) {
            let text = trf("told.save_first", &[open.plan().name()]);
            return self.messages.tell(Tone::Warning, text);
        }
        match (self.autosave.found.get_mut(nth).and_then(Option::take), decision) {
            (Some(orphan), Decision::Recover) => self.recover(orphan),
            (Some(orphan), Decision::Discard) => orphan.discard(),
            (None, _) => {}
        }
    }
}
