//! What a device keeps over a power cycle: its persistent connections and their counters, as JSON.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::items::Items;
use crate::binding;
use crate::generate::TypedValue;
use crate::model::{Name, ValueType};
use crate::proto::acco::consumer::{Database, Record};
use crate::wire::Variant;
use crate::wire::cba::{Activation, Persistence, Qos, QosType};

/// Number of the format.
const FORMAT: u32 = 1;

/// Where a device keeps what it saves.
#[derive(Debug, Clone)]
pub enum Store {
    /// In memory, shared by all clones: survives a power cycle of the virtual device, not the end of the program.
    Memory(Arc<Mutex<Option<String>>>),
    /// In a file of its own, written anew at every save.
    File(PathBuf),
}

impl Default for Store {
    fn default() -> Self {
        Self::Memory(Arc::default())
    }
}

/// Why stored connections cannot be used, or not be stored.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// What is stored is no saved device.
    #[error("{place}: {what}; delete it to start with an empty device")]
    Content {
        /// The file, or `memory`.
        place: String,
        /// What is wrong, with line and column.
        what: String,
    },
}

/// What is saved of a device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Saved {
    format: u32,
    device: Name,
    pub(super) pdev_stamp: u32,
    pub(super) ldevs: Vec<SavedLDev>,
}

/// What is saved of a logical device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SavedLDev {
    pub(super) name: Name,
    cdb_cookie: u32,
    next_cons_id: u32,
    ping_factor: u16,
    connections: Vec<SavedConnection>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedConnection {
    cons_id: u32,
    version: u16,
    provider: String,
    provider_item: String,
    consumer_item: String,
    qos_type: u16,
    qos_value: u16,
    active: bool,
    substitute: Option<TypedValue>,
    epsilon: Option<TypedValue>,
}

impl Saved {
    pub(super) fn new(device: Name, pdev_stamp: u32, ldevs: Vec<SavedLDev>) -> Self {
        Self { format: FORMAT, device, pdev_stamp, ldevs }
    }
}

impl SavedLDev {
    pub(super) fn new(name: Name, database: Database, items: &Items) -> Self {
        let connections = database.records.into_iter().map(|record| {
            let value_type = items.value_type(&record.consumer_item);
            let typed = |value: Option<&Variant>| typed(value?, value_type?);
            SavedConnection {
                cons_id: record.cons_id,
                version: record.version,
                qos_type: record.qos.kind.into(),
                qos_value: record.qos.value,
                active: record.state == Activation::Active,
                substitute: typed(record.substitute.as_ref()),
                epsilon: typed(record.epsilon.as_ref()),
                provider: record.provider,
                provider_item: record.provider_item,
                consumer_item: record.consumer_item,
            }
        });
        Self {
            name,
            cdb_cookie: database.cookie,
            next_cons_id: database.next_cons_id,
            ping_factor: database.ping_factor,
            connections: connections.collect(),
        }
    }

    pub(super) fn into_database(self) -> Database {
        let records = self.connections.into_iter().map(|saved| Record {
            cons_id: saved.cons_id,
            version: saved.version,
            provider: saved.provider,
            provider_item: saved.provider_item,
            consumer_item: saved.consumer_item,
            qos: Qos::new(QosType::from(saved.qos_type), saved.qos_value),
            state: if saved.active { Activation::Active } else { Activation::Passive },
            persistence: Persistence::Persistent,
            substitute: variant(saved.substitute),
            epsilon: variant(saved.epsilon),
        });
        Database {
            records: records.collect(),
            next_cons_id: self.next_cons_id,
            cookie: self.cdb_cookie,
            ping_factor: self.ping_factor,
        }
    }
}

fn typed(value: &Variant, value_type: &ValueType) -> Option<TypedValue> {
    let value = binding::from_variant(value, value_type).ok()?;
    Some(TypedValue { value_type: value_type.clone(), value })
}

fn variant(value: Option<TypedValue>) -> Option<Variant> {
    let TypedValue { value_type, value } = value?;
    binding::to_variant(&value, &value_type).ok()
}

impl Store {
    /// What was saved last; `None` if nothing ever was.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub(super) fn load(&self) -> Result<Option<Saved>, StoreError> {
        let (text, place) = match self {
            Self::Memory(text) => (text.lock().unwrap_or_else(PoisonError::into_inner).clone(), "memory".to_owned()),
            Self::File(path) => match std::fs::read_to_string(path) {
                Ok(text) => (Some(text), path.display().to_string()),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => (None, String::new()),
                Err(source) => return Err(StoreError::Io { path: path.clone(), source }),
            },
        };
        let Some(text) = text else { return Ok(None) };
        let content = |what: String| StoreError::Content { place: place.clone(), what };
        let saved: Saved = serde_json::from_str(&text).map_err(|error| content(error.to_string()))?;
        if saved.format != FORMAT {
            return Err(content(format!("format {} is not {FORMAT}", saved.format)));
        }
        Ok(Some(saved))
    }

    /// Replaces what was saved. A file is never seen half written.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub(super) fn write(&self, saved: &Saved) -> Result<(), StoreError> {
        let text = serde_json::to_string_pretty(saved)
            .map_err(|error| StoreError::Content { place: "memory".into(), what: error.to_string() })?;
        match self {
            Self::Memory(held) => *held.lock().unwrap_or_else(PoisonError::into_inner) = Some(text),
            Self::File(path) => {
                let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
                let write = || {
                    let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(".".as_ref()))?;
                    std::io::Write::write_all(&mut file, text.as_bytes())?;
                    file.persist(path).map_err(|error| error.error)
                };
                write().map_err(|source| StoreError::Io { path: path.clone(), source })?;
            }
        }
        Ok(())
    }
}
