//! The small files of `cases/`, and the table that says what each is and how it is answered.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A small file.
pub struct Case {
    /// Its name in the folder.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What is said about it, as the table has it: lines joined by `<br>`.
    pub answer: String,
}

/// The files of one folder of `cases/`.
///
/// # Panics
/// When a file has no line in `cases/README.md`, or a line no file.
pub fn folder(folder: &str) -> Vec<Case> {
    let root = root();
    let table = fs::read_to_string(root.join("README.md")).unwrap();
    let mut lines: BTreeMap<&str, &str> = BTreeMap::new();
    for line in table.lines().filter_map(|line| line.strip_prefix(&format!("| `{folder}/"))) {
        let mut cells = line.split(" | ");
        let (name, what) = (cells.next().unwrap().trim_end_matches('`'), cells.next().unwrap());
        let answer = cells.next().unwrap_or_else(|| panic!("{name}: three cells"));
        assert!(what.len() > 2, "{name}: what is it?");
        assert!(lines.insert(name, answer.trim_end_matches('|').trim_end()).is_none(), "{name} has two lines");
    }
    let mut cases = Vec::new();
    for entry in fs::read_dir(root.join(folder)).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let answer = lines.remove(&*name).unwrap_or_else(|| panic!("{folder}/{name} has no line in cases/README.md"));
        cases.push(Case { bytes: fs::read(entry.path()).unwrap(), answer: answer.into(), name });
    }
    assert!(lines.is_empty(), "lines without file: {lines:?}");
    cases.sort_by(|one, other| one.name.cmp(&other.name));
    cases
}

/// One edit that harms the small project of `projects.rs`.
pub struct Edit {
    /// What it does.
    pub name: String,
    /// The file it changes.
    pub file: String,
    /// What stands there.
    pub from: String,
    /// What stands there instead afterwards.
    pub to: String,
    /// What is said about it.
    pub answer: String,
}

/// The edits in `cases/README.md`.
pub fn edits() -> Vec<Edit> {
    let table = fs::read_to_string(root().join("README.md")).unwrap();
    let (_, table) = table.split_once("| Harm | File | ").unwrap();
    let cell = |cell: &str| cell.trim().trim_matches('`').replace("\\n", "\n");
    let rows = table.lines().skip(2).map_while(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    let rows = rows.map(|row| {
        let cells: Vec<&str> = row.split(" | ").collect();
        let [name, file, from, to, answer] = cells[..] else { panic!("five cells: {row}") };
        Edit { name: name.into(), file: cell(file), from: cell(from), to: cell(to), answer: answer.into() }
    });
    rows.collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile/cases")
}

/// Compares the answers with the table.
///
/// # Panics
/// With the lines as they should be, if any differs.
pub fn compare(folder: &str, answers: &[(&Case, String)]) {
    let wrong: Vec<String> = answers
        .iter()
        .filter(|(case, answer)| case.answer != *answer)
        .map(|(case, answer)| format!("| `{folder}/{}` | … | {answer} |\n  instead of {}", case.name, case.answer))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
