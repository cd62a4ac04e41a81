//! One description of a library.

use std::sync::Arc;

use super::search::{Haystack, fold};
use crate::model::Component;
use crate::pcd::{Grade, Kept, Remark, Severity};

/// A description that could be read.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Where it is: path of the file with `/`, as people are to see it.
    pub path: String,
    /// What it describes.
    pub component: Arc<Component>,
    /// How far it follows the format.
    pub grade: Grade,
    /// What there is to say about it, in the order of the file.
    pub remarks: Vec<Remark>,
    /// What was not understood or is meant for others.
    pub kept: Vec<Kept>,
    pub(super) haystack: Haystack,
    /// Name and vendor, folded.
    pub(super) order: (String, String),
}

impl Entry {
    /// An entry of what a reader found in a file.
    pub fn new(path: String, component: Arc<Component>, grade: Grade, remarks: Vec<Remark>, kept: Vec<Kept>) -> Self {
        let haystack = Haystack::of(&component);
        let order = (fold(&component.name), fold(&component.vendor));
        Self { path, component, grade, remarks, kept, haystack, order }
    }

    /// Whether another description has the same bytes, the files beside it included. File names do not count.
    pub fn same_content(&self, other: &Component) -> bool {
        let (one, other) = (&self.component.source, &other.source);
        one.xml == other.xml && one.files == other.files
    }

    /// The worst of the remarks.
    pub fn worst(&self) -> Option<Severity> {
        self.remarks.iter().map(|remark| remark.rule.severity()).max()
    }
}

/// A file of a library that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where it is, as [`Entry::path`].
    pub path: String,
    /// Why, with line and column where there are any.
    pub fault: String,
}
