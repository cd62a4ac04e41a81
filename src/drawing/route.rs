//! Which wire gets its path when, and what has to be looked at again when something changes.
//!
//! A path depends on the blocks and tags around the wire and on the paths of wires of lower rank (shorter ones; between equals the
//! link's name decides), and on nothing else: not on the order of edits, nor on what was in view first. So a chart that was
//! edited looks the same as one just opened. A wire keeps the region that its search looked at. When an obstacle changes or a wire
//! of lower rank takes another path in there, it is stale and is searched for again; most get the path they had, and then nothing
//! follows. Since rank only ascends along what follows, this ends.
//!
//! Stale wires show a sketch or their former path. [`Scene::route`] works on those in view first, as many as it is allowed to.

use emath::{Pos2, Rect, pos2};

use super::block::{Block, BlockSlot, Side};
use super::scene::Scene;
use super::search::{CLEAR, Field, Gate, LANE, Obstacle};
use super::sketch::{self, STUB, snap};
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

impl Scene {
    /// Finds paths of stale wires, those in view first, `budget` of them at most (a wire takes some 20 to 200 µs). Says whether
    /// more remain. While a preview lasts, nothing is done.
    pub fn route(&mut self, view: Rect, budget: usize) -> bool {
        if self.preview.is_some() {
            return !self.stale.is_empty();
        }
        let mut left = budget;
        if !self.stale.is_empty() && view.is_positive() {
            let in_view = self.wires_in(view).into_iter();
            let mut visible: Vec<(u32, WireSlot)> = in_view
                .filter_map(|slot| Some((self.wire(slot)?.rank, slot)))
                .filter(|at| self.stale.contains(at))
                .collect();
            visible.sort_unstable();
            for (_, slot) in visible.into_iter().take(left) {
                self.find_path(slot);
                left -= 1;
            }
        }
        while left > 0 {
            let Some((_, slot)) = self.stale.first().copied() else { break };
            self.find_path(slot);
            left -= 1;
        }
        // Marks are cheap beside paths, but what is unmarked can be a whole chart.
        for _ in 0..budget.saturating_mul(4) {
            let Some(slot) = self.unmarked.pop_first() else { break };
            self.mark(slot);
        }
        !self.stale.is_empty() || !self.unmarked.is_empty()
    }

    /// Finds the paths of all stale wires.
    pub fn route_all(&mut self) {
        while self.route(Rect::NOTHING, 1000) && self.preview.is_none() {}
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
        self.set_points(slot, points);
        self.unmarked.insert(slot);
        self.stale.remove(&(rank, slot));
    }

    /// Finds the ends of a wire anew. If they moved it shows a sketch; in any case its path is stale.
    pub(super) fn replug(&mut self, slot: WireSlot) {
        let Some(rank) = self.wire(slot).map(|wire| wire.rank) else { return };
        self.stale.remove(&(rank, slot));
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
        self.stale.insert((now, slot));
    }

    /// Takes a wire out of everything that knows it by place.
    pub(super) fn forget(&mut self, slot: WireSlot, wire: &Wire) {
        self.disturb_by(wire);
        self.index.remove_wire(slot, wire);
        self.regions.replace(slot, wire.region, Rect::NOTHING);
        self.stale.remove(&(wire.rank, slot));
        self.unmarked.remove(&slot);
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
            let dependent = self.regions.touching(run.expand(LANE)).filter_map(|other| {
                let follower = self.wire(other)?;
                before(wire, follower).then_some((follower.rank, other))
            });
            self.stale.extend(dependent.collect::<Vec<_>>());
            self.unmarked.extend(self.index.segments(run).map(|(other, _)| other));
        }
        if let Some(Some(block)) = self.blocks.get(wire.from.block().0 as usize) {
            let sharing = |other: &&WireSlot| self.wire(**other).is_some_and(|other| other.shares_output(wire));
            self.unmarked.extend(block.wires.iter().filter(sharing).copied().collect::<Vec<_>>());
        }
    }

    /// Makes stale what looked at this place.
    pub(super) fn obstacle_changed(&mut self, extent: Rect) {
        let looked = self.regions.touching(extent.expand(CLEAR + 1.0));
        let looked: Vec<_> = looked.filter_map(|slot| Some((self.wire(slot)?.rank, slot))).collect();
        self.stale.extend(looked);
    }

    /// The best path of a wire, and the region that it depends on.
    pub(super) fn search(&self, slot: WireSlot) -> (Vec<Pos2>, Rect) {
        let Some(wire) = self.wire(slot) else { return (Vec::new(), Rect::NOTHING) };
        let searched = wire.bends.is_empty() && !wire.from.is_arrow() && !wire.to.is_arrow();
        let gates = self.gate(wire.from, Side::Right).zip(self.gate(wire.to, Side::Left));
        let Some((from, to)) = gates.filter(|_| searched) else { return (self.sketch(wire), Rect::NOTHING) };
        let blocks =
            from.block.union(to.block).union(Rect::from_two_pos(pos2(from.turn, from.at.y), pos2(to.turn, to.at.y)));
        let mut region = blocks;
        for (around, buried) in AROUND {
            let area = blocks.expand(around);
            region = region.union(area);
            let mut obstacles = self.obstacles(area, wire.from, wire.to);
            if obstacles.len() > THOROUGH {
                return self.far(wire, &from, &to);
            }
            if buried {
                let stubs = [&from, &to].map(|gate| Rect::from_two_pos(gate.at, pos2(gate.turn, gate.at.y)));
                let own = |obstacle: &Obstacle| obstacle.own != [false, false];
                obstacles.retain(|obstacle| own(obstacle) || !stubs.iter().any(|stub| obstacle.area.intersects(*stub)));
            }
            let mut field = Field { area: Some(area), obstacles, ..Field::default() };
            for (other, number) in self.index.segments(area.expand(LANE)) {
                let Some(other) = self.wire(other).filter(|other| before(other, wire)) else { continue };
                if let Some((begin, end)) = other.segments().nth(usize::from(number)) {
                    field.add_track(begin, end, other.shares_output(wire));
                }
            }
            if let Some(points) = field.path(&from, &to) {
                return (points, region);
            }
        }
        (self.sketch(wire), region)
    }

    fn obstacles(&self, area: Rect, from: End, to: End) -> Vec<Obstacle> {
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
        let mut obstacles: Vec<Obstacle> = bodies.chain(tags).collect();
        // The order in which the index finds them is that of the edits so far; no path may depend on it.
        let key =
            |obstacle: &Obstacle| (obstacle.area.min.x, obstacle.area.min.y, obstacle.area.max.x, obstacle.area.max.y);
        obstacles.sort_by(|one, other| key(one).partial_cmp(&key(other)).unwrap_or(std::cmp::Ordering::Equal));
        obstacles
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
            for (other, segment) in self.index.segments(run.expand(LANE - 1.0)) {
                let Some(other) = self.wire(other).filter(|other| before(other, wire) && !other.shares_output(wire))
                else {
                    continue;
                };
                let along = other
                    .segments()
                    .nth(usize::from(segment))
                    .is_some_and(|(begin, end)| (begin.x == end.x) == (from.x == to.x));
                cost += if along { 1000.0 } else { 0.0 };
            }
        }
        cost
    }
}

fn tags_at(block: &Block, port: u16) -> impl Iterator<Item = Rect> {
    let constants = block.constants.iter().filter(move |tag| tag.port == port).map(|tag| tag.rect);
    constants.chain(block.arrows.iter().filter(move |tag| tag.port == port).map(|tag| tag.rect))
}

/// Whether a wire comes before another.
fn before(one: &Wire, other: &Wire) -> bool {
    one.rank < other.rank || (one.rank == other.rank && one.key < other.key)
}
