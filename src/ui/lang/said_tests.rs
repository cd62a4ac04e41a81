//! Whether all that is said below the screen is said in German too.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::tests::sources;
use super::*;
use crate::check::{self, LibraryFacts};
use crate::model::{Part, places};
use crate::wire::cba::HResult;

/// The texts of `say!("…")` in a source, without its tests.
fn texts(source: &str, texts: &mut BTreeSet<String>) {
    let source = source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let source: String =
        source.lines().filter(|line| !line.trim_start().starts_with("//")).flat_map(|line| [line, "\n"]).collect();
    for (at, call) in source.match_indices("say!(") {
        let Some(literal) = source[at + call.len()..].trim_start().strip_prefix('"') else { continue };
        let mut text = String::new();
        let mut letters = literal.chars().peekable();
        while let Some(letter) = letters.next() {
            match letter {
                '"' => break,
                '\\' => match letters.next() {
                    // A line's end and the blanks behind it are no part of the text.
                    Some('\n') => while letters.next_if(|letter| letter.is_whitespace()).is_some() {},
                    Some('n') => text.push('\n'),
                    Some(other) => text.push(other),
                    None => {}
                },
                other => text.push(other),
            }
        }
        texts.insert(text);
    }
}

/// Everything that is said below the screen; the command line says nothing but that.
fn all_texts() -> BTreeSet<String> {
    let mut said = BTreeSet::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for file in sources(&root) {
        let inside = file.strip_prefix(&root).unwrap();
        let is_ours = !inside.starts_with("ui/lang") && !inside.starts_with("cli") && !inside.ends_with("tests.rs");
        if is_ours {
            texts(&std::fs::read_to_string(&file).unwrap(), &mut said);
        }
    }
    said.extend(check::rules().iter().map(|rule| rule.title().to_owned()));
    said.extend(HResult::meanings().map(str::to_owned));
    said
}

fn names(text: &str) -> BTreeMap<&str, usize> {
    let mut names = BTreeMap::new();
    for part in places(text) {
        if let Part::Place(name) = part {
            *names.entry(name).or_default() += 1;
        }
    }
    names
}

#[test]
fn everything_said_below_the_screen_is_said_in_german() {
    let said = all_texts();
    assert!(said.len() > 150, "the sources are not found");
    let missing: Vec<&String> = said.iter().filter(|text| !SAID_DE.contains_key(*text)).collect();
    assert!(missing.is_empty(), "{} not in said.de.toml:\n{}", missing.len(), toml_of(&missing));
    let stale: Vec<&String> = SAID_DE.keys().filter(|text| !said.contains(*text)).collect();
    assert!(stale.is_empty(), "nobody says any more: {stale:#?}");
    for (english, german) in &*SAID_DE {
        assert_eq!(names(english), names(german), "places of {english}");
        assert!(!german.is_empty() && !german.ends_with(' '), "German of {english}");
    }
}

fn toml_of(texts: &[&String]) -> String {
    texts.iter().map(|text| format!("{text:?} = \"\"\n")).collect()
}

/// Words that no German text has, so one of them says that something stayed English.
const ENGLISH: [&str; 24] = [
    "the", "of", "is", "are", "and", "not", "no", "has", "have", "with", "to", "that", "by", "from", "than", "it",
    "its", "does", "which", "for", "device", "link", "input", "output",
];

#[test]
fn every_finding_is_told_in_german() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let plan = crate::app::open_project(&root.join("samples/mistakes.plant")).unwrap();
    let findings = check::check(&plan, &LibraryFacts::default());
    assert!(findings.len() > 50, "the sample has its mistakes");
    for finding in &findings {
        let fix = finding.fix.as_ref().map(|fix| &fix.title);
        for phrase in [&finding.message].into_iter().chain(fix) {
            let german = in_german(phrase);
            assert!(!german.contains(['{', '}']), "{}: {german}", finding.code);
            let english = german
                .split(|letter: char| !letter.is_alphanumeric() && !"-_.".contains(letter))
                .find(|word| ENGLISH.contains(word));
            assert_eq!(english, None, "{}: {german}", finding.code);
            assert_ne!(german, phrase.to_string(), "{}", finding.code);
        }
    }
}

#[test]
fn the_language_chosen_decides() {
    let why = crate::edit::LinkError::Itself;
    choose(Lang::En);
    assert_eq!(said(&why), "a port does not feed itself");
    choose(Lang::De);
    assert_eq!(said(&why), "ein Anschluss speist sich nicht selbst");
    assert_eq!(said_text("A link leads nowhere"), "Eine Verschaltung führt ins Leere");
}
