//! Words of the screen, in English and German; which one is chosen at run time.
//!
//! A table a language, `KEY = "text"` in sections; a text has places `{}` that are filled in order. What is said below the screen
//! (findings, refusals, failures, advice) comes as [`Phrase`]s: English, as on the command line and in files, with their values beside; a
//! table from the English text to the German one, `said.de.toml`, says them in German here.

use std::cell::Cell;
use std::sync::LazyLock;

use ahash::AHashMap;

use crate::model::{Phrase, Say};

/// A language of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// German.
    De,
}

impl Lang {
    /// All languages, by their own names.
    pub const ALL: [(Self, &'static str); 2] = [(Self::En, "English"), (Self::De, "Deutsch")];

    /// Its code, as in settings and in descriptions: `en`.
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
        }
    }

    /// The language of a code or locale such as `de-AT`.
    pub fn of(code: &str) -> Option<Self> {
        let language = code.split(['-', '_', '.']).next().unwrap_or_default();
        Self::ALL.into_iter().map(|(lang, _)| lang).find(|lang| lang.code().eq_ignore_ascii_case(language))
    }

    /// The language of the system, or English.
    pub fn of_system() -> Self {
        static OF_SYSTEM: LazyLock<Option<Lang>> = LazyLock::new(|| Lang::of(&sys_locale::get_locale()?));
        OF_SYSTEM.unwrap_or_default()
    }

    fn table(self) -> &'static Table {
        match self {
            Self::En => &EN,
            Self::De => &DE,
        }
    }
}

type Table = AHashMap<String, String>;

static EN: LazyLock<Table> = LazyLock::new(|| read(include_str!("en.toml")));
static DE: LazyLock<Table> = LazyLock::new(|| read(include_str!("de.toml")));
/// What is said below the screen, in German by the English.
static SAID_DE: LazyLock<Table> = LazyLock::new(|| read(include_str!("said.de.toml")));

thread_local! {
    /// The screen has one thread; tests have several, each with a window of its own.
    static CHOSEN: Cell<Lang> = const { Cell::new(Lang::En) };
}

/// Chooses the language of all texts that this thread asks for from now on.
pub fn choose(lang: Lang) {
    CHOSEN.set(lang);
}

/// The language chosen.
pub fn chosen() -> Lang {
    CHOSEN.get()
}

/// The text of a key; the key itself where no table has it, which a test rules out.
pub fn tr(key: &str) -> &str {
    let find = |lang: Lang| lang.table().get(key).map(String::as_str);
    // The tables live as long as the program, the key does not need to.
    find(chosen()).or_else(|| find(Lang::En)).unwrap_or(key)
}

/// The text of a key with its places filled in order.
pub fn trf(key: &str, values: &[&dyn std::fmt::Display]) -> String {
    let mut parts = tr(key).split("{}");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for (nth, part) in parts.enumerate() {
        if let Some(value) = values.get(nth) {
            text.push_str(&value.to_string());
        }
        text.push_str(part);
    }
    text
}

/// What is said below the screen, in the language chosen; English where the table of that language has no text for it, which a test
/// rules out.
pub fn said(what: &(impl Say + ?Sized)) -> String {
    let phrase = what.say();
    match chosen() {
        Lang::En => phrase.to_string(),
        Lang::De => in_german(&phrase),
    }
}

/// A text from below without places, such as the title of a rule, in the language chosen.
pub fn said_text(text: &'static str) -> &'static str {
    match chosen() {
        Lang::En => text,
        Lang::De => german(text),
    }
}

fn in_german(phrase: &Phrase) -> String {
    phrase.in_words(&german)
}

fn german(text: &'static str) -> &'static str {
    SAID_DE.get(text).map_or(text, String::as_str)
}

/// Reads a table: sections become the first part of the key.
fn read(text: &str) -> Table {
    let mut table = Table::new();
    if let Ok(sections) = text.parse::<toml::Table>() {
        flatten("", &sections, &mut table);
    }
    table
}

fn flatten(prefix: &str, section: &toml::Table, table: &mut Table) {
    for (key, value) in section {
        let key = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        match value {
            toml::Value::String(text) => drop(table.insert(key, text.clone())),
            toml::Value::Table(below) => flatten(&key, below, table),
            _ => {}
        }
    }
}

#[cfg(test)]
mod said_tests;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::app::{COMMANDS, Menu};

    fn keys(table: &Table) -> BTreeSet<&str> {
        table.keys().map(String::as_str).collect()
    }

    /// Keys named in the sources: `tr("KEY")` and `trf("KEY", …)`, also over a line's end.
    fn used(file: &Path, keys: &mut BTreeSet<String>) {
        let text = std::fs::read_to_string(file).unwrap();
        for call in ["tr(", "trf(", "key: "] {
            for (at, _) in text.match_indices(call) {
                let rest = text[at + call.len()..].trim_start();
                if let Some(key) = rest.strip_prefix('"').and_then(|rest| rest.split('"').next()) {
                    keys.insert(key.to_owned());
                }
            }
        }
    }

    pub(super) fn sources(folder: &Path) -> Vec<PathBuf> {
        let mut files = Vec::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files.extend(sources(&path));
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
        files
    }

    #[test]
    fn every_key_is_in_every_language() {
        assert!(!EN.is_empty() && !DE.is_empty(), "a table cannot be read");
        let (en, de) = (keys(&EN), keys(&DE));
        assert_eq!(en.difference(&de).collect::<Vec<_>>(), [&""; 0], "missing in German");
        assert_eq!(de.difference(&en).collect::<Vec<_>>(), [&""; 0], "missing in English");
        for (key, text) in &*EN {
            assert_eq!(text.matches("{}").count(), DE[key].matches("{}").count(), "places of {key}");
        }
    }

    #[test]
    fn every_key_that_is_asked_for_is_there() {
        let mut wanted = BTreeSet::new();
        for file in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ui")) {
            used(&file, &mut wanted);
        }
        assert!(wanted.len() > 50, "the sources are not found");
        for row in COMMANDS {
            wanted.extend([format!("command.{}", row.key), format!("command.{}.tip", row.key)]);
            wanted.insert(format!("when.{}", row.when.key()));
        }
        wanted.extend(Menu::ALL.iter().map(|menu| format!("menu.{}", menu.key())));
        let missing: Vec<&String> =
            wanted.iter().filter(|key| key.contains('.') && !key.contains(' ') && !EN.contains_key(*key)).collect();
        assert!(missing.is_empty(), "not in the tables: {missing:?}");
    }

    #[test]
    fn places_are_filled_in_order() {
        choose(Lang::En);
        assert_eq!(trf("status.online", &[&3, &14]), "Online · 3 of 14 devices");
        choose(Lang::De);
        assert_eq!(tr("menu.file"), "Datei");
    }
}
