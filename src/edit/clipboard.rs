//! Copying a selection and inserting it with names of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{EditError, chart, component, place};
use crate::model::*;
use crate::say;

/// A part of a plan as plain data: instances with their components, devices, constants, and the links among them.
///
/// It stands alone, so it can be inserted into another project.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Clip {
    components: Vec<Arc<Component>>,
    instances: Vec<(Name, Arc<Instance>)>,
    devices: Vec<(Name, Arc<Device>)>,
    links: Vec<(PortRef, Arc<Link>)>,
    /// Links to these instances from others.
    outer: Vec<(PortRef, Arc<Link>)>,
    constants: Vec<(PortRef, Constant)>,
}

impl Clip {
    /// Copies these instances; names that are not in the plan are passed over.
    pub fn of(plan: &Plan, names: &[Name]) -> Self {
        let names: BTreeSet<&Name> = names.iter().filter(|name| plan.instances.contains_key(*name)).collect();
        let mut clip = Self::default();
        let (mut components, mut devices) = (BTreeSet::new(), BTreeSet::new());
        for name in &names {
            if let Some(instance) = plan.instances.get(*name) {
                components.insert(&instance.component);
                devices.insert(&instance.device);
                clip.instances.push(((*name).clone(), instance.clone()));
            }
            for (key, link) in plan.links_into(name).filter(|(key, _)| key.nth == 0) {
                let inner = names.contains(&link.provider.instance);
                let links = if inner { &mut clip.links } else { &mut clip.outer };
                links.push((key.consumer.clone(), link.clone()));
            }
            clip.constants.extend(plan.constants_of(name).map(|(port, value)| (port.clone(), value.clone())));
        }
        clip.components.extend(components.into_iter().filter_map(|key| plan.components.get(key).cloned()));
        let device = |name: &Name| Some((name.clone(), plan.devices.get(name)?.clone()));
        clip.devices.extend(devices.into_iter().filter_map(device));
        clip
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.instances.is_empty()
    }

    pub(super) fn paste(&self, plan: &mut Plan, on: ChartId, offset: Point) -> Result<(), EditError> {
        chart::get(plan, on)?;
        if !super::link::is_finite(offset) {
            return Err(EditError::Range(say!("a position is made of numbers")));
        }
        self.insert(plan, offset, |_| on).map(drop)
    }

    /// Links from outside that could follow the copies when this is pasted into a plan, with the input of the copy that each would
    /// feed: an output feeds as many inputs as it likes, so what fed the originals can feed the copies as well.
    ///
    /// Empty when it cannot be pasted, or the outputs are not in the plan.
    pub fn following(&self, plan: &Plan) -> Vec<(PortRef, Link)> {
        if self.outer.is_empty() {
            return Vec::new();
        }
        let Ok(names) = self.insert(&mut plan.clone(), Point::default(), |chart| chart) else { return Vec::new() };
        let follows = |(consumer, link): &(PortRef, Arc<Link>)| {
            let copy = consumer.in_instance(names.get(&consumer.instance)?.clone());
            plan.port(&link.provider)?;
            Some((copy, Link { bends: Vec::new(), ..(**link).clone() }))
        };
        self.outer.iter().filter_map(follows).collect()
    }

    /// Inserts all of it; `chart` says where what stood on a chart goes. Addresses are left open: two devices with one address
    /// would be no copy. Returns the names that the copies have.
    pub(super) fn insert(
        &self,
        plan: &mut Plan,
        offset: Point,
        chart: impl Fn(ChartId) -> ChartId,
    ) -> Result<BTreeMap<Name, Name>, EditError> {
        for component in &self.components {
            component::add(plan, component)?;
        }
        let mut names: BTreeMap<Name, Name> = BTreeMap::new();
        let mut devices: BTreeMap<&Name, Name> = BTreeMap::new();
        for (name, instance) in &self.instances {
            if let Some(component) = plan.components.get(&instance.component).cloned() {
                place::check_singleton(plan, &component)?;
            }
            let new = place::free_name(plan, name);
            let device = devices.entry(&instance.device).or_insert_with(|| new.clone()).clone();
            let mut copy = (**instance).clone();
            copy.device = device;
            for placement in copy.functions.values_mut() {
                placement.chart = chart(placement.chart);
                placement.at = Point { x: placement.at.x + offset.x, y: placement.at.y + offset.y };
            }
            plan.instances.insert(new.clone(), Arc::new(copy));
            names.insert(name.clone(), new);
        }
        for (name, device) in &self.devices {
            let Some(new) = devices.get(name) else { continue };
            let mut copy = (**device).clone();
            match &mut copy.attachment {
                Attachment::Ethernet(address) => {
                    let subnet = address.subnet.take().filter(|subnet| plan.subnets.contains_key(subnet));
                    let name_of_station = place::station_name(plan, new);
                    *address = EthernetAddress { subnet, name_of_station, ..EthernetAddress::default() };
                }
                Attachment::Profibus(address) => {
                    address.address = None;
                    let copied = address.proxy.as_ref().and_then(|proxy| devices.get(proxy).cloned());
                    address.proxy = copied.or(address.proxy.take().filter(|proxy| plan.devices.contains_key(proxy)));
                }
            }
            plan.devices.insert(new.clone(), Arc::new(copy));
        }
        let follow = |port: &PortRef| names.get(&port.instance).map(|name| port.in_instance(name.clone()));
        for (consumer, link) in &self.links {
            if let (Some(consumer), Some(provider)) = (follow(consumer), follow(&link.provider)) {
                plan.insert_link(LinkKey::to(consumer), Link { provider, ..(**link).clone() });
            }
        }
        for (port, constant) in &self.constants {
            if let Some(port) = follow(port) {
                plan.constants.insert(port, constant.clone());
            }
        }
        Ok(names)
    }
}
