//! A way through many obstacles: an A* search on the lines beside them.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use emath::{Pos2, pos2};

use super::search::{CLEAR, Field, Gate};
use super::sketch::{STUB, snap, straightened};

/// A corner costs as much as this way.
const CORNER: u32 = 40;
/// Steps after which the search gives up.
const STEPS: usize = 20_000;
/// Lines in each direction at most.
const LINES: usize = 160;

/// The shortest path with few corners; `None` when there is none on the lines, or it takes too long to find.
pub(super) fn path(field: &Field, from: &Gate, to: &Gate) -> Option<Vec<Pos2>> {
    let room = STUB - CLEAR;
    let areas = field.obstacles.iter().map(|obstacle| obstacle.area);
    let xs = lines(areas.clone().flat_map(|a| [a.min.x - room, a.max.x + room]), [from.turn, to.turn])?;
    let ys = lines(areas.flat_map(|a| [a.min.y - room, a.max.y + room]), [from.at.y, to.at.y])?;
    let find = |all: &[f32], value: f32| all.iter().position(|line| *line == value);
    let start = (find(&xs, from.turn)?, find(&ys, from.at.y)?);
    let goal = (find(&xs, to.turn)?, find(&ys, to.at.y)?);
    let at = |(column, row): (usize, usize)| Some(pos2(*xs.get(column)?, *ys.get(row)?));
    if !field.is_free(from.at, at(start)?, true, false) || !field.is_free(at(goal)?, to.at, false, true) {
        return None;
    }
    // A state is a crossing of lines and whether it was reached upright; the way begins and ends level.
    let state = |(column, row): (usize, usize), upright: bool| (row * xs.len() + column) * 2 + usize::from(upright);
    let mut best = vec![u32::MAX; xs.len() * ys.len() * 2];
    let mut came_from = vec![u32::MAX; best.len()];
    let estimate = |place: (usize, usize)| {
        let away = at(place).zip(at(goal)).map(|(here, there)| (there - here).abs());
        away.map_or(0, |away| (away.x + away.y) as u32)
    };
    let mut open = BinaryHeap::from([Reverse((estimate(start), 0_u32, start, false))]);
    *best.get_mut(state(start, false))? = 0;
    for _ in 0..STEPS {
        let Reverse((_, cost, place, upright)) = open.pop()?;
        let here = state(place, upright);
        if best.get(here).is_some_and(|least| cost > *least) {
            continue;
        }
        if place == goal {
            let mut points = vec![to.at];
            let mut at_state = here;
            loop {
                let number = at_state / 2;
                points.push(at((number % xs.len(), number / xs.len()))?);
                match came_from.get(at_state).copied().and_then(|before| usize::try_from(before).ok()) {
                    Some(before) if before < best.len() => at_state = before,
                    _ => break,
                }
            }
            points.push(from.at);
            points.reverse();
            return Some(straightened(&points));
        }
        let (column, row) = place;
        let neighbours = [
            (Some((column + 1, row)), false),
            (column.checked_sub(1).map(|column| (column, row)), false),
            (Some((column, row + 1)), true),
            (row.checked_sub(1).map(|row| (column, row)), true),
        ];
        for (next, turned_upright) in neighbours {
            let Some(next) = next.filter(|(column, row)| *column < xs.len() && *row < ys.len()) else { continue };
            let (Some(one), Some(other)) = (at(place), at(next)) else { continue };
            let corner = if turned_upright == upright { 0 } else { CORNER };
            let length = (other - one).abs();
            let cost = cost.saturating_add((length.x + length.y) as u32).saturating_add(corner);
            let there = state(next, turned_upright);
            if best.get(there).is_none_or(|least| cost >= *least) || !field.is_free(one, other, false, false) {
                continue;
            }
            if let (Some(least), Some(before)) = (best.get_mut(there), came_from.get_mut(there)) {
                *least = cost;
                *before = u32::try_from(here).unwrap_or(u32::MAX);
                open.push(Reverse((cost.saturating_add(estimate(next)), cost, next, turned_upright)));
            }
        }
    }
    None
}

/// Lines beside obstacles and those of the ends, ascending; `None` when there are too many.
fn lines(beside: impl Iterator<Item = f32>, ends: [f32; 2]) -> Option<Vec<f32>> {
    let mut all: Vec<f32> = beside.map(snap).chain(ends).collect();
    all.sort_by(f32::total_cmp);
    all.dedup();
    (all.len() <= LINES).then_some(all)
}
