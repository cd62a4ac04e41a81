//! Component descriptions: XML files of vendors become [`model::Component`](crate::model::Component)s.
//!
//! The reader takes the canonical form (`pcd-format` 5, the schema in `library/schema`) and, with remarks, what
//! vendors make of it (`pcd-format` 7): other names and places, values as child elements, foreign namespaces and
//! encodings. Nothing is dropped silently: what is not understood is reported with its place and kept as text.
//!
//! It works on bytes in memory and opens no file: what a description refers to is fetched by whoever reads the folder.
//! It must never know projects, the network or the terminal, and it never panics or grows without bounds on a file.
//!
//! Start at [`read()`]. The way of a file: `encoding` (bytes to text), `xml` (text to events, well-formedness,
//! limits), `builder` (events to the `tree`: names become parts of the format, by the tables in `schema` and
//! `dialect`, values get the schema's spelling in `spelling`), `build` (parts to the component; types in `types`). What had to be guessed is a [`Remark`]; the sum of the
//! remarks is the [`Grade`].

mod build;
mod builder;
mod content;
mod convention;
mod details;
mod dialect;
mod encoding;
mod error;
mod foreign;
mod intake;
mod lexical;
mod place;
mod print;
mod read;
mod remark;
mod schema;
mod spelling;
mod tree;
mod types;
mod validate;
mod write;
mod xml;

pub use dialect::{Dialect, DialectError};
pub use error::{Limit, Limits, PAYLOAD_BYTES, PcdError};
pub use intake::Intake;
pub use place::{Place, Position};
pub use read::{Kept, MAPPING_FILE, Read, ReadOptions, Reference, ReferenceKind, check_files, read, read_source};
pub use remark::{Grade, Remark, Rule, Severity};
pub use validate::payload_bytes;
pub use write::write;
