//! Texts broken into lines.

use crate::drawing::font::{self, Weight};

/// Breaks a text into lines that are no wider than `width`: at blanks, behind what joins names (`.`, `/`, `_` and the like), and
/// within a word that is wider than a line by itself. There is one line at least, and a line has one character at least.
pub(super) fn wrap(text: &str, width: f32, size: f32, weight: Weight) -> Vec<&str> {
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let paragraph = paragraph.trim_end();
        if font::width(paragraph, size, weight) <= width {
            lines.push(paragraph);
        } else {
            wrap_paragraph(paragraph, width, size, weight, &mut lines);
        }
    }
    lines
}

fn wrap_paragraph<'a>(text: &'a str, width: f32, size: f32, weight: Weight, lines: &mut Vec<&'a str>) {
    let mut start = 0;
    // Where the line may end, and its width up to there.
    let mut opening: Option<(usize, f32)> = None;
    let mut so_far = 0.0;
    for (at, character) in text.char_indices() {
        let advance = font::width(character.encode_utf8(&mut [0; 4]), size, weight);
        if so_far + advance > width && at > start && character != ' ' {
            let (end, used) = opening.take().filter(|(end, _)| *end > start).unwrap_or((at, so_far));
            lines.push(text[start..end].trim_end());
            start = end;
            so_far -= used;
        }
        so_far += advance;
        if matches!(character, ' ' | '.' | '/' | '-' | '_' | ',' | ';' | ':' | '→' | '+' | ')' | ']') {
            opening = Some((at + character.len_utf8(), so_far));
        }
    }
    lines.push(text[start..].trim_end());
}

/// As much of the beginning of a text as fits into one line of this width, with `…` in the place of what is left out.
pub(super) fn cut(text: &str, width: f32, size: f32, weight: Weight) -> String {
    font::fitted(&text.replace(['\n', '\r', '\t'], " "), size, weight, width).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, width: f32) -> Vec<&str> {
        wrap(text, width, 10.0, Weight::Regular)
    }

    #[test]
    fn lines_end_at_blanks_and_behind_what_joins_names() {
        assert_eq!(lines("", 50.0), [""]);
        assert_eq!(lines("short", 500.0), ["short"]);
        assert_eq!(lines("a few words in a row", 45.0), ["a few", "words in", "a row"]);
        assert_eq!(lines("Conveyor1.Belt.Running", 55.0), ["Conveyor1.", "Belt.", "Running"]);
        assert_eq!(lines("one\ntwo", 500.0), ["one", "two"]);
    }

    #[test]
    fn a_word_wider_than_a_line_is_broken_within() {
        let broken = lines("Füllstandüberwachung", 40.0);
        assert!(broken.len() > 2);
        assert_eq!(broken.concat(), "Füllstandüberwachung");
        assert_eq!(lines("äöü", 0.0), ["ä", "ö", "ü"], "a line has one character at least");
    }

    #[test]
    fn no_line_is_too_wide_and_nothing_gets_lost() {
        let text = "34 of 32 typical partners, limit 64: works, but beyond what the maker of `CP 443-1 Advanced` calls typical";
        for width in [20.0, 33.0, 61.5, 140.0] {
            let lines = lines(text, width);
            for line in &lines {
                let wide = font::width(line, 10.0, Weight::Regular);
                assert!(wide <= width || line.chars().count() == 1, "`{line}` is {wide} wide, more than {width}");
            }
            let squeezed = |text: &str| text.chars().filter(|c| *c != ' ').collect::<String>();
            assert_eq!(squeezed(&lines.concat()), squeezed(text));
        }
    }

    #[test]
    fn what_is_cut_off_is_shown() {
        assert_eq!(cut("Bottling line", 500.0, 10.0, Weight::Regular), "Bottling line");
        let short = cut("Bottling line", 40.0, 10.0, Weight::Regular);
        assert!(short.starts_with("Bott") && short.ends_with('…'), "{short}");
        assert!(font::width(&short, 10.0, Weight::Regular) <= 40.0);
    }
}
