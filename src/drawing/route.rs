//! Which wire gets its path when, and what has to be looked at again when something changes.
//!
//! A path depends on the blocks and tags around the wire and on the paths of wires of lower rank (shorter ones; between equals the
//! link's name decides), and on nothing else: not on the order of edits, nor on what was in view first. So a chart that was
//! edited looks the same as one just opened. A wire keeps the region that its search looked at. When an obstacle changes or a wire
//! of lower rank takes another path in there, it is stale and is searched for again; most get the path they had, and then nothing
//! follows. Since rank only ascends along what follows, this ends.
//!
//! Stale wires show a sketch or their former path. [`Scene::route`] works on those in view first, as many as it is allowed to.

use emath::Rect;

use super::pick::is_level;
use super::scene::Scene;
use super::search::{CLEAR, LANE};
use super::wire::{Wire, WireSlot};

/// Marks that cost about as much as a path.
const MARKS_A_PATH: usize = 4;

impl Scene {
    /// Finds paths of stale wires, those in view first, `budget` of them at most. Says whether more remain. While a preview lasts,
    /// nothing is done.
    pub fn route(&mut self, view: Rect, budget: usize) -> bool {
        let mut left = budget.saturating_mul(MARKS_A_PATH + 1);
        self.route_while(view, |effort| {
            left = left.saturating_sub(effort);
            left > 0
        })
    }

    /// Finds paths of stale wires as long as `goes_on` says so, those in view first, then their hops and junctions. It is asked
    /// after each wire, and told the effort: 1 for marks, and several times that for a path. Says whether more remain.
    /// While a preview lasts, nothing is done.
    pub fn route_while(&mut self, view: Rect, mut goes_on: impl FnMut(usize) -> bool) -> bool {
        if self.preview.is_some() {
            return !self.stale.is_empty();
        }
        let mut on = goes_on(0);
        while on {
            let Some(slot) = self.stale.next(view) else { break };
            self.find_path(slot);
            on = goes_on(MARKS_A_PATH + 1);
        }
        while on && self.mark_next() {
            on = goes_on(1);
        }
        !self.stale.is_empty() || !self.unmarked.is_empty()
    }

    /// Finds the paths of all stale wires.
    pub fn route_all(&mut self) {
        self.route_while(Rect::NOTHING, |_| true);
    }

    /// Number of wires that show no searched path yet.
    pub fn n_stale(&self) -> usize {
        self.stale.len()
    }

    fn find_path(&mut self, slot: WireSlot) {
        let Some(rank) = self.wire(slot).map(|wire| wire.rank) else { return };
        let (points, region) = self.search(slot);
        if let Some(Some(wire)) = self.wires.get_mut(slot.0 as usize) {
            self.regions.replace(slot, wire.region, region);
            wire.region = region;
        }
        self.greatest_rank = self.greatest_rank.max(rank);
        self.set_points(slot, points);
        self.unmark(slot);
        self.stale.remove(rank, slot);
    }

    /// Finds the ends of a wire anew. If they moved it shows a sketch; in any case its path is stale.
    pub(super) fn replug(&mut self, slot: WireSlot) {
        let Some(rank) = self.wire(slot).map(|wire| wire.rank) else { return };
        self.stale.remove(rank, slot);
        let before = self.wire(slot).and_then(|wire| Some((*wire.points.first()?, *wire.points.last()?)));
        self.plug(slot);
        let Some(Some(wire)) = self.wires.get_mut(slot.0 as usize) else { return };
        let now = wire.rank;
        if now != rank {
            // Wires between the two ranks depend on it in one of the two cases only.
            wire.rank = now.min(rank);
            self.disturb(slot);
        }
        let Some(Some(wire)) = self.wires.get_mut(slot.0 as usize) else { return };
        wire.rank = now;
        let Some(wire) = self.wire(slot) else { return };
        let sketch = self.sketch(wire);
        if sketch.first().copied().zip(sketch.last().copied()) != before {
            self.set_points(slot, sketch);
        }
        self.make_stale(slot);
    }

    /// Takes a wire out of everything that knows it by place.
    pub(super) fn forget(&mut self, slot: WireSlot, wire: &Wire) {
        self.disturb_by(wire);
        self.index.remove_wire(slot, wire);
        self.regions.replace(slot, wire.region, Rect::NOTHING);
        self.stale.remove(wire.rank, slot);
    }

    /// Makes stale what depends on where this wire runs, and unmarked what meets it.
    pub(super) fn disturb(&mut self, slot: WireSlot) {
        // Taken out for the moment, so that it can be read while others are noted.
        let Some(wire) = self.wires.get_mut(slot.0 as usize).and_then(Option::take) else { return };
        self.disturb_by(&wire);
        if let Some(place) = self.wires.get_mut(slot.0 as usize) {
            *place = Some(wire);
        }
    }

    fn disturb_by(&mut self, wire: &Wire) {
        for run in wire.runs() {
            // While a whole chart is routed, nothing depends on the wire yet.
            if wire.rank <= self.greatest_rank {
                let looked = self.regions.touching(run.expand(LANE));
                let looked = looked.filter(|slot| self.wire(*slot).is_some_and(|follower| before(wire, follower)));
                for slot in looked.collect::<Vec<_>>() {
                    self.make_stale(slot);
                }
            }
            // Level wires hop, so they have to know of upright ones.
            if !is_level(run) {
                for slot in self.index.level(run).map(|(_, slot)| slot).collect::<Vec<_>>() {
                    self.unmark(slot);
                }
            }
        }
        let sharing = self.wires_of(wire.from.block()).iter().copied();
        let sharing = sharing.filter(|other| self.wire(*other).is_some_and(|other| other.shares_output(wire)));
        for slot in sharing.collect::<Vec<_>>() {
            self.unmark(slot);
        }
    }

    /// Has the path of a wire searched for.
    pub(super) fn make_stale(&mut self, slot: WireSlot) {
        if let Some(Some(wire)) = self.wires.get(slot.0 as usize) {
            self.stale.insert(wire.rank, slot, Rect::from_points(&wire.points));
        }
    }

    /// Makes stale what looked at this place.
    pub(super) fn obstacle_changed(&mut self, extent: Rect) {
        for slot in self.regions.touching(extent.expand(CLEAR + 1.0)).collect::<Vec<_>>() {
            self.make_stale(slot);
        }
    }
}

/// Whether a wire comes before another.
pub(super) fn before(one: &Wire, other: &Wire) -> bool {
    one.rank < other.rank || (one.rank == other.rank && one.key < other.key)
}
