//! The engine: which things to look at, and the findings of each.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use petgraph::stable_graph::NodeIndex;

use super::Finding;
use super::context::{
    CableView, ChartView, ComponentView, ConstantView, Context, DeviceView, InstanceView, LibraryFacts, LinkView,
    LoopView, Placed, SubnetView, TargetView,
};
use super::index::{Dirty, Index};
use super::loops::{EdgeChange, shortest_cycle};
use super::reaction::{self, Chain};
use super::rule::{On, Report, rules};
use crate::model::{
    Cable, ChartId, ComponentKey, FunctionRef, Link, LinkKey, Name, Plan, PortRef, ReactionTarget, Touched,
};

/// Runs all rules of one kind over a view.
macro_rules! run {
    ($checker:expr, $out:expr, $kind:ident, $view:expr) => {{
        let view = $view;
        for rule in rules() {
            for on in rule.on {
                if let On::$kind(check) = on {
                    check(&view, &mut Report { plan: &$checker.plan, rule, findings: $out });
                }
            }
        }
    }};
}

/// A thing that rules look at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Unit {
    Link(LinkKey),
    Constant(PortRef),
    Instance(Name),
    Device(Name),
    Component(ComponentKey),
    Subnet(Name),
    Cable(Cable),
    Target(ReactionTarget),
    Chart(ChartId),
    Loop(FunctionRef),
}

/// The findings of a plan, kept up to date edit by edit.
#[derive(Debug, Clone)]
pub struct Checker {
    plan: Plan,
    library: LibraryFacts,
    index: Index,
    by_unit: HashMap<Unit, Vec<Arc<Finding>>>,
    sorted: BTreeSet<(Arc<Finding>, Unit)>,
}

impl Checker {
    /// Checks a whole plan.
    pub fn new(plan: Plan, library: LibraryFacts) -> Self {
        let index = Index::new(&plan);
        let mut checker = Self { plan, library, index, by_unit: HashMap::new(), sorted: BTreeSet::new() };
        let plan = checker.plan.clone();
        let mut found = Vec::new();
        for (key, link) in plan.links() {
            checker.look(Unit::Link(key.clone()), &mut found, |checker, out| checker.check_link(key, link, out));
        }
        let rest = Dirty {
            constants: plan.constants().keys().cloned().collect(),
            instances: plan.instances().keys().cloned().collect(),
            devices: plan.devices().keys().cloned().collect(),
            components: plan.components().keys().cloned().collect(),
            subnets: plan.subnets().keys().cloned().collect(),
            cables: plan.cables().iter().cloned().collect(),
            targets: plan.targets().iter().cloned().collect(),
            charts: plan.charts().keys().copied().collect(),
            loops: checker.index.loops.keys().cloned().collect(),
            ..Dirty::default()
        };
        checker.look_again(rest, &mut found);
        checker.sorted = found.into_iter().collect();
        checker
    }

    /// The plan as last checked.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// All findings, the most severe first, then by code and subject.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> + Clone {
        self.sorted.iter().map(|(finding, _)| &**finding)
    }

    /// Follows the plan after an edit. `touched` names what differs from the plan as last checked, at least
    /// ([`Touched::between`]); the cost is that of what the edit can have an effect on.
    pub fn update(&mut self, plan: &Plan, touched: &Touched) {
        let old = std::mem::replace(&mut self.plan, plan.clone());
        let mut dirty = self.follow(&old, touched);
        dirty.links.extend(touched.links.iter().cloned());
        dirty.constants.extend(touched.constants.iter().cloned());
        dirty.components.extend(touched.components.iter().cloned());
        dirty.subnets.extend(touched.subnets.iter().cloned());
        dirty.targets.extend(touched.targets.iter().cloned());
        self.follow_neighbours(touched, &mut dirty);
        if touched.project {
            // The project's name stands in the places of findings on charts.
            dirty.charts.extend(plan.charts().keys().copied());
        }
        let mut found = Vec::new();
        self.look_again(dirty, &mut found);
        self.sorted.extend(found);
    }

    /// Brings the index up to date and tells what its neighbourhood is.
    fn follow(&mut self, old: &Plan, touched: &Touched) -> Dirty {
        let plan = &self.plan;
        let index = &mut self.index;
        let mut dirty = Dirty::default();
        // Instances to look up again: touched ones, and those whose component, device or proxy was touched.
        let mut instances = touched.instances.clone();
        for key in &touched.components {
            instances.extend(index.instances_of(key).cloned());
        }
        for device in &touched.devices {
            index.set_device(device, plan.devices().get(device), &mut dirty);
            let slaves = index.behind(device);
            for runs_on in slaves.chain([device]) {
                instances.extend(index.instances_on(runs_on).cloned());
            }
        }
        let mut links = touched.links.clone();
        for name in &instances {
            let placed = plan.instances().get(name).map(|instance| Placed::new(plan, instance));
            index.set_instance(name, placed, &mut dirty);
            links.extend(plan.links_into(name).chain(plan.links_out_of(name)).map(|(key, _)| key.clone()));
            dirty.constants.extend(plan.constants_of(name).map(|(port, _)| port.clone()));
        }
        let mut edges = Vec::new();
        let mut functions: BTreeSet<FunctionRef> = BTreeSet::new();
        for key in &links {
            let (before, after) = (old.links().get(key), plan.links().get(key));
            if let Some(link) = before
                && let Some((from, to)) = index.remove_link(key, &link.provider, &mut dirty)
            {
                edges.push(EdgeChange { from, to, added: false });
            }
            if let Some(link) = after {
                if let Some((from, to)) = index.insert_link(key, link) {
                    edges.push(EdgeChange { from, to, added: true });
                }
                dirty.devices.extend(index.loads.bearers(key).cloned());
            }
            functions.extend(before.into_iter().chain(after).map(|link| link.provider.function()));
            functions.insert(key.consumer.function());
        }
        drop_round_trips(&mut edges);
        index.loops.update(&index.graph, &edges, &mut dirty.loops);
        // A loop names its functions in words that depend on their components.
        for node in functions.iter().filter_map(|function| index.graph.node(function)) {
            dirty.loops.extend(index.loops.of(node).cloned());
        }
        let searched = index.searched.iter().filter(|(_, searched)| {
            functions.iter().any(|function| searched.contains(function))
                || searched.iter().any(|function| instances.contains(&function.instance))
        });
        dirty.targets.extend(searched.map(|(target, _)| target.clone()));
        // Findings on what feeds the same input name this link's provider.
        for consumer in links.iter().map(|key| &key.consumer) {
            dirty.links.extend(plan.links_to(consumer).map(|(key, _)| key.clone()));
            dirty.constants.insert(consumer.clone());
        }
        dirty.links.extend(links);
        dirty
    }

    /// What depends on a touched thing by name, without being in the index.
    fn follow_neighbours(&self, touched: &Touched, dirty: &mut Dirty) {
        let plan = &self.plan;
        for consumer in touched.links.iter().map(|key| &key.consumer).chain(&touched.constants) {
            dirty.links.extend(plan.links_to(consumer).map(|(key, _)| key.clone()));
            dirty.constants.insert(consumer.clone());
            dirty.instances.insert(consumer.instance.clone());
        }
        if !touched.components.is_empty() {
            let ids: BTreeSet<&Name> = touched.components.iter().map(|key| &key.id).collect();
            dirty.instances.extend(ids.iter().flat_map(|id| self.index.instances_of_any_version(id)).cloned());
            dirty.components.extend(plan.components().keys().filter(|key| ids.contains(&key.id)).cloned());
        }
        if !touched.subnets.is_empty() {
            dirty.subnets.extend(plan.subnets().keys().cloned());
            let on_subnet = plan.devices().iter().filter(|(_, device)| {
                let subnet = device.ethernet_address().and_then(|address| address.subnet.as_ref());
                subnet.is_some_and(|subnet| touched.subnets.contains(subnet))
            });
            dirty.devices.extend(on_subnet.map(|(name, _)| name.clone()));
        }
        let near = |cable: &Cable| {
            [&cable.a, &cable.b].into_iter().any(|end| {
                dirty.devices.contains(&end.device)
                    || touched.cables.iter().any(|touched| touched.a == *end || touched.b == *end)
            })
        };
        let cables: Vec<Cable> = plan.cables().iter().filter(|cable| near(cable)).cloned().collect();
        dirty.cables.extend(cables);
        dirty.cables.extend(touched.cables.iter().cloned());
        if !touched.charts.is_empty() {
            // Names are compared among siblings, and paths go through parents: charts are few, look at all.
            dirty.charts.extend(plan.charts().keys().chain(&touched.charts).copied());
            let on_chart = plan.instances().iter().filter(|(_, instance)| {
                instance.functions.values().any(|placement| touched.charts.contains(&placement.chart))
            });
            dirty.instances.extend(on_chart.map(|(name, _)| name.clone()));
        }
    }

    /// Looks at things again; those that are no more lose their findings.
    fn look_again(&mut self, dirty: Dirty, found: &mut Vec<(Arc<Finding>, Unit)>) {
        let plan = self.plan.clone();
        for key in dirty.links {
            let link = plan.links().get(&key);
            self.look(Unit::Link(key.clone()), found, |checker, out| {
                if let Some(link) = link {
                    checker.check_link(&key, link, out);
                }
            });
        }
        for port in dirty.constants {
            self.look(Unit::Constant(port.clone()), found, |checker, out| checker.check_constant(&port, out));
        }
        for name in dirty.instances {
            self.look(Unit::Instance(name.clone()), found, |checker, out| checker.check_instance(&name, out));
        }
        for name in dirty.devices {
            self.look(Unit::Device(name.clone()), found, |checker, out| checker.check_device(&name, out));
        }
        for key in dirty.components {
            self.look(Unit::Component(key.clone()), found, |checker, out| checker.check_component(&key, out));
        }
        for name in dirty.subnets {
            self.look(Unit::Subnet(name.clone()), found, |checker, out| checker.check_subnet(&name, out));
        }
        for cable in dirty.cables {
            self.look(Unit::Cable(cable.clone()), found, |checker, out| checker.check_cable(&cable, out));
        }
        for target in dirty.targets {
            let chain = self.search(&target);
            self.look(Unit::Target(target.clone()), found, |checker, out| {
                if let Some(chain) = chain {
                    let view = TargetView { cx: checker.context(), target: &target, chain: chain.as_ref() };
                    run!(checker, out, Target, view);
                }
            });
        }
        for id in dirty.charts {
            self.look(Unit::Chart(id), found, |checker, out| checker.check_chart(id, out));
        }
        for first in dirty.loops {
            self.look(Unit::Loop(first.clone()), found, |checker, out| checker.check_loop(&first, out));
        }
    }

    /// Replaces the findings of one thing.
    fn look(
        &mut self,
        unit: Unit,
        found: &mut Vec<(Arc<Finding>, Unit)>,
        check: impl FnOnce(&Self, &mut Vec<Finding>),
    ) {
        for finding in self.by_unit.remove(&unit).unwrap_or_default() {
            self.sorted.remove(&(finding, unit.clone()));
        }
        let mut findings = Vec::new();
        check(self, &mut findings);
        if findings.is_empty() {
            return;
        }
        let findings: Vec<Arc<Finding>> = findings.into_iter().map(Arc::new).collect();
        found.extend(findings.iter().map(|finding| (finding.clone(), unit.clone())));
        self.by_unit.insert(unit, findings);
    }

    fn context(&self) -> Context<'_> {
        Context { plan: &self.plan, index: &self.index, library: &self.library }
    }

    fn check_link(&self, key: &LinkKey, link: &Link, out: &mut Vec<Finding>) {
        let cx = self.context();
        let view = LinkView { cx, key, link, provider: cx.end(&link.provider), consumer: cx.end(&key.consumer) };
        run!(self, out, Link, view);
    }

    fn check_constant(&self, port: &PortRef, out: &mut Vec<Finding>) {
        let Some(constant) = self.plan.constants().get(port) else { return };
        run!(self, out, Constant, ConstantView { port, constant, end: self.context().end(port) });
    }

    fn check_instance(&self, name: &Name, out: &mut Vec<Finding>) {
        let Some(placed) = self.index.placed(name) else { return };
        run!(self, out, Instance, InstanceView { cx: self.context(), name, placed });
    }

    fn check_device(&self, name: &Name, out: &mut Vec<Finding>) {
        let Some(device) = self.plan.devices().get(name) else { return };
        let load = self.index.loads.of(name);
        run!(self, out, Device, DeviceView { cx: self.context(), name, device, load });
    }

    fn check_component(&self, key: &ComponentKey, out: &mut Vec<Finding>) {
        let Some(component) = self.plan.components().get(key) else { return };
        run!(self, out, Component, ComponentView { cx: self.context(), component });
    }

    fn check_subnet(&self, name: &Name, out: &mut Vec<Finding>) {
        let Some(subnet) = self.plan.subnets().get(name) else { return };
        run!(self, out, Subnet, SubnetView { cx: self.context(), name, subnet });
    }

    fn check_cable(&self, cable: &Cable, out: &mut Vec<Finding>) {
        if self.plan.cables().contains(cable) {
            run!(self, out, Cable, CableView { cx: self.context(), cable });
        }
    }

    fn check_chart(&self, id: ChartId, out: &mut Vec<Finding>) {
        let Some(chart) = self.plan.charts().get(&id) else { return };
        run!(self, out, Chart, ChartView { cx: self.context(), id, chart });
    }

    fn check_loop(&self, first: &FunctionRef, out: &mut Vec<Finding>) {
        let Some(nodes) = self.index.loops.get(first) else { return };
        let cycle = shortest_cycle(&self.index.graph, first, nodes);
        run!(self, out, Loop, LoopView { cx: self.context(), nodes, cycle });
    }

    /// Searches the chain of a target and remembers where; `None` when the target is no more.
    fn search(&mut self, target: &ReactionTarget) -> Option<Option<Chain>> {
        if !self.plan.targets().contains(target) {
            self.index.searched.remove(target);
            return None;
        }
        let (chain, searched) = reaction::chain(&self.plan, &self.index, target);
        self.index.searched.insert(target.clone(), searched);
        Some(chain)
    }
}

/// Leaves of several changes to one pair of functions what came of them.
fn drop_round_trips(edges: &mut Vec<EdgeChange>) {
    let mut count: HashMap<(NodeIndex, NodeIndex), usize> = HashMap::new();
    for edge in edges.iter() {
        *count.entry((edge.from, edge.to)).or_default() += 1;
    }
    // Changes to a pair alternate: an even number of them leaves it as it was, of an odd number the last holds.
    edges.reverse();
    edges.retain(|edge| count.remove(&(edge.from, edge.to)).is_some_and(|count| count % 2 == 1));
}
