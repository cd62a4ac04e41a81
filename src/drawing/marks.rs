//! Hops over wires of other outputs, and dots where wires of one output part.

use emath::{Pos2, Rect, pos2};

use super::scene::Scene;
use super::wire::{Wire, WireSlot};

/// A hop stands at least this far from a corner.
const FROM_CORNER: f32 = 4.0;

impl Scene {
    /// Finds the hops and junctions of a wire.
    pub(super) fn mark(&mut self, slot: WireSlot) {
        let Some(wire) = self.wire(slot) else { return };
        let (hops, junctions) = (self.hops(wire), self.junctions(slot, wire));
        if let Some(Some(wire)) = self.wires.get_mut(slot.0 as usize) {
            (wire.hops, wire.junctions, wire.unmarked) = (hops.into(), junctions.into(), false);
        }
    }

    /// Has the hops and junctions of a wire found by and by.
    pub(super) fn unmark(&mut self, slot: WireSlot) {
        if let Some(Some(wire)) = self.wires.get_mut(slot.0 as usize)
            && !std::mem::replace(&mut wire.unmarked, true)
        {
            self.unmarked.push(slot);
        }
    }

    /// Finds the hops and junctions of one more wire; false when all have theirs.
    pub(super) fn mark_next(&mut self) -> bool {
        while let Some(slot) = self.unmarked.pop() {
            if self.wire(slot).is_some_and(|wire| wire.unmarked) {
                self.mark(slot);
                return true;
            }
        }
        false
    }

    /// Level segments hop over upright ones.
    fn hops(&self, wire: &Wire) -> Vec<Pos2> {
        let mut hops = Vec::new();
        for (from, to) in wire.segments().filter(|(from, to)| from.y == to.y && from.x != to.x) {
            let (low, high) = (from.x.min(to.x) + FROM_CORNER, from.x.max(to.x) - FROM_CORNER);
            let mut here: Vec<f32> = Vec::new();
            for (run, other) in self.index.upright(Rect::from_two_pos(from, to)) {
                let x = run.min.x;
                let crosses = run.min.y < from.y && from.y < run.max.y && low < x && x < high;
                if crosses && self.wire(other).is_some_and(|other| !other.shares_output(wire)) {
                    here.push(x);
                }
            }
            here.sort_by(f32::total_cmp);
            here.dedup();
            if from.x > to.x {
                here.reverse();
            }
            hops.extend(here.into_iter().map(|x| pos2(x, from.y)));
        }
        hops
    }

    /// Where other wires of the same output leave this one.
    fn junctions(&self, slot: WireSlot, wire: &Wire) -> Vec<Pos2> {
        if wire.from.is_arrow() || wire.to.is_arrow() {
            return Vec::new();
        }
        let sharing = self.wires_of(wire.from.block()).iter().filter(|other| **other != slot);
        let sharing = sharing.filter_map(|other| self.wire(*other));
        let sharing = sharing.filter(|other| other.shares_output(wire) && !other.to.is_arrow());
        let mut junctions: Vec<Pos2> = sharing.filter_map(|other| parting(&wire.points, &other.points)).collect();
        junctions
            .sort_by(|one, other| (one.x, one.y).partial_cmp(&(other.x, other.y)).unwrap_or(std::cmp::Ordering::Equal));
        junctions.dedup();
        junctions
    }
}

/// Where two paths from the same port part; `None` when that is at the port.
fn parting(one: &[Pos2], other: &[Pos2]) -> Option<Pos2> {
    let n_common = one.iter().zip(other).take_while(|(one, other)| one == other).count();
    let last = *one.get(n_common.checked_sub(1)?)?;
    let (next_one, next_other) = (*one.get(n_common)?, *other.get(n_common)?);
    let (to_one, to_other) = (next_one - last, next_other - last);
    let same_way = to_one.normalized().dot(to_other.normalized()) > 0.5;
    if !same_way {
        return (n_common > 1).then_some(last);
    }
    Some(if to_one.length() < to_other.length() { next_one } else { next_other })
}
