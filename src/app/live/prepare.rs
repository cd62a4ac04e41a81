//! What a session needs of a plan, worked out off its own task: a large plan takes its time.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::connections::LinkPlaces;
use super::survey::Configurations;
use crate::app::WatchedItem;
use crate::edit::{Document, Edit};
use crate::generate::generate;
use crate::model::{Attachment, Device, EthernetAddress, Name, Phrase, Plan, PortRef, Say};
use crate::online::Watch;

/// A plan, ready to be watched.
pub(super) struct Prepared {
    pub(super) plan: Plan,
    /// Of all devices that something runs on.
    pub(super) configurations: Configurations,
    /// Devices that cannot be loaded, and why.
    pub(super) errors: BTreeMap<Name, Phrase>,
    pub(super) links: LinkPlaces,
    /// The ports that links connect.
    pub(super) connected: Vec<Arc<WatchedItem>>,
}

impl Prepared {
    /// For real devices, or for virtual ones, which need no addresses of their own.
    pub(super) fn of(plan: Plan, is_virtual: bool) -> Self {
        let plan = if is_virtual { addressed(plan) } else { plan };
        let mut configurations = BTreeMap::new();
        let mut errors = BTreeMap::new();
        for generated in generate(&plan).devices {
            let device = generated.configuration.device.clone();
            if !generated.errors.is_empty() {
                errors.insert(device.clone(), Phrase::joined(generated.errors.iter().map(Say::say)));
            }
            configurations.insert(device, Arc::new(generated.configuration));
        }
        let ends = plan.links().iter().flat_map(|(key, link)| [&key.consumer, &link.provider]);
        let ends: BTreeSet<&PortRef> = ends.collect();
        let connected = ends.into_iter().filter_map(|port| watched_item(&plan, port)).collect();
        Self { links: LinkPlaces::of(&plan), configurations: Arc::new(configurations), errors, connected, plan }
    }
}

/// A plan whose devices on Ethernet all have an address: on one computer nobody has to plan any, but a connection names that of its
/// provider. One without gets one out of 198.18.0.0/15, which RFC 2544 keeps for trials: that of its name, as far as it is free.
fn addressed(plan: Plan) -> Plan {
    let ethernet = |device: &Device| match &device.attachment {
        Attachment::Ethernet(address) => Some(address.clone()),
        Attachment::Profibus(_) => None,
    };
    let mut taken: BTreeSet<u32> =
        plan.devices().values().filter_map(|device| Some(ethernet(device)?.ip?.to_bits())).collect();
    let mut edits = Vec::new();
    for (name, device) in plan.devices() {
        let Some(address) = ethernet(device).filter(|address| address.ip.is_none()) else { continue };
        let mut hasher = Sha256::new();
        hasher.update(name.as_bytes());
        let [one, two, three, four, ..] = <[u8; 32]>::from(hasher.finalize());
        let start = u32::from_be_bytes([one, two, three, four]);
        let places = (0..TRIAL_HOSTS).map(|nth| TRIALS.to_bits() + 1 + (start.wrapping_add(nth)) % TRIAL_HOSTS);
        let Some(free) = places.into_iter().find(|place| taken.insert(*place)) else { break };
        let address = EthernetAddress { ip: Some(Ipv4Addr::from_bits(free)), ..address };
        let device = Device { attachment: Attachment::Ethernet(address), ..(**device).clone() };
        edits.push(Edit::SetDevice { name: name.clone(), device });
    }
    if edits.is_empty() {
        return plan;
    }
    let mut document = Document::new(plan.clone());
    match document.apply(&Edit::Group(Phrase::nothing(), edits)) {
        Ok(_) => document.plan().clone(),
        // What an edit does not take the checks have told already.
        Err(_) => plan,
    }
}

/// Addresses for trials (RFC 2544), and how many hosts there are.
const TRIALS: Ipv4Addr = Ipv4Addr::new(198, 18, 0, 0);
const TRIAL_HOSTS: u32 = (1 << 17) - 2;

/// A port as it is watched; `None` when the plan has no such port, or no device serves it.
pub(super) fn watched_item(plan: &Plan, port: &PortRef) -> Option<Arc<WatchedItem>> {
    let unit = plan.port(port)?.unit.to_string();
    Some(Arc::new(WatchedItem { name: plan.short_name(port), unit, watch: Watch::of(plan, port)? }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture;

    #[test]
    fn virtual_devices_need_no_planned_address() {
        let text = "
            component A 1.0 { in x BOOL; out y BOOL }
            One: A
            Two: A
            Three: A @10.0.0.3
            One.y -> Two.x";
        let plan = fixture::plan(text);
        assert!(!Prepared::of(plan.clone(), false).errors.is_empty());
        let prepared = Prepared::of(plan, true);
        assert!(prepared.errors.is_empty(), "{:?}", prepared.errors);
        let ip = |prepared: &Prepared, name: &str| match &prepared.plan.devices()[name].attachment {
            Attachment::Ethernet(address) => address.ip.unwrap(),
            Attachment::Profibus(_) => panic!("{name} is on Ethernet"),
        };
        assert_ne!(ip(&prepared, "One"), ip(&prepared, "Two"));
        assert_eq!(ip(&prepared, "Three"), Ipv4Addr::new(10, 0, 0, 3));
        // It keeps its address when others come.
        let more = Prepared::of(fixture::plan(&format!("{text}\n            Nul: A")), true);
        assert_eq!(ip(&more, "One"), ip(&prepared, "One"));
    }
}
