//! Rectangles by place: cells of a grid, coarser ones for larger things.

use std::sync::OnceLock;

use ahash::AHashMap;
use emath::Rect;

/// Side of the cells of the finest level, in canvas units.
const CELL: f32 = 128.0;
/// Levels; the cells of each are twice as wide as those of the one before, so the coarsest holds any canvas.
const LEVELS: usize = 18;

type Cells<T> = AHashMap<(i32, i32), Vec<(Rect, T)>>;

/// Rectangles, each with what it stands for. Entering, leaving and finding cost what is near, however much there is elsewhere.
#[derive(Debug, Clone)]
pub(super) struct Grid<T> {
    /// Each thing is in the cells that it touches, four at most, of the finest level whose cells are larger than it.
    levels: [Cells<T>; LEVELS],
    /// What holds everything, unless something at its border left.
    bounds: OnceLock<Rect>,
}

impl<T> Default for Grid<T> {
    fn default() -> Self {
        Self { levels: Default::default(), bounds: OnceLock::from(Rect::NOTHING) }
    }
}

/// Cells from and to, in both directions.
#[derive(Debug, Clone, Copy)]
struct Span {
    low: (i32, i32),
    high: (i32, i32),
}

impl Span {
    fn of(rect: Rect, side: f32) -> Self {
        // Floats that are too large for a number become the largest one.
        let cell = |value: f32| (value / side).floor() as i32;
        Self { low: (cell(rect.min.x), cell(rect.min.y)), high: (cell(rect.max.x), cell(rect.max.y)) }
    }

    fn cells(self) -> impl Iterator<Item = (i32, i32)> {
        (self.low.0..=self.high.0).flat_map(move |x| (self.low.1..=self.high.1).map(move |y| (x, y)))
    }

    fn n_cells(self) -> u64 {
        let count = |low: i32, high: i32| u64::from(high.abs_diff(low)).saturating_add(1);
        count(self.low.0, self.high.0).saturating_mul(count(self.low.1, self.high.1))
    }

    fn contains(self, (x, y): (i32, i32)) -> bool {
        (self.low.0..=self.high.0).contains(&x) && (self.low.1..=self.high.1).contains(&y)
    }
}

fn side(level: usize) -> f32 {
    (0..level).fold(CELL, |side, _| side * 2.0)
}

fn level_of(rect: Rect) -> usize {
    let longest = rect.width().max(rect.height());
    (0..LEVELS - 1).find(|level| longest <= side(*level)).unwrap_or(LEVELS - 1)
}

impl<T: Copy + PartialEq> Grid<T> {
    pub(super) fn insert(&mut self, rect: Rect, what: T) {
        let level = level_of(rect);
        if let Some(cells) = self.levels.get_mut(level) {
            for cell in Span::of(rect, side(level)).cells() {
                cells.entry(cell).or_default().push((rect, what));
            }
        }
        if let Some(bounds) = self.bounds.get_mut() {
            *bounds = bounds.union(rect);
        }
    }

    /// Takes out what was entered with this rectangle.
    pub(super) fn remove(&mut self, rect: Rect, what: T) {
        let level = level_of(rect);
        let Some(cells) = self.levels.get_mut(level) else { return };
        for cell in Span::of(rect, side(level)).cells() {
            let std::collections::hash_map::Entry::Occupied(mut entry) = cells.entry(cell) else { continue };
            if let Some(place) = entry.get().iter().position(|found| *found == (rect, what)) {
                entry.get_mut().swap_remove(place);
            }
            if entry.get().is_empty() {
                entry.remove();
            }
        }
        let inside = |bounds: &Rect| {
            let inner = bounds.min.x < rect.min.x && rect.max.x < bounds.max.x;
            inner && bounds.min.y < rect.min.y && rect.max.y < bounds.max.y
        };
        if !self.bounds.get().is_some_and(inside) {
            self.bounds = OnceLock::new();
        }
    }

    /// What touches the rectangle, each once, in no order.
    pub(super) fn touching(&self, wanted: Rect) -> impl Iterator<Item = (Rect, T)> + '_ {
        self.levels.iter().enumerate().filter(|(_, cells)| !cells.is_empty()).flat_map(move |(level, cells)| {
            let side = side(level);
            let span = Span::of(wanted, side);
            // Of a view larger than all there is, the cells that there are.
            let few = span.n_cells() <= cells.len() as u64;
            let near = few.then(|| span.cells().filter_map(|cell| Some((cell, cells.get(&cell)?))));
            let all = (!few).then(|| cells.iter().map(|(cell, list)| (*cell, list)));
            let all = all.into_iter().flatten().filter(move |(cell, _)| span.contains(*cell));
            near.into_iter().flatten().chain(all).flat_map(move |(cell, list)| {
                list.iter().copied().filter(move |(rect, _)| {
                    // It is taken from the first of its cells that is looked at.
                    rect.intersects(wanted) && {
                        let low = Span::of(*rect, side).low;
                        (low.0.max(span.low.0), low.1.max(span.low.1)) == cell
                    }
                })
            })
        })
    }

    /// What holds everything; `Rect::NOTHING` when there is nothing.
    pub(super) fn bounds(&self) -> Rect {
        *self.bounds.get_or_init(|| self.levels.iter().map(outermost).fold(Rect::NOTHING, Rect::union))
    }
}

/// What holds everything of one level: only its outermost cells are looked into.
fn outermost<T>(cells: &Cells<T>) -> Rect {
    let Some(first) = cells.keys().next() else { return Rect::NOTHING };
    let (mut low, mut high) = (*first, *first);
    for (x, y) in cells.keys() {
        low = (low.0.min(*x), low.1.min(*y));
        high = (high.0.max(*x), high.1.max(*y));
    }
    let outside = |(x, y): (i32, i32)| x == low.0 || x == high.0 || y == low.1 || y == high.1;
    let all = cells.iter().filter(|(cell, _)| outside(**cell)).flat_map(|(_, list)| list);
    all.fold(Rect::NOTHING, |bounds, (rect, _)| bounds.union(*rect))
}

#[cfg(test)]
mod tests {
    use emath::{pos2, vec2};
    use proptest::prelude::*;

    use super::*;

    fn rects() -> impl Strategy<Value = Rect> {
        let at = -5000.0..5000.0_f32;
        let side = prop_oneof![Just(0.0), 0.0..100.0_f32, 0.0..9000.0_f32];
        (at.clone(), at, side.clone(), side).prop_map(|(x, y, w, h)| Rect::from_min_size(pos2(x, y), vec2(w, h)))
    }

    proptest! {
        #[test]
        fn finds_what_a_look_at_everything_finds(
            all in prop::collection::vec(rects(), 0..60), gone in prop::collection::vec(any::<prop::sample::Index>(), 0..20), wanted in rects(),
        ) {
            let mut grid = Grid::default();
            let mut left: Vec<(Rect, usize)> = all.into_iter().enumerate().map(|(number, rect)| (rect, number)).collect();
            for (rect, number) in &left {
                grid.insert(*rect, *number);
            }
            for index in &gone {
                if left.is_empty() { break }
                let (rect, number) = left.swap_remove(index.index(left.len()));
                grid.remove(rect, number);
            }
            let mut found: Vec<usize> = grid.touching(wanted).map(|(_, number)| number).collect();
            found.sort_unstable();
            let mut expected: Vec<usize> = left.iter().filter(|(rect, _)| rect.intersects(wanted)).map(|(_, number)| *number).collect();
            expected.sort_unstable();
            prop_assert_eq!(found, expected);
            prop_assert_eq!(grid.bounds(), left.iter().fold(Rect::NOTHING, |bounds, (rect, _)| bounds.union(*rect)));
        }
    }
}
