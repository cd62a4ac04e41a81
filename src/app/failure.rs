//! Why a job could not be done, in the three lines a person needs.

use std::fmt;

use serde::Serialize;

/// A job that could not be done: what, why, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// What could not be done.
    pub what: String,
    /// Why: the innermost cause, with file and line or device and code.
    pub why: String,
    /// What the person can do.
    pub remedy: String,
}

impl Failure {
    /// A failure from its three lines.
    pub fn new(what: impl Into<String>, why: impl fmt::Display, remedy: impl Into<String>) -> Self {
        Self { what: what.into(), why: why.to_string(), remedy: remedy.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n  why: {}\n  do:  {}", self.what, self.why, self.remedy)
    }
}

impl std::error::Error for Failure {}
