//! A picture as SVG 1.1 in one file that looks the same anywhere: texts are texts, and the face comes along, cut down to what is
//! needed.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::subset::subset;
use super::{Anchor, Area, Item, Outline, Picture, Segment, Stroke, Target, Text};
use crate::drawing::font::Weight;
use crate::drawing::palette::Rgb;
use crate::model::Point;

/// Where a target is found from the file, as the address of a link; `None` leaves the link out.
pub type Address<'a> = &'a dyn Fn(&Target) -> Option<String>;

/// Writes a picture. Same picture, same bytes.
pub fn write(picture: &Picture, address: Address<'_>) -> String {
    let mut writer = Writer { out: String::new(), address, faces: true };
    writer.picture(picture);
    writer.out
}

/// Writes a picture for a reader that has the faces and follows no links.
pub(super) fn write_bare(picture: &Picture) -> String {
    let mut writer = Writer { out: String::new(), address: &|_| None, faces: false };
    writer.picture(picture);
    writer.out
}

struct Writer<'a> {
    out: String,
    address: Address<'a>,
    /// The faces go into the file.
    faces: bool,
}

impl Writer<'_> {
    fn picture(&mut self, picture: &Picture) {
        let (width, height) = (Number(picture.width), Number(picture.height));
        self.out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        let _ = writeln!(
            self.out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
             role=\"img\" aria-labelledby=\"title description\" font-family=\"Inter, sans-serif\" style=\"font-kerning:none\" \
             fill=\"none\" stroke-linejoin=\"round\">"
        );
        let _ = writeln!(self.out, "<title id=\"title\">{}</title>", Escaped(&picture.title));
        let _ = writeln!(self.out, "<desc id=\"description\">{}</desc>", Escaped(&picture.description));
        if self.faces {
            self.style(picture);
        }
        if let Some(ground) = picture.ground {
            self.shape(&Outline::rect(picture.area()), Some(ground), None);
        }
        self.items(&picture.items);
        self.out.push_str("</svg>\n");
    }

    fn style(&mut self, picture: &Picture) {
        let mut characters = [BTreeSet::new(), BTreeSet::new()];
        collect(&picture.items, &mut characters);
        self.out.push_str("<style>\n");
        for (weight, characters) in [Weight::Regular, Weight::SemiBold].into_iter().zip(&characters) {
            let face = (!characters.is_empty()).then(|| subset(weight, characters)).flatten();
            if let Some(face) = face {
                let _ = writeln!(
                    self.out,
                    "@font-face{{font-family:Inter;font-weight:{};src:url(data:font/otf;base64,{}) format(\"opentype\")}}",
                    css_weight(weight),
                    STANDARD.encode(face)
                );
            }
        }
        self.out.push_str("</style>\n");
    }

    fn items(&mut self, items: &[Item]) {
        for item in items {
            match item {
                Item::Shape { outline, fill, stroke } => self.shape(outline, *fill, *stroke),
                Item::Text(text) => self.text(text),
                Item::Part { id, title, items } => {
                    let _ = writeln!(self.out, "<g id=\"{}\">", Escaped(id));
                    let _ = writeln!(self.out, "<title>{}</title>", Escaped(title));
                    self.items(items);
                    self.out.push_str("</g>\n");
                }
                Item::Link { area, target, title } => self.link(area, target, title),
                Item::Picture { picture, part, at, scale } => self.inner(picture, part, *at, *scale),
            }
        }
    }

    fn link(&mut self, area: &Area, target: &Target, title: &str) {
        let Some(address) = (self.address)(target) else { return };
        let _ = writeln!(
            self.out,
            "<a href=\"{}\"><title>{}</title><rect {} fill-opacity=\"0\" fill=\"#000000\"/></a>",
            Escaped(&address),
            Escaped(title),
            Frame(area)
        );
    }

    fn inner(&mut self, picture: &Picture, part: &Area, at: Point, scale: f32) {
        let frame = Area::new(at.x, at.y, part.width * scale, part.height * scale);
        let _ = writeln!(self.out, "<svg {} viewBox=\"{}\">", Frame(&frame), ViewBox(part));
        if let Some(ground) = picture.ground {
            self.shape(&Outline::rect(*part), Some(ground), None);
        }
        self.items(&picture.items);
        self.out.push_str("</svg>\n");
    }

    fn shape(&mut self, outline: &Outline, fill: Option<Rgb>, stroke: Option<Stroke>) {
        match outline {
            Outline::Rect { area, radius } => {
                let _ = write!(self.out, "<rect {}", Frame(area));
                if *radius > 0.0 {
                    let _ = write!(self.out, " rx=\"{}\"", Number(*radius));
                }
            }
            Outline::Circle { centre, radius } => {
                let (x, y, radius) = (Number(centre.x), Number(centre.y), Number(*radius));
                let _ = write!(self.out, "<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\"");
            }
            Outline::Line { .. } | Outline::Polygon(_) | Outline::Path(_) => {
                let segments = outline.segments();
                if segments.is_empty() {
                    return;
                }
                self.out.push_str("<path d=\"");
                for segment in segments {
                    let _ = write!(self.out, "{}", Step(segment));
                }
                self.out.push('"');
            }
        }
        if let Some(fill) = fill {
            let _ = write!(self.out, " fill=\"{fill}\"");
        }
        if let Some(stroke) = stroke {
            let _ = write!(self.out, " stroke=\"{}\" stroke-width=\"{}\"", stroke.ink, Number(stroke.width));
            if let Some(dash) = stroke.dash {
                let _ = write!(self.out, " stroke-dasharray=\"{}\"", Number(dash));
            }
        }
        self.out.push_str("/>\n");
    }

    fn text(&mut self, text: &Text) {
        let (x, y, size) = (Number(text.at.x), Number(text.at.y), Number(text.size));
        let _ = write!(self.out, "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" fill=\"{}\"", text.ink);
        if text.weight != Weight::Regular {
            let _ = write!(self.out, " font-weight=\"{}\"", css_weight(text.weight));
        }
        match text.anchor {
            Anchor::Start => (),
            Anchor::Middle => self.out.push_str(" text-anchor=\"middle\""),
            Anchor::End => self.out.push_str(" text-anchor=\"end\""),
        }
        let _ = writeln!(self.out, ">{}</text>", Escaped(&text.text));
    }
}

fn css_weight(weight: Weight) -> u16 {
    match weight {
        Weight::Regular => 400,
        Weight::SemiBold => 600,
    }
}

/// The characters that are seen in each weight.
fn collect(items: &[Item], characters: &mut [BTreeSet<char>; 2]) {
    for item in items {
        match item {
            Item::Text(text) => characters[usize::from(text.weight == Weight::SemiBold)].extend(text.text.chars()),
            Item::Part { items, .. } => collect(items, characters),
            Item::Picture { picture, .. } => collect(&picture.items, characters),
            Item::Shape { .. } | Item::Link { .. } => (),
        }
    }
}

/// A length with two decimals at most; what is not a number is 0.
struct Number(f32);

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let hundredths = if self.0.is_finite() { (f64::from(self.0) * 100.0).round() } else { 0.0 };
        // Adding 0 makes no number negative that is none.
        write!(f, "{}", hundredths / 100.0 + 0.0)
    }
}

struct Frame<'a>(&'a Area);

impl std::fmt::Display for Frame<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Area { x, y, width, height } = *self.0;
        let (x, y, width, height) = (Number(x), Number(y), Number(width), Number(height));
        write!(f, "x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"")
    }
}

struct ViewBox<'a>(&'a Area);

impl std::fmt::Display for ViewBox<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Area { x, y, width, height } = *self.0;
        write!(f, "{} {} {} {}", Number(x), Number(y), Number(width), Number(height))
    }
}

struct Step(Segment);

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let point = |at: Point| format!("{} {}", Number(at.x), Number(at.y));
        match self.0 {
            Segment::Move(to) => write!(f, "M{}", point(to)),
            Segment::Line(to) => write!(f, "L{}", point(to)),
            Segment::Curve(one, two, to) => write!(f, "C{} {} {}", point(one), point(two), point(to)),
            Segment::Close => f.write_str("Z"),
        }
    }
}

/// A text as XML takes it; characters that XML cannot hold are replaced.
struct Escaped<'a>(&'a str);

impl std::fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\t' | '\n' | '\r' => f.write_char(' ')?,
                '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => f.write_char('\u{fffd}')?,
                other => f.write_char(other)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use insta::assert_snapshot;

    fn picture(items: Vec<Item>) -> Picture {
        Picture {
            width: 100.0,
            height: 50.5,
            ground: Some(Rgb([255, 255, 255])),
            title: "A & B".into(),
            description: "Two <blocks>".into(),
            items,
        }
    }

    #[test]
    fn everything_is_written_as_svg_says_it() {
        let at = |x, y| Point { x, y };
        let ink = Rgb([0x20, 0x26, 0x2d]);
        let text = Text {
            at: at(4.0, 12.0),
            text: "\"a\" < b\u{1}".into(),
            size: 12.0,
            weight: Weight::SemiBold,
            anchor: Anchor::End,
            ink,
        };
        let wire = Outline::Line { points: vec![at(0.0, 0.0), at(10.0, 0.0), at(10.0, 20.0)], radius: 4.0 };
        let part = Item::Part {
            id: "block-1".into(),
            title: "Conveyor1".into(),
            items: vec![
                Item::Shape {
                    outline: Outline::Rect { area: Area::new(1.0, 2.0, 30.0, 20.126), radius: 6.0 },
                    fill: Some(ink),
                    stroke: Some(Stroke::of(ink, 1.0)),
                },
                Item::Text(text),
            ],
        };
        let link = |name: &str| Item::Link {
            area: Area::new(1.0, 2.0, 3.0, 4.0),
            target: Target::Device(name.into()),
            title: "to the device".into(),
        };
        let svg = write_bare(&picture(vec![
            part,
            Item::stroked(wire, Stroke { dash: Some(5.0), ..Stroke::of(ink, 1.6) }),
            Item::filled(Outline::Circle { centre: at(-0.001, f32::NAN), radius: 2.5 }, ink),
        ]));
        assert_snapshot!(svg, @r##"
<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="100" height="50.5" viewBox="0 0 100 50.5" role="img" aria-labelledby="title description" font-family="Inter, sans-serif" style="font-kerning:none" fill="none" stroke-linejoin="round">
<title id="title">A &amp; B</title>
<desc id="description">Two &lt;blocks&gt;</desc>
<rect x="0" y="0" width="100" height="50.5" fill="#ffffff"/>
<g id="block-1">
<title>Conveyor1</title>
<rect x="1" y="2" width="30" height="20.13" rx="6" fill="#20262d" stroke="#20262d" stroke-width="1"/>
<text x="4" y="12" font-size="12" fill="#20262d" font-weight="600" text-anchor="end">&quot;a&quot; &lt; b�</text>
</g>
<path d="M0 0L6 0C8.21 0 10 1.79 10 4L10 20" stroke="#20262d" stroke-width="1.6" stroke-dasharray="5"/>
<circle cx="0" cy="0" r="2.5" fill="#20262d"/>
</svg>
"##);
        let linked = write(&picture(vec![link("here"), link("gone")]), &|target| match target {
            Target::Device(name) if name == "here" => Some("a&b.svg".into()),
            _ => None,
        });
        assert!(linked.contains("<a href=\"a&amp;b.svg\">") && linked.matches("<a ").count() == 1, "{linked}");
    }

    #[test]
    fn the_face_comes_along_cut_down_to_what_is_needed() {
        let text = Text {
            at: Point { x: 0.0, y: 10.0 },
            text: "Füller".into(),
            size: 12.0,
            weight: Weight::Regular,
            anchor: Anchor::Start,
            ink: Rgb([0, 0, 0]),
        };
        let svg = write(&picture(vec![Item::Text(text)]), &|_| None);
        assert_eq!(svg.matches("@font-face").count(), 1, "only the weight that is used");
        assert!(svg.len() < 12_000, "{}", svg.len());
    }
}
