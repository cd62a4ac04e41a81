//! Which column a block stands in.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::{Edge, Node};
use crate::drawing::search::LANE;

/// Most passages of long wires through columns that are planned for; the rest find their way.
const PASSAGES: usize = 200_000;

/// Something in a column: a block, or the passage of a wire that goes on to the next one.
#[derive(Debug, Clone)]
pub(super) struct Item {
    /// The node; none for a passage.
    pub(super) node: Option<usize>,
    pub(super) height: f32,
    pub(super) column: usize,
}

/// A piece of a wire from one column to the next.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    pub(super) left: usize,
    pub(super) right: usize,
    pub(super) left_y: f32,
    pub(super) right_y: f32,
    /// Of a wire that runs back, which cannot be straight anyway.
    pub(super) back: bool,
}

/// Columns with what stands in them.
#[derive(Debug, Default)]
pub(super) struct Layers {
    pub(super) items: Vec<Item>,
    /// Items of each column, from the top.
    pub(super) columns: Vec<Vec<usize>>,
    /// Pieces of wires from each column to the next.
    pub(super) pieces: Vec<Vec<Piece>>,
    /// For each wire: the item that it is planned through in its first and its last column.
    pub(super) ends: Vec<(usize, usize)>,
}

/// Gives each node its column and long wires their passages; an item's number is that of its node.
pub(super) fn layers(nodes: &[Node], edges: &[Edge]) -> Layers {
    let sequence = sequence(nodes, edges);
    let rank = ranks(&sequence);
    // A wire against the sequence closes a loop: it counts as if it ran the other way.
    let forward = |edge: &Edge| {
        if rank.get(edge.from) <= rank.get(edge.to) { (edge.from, edge.to) } else { (edge.to, edge.from) }
    };
    let column = assign(&sequence, &edges.iter().map(forward).collect::<Vec<_>>());
    let n_columns = column.iter().max().map_or(0, |last| last + 1);
    let mut layers = Layers {
        items: Vec::with_capacity(nodes.len()),
        columns: vec![Vec::new(); n_columns],
        pieces: vec![Vec::new(); n_columns],
        ends: Vec::with_capacity(edges.len()),
    };
    for (number, node) in nodes.iter().enumerate() {
        layers.enter(Item {
            node: Some(number),
            height: node.size.y,
            column: column.get(number).copied().unwrap_or(0),
        });
    }
    for edge in edges {
        let (left, right) = forward(edge);
        let (left_y, right_y) = if left == edge.from { (edge.from_y, edge.to_y) } else { (edge.to_y, edge.from_y) };
        let back = left != edge.from;
        let span = column.get(left).copied().unwrap_or(0)..column.get(right).copied().unwrap_or(0);
        if layers.items.len() + span.len() > nodes.len() + PASSAGES {
            layers.ends.push((left, right));
            continue;
        }
        let (mut at, mut at_y) = (left, left_y);
        let mut first = None;
        for passed in span.clone().skip(1) {
            let passage = layers.enter(Item { node: None, height: LANE, column: passed });
            layers.connect(passed - 1, Piece { left: at, right: passage, left_y: at_y, right_y: LANE / 2.0, back });
            first.get_or_insert(passage);
            (at, at_y) = (passage, LANE / 2.0);
        }
        if let Some(before) = span.end.checked_sub(1) {
            layers.connect(before, Piece { left: at, right, left_y: at_y, right_y, back });
        }
        layers.ends.push((first.unwrap_or(right), at));
    }
    layers
}

impl Layers {
    fn enter(&mut self, item: Item) -> usize {
        let number = self.items.len();
        if let Some(column) = self.columns.get_mut(item.column) {
            column.push(number);
        }
        self.items.push(item);
        number
    }

    fn connect(&mut self, column: usize, piece: Piece) {
        if let Some(pieces) = self.pieces.get_mut(column) {
            pieces.push(piece);
        }
    }
}

/// Nodes in an order that few wires run against: the one they stand in now from left to right, if no more wires run against that
/// than against the order found without looking.
fn sequence(nodes: &[Node], edges: &[Edge]) -> Vec<usize> {
    let mut by_place: Vec<usize> = (0..nodes.len()).collect();
    let place = |node: &usize| nodes.get(*node).map_or((0, 0), |node| (node.now.x as i64, node.now.y as i64));
    by_place.sort_by_key(|node| (place(node), *node));
    let standing = ranks(&by_place);
    let found = from_both_ends(nodes.len(), edges, &standing);
    let n_against = |rank: &[usize]| edges.iter().filter(|edge| rank.get(edge.from) > rank.get(edge.to)).count();
    if n_against(&standing) <= n_against(&ranks(&found)) { by_place } else { found }
}

/// Place of each node in a sequence of all of them.
fn ranks(sequence: &[usize]) -> Vec<usize> {
    let mut ranks = vec![0; sequence.len()];
    for (place, node) in sequence.iter().enumerate() {
        if let Some(rank) = ranks.get_mut(*node) {
            *rank = place;
        }
    }
    ranks
}

/// The order of Eades, Lin and Smyth: what has no inputs left comes next, what has no outputs left comes last, else what has most
/// outputs beyond its inputs, and between equals what stands left.
fn from_both_ends(n_nodes: usize, edges: &[Edge], standing: &[usize]) -> Vec<usize> {
    let mut balance = vec![(0_i64, 0_i64); n_nodes];
    let mut neighbours: Vec<Vec<(usize, bool)>> = vec![Vec::new(); n_nodes];
    for edge in edges {
        let mut count = |node: usize, other: usize, feeds: bool| {
            if let (Some(balance), Some(list)) = (balance.get_mut(node), neighbours.get_mut(node)) {
                *(if feeds { &mut balance.1 } else { &mut balance.0 }) += 1;
                list.push((other, feeds));
            }
        };
        count(edge.from, edge.to, true);
        count(edge.to, edge.from, false);
    }
    let class = |(inputs, outputs): (i64, i64)| match (inputs, outputs) {
        (0, _) => (2, 0),
        (_, 0) => (0, 0),
        _ => (1, outputs - inputs),
    };
    let key = |balance: (i64, i64), node: usize| (class(balance), Reverse(standing.get(node).copied()), node);
    let mut open: BTreeSet<_> = balance.iter().enumerate().map(|(node, balance)| key(*balance, node)).collect();
    let (mut first, mut last) = (Vec::new(), Vec::new());
    loop {
        // Sinks have the lowest class and sources the highest.
        let sink = open.first().copied().filter(|((class, _), ..)| *class == 0);
        let Some(next) = sink.or_else(|| open.last().copied()) else { break };
        open.remove(&next);
        let (_, _, node) = next;
        if sink.is_some() {
            last.push(node)
        } else {
            first.push(node)
        }
        for (other, feeds) in neighbours.get(node).cloned().unwrap_or_default() {
            let Some(balance) = balance.get_mut(other) else { continue };
            let before = key(*balance, other);
            *(if feeds { &mut balance.0 } else { &mut balance.1 }) -= 1;
            if open.remove(&before) {
                open.insert(key(*balance, other));
            }
        }
    }
    last.reverse();
    first.extend(last);
    first
}

/// Columns by the longest way from the left, then moved so that wires become shorter.
fn assign(sequence: &[usize], edges: &[(usize, usize)]) -> Vec<usize> {
    let n_nodes = sequence.len();
    let (mut feeders, mut fed) = (vec![Vec::new(); n_nodes], vec![Vec::new(); n_nodes]);
    for (left, right) in edges {
        if let (Some(fed), Some(feeders)) = (fed.get_mut(*left), feeders.get_mut(*right)) {
            fed.push(*right);
            feeders.push(*left);
        }
    }
    let mut column = vec![0_usize; n_nodes];
    let of = |column: &[usize], nodes: Option<&Vec<usize>>| -> Vec<usize> {
        nodes.into_iter().flatten().filter_map(|node| column.get(*node).copied()).collect()
    };
    for node in sequence {
        let least = of(&column, feeders.get(*node)).into_iter().max().map_or(0, |left| left + 1);
        if let Some(column) = column.get_mut(*node) {
            *column = least;
        }
    }
    for _ in 0..4 {
        let before = column.clone();
        for node in sequence.iter().rev() {
            let (left, right) = (of(&column, feeders.get(*node)), of(&column, fed.get(*node)));
            // More wires to the right than to the left: the sum of their lengths shrinks on the way right.
            if let (true, Some(nearest)) = (right.len() > left.len(), right.into_iter().min())
                && let Some(column) = column.get_mut(*node)
            {
                *column = nearest.saturating_sub(1).max(*column);
            }
        }
        for node in sequence {
            let (left, right) = (of(&column, feeders.get(*node)), of(&column, fed.get(*node)));
            if let (true, Some(nearest)) = (left.len() > right.len(), left.into_iter().max())
                && let Some(column) = column.get_mut(*node)
            {
                *column = (nearest + 1).min(*column);
            }
        }
        if column == before {
            break;
        }
    }
    let mut used: Vec<usize> = column.clone();
    used.sort_unstable();
    used.dedup();
    column.into_iter().map(|column| used.binary_search(&column).unwrap_or(0)).collect()
}
