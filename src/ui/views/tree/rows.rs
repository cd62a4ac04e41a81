//! The rows of the tree: the open nodes, and what is in them.

use std::collections::HashMap;

use super::index::{Group, Index};
use crate::app::Item;
use crate::model::{ChartId, Name, Plan, ROOT_CHART};

/// Up to so many devices are shown without being asked for.
const FEW_DEVICES: usize = 60;

/// A node.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Node {
    /// The project.
    Project,
    /// A chart with all inside; the top one is the plant.
    Chart(ChartId),
    /// Instances that stand on no chart.
    Hardware,
    /// An instance.
    Instance(Name),
    /// Subnets and lines.
    Network,
    /// A subnet or line.
    Group(Group),
    /// A device where it is attached.
    Attached(Name),
    /// All devices.
    Devices,
    /// A device.
    Device(Name),
}

impl Node {
    /// What it stands for, where that can be selected.
    pub fn item(&self) -> Option<Item> {
        Some(match self {
            Self::Project => Item::Project,
            Self::Chart(chart) => Item::Chart(*chart),
            Self::Instance(name) => Item::Instance(name.clone()),
            Self::Group(Group::Subnet(Some(name))) => Item::Subnet(name.clone()),
            Self::Attached(name) | Self::Device(name) => Item::Device(name.clone()),
            Self::Hardware | Self::Network | Self::Devices | Self::Group(_) => return None,
        })
    }
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its node.
    pub node: Node,
    /// Levels above it.
    pub depth: u16,
    /// Whether what is in it is shown; `None` for one that never holds anything.
    pub open: Option<bool>,
}

/// Which nodes the user opened (`true`) and closed; the others are as they are at first.
pub type Openness = HashMap<Node, bool>;

fn is_open(node: &Node, plan: &Plan, openness: &Openness) -> bool {
    openness.get(node).copied().unwrap_or(match node {
        Node::Project | Node::Chart(ROOT_CHART) | Node::Network => true,
        Node::Devices => plan.devices().len() <= FEW_DEVICES,
        _ => false,
    })
}

struct Rows<'a> {
    plan: &'a Plan,
    index: &'a Index,
    openness: &'a Openness,
    rows: Vec<Row>,
}

/// Makes them; only open nodes are walked.
pub fn rows(plan: &Plan, index: &Index, openness: &Openness) -> Vec<Row> {
    let mut rows = Rows { plan, index, openness, rows: Vec::new() };
    if rows.branch(Node::Project, 0, true) {
        rows.chart(ROOT_CHART, 1);
        rows.network();
        if rows.branch(Node::Devices, 1, !plan.devices().is_empty()) {
            plan.devices().keys().for_each(|name| rows.leaf(Node::Device(name.clone()), 2));
        }
    }
    rows.rows
}

impl Rows<'_> {
    fn leaf(&mut self, node: Node, depth: u16) {
        self.rows.push(Row { node, depth, open: None });
    }

    /// Adds a node; whether what is in it is shown.
    fn branch(&mut self, node: Node, depth: u16, has_inside: bool) -> bool {
        let open = has_inside && is_open(&node, self.plan, self.openness);
        self.rows.push(Row { node, depth, open: has_inside.then_some(open) });
        open
    }

    fn chart(&mut self, chart: ChartId, depth: u16) {
        // Charts in each other, as a merge could leave them, are not below the top one, so this ends.
        if !self.branch(Node::Chart(chart), depth, self.index.n_inside(chart) > 0) {
            return;
        }
        for inner in self.index.charts_in(self.plan, chart) {
            self.chart(inner, depth.saturating_add(1));
        }
        for name in self.index.instances_in(Some(chart)) {
            self.leaf(Node::Instance(name.clone()), depth.saturating_add(1));
        }
        let hardware = self.index.instances_in(None);
        if chart == ROOT_CHART
            && self.index.instances_in(None).next().is_some()
            && self.branch(Node::Hardware, depth.saturating_add(1), true)
        {
            hardware.for_each(|name| self.leaf(Node::Instance(name.clone()), depth.saturating_add(2)));
        }
    }

    fn network(&mut self) {
        let none = Group::Subnet(None);
        let subnets = self.plan.subnets().keys().map(|name| Group::Subnet(Some(name.clone())));
        let without = (self.index.n_devices(&none) > 0).then_some(none);
        let groups: Vec<Group> = subnets.chain(self.index.lines().cloned()).chain(without).collect();
        if !self.branch(Node::Network, 1, !groups.is_empty()) {
            return;
        }
        for group in groups {
            if self.branch(Node::Group(group.clone()), 2, self.index.n_devices(&group) > 0) {
                for name in self.index.devices_in(&group) {
                    self.leaf(Node::Attached(name.clone()), 3);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::{Document, Edit};
    use crate::model::{Point, fixture};

    #[test]
    fn only_open_nodes_show_what_is_in_them() {
        let plan = fixture::plan("component P 1.0 { in x R4 }\nA: P at 0 0");
        let mut document = Document::new(plan);
        let chart = Edit::AddChart { name: "C".into(), parent: ROOT_CHART, at: Point::default() };
        document.apply(&chart).unwrap();
        let id = *document.plan().charts().keys().find(|chart| **chart != ROOT_CHART).unwrap();
        let place = Edit::Place {
            component: document.plan().components().keys().next().unwrap().clone(),
            name: Some("Inner".into()),
            chart: id,
            at: Point::default(),
        };
        document.apply(&place).unwrap();
        let plan = document.plan();
        let index = Index::new(plan);
        let mut openness = Openness::new();
        let nodes =
            |openness: &Openness| rows(plan, &index, openness).into_iter().map(|row| row.node).collect::<Vec<_>>();
        let inner = Node::Instance("Inner".into());
        assert!(nodes(&openness).contains(&Node::Instance("A".into())));
        assert!(!nodes(&openness).contains(&inner));
        openness.insert(Node::Chart(id), true);
        let shown = nodes(&openness);
        let at = shown.iter().position(|node| *node == inner).unwrap();
        assert_eq!(shown[at - 1], Node::Chart(id));
        openness.insert(Node::Project, false);
        assert_eq!(nodes(&openness), [Node::Project]);
    }
}
