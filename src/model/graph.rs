//! The plan as graphs: who feeds whom.
//!
//! The plan is the source of truth; a graph is derived from it and forgotten when it is not needed. Analyses
//! (feedback loops, reaction time, impact of a failed device) are functions over these two.

use ahash::HashMap;
use petgraph::graph::DiGraph;
use petgraph::stable_graph::{EdgeIndex, NodeIndex, StableDiGraph};

use super::{FunctionRef, LinkKey, Name, Plan, PortRef, QosType};

/// Functions and the links between them. One edge holds all links from one function to another, sorted.
///
/// It can follow a plan that changes, link by link; node and edge numbers stay valid.
#[derive(Debug, Clone, Default)]
pub struct LinkGraph {
    graph: StableDiGraph<FunctionRef, Vec<LinkKey>>,
    nodes: HashMap<FunctionRef, NodeIndex>,
    edges: HashMap<(NodeIndex, NodeIndex), EdgeIndex>,
    /// The consumer of the link that came last: links come sorted by their consumers.
    last_consumer: Option<(FunctionRef, NodeIndex)>,
}

impl LinkGraph {
    /// All links of a plan, dangling ones included. Functions without links are not in it.
    pub fn new(plan: &Plan) -> Self {
        let mut graph = Self::default();
        for (key, link) in plan.links() {
            graph.insert(key, &link.provider);
        }
        graph
    }

    /// The graph itself, for the algorithms of petgraph.
    pub fn graph(&self) -> &StableDiGraph<FunctionRef, Vec<LinkKey>> {
        &self.graph
    }

    /// The node of a function; `None` when it never had a link.
    pub fn node(&self, function: &FunctionRef) -> Option<NodeIndex> {
        self.nodes.get(function).copied()
    }

    /// The function at a node.
    pub fn function(&self, node: NodeIndex) -> Option<&FunctionRef> {
        self.graph.node_weight(node)
    }

    /// The links from one function to another, sorted by the input they feed.
    pub fn links(&self, from: NodeIndex, to: NodeIndex) -> &[LinkKey] {
        self.edges.get(&(from, to)).and_then(|edge| self.graph.edge_weight(*edge)).map_or(&[], Vec::as_slice)
    }

    /// Puts a link in. Returns the edge's ends when the two functions were not linked before.
    pub fn insert(&mut self, key: &LinkKey, provider: &PortRef) -> Option<(NodeIndex, NodeIndex)> {
        let from = self.node_for(provider);
        let to = self.consumer_node(&key.consumer);
        if let Some(links) = self.edges.get(&(from, to)).and_then(|edge| self.graph.edge_weight_mut(*edge)) {
            if let Err(at) = links.binary_search(key) {
                links.insert(at, key.clone());
            }
            return None;
        }
        let edge = self.graph.add_edge(from, to, vec![key.clone()]);
        self.edges.insert((from, to), edge);
        Some((from, to))
    }

    /// Takes a link out. Returns the edge's ends when it was the last between the two functions.
    pub fn remove(&mut self, key: &LinkKey, provider: &PortRef) -> Option<(NodeIndex, NodeIndex)> {
        let ends = (self.node(&provider.function())?, self.node(&key.consumer.function())?);
        let edge = *self.edges.get(&ends)?;
        let links = self.graph.edge_weight_mut(edge)?;
        if let Ok(at) = links.binary_search(key) {
            links.remove(at);
        }
        if !links.is_empty() {
            return None;
        }
        self.graph.remove_edge(edge);
        self.edges.remove(&ends);
        Some(ends)
    }

    fn consumer_node(&mut self, port: &PortRef) -> NodeIndex {
        let same = |function: &FunctionRef| {
            function.instance == port.instance && function.ldev == port.ldev && function.rtauto == port.rtauto
        };
        match &self.last_consumer {
            Some((function, node)) if same(function) => *node,
            _ => {
                let node = self.node_for(port);
                self.last_consumer = Some((port.function(), node));
                node
            }
        }
    }

    fn node_for(&mut self, port: &PortRef) -> NodeIndex {
        let function = port.function();
        if let Some(node) = self.nodes.get(&function) {
            return *node;
        }
        let node = self.graph.add_node(function.clone());
        self.nodes.insert(function, node);
        node
    }
}

/// What one device sends to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Traffic {
    /// Links.
    pub links: u32,
    /// Cyclic links among them.
    pub cyclic_links: u32,
    /// Bytes of all values together.
    pub bytes: u64,
    /// Most value updates in 1000 seconds: every link sends at each interval.
    pub updates_per_1000_s: u64,
}

/// Value updates in 1000 seconds of a link with this interval; 0 ms counts as 1 ms.
pub fn updates_per_1000_s(interval_ms: u16) -> u64 {
    1_000_000 / u64::from(interval_ms.max(1))
}

/// Planned devices and what they send to each other; a device behind a proxy counts for itself. Every planned device is a
/// node, in the order of names. Links with an end that leads nowhere are left out.
pub fn device_graph(plan: &Plan) -> DiGraph<Name, Traffic> {
    let mut graph = DiGraph::new();
    let nodes: HashMap<&Name, NodeIndex> =
        plan.devices().keys().map(|name| (name, graph.add_node(name.clone()))).collect();
    let node_of: HashMap<&str, NodeIndex> = plan
        .instances()
        .iter()
        .filter_map(|(name, instance)| Some((name.as_str(), *nodes.get(&instance.device)?)))
        .collect();
    let mut edges = HashMap::default();
    for (key, link) in plan.links() {
        let ends = (node_of.get(link.provider.instance.as_str()), node_of.get(key.consumer.instance.as_str()));
        let (Some(from), Some(to)) = ends else { continue };
        let edge = *edges.entry((*from, *to)).or_insert_with(|| graph.add_edge(*from, *to, Traffic::default()));
        let Some(traffic) = graph.edge_weight_mut(edge) else { continue };
        traffic.links += 1;
        traffic.cyclic_links += u32::from(link.qos.qos_type == QosType::Cyclic);
        traffic.bytes += plan.port(&link.provider).map_or(0, |port| port.value_type.wire_bytes());
        traffic.updates_per_1000_s += updates_per_1000_s(link.qos.value_ms);
    }
    graph
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture;

    const PLANT: &str = "
        component A 1.0 { in x I2 = 0; in z R4 = 0; out y I2; out w R4 }
        One: A
        Two: A
        One.y -> Two.x cyclic 8
        One.w -> Two.z acyclic 500
        Two.y -> One.x acyclic 100";

    #[test]
    fn links_between_two_functions_are_one_edge() {
        let plan = fixture::plan(PLANT);
        let mut graph = LinkGraph::new(&plan);
        assert_eq!((graph.graph().node_count(), graph.graph().edge_count()), (2, 2));
        assert_eq!(petgraph::algo::tarjan_scc(graph.graph()).len(), 1, "both feed each other");
        let (key, link) = plan.links_into("One").next().unwrap();
        let ends = graph.remove(key, &link.provider).unwrap();
        assert_eq!(graph.links(ends.0, ends.1), []);
        assert_eq!(petgraph::algo::tarjan_scc(graph.graph()).len(), 2);
        assert_eq!(graph.insert(key, &link.provider), Some(ends));
        assert_eq!(graph.links(ends.1, ends.0).len(), 2);
    }

    #[test]
    fn devices_are_joined_by_their_traffic() {
        let graph = device_graph(&fixture::plan(PLANT));
        let traffic = graph.edge_weights().copied().collect::<Vec<_>>();
        assert_eq!(traffic[0], Traffic { links: 1, cyclic_links: 0, bytes: 2, updates_per_1000_s: 10_000 });
        assert_eq!(traffic[1], Traffic { links: 2, cyclic_links: 1, bytes: 6, updates_per_1000_s: 127_000 });
    }
}
