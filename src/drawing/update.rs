//! Bringing a scene up to date: only what an edit touched is looked at.

use std::collections::{BTreeMap, BTreeSet};

use super::block::{BlockId, BlockSlot};
use super::build::{charts_above, charts_below};
use super::scene::Scene;
use super::wire::WireSlot;
use crate::model::{ChartId, FunctionRef, LinkKey, Name, Plan, Touched};

impl Scene {
    /// Follows the plan after an edit that touched this. `touched` is everything that differs from the plan that the scene
    /// shows. Slots from before are not valid afterwards; a preview ends.
    ///
    /// Costs what was touched. Only when charts went into other charts is the scene made anew.
    pub fn update(&mut self, plan: &Plan, touched: &Touched) {
        self.end_preview();
        let mut dirty = Dirty::default();
        if !touched.charts.is_empty() && !self.update_charts(plan, &touched.charts, &mut dirty) {
            *self = Self::with_unfolded(plan, self.chart, std::mem::take(&mut self.unfolded));
            return;
        }
        let mut links = touched.links.clone();
        for name in &touched.instances {
            self.update_instance(plan, name, &mut links, &mut dirty);
        }
        if !touched.components.is_empty() {
            self.shapes.retain(|(component, ..), _| !touched.components.contains(component));
            for (id, slot) in &self.by_id {
                let BlockId::Function(function) = id else { continue };
                let instance = plan.instances().get(&function.instance);
                if instance.is_none_or(|instance| touched.components.contains(&instance.component)) {
                    dirty.blocks.insert(*slot);
                }
            }
            // Ports of charts have the types of the ports inside.
            let charts = self.by_id.range(BlockId::Chart(ChartId(0))..);
            dirty.blocks.extend(charts.map(|(_, slot)| *slot));
        }
        for key in &links {
            self.update_link(plan, key, &mut dirty);
        }
        dirty
            .blocks
            .extend(touched.constants.iter().filter_map(|port| self.find_block(&BlockId::Function(port.function()))));
        self.settle(plan, dirty);
    }

    /// Shows or hides the HMI properties of a block. `plan` is the one that the scene shows.
    pub fn set_unfolded(&mut self, plan: &Plan, id: &BlockId, unfolded: bool) {
        let changed = if unfolded { self.unfolded.insert(id.clone()) } else { self.unfolded.remove(id) };
        if let (true, Some(slot)) = (changed, self.find_block(id)) {
            self.end_preview();
            self.settle(plan, Dirty { blocks: [slot].into(), wires: BTreeSet::new() });
        }
    }

    /// Follows changed charts; false when functions may have come under another chart without being touched themselves.
    fn update_charts(&mut self, plan: &Plan, touched: &BTreeSet<ChartId>, dirty: &mut Dirty) -> bool {
        let (within, charts) = charts_below(plan, self.chart);
        let moved = |id: &ChartId| {
            // What is new or gone took its functions with it, and these are touched.
            self.charts.contains(id) == charts.contains(id) && self.within.get(id) != within.get(id)
        };
        let replaced = self.charts.contains(&self.chart) != charts.contains(&self.chart);
        if replaced || self.charts.iter().any(moved) {
            return false;
        }
        let children =
            |within: &BTreeMap<ChartId, ChartId>| -> BTreeSet<ChartId> { within.values().copied().collect() };
        let (before, now) = (children(&self.within), children(&within));
        (self.within, self.charts) = (within, charts);
        for gone in before.difference(&now) {
            self.drop_block(&BlockId::Chart(*gone), dirty);
        }
        for new in now.difference(&before) {
            let slot = self.add_block(plan, BlockId::Chart(*new));
            self.enter(slot);
            dirty.blocks.insert(slot);
        }
        dirty.blocks.extend(touched.iter().filter_map(|chart| self.find_block(&BlockId::Chart(*chart))));
        if touched.contains(&self.chart) {
            self.decorate(plan);
        }
        // Arrows carry the names of charts, and say which are above.
        let above = charts_above(plan, self.chart);
        let elsewhere = std::mem::replace(&mut self.above, above) != self.above;
        let names_one = |slot: &BlockSlot| {
            let arrows = self.block(*slot).into_iter().flat_map(|block| &block.arrows);
            let mut charts = arrows.flat_map(|arrow| &arrow.targets).filter_map(|target| target.chart);
            charts.any(|id| elsewhere || touched.contains(&id))
        };
        dirty.blocks.extend(self.by_id.values().filter(|slot| names_one(slot)));
        true
    }

    /// Follows an instance that came, went, moved or changed its component.
    fn update_instance(&mut self, plan: &Plan, name: &Name, links: &mut BTreeSet<LinkKey>, dirty: &mut Dirty) {
        let first = FunctionRef { instance: name.clone(), ldev: Name::default(), rtauto: Name::default() };
        let start = BlockId::Function(first.clone());
        let of_instance = |id: &BlockId| matches!(id, BlockId::Function(function) if function.instance == *name);
        let blocks: BTreeSet<BlockId> =
            self.by_id.range(start..).map(|(id, _)| id).take_while(|id| of_instance(id)).cloned().collect();
        let inner: Vec<FunctionRef> =
            self.inner.range(first..).map(|(id, _)| id).take_while(|id| id.instance == *name).cloned().collect();
        for function in inner {
            if let Some(child) = self.inner.remove(&function) {
                self.n_inner.entry(child).and_modify(|count| *count -= 1);
                dirty.blocks.extend(self.find_block(&BlockId::Chart(child)));
            }
        }
        let mut now = BTreeSet::new();
        for ((ldev, rtauto), placement) in plan.instances().get(name).into_iter().flat_map(|found| &found.functions) {
            let function = FunctionRef { instance: name.clone(), ldev: ldev.clone(), rtauto: rtauto.clone() };
            if placement.chart == self.chart {
                now.insert(BlockId::Function(function));
            } else if let Some(child) = self.within.get(&placement.chart).copied() {
                dirty.blocks.extend(self.find_block(&BlockId::Chart(child)));
                self.enter_inner(function, child);
            }
        }
        for gone in blocks.difference(&now) {
            // Links that stay, to or from elsewhere, are attached anew.
            if let Some(slot) = self.find_block(gone) {
                links.extend(self.wires_of(slot).iter().filter_map(|wire| Some(self.wire(*wire)?.key.clone())));
            }
            self.drop_block(gone, dirty);
        }
        for id in &now {
            let slot = self.find_block(id).unwrap_or_else(|| {
                let slot = self.add_block(plan, id.clone());
                self.enter(slot);
                slot
            });
            dirty.blocks.insert(slot);
        }
        links.extend(plan.links_into(name).map(|(key, _)| key.clone()));
        links.extend(plan.links_out_of(name).map(|(key, _)| key.clone()));
    }

    /// Takes the wire of a link out, and in again as the plan has it now.
    fn update_link(&mut self, plan: &Plan, key: &LinkKey, dirty: &mut Dirty) {
        self.detach(key, dirty);
        if let Some(slot) = plan.links().get(key).and_then(|link| self.attach(key, link)) {
            dirty.wires.insert(slot);
            dirty.blocks.extend(self.wire(slot).map(|wire| [wire.from.block(), wire.to.block()]).into_iter().flatten());
        }
    }

    fn detach(&mut self, key: &LinkKey, dirty: &mut Dirty) {
        let Some(slot) = self.by_key.remove(key) else { return };
        let Some(wire) = self.wires.get_mut(slot.0 as usize).and_then(Option::take) else { return };
        dirty.wires.remove(&slot);
        self.forget(slot, &wire);
        self.free_wires.push(slot);
        for block in [wire.from.block(), wire.to.block()] {
            if let Some(Some(block)) = self.blocks.get_mut(block.0 as usize) {
                block.wires.retain(|other| *other != slot);
            }
            dirty.blocks.insert(block);
        }
    }

    fn drop_block(&mut self, id: &BlockId, dirty: &mut Dirty) {
        let Some(slot) = self.find_block(id) else { return };
        let keys: Vec<LinkKey> =
            self.wires_of(slot).iter().filter_map(|wire| Some(self.wire(*wire)?.key.clone())).collect();
        for key in keys {
            self.detach(&key, dirty);
        }
        self.by_id.remove(id);
        if let Some(block) = self.blocks.get_mut(slot.0 as usize).and_then(Option::take) {
            self.index.remove_block(slot, &block);
            self.obstacle_changed(block.extent());
        }
        self.free_blocks.push(slot);
        dirty.blocks.remove(&slot);
    }

    /// Puts a new block into the index, which knows all blocks at all times.
    fn enter(&mut self, slot: BlockSlot) {
        if let Some(Some(block)) = self.blocks.get(slot.0 as usize) {
            self.index.insert_block(slot, block);
        }
    }

    /// Furnishes blocks and notes which wires need another path.
    fn settle(&mut self, plan: &Plan, mut dirty: Dirty) {
        for slot in dirty.blocks {
            let Some(Some(before)) = self.blocks.get(slot.0 as usize) else { continue };
            let (outline, extent) = (before.outline(), before.extent());
            self.index.remove_block(slot, before);
            self.furnish(plan, slot);
            self.enter(slot);
            dirty.wires.extend(self.wires_of(slot).iter().copied());
            let Some(Some(now)) = self.blocks.get(slot.0 as usize) else { continue };
            let now_extent = now.extent();
            if now.outline() != outline {
                self.obstacle_changed(extent);
                self.obstacle_changed(now_extent);
            }
        }
        for slot in dirty.wires {
            self.replug(slot);
        }
    }
}

/// What has to be looked at again.
#[derive(Debug, Default)]
struct Dirty {
    blocks: BTreeSet<BlockSlot>,
    wires: BTreeSet<WireSlot>,
}
