//! What a drag shows: blocks elsewhere than in the plan, and their wires with them.

use std::collections::{BTreeMap, BTreeSet};

use emath::{Pos2, Rect, Vec2};

use super::block::{BlockId, BlockSlot};
use super::scene::Scene;
use super::wire::{Wire, WireSlot};

/// Wires that get a plain path past what stands between their ports, and their hops, while blocks move; the rest is sketched.
const PLAIN: usize = 32;

#[derive(Debug, Clone)]
pub(super) struct Preview {
    /// Where moved blocks stand in the plan.
    blocks: Vec<(BlockSlot, Pos2)>,
    /// Wires that run elsewhere for now, with their paths.
    wires: BTreeMap<WireSlot, Box<[Pos2]>>,
}

impl Scene {
    /// Shows blocks moved by this much from where they stand in the plan. Wires at them follow, on plain paths: what takes a search,
    /// and wires that others must give way to, has to wait for the plan to change. Wires between moved blocks keep their shape.
    /// Costs what is moved, however much else there is. Each call replaces the one before; [`end_preview`](Self::end_preview) or an update shows the plan again, exactly as it was.
    pub fn preview_move(&mut self, blocks: &[BlockId], by: Vec2) {
        let mut moved: Vec<BlockSlot> = blocks.iter().filter_map(|id| self.find_block(id)).collect();
        moved.sort_unstable();
        moved.dedup();
        let same = |preview: &Preview| preview.blocks.iter().map(|(slot, _)| slot).eq(&moved);
        if !self.preview.as_ref().is_some_and(same) {
            self.end_preview();
        }
        let mut preview = self.preview.take().unwrap_or_else(|| {
            let at = |slot: &BlockSlot| Some((*slot, self.block(*slot)?.rect.min));
            Preview { blocks: moved.iter().filter_map(at).collect(), wires: BTreeMap::new() }
        });
        for (slot, at) in &preview.blocks {
            self.show_at(*slot, *at + by);
        }
        self.lead_wires(&mut preview, by);
        self.preview = Some(preview);
    }

    /// Shows the plan again.
    pub fn end_preview(&mut self) {
        let Some(preview) = self.preview.take() else { return };
        for (slot, at) in preview.blocks {
            self.show_at(slot, at);
        }
        let wires: Vec<WireSlot> = preview.wires.keys().copied().collect();
        for (slot, points) in preview.wires {
            self.show_along(slot, points);
        }
        for slot in wires {
            self.mark(slot);
        }
    }

    fn show_at(&mut self, slot: BlockSlot, at: Pos2) {
        let Some(Some(block)) = self.blocks.get_mut(slot.0 as usize) else { return };
        if block.rect.min != at {
            self.index.remove_block(slot, block);
            block.move_to(at);
            self.index.insert_block(slot, block);
        }
    }

    /// Shows a wire on another path; unlike [`set_points`](Self::set_points) this disturbs nothing.
    fn show_along(&mut self, slot: WireSlot, points: Box<[Pos2]>) {
        let Some(Some(wire)) = self.wires.get_mut(slot.0 as usize) else { return };
        if wire.points != points {
            self.index.remove_wire(slot, wire);
            wire.points = points;
            self.index.insert_wire(slot, wire);
        }
    }

    fn lead_wires(&mut self, preview: &mut Preview, by: Vec2) {
        let moved = |slot: BlockSlot| preview.blocks.binary_search_by_key(&slot, |(moved, _)| *moved).is_ok();
        let led: BTreeSet<WireSlot> =
            preview.blocks.iter().flat_map(|(slot, _)| self.wires_of(*slot)).copied().collect();
        let mut n_plain = 0;
        for slot in &led {
            let Some(wire) = self.wire(*slot) else { continue };
            let own = preview.wires.entry(*slot).or_insert_with(|| wire.points.clone());
            let points: Box<[Pos2]> = if moved(wire.from.block()) && moved(wire.to.block()) {
                own.iter().map(|point| *point + by).collect()
            } else {
                n_plain += 1;
                let plain = if n_plain <= PLAIN { self.plain_path(wire) } else { None };
                plain.unwrap_or_else(|| self.sketch(wire)).into()
            };
            self.show_along(*slot, points);
        }
        for slot in led.iter().take(PLAIN) {
            self.mark(*slot);
        }
    }
}

impl Wire {
    /// Its segments as rectangles without width.
    pub(super) fn runs(&self) -> impl Iterator<Item = Rect> {
        self.segments().map(|(from, to)| Rect::from_two_pos(from, to))
    }
}
