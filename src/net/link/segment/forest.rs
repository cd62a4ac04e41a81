//! Who reaches whom, and through which ports: one tree for all that is connected.
//!
//! A ring must not loop, so frames run along a spanning tree, as they do where switches block one cable of each ring.
//! The nodes stand in preorder: what hangs below a node is a contiguous range, and so is all that is connected.

use std::collections::VecDeque;
use std::ops::Range;

/// An edge as seen from a node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hop {
    /// Port of this node.
    pub(super) port: u16,
    /// Node at the other end of the cable.
    pub(super) to: usize,
    /// Port of that node.
    pub(super) to_port: u16,
}

#[derive(Debug, Clone, Default)]
struct Place {
    /// First and one past the last position of the node and all below it; `None` if it is off.
    below: Option<Range<usize>>,
    /// Range of everything connected with it.
    all: Range<usize>,
    /// Port towards the root; `None` at the root.
    up: Option<u16>,
    /// Port of the node above that leads here.
    up_far: u16,
}

/// A spanning forest of a network at one moment.
#[derive(Debug, Default)]
pub(super) struct Forest {
    /// Nodes in preorder, tree by tree.
    order: Vec<usize>,
    places: Vec<Place>,
    /// Below each node, in preorder.
    children: Vec<Vec<usize>>,
}

impl Forest {
    /// Grows breadth first from the node with the lowest number; `hops` gives what is connected with a node, `None` for
    /// nodes that are off.
    pub(super) fn grow(n_nodes: usize, hops: impl Fn(usize) -> Option<Vec<Hop>>) -> Self {
        let mut forest = Self {
            order: Vec::with_capacity(n_nodes),
            places: vec![Place::default(); n_nodes],
            children: vec![Vec::new(); n_nodes],
        };
        let mut seen = vec![false; n_nodes];
        for root in 0..n_nodes {
            if seen.get(root).copied().unwrap_or(true) || hops(root).is_none() {
                continue;
            }
            mark(&mut seen, root);
            let mut open = VecDeque::from([root]);
            while let Some(node) = open.pop_front() {
                for hop in hops(node).unwrap_or_default() {
                    if mark(&mut seen, hop.to) {
                        if let Some(place) = forest.places.get_mut(hop.to) {
                            (place.up, place.up_far) = (Some(hop.to_port), hop.port);
                        }
                        if let Some(children) = forest.children.get_mut(node) {
                            children.push(hop.to);
                        }
                        open.push_back(hop.to);
                    }
                }
            }
            forest.number(root);
        }
        forest
    }

    /// Puts a tree in preorder.
    fn number(&mut self, root: usize) {
        let start = self.order.len();
        // Each node is met twice: going down and coming back.
        let mut open = vec![(root, false)];
        while let Some((node, done)) = open.pop() {
            let here = self.order.len();
            let Some(place) = self.places.get_mut(node) else { continue };
            if done {
                if let Some(below) = &mut place.below {
                    below.end = here;
                }
                continue;
            }
            place.below = Some(here..here);
            self.order.push(node);
            open.push((node, true));
            open.extend(self.children.get(node).into_iter().flatten().rev().map(|child| (*child, false)));
        }
        let all = start..self.order.len();
        for node in self.order.get(start..).unwrap_or_default() {
            if let Some(place) = self.places.get_mut(*node) {
                place.all = all.clone();
            }
        }
    }

    /// Everything that a node reaches through one of its ports, or through all; not itself.
    pub(super) fn reach(&self, from: usize, port: Option<u16>) -> impl Iterator<Item = usize> {
        let [one, other] = self.ranges(from, port);
        one.chain(other).filter_map(|at| self.order.get(at).copied())
    }

    fn ranges(&self, from: usize, port: Option<u16>) -> [Range<usize>; 2] {
        let Some(Place { below: Some(below), all, up, .. }) = self.places.get(from) else { return [0..0, 0..0] };
        match port {
            None => [all.start..below.start, below.start + 1..all.end],
            Some(_) if port == *up => [all.start..below.start, below.end..all.end],
            Some(port) => {
                let mut children =
                    self.children.get(from).into_iter().flatten().filter_map(|child| self.places.get(*child));
                let child = children.find(|child| child.up_far == port).and_then(|child| child.below.clone());
                [child.unwrap_or(0..0), 0..0]
            }
        }
    }

    /// The port at which `to` receives what `from` sends; `None` if nothing gets there, or not through this port.
    pub(super) fn ingress(&self, from: usize, port: Option<u16>, to: usize) -> Option<u16> {
        let start = self.places.get(from)?.below.as_ref()?.start;
        let place = self.places.get(to)?;
        let below = place.below.as_ref()?;
        if from == to || !place.all.contains(&start) {
            return None;
        }
        if port.is_some() && !self.ranges(from, port).iter().any(|range| range.contains(&below.start)) {
            return None;
        }
        if !below.contains(&start) {
            return place.up;
        }
        // The one child of `to` with `from` below it: they stand in preorder.
        let children = self.children.get(to)?;
        let first =
            |child: &usize| self.places.get(*child).and_then(|place| place.below.as_ref()).map(|below| below.start);
        let after = children.partition_point(|child| first(child).is_some_and(|first| first <= start));
        let child = children.get(after.checked_sub(1)?)?;
        Some(self.places.get(*child)?.up_far)
    }
}

fn mark(seen: &mut [bool], node: usize) -> bool {
    seen.get_mut(node).is_some_and(|seen| !std::mem::replace(seen, true))
}
