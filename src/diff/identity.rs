//! Who in the new plan is who in the old one.
//!
//! The same name is the same thing. Of the rest, an old and a new one are taken for the same when something tells so and
//! nobody else fits as well, on either side:
//!
//! * a device: its address (IP, else name of station, else PROFIBUS place), or the instances that run on it;
//! * an instance: its component with its links, with its device, or both;
//! * a chart: what stands on it.
//!
//! One finding can make the next one clear (a renamed device tells its instance), so this goes on until nothing is added.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Attachment, ChartId, ComponentKey, Device, FunctionRef, LinkKey, Name, Plan, PortRef, ROOT_CHART};

/// Old names and numbers with the new ones; what is missing here was removed.
pub(super) struct Identity {
    pub instances: BTreeMap<Name, Name>,
    pub devices: BTreeMap<Name, Name>,
    pub charts: BTreeMap<ChartId, ChartId>,
}

/// Renames found in one round tell those of the next; a plan in which that goes further was renamed on purpose to be unclear.
const MOST_ROUNDS: usize = 20;

impl Identity {
    pub fn of(old: &Plan, new: &Plan) -> Self {
        let same = |olds: Vec<&Name>, has: &dyn Fn(&Name) -> bool| {
            olds.into_iter().filter(|name| has(name)).map(|name| (name.clone(), name.clone())).collect()
        };
        let mut identity = Self {
            instances: same(old.instances().keys().collect(), &|name| new.instances().contains_key(name)),
            devices: same(old.devices().keys().collect(), &|name| new.devices().contains_key(name)),
            charts: BTreeMap::new(),
        };
        let mentioned = Mentioned::in_plan(old);
        for _ in 0..MOST_ROUNDS {
            let found = identity.find_devices(old, new, &mentioned) + identity.find_instances(old, new, &mentioned);
            if found == 0 {
                break;
            }
        }
        identity.find_charts(old, new);
        identity
    }

    /// What an old instance is called now.
    pub fn instance<'a>(&'a self, old: &'a Name) -> &'a Name {
        self.instances.get(old).unwrap_or(old)
    }

    /// What an old device is called now.
    pub fn device<'a>(&'a self, old: &'a Name) -> &'a Name {
        self.devices.get(old).unwrap_or(old)
    }

    /// What an old port is called now.
    pub fn port(&self, old: &PortRef) -> PortRef {
        match self.instances.get(&old.instance) {
            Some(new) if *new != old.instance => old.in_instance(new.clone()),
            _ => old.clone(),
        }
    }

    /// What an old link is called now.
    pub fn link(&self, old: &LinkKey) -> LinkKey {
        LinkKey { consumer: self.port(&old.consumer), nth: old.nth }
    }

    /// What an old function is called now.
    pub fn function(&self, old: &FunctionRef) -> FunctionRef {
        FunctionRef { instance: self.instance(&old.instance).clone(), ..old.clone() }
    }

    fn find_devices(&mut self, old: &Plan, new: &Plan, mentioned: &Mentioned) -> usize {
        let olds: Vec<_> = old.devices().iter().filter(|(name, _)| !self.devices.contains_key(*name)).collect();
        if olds.is_empty() {
            return 0;
        }
        let taken: BTreeSet<&Name> = self.devices.values().collect();
        let free = |name: &Name| !taken.contains(name) && !mentioned.devices.contains(name);
        let news: Vec<_> = new.devices().iter().filter(|(name, _)| free(name)).collect();
        let mut found = Pairs::default();
        found.take(
            olds.iter().map(|(name, device)| (*name, address(device, |proxy| self.devices.get(proxy).cloned()))),
            news.iter().map(|(name, device)| (*name, address(device, |proxy| Some(proxy.clone())))),
        );
        // Instances on each, by their new names; unknown ones tell nothing.
        let mut on_old: BTreeMap<&Name, BTreeSet<&Name>> = BTreeMap::new();
        for (name, instance) in old.instances() {
            if let Some(name) = self.instances.get(name) {
                on_old.entry(&instance.device).or_default().insert(name);
            }
        }
        let mut on_new: BTreeMap<&Name, BTreeSet<&Name>> = BTreeMap::new();
        for (name, instance) in new.instances() {
            on_new.entry(&instance.device).or_default().insert(name);
        }
        found.take(
            olds.iter().map(|(name, _)| (*name, on_old.get(name).cloned())),
            news.iter().map(|(name, _)| (*name, on_new.get(name).cloned())),
        );
        let found = found.0;
        self.devices.extend(found.iter().cloned());
        found.len()
    }

    fn find_instances(&mut self, old: &Plan, new: &Plan, mentioned: &Mentioned) -> usize {
        let olds: Vec<&Name> = old.instances().keys().filter(|name| !self.instances.contains_key(*name)).collect();
        if olds.is_empty() {
            return 0;
        }
        let taken: BTreeSet<&Name> = self.instances.values().collect();
        let free = |name: &&Name| !taken.contains(*name) && !mentioned.instances.contains(*name);
        let news: Vec<&Name> = new.instances().keys().filter(free).collect();
        let renamed = |name: &Name| self.instances.get(name).cloned();
        let device = |name: &Name| self.devices.get(name).cloned();
        let olds: Vec<_> = olds.into_iter().map(|name| (name, Traits::of(old, name, renamed, device))).collect();
        let known = |name: &Name| taken.contains(name).then(|| name.clone());
        let same = |name: &Name| Some(name.clone());
        let news: Vec<_> = news.into_iter().map(|name| (name, Traits::of(new, name, known, same))).collect();
        let mut found = Pairs::default();
        for telling in [Traits::by_links_and_device, Traits::by_links, Traits::by_device] {
            found.take(
                olds.iter().map(|(name, traits)| (*name, telling(traits))),
                news.iter().map(|(name, traits)| (*name, telling(traits))),
            );
        }
        let found = found.0;
        self.instances.extend(found.iter().cloned());
        found.len()
    }

    fn find_charts(&mut self, old: &Plan, new: &Plan) {
        self.charts.insert(ROOT_CHART, ROOT_CHART);
        let old_standing = Standing::on_charts(old, |name| self.instance(name).clone());
        let new_standing = Standing::on_charts(new, Name::clone);
        loop {
            let before = self.charts.len();
            self.find_charts_by_name(old, new);
            let taken: BTreeSet<ChartId> = self.charts.values().copied().collect();
            let olds = old.charts().keys().filter(|chart| !self.charts.contains_key(*chart));
            let news = new.charts().keys().filter(|chart| !taken.contains(*chart));
            let mut found = Pairs::default();
            found.take(
                olds.map(|chart| (chart, old_standing.get(chart))),
                news.map(|chart| (chart, new_standing.get(chart))),
            );
            self.charts.extend(found.0);
            if self.charts.len() == before {
                return;
            }
        }
    }

    /// Charts of one name in charts that are the same, from the top down.
    fn find_charts_by_name(&mut self, old: &Plan, new: &Plan) {
        let taken: BTreeSet<ChartId> = self.charts.values().copied().collect();
        let children: BTreeMap<(ChartId, &Name), ChartId> = new
            .charts()
            .iter()
            .filter(|(id, _)| !taken.contains(*id))
            .filter_map(|(id, chart)| Some(((chart.parent?, &chart.name), *id)))
            .collect();
        let mut by_parent: BTreeMap<ChartId, Vec<(ChartId, &Name)>> = BTreeMap::new();
        for (id, chart) in old.charts().iter().filter(|(id, _)| !self.charts.contains_key(*id)) {
            if let Some(parent) = chart.parent {
                by_parent.entry(parent).or_default().push((*id, &chart.name));
            }
        }
        let mut open: Vec<(ChartId, ChartId)> = self.charts.iter().map(|(old, new)| (*old, *new)).collect();
        while let Some((old_parent, new_parent)) = open.pop() {
            for (id, name) in by_parent.remove(&old_parent).unwrap_or_default() {
                if let Some(new_id) = children.get(&(new_parent, name)) {
                    self.charts.insert(id, *new_id);
                    open.push((id, *new_id));
                }
            }
        }
    }
}

/// Names that stand somewhere in a plan, whether they lead anywhere or not. An old plan that speaks of a thing it does not have
/// would speak of the renamed one, once renamed; such a rename is not clear.
struct Mentioned {
    instances: BTreeSet<Name>,
    devices: BTreeSet<Name>,
}

impl Mentioned {
    fn in_plan(plan: &Plan) -> Self {
        let mut instances = BTreeSet::new();
        for (key, link) in plan.links() {
            instances.extend([key.consumer.instance.clone(), link.provider.instance.clone()]);
        }
        instances.extend(plan.constants().keys().map(|port| port.instance.clone()));
        for target in plan.targets() {
            instances.extend([target.from.instance.clone(), target.to.instance.clone()]);
        }
        let mut devices: BTreeSet<Name> = plan.instances().values().map(|instance| instance.device.clone()).collect();
        devices.extend(plan.devices().values().filter_map(|device| device.profibus_address()?.proxy.clone()));
        devices.extend(plan.cables().iter().flat_map(|cable| [cable.a.device.clone(), cable.b.device.clone()]));
        Self { instances, devices }
    }
}

/// The names of a port inside its instance.
type Inside = (Name, Name, Name);

fn inside(port: &PortRef) -> Inside {
    (port.ldev.clone(), port.rtauto.clone(), port.port.clone())
}

/// The other end of a link.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Partner {
    Itself,
    /// By its new name.
    Known(Name),
    /// Somebody of this component, not known yet.
    Of(Option<ComponentKey>),
}

/// A link as seen from an instance.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Plug {
    own: Inside,
    consumes: bool,
    partner: Partner,
    other: Inside,
}

/// What tells an instance from others but its name.
struct Traits<'a> {
    component: Option<&'a ComponentKey>,
    /// Sorted; none at all tell nothing.
    plugs: Vec<Plug>,
    /// Its device by the new name, once known.
    device: Option<Name>,
}

/// Component, links, device: those that are looked at.
type Telling<'t> = (&'t ComponentKey, Option<&'t [Plug]>, Option<&'t Name>);

impl<'a> Traits<'a> {
    /// Of an instance in `plan`; `known` and `device` give the new names of instances and devices.
    fn of(
        plan: &'a Plan,
        name: &Name,
        known: impl Fn(&Name) -> Option<Name>,
        device: impl Fn(&Name) -> Option<Name>,
    ) -> Self {
        let plug = |own: &PortRef, consumes, other: &PortRef| {
            let partner = if other.instance == *name {
                Partner::Itself
            } else if let Some(name) = known(&other.instance) {
                Partner::Known(name)
            } else {
                Partner::Of(plan.instances().get(&other.instance).map(|instance| instance.component.clone()))
            };
            Plug { own: inside(own), consumes, partner, other: inside(other) }
        };
        let consumed = plan.links_into(name).map(|(key, link)| plug(&key.consumer, true, &link.provider));
        let provided = plan.links_out_of(name).map(|(key, link)| plug(&link.provider, false, &key.consumer));
        let mut plugs: Vec<Plug> = consumed.chain(provided).collect();
        plugs.sort();
        let instance = plan.instances().get(name);
        Self {
            component: instance.map(|instance| &instance.component),
            plugs,
            device: instance.and_then(|instance| device(&instance.device)),
        }
    }

    fn by_links_and_device(&self) -> Option<Telling<'_>> {
        let (component, links, _) = self.by_links()?;
        Some((component, links, Some(self.device.as_ref()?)))
    }

    fn by_links(&self) -> Option<Telling<'_>> {
        (!self.plugs.is_empty()).then_some((self.component?, Some(self.plugs.as_slice()), None))
    }

    fn by_device(&self) -> Option<Telling<'_>> {
        Some((self.component?, None, Some(self.device.as_ref()?)))
    }
}

/// What tells a device from others but its name.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Address {
    Ip(std::net::Ipv4Addr),
    Station(Name),
    Profibus(Name, u8, u8),
}

fn address(device: &Device, proxy: impl Fn(&Name) -> Option<Name>) -> Option<Address> {
    match &device.attachment {
        Attachment::Ethernet(address) => match address.ip {
            Some(ip) => Some(Address::Ip(ip)),
            None => {
                Some(Address::Station(address.name_of_station.clone())).filter(|_| !address.name_of_station.is_empty())
            }
        },
        Attachment::Profibus(address) => {
            Some(Address::Profibus(proxy(address.proxy.as_ref()?)?, address.system_id, address.address?))
        }
    }
}

/// What stands directly on a chart.
#[derive(PartialEq, Eq, PartialOrd, Ord, Default)]
struct Standing {
    functions: BTreeSet<FunctionRef>,
    charts: BTreeSet<Name>,
}

impl Standing {
    /// Of each chart on which something stands.
    fn on_charts(plan: &Plan, called: impl Fn(&Name) -> Name) -> BTreeMap<ChartId, Self> {
        let mut standing: BTreeMap<ChartId, Self> = BTreeMap::new();
        for (name, instance) in plan.instances() {
            for ((ldev, rtauto), place) in &instance.functions {
                let function = FunctionRef { instance: called(name), ldev: ldev.clone(), rtauto: rtauto.clone() };
                standing.entry(place.chart).or_default().functions.insert(function);
            }
        }
        for chart in plan.charts().values() {
            if let Some(parent) = chart.parent {
                standing.entry(parent).or_default().charts.insert(chart.name.clone());
            }
        }
        standing
    }
}

/// Who was found to be who.
struct Pairs<T>(Vec<(T, T)>);

impl<T> Default for Pairs<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Ord + Clone> Pairs<T> {
    /// Takes those with the same traits, when there is one of them on each side and neither was taken before.
    fn take<'a, K: Ord>(
        &mut self,
        olds: impl Iterator<Item = (&'a T, Option<K>)>,
        news: impl Iterator<Item = (&'a T, Option<K>)>,
    ) where
        T: 'a,
    {
        let mut by_traits: BTreeMap<K, (Vec<&T>, Vec<&T>)> = BTreeMap::new();
        let (old_taken, new_taken): (BTreeSet<T>, BTreeSet<T>) = self.0.iter().cloned().unzip();
        for (old, traits) in olds.filter(|(old, _)| !old_taken.contains(*old)) {
            if let Some(traits) = traits {
                by_traits.entry(traits).or_default().0.push(old);
            }
        }
        for (new, traits) in news.filter(|(new, _)| !new_taken.contains(*new)) {
            if let Some(traits) = traits {
                by_traits.entry(traits).or_default().1.push(new);
            }
        }
        for (olds, news) in by_traits.into_values() {
            if let ([old], [new]) = (olds.as_slice(), news.as_slice()) {
                self.0.push(((*old).clone(), (*new).clone()));
            }
        }
    }
}
