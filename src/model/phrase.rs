//! What is said to people: an English text with places, and what fills them.
//!
//! Everything below the screen speaks English: command line, files and logs are the same everywhere. A [`Phrase`] is that English when it is
//! displayed, and still knows its text and values, so a screen in another language looks the text up and fills the same values in
//! (`ui::lang::say`). A text is written where it is meant, with [`say!`](crate::say), and is itself the key of its translations; a test
//! finds those that have none.

use std::fmt;
use std::net::Ipv4Addr;

use serde::{Serialize, Serializer};

use super::{ComponentKey, FunctionRef, LinkKey, Name, PortRef, Qos, QosType, Version};

/// Something said to people; displayed and serialised, it is the English sentence.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phrase {
    /// The same in every language: a name, a number, or words of a foreign program.
    Plain(Box<str>),
    /// A text with places `{name}`.
    Said {
        /// The English text, by which translations are found.
        text: &'static str,
        /// What stands in its places, by their names.
        values: Vec<(&'static str, Phrase)>,
    },
}

/// What can be said to people.
pub trait Say {
    /// How it is said.
    fn say(&self) -> Phrase;
}

/// A [`Phrase`] from a text and the values of its places: `say!("port {port} of {device}", port, device = &end.device)`.
#[macro_export]
macro_rules! say {
    (@value $name:ident = $value:expr) => { $crate::model::Say::say(&$value) };
    (@value $name:ident) => { $crate::model::Say::say(&$name) };
    ($text:literal $(, $name:ident $(= $value:expr)?)* $(,)?) => {
        $crate::model::Phrase::Said {
            text: $text,
            values: vec![$((stringify!($name), $crate::say!(@value $name $(= $value)?))),*],
        }
    };
}

/// Makes an error of what can be said: displayed, it is what it says.
#[macro_export]
macro_rules! error_in_words {
    ($error:ty) => {
        impl std::fmt::Display for $error {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(&$crate::model::Say::say(self), f)
            }
        }

        impl std::error::Error for $error {}
    };
}

impl Phrase {
    /// Words that are the same in every language.
    pub fn plain(text: impl fmt::Display) -> Self {
        Self::Plain(text.to_string().into())
    }

    /// Nothing.
    pub fn nothing() -> Self {
        Self::Plain("".into())
    }

    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Plain(text) => text.is_empty(),
            Self::Said { text, .. } => text.is_empty(),
        }
    }

    /// These, one behind the other with commas between.
    pub fn list(phrases: impl IntoIterator<Item = Self>) -> Self {
        let mut phrases = phrases.into_iter();
        let first = phrases.next().unwrap_or_else(Self::nothing);
        phrases.fold(first, |list, item| crate::say!("{list}, {item}", list, item))
    }

    /// These, one behind the other with semicolons between.
    pub fn joined(phrases: impl IntoIterator<Item = Self>) -> Self {
        let mut phrases = phrases.into_iter();
        let first = phrases.next().unwrap_or_else(Self::nothing);
        phrases.fold(first, |all, next| crate::say!("{all}; {next}", all, next))
    }

    /// These, a line each; continued lines are set in as the command line does.
    pub fn lines(phrases: impl IntoIterator<Item = Self>) -> Self {
        let mut phrases = phrases.into_iter();
        let first = phrases.next().unwrap_or_else(Self::nothing);
        phrases.fold(first, |all, next| crate::say!("{all}\n       {next}", all, next))
    }

    /// The sentence, where `translated` tells the text of each part.
    pub fn in_words(&self, translated: &impl Fn(&'static str) -> &'static str) -> String {
        let mut words = String::new();
        self.write(translated, &mut words);
        words
    }

    fn write(&self, translated: &impl Fn(&'static str) -> &'static str, words: &mut String) {
        let (text, values) = match self {
            Self::Plain(text) => return words.push_str(text),
            Self::Said { text, values } => (translated(text), values),
        };
        for part in places(text) {
            match part {
                Part::Words(part) => words.push_str(part),
                Part::Place(name) => {
                    let value = values.iter().find(|(of, _)| *of == name);
                    value.into_iter().for_each(|(_, value)| value.write(translated, words));
                }
            }
        }
    }
}

/// A part of a text with places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'a> {
    /// Words as they stand.
    Words(&'a str),
    /// The name of a place.
    Place(&'a str),
}

/// The parts of a text; a brace that is never closed, or has no name inside, is a word.
pub fn places(text: &str) -> impl Iterator<Item = Part<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let place = rest.strip_prefix('{').and_then(|inside| inside.split_once('}'));
        if let Some((name, behind)) = place.filter(|(name, _)| is_name(name)) {
            rest = behind;
            return Some(Part::Place(name));
        }
        let end = rest.char_indices().skip(1).find(|(_, character)| *character == '{').map_or(rest.len(), |(at, _)| at);
        let (words, behind) = rest.split_at(end);
        rest = behind;
        Some(Part::Words(words))
    })
}

/// Whether this stands for a place when in braces; `{a,b}` is a pattern that is told as it is.
fn is_name(text: &str) -> bool {
    text.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
}

impl fmt::Display for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.in_words(&|text| text))
    }
}

impl fmt::Debug for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.to_string(), f)
    }
}

impl Serialize for Phrase {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl PartialEq<str> for Phrase {
    fn eq(&self, other: &str) -> bool {
        self.in_words(&|text| text) == other
    }
}

impl PartialEq<String> for Phrase {
    fn eq(&self, other: &String) -> bool {
        *self == **other
    }
}

impl PartialEq<&str> for Phrase {
    fn eq(&self, other: &&str) -> bool {
        *self == **other
    }
}

/// Words that were chosen already, such as those of a screen.
impl From<String> for Phrase {
    fn from(text: String) -> Self {
        Self::Plain(text.into())
    }
}

/// Words that were chosen already, such as those of a screen.
impl From<&str> for Phrase {
    fn from(text: &str) -> Self {
        Self::Plain(text.into())
    }
}

impl Default for Phrase {
    fn default() -> Self {
        Self::nothing()
    }
}

impl Say for Phrase {
    fn say(&self) -> Phrase {
        self.clone()
    }
}

impl<T: Say + ?Sized> Say for Box<T> {
    fn say(&self) -> Phrase {
        (**self).say()
    }
}

impl<T: Say + ?Sized> Say for &T {
    fn say(&self) -> Phrase {
        (**self).say()
    }
}

/// What is the same in every language.
macro_rules! plain {
    ($($kind:ty),* $(,)?) => {
        $(impl Say for $kind {
            fn say(&self) -> Phrase {
                Phrase::plain(self)
            }
        })*
    };
}

plain!(
    str,
    String,
    char,
    ComponentKey,
    LinkKey,
    u8,
    u16,
    u32,
    u64,
    usize,
    i32,
    i64,
    f32,
    f64,
    Ipv4Addr,
    Name,
    PortRef,
    FunctionRef,
    Version,
    std::net::SocketAddr,
    std::path::Display<'_>,
    std::borrow::Cow<'_, str>,
);

impl Say for std::io::Error {
    /// The kinds that people meet most, as Linux words them; others in the words of the system.
    fn say(&self) -> Phrase {
        use std::io::ErrorKind;
        // Errors of our own have a text of their own, whatever their kind is.
        let Some(code) = self.raw_os_error() else { return Phrase::plain(self) };
        match self.kind() {
            ErrorKind::NotFound => crate::say!("No such file or directory (os error {code})", code),
            ErrorKind::PermissionDenied => crate::say!("Permission denied (os error {code})", code),
            ErrorKind::StorageFull => crate::say!("No space left on device (os error {code})", code),
            _ => Phrase::plain(self),
        }
    }
}

impl Say for QosType {
    fn say(&self) -> Phrase {
        match self {
            Self::Acyclic => crate::say!("acyclic"),
            Self::AcyclicStatus => crate::say!("acyclicStatus"),
            Self::AcyclicHmi => crate::say!("acyclicHmi"),
            Self::Constant => crate::say!("constant"),
            Self::Cyclic => crate::say!("cyclic"),
        }
    }
}

impl Say for Qos {
    fn say(&self) -> Phrase {
        crate::say!("{qos_type} {value_ms} ms", qos_type = self.qos_type, value_ms = self.value_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_is_english_until_somebody_translates_it() {
        let why = say!("already fed by {port}", port = "One.y");
        let phrase = say!("{n} of {name}: {why}", n = 3, name = "Two", why);
        assert_eq!(phrase.to_string(), "3 of Two: already fed by One.y");
        let german = |text| match text {
            "already fed by {port}" => "schon von {port} gespeist",
            "{n} of {name}: {why}" => "{name}: {why} ({n})",
            other => other,
        };
        assert_eq!(phrase.in_words(&german), "Two: schon von One.y gespeist (3)");
        assert_eq!(serde_json::to_value(&phrase).unwrap(), "3 of Two: already fed by One.y");
    }

    #[test]
    fn what_stands_in_a_place_is_not_looked_at_for_places() {
        assert_eq!(say!("{a}{b}", a = "{b}", b = "{").to_string(), "{b}{");
        assert_eq!(say!("{open", open = "x").to_string(), "{open", "a brace that is never closed");
        assert_eq!(say!("use {a,b} for {either}", either = "{a}").to_string(), "use {a,b} for {a}");
        assert_eq!(say!("a {nobody} b").to_string(), "a  b");
    }

    #[test]
    fn how_transmission_is_said_is_how_it_is_written() {
        for (qos_type, token) in QosType::TOKENS {
            assert_eq!(qos_type.say(), token);
            let qos = Qos { qos_type, value_ms: 8 };
            assert_eq!(qos.say().to_string(), qos.to_string());
        }
    }

    #[test]
    fn a_list_has_commas_between() {
        assert_eq!(Phrase::list([say!("one"), say!("two"), Phrase::plain(3)]).to_string(), "one, two, 3");
        assert!(Phrase::list([]).is_empty());
    }
}
