//! Heights for straight wires, and gaps between columns with a lane for every wire that turns there.

use std::collections::BTreeMap;

use emath::{Pos2, pos2};

use super::columns::Layers;
use super::{Edge, Node};
use crate::drawing::search::LANE;
use crate::drawing::sketch::{STUB, snap};

const SWEEPS: usize = 16;
/// Space below a block, and around a passage.
const BELOW_BLOCK: f32 = 40.0;
const BELOW_PASSAGE: f32 = 8.0;
/// Least and greatest space between two columns.
const GAP: (f32, f32) = (64.0, 640.0);
/// How far beyond its port a wire that runs back turns, for the count of lanes.
const BACK: f32 = 100.0;

/// The upper left corner of each node.
pub(super) fn places(layers: &Layers, nodes: &[Node], edges: &[Edge]) -> Vec<Pos2> {
    let heights = heights(layers);
    let n_columns = layers.columns.len();
    let mut widths = vec![0.0_f32; n_columns];
    for (number, node) in nodes.iter().enumerate() {
        if let Some(width) = layers.items.get(number).and_then(|item| widths.get_mut(item.column)) {
            *width = width.max(node.size.x);
        }
    }
    let gaps = gaps(layers, &heights, edges);
    let mut lefts = vec![0.0; n_columns];
    let mut x = 0.0;
    for ((left, width), gap) in lefts.iter_mut().zip(&widths).zip(&gaps) {
        *left = x;
        x += width + gap;
    }
    let at = |number: usize| {
        let item = layers.items.get(number)?;
        Some(pos2(lefts.get(item.column).copied()?, heights.get(number).copied()?))
    };
    (0..nodes.len()).map(|number| at(number).unwrap_or_default()).collect()
}

/// Upper edges of all items.
fn heights(layers: &Layers) -> Vec<f32> {
    let mut heights = vec![0.0; layers.items.len()];
    for column in &layers.columns {
        let mut y = 0.0;
        for pair in column.windows(2) {
            let &[upper, lower] = pair else { continue };
            y += distance(layers, upper, lower);
            if let Some(height) = heights.get_mut(lower) {
                *height = y;
            }
        }
    }
    let n_columns = layers.columns.len();
    for sweep in 0..SWEEPS {
        // The last sweeps look at both sides, so that neither is favoured.
        let both = sweep + 4 >= SWEEPS;
        for step in 0..n_columns {
            let (column, rightwards) = if sweep % 2 == 0 { (step, true) } else { (n_columns - 1 - step, false) };
            settle(layers, &mut heights, column, rightwards || both, !rightwards || both);
        }
    }
    heights
}

/// Least distance of the upper edges of two neighbours.
fn distance(layers: &Layers, upper: usize, lower: usize) -> f32 {
    let (Some(above), Some(below)) = (layers.items.get(upper), layers.items.get(lower)) else { return 0.0 };
    let space = match (above.node, below.node) {
        (Some(_), Some(_)) => BELOW_BLOCK,
        (None, None) => 0.0,
        _ => 2.0 * BELOW_PASSAGE,
    };
    above.height + space
}

/// Puts the items of a column as near as their order allows to where their wires run straight.
fn settle(layers: &Layers, heights: &mut [f32], column: usize, look_left: bool, look_right: bool) {
    let Some(items) = layers.columns.get(column) else { return };
    let mut wanted: BTreeMap<usize, [Vec<f32>; 2]> = BTreeMap::new();
    let mut wish = |item: usize, back: bool, height: f32| {
        let [straight, around] = wanted.entry(item).or_default();
        if back { around } else { straight }.push(height);
    };
    let y = |item: usize| heights.get(item).copied().unwrap_or(0.0);
    let left = column.checked_sub(1).filter(|_| look_left).and_then(|before| layers.pieces.get(before));
    for piece in left.into_iter().flatten() {
        wish(piece.right, piece.back, y(piece.left) + piece.left_y - piece.right_y);
    }
    let right = layers.pieces.get(column).filter(|_| look_right);
    for piece in right.into_iter().flatten() {
        wish(piece.left, piece.back, y(piece.right) + piece.right_y - piece.left_y);
    }
    // Regression that keeps the order: neighbours that would overlap form a block that goes to the mean of its members.
    let mut blocks: Vec<(f32, f32, usize)> = Vec::new();
    let mut offset = 0.0;
    let mut offsets = Vec::with_capacity(items.len());
    for (place, item) in items.iter().enumerate() {
        if let Some(before) = place.checked_sub(1).and_then(|before| items.get(before)) {
            offset += distance(layers, *before, *item);
        }
        offsets.push(offset);
        let passage = layers.items.get(*item).is_some_and(|item| item.node.is_none());
        let importance = if passage { 2.0 } else { 1.0 };
        let (target, weight) = match wanted.get_mut(item) {
            // Wires that run back count only where no other does, and push nothing aside.
            Some([straight, around]) if straight.is_empty() => (median(around), 0.02),
            // The middle one of the wishes makes one wire straight, where the mean would bend them all.
            Some([straight, _]) => (median(straight), straight.len() as f32 * importance),
            None => (y(*item), 0.02),
        };
        blocks.push((target - offset, weight, 1));
        while let [.., (above, above_weight, above_count), (below, below_weight, below_count)] = blocks.as_slice() {
            if above <= below {
                break;
            }
            let weight = above_weight + below_weight;
            let merged = ((above * above_weight + below * below_weight) / weight, weight, above_count + below_count);
            blocks.truncate(blocks.len() - 2);
            blocks.push(merged);
        }
    }
    let settled = blocks.iter().flat_map(|(at, _, count)| std::iter::repeat_n(snap(*at), *count));
    for ((item, offset), at) in items.iter().zip(offsets).zip(settled) {
        if let Some(height) = heights.get_mut(*item) {
            *height = at + offset;
        }
    }
}

fn median(values: &mut [f32]) -> f32 {
    values.sort_by(f32::total_cmp);
    values.get((values.len().max(1) - 1) / 2).copied().unwrap_or(0.0)
}

/// Space behind each column: lanes for all wires that run upright there at the same height.
fn gaps(layers: &Layers, heights: &[f32], edges: &[Edge]) -> Vec<f32> {
    let n_columns = layers.columns.len();
    // Behind each column, for each output, from where to where it runs upright.
    let mut runs: Vec<BTreeMap<(usize, u16), (f32, f32)>> = vec![BTreeMap::new(); n_columns];
    let mut add = |column: Option<usize>, edge: &Edge, from: f32, to: f32| {
        if let Some(runs) = column.and_then(|column| runs.get_mut(column)).filter(|_| from != to) {
            let run = runs.entry((edge.from, edge.output)).or_insert((f32::MAX, f32::MIN));
            *run = (run.0.min(from).min(to), run.1.max(from).max(to));
        }
    };
    let y = |item: usize| heights.get(item).copied().unwrap_or(0.0);
    for (edge, (first, last)) in edges.iter().zip(&layers.ends) {
        let column = |node: usize| layers.items.get(node).map_or(0, |item| item.column);
        let (from, to) = (y(edge.from) + edge.from_y, y(edge.to) + edge.to_y);
        let (source, target) = (column(edge.from), column(edge.to));
        if source + 1 == target {
            add(Some(source), edge, from, to);
        } else if source < target {
            add(Some(source), edge, from, y(*first) + LANE / 2.0);
            add(target.checked_sub(1), edge, y(*last) + LANE / 2.0, to);
        } else {
            add(Some(source), edge, from, from - BACK);
            add(target.checked_sub(1), edge, to, to - BACK);
        }
    }
    runs.iter()
        .map(|runs| {
            let mut ends: Vec<(f32, i32)> =
                runs.values().flat_map(|(from, to)| [(*from, 1), (*to + LANE, -1)]).collect();
            ends.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
            let (mut open, mut most) = (0, 0);
            for (_, change) in ends {
                open += change;
                most = most.max(open);
            }
            (2.0 * STUB + 8.0 + most as f32 * LANE).clamp(GAP.0, GAP.1)
        })
        .map(|gap| (gap / 8.0).ceil() * 8.0)
        .collect()
}
