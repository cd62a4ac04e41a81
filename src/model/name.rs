//! Names and the paths made of them.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{Phrase, Say};

/// A name as the engineer or the vendor wrote it; cheap to clone, compared byte by byte (case-sensitive).
pub type Name = SmolStr;

/// Why a text cannot be a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NameError {
    /// The text is empty.
    Empty,
    /// More than 240 characters.
    TooLong(usize),
    /// A character that names may not hold, with its position counted from 1.
    Character(char, usize),
}

impl Say for NameError {
    fn say(&self) -> Phrase {
        match self {
            Self::Empty => crate::say!("a name must not be empty"),
            Self::TooLong(it) => crate::say!("a name has at most 240 characters, this one has {it}", it),
            Self::Character(character, position) => crate::say!(
                "`{character}` at position {position} is not allowed in a name; use letters, digits and `_`, and begin with a letter or `_`",
                character,
                position
            ),
        }
    }
}

crate::error_in_words!(NameError);

/// Checks a component's identifier (LDev, RTAuto, property, structure, member): `[letter_][letter digit _]{0,239}`.
///
/// # Errors
/// The first rule broken (`pcd-format` 5.4).
pub fn check_identifier(text: &str) -> Result<(), NameError> {
    check_characters(text, |_, _| false)
}

/// Checks an instance name: as an identifier, and `-` or a space between other characters.
///
/// `.`, `!`, `/` and `[` would be ambiguous in item strings and paths (convention 1 of the wire spec).
///
/// # Errors
/// The first rule broken.
pub fn check_instance_name(text: &str) -> Result<(), NameError> {
    check_characters(text, |position, character| {
        position > 0 && position + 1 < text.chars().count() && matches!(character, '-' | ' ')
    })
}

fn check_characters(text: &str, also: impl Fn(usize, char) -> bool) -> Result<(), NameError> {
    if text.is_empty() {
        return Err(NameError::Empty);
    }
    let length = text.chars().count();
    if length > 240 {
        return Err(NameError::TooLong(length));
    }
    for (position, character) in text.chars().enumerate() {
        let plain = character == '_' || character.is_alphabetic() || (position > 0 && character.is_numeric());
        if !plain && !also(position, character) {
            return Err(NameError::Character(character, position + 1));
        }
    }
    Ok(())
}

/// One function of an instance: an RTAuto inside an LDev.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FunctionRef {
    /// Instance in the plan.
    pub instance: Name,
    /// LDev of its component.
    pub ldev: Name,
    /// RTAuto in that LDev.
    pub rtauto: Name,
}

impl fmt::Display for FunctionRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.instance, self.ldev, self.rtauto)
    }
}

/// The names that lead to a port. See [`PortRef`].
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortPath {
    /// Instance in the plan.
    pub instance: Name,
    /// LDev of its component.
    pub ldev: Name,
    /// RTAuto in that LDev.
    pub rtauto: Name,
    /// Property of that RTAuto.
    pub port: Name,
}

/// A port of an instance by its four names, written `Instance.LDev.RTAuto.Property`.
///
/// It is a shared pointer, so links, constants and indexes hold it for eight bytes. The order is that of
/// the names, hence all ports of an instance stand together in a sorted map.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortRef(Arc<PortPath>);

impl PortRef {
    /// The port called by these four names.
    pub fn new(
        instance: impl Into<Name>,
        ldev: impl Into<Name>,
        rtauto: impl Into<Name>,
        port: impl Into<Name>,
    ) -> Self {
        Self(Arc::new(PortPath {
            instance: instance.into(),
            ldev: ldev.into(),
            rtauto: rtauto.into(),
            port: port.into(),
        }))
    }

    /// Reads `Instance.LDev.RTAuto.Property`; `None` when there are not exactly four non-empty parts.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let mut next = || parts.next().filter(|part| !part.is_empty());
        let port = Self::new(next()?, next()?, next()?, next()?);
        parts.next().is_none().then_some(port)
    }

    /// The function that owns the port.
    pub fn function(&self) -> FunctionRef {
        FunctionRef { instance: self.instance.clone(), ldev: self.ldev.clone(), rtauto: self.rtauto.clone() }
    }

    /// The same port of another instance (after a rename, or in a copy).
    pub fn in_instance(&self, instance: impl Into<Name>) -> Self {
        Self::new(instance, self.ldev.clone(), self.rtauto.clone(), self.port.clone())
    }

    /// The first path an instance can have in the sorted order: where a range scan begins.
    pub(crate) fn first_of(instance: &str) -> Self {
        Self::new(instance, "", "", "")
    }
}

impl std::ops::Deref for PortRef {
    type Target = PortPath;
    fn deref(&self) -> &PortPath {
        &self.0
    }
}

impl fmt::Display for PortRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}.{}", self.instance, self.ldev, self.rtauto, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn port_text_has_four_parts() {
        let port = PortRef::parse("Filler1.Filler.Fill.Level").unwrap();
        assert_eq!(port.rtauto, "Fill");
        assert_eq!(port.to_string(), "Filler1.Filler.Fill.Level");
        for wrong in ["", "a.b.c", "a.b.c.d.e", "a..c.d"] {
            assert_eq!(PortRef::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn identifiers_refuse_what_item_strings_cannot_hold() {
        assert_eq!(check_identifier("Füller_1"), Ok(()));
        assert_eq!(check_identifier("a.b"), Err(NameError::Character('.', 2)));
        assert_eq!(check_identifier("1a"), Err(NameError::Character('1', 1)));
        assert_eq!(check_instance_name("Belt conveyor-2"), Ok(()));
        assert_eq!(check_instance_name("Belt "), Err(NameError::Character(' ', 5)));
        assert_eq!(check_instance_name(""), Err(NameError::Empty));
    }
}
