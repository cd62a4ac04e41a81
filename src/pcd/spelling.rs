//! Spellings of values: what vendors write, in the spelling of the schema.

use std::borrow::Cow;

use super::dialect::Dialect;
use super::lexical::{self, loose};
use super::remark::Rule;
use super::schema::{Attr, Lexical};

/// How a value is spelled.
pub(super) enum Spelling<'a> {
    /// As the schema says.
    Canonical(Cow<'a, str>),
    /// Another way, by this rule.
    Other { rule: Rule, value: String, array: bool },
    /// Not understood.
    Unreadable,
}

/// A value in the spelling of the schema.
pub(super) fn canonical<'a>(dialect: &Dialect, lexical: Lexical, attr: Attr, text: &Cow<'a, str>) -> Spelling<'a> {
    if lexical::conforms(lexical, text) {
        let keeps_blanks = matches!(lexical, Lexical::Text | Lexical::Name | Lexical::Base64);
        return Spelling::Canonical(match text {
            text if keeps_blanks => text.clone(),
            Cow::Borrowed(text) => Cow::Borrowed(lexical::trimmed(text)),
            Cow::Owned(text) => Cow::Owned(lexical::trimmed(text).to_owned()),
        });
    }
    let mut array = false;
    let mut rule = Rule::ValueSpelling;
    let value = match lexical {
        Lexical::Token(tokens) if attr == Attr::Type && tokens.contains(&"STRUCT") => {
            rule = Rule::TypeSpelling;
            type_token(dialect, tokens, text).map(|(token, is_array)| {
                array = is_array;
                token
            })
        }
        Lexical::Token(tokens) => token(dialect, tokens, attr, text),
        Lexical::Bool => lexical::boolean(text).map(|truth| truth.to_string()),
        Lexical::Uuid => lexical::uuid(text).map(|uuid| uuid.to_string()),
        Lexical::Version => lexical::version(text).map(|version| version.to_string()),
        Lexical::Hex16 => lexical::hex16(text).map(|number| format!("0x{number:04X}")),
        Lexical::Int(low, high) => lexical::number(text)
            .filter(|number| lexical::in_range(*number, low, high))
            .map(|number| number.to_string()),
        Lexical::Double | Lexical::Decimal => {
            rule = Rule::DecimalComma;
            lexical::decimal_point(text)
        }
        Lexical::Lang => Some(text.replace('_', "-")),
        Lexical::MsList | Lexical::Dims => Some(text.replace([',', ';', '*', 'x'], " ")),
        _ => None,
    };
    match value.filter(|value| lexical::conforms(lexical, value)) {
        Some(value) => Spelling::Other { rule, value, array },
        None => Spelling::Unreadable,
    }
}

fn token(dialect: &Dialect, tokens: &[&str], attr: Attr, text: &str) -> Option<String> {
    let text = text.trim();
    let plain = loose(text);
    let same = tokens.iter().find(|token| loose(token) == plain).map(|token| (*token).to_owned());
    same.or_else(|| dialect.token(attr, text).map(str::to_owned))
}

/// `VT_I2`, `int`, `VT_ARRAY|VT_UI1`, `8209`: the token, and whether it is an array of it.
fn type_token(dialect: &Dialect, tokens: &[&str], text: &str) -> Option<(String, bool)> {
    /// VARTYPE's mark of an array.
    const VT_ARRAY: i128 = 0x2000;
    if let Some(number) = lexical::number(text).filter(|number| number & VT_ARRAY != 0) {
        return token(dialect, tokens, Attr::Type, &(number & !VT_ARRAY).to_string()).map(|token| (token, true));
    }
    let mut found = None;
    let mut array = false;
    for part in text.split('|') {
        let upper = part.trim().to_ascii_uppercase();
        let plain = upper.strip_prefix("VT_").or_else(|| upper.strip_prefix("PN_")).unwrap_or(&upper);
        match (plain, &found) {
            ("ARRAY", _) => array = true,
            (_, None) => found = Some(token(dialect, tokens, Attr::Type, plain)?),
            _ => return None,
        }
    }
    found.map(|token| (token, array))
}
