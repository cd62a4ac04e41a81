//! Feedback loops: strongly connected parts of the link graph.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use petgraph::Direction::{self, Incoming, Outgoing};
use petgraph::graph::DiGraph;
use petgraph::stable_graph::NodeIndex;

use crate::model::FunctionRef;
use crate::model::graph::LinkGraph;

/// All feedback loops, each under its first function by name.
#[derive(Debug, Clone, Default)]
pub(super) struct Loops {
    loops: BTreeMap<FunctionRef, BTreeSet<NodeIndex>>,
    member_of: HashMap<NodeIndex, FunctionRef>,
}

/// A pair of functions that came to be linked, or are no longer.
pub(super) struct EdgeChange {
    pub from: NodeIndex,
    pub to: NodeIndex,
    pub added: bool,
}

impl Loops {
    pub(super) fn new(graph: &LinkGraph) -> Self {
        let mut loops = Self::default();
        for nodes in petgraph::algo::tarjan_scc(graph.graph()) {
            loops.add(graph, nodes);
        }
        loops
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &FunctionRef> {
        self.loops.keys()
    }

    pub(super) fn get(&self, first: &FunctionRef) -> Option<&BTreeSet<NodeIndex>> {
        self.loops.get(first)
    }

    /// The loop that a function is part of.
    pub(super) fn of(&self, node: NodeIndex) -> Option<&FunctionRef> {
        self.member_of.get(&node)
    }

    /// Follows changes that the graph already holds. Loops that may have changed, came or went are added to `dirty`.
    pub(super) fn update(&mut self, graph: &LinkGraph, changes: &[EdgeChange], dirty: &mut BTreeSet<FunctionRef>) {
        // A loop can fall apart only by links that went; what is left of it lies inside of it.
        for change in changes.iter().filter(|change| !change.added) {
            let Some(first) = self.same_loop(change) else { continue };
            dirty.insert(first.clone());
            let Some(nodes) = self.loops.get(&first) else { continue };
            if change.from != change.to && reaches(graph, change.from, change.to, Some(nodes)) {
                continue;
            }
            let nodes = self.dissolve(&first);
            for part in parts(graph, &nodes) {
                dirty.extend(self.add(graph, part));
            }
        }
        // Loops come to be, grow and join only by links that came.
        for change in changes.iter().filter(|change| change.added) {
            if let Some(first) = self.same_loop(change) {
                dirty.insert(first);
                continue;
            }
            if !reaches(graph, change.to, change.from, None) {
                continue;
            }
            let behind = closure(graph, change.to, Outgoing);
            let nodes: Vec<NodeIndex> = closure(graph, change.from, Incoming).intersection(&behind).copied().collect();
            let joined: BTreeSet<FunctionRef> = nodes.iter().filter_map(|node| self.of(*node)).cloned().collect();
            for first in joined {
                self.dissolve(&first);
                dirty.insert(first);
            }
            dirty.extend(self.add(graph, nodes));
        }
    }

    fn same_loop(&self, change: &EdgeChange) -> Option<FunctionRef> {
        let first = self.of(change.from)?;
        (self.of(change.to)? == first).then(|| first.clone())
    }

    fn add(&mut self, graph: &LinkGraph, nodes: Vec<NodeIndex>) -> Option<FunctionRef> {
        if let [only] = nodes.as_slice()
            && graph.links(*only, *only).is_empty()
        {
            return None;
        }
        let first = nodes.iter().filter_map(|node| graph.function(*node)).min()?.clone();
        for node in &nodes {
            self.member_of.insert(*node, first.clone());
        }
        self.loops.insert(first.clone(), nodes.into_iter().collect());
        Some(first)
    }

    fn dissolve(&mut self, first: &FunctionRef) -> BTreeSet<NodeIndex> {
        let nodes = self.loops.remove(first).unwrap_or_default();
        for node in &nodes {
            self.member_of.remove(node);
        }
        nodes
    }
}

/// The strongly connected parts of some nodes.
fn parts(graph: &LinkGraph, nodes: &BTreeSet<NodeIndex>) -> Vec<Vec<NodeIndex>> {
    let mut inner = DiGraph::<NodeIndex, ()>::with_capacity(nodes.len(), nodes.len());
    let at: HashMap<NodeIndex, _> = nodes.iter().map(|node| (*node, inner.add_node(*node))).collect();
    for (node, from) in &at {
        for to in graph.graph().neighbors(*node).filter_map(|to| at.get(&to)) {
            inner.add_edge(*from, *to, ());
        }
    }
    let outer = |part: Vec<_>| part.into_iter().filter_map(|node| inner.node_weight(node).copied()).collect();
    petgraph::algo::tarjan_scc(&inner).into_iter().map(outer).collect()
}

/// Whether a way leads from one function to another, staying inside `among` if given. Searches from both ends by turns, so it ends
/// as soon as the smaller side is exhausted.
fn reaches(graph: &LinkGraph, from: NodeIndex, to: NodeIndex, among: Option<&BTreeSet<NodeIndex>>) -> bool {
    if from == to {
        return true;
    }
    let mut sides = [(Outgoing, vec![from]), (Incoming, vec![to])];
    let bound = graph.graph().node_count().max(1) * 2;
    // 0 unseen, 1 seen from the beginning, 2 seen from the end.
    let mut seen: HashMap<NodeIndex, u8> = HashMap::with_capacity(bound.min(256));
    seen.insert(from, 1);
    seen.insert(to, 2);
    loop {
        for (mark, (direction, front)) in (1u8..).zip(&mut sides) {
            if front.is_empty() {
                return false;
            }
            let mut next = Vec::new();
            for node in front.drain(..) {
                for neighbour in graph.graph().neighbors_directed(node, *direction) {
                    if among.is_some_and(|among| !among.contains(&neighbour)) {
                        continue;
                    }
                    match seen.insert(neighbour, mark) {
                        None => next.push(neighbour),
                        Some(other) if other != mark => return true,
                        Some(_) => {}
                    }
                }
            }
            *front = next;
        }
    }
}

/// Everything that can be reached from a function, itself included.
fn closure(graph: &LinkGraph, from: NodeIndex, direction: Direction) -> HashSet<NodeIndex> {
    let mut seen = HashSet::from([from]);
    let mut front = vec![from];
    while let Some(node) = front.pop() {
        front.extend(graph.graph().neighbors_directed(node, direction).filter(|neighbour| seen.insert(*neighbour)));
    }
    seen
}

/// The shortest way around a loop from its first function by name; of several, the first by name.
pub(super) fn shortest_cycle(graph: &LinkGraph, first: &FunctionRef, nodes: &BTreeSet<NodeIndex>) -> Vec<NodeIndex> {
    let Some(start) = graph.node(first) else { return Vec::new() };
    // How many links from each function back to the first, level by level until the first is met again.
    let mut distance = HashMap::from([(start, 0usize)]);
    let mut front = vec![start];
    let mut length = 0;
    'search: while !front.is_empty() {
        length += 1;
        let mut next = Vec::new();
        for node in front {
            for before in graph.graph().neighbors_directed(node, Incoming) {
                if before == start {
                    break 'search;
                }
                if nodes.contains(&before) && !distance.contains_key(&before) {
                    distance.insert(before, length);
                    next.push(before);
                }
            }
        }
        front = next;
    }
    let mut cycle = vec![start];
    let mut at = start;
    for left in (1..length).rev() {
        let nearer = graph.graph().neighbors(at).filter(|node| distance.get(node) == Some(&left));
        let Some(next) = nearer.min_by_key(|node| graph.function(*node)) else { break };
        cycle.push(next);
        at = next;
    }
    cycle
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{LinkKey, PortRef};

    fn link(ends: &str) -> (LinkKey, PortRef) {
        let (from, to) = ends.split_once('>').unwrap();
        let port = |instance: &str, port: &str| PortRef::new(instance, "L", "F", port);
        (LinkKey::to(port(to, from)), port(from, "out"))
    }

    fn graph(links: &[&str]) -> LinkGraph {
        let mut graph = LinkGraph::default();
        for ends in links {
            let (key, provider) = link(ends);
            graph.insert(&key, &provider);
        }
        graph
    }

    fn found(graph: &LinkGraph, loops: &Loops) -> Vec<String> {
        let names = |nodes: &mut dyn Iterator<Item = NodeIndex>| {
            nodes.map(|node| graph.function(node).unwrap().instance.to_string()).collect::<Vec<_>>().join("")
        };
        let line = |(first, nodes): (&FunctionRef, &BTreeSet<NodeIndex>)| {
            let mut all: Vec<char> = names(&mut nodes.iter().copied()).chars().collect();
            all.sort();
            let cycle = names(&mut shortest_cycle(graph, first, nodes).into_iter());
            format!("{} {cycle}", all.into_iter().collect::<String>())
        };
        loops.loops.iter().map(line).collect()
    }

    #[test]
    fn loops_are_found_with_their_shortest_way() {
        // A > B > C > A with a short cut B > A, and D that feeds itself.
        let graph = graph(&["A>B", "B>C", "C>A", "B>A", "C>D", "D>D"]);
        assert_eq!(found(&graph, &Loops::new(&graph)), ["ABC AB", "D D"]);
    }

    #[test]
    fn loops_follow_changes() {
        let mut graph = graph(&["A>B", "B>C", "C>D", "D>E", "E>D"]);
        let mut loops = Loops::new(&graph);
        for (ends, add) in [
            ("C>A", true),
            ("D>B", true),
            ("C>A", false),
            ("B>C", false),
            ("E>E", true),
            ("E>D", false),
            ("E>A", true),
            ("B>C", true),
            ("E>E", false),
            ("A>B", false),
        ] {
            let (key, provider) = link(ends);
            let edge = if add { graph.insert(&key, &provider) } else { graph.remove(&key, &provider) };
            let (from, to) = edge.unwrap();
            loops.update(&graph, &[EdgeChange { from, to, added: add }], &mut BTreeSet::new());
            assert_eq!(found(&graph, &loops), found(&graph, &Loops::new(&graph)), "{ends} {add}");
        }
    }
}
