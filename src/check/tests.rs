//! What the tests of rules share, and tests over the whole catalogue.

use super::*;
use crate::model::fixture;

/// The findings of one rule about a fixture text: severity, place and message.
pub(super) fn found(code: &str, text: &str) -> Vec<String> {
    findings(code, text).iter().map(line).collect()
}

/// [`found`] with what the library holds as further components.
pub(super) fn found_with_library(code: &str, text: &str, library: &str) -> Vec<String> {
    let library = fixture::plan(library);
    let facts = LibraryFacts::new(library.components().values().map(|component| &**component));
    check(&fixture::plan(text), &facts).iter().filter(|finding| finding.code == code).map(line).collect()
}

/// The findings of one rule about a fixture text.
pub(super) fn findings(code: &str, text: &str) -> Vec<Finding> {
    let all = check(&fixture::plan(text), &LibraryFacts::default());
    all.into_iter().filter(|finding| finding.code == code).collect()
}

fn line(finding: &Finding) -> String {
    format!("{} {}: {}", finding.severity.token(), finding.place, finding.message)
}

/// The titles of the fixes that one rule offers.
pub(super) fn fixes(code: &str, text: &str) -> Vec<String> {
    findings(code, text).into_iter().filter_map(|finding| Some(finding.fix?.title)).collect()
}
