//! Texts: one a language (11).

use std::collections::HashSet;

use super::super::remark::{Remarks, Rule};
use super::super::schema::{Attr, Element};
use super::super::tree::Node;

/// Language of a text that names none, by the schema.
const USUAL: &str = "en";
/// Languages that are compared one by one.
const FEW: usize = 8;

/// Checks the texts of one kind below a node.
pub(in super::super) fn languages(remarks: &mut Remarks, node: Node<'_>, element: Element) {
    let mut before = [""; FEW];
    let mut all = HashSet::new();
    for (n, text) in node.all(element).enumerate() {
        let lang = text.get(Attr::Lang).unwrap_or(USUAL);
        // Few languages are looked through faster than their hashes are made.
        let is_new = match before.get_mut(n) {
            Some(free) => {
                *free = lang;
                !before.iter().take(n).any(|other| other.eq_ignore_ascii_case(lang))
            }
            None => {
                if all.is_empty() {
                    all.extend(before.iter().map(|lang| lang.to_ascii_lowercase()));
                }
                all.insert(lang.to_ascii_lowercase())
            }
        };
        if !is_new {
            remarks.add(
                Rule::DuplicateLanguage,
                || text.place(),
                || format!("there is a {} in the language `{lang}` already; the first one is shown", element.name()),
            );
        }
    }
}
