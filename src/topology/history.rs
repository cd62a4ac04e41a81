//! Scans one after the other.

use std::collections::{BTreeSet, VecDeque};
use std::time::SystemTime;

use super::merge::{Line, NodeId, Topology};

/// A scan as it is kept.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// When it ended.
    pub time: SystemTime,
    /// What was found.
    pub topology: Topology,
}

/// The last scans, the oldest first.
#[derive(Debug, Clone)]
pub struct History {
    scans: VecDeque<Recorded>,
    most: usize,
}

/// What differs between two scans.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TopologyChange {
    /// Nodes that came.
    pub nodes_new: Vec<NodeId>,
    /// Nodes that went.
    pub nodes_gone: Vec<NodeId>,
    /// Cables that came.
    pub lines_new: Vec<Line>,
    /// Cables that went.
    pub lines_gone: Vec<Line>,
}

impl TopologyChange {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// From one scan to another. How sure a cable is makes no difference.
    pub fn between(before: &Topology, after: &Topology) -> Self {
        let nodes = |topology: &Topology| topology.nodes().map(|node| node.id.clone()).collect::<BTreeSet<_>>();
        let (old, new) = (nodes(before), nodes(after));
        let without = |one: &Topology, other: &Topology| {
            let ends: BTreeSet<_> = other.lines().into_iter().map(|line| (&line.a, &line.b)).collect();
            one.lines().into_iter().filter(|line| !ends.contains(&(&line.a, &line.b))).cloned().collect()
        };
        Self {
            nodes_new: new.difference(&old).cloned().collect(),
            nodes_gone: old.difference(&new).cloned().collect(),
            lines_new: without(after, before),
            lines_gone: without(before, after),
        }
    }
}

impl History {
    /// Keeps this many scans.
    pub fn new(most: usize) -> Self {
        Self { scans: VecDeque::new(), most: most.max(1) }
    }

    /// Keeps a scan; the oldest goes when there are too many.
    pub fn record(&mut self, time: SystemTime, topology: Topology) {
        if self.scans.len() == self.most {
            self.scans.pop_front();
        }
        self.scans.push_back(Recorded { time, topology });
    }

    /// The scans, the oldest first.
    pub fn scans(&self) -> impl DoubleEndedIterator<Item = &Recorded> + ExactSizeIterator {
        self.scans.iter()
    }

    /// What the last scan changed.
    pub fn last_change(&self) -> Option<TopologyChange> {
        let mut last = self.scans.iter().rev();
        let (after, before) = (last.next()?, last.next()?);
        Some(TopologyChange::between(&before.topology, &after.topology))
    }
}
