//! A picture: what is to be seen, as a list of things to draw, and three ways to write it.
//!
//! Charts and the pages of the plant book are made of the same few things: [outlines](Outline) with fill and stroke, lines of text in
//! the embedded face, areas that lead somewhere, and smaller pictures. [`svg`] and [`png`] write one picture, [`pdf`] paints it
//! on a page. All of them place a text by the measures of [`font`], so that it stands where it was planned to.
//!
//! [`chart_picture`] draws a chart.
//!
//! Lengths are in the picture's own unit, x to the right, y downwards; what lies outside of its size is cut off.

mod chart;
mod outline;
pub(super) mod pdf;
pub mod png;
mod subset;
pub mod svg;

use std::sync::Arc;

pub use chart::chart_picture;
pub use outline::{Outline, Segment};

use crate::drawing::font::{self, Weight};
use crate::drawing::palette::Rgb;
use crate::model::{ChartId, ComponentKey, LinkKey, Name, Point};

/// A rectangle.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Area {
    /// Left edge.
    pub x: f32,
    /// Upper edge.
    pub y: f32,
    /// To the right, 0 or more.
    pub width: f32,
    /// Downwards, 0 or more.
    pub height: f32,
}

impl Area {
    /// From its upper left corner and its size.
    pub const fn new(x: f32, y: f32, width: f32, height: f32) -> Self {
        Self { x, y, width, height }
    }

    /// Right edge.
    pub fn right(&self) -> f32 {
        self.x + self.width
    }

    /// Lower edge.
    pub fn bottom(&self) -> f32 {
        self.y + self.height
    }

    /// Whether the two have a point in common, edges included.
    pub fn meets(&self, other: &Self) -> bool {
        self.x <= other.right() && other.x <= self.right() && self.y <= other.bottom() && other.y <= self.bottom()
    }

    /// What both cover; `None` when they do not meet.
    pub fn common(&self, other: &Self) -> Option<Self> {
        let (x, y) = (self.x.max(other.x), self.y.max(other.y));
        let (right, bottom) = (self.right().min(other.right()), self.bottom().min(other.bottom()));
        (right >= x && bottom >= y).then(|| Self::new(x, y, right - x, bottom - y))
    }

    /// With so much more on every side.
    pub fn grown(&self, by: f32) -> Self {
        Self::new(self.x - by, self.y - by, self.width + 2.0 * by, self.height + 2.0 * by)
    }

    /// The smallest rectangle that holds both.
    pub fn with(&self, other: &Self) -> Self {
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        Self::new(x, y, self.right().max(other.right()) - x, self.bottom().max(other.bottom()) - y)
    }
}

/// How a line is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stroke {
    /// Colour.
    pub ink: Rgb,
    /// Width of the line.
    pub width: f32,
    /// Dashes and the gaps between them have this length; absent: a whole line.
    pub dash: Option<f32>,
}

impl Stroke {
    /// A whole line.
    pub fn of(ink: Rgb, width: f32) -> Self {
        Self { ink, width, dash: None }
    }
}

/// Which point of a text stands where it is placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Anchor {
    /// Its beginning.
    #[default]
    Start,
    /// Its middle.
    Middle,
    /// Its end.
    End,
}

/// A line of text.
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    /// Where its anchor stands, on the base line.
    pub at: Point,
    /// What it says, in one line.
    pub text: String,
    /// Size of the face.
    pub size: f32,
    /// Weight of the face.
    pub weight: Weight,
    /// Which point of it stands there.
    pub anchor: Anchor,
    /// Colour.
    pub ink: Rgb,
}

impl Text {
    /// Width, without kerning.
    pub fn width(&self) -> f32 {
        font::width(&self.text, self.size, self.weight)
    }

    /// Where its first character begins.
    pub fn left(&self) -> f32 {
        match self.anchor {
            Anchor::Start => self.at.x,
            Anchor::Middle => self.at.x - self.width() / 2.0,
            Anchor::End => self.at.x - self.width(),
        }
    }

    fn bounds(&self) -> Area {
        Area::new(self.left(), self.at.y - self.size, self.width(), self.size * 1.3)
    }
}

/// Something that has a place of its own, to which a click can lead.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Target {
    /// A heading of the book, by its number from 0.
    Heading(usize),
    /// A chart.
    Chart(ChartId),
    /// A part of a chart, by row and column.
    Part(ChartId, u32, u32),
    /// A planned device.
    Device(Name),
    /// A component version.
    Component(ComponentKey),
    /// An instance.
    Instance(Name),
    /// A link.
    Link(LinkKey),
    /// What is generated for a device.
    Configuration(Name),
}

/// A thing to draw; later ones lie above earlier ones.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// A shape.
    Shape {
        /// Where its edge runs.
        outline: Outline,
        /// Colour inside.
        fill: Option<Rgb>,
        /// Its edge.
        stroke: Option<Stroke>,
    },
    /// A line of text.
    Text(Text),
    /// A part with a name of its own, for those who cannot see.
    Part {
        /// Unique in the picture: ASCII letters, digits, `-` and `_`, a letter first.
        id: String,
        /// What it is.
        title: String,
        /// What it is drawn of.
        items: Vec<Item>,
    },
    /// An area that leads somewhere.
    Link {
        /// Where to click.
        area: Area,
        /// Where it leads.
        target: Target,
        /// Where it leads, in words.
        title: String,
    },
    /// Another picture, or a part of it.
    Picture {
        /// The picture.
        picture: Arc<Picture>,
        /// What of it is shown, in its own unit.
        part: Area,
        /// Where the upper left corner of that part stands.
        at: Point,
        /// Units here for one unit of it.
        scale: f32,
    },
}

impl Item {
    /// A shape that is filled.
    pub fn filled(outline: Outline, fill: Rgb) -> Self {
        Self::Shape { outline, fill: Some(fill), stroke: None }
    }

    /// A line.
    pub fn stroked(outline: Outline, stroke: Stroke) -> Self {
        Self::Shape { outline, fill: None, stroke: Some(stroke) }
    }

    /// Where it can be seen; not smaller than that.
    pub fn bounds(&self) -> Area {
        match self {
            Self::Shape { outline, stroke, .. } => {
                outline.bounds().grown(stroke.map_or(0.0, |stroke| stroke.width / 2.0))
            }
            Self::Text(text) => text.bounds(),
            Self::Part { items, .. } => items.iter().map(Self::bounds).reduce(|a, b| a.with(&b)).unwrap_or_default(),
            Self::Link { area, .. } => *area,
            Self::Picture { part, at, scale, .. } => Area::new(at.x, at.y, part.width * scale, part.height * scale),
        }
    }
}

/// What is to be seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// Width, more than 0.
    pub width: f32,
    /// Height, more than 0.
    pub height: f32,
    /// Ground; absent: that of what it is drawn on.
    pub ground: Option<Rgb>,
    /// What it is.
    pub title: String,
    /// What it shows, for those who cannot see.
    pub description: String,
    /// The things on it.
    pub items: Vec<Item>,
}

impl Picture {
    /// All of it.
    pub fn area(&self) -> Area {
        Area::new(0.0, 0.0, self.width, self.height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_meet_where_they_touch() {
        let a = Area::new(0.0, 0.0, 10.0, 10.0);
        assert!(a.meets(&Area::new(10.0, 3.0, 1.0, 1.0)));
        assert!(!a.meets(&Area::new(10.1, 3.0, 1.0, 1.0)));
        assert_eq!(a.common(&Area::new(4.0, -5.0, 20.0, 8.0)), Some(Area::new(4.0, 0.0, 6.0, 3.0)));
        assert_eq!(a.common(&Area::new(11.0, 0.0, 1.0, 1.0)), None);
        assert_eq!(a.with(&Area::new(20.0, 2.0, 1.0, 1.0)), Area::new(0.0, 0.0, 21.0, 10.0));
    }

    #[test]
    fn a_text_stands_by_its_anchor() {
        let text = |anchor| Text {
            at: Point { x: 100.0, y: 0.0 },
            text: "0000".into(),
            size: 10.0,
            weight: Weight::Regular,
            anchor,
            ink: Rgb([0, 0, 0]),
        };
        let width = text(Anchor::Start).width();
        assert!(width > 10.0);
        assert_eq!(text(Anchor::End).left(), 100.0 - width);
        assert_eq!(text(Anchor::Middle).left(), 100.0 - width / 2.0);
    }
}
