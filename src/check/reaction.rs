//! How long a change takes from one function to another, at worst.
//!
//! The model, which is ours: a value that changes just behind the sampling of a program waits one program cycle of the
//! provider, then at most one update interval of the link, then one program cycle of the consumer until the consumer's outputs
//! follow. So each link on the way costs `cycle(provider) + interval + cycle(consumer)`. The time on the network itself is
//! small against these and left out. A program cycle that no device profile states counts as 0, and the sum is "at least".
//!
//! Of all ways, and of several links between two functions, the fastest counts: machines exchange counters beside what they
//! react to, and a line master is one link away from everybody, so slower ways say nothing. Passive links, and links that lead nowhere, carry
//! nothing and do not count.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use ahash::{HashMap, HashSet};
use petgraph::stable_graph::NodeIndex;

use super::index::{Index, Searched};
use crate::model::{FunctionRef, LinkKey, ReactionTarget};

/// One link of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Leg {
    /// The fastest link between the two functions.
    pub link: LinkKey,
    /// Its update interval.
    pub interval_ms: u16,
}

/// The fastest chain between two functions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chain {
    /// Functions on the way, both ends included.
    pub functions: Vec<FunctionRef>,
    /// Links between them.
    pub legs: Vec<Leg>,
    /// Worst-case time in microseconds.
    pub micros: u64,
    /// Functions on the way whose program cycle nobody states.
    pub unknown: Vec<FunctionRef>,
}

/// How a function is reached: the time in microseconds, the number of links, and the last function before it, whose name decides
/// between ways that are equal otherwise.
type Arrival<'a> = (u64, usize, &'a FunctionRef);

/// Finds the chain, and which functions it was searched in: nothing that happens elsewhere changes the result.
pub(super) fn chain(index: &Index, target: &ReactionTarget) -> (Option<Chain>, Searched) {
    let mut searched = Searched::default();
    searched.add(&target.from);
    searched.add(&target.to);
    let (Some(from), Some(to)) = (index.graph.node(&target.from), index.graph.node(&target.to)) else {
        return (None, searched);
    };
    let mut best: HashMap<NodeIndex, Arrival> = HashMap::default();
    let mut done: HashSet<NodeIndex> = HashSet::default();
    let mut open = BinaryHeap::from([Reverse((0, 0, from))]);
    while let Some(Reverse((so_far, n_links, node))) = open.pop() {
        // A chain can lead back to where it begins, which is reached by a link only.
        if node == to && n_links > 0 {
            break;
        }
        let Some(function) = index.graph.function(node).filter(|_| done.insert(node)) else { continue };
        searched.add(function);
        for neighbour in index.graph.graph().neighbors(node) {
            let Some((interval_ms, _)) = fastest(index, node, neighbour) else { continue };
            let time = so_far + leg_micros(index, node, neighbour, interval_ms);
            let arrival = (time, n_links + 1, function);
            if best.get(&neighbour).is_none_or(|known| arrival < *known) {
                best.insert(neighbour, arrival);
                open.push(Reverse((time, n_links + 1, neighbour)));
            }
        }
    }
    let Some((micros, n_links, _)) = best.get(&to).copied() else { return (None, searched) };
    let mut nodes = vec![to];
    for _ in 0..n_links {
        let before = nodes.last().and_then(|node| best.get(node)).and_then(|(_, _, before)| index.graph.node(before));
        nodes.extend(before);
    }
    nodes.reverse();
    let legs = nodes.windows(2).filter_map(|pair| match pair {
        [from, to] => fastest(index, *from, *to),
        _ => None,
    });
    let legs = legs.map(|(interval_ms, link)| Leg { link: link.clone(), interval_ms });
    let functions: Vec<FunctionRef> = nodes.iter().filter_map(|node| index.graph.function(*node).cloned()).collect();
    let unknown = functions.iter().filter(|function| cycle_micros(index, function).is_none()).cloned().collect();
    (Some(Chain { legs: legs.collect(), functions, micros, unknown }), searched)
}

/// The fastest link that carries values from one function to another, with its interval in milliseconds.
fn fastest(index: &Index, from: NodeIndex, to: NodeIndex) -> Option<(u16, &LinkKey)> {
    let links = index.graph.links(from, to).iter();
    links.filter_map(|key| Some((index.carries_each_ms(key)?, key))).min()
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
