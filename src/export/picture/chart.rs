//! A chart as a picture: what the scene says where, painted as the link editor paints it at rest.

use emath::{Pos2, Rect, Vec2};

use super::outline::QUARTER;
use super::{Anchor, Area, Item, Outline, Picture, Segment, Stroke, Target, Text};
use crate::drawing::font::Weight;
use crate::drawing::palette::{Palette, Rgb};
use crate::drawing::{ArrowTag, Block, BlockId, BlockPort, ConstantTag, PortKind, Scene, Side, Wire, sizes};
use crate::export::book::Words;
use crate::model::{Plan, Point};

/// Around everything on the chart.
const MARGIN: f32 = 24.0;
/// Corners of blocks, of tags, and of wires.
const BLOCK_RADIUS: f32 = 6.0;
const TAG_RADIUS: f32 = 4.0;
const WIRE_RADIUS: f32 = 6.0;
/// Half of what a wire needs to hop over another.
const HOP: f32 = 4.0;
/// From its centre to the edge of a port's glyph.
const GLYPH: f32 = 4.0;
/// From a port to its label.
const LABEL: f32 = 12.0;

/// Draws a chart. Blocks lead to their device, charts and arrows to theirs.
pub fn chart_picture(plan: &Plan, scene: &Scene, palette: &Palette, words: &Words) -> Picture {
    let bounds = Some(scene.bounds()).filter(|bounds| bounds.is_finite() && !bounds.is_negative());
    let bounds = bounds.unwrap_or(Rect::from_min_size(Pos2::ZERO, Vec2::new(160.0, 80.0))).expand(MARGIN);
    let mut painter = Painter { plan, palette, words, origin: bounds.min, items: Vec::new() };
    painter.frames(scene);
    for (slot, wire) in scene.wires() {
        painter.wire(slot.0, wire);
    }
    for (_, wire) in scene.wires() {
        painter.junctions(wire);
    }
    for (slot, block) in scene.blocks() {
        painter.block(slot.0, block);
    }
    painter.notes(scene);
    let path = plan.chart_path(scene.chart());
    let title = if path.is_empty() { plan.name().to_string() } else { path.join(" / ") };
    let comment = plan.charts().get(&scene.chart()).map(|chart| chart.comment.to_string()).unwrap_or_default();
    let counts = format!("{}: {}, {}: {}", words.blocks, scene.n_blocks(), words.links, scene.n_wires());
    Picture {
        width: bounds.width(),
        height: bounds.height(),
        ground: Some(palette.canvas),
        title,
        description: if comment.is_empty() { counts } else { format!("{comment} ({counts})") },
        items: painter.items,
    }
}

struct Painter<'a> {
    plan: &'a Plan,
    palette: &'a Palette,
    words: &'a Words,
    /// What of the canvas is the upper left corner of the picture.
    origin: Pos2,
    items: Vec<Item>,
}

impl Painter<'_> {
    fn point(&self, at: Pos2) -> Point {
        Point { x: at.x - self.origin.x, y: at.y - self.origin.y }
    }

    fn area(&self, rect: Rect) -> Area {
        Area::new(rect.min.x - self.origin.x, rect.min.y - self.origin.y, rect.width(), rect.height())
    }

    fn text(&self, at: Pos2, text: &str, size: f32, weight: Weight, anchor: Anchor, ink: Rgb) -> Item {
        Item::Text(Text { at: self.point(at), text: text.to_owned(), size, weight, anchor, ink })
    }

    /// A rounded box with an edge.
    fn boxed(&self, rect: Rect, radius: f32, fill: Option<Rgb>, edge: Rgb) -> Item {
        let outline = Outline::Rect { area: self.area(rect), radius };
        Item::Shape { outline, fill, stroke: Some(Stroke::of(edge, 1.0)) }
    }

    fn frames(&mut self, scene: &Scene) {
        for frame in scene.frames() {
            let title = frame.rect.min + Vec2::new(10.0, 16.0);
            let items = [
                self.boxed(frame.rect, BLOCK_RADIUS, Some(self.palette.panel), self.palette.hairline),
                self.text(title, &frame.title, sizes::SMALL_TEXT, Weight::SemiBold, Anchor::Start, self.palette.dim),
            ];
            self.items.extend(items);
        }
    }

    fn notes(&mut self, scene: &Scene) {
        for note in scene.notes() {
            let mut items = vec![self.boxed(note.rect, TAG_RADIUS, Some(self.palette.inset), self.palette.hairline)];
            for (nth, line) in note.lines.iter().enumerate() {
                let at = note.rect.min + Vec2::new(8.0, 8.0 + 12.0 + 16.0 * nth as f32);
                items.push(self.text(at, line, sizes::LABEL_TEXT, Weight::Regular, Anchor::Start, self.palette.dim));
            }
            self.items.extend(items);
        }
    }

    fn wire(&mut self, number: u32, wire: &Wire) {
        let points: Vec<Point> = wire.points.iter().map(|at| self.point(*at)).collect();
        let segments = Outline::Line { points, radius: WIRE_RADIUS }.segments();
        let hops: Vec<Point> = wire.hops.iter().map(|at| self.point(*at)).collect();
        let outline = Outline::Path(with_hops(&segments, &hops));
        let stroke = Stroke {
            ink: self.palette.wire,
            width: if wire.cyclic { 2.4 } else { 1.6 },
            dash: (!wire.active).then_some(5.0),
        };
        let ends = [self.plan.short_name(&wire.provider), self.plan.short_name(&wire.key.consumer)];
        let qos = self.plan.links().get(&wire.key).map(|link| format!(", {}", link.qos)).unwrap_or_default();
        self.items.push(Item::Part {
            id: format!("wire-{number}"),
            title: format!("{} → {}{qos}", ends[0], ends[1]),
            items: vec![Item::stroked(outline, stroke)],
        });
    }

    fn junctions(&mut self, wire: &Wire) {
        for at in &wire.junctions {
            let dot = Outline::Circle { centre: self.point(*at), radius: 3.0 };
            self.items.push(Item::filled(dot, self.palette.wire));
        }
    }

    fn block(&mut self, number: u32, block: &Block) {
        let palette = self.palette;
        let edge = if block.is_missing() { palette.bad } else { palette.border };
        let mut items = vec![self.boxed(block.rect, BLOCK_RADIUS, Some(palette.block), edge)];
        items.push(Item::filled(self.head(block), palette.block_head));
        let below = block.rect.min.y + sizes::HEAD;
        let rule = [Pos2::new(block.rect.min.x, below), Pos2::new(block.rect.max.x, below)].map(|at| self.point(at));
        items.push(Item::stroked(Outline::line(rule), Stroke::of(palette.hairline, 1.0)));
        // The edge once more, above what fills the head.
        items.push(self.boxed(block.rect, BLOCK_RADIUS, None, edge));
        if matches!(block.id, BlockId::Chart(_)) {
            items.push(self.boxed(block.rect.shrink(3.0), BLOCK_RADIUS - 2.0, None, edge));
        }
        let left = block.rect.min.x + sizes::TEXT_INSET;
        let top = block.rect.min.y;
        let (title, start) = (&block.title, Anchor::Start);
        items.push(self.text(
            Pos2::new(left, top + 14.5),
            title,
            sizes::TITLE_TEXT,
            Weight::SemiBold,
            start,
            palette.text,
        ));
        let subtitle = Pos2::new(left, top + 26.5);
        items.push(self.text(subtitle, block.subtitle(), sizes::SMALL_TEXT, Weight::Regular, start, palette.dim));
        items.extend(self.fold(block));
        for port in block.ports() {
            self.port(&port, &mut items);
        }
        for constant in &block.constants {
            items.extend(self.constant(constant));
        }
        for arrow in &block.arrows {
            let rightwards = block.port(arrow.port).is_none_or(|port| port.side == Side::Right);
            items.extend(self.arrow(arrow, rightwards));
        }
        items.extend(self.block_link(block));
        let title = format!("{}, {}", block.title, block.subtitle());
        self.items.push(Item::Part { id: format!("block-{number}"), title, items });
    }

    /// The head, with the upper corners of the block.
    fn head(&self, block: &Block) -> Outline {
        let area = self.area(block.head());
        let (left, top, right, bottom) = (area.x, area.y, area.right(), area.bottom());
        let (r, c) = (BLOCK_RADIUS, BLOCK_RADIUS * (1.0 - QUARTER));
        let at = |x, y| Point { x, y };
        Outline::Path(vec![
            Segment::Move(at(left, bottom)),
            Segment::Line(at(left, top + r)),
            Segment::Curve(at(left, top + c), at(left + c, top), at(left + r, top)),
            Segment::Line(at(right - r, top)),
            Segment::Curve(at(right - c, top), at(right, top + c), at(right, top + r)),
            Segment::Line(at(right, bottom)),
            Segment::Close,
        ])
    }

    /// How many HMI properties are folded away.
    fn fold(&self, block: &Block) -> Option<Item> {
        let fold = block.fold()?;
        let at = Pos2::new(fold.center().x, fold.center().y + 3.5);
        let sign = if block.is_unfolded() { "−" } else { "+" };
        let text = format!("{sign} {} HMI", block.n_hmi());
        Some(self.text(at, &text, sizes::SMALL_TEXT, Weight::Regular, Anchor::Middle, self.palette.dim))
    }

    fn port(&self, port: &BlockPort<'_>, items: &mut Vec<Item>) {
        let palette = self.palette;
        let full = port.connected || port.constant.is_some();
        items.extend(self.glyph(port, full));
        if port.mandatory_open {
            let ends = [Vec2::new(-11.0, 0.0), Vec2::new(-6.0, 0.0)].map(|by| self.point(port.at + by));
            items.push(Item::stroked(Outline::line(ends), Stroke::of(palette.warning, 1.6)));
        }
        if port.twin {
            return;
        }
        let ink = match (port.missing, port.hmi) {
            (true, _) => palette.bad,
            (false, true) => palette.dim,
            (false, false) => palette.text,
        };
        let (by, anchor) = match port.side {
            Side::Left => (LABEL, Anchor::Start),
            Side::Right => (-LABEL, Anchor::End),
        };
        let at = port.at + Vec2::new(by, 4.2);
        items.push(self.text(at, port.label, sizes::LABEL_TEXT, Weight::Regular, anchor, ink));
    }

    /// The shape that tells the family of the type, filled when something feeds the port or is fed by it.
    fn glyph(&self, port: &BlockPort<'_>, full: bool) -> Vec<Item> {
        let centre = self.point(port.at);
        let hues = &self.palette.types;
        let at = |x: f32, y: f32| Point { x: centre.x + x, y: centre.y + y };
        let square = || Outline::Rect { area: Area::new(centre.x, centre.y, 0.0, 0.0).grown(GLYPH - 0.3), radius: 1.0 };
        let (outline, hue) = match port.kind {
            PortKind::Bool => {
                let r = GLYPH + 0.8;
                (Outline::Polygon(vec![at(0.0, -r), at(r, 0.0), at(0.0, r), at(-r, 0.0)]), hues.bool)
            }
            PortKind::Integer => (square(), hues.integer),
            PortKind::Real => (Outline::Circle { centre, radius: GLYPH }, hues.real),
            PortKind::Text => (Outline::Circle { centre, radius: GLYPH - 0.3 }, hues.text),
            PortKind::Date => (hexagon(centre, GLYPH + 0.4), hues.date),
            PortKind::Structure => (square(), hues.structure),
        };
        let hue = if port.missing { self.palette.bad } else { hue };
        let ground = self.palette.block;
        // A text is a ring in any case; one that is connected has a dot in it.
        let fill = if full && port.kind != PortKind::Text { hue } else { ground };
        let mut items = vec![Item::Shape { outline, fill: Some(fill), stroke: Some(Stroke::of(hue, 1.4)) }];
        if port.kind == PortKind::Text && full {
            items.push(Item::filled(Outline::Circle { centre, radius: 1.6 }, hue));
        }
        if port.kind == PortKind::Structure {
            let ink = if full { ground } else { hue };
            for y in [-1.2, 1.2] {
                items.push(Item::stroked(Outline::line([at(-2.2, y), at(2.2, y)]), Stroke::of(ink, 0.9)));
            }
        }
        items
    }

    fn constant(&self, constant: &ConstantTag) -> [Item; 2] {
        let palette = self.palette;
        let rect = constant.rect;
        let text = self.tag_text(rect, &constant.text);
        [self.boxed(rect, rect.height() / 2.0, Some(palette.inset), palette.border), text]
    }

    /// A tag with a point the way the values go, which is to the right at both edges of a block.
    fn arrow(&self, arrow: &ArrowTag, rightwards: bool) -> Vec<Item> {
        const TIP: f32 = 5.0;
        let palette = self.palette;
        let Rect { min, max } = arrow.rect;
        let middle = arrow.rect.center().y;
        let corners = [
            min,
            Pos2::new(max.x - TIP, min.y),
            Pos2::new(max.x, middle),
            Pos2::new(max.x - TIP, max.y),
            Pos2::new(min.x, max.y),
        ];
        let outline = Outline::Polygon(corners.into_iter().map(|at| self.point(at)).collect());
        let stroke = Some(Stroke::of(palette.border, 1.0));
        let mut items =
            vec![Item::Shape { outline, fill: Some(palette.inset), stroke }, self.tag_text(arrow.rect, &arrow.label)];
        let other = arrow.targets.iter().find_map(|target| Some((target, target.chart?)));
        if let Some((target, chart)) = other {
            let sign = if rightwards { "→" } else { "←" };
            let title = format!("{sign} {}", self.plan.short_name(&target.port));
            items.push(Item::Link { area: self.area(arrow.rect), target: Target::Chart(chart), title });
        }
        items
    }

    fn tag_text(&self, rect: Rect, text: &str) -> Item {
        let at = Pos2::new(rect.center().x, rect.center().y + 3.7);
        self.text(at, text, sizes::SMALL_TEXT, Weight::Regular, Anchor::Middle, self.palette.dim)
    }

    fn block_link(&self, block: &Block) -> Option<Item> {
        let (target, title) = match &block.id {
            BlockId::Chart(chart) => (Target::Chart(*chart), format!("{} {}", self.words.chart, block.title)),
            BlockId::Function(function) => {
                let device = &self.plan.instances().get(&function.instance)?.device;
                (Target::Device(device.clone()), format!("{} {device}", self.words.device))
            }
        };
        Some(Item::Link { area: self.area(block.rect), target, title })
    }
}

fn hexagon(centre: Point, radius: f32) -> Outline {
    const SLANT: f32 = 0.866;
    let at = |x: f32, y: f32| Point { x: centre.x + x * radius, y: centre.y + y * radius };
    Outline::Polygon(vec![
        at(0.0, -1.0),
        at(SLANT, -0.5),
        at(SLANT, 0.5),
        at(0.0, 1.0),
        at(-SLANT, 0.5),
        at(-SLANT, -0.5),
    ])
}

/// The same way with a half circle over each of these points, where it is level and there is room.
fn with_hops(segments: &[Segment], hops: &[Point]) -> Vec<Segment> {
    let mut out = Vec::with_capacity(segments.len() + 3 * hops.len());
    let mut here = Point::default();
    for segment in segments {
        match segment {
            Segment::Line(to) if !hops.is_empty() && (to.y - here.y).abs() < 0.01 => {
                hop_along(here, *to, hops, &mut out);
                here = *to;
            }
            Segment::Move(to) | Segment::Line(to) | Segment::Curve(_, _, to) => here = *to,
            Segment::Close => (),
        }
        if !matches!(segment, Segment::Line(to) if out.last() == Some(&Segment::Line(*to))) {
            out.push(*segment);
        }
    }
    out
}

fn hop_along(from: Point, to: Point, hops: &[Point], out: &mut Vec<Segment>) {
    let way = if to.x >= from.x { 1.0 } else { -1.0 };
    let (left, right) = (from.x.min(to.x) + HOP, from.x.max(to.x) - HOP);
    let on_way = hops.iter().filter(|hop| (hop.y - from.y).abs() < 0.5 && hop.x >= left && hop.x <= right);
    let mut places: Vec<f32> = on_way.map(|hop| hop.x).collect();
    places.sort_by(|a, b| (a * way).total_cmp(&(b * way)));
    // Two that are closer than a hop is wide are one.
    places.dedup_by(|a, b| (*a - *b).abs() < 2.0 * HOP);
    let (y, bend) = (from.y, HOP * QUARTER);
    let at = |x: f32, y: f32| Point { x, y };
    for x in places {
        out.push(Segment::Line(at(x - way * HOP, y)));
        out.push(Segment::Curve(at(x - way * HOP, y - bend), at(x - way * bend, y - HOP), at(x, y - HOP)));
        out.push(Segment::Curve(at(x + way * bend, y - HOP), at(x + way * HOP, y - bend), at(x + way * HOP, y)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drawing::palette::LIGHT;
    use crate::export::book::Language;
    use crate::export::picture::svg;
    use crate::model::{ROOT_CHART, fixture};

    fn at(x: f32, y: f32) -> Point {
        Point { x, y }
    }

    #[test]
    fn a_wire_hops_where_it_is_level_and_there_is_room() {
        let way = [Segment::Move(at(0.0, 0.0)), Segment::Line(at(100.0, 0.0)), Segment::Line(at(100.0, 50.0))];
        let hops = [at(50.0, 0.0), at(2.0, 0.0), at(100.0, 25.0), at(20.0, 0.0)];
        let steps = with_hops(&way, &hops);
        let ends: Vec<Point> = steps
            .iter()
            .filter_map(|step| match step {
                Segment::Curve(_, _, to) => Some(*to),
                _ => None,
            })
            .collect();
        assert_eq!(ends, [at(20.0, -4.0), at(24.0, 0.0), at(50.0, -4.0), at(54.0, 0.0)]);
        assert_eq!(steps.last(), Some(&Segment::Line(at(100.0, 50.0))));
        let back = [Segment::Move(at(100.0, 0.0)), Segment::Line(at(0.0, 0.0))];
        assert_eq!(with_hops(&back, &hops)[1], Segment::Line(at(54.0, 0.0)));
    }

    #[test]
    fn everything_of_a_chart_is_in_its_picture_and_inside_of_it() {
        let plan = fixture::plan(
            "
            component Pump 1.0 { qos acyclic; in start BOOL = false; in speed R4; out running BOOL; hmi text BSTR }
            Pump1: Pump @192.168.0.1
            Pump2: Pump @192.168.0.2
            Pump1.running -> Pump2.start acyclic 100
            Pump2.speed = 0.5
            ",
        );
        let scene = Scene::new(&plan, ROOT_CHART);
        let picture = chart_picture(&plan, &scene, &LIGHT, Language::English.words());
        let svg = svg::write(&picture, &|target| Some(format!("{target:?}")));
        for what in ["Pump1, ", "Pump2, ", "Pump1.running → Pump2.start, acyclic 100 ms", "= 0.5", "+ 1 HMI", ">speed<"]
        {
            assert!(svg.contains(what), "{what} in\n{svg}");
        }
        assert_eq!(svg.matches("<a ").count(), 2, "both blocks lead to their devices");
        for item in &picture.items {
            let union = picture.area().with(&item.bounds());
            assert_eq!(union, picture.area(), "{item:?}");
        }
    }

    #[test]
    fn an_empty_chart_is_a_picture_too() {
        let plan = Plan::new("empty");
        let picture = chart_picture(&plan, &Scene::new(&plan, ROOT_CHART), &LIGHT, Language::German.words());
        assert!(picture.width > 10.0 && picture.height > 10.0 && picture.items.is_empty());
    }
}
