//! The reader's front door: options in, component with grade and remarks out.

use std::sync::Arc;

use super::build::{self, Built};
use super::dialect::{Dialect, DialectError};
use super::error::{Limit, Limits, PcdError};
use super::place::{Place, Position};
use super::remark::{Grade, Remark, Remarks, Rule};
use super::{builder, encoding, foreign, validate};
use crate::model::{Component, ComponentSource, Foreign};

/// File beside a description that says how to read it: a mapping file ([`Dialect::with_mapping`]). It belongs to the
/// component's files, so whoever has these reads the description the same way. Our convention.
pub const MAPPING_FILE: &str = "plantweave-mapping.toml";

/// How to read.
#[derive(Debug, Clone)]
pub struct ReadOptions {
    /// Bounds.
    pub limits: Limits,
    /// Names and values that vendors use.
    pub dialect: Arc<Dialect>,
    /// Read a schema version that this program does not know all the same.
    pub force_tolerant: bool,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self { limits: Limits::default(), dialect: Dialect::built_in(), force_tolerant: false }
    }
}

impl ReadOptions {
    /// The usual options, with a mapping file laid over the built-in names.
    ///
    /// # Errors
    /// What in the mapping file is not understood.
    pub fn with_mapping(mapping: &str) -> Result<Self, DialectError> {
        Ok(Self { dialect: Arc::new(Dialect::with_mapping(mapping)?), ..Self::default() })
    }
}

/// Reads a description as its files say it is to be read: by its [`MAPPING_FILE`] when it has one. The component
/// keeps `source` as it is.
///
/// # Errors
/// As [`read`], or the mapping file cannot be used; for people, with line and column where there are any.
pub fn read_source(source: &Arc<ComponentSource>) -> Result<Read, String> {
    let options = match source.files.get(MAPPING_FILE) {
        None => ReadOptions::default(),
        Some(mapping) => {
            let wrong = |error: &dyn std::fmt::Display| format!("{MAPPING_FILE}: {error}");
            let mapping = std::str::from_utf8(mapping).map_err(|error| wrong(&error))?;
            ReadOptions::with_mapping(mapping).map_err(|error| wrong(&error))?
        }
    };
    let mut read = read(&source.xml, &options).map_err(|error| error.to_string())?;
    read.component.source = Arc::clone(source);
    check_files(&mut read);
    Ok(read)
}

/// Holds the files beside a description, once they are in the component's source, against what it says of them.
pub fn check_files(read: &mut Read) {
    let found = validate::files(&read.component, &read.references);
    if !found.is_empty() {
        read.remarks.extend(found);
        read.remarks.sort_by_key(|remark| remark.place.position);
    }
}

/// A description, read.
#[derive(Debug, Clone)]
pub struct Read {
    /// The component; [`ComponentSource::xml`](crate::model::ComponentSource::xml) holds the bytes that were read,
    /// file name and referred files are left to the caller.
    pub component: Component,
    /// How far the file follows the format.
    pub grade: Grade,
    /// What was guessed, left out or found wrong, in the order of the file.
    pub remarks: Vec<Remark>,
    /// What was not understood or was meant for others, in the order of the file.
    pub kept: Vec<Kept>,
    /// Files beside the description that it refers to, in the order of the file.
    pub references: Vec<Reference>,
}

/// A file that a description refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Relative path with `/`; never absolute and without `..`.
    pub file: String,
    /// What the file is to the component.
    pub kind: ReferenceKind,
    /// The element that refers to it.
    pub place: Place,
}

/// What a file is to the description that refers to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReferenceKind {
    /// A picture.
    Icon,
    /// Something to read.
    Document,
    /// Something to load or run.
    Payload,
    /// The PROFIBUS device data.
    Gsd,
}

impl Reference {
    /// The file in a path: a link may lead to a place in a document (`manual.html#filler`).
    pub(super) fn file_of(path: &str, kind: ReferenceKind) -> &str {
        match kind {
            ReferenceKind::Document => path.split_once('#').map_or(path, |(file, _)| file),
            _ => path,
        }
    }
}

/// A part of the file that has no place in the component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Where it stands.
    pub place: Place,
    /// Its text: an element as in the file, the value of an attribute, or a stray text.
    pub text: Arc<str>,
}

/// Reads a component description.
///
/// # Errors
/// When the bytes are no description at all, or a hostile one; everything that is merely strange is a [`Remark`].
pub fn read(bytes: &[u8], options: &ReadOptions) -> Result<Read, PcdError> {
    if bytes.len() > options.limits.file_bytes {
        return Err(PcdError::Limit {
            place: Place::default(),
            limit: Limit::FileBytes,
            most: options.limits.file_bytes as u64,
        });
    }
    let decoded = encoding::decode(bytes)?;
    let mut remarks = Remarks::default();
    if let Some(message) = decoded.remark {
        let start = Place { position: Some(Position { line: 1, column: 1 }), path: String::new() };
        remarks.add(Rule::Encoding, || start, || message);
    }
    let mut kept = Vec::new();
    let tree = builder::read_tree(&decoded.text, options, &mut remarks, &mut kept).map_err(|error| *error)?;
    let built = build::component(tree.node(0), bytes, &options.limits, &mut remarks)?;
    let Built { mut component, references, left_out } = built;
    let mut foreign = Vec::new();
    for (node, owner) in left_out {
        let place = node.place();
        if kept.len() >= options.limits.kept_parts {
            return Err(PcdError::Limit { place, limit: Limit::KeptParts, most: options.limits.kept_parts as u64 });
        }
        let raw = node.raw();
        let namespace = |prefix: &str| tree.scope.get(prefix).map(String::as_str);
        let xml = foreign::element_or_text(raw, namespace, &place.path);
        kept.push(Kept { place, text: builder::shared(raw, &xml) });
        foreign.push(Foreign { owner, xml });
    }
    if !foreign.is_empty() {
        kept.sort_by_key(|kept| kept.place.position);
        Arc::make_mut(&mut component.details).foreign.extend(foreign);
    }
    let (grade, remarks) = remarks.finish();
    Ok(Read { component, grade, remarks, kept, references })
}
