//! What one device is to hold.
//!
//! These structs are the file format, field by field: `docs/schema/configuration.schema.json` describes the same. Lists are
//! sorted, absent values are `null`, so equal configurations are equal bytes.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use super::TypedValue;
use crate::model::{Name, QosType};

/// Number of this file format.
pub const FORMAT: u32 = 1;

/// What one device is to hold, with all it takes to recognise the device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Configuration {
    /// [`FORMAT`].
    pub format: u32,
    /// The device in the plan.
    pub device: Name,
    /// Who must answer at its address; a download stops when somebody else does.
    pub identity: ExpectedIdentity,
    /// How it is addressed.
    pub network: NetworkSettings,
    /// Its LDevs, and those of the PROFIBUS devices behind it, by name on the network.
    pub ldevs: Vec<LdevConfiguration>,
    /// Programs and parameter sets that belong into the device, by instance and id. Behaviour scripts are
    /// not among them: they are for virtual devices.
    pub payloads: Vec<PayloadReference>,
    /// What a person should know. Not part of the fingerprint.
    pub remarks: Vec<Remark>,
}

/// What a device answers when asked who it is. Empty texts and `null` are not compared.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedIdentity {
    /// PDev.Producer.
    pub producer: Name,
    /// PDev.Product.
    pub product: Name,
    /// PDev.Revision, e.g. `2.1`.
    pub revision: Option<Name>,
    /// PDev.PROFInetRevision; only devices of stage 2 can tell.
    pub pn_revision: Option<Name>,
    /// PROFINET vendor id.
    pub vendor_id: Option<u16>,
    /// PROFINET device id.
    pub device_id: Option<u16>,
    /// CBA stage the device is of: 1 or 2.
    pub stage: u8,
}

/// Ethernet addressing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkSettings {
    /// PROFINET name of station; empty when not decided.
    pub name_of_station: Name,
    /// IP address.
    pub ip: Option<Ipv4Addr>,
    /// Mask, that of the subnet when the device has none of its own.
    pub mask: Option<Ipv4Addr>,
    /// Router.
    pub router: Option<Ipv4Addr>,
    /// MAC address, once known, as `00:1b:1b:00:00:01`.
    pub mac: Option<Name>,
}

/// What one LDev is to hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LdevConfiguration {
    /// Name on the network, unique in the device.
    pub name: Name,
    /// The instance it belongs to.
    pub instance: Name,
    /// Its name in the component description.
    pub described_as: Name,
    /// LDev.ComponentInfo: component id.
    pub component_id: Name,
    /// LDev.ComponentInfo: version, compared number by number.
    pub component_version: Name,
    /// LDev.Producer.
    pub producer: Name,
    /// LDev.Product.
    pub product: Name,
    /// LDev.Revision.
    pub revision: Option<Name>,
    /// Where it really runs, when that is behind the device.
    pub profibus: Option<ProfibusPlace>,
    /// Connections it consumes; constants first, then by provider, transmission and activation.
    pub groups: Vec<ConnectionGroup>,
}

/// A place on a PROFIBUS line behind the device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfibusPlace {
    /// The PROFIBUS device in the plan.
    pub device: Name,
    /// DP master system.
    pub system_id: u8,
    /// PROFIBUS address.
    pub address: Option<u8>,
}

/// Connections with one provider, one transmission and one activation state: one AddConnections call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectionGroup {
    /// The providing ACCO; `null` for constants.
    pub provider: Option<Provider>,
    /// Transmission type, as its token, e.g. `acyclicHmi`.
    #[serde(with = "super::json::qos_token")]
    pub qos_type: QosType,
    /// Update time in milliseconds; 0 for constants.
    pub qos_value_ms: u16,
    /// `true`: connect at once. `false`: store only.
    pub active: bool,
    /// The connections, by consumer item.
    pub connections: Vec<Connection>,
}

/// An ACCO that provides values.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// The device in the plan that serves it: the proxy, for an LDev behind one.
    pub device: Name,
    /// The name of its LDev on the network.
    pub ldev: Name,
    /// The instance in the plan.
    pub instance: Name,
    /// Planned address of the device; `null` is an error of the plan.
    pub ip: Option<Ipv4Addr>,
}

impl Provider {
    /// The ACCO's name on the wire when its device is found at `ip` (wire spec 1.3, convention 33), e.g.
    /// `192.168.0.12!Filler`. Virtual devices stand at other addresses than planned, hence the argument.
    pub fn acco_name(&self, ip: Ipv4Addr) -> String {
        format!("{ip}!{}", self.ldev)
    }
}

/// One connection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Connection {
    /// `RTAuto.Property` at the provider; empty for a constant.
    pub provider_item: Name,
    /// `RTAuto.Property` at the consumer.
    pub consumer_item: Name,
    /// Whether the device keeps it across a restart.
    pub persistence: Persistence,
    /// Value on connection loss, `null` to hold the last one; the value itself for a constant.
    pub substitute: Option<TypedValue>,
    /// Least change that is sent; `null` sends any.
    pub epsilon: Option<TypedValue>,
}

/// Whether a connection outlives a restart of the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Persistence {
    /// Lost at restart; 0 on the wire.
    Volatile,
    /// Stored by Save; 2 on the wire.
    Persistent,
}

/// A program or parameter set that the component brings for the device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PayloadReference {
    /// The instance whose component brings it.
    pub instance: Name,
    /// Its id in the component description.
    pub id: Name,
    /// `program`, `parameters`, `hardware` or `other`.
    pub kind: Name,
    /// LDev of the description it is for; empty means the device.
    pub target: Name,
    /// Who can load it; empty when the description does not say.
    pub loader: Name,
    /// Bytes after decoding and decompression, as declared.
    pub size: Option<u64>,
    /// SHA-256 of those bytes, lower-case hex, as declared; empty when not declared.
    pub sha256: Name,
}

/// Something a person should know about a configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remark {
    /// The LDev.
    pub ldev: Name,
    /// What there is to know.
    pub text: String,
    /// Consumer items it is about, sorted.
    pub connections: Vec<Name>,
}

/// What is said of cyclic links as long as there are no cyclic frames.
pub const CARRIED_ACYCLICALLY: &str = "carried acyclically until cyclic frames are implemented";

impl Configuration {
    /// Number of connections, constants included.
    pub fn n_connections(&self) -> usize {
        self.ldevs.iter().flat_map(|ldev| &ldev.groups).map(|group| group.connections.len()).sum()
    }
}
