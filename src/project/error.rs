//! What can be wrong with a project's files.

use std::fmt;

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

impl fmt::Display for LoadError {
    /// `charts/Filling.toml:12: … Remedy: …`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}. Remedy: {}.", self.problem, self.problem.remedy())
    }
}

impl std::error::Error for LoadError {}

/// Kinds of problems.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// A file the project cannot do without is not there.
    #[error("the file is missing")]
    Missing,
    /// Not text in UTF-8.
    #[error("byte {0} is not UTF-8 text")]
    NotText(usize),
    /// Not TOML.
    #[error("{0}")]
    Syntax(String),
    /// git left both sides of a conflict in the file.
    #[error("an unresolved merge conflict of git begins here")]
    Conflict,
    /// A key that this version does not know.
    #[error("unknown key `{key}`, expected one of {known}")]
    UnknownKey {
        /// As written.
        key: String,
        /// Keys possible here.
        known: String,
    },
    /// A key that must be there is not.
    #[error("the key `{0}` is missing")]
    MissingKey(&'static str),
    /// Something else than this key takes.
    #[error("`{key}` takes {expected}, not {found}")]
    Value {
        /// The key.
        key: String,
        /// What it takes.
        expected: String,
        /// What stands there.
        found: String,
    },
    /// The same thing stands in two places, usually after a merge.
    #[error("{what} stands here and in {first}")]
    Twice {
        /// The thing.
        what: String,
        /// Where it stood first.
        first: String,
    },
    /// A chart that has no file.
    #[error("there is no chart `{0}`")]
    NoChart(String),
    /// A component folder that is not there.
    #[error("there is no component folder `components/{0}`")]
    NoComponent(String),
    /// The description of an embedded component cannot be read.
    #[error("the component description cannot be read: {0}")]
    Component(String),
    /// The description is that of another component or version than the project was made with.
    #[error("the description is that of {found}, the project was made with {expected}")]
    ComponentChanged {
        /// As in `component.toml`.
        expected: String,
        /// As in the description.
        found: String,
    },
    /// Written by a newer program.
    #[error("the project has format {found}, this program reads formats up to {newest}")]
    NewerFormat {
        /// As written.
        found: i64,
        /// Newest known.
        newest: i64,
    },
    /// More than a project can have; see `limits`.
    #[error("{what} exceed the limit of {limit}")]
    TooMuch {
        /// Of what.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
}

impl Problem {
    /// What the engineer can do about it.
    pub fn remedy(&self) -> String {
        match self {
            Self::Missing => "restore the file from a backup or from the version history".into(),
            Self::NotText(_) => "save the file as UTF-8, or restore it".into(),
            Self::Syntax(message) if message.contains("duplicate key") => {
                "delete one of the two lines; a merge can bring both together".into()
            }
            Self::Syntax(_) => "mend the line, or restore the file from the version history".into(),
            Self::Conflict => {
                "keep one side or both, then delete the lines that begin with <<<<<<<, ======= and >>>>>>>".into()
            }
            Self::UnknownKey { .. } => "correct the spelling, or delete the line".into(),
            Self::MissingKey(key) => format!("add a line `{key} = …`, or restore the file from the version history"),
            Self::Value { .. } => "correct the value".into(),
            Self::Twice { .. } => "delete one of the two".into(),
            Self::NoChart(chart) => format!("name a chart that exists, or add an empty file charts/{chart}.toml"),
            Self::NoComponent(folder) => format!(
                "restore components/{folder} from the version history, or write the component's id and version (`ID VERSION`) to open the project without it"
            ),
            Self::Component(_) => "restore the file from the version history, or import the component again".into(),
            Self::ComponentChanged { .. } => {
                "restore the description from the version history; import the other version as a component of its own"
                    .into()
            }
            Self::NewerFormat { .. } => "open the project with a newer Plantweave".into(),
            Self::TooMuch { .. } => "this is not a project of Plantweave, or a damaged one: restore it".into(),
        }
    }
}
