//! Where everything stands: the flow of the book over its pages.

use std::collections::BTreeMap;
use std::mem;

use ahash::AHashMap;

use super::frame::{self, BODY, LINE, TEXT};
use super::text::{cut, wrap};
use super::{BookError, Entry, Front, Watch, Words};
use crate::drawing::font::{self, Weight};
use crate::drawing::palette::LIGHT;
use crate::export::picture::{Area, Item, Picture, Target};

/// A page that is done.
pub(super) struct Page {
    /// What is on it.
    pub picture: Picture,
}

/// A line of the contents, and a bookmark.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Heading {
    /// What it says.
    pub title: String,
    /// 0 for a chapter, more for what stands in one.
    pub level: usize,
    /// Whether the contents list it; a bookmark it is in any case.
    pub listed: bool,
    /// Where it stands.
    pub page: usize,
    /// Upper edge there.
    pub y: f32,
    /// What leads to it.
    pub target: Target,
}

/// What is known of the book before it is written, or found out while it is.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// Widest content of each column, by the style of tables.
    pub widths: BTreeMap<&'static str, Vec<f32>>,
    /// Chapters and what stands in them.
    pub headings: Vec<Heading>,
    /// Where targets stand: page from 0 and upper edge. Only looked up, so its order does not matter.
    pub places: AHashMap<Target, (usize, f32)>,
    /// Pages in all.
    pub n_pages: usize,
}

/// Who watches is told of the work as often as so many rows or charts were written.
const ROWS_BETWEEN: usize = 64;

/// Levels of headings below a chapter that are told apart.
const DEEPEST: usize = 12;

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pass {
    /// Columns are measured and headings counted.
    Measure,
    /// Places are found.
    Place,
    /// Pages are drawn.
    Draw,
}

/// Receives pages as they are done.
type Sink<'a> = &'a mut dyn FnMut(Page);

/// What all passes have in common.
pub(super) struct Sheets<'a> {
    pub front: &'a Front,
    pub words: &'static Words,
    pub write: &'a dyn Fn(&mut Paper<'_>),
    pub watch: Watch<'a>,
}

impl Sheets<'_> {
    pub(super) fn measure(&self) -> Result<Layout, BookError> {
        self.run(Pass::Measure, &Layout::default(), &mut |_| {})
    }

    pub(super) fn place(&self, measured: Layout) -> Result<Layout, BookError> {
        let placed = self.run(Pass::Place, &measured, &mut |_| {})?;
        Ok(Layout { widths: measured.widths, ..placed })
    }

    pub(super) fn draw(&self, placed: &Layout, sink: Sink<'_>) -> Result<(), BookError> {
        self.run(Pass::Draw, placed, sink).map(drop)
    }

    fn run(&self, pass: Pass, known: &Layout, sink: Sink<'_>) -> Result<Layout, BookError> {
        let mut paper = Paper {
            pass,
            front: self.front,
            words: self.words,
            known,
            found: Layout::default(),
            sink,
            watch: self.watch,
            is_stopped: false,
            n_rows: 0,
            items: Vec::new(),
            y: BODY.y,
            page: 0,
            chapter: String::new(),
            group: Vec::new(),
        };
        paper.title_page();
        paper.contents();
        (self.write)(&mut paper);
        paper.end_page();
        if paper.is_stopped {
            return Err(BookError::Stopped);
        }
        paper.found.n_pages = paper.page;
        Ok(paper.found)
    }
}

/// Pages to write on, one after the other.
pub struct Paper<'a> {
    pub(super) pass: Pass,
    front: &'a Front,
    pub(super) words: &'static Words,
    known: &'a Layout,
    pub(super) found: Layout,
    sink: Sink<'a>,
    watch: Watch<'a>,
    /// Nobody wants the rest; what is written now goes nowhere.
    pub(super) is_stopped: bool,
    /// Rows so far: where nothing is drawn there are no pages to be counted.
    n_rows: usize,
    /// What is on the page so far.
    items: Vec<Item>,
    /// Where the next thing is written.
    pub(super) y: f32,
    /// The page, from 0.
    page: usize,
    chapter: String,
    /// What the rows of the table have in common that are written now; empty when they stand alone.
    pub(super) group: Vec<Entry>,
}

impl Paper<'_> {
    /// Begins a chapter on a new page and returns what leads to it.
    pub fn chapter(&mut self, title: &str) -> Target {
        self.begin_page(title);
        let target = self.note_heading(title, 0, true);
        self.draw_with(|paper| {
            let line = cut(title, BODY.width, 18.0, Weight::SemiBold);
            [frame::text(BODY.x, paper.y + 15.0, line, 18.0, Weight::SemiBold, LIGHT.text)]
        });
        self.y += 28.0;
        target
    }

    /// A heading inside of a chapter, with at least `keep` below it on the same page; `target` leads here.
    pub fn heading(&mut self, title: &str, target: Option<Target>, keep: f32) {
        let above = if self.is_fresh() { 0.0 } else { 14.0 };
        self.need(above + 20.0 + keep);
        if !self.is_fresh() {
            self.y += 14.0;
        }
        self.note_heading(title, 1, false);
        if let Some(target) = target {
            self.place_here(target);
        }
        self.draw_with(|paper| {
            let line = cut(title, BODY.width, 11.0, Weight::SemiBold);
            [frame::text(BODY.x, paper.y + 10.0, line, 11.0, Weight::SemiBold, LIGHT.text)]
        });
        self.y += 19.0;
    }

    /// A text over as many lines as it needs, in the tone of what stands beside.
    pub fn paragraph(&mut self, text: &str) {
        if self.pass == Pass::Measure {
            return;
        }
        for line in wrap(text, BODY.width.min(560.0), TEXT, Weight::Regular) {
            self.need(LINE);
            self.draw_with(|paper| [frame::text(BODY.x, paper.y + 8.5, line, TEXT, Weight::Regular, LIGHT.dim)]);
            self.y += LINE;
        }
        self.y += 5.0;
    }

    /// What leads to a target leads here.
    pub(super) fn place_here(&mut self, target: Target) {
        if self.pass == Pass::Place {
            let place = (self.page, self.y);
            self.found.places.entry(target).or_insert(place);
        }
    }

    /// Goes to a new page unless so much is left of this one. Returns whether it did.
    pub(super) fn need(&mut self, height: f32) -> bool {
        let turn = self.y + height > BODY.bottom() && !self.is_fresh();
        if turn {
            self.turn();
        }
        turn
    }

    /// Goes to the next page of the same chapter.
    pub(super) fn turn(&mut self) {
        self.end_page();
    }

    /// What is left of this page.
    pub(super) fn room(&self) -> f32 {
        BODY.bottom() - self.y
    }

    /// Whether nothing is written on this page yet.
    pub(super) fn is_fresh(&self) -> bool {
        self.y <= BODY.y
    }

    /// Draws, when it is time to, what is said in terms of where the paper is.
    pub(super) fn draw_with<I: IntoIterator<Item = Item>>(&mut self, items: impl FnOnce(&Self) -> I) {
        if self.pass == Pass::Draw {
            let items = items(self);
            self.items.extend(items);
        }
    }

    /// An area that leads to a target, where there is such a place.
    pub(super) fn link(&self, area: Area, target: &Target, title: &str) -> Option<Item> {
        let link = || Item::Link { area, target: target.clone(), title: title.to_owned() };
        self.leads_somewhere(target).then(link)
    }

    /// Whether the book has a place for this target.
    pub(super) fn leads_somewhere(&self, target: &Target) -> bool {
        self.known.places.contains_key(target)
    }

    /// Widest content of each column in tables of this style.
    pub(super) fn known_widths(&self, style: &str) -> Vec<f32> {
        self.known.widths.get(style).cloned().unwrap_or_default()
    }

    /// Adds a heading to contents and bookmarks; returns what leads to it.
    pub(super) fn note_heading(&mut self, title: &str, level: usize, listed: bool) -> Target {
        let target = Target::Heading(self.found.headings.len());
        self.place_here(target.clone());
        let (title, page, y) = (title.to_owned(), self.page, self.y);
        // Deeper ones stand beside each other: nobody reads them, and who walks the levels must come to an end.
        let level = level.min(DEEPEST);
        self.found.headings.push(Heading { title, level, listed, page, y, target: target.clone() });
        target
    }

    pub(super) fn begin_page(&mut self, chapter: &str) {
        self.end_page();
        self.chapter = chapter.to_owned();
    }

    /// Tells who watches how far this pass is, now and then.
    pub(super) fn tell(&mut self) {
        self.n_rows += 1;
        if self.n_rows.is_multiple_of(ROWS_BETWEEN) {
            self.is_stopped |= !(self.watch)(self.progress());
        }
    }

    /// The last pass takes about as long as the others together.
    fn progress(&self) -> f32 {
        match self.pass {
            Pass::Measure => 0.0,
            Pass::Place => 0.2,
            Pass::Draw => 0.5 + 0.5 * self.page as f32 / self.known.n_pages.max(1) as f32,
        }
    }

    fn end_page(&mut self) {
        if self.pass == Pass::Draw {
            let mut items = mem::take(&mut self.items);
            if self.page > 0 {
                let (page, pages) = (self.page + 1, self.known.n_pages);
                items.extend(frame::head_and_foot(self.front, self.words, &self.chapter, page, pages));
            }
            (self.sink)(Page {
                picture: Picture {
                    width: frame::WIDTH,
                    height: frame::HEIGHT,
                    ground: None,
                    title: String::new(),
                    description: String::new(),
                    items,
                },
            });
        }
        self.page += 1;
        self.y = BODY.y;
    }

    fn title_page(&mut self) {
        let (front, words) = (self.front, self.words);
        self.draw_with(|_| frame::title_page(front, words));
        self.end_page();
    }

    /// The contents: what the pass before found, so they take the same room in both later passes.
    fn contents(&mut self) {
        self.chapter = self.words.contents.to_owned();
        let title = self.words.contents;
        self.draw_with(|paper| [frame::text(BODY.x, paper.y + 15.0, title, 18.0, Weight::SemiBold, LIGHT.text)]);
        self.y += 28.0;
        let known = self.known;
        for heading in known.headings.iter().filter(|heading| heading.listed) {
            let (weight, height) = if heading.level == 0 { (Weight::SemiBold, 18.0) } else { (Weight::Regular, 14.0) };
            self.need(height);
            self.draw_with(|paper| paper.contents_line(heading, weight, height));
            self.y += height;
        }
    }

    fn contents_line(&self, heading: &Heading, weight: Weight, height: f32) -> Vec<Item> {
        const COLUMN: f32 = 440.0;
        const SIZE: f32 = 9.5;
        let indent = 14.0 * heading.level as f32;
        let base = self.y + height - 4.0;
        let right = BODY.x + COLUMN;
        let number = (heading.page + 1).to_string();
        let title = cut(&heading.title, COLUMN - indent - 40.0, SIZE, weight);
        let begin = BODY.x + indent + font::width(&title, SIZE, weight) + 8.0;
        let end = right - font::width(&number, SIZE, weight) - 8.0;
        let ink = if heading.level == 0 { LIGHT.text } else { LIGHT.dim };
        let area = Area::new(BODY.x, self.y, COLUMN, height);
        vec![
            frame::text(BODY.x + indent, base, title, SIZE, weight, ink),
            frame::rule(begin, end.max(begin), base - 2.5, frame::hairline()),
            frame::text_to(right, base, number, SIZE, weight, ink),
            Item::Link { area, target: heading.target.clone(), title: heading.title.clone() },
        ]
    }
}
