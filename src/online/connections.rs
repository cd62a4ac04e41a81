//! The connections an LDev holds, held against those it should hold.

use std::collections::BTreeMap;

use super::Targets;
use crate::binding::{BindingError, qos, to_variant};
use crate::generate::{LdevConfiguration, Persistence, TypedValue};
use crate::model::{Name, Phrase, Say};
use crate::wire::Variant;
use crate::wire::cba::{Activation, Qos};

/// One connection of a consumer, as read from a device or as it should be. The consumer item is its key.
#[derive(Debug, Clone, PartialEq)]
pub struct Connection {
    /// Provider ACCO as on the wire, `192.168.0.12!Filler`; empty for a constant.
    pub provider: String,
    /// Item at the provider; empty for a constant.
    pub provider_item: String,
    /// Transmission.
    pub qos: Qos,
    /// Connects, or is only stored.
    pub state: Activation,
    /// Kept across a restart (pending counts as kept).
    pub persistent: bool,
    /// Value on connection loss; `None` holds the last one.
    pub substitute: Option<Variant>,
    /// Least change that is sent.
    pub epsilon: Option<Variant>,
}

/// Connections of one LDev by consumer item.
pub type Connections = BTreeMap<String, Connection>;

/// Why a configuration cannot be brought to its device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unwritable {
    /// A provider's device has no address.
    NoAddress(Name),
    /// A value has no form on the wire.
    Value {
        /// Consumer item.
        item: Name,
        /// Why.
        error: BindingError,
    },
}

impl Say for Unwritable {
    fn say(&self) -> Phrase {
        match self {
            Self::NoAddress(it) => crate::say!("{it} has no IP address in the plan", it),
            Self::Value { item, error } => crate::say!("the value of {item} cannot be sent: {error}", item, error),
        }
    }
}

crate::error_in_words!(Unwritable);

/// What a configuration asks an LDev to hold, with providers at the addresses where they really are.
///
/// # Errors
/// The first part of it that cannot be brought to the device.
pub fn wanted(ldev: &LdevConfiguration, targets: &Targets) -> Result<Connections, Unwritable> {
    let mut connections = Connections::new();
    for group in &ldev.groups {
        let provider = match &group.provider {
            None => String::new(),
            Some(provider) => targets
                .acco_name(&provider.device, &provider.ldev)
                .ok_or_else(|| Unwritable::NoAddress(provider.device.clone()))?,
        };
        for connection in &group.connections {
            let variant = |value: &TypedValue| {
                to_variant(&value.value, &value.value_type)
                    .map_err(|error| Unwritable::Value { item: connection.consumer_item.clone(), error })
            };
            connections.insert(
                connection.consumer_item.to_string(),
                Connection {
                    provider: provider.clone(),
                    provider_item: connection.provider_item.to_string(),
                    qos: Qos::new(qos::qos_type_to_wire(group.qos_type), group.qos_value_ms),
                    state: if group.active { Activation::Active } else { Activation::Passive },
                    persistent: connection.persistence == Persistence::Persistent,
                    substitute: connection.substitute.as_ref().map(variant).transpose()?,
                    epsilon: connection.epsilon.as_ref().map(variant).transpose()?,
                },
            );
        }
    }
    Ok(connections)
}

/// What must be done to an LDev that holds `found` so that it holds `wanted`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Delta {
    /// Consumer items to disconnect, since they are not wanted or not like this.
    pub remove: Vec<String>,
    /// Connections to make.
    pub add: Connections,
    /// Consumer items that are right but for being active or passive, with the state wanted.
    pub switch: Vec<(String, Activation)>,
}

impl Delta {
    /// From what is there to what should be.
    pub fn between(found: &Connections, wanted: &Connections) -> Self {
        let mut delta = Self { add: wanted.clone(), ..Self::default() };
        for (item, connection) in found {
            match wanted.get(item) {
                Some(other) if other == connection => _ = delta.add.remove(item),
                Some(other) if *other == (Connection { state: other.state, ..connection.clone() }) => {
                    delta.switch.push((item.clone(), other.state));
                    delta.add.remove(item);
                }
                _ => delta.remove.push(item.clone()),
            }
        }
        delta
    }

    /// Nothing to do.
    pub fn is_empty(&self) -> bool {
        self.remove.is_empty() && self.add.is_empty() && self.switch.is_empty()
    }
}

/// A difference between plan and device, in words.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Difference {
    /// LDev; empty for the device as a whole.
    pub ldev: String,
    /// What differs: a consumer item, or a property of the device like `Producer`.
    pub what: Phrase,
    /// As planned; `None` when the plan has no such thing.
    pub planned: Option<Phrase>,
    /// As found; `None` when the device has no such thing.
    pub found: Option<Phrase>,
}

impl Difference {
    /// How the device and the plan differ: `+` is missing in the device, `-` is surplus there, `~` is otherwise.
    pub fn sign(&self) -> char {
        match (&self.planned, &self.found) {
            (Some(_), None) => '+',
            (None, Some(_)) => '-',
            _ => '~',
        }
    }

    /// What differs, without the sign.
    pub fn text(&self) -> Phrase {
        let Self { ldev, what, .. } = self;
        let place = match ldev.is_empty() {
            true => what.say(),
            false => crate::say!("{ldev}: {what}", ldev, what),
        };
        match (&self.planned, &self.found) {
            (Some(planned), None) => crate::say!("{place} {planned} (missing in the device)", place, planned),
            (None, Some(found)) => crate::say!("{place} {found} (not in the plan)", place, found),
            (planned, found) => crate::say!(
                "{place} {planned} (the device has {found})",
                place,
                planned = planned.clone().unwrap_or_default(),
                found = found.clone().unwrap_or_default()
            ),
        }
    }
}

impl Say for Difference {
    /// `+ Fill.start <- 192.168.0.11!Belt Run.running, cyclic 8 ms` and likewise with `-` and `~`, seen from the device.
    fn say(&self) -> Phrase {
        crate::say!("{sign} {text}", sign = self.sign(), text = self.text())
    }
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.say().fmt(f)
    }
}

/// Compares what an LDev holds with what it should hold.
pub fn differences(ldev: &str, found: &Connections, wanted: &Connections) -> Vec<Difference> {
    let mut items: Vec<&String> = found.keys().chain(wanted.keys()).collect();
    items.sort();
    items.dedup();
    items
        .into_iter()
        .filter(|item| found.get(*item) != wanted.get(*item))
        .map(|item| Difference {
            ldev: ldev.to_owned(),
            what: item.say(),
            planned: wanted.get(item).map(describe),
            found: found.get(item).map(describe),
        })
        .collect()
}

/// A connection in words, without its consumer item: `<- 192.168.0.12!Filler Fill.level, acyclic 500 ms, substitute 0`.
fn describe(connection: &Connection) -> Phrase {
    let substitute = connection.substitute.as_ref().map(Phrase::plain);
    if connection.provider.is_empty() {
        let value = substitute.unwrap_or_else(|| crate::say!("nothing"));
        return crate::say!("= {value}", value);
    }
    let provider = format!("<- {} {}", connection.provider, connection.provider_item);
    let mut parts = vec![Phrase::plain(provider), connection.qos.say()];
    parts.push(match substitute {
        Some(value) => crate::say!("substitute {value}", value),
        None => crate::say!("holds the last value"),
    });
    parts.extend(connection.epsilon.as_ref().map(|epsilon| {
        let epsilon = Phrase::plain(epsilon);
        crate::say!("epsilon {epsilon}", epsilon)
    }));
    if connection.state == Activation::Passive {
        parts.push(crate::say!("passive"));
    }
    if !connection.persistent {
        parts.push(crate::say!("not stored"));
    }
    Phrase::list(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(provider_item: &str, state: Activation) -> Connection {
        Connection {
            provider: "127.0.0.2!A".into(),
            provider_item: provider_item.into(),
            qos: Qos::new(crate::wire::cba::QosType::Acyclic, 500),
            state,
            persistent: true,
            substitute: None,
            epsilon: None,
        }
    }

    fn all(entries: &[(&str, &str, Activation)]) -> Connections {
        entries.iter().map(|(item, provider, state)| ((*item).to_owned(), connection(provider, *state))).collect()
    }

    #[test]
    fn delta_does_the_least() {
        let found = all(&[
            ("F.same", "P.a", Activation::Active),
            ("F.other", "P.a", Activation::Active),
            ("F.gone", "P.a", Activation::Active),
            ("F.sleeps", "P.a", Activation::Passive),
        ]);
        let wanted = all(&[
            ("F.same", "P.a", Activation::Active),
            ("F.other", "P.b", Activation::Active),
            ("F.new", "P.a", Activation::Active),
            ("F.sleeps", "P.a", Activation::Active),
        ]);
        let delta = Delta::between(&found, &wanted);
        assert_eq!(delta.remove, ["F.gone", "F.other"]);
        assert_eq!(delta.add.keys().collect::<Vec<_>>(), ["F.new", "F.other"]);
        assert_eq!(delta.switch, [("F.sleeps".to_owned(), Activation::Active)]);
        assert!(Delta::between(&wanted, &wanted).is_empty());

        let lines: Vec<_> = differences("L", &found, &wanted).iter().map(ToString::to_string).collect();
        assert_eq!(
            lines,
            [
                "- L: F.gone <- 127.0.0.2!A P.a, acyclic 500 ms, holds the last value (not in the plan)",
                "+ L: F.new <- 127.0.0.2!A P.a, acyclic 500 ms, holds the last value (missing in the device)",
                "~ L: F.other <- 127.0.0.2!A P.b, acyclic 500 ms, holds the last value \
                 (the device has <- 127.0.0.2!A P.a, acyclic 500 ms, holds the last value)",
                "~ L: F.sleeps <- 127.0.0.2!A P.a, acyclic 500 ms, holds the last value \
                 (the device has <- 127.0.0.2!A P.a, acyclic 500 ms, holds the last value, passive)",
            ]
        );
    }
}
