//! The plan: everything the engineer decided.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use imbl::{OrdMap, OrdSet};

use super::{
    Cable, Component, ComponentKey, Constant, Device, DeviceState, FunctionRef, Link, LinkKey, Name, Port, PortRef,
    Qos, Subnet,
};

/// A place on a chart or in the network view, in canvas units (1 unit = 1 px at 100 %).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Point {
    /// To the right.
    pub x: f32,
    /// Downwards.
    pub y: f32,
}

/// A chart, by number; the number lives as long as the program runs, files hold names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChartId(pub u32);

/// The chart at the top, which every plan has.
pub const ROOT_CHART: ChartId = ChartId(0);

/// A page of the plant. Charts nest.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// Name, unique among its siblings.
    pub name: Name,
    /// The chart it stands in; `None` only for [`ROOT_CHART`].
    pub parent: Option<ChartId>,
    /// Where its block stands in the parent.
    pub at: Point,
    /// The engineer's remark.
    pub comment: Name,
    /// Frames around blocks.
    pub frames: Vec<Frame>,
    /// Notes.
    pub notes: Vec<Note>,
}

/// A titled rectangle behind blocks.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    /// Title.
    pub title: Name,
    /// Upper left corner.
    pub at: Point,
    /// Width and height.
    pub size: Point,
}

/// A text on a chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Note {
    /// Text, may have several lines.
    pub text: Arc<str>,
    /// Upper left corner.
    pub at: Point,
}

/// Where a function's block stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placement {
    /// Chart.
    pub chart: ChartId,
    /// Upper left corner.
    pub at: Point,
}

/// A component placed in the plant.
#[derive(Debug, Clone, PartialEq)]
pub struct Instance {
    /// Which component, in which version.
    pub component: ComponentKey,
    /// The planned device it runs on.
    pub device: Name,
    /// Where its functions' blocks stand, by LDev and RTAuto. Every function of the component has an entry.
    pub functions: BTreeMap<(Name, Name), Placement>,
    /// The engineer's remark.
    pub comment: Name,
}

impl Instance {
    /// The chart the instance is at home on, that of its first function; `None` for a mere hardware component.
    pub fn home(&self) -> Option<ChartId> {
        self.functions.values().next().map(|placement| placement.chart)
    }
}

/// A stated target for the time from one port to another along the links.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReactionTarget {
    /// Where the chain begins.
    pub from: FunctionRef,
    /// Where it ends.
    pub to: FunctionRef,
    /// Longest time allowed, in milliseconds.
    pub max_ms: u32,
}

/// Choices for the whole project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// TCP port of the devices' object resolvers; 135 is the standard's.
    pub resolver_port: u16,
    /// Transmission of a new link.
    pub default_qos: Qos,
}

impl Default for Settings {
    fn default() -> Self {
        Self { resolver_port: 135, default_qos: Qos::default() }
    }
}

/// Everything the engineer decided. Immutable and shared: a clone costs a few pointers.
///
/// It may hold contradictions that come from outside (a merge, a changed component): ends of links that lead nowhere, two
/// links to an input. `check` finds them; edits never make them.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Project name.
    pub(crate) name: Name,
    /// The engineer's remark on the project.
    pub(crate) comment: Arc<str>,
    pub(crate) settings: Settings,
    pub(crate) components: OrdMap<ComponentKey, Arc<Component>>,
    pub(crate) charts: OrdMap<ChartId, Arc<Chart>>,
    pub(crate) instances: OrdMap<Name, Arc<Instance>>,
    pub(crate) constants: OrdMap<PortRef, Constant>,
    pub(crate) targets: OrdSet<ReactionTarget>,
    pub(crate) subnets: OrdMap<Name, Subnet>,
    pub(crate) devices: OrdMap<Name, Arc<Device>>,
    pub(crate) cables: OrdSet<Cable>,
    pub(crate) states: OrdMap<Name, DeviceState>,
    links: OrdMap<LinkKey, Arc<Link>>,
    /// Derived: links by what feeds them.
    by_provider: OrdSet<(PortRef, LinkKey)>,
}

impl PartialEq for Plan {
    /// Same decisions. Charts compare by number, so plans read from files compare equal when the files do.
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
            && self.comment == other.comment
            && self.settings == other.settings
            && self.components == other.components
            && self.charts == other.charts
            && self.instances == other.instances
            && self.constants == other.constants
            && self.targets == other.targets
            && self.subnets == other.subnets
            && self.devices == other.devices
            && self.cables == other.cables
            && self.states == other.states
            && self.links == other.links
    }
}

impl Plan {
    /// An empty plan with its top chart.
    pub fn new(name: impl Into<Name>) -> Self {
        let name = name.into();
        let root = Chart {
            name: name.clone(),
            parent: None,
            at: Point::default(),
            comment: Name::default(),
            frames: Vec::new(),
            notes: Vec::new(),
        };
        Self {
            name,
            comment: "".into(),
            settings: Settings::default(),
            components: OrdMap::new(),
            charts: OrdMap::unit(ROOT_CHART, Arc::new(root)),
            instances: OrdMap::new(),
            constants: OrdMap::new(),
            targets: OrdSet::new(),
            subnets: OrdMap::new(),
            devices: OrdMap::new(),
            cables: OrdSet::new(),
            states: OrdMap::new(),
            links: OrdMap::new(),
            by_provider: OrdSet::new(),
        }
    }

    /// Project name.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// The engineer's remark on the project.
    pub fn comment(&self) -> &str {
        &self.comment
    }

    /// Choices for the whole project.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Component versions in use, by identity.
    pub fn components(&self) -> &OrdMap<ComponentKey, Arc<Component>> {
        &self.components
    }

    /// Charts by number; the root comes first. A chart that was moved can come before its parent.
    pub fn charts(&self) -> &OrdMap<ChartId, Arc<Chart>> {
        &self.charts
    }

    /// Instances by name.
    pub fn instances(&self) -> &OrdMap<Name, Arc<Instance>> {
        &self.instances
    }

    /// Links by the input they feed.
    pub fn links(&self) -> &OrdMap<LinkKey, Arc<Link>> {
        &self.links
    }

    /// Constants by the input they feed.
    pub fn constants(&self) -> &OrdMap<PortRef, Constant> {
        &self.constants
    }

    /// Stated reaction times.
    pub fn targets(&self) -> &OrdSet<ReactionTarget> {
        &self.targets
    }

    /// Ethernet subnets by name.
    pub fn subnets(&self) -> &OrdMap<Name, Subnet> {
        &self.subnets
    }

    /// Planned devices by name.
    pub fn devices(&self) -> &OrdMap<Name, Arc<Device>> {
        &self.devices
    }

    /// Planned cables.
    pub fn cables(&self) -> &OrdSet<Cable> {
        &self.cables
    }

    /// What is known of each device.
    pub fn states(&self) -> &OrdMap<Name, DeviceState> {
        &self.states
    }

    /// The component of an instance; `None` when the instance or its component version is not in the plan.
    pub fn component_of(&self, instance: &str) -> Option<&Arc<Component>> {
        self.components.get(&self.instances.get(instance)?.component)
    }

    /// What the description says about a port; `None` when any part of the path leads nowhere.
    pub fn port(&self, port: &PortRef) -> Option<&Port> {
        self.component_of(&port.instance)?.port(port)
    }

    /// Links that feed this input: none, one, or more after a merge.
    pub fn links_to<'a>(&'a self, consumer: &PortRef) -> impl Iterator<Item = (&'a LinkKey, &'a Arc<Link>)> + use<'a> {
        let end = consumer.clone();
        self.links.range(LinkKey::to(consumer.clone())..).take_while(move |(key, _)| key.consumer == end)
    }

    /// Links that this output feeds.
    pub fn links_from<'a>(
        &'a self,
        provider: &PortRef,
    ) -> impl Iterator<Item = (&'a LinkKey, &'a Arc<Link>)> + use<'a> {
        let end = provider.clone();
        self.range_from(provider.clone())
            .take_while(move |(link_provider, _, _)| **link_provider == end)
            .map(|(_, key, link)| (key, link))
    }

    /// Links whose consumer is on this instance.
    pub fn links_into<'a>(&'a self, instance: &str) -> impl Iterator<Item = (&'a LinkKey, &'a Arc<Link>)> + use<'a> {
        let name = Name::new(instance);
        let start = LinkKey::to(PortRef::first_of(instance));
        self.links.range(start..).take_while(move |(key, _)| key.consumer.instance == name)
    }

    /// Links whose provider is on this instance.
    pub fn links_out_of<'a>(&'a self, instance: &str) -> impl Iterator<Item = (&'a LinkKey, &'a Arc<Link>)> + use<'a> {
        let name = Name::new(instance);
        self.range_from(PortRef::first_of(instance))
            .take_while(move |(provider, _, _)| provider.instance == name)
            .map(|(_, key, link)| (key, link))
    }

    /// Constants on this instance.
    pub fn constants_of<'a>(&'a self, instance: &str) -> impl Iterator<Item = (&'a PortRef, &'a Constant)> + use<'a> {
        let name = Name::new(instance);
        self.constants.range(PortRef::first_of(instance)..).take_while(move |(port, _)| port.instance == name)
    }

    /// Instances that run on a device. Walks all instances.
    pub fn instances_on<'a>(&'a self, device: &'a str) -> impl Iterator<Item = (&'a Name, &'a Arc<Instance>)> {
        self.instances.iter().filter(move |(_, instance)| instance.device == device)
    }

    /// The path of a chart from the root, without the root itself; empty for the root.
    pub fn chart_path(&self, chart: ChartId) -> Vec<Name> {
        let mut path = Vec::new();
        let mut at = self.charts.get(&chart);
        // Charts inside of each other have no way to the root; then it is as long as there are charts.
        while let Some(chart) = at.filter(|_| path.len() < self.charts.len()) {
            let Some(parent) = chart.parent else { break };
            path.push(chart.name.clone());
            at = self.charts.get(&parent);
        }
        path.reverse();
        path
    }

    fn range_from<'a>(
        &'a self,
        provider: PortRef,
    ) -> impl Iterator<Item = (&'a PortRef, &'a LinkKey, &'a Arc<Link>)> + use<'a> {
        let start = (provider, LinkKey::to(PortRef::first_of("")));
        self.by_provider
            .range((Bound::Included(start), Bound::Unbounded))
            .filter_map(|(provider, key)| Some((provider, key, self.links.get(key)?)))
    }

    /// Puts a link in, or replaces the one with this key. For `edit` and `project`.
    pub(crate) fn insert_link(&mut self, key: LinkKey, link: Link) {
        self.remove_link(&key);
        self.by_provider.insert((link.provider.clone(), key.clone()));
        self.links.insert(key, Arc::new(link));
    }

    /// Takes a link out. For `edit` and `project`.
    pub(crate) fn remove_link(&mut self, key: &LinkKey) -> Option<Arc<Link>> {
        let link = self.links.remove(key)?;
        self.by_provider.remove(&(link.provider.clone(), key.clone()));
        Some(link)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn port(text: &str) -> PortRef {
        PortRef::parse(text).unwrap()
    }

    #[test]
    fn links_are_found_from_both_ends() {
        let mut plan = Plan::new("test");
        for (from, to) in [("A.L.F.out", "B.L.F.in"), ("A.L.F.out", "C.L.F.in"), ("AB.L.F.out", "B.L.F.other")] {
            plan.insert_link(LinkKey::to(port(to)), Link::from(port(from)));
        }
        let consumers =
            |links: Vec<(&LinkKey, &Arc<Link>)>| links.iter().map(|(key, _)| key.to_string()).collect::<Vec<_>>();
        assert_eq!(consumers(plan.links_from(&port("A.L.F.out")).collect()), ["B.L.F.in", "C.L.F.in"]);
        assert_eq!(consumers(plan.links_out_of("A").collect()), ["B.L.F.in", "C.L.F.in"]);
        assert_eq!(consumers(plan.links_into("B").collect()), ["B.L.F.in", "B.L.F.other"]);
        assert_eq!(consumers(plan.links_to(&port("C.L.F.in")).collect()), ["C.L.F.in"]);

        let before = plan.clone();
        plan.insert_link(LinkKey::to(port("C.L.F.in")), Link::from(port("AB.L.F.out")));
        assert_eq!(consumers(plan.links_from(&port("A.L.F.out")).collect()), ["B.L.F.in"]);
        assert_eq!(consumers(plan.links_from(&port("AB.L.F.out")).collect()), ["B.L.F.other", "C.L.F.in"]);
        plan.remove_link(&LinkKey::to(port("C.L.F.in"))).unwrap();
        assert_eq!(plan.links_to(&port("C.L.F.in")).count(), 0);
        assert_eq!(before.links_from(&port("A.L.F.out")).count(), 2, "an older plan is untouched");
    }
}
