//! A real program, really killed: it edits and notes until it is shot, and its last state is offered.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use plantweave::app::{Journal, open_project, orphans, unpack_sample};
use plantweave::edit::Document;
use plantweave::model::Plan;
use plantweave::project;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use sha2::{Digest as _, Sha256};

use crate::edits::random_edit;

/// Set for the program that is to be killed: the folder it works in.
const VICTIM: &str = "PLANTWEAVE_TEST_VICTIM";

fn hash(plan: &Plan) -> String {
    let mut hash = Sha256::new();
    for (path, bytes) in project::write(plan) {
        hash.update(path.as_bytes());
        hash.update([0]);
        hash.update(&bytes);
        hash.update((bytes.len() as u64).to_le_bytes());
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn places(folder: &Path) -> (PathBuf, PathBuf) {
    (folder.join("w.plant"), folder.join("journal"))
}

/// Edits, and says of each state before it is noted and after it is on the disk.
fn edit_until_killed(folder: &Path) {
    let (project, journals) = places(folder);
    let plan = open_project(&project).unwrap();
    let journal = Journal::begin(&journals, Some(&project), Some(&plan)).unwrap();
    let mut document = Document::new(plan);
    let mut dice = StdRng::seed_from_u64(11);
    // Bounded, should nobody come to kill it.
    for number in 0..100_000 {
        let edit = random_edit(document.plan(), &mut dice);
        if document.apply(&edit).is_ok() {
            println!("noting {}", hash(document.plan()));
            journal.note(document.plan());
            // Now and then the next edit does not wait for the disk.
            if number % 3 != 0 {
                journal.flush().unwrap();
                println!("kept {}", hash(document.plan()));
            }
            std::io::stdout().flush().unwrap();
        }
    }
}

#[test]
fn a_killed_program_loses_nothing_that_was_on_the_disk() {
    if let Some(folder) = std::env::var_os(VICTIM) {
        return edit_until_killed(Path::new(&folder));
    }
    for n_lines in [5, 40, 111] {
        let folder = tempfile::tempdir().unwrap();
        let (project, journals) = places(folder.path());
        unpack_sample("water-treatment.plant", &project).unwrap();
        let mut victim = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "kill::a_killed_program_loses_nothing_that_was_on_the_disk", "--nocapture"])
            .env(VICTIM, folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(victim.stdout.take().unwrap()).lines().map(Result::unwrap);
        let told = |line: &String| line.starts_with("noting ") || line.starts_with("kept ");
        let mut seen: Vec<String> = lines.by_ref().filter(told).take(n_lines).collect();
        assert_eq!(seen.len(), n_lines);
        assert!(orphans(&journals).unwrap().is_empty(), "it runs");
        victim.kill().unwrap();
        victim.wait().unwrap();
        seen.extend(lines.filter(told));

        let mut orphans = orphans(&journals).unwrap();
        assert_eq!(orphans.len(), 1);
        let found = hash(&orphans.remove(0).recover().unwrap().plan);
        let last_kept = seen.iter().rposition(|line| line.starts_with("kept ")).unwrap();
        // What it was about when it was killed may or may not have come to the disk.
        let allowed: Vec<&str> = seen[last_kept..].iter().filter_map(|line| Some(line.split_once(' ')?.1)).collect();
        assert!(allowed.contains(&found.as_str()), "{found} is none of the last states {allowed:?}");
    }
}
