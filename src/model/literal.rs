//! Values as text (`pcd-format` 5.8), the same in files, on the screen and on the command line.
//!
//! `true`, `-5`, `0x1F`, `12.5`, `INF`, `2026-01-01T08:00:00Z`, `plain text`, `1 2 3` (an array),
//! `{batch=7; name="A"}` (a structure). Inside arrays and structures texts stand in quotes and inner
//! arrays in brackets: our addition, since the specification leaves both open.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};

use super::{BaseType, Phrase, Say, Value, ValueType};

/// Why a text is not a value of the type asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LiteralError {
    /// Not written the way this type is written.
    Form {
        /// The part of the text that does not fit.
        found: String,
        /// The type expected there.
        expected: String,
    },
    /// A whole number outside the type's range.
    Range {
        /// The number as written.
        found: String,
        /// The type with its range.
        expected: String,
    },
    /// Too few or too many elements or members.
    Count {
        /// Elements found.
        found: u64,
        /// Elements the type has.
        expected: u64,
    },
    /// A structure member is missing, unknown or out of order.
    Member {
        /// The name found.
        found: String,
        /// The name expected at this place.
        expected: String,
    },
    /// Text goes on behind the value.
    Trailing(String),
}

impl Say for LiteralError {
    fn say(&self) -> Phrase {
        match self {
            Self::Form { found, expected } => crate::say!("`{found}` is not a {expected} value", found, expected),
            Self::Range { found, expected } => {
                crate::say!("{found} is outside the range of {expected}", found, expected)
            }
            Self::Count { expected, found } => {
                crate::say!("{expected} elements expected, {found} found", expected, found)
            }
            Self::Member { expected, found } => {
                crate::say!("member `{expected}` expected, `{found}` found", expected, found)
            }
            Self::Trailing(it) => crate::say!("`{it}` stands behind the value", it),
        }
    }
}

crate::error_in_words!(LiteralError);

/// Days between 1899-12-30 and 1970-01-01.
const OLE_EPOCH_DAYS: f64 = 25_569.0;
const SECONDS_PER_DAY: f64 = 86_400.0;

impl ValueType {
    /// Reads a value of this type; see the top of the file for the form.
    ///
    /// # Errors
    /// What stands there instead, and what was expected.
    pub fn read_literal(&self, text: &str) -> Result<Value, LiteralError> {
        match self {
            Self::Base(BaseType::Bstr) => Ok(Value::Text(text.into())),
            Self::Base(base) => read_base(*base, text.trim()),
            _ => {
                let mut rest = Cursor(text);
                let value = match self {
                    Self::Array { .. } => rest.elements(self, None)?,
                    _ => rest.value(self)?,
                };
                rest.skip_blanks();
                if rest.0.is_empty() { Ok(value) } else { Err(LiteralError::Trailing(excerpt(rest.0))) }
            }
        }
    }

    /// Writes a value of this type so that [`read_literal`](Self::read_literal) gives it back.
    pub fn write_literal(&self, value: &Value) -> String {
        let mut out = String::new();
        match (self, value) {
            (_, Value::Text(text)) => out.push_str(text),
            (Self::Array { element, .. }, Value::Array(values)) => write_elements(&mut out, element, values),
            _ => write_value(&mut out, self, value),
        }
        out
    }
}

/// A DATE as `xs:dateTime` in UTC, e.g. `2026-01-01T08:00:00Z`; outside the years -9999..9999 the number of days.
pub fn date_text(days: f64) -> String {
    let seconds = (days - OLE_EPOCH_DAYS) * SECONDS_PER_DAY;
    // Doubles carry about a microsecond at today's dates; rounding there keeps read(write(x)) = x readable.
    SignedDuration::try_from_secs_f64((seconds * 1e6).round() / 1e6)
        .ok()
        .and_then(|since| Timestamp::UNIX_EPOCH.checked_add(since).ok())
        .map_or_else(|| days.to_string(), |stamp| stamp.to_string())
}

/// Reads `xs:dateTime` (no zone means UTC) into days since 1899-12-30.
pub fn parse_date(text: &str) -> Option<f64> {
    let stamp: Timestamp = text.parse().ok().or_else(|| {
        let civil: jiff::civil::DateTime = text.parse().ok()?;
        jiff::tz::TimeZone::UTC.to_timestamp(civil).ok()
    })?;
    Some(stamp.as_duration().as_secs_f64() / SECONDS_PER_DAY + OLE_EPOCH_DAYS)
}

fn form(found: &str, expected: impl ToString) -> LiteralError {
    LiteralError::Form { found: excerpt(found), expected: expected.to_string() }
}

fn excerpt(text: &str) -> String {
    let mut short: String = text.chars().take(40).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

fn read_base(base: BaseType, text: &str) -> Result<Value, LiteralError> {
    let wrong = || form(text, base.token());
    match base {
        BaseType::Bool => match text {
            "true" | "1" | "TRUE" | "True" => Ok(Value::Bool(true)),
            "false" | "0" | "FALSE" | "False" => Ok(Value::Bool(false)),
            _ => Err(wrong()),
        },
        BaseType::R4 => read_real(text).map(|number| Value::Real(f64::from(number as f32))).ok_or_else(wrong),
        BaseType::R8 => read_real(text).map(Value::Real).ok_or_else(wrong),
        BaseType::Date => parse_date(text).or_else(|| text.parse().ok()).map(Value::Date).ok_or_else(wrong),
        BaseType::Bstr => read_quoted(text).map(|text| Value::Text(text.into())).ok_or_else(wrong),
        _ => {
            let (digits, radix) = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
                Some(hex) if !hex.starts_with(['+', '-']) => (hex, 16),
                _ => (text, 10),
            };
            let number = i128::from_str_radix(digits, radix).map_err(|_| wrong())?;
            let (low, high) = base.integer_range().unwrap_or((i64::MIN, i64::MAX));
            match i64::try_from(number) {
                Ok(number) if (low..=high).contains(&number) => Ok(Value::Int(number)),
                _ => Err(LiteralError::Range {
                    found: excerpt(text),
                    expected: format!("{} ({low} to {high})", base.token()),
                }),
            }
        }
    }
}

fn read_real(text: &str) -> Option<f64> {
    match text {
        "INF" | "+INF" => Some(f64::INFINITY),
        "-INF" => Some(f64::NEG_INFINITY),
        "NaN" => Some(f64::NAN),
        // Rust also reads `inf`, `infinity` and `nan`, which XML does not.
        _ if text.contains(['n', 'N', 'i', 'I']) => None,
        _ => text.parse().ok(),
    }
}

fn read_quoted(text: &str) -> Option<String> {
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    let mut out = String::new();
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => out.push(characters.next()?),
            '"' => return None,
            _ => out.push(character),
        }
    }
    Some(out)
}

struct Cursor<'a>(&'a str);

impl<'a> Cursor<'a> {
    fn skip_blanks(&mut self) {
        self.0 = self.0.trim_start();
    }

    fn eat(&mut self, mark: char) -> bool {
        self.skip_blanks();
        match self.0.strip_prefix(mark) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    /// Up to the next blank or mark; a quoted text is one word.
    fn word(&mut self) -> &'a str {
        self.skip_blanks();
        let mut escaped = false;
        let quoted = self.0.starts_with('"');
        let end = self.0.char_indices().find_map(|(at, character)| {
            if quoted {
                let closes = at > 0 && character == '"' && !escaped;
                escaped = character == '\\' && !escaped;
                closes.then_some(at + 1)
            } else {
                (character.is_whitespace() || matches!(character, ';' | '}' | ']' | '=' | '{' | '[')).then_some(at)
            }
        });
        let (word, rest) = self.0.split_at(end.unwrap_or(self.0.len()));
        self.0 = rest;
        word
    }

    fn value(&mut self, value_type: &ValueType) -> Result<Value, LiteralError> {
        match value_type {
            ValueType::Base(base) => read_base(*base, self.word()),
            ValueType::Array { .. } => {
                if !self.eat('[') {
                    return Err(form(self.0, value_type));
                }
                self.elements(value_type, Some(']'))
            }
            ValueType::Struct(structure) => {
                if !self.eat('{') {
                    return Err(form(self.0, value_type));
                }
                let mut values = Vec::with_capacity(structure.members.len());
                for (index, member) in structure.members.iter().enumerate() {
                    if index > 0 && !self.eat(';') {
                        return Err(form(self.0, value_type));
                    }
                    let name = self.word();
                    if name != member.name || !self.eat('=') {
                        return Err(LiteralError::Member { found: excerpt(name), expected: member.name.to_string() });
                    }
                    values.push(self.value(&member.value_type)?);
                }
                self.eat(';');
                if self.eat('}') { Ok(Value::Struct(values.into())) } else { Err(form(self.0, value_type)) }
            }
        }
    }

    fn elements(&mut self, array: &ValueType, close: Option<char>) -> Result<Value, LiteralError> {
        let ValueType::Array { element, .. } = array else { return Err(form(self.0, array)) };
        let expected = array.element_count();
        let mut values = Vec::new();
        loop {
            self.skip_blanks();
            let done = match close {
                Some(mark) => self.eat(mark),
                None => self.0.is_empty(),
            };
            if done {
                break;
            }
            if values.len() as u64 == expected {
                return Err(LiteralError::Count { found: expected.saturating_add(1), expected });
            }
            values.push(self.value(element)?);
        }
        let found = values.len() as u64;
        if found == expected { Ok(Value::Array(values.into())) } else { Err(LiteralError::Count { found, expected }) }
    }
}

fn write_elements(out: &mut String, element: &ValueType, values: &[Value]) {
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            out.push(' ');
        }
        write_value(out, element, value);
    }
}

/// Writes to a `String` cannot fail, so their results are dropped.
fn write_value(out: &mut String, value_type: &ValueType, value: &Value) {
    match (value_type, value) {
        (_, Value::Bool(flag)) => _ = write!(out, "{flag}"),
        (_, Value::Int(number)) => _ = write!(out, "{number}"),
        (_, Value::Real(number)) if number.is_nan() => out.push_str("NaN"),
        (_, Value::Real(number)) if number.is_infinite() => out.push_str(if *number > 0.0 { "INF" } else { "-INF" }),
        (ValueType::Base(BaseType::R4), Value::Real(number)) => _ = write!(out, "{}", *number as f32),
        (_, Value::Real(number)) => _ = write!(out, "{number}"),
        (_, Value::Date(days)) => out.push_str(&date_text(*days)),
        (_, Value::Text(text)) => {
            out.push('"');
            for character in text.chars() {
                if matches!(character, '"' | '\\') {
                    out.push('\\');
                }
                out.push(character);
            }
            out.push('"');
        }
        (ValueType::Array { element, .. }, Value::Array(values)) => {
            out.push('[');
            write_elements(out, element, values);
            out.push(']');
        }
        (ValueType::Struct(structure), Value::Struct(values)) => {
            out.push('{');
            for (index, (member, value)) in structure.members.iter().zip(values.iter()).enumerate() {
                if index > 0 {
                    out.push_str("; ");
                }
                _ = write!(out, "{}=", member.name);
                write_value(out, &member.value_type, value);
            }
            out.push('}');
        }
        // A value of another shape than its port: only a wrong program can bring it here; show what it holds.
        (_, Value::Array(values) | Value::Struct(values)) => _ = write!(out, "({} values)", values.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Member, StructType};

    fn batch() -> ValueType {
        let member = |name: &str, value_type| Member { name: name.into(), value_type };
        ValueType::Struct(
            StructType {
                name: "Batch".into(),
                members: vec![
                    member("no", ValueType::Base(BaseType::I4)),
                    member("recipe", ValueType::Base(BaseType::Bstr)),
                    member("weights", ValueType::array_of(BaseType::R4, 2)),
                ],
            }
            .into(),
        )
    }

    #[test]
    fn literals_come_back() {
        let base = ValueType::Base;
        for (value_type, text) in [
            (base(BaseType::Bool), "true"),
            (base(BaseType::I1), "-128"),
            (base(BaseType::UI4), "4294967295"),
            (base(BaseType::R4), "0.1"),
            (base(BaseType::R8), "-INF"),
            (base(BaseType::R8), "NaN"),
            (base(BaseType::Date), "2026-01-01T08:00:00Z"),
            (base(BaseType::Bstr), " \"as is\" "),
            (ValueType::array_of(BaseType::I2, 4), "10 20 30 30"),
            (ValueType::array_of(BaseType::Bstr, 2), r#""a \"b\" ]" "c""#),
            (batch(), r#"{no=7; recipe="A; } \\"; weights=[1.5 2]}"#),
        ] {
            let value = value_type.read_literal(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert!(value_type.accepts(&value), "{text}");
            assert_eq!(value_type.write_literal(&value), text);
        }
    }

    #[test]
    fn other_spellings_are_read() {
        assert_eq!(ValueType::Base(BaseType::UI2).read_literal("0xFF"), Ok(Value::Int(255)));
        assert_eq!(ValueType::Base(BaseType::Bool).read_literal("1"), Ok(Value::Bool(true)));
        assert_eq!(ValueType::Base(BaseType::Date).read_literal("1899-12-31T00:00:00"), Ok(Value::Date(1.0)));
        assert_eq!(ValueType::Base(BaseType::Date).read_literal("1899-12-31T01:00:00+01:00"), Ok(Value::Date(1.0)));
    }

    #[test]
    fn refusals_say_what_was_expected() {
        let refusal = |value_type: ValueType, text: &str| value_type.read_literal(text).unwrap_err().to_string();
        assert_eq!(refusal(ValueType::Base(BaseType::I1), "200"), "200 is outside the range of I1 (-128 to 127)");
        assert_eq!(refusal(ValueType::Base(BaseType::I2), "1.5"), "`1.5` is not a I2 value");
        assert_eq!(refusal(ValueType::Base(BaseType::R8), "nan"), "`nan` is not a R8 value");
        assert_eq!(refusal(ValueType::array_of(BaseType::I2, 2), "1"), "2 elements expected, 1 found");
        assert_eq!(refusal(ValueType::array_of(BaseType::I2, 2), "1 2 3"), "2 elements expected, 3 found");
        assert_eq!(refusal(batch(), "{no=7; name=\"\"}"), "member `recipe` expected, `name` found");
        assert_eq!(refusal(batch(), "{no=7; recipe=\"\"; weights=[1 2]} x"), "`x` stands behind the value");
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in ".{0,60}") {
            for base in BaseType::ALL {
                let _ = ValueType::Base(base).read_literal(&text);
            }
            let _ = batch().read_literal(&text);
            let _ = ValueType::array_of(BaseType::Bstr, 2).read_literal(&text);
        }
    }
}
