//! PROFINET names of station (spec `dcp-lldp-snmp` 5.1).

use super::{Phrase, Say};

/// Why a text cannot be a name of station.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StationNameError {
    /// More than 240 characters.
    TooLong(usize),
    /// An empty label, or one of more than 63 characters.
    LabelLength(String, usize),
    /// A character other than `a`–`z`, `0`–`9`, `-` and `.`.
    Character(char),
    /// A label begins or ends with `-`.
    LabelEdge(String),
    /// Two `-` in a row outside a punycode label.
    DoubleHyphen,
    /// Looks like the name of a port.
    PortName,
    /// Looks like an IP address.
    Address,
}

impl Say for StationNameError {
    fn say(&self) -> Phrase {
        match self {
            Self::TooLong(it) => crate::say!("it has {it} characters, 240 are allowed", it),
            Self::LabelLength(first, second) => crate::say!(
                "the part `{first}` has {second} characters, 1 to 63 are allowed between dots",
                first,
                second
            ),
            Self::Character(it) => crate::say!("`{it}` is not allowed; use a to z, 0 to 9, `-` and `.`", it),
            Self::LabelEdge(it) => crate::say!("the part `{it}` begins or ends with `-`", it),
            Self::DoubleHyphen => crate::say!("`--` is not allowed"),
            Self::PortName => crate::say!("`port-` with three digits is kept for ports"),
            Self::Address => crate::say!("it looks like an IP address"),
        }
    }
}

crate::error_in_words!(StationNameError);

/// Checks a name of station that is not empty.
///
/// # Errors
/// The first rule broken.
pub fn check_station_name(text: &str) -> Result<(), StationNameError> {
    let length = text.chars().count();
    if length > 240 {
        return Err(StationNameError::TooLong(length));
    }
    let wrong = |c: &char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.'));
    if let Some(character) = text.chars().find(wrong) {
        return Err(StationNameError::Character(character));
    }
    let labels: Vec<&str> = text.split('.').collect();
    for label in &labels {
        if label.is_empty() || label.len() > 63 {
            return Err(StationNameError::LabelLength((*label).to_owned(), label.len()));
        }
        if label.starts_with('-') || label.ends_with('-') {
            return Err(StationNameError::LabelEdge((*label).to_owned()));
        }
        if label.strip_prefix("xn--").unwrap_or(label).contains("--") {
            return Err(StationNameError::DoubleHyphen);
        }
    }
    let digits = |text: &str, n: usize| text.len() == n && text.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(number) = labels.first().and_then(|label| label.strip_prefix("port-")) {
        let slot = number.split_once('-');
        if digits(number, 3) || slot.is_some_and(|(port, slot)| digits(port, 3) && digits(slot, 5)) {
            return Err(StationNameError::PortName);
        }
    }
    if labels.len() == 4 && labels.iter().all(|label| (1..=3).any(|n| digits(label, n))) {
        return Err(StationNameError::Address);
    }
    Ok(())
}

/// The nearest name of station to a text: lower case, with `-` for what is not allowed. `None` when nothing
/// sensible is left, or when the text holds letters beyond ASCII, for which a person should choose.
pub fn to_station_name(text: &str) -> Option<String> {
    if !text.is_ascii() {
        return None;
    }
    let mut name = String::new();
    for character in text.chars().map(|character| character.to_ascii_lowercase()) {
        match character {
            'a'..='z' | '0'..='9' => name.push(character),
            '.' if !name.is_empty() && !name.ends_with(['-', '.']) => name.push('.'),
            _ if !name.is_empty() && !name.ends_with(['-', '.']) => name.push('-'),
            _ => {}
        }
    }
    let name = name.trim_end_matches(['-', '.']).to_owned();
    (!name.is_empty() && check_station_name(&name).is_ok()).then_some(name)
}

/// What a tool sends for a name that a person typed: lower case, letters beyond ASCII by punycode (RFC 5890); an empty
/// text stays empty and clears the name. The person is shown the result.
///
/// # Errors
/// The rule that what is left breaks.
pub fn convert_station_name(text: &str) -> Result<String, StationNameError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(String::new());
    }
    let converted = if text.is_ascii() {
        text.to_ascii_lowercase()
    } else {
        let foreign = || text.chars().find(|character| !character.is_ascii()).unwrap_or_default();
        idna::domain_to_ascii(text).map_err(|_| StationNameError::Character(foreign()))?
    };
    check_station_name(&converted).map(|()| converted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_broken_is_named() {
        for good in ["pump-1", "a", "cell-2.line.plant", "xn--fller-kva", "port-1", "1.2.3", "port-001-1", "1.2.3.4000"]
        {
            assert_eq!(check_station_name(good), Ok(()), "{good}");
        }
        let refusal = |text: &str| check_station_name(text).unwrap_err();
        assert_eq!(refusal("Pump"), StationNameError::Character('P'));
        assert_eq!(refusal("-bad"), StationNameError::LabelEdge("-bad".into()));
        assert_eq!(refusal("a..b"), StationNameError::LabelLength("".into(), 0));
        assert_eq!(refusal("a--b"), StationNameError::DoubleHyphen);
        assert_eq!(refusal("port-001"), StationNameError::PortName);
        assert_eq!(refusal("port-001-00002.x"), StationNameError::PortName);
        assert_eq!(refusal("10.0.0.1"), StationNameError::Address);
        assert_eq!(refusal(&"a".repeat(64)), StationNameError::LabelLength("a".repeat(64), 64));
        assert_eq!(refusal(&"a.".repeat(121)), StationNameError::TooLong(242));
    }

    #[test]
    fn what_is_typed_becomes_what_is_sent() {
        let converted = |text| convert_station_name(text).map_err(|error| error.to_string());
        for (text, name) in [
            ("Pump-1", "pump-1"),
            ("  ", ""),
            ("Füller", "xn--fller-kva"),
            ("Halle.Füller", "halle.xn--fller-kva"),
            ("ÖL-1", "xn--l-1-rna"),
            ("泵", "xn--kxw"),
        ] {
            assert_eq!(converted(text).as_deref(), Ok(name));
        }
        for (text, why) in [
            ("Pump 1", "` ` is not allowed; use a to z, 0 to 9, `-` and `.`"),
            ("Pumpe_Süd", "`_` is not allowed; use a to z, 0 to 9, `-` and `.`"),
            ("10.0.0.1", "it looks like an IP address"),
        ] {
            assert_eq!(converted(text), Err(why.to_owned()));
        }
    }

    #[test]
    fn texts_become_names_where_that_is_clear() {
        assert_eq!(to_station_name("Filler 1_A").as_deref(), Some("filler-1-a"));
        assert_eq!(to_station_name("-Pump--2-").as_deref(), Some("pump-2"));
        assert_eq!(to_station_name("Füller"), None);
        assert_eq!(to_station_name("__"), None);
        assert_eq!(to_station_name("10.0.0.1"), None);
    }

    proptest::proptest! {
        #[test]
        fn what_is_typed_is_right_or_refused(text in ".{0,80}") {
            if let Ok(name) = convert_station_name(&text) {
                proptest::prop_assert!(name.is_empty() || check_station_name(&name).is_ok());
            }
        }

        #[test]
        fn what_is_converted_is_right(text in ".{0,80}") {
            if let Some(name) = to_station_name(&text) {
                proptest::prop_assert_eq!(check_station_name(&name), Ok(()));
            }
        }
    }
}
