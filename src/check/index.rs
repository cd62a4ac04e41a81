//! What rules ask about neighbours, kept up to date thing by thing.
//!
//! Each `set_…` tells in [`Dirty`] what the change can have an effect on.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::Hash;
use std::net::Ipv4Addr;
use std::sync::Arc;

use petgraph::stable_graph::NodeIndex;

use super::context::{End, Placed};
use super::load::{Load, Loads, Number, Numbers};
use super::loops::Loops;
use crate::model::graph::LinkGraph;
use crate::model::{
    Attachment, Cable, Chart, ChartId, ComponentKey, Device, FunctionRef, LanPort, Link, LinkKey, Name, Plan, PortRef,
    ReactionTarget, Version, check_station_name, to_station_name,
};

/// Things that must be looked at again.
#[derive(Debug, Default)]
pub(super) struct Dirty {
    pub links: BTreeSet<LinkKey>,
    pub constants: BTreeSet<PortRef>,
    pub instances: BTreeSet<Name>,
    pub devices: BTreeSet<Name>,
    pub components: BTreeSet<ComponentKey>,
    pub subnets: BTreeSet<Name>,
    pub cables: BTreeSet<Cable>,
    pub targets: BTreeSet<ReactionTarget>,
    pub charts: BTreeSet<ChartId>,
    /// Feedback loops by their first function.
    pub loops: BTreeSet<FunctionRef>,
}

/// Members by what they have in common.
#[derive(Debug, Clone)]
struct Groups<K>(HashMap<K, BTreeSet<Name>>);

impl<K> Default for Groups<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Hash + Eq> Groups<K> {
    fn insert(&mut self, key: K, member: &Name) {
        self.0.entry(key).or_default().insert(member.clone());
    }

    fn remove(&mut self, key: &K, member: &Name) {
        if let Some(members) = self.0.get_mut(key) {
            members.remove(member);
            if members.is_empty() {
                self.0.remove(key);
            }
        }
    }

    fn of<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> impl Iterator<Item = &Name> + use<'_, K, Q>
    where
        K: std::borrow::Borrow<Q>,
    {
        self.0.get(key).into_iter().flatten()
    }
}

/// The functions that the chain of a target was searched in, and their instances.
#[derive(Debug, Clone, Default)]
pub(super) struct Searched {
    pub functions: HashSet<FunctionRef>,
    pub instances: HashSet<Name>,
}

impl Searched {
    pub(super) fn add(&mut self, function: &FunctionRef) {
        if self.functions.insert(function.clone()) {
            self.instances.insert(function.instance.clone());
        }
    }
}

/// A place on a PROFIBUS line: proxy, master system, address.
pub(super) type Slot = (Name, u8, u8);

/// The index.
#[derive(Debug, Clone, Default)]
pub(super) struct Index {
    placed: HashMap<Name, Placed>,
    devices: HashMap<Name, Arc<Device>>,
    on_device: Groups<Name>,
    behind: Groups<Name>,
    by_ip: Groups<Ipv4Addr>,
    by_station: Groups<Name>,
    /// Devices without a right name of station, by the name that a fix would give them if it is free.
    by_proposed_name: Groups<Name>,
    by_slot: Groups<Slot>,
    by_component: BTreeMap<ComponentKey, BTreeSet<Name>>,
    cables: HashMap<Name, BTreeSet<Cable>>,
    /// Charts by the one they stand in and their name.
    siblings: BTreeMap<(ChartId, Name), BTreeSet<ChartId>>,
    numbers: Numbers,
    loads: Loads,
    pub graph: LinkGraph,
    pub loops: Loops,
    /// Links that carry nothing.
    passive: HashSet<LinkKey>,
    /// Where the chain of each target was searched: nothing that happens elsewhere changes it.
    pub searched: HashMap<ReactionTarget, Searched>,
}

impl Index {
    /// The index of a whole plan.
    pub(super) fn new(plan: &Plan) -> Self {
        let mut index = Self { loads: Loads::with_capacity(plan.links().len()), ..Self::default() };
        let mut dirty = Dirty::default();
        for (name, device) in plan.devices() {
            index.register_device(name, device, &mut dirty);
        }
        for (name, instance) in plan.instances() {
            let placed = Placed::new(plan, name, instance, &mut index.numbers);
            index.register_instance(name, placed);
        }
        for cable in plan.cables() {
            index.set_cable(cable, true, &mut dirty);
        }
        for (id, chart) in plan.charts() {
            index.set_chart(*id, None, Some(chart), &mut dirty);
        }
        for (key, link) in plan.links() {
            index.load(key, link);
            index.graph.insert(key, &link.provider);
        }
        index.loops = Loops::new(&index.graph);
        index
    }

    /// What a device has to bear.
    pub(super) fn load_of(&self, device: &str) -> &Load {
        self.loads.of(device, &self.numbers)
    }

    /// Cables at a LAN port.
    pub(super) fn cables_at(&self, end: &LanPort) -> impl Iterator<Item = &Cable> {
        self.cables_of(&end.device).filter(move |cable| cable.a == *end || cable.b == *end)
    }

    /// Cables of a device.
    pub(super) fn cables_of(&self, device: &str) -> impl Iterator<Item = &Cable> {
        self.cables.get(device).into_iter().flatten()
    }

    /// Charts of this name in a chart.
    pub(super) fn charts_called(&self, parent: ChartId, name: &Name) -> impl Iterator<Item = ChartId> {
        self.siblings.get(&(parent, name.clone())).into_iter().flatten().copied()
    }

    pub(super) fn placed(&self, instance: &str) -> Option<&Placed> {
        self.placed.get(instance)
    }

    /// One end of a link or constant.
    pub(super) fn end<'a>(&'a self, port: &'a PortRef) -> End<'a> {
        End::new(&self.placed, port)
    }

    pub(super) fn instances_on(&self, device: &Name) -> impl Iterator<Item = &Name> + use<'_> {
        self.on_device.of(device)
    }

    /// Devices on PROFIBUS that name this one as their proxy.
    pub(super) fn behind(&self, proxy: &Name) -> impl Iterator<Item = &Name> + use<'_> {
        self.behind.of(proxy)
    }

    pub(super) fn with_ip(&self, ip: Ipv4Addr) -> impl Iterator<Item = &Name> + use<'_> {
        self.by_ip.of(&ip)
    }

    pub(super) fn with_station_name(&self, name: &Name) -> impl Iterator<Item = &Name> + use<'_> {
        self.by_station.of(name)
    }

    pub(super) fn in_slot(&self, slot: &Slot) -> impl Iterator<Item = &Name> + use<'_> {
        self.by_slot.of(slot)
    }

    /// Instances of exactly this component version.
    pub(super) fn instances_of(&self, key: &ComponentKey) -> impl Iterator<Item = &Name> + use<'_> {
        self.by_component.get(key).into_iter().flatten()
    }

    /// Instances of this component in any version.
    pub(super) fn instances_of_any_version(&self, id: &Name) -> impl Iterator<Item = &Name> + use<'_> {
        let first = ComponentKey { id: id.clone(), version: Version([0; 4]) };
        let last = ComponentKey { id: id.clone(), version: Version([u16::MAX; 4]) };
        self.by_component.range(first..=last).flat_map(|(_, instances)| instances)
    }

    /// Whether any link from one function to another carries values.
    pub(super) fn carries(&self, from: NodeIndex, to: NodeIndex) -> bool {
        self.passive.is_empty() || self.graph.links(from, to).iter().any(|link| !self.passive.contains(link))
    }

    /// Brings a device up to date.
    pub(super) fn set_device(&mut self, name: &Name, device: Option<&Arc<Device>>, dirty: &mut Dirty) {
        if let Some(old) = self.devices.remove(name) {
            self.unregister_device(name, &old, dirty);
        }
        if let Some(device) = device {
            self.register_device(name, device, dirty);
        }
        dirty.devices.insert(name.clone());
        dirty.devices.extend(self.behind.of(name).cloned());
    }

    fn register_device(&mut self, name: &Name, device: &Arc<Device>, dirty: &mut Dirty) {
        match &device.attachment {
            Attachment::Ethernet(address) => {
                if let Some(ip) = address.ip {
                    dirty.devices.extend(self.by_ip.of(&ip).cloned());
                    self.by_ip.insert(ip, name);
                }
                if !address.name_of_station.is_empty() {
                    dirty.devices.extend(self.by_station.of(&address.name_of_station).cloned());
                    dirty.devices.extend(self.by_proposed_name.of(&address.name_of_station).cloned());
                    self.by_station.insert(address.name_of_station.clone(), name);
                }
                if let Some(proposed) = proposed_name(name, &address.name_of_station) {
                    self.by_proposed_name.insert(proposed, name);
                }
            }
            Attachment::Profibus(address) => {
                if let Some(proxy) = &address.proxy {
                    dirty.devices.insert(proxy.clone());
                    // A slave without free address asks for one: all on the line depend on each other.
                    dirty.devices.extend(self.behind.of(proxy).cloned());
                    self.behind.insert(proxy.clone(), name);
                    if let Some(number) = address.address {
                        self.by_slot.insert((proxy.clone(), address.system_id, number), name);
                    }
                }
            }
        }
        self.devices.insert(name.clone(), device.clone());
    }

    fn unregister_device(&mut self, name: &Name, device: &Device, dirty: &mut Dirty) {
        match &device.attachment {
            Attachment::Ethernet(address) => {
                if let Some(ip) = address.ip {
                    self.by_ip.remove(&ip, name);
                    dirty.devices.extend(self.by_ip.of(&ip).cloned());
                }
                self.by_station.remove(&address.name_of_station, name);
                dirty.devices.extend(self.by_station.of(&address.name_of_station).cloned());
                dirty.devices.extend(self.by_proposed_name.of(&address.name_of_station).cloned());
                if let Some(proposed) = proposed_name(name, &address.name_of_station) {
                    self.by_proposed_name.remove(&proposed, name);
                }
            }
            Attachment::Profibus(address) => {
                if let Some(proxy) = &address.proxy {
                    self.behind.remove(proxy, name);
                    dirty.devices.insert(proxy.clone());
                    dirty.devices.extend(self.behind.of(proxy).cloned());
                    if let Some(number) = address.address {
                        self.by_slot.remove(&(proxy.clone(), address.system_id, number), name);
                    }
                }
            }
        }
    }

    /// Brings an instance up to date.
    pub(super) fn set_instance(&mut self, plan: &Plan, name: &Name, dirty: &mut Dirty) {
        if let Some(old) = self.placed.remove(name) {
            self.on_device.remove(&old.instance.device, name);
            if let Some(instances) = self.by_component.get_mut(&old.instance.component) {
                instances.remove(name);
                if instances.is_empty() {
                    self.by_component.remove(&old.instance.component);
                }
            }
            self.around_instance(&old, dirty);
        }
        if let Some(instance) = plan.instances().get(name) {
            let placed = Placed::new(plan, name, instance, &mut self.numbers);
            self.around_instance(&placed, dirty);
            self.register_instance(name, placed);
        }
        dirty.instances.insert(name.clone());
    }

    fn register_instance(&mut self, name: &Name, placed: Placed) {
        self.on_device.insert(placed.instance.device.clone(), name);
        self.by_component.entry(placed.instance.component.clone()).or_default().insert(name.clone());
        self.placed.insert(name.clone(), placed);
    }

    /// What an instance has an effect on: its device and proxy, slaves whose proxy it makes, its component, and
    /// other instances where only one is allowed.
    fn around_instance(&self, placed: &Placed, dirty: &mut Dirty) {
        dirty.devices.insert(placed.instance.device.clone());
        dirty.devices.extend(placed.host.clone());
        dirty.devices.extend(self.behind.of(&placed.instance.device).cloned());
        dirty.components.insert(placed.instance.component.clone());
        if placed.component.as_ref().is_some_and(|component| component.singleton) {
            dirty.instances.extend(self.instances_of_any_version(&placed.instance.component.id).cloned());
        }
    }

    /// Counts a link in.
    fn load(&mut self, key: &LinkKey, link: &Link) {
        let end = |port| End::new(&self.placed, port);
        self.loads.insert(key, link, &end(&link.provider), &end(&key.consumer));
        if !link.active {
            self.passive.insert(key.clone());
        }
    }

    /// Follows a link from what it was to what it is; `None` where it was not, or is not.
    pub(super) fn set_load(&mut self, key: &LinkKey, link: Option<&Link>, dirty: &mut Dirty) {
        let bore: Vec<Number> = self.loads.remove(key).collect();
        self.passive.remove(key);
        if let Some(link) = link {
            self.load(key, link);
        }
        let bearers = bore.into_iter().chain(self.loads.bearers(key));
        dirty.devices.extend(bearers.filter_map(|number| self.numbers.name(number)).cloned());
    }

    /// Joins the functions at the ends of a link.
    pub(super) fn join(&mut self, key: &LinkKey, provider: &PortRef, dirty: &mut Dirty) {
        if let Some((from, to)) = self.graph.insert(key, provider) {
            self.loops.edge_added(&self.graph, from, to, &mut dirty.loops);
        }
    }

    /// Parts the functions at the ends of a link that is no more.
    pub(super) fn part(&mut self, key: &LinkKey, provider: &PortRef, dirty: &mut Dirty) {
        if let Some((from, to)) = self.graph.remove(key, provider) {
            self.loops.edge_removed(&self.graph, from, to, &mut dirty.loops);
        }
    }

    /// Brings a cable up to date.
    pub(super) fn set_cable(&mut self, cable: &Cable, is_there: bool, dirty: &mut Dirty) {
        for device in [&cable.a.device, &cable.b.device] {
            let cables = self.cables.entry(device.clone()).or_default();
            if is_there {
                cables.insert(cable.clone());
            } else {
                cables.remove(cable);
            }
            dirty.cables.extend(cables.iter().cloned());
            if cables.is_empty() {
                self.cables.remove(device);
            }
        }
        dirty.cables.insert(cable.clone());
    }

    /// Brings a chart up to date.
    pub(super) fn set_chart(&mut self, id: ChartId, old: Option<&Chart>, new: Option<&Chart>, dirty: &mut Dirty) {
        let place = |chart: &Chart| Some((chart.parent?, chart.name.clone()));
        if let Some(place) = old.and_then(place)
            && let Some(charts) = self.siblings.get_mut(&place)
        {
            charts.remove(&id);
            dirty.charts.extend(charts.iter().copied());
            if charts.is_empty() {
                self.siblings.remove(&place);
            }
        }
        if let Some(place) = new.and_then(place) {
            let charts = self.siblings.entry(place).or_default();
            charts.insert(id);
            dirty.charts.extend(charts.iter().copied());
        }
        dirty.charts.insert(id);
        // Those inside stand or fall with the chart.
        let inside = self.siblings.range((id, Name::default())..).take_while(|((parent, _), _)| *parent == id);
        dirty.charts.extend(inside.flat_map(|(_, charts)| charts));
    }
}

/// The name that a fix would give a device; `None` when its name is right or nothing can be made of it.
pub(super) fn proposed_name(device: &Name, name_of_station: &Name) -> Option<Name> {
    let wrong = name_of_station.is_empty() || check_station_name(name_of_station).is_err();
    let from = if name_of_station.is_empty() { device } else { name_of_station };
    wrong.then(|| to_station_name(from)).flatten().map(Name::from)
}
