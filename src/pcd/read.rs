//! The reader's front door: options in, component with grade and remarks out.

use super::dialect::Dialect;
use super::error::{Limits, PcdError};
use super::place::Place;
use super::remark::{Grade, Remark, Remarks, Rule};
use super::{build, encoding, tree};
use crate::model::Component;

/// How to read.
#[derive(Debug, Clone)]
pub struct ReadOptions {
    /// Bounds.
    pub limits: Limits,
    /// Names and values that vendors use.
    pub dialect: Dialect,
    /// Read a schema version that this program does not know all the same.
    pub force_tolerant: bool,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self { limits: Limits::default(), dialect: Dialect::built_in().clone(), force_tolerant: false }
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
}

/// A part of the file that has no place in the component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Where it stands.
    pub place: Place,
    /// Its text: an element as in the file, the value of an attribute, or a stray text.
    pub text: String,
}

/// Reads a component description.
///
/// # Errors
/// When the bytes are no description at all, or a hostile one; everything that is merely strange is a [`Remark`].
pub fn read(bytes: &[u8], options: &ReadOptions) -> Result<Read, PcdError> {
    if bytes.len() > options.limits.file_bytes {
        return Err(PcdError::Limit {
            place: Place::default(),
            limit: super::error::Limit::FileBytes,
            most: options.limits.file_bytes as u64,
        });
    }
    let decoded = encoding::decode(bytes)?;
    let mut remarks = Remarks::default();
    if let Some(message) = decoded.remark {
        remarks.add(Rule::Encoding, Place::default, || message);
    }
    let mut kept = Vec::new();
    let root = tree::read_tree(&decoded.text, options, &mut remarks, &mut kept)?;
    let component = build::component(&root, bytes, &options.limits, &mut remarks)?;
    let (grade, remarks) = remarks.finish();
    Ok(Read { component, grade, remarks, kept })
}
