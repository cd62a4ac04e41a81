//! The path of one wire: which of the ways to look for it is taken, and what the outcome depends on.

use emath::{Pos2, Rect, pos2};

use super::block::{Block, BlockSlot, Side};
use super::pick::is_level;
use super::route::before;
use super::scene::Scene;
use super::search::{CLEAR, Field, Gate, LANE, Obstacle};
use super::sketch::{self, STUB, snap};
use super::tracks::{Neighbours, Track, Tracks};
use super::wire::{End, Wire, WireSlot};

/// How far around its two blocks a path is looked for, one after the other; and whether it may run through what one of its ports
/// is buried under, for then there is no other way.
const AROUND: [(f32, bool); 3] = [(64.0, false), (400.0, false), (64.0, true)];
/// Obstacles between which a thorough search is made.
const THOROUGH: usize = 120;
/// Room around tags.
const TAG_CLEAR: f32 = 2.0;
/// Lanes beside a port are counted up to here.
const MAX_LANES: f32 = 40.0;

/// Wires that a run lies on, of those between far blocks, which are counted.
const MOST_MET: usize = 50;

impl Scene {
    /// The best path of a wire, and the region that it depends on.
    pub(super) fn search(&self, slot: WireSlot) -> (Vec<Pos2>, Rect) {
        let Some(wire) = self.wire(slot) else { return (Vec::new(), Rect::NOTHING) };
        let Some((from, to)) = self.gates(wire) else { return (self.sketch(wire), Rect::NOTHING) };
        let mut plain = self.between_ports(wire, &from, &to);
        if let Some((points, _)) = plain.take_if(|(_, clear)| *clear) {
            return (points, Rect::from_two_pos(from.at, to.at));
        }
        let mut plain = plain.map(|(points, _)| points);
        let blocks =
            from.block.union(to.block).union(Rect::from_two_pos(pos2(from.turn, from.at.y), pos2(to.turn, to.at.y)));
        let mut region = blocks;
        for (around, buried) in AROUND {
            let area = blocks.expand(around);
            region = region.union(area);
            let Some(mut obstacles) = self.obstacles(area, wire.from, wire.to) else {
                return self.far(wire, &from, &to);
            };
            if buried {
                let stubs = [&from, &to].map(|gate| Rect::from_two_pos(gate.at, pos2(gate.turn, gate.at.y)));
                let own = |obstacle: &Obstacle| obstacle.own != [false, false];
                obstacles.retain(|obstacle| own(obstacle) || !stubs.iter().any(|stub| obstacle.area.intersects(*stub)));
            }
            let field = self.field(wire, area, obstacles);
            if buried {
                plain = field.plain(&from, &to);
            }
            if let Some(points) = field.path(&from, &to, plain.clone()) {
                return (points, region);
            }
        }
        (self.sketch(wire), region)
    }

    /// A plain path past what stands between the ports, if there is one that lies on no other wire.
    pub(super) fn plain_path(&self, wire: &Wire) -> Option<Vec<Pos2>> {
        let (from, to) = self.gates(wire)?;
        self.between_ports(wire, &from, &to).filter(|(_, clear)| *clear).map(|(points, _)| points)
    }

    /// Its two ends; `None` when it is not searched for.
    fn gates(&self, wire: &Wire) -> Option<(Gate, Gate)> {
        let searched = wire.bends.is_empty() && !wire.from.is_arrow() && !wire.to.is_arrow();
        self.gate(wire.from, Side::Right).zip(self.gate(wire.to, Side::Left)).filter(|_| searched)
    }

    /// The best plain path of a wire that runs from left to right, and whether it lies on no other. It depends on what is between
    /// the two ports alone.
    fn between_ports(&self, wire: &Wire, from: &Gate, to: &Gate) -> Option<(Vec<Pos2>, bool)> {
        if from.at.x >= to.at.x {
            return None;
        }
        let between = Rect::from_two_pos(from.at, to.at);
        let field = self.field(wire, between, self.obstacles(between, wire.from, wire.to)?);
        let points = field.plain(from, to)?;
        let clear = !field.wires.lie_under(&points);
        Some((points, clear))
    }

    /// What a wire meets in an area: obstacles, and wires that come before it.
    fn field(&self, wire: &Wire, area: Rect, obstacles: Vec<Obstacle>) -> Field {
        let near = area.expand(LANE);
        let own = |slot: WireSlot| Some(self.wire(slot).filter(|other| before(other, wire))?.shares_output(wire));
        let level = self
            .index
            .level(near)
            .filter_map(|(run, slot)| Some(Track { at: run.min.y, low: run.min.x, high: run.max.x, own: own(slot)? }));
        let upright = self
            .index
            .upright(near)
            .filter_map(|(run, slot)| Some(Track { at: run.min.x, low: run.min.y, high: run.max.y, own: own(slot)? }));
        let (level, upright) = (level.collect(), upright.collect());
        Field { area, obstacles, wires: Neighbours { level: Tracks::of(level), upright: Tracks::of(upright) } }
    }

    /// What no path may run through; `None` when there is more than is looked at one by one.
    fn obstacles(&self, area: Rect, from: End, to: End) -> Option<Vec<Obstacle>> {
        let is_end = |end: End, slot: BlockSlot, port: Option<u16>| {
            end.block() == slot && port.is_none_or(|port| port == end.port())
        };
        let own = |slot, port| [is_end(from, slot, port), is_end(to, slot, port)];
        let near = area.expand(CLEAR);
        let bodies = self
            .index
            .blocks(near)
            .filter_map(|slot| Some(Obstacle { area: self.block(slot)?.rect.expand(CLEAR), own: own(slot, None) }));
        let tags = self.index.tagged(near).filter_map(|slot| Some((slot, self.block(slot)?)));
        let tags = tags.flat_map(|(slot, block)| {
            let all = block.constants.iter().map(|tag| (tag.port, tag.rect));
            let all = all.chain(block.arrows.iter().map(|tag| (tag.port, tag.rect)));
            all.map(move |(port, rect)| Obstacle { area: rect.expand(TAG_CLEAR), own: own(slot, Some(port)) })
        });
        let mut obstacles: Vec<Obstacle> = bodies.chain(tags).take(THOROUGH + 1).collect();
        if obstacles.len() > THOROUGH {
            return None;
        }
        // The order in which the index finds them is that of the edits so far; no path may depend on it.
        let key =
            |obstacle: &Obstacle| (obstacle.area.min.x, obstacle.area.min.y, obstacle.area.max.x, obstacle.area.max.y);
        obstacles.sort_by(|one, other| key(one).partial_cmp(&key(other)).unwrap_or(std::cmp::Ordering::Equal));
        Some(obstacles)
    }

    fn gate(&self, end: End, side: Side) -> Option<Gate> {
        let block = self.block(end.block())?;
        let at = block.port_at(end.port());
        let tags = tags_at(block, end.port());
        let turn = match side {
            Side::Left => tags.fold(at.x - STUB, |turn, tag| turn.min(tag.min.x - CLEAR)),
            Side::Right => tags.fold(at.x + STUB, |turn, tag| turn.max(tag.max.x + CLEAR)),
        };
        let mut lanes = [0.0, 0.0];
        for port in block.ports().filter(|port| port.side == side && port.connected && port.at.y != at.y) {
            if tags_at(block, port.index).next().is_none() {
                lanes[usize::from(port.at.y > at.y)] += 1.0;
            }
        }
        // Upwards and from above, the ports above need the lanes nearer to the block; downwards and from below, those below.
        Some(Gate { at, turn, lanes: lanes.map(|lane: f32| lane.min(MAX_LANES)), block: block.rect })
    }

    /// The path of a wire between more blocks than are looked at one by one: the best of a few.
    fn far(&self, wire: &Wire, from: &Gate, to: &Gate) -> (Vec<Pos2>, Rect) {
        let mut candidates = Vec::new();
        let lanes = |gate: &Gate, sign: f32| {
            let (turn, meant) = (gate.turn, gate.lanes[0].min(3.0));
            [meant, 0.0, 1.0, 2.0, 4.0, 5.0].map(|lane| turn + sign * lane * LANE)
        };
        if from.turn <= to.turn {
            for x in lanes(from, 1.0).into_iter().chain(lanes(to, -1.0)) {
                candidates.push(vec![from.at, pos2(x, from.at.y), pos2(x, to.at.y), to.at]);
            }
        }
        let edges = [from.block, to.block].map(|block| [(block.min.y - STUB, -1.0), (block.max.y + STUB, 1.0)]);
        for ((edge, sign), lane) in
            edges.into_iter().flatten().flat_map(|edge| [0.0, 1.0, 2.0, 3.0].map(|lane| (edge, lane)))
        {
            let y = snap(edge + sign * lane * LANE);
            let (out, back) = (from.turn + lane * LANE, to.turn - lane * LANE);
            let points = [from.at, pos2(out, from.at.y), pos2(out, y), pos2(back, y), pos2(back, to.at.y), to.at];
            candidates.push(sketch::straightened(&points));
        }
        let all = candidates.iter().flatten();
        let region = all.fold(Rect::NOTHING, |region, point| region.union(Rect::from_min_max(*point, *point)));
        let mut best: Option<(f32, Vec<Pos2>)> = None;
        for points in candidates {
            let cost = self.far_cost(wire, &points, best.as_ref().map_or(f32::INFINITY, |(least, _)| *least));
            if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                best = Some((cost, points));
            }
        }
        (best.map(|(_, points)| points).unwrap_or_default(), region)
    }

    /// Length of a path, and much more for blocks in it and wires that it lies on; given up above `limit`.
    fn far_cost(&self, wire: &Wire, points: &[Pos2], limit: f32) -> f32 {
        let runs = || points.windows(2).filter_map(|pair| if let &[from, to] = pair { Some((from, to)) } else { None });
        let mut cost: f32 = runs().map(|(from, to)| (to - from).abs().x + (to - from).abs().y).sum();
        let n_runs = points.len().saturating_sub(1);
        for (number, (from, to)) in runs().enumerate() {
            if cost >= limit {
                break;
            }
            let run = Rect::from_two_pos(from, to);
            let hit = self.index.blocks(run.expand(CLEAR - 1.0)).filter(|slot| {
                let own =
                    (number == 0 && *slot == wire.from.block()) || (number + 1 == n_runs && *slot == wire.to.block());
                !own
            });
            cost += 10_000.0 * hit.count() as f32;
            if cost >= limit {
                break;
            }
            let beside = run.expand(LANE - 1.0);
            let (level, upright) = if is_level(run) { (Some(beside), None) } else { (None, Some(beside)) };
            let along = level.into_iter().flat_map(|beside| self.index.level(beside));
            let along = along.chain(upright.into_iter().flat_map(|beside| self.index.upright(beside)));
            let others = along.filter_map(|(_, other)| self.wire(other));
            let met = others.filter(|other| before(other, wire) && !other.shares_output(wire));
            // More than this many cannot make it worse.
            cost += 1000.0 * met.take(MOST_MET).count() as f32;
        }
        cost
    }
}

fn tags_at(block: &Block, port: u16) -> impl Iterator<Item = Rect> {
    let constants = block.constants.iter().filter(move |tag| tag.port == port).map(|tag| tag.rect);
    constants.chain(block.arrows.iter().filter(move |tag| tag.port == port).map(|tag| tag.rect))
}
