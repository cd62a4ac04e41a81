//! Wires: rounded corners, hops over others, dots where they part; thicker when cyclic, dashed when inactive.

use egui::{Color32, Pos2, Shape, Stroke, Vec2, vec2};

use super::coarse::Coarse;
use super::{Canvas, Detail};
use crate::app::Item;
use crate::check::Severity;
use crate::drawing::{Wire, WireSlot};

/// Radius of corners and of hops, canvas units.
const CORNER: f32 = 6.0;
const HOP: f32 = 4.0;

/// Paints all wires that are not raised; seen from far, with rectangles.
pub fn wires(canvas: &Canvas<'_>, slots: &[WireSlot], detail: Detail, mut coarse: Option<&mut Coarse>) {
    let dims = canvas.hovered.is_some_and(|item| matches!(item, Item::Link(_)))
        || canvas.selection.items().any(|item| matches!(item, Item::Link(_)))
        || canvas.fits.is_some();
    for slot in slots {
        let Some(wire) = canvas.scene.wire(*slot) else { continue };
        if is_raised(canvas, wire) {
            continue;
        }
        let colour = match canvas.markers.of_link(&wire.key) {
            _ if super::live::is_disturbed(canvas, &wire.key) => canvas.theme.bad,
            Some(Severity::Error) => canvas.theme.bad,
            Some(Severity::Warning) => canvas.theme.warning,
            _ => canvas.theme.wire,
        };
        let colour = if dims { faded(colour, canvas.theme.canvas) } else { colour };
        paint(canvas, wire, colour, detail, coarse.as_deref_mut());
    }
    if let Some(coarse) = coarse {
        coarse.paint(canvas);
    }
}

/// Paints the wires over all else that are selected, under the pointer, or of a selected block.
pub fn raised(canvas: &Canvas<'_>, slots: &[WireSlot], detail: Detail, mut coarse: Option<&mut Coarse>) {
    for slot in slots {
        let Some(wire) = canvas.scene.wire(*slot) else { continue };
        if is_raised(canvas, wire) {
            paint(canvas, wire, canvas.theme.accent, detail, coarse.as_deref_mut());
        }
    }
    if let Some(coarse) = coarse {
        coarse.paint(canvas);
    }
}

fn is_raised(canvas: &Canvas<'_>, wire: &Wire) -> bool {
    let touches = |item: Option<&Item>| match item {
        Some(Item::Link(key)) => *key == wire.key,
        Some(Item::Port(port)) => wire.key.consumer == *port || wire.provider == *port,
        Some(Item::Function(function)) => {
            wire.key.consumer.function() == *function || wire.provider.function() == *function
        }
        Some(Item::Instance(name)) => wire.key.consumer.instance == *name || wire.provider.instance == *name,
        _ => false,
    };
    let is_selected = || canvas.is_selected(&Item::Link(wire.key.clone()));
    touches(canvas.selection.lead())
        || touches(canvas.hovered.filter(|item| matches!(item, Item::Link(_))))
        || (!canvas.selection.is_empty() && is_selected())
}

fn faded(colour: Color32, ground: Color32) -> Color32 {
    ground.lerp_to_gamma(colour, 0.45)
}

fn paint(canvas: &Canvas<'_>, wire: &Wire, colour: Color32, detail: Detail, coarse: Option<&mut Coarse>) {
    let zoom = canvas.camera.zoom;
    let width = if wire.cyclic { 2.4 } else { 1.6 };
    // Thinner from afar, but never less than a pixel.
    let width = (width * zoom.clamp(0.5, 1.5)).max(1.0);
    if let Some(coarse) = coarse {
        coarse.wire(canvas, wire, width, colour);
        if detail >= Detail::Ports {
            for junction in &wire.junctions {
                let size = vec2(5.0, 5.0) * zoom;
                coarse.rect(egui::Rect::from_center_size(canvas.at(*junction), size), colour);
            }
        }
        return;
    }
    let points = rounded(wire, |at| canvas.at(at), zoom);
    let stroke = Stroke::new(width, colour);
    if wire.active {
        canvas.painter.add(Shape::line(points, stroke));
    } else {
        canvas.painter.extend(Shape::dashed_line(&points, stroke, 6.0 * zoom, 4.0 * zoom));
    }
    for junction in &wire.junctions {
        canvas.painter.circle_filled(canvas.at(*junction), 3.0 * zoom, colour);
    }
}

/// The corners of a wire with arcs in them, and arcs where it hops, on the screen.
fn rounded(wire: &Wire, at: impl Fn(Pos2) -> Pos2, zoom: f32) -> Vec<Pos2> {
    let corners: Vec<Pos2> = wire.points.iter().map(|point| at(*point)).collect();
    let hops: Vec<Pos2> = wire.hops.iter().map(|hop| at(*hop)).collect();
    let mut path = Vec::with_capacity(corners.len() * 4);
    for (nth, corner) in corners.iter().enumerate() {
        let before = nth.checked_sub(1).and_then(|before| corners.get(before));
        let after = corners.get(nth + 1);
        if let (Some(before), Some(after)) = (before, after) {
            let (back, ahead) = (*before - *corner, *after - *corner);
            let radius = (CORNER * zoom).min(back.length() / 2.0).min(ahead.length() / 2.0);
            let (from, to) = (*corner + back.normalized() * radius, *corner + ahead.normalized() * radius);
            arc(&mut path, from, *corner, to);
        } else {
            path.push(*corner);
        }
        if let Some(after) = after {
            hop_over(&mut path, &hops, *corner, *after, HOP * zoom);
        }
    }
    path
}

/// A quarter of a circle, near enough, by four points.
fn arc(path: &mut Vec<Pos2>, from: Pos2, corner: Pos2, to: Pos2) {
    for step in 0..=3_u8 {
        let t = f32::from(step) / 3.0;
        let (one, two) = (from.lerp(corner, t), corner.lerp(to, t));
        path.push(one.lerp(two, t));
    }
}

/// Half circles at the places of a horizontal segment where it crosses others.
fn hop_over(path: &mut Vec<Pos2>, hops: &[Pos2], from: Pos2, to: Pos2, radius: f32) {
    if hops.is_empty() || (from.y - to.y).abs() > 0.5 {
        return;
    }
    let ahead = (to.x - from.x).signum();
    let within = |hop: &&Pos2| {
        (hop.y - from.y).abs() < 0.5 && (hop.x - from.x) * ahead > radius && (to.x - hop.x) * ahead > radius
    };
    let mut here: Vec<&Pos2> = hops.iter().filter(within).collect();
    here.sort_by(|one, other| (one.x * ahead).total_cmp(&(other.x * ahead)));
    for hop in here {
        for step in 0..=6_u8 {
            let angle = std::f32::consts::PI * f32::from(step) / 6.0;
            let off: Vec2 = vec2(-angle.cos() * ahead, -angle.sin()) * radius;
            path.push(pos(hop, from.y) + off);
        }
    }
}

fn pos(hop: &Pos2, y: f32) -> Pos2 {
    egui::pos2(hop.x, y)
}
