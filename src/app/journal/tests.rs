//! Journals that end in the middle of a byte, that are damaged, left over, gone on with, and taken back.

use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;
use tempfile::TempDir;

use super::record::{Note, ReadJournal, read};
use super::*;
use crate::app::{open_project, save_project_files};
use crate::edit::{Document, Edit, tests};
use crate::model::fixture;
use crate::project::{self, Files};

/// The one journal in a folder.
fn only_journal(folder: &Path) -> Option<PathBuf> {
    let paths = fs::read_dir(folder).ok()?.map(|entry| entry.unwrap().path());
    let mut journals: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|end| end == "journal")).collect();
    assert!(journals.len() < 2, "{journals:?}");
    journals.pop()
}

/// A journal of edits, each on the disk before the next: its bytes, and each state with where its record ends.
fn written(picks: &[usize]) -> (Vec<u8>, Vec<(Files, usize)>) {
    let folder = tempfile::tempdir().unwrap();
    let start = fixture::plan(tests::LINE);
    let edits = tests::all_edits(&start);
    let mut document = Document::new(start.clone());
    let journal = Journal::begin(folder.path(), None, Some(&start)).unwrap();
    let mut states: Vec<(Files, usize)> = Vec::new();
    for pick in picks {
        if pick % 5 == 4 {
            document.undo();
        } else {
            let _ = document.apply(&edits[pick % edits.len()]);
        }
        journal.note(document.plan());
        journal.flush().unwrap();
        match only_journal(folder.path()) {
            // Back at the beginning: there is nothing to lose, and what comes begins a new journal.
            None => states.clear(),
            Some(path) => states.push((project::write(document.plan()), fs::read(path).unwrap().len())),
        }
    }
    drop(journal);
    (only_journal(folder.path()).map(|path| fs::read(path).unwrap()).unwrap_or_default(), states)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_torn_journal_gives_the_last_state_that_is_whole(
        picks in prop::collection::vec(0usize..360, 1..12),
        cut in 0usize..1_000_000,
    ) {
        let (bytes, states) = written(&picks);
        for cut in [cut % (bytes.len() + 1), bytes.len()] {
            let found = read(&mut &bytes[..cut]).unwrap();
            let expected = states.iter().rev().find(|(_, end)| *end <= cut);
            prop_assert_eq!(found.as_ref().map(|found| &found.files), expected.map(|(files, _)| files));
            prop_assert_eq!(found.map(|found| found.length as usize), expected.map(|(_, end)| *end));
        }
    }

    #[test]
    fn a_damaged_journal_gives_a_state_that_was(
        picks in prop::collection::vec(0usize..360, 1..12),
        at in 0usize..1_000_000,
        change in 1u8..,
    ) {
        let (mut bytes, states) = written(&picks);
        prop_assume!(!bytes.is_empty());
        let at = at % bytes.len();
        bytes[at] ^= change;
        let found = read(&mut &bytes[..]).unwrap();
        let expected = states.iter().rev().find(|(_, end)| *end <= at);
        prop_assert_eq!(found.map(|found| found.files), expected.map(|(files, _)| files.clone()));
    }

    #[test]
    fn no_bytes_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..300), begins_well in any::<bool>()) {
        if begins_well {
            bytes.splice(0..0, super::record::MAGIC.iter().copied());
        }
        prop_assert!(read(&mut &bytes[..]).unwrap().is_none());
    }
}

#[test]
fn a_length_that_lies_makes_no_room() {
    let mut bytes = super::record::MAGIC.to_vec();
    bytes.extend(0x4000_0000_u32.to_le_bytes());
    bytes.extend([0; 100]);
    assert!(read(&mut &bytes[..]).unwrap().is_none());
}

/// A saved copy of a sample plant, and a folder for journals.
struct Desk {
    folder: TempDir,
    project: PathBuf,
    document: Document,
}

fn desk() -> Desk {
    let folder = tempfile::tempdir().unwrap();
    let project = folder.path().join("water.plant");
    crate::app::unpack_sample("water-treatment.plant", &project).unwrap();
    let document = Document::new(open_project(&project).unwrap());
    Desk { folder, project, document }
}

impl Desk {
    fn journals(&self) -> PathBuf {
        self.folder.path().join("state").join("journal")
    }

    fn begin(&self) -> Journal {
        Journal::begin(&self.journals(), Some(&self.project), Some(self.document.plan())).unwrap()
    }

    fn edit(&mut self, comment: &str, journal: &Journal) {
        self.document.apply(&Edit::CommentProject(comment.into())).unwrap();
        journal.note(self.document.plan());
    }

    fn only_orphan(&self) -> Orphan {
        let mut orphans = orphans(&self.journals()).unwrap();
        assert_eq!(orphans.len(), 1);
        orphans.pop().unwrap()
    }
}

#[test]
fn what_a_crash_left_over_is_offered_and_goes_on() {
    let mut desk = desk();
    let journal = desk.begin();
    journal.note(desk.document.plan());
    journal.flush().unwrap();
    assert_eq!(only_journal(&desk.journals()), None, "nothing differs from what is saved");
    for comment in ["one", "two", "three"] {
        desk.edit(comment, &journal);
    }
    journal.flush().unwrap();
    assert!(orphans(&desk.journals()).unwrap().is_empty(), "a running program holds it");
    drop(journal);

    let orphan = desk.only_orphan();
    assert!(orphans(&desk.journals()).unwrap().is_empty(), "offered once at a time");
    let name = desk.document.plan().name();
    assert_eq!((&*orphan.name, orphan.n_changes, orphan.on_disk), (&**name, 4, OnDisk::Same));
    assert_eq!(orphan.project.as_ref(), Some(&desk.project));
    let Recovered { project, plan, journal } = orphan.recover().unwrap();
    assert_eq!((&plan, project), (desk.document.plan(), Some(desk.project.clone())));

    // It crashes again, after one more edit.
    desk.edit("four", &journal);
    drop(journal);
    let orphan = desk.only_orphan();
    assert_eq!((orphan.n_changes, orphan.on_disk), (5, OnDisk::Same));
    let Recovered { plan, journal, .. } = orphan.recover().unwrap();
    assert_eq!(&plan, desk.document.plan());

    // Saved, it is no loss any more; what follows is told from there.
    save_project_files(&desk.project, &project::write(&plan)).unwrap();
    journal.saved(&desk.project, &plan);
    journal.flush().unwrap();
    assert_eq!(only_journal(&desk.journals()), None);
    desk.edit("five", &journal);
    drop(journal);
    let orphan = desk.only_orphan();
    assert_eq!((orphan.n_changes, orphan.on_disk), (1, OnDisk::Same));
    orphan.discard();
    assert_eq!(fs::read_dir(desk.journals()).unwrap().count(), 0);
}

#[test]
fn undone_to_what_is_saved_there_is_nothing_to_lose() {
    let mut desk = desk();
    let journal = desk.begin();
    desk.edit("one", &journal);
    journal.flush().unwrap();
    assert!(only_journal(&desk.journals()).is_some());
    desk.document.undo();
    journal.note(desk.document.plan());
    journal.flush().unwrap();
    assert_eq!(only_journal(&desk.journals()), None);
    desk.document.redo();
    journal.note(desk.document.plan());
    journal.flush().unwrap();
    assert!(only_journal(&desk.journals()).is_some());
    journal.close();
    assert_eq!(fs::read_dir(desk.journals()).unwrap().count(), 0);
}

#[test]
fn an_edit_during_a_save_is_kept() {
    let mut desk = desk();
    let journal = desk.begin();
    desk.edit("one", &journal);
    let saved = desk.document.plan().clone();
    desk.edit("two", &journal);
    journal.flush().unwrap();
    save_project_files(&desk.project, &project::write(&saved)).unwrap();
    journal.saved(&desk.project, &saved);
    drop(journal);
    let orphan = desk.only_orphan();
    assert_eq!((orphan.n_changes, orphan.on_disk), (1, OnDisk::Same));
    assert_eq!(&orphan.recover().unwrap().plan, desk.document.plan());
}

#[test]
fn what_became_of_the_saved_project_is_said() {
    let mut desk = desk();
    let journal = desk.begin();
    desk.edit("one", &journal);
    drop(journal);
    let on_disk = |desk: &Desk| desk.only_orphan().on_disk;
    // What a download notes there is no change of the plan, and neither is a comment.
    let state = desk.project.join("state.toml");
    fs::write(&state, "[device.raw-water-pump]\ngenerated = \"00\"\n").unwrap();
    let plant = desk.project.join("plant.toml");
    let text = fs::read_to_string(&plant).unwrap();
    fs::write(&plant, format!("# by hand\n{text}")).unwrap();
    assert_eq!(on_disk(&desk), OnDisk::Same);
    let mut other = Document::new(open_project(&desk.project).unwrap());
    other.apply(&Edit::RenameProject("Other".into())).unwrap();
    save_project_files(&desk.project, &project::write(other.plan())).unwrap();
    assert_eq!(on_disk(&desk), OnDisk::Changed);
    fs::write(&plant, "format = ").unwrap();
    assert_eq!(on_disk(&desk), OnDisk::Unreadable);
    fs::remove_dir_all(&desk.project).unwrap();
    assert_eq!(on_disk(&desk), OnDisk::Gone);
    assert_eq!(&desk.only_orphan().recover().unwrap().plan, desk.document.plan());
}

#[test]
fn a_crash_between_a_save_and_its_end_offers_nothing() {
    let mut desk = desk();
    let journal = desk.begin();
    desk.edit("one", &journal);
    drop(journal);
    save_project_files(&desk.project, &project::write(desk.document.plan())).unwrap();
    assert!(orphans(&desk.journals()).unwrap().is_empty());
    assert_eq!(fs::read_dir(desk.journals()).unwrap().count(), 0);
}

#[test]
fn a_project_that_was_never_saved_is_offered_too() {
    let desk = desk();
    let journal = Journal::begin(&desk.journals(), None, None).unwrap();
    journal.note(desk.document.plan());
    drop(journal);
    let orphan = desk.only_orphan();
    assert_eq!((orphan.project.clone(), orphan.on_disk, orphan.n_changes), (None, OnDisk::Never, 1));
    assert_eq!(&orphan.recover().unwrap().plan, desk.document.plan());
}

#[test]
fn a_journal_stays_bounded_and_gives_the_last_state() {
    let folder = tempfile::tempdir().unwrap();
    let start = fixture::large(200, 800);
    let mut document = Document::new(start.clone());
    let journal = Journal::begin(folder.path(), None, Some(&start)).unwrap();
    let whole: usize = project::write(&start).iter().map(|(path, bytes)| path.len() + bytes.len()).sum();
    let mut longest = 0;
    let mut shrank = false;
    for number in 0..400 {
        document.apply(&Edit::CommentProject(number.to_string().repeat(2000).into())).unwrap();
        journal.note(document.plan());
        journal.flush().unwrap();
        let length = fs::metadata(only_journal(folder.path()).unwrap()).unwrap().len();
        shrank |= length < longest;
        longest = longest.max(length);
    }
    assert!(shrank && longest < (10 * whole as u64).max(2 << 20), "{longest} bytes, a whole state has {whole}");
    drop(journal);
    let bytes = fs::read(only_journal(folder.path()).unwrap()).unwrap();
    let ReadJournal { files, note, .. } = read(&mut &bytes[..]).unwrap().unwrap();
    assert_eq!(files, project::write(document.plan()));
    assert_eq!(note, Note { name: document.plan().name().to_string(), n_changes: 400, at_ms: note.at_ms });
}

#[test]
fn a_folder_that_cannot_be_written_is_told_and_tried_again() {
    let desk = desk();
    let blocked = desk.folder.path().join("file");
    fs::write(&blocked, "in the way").unwrap();
    let journal = Journal::begin(&blocked, None, None).unwrap();
    assert_eq!(journal.trouble(), None);
    journal.note(desk.document.plan());
    assert!(journal.flush().is_err());
    assert!(journal.trouble().is_some());
    fs::remove_file(&blocked).unwrap();
    journal.note(desk.document.plan());
    journal.flush().unwrap();
    assert_eq!(journal.trouble(), None);
    assert!(only_journal(&blocked).is_some());
}
