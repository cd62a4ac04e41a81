//! The state of a virtual device, shared by everything that serves and moves it.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use super::clock::{Clock, Now};
use super::fault::Faults;
use super::items::Items;
use super::ldev::LDev;
use super::spec::DeviceSpec;
use super::store::{Saved, SavedLDev, Store, StoreError};
use crate::binding::BindingError;
use crate::model::{Limits, Name, QosOffer, QosType};
use crate::proto::acco::{Consumer, ConsumerLimits, Provider, ProviderLimits, QosSupport};
use crate::wire::cba::HResult;

/// A device with all its logical devices.
#[derive(Debug)]
pub(super) struct DeviceCore {
    spec: DeviceSpec,
    faults: Arc<Faults>,
    clock: Clock,
    units: Vec<Unit>,
    /// What the device bears, all its LDevs together.
    limits: (ConsumerLimits, ProviderLimits),
    /// Held while connections may be added, so that two LDevs do not both take what is left.
    admission: Mutex<()>,
    /// Convention 7: counts the changes of all LDevs' connection databases.
    stamp: AtomicU32,
    store: Store,
    pub(super) counters: Counters,
    diagnostics: Mutex<Vec<String>>,
}

/// A logical device, and the bell of the task that works for it.
#[derive(Debug)]
struct Unit {
    ldev: Mutex<LDev>,
    bell: Notify,
    /// When its task will look again by itself, in nanoseconds of the device's clock.
    next_look: AtomicU64,
}

/// What a device has done since it started.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) calls_served: AtomicU64,
    pub(super) calls_made: AtomicU64,
    pub(super) values_sent: AtomicU64,
}

/// Diagnostic texts kept, the latest ones.
const MAX_DIAGNOSTICS: usize = 50;

impl DeviceCore {
    /// A device with what it had saved; `acco_name` names the ACCO of an LDev.
    ///
    /// # Errors
    /// A port's type is beyond the wire, or what was saved cannot be read.
    pub(super) fn new(
        spec: DeviceSpec,
        acco_name: impl Fn(&Name) -> String,
        faults: Arc<Faults>,
        store: Store,
    ) -> Result<Self, CoreError> {
        let clock = Clock::start();
        let now = clock.now();
        let mut saved = store.load()?;
        let limits = limits(&spec.limits);
        let mut units: Vec<Unit> = Vec::with_capacity(spec.ldevs.len());
        let mut diagnostics = Vec::new();
        for ldev_spec in &spec.ldevs {
            let Some(described) = ldev_spec.described() else { continue };
            let items = Items::new(described, now.wall)?;
            let (consumes, provides) = left_by(limits, units.iter());
            let mut consumer = Consumer::new(&acco_name(&ldev_spec.name), consumes, qos_support(&spec.qos, spec.stage));
            let held = saved.as_mut().and_then(|saved| {
                let at = saved.ldevs.iter().position(|held| held.name == ldev_spec.name)?;
                Some(saved.ldevs.swap_remove(at))
            });
            if let Some(held) = held {
                for (record, hr) in consumer.restore(held.into_database(), &items) {
                    diagnostics.push(format!("{}: stored connection not taken: {hr}", record.consumer_item));
                }
            }
            let ldev = LDev::new(items, Provider::new(provides), consumer);
            units.push(Unit { ldev: Mutex::new(ldev), bell: Notify::new(), next_look: AtomicU64::new(0) });
        }
        Ok(Self {
            spec,
            faults,
            clock,
            units,
            limits,
            admission: Mutex::new(()),
            stamp: AtomicU32::new(saved.map_or(0, |saved| saved.pdev_stamp)),
            store,
            counters: Counters::default(),
            diagnostics: Mutex::new(diagnostics),
        })
    }

    pub(super) fn spec(&self) -> &DeviceSpec {
        &self.spec
    }

    pub(super) fn faults(&self) -> &Faults {
        &self.faults
    }

    pub(super) fn now(&self) -> Now {
        self.clock.now()
    }

    pub(super) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// PDevStamp.
    pub(super) fn stamp(&self) -> u32 {
        self.stamp.load(Ordering::Relaxed)
    }

    pub(super) fn ldev_index(&self, name: &str) -> Option<usize> {
        self.spec.ldevs.iter().position(|ldev| ldev.name == name)
    }

    pub(super) fn n_ldevs(&self) -> usize {
        self.units.len()
    }

    /// Works on a logical device under its lock; `None` when there is no such one. Whoever holds the lock must not take
    /// another LDev's.
    pub(super) fn with_ldev<T>(&self, index: usize, work: impl FnOnce(&mut LDev) -> T) -> Option<T> {
        let unit = self.units.get(index)?;
        let mut ldev = lock(&unit.ldev);
        let before = cookie(&ldev);
        let result = work(&mut ldev);
        let changes = cookie(&ldev).wrapping_sub(before);
        let due = ldev.next_due();
        drop(ldev);
        if changes != 0 {
            self.stamp.fetch_add(changes, Ordering::Relaxed);
        }
        if due.is_some_and(|due| nanos(due) < unit.next_look.load(Ordering::Relaxed)) {
            unit.bell.notify_one();
        }
        Some(result)
    }

    /// As [`with_ldev`](Self::with_ldev), for work that may add connections: they find the room that the other LDevs leave of
    /// what the device bears.
    pub(super) fn with_ldev_admitting<T>(&self, index: usize, work: impl FnOnce(&mut LDev) -> T) -> Option<T> {
        let _one_at_a_time = lock(&self.admission);
        let others = self.units.iter().enumerate().filter(|(other, _)| *other != index).map(|(_, unit)| unit);
        let (consumes, provides) = left_by(self.limits, others);
        self.with_ldev(index, |ldev| {
            ldev.consumer.set_limits(consumes);
            ldev.provider.set_limits(provides);
            work(ldev)
        })
    }

    /// The task of an LDev: work now, then say when to look again. Rings of the bell in between are not lost.
    pub(super) fn attend<T>(&self, index: usize, work: impl FnOnce(&mut LDev) -> T) -> Option<(T, Option<Duration>)> {
        let unit = self.units.get(index)?;
        let mut ldev = lock(&unit.ldev);
        let result = work(&mut ldev);
        let due = ldev.next_due();
        unit.next_look.store(due.map_or(u64::MAX, nanos), Ordering::Relaxed);
        Some((result, due))
    }

    /// Waits until something is to be done for an LDev earlier than its task knows.
    pub(super) async fn rung(&self, index: usize) {
        match self.units.get(index) {
            Some(unit) => unit.bell.notified().await,
            None => std::future::pending().await,
        }
    }

    /// Saves the persistent connections of all LDevs.
    ///
    /// # Errors
    /// `E_FAIL` when they cannot be stored; a diagnostic text says why.
    pub(super) fn save(&self) -> Result<(), HResult> {
        let ldevs = self.spec.ldevs.iter().zip(&self.units).map(|(spec, unit)| {
            let mut ldev = lock(&unit.ldev);
            let database = ldev.consumer.save();
            SavedLDev::new(spec.name.clone(), database, &ldev.items)
        });
        let saved = Saved::new(self.spec.name.clone(), self.stamp(), ldevs.collect());
        self.store.write(&saved).map_err(|error| {
            self.note(format!("saving failed: {error}"));
            HResult::E_FAIL
        })
    }

    /// Keeps a diagnostic text.
    pub(super) fn note(&self, text: String) {
        let mut diagnostics = lock(&self.diagnostics);
        if diagnostics.last() != Some(&text) {
            if diagnostics.len() >= MAX_DIAGNOSTICS {
                diagnostics.remove(0);
            }
            diagnostics.push(text);
        }
    }

    /// The latest diagnostic texts, oldest first.
    pub(super) fn diagnostics(&self) -> Vec<String> {
        lock(&self.diagnostics).clone()
    }
}

/// Why a device cannot be set up.
#[derive(Debug, thiserror::Error)]
pub(super) enum CoreError {
    #[error(transparent)]
    Binding(#[from] BindingError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic under the lock leaves values that are each whole; serving on is better than failing every caller.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn cookie(ldev: &LDev) -> u32 {
    ldev.consumer.cdb_cookie().out.cookie
}

fn nanos(steady: Duration) -> u64 {
    u64::try_from(steady.as_nanos()).unwrap_or(u64::MAX)
}

/// What some LDevs leave of what their device bears.
fn left_by<'a>(
    limits: (ConsumerLimits, ProviderLimits),
    others: impl Iterator<Item = &'a Unit>,
) -> (ConsumerLimits, ProviderLimits) {
    others.fold(limits, |(consumes, provides), unit| {
        let ldev = lock(&unit.ldev);
        let (consumed, provided) = (ldev.consumer.in_use(), ldev.provider.in_use());
        let consumes = ConsumerLimits {
            connections: consumes.connections.saturating_sub(consumed.connections),
            cyclic: consumes.cyclic.saturating_sub(consumed.cyclic),
            partners: consumes.partners.saturating_sub(consumed.partners),
            bytes: consumes.bytes.saturating_sub(consumed.bytes),
            ..consumes
        };
        let provides = ProviderLimits {
            connections: provides.connections.saturating_sub(provided.connections),
            partners: provides.partners.saturating_sub(provided.partners),
            bytes: provides.bytes.saturating_sub(provided.bytes),
            ..provides
        };
        (consumes, provides)
    })
}

/// What a device bears: what its description and profile state, and generous numbers for what they leave open.
fn limits(limits: &Limits) -> (ConsumerLimits, ProviderLimits) {
    let number = |limit: Option<u32>, unlimited: usize| {
        limit.map_or(unlimited, |limit| usize::try_from(limit).unwrap_or(usize::MAX))
    };
    let (consumes, provides) = (ConsumerLimits::default(), ProviderLimits::default());
    (
        ConsumerLimits {
            connections: number(limits.connections_in, consumes.connections),
            cyclic: number(limits.cyclic_in, consumes.cyclic),
            partners: number(limits.partners, consumes.partners),
            bytes: number(limits.bytes_in, consumes.bytes),
            array_bytes: number(limits.array_bytes, consumes.array_bytes),
        },
        ProviderLimits {
            connections: number(limits.connections_out, provides.connections),
            partners: number(limits.partners, provides.partners),
            bytes: number(limits.bytes_out, provides.bytes),
            array_bytes: number(limits.array_bytes, provides.array_bytes),
        },
    )
}

/// The intervals a device offers: its own list, or those of convention 11. Only stage 2 knows cyclic connections.
fn qos_support(offers: &[QosOffer], stage: u8) -> QosSupport {
    let mut support = QosSupport::default();
    let all = |kinds: &[QosType]| {
        let mut values: Vec<u16> =
            offers.iter().filter(|offer| kinds.contains(&offer.qos_type)).flat_map(|o| o.values_ms.clone()).collect();
        values.sort_unstable();
        values.dedup();
        values
    };
    if !offers.is_empty() {
        let acyclic = [QosType::Acyclic, QosType::AcyclicStatus, QosType::AcyclicHmi];
        for (kinds, supported) in [(&acyclic[..], &mut support.acyclic), (&[QosType::Cyclic], &mut support.cyclic)] {
            let offered = offers.iter().any(|offer| kinds.contains(&offer.qos_type));
            let values = all(kinds);
            if !offered {
                supported.clear();
            } else if !values.is_empty() {
                *supported = values;
            }
        }
    }
    if stage < 2 {
        support.cyclic.clear();
    }
    support
}
