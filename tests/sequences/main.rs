//! Ten thousand random edits, undos, redos, saves, reloads and crashes: what comes back is always equal, and "modified" is exact.

mod edits;
mod kill;

use std::path::PathBuf;

use plantweave::app::{Journal, open_project, orphans, save_project_files, unpack_sample};
use plantweave::edit::Document;
use plantweave::model::Plan;
use plantweave::project::{self, Files};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tempfile::TempDir;

use edits::random_edit;

const STEPS: usize = 10_000;

struct Session {
    dice: StdRng,
    document: Document,
    /// Every state that undo and redo lead to, and which of them is the present one.
    states: Vec<Plan>,
    present: usize,
    /// The plan that the document knows to be saved.
    saved: Option<Plan>,
    /// What the project's folder holds.
    on_disk: Files,
    journal: Option<Journal>,
    folder: TempDir,
    project: PathBuf,
    n: Counts,
}

#[derive(Debug, Default)]
struct Counts {
    applied: usize,
    refused: usize,
    undone: usize,
    redone: usize,
    saved: usize,
    reloaded: usize,
    crashed: usize,
    recovered: usize,
}

impl Session {
    fn new(seed: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let project = folder.path().join("w.plant");
        unpack_sample("water-treatment.plant", &project).unwrap();
        let plan = open_project(&project).unwrap();
        let journal = Journal::begin(&folder.path().join("journal"), Some(&project), Some(&plan)).unwrap();
        Self {
            dice: StdRng::seed_from_u64(seed),
            document: Document::new(plan.clone()),
            states: vec![plan.clone()],
            present: 0,
            on_disk: files(&plan),
            saved: Some(plan),
            journal: Some(journal),
            folder,
            project,
            n: Counts::default(),
        }
    }

    fn step(&mut self) {
        match self.dice.random_range(0..1000) {
            0..580 => self.edit(),
            580..780 => self.undo(),
            780..976 => self.redo(),
            976..988 => self.save(),
            988..994 => self.reload(),
            _ => self.crash(),
        }
        assert_eq!(self.document.plan(), &self.states[self.present]);
        assert_eq!(self.document.is_modified(), self.saved.as_ref() != Some(self.document.plan()), "{:?}", self.n);
        assert_eq!(self.document.undo_label().is_some(), self.present > 0);
        assert_eq!(self.document.redo_label().is_some(), self.present + 1 < self.states.len());
    }

    fn edit(&mut self) {
        let edit = random_edit(self.document.plan(), &mut self.dice);
        match self.document.apply(&edit) {
            Ok(applied) if !applied.touched.is_empty() => {
                self.states.truncate(self.present + 1);
                self.states.push(self.document.plan().clone());
                self.present += 1;
                self.n.applied += 1;
                self.note();
            }
            Ok(_) => {}
            Err(_) => self.n.refused += 1,
        }
    }

    fn undo(&mut self) {
        if self.document.undo().is_some() {
            self.present -= 1;
            self.n.undone += 1;
            self.note();
        }
    }

    fn redo(&mut self) {
        if self.document.redo().is_some() {
            self.present += 1;
            self.n.redone += 1;
            self.note();
        }
    }

    fn note(&self) {
        if let Some(journal) = &self.journal {
            journal.note(self.document.plan());
        }
    }

    fn begin_journal(&mut self, plan: &Plan) {
        let folder = self.folder.path().join("journal");
        self.journal = Some(Journal::begin(&folder, Some(&self.project), Some(plan)).unwrap());
    }

    /// Saves the present state. Sometimes the user goes on while that is being written.
    fn save(&mut self) {
        let plan = self.document.plan().clone();
        save_project_files(&self.project, &project::write(&plan)).unwrap();
        match self.dice.random_range(0..3) {
            0 => self.edit(),
            1 => self.undo(),
            _ => {}
        }
        self.document.mark_saved_as(&plan);
        if let Some(journal) = &self.journal {
            journal.saved(&self.project, &plan);
        }
        self.on_disk = files(&plan);
        self.saved = Some(plan);
        self.n.saved += 1;
    }

    /// Closes without saving and opens again: the saved state comes back.
    fn reload(&mut self) {
        let plan = open_project(&self.project).unwrap();
        assert_eq!(files(&plan), self.on_disk);
        if let Some(journal) = self.journal.take() {
            journal.close();
        }
        self.begin_journal(&plan);
        self.begin(plan, true);
        self.n.reloaded += 1;
    }

    /// The program is killed when all is on the disk: the last state is offered, or nothing when that is saved.
    fn crash(&mut self) {
        let expected = files(self.document.plan());
        drop(self.journal.take());
        let mut orphans = orphans(&self.folder.path().join("journal")).unwrap();
        assert!(orphans.len() < 2);
        match orphans.pop() {
            Some(orphan) => {
                let recovered = orphan.recover().unwrap();
                assert_eq!(files(&recovered.plan), expected);
                assert_eq!(recovered.project.as_ref(), Some(&self.project));
                self.journal = Some(recovered.journal);
                self.begin(recovered.plan, false);
                self.n.recovered += 1;
            }
            None => {
                assert_eq!(self.on_disk, expected, "nothing is offered only when it is saved");
                let plan = open_project(&self.project).unwrap();
                self.begin_journal(&plan);
                self.begin(plan, true);
            }
        }
        self.n.crashed += 1;
    }

    fn begin(&mut self, plan: Plan, is_saved: bool) {
        self.document = Document::new(plan.clone());
        self.states = vec![plan.clone()];
        self.present = 0;
        self.saved = is_saved.then_some(plan);
        if !is_saved {
            self.document.mark_unsaved();
        }
    }
}

/// A plan as it would be saved; charts may have other numbers after reading.
fn files(plan: &Plan) -> Files {
    project::write(plan)
}

#[test]
fn whatever_is_done_comes_back_equal_and_modified_is_exact() {
    let mut session = Session::new(3);
    for _ in 0..STEPS {
        session.step();
    }
    let Counts { applied, refused, undone, redone, saved, reloaded, crashed, recovered } = session.n;
    println!("{:?}", session.n);
    let enough = [(applied, 2000), (refused, 500), (undone, 1000), (redone, 300), (saved, 80), (reloaded, 40)];
    assert!(enough.iter().all(|(n, least)| n >= least) && crashed >= 40 && recovered >= 30, "{:?}", session.n);
}
