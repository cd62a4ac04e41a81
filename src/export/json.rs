//! Our own tag file as JSON, as `docs/schema/tags.schema.json` describes it.

use serde::Serialize;

use super::TagFile;
use super::tag::Tag;
use super::variable::Variable;
use crate::model::Plan;

/// Number of this file format.
const FORMAT: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    format: u32,
    project: &'a str,
    language: &'a str,
    tags: Vec<Tag>,
}

pub(super) fn write(plan: &Plan, variables: &[Variable<'_>], lang: &str) -> TagFile {
    let tags = variables.iter().map(|variable| Tag::of(plan, variable, lang)).collect();
    let document = Document { format: FORMAT, project: plan.name(), language: lang, tags };
    // Our own structs with text keys: there is nothing in them that JSON could not hold.
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    TagFile { text, n_variables: variables.len(), n_rows: variables.len(), notes: Vec::new() }
}
