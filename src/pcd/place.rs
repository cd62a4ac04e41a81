//! Places in a description: line, column and the path of elements.

use std::fmt;

/// A place in the text, both counted from 1; the column counts characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Character in the line, from 1.
    pub column: u32,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// Where in a description something is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// Line and column; `None` for a component that was never a file.
    pub position: Option<Position>,
    /// Elements from the root, in the file's own spelling: `PCD/LDEV[Mixer]/RT_AUTO[Mix]/@name`.
    pub path: String,
}

impl fmt::Display for Place {
    /// `12:5: Path`, as editors and compilers write it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.position, self.path.is_empty()) {
            (Some(position), true) => write!(f, "{position}"),
            (Some(position), false) => write!(f, "{position}: {}", self.path),
            (None, _) => f.write_str(&self.path),
        }
    }
}

/// Counts lines and characters forward through a text, so that the whole document is walked once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor {
    offset: usize,
    position: Position,
}

impl Cursor {
    pub(super) fn new() -> Self {
        Self { offset: 0, position: Position { line: 1, column: 1 } }
    }

    /// Where it is.
    pub(super) fn offset(self) -> usize {
        self.offset
    }

    /// The position of `offset`, which lies at or behind the last one asked for (an earlier one gives that).
    pub(super) fn at(&mut self, document: &str, offset: usize) -> Position {
        let passed = document.as_bytes().get(self.offset..offset).unwrap_or_default();
        let lines = passed.iter().filter(|byte| **byte == b'\n').count();
        let rest = match passed.iter().rposition(|byte| *byte == b'\n') {
            Some(last) => {
                self.position.column = 1;
                passed.get(last + 1..).unwrap_or_default()
            }
            None => passed,
        };
        // Bytes 0x80..=0xBF continue a character.
        let characters = rest.iter().filter(|byte| **byte & 0xC0 != 0x80).count();
        self.position.line = self.position.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        self.position.column = self.position.column.saturating_add(u32::try_from(characters).unwrap_or(u32::MAX));
        self.offset = self.offset.max(offset);
        self.position
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let text = "äb\r\nc\n\nüx";
        let mut cursor = Cursor::new();
        let at = |cursor: &mut Cursor, part: &str| {
            let position = cursor.at(text, text.find(part).unwrap());
            (position.line, position.column)
        };
        assert_eq!(at(&mut cursor, "b"), (1, 2));
        assert_eq!(at(&mut cursor, "c"), (2, 1));
        assert_eq!(at(&mut cursor, "x"), (4, 2));
        assert_eq!(at(&mut cursor, "c"), (4, 2), "never backwards");
    }
}
