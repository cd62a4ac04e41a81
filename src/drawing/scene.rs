//! A chart and everything on it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ahash::AHashMap;
use emath::{Pos2, Rect};

use super::block::{Block, BlockId, BlockSlot, Shape, Side, sizes};
use super::pick::{Index, Regions};
use super::preview::Preview;
use super::sketch::{self, Terminal};
use super::stale::Stale;
use super::tag::{ArrowTag, FrameArea, NoteArea};
use super::wire::{End, Wire, WireSlot};
use crate::model::{ChartId, ComponentKey, FunctionRef, LinkKey, Name, Plan, PortRef};

/// A chart as it is drawn.
///
/// Make it once with [`Scene::new`], then [`update`](Scene::update) it after each edit, which costs what the edit touched.
#[derive(Debug, Clone)]
pub struct Scene {
    pub(super) chart: ChartId,
    pub(super) blocks: Vec<Option<Block>>,
    pub(super) free_blocks: Vec<BlockSlot>,
    pub(super) by_id: BTreeMap<BlockId, BlockSlot>,
    pub(super) wires: Vec<Option<Wire>>,
    pub(super) free_wires: Vec<WireSlot>,
    pub(super) by_key: AHashMap<LinkKey, WireSlot>,
    pub(super) frames: Vec<FrameArea>,
    pub(super) notes: Vec<NoteArea>,
    pub(super) index: Index,
    pub(super) shapes: AHashMap<ShapeKey, Arc<Shape>>,
    pub(super) unfolded: BTreeSet<BlockId>,
    /// For each chart below: the child of this chart that it is in.
    pub(super) within: BTreeMap<ChartId, ChartId>,
    /// Charts that this one is in.
    pub(super) above: Vec<ChartId>,
    /// All charts of the plan when `within` was made.
    pub(super) charts: BTreeSet<ChartId>,
    /// Functions on charts below, with the child of this chart that they are in.
    pub(super) inner: BTreeMap<FunctionRef, ChartId>,
    /// How many functions each of these children holds.
    pub(super) n_inner: BTreeMap<ChartId, u32>,
    /// Wires whose path has to be searched for.
    pub(super) stale: Stale,
    /// Wires whose hops and junctions have to be found, and others that were; [`Wire::unmarked`] tells.
    pub(super) unmarked: Vec<WireSlot>,
    /// No wire that was searched for has a greater rank.
    pub(super) greatest_rank: u32,
    /// Regions of wires, for searches by place.
    pub(super) regions: Regions,
    pub(super) preview: Option<Preview>,
}

/// What decides the shape of a block whose component has all its ports: component, LDev, RTAuto, and whether it is unfolded.
pub(super) type ShapeKey = (ComponentKey, Name, Name, bool);

impl Scene {
    /// Everything on a chart; empty when the plan has no such chart. HMI properties are folded away.
    pub fn new(plan: &Plan, chart: ChartId) -> Self {
        Self::with_unfolded(plan, chart, BTreeSet::new())
    }

    /// Everything on a chart, with the HMI properties of these blocks shown.
    pub fn with_unfolded(plan: &Plan, chart: ChartId, unfolded: BTreeSet<BlockId>) -> Self {
        let mut scene = Self {
            chart,
            blocks: Vec::new(),
            free_blocks: Vec::new(),
            by_id: BTreeMap::new(),
            wires: Vec::new(),
            free_wires: Vec::new(),
            by_key: AHashMap::new(),
            frames: Vec::new(),
            notes: Vec::new(),
            index: Index::default(),
            shapes: AHashMap::new(),
            unfolded,
            within: BTreeMap::new(),
            above: Vec::new(),
            charts: BTreeSet::new(),
            inner: BTreeMap::new(),
            n_inner: BTreeMap::new(),
            stale: Stale::default(),
            unmarked: Vec::new(),
            greatest_rank: 0,
            regions: Regions::default(),
            preview: None,
        };
        scene.build(plan);
        scene
    }

    /// The chart.
    pub fn chart(&self) -> ChartId {
        self.chart
    }

    /// What holds everything on the chart; nothing holds an empty one (`Rect::NOTHING`).
    pub fn bounds(&self) -> Rect {
        let frames = self.frames.iter().map(|frame| frame.rect);
        frames.chain(self.notes.iter().map(|note| note.rect)).fold(self.index.bounds(), Rect::union)
    }

    /// A block; `None` when nothing has this slot.
    pub fn block(&self, slot: BlockSlot) -> Option<&Block> {
        self.blocks.get(slot.0 as usize)?.as_ref()
    }

    /// All blocks, by slot.
    pub fn blocks(&self) -> impl Iterator<Item = (BlockSlot, &Block)> {
        (0..).map(BlockSlot).zip(&self.blocks).filter_map(|(slot, block)| Some((slot, block.as_ref()?)))
    }

    /// Number of blocks.
    pub fn n_blocks(&self) -> usize {
        self.by_id.len()
    }

    /// The block that stands for this.
    pub fn find_block(&self, id: &BlockId) -> Option<BlockSlot> {
        self.by_id.get(id).copied()
    }

    /// Takes a path for a wire; what depends on where it runs becomes stale.
    pub(super) fn set_points(&mut self, slot: WireSlot, points: Vec<Pos2>) {
        let Some(Some(wire)) = self.wires.get(slot.0 as usize) else { return };
        if *wire.points == *points {
            return;
        }
        self.disturb(slot);
        let Some(Some(wire)) = self.wires.get_mut(slot.0 as usize) else { return };
        self.index.remove_wire(slot, wire);
        wire.points = points.into();
        self.index.insert_wire(slot, wire);
        self.disturb(slot);
    }

    /// A wire; `None` when nothing has this slot.
    pub fn wire(&self, slot: WireSlot) -> Option<&Wire> {
        self.wires.get(slot.0 as usize)?.as_ref()
    }

    /// All wires, by slot.
    pub fn wires(&self) -> impl Iterator<Item = (WireSlot, &Wire)> {
        (0..).map(WireSlot).zip(&self.wires).filter_map(|(slot, wire)| Some((slot, wire.as_ref()?)))
    }

    /// Number of wires.
    pub fn n_wires(&self) -> usize {
        self.by_key.len()
    }

    /// The wire of a link.
    pub fn find_wire(&self, key: &LinkKey) -> Option<WireSlot> {
        self.by_key.get(key).copied()
    }

    /// Wires that end at a block, in no order.
    pub fn wires_of(&self, slot: BlockSlot) -> &[WireSlot] {
        self.block(slot).map(|block| block.wires.as_slice()).unwrap_or_default()
    }

    /// The port of a block where links to (`Left`) or from (`Right`) a port of the plan end: on its own block, or on that of the
    /// chart it is in when a link crosses the border there.
    pub fn find_port(&self, port: &PortRef, side: Side) -> Option<(BlockSlot, u16)> {
        let slot = self.home_of(port)?;
        Some((slot, self.block(slot)?.shape.find(port, side)?))
    }

    /// The arrow at a port.
    pub fn arrow(&self, slot: BlockSlot, port: u16) -> Option<&ArrowTag> {
        self.block(slot)?.arrows.iter().find(|arrow| arrow.port == port)
    }

    /// Frames, in the plan's order.
    pub fn frames(&self) -> &[FrameArea] {
        &self.frames
    }

    /// Notes, in the plan's order.
    pub fn notes(&self) -> &[NoteArea] {
        &self.notes
    }

    /// Blocks whose HMI properties are shown, those that are not on the chart any more included.
    pub fn unfolded(&self) -> &BTreeSet<BlockId> {
        &self.unfolded
    }

    /// A wire's path as long as none has been searched for: past its own blocks only.
    pub(super) fn sketch(&self, wire: &Wire) -> Vec<Pos2> {
        match (wire.from, wire.to) {
            (End::Port { block, port }, End::Arrow { .. }) => {
                let (Some(at), Some(arrow)) = (self.terminal(block, port, Side::Right), self.arrow(block, port)) else {
                    return Vec::new();
                };
                vec![at.at, arrow.rect.left_center()]
            }
            (End::Arrow { .. }, End::Port { block, port }) => {
                let (Some(at), Some(arrow)) = (self.terminal(block, port, Side::Left), self.arrow(block, port)) else {
                    return Vec::new();
                };
                vec![arrow.rect.right_center(), at.at]
            }
            (from, to) => {
                let from = self.terminal(from.block(), from.port(), Side::Right);
                let to = self.terminal(to.block(), to.port(), Side::Left);
                match (from, to) {
                    (Some(from), Some(to)) if wire.bends.is_empty() => sketch::path(from, to),
                    (Some(from), Some(to)) => sketch::over(from.at, &wire.bends, to.at),
                    _ => Vec::new(),
                }
            }
        }
    }

    fn terminal(&self, slot: BlockSlot, port: u16, side: Side) -> Option<Terminal> {
        let block = self.block(slot)?;
        let at = block.port_at(port);
        let extent = block.extent();
        let reach = match side {
            Side::Left => at.x - extent.min.x,
            Side::Right => extent.max.x - at.x,
        };
        Some(Terminal { at, reach: reach + if reach > 0.0 { sizes::GRID } else { sketch::STUB }, block: block.rect })
    }
}
