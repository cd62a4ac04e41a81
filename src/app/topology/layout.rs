//! Devices in layers along their cables: the one with most cables on top, what hangs on it below, chains downwards.
//!
//! The port that leads up stands on the upper edge of its device, all others on the lower one. Canvas units, 1 px at 100 %.

use std::collections::{HashMap, HashSet, VecDeque};

use emath::{Pos2, Rect, Vec2, pos2, vec2};
use petgraph::graph::{NodeIndex, UnGraph};

use super::LanPorts;
use crate::model::{Cable, LanPort, Name, Plan};

/// Size of a port.
pub const PORT: Vec2 = vec2(20.0, 16.0);
/// Height of a device.
const HEIGHT: f32 = 64.0;
/// Least width of a device.
const LEAST_WIDTH: f32 = 168.0;
/// From port to port.
const PORT_STEP: f32 = 24.0;
/// Between devices of a layer.
const GAP: f32 = 32.0;
/// From layer to layer.
const LAYER: f32 = 144.0;
/// Width of the rows of devices without cables.
const ROW_WIDTH: f32 = 1200.0;
/// Where the picture begins.
const ORIGIN: Pos2 = pos2(80.0, 80.0);

/// A device as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct TopologyBox {
    /// Device.
    pub device: Name,
    /// Where.
    pub rect: Rect,
    /// Its ports, by number.
    pub ports: Vec<PortPlace>,
}

/// A LAN port as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct PortPlace {
    /// Which.
    pub port: LanPort,
    /// Where.
    pub rect: Rect,
    /// A cable is plugged in.
    pub is_used: bool,
    /// It stands on the upper edge.
    pub is_up: bool,
}

impl PortPlace {
    /// Where a cable begins.
    pub fn plug(&self) -> Pos2 {
        if self.is_up { self.rect.center_top() } else { self.rect.center_bottom() }
    }
}

/// A cable as it lies.
#[derive(Debug, Clone, PartialEq)]
pub struct CableLine {
    /// Which.
    pub cable: Cable,
    /// From the plug of its end `a` to that of its end `b`.
    pub from: Pos2,
    /// See `from`.
    pub to: Pos2,
}

/// The topology view of a plan.
#[derive(Debug, Clone, Default)]
pub struct TopologyLayout {
    /// Devices on Ethernet, by name.
    pub boxes: Vec<TopologyBox>,
    /// Planned cables.
    pub cables: Vec<CableLine>,
    at: HashMap<Name, usize>,
}

/// The devices that cables join, as a tree: who hangs on whom by which port.
struct Tree<'a> {
    graph: UnGraph<&'a Name, (u8, u8)>,
    children: HashMap<NodeIndex, Vec<NodeIndex>>,
    /// The port that leads up.
    up: HashMap<&'a Name, u8>,
}

impl TopologyLayout {
    /// Of a plan, whose ports these are.
    pub fn of(plan: &Plan, ports: &LanPorts) -> Self {
        let mut graph: UnGraph<&Name, (u8, u8)> = UnGraph::default();
        let nodes: HashMap<&Name, NodeIndex> = ports.devices().map(|(name, _)| (name, graph.add_node(name))).collect();
        for Cable { a, b } in plan.cables() {
            if let (Some(one), Some(other)) = (nodes.get(&a.device), nodes.get(&b.device)) {
                graph.add_edge(*one, *other, (a.port, b.port));
            }
        }
        let mut tree = Tree { graph, children: HashMap::new(), up: HashMap::new() };
        let mut places = HashMap::new();
        let mut corner = ORIGIN;
        let mut bottom = ORIGIN.y;
        for root in tree.grow(ports) {
            let width = tree.place(ports, root, corner, &mut places);
            corner.x += width + 2.0 * GAP;
        }
        if let Some(lowest) = places.values().map(Rect::bottom).reduce(f32::max) {
            bottom = lowest + LAYER - HEIGHT;
        }
        let mut at = pos2(ORIGIN.x, bottom);
        for (name, n_ports) in ports.devices() {
            if places.contains_key(name) {
                continue;
            }
            let width = width(n_ports);
            if at.x > ORIGIN.x && at.x + width > ORIGIN.x + ROW_WIDTH {
                at = pos2(ORIGIN.x, at.y + LAYER - HEIGHT / 2.0);
            }
            places.insert(name, Rect::from_min_size(at, vec2(width, HEIGHT)));
            at.x += width + GAP;
        }
        let boxes: Vec<TopologyBox> = ports
            .devices()
            .filter_map(|(name, n_ports)| {
                let rect = *places.get(name)?;
                let ports = port_places(ports, name, n_ports, rect, tree.up.get(name).copied());
                Some(TopologyBox { device: name.clone(), rect, ports })
            })
            .collect();
        let at = boxes.iter().enumerate().map(|(nth, one)| (one.device.clone(), nth)).collect();
        let mut layout = Self { boxes, cables: Vec::new(), at };
        let lines = plan.cables().iter().filter_map(|cable| {
            let plug = |end: &LanPort| Some(layout.port(end)?.plug());
            Some(CableLine { cable: cable.clone(), from: plug(&cable.a)?, to: plug(&cable.b)? })
        });
        layout.cables = lines.collect();
        layout
    }

    /// A device.
    pub fn find(&self, device: &str) -> Option<&TopologyBox> {
        self.boxes.get(*self.at.get(device)?)
    }

    /// A port.
    pub fn port(&self, port: &LanPort) -> Option<&PortPlace> {
        self.find(&port.device)?.ports.get(usize::from(port.port).checked_sub(1)?)
    }

    /// The port at a place.
    pub fn port_at(&self, at: Pos2) -> Option<&PortPlace> {
        let near = |one: &&TopologyBox| one.rect.expand(PORT.y).contains(at);
        self.boxes.iter().filter(near).flat_map(|one| &one.ports).find(|port| port.rect.expand(2.0).contains(at))
    }

    /// The device at a place.
    pub fn box_at(&self, at: Pos2) -> Option<&TopologyBox> {
        self.boxes.iter().find(|one| one.rect.contains(at))
    }

    /// The cable nearest to a place, no farther away than this.
    pub fn cable_at(&self, at: Pos2, tolerance: f32) -> Option<&CableLine> {
        let near = self.cables.iter().map(|line| (distance(line, at), line)).filter(|(far, _)| *far <= tolerance);
        near.min_by(|(one, _), (other, _)| one.total_cmp(other)).map(|(_, line)| line)
    }

    /// Where all devices stand; `None` when there are none.
    pub fn bounds(&self) -> Option<Rect> {
        self.boxes.iter().map(|one| one.rect.expand(PORT.y)).reduce(Rect::union)
    }
}

/// How far a place is from a cable.
fn distance(line: &CableLine, at: Pos2) -> f32 {
    let along = line.to - line.from;
    let share = ((at - line.from).dot(along) / along.length_sq().max(1.0)).clamp(0.0, 1.0);
    at.distance(line.from + along * share)
}

fn width(n_ports: u8) -> f32 {
    (f32::from(n_ports) * PORT_STEP + 16.0).max(LEAST_WIDTH)
}

fn port_places(ports: &LanPorts, name: &Name, n_ports: u8, rect: Rect, up: Option<u8>) -> Vec<PortPlace> {
    let n_below = n_ports - u8::from(up.is_some());
    let left = rect.center().x - PORT_STEP * (f32::from(n_below) - 1.0) / 2.0;
    let mut below = 0.0;
    let place = |number: u8| {
        let port = LanPort { device: name.clone(), port: number };
        let is_up = up == Some(number);
        let middle = if is_up {
            pos2(rect.center().x, rect.top() - PORT.y / 2.0)
        } else {
            below += 1.0;
            pos2(left + PORT_STEP * (below - 1.0), rect.bottom() + PORT.y / 2.0)
        };
        let is_used = ports.leads_to(&port).is_some();
        PortPlace { port, rect: Rect::from_center_size(middle, PORT), is_used, is_up }
    };
    (1..=n_ports).map(place).collect()
}

impl<'a> Tree<'a> {
    /// Decides who hangs on whom, layer by layer; returns the devices on top, the one with most cables (then ports) first.
    fn grow(&mut self, ports: &LanPorts) -> Vec<NodeIndex> {
        let mut by_cables: Vec<NodeIndex> = self.graph.node_indices().filter(|node| self.degree(*node) > 0).collect();
        // Of devices with as many cables a switch is the one with more ports.
        by_cables.sort_by_key(|node| {
            let name = self.graph[*node];
            (std::cmp::Reverse((self.degree(*node), ports.n_ports(name))), name)
        });
        let mut seen = HashSet::new();
        let mut roots = Vec::new();
        for root in by_cables {
            if !seen.insert(root) {
                continue;
            }
            roots.push(root);
            let mut open = VecDeque::from([root]);
            while let Some(node) = open.pop_front() {
                let mut below: Vec<(u8, NodeIndex, u8)> = self.cables_of(node).collect();
                below.sort();
                for (_, child, up) in below {
                    if seen.insert(child) {
                        self.children.entry(node).or_default().push(child);
                        self.up.insert(self.graph[child], up);
                        open.push_back(child);
                    }
                }
            }
        }
        roots
    }

    fn degree(&self, node: NodeIndex) -> usize {
        self.graph.edges(node).count()
    }

    /// Its own port, the other device, and the port there, of each cable of a device.
    fn cables_of(&self, node: NodeIndex) -> impl Iterator<Item = (u8, NodeIndex, u8)> + '_ {
        use petgraph::visit::EdgeRef as _;
        self.graph.edges(node).filter_map(move |edge| {
            let (one, other) = self.graph.edge_endpoints(edge.id())?;
            let (a, b) = *edge.weight();
            Some(if one == node { (a, other, b) } else { (b, one, a) })
        })
    }

    /// Places a device with all that hangs on it, from a corner to the right and downwards; returns the width taken.
    ///
    /// Without recursion: a chain may be as long as there are devices.
    fn place(&self, ports: &LanPorts, root: NodeIndex, corner: Pos2, places: &mut HashMap<&'a Name, Rect>) -> f32 {
        let own = |node: NodeIndex| width(ports.n_ports(self.graph[node]));
        let below = |node: NodeIndex| self.children.get(&node).map(Vec::as_slice).unwrap_or_default();
        let mut order = vec![root];
        let mut next = 0;
        while let Some(node) = order.get(next).copied() {
            order.extend(below(node));
            next += 1;
        }
        let mut widths: HashMap<NodeIndex, f32> = HashMap::new();
        for node in order.iter().rev() {
            let children = below(*node);
            let gaps = GAP * (children.len().max(1) - 1) as f32;
            let all: f32 = children.iter().filter_map(|child| widths.get(child)).sum();
            widths.insert(*node, own(*node).max(all + gaps));
        }
        let mut corners = HashMap::from([(root, corner)]);
        for node in &order {
            let (Some(corner), Some(whole)) = (corners.get(node).copied(), widths.get(node)) else { continue };
            let x = corner.x + (whole - own(*node)) / 2.0;
            places.insert(self.graph[*node], Rect::from_min_size(pos2(x, corner.y), vec2(own(*node), HEIGHT)));
            let children = below(*node);
            let all: f32 = children.iter().filter_map(|child| widths.get(child)).sum::<f32>()
                + GAP * (children.len().max(1) - 1) as f32;
            let mut x = corner.x + (whole - all) / 2.0;
            for child in children {
                corners.insert(*child, pos2(x, corner.y + LAYER));
                x += widths.get(child).copied().unwrap_or_default() + GAP;
            }
        }
        widths.get(&root).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::network::Members;
    use crate::model::fixture;

    fn layout(text: &str) -> TopologyLayout {
        let plan = fixture::plan(text);
        TopologyLayout::of(&plan, &LanPorts::of(&plan, &Members::of(&plan)))
    }

    const PLAN: &str = "
        component Switch 1.0 { ethernet 8; in x BOOL = false }
        component Pump 1.0 { ethernet 2; in x BOOL = false }
        S: Switch @10.0.0.1
        A: Pump @10.0.0.2
        B: Pump @10.0.0.3
        C: Pump @10.0.0.4
        Loose: Pump @10.0.0.5
        cable A 1 - S 5
        cable B 1 - S 2
        cable B 2 - C 1
    ";

    #[test]
    fn what_hangs_on_a_device_stands_below_it_in_the_order_of_its_ports() {
        let layout = layout(PLAN);
        let rect = |name: &str| layout.find(name).unwrap().rect;
        assert!(rect("S").top() < rect("A").top() && rect("B").top() < rect("C").top());
        assert_eq!(rect("A").top(), rect("B").top());
        assert!(rect("B").right() < rect("A").left(), "port 2 is left of port 5");
        let up = |name: &str, port| layout.port(&LanPort { device: name.into(), port }).unwrap().is_up;
        assert!(up("A", 1) && !up("A", 2) && up("C", 1) && !up("S", 5));
    }

    #[test]
    fn nothing_covers_anything_also_in_rings() {
        for more in ["", "cable A 2 - C 2", "cable S 1 - Loose 1\ncable Loose 2 - S 3"] {
            let layout = layout(&format!("{PLAN}\n{more}"));
            assert_eq!(layout.boxes.len(), 5);
            for (nth, one) in layout.boxes.iter().enumerate() {
                for other in &layout.boxes[nth + 1..] {
                    assert!(!one.rect.expand(PORT.y).intersects(other.rect.expand(PORT.y - 1.0)), "{one:?} {other:?}");
                }
            }
            assert_eq!(layout.cables.len(), 3 + more.lines().count());
        }
    }

    #[test]
    fn ports_and_cables_are_found_where_they_are() {
        let layout = layout(PLAN);
        for one in &layout.boxes {
            assert_eq!(layout.box_at(one.rect.center()).map(|found| &found.device), Some(&one.device));
            for port in &one.ports {
                assert_eq!(layout.port_at(port.rect.center()), Some(port));
            }
        }
        for line in &layout.cables {
            let middle = line.from + (line.to - line.from) * 0.3;
            assert_eq!(layout.cable_at(middle, 1.0), Some(line));
        }
        assert_eq!(layout.cable_at(pos2(-900.0, 0.0), 5.0), None);
    }

    #[test]
    fn a_chain_of_many_devices_has_its_place() {
        let mut text = String::from("component Pump 1.0 { ethernet 2; in x BOOL = false }\n");
        for nth in 0..3_000 {
            text.push_str(&format!("D{nth}: Pump @10.0.{}.{}\n", nth / 200, nth % 200 + 1));
        }
        for nth in 1..3_000 {
            text.push_str(&format!("cable D{} 2 - D{nth} 1\n", nth - 1));
        }
        assert_eq!(layout(&text).boxes.len(), 3_000);
    }
}
