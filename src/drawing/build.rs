//! From the plan to blocks and wires: which block a port's link ends at, and what stands in a block.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use emath::{Pos2, Rect};

use super::block::{Block, BlockId, BlockSlot, PortKind, Shape, ShapePort, Side, canvas, title};
use super::pick::Index;
use super::scene::Scene;
use super::tag::{self, ArrowTag, ArrowTarget, ConstantTag};
use super::wire::{End, Wire, WireSlot};
use crate::model::{ChartId, FunctionRef, Link, LinkKey, Name, Plan, Point, PortRef, QosType};

impl Scene {
    /// Fills an empty scene.
    pub(super) fn build(&mut self, plan: &Plan) {
        (self.within, self.charts) = charts_below(plan, self.chart);
        self.above = charts_above(plan, self.chart);
        self.decorate(plan);
        let children: BTreeSet<ChartId> = self.within.values().copied().collect();
        for child in children {
            self.add_block(plan, BlockId::Chart(child));
        }
        for (name, instance) in plan.instances() {
            for ((ldev, rtauto), placement) in &instance.functions {
                let function = || FunctionRef { instance: name.clone(), ldev: ldev.clone(), rtauto: rtauto.clone() };
                if placement.chart == self.chart {
                    self.add_block(plan, BlockId::Function(function()));
                } else if let Some(child) = self.within.get(&placement.chart).copied() {
                    self.enter_inner(function(), child);
                }
            }
        }
        for (key, link) in plan.links() {
            self.attach(key, link);
        }
        let all: Vec<BlockSlot> = self.blocks().map(|(slot, _)| slot).collect();
        for slot in all {
            self.furnish(plan, slot);
        }
        for slot in (0..).map(WireSlot).take(self.wires.len()) {
            self.plug(slot);
            let points = self.wire(slot).map(|wire| self.sketch(wire)).unwrap_or_default();
            if let Some(Some(wire)) = self.wires.get_mut(slot.0 as usize) {
                wire.points = points.into();
            }
            self.make_stale(slot);
        }
        self.index = Index::over(self.blocks(), self.wires());
    }

    /// Notes that a function is on a chart below.
    pub(super) fn enter_inner(&mut self, function: FunctionRef, child: ChartId) {
        self.inner.insert(function, child);
        *self.n_inner.entry(child).or_default() += 1;
    }

    /// Reads frames and notes.
    pub(super) fn decorate(&mut self, plan: &Plan) {
        let chart = plan.charts().get(&self.chart);
        self.frames = chart.map(|chart| tag::frames(chart)).unwrap_or_default();
        self.notes = chart.map(|chart| tag::notes(chart)).unwrap_or_default();
    }

    /// Makes a block with nothing in it yet.
    pub(super) fn add_block(&mut self, plan: &Plan, id: BlockId) -> BlockSlot {
        let block = Block {
            rect: Rect::from_min_size(place(plan, &id), emath::Vec2::ZERO),
            title: block_title(plan, &id),
            id: id.clone(),
            constants: Vec::new(),
            arrows: Vec::new(),
            shape: Arc::new(Shape::of_chart(Name::default(), Vec::new())),
            connected: Box::default(),
            wires: Vec::new(),
        };
        let slot = self.free_blocks.pop().unwrap_or(BlockSlot(u32::try_from(self.blocks.len()).unwrap_or(u32::MAX)));
        match self.blocks.get_mut(slot.0 as usize) {
            Some(free) => *free = Some(block),
            None => self.blocks.push(Some(block)),
        }
        self.by_id.insert(id, slot);
        slot
    }

    /// The block that links of a port end at, when it is on this chart or below.
    pub(super) fn home_of(&self, port: &PortRef) -> Option<BlockSlot> {
        let function = port.function();
        let inside = |function: &FunctionRef| self.inner.get(function).map(|child| BlockId::Chart(*child));
        match inside(&function) {
            Some(chart) => self.find_block(&chart),
            None => self.find_block(&BlockId::Function(function)),
        }
    }

    /// Makes the wire of a link if this chart shows it: one end at least is here, and not both in the same chart below. Its
    /// ports are found by [`plug`](Self::plug).
    pub(super) fn attach(&mut self, key: &LinkKey, link: &Link) -> Option<WireSlot> {
        let (from, to) = (self.home_of(&link.provider), self.home_of(&key.consumer));
        let (first, second) = (from.or(to)?, to.or(from)?);
        if from == to && matches!(self.block(first)?.id, BlockId::Chart(_)) {
            return None;
        }
        let port = u16::MAX;
        let from = from.map_or(End::Arrow { block: second, port }, |block| End::Port { block, port });
        let to = to.map_or(End::Arrow { block: first, port }, |block| End::Port { block, port });
        let wire = Wire {
            key: key.clone(),
            provider: link.provider.clone(),
            from,
            to,
            cyclic: link.qos.qos_type == QosType::Cyclic,
            active: link.active,
            bends: link.bends.iter().map(|bend| canvas(*bend)).collect(),
            points: Box::default(),
            hops: Box::default(),
            junctions: Box::default(),
            rank: 0,
            region: Rect::NOTHING,
            unmarked: false,
        };
        let slot = self.free_wires.pop().unwrap_or(WireSlot(u32::try_from(self.wires.len()).unwrap_or(u32::MAX)));
        match self.wires.get_mut(slot.0 as usize) {
            Some(free) => *free = Some(wire),
            None => self.wires.push(Some(wire)),
        }
        self.by_key.insert(key.clone(), slot);
        for block in BTreeSet::from([first, second]) {
            if let Some(Some(block)) = self.blocks.get_mut(block.0 as usize) {
                block.wires.push(slot);
            }
        }
        Some(slot)
    }

    /// Finds the ports of a wire in its blocks.
    pub(super) fn plug(&mut self, slot: WireSlot) {
        let Some(wire) = self.wire(slot) else { return };
        let find = |end: End, port: &PortRef, side| {
            let block = self.block(end.block());
            block.and_then(|block| block.shape.find(port, side)).unwrap_or(u16::MAX)
        };
        let mut from = wire.from;
        let mut to = wire.to;
        let provider = find(from, &wire.provider, Side::Right);
        let consumer = find(to, &wire.key.consumer, Side::Left);
        // An arrow takes the number of the port at the other end.
        match &mut from {
            End::Port { port, .. } => *port = provider,
            End::Arrow { port, .. } => *port = consumer,
        }
        match &mut to {
            End::Port { port, .. } => *port = consumer,
            End::Arrow { port, .. } => *port = provider,
        }
        let place = |end: End| self.block(end.block()).map(|block| block.port_at(end.port())).unwrap_or_default();
        let away = (place(to) - place(from)).abs();
        let by_hand = !wire.bends.is_empty() || from.is_arrow() || to.is_arrow();
        if let Some(Some(wire)) = self.wires.get_mut(slot.0 as usize) {
            (wire.from, wire.to) = (from, to);
            // What is not searched for comes before all else, then short wires before long ones.
            wire.rank = if by_hand { 0 } else { 1 + (away.x + away.y) as u32 };
        }
    }

    /// Gives a block its place, ports, tags and marks, from the plan and its wires.
    pub(super) fn furnish(&mut self, plan: &Plan, slot: BlockSlot) {
        let Some(block) = self.block(slot) else { return };
        let id = block.id.clone();
        let shape = match &id {
            BlockId::Chart(chart) => Arc::new(self.chart_shape(plan, slot, *chart)),
            BlockId::Function(function) => self.function_shape(plan, slot, function),
        };
        let constants = match &id {
            BlockId::Function(function) => constants(plan, function, &shape),
            BlockId::Chart(_) => Vec::new(),
        };
        let mut connected = vec![false; shape.ports.len()];
        let mut outside: BTreeMap<u16, Vec<ArrowTarget>> = BTreeMap::new();
        for (port, side, wire) in self.ends_at(slot) {
            let Some(number) = shape.find(port, side) else { continue };
            if let Some(mark) = connected.get_mut(usize::from(number)) {
                *mark = true;
            }
            let (other, other_end) = match side {
                Side::Left => (&wire.provider, wire.from),
                Side::Right => (&wire.key.consumer, wire.to),
            };
            if other_end.is_arrow() {
                let chart = chart_of(plan, other);
                let target = ArrowTarget { key: wire.key.clone(), port: other.clone(), chart };
                outside.entry(number).or_default().push(target);
            }
        }
        let arrows = outside.into_iter().map(|(port, mut targets)| {
            targets.sort_by(|one, other| one.key.cmp(&other.key));
            ArrowTag::new(port, &arrow_label(plan, &self.above, &targets), targets)
        });
        let arrows = arrows.collect();
        let (at, title) = (place(plan, &id), block_title(plan, &id));
        if let Some(Some(block)) = self.blocks.get_mut(slot.0 as usize) {
            (block.shape, block.title, block.constants, block.arrows) = (shape, title, constants, arrows);
            block.connected = connected.into();
            block.move_to(at);
        }
    }

    /// Ends of wires at a block: port of the plan, side, wire.
    fn ends_at(&self, slot: BlockSlot) -> impl Iterator<Item = (&PortRef, Side, &Wire)> {
        self.wires_of(slot).iter().filter_map(|wire| self.wire(*wire)).flat_map(move |wire| {
            let here = |end: End| !end.is_arrow() && end.block() == slot;
            let from = here(wire.from).then_some((&wire.provider, Side::Right, wire));
            let to = here(wire.to).then_some((&wire.key.consumer, Side::Left, wire));
            from.into_iter().chain(to)
        })
    }

    fn function_shape(&mut self, plan: &Plan, slot: BlockSlot, function: &FunctionRef) -> Arc<Shape> {
        let unfolded = self.unfolded.contains(&BlockId::Function(function.clone()));
        let instance = plan.instances().get(&function.instance);
        let component = plan.component_of(&function.instance);
        let described = component.and_then(|component| component.rtauto(&function.ldev, &function.rtauto));
        let subtitle = || match component {
            Some(component) => format!("{} {}", component.name, component.key.version).into(),
            None => Name::new_static("component is missing"),
        };
        let key = (instance.zip(described)).map(|(instance, _)| {
            (instance.component.clone(), function.ldev.clone(), function.rtauto.clone(), unfolded)
        });
        let common = match key {
            Some(key) => self
                .shapes
                .entry(key)
                .or_insert_with(|| Arc::new(Shape::of_function(described, subtitle(), unfolded, &[])))
                .clone(),
            None => Arc::new(Shape::of_function(None, subtitle(), unfolded, &[])),
        };
        let unknown = self.ends_at(slot).filter(|(port, side, _)| common.find(port, *side).is_none());
        let unknown: BTreeSet<(Side, Name)> = unknown.map(|(port, side, _)| (side, port.port.clone())).collect();
        if unknown.is_empty() {
            return common;
        }
        let unknown: Vec<(Name, Side)> = unknown.into_iter().map(|(side, name)| (name, side)).collect();
        Arc::new(Shape::of_function(described, subtitle(), unfolded, &unknown))
    }

    fn chart_shape(&self, plan: &Plan, slot: BlockSlot, chart: ChartId) -> Shape {
        let crossing: BTreeSet<(Side, &PortRef)> = self.ends_at(slot).map(|(port, side, _)| (side, port)).collect();
        let mut n_same: BTreeMap<(Side, &Name), u32> = BTreeMap::new();
        for (side, port) in &crossing {
            *n_same.entry((*side, &port.port)).or_default() += 1;
        }
        let ports = crossing.iter().map(|(side, port)| {
            let alone = n_same.get(&(*side, &port.port)) == Some(&1);
            let label = if alone { port.port.clone() } else { format!("{}.{}", port.instance, port.port).into() };
            let described = plan.port(port);
            let kind = described.map_or(PortKind::Structure, |port| PortKind::of(&port.value_type));
            ShapePort::inner((*port).clone(), label, *side, kind, described.is_none())
        });
        let n_functions = self.n_inner.get(&chart).copied().unwrap_or(0);
        let plural = if n_functions == 1 { "" } else { "s" };
        Shape::of_chart(format!("chart · {n_functions} function{plural}").into(), ports.collect())
    }
}

/// For each chart below `chart`, the child of `chart` that it is in (itself, for a child); and all charts there are.
pub(super) fn charts_below(plan: &Plan, chart: ChartId) -> (BTreeMap<ChartId, ChartId>, BTreeSet<ChartId>) {
    let all: BTreeSet<ChartId> = plan.charts().keys().copied().collect();
    let child_above = |id: ChartId| {
        let mut at = id;
        // Charts inside of each other have no way up; then it is as long as there are charts.
        for _ in 0..all.len() {
            let parent = plan.charts().get(&at)?.parent?;
            if parent == chart {
                return (at != chart).then_some(at);
            }
            at = parent;
        }
        None
    };
    let within = all.iter().filter(|id| **id != chart).filter_map(|id| Some((*id, child_above(*id)?))).collect();
    (within, all)
}

/// The chart a port's block stands on.
fn chart_of(plan: &Plan, port: &PortRef) -> Option<ChartId> {
    let instance = plan.instances().get(&port.instance)?;
    Some(instance.functions.get(&(port.ldev.clone(), port.rtauto.clone()))?.chart)
}

fn arrow_label(plan: &Plan, above: &[ChartId], targets: &[ArrowTarget]) -> String {
    let Some(first) = targets.first() else { return String::new() };
    let instance = &first.port.instance;
    let place = match first.chart.and_then(|id| Some((id, plan.charts().get(&id)?))) {
        Some((id, _)) if above.contains(&id) => format!("↑ {instance}"),
        Some((_, chart)) => format!("{} › {instance}", chart.name),
        None => format!("{} is missing", first.port),
    };
    if targets.len() == 1 { place } else { format!("{place} + {}", targets.len() - 1) }
}

/// The charts that hold this one, from its parent to the root.
pub(super) fn charts_above(plan: &Plan, chart: ChartId) -> Vec<ChartId> {
    let parent = |chart: &ChartId| plan.charts().get(chart).and_then(|chart| chart.parent);
    // Charts inside of each other have no end; then it is as long as there are charts.
    std::iter::successors(parent(&chart), parent).take(plan.charts().len()).collect()
}

fn place(plan: &Plan, id: &BlockId) -> Pos2 {
    let at = match id {
        BlockId::Chart(chart) => plan.charts().get(chart).map(|chart| chart.at),
        BlockId::Function(function) => plan.instances().get(&function.instance).and_then(|instance| {
            let placement = instance.functions.get(&(function.ldev.clone(), function.rtauto.clone()));
            placement.map(|placement| placement.at)
        }),
    };
    canvas(at.unwrap_or(Point::default()))
}

fn block_title(plan: &Plan, id: &BlockId) -> Name {
    match id {
        BlockId::Chart(chart) => plan.charts().get(chart).map(|chart| title(&chart.name)).unwrap_or_default(),
        BlockId::Function(function) => {
            let several = |n_functions: usize| n_functions > 1;
            match plan.instances().get(&function.instance) {
                Some(instance) if several(instance.functions.len()) => {
                    title(&format!("{} · {}", function.instance, function.rtauto))
                }
                _ => title(&function.instance),
            }
        }
    }
}

/// Tags of the constants of a function, whose inputs have numbers in the shape.
fn constants(plan: &Plan, function: &FunctionRef, shape: &Shape) -> Vec<ConstantTag> {
    let own = plan
        .constants_of(&function.instance)
        .filter(|(port, _)| port.ldev == function.ldev && port.rtauto == function.rtauto);
    own.filter_map(|(port, constant)| {
        let number = shape.find(port, Side::Left)?;
        let unit = shape.ports.get(usize::from(number)).map(|port| port.unit.as_str()).unwrap_or_default();
        Some(ConstantTag::new(number, &constant.value, unit))
    })
    .collect()
}
