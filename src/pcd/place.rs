//! Places in a description: line, column and the path of elements.

use std::cell::{Cell, OnceCell};
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

/// Finds lines and columns in a document. Nothing is counted until the first one is asked for, and no part of the document is
/// walked over and over, in whatever order they are.
#[derive(Debug)]
pub(super) struct Places<'a> {
    document: &'a str,
    /// Where each block begins; counted when a place far from the last one is asked for.
    blocks: OnceCell<Vec<Position>>,
    /// The place asked for last: most often the next one lies a little behind it.
    last: Cell<Cursor>,
}

/// Bytes of a block.
const BLOCK: usize = 16 << 10;

impl<'a> Places<'a> {
    pub(super) fn new(document: &'a str) -> Self {
        Self { document, blocks: OnceCell::new(), last: Cell::new(Cursor::START) }
    }

    /// The position of a byte of the document; that of the end for any behind it.
    pub(super) fn at(&self, offset: usize) -> Position {
        let offset = offset.min(self.document.len());
        let mut cursor = self.last.get();
        if !(cursor.offset..=cursor.offset + BLOCK).contains(&offset) {
            let block = offset / BLOCK;
            let position = self.blocks.get_or_init(|| self.count()).get(block).copied();
            cursor = position.map_or(Cursor::START, |position| Cursor { offset: block * BLOCK, position });
        }
        let position = cursor.forward(self.document, offset);
        self.last.set(cursor);
        position
    }

    fn count(&self) -> Vec<Position> {
        let mut cursor = Cursor::START;
        (0..=self.document.len() / BLOCK).map(|block| cursor.forward(self.document, block * BLOCK)).collect()
    }
}

/// Counts lines and characters forward through a text.
#[derive(Debug, Clone, Copy)]
struct Cursor {
    offset: usize,
    position: Position,
}

impl Cursor {
    const START: Self = Self { offset: 0, position: Position { line: 1, column: 1 } };

    /// The position of `offset`, which lies at or behind the last one asked for.
    fn forward(&mut self, document: &str, offset: usize) -> Position {
        let passed = document.as_bytes().get(self.offset..offset).unwrap_or_default();
        let lines = memchr::memchr_iter(b'\n', passed).count();
        let rest = match memchr::memrchr(b'\n', passed) {
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
        let places = Places::new(text);
        let at = |part: &str| {
            let position = places.at(text.find(part).unwrap());
            (position.line, position.column)
        };
        assert_eq!(at("b"), (1, 2));
        assert_eq!(at("c"), (2, 1));
        assert_eq!(at("x"), (4, 2));
        assert_eq!(at("c"), (2, 1), "in any order");
    }

    #[test]
    fn blocks_give_the_same_places_as_counting() {
        let text = "äöü\n".repeat(20_000) + "end";
        let at = |offset| Places::new(&text).at(offset);
        let places = Places::new(&text);
        for offset in [text.len(), 3, 100_000, BLOCK, BLOCK - 1, 2 * BLOCK + 5, 139_999, usize::MAX] {
            let mut cursor = Cursor::START;
            let counted = cursor.forward(&text, offset.min(text.len()));
            assert_eq!((places.at(offset), at(offset)), (counted, counted), "{offset}");
        }
    }
}
