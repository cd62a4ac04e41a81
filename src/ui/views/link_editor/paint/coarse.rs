//! Blocks and wires from so far that neither rounded corners nor smooth edges would be seen: rectangles on whole pixels.
//!
//! A tenth of what the full shapes are made of: between a chart seen as a whole and one that is read, thousands are in view.

use egui::emath::GuiRounding as _;
use egui::{Color32, Mesh, Pos2, Rect, pos2, vec2};

use super::Canvas;
use crate::drawing::{PortKind, Wire};

/// Below this many pixels for a unit of the canvas.
const BELOW: f32 = 0.7;

/// Shapes made of rectangles.
pub struct Coarse {
    mesh: Mesh,
    pixels_per_point: f32,
}

impl Coarse {
    /// For a canvas seen from so far; `None` for one seen from near.
    pub fn of(canvas: &Canvas<'_>) -> Option<Self> {
        let pixels_per_point = canvas.painter.pixels_per_point();
        let is_far = canvas.camera.zoom * pixels_per_point < BELOW;
        is_far.then(|| Self { mesh: Mesh::default(), pixels_per_point })
    }

    /// A rectangle.
    pub fn rect(&mut self, rect: Rect, colour: Color32) {
        self.mesh.add_colored_rect(rect.round_to_pixels(self.pixels_per_point), colour);
    }

    /// A border inside of a rectangle, `width` in whole pixels.
    pub fn border(&mut self, rect: Rect, width: f32, colour: Color32) {
        let rect = rect.round_to_pixels(self.pixels_per_point);
        let width = width / self.pixels_per_point;
        let Rect { min, max } = rect;
        for side in [
            Rect::from_min_max(min, pos2(max.x, min.y + width)),
            Rect::from_min_max(pos2(min.x, max.y - width), max),
            Rect::from_min_max(min, pos2(min.x + width, max.y)),
            Rect::from_min_max(pos2(max.x - width, min.y), max),
        ] {
            self.mesh.add_colored_rect(side, colour);
        }
    }

    /// The glyph of a type: so small, a diamond is told from a square, and a hollow one from a full one.
    pub fn glyph(&mut self, kind: PortKind, at: Pos2, radius: f32, colour: Color32, hollow: Option<Color32>) {
        let inner = (radius - 1.0 / self.pixels_per_point).max(radius * 0.5);
        let mut shape = |radius: f32, colour: Color32| match kind {
            PortKind::Bool => self.diamond(at, radius * 1.3, colour),
            _ => self.mesh.add_colored_rect(Rect::from_center_size(at, vec2(radius, radius) * 1.8), colour),
        };
        shape(radius, colour);
        if let Some(ground) = hollow {
            shape(inner, ground);
        }
    }

    fn diamond(&mut self, at: Pos2, radius: f32, colour: Color32) {
        let first = u32::try_from(self.mesh.vertices.len()).unwrap_or(u32::MAX);
        for corner in [vec2(0.0, -radius), vec2(radius, 0.0), vec2(0.0, radius), vec2(-radius, 0.0)] {
            self.mesh.colored_vertex(at + corner, colour);
        }
        self.mesh.add_triangle(first, first + 1, first + 2);
        self.mesh.add_triangle(first, first + 2, first + 3);
    }

    /// A wire with square corners, `width` px; an inactive one as dots.
    pub fn wire(&mut self, canvas: &Canvas<'_>, wire: &Wire, width: f32, colour: Color32) {
        let width = (width * self.pixels_per_point).round().max(1.0) / self.pixels_per_point;
        for (from, to) in wire.segments() {
            let line = Rect::from_two_pos(canvas.at(from), canvas.at(to)).round_to_pixels(self.pixels_per_point);
            if wire.active {
                let rect = Rect::from_min_max(line.min, line.max + vec2(width, width));
                self.mesh.add_colored_rect(rect, colour);
            } else {
                self.dots(line, width, colour);
            }
        }
    }

    fn dots(&mut self, line: Rect, width: f32, colour: Color32) {
        const EACH: f32 = 5.0;
        let (length, ahead) =
            if line.width() > line.height() { (line.width(), vec2(1.0, 0.0)) } else { (line.height(), vec2(0.0, 1.0)) };
        let mut at = 0.0;
        while at < length {
            let dash = Rect::from_min_size(line.min + ahead * at, ahead * (EACH * 0.6).min(length - at));
            self.mesh.add_colored_rect(Rect::from_min_max(dash.min, dash.max + vec2(width, width)), colour);
            at += EACH;
        }
    }

    /// Paints what was added since the last call.
    pub fn paint(&mut self, canvas: &Canvas<'_>) {
        if !self.mesh.is_empty() {
            canvas.painter.add(std::mem::take(&mut self.mesh));
        }
    }
}
