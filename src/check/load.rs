//! What devices have to bear: sums over links, kept up to date link by link.
//!
//! Everything is counted in whole numbers, so taking a link out gives back exactly what putting it in took.

use std::collections::{BTreeMap, HashMap};

use super::context::Placed;
use crate::model::graph::updates_per_1000_s;
use crate::model::{Link, LinkKey, Name, Port, QosType};

/// What one device has to bear.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Load {
    /// Connections in which it is consumer.
    pub connections_in: u64,
    /// Connections in which it is provider.
    pub connections_out: u64,
    /// Bytes consumed.
    pub bytes_in: u64,
    /// Bytes provided.
    pub bytes_out: u64,
    /// Cyclic connections consumed.
    pub cyclic_in: u64,
    /// Cyclic connections provided.
    pub cyclic_out: u64,
    /// Value updates in 1000 s at most, received and sent.
    pub updates_per_1000_s: u64,
    /// Partner ACCOs by device, instance and LDev, with the number of links to each.
    partners: BTreeMap<(Name, Name, Name), u64>,
}

impl Load {
    /// ACCOs of other devices that it is connected with.
    pub(super) fn n_partners(&self) -> u64 {
        self.partners.len() as u64
    }

    /// Value updates a second.
    pub(super) fn updates_per_second(&self) -> f64 {
        self.updates_per_1000_s as f64 / 1000.0
    }
}

/// What one link asks of the devices at its ends.
#[derive(Debug, Clone)]
struct Share {
    /// Devices that provide it: the one it runs on and, behind a proxy, the proxy too.
    providers: [Option<Name>; 2],
    consumers: [Option<Name>; 2],
    /// Instance and LDev at each end.
    provider_acco: (Name, Name),
    consumer_acco: (Name, Name),
    bytes: u64,
    cyclic: bool,
    updates_per_1000_s: u64,
}

/// The loads of all devices.
#[derive(Debug, Clone, Default)]
pub(super) struct Loads {
    by_device: HashMap<Name, Load>,
    shares: HashMap<LinkKey, Share>,
    none: Load,
}

impl Loads {
    pub(super) fn of(&self, device: &str) -> &Load {
        self.by_device.get(device).unwrap_or(&self.none)
    }

    /// Counts a link in; one with an end that leads nowhere asks nothing of anybody,
    /// and a passive one sends no updates.
    pub(super) fn insert(
        &mut self,
        key: &LinkKey,
        link: &Link,
        provider: Option<(&Placed, &Port)>,
        consumer: Option<(&Placed, &Port)>,
    ) {
        let (Some((provider, port)), Some((consumer, _))) = (provider, consumer) else { return };
        let share = Share {
            providers: provider.bearers(),
            consumers: consumer.bearers(),
            provider_acco: (link.provider.instance.clone(), link.provider.ldev.clone()),
            consumer_acco: (key.consumer.instance.clone(), key.consumer.ldev.clone()),
            // Bounded, so that no sum over links ever saturates.
            bytes: port.value_type.wire_bytes().min(u64::from(u32::MAX)),
            cyclic: link.qos.qos_type == QosType::Cyclic,
            updates_per_1000_s: if link.active { updates_per_1000_s(link.qos.value_ms) } else { 0 },
        };
        self.count(&share, true);
        self.shares.insert(key.clone(), share);
    }

    /// Takes a link out again. Returns the devices that bore it.
    pub(super) fn remove(&mut self, key: &LinkKey) -> Vec<Name> {
        let Some(share) = self.shares.remove(key) else { return Vec::new() };
        self.count(&share, false);
        share.providers.into_iter().chain(share.consumers).flatten().collect()
    }

    /// The devices that bear a link.
    pub(super) fn bearers(&self, key: &LinkKey) -> impl Iterator<Item = &Name> {
        self.shares.get(key).into_iter().flat_map(|share| share.providers.iter().chain(&share.consumers).flatten())
    }

    fn count(&mut self, share: &Share, add: bool) {
        for device in share.providers.iter().flatten() {
            let load = self.by_device.entry(device.clone()).or_default();
            change(&mut load.connections_out, 1, add);
            change(&mut load.bytes_out, share.bytes, add);
            change(&mut load.cyclic_out, u64::from(share.cyclic), add);
            change(&mut load.updates_per_1000_s, share.updates_per_1000_s, add);
            load.partner(device, &share.consumers, &share.consumer_acco, add);
        }
        for device in share.consumers.iter().flatten() {
            let load = self.by_device.entry(device.clone()).or_default();
            change(&mut load.connections_in, 1, add);
            change(&mut load.bytes_in, share.bytes, add);
            change(&mut load.cyclic_in, u64::from(share.cyclic), add);
            change(&mut load.updates_per_1000_s, share.updates_per_1000_s, add);
            load.partner(device, &share.providers, &share.provider_acco, add);
        }
    }
}

impl Load {
    /// Counts the ACCO at the other end, unless the device itself bears that end as well.
    fn partner(&mut self, own: &Name, other_end: &[Option<Name>; 2], acco: &(Name, Name), add: bool) {
        let Some(device) = other_end.iter().flatten().next() else { return };
        if other_end.iter().flatten().any(|device| device == own) {
            return;
        }
        let key = (device.clone(), acco.0.clone(), acco.1.clone());
        let links = self.partners.entry(key.clone()).or_default();
        change(links, 1, add);
        if *links == 0 {
            self.partners.remove(&key);
        }
    }
}

fn change(sum: &mut u64, by: u64, add: bool) {
    *sum = if add { sum.saturating_add(by) } else { sum.saturating_sub(by) };
}
