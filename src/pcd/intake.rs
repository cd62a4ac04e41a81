//! Takes a file in piece by piece and refuses it as early as its shape shows that it is hostile.

use super::encoding;
use super::error::{Limit, Limits, PcdError};
use super::place::{Place, Position};

/// Collects the pieces of a file for [`read`](super::read()), so that whoever reads a disk or a network never holds
/// more of a hostile file than the limits: an endless attribute is refused after [`Limits::tag_bytes`], an endless
/// file after [`Limits::file_bytes`].
#[derive(Debug)]
pub struct Intake {
    bytes: Vec<u8>,
    limits: Limits,
    /// For encodings in which `<` is not one byte.
    decoder: Option<(encoding_rs::Decoder, String)>,
    started: bool,
    state: State,
    /// Bytes since the tag began.
    tag: usize,
    /// Where the tag began.
    tag_at: Position,
    at: Position,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    Text,
    /// Just behind `<`.
    Opened,
    /// Behind `<!`.
    Marked,
    /// Behind `<!-`.
    Dashed,
    /// In a comment, CDATA or an instruction. These may be as long as the file: a payload can be in CDATA. The end is
    /// `>` behind `marks` of these bytes; so many have just been `seen`.
    Skipped {
        mark: u8,
        marks: u8,
        seen: u8,
    },
    /// In a tag, outside quotes.
    Tag,
    Quoted(u8),
}

impl State {
    fn skipped(mark: u8, marks: u8) -> Self {
        Self::Skipped { mark, marks, seen: 0 }
    }

    /// What follows when the next byte is `byte`.
    fn next(self, byte: u8) -> Self {
        match (self, byte) {
            (Self::Text, b'<') => Self::Opened,
            (Self::Text, _) => Self::Text,
            (Self::Opened, b'?') => Self::skipped(b'?', 1),
            (Self::Opened, b'!') => Self::Marked,
            (Self::Marked, b'-') => Self::Dashed,
            (Self::Dashed, b'-') => Self::skipped(b'-', 2),
            (Self::Marked, b'[') => Self::skipped(b']', 2),
            (Self::Skipped { marks, seen, .. }, b'>') if seen >= marks => Self::Text,
            (Self::Skipped { mark, marks, seen }, _) => {
                let seen = if byte == mark { seen.saturating_add(1).min(marks) } else { 0 };
                Self::Skipped { mark, marks, seen }
            }
            (Self::Quoted(quote), _) if byte == quote => Self::Tag,
            (Self::Quoted(quote), _) => Self::Quoted(quote),
            (_, b'>') => Self::Text,
            (_, quote @ (b'"' | b'\'')) => Self::Quoted(quote),
            _ => Self::Tag,
        }
    }
}

impl Intake {
    /// An empty intake.
    pub fn new(limits: Limits) -> Self {
        let start = Position { line: 1, column: 1 };
        Self {
            bytes: Vec::new(),
            limits,
            decoder: None,
            started: false,
            state: State::Text,
            tag: 0,
            tag_at: start,
            at: start,
        }
    }

    /// Takes the next piece, of any size.
    ///
    /// # Errors
    /// [`PcdError::Limit`] for too large a file or tag, [`PcdError::Doctype`]; the intake is of no further use then.
    pub fn push(&mut self, piece: &[u8]) -> Result<(), PcdError> {
        if self.bytes.len().saturating_add(piece.len()) > self.limits.file_bytes {
            let place = Place { position: Some(self.at), path: String::new() };
            return Err(PcdError::Limit { place, limit: Limit::FileBytes, most: self.limits.file_bytes as u64 });
        }
        self.bytes.extend_from_slice(piece);
        if !self.started {
            if self.bytes.len() < 4 {
                return Ok(());
            }
            self.started = true;
            // What cannot be decoded is told by `read`, with its offset.
            if let Ok(found) = encoding::detect(&self.bytes)
                && matches!(found.encoding.name(), "UTF-16LE" | "UTF-16BE")
            {
                self.decoder = Some((found.encoding.new_decoder_without_bom_handling(), String::new()));
            }
            let first = std::mem::take(&mut self.bytes);
            let result = self.look(&first);
            self.bytes = first;
            return result;
        }
        self.look(piece)
    }

    /// All bytes.
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }

    fn look(&mut self, piece: &[u8]) -> Result<(), PcdError> {
        match self.decoder.take() {
            None => self.scan(piece),
            Some((mut decoder, mut text)) => {
                text.clear();
                encoding::decode_loosely(&mut decoder, piece, &mut text);
                let result = self.scan(text.as_bytes());
                self.decoder = Some((decoder, text));
                result
            }
        }
    }

    fn scan(&mut self, piece: &[u8]) -> Result<(), PcdError> {
        for byte in piece {
            let before = self.state;
            self.state = before.next(*byte);
            if before == State::Marked && self.state == State::Tag {
                return Err(PcdError::Doctype { place: Place { position: Some(self.tag_at), path: String::new() } });
            }
            if self.state == State::Opened {
                self.tag = 0;
                self.tag_at = self.at;
            }
            if !matches!(self.state, State::Text | State::Skipped { .. }) {
                self.tag += 1;
                if self.tag > self.limits.tag_bytes {
                    let place = Place { position: Some(self.tag_at), path: String::new() };
                    return Err(PcdError::Limit { place, limit: Limit::TagBytes, most: self.limits.tag_bytes as u64 });
                }
            }
            if *byte == b'\n' {
                self.at = Position { line: self.at.line.saturating_add(1), column: 1 };
            } else if *byte & 0xC0 != 0x80 {
                self.at.column = self.at.column.saturating_add(1);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endless_attribute_is_refused_early() {
        for (head, piece) in [
            (b"<a>\n  <b c=\"".to_vec(), vec![b'x'; 65_536]),
            (
                "\u{FEFF}<a>\n  <b c=\"".encode_utf16().flat_map(u16::to_le_bytes).collect(),
                "x".repeat(32_768).encode_utf16().flat_map(u16::to_le_bytes).collect(),
            ),
        ] {
            let mut intake = Intake::new(Limits::default());
            intake.push(&head).unwrap();
            let mut taken = 0;
            let error = loop {
                match intake.push(&piece) {
                    Ok(()) => taken += piece.len(),
                    Err(error) => break error,
                }
            };
            assert!(taken <= 2 << 20);
            assert_eq!(
                error.to_string(),
                "2:3: the tag with its attributes has too many bytes, and at most 1048576 are read"
            );
        }
    }

    #[test]
    fn long_text_and_cdata_pass() {
        let mut intake = Intake::new(Limits { tag_bytes: 100, ..Limits::default() });
        for piece in ["<", "a b='>", "'", ">", &"x".repeat(1000), "<![CDATA[", &"y".repeat(1000), "]]></a>"] {
            intake.push(piece.as_bytes()).unwrap();
        }
        assert_eq!(intake.finish().len(), 2025);
    }

    #[test]
    fn what_looks_like_a_tag_in_a_comment_is_none() {
        let limits = Limits { tag_bytes: 100, ..Limits::default() };
        for (open, close) in [("<!--", "-->"), ("<!--", "--->"), ("<![CDATA[", "]]]>"), ("<?x", "??>")] {
            let long = format!("<a>{open} a <b isn't - -> ] ]> ? > {}{close}<c d='>'/></a>", "x".repeat(1000));
            let mut intake = Intake::new(limits.clone());
            intake.push(long.as_bytes()).unwrap();
            assert_eq!(intake.state, State::Text, "{long}");
            // Behind it, tags count again.
            let error = intake.push(format!("<e f='{}", "x".repeat(100)).as_bytes()).unwrap_err();
            assert!(matches!(error, PcdError::Limit { limit: Limit::TagBytes, .. }));
        }
        let mut intake = Intake::new(limits);
        let error = intake.push(b"<?xml?>\n <!DOCTYPE").unwrap_err();
        assert!(error.to_string().starts_with("2:2: a document type"), "{error}");
    }

    #[test]
    fn an_endless_file_is_refused() {
        let mut intake = Intake::new(Limits { file_bytes: 1000, ..Limits::default() });
        intake.push(&[b' '; 999]).unwrap();
        assert!(matches!(intake.push(b"  "), Err(PcdError::Limit { limit: Limit::FileBytes, .. })));
    }
}
