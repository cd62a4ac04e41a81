//! What stands at a place, and what a view shows.

use emath::{Pos2, Rect, Vec2};
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use super::block::{Block, BlockSlot};
use super::grid::Grid;
use super::scene::Scene;
use super::wire::{Wire, WireEnd, WireSlot};

/// Radius of a port's glyph.
const PORT_RADIUS: f32 = 6.0;
/// How far from its port a wire's end can be taken.
const END_LENGTH: f32 = 16.0;

/// What the pointer is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hit {
    /// A port.
    Port {
        /// Block.
        block: BlockSlot,
        /// Number of the port in it.
        port: u16,
    },
    /// The tag of a constant.
    Constant {
        /// Block.
        block: BlockSlot,
        /// Number of the port that it feeds.
        port: u16,
    },
    /// The arrow to another chart.
    Arrow {
        /// Block.
        block: BlockSlot,
        /// Number of the port that it stands at.
        port: u16,
    },
    /// A wire close to one of its ports, where it can be taken and plugged elsewhere.
    WireEnd {
        /// Wire.
        wire: WireSlot,
        /// Which end.
        end: WireEnd,
    },
    /// A wire.
    Wire {
        /// Wire.
        wire: WireSlot,
        /// Number of the segment, from the output.
        segment: u16,
    },
    /// The row that opens and closes the HMI properties.
    Fold(BlockSlot),
    /// The head of a block.
    BlockHead(BlockSlot),
    /// A block below its head.
    Block(BlockSlot),
    /// A note, by its number in the chart.
    Note(usize),
    /// The title or the border of a frame, by its number in the chart; what is inside does not hit it.
    Frame(usize),
}

/// Which blocks a rectangle takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reach {
    /// Those that it touches.
    Touching,
    /// Those that lie inside of it.
    Inside,
}

type Area<T> = GeomWithData<Rectangle<[f32; 2]>, T>;
/// A wire and the number of a segment of it.
pub(super) type Segment = (WireSlot, u16);

/// Where everything is, for searches by place.
#[derive(Debug, Default, Clone)]
pub(super) struct Index {
    blocks: RTree<Area<BlockSlot>>,
    /// Blocks that have tags, with all their tags.
    tagged: RTree<Area<BlockSlot>>,
    level: Grid<Segment>,
    upright: Grid<Segment>,
}

fn area<T>(rect: Rect, data: T) -> Area<T> {
    Area::new(Rectangle::from_corners([rect.min.x, rect.min.y], [rect.max.x, rect.max.y]), data)
}

fn envelope(rect: Rect) -> AABB<[f32; 2]> {
    AABB::from_corners([rect.min.x, rect.min.y], [rect.max.x, rect.max.y])
}

fn segments_of(slot: WireSlot, wire: &Wire) -> impl Iterator<Item = (Rect, Segment)> {
    // A path has few corners; one placed by hand may have more than can be numbered, and the rest is not hit.
    (0..u16::MAX).zip(wire.segments()).map(move |(number, (from, to))| (Rect::from_two_pos(from, to), (slot, number)))
}

/// Whether a segment is level; one without length is.
pub(super) fn is_level(run: Rect) -> bool {
    run.min.y == run.max.y
}

impl Index {
    /// An index over all blocks and wires at once, which is faster than one by one.
    pub(super) fn over<'a>(
        blocks: impl Iterator<Item = (BlockSlot, &'a Block)>,
        wires: impl Iterator<Item = (WireSlot, &'a Wire)>,
    ) -> Self {
        let (mut all, mut tagged) = (Vec::new(), Vec::new());
        for (slot, block) in blocks {
            all.push(area(block.rect, slot));
            tagged.extend(tags(slot, block));
        }
        let blocks = RTree::bulk_load(all);
        let mut index = Self { blocks, tagged: RTree::bulk_load(tagged), ..Self::default() };
        for (slot, wire) in wires {
            index.insert_wire(slot, wire);
        }
        index
    }

    pub(super) fn insert_block(&mut self, slot: BlockSlot, block: &Block) {
        self.blocks.insert(area(block.rect, slot));
        if let Some(tags) = tags(slot, block) {
            self.tagged.insert(tags);
        }
    }

    pub(super) fn remove_block(&mut self, slot: BlockSlot, block: &Block) {
        self.blocks.remove(&area(block.rect, slot));
        if let Some(tags) = tags(slot, block) {
            self.tagged.remove(&tags);
        }
    }

    pub(super) fn insert_wire(&mut self, slot: WireSlot, wire: &Wire) {
        for (rect, segment) in segments_of(slot, wire) {
            self.grid(rect).insert(rect, segment);
        }
    }

    pub(super) fn remove_wire(&mut self, slot: WireSlot, wire: &Wire) {
        for (rect, segment) in segments_of(slot, wire) {
            self.grid(rect).remove(rect, segment);
        }
    }

    /// Blocks that touch the rectangle, in no order.
    pub(super) fn blocks(&self, rect: Rect) -> impl Iterator<Item = BlockSlot> + '_ {
        self.blocks.locate_in_envelope_intersecting(envelope(rect)).map(|area| area.data)
    }

    fn blocks_inside(&self, rect: Rect) -> impl Iterator<Item = BlockSlot> + '_ {
        self.blocks.locate_in_envelope(envelope(rect)).map(|area| area.data)
    }

    /// Blocks whose tags may touch the rectangle, in no order.
    pub(super) fn tagged(&self, rect: Rect) -> impl Iterator<Item = BlockSlot> + '_ {
        self.tagged.locate_in_envelope_intersecting(envelope(rect)).map(|area| area.data)
    }

    fn grid(&mut self, run: Rect) -> &mut Grid<Segment> {
        if is_level(run) { &mut self.level } else { &mut self.upright }
    }

    /// Segments of wires that touch the rectangle, in no order.
    pub(super) fn segments(&self, rect: Rect) -> impl Iterator<Item = Segment> + '_ {
        self.level.touching(rect).chain(self.upright.touching(rect)).map(|(_, segment)| segment)
    }

    /// Level segments that touch the rectangle and whose they are, in no order.
    pub(super) fn level(&self, rect: Rect) -> impl Iterator<Item = (Rect, WireSlot)> + '_ {
        self.level.touching(rect).map(|(run, (slot, _))| (run, slot))
    }

    /// Upright segments that touch the rectangle and whose they are, in no order.
    pub(super) fn upright(&self, rect: Rect) -> impl Iterator<Item = (Rect, WireSlot)> + '_ {
        self.upright.touching(rect).map(|(run, (slot, _))| (run, slot))
    }

    /// What holds everything; `Rect::NOTHING` when there is nothing.
    pub(super) fn bounds(&self) -> Rect {
        let corners = |envelope: AABB<[f32; 2]>| Rect { min: envelope.lower().into(), max: envelope.upper().into() };
        let mut bounds = Rect::NOTHING;
        if self.blocks.size() > 0 {
            bounds = bounds.union(corners(self.blocks.root().envelope()));
        }
        if self.tagged.size() > 0 {
            bounds = bounds.union(corners(self.tagged.root().envelope()));
        }
        bounds.union(self.level.bounds()).union(self.upright.bounds())
    }
}

/// Regions of wires.
#[derive(Debug, Default, Clone)]
pub(super) struct Regions(Grid<WireSlot>);

impl Regions {
    /// Replaces the region of a wire.
    pub(super) fn replace(&mut self, slot: WireSlot, before: Rect, now: Rect) {
        if before == now {
            return;
        }
        if before != Rect::NOTHING {
            self.0.remove(before, slot);
        }
        if now != Rect::NOTHING {
            self.0.insert(now, slot);
        }
    }

    /// Wires whose region touches the rectangle, in no order.
    pub(super) fn touching(&self, rect: Rect) -> impl Iterator<Item = WireSlot> + '_ {
        self.0.touching(rect).map(|(_, slot)| slot)
    }
}

fn tags(slot: BlockSlot, block: &Block) -> Option<Area<BlockSlot>> {
    let all = block.constants.iter().map(|tag| tag.rect).chain(block.arrows.iter().map(|tag| tag.rect));
    Some(area(all.reduce(Rect::union)?, slot))
}

impl Scene {
    /// What stands at a place, foremost first: ports, tags, ends of wires, wires, blocks, notes, frames. `tolerance` is how far
    /// from a port or a wire it is still taken for it, in canvas units.
    pub fn pick(&self, at: Pos2, tolerance: f32) -> Option<Hit> {
        let tolerance = tolerance.max(0.0);
        self.pick_port(at, tolerance)
            .or_else(|| self.pick_tag(at))
            .or_else(|| self.pick_wire(at, tolerance))
            .or_else(|| self.pick_block(at))
            .or_else(|| Some(Hit::Note(self.notes().iter().rposition(|note| note.rect.contains(at))?)))
            .or_else(|| {
                let on_border = |frame: &super::tag::FrameArea| {
                    let title = frame.rect.with_max_y(frame.rect.min.y + super::block::sizes::ROW);
                    let inner = frame.rect.shrink(tolerance.max(1.0));
                    title.contains(at) || (frame.rect.expand(tolerance).contains(at) && !inner.contains(at))
                };
                Some(Hit::Frame(self.frames().iter().rposition(on_border)?))
            })
    }

    fn pick_port(&self, at: Pos2, tolerance: f32) -> Option<Hit> {
        let radius = PORT_RADIUS + tolerance;
        let near = Rect::from_center_size(at, Vec2::splat(2.0 * radius));
        let mut best: Option<(f32, Hit)> = None;
        for slot in self.index.blocks(near) {
            for port in self.block(slot).into_iter().flat_map(Block::ports) {
                let distance = port.at.distance(at);
                if distance <= radius && best.is_none_or(|(least, _)| distance < least) {
                    best = Some((distance, Hit::Port { block: slot, port: port.index }));
                }
            }
        }
        best.map(|(_, hit)| hit)
    }

    fn pick_tag(&self, at: Pos2) -> Option<Hit> {
        self.index.tagged(Rect::from_min_max(at, at)).find_map(|slot| {
            let block = self.block(slot)?;
            let constant = block.constants.iter().find(|tag| tag.rect.contains(at));
            let constant = constant.map(|tag| Hit::Constant { block: slot, port: tag.port });
            constant.or_else(|| {
                let arrow = block.arrows.iter().find(|tag| tag.rect.contains(at))?;
                Some(Hit::Arrow { block: slot, port: arrow.port })
            })
        })
    }

    fn pick_wire(&self, at: Pos2, tolerance: f32) -> Option<Hit> {
        let near = Rect::from_center_size(at, Vec2::splat(2.0 * tolerance));
        let mut best: Option<(f32, WireSlot, u16)> = None;
        for (slot, segment) in self.index.segments(near) {
            let Some((from, to)) = self.wire(slot).and_then(|wire| wire.segments().nth(usize::from(segment))) else {
                continue;
            };
            let distance = Rect::from_two_pos(from, to).distance_to_pos(at);
            let closer =
                |(least, other, number): (f32, WireSlot, u16)| (distance, slot, segment) < (least, other, number);
            if distance <= tolerance && best.is_none_or(closer) {
                best = Some((distance, slot, segment));
            }
        }
        let (_, slot, segment) = best?;
        let wire = self.wire(slot)?;
        let close = |point: Option<&Pos2>| point.is_some_and(|point| point.distance(at) <= END_LENGTH);
        if segment == 0 && !wire.from.is_arrow() && close(wire.points.first()) {
            return Some(Hit::WireEnd { wire: slot, end: WireEnd::From });
        }
        if usize::from(segment) + 2 == wire.points.len() && !wire.to.is_arrow() && close(wire.points.last()) {
            return Some(Hit::WireEnd { wire: slot, end: WireEnd::To });
        }
        Some(Hit::Wire { wire: slot, segment })
    }

    fn pick_block(&self, at: Pos2) -> Option<Hit> {
        let slot = self.index.blocks(Rect::from_min_max(at, at)).max()?;
        let block = self.block(slot)?;
        Some(if block.head().contains(at) {
            Hit::BlockHead(slot)
        } else if block.fold().is_some_and(|fold| fold.contains(at)) {
            Hit::Fold(slot)
        } else {
            Hit::Block(slot)
        })
    }

    /// Blocks that a rectangle touches, or those inside of it; each once, in ascending order, so a later one is painted over.
    pub fn blocks_in(&self, rect: Rect, reach: Reach) -> Vec<BlockSlot> {
        let mut found: Vec<BlockSlot> = match reach {
            Reach::Touching => self.index.blocks(rect).collect(),
            Reach::Inside => self.index.blocks_inside(rect).collect(),
        };
        found.sort_unstable();
        found
    }

    /// Blocks with a tag that may be in a rectangle: what of a block is seen when the block itself is not.
    pub fn tagged_in(&self, rect: Rect) -> Vec<BlockSlot> {
        let mut found: Vec<BlockSlot> = self.index.tagged(rect).collect();
        found.sort_unstable();
        found
    }

    /// Wires with a segment in a rectangle, each once, in ascending order.
    pub fn wires_in(&self, rect: Rect) -> Vec<WireSlot> {
        let mut found: Vec<WireSlot> = self.index.segments(rect).map(|(slot, _)| slot).collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}
