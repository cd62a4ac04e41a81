//! Values as they are written: what is canonical, and what else is understood.

use std::borrow::Cow;

use super::schema::Lexical;
use crate::model::{Version, check_identifier};

/// Whether `text` is written as the schema says. Blanks around tokens and numbers are allowed there.
pub(super) fn conforms(lexical: Lexical, text: &str) -> bool {
    if matches!(lexical, Lexical::Text | Lexical::Base64) {
        // Whether base64 decodes is found out by decoding.
        return true;
    }
    let trimmed = trimmed(text);
    match lexical {
        Lexical::Text | Lexical::Base64 => true,
        Lexical::Name => (1..=240).contains(&text.chars().count()),
        Lexical::Ident => is_plain_identifier(trimmed) || check_identifier(trimmed).is_ok(),
        Lexical::Uuid => is_uuid(trimmed),
        Lexical::Version => {
            (2..=4).contains(&trimmed.split('.').count())
                && trimmed
                    .split('.')
                    .all(|part| (1..=5).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit()))
        }
        Lexical::Hex16 => trimmed.strip_prefix("0x").is_some_and(|digits| {
            (1..=4).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        }),
        Lexical::Lang => is_language(trimmed),
        Lexical::Bool => matches!(trimmed, "true" | "false" | "1" | "0"),
        Lexical::Int(low, high) => whole(trimmed).is_some_and(|number| in_range(number, low, high)),
        Lexical::Double => is_double(trimmed),
        Lexical::Decimal => is_decimal(trimmed),
        Lexical::DateTime => is_date_time(trimmed),
        Lexical::MsList => {
            text.split(is_blank).filter(|part| !part.is_empty()).all(|part| conforms(Lexical::Int(0, 65_535), part))
        }
        Lexical::Dims => {
            !trimmed.is_empty()
                && trimmed
                    .split(is_blank)
                    .filter(|part| !part.is_empty())
                    .all(|part| whole(part).is_some_and(|number| number >= 1))
        }
        Lexical::Token(tokens) => tokens.contains(&trimmed),
        Lexical::Sha256 => trimmed.len() == 64 && trimmed.bytes().all(|byte| byte.is_ascii_hexdigit()),
    }
}

/// Whether a number is from `low` to `high`.
pub(super) fn in_range(number: i128, low: i64, high: u64) -> bool {
    (i128::from(low)..=i128::from(high)).contains(&number)
}

/// A text without blanks around it, which few have.
pub(super) fn trimmed(text: &str) -> &str {
    let is_blank = |byte: Option<&u8>| byte.is_some_and(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
    match is_blank(text.as_bytes().first()) || is_blank(text.as_bytes().last()) {
        true => text.trim_matches(self::is_blank),
        false => text,
    }
}

/// XML's white space.
pub(super) fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r')
}

/// What nearly all identifiers are.
fn is_plain_identifier(text: &str) -> bool {
    let begins = text.as_bytes().first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_');
    begins && text.len() <= 240 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['+', '-']).unwrap_or(text)
}

/// A whole number as XML writes it.
fn whole(text: &str) -> Option<i128> {
    // Few have so many digits that they need more.
    if text.len() < 10 && digits(text) {
        return text.parse::<u32>().ok().map(i128::from);
    }
    digits(unsigned(text)).then(|| text.parse().ok()).flatten()
}

fn is_uuid(text: &str) -> bool {
    let inner = text.strip_prefix('{').unwrap_or(text);
    let inner = inner.strip_suffix('}').unwrap_or(inner);
    let mut parts = inner.split('-');
    [8, 4, 4, 4, 12].iter().all(|length| {
        parts.next().is_some_and(|part| part.len() == *length && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
    }) && parts.next().is_none()
}

fn is_language(text: &str) -> bool {
    text.split('-').enumerate().all(|(index, part)| {
        (1..=8).contains(&part.len())
            && part
                .bytes()
                .all(|byte| if index == 0 { byte.is_ascii_alphabetic() } else { byte.is_ascii_alphanumeric() })
    })
}

fn is_decimal(text: &str) -> bool {
    let text = unsigned(text);
    match text.split_once('.') {
        Some((before, behind)) => {
            (digits(before) || before.is_empty()) && (digits(behind) || behind.is_empty()) && text.len() > 1
        }
        None => digits(text),
    }
}

fn is_double(text: &str) -> bool {
    if matches!(text, "INF" | "-INF" | "NaN") {
        return true;
    }
    match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => is_decimal(mantissa) && digits(unsigned(exponent)),
        None => is_decimal(text),
    }
}

fn is_date_time(text: &str) -> bool {
    let Some((date, time)) = text.split_once('T') else { return false };
    let shape = date.len() >= 10 && time.len() >= 8 && time.as_bytes().get(2) == Some(&b':');
    shape && crate::model::parse_date(text).is_some()
}

/// A whole number; hexadecimal with `0x` as well.
pub(super) fn number(text: &str) -> Option<i128> {
    let text = text.trim();
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) if hex.bytes().all(|byte| byte.is_ascii_hexdigit()) => i128::from_str_radix(hex, 16).ok(),
        _ => whole(text),
    }
}

/// A 16-bit id: `0x` is usual, but a bare number is hexadecimal only when it has a letter.
pub(super) fn hex16(text: &str) -> Option<u16> {
    let text = text.trim();
    match number(text) {
        Some(number) => u16::try_from(number).ok(),
        None => u16::from_str_radix(text, 16).ok().filter(|_| digits_or_letters(text)),
    }
}

fn digits_or_letters(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A number with a point, or with one comma instead ([`decimal_point`]).
pub(super) fn real(text: &str) -> Option<f64> {
    match text.trim() {
        "INF" => Some(f64::INFINITY),
        "-INF" => Some(f64::NEG_INFINITY),
        "NaN" => Some(f64::NAN),
        text if is_double(text) => text.parse().ok(),
        _ => None,
    }
}

/// The text with a point where it has decimal commas, if it has any: `12,5 3,25` becomes `12.5 3.25`.
pub(super) fn decimal_point(text: &str) -> Option<String> {
    let fits = |part: &str| part.matches(',').count() <= 1 && !(part.contains(',') && part.contains('.'));
    (text.contains(',') && text.split(is_blank).all(fits)).then(|| text.replace(',', "."))
}

/// A truth value in the spellings vendors use.
pub(super) fn boolean(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// A version; a single number counts as major, and a leading `V` is taken off.
pub(super) fn version(text: &str) -> Option<Version> {
    let text = text.trim();
    let text = text.strip_prefix(['V', 'v']).unwrap_or(text).trim_start();
    Version::parse(text).or_else(|| digits(text).then(|| Version::parse(&format!("{text}.0"))).flatten())
}

/// A UUID in any usual spelling, lower case and without braces.
pub(super) fn uuid(text: &str) -> Option<uuid::Uuid> {
    uuid::Uuid::parse_str(text.trim()).ok()
}

/// `text` without regard to case, `_` and `-`: how names of vendors are compared.
pub(super) fn loose(text: &str) -> Cow<'_, str> {
    let plain = |byte: u8| !byte.is_ascii_uppercase() && !matches!(byte, b'_' | b'-') && byte.is_ascii();
    if text.bytes().all(plain) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().filter(|c| !matches!(c, '_' | '-')).flat_map(char::to_lowercase).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_spellings() {
        let lists = [
            (Lexical::Version, vec!["2.0", "1.2.3.4", " 1.0 "], vec!["2", "1.2.3.4.5", "1.a", "1.123456", ""]),
            (Lexical::Hex16, vec!["0xFFFE", "0x1"], vec!["FFFE", "0x", "0x12345", "0X1"]),
            (Lexical::Lang, vec!["en", "de-AT"], vec!["", "englishlanguage", "de_AT", "1a"]),
            (Lexical::Double, vec!["12.5", "-1e-3", ".5", "5.", "INF", "NaN"], vec!["12,5", "1e", ".", "inf", "0x1"]),
            (Lexical::DateTime, vec!["2026-01-01T08:00:00Z", "2026-01-01T08:00:00"], vec!["2026-01-01", "yesterday"]),
            (Lexical::Dims, vec!["4", "2 3"], vec!["", "0", "-1", "2,3"]),
            (Lexical::MsList, vec!["", "8 16"], vec!["70000", "8,16"]),
            (Lexical::Ident, vec!["_a1", "Füller"], vec!["1a", "a b", "a-b", ""]),
            (Lexical::Int(0, 255), vec!["0", "+7", "255"], vec!["256", "-1", "0x10", ""]),
        ];
        for (lexical, right, wrong) in lists {
            for text in right {
                assert!(conforms(lexical, text), "{lexical:?} {text:?}");
            }
            for text in wrong {
                assert!(!conforms(lexical, text), "{lexical:?} {text:?}");
            }
        }
    }

    #[test]
    fn other_spellings() {
        assert_eq!(hex16("FFFE"), Some(0xFFFE));
        assert_eq!(hex16("16"), Some(16));
        assert_eq!(version("V3"), Version::parse("3.0"));
        assert_eq!(decimal_point("12,5 3").as_deref(), Some("12.5 3"));
        assert_eq!(decimal_point("1,2,3"), None);
        assert_eq!(decimal_point("1.200,5"), None);
        assert_eq!(loose("RT_AUTO-x"), "rtautox");
    }
}
