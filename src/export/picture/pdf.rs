//! A picture painted on a page of a PDF, as vectors and as text that can be selected.

use std::sync::LazyLock;

use ahash::AHashMap;
use krilla::color::rgb;
use krilla::geom::{Path, PathBuilder, Point as PdfPoint, Rect, Transform};
use krilla::num::NormalizedF32;
use krilla::paint::{Fill, FillRule, LineCap, LineJoin, Stroke as PdfStroke, StrokeDash};
use krilla::surface::Surface;
use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider as _};

use super::{Area, Item, Outline, Picture, Segment, Stroke, Target, Text};
use crate::drawing::font::Weight;
use crate::drawing::palette::Rgb;
use crate::model::Point;

/// The embedded faces, as a PDF takes them.
pub(crate) struct Faces {
    regular: Font,
    semi_bold: Font,
}

impl Faces {
    /// The faces; `None` when the program was built with broken ones.
    pub(crate) fn load() -> Option<Self> {
        let face = |weight: Weight| Font::new(weight.bytes().into(), 0);
        Some(Self { regular: face(Weight::Regular)?, semi_bold: face(Weight::SemiBold)? })
    }

    fn of(&self, weight: Weight) -> &Font {
        match weight {
            Weight::Regular => &self.regular,
            Weight::SemiBold => &self.semi_bold,
        }
    }
}

/// Glyph and advance, for size 1, of every character of a face.
type Glyphs = AHashMap<char, (GlyphId, f32)>;

fn read_glyphs(weight: Weight) -> Glyphs {
    let Ok(font) = FontRef::new(weight.bytes()) else { return Glyphs::new() };
    let metrics = font.glyph_metrics(Size::new(1.0), LocationRef::default());
    let mapped = font.charmap().mappings();
    let glyph = |(code, glyph): (u32, skrifa::GlyphId)| {
        Some((char::from_u32(code)?, (GlyphId::new(glyph.to_u32()), metrics.advance_width(glyph)?)))
    };
    mapped.filter_map(glyph).collect()
}

static REGULAR: LazyLock<Glyphs> = LazyLock::new(|| read_glyphs(Weight::Regular));
static SEMI_BOLD: LazyLock<Glyphs> = LazyLock::new(|| read_glyphs(Weight::SemiBold));

/// An area of the page that leads somewhere.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PageLink {
    /// Where to click, in the unit of the page.
    pub area: Area,
    /// Where it leads.
    pub target: Target,
    /// The same in words.
    pub title: String,
}

/// Paints a picture over the whole of a surface and returns what on it leads somewhere.
pub(crate) fn paint(surface: &mut Surface<'_>, faces: &Faces, picture: &Picture) -> Vec<PageLink> {
    let mut painter = Painter { surface, faces, links: Vec::new() };
    if let Some(ground) = picture.ground {
        painter.shape(&Outline::rect(picture.area()), Some(ground), None);
    }
    painter.items(&picture.items, None, &|area| Some(area));
    painter.links
}

struct Painter<'a, 'b> {
    surface: &'a mut Surface<'b>,
    faces: &'a Faces,
    links: Vec<PageLink>,
}

impl Painter<'_, '_> {
    /// Draws what is seen of the items; `to_page` turns an area into one of the page, as far as it is seen there.
    fn items(&mut self, items: &[Item], part: Option<&Area>, to_page: &dyn Fn(Area) -> Option<Area>) {
        for item in items {
            if part.is_some_and(|part| !part.meets(&item.bounds())) {
                continue;
            }
            match item {
                Item::Shape { outline, fill, stroke } => self.shape(outline, *fill, *stroke),
                Item::Text(text) => self.text(text),
                Item::Part { items, .. } => self.items(items, part, to_page),
                Item::Link { area, target, title } => {
                    let area = to_page(*area);
                    let link = area.map(|area| PageLink { area, target: target.clone(), title: title.clone() });
                    self.links.extend(link);
                }
                Item::Picture { picture, part, at, scale } => self.picture(picture, part, *at, *scale, to_page),
            }
        }
    }

    fn picture(
        &mut self,
        picture: &Picture,
        part: &Area,
        at: Point,
        scale: f32,
        to_page: &dyn Fn(Area) -> Option<Area>,
    ) {
        let Some(clip) = path(&Outline::rect(*part)) else { return };
        let (x, y) = (at.x - part.x * scale, at.y - part.y * scale);
        self.surface.push_transform(&Transform::from_row(scale, 0.0, 0.0, scale, x, y));
        self.surface.push_clip_path(&clip, &FillRule::NonZero);
        if let Some(ground) = picture.ground {
            self.shape(&Outline::rect(*part), Some(ground), None);
        }
        self.items(&picture.items, Some(part), &|area| {
            let area = area.common(part)?;
            to_page(Area::new(area.x * scale + x, area.y * scale + y, area.width * scale, area.height * scale))
        });
        self.surface.pop();
        self.surface.pop();
    }

    fn shape(&mut self, outline: &Outline, fill: Option<Rgb>, stroke: Option<Stroke>) {
        let Some(path) = path(outline) else { return };
        self.surface.set_fill(fill.map(pdf_fill));
        self.surface.set_stroke(stroke.map(pdf_stroke));
        self.surface.draw_path(&path);
    }

    fn text(&mut self, text: &Text) {
        let known = match text.weight {
            Weight::Regular => &*REGULAR,
            Weight::SemiBold => &*SEMI_BOLD,
        };
        let glyphs: Vec<KrillaGlyph> =
            text.text
                .char_indices()
                .map(|(from, character)| {
                    let (glyph_id, x_advance) = known.get(&character).copied().unwrap_or_else(|| {
                        (GlyphId::new(0), crate::drawing::font::width("\u{fffe}", 1.0, text.weight))
                    });
                    KrillaGlyph {
                        glyph_id,
                        text_range: from..from + character.len_utf8(),
                        x_advance,
                        x_offset: 0.0,
                        y_offset: 0.0,
                        y_advance: 0.0,
                        location: None,
                    }
                })
                .collect();
        self.surface.set_fill(Some(pdf_fill(text.ink)));
        self.surface.set_stroke(None);
        let start = PdfPoint::from_xy(text.left(), text.at.y);
        let font = self.faces.of(text.weight).clone();
        self.surface.draw_glyphs(start, &glyphs, font, &text.text, text.size, false);
    }
}

/// A rectangle of a PDF; `None` for one without extent.
pub(crate) fn pdf_rect(area: &Area) -> Option<Rect> {
    Rect::from_xywh(area.x, area.y, area.width, area.height)
}

fn path(outline: &Outline) -> Option<Path> {
    let mut builder = PathBuilder::new();
    for segment in outline.segments() {
        match segment {
            Segment::Move(to) => builder.move_to(to.x, to.y),
            Segment::Line(to) => builder.line_to(to.x, to.y),
            Segment::Curve(one, two, to) => builder.cubic_to(one.x, one.y, two.x, two.y, to.x, to.y),
            Segment::Close => builder.close(),
        }
    }
    builder.finish()
}

fn pdf_colour(ink: Rgb) -> rgb::Color {
    let [red, green, blue] = ink.channels();
    rgb::Color::new(red, green, blue)
}

fn pdf_fill(ink: Rgb) -> Fill {
    Fill { paint: pdf_colour(ink).into(), opacity: NormalizedF32::ONE, rule: FillRule::NonZero }
}

fn pdf_stroke(stroke: Stroke) -> PdfStroke {
    PdfStroke {
        paint: pdf_colour(stroke.ink).into(),
        width: stroke.width,
        line_cap: LineCap::Butt,
        line_join: LineJoin::Round,
        dash: stroke.dash.map(|dash| StrokeDash { array: vec![dash, dash], offset: 0.0 }),
        ..PdfStroke::default()
    }
}
