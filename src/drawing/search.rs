//! The path of one wire: first a shape that meets no block, then the lanes that it runs in.
//!
//! Shapes are tried from the plainest on: straight, one vertical run, two vertical runs with a horizontal one between, and at last a
//! search through the maze ([`maze`](super::maze)). The runs of the shape found are then shifted to where they lie on no wire
//! of another output, cross few, and share what they can with wires of their own.

use emath::{Pos2, Rect, pos2};

use super::block::sizes::GRID;
use super::maze;
use super::sketch::{STUB, snap, straightened};
use super::tracks::{Neighbours, OVERLAP, path_length};

/// Least distance of parallel wires.
pub(super) const LANE: f32 = 8.0;
/// Least distance of a wire from a block.
pub(super) const CLEAR: f32 = 8.0;
/// How far a run is shifted, in lanes.
const SHIFTS: i16 = 12;
/// Lanes beside a block that are tried for a shape.
const LANES: usize = 12;

/// Shapes with two vertical runs that are tried while each lies on another wire.
const ALTERNATIVES: usize = 6;

/// What a shift costs, in units of length for each.
const SHIFT: f32 = 0.4;

/// What a wire must not run through, with room around it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Obstacle {
    pub(super) area: Rect,
    /// Where the wire starts or, for the second, ends: its first or last segment may touch it.
    pub(super) own: [bool; 2],
}

/// One end of a wire.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gate {
    /// The port.
    pub(super) at: Pos2,
    /// The nearest x at which the wire may turn.
    pub(super) turn: f32,
    /// Lane that leaves the others uncrossed when the wire goes up, or comes from above; and downwards, or from below.
    pub(super) lanes: [f32; 2],
    /// The block.
    pub(super) block: Rect,
}

/// The neighbourhood in which a path is looked for.
#[derive(Debug)]
pub(super) struct Field {
    /// A path must not leave it.
    pub(super) area: Rect,
    pub(super) obstacles: Vec<Obstacle>,
    pub(super) wires: Neighbours,
}

impl Field {
    /// The best of the plainest paths: straight, or with one vertical run; these stay between the two ports. It may lie on another
    /// wire. `None` when each meets a block.
    pub(super) fn plain(&self, from: &Gate, to: &Gate) -> Option<Vec<Pos2>> {
        let shape = self.straight(from, to).or_else(|| self.one_run(from, to))?;
        Some(self.in_lanes(shape, from, to))
    }

    /// The best path there is besides a `plain` one that lies on another wire, or that; `None` when every one runs through
    /// something or leaves the field.
    pub(super) fn path(&self, from: &Gate, to: &Gate, plain: Option<Vec<Pos2>>) -> Option<Vec<Pos2>> {
        let mut best: Option<(f32, Vec<Pos2>)> = plain.map(|points| (self.wires.cost(&points, f32::INFINITY), points));
        for shape in self.two_runs(from, to).take(ALTERNATIVES) {
            let points = self.in_lanes(shape, from, to);
            let least = best.as_ref().map_or(f32::INFINITY, |(least, _)| *least);
            let cost = self.wires.cost(&points, least);
            let clear = !self.wires.lie_under(&points);
            if cost < least {
                best = Some((cost, points));
            }
            if clear {
                break;
            }
        }
        best.map(|(_, points)| points).or_else(|| Some(self.in_lanes(maze::path(self, from, to)?, from, to)))
    }

    /// Whether a segment meets nothing; `first` and `last` ones may touch their own block.
    pub(super) fn is_free(&self, from: Pos2, to: Pos2, first: bool, last: bool) -> bool {
        let (min, max) = (from.min(to), from.max(to));
        if !self.area.contains(min) || !self.area.contains(max) {
            return false;
        }
        self.obstacles.iter().all(|obstacle| {
            let area = obstacle.area;
            let apart = min.x >= area.max.x || max.x <= area.min.x || min.y >= area.max.y || max.y <= area.min.y;
            apart || (first && obstacle.own[0]) || (last && obstacle.own[1])
        })
    }

    fn all_free(&self, points: &[Pos2]) -> bool {
        let n_segments = points.len().saturating_sub(1);
        (0..).zip(points.windows(2)).all(|(number, pair)| match pair {
            [from, to] => self.is_free(*from, *to, number == 0, number + 1 == n_segments),
            _ => true,
        })
    }

    fn straight(&self, from: &Gate, to: &Gate) -> Option<Vec<Pos2>> {
        let points = [from.at, to.at];
        (from.at.y == to.at.y && from.at.x < to.at.x && self.all_free(&points)).then(|| points.to_vec())
    }

    /// One vertical run, close to either block if that is possible.
    fn one_run(&self, from: &Gate, to: &Gate) -> Option<Vec<Pos2>> {
        let (mut out, mut back) = (from.turn, to.turn);
        if out > back {
            // Between blocks that stand close there is still room for one run in the middle.
            out = snap((from.at.x + to.at.x) / 2.0);
            back = out;
        }
        if from.at.x + 2.0 * CLEAR > to.at.x || from.at.y == to.at.y {
            return None;
        }
        let down = usize::from(to.at.y > from.at.y);
        let near_start = (out + from.lanes[down] * LANE).min(back);
        let near_end = (back - to.lanes[1 - down] * LANE).max(out);
        let try_at = |x: f32| {
            let points = [from.at, pos2(x, from.at.y), pos2(x, to.at.y), to.at];
            ((out..=back).contains(&x) && self.all_free(&points)).then(|| points.to_vec())
        };
        let steps = ((back - out) / LANE).clamp(0.0, 200.0) as i16;
        (0..=steps).find_map(|step| {
            let by = f32::from(step) * LANE;
            [near_start + by, near_end - by, near_start - by, near_end + by].into_iter().find_map(try_at)
        })
    }

    /// Two vertical runs with a horizontal one between, those that are free, the shortest first.
    fn two_runs(&self, from: &Gate, to: &Gate) -> impl Iterator<Item = Vec<Pos2>> {
        let (upper, lower) =
            if from.block.min.y <= to.block.min.y { (from.block, to.block) } else { (to.block, from.block) };
        let mut heights: Vec<f32> = Vec::with_capacity(2 * self.obstacles.len() + 1);
        if lower.min.y - upper.max.y >= 2.0 * CLEAR {
            heights.push(snap((upper.max.y + lower.min.y) / 2.0));
        }
        let room = STUB - CLEAR;
        heights.extend(self.obstacles.iter().flat_map(|o| [snap(o.area.min.y - room), snap(o.area.max.y + room)]));
        let length = |y: f32| (y - from.at.y).abs() + (y - to.at.y).abs();
        heights.sort_by(|one, other| length(*one).total_cmp(&length(*other)).then(one.total_cmp(other)));
        heights.dedup();
        heights.into_iter().filter_map(move |y| {
            let (up, above) = (usize::from(y > from.at.y), usize::from(y > to.at.y));
            let lane = |gate: &Gate, which: usize, number: usize, sign: f32| {
                // The lane meant for the port first, then those closer and further.
                let meant = gate.lanes[which];
                let number = number as f32;
                gate.turn + sign * LANE * if number <= meant { meant - number } else { number }
            };
            let first_free = |gate: &Gate, which: usize, sign: f32, ends: [bool; 2]| {
                (0..LANES + gate.lanes[which] as usize).map(|number| lane(gate, which, number, sign)).find(|x| {
                    self.is_free(gate.at, pos2(*x, gate.at.y), ends[0], ends[1])
                        && self.is_free(pos2(*x, gate.at.y), pos2(*x, y), false, false)
                })
            };
            let out = first_free(from, up, 1.0, [true, false])?;
            let back = first_free(to, above, -1.0, [false, true])?;
            let points = [from.at, pos2(out, from.at.y), pos2(out, y), pos2(back, y), pos2(back, to.at.y), to.at];
            self.all_free(&points).then(|| straightened(&points))
        })
    }

    /// Shifts the inner runs of a free path to the best lanes.
    fn in_lanes(&self, shape: Vec<Pos2>, from: &Gate, to: &Gate) -> Vec<Pos2> {
        let mut points = shape;
        if self.wires.is_empty() {
            return points;
        }
        for _ in 0..2 {
            let before = points.clone();
            for run in 1..points.len().saturating_sub(2) {
                self.shift_run(&mut points, run, from, to);
            }
            // A run alone has found its place.
            if points == before || points.len() < 5 {
                break;
            }
        }
        straightened(&points)
    }

    /// Shifts the segment that begins at point `run`; its neighbours become longer or shorter.
    fn shift_run(&self, points: &mut [Pos2], run: usize, from: &Gate, to: &Gate) {
        let n_points = points.len();
        let Some(around) = points.get(run - 1..(run + 3).min(n_points)) else { return };
        let &[before, begin, end, after] = around else { return };
        // A path begins level and turns at each point.
        let upright = run % 2 == 1;
        let (first, last) = (run == 1, run + 3 == n_points);
        let meant = if upright { begin.x } else { begin.y };
        let at = |place: f32| {
            let moved = |point: Pos2| if upright { pos2(place, point.y) } else { pos2(point.x, place) };
            [before, moved(begin), moved(end), after]
        };
        let allowed = |place: f32, path: &[Pos2; 4]| {
            let turns = (!first || place >= from.turn) && (!last || place <= to.turn);
            turns
                && self.is_free(path[0], path[1], first, false)
                && self.is_free(path[1], path[2], false, false)
                && self.is_free(path[2], path[3], false, last)
        };
        let cost = |place: f32, path: &[Pos2; 4], limit: f32| {
            let shift = (place - meant).abs() * SHIFT;
            shift + self.wires.cost(path, limit - shift)
        };
        let mut best = (cost(meant, &at(meant), f32::INFINITY), meant);
        let Neighbours { level, upright: vertical } = &self.wires;
        let (tracks, beside) = if upright { (vertical, level) } else { (level, vertical) };
        let own = tracks.own().iter().map(|track| track.at);
        // Where its neighbours, which may not move, would no longer lie on another wire.
        let lines = if upright { [begin.y, end.y] } else { [begin.x, end.x] };
        let lain_on = lines.iter().flat_map(|line| beside.between(line - LANE, line + LANE)).filter(|track| !track.own);
        let past = lain_on.flat_map(|track| [snap(track.low - 1.5 * LANE), snap(track.high + 1.5 * LANE)]);
        let steps = (1..=SHIFTS).flat_map(|step| [meant + f32::from(step) * LANE, meant - f32::from(step) * LANE]);
        let try_at = |best: &mut (f32, f32), place: f32| {
            let path = at(place);
            // What lies further off costs more than the best so far, whatever it crosses or shares.
            if (place - meant).abs() * SHIFT + self.wires.least_cost(path_length(&path)) >= best.0 {
                return;
            }
            let cost = cost(place, &path, best.0);
            if cost < best.0 && allowed(place, &path) {
                *best = (cost, place);
            }
        };
        own.chain(past).chain(steps).for_each(|place| try_at(&mut best, place));
        if best.0 >= OVERLAP {
            // Free lanes may lie half a lane beside those tried.
            (0..=2 * SHIFTS)
                .map(|step| meant + f32::from(step - SHIFTS) * LANE + GRID)
                .for_each(|place| try_at(&mut best, place));
        }
        let moved = at(best.1);
        if let Some(around) = points.get_mut(run - 1..run + 3) {
            around.copy_from_slice(&moved);
        }
    }
}
