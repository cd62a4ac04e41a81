//! What a session needs of a plan, worked out off its own task: a large plan takes its time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::connections::LinkPlaces;
use super::survey::Configurations;
use crate::app::WatchedItem;
use crate::generate::generate;
use crate::model::{Name, Phrase, Plan, PortRef, Say};
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
    pub(super) fn of(plan: Plan) -> Self {
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

/// A port as it is watched; `None` when the plan has no such port, or no device serves it.
pub(super) fn watched_item(plan: &Plan, port: &PortRef) -> Option<Arc<WatchedItem>> {
    let unit = plan.port(port)?.unit.to_string();
    Some(Arc::new(WatchedItem { name: plan.short_name(port), unit, watch: Watch::of(plan, port)? }))
}
