//! A found network as text, JSON and DOT.

use std::fmt::Write as _;

use serde::Serialize;

use super::facts::LinkState;
use super::merge::{Agreement, End, Line, Node, NodeKind, Topology};

impl Agreement {
    /// As people read it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Confirmed => "both ends agree",
            Self::OneSided => "one end says so",
            Self::Contradicted => "the other end says something else",
        }
    }

    fn token(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::OneSided => "one_sided",
            Self::Contradicted => "contradicted",
        }
    }
}

impl NodeKind {
    fn token(self) -> &'static str {
        match self {
            Self::Station => "station",
            Self::Neighbour => "neighbour",
            Self::Hidden => "hidden_switch",
        }
    }
}

fn label(topology: &Topology, end: &End) -> String {
    match topology.node(&end.node) {
        Some(node) if node.kind == NodeKind::Hidden => node.label(),
        Some(node) => format!("{} {}", node.label(), end.port),
        None => format!("{} {}", end.node, end.port),
    }
}

/// Cables a line, then what hangs at none: `pump-1 port-002 — sw-2 port-001  (both ends agree)`.
pub fn text(topology: &Topology) -> String {
    let mut rows: Vec<(String, String, &Line)> = topology
        .lines()
        .into_iter()
        .map(|line| {
            let (a, b) = (label(topology, &line.a), label(topology, &line.b));
            if a <= b { (a, b, line) } else { (b, a, line) }
        })
        .collect();
    rows.sort();
    let width = rows.iter().map(|(a, ..)| a.chars().count()).max().unwrap_or(0);
    let other = rows.iter().map(|(_, b, _)| b.chars().count()).max().unwrap_or(0);
    let mut words = String::new();
    for (a, b, line) in rows {
        // Writing to a String cannot fail.
        _ = writeln!(words, "{a:width$} — {b:other$}  ({})", line.agreement.words());
    }
    for node in alone(topology) {
        _ = writeln!(words, "{} has no cable that anybody tells of", node.label());
    }
    words
}

/// Stations at no cable.
fn alone(topology: &Topology) -> impl Iterator<Item = &Node> {
    let graph = topology.graph();
    let mut alone: Vec<&Node> = graph
        .node_indices()
        .filter(|place| graph.edges(*place).next().is_none())
        .filter_map(|place| graph.node_weight(place))
        .collect();
    alone.sort_by_key(|node| node.label());
    alone.into_iter()
}

#[derive(Serialize)]
struct JsonTopology {
    nodes: Vec<JsonNode>,
    cables: Vec<JsonLine>,
}

#[derive(Serialize)]
struct JsonNode {
    id: String,
    kind: &'static str,
    name: Option<String>,
    mac: Option<String>,
    ip: Option<String>,
    sources: Vec<&'static str>,
    ports: Vec<JsonPort>,
}

#[derive(Serialize)]
struct JsonPort {
    port: String,
    mac: Option<String>,
    link: Option<&'static str>,
    bits_per_second: Option<u64>,
}

#[derive(Serialize)]
struct JsonEnd {
    node: String,
    port: String,
}

#[derive(Serialize)]
struct JsonLine {
    a: JsonEnd,
    b: JsonEnd,
    agreement: &'static str,
    said_by: Vec<JsonEnd>,
}

/// Nodes and cables, sorted, as JSON.
pub fn json(topology: &Topology) -> serde_json::Value {
    let end = |end: &End| JsonEnd { node: end.node.to_string(), port: end.port.clone() };
    let nodes = topology.nodes().map(|node| JsonNode {
        id: node.id.to_string(),
        kind: node.kind.token(),
        name: node.name.clone(),
        mac: node.mac.map(|mac| mac.to_string()),
        ip: node.ip.map(|ip| ip.to_string()),
        sources: node.sources.iter().map(|source| source.name()).collect(),
        ports: node
            .ports
            .iter()
            .map(|(port, known)| JsonPort {
                port: port.clone(),
                mac: known.mac.map(|mac| mac.to_string()),
                link: known.link.map(|link| if link == LinkState::Up { "up" } else { "down" }),
                bits_per_second: known.speed,
            })
            .collect(),
    });
    let cables = topology.lines().into_iter().map(|line| JsonLine {
        a: end(&line.a),
        b: end(&line.b),
        agreement: line.agreement.token(),
        said_by: line.said_by.iter().map(end).collect(),
    });
    // Strings and numbers only: it cannot fail.
    serde_json::to_value(JsonTopology { nodes: nodes.collect(), cables: cables.collect() }).unwrap_or_default()
}

/// For Graphviz: an undirected graph with ports at the ends of cables; what is not sure is dashed.
pub fn dot(topology: &Topology) -> String {
    let graph = topology.graph();
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let mut words = String::from("graph topology {\n  node [shape=box];\n");
    for node in topology.nodes() {
        let shape = if node.kind == NodeKind::Hidden { ", shape=ellipse, style=dashed" } else { "" };
        _ = writeln!(words, "  {} [label={}{shape}];", quoted(&node.id.0), quoted(&node.label()));
    }
    let mut edges: Vec<&Line> = graph.edge_references().map(|edge| edge.weight()).collect();
    edges.sort();
    for line in edges {
        let port = |end: &End| match topology.node(&end.node) {
            Some(node) if node.kind == NodeKind::Hidden => String::new(),
            _ => end.port.clone(),
        };
        let style = match line.agreement {
            Agreement::Confirmed => "",
            Agreement::OneSided => ", style=dashed",
            Agreement::Contradicted => ", style=dashed, color=red",
        };
        _ = writeln!(
            words,
            "  {} -- {} [taillabel={}, headlabel={}{style}];",
            quoted(&line.a.node.0),
            quoted(&line.b.node.0),
            quoted(&port(&line.a)),
            quoted(&port(&line.b)),
        );
    }
    words.push_str("}\n");
    words
}
