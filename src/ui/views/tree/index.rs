//! What stands in what: kept up to date edit by edit, so that showing the tree walks only what is open.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;

use crate::model::{Attachment, ChartId, Name, Plan, Touched};

/// Where a device is attached.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// In this Ethernet subnet, or in none.
    Subnet(Option<Name>),
    /// On this PROFIBUS line: the proxy, if one is named, and the number of its master system.
    Line(Option<Name>, u8),
}

/// Things by what they are in.
struct Grouped<G, T> {
    of: HashMap<T, G>,
    groups: BTreeMap<G, BTreeSet<T>>,
}

impl<G, T> Default for Grouped<G, T> {
    fn default() -> Self {
        Self { of: HashMap::new(), groups: BTreeMap::new() }
    }
}

impl<G: Ord + Clone, T: Ord + Hash + Clone> Grouped<G, T> {
    /// Puts a thing where it is now; `None` takes it out.
    fn set(&mut self, thing: &T, group: Option<G>) {
        let before = self.of.remove(thing);
        let members = before.as_ref().and_then(|before| self.groups.get_mut(before));
        let is_last = members.is_some_and(|members| members.remove(thing) && members.is_empty());
        if let Some(before) = before.filter(|_| is_last) {
            self.groups.remove(&before);
        }
        if let Some(group) = group {
            self.of.insert(thing.clone(), group.clone());
            self.groups.entry(group).or_default().insert(thing.clone());
        }
    }

    fn members<'a>(&'a self, group: &G) -> impl Iterator<Item = &'a T> + use<'a, G, T> {
        self.groups.get(group).into_iter().flatten()
    }

    fn n_members(&self, group: &G) -> usize {
        self.groups.get(group).map_or(0, BTreeSet::len)
    }
}

/// Charts and instances by the chart they stand in, devices by where they are attached.
#[derive(Default)]
pub struct Index {
    charts: Grouped<ChartId, ChartId>,
    instances: Grouped<Option<ChartId>, Name>,
    devices: Grouped<Group, Name>,
}

impl Index {
    /// Of a whole plan.
    pub fn new(plan: &Plan) -> Self {
        let mut index = Self::default();
        plan.charts().keys().for_each(|chart| index.set_chart(plan, *chart));
        plan.instances().keys().for_each(|name| index.set_instance(plan, name));
        plan.devices().keys().for_each(|name| index.set_device(plan, name));
        index
    }

    /// Follows an edit.
    pub fn follow(&mut self, plan: &Plan, touched: &Touched) {
        touched.charts.iter().for_each(|chart| self.set_chart(plan, *chart));
        touched.instances.iter().for_each(|name| self.set_instance(plan, name));
        touched.devices.iter().for_each(|name| self.set_device(plan, name));
    }

    fn set_chart(&mut self, plan: &Plan, chart: ChartId) {
        self.charts.set(&chart, plan.charts().get(&chart).and_then(|chart| chart.parent));
    }

    fn set_instance(&mut self, plan: &Plan, name: &Name) {
        self.instances.set(name, plan.instances().get(name).map(|instance| instance.home()));
    }

    fn set_device(&mut self, plan: &Plan, name: &Name) {
        let group = plan.devices().get(name).map(|device| match &device.attachment {
            Attachment::Ethernet(address) => Group::Subnet(address.subnet.clone()),
            Attachment::Profibus(address) => Group::Line(address.proxy.clone(), address.system_id),
        });
        self.devices.set(name, group);
    }

    /// Charts directly in a chart, by name.
    pub fn charts_in(&self, plan: &Plan, chart: ChartId) -> Vec<ChartId> {
        let mut charts: Vec<ChartId> = self.charts.members(&chart).copied().collect();
        charts.sort_by_key(|chart| plan.charts().get(chart).map(|chart| chart.name.clone()));
        charts
    }

    /// Instances at home on a chart, by name; those without a block for `None`.
    pub fn instances_in(&self, chart: Option<ChartId>) -> impl Iterator<Item = &Name> + use<'_> {
        self.instances.members(&chart)
    }

    /// How many stand directly in a chart.
    pub fn n_inside(&self, chart: ChartId) -> usize {
        self.charts.n_members(&chart) + self.instances.n_members(&Some(chart))
    }

    /// PROFIBUS lines that devices are on.
    pub fn lines(&self) -> impl Iterator<Item = &Group> {
        self.devices.groups.keys().filter(|group| matches!(group, Group::Line(..)))
    }

    /// Devices attached there, by name.
    pub fn devices_in<'a>(&'a self, group: &Group) -> impl Iterator<Item = &'a Name> + use<'a> {
        self.devices.members(group)
    }

    /// How many devices are attached there.
    pub fn n_devices(&self, group: &Group) -> usize {
        self.devices.n_members(group)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::{Document, Edit};
    use crate::model::{Point, ROOT_CHART, fixture};

    fn names<'a>(names: impl Iterator<Item = &'a Name>) -> Vec<&'a str> {
        names.map(Name::as_str).collect()
    }

    #[test]
    fn edits_are_followed() {
        let plan = fixture::plan("component P 1.0 { in x R4 }\nA: P at 0 0\nB: P at 300 0");
        let mut document = Document::new(plan);
        let mut index = Index::new(document.plan());
        assert_eq!(names(index.instances_in(Some(ROOT_CHART))), ["A", "B"]);
        let edits = [
            Edit::AddChart { name: "C".into(), parent: ROOT_CHART, at: Point::default() },
            Edit::RenameInstance { from: "A".into(), to: "Z".into() },
            Edit::Remove(vec!["B".into()]),
        ];
        for edit in edits {
            let applied = document.apply(&edit).unwrap();
            index.follow(document.plan(), &applied.touched);
        }
        assert_eq!(names(index.instances_in(Some(ROOT_CHART))), ["Z"]);
        let charts = index.charts_in(document.plan(), ROOT_CHART);
        assert_eq!((charts.len(), index.n_inside(ROOT_CHART)), (1, 2));
        let of_new = Index::new(document.plan());
        assert_eq!(of_new.charts_in(document.plan(), ROOT_CHART), charts);
        let none = Group::Subnet(None);
        assert_eq!(names(index.devices_in(&none)), names(of_new.devices_in(&none)));
        while let Some(applied) = document.undo() {
            index.follow(document.plan(), &applied.touched);
        }
        assert_eq!(names(index.instances_in(Some(ROOT_CHART))), ["A", "B"]);
        assert_eq!(index.n_inside(ROOT_CHART), 2);
    }
}
