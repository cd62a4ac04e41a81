//! What is in a project, in numbers and one line a device.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::model::{Attachment, Name, Plan, QosType};

/// A project at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Project name.
    pub name: String,
    /// The engineer's remark.
    pub comment: String,
    /// Charts, the top one included.
    pub charts: usize,
    /// Levels of charts, 1 when there is only the top one.
    pub chart_levels: usize,
    /// Component versions in use.
    pub components: usize,
    /// Instances.
    pub instances: usize,
    /// Technological functions of all instances.
    pub functions: usize,
    /// Links.
    pub links: usize,
    /// Links with cyclic transmission among them.
    pub cyclic_links: usize,
    /// Constants.
    pub constants: usize,
    /// One entry a planned device, by name.
    pub devices: Vec<DeviceSummary>,
}

/// A planned device at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeviceSummary {
    /// Name in the plan.
    pub name: String,
    /// `192.168.0.11` or `PROFIBUS 1/5 behind proxy-1`, or `no address`.
    pub address: String,
    /// Instances that run on it.
    pub instances: Vec<String>,
    /// Links it consumes.
    pub links_in: usize,
    /// Links it provides.
    pub links_out: usize,
    /// Other devices it exchanges values with.
    pub partners: usize,
    /// SHA-256 of the configuration last downloaded.
    pub downloaded: Option<String>,
}

/// Sums a plan up.
pub fn summary(plan: &Plan) -> Summary {
    let mut by_device: BTreeMap<&Name, Vec<&Name>> = BTreeMap::new();
    for (name, instance) in plan.instances() {
        by_device.entry(&instance.device).or_default().push(name);
    }
    let device_of = |instance: &str| plan.instances().get(instance).map(|instance| &instance.device);
    let devices = plan
        .devices()
        .iter()
        .map(|(name, device)| {
            let instances = by_device.get(name).cloned().unwrap_or_default();
            let mut partners = BTreeSet::new();
            let (mut links_in, mut links_out) = (0, 0);
            for instance in &instances {
                for (_, link) in plan.links_into(instance) {
                    links_in += 1;
                    partners.extend(device_of(&link.provider.instance));
                }
                for (key, _) in plan.links_out_of(instance) {
                    links_out += 1;
                    partners.extend(device_of(&key.consumer.instance));
                }
            }
            partners.remove(name);
            DeviceSummary {
                name: name.to_string(),
                address: address_text(&device.attachment),
                instances: instances.iter().map(ToString::to_string).collect(),
                links_in,
                links_out,
                partners: partners.len(),
                downloaded: plan
                    .states()
                    .get(name)
                    .and_then(|state| state.downloaded.as_ref())
                    .map(ToString::to_string),
            }
        })
        .collect();
    Summary {
        name: plan.name().to_string(),
        comment: plan.comment().to_owned(),
        charts: plan.charts().len(),
        chart_levels: plan.charts().keys().map(|chart| plan.chart_path(*chart).len() + 1).max().unwrap_or(1),
        components: plan.components().len(),
        instances: plan.instances().len(),
        functions: plan.instances().values().map(|instance| instance.functions.len()).sum(),
        links: plan.links().len(),
        cyclic_links: plan.links().values().filter(|link| link.qos.qos_type == QosType::Cyclic).count(),
        constants: plan.constants().len(),
        devices,
    }
}

fn address_text(attachment: &Attachment) -> String {
    match attachment {
        Attachment::Ethernet(address) => address.ip.map_or_else(|| "no address".to_owned(), |ip| ip.to_string()),
        Attachment::Profibus(address) => {
            let number = address.address.map_or_else(|| "?".to_owned(), |number| number.to_string());
            let proxy = address.proxy.as_deref().unwrap_or("no proxy");
            format!("PROFIBUS {}/{number} behind {proxy}", address.system_id)
        }
    }
}
