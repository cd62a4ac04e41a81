//! What devices have to bear: sums over links, kept up to date link by link.
//!
//! A limit is one of a device: what all LDevs on it consume and provide, and what the devices behind a proxy do, adds up.
//! Everything is counted in whole numbers, so taking a link out gives back exactly what putting it in took.

use std::collections::BTreeMap;

use ahash::HashMap;

use super::context::{End, Placed};
use crate::model::graph::updates_per_1000_s;
use crate::model::{Link, LinkKey, Name, PortRef, QosType};

/// What one device has to bear.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Load {
    /// Connections in which it is consumer, without constants.
    pub connections_in: u64,
    /// Constants it keeps, each of which is a connection too.
    pub constants: u64,
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
    /// Pairs of an own ACCO and one of another device, with the number of links between them.
    partners: BTreeMap<(Acco, Acco), u64>,
}

impl Load {
    /// Connected pairs of an ACCO of its own and one of another device.
    pub(super) fn n_partners(&self) -> u64 {
        self.partners.len() as u64
    }

    /// Value updates a second.
    pub(super) fn updates_per_second(&self) -> f64 {
        self.updates_per_1000_s as f64 / 1000.0
    }
}

/// Stands for a name of a device or an instance: links are many, and numbers are quickly compared.
pub(super) type Number = u32;

/// The numbers of names. A name keeps its number when it goes from the plan, and has it again when it comes back.
#[derive(Debug, Clone, Default)]
pub(super) struct Numbers {
    numbers: HashMap<Name, Number>,
    names: Vec<Name>,
}

impl Numbers {
    pub(super) fn of(&mut self, name: &Name) -> Number {
        let next = Number::try_from(self.names.len()).unwrap_or(Number::MAX);
        *self.numbers.entry(name.clone()).or_insert_with(|| {
            self.names.push(name.clone());
            next
        })
    }

    pub(super) fn name(&self, number: Number) -> Option<&Name> {
        self.names.get(usize::try_from(number).ok()?)
    }

    fn get(&self, name: &str) -> Option<Number> {
        self.numbers.get(name).copied()
    }
}

/// An ACCO: the instance, and which of its LDevs.
type Acco = (Number, Number);

/// What one link asks of the devices at its ends.
#[derive(Debug, Clone)]
struct Share {
    /// Devices that provide it: the one it runs on and, behind a proxy, the proxy too.
    providers: [Option<Number>; 2],
    consumers: [Option<Number>; 2],
    provider_acco: Acco,
    consumer_acco: Acco,
    bytes: u64,
    cyclic: bool,
    updates_per_1000_s: u64,
}

/// The loads of all devices.
#[derive(Debug, Clone, Default)]
pub(super) struct Loads {
    /// By the number of the device.
    by_device: HashMap<Number, Load>,
    shares: HashMap<LinkKey, Share>,
    /// Devices that keep each constant.
    constants: HashMap<PortRef, [Option<Number>; 2]>,
    none: Load,
}

impl Loads {
    pub(super) fn with_capacity(n_links: usize) -> Self {
        let shares = HashMap::with_capacity_and_hasher(n_links, ahash::RandomState::new());
        Self { shares, ..Self::default() }
    }

    pub(super) fn of(&self, device: &str, numbers: &Numbers) -> &Load {
        numbers.get(device).and_then(|number| self.by_device.get(&number)).unwrap_or(&self.none)
    }

    /// Counts a link in; one with an end that leads nowhere asks nothing of anybody,
    /// and a passive one sends no updates.
    pub(super) fn insert(&mut self, key: &LinkKey, link: &Link, provider: &End, consumer: &End) {
        let Some(share) = Share::of(key, link, provider, consumer) else { return };
        self.count(&share, true);
        self.shares.insert(key.clone(), share);
    }

    /// What the devices at the ends of a link would have to bear if the plan had it as well, and not the one `instead` of which it is
    /// drawn.
    pub(super) fn with(
        &self,
        key: &LinkKey,
        link: &Link,
        [provider, consumer]: [&End; 2],
        instead: Option<&LinkKey>,
    ) -> BTreeMap<Number, Load> {
        let Some(share) = Share::of(key, link, provider, consumer) else { return BTreeMap::new() };
        let given_up = instead.and_then(|key| self.shares.get(key));
        let bearers = share.bearers().chain(given_up.into_iter().flat_map(Share::bearers));
        let mut loads: BTreeMap<Number, Load> =
            bearers.map(|device| (device, self.by_device.get(&device).cloned().unwrap_or_default())).collect();
        for (share, add) in given_up.map(|share| (share, false)).into_iter().chain([(&share, true)]) {
            share.count(&mut |device, change| change(loads.entry(device).or_default()), add);
        }
        loads
    }

    /// Takes a link out again. Returns the devices that bore it.
    pub(super) fn remove(&mut self, key: &LinkKey) -> impl Iterator<Item = Number> + use<> {
        let share = self.shares.remove(key);
        if let Some(share) = &share {
            self.count(share, false);
        }
        share.into_iter().flat_map(|share| share.bearers())
    }

    /// The devices that bear a link.
    pub(super) fn bearers(&self, key: &LinkKey) -> impl Iterator<Item = Number> {
        self.shares.get(key).into_iter().flat_map(Share::bearers)
    }

    /// Whether an input is known to be fed.
    pub(super) fn is_fed(&self, port: &PortRef) -> bool {
        self.shares.contains_key(&LinkKey::to(port.clone())) || self.constants.contains_key(port)
    }

    /// Counts a constant in, or as gone where its input is none; returns the devices that keep it, or kept it.
    pub(super) fn set_constant(&mut self, port: &PortRef, end: Option<&End>) -> impl Iterator<Item = Number> + use<> {
        let kept = self.constants.remove(port);
        let keep = end.filter(|end| end.described.is_some()).and_then(|end| end.placed).map(|placed| placed.bearers);
        for (devices, add) in [(kept, false), (keep, true)] {
            for device in devices.into_iter().flatten().flatten() {
                change(&mut self.by_device.entry(device).or_default().constants, 1, add);
            }
        }
        if let Some(devices) = keep {
            self.constants.insert(port.clone(), devices);
        }
        kept.into_iter().chain(keep).flatten().flatten()
    }

    fn count(&mut self, share: &Share, add: bool) {
        share.count(&mut |device, change| change(self.by_device.entry(device).or_default()), add);
    }
}

/// What happens to the load of a device.
type Change<'a> = &'a dyn Fn(&mut Load);

impl Share {
    fn of(key: &LinkKey, link: &Link, provider: &End, consumer: &End) -> Option<Self> {
        let (from, to) = (provider.placed?, consumer.placed?);
        let (port, _) = (provider.described?, consumer.described?);
        Some(Self {
            providers: from.bearers,
            consumers: to.bearers,
            provider_acco: acco(from, &link.provider.ldev)?,
            consumer_acco: acco(to, &key.consumer.ldev)?,
            // Bounded, so that no sum over links ever saturates.
            bytes: port.value_type.wire_bytes().min(u64::from(u32::MAX)),
            cyclic: link.qos.qos_type == QosType::Cyclic,
            updates_per_1000_s: if link.active { updates_per_1000_s(link.qos.value_ms) } else { 0 },
        })
    }

    /// The devices that bear it.
    fn bearers(&self) -> impl Iterator<Item = Number> + use<> {
        self.providers.into_iter().chain(self.consumers).flatten()
    }

    /// Counts it in, or out, on each device that bears it: `on` changes the load of one.
    fn count(&self, on: &mut dyn FnMut(Number, Change<'_>), add: bool) {
        let accos = (self.provider_acco, self.consumer_acco);
        // Two ACCOs that feed each other are one pair.
        let pair = (accos.0.min(accos.1), accos.0.max(accos.1));
        for device in self.providers.into_iter().flatten() {
            on(device, &|load| {
                change(&mut load.connections_out, 1, add);
                change(&mut load.bytes_out, self.bytes, add);
                change(&mut load.cyclic_out, u64::from(self.cyclic), add);
                change(&mut load.updates_per_1000_s, self.updates_per_1000_s, add);
                load.partner(device, &self.consumers, pair, add);
            });
        }
        for device in self.consumers.into_iter().flatten() {
            on(device, &|load| {
                change(&mut load.connections_in, 1, add);
                change(&mut load.bytes_in, self.bytes, add);
                change(&mut load.cyclic_in, u64::from(self.cyclic), add);
                change(&mut load.updates_per_1000_s, self.updates_per_1000_s, add);
                load.partner(device, &self.providers, pair, add);
            });
        }
    }
}

impl Load {
    /// Counts the pair of ACCOs at the ends, unless the device itself bears the other end as well.
    fn partner(&mut self, own: Number, other_end: &[Option<Number>; 2], pair: (Acco, Acco), add: bool) {
        // Without a device at the other end nobody is there to connect with.
        if other_end.contains(&Some(own)) || other_end.iter().flatten().next().is_none() {
            return;
        }
        let links = self.partners.entry(pair).or_default();
        change(links, 1, add);
        if *links == 0 {
            self.partners.remove(&pair);
        }
    }
}

fn acco(placed: &Placed, ldev: &str) -> Option<Acco> {
    let ldevs = &placed.component.as_deref()?.ldevs;
    let ldev_idx = ldevs.iter().position(|candidate| candidate.name == ldev)?;
    Some((placed.number, Number::try_from(ldev_idx).ok()?))
}

fn change(sum: &mut u64, by: u64, add: bool) {
    *sum = if add { sum.saturating_add(by) } else { sum.saturating_sub(by) };
}
