//! What the sources of the protocol leave open and this project has settled for itself, as far as bytes
//! and strings go. None of it is known to be what a particular device does; a capture of a real device may
//! correct it here. Numbers are those of the protocol notes, section 9. Time and behaviour are in
//! `proto::acco::convention`; how types and values lie in bytes (17, 24) is in
//! [`type_desc`](super::type_desc).

/// Convention 1: separates PDev and LDev in a partner's name.
const PARTNER_SEPARATOR: char = '!';
/// Convention 1: separates function, property and structure member in an item's name.
const ITEM_SEPARATOR: char = '.';

/// Bytes of the name of a partner or an item, in UTF-8. Names have 240 characters; whoever sends more wants something else.
const MOST_NAME_BYTES: usize = 4096;

/// Convention 1: splits `<PDev>!<LDev>` at the first `!`; `None` if a part is missing or the name is far too long.
pub fn split_partner(name: &str) -> Option<(&str, &str)> {
    let (pdev, ldev) = name.split_once(PARTNER_SEPARATOR)?;
    let parts = !pdev.is_empty() && !ldev.is_empty() && !ldev.contains(PARTNER_SEPARATOR);
    (parts && name.len() <= MOST_NAME_BYTES).then_some((pdev, ldev))
}

/// Convention 1: `<PDev>!<LDev>`.
pub fn partner_name(pdev: &str, ldev: &str) -> String {
    format!("{pdev}{PARTNER_SEPARATOR}{ldev}")
}

/// Convention 1: splits `<RTAuto>.<Property>` at the first `.`; the property may go on with `.member`.
/// `None` if a part is missing, the name holds a `!` or is far too long.
pub fn split_item(name: &str) -> Option<(&str, &str)> {
    let (rtauto, property) = name.split_once(ITEM_SEPARATOR)?;
    let well_formed = name.len() <= MOST_NAME_BYTES
        && !rtauto.is_empty()
        && !name.contains(PARTNER_SEPARATOR)
        && property.split(ITEM_SEPARATOR).all(|part| !part.is_empty());
    well_formed.then_some((rtauto, property))
}

/// Convention 1: `<RTAuto>.<Property>`.
pub fn item_name(rtauto: &str, property: &str) -> String {
    format!("{rtauto}{ITEM_SEPARATOR}{property}")
}

/// Convention 8: the only selector of Browse2; other values answer CBA_E_INVALIDENUMVALUE.
pub const BROWSE_SELECTOR_ALL: u32 = 0;
/// Convention 8: access right of objects.
pub const ACCESS_OBJECT: i16 = 0;
/// Convention 8: access right of items that can be read.
pub const ACCESS_READ: i16 = 1;
/// Convention 8: access right of items that can be written.
pub const ACCESS_WRITE: i16 = 2;

/// Convention 24: structures nest this deep.
pub const MAX_TYPE_DEPTH: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_split_and_join() {
        assert_eq!(split_partner("192.168.0.12!Filler"), Some(("192.168.0.12", "Filler")));
        assert_eq!(split_item("Mixer.Speed"), Some(("Mixer", "Speed")));
        assert_eq!(split_item("Mixer.Recipe.Mass"), Some(("Mixer", "Recipe.Mass")));
        assert_eq!(split_partner(&partner_name("a", "b")), Some(("a", "b")));
        assert_eq!(split_item(&item_name("a", "b")), Some(("a", "b")));
        for bad in ["", "!", "a!", "!b", "ab", "a!b!c"] {
            assert_eq!(split_partner(bad), None, "{bad}");
        }
        for bad in ["", ".", "a.", ".b", "ab", "a.b.", "a..b", "a!b.c"] {
            assert_eq!(split_item(bad), None, "{bad}");
        }
    }
}
