//! The plain path of a wire: out of the output to the right, into the input from the left, and as few corners as that takes.

use emath::{Pos2, Rect, pos2};

/// Least length of the first and the last segment.
pub(super) const STUB: f32 = 16.0;

/// What a path has to know about one of its ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terminal {
    /// The port.
    pub(super) at: Pos2,
    /// How far from the port the wire may bend at the earliest: tags stand before.
    pub(super) reach: f32,
    /// The block it belongs to.
    pub(super) block: Rect,
}

/// The path between two ports past their own blocks.
pub(super) fn path(from: Terminal, to: Terminal) -> Vec<Pos2> {
    let (start, end) = (from.at, to.at);
    let (out, back) = (start.x + from.reach, end.x - to.reach);
    if out <= back {
        if start.y == end.y {
            return vec![start, end];
        }
        let x = snap((out + back) / 2.0).clamp(out, back);
        return vec![start, pos2(x, start.y), pos2(x, end.y), end];
    }
    let y = between(from.block, to.block, start.y, end.y);
    vec![start, pos2(out, start.y), pos2(out, y), pos2(back, y), pos2(back, end.y), end]
}

/// Height at which a wire runs back: between the blocks when there is room, else below both.
fn between(from: Rect, to: Rect, start: f32, end: f32) -> f32 {
    let (upper, lower) = if from.min.y <= to.min.y { (from, to) } else { (to, from) };
    if lower.min.y - upper.max.y >= 2.0 * STUB {
        return snap((upper.max.y + lower.min.y) / 2.0);
    }
    let (top, bottom) = (upper.min.y.min(lower.min.y) - STUB, upper.max.y.max(lower.max.y) + STUB);
    if start + end - 2.0 * top < 2.0 * bottom - start - end { top } else { bottom }
}

/// The path over bends placed by hand; corners are added where two neighbours share neither x nor y.
pub(super) fn over(start: Pos2, bends: &[Pos2], end: Pos2) -> Vec<Pos2> {
    let mut points = vec![start];
    let mut at = start;
    let mut horizontal = true;
    for &bend in bends {
        if at.x != bend.x && at.y != bend.y {
            points.push(if horizontal { pos2(bend.x, at.y) } else { pos2(at.x, bend.y) });
            horizontal = !horizontal;
        } else {
            horizontal = at.x == bend.x;
        }
        points.push(bend);
        at = bend;
    }
    if at.x != end.x && at.y != end.y {
        // An input is entered horizontally.
        points.push(pos2(at.x, end.y));
    }
    points.push(end);
    straightened(&points)
}

/// The same path without points that are no corners.
pub(super) fn straightened(points: &[Pos2]) -> Vec<Pos2> {
    let mut corners: Vec<Pos2> = Vec::with_capacity(points.len());
    for &point in points {
        loop {
            match corners.as_slice() {
                [.., last] if *last == point => break,
                [.., before, last]
                    if (before.x == last.x && last.x == point.x) || (before.y == last.y && last.y == point.y) =>
                {
                    corners.pop();
                }
                _ => {
                    corners.push(point);
                    break;
                }
            }
        }
    }
    corners
}

/// To the grid.
pub(super) fn snap(value: f32) -> f32 {
    (value / super::block::sizes::GRID).round() * super::block::sizes::GRID
}
