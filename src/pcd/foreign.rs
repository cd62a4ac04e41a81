//! What a description holds beyond the format, as elements that can stand in `Extensions` of a canonical file.
//!
//! An element stays as it is; declarations of namespaces that it took from around it are added to its tag. An attribute or text, which the
//! schema leaves no place for, becomes an element of our own that names it.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::error::Limits;
use super::print::{attribute_text, element_text};
use super::schema::NAMESPACE;
use super::xml::{Token, Xml, start_tag};

/// Namespace of the elements that hold attributes and texts.
const KEPT: &str = "urn:x-cba:pcd:kept";

/// Bytes of declarations that are added to an element; one that needs more is kept as text.
const MOST_ADDED: usize = 4096;
/// Different names before colons that are looked up for an element; one that has more is kept as text.
const MOST_PREFIXES: usize = 1000;

/// An element as it stands in a file. `namespace` tells what a prefix stands for around it; the empty one is the default.
pub(super) fn element<'s>(raw: &str, namespace: impl Fn(&str) -> Option<&'s str>, path: &str) -> Arc<str> {
    let tag = start_tag(raw);
    let mut added = String::new();
    let mut add = |name: &str, uri: &str| {
        if !declared(tag, name) {
            added.push_str(&format!(" {name}=\"{}\"", attribute_text(uri)));
        }
        added.len() <= MOST_ADDED
    };
    // Around it in a canonical file the format's own namespace is the default one.
    let default = namespace("").unwrap_or("");
    let mut fits = default == NAMESPACE || !has_plain_element(raw) || add("xmlns", default);
    let prefixes = prefixes(raw);
    for prefix in &prefixes {
        if let Some(uri) = namespace(prefix) {
            fits = fits && add(&format!("xmlns:{prefix}"), uri);
        }
    }
    if !fits || prefixes.len() > MOST_PREFIXES {
        return text(raw, path);
    }
    let name_end = raw.find(|c: char| c.is_ascii_whitespace() || matches!(c, '>' | '/')).unwrap_or(raw.len());
    match (raw.get(..name_end), raw.get(name_end..)) {
        (Some(name), Some(rest)) if !added.is_empty() => format!("{name}{added}{rest}").into(),
        _ => raw.into(),
    }
}

/// As [`element`], where the surroundings are known in part only; as text when that is not enough.
pub(super) fn element_or_text<'s>(raw: &str, namespace: impl Fn(&str) -> Option<&'s str>, path: &str) -> Arc<str> {
    let element = element(raw, namespace, path);
    if is_complete(&element) { element } else { text(raw, path) }
}

/// Whether an element in it has no prefix, so that the default namespace means something.
fn has_plain_element(raw: &str) -> bool {
    raw.split('<').skip(1).any(|rest| {
        let end = rest.find(|c: char| c.is_ascii_whitespace() || matches!(c, '>' | '/')).unwrap_or(rest.len());
        rest.get(..end).is_some_and(|name| !name.is_empty() && !name.contains(':'))
    })
}

/// All that may be a prefix in an element: names before a colon. At most one more than allowed.
fn prefixes(raw: &str) -> BTreeSet<&str> {
    let mut prefixes = BTreeSet::new();
    for (at, _) in raw.match_indices(':') {
        let before = raw.get(..at).unwrap_or_default();
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
        let length: usize = before.chars().rev().take_while(|c| is_name(*c)).take(200).map(char::len_utf8).sum();
        prefixes.extend(before.get(before.len() - length..).filter(|name| !name.is_empty() && *name != "xml"));
        if prefixes.len() > MOST_PREFIXES {
            break;
        }
    }
    prefixes
}

/// Whether an element needs nothing from around it.
fn is_complete(element: &str) -> bool {
    let limits = Limits { tag_bytes: usize::MAX, ..Limits::default() };
    let Ok(mut xml) = Xml::new(element, &limits) else { return false };
    loop {
        match xml.next() {
            Ok(Token::End) => return true,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
}

/// Whether a tag has an attribute of this name. In values, blanks and `=` may stand too, but whoever finds one there only adds no
/// declaration that is needed, which [`is_complete`] would show; tags in well-formed files have blanks before names.
fn declared(tag: &str, name: &str) -> bool {
    if !tag.contains(name) {
        return false;
    }
    let mut quote = None;
    let mut before_blank = false;
    for (at, character) in tag.char_indices() {
        match quote {
            Some(mark) => {
                if mark == character {
                    quote = None;
                }
                before_blank = false;
            }
            None if matches!(character, '"' | '\'') => quote = Some(character),
            None => {
                let here = tag.get(at..).unwrap_or_default();
                if before_blank
                    && let Some(rest) = here.strip_prefix(name)
                    && rest.trim_start().starts_with('=')
                {
                    return true;
                }
                before_blank = character.is_ascii_whitespace();
            }
        }
    }
    false
}

/// An attribute, with the namespace of its prefix and the place it stood at.
pub(super) fn attribute(name: &str, namespace: &str, value: &str, path: &str) -> Arc<str> {
    let namespace = match namespace {
        "" => String::new(),
        namespace => format!(" namespace=\"{}\"", attribute_text(namespace)),
    };
    let (name, path) = (attribute_text(name), attribute_text(path));
    format!(
        "<kept:Attribute xmlns:kept=\"{KEPT}\" name=\"{name}\"{namespace} at=\"{path}\">{}</kept:Attribute>",
        element_text(value)
    )
    .into()
}

/// A text, with the place it stood at.
pub(super) fn text(text: &str, path: &str) -> Arc<str> {
    format!("<kept:Text xmlns:kept=\"{KEPT}\" at=\"{}\">{}</kept:Text>", attribute_text(path), element_text(text))
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element_in(raw: &str, scope: &[(&str, &'static str)]) -> Arc<str> {
        element(raw, |prefix| scope.iter().find(|(name, _)| *name == prefix).map(|(_, uri)| *uri), "A")
    }

    #[test]
    fn an_element_takes_its_namespaces_along() {
        let own = ("", NAMESPACE);
        for (raw, scope, expected) in [
            ("<a/>", &[own][..], "<a/>"),
            ("<a/>", &[], "<a xmlns=\"\"/>"),
            ("<a b='1'/>", &[("", "urn:v")], "<a xmlns=\"urn:v\" b='1'/>"),
            ("<a xmlns = 'urn:w'/>", &[("", "urn:v")], "<a xmlns = 'urn:w'/>"),
            ("<v:a/>", &[("", "urn:w"), ("v", "u")], "<v:a xmlns:v=\"u\"/>"),
            ("<v:a><b/></v:a>", &[("", "w"), ("v", "u")], "<v:a xmlns=\"w\" xmlns:v=\"u\"><b/></v:a>"),
            ("<v:a>x</v:a>", &[own, ("v", "urn:\"v&")], "<v:a xmlns:v=\"urn:&quot;v&amp;\">x</v:a>"),
            ("<v:a xmlns:v='u'/>", &[own, ("v", "urn:v")], "<v:a xmlns:v='u'/>"),
            ("<a b=' xmlns:v=1' v:c='>'/>", &[own, ("v", "u")], "<a xmlns:v=\"u\" b=' xmlns:v=1' v:c='>'/>"),
            ("<a>12:30 http://x</a>", &[own, ("unused", "u")], "<a>12:30 http://x</a>"),
        ] {
            let element = element_in(raw, scope);
            assert_eq!(&*element, expected);
            assert!(is_complete(&element), "{element}");
            assert_eq!(element_in(&element, &[own]), element, "once is enough");
        }
    }

    #[test]
    fn what_cannot_stand_alone_becomes_text() {
        assert_eq!(
            &*element_or_text("<v:a/>", |_| None, "A/v:a"),
            "<kept:Text xmlns:kept=\"urn:x-cba:pcd:kept\" at=\"A/v:a\">&lt;v:a/&gt;</kept:Text>"
        );
    }

    #[test]
    fn declarations_do_not_multiply() {
        let long = "u".repeat(5000);
        let kept = element("<v:a/>", |_| Some(&long), "A");
        assert!(kept.starts_with("<kept:Text ") && kept.len() < 200, "{kept}");
        let many: String = (0..2000).map(|n| format!(" a{n}:b='1'")).collect();
        assert!(element(&format!("<a{many}/>"), |_| Some("u"), "A").starts_with("<kept:Text "));
    }

    #[test]
    fn attributes_and_texts_become_elements() {
        assert_eq!(
            &*attribute("v:f", "urn:v", "a<b", "A/@v:f"),
            "<kept:Attribute xmlns:kept=\"urn:x-cba:pcd:kept\" name=\"v:f\" namespace=\"urn:v\" at=\"A/@v:f\">a&lt;b</kept:Attribute>"
        );
        assert!(is_complete(&text("\u{0}\r", "A")), "text that XML cannot hold does not harm");
    }
}
