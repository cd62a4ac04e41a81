//! Glyphs of types: each family has a shape of its own, and a muted hue beside it.

use egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, Vec2, vec2};

use crate::drawing::PortKind;

/// Paints the glyph of a type with its middle at `at`; `radius` in px. A hollow one has the ground's colour inside.
pub fn glyph(painter: &Painter, kind: PortKind, at: Pos2, radius: f32, colour: Color32, hollow: Option<Color32>) {
    let fill = hollow.unwrap_or(colour);
    let stroke = Stroke::new((radius * 0.3).clamp(1.0, 2.0), colour);
    let polygon = |points: Vec<Pos2>| Shape::convex_polygon(points, fill, stroke);
    let shape = match kind {
        PortKind::Bool => {
            let r = radius * 1.2;
            polygon(vec![at + vec2(0.0, -r), at + vec2(r, 0.0), at + vec2(0.0, r), at + vec2(-r, 0.0)])
        }
        PortKind::Integer => square(at, radius * 0.9, fill, stroke),
        PortKind::Real => Shape::Circle(egui::epaint::CircleShape { center: at, radius, fill, stroke }),
        PortKind::Text => {
            // A ring: a text is told from a real by the hole, connected or not.
            painter.circle(at, radius, fill, stroke);
            let inner = if hollow.is_some() { colour } else { Color32::WHITE };
            Shape::circle_filled(at, radius * 0.35, inner)
        }
        PortKind::Date => {
            let corner = |nth: u8| at + Vec2::angled(std::f32::consts::TAU * (f32::from(nth) / 6.0)) * radius * 1.1;
            polygon((0..6).map(corner).collect())
        }
        PortKind::Structure => {
            painter.add(square(at, radius, fill, stroke));
            let line = |dy: f32| [at + vec2(-radius * 0.55, dy), at + vec2(radius * 0.55, dy)];
            let colour = if hollow.is_some() { colour } else { Color32::WHITE };
            painter.line_segment(line(-radius * 0.35), Stroke::new(1.0, colour));
            Shape::line_segment(line(radius * 0.35), Stroke::new(1.0, colour))
        }
    };
    painter.add(shape);
}

fn square(at: Pos2, radius: f32, fill: Color32, stroke: Stroke) -> Shape {
    let rect = Rect::from_center_size(at, Vec2::splat(2.0 * radius));
    Shape::Rect(egui::epaint::RectShape::new(rect, 1.5, fill, stroke, egui::StrokeKind::Middle))
}
