//! What stands in the book, as plain data.

use crate::drawing::font::Weight;
use crate::export::picture::Target;

/// What is on the title page, and on every page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Front {
    /// Name of the project.
    pub title: String,
    /// The engineer's remark on it; may have several lines.
    pub comment: String,
    /// What there is to say at a glance, as label and value.
    pub facts: Vec<(String, String)>,
    /// Date of issue as it shall be printed; none when the reader has it elsewhere.
    pub date: Option<String>,
}

/// A column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// What stands above it.
    pub title: &'static str,
    /// Whether its cells stand at its right edge, as numbers do.
    pub right: bool,
}

impl Column {
    /// A column of texts.
    pub fn text(title: &'static str) -> Self {
        Self { title, right: false }
    }

    /// A column of numbers.
    pub fn number(title: &'static str) -> Self {
        Self { title, right: true }
    }
}

/// A shape in front of a text, so that a state is not told by colour alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// A filled circle in the colour of what is bad.
    Error,
    /// A triangle in the colour of warnings.
    Warning,
    /// A hollow circle.
    Info,
}

/// How a text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// As texts do.
    #[default]
    Plain,
    /// What matters most in a row.
    Strong,
    /// What stands beside.
    Dim,
}

impl Tone {
    pub(super) fn weight(self) -> Weight {
        match self {
            Self::Strong => Weight::SemiBold,
            Self::Plain | Self::Dim => Weight::Regular,
        }
    }
}

/// A text in a cell; it begins a line, and goes on in as many as it needs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Entry {
    /// What it says.
    pub text: String,
    /// Where it leads.
    pub to: Option<Target>,
    /// How it looks.
    pub tone: Tone,
    /// Shape in front of it.
    pub mark: Option<Mark>,
}

impl Entry {
    /// A text.
    pub fn of(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// The same, leading somewhere.
    #[must_use]
    pub fn to(self, target: Target) -> Self {
        Self { to: Some(target), ..self }
    }

    /// The same in another tone.
    #[must_use]
    pub fn tone(self, tone: Tone) -> Self {
        Self { tone, ..self }
    }

    /// The same with a shape in front.
    #[must_use]
    pub fn mark(self, mark: Mark) -> Self {
        Self { mark: Some(mark), ..self }
    }
}

/// A cell of a table: texts below each other.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cell(pub Vec<Entry>);

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self(vec![Entry::of(text)])
    }
}

impl From<Entry> for Cell {
    fn from(entry: Entry) -> Self {
        Self(vec![entry])
    }
}

impl FromIterator<Entry> for Cell {
    fn from_iter<I: IntoIterator<Item = Entry>>(entries: I) -> Self {
        Self(entries.into_iter().collect())
    }
}

/// How a row is laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowContent {
    /// One cell a column.
    Cells(Vec<Cell>),
    /// What the rows below have in common, in one line over all columns; it stays with the first of them.
    Group(Vec<Entry>),
    /// A text over all columns.
    Note(Entry),
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Where others lead to when they lead here.
    pub place: Option<Target>,
    /// What it says.
    pub content: RowContent,
}

impl Row {
    /// A row with one cell a column.
    pub fn of(cells: impl Into<Vec<Cell>>) -> Self {
        Self { place: None, content: RowContent::Cells(cells.into()) }
    }

    /// What the rows below have in common.
    pub fn group(entries: impl Into<Vec<Entry>>) -> Self {
        Self { place: None, content: RowContent::Group(entries.into()) }
    }

    /// A text over all columns.
    pub fn note(entry: Entry) -> Self {
        Self { place: None, content: RowContent::Note(entry) }
    }

    /// The same, as the place of a target.
    #[must_use]
    pub fn at(self, target: Target) -> Self {
        Self { place: Some(target), ..self }
    }
}
