//! Tags at ports (constants, and where links lead to other charts), frames and notes.

use emath::{Pos2, Rect, pos2, vec2};

use super::block::{canvas, sizes};
use super::font::{self, Weight};
use crate::model::{Chart, ChartId, LinkKey, Name, PortRef};

/// Longest text in a tag.
const MAX_TEXT: f32 = 160.0;
/// Space between a tag's edge and its text.
const INSET: f32 = 8.0;
/// Longest line of a note; longer ones are broken between words.
const NOTE_WIDTH: f32 = 320.0;
const NOTE_INSET: f32 = 8.0;
/// Height of a line of a note.
const NOTE_LINE: f32 = 16.0;

/// A constant in front of the input that it feeds.
#[derive(Debug, Clone, PartialEq)]
pub struct ConstantTag {
    /// Number of the input in its block.
    pub port: u16,
    /// `= 0.45 m/s`.
    pub text: Name,
    /// Where it stands.
    pub rect: Rect,
}

/// Where links of a port lead to, or come from, when that is on another chart.
#[derive(Debug, Clone, PartialEq)]
pub struct ArrowTag {
    /// Number of the port in its block.
    pub port: u16,
    /// `Packing › Packer1`, or `↑ Packer1` when that is on a chart above; and how many others there are.
    pub label: Name,
    /// Where it stands.
    pub rect: Rect,
    /// The other ends, by link.
    pub targets: Vec<ArrowTarget>,
}

/// The other end of a link, on another chart.
#[derive(Debug, Clone, PartialEq)]
pub struct ArrowTarget {
    /// The link.
    pub key: LinkKey,
    /// The port there.
    pub port: PortRef,
    /// Its chart; `None` when there is no such function in the plan.
    pub chart: Option<ChartId>,
}

/// A frame.
#[derive(Debug, Clone, PartialEq)]
pub struct FrameArea {
    /// Title.
    pub title: Name,
    /// Where it is.
    pub rect: Rect,
}

/// A note.
#[derive(Debug, Clone, PartialEq)]
pub struct NoteArea {
    /// Lines as they stand below each other.
    pub lines: Vec<String>,
    /// Where it is.
    pub rect: Rect,
}

impl ConstantTag {
    /// The tag of an input, not yet in its place.
    pub(super) fn new(port: u16, value: &str, unit: &str) -> Self {
        let text = if unit.is_empty() { format!("= {value}") } else { format!("= {value} {unit}") };
        Self { port, text: fitted(&text), rect: Rect::ZERO }
    }

    /// Puts it in front of the input at `at`.
    pub(super) fn place(&mut self, at: Pos2) {
        self.rect = left_of(at.x - sizes::TAG_GAP, at.y, &self.text);
    }
}

impl ArrowTag {
    /// The tag of a port with these other ends, one at least; not yet in its place.
    pub(super) fn new(port: u16, label: &str, targets: Vec<ArrowTarget>) -> Self {
        Self { port, label: fitted(label), rect: Rect::ZERO, targets }
    }

    /// Puts it left of `right`, or else right of the output at `at`.
    pub(super) fn place(&mut self, at: Pos2, right: Option<f32>) {
        self.rect = match right {
            Some(right) => left_of(right, at.y, &self.label),
            None => left_of(at.x + sizes::TAG_GAP + tag_width(&self.label), at.y, &self.label),
        };
    }
}

fn fitted(text: &str) -> Name {
    font::fitted(text, sizes::SMALL_TEXT, Weight::Regular, MAX_TEXT)
}

fn tag_width(text: &str) -> f32 {
    ((font::width(text, sizes::SMALL_TEXT, Weight::Regular) + 2.0 * INSET) / sizes::GRID).ceil() * sizes::GRID
}

fn left_of(right: f32, y: f32, text: &str) -> Rect {
    let width = tag_width(text);
    Rect::from_min_size(pos2(right - width, y - sizes::TAG / 2.0), vec2(width, sizes::TAG))
}

/// Frames of a chart, in the plan's order.
pub(super) fn frames(chart: &Chart) -> Vec<FrameArea> {
    let frame = |frame: &crate::model::Frame| {
        let size = canvas(frame.size).to_vec2();
        FrameArea { title: frame.title.clone(), rect: Rect::from_min_size(canvas(frame.at), size.max(vec2(8.0, 8.0))) }
    };
    chart.frames.iter().map(frame).collect()
}

/// Notes of a chart, in the plan's order.
pub(super) fn notes(chart: &Chart) -> Vec<NoteArea> {
    let note = |note: &crate::model::Note| {
        let lines: Vec<String> = note.text.lines().flat_map(broken).collect();
        let width = |line: &String| font::width(line, sizes::LABEL_TEXT, Weight::Regular);
        let widest = lines.iter().map(width).fold(40.0, f32::max);
        let size = vec2(widest.ceil() + 2.0 * NOTE_INSET, lines.len().max(1) as f32 * NOTE_LINE + 2.0 * NOTE_INSET);
        NoteArea { lines, rect: Rect::from_min_size(canvas(note.at), size) }
    };
    chart.notes.iter().map(note).collect()
}

/// A line of a note, broken between words where it is too long.
fn broken(line: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in line.split(' ') {
        let last = lines.last_mut();
        let Some(last) = last else { break };
        let longer = if last.is_empty() { word.to_owned() } else { format!("{last} {word}") };
        if last.is_empty() || font::width(&longer, sizes::LABEL_TEXT, Weight::Regular) <= NOTE_WIDTH {
            *last = longer;
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}
