//! Wires that wait for their paths, by rank and by place.

use std::collections::BTreeSet;

use ahash::AHashMap;
use emath::Rect;

use super::grid::Grid;
use super::wire::WireSlot;

/// Wires of a view that are put in order at a time.
const AT_A_TIME: usize = 1_000;

/// Wires whose path has to be searched for.
#[derive(Debug, Default, Clone)]
pub(super) struct Stale {
    by_rank: BTreeSet<(u32, WireSlot)>,
    by_place: Grid<WireSlot>,
    /// Where each is entered, and with which rank.
    entered: AHashMap<WireSlot, (u32, Rect)>,
    /// What comes next in a view, the first one last.
    queue: Vec<(u32, WireSlot)>,
    view: Option<Rect>,
    /// Nothing in that view waits.
    none_in_view: bool,
}

impl Stale {
    /// Enters a wire that runs in this area; nothing changes when it waits already.
    pub(super) fn insert(&mut self, rank: u32, slot: WireSlot, area: Rect) {
        if self.by_rank.insert((rank, slot)) {
            self.by_place.insert(area, slot);
            self.entered.insert(slot, (rank, area));
            self.none_in_view &= self.view.is_some_and(|view| !view.intersects(area));
        }
    }

    pub(super) fn remove(&mut self, rank: u32, slot: WireSlot) {
        if self.by_rank.remove(&(rank, slot))
            && let Some((_, area)) = self.entered.remove(&slot)
        {
            self.by_place.remove(area, slot);
        }
    }

    /// The wire that comes next: of those in view by rank, then of the others. In a view with very many, these are taken by parts of
    /// it. Costs no more than a part of the view does.
    pub(super) fn next(&mut self, view: Rect) -> Option<WireSlot> {
        let first = self.by_rank.first().map(|(_, slot)| *slot)?;
        if !view.is_positive() || view.contains_rect(self.by_place.bounds()) {
            return Some(first);
        }
        if self.view != Some(view) {
            self.view = Some(view);
            self.queue.clear();
            self.none_in_view = false;
        }
        if self.none_in_view {
            return Some(first);
        }
        loop {
            while let Some(next) = self.queue.pop() {
                if self.by_rank.contains(&next) {
                    return Some(next.1);
                }
            }
            let found = self.by_place.touching(view).take(AT_A_TIME);
            let found = found.filter_map(|(_, slot)| Some((self.entered.get(&slot)?.0, slot)));
            self.queue = found.collect();
            self.queue.sort_unstable_by(|one, other| other.cmp(one));
            if self.queue.is_empty() {
                self.none_in_view = true;
                return Some(first);
            }
        }
    }

    pub(super) fn len(&self) -> usize {
        self.by_rank.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_rank.is_empty()
    }
}
