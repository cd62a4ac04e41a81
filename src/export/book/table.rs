//! Tables: columns as wide as their content asks for, rows over as many pages as there are, heads on each of them.

use super::content::{Cell, Column, Entry, Mark, Row, RowContent, Tone};
use super::frame::{self, BODY, LINE, SMALL, TEXT};
use super::paper::{Paper, Pass};
use super::text::{cut, wrap};
use crate::drawing::font::{self, Weight};
use crate::drawing::palette::{LIGHT, Rgb};
use crate::export::picture::{Area, Item, Outline, Stroke, Target};
use crate::model::Point;

/// Between two columns.
const GAP: f32 = 12.0;
/// Above and below the lines of a row, together.
const PADDING: f32 = 6.0;
/// Height of the line of a group, with the space above it.
const GROUP: f32 = 7.0 + LINE + PADDING;
/// Height of a head.
const HEAD: f32 = 17.0;
/// Where there is not enough room, a column asks for no more than this, however long its texts are.
const WIDEST: f32 = 330.0;
/// A column is given so much more than it asks for at most.
const SPARE: f32 = 26.0;
/// What a mark takes in front of its text.
const MARK: f32 = 11.0;

impl Paper<'_> {
    /// A table. `rows` hands its rows to what it is given. Tables of the same `style` have the same columns at the same widths.
    pub fn table(&mut self, style: &'static str, columns: &[Column], rows: impl FnOnce(&mut dyn FnMut(Row))) {
        if self.is_stopped {
            return;
        }
        if self.pass == Pass::Measure {
            let mut widest = self.found.widths.remove(style).unwrap_or_default();
            widest.resize(columns.len(), 0.0);
            for (widest, column) in widest.iter_mut().zip(columns) {
                *widest = widest.max(font::width(column.title, SMALL, Weight::SemiBold));
            }
            rows(&mut |row| {
                self.tell();
                let RowContent::Cells(cells) = &row.content else { return };
                for (widest, cell) in widest.iter_mut().zip(cells) {
                    *widest = widest.max(natural_width(cell));
                }
            });
            self.found.widths.insert(style, widest);
            return;
        }
        let spans = spans(columns, &self.known_widths(style));
        let head = Columns { columns, spans: &spans };
        self.group.clear();
        self.need(HEAD + LINE + PADDING);
        self.table_head(head);
        rows(&mut |row| self.row(head, &row));
        self.y += 8.0;
    }

    fn row(&mut self, head: Columns<'_>, row: &Row) {
        self.tell();
        if self.is_stopped {
            return;
        }
        let place = row.place.as_ref();
        match &row.content {
            RowContent::Cells(cells) => self.table_row(head, head, place, cells),
            RowContent::Group(entries) => self.group_row(head, place, entries),
            RowContent::Note(entry) => {
                let whole = Columns { columns: &[Column::text("")], spans: &[WHOLE] };
                self.table_row(head, whole, place, &[Cell::from(entry.clone())]);
            }
        }
    }

    fn table_head(&mut self, head: Columns<'_>) {
        self.draw_with(|paper| {
            let base = paper.y + 10.0;
            let titles = head.iter().map(|(column, span)| {
                let place = if column.right { frame::text_to } else { frame::text };
                let x = if column.right { span.right } else { span.left };
                place(x, base, column.title, SMALL, Weight::SemiBold, LIGHT.dim)
            });
            let line = frame::rule(BODY.x, BODY.right(), paper.y + HEAD - 1.5, Stroke::of(LIGHT.border, 0.8));
            titles.chain([line]).collect::<Vec<_>>()
        });
        self.y += HEAD;
    }

    fn group_row(&mut self, head: Columns<'_>, place: Option<&Target>, entries: &[Entry]) {
        // Two rows below it stay with it: a remark, and the first that it is about.
        if GROUP + 2.0 * (LINE + PADDING) > self.room() {
            self.turn();
            self.table_head(head);
        }
        if let Some(place) = place {
            self.place_here(place.clone());
        }
        self.group = entries.to_vec();
        self.group_line();
    }

    /// The group that rows are written of, above them.
    fn group_line(&mut self) {
        self.draw_with(|paper| {
            let mut items = Vec::new();
            let base = paper.y + GROUP - LINE - PADDING / 2.0 + 8.5;
            let mut left = BODY.x;
            for entry in &paper.group {
                let weight = entry.tone.weight();
                let text = cut(&entry.text, (BODY.right() - left).max(0.0), TEXT, weight);
                let indent = if entry.mark.is_some() { MARK } else { 0.0 };
                let right = left + indent + font::width(&text, TEXT, weight);
                let line = Line { text: &text, entry, is_first: true };
                paper.line_items(&Column::text(""), &Span { left, right }, &line, base, &mut items);
                left = right + 1.5 * GAP;
            }
            items.push(frame::rule(BODY.x, BODY.right(), paper.y + GROUP, frame::hairline()));
            items
        });
        self.y += GROUP;
    }

    /// Goes on with a table on the next page, under its head and the group it is in.
    fn turn_table(&mut self, head: Columns<'_>) {
        self.turn();
        self.table_head(head);
        if !self.group.is_empty() {
            self.group_line();
        }
    }

    fn table_row(&mut self, head: Columns<'_>, columns: Columns<'_>, place: Option<&Target>, cells: &[Cell]) {
        let cells: Vec<Vec<Line<'_>>> = cells.iter().zip(columns.spans).map(|(cell, span)| lines(cell, span)).collect();
        let n_lines = cells.iter().map(Vec::len).max().unwrap_or(1).max(1);
        // A row of some lines stays together; one that is as tall as half a page may be broken.
        let whole = n_lines as f32 * LINE + PADDING;
        if whole > self.room() && whole <= BODY.height / 2.0 {
            self.turn_table(head);
        }
        let mut from = 0;
        while from < n_lines {
            let fit = ((self.room() - PADDING) / LINE).floor().max(0.0) as usize;
            let upto = n_lines.min(from + fit);
            if fit == 0 || (upto < n_lines && fit < 3 && from == 0) {
                self.turn_table(head);
                continue;
            }
            if let Some(place) = place.filter(|_| from == 0) {
                self.place_here(place.clone());
            }
            self.draw_with(|paper| paper.row_items(columns, &cells, from..upto));
            self.y += (upto - from) as f32 * LINE + PADDING;
            from = upto;
        }
    }

    fn row_items(&self, columns: Columns<'_>, cells: &[Vec<Line<'_>>], range: std::ops::Range<usize>) -> Vec<Item> {
        let mut items = Vec::new();
        let n_lines = range.len();
        for ((column, span), cell) in columns.iter().zip(cells) {
            for (nth, line) in cell.iter().skip(range.start).take(n_lines).enumerate() {
                let base = self.y + PADDING / 2.0 + nth as f32 * LINE + 8.5;
                self.line_items(column, span, line, base, &mut items);
            }
        }
        let bottom = self.y + n_lines as f32 * LINE + PADDING;
        items.push(frame::rule(BODY.x, BODY.right(), bottom, frame::hairline()));
        items
    }

    fn line_items(&self, column: &Column, span: &Span, line: &Line<'_>, base: f32, items: &mut Vec<Item>) {
        if line.text.is_empty() {
            return;
        }
        let entry = line.entry;
        let weight = entry.tone.weight();
        let ink = if entry.tone == Tone::Dim { LIGHT.dim } else { LIGHT.text };
        let indent = if entry.mark.is_some() { MARK } else { 0.0 };
        let width = font::width(line.text, TEXT, weight);
        let left = if column.right { span.right - width } else { span.left + indent };
        if let Some(mark) = entry.mark.filter(|_| line.is_first) {
            items.push(mark_item(mark, Point { x: left - MARK + 3.5, y: base - 3.0 }));
        }
        items.push(frame::text(left, base, line.text, TEXT, weight, ink));
        let Some(target) = &entry.to else { return };
        let area = Area::new(left, base - 8.5, width, LINE);
        if let Some(link) = self.link(area, target, &entry.text) {
            items.push(frame::rule(left, left + width, base + 1.9, Stroke::of(LIGHT.border, 0.5)));
            items.push(link);
        }
    }
}

/// From where to where a column goes.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Span {
    left: f32,
    right: f32,
}

/// Columns and where each is on the page.
#[derive(Clone, Copy)]
struct Columns<'a> {
    columns: &'a [Column],
    spans: &'a [Span],
}

impl<'a> Columns<'a> {
    fn iter(self) -> impl Iterator<Item = (&'a Column, &'a Span)> {
        self.columns.iter().zip(self.spans)
    }
}

/// All columns.
const WHOLE: Span = Span { left: BODY.x, right: BODY.x + BODY.width };

/// A line in a cell.
struct Line<'a> {
    text: &'a str,
    entry: &'a Entry,
    /// The first of its entry.
    is_first: bool,
}

fn lines<'a>(cell: &'a Cell, span: &Span) -> Vec<Line<'a>> {
    let mut lines = Vec::with_capacity(cell.0.len());
    for entry in &cell.0 {
        let indent = if entry.mark.is_some() { MARK } else { 0.0 };
        // A hundredth of a point is what adding up in another order can make.
        let room = span.right - span.left - indent + 0.01;
        let texts = wrap(&entry.text, room, TEXT, entry.tone.weight());
        lines.extend(texts.into_iter().enumerate().map(|(nth, text)| Line { text, entry, is_first: nth == 0 }));
    }
    lines
}

fn natural_width(cell: &Cell) -> f32 {
    let entry_width = |entry: &Entry| {
        let lines = entry.text.split('\n').map(|line| font::width(line, TEXT, entry.tone.weight()));
        lines.fold(0.0, f32::max) + if entry.mark.is_some() { MARK } else { 0.0 }
    };
    cell.0.iter().map(entry_width).fold(0.0, f32::max)
}

/// Shares the width of the page among columns by what they ask for.
fn spans(columns: &[Column], asked: &[f32]) -> Vec<Span> {
    let n_columns = columns.len().max(1) as f32;
    let room = BODY.width - GAP * (n_columns - 1.0);
    let asked: Vec<f32> = columns
        .iter()
        .enumerate()
        .map(|(at, column)| {
            let head = font::width(column.title, SMALL, Weight::SemiBold);
            asked.get(at).copied().unwrap_or(0.0).max(head)
        })
        .collect();
    let widths = share(&asked, room);
    let mut left = BODY.x;
    widths
        .into_iter()
        .map(|width| {
            let span = Span { left, right: left + width };
            left = span.right + GAP;
            span
        })
        .collect()
}

/// Where there is not room for all, who asks for no more than an equal share gets what it asks for; the others share the rest by what
/// they ask for.
fn share(asked: &[f32], room: f32) -> Vec<f32> {
    let total: f32 = asked.iter().sum();
    if total <= room {
        let spare = ((room - total) / asked.len().max(1) as f32).min(SPARE);
        return asked.iter().map(|width| width + spare).collect();
    }
    let asked: Vec<f32> = asked.iter().map(|width| width.min(WIDEST)).collect();
    let total: f32 = asked.iter().sum();
    if total <= room {
        // Those that ask for the most have use for what is left.
        let most = asked.iter().copied().fold(0.0, f32::max);
        let n_most = asked.iter().filter(|width| **width >= most).count().max(1) as f32;
        return asked.iter().map(|width| width + if *width >= most { (room - total) / n_most } else { 0.0 }).collect();
    }
    let mut given: Vec<Option<f32>> = vec![None; asked.len()];
    loop {
        let left = room - given.iter().flatten().sum::<f32>();
        let open = given.iter().filter(|width| width.is_none()).count().max(1) as f32;
        let mut settled = false;
        for (given, asked) in given.iter_mut().zip(&asked) {
            if given.is_none() && *asked <= left / open {
                *given = Some(*asked);
                settled = true;
            }
        }
        if !settled {
            let still: f32 =
                given.iter().zip(&asked).filter(|(given, _)| given.is_none()).map(|(_, asked)| asked).sum();
            let part = left / still.max(1.0);
            return given.iter().zip(&asked).map(|(given, asked)| given.unwrap_or(asked * part)).collect();
        }
    }
}

fn mark_item(mark: Mark, centre: Point) -> Item {
    const RADIUS: f32 = 3.1;
    let circle = || Outline::Circle { centre, radius: RADIUS };
    match mark {
        Mark::Error => Item::filled(circle(), LIGHT.bad),
        Mark::Warning => Item::filled(triangle(centre, RADIUS + 0.7), LIGHT.warning),
        Mark::Info => {
            let ring = Outline::Circle { centre, radius: RADIUS - 0.5 };
            let ink: Rgb = LIGHT.dim;
            Item::stroked(ring, Stroke::of(ink, 1.0))
        }
    }
}

fn triangle(centre: Point, radius: f32) -> Outline {
    let at = |x: f32, y: f32| Point { x: centre.x + x * radius, y: centre.y + y * radius };
    Outline::Polygon(vec![at(0.0, -0.95), at(0.95, 0.75), at(-0.95, 0.75)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_get_what_they_ask_for_or_share_what_there_is() {
        assert_eq!(share(&[100.0, 50.0], 152.0), [101.0, 51.0]);
        assert_eq!(share(&[10.0, 10.0], 500.0), [36.0, 36.0], "no wider than reads well");
        assert_eq!(share(&[20.0, 256.0, 128.0], 116.0), [20.0, 64.0, 32.0]);
        assert_eq!(share(&[20.0, 300.0, 60.0], 220.0), [20.0, 140.0, 60.0]);
        assert_eq!(share(&[100.0, 900.0], 700.0), [100.0, 600.0], "a long text takes what is left");
        assert!(share(&[], 10.0).is_empty());
    }

    #[test]
    fn all_columns_are_on_the_page() {
        let columns = [Column::text("a"), Column::number("b"), Column::text("c")];
        let spans = spans(&columns, &[9000.0, 20.0, 700.0]);
        assert_eq!(spans[0].left, BODY.x);
        assert!((spans[2].right - BODY.right()).abs() < 0.01 || spans[2].right < BODY.right());
        assert!(spans.windows(2).all(|pair| pair[1].left - pair[0].right == GAP));
    }
}
