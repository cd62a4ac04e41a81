//! The embedded face: Inter with tabular digits, under the SIL Open Font License (`fonts/OFL.txt`).

use std::sync::LazyLock;

use ahash::AHashMap;
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider as _};
use smol_str::SmolStr;

/// Weight of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Weight {
    /// Text.
    Regular,
    /// Titles and what matters most in a row.
    SemiBold,
}

impl Weight {
    /// The OpenType file.
    pub fn bytes(self) -> &'static [u8] {
        match self {
            Self::Regular => include_bytes!("fonts/Inter-Regular.otf"),
            Self::SemiBold => include_bytes!("fonts/Inter-SemiBold.otf"),
        }
    }
}

/// Advances of a face in thousandths of its size.
struct Advances {
    of: AHashMap<char, f32>,
    /// For a character that the face does not have.
    missing: f32,
}

impl Advances {
    fn read(weight: Weight) -> Self {
        let Ok(font) = FontRef::new(weight.bytes()) else {
            return Self { of: AHashMap::new(), missing: 600.0 };
        };
        let metrics = font.glyph_metrics(Size::new(1000.0), LocationRef::default());
        let of = font
            .charmap()
            .mappings()
            .filter_map(|(code, glyph)| Some((char::from_u32(code)?, metrics.advance_width(glyph)?)))
            .collect();
        Self { of, missing: metrics.advance_width(skrifa::GlyphId::NOTDEF).unwrap_or(600.0) }
    }
}

static REGULAR: LazyLock<Advances> = LazyLock::new(|| Advances::read(Weight::Regular));
static SEMI_BOLD: LazyLock<Advances> = LazyLock::new(|| Advances::read(Weight::SemiBold));

/// Width of a line of text at this size, in the unit of the size; kerning is left out.
pub fn width(text: &str, size: f32, weight: Weight) -> f32 {
    let advances = match weight {
        Weight::Regular => &*REGULAR,
        Weight::SemiBold => &*SEMI_BOLD,
    };
    let thousandths: f32 = text.chars().map(|c| advances.of.get(&c).copied().unwrap_or(advances.missing)).sum();
    thousandths * size / 1000.0
}

/// The text, or as much of its beginning as fits into `room` with a `…` behind it.
pub fn fitted(text: &str, size: f32, weight: Weight, room: f32) -> SmolStr {
    if width(text, size, weight) <= room {
        return text.into();
    }
    let mut left = room - width("…", size, weight);
    let mut cut = String::new();
    let mut buffer = [0; 4];
    for character in text.chars() {
        left -= width(character.encode_utf8(&mut buffer), size, weight);
        if left < 0.0 {
            break;
        }
        cut.push(character);
    }
    format!("{}…", cut.trim_end()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_as_wide_as_each_other() {
        assert_eq!(width("1111", 12.0, Weight::Regular), width("8080", 12.0, Weight::Regular));
        assert!(width("wide", 12.0, Weight::SemiBold) > width("wide", 12.0, Weight::Regular));
        assert_eq!(width("", 12.0, Weight::Regular), 0.0);
    }

    #[test]
    fn a_text_is_cut_only_where_it_must_be() {
        let room = width("Filler", 12.0, Weight::Regular);
        assert_eq!(fitted("Filler", 12.0, Weight::Regular, room), "Filler");
        let cut = fitted("Füller der Anlage", 12.0, Weight::Regular, room);
        assert!(cut.ends_with('…') && cut.starts_with("Fü"), "{cut}");
        assert!(width(&cut, 12.0, Weight::Regular) <= room);
        assert_eq!(fitted("Filler", 12.0, Weight::Regular, 0.0), "…");
    }
}
