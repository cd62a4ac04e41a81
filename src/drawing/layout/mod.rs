//! Automatic layout: blocks in columns from left to right, along the links.
//!
//! The steps are those of Sugiyama: links that close a loop are taken as if they ran the other way, blocks get columns
//! ([`columns`]), the order in each column is chosen for few crossings ([`order`]), then heights for straight wires and gaps with a
//! lane for every wire ([`place`]). It is our own because ports count here: wires leave and enter a block at heights of their own,
//! and what is straight or crosses depends on these. The same chart always gives the same layout.

mod columns;
mod order;
mod place;

use std::collections::BTreeMap;

use emath::{Pos2, Rect, Vec2, pos2, vec2};

use super::block::{BlockId, BlockSlot};
use super::scene::Scene;
use super::sketch::snap;

/// Space between groups that no link connects.
const BETWEEN_GROUPS: f32 = 64.0;
/// Space between blocks without links.
const BETWEEN_LONERS: f32 = 32.0;

/// A block to be placed.
#[derive(Debug, Clone)]
struct Node {
    slot: BlockSlot,
    /// Size with its tags.
    size: Vec2,
    /// From the corner of that to the block's own.
    inset: Vec2,
    /// Where it stands now: between equals, what stands left or higher stays so.
    now: Pos2,
}

/// A wire between two of them.
#[derive(Debug, Clone, Copy)]
struct Edge {
    from: usize,
    to: usize,
    /// Heights of its ends below the upper edges of the nodes.
    from_y: f32,
    to_y: f32,
    /// Port of the output: wires from one share their way.
    output: u16,
}

/// New places for blocks, on the grid; for all of the chart, or for a selection among which only its own wires count. The upper left
/// corner of what is laid out stays where it is. Apply them as one edit.
pub fn layout(scene: &Scene, selection: Option<&[BlockId]>) -> Vec<(BlockId, Pos2)> {
    let mut slots: Vec<BlockSlot> = match selection {
        None => scene.blocks().map(|(slot, _)| slot).collect(),
        Some(ids) => ids.iter().filter_map(|id| scene.find_block(id)).collect(),
    };
    // Slots tell of the order of edits; names do not.
    slots.sort_by(|one, other| {
        scene.block(*one).map(|block| &block.id).cmp(&scene.block(*other).map(|block| &block.id))
    });
    slots.dedup();
    let nodes: Vec<Node> = slots.iter().filter_map(|slot| node(scene, *slot)).collect();
    let edges = edges(scene, &nodes);
    let Some(corner) = nodes.iter().map(|node| node.now).reduce(Pos2::min) else { return Vec::new() };

    let mut groups = groups(nodes.len(), &edges);
    groups.sort_by_key(|group| (std::cmp::Reverse(group.len()), group.first().copied()));
    let loners: Vec<usize> = groups.iter().filter(|group| group.len() == 1).flatten().copied().collect();
    let mut shelves = Shelves::default();
    for group in groups.iter().filter(|group| group.len() > 1) {
        shelves.groups.push(arrange(&nodes, &edges, group));
    }
    if !loners.is_empty() {
        shelves.groups.push(grid(&nodes, &loners));
    }
    let places = shelves.places();

    let placed: Vec<(usize, Pos2)> =
        places.into_iter().filter_map(|(index, at)| Some((index, at + nodes.get(index)?.inset))).collect();
    let least = placed.iter().map(|(_, at)| *at).reduce(Pos2::min).unwrap_or(corner);
    let by = pos2(snap(corner.x), snap(corner.y)) - least;
    let mut out: Vec<(BlockId, Pos2)> = placed
        .into_iter()
        .filter_map(|(index, at)| {
            let at = at + by;
            Some((scene.block(nodes.get(index)?.slot)?.id.clone(), pos2(snap(at.x), snap(at.y))))
        })
        .collect();
    out.sort_by(|one, other| one.0.cmp(&other.0));
    out
}

fn node(scene: &Scene, slot: BlockSlot) -> Option<Node> {
    let block = scene.block(slot)?;
    let extent = block.extent();
    // All sizes are on the grid, even where tags are not.
    let inset = (block.rect.min - extent.min) / super::sizes::GRID;
    let inset = inset.ceil() * super::sizes::GRID;
    let size = (inset + (extent.max - block.rect.min)) / super::sizes::GRID;
    Some(Node { slot, size: size.ceil() * super::sizes::GRID, inset, now: block.rect.min })
}

fn edges(scene: &Scene, nodes: &[Node]) -> Vec<Edge> {
    let index: BTreeMap<BlockSlot, usize> = nodes.iter().enumerate().map(|(index, node)| (node.slot, index)).collect();
    let mut wires: Vec<_> = scene.wires().map(|(_, wire)| wire).filter(|wire| !wire.from.is_arrow()).collect();
    wires.sort_by(|one, other| one.key.cmp(&other.key));
    let edge = |wire: &super::Wire| {
        let (from, to) = (*index.get(&wire.from.block())?, *index.get(&wire.to.block())?);
        if wire.to.is_arrow() || from == to {
            return None;
        }
        let y = |node: usize, port: u16| {
            let node = nodes.get(node)?;
            Some(scene.block(node.slot)?.port(port)?.at.y - node.now.y + node.inset.y)
        };
        let output = wire.from.port();
        Some(Edge { from, to, from_y: y(from, output)?, to_y: y(to, wire.to.port())?, output })
    };
    wires.into_iter().filter_map(edge).collect()
}

/// Nodes that hang together, each group in ascending order.
fn groups(n_nodes: usize, edges: &[Edge]) -> Vec<Vec<usize>> {
    let mut sets = petgraph::unionfind::UnionFind::<usize>::new(n_nodes);
    for edge in edges {
        sets.union(edge.from, edge.to);
    }
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for node in 0..n_nodes {
        groups.entry(sets.find(node)).or_default().push(node);
    }
    groups.into_values().collect()
}

/// A part of the layout: where nodes stand in it, and how large it is.
#[derive(Debug, Default)]
struct Group {
    places: Vec<(usize, Pos2)>,
    size: Vec2,
}

impl Group {
    fn of(places: Vec<(usize, Pos2)>, nodes: &[Node]) -> Self {
        let rect = |(index, at): &(usize, Pos2)| Some(Rect::from_min_size(*at, nodes.get(*index)?.size));
        let bounds = places.iter().filter_map(rect).fold(Rect::NOTHING, Rect::union);
        let places = places.into_iter().map(|(index, at)| (index, at - bounds.min.to_vec2())).collect();
        Self { places, size: bounds.size() }
    }
}

/// Lays out nodes that hang together.
fn arrange(nodes: &[Node], edges: &[Edge], group: &[usize]) -> Group {
    let local: BTreeMap<usize, usize> = group.iter().enumerate().map(|(local, node)| (*node, local)).collect();
    let own: Vec<Node> = group.iter().filter_map(|node| nodes.get(*node).cloned()).collect();
    let translate = |edge: &Edge| Some(Edge { from: *local.get(&edge.from)?, to: *local.get(&edge.to)?, ..*edge });
    let own_edges: Vec<Edge> = edges.iter().filter_map(translate).collect();
    let mut layers = columns::layers(&own, &own_edges);
    order::order(&mut layers);
    let places = place::places(&layers, &own, &own_edges);
    Group::of(group.iter().copied().zip(places).collect(), nodes)
}

/// Blocks without links: rows and columns of equal cells, about half as high as wide.
fn grid(nodes: &[Node], loners: &[usize]) -> Group {
    let cell = loners.iter().filter_map(|node| nodes.get(*node)).fold(Vec2::ZERO, |cell, node| cell.max(node.size));
    let cell = cell + Vec2::splat(BETWEEN_LONERS);
    let n_columns = (loners.len() as f32 * 2.0 * cell.y / cell.x).sqrt().ceil().max(1.0) as usize;
    let places = loners.iter().enumerate().map(|(number, node)| {
        (*node, pos2((number % n_columns) as f32 * cell.x, (number / n_columns) as f32 * cell.y))
    });
    Group::of(places.collect(), nodes)
}

/// Groups in rows, the largest first.
#[derive(Debug, Default)]
struct Shelves {
    groups: Vec<Group>,
}

impl Shelves {
    fn places(self) -> Vec<(usize, Pos2)> {
        let widest = self.groups.iter().map(|group| group.size.x).fold(0.0, f32::max);
        let area: f32 = self.groups.iter().map(|group| group.size.x * group.size.y).sum();
        let width = widest.max((area * 2.0).sqrt());
        let (mut at, mut height) = (vec2(0.0, 0.0), 0.0_f32);
        let mut places = Vec::new();
        for group in self.groups {
            if at.x > 0.0 && at.x + group.size.x > width {
                at = vec2(0.0, at.y + height + BETWEEN_GROUPS);
                height = 0.0;
            }
            places.extend(group.places.into_iter().map(|(index, place)| (index, place + at)));
            at.x += group.size.x + BETWEEN_GROUPS;
            height = height.max(group.size.y);
        }
        places
    }
}
