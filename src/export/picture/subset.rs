//! A face with only the characters that a picture needs, complete enough for a browser.
//!
//! Outlines and advances are cut down by the same crate as for a PDF. That leaves out what a PDF has no use for; the map of characters is
//! made anew, the rest is taken from the face.

use std::collections::BTreeSet;

use skrifa::raw::TableProvider as _;
use skrifa::{FontRef, MetadataProvider as _, Tag};
use subsetter::GlyphRemapper;

use crate::drawing::font::Weight;

/// Tables of the cut down face.
const OF_SUBSET: [&[u8; 4]; 6] = [b"CFF ", b"head", b"hhea", b"hmtx", b"maxp", b"post"];
/// Tables that stay as they are.
const OF_FACE: [&[u8; 4]; 2] = [b"OS/2", b"name"];

/// The face with these characters as an OpenType file; characters that it does not have are left out. `None` when the program was
/// built with a broken face.
pub(super) fn subset(weight: Weight, characters: &BTreeSet<char>) -> Option<Vec<u8>> {
    let face = FontRef::new(weight.bytes()).ok()?;
    let mut remapper = GlyphRemapper::new();
    let charmap = face.charmap();
    let mut mapped = Vec::new();
    for character in characters {
        // The map has room for two bytes; the face has no character beyond.
        let (Ok(code), Some(glyph)) = (u16::try_from(u32::from(*character)), charmap.map(*character)) else { continue };
        mapped.push((code, remapper.remap(u16::try_from(glyph.to_u32()).ok()?)));
    }
    let cut = subsetter::subset(weight.bytes(), 0, &remapper).ok()?;
    let cut = FontRef::new(&cut).ok()?;
    let mut tables: Vec<(&[u8; 4], Vec<u8>)> = vec![(b"cmap", character_map(&mapped))];
    for (font, names) in [(&cut, &OF_SUBSET[..]), (&face, &OF_FACE[..])] {
        for name in names {
            let data = font.data_for_tag(Tag::new(name))?;
            tables.push((name, data.as_bytes().to_vec()));
        }
    }
    tables.sort();
    Some(file(&tables))
}

/// Table `cmap`, format 4: a segment a character.
fn character_map(mapped: &[(u16, u16)]) -> Vec<u8> {
    // The last segment ends the list; a character there would be none.
    let segments: Vec<(u16, u16)> = mapped.iter().copied().filter(|(code, _)| *code < 0xffff).collect();
    let n_segments = segments.len() as u16 + 1;
    let (range, selector) = search(n_segments);
    let length = 16 + 8 * n_segments;
    let mut out = Vec::with_capacity(usize::from(length) + 12);
    // Version, one map, for Windows and Unicode, which begins behind this.
    for word in [0, 1, 3, 1, 0, 12, 4, length, 0, n_segments * 2, range * 2, selector, (n_segments - range) * 2] {
        out.extend(u16::to_be_bytes(word));
    }
    let codes = || segments.iter().map(|(code, _)| *code).chain([0xffff]);
    let deltas = segments.iter().map(|(code, glyph)| glyph.wrapping_sub(*code)).chain([1]);
    for word in codes().chain([0]).chain(codes()).chain(deltas).chain(segments.iter().map(|_| 0)).chain([0]) {
        out.extend(word.to_be_bytes());
    }
    out
}

/// The greatest power of two that is not more than `count`, and its exponent.
fn search(count: u16) -> (u16, u16) {
    let exponent = count.max(1).ilog2() as u16;
    (1 << exponent, exponent)
}

/// An OpenType file of these tables, which are sorted.
fn file(tables: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let n_tables = tables.len() as u16;
    let (range, selector) = search(n_tables);
    let mut out = b"OTTO".to_vec();
    for word in [n_tables, range * 16, selector, (n_tables - range) * 16] {
        out.extend(word.to_be_bytes());
    }
    let mut offset = 12 + 16 * tables.len();
    let mut body = Vec::new();
    let mut head_at = None;
    for (name, data) in tables {
        let mut data = data.clone();
        if *name == b"head" && data.len() >= 12 {
            // The sum over the file goes here, counted as if this were 0.
            data[8..12].fill(0);
            head_at = Some(offset + 8);
        }
        let length = data.len();
        data.resize(length.next_multiple_of(4), 0);
        out.extend(*name);
        for word in [sum(&data), offset as u32, length as u32] {
            out.extend(word.to_be_bytes());
        }
        offset += data.len();
        body.extend(data);
    }
    out.extend(body);
    if let Some(at) = head_at {
        let adjustment = 0xb1b0_afba_u32.wrapping_sub(sum(&out));
        out[at..at + 4].copy_from_slice(&adjustment.to_be_bytes());
    }
    out
}

/// Sum over words of four bytes.
fn sum(data: &[u8]) -> u32 {
    data.chunks_exact(4).map(|word| u32::from_be_bytes([word[0], word[1], word[2], word[3]])).fold(0, u32::wrapping_add)
}

#[cfg(test)]
mod tests {
    use super::*;
    use skrifa::instance::{LocationRef, Size};

    #[test]
    fn characters_keep_their_advances_and_others_are_gone() {
        let wanted: BTreeSet<char> = "Füller 1: 0.45 m/s → ›日".chars().collect();
        for weight in [Weight::Regular, Weight::SemiBold] {
            let bytes = subset(weight, &wanted).unwrap();
            assert!(bytes.len() < 12_000, "{}", bytes.len());
            let (cut, whole) = (FontRef::new(&bytes).unwrap(), FontRef::new(weight.bytes()).unwrap());
            let advance = |font: &FontRef<'_>, character| {
                let metrics = font.glyph_metrics(Size::new(1000.0), LocationRef::default());
                font.charmap().map(character).and_then(|glyph| metrics.advance_width(glyph))
            };
            for character in &wanted {
                assert_eq!(advance(&cut, *character), advance(&whole, *character), "{character}");
            }
            assert_eq!(cut.charmap().map('日'), None);
            assert_eq!(cut.charmap().map('x'), None);
            assert_eq!(sum(&bytes), 0xb1b0_afba, "the sum over the whole file");
        }
    }

    #[test]
    fn no_character_at_all_is_a_face_too() {
        assert!(FontRef::new(&subset(Weight::Regular, &BTreeSet::new()).unwrap()).is_ok());
    }
}
