//! What differs between two configurations of a device, in words.

use std::collections::BTreeMap;
use std::fmt::{self, Display};

use super::{Configuration, Connection, ConnectionGroup, LdevConfiguration, PayloadReference, Persistence, TypedValue};
use crate::model::{Name, QosType};

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
    pub text: String,
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

/// What must change in a device that holds `old` so that it holds `new`: identity and addresses first, then LDev by LDev
/// with connections in the order of their inputs, then payloads. Remarks do not count.
pub fn difference(old: &Configuration, new: &Configuration) -> Vec<Change> {
    let mut changes = Changes(Vec::new());
    changes.setting("planned device", &old.device, &new.device);
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
    fn push(&mut self, kind: ChangeKind, text: String) {
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

    fn setting(&mut self, what: &str, old: &(impl PartialEq + Display), new: &(impl PartialEq + Display)) {
        let (old, new) = (old.to_string(), new.to_string());
        if old != new {
            self.push(ChangeKind::Changed, format!("{what} {} (was {})", shown(&new), shown(&old)));
        }
    }

    fn optional<T: Display>(&mut self, what: &str, old: &Option<T>, new: &Option<T>) {
        self.setting(what, &text(old), &text(new));
    }

    fn identity(&mut self, old: &Configuration, new: &Configuration) {
        let (old, new) = (&old.identity, &new.identity);
        self.setting("producer", &old.producer, &new.producer);
        self.setting("product", &old.product, &new.product);
        self.optional("revision", &old.revision, &new.revision);
        self.optional("stack revision", &old.pn_revision, &new.pn_revision);
        self.optional("vendor id", &old.vendor_id, &new.vendor_id);
        self.optional("device id", &old.device_id, &new.device_id);
        self.setting("CBA stage", &old.stage, &new.stage);
    }

    fn network(&mut self, old: &Configuration, new: &Configuration) {
        let (old, new) = (&old.network, &new.network);
        self.setting("name of station", &old.name_of_station, &new.name_of_station);
        self.optional("IP address", &old.ip, &new.ip);
        self.optional("mask", &old.mask, &new.mask);
        self.optional("router", &old.router, &new.router);
        self.optional("MAC address", &old.mac, &new.mac);
    }

    fn ldev(&mut self, old: Option<&LdevConfiguration>, new: Option<&LdevConfiguration>) {
        if let (Some(old), Some(new)) = (old, new) {
            let of = |what: &str| format!("LDev {}: {what}", new.name);
            self.setting(&of("instance"), &old.instance, &new.instance);
            self.setting(&of("component"), &old.component_id, &new.component_id);
            self.setting(&of("component version"), &old.component_version, &new.component_version);
            self.setting(&of("producer"), &old.producer, &new.producer);
            self.setting(&of("product"), &old.product, &new.product);
            self.optional(&of("revision"), &old.revision, &new.revision);
            let place = |ldev: &LdevConfiguration| {
                ldev.profibus.as_ref().map(|place| {
                    format!("{} at PROFIBUS {}/{}", place.device, place.system_id, shown(&text(&place.address)))
                })
            };
            self.optional(&of("place"), &place(old), &place(new));
        } else {
            let whole = |ldev: &LdevConfiguration| {
                format!("LDev {} of {}, component version {}", ldev.name, ldev.instance, ldev.component_version)
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
                    let text = format!("{}: {}", source_text(instance, new), differences.join(", "));
                    self.push(ChangeKind::Changed, text);
                }
            }
            (Some(old), None) => self.push(ChangeKind::Removed, connection_text(instance, old)),
            (None, Some(new)) => self.push(ChangeKind::Added, connection_text(instance, new)),
            (None, None) => {}
        }
    }

    fn payload(&mut self, old: Option<&PayloadReference>, new: Option<&PayloadReference>) {
        let text = |payload: &PayloadReference| format!("{} {} of {}", payload.kind, payload.id, payload.instance);
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
fn source_text(instance: &Name, (group, connection): &Planned<'_>) -> String {
    let input = format!("{instance}.{}", connection.consumer_item);
    match &group.provider {
        Some(provider) => format!("{input} <- {}.{}", provider.instance, connection.provider_item),
        None => format!("{input} = {}", shown(&text(&connection.substitute))),
    }
}

/// [`source_text`] with the transmission and what is not usual about the connection.
fn connection_text(instance: &Name, planned: &Planned<'_>) -> String {
    let (group, connection) = planned;
    let mut out = source_text(instance, planned);
    if group.provider.is_none() {
        return out;
    }
    out.push_str(&format!(", {}", qos_text(group)));
    if !group.active {
        out.push_str(", passive");
    }
    if connection.persistence == Persistence::Volatile {
        out.push_str(", volatile");
    }
    if let Some(substitute) = &connection.substitute {
        out.push_str(&format!(", substitute {substitute}"));
    }
    if let Some(epsilon) = &connection.epsilon {
        out.push_str(&format!(", epsilon {epsilon}"));
    }
    out
}

fn connection_differences((old_group, old): &Planned<'_>, (new_group, new): &Planned<'_>) -> Vec<String> {
    let mut differences = Vec::new();
    let mut compare = |what: &str, old: String, new: String| {
        if old != new {
            let what = if what.is_empty() { String::new() } else { format!("{what} ") };
            differences.push(format!("{what}{new} (was {old})"));
        }
    };
    let source = |group: &ConnectionGroup, connection: &Connection| match &group.provider {
        Some(provider) => format!(
            "{}.{} at {}!{} on {}",
            provider.instance,
            connection.provider_item,
            shown(&text(&provider.ip)),
            provider.ldev,
            provider.device
        ),
        None => "a constant".to_owned(),
    };
    compare("from", source(old_group, old), source(new_group, new));
    if old_group.provider.is_none() && new_group.provider.is_none() {
        compare("value", value_text(&old.substitute, "none"), value_text(&new.substitute, "none"));
        return differences;
    }
    compare("", qos_text(old_group), qos_text(new_group));
    let state = |active: bool| if active { "active" } else { "passive" }.to_owned();
    compare("", state(old_group.active), state(new_group.active));
    let persistence = |persistence: Persistence| match persistence {
        Persistence::Volatile => "volatile".to_owned(),
        Persistence::Persistent => "persistent".to_owned(),
    };
    compare("", persistence(old.persistence), persistence(new.persistence));
    let hold = "last value";
    compare("substitute", value_text(&old.substitute, hold), value_text(&new.substitute, hold));
    compare("epsilon", value_text(&old.epsilon, "none"), value_text(&new.epsilon, "none"));
    differences
}

/// The value with its type, so that a change of the type alone shows as well.
fn value_text(value: &Option<TypedValue>, absent: &str) -> String {
    match value {
        Some(typed) => format!("{} {typed}", typed.value_type),
        None => absent.to_owned(),
    }
}

fn qos_text(group: &ConnectionGroup) -> String {
    match group.qos_type {
        QosType::Constant => "constant".to_owned(),
        qos_type => format!("{} {} ms", qos_type.token(), group.qos_value_ms),
    }
}

fn text<T: Display>(value: &Option<T>) -> String {
    value.as_ref().map(ToString::to_string).unwrap_or_default()
}

fn shown(text: &str) -> &str {
    if text.is_empty() { "none" } else { text }
}
