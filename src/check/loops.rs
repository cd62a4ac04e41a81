//! Feedback loops: strongly connected parts of the link graph, kept up to date edge by edge.
//!
//! Ten thousand functions can be one single loop, or a hundred loops that feed each other in a row, so an edge that comes or
//! goes must not cost a search through all of them. All parts, that is loops and functions outside of loops, stand in an order in
//! which edges lead from earlier to later ones, and two searches, which start at the ends of the edge, step by turns until the
//! smaller one is exhausted:
//!
//! - An edge `u → v` that came can close a loop only if `v` stands before `u`, and only with what stands between the two. What
//!   lies on ways from `v` to `u` joins; the rest of the exhausted side moves to the other end of the edge, so that the order is
//!   right again.
//! - An edge `u → v` that went breaks its loop if `u` no longer leads to `v` inside of it. The exhausted side, say all that `u`
//!   leads to, is strongly connected then. Of the rest only what led to `v` through that side is cut off too; it is found by
//!   asking the side's neighbours, and the neighbours of those that are cut off.
//!
//! The order is one of numbers with gaps between them, so that moving a few parts leaves the others alone. (The theory is in
//! Bender, Fineman, Gilbert, Tarjan: A new approach to incremental cycle detection and related problems, 2015.)

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound::{Excluded, Unbounded};

use ahash::HashMap;
use petgraph::Direction::{self, Incoming, Outgoing};
use petgraph::algo::kosaraju_scc;
use petgraph::graph::DiGraph;
use petgraph::stable_graph::NodeIndex;
use petgraph::visit::NodeIndexable as _;

use crate::model::FunctionRef;
use crate::model::graph::LinkGraph;

/// The functions of a loop, by name.
pub(super) type Members = BTreeMap<FunctionRef, NodeIndex>;

/// All feedback loops, each under its first function by name.
#[derive(Debug, Clone, Default)]
pub(super) struct Loops {
    by_first: BTreeMap<FunctionRef, LoopId>,
    /// By number; `None` where a loop is no more.
    loops: Vec<Option<Loop>>,
    free: Vec<LoopId>,
    /// By the number of the function's node.
    functions: Vec<Function>,
    order: BTreeMap<Rank, Part>,
}

#[derive(Debug, Clone)]
struct Loop {
    members: Members,
    rank: Rank,
}

#[derive(Debug, Clone, Copy)]
struct Function {
    of: Option<LoopId>,
    /// Its place when it is in no loop.
    rank: Rank,
}

type LoopId = usize;

/// Place in the order.
type Rank = u64;

/// What lies between two ranks at first.
const GAP: Rank = 1 << 32;

/// What has a place in the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Single(NodeIndex),
    Loop(LoopId),
}

/// On which side of another a part is put.
#[derive(Debug, Clone, Copy)]
enum Side {
    Before,
    Behind,
}

/// Loops that may have changed, came or went, by their first functions.
type Dirty = BTreeSet<FunctionRef>;

/// So many functions at most are asked one by one whether a broken loop still holds them.
const FEW: usize = 100;

impl Loops {
    pub(super) fn new(graph: &LinkGraph) -> Self {
        let mut loops = Self::default();
        let nobody = Function { of: None, rank: 0 };
        loops.functions.resize(graph.graph().node_bound(), nobody);
        // Those that others lead to come first.
        for nodes in kosaraju_scc(graph.graph()).into_iter().rev() {
            let part = loops.part_from(graph, &nodes, &mut Dirty::new());
            loops.put_last(part);
        }
        loops
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &FunctionRef> {
        self.by_first.keys()
    }

    pub(super) fn get(&self, first: &FunctionRef) -> Option<&Members> {
        Some(&self.at(*self.by_first.get(first)?)?.members)
    }

    /// The loop that a function is part of.
    pub(super) fn of(&self, node: NodeIndex) -> Option<&FunctionRef> {
        self.first(self.id_of(node)?)
    }

    /// Follows an edge that came; the graph holds it already.
    pub(super) fn edge_added(&mut self, graph: &LinkGraph, from: NodeIndex, to: NodeIndex, dirty: &mut Dirty) {
        self.know(from.max(to));
        let (of_from, of_to) = (self.part_of(from), self.part_of(to));
        if of_from == of_to {
            match of_from {
                Part::Loop(id) => dirty.extend(self.first(id).cloned()),
                Part::Single(_) => self.join(graph, &BTreeSet::from([of_from]), of_from, dirty),
            }
            return;
        }
        let (since, until) = (self.rank_of(of_to), self.rank_of(of_from));
        if until < since {
            return;
        }
        // Neither search leaves the part at its other end: from behind it, ways lead back only through that part.
        let mut forward = Search::new(graph, Outgoing, [to]);
        let mut backward = Search::new(graph, Incoming, [from]);
        let (exhausted, back, end, side) = loop {
            if !forward.step(|node| self.rank(node) <= until, |node| self.part_of(node) != of_from) {
                break (forward, Incoming, of_from, Side::Behind);
            }
            if !backward.step(|node| self.rank(node) >= since, |node| self.part_of(node) != of_to) {
                break (backward, Outgoing, of_to, Side::Before);
            }
        };
        // Of the exhausted side, what leads on to the part at the other end is on a way there.
        let ends = exhausted.found.iter().copied().filter(|node| self.part_of(*node) == end);
        let mut ways = Search::new(graph, back, ends);
        while ways.step(|node| exhausted.has(node), |_| true) {}
        let parts = |nodes: &[NodeIndex]| nodes.iter().map(|node| self.part_of(*node)).collect::<BTreeSet<Part>>();
        let joining = parts(&ways.found);
        let mut moving: Vec<Part> = parts(&exhausted.found).difference(&joining).copied().collect();
        moving.sort_by_key(|part| self.rank_of(*part));
        for part in &moving {
            self.order.remove(&self.rank_of(*part));
        }
        self.put(&moving, side, end);
        if !joining.is_empty() {
            self.join(graph, &joining, end, dirty);
        }
    }

    /// Follows an edge that went; the graph no longer holds it.
    pub(super) fn edge_removed(&mut self, graph: &LinkGraph, from: NodeIndex, to: NodeIndex, dirty: &mut Dirty) {
        let Some(id) = self.id_of(from).filter(|id| self.id_of(to) == Some(*id)) else { return };
        dirty.extend(self.first(id).cloned());
        if from == to {
            self.release_last(graph, id, dirty);
            return;
        }
        let Some(Cut { whole, others, side }) = self.cut(graph, id, from, to) else { return };
        for node in whole.iter().chain(&others) {
            self.set_loop(*node, None);
        }
        self.change(id, dirty, |members| {
            for function in whole.iter().chain(&others).filter_map(|node| graph.function(*node)) {
                members.remove(function);
            }
        });
        // In their order: from what the others led to `to` through, or from `from` on.
        let mut fallen: Vec<Vec<NodeIndex>> = parts(graph, &others);
        match side {
            Side::Behind => fallen.push(whole),
            Side::Before => fallen.insert(0, whole),
        }
        let fallen: Vec<Part> = fallen.iter().map(|nodes| self.part_from(graph, nodes, dirty)).collect();
        let rest = self.release_last(graph, id, dirty);
        self.put(&fallen, side, rest);
    }

    /// Makes one loop of several parts, in the place of one of them.
    fn join(&mut self, graph: &LinkGraph, parts: &BTreeSet<Part>, place: Part, dirty: &mut Dirty) {
        let rank = self.rank_of(place);
        let mut ids = Vec::new();
        let mut newcomers = Members::new();
        for part in parts {
            self.order.remove(&self.rank_of(*part));
            match part {
                Part::Loop(id) => ids.push(*id),
                Part::Single(node) => newcomers.extend(named(graph, &[*node])),
            }
        }
        // Only what joins the largest loop costs something.
        ids.sort_by_key(|id| self.at(*id).map_or(0, |one| one.members.len()));
        let id = ids.pop().unwrap_or_else(|| self.new_loop());
        for other in ids {
            newcomers.extend(self.dissolve(other, dirty));
        }
        for node in newcomers.values() {
            self.set_loop(*node, Some(id));
        }
        self.change(id, dirty, |members| members.extend(newcomers));
        self.place(Part::Loop(id), rank);
    }

    /// Makes a part of functions that are strongly connected; it has no place yet.
    fn part_from(&mut self, graph: &LinkGraph, nodes: &[NodeIndex], dirty: &mut Dirty) -> Part {
        if let [only] = nodes
            && !feeds_itself(graph, *only)
        {
            return Part::Single(*only);
        }
        let id = self.new_loop();
        for node in nodes {
            self.set_loop(*node, Some(id));
        }
        self.change(id, dirty, |members| *members = named(graph, nodes));
        Part::Loop(id)
    }

    /// Turns a loop of a single function that does not feed itself into a mere function.
    fn release_last(&mut self, graph: &LinkGraph, id: LoopId, dirty: &mut Dirty) -> Part {
        let single =
            self.at(id).filter(|one| one.members.len() == 1).and_then(|one| one.members.values().next().copied());
        let Some(single) = single.filter(|node| !feeds_itself(graph, *node)) else { return Part::Loop(id) };
        let rank = self.rank_of(Part::Loop(id));
        self.dissolve(id, dirty);
        self.place(Part::Single(single), rank);
        Part::Single(single)
    }

    fn new_loop(&mut self) -> LoopId {
        let new = Some(Loop { members: Members::new(), rank: 0 });
        let id = self.free.pop().unwrap_or(self.loops.len());
        match self.loops.get_mut(id) {
            Some(free) => *free = new,
            None => self.loops.push(new),
        }
        id
    }

    /// Changes the members of a loop, and the name it is found under.
    fn change(&mut self, id: LoopId, dirty: &mut Dirty, change: impl FnOnce(&mut Members)) {
        let Some(Loop { members, .. }) = self.loops.get_mut(id).and_then(Option::as_mut) else { return };
        if let Some((first, _)) = members.first_key_value() {
            self.by_first.remove(first);
            dirty.insert(first.clone());
        }
        change(members);
        if let Some((first, _)) = members.first_key_value() {
            self.by_first.insert(first.clone(), id);
            dirty.insert(first.clone());
        }
    }

    fn dissolve(&mut self, id: LoopId, dirty: &mut Dirty) -> Members {
        let mut members = Members::new();
        self.change(id, dirty, |of_loop| members = std::mem::take(of_loop));
        for node in members.values() {
            self.set_loop(*node, None);
        }
        if let Some(gone) = self.loops.get_mut(id) {
            *gone = None;
            self.free.push(id);
        }
        members
    }

    fn at(&self, id: LoopId) -> Option<&Loop> {
        self.loops.get(id)?.as_ref()
    }

    fn first(&self, id: LoopId) -> Option<&FunctionRef> {
        Some(self.at(id)?.members.first_key_value()?.0)
    }

    fn id_of(&self, node: NodeIndex) -> Option<LoopId> {
        self.functions.get(node.index())?.of
    }

    fn set_loop(&mut self, node: NodeIndex, id: Option<LoopId>) {
        if let Some(function) = self.functions.get_mut(node.index()) {
            function.of = id;
        }
    }

    /// Takes up nodes that came to the graph, at the end.
    fn know(&mut self, last: NodeIndex) {
        while self.functions.len() <= last.index() {
            let node = NodeIndex::new(self.functions.len());
            self.functions.push(Function { of: None, rank: 0 });
            self.put_last(Part::Single(node));
        }
    }

    fn part_of(&self, node: NodeIndex) -> Part {
        self.id_of(node).map_or(Part::Single(node), Part::Loop)
    }

    fn rank(&self, node: NodeIndex) -> Rank {
        self.rank_of(self.part_of(node))
    }

    fn rank_of(&self, part: Part) -> Rank {
        match part {
            Part::Single(node) => self.functions.get(node.index()).map_or(0, |function| function.rank),
            Part::Loop(id) => self.at(id).map_or(0, |one| one.rank),
        }
    }

    /// Gives a part a rank that is free.
    fn place(&mut self, part: Part, rank: Rank) {
        match part {
            Part::Single(node) => {
                if let Some(function) = self.functions.get_mut(node.index()) {
                    function.rank = rank;
                }
            }
            Part::Loop(id) => {
                if let Some(one) = self.loops.get_mut(id).and_then(Option::as_mut) {
                    one.rank = rank;
                }
            }
        }
        self.order.insert(rank, part);
    }

    fn put_last(&mut self, part: Part) {
        let last = self.order.last_key_value().map_or(0, |(rank, _)| *rank);
        self.place(part, last + GAP);
    }

    /// Puts parts, which have no place yet, next to another one, in the order given.
    fn put(&mut self, parts: &[Part], side: Side, next_to: Part) {
        let n_places = parts.len() as Rank + 1;
        let room = |loops: &Self| {
            let rank = loops.rank_of(next_to);
            match side {
                Side::Before => (loops.order.range(..rank).next_back().map_or(0, |(before, _)| *before), rank),
                Side::Behind => {
                    let behind = loops.order.range((Excluded(rank), Unbounded)).next();
                    (rank, behind.map_or(rank + n_places * GAP, |(behind, _)| *behind))
                }
            }
        };
        let (mut since, mut until) = room(self);
        if until - since < n_places {
            self.spread();
            (since, until) = room(self);
        }
        let step = (until - since) / n_places;
        for (nth, part) in (1..).zip(parts) {
            self.place(*part, since + nth * step);
        }
    }

    /// Restores the gaps between ranks.
    fn spread(&mut self) {
        let parts: Vec<Part> = std::mem::take(&mut self.order).into_values().collect();
        for part in parts {
            self.put_last(part);
        }
    }

    /// What falls off a loop that has lost an edge; `None` when it stays whole.
    fn cut(&self, graph: &LinkGraph, id: LoopId, from: NodeIndex, to: NodeIndex) -> Option<Cut> {
        let inside = |node: NodeIndex| self.id_of(node) == Some(id);
        // The exhausted side, and what the rest must still lead to, in which direction.
        let (exhausted, end, direction, side) = match meet(graph, inside, from, to) {
            Met::Yes => return None,
            Met::ForwardExhausted(search) => (search, to, Outgoing, Side::Behind),
            Met::BackwardExhausted(search) => (search, from, Incoming, Side::Before),
        };
        let Search { found: whole, mut seen, .. } = exhausted;
        let mut others = Vec::new();
        let mut asked = vec![false; seen.len()];
        let mut n_asked = whole.len();
        let mut behind = whole.clone();
        while let Some(node) = behind.pop() {
            for neighbour in graph.graph().neighbors_directed(node, direction.opposite()) {
                if !inside(neighbour) || is_marked(&seen, neighbour) || is_marked(&asked, neighbour) {
                    continue;
                }
                let left = |node: NodeIndex| inside(node) && !is_marked(&seen, node);
                n_asked += 1;
                if n_asked > FEW {
                    // Asking one by one costs more than a look at everything that is left.
                    let mut leads = Search::new(graph, direction.opposite(), [end]);
                    while leads.step(left, |_| true) {}
                    let members = self.at(id).into_iter().flat_map(|one| one.members.values());
                    others.extend(members.filter(|node| left(**node) && !leads.has(**node)));
                    return Some(Cut { whole, others, side });
                }
                mark(&mut asked, neighbour);
                let lost = leads_to_nothing(graph, left, neighbour, end, direction);
                for node in &lost {
                    mark(&mut seen, *node);
                }
                behind.extend(&lost);
                others.extend(lost);
            }
        }
        Some(Cut { whole, others, side })
    }
}

/// What falls off a loop.
struct Cut {
    /// Functions that are strongly connected.
    whole: Vec<NodeIndex>,
    /// Further functions, connected in whatever way.
    others: Vec<NodeIndex>,
    /// Where all of them belong in the order, seen from what is left.
    side: Side,
}

fn feeds_itself(graph: &LinkGraph, node: NodeIndex) -> bool {
    !graph.links(node, node).is_empty()
}

fn named(graph: &LinkGraph, nodes: &[NodeIndex]) -> Members {
    nodes.iter().filter_map(|node| Some((graph.function(*node)?.clone(), *node))).collect()
}

/// The strongly connected parts of some nodes, in an order in which edges lead from earlier to later ones.
fn parts(graph: &LinkGraph, nodes: &[NodeIndex]) -> Vec<Vec<NodeIndex>> {
    let mut inner = DiGraph::<NodeIndex, ()>::with_capacity(nodes.len(), nodes.len());
    let at: HashMap<NodeIndex, _> = nodes.iter().map(|node| (*node, inner.add_node(*node))).collect();
    for (node, from) in &at {
        for to in graph.graph().neighbors(*node).filter_map(|to| at.get(&to)) {
            inner.add_edge(*from, *to, ());
        }
    }
    let outer = |part: Vec<_>| part.into_iter().filter_map(|node| inner.node_weight(node).copied()).collect();
    kosaraju_scc(&inner).into_iter().rev().map(outer).collect()
}

/// A search through the graph, function by function in the order they are found.
struct Search<'a> {
    graph: &'a LinkGraph,
    direction: Direction,
    seen: Vec<bool>,
    found: Vec<NodeIndex>,
    /// How many of `found` have been stepped beyond.
    done: usize,
}

impl<'a> Search<'a> {
    fn new(graph: &'a LinkGraph, direction: Direction, starts: impl IntoIterator<Item = NodeIndex>) -> Self {
        let found: Vec<NodeIndex> = starts.into_iter().collect();
        let mut seen = vec![false; graph.graph().node_bound()];
        for node in &found {
            mark(&mut seen, *node);
        }
        Self { graph, direction, seen, found, done: 0 }
    }

    fn has(&self, node: NodeIndex) -> bool {
        is_marked(&self.seen, node)
    }

    /// Takes the next function and, if the search may go beyond it, finds its neighbours that may be entered. `false` when there
    /// is none left.
    fn step(&mut self, enter: impl Fn(NodeIndex) -> bool, beyond: impl Fn(NodeIndex) -> bool) -> bool {
        let Some(node) = self.found.get(self.done).copied() else { return false };
        self.done += 1;
        if beyond(node) {
            for neighbour in self.graph.graph().neighbors_directed(node, self.direction) {
                if !is_marked(&self.seen, neighbour) && enter(neighbour) {
                    mark(&mut self.seen, neighbour);
                    self.found.push(neighbour);
                }
            }
        }
        true
    }
}

fn is_marked(marks: &[bool], node: NodeIndex) -> bool {
    marks.get(node.index()).copied().unwrap_or(false)
}

fn mark(marks: &mut [bool], node: NodeIndex) {
    if let Some(mark) = marks.get_mut(node.index()) {
        *mark = true;
    }
}

/// How the search for a way from one function to another ended.
enum Met<'a> {
    /// There is a way.
    Yes,
    /// There is none; all that the first leads to.
    ForwardExhausted(Search<'a>),
    /// There is none; all that leads to the second.
    BackwardExhausted(Search<'a>),
}

/// Searches a way from one function to another that stays inside, from both ends by turns.
fn meet(graph: &LinkGraph, inside: impl Fn(NodeIndex) -> bool, from: NodeIndex, to: NodeIndex) -> Met<'_> {
    let mut forward = Search::new(graph, Outgoing, [from]);
    let mut backward = Search::new(graph, Incoming, [to]);
    let news = |search: &Search, before: usize, other: &Search| {
        search.found.get(before..).unwrap_or_default().iter().any(|node| other.has(*node))
    };
    if from == to {
        return Met::Yes;
    }
    loop {
        let before = forward.found.len();
        if !forward.step(&inside, |_| true) {
            return Met::ForwardExhausted(forward);
        }
        if news(&forward, before, &backward) {
            return Met::Yes;
        }
        let before = backward.found.len();
        if !backward.step(&inside, |_| true) {
            return Met::BackwardExhausted(backward);
        }
        if news(&backward, before, &forward) {
            return Met::Yes;
        }
    }
}

/// Everything that `start` leads to inside, itself included, if that does not include `end`; nothing otherwise.
fn leads_to_nothing(
    graph: &LinkGraph,
    inside: impl Fn(NodeIndex) -> bool,
    start: NodeIndex,
    end: NodeIndex,
    direction: Direction,
) -> Vec<NodeIndex> {
    let met = match direction {
        Outgoing => meet(graph, &inside, start, end),
        Incoming => meet(graph, &inside, end, start),
    };
    let mut side = match (met, direction) {
        (Met::Yes, _) => return Vec::new(),
        (Met::ForwardExhausted(side), Outgoing) | (Met::BackwardExhausted(side), Incoming) => side,
        // What leads to the end is exhausted, and `start` is not in it: all that `start` leads to is lost.
        _ => Search::new(graph, direction, [start]),
    };
    while side.step(&inside, |_| true) {}
    side.found
}

/// The shortest way around a loop from its first function by name; of several, the first by name.
pub(super) fn shortest_cycle(graph: &LinkGraph, loops: &Loops, first: &FunctionRef) -> Vec<NodeIndex> {
    let Some(start) = graph.node(first) else { return Vec::new() };
    let id = loops.id_of(start);
    // How many links from each function back to the first, level by level until the first is met again.
    let mut distance: HashMap<NodeIndex, usize> = [(start, 0)].into_iter().collect();
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
                if loops.id_of(before) == id && !distance.contains_key(&before) {
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
    use proptest::prelude::*;

    use super::*;
    use crate::model::{LinkKey, PortRef};

    fn link(from: &str, to: &str) -> (LinkKey, PortRef) {
        let port = |instance: &str, port: &str| PortRef::new(instance, "L", "F", port);
        (LinkKey::to(port(to, from)), port(from, "out"))
    }

    fn graph(links: &[&str]) -> LinkGraph {
        let mut graph = LinkGraph::default();
        for (from, to) in links.iter().filter_map(|ends| ends.split_once('>')) {
            let (key, provider) = link(from, to);
            graph.insert(&key, &provider);
        }
        graph
    }

    /// Adds or removes an edge, and follows it.
    fn follow(graph: &mut LinkGraph, loops: &mut Loops, (from, to): (&str, &str), add: bool) {
        let (key, provider) = link(from, to);
        let mut dirty = Dirty::new();
        match add {
            true => {
                if let Some((from, to)) = graph.insert(&key, &provider) {
                    loops.edge_added(graph, from, to, &mut dirty);
                }
            }
            false => {
                if let Some((from, to)) = graph.remove(&key, &provider) {
                    loops.edge_removed(graph, from, to, &mut dirty);
                }
            }
        }
    }

    /// Each loop with its members and its shortest way.
    fn found(graph: &LinkGraph, loops: &Loops) -> Vec<String> {
        let line = |first: &FunctionRef| {
            let members: Vec<&str> =
                loops.get(first).unwrap().keys().map(|function| function.instance.as_str()).collect();
            let cycle = shortest_cycle(graph, loops, first);
            let cycle: Vec<&str> = cycle.iter().map(|node| graph.function(*node).unwrap().instance.as_str()).collect();
            format!("{} {}", members.join(""), cycle.join(""))
        };
        loops.keys().map(line).collect()
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
        for (ends, add, expected) in [
            (("C", "A"), true, vec!["ABC ABC", "DE DE"]),
            (("D", "B"), true, vec!["ABCDE ABC"]),
            (("C", "A"), false, vec!["BCDE BCD"]),
            (("B", "C"), false, vec!["DE DE"]),
            (("E", "E"), true, vec!["DE DE"]),
            (("E", "D"), false, vec!["E E"]),
            (("E", "E"), false, vec![]),
        ] {
            follow(&mut graph, &mut loops, ends, add);
            assert_eq!(found(&graph, &loops), expected, "{ends:?} {add}");
        }
    }

    /// Edges lead from earlier to later parts, and every part has its place.
    fn assert_order(graph: &LinkGraph, loops: &Loops) {
        for edge in graph.graph().edge_indices() {
            let (from, to) = graph.graph().edge_endpoints(edge).unwrap();
            let (from, to) = (loops.part_of(from), loops.part_of(to));
            assert!(from == to || loops.rank_of(from) < loops.rank_of(to), "{from:?} {to:?} {:?}", loops.order);
        }
        let placed: BTreeSet<Part> = loops.order.values().copied().collect();
        let parts: BTreeSet<Part> =
            (0..loops.functions.len()).map(|node| loops.part_of(NodeIndex::new(node))).collect();
        assert_eq!(placed, parts);
        assert!(loops.order.iter().all(|(rank, part)| loops.rank_of(*part) == *rank));
    }

    #[test]
    fn gaps_come_back_when_they_are_used_up() {
        let mut graph = graph(&["A>B"]);
        let mut loops = Loops::new(&graph);
        // Each new function comes last and then moves right before B: the gap there is halved each time.
        for number in 0..100 {
            follow(&mut graph, &mut loops, (&format!("N{number:03}"), "B"), true);
            assert_order(&graph, &loops);
        }
    }

    /// A ring of many functions: no recursion runs out of stack, and cutting it leaves nothing.
    #[test]
    fn a_ring_of_many_functions_comes_and_goes() {
        let name = |number: usize| format!("F{number:06}");
        let mut graph = LinkGraph::default();
        let n_functions = 20_000;
        for number in 1..n_functions {
            let (key, provider) = link(&name(number - 1), &name(number));
            graph.insert(&key, &provider);
        }
        let mut loops = Loops::new(&graph);
        assert_eq!(loops.keys().count(), 0);
        let closing = (name(n_functions - 1), name(0));
        for (add, expected) in [(true, Some(n_functions)), (false, None)] {
            follow(&mut graph, &mut loops, (&closing.0, &closing.1), add);
            assert_eq!(loops.keys().next().and_then(|first| loops.get(first)).map(BTreeMap::len), expected);
        }
    }

    proptest! {
        #[test]
        fn following_finds_what_a_fresh_search_finds(changes in prop::collection::vec((0u8..12, 0u8..12, 0u8..5), 1..120)) {
            let name = |number: u8| char::from(b'A' + number).to_string();
            let mut graph = LinkGraph::default();
            let mut loops = Loops::default();
            for (from, to, dice) in changes {
                let ends = (name(from), name(to));
                follow(&mut graph, &mut loops, (&ends.0, &ends.1), dice < 3);
                prop_assert_eq!(found(&graph, &loops), found(&graph, &Loops::new(&graph)), "{:?} {}", ends, dice < 3);
                assert_order(&graph, &loops);
            }
        }
    }
}
