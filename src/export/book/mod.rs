//! The plant book: what there is to say about a plant, typeset on pages of a PDF.
//!
//! Who has something to say writes it on a [`Paper`]: chapters, headings, paragraphs, tables, charts. The paper breaks lines,
//! columns and pages, and knows where everything stands, so that contents, cross-references and bookmarks lead there. It knows nothing of
//! what is said.
//!
//! A table has as many rows as the plant, so nothing is kept: the content is written three times. The first time columns are
//! measured, the second time places are found, the third time pages are drawn, each handed to the PDF as soon as it is full.
//! Whoever writes must therefore write the same each time.
//!
//! Pure and deterministic: the same content gives the same bytes. There is no date in it but one that came with the content.
//!
//! Start reading at [`typeset`], then [`Paper`].

mod chart;
mod content;
mod frame;
mod paper;
mod pdf;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod words;

pub use chart::ChartPage;
pub use content::{Cell, Column, Entry, Front, Mark, Row, RowContent, Tone};
pub use paper::Paper;
pub use words::{Language, Words};

use paper::Sheets;

/// Why there is no book.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BookError {
    /// The PDF cannot hold it.
    #[error("the PDF cannot be written: {0}")]
    Pdf(String),
    /// Who watched wanted no more of it.
    #[error("it was stopped")]
    Stopped,
}

/// Is told how much of the book is done, from 0 to 1, again and again; `false` stops the work.
pub type Watch<'a> = &'a dyn Fn(f32) -> bool;

/// Makes the book. `write` is called three times and has to write the same each time.
///
/// # Errors
/// [`BookError`].
pub fn typeset(
    front: &Front,
    language: Language,
    write: &dyn Fn(&mut Paper<'_>),
    watch: Watch<'_>,
) -> Result<Vec<u8>, BookError> {
    let sheets = Sheets { front, words: language.words(), write, watch };
    let measured = sheets.measure()?;
    let placed = sheets.place(measured)?;
    let mut pdf = pdf::Writer::new(front, language, &placed)?;
    sheets.draw(&placed, &mut |page| pdf.page(page))?;
    pdf.finish()
}
