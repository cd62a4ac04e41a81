//! A component: what a vendor's description says about a device and its technological functions.

use std::fmt;
use std::sync::Arc;

use super::{Details, Name, PortPath, Value, ValueType};

/// Version of two to four numbers, compared number by number (`1.2` equals `1.2.0.0`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Version(pub [u16; 4]);

impl Version {
    /// Reads `1.2`, `1.2.3` or `1.2.3.4`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let mut numbers = [0; 4];
        let mut count = 0;
        for part in text.trim().split('.') {
            if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            *numbers.get_mut(count)? = part.parse().ok()?;
            count += 1;
        }
        (count >= 2).then_some(Self(numbers))
    }
}

impl fmt::Display for Version {
    /// Two numbers at least, trailing zeros left out: `1.0`, `2.1`, `2.1.3`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, third, fourth] = self.0;
        write!(f, "{major}.{minor}")?;
        if third != 0 || fourth != 0 {
            write!(f, ".{third}")?;
        }
        if fourth != 0 {
            write!(f, ".{fourth}")?;
        }
        Ok(())
    }
}

/// Which component, in which version: the identity that an LDev reports on line (ComponentInfo).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ComponentKey {
    /// UUID, lower case, without braces.
    pub id: Name,
    /// Version.
    pub version: Version,
}

impl fmt::Display for ComponentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.id, self.version)
    }
}

/// Text in several languages, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Texts(pub Vec<(Name, Arc<str>)>);

impl Texts {
    /// The text in `lang`, otherwise in English, otherwise the first there is.
    pub fn get(&self, lang: &str) -> Option<&str> {
        let find = |wanted: &str| self.0.iter().find(|(lang, _)| lang == wanted);
        find(lang).or_else(|| find("en")).or(self.0.first()).map(|(_, text)| &**text)
    }
}

/// A component description, understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Component {
    /// Identity.
    pub key: ComponentKey,
    /// Library caption.
    pub name: Name,
    /// Vendor's name.
    pub vendor: Name,
    /// At most one instance in a project; only its connections are loaded.
    pub singleton: bool,
    /// Library folder, levels separated by `/`; empty when the file has none.
    pub category: Name,
    /// Descriptions by language.
    pub description: Texts,
    /// Icons, by reference or by content.
    pub icons: Vec<Icon>,
    /// Documentation.
    pub links: Vec<DocLink>,
    /// The device.
    pub device: PhysicalDevice,
    /// Logical devices, at least one.
    pub ldevs: Vec<LogicalDevice>,
    /// Programs, parameters and behaviour scripts.
    pub payloads: Vec<Payload>,
    /// What the description says beyond that; no plan needs it.
    pub details: Arc<Details>,
    /// What the maker says about the device family beyond the description itself.
    pub profile: Option<Arc<DeviceProfile>>,
    /// The files it came from, byte for byte.
    pub source: Arc<ComponentSource>,
}

impl Component {
    /// Finds a port by the names behind the instance.
    pub fn port(&self, path: &PortPath) -> Option<&Port> {
        self.rtauto(&path.ldev, &path.rtauto)?.port(&path.port)
    }

    /// Finds an LDev.
    pub fn ldev(&self, ldev: &str) -> Option<&LogicalDevice> {
        self.ldevs.iter().find(|candidate| candidate.name == ldev)
    }

    /// Finds an RTAuto.
    pub fn rtauto(&self, ldev: &str, rtauto: &str) -> Option<&RtAuto> {
        self.ldev(ldev)?.rtautos.iter().find(|candidate| candidate.name == rtauto)
    }

    /// All RTAutos with the LDev each belongs to, in file order.
    pub fn rtautos(&self) -> impl Iterator<Item = (&LogicalDevice, &RtAuto)> {
        self.ldevs.iter().flat_map(|ldev| ldev.rtautos.iter().map(move |rtauto| (ldev, rtauto)))
    }

    /// What stage of CBA the device speaks: 2 knows the extended interfaces and cyclic connections.
    ///
    /// Our convention: the major number of the stack revision; without one, a device that offers cyclic
    /// transmission is of stage 2 and any other of stage 1.
    pub fn stage(&self) -> u8 {
        match self.device.identity.pn_revision {
            Some(Version([major, ..])) => {
                if major >= 2 {
                    2
                } else {
                    1
                }
            }
            None => {
                if self.device.qos.iter().any(|qos| qos.qos_type == QosType::Cyclic) {
                    2
                } else {
                    1
                }
            }
        }
    }

    /// The payload that holds the behaviour script of the virtual device ([`BEHAVIOUR_LOADER`]).
    pub fn behaviour(&self) -> Option<&Payload> {
        self.payloads.iter().find(|payload| payload.loader == BEHAVIOUR_LOADER)
    }
}

/// Loader name of the payload with the behaviour script. Our convention.
pub const BEHAVIOUR_LOADER: &str = "plantweave.behaviour";

/// The files of a component as they were imported.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ComponentSource {
    /// File name of the description, without folders.
    pub file_name: String,
    /// The description itself.
    pub xml: Arc<[u8]>,
    /// Files the description refers to (icons, documents, payloads) by relative path with `/`, sorted.
    pub files: std::collections::BTreeMap<String, Arc<[u8]>>,
}

impl ComponentSource {
    /// The bytes of a payload of this component as they were imported, with what errors call them; `None` when their file is
    /// missing.
    pub fn payload<'a>(&'a self, payload: &'a Payload) -> Option<(String, &'a Arc<[u8]>)> {
        match &payload.content {
            Content::Inline(bytes) => Some((format!("{}#{}", self.file_name, payload.id), bytes)),
            Content::Href(path) => Some((path.clone(), self.files.get(path)?)),
        }
    }
}

/// A picture of the component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Icon {
    /// `small`, `large`, `device` or `function`.
    pub kind: Name,
    /// MIME type, when given.
    pub mime: Name,
    /// Where the picture is.
    pub content: Content,
}

/// Bytes in the description or in a file beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Decoded bytes.
    Inline(Arc<[u8]>),
    /// Relative path, inside the folder of the description.
    Href(String),
}

/// A document that belongs to the component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocLink {
    /// `manual`, `help`, `web` or `project`.
    pub kind: Name,
    /// Language tag.
    pub lang: Name,
    /// Address or relative path.
    pub href: String,
    /// Caption.
    pub title: String,
}

/// Kind of device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeviceClass {
    /// Programmable controller.
    Plc,
    /// Personal computer.
    Pc,
    /// Stands on Ethernet for PROFIBUS devices.
    Proxy,
    /// PROFIBUS slave behind a proxy; has no Ethernet of its own.
    ProfibusSlave,
    /// Field device with fixed firmware.
    Field,
    /// Anything else.
    Other,
}

impl DeviceClass {
    /// All classes with their tokens in the description.
    pub const TOKENS: [(Self, &'static str); 6] = [
        (Self::Plc, "plc"),
        (Self::Pc, "pc"),
        (Self::Proxy, "proxy"),
        (Self::ProfibusSlave, "profibusSlave"),
        (Self::Field, "field"),
        (Self::Other, "other"),
    ];

    /// The token in the description.
    pub fn token(self) -> &'static str {
        Self::TOKENS.iter().find(|(class, _)| *class == self).map_or("other", |(_, token)| token)
    }
}

/// The device part of a component.
#[derive(Debug, Clone, PartialEq)]
pub struct PhysicalDevice {
    /// Kind of device.
    pub class: DeviceClass,
    /// Runs Microsoft's DCOM instead of the PROFINET stack (`stack="MS"`).
    pub microsoft_stack: bool,
    /// May host LDevs of several components.
    pub multi_app: bool,
    /// Device caption.
    pub type_name: Name,
    /// What the device answers when asked who it is.
    pub identity: Identity,
    /// Descriptions by language.
    pub description: Texts,
    /// What the device can bear; `None` fields are unlimited or unknown.
    pub limits: Limits,
    /// Transmission the device offers; empty means acyclic at any interval.
    pub qos: Vec<QosOffer>,
    /// Ethernet interface, when it has one.
    pub ethernet: Option<Ethernet>,
    /// PROFIBUS interfaces.
    pub profibus: Vec<Profibus>,
}

/// Identity data of a device.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Identity {
    /// Compared with PDev.Producer on line.
    pub producer: Name,
    /// Compared with PDev.Product on line.
    pub product: Name,
    /// PROFINET vendor id.
    pub vendor_id: Option<u16>,
    /// PROFINET device id.
    pub device_id: Option<u16>,
    /// Order number.
    pub order_number: Name,
    /// Hardware release.
    pub hardware: Name,
    /// Firmware release.
    pub firmware: Name,
    /// Device revision.
    pub revision: Option<Version>,
    /// Stack revision.
    pub pn_revision: Option<Version>,
}

/// Numbers a device can bear, each `None` when unlimited or unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// Connections in which the device is consumer.
    pub connections_in: Option<u32>,
    /// Connections in which it is provider.
    pub connections_out: Option<u32>,
    /// Partner ACCOs.
    pub partners: Option<u32>,
    /// Bytes consumed, over all connections.
    pub bytes_in: Option<u32>,
    /// Bytes provided, over all connections.
    pub bytes_out: Option<u32>,
    /// Cyclic connections consumed.
    pub cyclic_in: Option<u32>,
    /// Cyclic connections provided.
    pub cyclic_out: Option<u32>,
    /// Bytes of one array or structure.
    pub array_bytes: Option<u32>,
}

/// A device family as its maker documents it: data, never code.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DeviceProfile {
    /// Producer the profile is for, compared with [`Identity::producer`].
    pub producer: Name,
    /// Product, compared with [`Identity::product`].
    pub product: Name,
    /// Values up to which the maker calls the load typical; beyond them the check warns.
    pub typical: Limits,
    /// Values that the device refuses to exceed; they add to those of the description.
    pub maximum: Limits,
    /// Program cycle in milliseconds: how long an input waits for the program at worst.
    pub cycle_millis: Option<f64>,
    /// Value updates a second, sent and received together, that are typical.
    pub typical_updates_per_second: Option<f64>,
    /// Value updates a second that the device can do at most.
    pub maximum_updates_per_second: Option<f64>,
    /// Document and page the numbers come from.
    pub source: String,
    /// The file itself, kept with the component.
    pub text: Arc<str>,
}

/// How a connection is transmitted (wire spec 6, QoSType).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum QosType {
    /// By DCOM call, sampled at an interval.
    Acyclic,
    /// By DCOM call, for status.
    AcyclicStatus,
    /// By DCOM call, for operator panels.
    AcyclicHmi,
    /// A fixed value in the consumer; no traffic.
    Constant,
    /// Real-time frames at a fixed interval.
    Cyclic,
}

impl QosType {
    /// All types with their tokens in descriptions and project files.
    pub const TOKENS: [(Self, &'static str); 5] = [
        (Self::Acyclic, "acyclic"),
        (Self::AcyclicStatus, "acyclicStatus"),
        (Self::AcyclicHmi, "acyclicHmi"),
        (Self::Constant, "constant"),
        (Self::Cyclic, "cyclic"),
    ];

    /// The token, e.g. `acyclicHmi`.
    pub fn token(self) -> &'static str {
        Self::TOKENS.iter().find(|(qos, _)| *qos == self).map_or("acyclic", |(_, token)| token)
    }

    /// The type with exactly this token.
    pub fn from_token(token: &str) -> Option<Self> {
        Self::TOKENS.iter().find(|(_, text)| *text == token).map(|(qos, _)| *qos)
    }
}

/// One transmission a device or port offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QosOffer {
    /// Transmission type.
    pub qos_type: QosType,
    /// Update times in milliseconds, ascending; empty means any.
    pub values_ms: Vec<u16>,
    /// The one to propose.
    pub default_ms: Option<u16>,
}

/// Ethernet interface of a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ethernet {
    /// Number of LAN ports, at least 1.
    pub ports: u8,
    /// Name of station to propose.
    pub default_name: Name,
    /// `dcp`, `dhcp` or `fixed`.
    pub addressing: Name,
}

/// PROFIBUS interface of a device.
#[derive(Debug, Clone, PartialEq)]
pub struct Profibus {
    /// Master (a proxy) or slave.
    pub master: bool,
    /// Number of the DP master system in its proxy, 0..=255.
    pub system_id: u8,
    /// Address to propose, 0..=126.
    pub address: Option<u8>,
    /// Slaves a master can serve.
    pub max_slaves: Option<u8>,
    /// PROFIBUS ident number.
    pub ident_number: Option<u16>,
    /// GSD file.
    pub gsd: String,
    /// Transmission rate in kbit/s; PROFIBUS has fractional ones (187.5, 45.45).
    pub baud_kbit: Option<f64>,
}

/// A logical device.
#[derive(Debug, Clone, PartialEq)]
pub struct LogicalDevice {
    /// Name on the wire.
    pub name: Name,
    /// Producer, when it differs from the device's.
    pub producer: Option<Name>,
    /// Product, when it differs from the device's.
    pub product: Option<Name>,
    /// Revision, when it differs from the device's.
    pub revision: Option<Version>,
    /// Stack revision, when it differs from the device's.
    pub pn_revision: Option<Version>,
    /// Descriptions by language.
    pub description: Texts,
    /// Offers ICBAState.
    pub has_state: bool,
    /// Offers ICBAGroupError.
    pub has_group_error: bool,
    /// Offers ICBATime.
    pub has_time: bool,
    /// Technological functions; none for a mere hardware component.
    pub rtautos: Vec<RtAuto>,
}

/// A technological function.
#[derive(Debug, Clone, PartialEq)]
pub struct RtAuto {
    /// Name on the wire, unique in the LDev.
    pub name: Name,
    /// Revision.
    pub revision: Option<Version>,
    /// Descriptions by language.
    pub description: Texts,
    /// Ports of all its interfaces, in file order; names are unique in the RTAuto.
    pub ports: Vec<Port>,
}

impl RtAuto {
    /// Finds a port.
    pub fn port(&self, name: &str) -> Option<&Port> {
        self.ports.iter().find(|port| port.name == name)
    }
}

/// Which way values go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// May consume a connection.
    In,
    /// May provide.
    Out,
    /// Both.
    InOut,
    /// Read and written by clients only, never connected.
    Hmi,
}

impl Direction {
    /// All directions with their tokens in the description.
    pub const TOKENS: [(Self, &'static str); 4] =
        [(Self::In, "In"), (Self::Out, "Out"), (Self::InOut, "InOut"), (Self::Hmi, "HMI")];

    /// The token in the description.
    pub fn token(self) -> &'static str {
        Self::TOKENS.iter().find(|(direction, _)| *direction == self).map_or("HMI", |(_, token)| token)
    }
}

/// A property that can be read, written or connected.
#[derive(Debug, Clone, PartialEq)]
pub struct Port {
    /// Name on the wire.
    pub name: Name,
    /// Interface it stands in; empty when the description has none.
    pub interface: Name,
    /// Type.
    pub value_type: ValueType,
    /// Direction.
    pub direction: Direction,
    /// Clients may read it.
    pub readable: bool,
    /// Clients may write it.
    pub writable: bool,
    /// May be an end of a link; always false for HMI.
    pub connectable: bool,
    /// Unit text.
    pub unit: Name,
    /// UNECE Rec. 20 unit code.
    pub unit_code: Name,
    /// Least value, numeric types only.
    pub min: Option<f64>,
    /// Greatest value, numeric types only.
    pub max: Option<f64>,
    /// Initial value.
    pub default: Option<Value>,
    /// Value never changes and equals the default.
    pub constant: bool,
    /// Change threshold to propose.
    pub epsilon: Option<f64>,
    /// Value on connection loss to propose; absent means hold the last value.
    pub substitute: Option<Value>,
    /// Longest text in characters.
    pub max_len: Option<u16>,
    /// Type name in the source program.
    pub source_type: Name,
    /// Automation dispatch id.
    pub disp_id: Option<i32>,
    /// Comments by language.
    pub comment: Texts,
    /// Names of values, for integer types.
    pub enumeration: Vec<EnumText>,
    /// Transmission offered for this port; empty means that of the device.
    pub qos: Vec<QosOffer>,
    /// Where the value lives in the controller.
    pub map: Option<ControllerMap>,
}

impl Port {
    /// May provide a link.
    pub fn is_output(&self) -> bool {
        self.connectable && matches!(self.direction, Direction::Out | Direction::InOut)
    }

    /// May consume a link.
    pub fn is_input(&self) -> bool {
        self.connectable && matches!(self.direction, Direction::In | Direction::InOut)
    }

    /// An input that has no default, hence needs a link or a constant to have a meaning. Our convention: the
    /// description format has no mark of its own for it.
    pub fn is_mandatory(&self) -> bool {
        self.is_input() && self.direction == Direction::In && self.default.is_none() && !self.constant
    }

    /// The value before anybody writes: the default, else the type's zero.
    pub fn initial_value(&self) -> Value {
        self.default.clone().unwrap_or_else(|| self.value_type.zero())
    }
}

/// Name of one value of an integer port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnumText {
    /// The value.
    pub value: i64,
    /// Its name.
    pub name: Name,
    /// Display names by language.
    pub texts: Texts,
}

/// Where a value lives in the controller's memory.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ControllerMap {
    /// Data block number.
    pub db: Option<u16>,
    /// Byte offset.
    pub byte: Option<u32>,
    /// Bit 0..=7 in the byte.
    pub bit: Option<u8>,
    /// Symbol.
    pub symbol: String,
}

/// A program, parameter set or script that comes with the component. It is data: the tool never runs it, with
/// the one exception of the behaviour script, which runs only in a virtual device and under limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    /// Id, unique in the file.
    pub id: Name,
    /// `program`, `parameters`, `hardware` or `other`.
    pub kind: Name,
    /// LDev it is for; empty means the device.
    pub target: Name,
    /// Who can load it; opaque.
    pub loader: Name,
    /// MIME type.
    pub mime: Name,
    /// Bytes after decoding and decompression, as declared.
    pub size: Option<u64>,
    /// `gzip` compressed.
    pub gzip: bool,
    /// SHA-256 of the decoded, decompressed bytes, lower-case hex, as declared.
    pub sha256: Name,
    /// The bytes, or the file they are in.
    pub content: Content,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number() {
        assert!(Version::parse("1.10") > Version::parse("1.9"));
        assert_eq!(Version::parse("1.2"), Version::parse("1.2.0.0"));
        assert_eq!(Version::parse("2.1.0.4").unwrap().to_string(), "2.1.0.4");
        for wrong in ["", "1", "1.", "1.2.3.4.5", "1.a", "1.70000", "+1.2"] {
            assert_eq!(Version::parse(wrong), None, "{wrong}");
        }
    }
}
