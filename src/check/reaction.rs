//! How long a change takes from one function to another, at worst.
//!
//! The model, which is ours: a value that changes just behind the sampling of a program waits one program cycle of the
//! provider, then at most one update interval of the link, then one program cycle of the consumer until the consumer's outputs
//! follow. So each link on the way costs `cycle(provider) + interval + cycle(consumer)`. The time on the network itself is
//! small against these and left out. A program cycle that no device profile states counts as 0, and the sum is "at least".
//!
//! The way is the one with the fewest links; where several ways, or several parallel links, have equally few, the slowest of
//! them counts. Passive links carry nothing and do not count.

use std::collections::HashMap;

use petgraph::stable_graph::NodeIndex;

use super::index::{Index, Searched};
use crate::model::{FunctionRef, LinkKey, Plan, ReactionTarget};

/// One link of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Leg {
    /// The slowest link between the two functions.
    pub link: LinkKey,
    /// Its update interval.
    pub interval_ms: u16,
    /// Interval of the next slower link in parallel, 0 when there is none.
    pub next_interval_ms: u16,
}

/// The slowest of the shortest chains between two functions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chain {
    /// Functions on the way, both ends included.
    pub functions: Vec<FunctionRef>,
    /// Links between them.
    pub legs: Vec<Leg>,
    /// Time in microseconds.
    pub micros: u64,
    /// Instances on the way whose program cycle nobody states.
    pub unknown: Vec<FunctionRef>,
}

/// Finds the chain, and which functions it was searched in: nothing that happens elsewhere changes the result.
pub(super) fn chain(plan: &Plan, index: &Index, target: &ReactionTarget) -> (Option<Chain>, Searched) {
    let mut searched = Searched::default();
    searched.add(&target.from);
    searched.add(&target.to);
    let ends = (index.graph.node(&target.from), index.graph.node(&target.to));
    let (Some(from), Some(to)) = ends else { return (None, searched) };
    // Worst time to each function, and where it comes from: level by level, so all ways to one have equally many links.
    let mut best: HashMap<NodeIndex, (u64, Option<NodeIndex>)> = HashMap::from([(from, (0, None))]);
    let mut front = vec![from];
    while !front.is_empty() && (to == from || !best.contains_key(&to)) {
        let mut next: HashMap<NodeIndex, (u64, Option<NodeIndex>)> = HashMap::new();
        for node in front {
            if let Some(function) = index.graph.function(node) {
                searched.add(function);
            }
            let so_far = best.get(&node).map_or(0, |(time, _)| *time);
            for neighbour in index.graph.graph().neighbors(node) {
                if (best.contains_key(&neighbour) && neighbour != to) || !index.carries(node, neighbour) {
                    continue;
                }
                let Some(leg) = slowest(plan, index, node, neighbour) else { continue };
                let time = so_far + leg_micros(index, node, neighbour, leg.interval_ms);
                let entry = next.entry(neighbour).or_insert((time, Some(node)));
                let name = |node: &Option<NodeIndex>| node.and_then(|node| index.graph.function(node));
                if time > entry.0 || (time == entry.0 && name(&Some(node)) < name(&entry.1)) {
                    *entry = (time, Some(node));
                }
            }
        }
        front = next.keys().copied().collect();
        let arrived = next.contains_key(&to);
        best.extend(next);
        if arrived {
            break;
        }
    }
    let Some((micros, Some(_))) = best.get(&to).copied() else { return (None, searched) };
    let mut nodes = vec![to];
    let mut at = to;
    while let Some((_, Some(before))) = best.get(&at) {
        nodes.push(*before);
        if *before == from {
            break;
        }
        at = *before;
    }
    nodes.reverse();
    let legs = nodes.windows(2).filter_map(|pair| match pair {
        [from, to] => slowest(plan, index, *from, *to),
        _ => None,
    });
    let functions: Vec<FunctionRef> = nodes.iter().filter_map(|node| index.graph.function(*node).cloned()).collect();
    let unknown = functions.iter().filter(|function| cycle_micros(index, function).is_none()).cloned().collect();
    (Some(Chain { legs: legs.collect(), functions, micros, unknown }), searched)
}

/// The slowest link that carries values from one function to another.
fn slowest(plan: &Plan, index: &Index, from: NodeIndex, to: NodeIndex) -> Option<Leg> {
    let mut intervals: Vec<(u16, &LinkKey)> = index
        .graph
        .links(from, to)
        .iter()
        .filter_map(|key| Some((plan.links().get(key).filter(|link| link.active)?.qos.value_ms, key)))
        .collect();
    intervals.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    let (interval_ms, link) = *intervals.first()?;
    Some(Leg {
        link: link.clone(),
        interval_ms,
        next_interval_ms: intervals.get(1).map_or(0, |(interval, _)| *interval),
    })
}

fn leg_micros(index: &Index, from: NodeIndex, to: NodeIndex, interval_ms: u16) -> u64 {
    let cycle = |node| index.graph.function(node).and_then(|function| cycle_micros(index, function)).unwrap_or(0);
    cycle(from) + u64::from(interval_ms) * 1000 + cycle(to)
}

/// The program cycle of the device a function runs on.
fn cycle_micros(index: &Index, function: &FunctionRef) -> Option<u64> {
    let profile = index.placed(&function.instance)?.component.as_ref()?.profile.as_ref()?;
    let millis = profile.cycle_millis.filter(|millis| (0.0..=3_600_000.0).contains(millis))?;
    // Bounded above, so the way through `f64` is exact enough and cannot overflow.
    Some((millis * 1000.0).round() as u64)
}
