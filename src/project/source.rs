//! TOML as we read it: every value knows its line, and nothing that is not understood is passed over.

use std::cell::RefCell;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::limits;
use super::{LoadError, Problem};
use crate::model::{Name, Point};

/// One text file, and what was found wrong with it so far.
pub(super) struct Source<'a> {
    pub(super) file: &'a str,
    text: &'a str,
    errors: RefCell<Vec<LoadError>>,
}

impl<'a> Source<'a> {
    /// Takes the bytes of a file for text.
    ///
    /// # Errors
    /// When they are too many, no UTF-8, or hold the marks of a merge conflict.
    pub(super) fn new(file: &'a str, bytes: &'a [u8]) -> Result<Self, LoadError> {
        let wrong = |line, problem| LoadError { file: file.into(), line, problem };
        if bytes.len() > limits::TEXT_BYTES {
            return Err(wrong(None, Problem::TooMuch { what: "bytes", limit: limits::TEXT_BYTES }));
        }
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let line = bytes.iter().take(error.valid_up_to()).filter(|byte| **byte == b'\n').count() + 1;
            wrong(Some(line), Problem::NotText(error.valid_up_to()))
        })?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let conflict = text.lines().position(|line| line.starts_with("<<<<<<< ") || line.starts_with(">>>>>>> "));
        match conflict {
            Some(line) => Err(wrong(Some(line + 1), Problem::Conflict)),
            None => Ok(Self { file, text, errors: RefCell::default() }),
        }
    }

    /// The tables of the file; none when there is a syntax error in it.
    pub(super) fn parse(&self) -> Option<Spanned<DeTable<'a>>> {
        let first = match DeTable::parse(self.text) {
            Ok(table) => return Some(table),
            Err(error) => error,
        };
        let all = match self.text.len() <= limits::RECOVERED_BYTES {
            true => DeTable::parse_recoverable(self.text).1,
            false => vec![first],
        };
        for error in all {
            self.fault(error.span().unwrap_or_default(), Problem::Syntax(error.message().into()));
        }
        None
    }

    pub(super) fn fault(&self, span: Range<usize>, problem: Problem) {
        let mut errors = self.errors.borrow_mut();
        if errors.len() < limits::PROBLEMS {
            errors.push(LoadError { file: self.file.into(), line: Some(self.line(span.start)), problem });
        }
    }

    /// A problem of the file as a whole.
    pub(super) fn fault_of_file(&self, problem: Problem) {
        self.errors.borrow_mut().push(LoadError { file: self.file.into(), line: None, problem });
    }

    /// `FILE:LINE`, to point at from elsewhere.
    pub(super) fn place(&self, offset: usize) -> String {
        format!("{}:{}", self.file, self.line(offset))
    }

    fn line(&self, offset: usize) -> usize {
        self.text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
    }

    pub(super) fn into_errors(self) -> Vec<LoadError> {
        self.errors.into_inner()
    }
}

/// A table of a file.
#[derive(Clone, Copy)]
pub(super) struct Table<'s, 'a> {
    source: &'s Source<'a>,
    table: &'s DeTable<'a>,
    start: usize,
}

impl<'s, 'a> Table<'s, 'a> {
    pub(super) fn new(source: &'s Source<'a>, table: &'s Spanned<DeTable<'a>>) -> Self {
        Self { source, table: table.get_ref(), start: table.span().start }
    }

    pub(super) fn items(self) -> impl Iterator<Item = Item<'s, 'a>> {
        let source = self.source;
        self.table.iter().map(move |(key, value)| Item { source, key: key.get_ref(), start: key.span().start, value })
    }

    /// A key that must be in this table is not.
    pub(super) fn missing(self, key: &'static str) {
        self.source.fault(self.start..self.start, Problem::MissingKey(key));
    }
}

/// A value with its key.
#[derive(Clone, Copy)]
pub(super) struct Item<'s, 'a> {
    source: &'s Source<'a>,
    pub(super) key: &'s str,
    /// Byte offset of the key.
    pub(super) start: usize,
    value: &'s Spanned<DeValue<'a>>,
}

impl<'s, 'a> Item<'s, 'a> {
    /// This key is none of `known`, a text for people.
    pub(super) fn unknown(self, known: &str) {
        self.fault(Problem::UnknownKey { key: shorten(self.key), known: known.into() });
    }

    pub(super) fn fault(self, problem: Problem) {
        self.source.fault(self.start..self.start, problem);
    }

    pub(super) fn wrong(self, expected: &str) {
        let found = match self.value.get_ref() {
            DeValue::String(text) => format!("\"{}\"", shorten(text.as_ref())),
            DeValue::Integer(number) => number.as_str().into(),
            DeValue::Float(number) => number.as_str().into(),
            DeValue::Boolean(flag) => flag.to_string(),
            other => other.type_str().into(),
        };
        let problem = Problem::Value { key: shorten(self.key), expected: expected.into(), found };
        self.source.fault(self.value.span(), problem);
    }

    pub(super) fn is_text(self) -> bool {
        self.value.get_ref().is_str()
    }

    pub(super) fn text(self) -> Option<&'s str> {
        let text = self.value.get_ref().as_str();
        if text.is_none() {
            self.wrong("a text");
        }
        text
    }

    /// What `read` makes of a text.
    pub(super) fn parsed<T>(self, expected: &str, read: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let parsed = self.value.get_ref().as_str().and_then(read);
        if parsed.is_none() {
            self.wrong(expected);
        }
        parsed
    }

    pub(super) fn name(self) -> Option<Name> {
        self.parsed("a name of 1 to 240 characters", |text| is_name(text).then(|| text.into()))
    }

    /// The key itself as a name.
    pub(super) fn key_name(self) -> Option<Name> {
        if is_name(self.key) {
            Some(self.key.into())
        } else {
            let expected = "a name of 1 to 240 characters".into();
            self.fault(Problem::Value { key: "the key".into(), expected, found: format!("\"{}\"", shorten(self.key)) });
            None
        }
    }

    pub(super) fn integer<T: TryFrom<i64>>(self, expected: &str) -> Option<T> {
        let number = self.whole().and_then(|number| T::try_from(number).ok());
        if number.is_none() {
            self.wrong(expected);
        }
        number
    }

    fn whole(self) -> Option<i64> {
        let number = self.value.get_ref().as_integer()?;
        i64::from_str_radix(number.as_str(), number.radix()).ok()
    }

    pub(super) fn real(self, expected: &str) -> Option<f64> {
        let number = self.number().filter(|number| number.is_finite());
        if number.is_none() {
            self.wrong(expected);
        }
        number
    }

    fn number(self) -> Option<f64> {
        match self.value.get_ref() {
            DeValue::Float(number) => number.as_str().parse().ok(),
            DeValue::Integer(_) => self.whole().map(|number| number as f64),
            _ => None,
        }
    }

    pub(super) fn boolean(self) -> Option<bool> {
        let flag = self.value.get_ref().as_bool();
        if flag.is_none() {
            self.wrong("true or false");
        }
        flag
    }

    pub(super) fn point(self) -> Option<Point> {
        let coordinate = |item: Item| item.number().map(|number| number as f32).filter(|number| number.is_finite());
        let point = self.elements().and_then(|elements| match elements.as_slice() {
            [x, y] => Some(Point { x: coordinate(*x)?, y: coordinate(*y)? }),
            _ => None,
        });
        if point.is_none() {
            self.wrong("a position `[x, y]`");
        }
        point
    }

    pub(super) fn table(self) -> Option<Table<'s, 'a>> {
        let table = self.value.get_ref().as_table();
        if table.is_none() {
            self.wrong("a table");
        }
        table.map(|table| Table { source: self.source, table, start: self.start })
    }

    /// A table if it is one, without complaint.
    pub(super) fn as_table(self) -> Option<Table<'s, 'a>> {
        let table = self.value.get_ref().as_table()?;
        Some(Table { source: self.source, table, start: self.value.span().start })
    }

    /// A list if it is one, without complaint.
    pub(super) fn elements(self) -> Option<Vec<Item<'s, 'a>>> {
        let elements = self.value.get_ref().as_array()?;
        let item = |value: &'s Spanned<DeValue<'a>>| Item { value, start: value.span().start, ..self };
        Some(elements.iter().map(item).collect())
    }

    pub(super) fn list(self) -> Vec<Item<'s, 'a>> {
        self.elements().unwrap_or_else(|| {
            self.wrong("a list");
            Vec::new()
        })
    }
}

fn is_name(text: &str) -> bool {
    // Bytes bound the characters from above, so counting is rare.
    !text.is_empty() && (text.len() <= limits::NAME || text.chars().count() <= limits::NAME)
}

fn shorten(text: &str) -> String {
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
