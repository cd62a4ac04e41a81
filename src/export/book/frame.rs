//! The sheet: its size, its margins, what stands at its head and foot.
//!
//! All pages are A4 landscape, for a chart needs the width and a table can use it. The unit is the point of typography, 1/72 inch.

use super::text::cut;
use super::{Front, Words};
use crate::drawing::font::Weight;
use crate::drawing::palette::{LIGHT, Rgb};
use crate::export::picture::{Anchor, Area, Item, Outline, Stroke, Text};
use crate::model::Point;

/// Width of the sheet.
pub(super) const WIDTH: f32 = 841.89;
/// Height of the sheet.
pub(super) const HEIGHT: f32 = 595.28;
/// What may be written on, below the head and above the foot.
pub(super) const BODY: Area = Area::new(48.0, 56.0, WIDTH - 96.0, 488.0);

/// Size of running texts and cells.
pub(super) const TEXT: f32 = 8.5;
/// From line to line of them.
pub(super) const LINE: f32 = 11.5;
/// Size of head, foot and table heads.
pub(super) const SMALL: f32 = 7.5;

/// Thin line between rows and parts.
pub(super) fn hairline() -> Stroke {
    Stroke::of(LIGHT.hairline, 0.5)
}

/// A line of text that begins here.
pub(super) fn text(x: f32, y: f32, text: impl Into<String>, size: f32, weight: Weight, ink: Rgb) -> Item {
    Item::Text(Text { at: Point { x, y }, text: text.into(), size, weight, anchor: Anchor::Start, ink })
}

/// A line of text that ends here.
pub(super) fn text_to(x: f32, y: f32, text: impl Into<String>, size: f32, weight: Weight, ink: Rgb) -> Item {
    Item::Text(Text { at: Point { x, y }, text: text.into(), size, weight, anchor: Anchor::End, ink })
}

/// A level line.
pub(super) fn rule(x: f32, right: f32, y: f32, stroke: Stroke) -> Item {
    Item::stroked(Outline::line([Point { x, y }, Point { x: right, y }]), stroke)
}

/// Head and foot of a page.
pub(super) fn head_and_foot(front: &Front, words: &Words, chapter: &str, page: usize, pages: usize) -> Vec<Item> {
    let (left, right) = (BODY.x, BODY.right());
    let half = BODY.width / 2.0 - 12.0;
    let mut items = vec![
        text(left, 34.0, cut(&front.title, half, SMALL, Weight::SemiBold), SMALL, Weight::SemiBold, LIGHT.dim),
        text_to(right, 34.0, cut(chapter, half, SMALL, Weight::Regular), SMALL, Weight::Regular, LIGHT.dim),
        rule(left, right, 41.0, hairline()),
        rule(left, right, 552.0, hairline()),
        text_to(right, 564.0, format!("{} {page} {} {pages}", words.page, words.of), SMALL, Weight::Regular, LIGHT.dim),
    ];
    let issue = match &front.date {
        Some(date) => format!("{} · {date}", words.plant_book),
        None => words.plant_book.to_owned(),
    };
    items.push(text(left, 564.0, cut(&issue, half, SMALL, Weight::Regular), SMALL, Weight::Regular, LIGHT.dim));
    items
}

/// The page in front of all.
pub(super) fn title_page(front: &Front, words: &Words) -> Vec<Item> {
    let left = BODY.x + 48.0;
    let room = BODY.right() - 48.0 - left;
    let mut y = 176.0;
    let mut items = vec![text(left, y, words.plant_book, 11.0, Weight::Regular, LIGHT.dim)];
    y += 38.0;
    for line in super::text::wrap(&front.title, room, 32.0, Weight::SemiBold).into_iter().take(3) {
        items.push(text(left, y, line, 32.0, Weight::SemiBold, LIGHT.text));
        y += 38.0;
    }
    y -= 10.0;
    for line in super::text::wrap(&front.comment, room.min(460.0), 11.0, Weight::Regular).into_iter().take(8) {
        items.push(text(left, y, line, 11.0, Weight::Regular, LIGHT.dim));
        y += 16.0;
    }
    y += 14.0;
    items.push(rule(left, left + 300.0, y, hairline()));
    y += 20.0;
    let date = front.date.iter().map(|date| (words.date.to_owned(), date.clone()));
    for (label, value) in front.facts.iter().cloned().chain(date) {
        items.push(text(left, y, label, 9.5, Weight::Regular, LIGHT.dim));
        items.push(text(left + 150.0, y, value, 9.5, Weight::Regular, LIGHT.text));
        y += 15.0;
    }
    items
}
