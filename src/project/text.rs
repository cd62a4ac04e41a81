//! TOML as we write it: one decision a line, always in the same form.
//!
//! Written by hand because the lines matter: a value that a crate may lay out differently tomorrow would change every
//! file of every project in its history.

use std::fmt::Write as _;

use crate::model::{Point, PortRef};

/// A text file in the making.
#[derive(Default)]
pub(super) struct Text {
    out: String,
}

impl Text {
    /// `[a.b.c]` with an empty line before it.
    pub(super) fn table(&mut self, path: &[&str]) {
        self.head("[", path, "]\n");
    }

    /// `[[a]]`, one more element of a list, with an empty line before it.
    pub(super) fn element(&mut self, name: &str) {
        self.head("[[", &[name], "]]\n");
    }

    fn head(&mut self, open: &str, path: &[&str], close: &str) {
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        self.out.push_str(open);
        for (index, part) in path.iter().enumerate() {
            if index > 0 {
                self.out.push('.');
            }
            push_key(&mut self.out, part);
        }
        self.out.push_str(close);
    }

    /// `key = value`, the value as TOML.
    pub(super) fn line(&mut self, key: &str, value: impl std::fmt::Display) {
        push_key(&mut self.out, key);
        // Writes to a `String` cannot fail.
        _ = writeln!(self.out, " = {value}");
    }

    /// `key = "text"`, left out when the text is empty.
    pub(super) fn text(&mut self, key: &str, text: &str) {
        if !text.is_empty() {
            self.line(key, quote(text));
        }
    }

    /// `key = [` and a value on each line, left out when there is none.
    pub(super) fn list(&mut self, key: &str, values: impl IntoIterator<Item = String>) {
        let mut values = values.into_iter().peekable();
        if values.peek().is_none() {
            return;
        }
        push_key(&mut self.out, key);
        self.out.push_str(" = [\n");
        for value in values {
            _ = writeln!(self.out, "  {value},");
        }
        self.out.push_str("]\n");
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.out.into_bytes()
    }
}

/// `{ a = 1, b = "x" }`
#[derive(Default)]
pub(super) struct Inline {
    out: String,
}

impl Inline {
    pub(super) fn with(mut self, key: &str, value: impl std::fmt::Display) -> Self {
        self.out.push_str(if self.out.is_empty() { "{ " } else { ", " });
        push_key(&mut self.out, key);
        _ = write!(self.out, " = {value}");
        self
    }

    /// Left out when the text is empty.
    pub(super) fn with_text(self, key: &str, text: &str) -> Self {
        if text.is_empty() { self } else { self.with(key, quote(text)) }
    }

    pub(super) fn finish(mut self) -> String {
        self.out.push_str(if self.out.is_empty() { "{}" } else { " }" });
        self.out
    }
}

fn push_key(out: &mut String, key: &str) {
    let bare = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if bare {
        out.push_str(key);
    } else {
        push_quoted(out, key);
    }
}

fn push_quoted(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\u{0}'..='\u{1f}' | '\u{7f}' => _ = write!(out, "\\u{:04X}", u32::from(character)),
            _ => out.push(character),
        }
    }
    out.push('"');
}

/// A TOML text on one line.
pub(super) fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    push_quoted(&mut out, text);
    out
}

/// `[40, 80.5]`; what is no number becomes 0, so that what was saved opens again.
pub(super) fn point(point: Point) -> String {
    let coordinate = |number: f32| match number.abs() < 1e9 {
        true => number.to_string(),
        false if number.is_finite() => format!("{number:?}"),
        false => "0".into(),
    };
    format!("[{}, {}]", coordinate(point.x), coordinate(point.y))
}

/// `0.5`, `3.0`, `1e300`: always a TOML float.
pub(super) fn number(number: f64) -> String {
    format!("{number:?}")
}

/// `Instance.LDev.RTAuto.port`, quoted.
pub(super) fn port(port: &PortRef) -> String {
    quote(&dotted(&[&port.instance, &port.ldev, &port.rtauto, &port.port]))
}

/// Names joined by dots; `.` and `%` inside a name are written `%2E` and `%25`.
pub(super) fn dotted(names: &[&str]) -> String {
    let mut out = String::new();
    for (index, name) in names.iter().enumerate() {
        if index > 0 {
            out.push('.');
        }
        if name.contains(['.', '%']) {
            out.push_str(&name.replace('%', "%25").replace('.', "%2E"));
        } else {
            out.push_str(name);
        }
    }
    out
}

/// Exactly `N` names out of [`dotted`]; `None` for any other number or an empty one.
pub(super) fn undotted<const N: usize>(text: &str) -> Option<[crate::model::Name; N]> {
    let mut parts = text.split('.');
    let mut names = [const { crate::model::Name::new_static("") }; N];
    for name in &mut names {
        let part = parts.next().filter(|part| !part.is_empty())?;
        *name = if part.contains('%') { part.replace("%2E", ".").replace("%25", "%").into() } else { part.into() };
    }
    parts.next().is_none().then_some(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_back_by_the_crate() {
        for text in ["", "plain", "a \"b\" \\ c", "line\nline\ttab\r", "\u{0}\u{1f}\u{7f}", "Füller 1 — 日本"] {
            let mut file = Text::default();
            file.table(&["a", text]);
            file.line(text, quote(text));
            let table: toml::Table = String::from_utf8(file.into_bytes()).unwrap().parse().unwrap();
            assert_eq!(table["a"][text][text].as_str(), Some(text));
        }
    }

    #[test]
    fn names_with_dots_come_back() {
        let names = ["a.b", "c%2E", "%25", "d"];
        assert_eq!(undotted::<4>(&dotted(&names)).unwrap(), names);
        assert_eq!(dotted(&["a", "b"]), "a.b");
        assert_eq!(undotted::<2>("a.b.c"), None);
        assert_eq!(undotted::<2>("a."), None);
    }
}
