//! What the connection database stores.

use crate::wire::Variant;
use crate::wire::cba::{Activation, Persistence, Qos};

/// A stored connection.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Own id, not 0.
    pub cons_id: u32,
    /// Version of the record.
    pub version: u16,
    /// Provider ACCO, `<PDev>!<LDev>`; empty for constants.
    pub provider: String,
    /// Item at the provider; empty for constants.
    pub provider_item: String,
    /// Own item.
    pub consumer_item: String,
    /// How values travel, as it was asked for.
    pub qos: Qos,
    /// Whether it is active.
    pub state: Activation,
    /// Whether it survives a restart.
    pub persistence: Persistence,
    /// Value in force while none arrives; the value itself for constants.
    pub substitute: Option<Variant>,
    /// Change below which no value is to be sent.
    pub epsilon: Option<Variant>,
}

/// What survives a restart, as plain data for the owner to store.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Database {
    /// Persistent connections, by ConsID.
    pub records: Vec<Record>,
    /// First ConsID not yet given out.
    pub next_cons_id: u32,
    /// CDBCookie.
    pub cookie: u32,
    /// Ping factor.
    pub ping_factor: u16,
}
