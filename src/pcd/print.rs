//! XML as it is written: two blanks a level, escapes, nothing that a reader would not give back.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::schema::{Attr, Element};
use super::xml::is_legal;

/// A document being written.
pub(super) struct Printer {
    out: String,
    open: Vec<Element>,
    /// The tag of the innermost element lacks its `>`.
    in_tag: bool,
}

impl Printer {
    pub(super) fn new() -> Self {
        Self { out: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned(), open: Vec::new(), in_tag: false }
    }

    /// Begins an element; its attributes follow.
    pub(super) fn open(&mut self, element: Element) {
        self.end_tag();
        self.indent();
        self.out.push('<');
        self.out.push_str(element.name());
        self.open.push(element);
        self.in_tag = true;
    }

    /// An attribute with this name, for namespace declarations.
    pub(super) fn raw_attribute(&mut self, name: &str, value: &str) {
        // Writing to a `String` does not fail.
        _ = write!(self.out, " {name}=\"{}\"", attribute_text(value));
    }

    /// An attribute of the element begun last.
    pub(super) fn attribute(&mut self, attr: Attr, value: impl AsRef<str>) {
        self.raw_attribute(attr.name(), value.as_ref());
    }

    /// An attribute, unless it is empty.
    pub(super) fn some(&mut self, attr: Attr, value: impl AsRef<str>) {
        if !value.as_ref().is_empty() {
            self.attribute(attr, value);
        }
    }

    /// An attribute, when there is one.
    pub(super) fn option(&mut self, attr: Attr, value: Option<impl ToString>) {
        if let Some(value) = value {
            self.attribute(attr, value.to_string());
        }
    }

    /// Ends the element begun last, which holds a text and nothing else.
    pub(super) fn close_with(&mut self, text: &str) {
        let Some(element) = self.open.pop() else { return };
        self.in_tag = false;
        if text.is_empty() {
            self.out.push_str("/>\n");
        } else {
            _ = writeln!(self.out, ">{}</{}>", element_text(text), element.name());
        }
    }

    /// Ends an element that holds elements, or nothing.
    pub(super) fn close(&mut self) {
        let Some(element) = self.open.pop() else { return };
        if self.in_tag {
            self.in_tag = false;
            self.out.push_str("/>\n");
        } else {
            self.indent();
            _ = writeln!(self.out, "</{}>", element.name());
        }
    }

    /// A complete element, as it is.
    pub(super) fn raw(&mut self, xml: &str) {
        self.end_tag();
        self.indent();
        self.out.push_str(xml);
        self.out.push('\n');
    }

    pub(super) fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.close();
        }
        self.out
    }

    fn end_tag(&mut self) {
        if std::mem::take(&mut self.in_tag) {
            self.out.push_str(">\n");
        }
    }

    fn indent(&mut self) {
        for _ in &self.open {
            self.out.push_str("  ");
        }
    }
}

/// A text between tags. What XML cannot hold becomes U+FFFD.
pub(super) fn element_text(text: &str) -> Cow<'_, str> {
    escape(text, |character| match character {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        // A reader makes line ends of it otherwise.
        '\r' => Some("&#13;"),
        _ => None,
    })
}

/// A text in double quotes. A reader makes blanks of line ends and tabs that are not escaped.
pub(super) fn attribute_text(text: &str) -> Cow<'_, str> {
    escape(text, |character| match character {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '"' => Some("&quot;"),
        '\t' => Some("&#9;"),
        '\n' => Some("&#10;"),
        '\r' => Some("&#13;"),
        _ => None,
    })
}

fn escape(text: &str, escaped: impl Fn(char) -> Option<&'static str>) -> Cow<'_, str> {
    if !text.chars().any(|character| escaped(character).is_some() || !is_legal(character)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match escaped(character) {
            Some(escape) => out.push_str(escape),
            None if is_legal(character) => out.push(character),
            None => out.push('\u{FFFD}'),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_nest_and_escapes_come_back() {
        let mut printer = Printer::new();
        printer.open(Element::Root);
        printer.raw_attribute("xmlns", "u");
        printer.open(Element::Name);
        printer.close_with("a<b> & \"c\"\r\n\u{1}");
        printer.open(Element::Ldev);
        printer.attribute(Attr::Name, "\"\n\t'");
        printer.close();
        printer.raw("<x/>");
        let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
            <ComponentDescription xmlns=\"u\">\n  <Name>a&lt;b&gt; &amp; \"c\"&#13;\n\u{FFFD}</Name>\n  \
            <LogicalDevice name=\"&quot;&#10;&#9;'\"/>\n  <x/>\n</ComponentDescription>\n";
        assert_eq!(printer.finish(), expected);
    }
}
