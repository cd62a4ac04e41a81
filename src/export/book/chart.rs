//! Charts on pages: whole where that can be read, else an overview and its parts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::frame::{self, BODY, SMALL, TEXT};
use super::paper::{Paper, Pass};
use super::text::cut;
use crate::drawing::font::{self, Weight};
use crate::drawing::palette::LIGHT;
use crate::export::picture::{Anchor, Area, Item, Outline, Picture, Stroke, Target, Text};
use crate::model::{ChartId, Point};

/// A chart is drawn no larger than this, in points for a unit: its labels are then as large as other texts.
const LARGEST: f32 = 0.75;
/// Below this its labels cannot be read any more, and it is shown in parts.
const LEAST_READABLE: f32 = 0.38;
/// Points for a unit in a part: that of these which takes the fewest parts, the first of them where several do.
const PART_SCALES: [f32; 5] = [0.6, 0.56, 0.52, 0.48, 0.44];
/// What two parts beside and below each other have in common at least, in units: most blocks are then whole on one of them.
const OVERLAP: (f32, f32) = (220.0, 120.0);
/// A chart that would have more parts has its overview only: it can be magnified on a screen, and nobody turns so many pages.
const MOST_PARTS: usize = 4_000;
/// What the title takes above a chart.
const TITLE: f32 = 26.0;

/// A chart of the book.
#[derive(Debug, Clone, Copy)]
pub struct ChartPage<'a> {
    /// The chart.
    pub chart: ChartId,
    /// Its name, in contents and bookmarks.
    pub name: &'a str,
    /// Its path from the top, above the drawing.
    pub path: &'a str,
    /// The engineer's remark on it, beside the path.
    pub comment: &'a str,
    /// Levels above it.
    pub depth: usize,
}

impl Paper<'_> {
    /// Begins a chapter that has charts only; the first of them stands on its first page.
    pub fn chart_chapter(&mut self, title: &str) {
        self.begin_page(title);
        self.note_heading(title, 0, true);
    }

    /// A chart on pages of its own.
    pub fn chart(&mut self, page: &ChartPage<'_>, picture: impl FnOnce() -> Picture) {
        if !self.is_fresh() {
            self.turn();
        }
        self.note_heading(page.name, 1 + page.depth, true);
        self.place_here(Target::Chart(page.chart));
        self.tell();
        if self.pass == Pass::Measure || self.is_stopped {
            self.y = BODY.bottom();
            return;
        }
        let picture = Arc::new(Picture { ground: None, ..picture() });
        let room = Area::new(BODY.x, BODY.y + TITLE, BODY.width, BODY.height - TITLE);
        let scale = (room.width / picture.width).min(room.height / picture.height).min(LARGEST);
        let parts = if scale < LEAST_READABLE { Parts::of(&picture, Grid::over(&picture, &room)) } else { None };
        self.chart_title(page, None);
        if picture.items.is_empty() {
            self.y = room.y;
            self.paragraph(self.words.empty);
        }
        let at = Point {
            x: room.x + (room.width - picture.width * scale) / 2.0,
            y: room.y + (room.height - picture.height * scale) / 2.0,
        };
        self.draw_with(|_| [Item::Picture { picture: picture.clone(), part: picture.area(), at, scale }]);
        if let Some(parts) = &parts {
            self.draw_with(|paper| paper.map_of_parts(page.chart, parts, at, scale));
        }
        self.y = BODY.bottom();
        let Some(parts) = parts else { return };
        for (key, items) in &parts.items {
            self.part(page, &picture, &parts.grid, *key, items, Point { x: room.x, y: room.y });
        }
    }

    fn chart_title(&mut self, page: &ChartPage<'_>, part: Option<&str>) {
        let words = self.words;
        self.draw_with(|paper| {
            let (size, room) = (14.0, BODY.width - 90.0);
            let line = cut(page.path, room, size, Weight::SemiBold);
            let base = paper.y + 12.0;
            let left = BODY.x + font::width(&line, size, Weight::SemiBold) + 12.0;
            let comment = cut(page.comment, (BODY.x + room - left).max(0.0), TEXT, Weight::Regular);
            let comment = (!page.comment.is_empty() && part.is_none())
                .then(|| frame::text(left, base, comment, TEXT, Weight::Regular, LIGHT.dim));
            let title = frame::text(BODY.x, base, line, size, Weight::SemiBold, LIGHT.text);
            let part = part.map(|part| {
                let text = format!("{} {part}", words.part);
                frame::text_to(BODY.right(), base, text, 10.0, Weight::Regular, LIGHT.dim)
            });
            [title].into_iter().chain(comment).chain(part)
        });
    }

    /// Where the parts are on the overview, each leading to its page.
    fn map_of_parts(&self, chart: ChartId, parts: &Parts, at: Point, scale: f32) -> Vec<Item> {
        let mut items = Vec::new();
        for key in parts.items.keys() {
            let area = parts.grid.area(*key);
            let area = Area::new(at.x + area.x * scale, at.y + area.y * scale, area.width * scale, area.height * scale);
            let name = key.to_string();
            items.push(Item::stroked(Outline::rect(area), Stroke { dash: Some(2.0), ..Stroke::of(LIGHT.accent, 0.4) }));
            items.push(Item::Text(Text {
                at: Point { x: area.x + 3.0, y: area.y + SMALL + 1.0 },
                text: name.clone(),
                size: SMALL,
                weight: Weight::SemiBold,
                anchor: Anchor::Start,
                ink: LIGHT.accent,
            }));
            items.extend(self.link(area, &Target::Part(chart, key.row, key.column), &name));
        }
        items
    }

    /// The page of a part with these items.
    fn part(&mut self, page: &ChartPage<'_>, whole: &Picture, grid: &Grid, key: Key, items: &[usize], at: Point) {
        self.tell();
        self.turn();
        self.place_here(Target::Part(page.chart, key.row, key.column));
        self.chart_title(page, Some(&key.to_string()));
        let overview = format!("{} {}", self.words.overview, page.path);
        self.draw_with(|paper| {
            let Some(part) = grid.area(key).common(&whole.area()) else { return Vec::new() };
            // Only what is seen goes into the page, so that the file grows with the chart, not with its parts.
            let items = items.iter().filter_map(|at| whole.items.get(*at)).cloned().collect();
            let picture = Arc::new(Picture { items, ..empty(whole) });
            let back = Area::new(BODY.right() - 90.0, BODY.y, 90.0, TITLE - 6.0);
            let link = paper.link(back, &Target::Chart(page.chart), &overview);
            [Item::Picture { picture, part, at, scale: grid.scale }].into_iter().chain(link).collect()
        });
        self.y = BODY.bottom();
    }
}

fn empty(whole: &Picture) -> Picture {
    Picture {
        width: whole.width,
        height: whole.height,
        ground: whole.ground,
        title: String::new(),
        description: String::new(),
        items: Vec::new(),
    }
}

/// A part by row and column, both from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    row: u32,
    column: u32,
}

impl std::fmt::Display for Key {
    /// As on a map: `B3`, the column first.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut letters = Vec::new();
        let mut left = self.column;
        loop {
            letters.push(char::from(b'A' + (left % 26) as u8));
            match (left / 26).checked_sub(1) {
                Some(more) => left = more,
                None => break,
            }
        }
        let letters: String = letters.into_iter().rev().collect();
        write!(f, "{letters}{}", self.row + 1)
    }
}

/// How a chart is cut into parts of equal size, which overlap by as much as is left over.
#[derive(Debug, Clone, Copy)]
struct Grid {
    /// Points for a unit.
    scale: f32,
    /// Size of a part, in units of the chart.
    width: f32,
    height: f32,
    across: Axis,
    down: Axis,
}

/// One direction of a [`Grid`].
#[derive(Debug, Clone, Copy)]
struct Axis {
    /// Size of a part.
    size: f32,
    /// From the beginning of one part to that of the next.
    step: f32,
    /// The last part, from 0.
    last: u32,
}

impl Axis {
    fn over(whole: f32, size: f32, overlap: f32) -> Self {
        // A cast makes nothing of what is not a number, and the largest number of what is too large.
        let last = (((whole - overlap) / (size - overlap)).ceil() as u32).saturating_sub(1);
        let step = if last == 0 { size } else { (whole - size) / last as f32 };
        Self { size: if last == 0 { whole.max(1.0) } else { size }, step, last }
    }

    /// The parts that meet what lies between these.
    fn meet(self, from: f32, to: f32) -> std::ops::RangeInclusive<u32> {
        let first = ((from - self.size) / self.step).ceil() as u32;
        first..=((to / self.step) as u32).min(self.last)
    }
}

impl Grid {
    fn over(picture: &Picture, room: &Area) -> Self {
        let [first, others @ ..] = PART_SCALES.map(|scale| {
            let across = Axis::over(picture.width, room.width / scale, OVERLAP.0);
            let down = Axis::over(picture.height, room.height / scale, OVERLAP.1);
            Self { scale, width: across.size, height: down.size, across, down }
        });
        others.into_iter().fold(first, |best, other| if other.n_parts() < best.n_parts() { other } else { best })
    }

    fn n_parts(&self) -> u64 {
        (u64::from(self.across.last) + 1).saturating_mul(u64::from(self.down.last) + 1)
    }

    /// What a part shows of the chart.
    fn area(&self, key: Key) -> Area {
        Area::new(key.column as f32 * self.across.step, key.row as f32 * self.down.step, self.width, self.height)
    }

    /// The parts that an area meets.
    fn keys(&self, area: &Area) -> impl Iterator<Item = Key> + use<> {
        let (rows, columns) = (self.down.meet(area.y, area.bottom()), self.across.meet(area.x, area.right()));
        rows.flat_map(move |row| columns.clone().map(move |column| Key { row, column }))
    }
}

/// The parts of a chart in which there is something to read, with what is drawn on each.
struct Parts {
    grid: Grid,
    items: BTreeMap<Key, Vec<usize>>,
}

impl Parts {
    /// `None` when there would be too many.
    fn of(picture: &Picture, grid: Grid) -> Option<Self> {
        let bounds: Vec<Area> = picture.items.iter().map(Item::bounds).collect();
        let mut kept = BTreeSet::new();
        for (_, bounds) in picture.items.iter().zip(&bounds).filter(|(item, _)| can_be_read(item)) {
            kept.extend(grid.keys(bounds).take(MOST_PARTS + 1));
            if kept.len() > MOST_PARTS {
                return None;
            }
        }
        let mut items: BTreeMap<Key, Vec<usize>> = kept.into_iter().map(|key| (key, Vec::new())).collect();
        for (at, bounds) in bounds.iter().enumerate() {
            // What crosses more places than there are parts is met by asking each part.
            let n_places = grid.down.meet(bounds.y, bounds.bottom()).count() as u64
                * grid.across.meet(bounds.x, bounds.right()).count() as u64;
            if n_places > items.len() as u64 {
                for (key, items) in &mut items {
                    if grid.area(*key).meets(bounds) {
                        items.push(at);
                    }
                }
                continue;
            }
            for key in grid.keys(bounds) {
                if let Some(items) = items.get_mut(&key) {
                    items.push(at);
                }
            }
        }
        Some(Self { grid, items })
    }
}

/// Blocks and notes can, wires cannot.
fn can_be_read(item: &Item) -> bool {
    match item {
        Item::Text(_) => true,
        Item::Part { items, .. } => items.iter().any(can_be_read),
        Item::Shape { .. } | Item::Link { .. } | Item::Picture { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: Area = Area::new(48.0, 82.0, 580.0, 290.0);

    fn picture(places: &[Point]) -> Picture {
        let text = |at: &Point| {
            Item::Text(Text {
                at: *at,
                text: "x".into(),
                size: 12.0,
                weight: Weight::Regular,
                anchor: Anchor::Start,
                ink: LIGHT.text,
            })
        };
        let wire = Item::stroked(Outline::line(places), Stroke::of(LIGHT.wire, 1.6));
        let width = places.iter().map(|at| at.x).fold(0.0, f32::max) + 100.0;
        let height = places.iter().map(|at| at.y).fold(0.0, f32::max) + 100.0;
        let items = places.iter().map(text).chain([wire]).collect();
        Picture { width, height, ground: None, title: String::new(), description: String::new(), items }
    }

    #[test]
    fn parts_are_named_as_on_a_map() {
        let name = |row, column| Key { row, column }.to_string();
        assert_eq!(
            [name(0, 0), name(2, 1), name(0, 25), name(9, 26), name(0, 702)],
            ["A1", "B3", "Z1", "AA10", "AAA1"]
        );
    }

    fn parts_of(picture: &Picture) -> Option<Parts> {
        Parts::of(picture, Grid::over(picture, &ROOM))
    }

    #[test]
    fn only_parts_with_something_to_read_are_kept_and_each_has_what_crosses_it() {
        let parts = parts_of(&picture(&[Point { x: 300.0, y: 100.0 }, Point { x: 2500.0, y: 100.0 }])).unwrap();
        let found: Vec<String> = parts.items.iter().map(|(key, items)| format!("{key} {items:?}")).collect();
        assert_eq!(found, ["A1 [0, 2]", "C1 [1, 2]"], "the wire, which is the last, runs through B1 too");
        let seen = parts.grid.area(Key { row: 0, column: 2 });
        assert!((seen.right() - 2600.0).abs() < 0.01, "the last part ends where the chart does: {seen:?}");
    }

    #[test]
    fn parts_overlap_and_what_stands_at_their_border_is_on_both() {
        let grid = Grid::over(&picture(&[Point { x: 2500.0, y: 900.0 }]), &ROOM);
        let areas = [0, 1, 2].map(|column| grid.area(Key { row: 0, column }));
        for pair in areas.windows(2) {
            assert!(pair[0].right() - pair[1].x >= OVERLAP.0 - 0.01, "{pair:?}");
        }
        let border = Area::new(areas[1].x + 1.0, 10.0, 5.0, 5.0);
        let keys: Vec<String> = grid.keys(&border).map(|key| key.to_string()).collect();
        assert_eq!(keys, ["A1", "B1"]);
    }

    #[test]
    fn a_chart_that_would_fill_a_shelf_has_an_overview_only() {
        let far: Vec<Point> =
            (0..5000).map(|nth| Point { x: nth as f32 * 1000.0, y: (nth % 70) as f32 * 600.0 }).collect();
        assert!(parts_of(&picture(&far)).is_none());
        let huge = Item::Part {
            id: "a".into(),
            title: String::new(),
            items: vec![Item::Text(Text {
                at: Point { x: 0.0, y: 0.0 },
                text: "x".into(),
                size: 1e7,
                weight: Weight::Regular,
                anchor: Anchor::Start,
                ink: LIGHT.text,
            })],
        };
        let vast = Picture { items: vec![huge], width: 1e7, height: 1e7, ..picture(&[]) };
        assert!(parts_of(&vast).is_none());
    }
}
