//! What differs between two configurations of a device, in words.

use std::collections::BTreeMap;
use std::fmt::{self, Display};

use serde::{Serialize, Serializer};

use super::{Configuration, Connection, ConnectionGroup, LdevConfiguration, PayloadReference, Persistence, TypedValue};
use crate::model::{Name, Phrase, QosType, Say};
use crate::say;

/// Kind of a [`Change`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChangeKind {
    /// Only in the new one.
    Added,
    /// Only in the old one.
    Removed,
    /// In both, but not the same.
    Changed,
}

/// One difference. Its text is a line like `+ Filler1.Fill.start <- Conveyor1.Run.running, cyclic 8 ms`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Added, removed or changed.
    pub kind: ChangeKind,
    /// What, in words.
    pub text: Phrase,
}

impl Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.kind {
            ChangeKind::Added => '+',
            ChangeKind::Removed => '-',
            ChangeKind::Changed => '~',
        };
        write!(f, "{mark} {}", self.text)
    }
}

impl Serialize for Change {
    /// As it is displayed.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What must change in a device that holds `old` so that it holds `new`: identity and addresses first, then LDev by LDev
/// with connections in the order of their inputs, then payloads. Remarks do not count.
pub fn difference(old: &Configuration, new: &Configuration) -> Vec<Change> {
    let mut changes = Changes(Vec::new());
    changes.setting(say!("planned device"), &old.device, &new.device);
    changes.identity(old, new);
    changes.network(old, new);
    changes.by_key(&ldevs(old), &ldevs(new), |changes, old, new| changes.ldev(old.copied(), new.copied()));
    changes.by_key(&payloads(old), &payloads(new), |changes, old, new| changes.payload(old.copied(), new.copied()));
    changes.0
}

fn ldevs(configuration: &Configuration) -> BTreeMap<(&Name, &Name), &LdevConfiguration> {
    configuration.ldevs.iter().map(|ldev| ((&ldev.name, &ldev.described_as), ldev)).collect()
}

fn payloads(configuration: &Configuration) -> BTreeMap<(&Name, &Name), &PayloadReference> {
    configuration.payloads.iter().map(|payload| ((&payload.instance, &payload.id), payload)).collect()
}

/// A connection with the group it stands in.
type Planned<'a> = (&'a ConnectionGroup, &'a Connection);

struct Changes(Vec<Change>);

impl Changes {
    fn push(&mut self, kind: ChangeKind, text: Phrase) {
        self.0.push(Change { kind, text });
    }

    fn by_key<K: Ord, V>(
        &mut self,
        old: &BTreeMap<K, V>,
        new: &BTreeMap<K, V>,
        compare: impl Fn(&mut Self, Option<&V>, Option<&V>),
    ) {
        let mut keys: Vec<&K> = old.keys().chain(new.keys()).collect();
        keys.sort();
        keys.dedup();
        for key in keys {
            compare(self, old.get(key), new.get(key));
        }
    }

    fn setting(&mut self, what: Phrase, old: &(impl PartialEq + Display), new: &(impl PartialEq + Display)) {
        let (old, new) = (old.to_string(), new.to_string());
        if old != new {
            self.push(
                ChangeKind::Changed,
                say!("{what} {new} (was {old})", what, new = shown(&new), old = shown(&old)),
            );
        }
    }

    fn optional<T: Display>(&mut self, what: Phrase, old: &Option<T>, new: &Option<T>) {
        self.setting(what, &text(old), &text(new));
    }

    fn identity(&mut self, old: &Configuration, new: &Configuration) {
        let (old, new) = (&old.identity, &new.identity);
        self.setting(say!("producer"), &old.producer, &new.producer);
        self.setting(say!("product"), &old.product, &new.product);
        self.optional(say!("revision"), &old.revision, &new.revision);
        self.optional(say!("stack revision"), &old.pn_revision, &new.pn_revision);
        self.optional(say!("vendor id"), &old.vendor_id, &new.vendor_id);
        self.optional(say!("device id"), &old.device_id, &new.device_id);
        self.setting(say!("CBA stage"), &old.stage, &new.stage);
    }

    fn network(&mut self, old: &Configuration, new: &Configuration) {
        let (old, new) = (&old.network, &new.network);
        self.setting(say!("name of station"), &old.name_of_station, &new.name_of_station);
        self.optional(say!("IP address"), &old.ip, &new.ip);
        self.optional(say!("mask"), &old.mask, &new.mask);
        self.optional(say!("router"), &old.router, &new.router);
        self.optional(say!("MAC address"), &old.mac, &new.mac);
    }

    fn ldev(&mut self, old: Option<&LdevConfiguration>, new: Option<&LdevConfiguration>) {
        if let (Some(old), Some(new)) = (old, new) {
            let of = |what: Phrase| say!("LDev {ldev}: {what}", ldev = new.name, what);
            self.setting(of(say!("instance")), &old.instance, &new.instance);
            self.setting(of(say!("component")), &old.component_id, &new.component_id);
            self.setting(of(say!("component version")), &old.component_version, &new.component_version);
            self.setting(of(say!("producer")), &old.producer, &new.producer);
            self.setting(of(say!("product")), &old.product, &new.product);
            self.optional(of(say!("revision")), &old.revision, &new.revision);
            let place = |ldev: &LdevConfiguration| {
                ldev.profibus.as_ref().map(|place| {
                    let address = place.address.map_or_else(|| "none".to_owned(), |address| address.to_string());
                    format!("{} at PROFIBUS {}/{address}", place.device, place.system_id)
                })
            };
            self.optional(of(say!("place")), &place(old), &place(new));
        } else {
            let whole = |ldev: &LdevConfiguration| {
                say!(
                    "LDev {ldev} of {instance}, component version {version}",
                    ldev = ldev.name,
                    instance = ldev.instance,
                    version = ldev.component_version
                )
            };
            if let Some(old) = old {
                self.push(ChangeKind::Removed, whole(old));
            }
            if let Some(new) = new {
                self.push(ChangeKind::Added, whole(new));
            }
        }
        let instance = new.or(old).map(|ldev| ldev.instance.clone()).unwrap_or_default();
        let (old, new) = (planned(old), planned(new));
        self.by_key(&old, &new, |changes, old, new| changes.connection(&instance, old, new));
    }

    fn connection(&mut self, instance: &Name, old: Option<&Planned<'_>>, new: Option<&Planned<'_>>) {
        match (old, new) {
            (Some(old), Some(new)) => {
                let differences = connection_differences(old, new);
                if !differences.is_empty() {
                    let source = source_text(instance, new);
                    let text = say!("{source}: {differences}", source, differences = Phrase::list(differences));
                    self.push(ChangeKind::Changed, text);
                }
            }
            (Some(old), None) => self.push(ChangeKind::Removed, connection_text(instance, old)),
            (None, Some(new)) => self.push(ChangeKind::Added, connection_text(instance, new)),
            (None, None) => {}
        }
    }

    fn payload(&mut self, old: Option<&PayloadReference>, new: Option<&PayloadReference>) {
        let text = |payload: &PayloadReference| {
            say!("{kind} {id} of {instance}", kind = payload.kind, id = payload.id, instance = payload.instance)
        };
        match (old, new) {
            (Some(old), Some(new)) if old != new => self.push(ChangeKind::Changed, text(new)),
            (Some(old), None) => self.push(ChangeKind::Removed, text(old)),
            (None, Some(new)) => self.push(ChangeKind::Added, text(new)),
            _ => {}
        }
    }
}

fn planned(ldev: Option<&LdevConfiguration>) -> BTreeMap<Name, Planned<'_>> {
    let groups = ldev.into_iter().flat_map(|ldev| &ldev.groups);
    groups
        .flat_map(|group| {
            group.connections.iter().map(move |connection| (connection.consumer_item.clone(), (group, connection)))
        })
        .collect()
}

/// `Filler1.Fill.start <- Conveyor1.Run.running` or `Filler1.Fill.speed = 3`.
fn source_text(instance: &Name, (group, connection): &Planned<'_>) -> Phrase {
    let input = format!("{instance}.{}", connection.consumer_item);
    match &group.provider {
        Some(provider) => Phrase::plain(format!("{input} <- {}.{}", provider.instance, connection.provider_item)),
        None => say!("{input} = {value}", input, value = shown(&text(&connection.substitute))),
    }
}

/// [`source_text`] with the transmission and what is not usual about the connection.
fn connection_text(instance: &Name, planned: &Planned<'_>) -> Phrase {
    let (group, connection) = planned;
    let mut parts = vec![source_text(instance, planned)];
    if group.provider.is_none() {
        return Phrase::list(parts);
    }
    parts.push(qos_text(group));
    if !group.active {
        parts.push(say!("passive"));
    }
    if connection.persistence == Persistence::Volatile {
        parts.push(say!("volatile"));
    }
    parts.extend(connection.substitute.as_ref().map(|value| say!("substitute {value}", value = Phrase::plain(value))));
    let epsilon = connection.epsilon.as_ref();
    parts.extend(epsilon.map(|epsilon| say!("epsilon {epsilon}", epsilon = Phrase::plain(epsilon))));
    Phrase::list(parts)
}

fn connection_differences((old_group, old): &Planned<'_>, (new_group, new): &Planned<'_>) -> Vec<Phrase> {
    let mut differences = Vec::new();
    let mut compare = |what: Option<Phrase>, old: Phrase, new: Phrase| {
        if old != new {
            differences.push(match what {
                Some(what) => say!("{what} {new} (was {old})", what, new, old),
                None => say!("{new} (was {old})", new, old),
            });
        }
    };
    let source = |group: &ConnectionGroup, connection: &Connection| match &group.provider {
        Some(provider) => say!(
            "{item} at {ip}!{ldev} on {device}",
            item = format!("{}.{}", provider.instance, connection.provider_item),
            ip = shown(&text(&provider.ip)),
            ldev = provider.ldev,
            device = provider.device
        ),
        None => say!("a constant"),
    };
    compare(Some(say!("from")), source(old_group, old), source(new_group, new));
    if old_group.provider.is_none() && new_group.provider.is_none() {
        let absent = || say!("none");
        compare(Some(say!("value")), value_text(&old.substitute, absent()), value_text(&new.substitute, absent()));
        return differences;
    }
    compare(None, qos_text(old_group), qos_text(new_group));
    let state = |active: bool| if active { say!("active") } else { say!("passive") };
    compare(None, state(old_group.active), state(new_group.active));
    let persistence = |persistence: Persistence| match persistence {
        Persistence::Volatile => say!("volatile"),
        Persistence::Persistent => say!("persistent"),
    };
    compare(None, persistence(old.persistence), persistence(new.persistence));
    let hold = || say!("last value");
    compare(Some(say!("substitute")), value_text(&old.substitute, hold()), value_text(&new.substitute, hold()));
    let absent = || say!("none");
    compare(Some(say!("epsilon")), value_text(&old.epsilon, absent()), value_text(&new.epsilon, absent()));
    differences
}

/// The value with its type, so that a change of the type alone shows as well.
fn value_text(value: &Option<TypedValue>, absent: Phrase) -> Phrase {
    match value {
        Some(typed) => Phrase::plain(format!("{} {typed}", typed.value_type)),
        None => absent,
    }
}

fn qos_text(group: &ConnectionGroup) -> Phrase {
    match group.qos_type {
        QosType::Constant => say!("constant"),
        qos_type => say!("{qos_type} {value_ms} ms", qos_type, value_ms = group.qos_value_ms),
    }
}

fn text<T: Display>(value: &Option<T>) -> String {
    value.as_ref().map(ToString::to_string).unwrap_or_default()
}

fn shown(text: &str) -> Phrase {
    if text.is_empty() { say!("none") } else { text.say() }
}
