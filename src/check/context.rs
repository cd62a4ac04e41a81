//! What rules get to see: one thing of the plan, with its surroundings looked up once for all rules.

use std::collections::BTreeMap;
use std::sync::Arc;

use ahash::HashMap;
use petgraph::stable_graph::NodeIndex;

use super::Subject;
use super::index::Index;
use super::load::{Load, Number, Numbers};
use super::loops::Members;
use super::reaction::Chain;
use crate::model::{
    Cable, Chart, ChartId, Component, ComponentKey, ComponentSource, Constant, Device, Instance, Link, LinkKey, Name,
    Phrase, Plan, Port, PortRef, ReactionTarget, RtAuto, Subnet, Version,
};
use crate::say;

/// What the check must know of the library: which component versions it holds, and their descriptions.
#[derive(Debug, Clone, Default)]
pub struct LibraryFacts {
    components: BTreeMap<ComponentKey, Arc<ComponentSource>>,
}

impl LibraryFacts {
    /// The facts about these components.
    pub fn new<'a>(components: impl IntoIterator<Item = &'a Component>) -> Self {
        let components =
            components.into_iter().map(|component| (component.key.clone(), component.source.clone())).collect();
        Self { components }
    }

    /// The newest version of a component in the library.
    pub(super) fn newest(&self, id: &Name) -> Option<Version> {
        let last = ComponentKey { id: id.clone(), version: Version([u16::MAX; 4]) };
        self.components.range(..=last).next_back().filter(|(key, _)| key.id == *id).map(|(key, _)| key.version)
    }

    /// The files of a component version in the library.
    pub(super) fn source(&self, key: &ComponentKey) -> Option<&Arc<ComponentSource>> {
        self.components.get(key)
    }
}

/// An instance with what it refers to.
#[derive(Debug, Clone)]
pub(super) struct Placed {
    /// Stands for its name.
    pub number: Number,
    pub instance: Arc<Instance>,
    /// `None` when its version is not in the plan.
    pub component: Option<Arc<Component>>,
    ports: Arc<PortTable>,
    /// `None` when it is not in the plan.
    pub device: Option<Arc<Device>>,
    /// The device that serves it on Ethernet.
    pub host: Option<Name>,
    /// What bears its links: the device it runs on and, behind a proxy, the proxy.
    pub bearers: [Option<Number>; 2],
}

impl Placed {
    pub(super) fn new(
        plan: &Plan,
        name: &Name,
        instance: &Arc<Instance>,
        numbers: &mut Numbers,
        tables: &mut PortTables,
    ) -> Self {
        let component = plan.components().get(&instance.component);
        let device = plan.devices().get(&instance.device).cloned();
        let host = plan.serving_device(&instance.device).cloned();
        let proxy = host.as_ref().filter(|host| **host != instance.device);
        Self {
            number: numbers.of(name),
            instance: instance.clone(),
            ports: component.map(|component| tables.of(component)).unwrap_or_default(),
            component: component.cloned(),
            bearers: [device.as_ref().map(|_| numbers.of(&instance.device)), proxy.map(|proxy| numbers.of(proxy))],
            device,
            host,
        }
    }

    /// What the component says about a port.
    pub(super) fn port(&self, port: &PortRef) -> Option<&Port> {
        self.ports.find(self.component.as_deref()?, port)
    }
}

/// Where the ports of a component are: a component can have thousands, and every link asks for two.
#[derive(Debug, Default)]
pub(super) struct PortTable(Vec<Vec<HashMap<Name, usize>>>);

impl PortTable {
    fn new(component: &Component) -> Self {
        let ports = |rtauto: &RtAuto| rtauto.ports.iter().map(|port| port.name.clone()).zip(0..).collect();
        Self(component.ldevs.iter().map(|ldev| ldev.rtautos.iter().map(ports).collect()).collect())
    }

    fn find<'a>(&self, component: &'a Component, port: &PortRef) -> Option<&'a Port> {
        let (ldev_idx, ldev) = component.ldevs.iter().enumerate().find(|(_, ldev)| ldev.name == port.ldev)?;
        let mut rtautos = ldev.rtautos.iter().enumerate();
        let (rtauto_idx, rtauto) = rtautos.find(|(_, rtauto)| rtauto.name == port.rtauto)?;
        rtauto.ports.get(*self.0.get(ldev_idx)?.get(rtauto_idx)?.get(&port.port)?)
    }
}

/// The tables of all components in use.
#[derive(Debug, Clone, Default)]
pub(super) struct PortTables(HashMap<ComponentKey, (Arc<Component>, Arc<PortTable>)>);

impl PortTables {
    fn of(&mut self, component: &Arc<Component>) -> Arc<PortTable> {
        match self.0.get(&component.key) {
            Some((known, table)) if Arc::ptr_eq(known, component) => table.clone(),
            _ => {
                let table = Arc::new(PortTable::new(component));
                self.0.insert(component.key.clone(), (component.clone(), table.clone()));
                table
            }
        }
    }
}

/// What every view gives access to.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub plan: &'a Plan,
    pub index: &'a Index,
    pub library: &'a LibraryFacts,
}

impl<'a> Context<'a> {
    /// One end of a link or constant.
    pub(super) fn end(self, port: &'a PortRef) -> End<'a> {
        self.index.end(port)
    }
}

/// An end of a link.
#[derive(Clone, Copy)]
pub(super) struct End<'a> {
    pub port: &'a PortRef,
    /// The instance; `None` when there is none of this name.
    pub placed: Option<&'a Placed>,
    /// The port; `None` when it, or anything before it, does not exist.
    pub described: Option<&'a Port>,
}

impl<'a> End<'a> {
    pub(super) fn new(placed: &'a HashMap<Name, Placed>, port: &'a PortRef) -> Self {
        Self::of(placed.get(&port.instance), port)
    }

    /// As [`new`](Self::new), after another end that is often of the same instance: links are sorted by their consumers.
    pub(super) fn after(last: Option<Self>, placed: &'a HashMap<Name, Placed>, port: &'a PortRef) -> Self {
        match last {
            Some(last) if last.port.instance == port.instance => Self::of(last.placed, port),
            _ => Self::new(placed, port),
        }
    }

    fn of(placed: Option<&'a Placed>, port: &'a PortRef) -> Self {
        Self { port, placed, described: placed.and_then(|placed| placed.port(port)) }
    }

    /// What of the port is missing, in words. That the component is missing is a rule's affair of its own: then nothing of the port
    /// is known, and nothing is missing.
    pub(super) fn missing(&self) -> Option<Phrase> {
        if self.described.is_some() {
            return None;
        }
        let port = self.port;
        let Some(placed) = self.placed else {
            return Some(say!("there is no instance {instance}", instance = port.instance));
        };
        let component = placed.component.as_deref()?;
        let version = || format!("{} {}", component.name, component.key.version);
        if component.ldev(&port.ldev).is_none() {
            return Some(say!("{component} has no LDev {ldev}", component = version(), ldev = port.ldev));
        }
        if component.rtauto(&port.ldev, &port.rtauto).is_none() {
            return Some(say!("{component} has no RTAuto {rtauto}", component = version(), rtauto = port.rtauto));
        }
        Some(say!("{component} has no port {port}", component = version(), port = port.port))
    }

    /// The component; `None` when the plan does not hold it.
    pub(super) fn component(&self) -> Option<&'a Component> {
        self.placed?.component.as_deref()
    }
}

/// A link.
pub(super) struct LinkView<'a> {
    pub cx: Context<'a>,
    pub key: &'a LinkKey,
    pub link: &'a Link,
    pub provider: End<'a>,
    pub consumer: End<'a>,
}

impl<'a> LinkView<'a> {
    pub(super) fn subject(&self) -> Subject {
        Subject::Link(self.key.clone())
    }

    /// Both ports, when both exist.
    pub(super) fn ports(&self) -> Option<(&'a Port, &'a Port)> {
        Some((self.provider.described?, self.consumer.described?))
    }
}

/// A constant.
pub(super) struct ConstantView<'a> {
    pub port: &'a PortRef,
    pub constant: &'a Constant,
    pub end: End<'a>,
}

impl ConstantView<'_> {
    pub(super) fn subject(&self) -> Subject {
        Subject::Port(self.port.clone())
    }
}

/// An instance.
pub(super) struct InstanceView<'a> {
    pub cx: Context<'a>,
    pub name: &'a Name,
    pub placed: &'a Placed,
}

impl InstanceView<'_> {
    pub(super) fn subject(&self) -> Subject {
        Subject::Instance(self.name.clone())
    }
}

/// A planned device.
pub(super) struct DeviceView<'a> {
    pub cx: Context<'a>,
    pub name: &'a Name,
    pub device: &'a Device,
    pub load: &'a Load,
}

impl<'a> DeviceView<'a> {
    pub(super) fn subject(&self) -> Subject {
        Subject::Device(self.name.clone())
    }

    /// Instances that run on it.
    pub(super) fn instances(&self) -> impl Iterator<Item = (&'a Name, &'a Placed)> + use<'a> {
        let index = self.cx.index;
        index.instances_on(self.name).filter_map(|name| Some((name, index.placed(name)?)))
    }

    /// Components of these instances, which describe the device.
    pub(super) fn components(&self) -> impl Iterator<Item = &'a Component> + use<'a> {
        self.instances().filter_map(|(_, placed)| placed.component.as_deref())
    }

    /// Devices on PROFIBUS of which it is the proxy.
    pub(super) fn slaves(&self) -> impl Iterator<Item = &'a Name> + use<'a> {
        self.cx.index.behind(self.name)
    }
}

/// A component version embedded in the plan.
pub(super) struct ComponentView<'a> {
    pub cx: Context<'a>,
    pub component: &'a Component,
}

impl ComponentView<'_> {
    pub(super) fn subject(&self) -> Subject {
        Subject::Component(self.component.key.clone())
    }
}

/// A subnet.
pub(super) struct SubnetView<'a> {
    pub cx: Context<'a>,
    pub name: &'a Name,
    pub subnet: &'a Subnet,
}

impl SubnetView<'_> {
    pub(super) fn subject(&self) -> Subject {
        Subject::Subnet(self.name.clone())
    }
}

/// A cable.
pub(super) struct CableView<'a> {
    pub cx: Context<'a>,
    pub cable: &'a Cable,
}

impl CableView<'_> {
    pub(super) fn subject(&self) -> Subject {
        Subject::Cable(self.cable.clone())
    }
}

/// A stated reaction time, with the chain it is about.
pub(super) struct TargetView<'a> {
    pub cx: Context<'a>,
    pub target: &'a ReactionTarget,
    pub chain: Option<&'a Chain>,
}

impl TargetView<'_> {
    pub(super) fn subject(&self) -> Subject {
        Subject::Target(self.target.clone())
    }
}

/// A chart.
pub(super) struct ChartView<'a> {
    pub cx: Context<'a>,
    pub id: ChartId,
    pub chart: &'a Chart,
}

/// A set of functions of which each feeds, through others, itself.
pub(super) struct LoopView<'a> {
    pub cx: Context<'a>,
    pub members: &'a Members,
    /// The shortest way around that begins at the first function by name.
    pub cycle: Vec<NodeIndex>,
}
