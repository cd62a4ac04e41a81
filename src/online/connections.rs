//! The connections an LDev holds, held against those it should hold.

use std::collections::BTreeMap;

use super::Targets;
use crate::binding::{BindingError, qos, to_variant};
use crate::generate::{LdevConfiguration, Persistence, TypedValue};
use crate::model::Name;
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
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unwritable {
    /// A provider's device has no address.
    #[error("{0} has no IP address in the plan")]
    NoAddress(Name),
    /// A value has no form on the wire.
    #[error("the value of {item} cannot be sent: {error}")]
    Value {
        /// Consumer item.
        item: Name,
        /// Why.
        error: BindingError,
    },
}

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
    pub what: String,
    /// As planned; `None` when the plan has no such thing.
    pub planned: Option<String>,
    /// As found; `None` when the device has no such thing.
    pub found: Option<String>,
}

impl std::fmt::Display for Difference {
    /// `+ Fill.start <- 192.168.0.11!Belt Run.running, cyclic 8 ms` and likewise with `-` and `~`, seen from the device:
    /// `+` is missing there, `-` is surplus there.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let place = if self.ldev.is_empty() { self.what.clone() } else { format!("{}: {}", self.ldev, self.what) };
        match (&self.planned, &self.found) {
            (Some(planned), None) => write!(f, "+ {place} {planned} (missing in the device)"),
            (None, Some(found)) => write!(f, "- {place} {found} (not in the plan)"),
            (planned, found) => write!(
                f,
                "~ {place} {} (the device has {})",
                planned.as_deref().unwrap_or_default(),
                found.as_deref().unwrap_or_default()
            ),
        }
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
            what: item.clone(),
            planned: wanted.get(item).map(describe),
            found: found.get(item).map(describe),
        })
        .collect()
}

/// A connection in words, without its consumer item: `<- 192.168.0.12!Filler Fill.level, acyclic 500 ms, substitute 0`.
fn describe(connection: &Connection) -> String {
    use std::fmt::Write as _;
    if connection.provider.is_empty() {
        return format!(
            "= {}",
            connection.substitute.as_ref().map_or_else(|| "nothing".to_owned(), ToString::to_string)
        );
    }
    let mut text = format!("<- {} {}, {}", connection.provider, connection.provider_item, connection.qos);
    match &connection.substitute {
        Some(value) => _ = write!(text, ", substitute {}", value),
        None => text.push_str(", holds the last value"),
    }
    if let Some(epsilon) = &connection.epsilon {
        _ = write!(text, ", epsilon {}", epsilon);
    }
    if connection.state == Activation::Passive {
        text.push_str(", passive");
    }
    if !connection.persistent {
        text.push_str(", not stored");
    }
    text
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
