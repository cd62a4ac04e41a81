//! Texts: one a language (11).

use std::collections::HashSet;

use super::super::remark::{Remarks, Rule};
use super::super::schema::{Attr, Element};
use super::super::tree::Node;

/// Language of a text that names none, by the schema.
const USUAL: &str = "en";

/// Checks the texts of one kind below a node.
pub(in super::super) fn languages(remarks: &mut Remarks, node: &Node, element: Element) {
    let mut seen = HashSet::new();
    for text in node.all(element) {
        let lang = text.get(Attr::Lang).unwrap_or(USUAL).to_ascii_lowercase();
        if seen.contains(&lang) {
            remarks.add(
                Rule::DuplicateLanguage,
                || text.place(),
                || format!("there is a {} in the language `{lang}` already; the first one is shown", element.name()),
            );
        }
        seen.insert(lang);
    }
}
