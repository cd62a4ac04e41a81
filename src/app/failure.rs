//! Why a job could not be done, in the three lines a person needs.

use std::fmt;

use serde::Serialize;

use crate::model::{Phrase, Say};

/// A job that could not be done: what, why, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// What could not be done.
    pub what: Phrase,
    /// Why: the innermost cause, with file and line or device and code.
    pub why: Phrase,
    /// What the person can do.
    pub remedy: Phrase,
}

impl Failure {
    /// A failure from its three lines.
    pub fn new(what: impl Say, why: impl Say, remedy: impl Say) -> Self {
        Self { what: what.say(), why: why.say(), remedy: remedy.say() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n  why: {}\n  do:  {}", self.what, self.why, self.remedy)
    }
}

impl std::error::Error for Failure {}
