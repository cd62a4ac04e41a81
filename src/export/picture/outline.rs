//! Where the edge of a shape runs.

use super::Area;
use crate::model::Point;

/// The edge of a shape, or a line.
#[derive(Debug, Clone, PartialEq)]
pub enum Outline {
    /// A rectangle with rounded corners.
    Rect {
        /// The rectangle.
        area: Area,
        /// Radius of its corners; 0 for sharp ones.
        radius: f32,
    },
    /// From point to point.
    Line {
        /// Two points or more.
        points: Vec<Point>,
        /// Radius of the corners between; 0 for sharp ones. Less where two corners are near each other.
        radius: f32,
    },
    /// From point to point and back to the first.
    Polygon(Vec<Point>),
    /// Any other.
    Path(Vec<Segment>),
    /// A circle.
    Circle {
        /// Its centre.
        centre: Point,
        /// Its radius.
        radius: f32,
    },
}

/// One step along an edge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Segment {
    /// Begin here.
    Move(Point),
    /// Straight on to here.
    Line(Point),
    /// By two control points to here.
    Curve(Point, Point, Point),
    /// Back to where it began.
    Close,
}

/// How far the control points of a quarter of a circle lie from its ends, for radius 1.
pub(super) const QUARTER: f32 = 0.552_284_8;

impl Outline {
    /// A line with sharp corners.
    pub fn line(points: impl Into<Vec<Point>>) -> Self {
        Self::Line { points: points.into(), radius: 0.0 }
    }

    /// A rectangle with sharp corners.
    pub fn rect(area: Area) -> Self {
        Self::Rect { area, radius: 0.0 }
    }

    /// The rectangle around it.
    pub fn bounds(&self) -> Area {
        match self {
            Self::Rect { area, .. } => *area,
            Self::Line { points, .. } | Self::Polygon(points) => {
                let corner = |point: &Point| Area::new(point.x, point.y, 0.0, 0.0);
                points.iter().map(corner).reduce(|a, b| a.with(&b)).unwrap_or_default()
            }
            Self::Path(segments) => {
                let corners = segments.iter().flat_map(|segment| match segment {
                    Segment::Move(to) | Segment::Line(to) => vec![*to],
                    Segment::Curve(one, two, to) => vec![*one, *two, *to],
                    Segment::Close => Vec::new(),
                });
                let corners = corners.map(|point| Area::new(point.x, point.y, 0.0, 0.0));
                corners.reduce(|a, b| a.with(&b)).unwrap_or_default()
            }
            Self::Circle { centre, radius } => Area::new(centre.x, centre.y, 0.0, 0.0).grown(*radius),
        }
    }

    /// The steps along it; none when there are not enough points.
    pub fn segments(&self) -> Vec<Segment> {
        match self {
            Self::Rect { area, radius } => rect(area, *radius),
            Self::Line { points, radius } => line(points, *radius),
            Self::Polygon(points) => {
                let Some((first, rest)) = points.split_first() else { return Vec::new() };
                let mut steps = vec![Segment::Move(*first)];
                steps.extend(rest.iter().copied().map(Segment::Line));
                steps.push(Segment::Close);
                steps
            }
            Self::Path(segments) => segments.clone(),
            Self::Circle { centre, radius } => rect(&Area::new(centre.x, centre.y, 0.0, 0.0).grown(*radius), *radius),
        }
    }
}

fn at(x: f32, y: f32) -> Point {
    Point { x, y }
}

fn rect(area: &Area, radius: f32) -> Vec<Segment> {
    let (left, top, right, bottom) = (area.x, area.y, area.right(), area.bottom());
    let r = radius.min(area.width / 2.0).min(area.height / 2.0);
    if r <= 0.0 {
        let corners = [at(right, top), at(right, bottom), at(left, bottom)];
        let mut steps = vec![Segment::Move(at(left, top))];
        steps.extend(corners.map(Segment::Line));
        steps.push(Segment::Close);
        return steps;
    }
    let c = r * (1.0 - QUARTER);
    vec![
        Segment::Move(at(left + r, top)),
        Segment::Line(at(right - r, top)),
        Segment::Curve(at(right - c, top), at(right, top + c), at(right, top + r)),
        Segment::Line(at(right, bottom - r)),
        Segment::Curve(at(right, bottom - c), at(right - c, bottom), at(right - r, bottom)),
        Segment::Line(at(left + r, bottom)),
        Segment::Curve(at(left + c, bottom), at(left, bottom - c), at(left, bottom - r)),
        Segment::Line(at(left, top + r)),
        Segment::Curve(at(left, top + c), at(left + c, top), at(left + r, top)),
        Segment::Close,
    ]
}

fn line(points: &[Point], radius: f32) -> Vec<Segment> {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return Vec::new() };
    if points.len() < 2 {
        return Vec::new();
    }
    let mut steps = vec![Segment::Move(*first)];
    for corner in points.windows(3) {
        let [before, here, after] = corner else { continue };
        // Two corners share what lies between them.
        let r = radius.min(distance(*before, *here) / 2.0).min(distance(*here, *after) / 2.0);
        if r <= 0.0 {
            steps.push(Segment::Line(*here));
            continue;
        }
        let (from, to) = (towards(*here, *before, r), towards(*here, *after, r));
        let bend = r * (1.0 - QUARTER);
        steps.push(Segment::Line(from));
        steps.push(Segment::Curve(towards(*here, *before, bend), towards(*here, *after, bend), to));
    }
    steps.push(Segment::Line(*last));
    steps
}

fn distance(a: Point, b: Point) -> f32 {
    (a.x - b.x).hypot(a.y - b.y)
}

/// The point at this distance from `from` on the way to `to`.
fn towards(from: Point, to: Point, by: f32) -> Point {
    let whole = distance(from, to);
    if whole <= 0.0 {
        return from;
    }
    at(from.x + (to.x - from.x) * by / whole, from.y + (to.y - from.y) * by / whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_of_a_line_are_rounded_as_far_as_there_is_room() {
        let points = [at(0.0, 0.0), at(10.0, 0.0), at(10.0, 4.0), at(20.0, 4.0)];
        let steps = Outline::Line { points: points.to_vec(), radius: 6.0 }.segments();
        let ends: Vec<Point> = steps
            .iter()
            .filter_map(|step| match step {
                Segment::Move(to) | Segment::Line(to) | Segment::Curve(_, _, to) => Some(*to),
                Segment::Close => None,
            })
            .collect();
        // The corners are 4 apart, so each has 2.
        let expected = [at(0.0, 0.0), at(8.0, 0.0), at(10.0, 2.0), at(10.0, 2.0), at(12.0, 4.0), at(20.0, 4.0)];
        assert_eq!(ends, expected);
    }

    #[test]
    fn too_few_points_draw_nothing() {
        assert!(Outline::line([]).segments().is_empty());
        assert!(Outline::line([at(1.0, 1.0)]).segments().is_empty());
        assert!(Outline::Polygon(Vec::new()).segments().is_empty());
    }

    #[test]
    fn a_circle_touches_its_bounds() {
        let circle = Outline::Circle { centre: at(5.0, 5.0), radius: 5.0 };
        assert_eq!(circle.bounds(), Area::new(0.0, 0.0, 10.0, 10.0));
        assert_eq!(circle.segments()[0], Segment::Move(at(5.0, 0.0)));
    }
}
