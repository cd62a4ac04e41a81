//! What can be wrong with a project's files.

use crate::model::{Phrase, Say};
/// A problem that keeps a project from opening: where it is, what it is, how to mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadError {
    /// Path inside the project, with `/`.
    pub file: String,
    /// Line, counted from 1, where one can be named.
    pub line: Option<usize>,
    /// What is wrong there.
    pub problem: Problem,
}

impl Say for LoadError {
    /// `charts/Filling.toml:12: … Remedy: …`
    fn say(&self) -> Phrase {
        let place = match self.line {
            Some(line) => format!("{}:{line}", self.file),
            None => self.file.clone(),
        };
        crate::say!(
            "{place}: {problem}. Remedy: {remedy}.",
            place,
            problem = self.problem,
            remedy = self.problem.remedy()
        )
    }
}

crate::error_in_words!(LoadError);

/// Kinds of problems.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// A file the project cannot do without is not there.
    Missing,
    /// Not text in UTF-8.
    NotText(usize),
    /// Not TOML.
    Syntax(String),
    /// git left both sides of a conflict in the file.
    Conflict,
    /// A key that this version does not know.
    UnknownKey {
        /// As written.
        key: String,
        /// Keys possible here.
        known: String,
    },
    /// A key that must be there is not.
    MissingKey(&'static str),
    /// Something else than this key takes.
    Value {
        /// The key.
        key: String,
        /// What it takes.
        expected: String,
        /// What stands there.
        found: String,
    },
    /// The same thing stands in two places, usually after a merge.
    Twice {
        /// The thing.
        what: String,
        /// Where it stood first.
        first: String,
    },
    /// A chart that has no file.
    NoChart(String),
    /// A component folder that is not there.
    NoComponent(String),
    /// The description of an embedded component cannot be read.
    Component(String),
    /// The description is that of another component or version than the project was made with.
    ComponentChanged {
        /// As in `component.toml`.
        expected: String,
        /// As in the description.
        found: String,
    },
    /// Written by a newer program.
    NewerFormat {
        /// As written.
        found: i64,
        /// Newest known.
        newest: i64,
    },
    /// More than a project can have; see `limits`.
    TooMuch {
        /// Of what.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
}

impl Say for Problem {
    fn say(&self) -> Phrase {
        match self {
            Self::Missing => crate::say!("the file is missing"),
            Self::NotText(it) => crate::say!("byte {it} is not UTF-8 text", it),
            Self::Syntax(it) => Phrase::plain(it),
            Self::Conflict => crate::say!("an unresolved merge conflict of git begins here"),
            Self::UnknownKey { key, known } => crate::say!("unknown key `{key}`, expected one of {known}", key, known),
            Self::MissingKey(it) => crate::say!("the key `{it}` is missing", it),
            Self::Value { key, expected, found } => {
                crate::say!("`{key}` takes {expected}, not {found}", key, expected, found)
            }
            Self::Twice { what, first } => crate::say!("{what} stands here and in {first}", what, first),
            Self::NoChart(it) => crate::say!("there is no chart `{it}`", it),
            Self::NoComponent(it) => crate::say!("there is no component folder `components/{it}`", it),
            Self::Component(it) => crate::say!("the component description cannot be read: {it}", it),
            Self::ComponentChanged { found, expected } => {
                crate::say!("the description is that of {found}, the project was made with {expected}", found, expected)
            }
            Self::NewerFormat { found, newest } => {
                crate::say!("the project has format {found}, this program reads formats up to {newest}", found, newest)
            }
            Self::TooMuch { what, limit } => crate::say!("{what} exceed the limit of {limit}", what, limit),
        }
    }
}

crate::error_in_words!(Problem);

impl Problem {
    /// What the engineer can do about it.
    pub fn remedy(&self) -> Phrase {
        match self {
            Self::Missing => crate::say!("restore the file from a backup or from the version history"),
            Self::NotText(_) => crate::say!("save the file as UTF-8, or restore it"),
            Self::Syntax(message) if message.contains("duplicate key") => {
                crate::say!("delete one of the two lines; a merge can bring both together")
            }
            Self::Syntax(_) => crate::say!("mend the line, or restore the file from the version history"),
            Self::Conflict => {
                crate::say!("keep one side or both, then delete the lines that begin with <<<<<<<, ======= and >>>>>>>")
            }
            Self::UnknownKey { .. } => crate::say!("correct the spelling, or delete the line"),
            Self::MissingKey(key) => {
                crate::say!("add a line `{key} = …`, or restore the file from the version history", key)
            }
            Self::Value { .. } => crate::say!("correct the value"),
            Self::Twice { .. } => crate::say!("delete one of the two"),
            Self::NoChart(chart) => {
                crate::say!("name a chart that exists, or add an empty file charts/{chart}.toml", chart)
            }
            Self::NoComponent(folder) => crate::say!(
                "restore components/{folder} from the version history, or write the component's id and version (`ID VERSION`) to open the project without it",
                folder
            ),
            Self::Component(_) => {
                crate::say!("restore the file from the version history, or import the component again")
            }
            Self::ComponentChanged { .. } => {
                crate::say!(
                    "restore the description from the version history; import the other version as a component of its own"
                )
            }
            Self::NewerFormat { .. } => crate::say!("open the project with a newer Plantweave"),
            Self::TooMuch { .. } => crate::say!("this is not a project of Plantweave, or a damaged one: restore it"),
        }
    }
}
