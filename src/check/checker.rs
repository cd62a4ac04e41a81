//! The engine: which things to look at, and the findings of each.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZero;
use std::sync::Arc;
use std::thread;

use serde_json::Map;

use super::context::{
    CableView, ChartView, ComponentView, ConstantView, Context, DeviceView, End, InstanceView, LibraryFacts, LinkView,
    LoopView, SubnetView, TargetView,
};
use super::index::{Dirty, Index};
use super::limits::{self, Use};
use super::loops::shortest_cycle;
use super::reaction::{self, Chain};
use super::rule::{BY_KIND, Report, rules};
use super::{Finding, Severity, Subject};
use crate::model::{
    Cable, ChartId, ComponentKey, Constant, Device, FunctionRef, Link, LinkKey, Name, Phrase, Plan, PortRef,
    ReactionTarget, Touched,
};

/// Runs all rules of one kind over a view.
macro_rules! run {
    ($checker:expr, $out:expr, $kind:ident, $view:expr) => {{
        let view = $view;
        for (rule, check) in &BY_KIND.$kind {
            check(&view, &mut Report { plan: &$checker.plan, rule, findings: $out });
        }
    }};
}

/// A thing that rules look at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Unit {
    /// Before all others: where a search begins.
    First,
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

/// A finding, with what makes its place among all findings the same whatever was checked before.
#[derive(Debug, Clone)]
struct Found {
    finding: Arc<Finding>,
    unit: Unit,
    /// Which of the unit's findings it is.
    nth: usize,
}

impl Found {
    /// The worst first, then by code and subject; the rest is there to tell apart what is equal in these.
    fn order(&self) -> (Severity, &str, &Subject, &Unit, usize) {
        (self.finding.severity, self.finding.code, &self.finding.subject, &self.unit, self.nth)
    }
}

impl PartialEq for Found {
    fn eq(&self, other: &Self) -> bool {
        self.order() == other.order()
    }
}

impl Eq for Found {}

impl PartialOrd for Found {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Found {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.order().cmp(&other.order())
    }
}

/// One of several equal parts of whatever there is.
#[derive(Clone, Copy)]
struct Part {
    nth: usize,
    n_parts: usize,
}

impl Part {
    fn of<T>(self, items: &[T]) -> &[T] {
        let end = |nth: usize| items.len() * nth / self.n_parts;
        items.get(end(self.nth)..end(self.nth + 1)).unwrap_or_default()
    }
}

/// Below this number of links and instances a plan is checked on one thread.
const FEW: usize = 2_000;
/// More threads than this have nothing left to share.
const MOST_THREADS: usize = 8;

/// The findings of a plan, kept up to date edit by edit.
#[derive(Debug, Clone)]
pub struct Checker {
    plan: Plan,
    library: LibraryFacts,
    index: Index,
    by_unit: BTreeMap<Unit, Vec<Found>>,
    sorted: BTreeSet<Found>,
    n_errors: usize,
}

impl Checker {
    /// Checks a whole plan.
    pub fn new(plan: Plan, library: LibraryFacts) -> Self {
        let index = Index::new(&plan);
        let (by_unit, sorted) = (BTreeMap::new(), BTreeSet::new());
        let mut checker = Self { plan, library, index, by_unit, sorted, n_errors: 0 };
        let plan = checker.plan.clone();
        let few = plan.links().len() + plan.instances().len() < FEW;
        let n_parts = if few { 1 } else { thread::available_parallelism().map_or(1, NonZero::get).min(MOST_THREADS) };
        for (unit, found) in checker.first_look(n_parts) {
            checker.keep(unit, found);
        }
        checker.look_again(Dirty {
            components: plan.components().keys().cloned().collect(),
            subnets: plan.subnets().keys().cloned().collect(),
            targets: plan.targets().iter().cloned().collect(),
            charts: plan.charts().keys().copied().collect(),
            loops: checker.index.loops.keys().cloned().collect(),
            ..Dirty::default()
        });
        checker
    }

    /// What is found about the things that are many, on so many threads.
    fn first_look(&self, n_parts: usize) -> Vec<(Unit, Vec<Finding>)> {
        let plan = &self.plan;
        let links: Vec<_> = plan.links().iter().collect();
        let constants: Vec<_> = plan.constants().iter().collect();
        let instances: Vec<_> = plan.instances().keys().collect();
        let devices: Vec<_> = plan.devices().iter().collect();
        let cables: Vec<_> = plan.cables().iter().collect();
        let look = |part: Part| {
            let mut all = Vec::new();
            let mut found = Vec::new();
            let mut keep = |unit: &dyn Fn() -> Unit, found: &mut Vec<Finding>| {
                if !found.is_empty() {
                    all.push((unit(), std::mem::take(found)));
                }
            };
            let mut consumer = None;
            for (key, link) in part.of(&links) {
                let end = *consumer.insert(self.index.end_after(consumer, &key.consumer));
                self.check_link(key, link, end, &mut found);
                keep(&|| Unit::Link((*key).clone()), &mut found);
            }
            for (port, constant) in part.of(&constants) {
                self.check_constant(port, constant, &mut found);
                keep(&|| Unit::Constant((*port).clone()), &mut found);
            }
            for name in part.of(&instances) {
                self.check_instance(name, &mut found);
                keep(&|| Unit::Instance((*name).clone()), &mut found);
            }
            for (name, device) in part.of(&devices) {
                self.check_device(name, device, &mut found);
                keep(&|| Unit::Device((*name).clone()), &mut found);
            }
            for cable in part.of(&cables) {
                self.check_cable(cable, &mut found);
                keep(&|| Unit::Cable((*cable).clone()), &mut found);
            }
            all
        };
        thread::scope(|scope| {
            // This thread takes the last part.
            let others: Vec<_> =
                (1..n_parts).map(|nth| scope.spawn(move || look(Part { nth: nth - 1, n_parts }))).collect();
            let mut all = look(Part { nth: n_parts - 1, n_parts });
            for other in others {
                all.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            }
            all
        })
    }

    /// The plan as last checked.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// All findings, the most severe first, then by code and subject.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> + Clone {
        self.sorted.iter().map(|found| &*found.finding)
    }

    /// How many findings are errors.
    pub fn n_errors(&self) -> usize {
        self.n_errors
    }

    /// What a device can bear and what the plan asks of it: each limit that anybody states. Nothing for a device that is not in
    /// the plan.
    pub fn uses(&self, device: &Name) -> Vec<Use> {
        let Some((name, described)) = self.plan.devices().get_key_value(device) else { return Vec::new() };
        let cx = Context { plan: &self.plan, index: &self.index, library: &self.library };
        let view = DeviceView { cx, name, device: described, load: self.index.load_of(name) };
        let stated = |limit: &Use| limit.typical.is_some() || limit.maximum.is_some();
        limits::uses(&view).into_iter().filter(stated).collect()
    }

    /// Limits of devices that one more link would break, and whose they are. `instead` is a link that is given up for it.
    pub fn broken_by(&self, key: &LinkKey, link: &Link, instead: Option<&LinkKey>) -> Vec<(Name, Use)> {
        let cx = Context { plan: &self.plan, index: &self.index, library: &self.library };
        let mut broken = Vec::new();
        for (name, load) in self.index.loads_with(key, link, instead) {
            let Some(device) = self.plan.devices().get(name) else { continue };
            let uses = |load| limits::uses(&DeviceView { cx, name, device, load });
            let grown = uses(&load).into_iter().zip(uses(self.index.load_of(name)));
            let beyond = grown.filter(|(new, old)| new.is_exceeded() && new.used > old.used);
            broken.extend(beyond.map(|(new, _)| (name.clone(), new)));
        }
        let (provider, consumer) = (self.index.end(&link.provider), self.index.end(&key.consumer));
        let arrays = limits::array_uses(&LinkView { cx, key, link, provider, consumer });
        broken.extend(arrays.into_iter().filter(|(of, _)| of.is_exceeded()).map(|(of, whose)| (whose.clone(), of)));
        broken
    }

    /// What is found about a thing, the most severe first; looked up, not searched.
    pub fn about(&self, subject: &Subject) -> impl Iterator<Item = &Finding> {
        let severities = [Severity::Error, Severity::Warning, Severity::Info].into_iter();
        let kinds = severities.flat_map(|severity| rules().iter().map(move |rule| (severity, rule.code)));
        kinds.flat_map(|(severity, code)| self.alike(severity, code, subject))
    }

    /// Whether exactly this is found: an edit may have mended it, or changed its numbers or its fix.
    pub fn finds(&self, finding: &Finding) -> bool {
        self.alike(finding.severity, finding.code, &finding.subject).any(|found| *found == *finding)
    }

    /// What a rule found about a thing.
    fn alike(
        &self,
        severity: Severity,
        code: &'static str,
        subject: &Subject,
    ) -> impl Iterator<Item = &Finding> + use<'_> {
        let finding = Arc::new(Finding {
            code,
            severity,
            subject: subject.clone(),
            place: String::new(),
            message: Phrase::nothing(),
            related: Vec::new(),
            facts: Map::new(),
            fix: None,
        });
        let first = Found { finding: finding.clone(), unit: Unit::First, nth: 0 };
        let is_alike = move |found: &&Found| {
            let found = &found.finding;
            (found.severity, found.code, &found.subject) == (severity, code, &finding.subject)
        };
        self.sorted.range(first..).take_while(is_alike).map(|found| &*found.finding)
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
        self.follow_neighbours(&old, touched, &mut dirty);
        self.look_again(dirty);
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
        for cable in &touched.cables {
            index.set_cable(cable, plan.cables().contains(cable), &mut dirty);
        }
        for id in &touched.charts {
            let chart = |plan: &Plan| plan.charts().get(id).cloned();
            index.set_chart(*id, chart(old).as_deref(), chart(plan).as_deref(), &mut dirty);
        }
        let mut links = touched.links.clone();
        let mut constants = touched.constants.clone();
        for name in &instances {
            index.set_instance(plan, name, &mut dirty);
            links.extend(plan.links_into(name).chain(plan.links_out_of(name)).map(|(key, _)| key.clone()));
            constants.extend(plan.constants_of(name).map(|(port, _)| port.clone()));
        }
        for port in &constants {
            index.set_constant_load(port, plan.constants().contains_key(port), &mut dirty);
        }
        dirty.constants.extend(constants);
        // Functions are joined before others are parted: a link that changes places then seldom breaks a loop on its way.
        let mut functions: BTreeSet<FunctionRef> = BTreeSet::new();
        let mut parted = Vec::new();
        for key in &links {
            let (before, after) = (old.links().get(key), plan.links().get(key));
            index.set_link_load(key, after.map(|link| &**link), &mut dirty);
            let providers = [before, after].map(|link| link.map(|link| link.provider.function()));
            if providers[0] != providers[1] {
                if let Some(link) = after {
                    index.join(key, &link.provider, &mut dirty);
                }
                parted.extend(before.map(|link| (key, &link.provider)));
            }
            functions.extend(providers.into_iter().flatten());
            functions.insert(key.consumer.function());
        }
        for (key, provider) in parted {
            index.part(key, provider, &mut dirty);
        }
        // A loop names its functions in words that depend on their components.
        for node in functions.iter().filter_map(|function| index.graph.node(function)) {
            dirty.loops.extend(index.loops.of(node).cloned());
        }
        let searched = index.searched.iter().filter(|(_, searched)| {
            functions.iter().any(|function| searched.functions.contains(function))
                || instances.iter().any(|instance| searched.instances.contains(instance))
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
    fn follow_neighbours(&self, old: &Plan, touched: &Touched, dirty: &mut Dirty) {
        let plan = &self.plan;
        for consumer in touched.links.iter().map(|key| &key.consumer).chain(&touched.constants) {
            dirty.links.extend(plan.links_to(consumer).map(|(key, _)| key.clone()));
            dirty.constants.insert(consumer.clone());
            dirty.instances.insert(consumer.instance.clone());
        }
        if !touched.components.is_empty() {
            let ids: BTreeSet<&Name> = touched.components.iter().map(|key| &key.id).collect();
            dirty.instances.extend(ids.iter().filter_map(|id| self.index.of_any_version(id)).flatten().cloned());
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
        dirty.cables.extend(dirty.devices.iter().flat_map(|device| self.index.cables_of(device)).cloned());
        if touched.project || !touched.charts.is_empty() {
            // The place of a finding on a chart is its path, in which the names of all charts above it and of the project stand.
            let with_findings = self.by_unit.range(Unit::Chart(ChartId(0))..=Unit::Chart(ChartId(u32::MAX)));
            dirty.charts.extend(with_findings.filter_map(|(unit, _)| match unit {
                Unit::Chart(id) => Some(*id),
                _ => None,
            }));
        }
        let is_there = |plan: &Plan, chart: &ChartId| plan.charts().contains_key(chart);
        let came_or_went = |chart: &ChartId| is_there(old, chart) != is_there(plan, chart);
        let came_or_went: BTreeSet<ChartId> = touched.charts.iter().copied().filter(came_or_went).collect();
        if !came_or_went.is_empty() {
            let on_chart = plan.instances().iter().filter(|(_, instance)| {
                instance.functions.values().any(|placement| came_or_went.contains(&placement.chart))
            });
            dirty.instances.extend(on_chart.map(|(name, _)| name.clone()));
        }
    }

    /// Looks at things again; those that are no more lose their findings.
    fn look_again(&mut self, dirty: Dirty) {
        let plan = self.plan.clone();
        for key in dirty.links {
            let link = plan.links().get(&key);
            self.look(Unit::Link(key.clone()), |checker, out| {
                if let Some(link) = link {
                    checker.check_link(&key, link, checker.index.end(&key.consumer), out);
                }
            });
        }
        for port in dirty.constants {
            let constant = plan.constants().get(&port);
            self.look(Unit::Constant(port.clone()), |checker, out| {
                if let Some(constant) = constant {
                    checker.check_constant(&port, constant, out);
                }
            });
        }
        for name in dirty.instances {
            self.look(Unit::Instance(name.clone()), |checker, out| checker.check_instance(&name, out));
        }
        for name in dirty.devices {
            let device = plan.devices().get(&name);
            self.look(Unit::Device(name.clone()), |checker, out| {
                if let Some(device) = device {
                    checker.check_device(&name, device, out);
                }
            });
        }
        for key in dirty.components {
            self.look(Unit::Component(key.clone()), |checker, out| checker.check_component(&key, out));
        }
        for name in dirty.subnets {
            self.look(Unit::Subnet(name.clone()), |checker, out| checker.check_subnet(&name, out));
        }
        for cable in dirty.cables {
            let is_there = plan.cables().contains(&cable);
            self.look(Unit::Cable(cable.clone()), |checker, out| {
                if is_there {
                    checker.check_cable(&cable, out);
                }
            });
        }
        for target in dirty.targets {
            let chain = self.search(&target);
            self.look(Unit::Target(target.clone()), |checker, out| {
                if let Some(chain) = chain {
                    let view = TargetView { cx: checker.context(), target: &target, chain: chain.as_ref() };
                    run!(checker, out, target, view);
                }
            });
        }
        for id in dirty.charts {
            self.look(Unit::Chart(id), |checker, out| checker.check_chart(id, out));
        }
        for first in dirty.loops {
            self.look(Unit::Loop(first.clone()), |checker, out| checker.check_loop(&first, out));
        }
    }

    /// Replaces the findings of one thing.
    fn look(&mut self, unit: Unit, check: impl FnOnce(&Self, &mut Vec<Finding>)) {
        for found in self.by_unit.remove(&unit).unwrap_or_default() {
            self.n_errors -= usize::from(found.finding.severity == Severity::Error);
            self.sorted.remove(&found);
        }
        let mut findings = Vec::new();
        check(self, &mut findings);
        self.keep(unit, findings);
    }

    /// Takes over the findings of one thing, which has none yet.
    fn keep(&mut self, unit: Unit, findings: Vec<Finding>) {
        if findings.is_empty() {
            return;
        }
        self.n_errors += findings.iter().filter(|finding| finding.severity == Severity::Error).count();
        let found = findings.into_iter().enumerate().map(|(nth, finding)| Found {
            finding: Arc::new(finding),
            unit: unit.clone(),
            nth,
        });
        let found: Vec<Found> = found.collect();
        self.sorted.extend(found.iter().cloned());
        self.by_unit.insert(unit, found);
    }

    fn context(&self) -> Context<'_> {
        Context { plan: &self.plan, index: &self.index, library: &self.library }
    }

    fn check_link(&self, key: &LinkKey, link: &Link, consumer: End, out: &mut Vec<Finding>) {
        let cx = self.context();
        let view = LinkView { cx, key, link, provider: cx.end(&link.provider), consumer };
        run!(self, out, link, view);
    }

    fn check_constant(&self, port: &PortRef, constant: &Constant, out: &mut Vec<Finding>) {
        run!(self, out, constant, ConstantView { port, constant, end: self.context().end(port) });
    }

    fn check_instance(&self, name: &Name, out: &mut Vec<Finding>) {
        let Some(placed) = self.index.placed(name) else { return };
        run!(self, out, instance, InstanceView { cx: self.context(), name, placed });
    }

    fn check_device(&self, name: &Name, device: &Device, out: &mut Vec<Finding>) {
        let load = self.index.load_of(name);
        run!(self, out, device, DeviceView { cx: self.context(), name, device, load });
    }

    fn check_component(&self, key: &ComponentKey, out: &mut Vec<Finding>) {
        let Some(component) = self.plan.components().get(key) else { return };
        run!(self, out, component, ComponentView { cx: self.context(), component });
    }

    fn check_subnet(&self, name: &Name, out: &mut Vec<Finding>) {
        let Some(subnet) = self.plan.subnets().get(name) else { return };
        run!(self, out, subnet, SubnetView { cx: self.context(), name, subnet });
    }

    fn check_cable(&self, cable: &Cable, out: &mut Vec<Finding>) {
        run!(self, out, cable, CableView { cx: self.context(), cable });
    }

    fn check_chart(&self, id: ChartId, out: &mut Vec<Finding>) {
        let Some(chart) = self.plan.charts().get(&id) else { return };
        run!(self, out, chart, ChartView { cx: self.context(), id, chart });
    }

    fn check_loop(&self, first: &FunctionRef, out: &mut Vec<Finding>) {
        let Some(members) = self.index.loops.get(first) else { return };
        let cycle = shortest_cycle(&self.index.graph, &self.index.loops, first);
        run!(self, out, feedback_loop, LoopView { cx: self.context(), members, cycle });
    }

    /// Searches the chain of a target and remembers where; `None` when the target is no more.
    fn search(&mut self, target: &ReactionTarget) -> Option<Option<Chain>> {
        if !self.plan.targets().contains(target) {
            self.index.searched.remove(target);
            return None;
        }
        let (chain, searched) = reaction::chain(&self.index, target);
        self.index.searched.insert(target.clone(), searched);
        Some(chain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture;

    #[test]
    fn threads_find_what_one_finds() {
        let mut text = String::from("component A 1.0 { in x R4; in z R4 = 0 max 5; out y R4; qos acyclic 100 }\n");
        for number in 0..50 {
            text += &format!("A{number}: A @10.0.0.1\nA{number}.z = {number}\ncable A{number} 1 - Gone {number}\n");
        }
        for number in 1..50 {
            text += &format!("A{}.y -> A{number}.x acyclic {}\n", number / 2, 100 + number % 3);
        }
        let checker = Checker::new(fixture::plan(&text), LibraryFacts::default());
        let sorted = |n_parts: usize| {
            let mut found = checker.first_look(n_parts);
            found.sort_by(|(one, _), (other, _)| one.cmp(other));
            found
        };
        let one = sorted(1);
        assert!(one.len() > 150, "{}", one.len());
        for n_parts in [2, 3, 7, 200] {
            assert_eq!(sorted(n_parts), one, "{n_parts} threads");
        }
    }
}
