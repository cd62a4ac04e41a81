//! The check: what is wrong with a plan, what is doubtful, and how to mend it.
//!
//! One engine for screen, command line and CI. A rule is a file in `rules/`; its top comment is the page that
//! `explain CODE` prints. To add a rule, copy a file, choose a code that was never used, and name it twice in
//! `rules/mod.rs`; `docs/CHECKS.md` is written by a test.
//!
//! A rule looks at one thing of the plan (a link, a device, …) and at what the index says about its neighbours, so after an
//! edit only the things that the edit can have an effect on are looked at again ([`Checker::update`]). A test proves that
//! this finds the same as a full check.
//!
//! This part knows no library (what it must know of one comes as [`LibraryFacts`]), no edits (a [`Fix`] is plain data that
//! `app` turns into one) and no file.
//!
//! Start reading at [`Checker`], then `rules/type_mismatch.rs`.

mod checker;
mod context;
mod finding;
mod index;
mod limits;
mod load;
mod loops;
mod offers;
mod reaction;
mod render;
mod rule;
mod rules;

#[cfg(test)]
mod tests;

pub use checker::Checker;
pub use context::LibraryFacts;
pub use finding::{Finding, Fix, FixChange, Severity, Subject};
pub use limits::Use;
pub use offers::offered;
pub use render::{json, sarif, text};
pub use rule::{Rule, find, rules};

use crate::model::Plan;

/// All findings of a plan, the most severe first; the shortest way where nothing is edited.
pub fn check(plan: &Plan, library: &LibraryFacts) -> Vec<Finding> {
    Checker::new(plan.clone(), library.clone()).findings().cloned().collect()
}
