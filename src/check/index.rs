//! What rules ask about neighbours, kept up to date thing by thing.
//!
//! Each `set_…` tells in [`Dirty`] what the change can have an effect on.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hash;
use std::net::Ipv4Addr;
use std::sync::Arc;

use ahash::{HashMap, HashSet};

use super::context::{End, Placed, PortTables};
use super::load::{Load, Loads, Number, Numbers};
use super::loops::Loops;
use crate::model::graph::LinkGraph;
use crate::model::{
    Attachment, Cable, Chart, ChartId, ComponentKey, Device, FunctionRef, LanPort, Link, LinkKey, Name, Plan, PortRef,
    ReactionTarget, check_station_name, to_station_name,
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
        Self(HashMap::default())
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

    fn group<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<&BTreeSet<Name>>
    where
        K: std::borrow::Borrow<Q>,
    {
        self.0.get(key)
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
    by_component: Groups<ComponentKey>,
    by_component_id: Groups<Name>,
    cables: HashMap<Name, BTreeSet<Cable>>,
    /// Charts by the one they stand in and their name.
    siblings: BTreeMap<(ChartId, Name), BTreeSet<ChartId>>,
    numbers: Numbers,
    tables: PortTables,
    loads: Loads,
    pub graph: LinkGraph,
    pub loops: Loops,
    /// Intervals of links that carry values: not of passive ones, nor of those that lead nowhere.
    carrying: HashMap<LinkKey, u16>,
    /// Where the chain of each target was searched: nothing that happens elsewhere changes it.
    pub searched: HashMap<ReactionTarget, Searched>,
}

impl Index {
    /// The index of a whole plan.
    pub(super) fn new(plan: &Plan) -> Self {
        let n_links = plan.links().len();
        let mut index = Self { loads: Loads::with_capacity(n_links), ..Self::default() };
        index.carrying.reserve(n_links);
        for (name, device) in plan.devices() {
            index.register_device(name, device);
        }
        for (name, instance) in plan.instances() {
            let placed = Placed::new(plan, name, instance, &mut index.numbers, &mut index.tables);
            index.register_instance(name, placed);
        }
        for cable in plan.cables() {
            index.register_cable(cable);
        }
        for (id, chart) in plan.charts() {
            index.register_chart(*id, chart);
        }
        for port in plan.constants().keys() {
            drop(index.count_constant(port, true));
        }
        let Self { placed, loads, carrying, graph, .. } = &mut index;
        let mut consumer = None;
        for (key, link) in plan.links() {
            let provider = End::new(placed, &link.provider);
            let end = *consumer.insert(End::after(consumer, placed, &key.consumer));
            loads.insert(key, link, &provider, &end);
            if carries(link, &provider, &end) {
                carrying.insert(key.clone(), link.qos.value_ms);
            }
            graph.insert(key, &link.provider);
        }
        index.loops = Loops::new(&index.graph);
        index
    }

    /// What a device has to bear.
    pub(super) fn load_of(&self, device: &str) -> &Load {
        self.loads.of(device, &self.numbers)
    }

    /// What devices would have to bear with one more link, drawn `instead` of another or not.
    pub(super) fn loads_with<'a>(
        &'a self,
        key: &LinkKey,
        link: &Link,
        instead: Option<&LinkKey>,
    ) -> impl Iterator<Item = (&'a Name, Load)> {
        let ends = [&self.end(&link.provider), &self.end(&key.consumer)];
        let loads = self.loads.with(key, link, ends, instead);
        loads.into_iter().filter_map(|(device, load)| Some((self.numbers.name(device)?, load)))
    }

    /// Whether an input is known to be fed, by a link between ports that exist or by a constant.
    pub(super) fn is_fed(&self, port: &PortRef) -> bool {
        self.loads.is_fed(port)
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

    /// [`end`](Self::end), after another one that is often of the same instance.
    pub(super) fn end_after<'a>(&'a self, last: Option<End<'a>>, port: &'a PortRef) -> End<'a> {
        End::after(last, &self.placed, port)
    }

    pub(super) fn instances_on(&self, device: &Name) -> impl Iterator<Item = &Name> + use<'_> {
        self.on_device.of(device)
    }

    /// [`instances_on`](Self::instances_on) as a set.
    pub(super) fn all_on(&self, device: &Name) -> Option<&BTreeSet<Name>> {
        self.on_device.group(device)
    }

    /// Devices on PROFIBUS that name this one as their proxy.
    pub(super) fn behind(&self, proxy: &Name) -> impl Iterator<Item = &Name> + use<'_> {
        self.behind.of(proxy)
    }

    pub(super) fn with_ip(&self, ip: Ipv4Addr) -> Option<&BTreeSet<Name>> {
        self.by_ip.group(&ip)
    }

    pub(super) fn with_station_name(&self, name: &Name) -> Option<&BTreeSet<Name>> {
        self.by_station.group(name)
    }

    pub(super) fn in_slot(&self, slot: &Slot) -> Option<&BTreeSet<Name>> {
        self.by_slot.group(slot)
    }

    /// Instances of exactly this component version.
    pub(super) fn instances_of(&self, key: &ComponentKey) -> impl Iterator<Item = &Name> + use<'_> {
        self.by_component.of(key)
    }

    /// Instances of this component in any version.
    pub(super) fn of_any_version(&self, id: &Name) -> Option<&BTreeSet<Name>> {
        self.by_component_id.group(id)
    }

    /// The interval in milliseconds at which a link carries values; `None` for one that carries none.
    pub(super) fn carries_each_ms(&self, link: &LinkKey) -> Option<u16> {
        self.carrying.get(link).copied()
    }

    /// Brings a device up to date.
    pub(super) fn set_device(&mut self, name: &Name, device: Option<&Arc<Device>>, dirty: &mut Dirty) {
        if let Some(old) = self.devices.remove(name) {
            self.unregister_device(name, &old);
            self.around_device(&old, dirty);
        }
        if let Some(device) = device {
            self.around_device(device, dirty);
            self.register_device(name, device);
        }
        dirty.devices.insert(name.clone());
        dirty.devices.extend(self.behind.of(name).cloned());
    }

    /// What a device has an effect on: others with its addresses and names, its proxy, and what else is behind that.
    fn around_device(&self, device: &Device, dirty: &mut Dirty) {
        match &device.attachment {
            Attachment::Ethernet(address) => {
                dirty.devices.extend(address.ip.iter().flat_map(|ip| self.by_ip.of(ip)).cloned());
                dirty.devices.extend(self.by_station.of(&address.name_of_station).cloned());
                dirty.devices.extend(self.by_proposed_name.of(&address.name_of_station).cloned());
            }
            Attachment::Profibus(address) => {
                if let Some(proxy) = &address.proxy {
                    dirty.devices.insert(proxy.clone());
                    // A slave without free address asks for one: all on the line depend on each other.
                    dirty.devices.extend(self.behind.of(proxy).cloned());
                }
            }
        }
    }

    fn register_device(&mut self, name: &Name, device: &Arc<Device>) {
        match &device.attachment {
            Attachment::Ethernet(address) => {
                if let Some(ip) = address.ip {
                    self.by_ip.insert(ip, name);
                }
                if !address.name_of_station.is_empty() {
                    self.by_station.insert(address.name_of_station.clone(), name);
                }
                if let Some(proposed) = proposed_name(name, &address.name_of_station) {
                    self.by_proposed_name.insert(proposed, name);
                }
            }
            Attachment::Profibus(address) => {
                if let Some(proxy) = &address.proxy {
                    self.behind.insert(proxy.clone(), name);
                    if let Some(number) = address.address {
                        self.by_slot.insert((proxy.clone(), address.system_id, number), name);
                    }
                }
            }
        }
        self.devices.insert(name.clone(), device.clone());
    }

    fn unregister_device(&mut self, name: &Name, device: &Device) {
        match &device.attachment {
            Attachment::Ethernet(address) => {
                if let Some(ip) = address.ip {
                    self.by_ip.remove(&ip, name);
                }
                self.by_station.remove(&address.name_of_station, name);
                if let Some(proposed) = proposed_name(name, &address.name_of_station) {
                    self.by_proposed_name.remove(&proposed, name);
                }
            }
            Attachment::Profibus(address) => {
                if let Some(proxy) = &address.proxy {
                    self.behind.remove(proxy, name);
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
            self.by_component.remove(&old.instance.component, name);
            self.by_component_id.remove(&old.instance.component.id, name);
            self.around_instance(&old, dirty);
        }
        if let Some(instance) = plan.instances().get(name) {
            let placed = Placed::new(plan, name, instance, &mut self.numbers, &mut self.tables);
            self.around_instance(&placed, dirty);
            self.register_instance(name, placed);
        }
        dirty.instances.insert(name.clone());
    }

    fn register_instance(&mut self, name: &Name, placed: Placed) {
        self.on_device.insert(placed.instance.device.clone(), name);
        self.by_component.insert(placed.instance.component.clone(), name);
        self.by_component_id.insert(placed.instance.component.id.clone(), name);
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
            dirty.instances.extend(self.by_component_id.of(&placed.instance.component.id).cloned());
        }
    }

    fn count_link(&mut self, key: &LinkKey, link: &Link) {
        let provider = End::new(&self.placed, &link.provider);
        let consumer = End::new(&self.placed, &key.consumer);
        self.loads.insert(key, link, &provider, &consumer);
        if carries(link, &provider, &consumer) {
            self.carrying.insert(key.clone(), link.qos.value_ms);
        }
    }

    fn count_constant(&mut self, port: &PortRef, is_there: bool) -> impl Iterator<Item = Number> + use<> {
        let end = is_there.then(|| End::new(&self.placed, port));
        self.loads.set_constant(port, end.as_ref())
    }

    /// Follows what a link asks of devices: from what it was to what it is, `None` for a link that is no more.
    pub(super) fn set_link_load(&mut self, key: &LinkKey, link: Option<&Link>, dirty: &mut Dirty) {
        let bore: Vec<Number> = self.loads.remove(key).collect();
        self.carrying.remove(key);
        if let Some(link) = link {
            self.count_link(key, link);
        }
        let bearers = bore.into_iter().chain(self.loads.bearers(key));
        dirty.devices.extend(bearers.filter_map(|number| self.numbers.name(number)).cloned());
    }

    /// Follows what a constant asks of devices.
    pub(super) fn set_constant_load(&mut self, port: &PortRef, is_there: bool, dirty: &mut Dirty) {
        let keepers = self.count_constant(port, is_there);
        dirty.devices.extend(keepers.filter_map(|number| self.numbers.name(number)).cloned());
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
        if is_there {
            self.register_cable(cable);
        }
        for device in [&cable.a.device, &cable.b.device] {
            let Some(cables) = self.cables.get_mut(device) else { continue };
            if !is_there {
                cables.remove(cable);
            }
            dirty.cables.extend(cables.iter().cloned());
            if cables.is_empty() {
                self.cables.remove(device);
            }
        }
        dirty.cables.insert(cable.clone());
    }

    fn register_cable(&mut self, cable: &Cable) {
        for device in [&cable.a.device, &cable.b.device] {
            self.cables.entry(device.clone()).or_default().insert(cable.clone());
        }
    }

    /// Brings a chart up to date.
    pub(super) fn set_chart(&mut self, id: ChartId, old: Option<&Chart>, new: Option<&Chart>, dirty: &mut Dirty) {
        if let Some(place) = old.and_then(place_of)
            && let Some(charts) = self.siblings.get_mut(&place)
        {
            charts.remove(&id);
            dirty.charts.extend(charts.iter().copied());
            if charts.is_empty() {
                self.siblings.remove(&place);
            }
        }
        if let Some(chart) = new {
            self.register_chart(id, chart);
            dirty.charts.extend(place_of(chart).and_then(|place| self.siblings.get(&place)).into_iter().flatten());
        }
        dirty.charts.insert(id);
        dirty.charts.extend(self.inside_chart(id));
    }

    /// All charts inside of one, however deep: they stand or fall with it.
    fn inside_chart(&self, id: ChartId) -> BTreeSet<ChartId> {
        let mut inside = BTreeSet::new();
        let mut open = vec![id];
        while let Some(parent) = open.pop() {
            let children = self.siblings.range((parent, Name::default())..).take_while(|((of, _), _)| *of == parent);
            open.extend(children.flat_map(|(_, charts)| charts).copied().filter(|child| inside.insert(*child)));
        }
        inside
    }

    fn register_chart(&mut self, id: ChartId, chart: &Chart) {
        if let Some(place) = place_of(chart) {
            self.siblings.entry(place).or_default().insert(id);
        }
    }
}

/// Whether values go over a link: not over passive ones, nor over those that lead nowhere.
fn carries(link: &Link, provider: &End, consumer: &End) -> bool {
    link.active && provider.missing().is_none() && consumer.missing().is_none()
}

/// What must be different for charts beside each other.
fn place_of(chart: &Chart) -> Option<(ChartId, Name)> {
    Some((chart.parent?, chart.name.clone()))
}

/// The name that a fix would give a device; `None` when its name is right or nothing can be made of it.
pub(super) fn proposed_name(device: &Name, name_of_station: &Name) -> Option<Name> {
    let wrong = name_of_station.is_empty() || check_station_name(name_of_station).is_err();
    let from = if name_of_station.is_empty() { device } else { name_of_station };
    wrong.then(|| to_station_name(from)).flatten().map(Name::from)
}
