//! The order in each column, for few crossings: each item goes to the mean of what it is connected with in the column beside, back
//! and forth; then neighbours change places where that helps.

use super::columns::{Layers, Piece};

const SWEEPS: usize = 12;
const EXCHANGES: usize = 6;
/// Pairs of pieces that are compared for one exchange of neighbours at most.
const PAIRS: usize = 10_000;

/// Orders the items of all columns.
pub(super) fn order(layers: &mut Layers) {
    let mut best = layers.columns.clone();
    let mut least = crossings(layers);
    for sweep in 0..SWEEPS {
        if least == 0 {
            break;
        }
        let n_columns = layers.columns.len();
        for step in 1..n_columns {
            let (column, rightwards) = if sweep % 2 == 0 { (step, true) } else { (n_columns - 1 - step, false) };
            sort_column(layers, column, rightwards);
        }
        let now = crossings(layers);
        if now < least {
            least = now;
            best.clone_from(&layers.columns);
        }
    }
    layers.columns = best;
    for _ in 0..EXCHANGES {
        if !exchange(layers) {
            break;
        }
    }
}

/// Place of each item in its column, counted from the top.
fn positions(layers: &Layers) -> Vec<f32> {
    let mut positions = vec![0.0; layers.items.len()];
    for column in &layers.columns {
        for (place, item) in column.iter().enumerate() {
            if let Some(position) = positions.get_mut(*item) {
                *position = place as f32;
            }
        }
    }
    positions
}

/// Where a piece ends: the item's place, and how far down in it.
fn height(layers: &Layers, positions: &[f32], item: usize, y: f32) -> f32 {
    let within = layers.items.get(item).map_or(0.0, |item| (y / item.height.max(1.0)).clamp(0.0, 0.99));
    positions.get(item).copied().unwrap_or(0.0) + within
}

fn sort_column(layers: &mut Layers, column: usize, rightwards: bool) {
    let positions = positions(layers);
    let between = if rightwards { column.checked_sub(1) } else { Some(column) };
    let mut sums = vec![(0.0_f32, 0.0_f32); layers.items.len()];
    for piece in between.and_then(|between| layers.pieces.get(between)).into_iter().flatten() {
        let (item, own_y, other, other_y) = if rightwards {
            (piece.right, piece.right_y, piece.left, piece.left_y)
        } else {
            (piece.left, piece.left_y, piece.right, piece.right_y)
        };
        let own = height(layers, &positions, item, own_y) - positions.get(item).copied().unwrap_or(0.0);
        if let Some((sum, count)) = sums.get_mut(item) {
            *sum += height(layers, &positions, other, other_y) - own;
            *count += 1.0;
        }
    }
    let wanted = |item: &usize| {
        let (sum, count) = sums.get(*item).copied().unwrap_or_default();
        if count > 0.0 { sum / count } else { positions.get(*item).copied().unwrap_or(0.0) }
    };
    if let Some(column) = layers.columns.get_mut(column) {
        column.sort_by(|one, other| wanted(one).total_cmp(&wanted(other)));
    }
}

/// Crossings of pieces between neighbouring columns, all in all.
pub(super) fn crossings(layers: &Layers) -> u64 {
    let positions = positions(layers);
    layers.pieces.iter().map(|pieces| crossings_between(layers, &positions, pieces)).sum()
}

fn crossings_between(layers: &Layers, positions: &[f32], pieces: &[Piece]) -> u64 {
    let mut ends: Vec<(f32, f32)> = pieces
        .iter()
        .map(|piece| {
            let left = height(layers, positions, piece.left, piece.left_y);
            (left, height(layers, positions, piece.right, piece.right_y))
        })
        .collect();
    ends.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.total_cmp(&other.1)));
    // Inversions of the right ends, counted with a tree of sums over their sorted order.
    let mut sorted: Vec<f32> = ends.iter().map(|(_, right)| *right).collect();
    sorted.sort_by(f32::total_cmp);
    sorted.dedup();
    let mut tree = vec![0_u64; sorted.len() + 1];
    let mut count = 0;
    for (seen, (_, right)) in (0_u64..).zip(&ends) {
        let place = sorted.partition_point(|value| value <= right);
        let mut not_below = 0;
        let mut at = place;
        while at > 0 {
            not_below += tree.get(at).copied().unwrap_or(0);
            at &= at - 1;
        }
        count += seen - not_below;
        let mut at = place;
        while let Some(sum) = tree.get_mut(at).filter(|_| at > 0) {
            *sum += 1;
            at += at & at.wrapping_neg();
        }
    }
    count
}

/// Lets neighbours change places where that takes crossings away; says whether any did.
fn exchange(layers: &mut Layers) -> bool {
    let n_items = layers.items.len();
    let (mut to_left, mut to_right) = (vec![Vec::new(); n_items], vec![Vec::new(); n_items]);
    for piece in layers.pieces.iter().flatten() {
        if let Some(list) = to_right.get_mut(piece.left) {
            list.push((piece.left_y, piece.right, piece.right_y));
        }
        if let Some(list) = to_left.get_mut(piece.right) {
            list.push((piece.right_y, piece.left, piece.left_y));
        }
    }
    let mut positions = positions(layers);
    let mut changed = false;
    for column in 0..layers.columns.len() {
        let n_places = layers.columns.get(column).map_or(0, Vec::len);
        for place in 1..n_places {
            let Some(&[upper, lower]) = layers.columns.get(column).and_then(|items| items.get(place - 1..=place))
            else {
                continue;
            };
            let mut gain = 0_i64;
            for side in [&to_left, &to_right] {
                let (Some(above), Some(below)) = (side.get(upper), side.get(lower)) else { continue };
                if above.len() * below.len() > PAIRS {
                    continue;
                }
                for (_, one, one_y) in above {
                    for (_, other, other_y) in below {
                        let (one, other) =
                            (height(layers, &positions, *one, *one_y), height(layers, &positions, *other, *other_y));
                        gain += i64::from(one > other) - i64::from(one < other);
                    }
                }
            }
            if gain > 0 {
                if let Some(items) = layers.columns.get_mut(column) {
                    items.swap(place - 1, place);
                }
                positions.swap(upper, lower);
                changed = true;
            }
        }
    }
    changed
}
