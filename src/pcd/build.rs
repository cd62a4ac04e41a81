//! Resolved parts to the component. What is not usable is left out with a remark, never guessed silently.

use std::collections::HashSet;
use std::sync::Arc;

use base64::Engine as _;

use super::convention::{REFERENCES, generated_id};
use super::error::{Limits as ReadLimits, PAYLOAD_BYTES, PcdError};
use super::lexical;
use super::read::{Reference, ReferenceKind};
use super::remark::{Remarks, Rule};
use super::schema::{Attr, Element};
use super::tree::Node;
use super::types::Types;
use super::xml::excerpt;
use crate::model::{
    BaseType, Component, ComponentKey, ComponentSource, Content, ControllerMap, DeviceClass, Direction, DocLink,
    EnumText, Ethernet, Icon, Identity, Limits, LogicalDevice, Name, Payload, PhysicalDevice, Port, Profibus, QosOffer,
    QosType, RtAuto, Texts, Value, ValueType, Version,
};

/// # Errors
/// [`PcdError::Missing`] without component info, device or LDev.
pub(super) fn component(
    root: &Node,
    bytes: &[u8],
    limits: &ReadLimits,
    remarks: &mut Remarks,
    references: &mut Vec<Reference>,
) -> Result<Component, PcdError> {
    let missing = |what: Element| PcdError::Missing { place: root.place(), what: what.name() };
    let info = root.first(Element::Info).ok_or_else(|| missing(Element::Info))?;
    let device = root.first(Element::Device).ok_or_else(|| missing(Element::Device))?;
    let structs = root.first(Element::Types).into_iter().flat_map(|types| types.all(Element::Struct));
    let types = Types::new(structs.chain(root.all(Element::Struct)), limits);
    let mut build = Build { remarks, references, types };
    let name = text(info.first(Element::Name));
    let vendor = text(info.first(Element::Vendor));
    let key = build.key(info, &vendor, &name);
    let ldevs = build.ldevs(root.all(Element::Ldev).chain(device.all(Element::Ldev)));
    if ldevs.is_empty() {
        return Err(missing(Element::Ldev));
    }
    let payloads = root.first(Element::Payloads).into_iter().flat_map(|list| list.all(Element::Payload));
    Ok(Component {
        key,
        name,
        vendor,
        singleton: info.get(Attr::Kind) == Some("singleton"),
        category: name_of(info, Attr::Category),
        description: texts(info, Element::Description),
        icons: info.all(Element::Icon).filter_map(|icon| build.icon(icon)).collect(),
        links: info.all(Element::Link).filter_map(|link| build.link(link)).collect(),
        device: build.device(device),
        ldevs,
        payloads: build.payloads(payloads.chain(root.all(Element::Payload))),
        profile: None,
        source: Arc::new(ComponentSource { xml: bytes.into(), ..ComponentSource::default() }),
    })
}

struct Build<'a, 'r> {
    remarks: &'r mut Remarks,
    references: &'r mut Vec<Reference>,
    types: Types<'a>,
}

impl<'a> Build<'a, '_> {
    fn tell(&mut self, rule: Rule, node: &Node, message: impl FnOnce() -> String) {
        self.remarks.add(rule, || node.place(), message);
    }

    fn key(&mut self, info: &Node, vendor: &str, name: &str) -> ComponentKey {
        let version = self.version(info, Attr::Version).unwrap_or_else(|| {
            self.tell(Rule::MissingVersion, info, || "the component has no version; 1.0 is taken".into());
            Version([1, 0, 0, 0])
        });
        let given = info.get(Attr::Id).and_then(|id| lexical::uuid(id.trim_matches(['{', '}'])));
        let id = given.unwrap_or_else(|| {
            let id = generated_id(vendor, name, &version.to_string());
            self.tell(Rule::GeneratedId, info, || format!("the component has no id; {id} is made from its name"));
            id
        });
        ComponentKey { id: id.to_string().into(), version }
    }

    fn version(&mut self, node: &Node, attr: Attr) -> Option<Version> {
        let text = node.get(attr)?;
        let version = Version::parse(text);
        if version.is_none() {
            self.tell(Rule::BadValue, node, || format!("the version `{}` is out of range", excerpt(text)));
        }
        version
    }

    fn required(&mut self, node: &Node, attr: Attr, taken: &str) -> Name {
        node.get(attr).map(Name::from).unwrap_or_else(|| {
            self.tell(Rule::MissingValue, node, || format!("`{}` is missing; `{taken}` is taken", attr.name()));
            taken.into()
        })
    }

    /// The name of a part that cannot be used without one, and only once.
    fn unique<'n>(&mut self, node: &'n Node, attr: Attr, what: &str, names: &mut HashSet<&'n str>) -> Option<&'n str> {
        let Some(name) = node.get(attr) else {
            self.tell(Rule::Incomplete, node, || format!("{what} has no usable name and is left out"));
            return None;
        };
        if !names.insert(name) {
            self.tell(Rule::Incomplete, node, || format!("there are two of {what} `{name}`; the second is left out"));
            return None;
        }
        Some(name)
    }

    fn device(&mut self, node: &Node) -> PhysicalDevice {
        let class = self.required(node, Attr::Class, "other");
        let class = DeviceClass::TOKENS.iter().find(|(_, token)| *token == class);
        let class = class.map_or(DeviceClass::Other, |(class, _)| *class);
        let limits = node.first(Element::Limits);
        let limit = |attr: Attr| limits.and_then(|limits| limits.parse(attr));
        PhysicalDevice {
            class,
            microsoft_stack: node.get(Attr::Stack) == Some("MS"),
            multi_app: truth(node, Attr::MultiApp),
            type_name: name_of(node, Attr::TypeName),
            identity: node.first(Element::Identity).map(|identity| self.identity(identity)).unwrap_or_default(),
            description: texts(node, Element::Description),
            limits: Limits {
                connections_in: limit(Attr::MaxConnectionsIn),
                connections_out: limit(Attr::MaxConnectionsOut),
                partners: limit(Attr::MaxPartners),
                bytes_in: limit(Attr::MaxBytesIn),
                bytes_out: limit(Attr::MaxBytesOut),
                cyclic_in: limit(Attr::MaxCyclicIn),
                cyclic_out: limit(Attr::MaxCyclicOut),
                array_bytes: limit(Attr::MaxArrayBytes),
            },
            qos: self.qos(node),
            ethernet: node.first(Element::Ethernet).map(|ethernet| Ethernet {
                ports: ethernet.parse(Attr::Ports).unwrap_or(1).max(1),
                default_name: name_of(ethernet, Attr::DefaultName),
                addressing: ethernet.get(Attr::Addressing).unwrap_or("dcp").into(),
            }),
            profibus: node.all(Element::Profibus).map(|bus| self.profibus(bus)).collect(),
        }
    }

    fn identity(&mut self, node: &Node) -> Identity {
        Identity {
            producer: self.required(node, Attr::Producer, ""),
            product: self.required(node, Attr::Product, ""),
            vendor_id: hex(node, Attr::VendorId),
            device_id: hex(node, Attr::DeviceId),
            order_number: name_of(node, Attr::OrderNumber),
            hardware: name_of(node, Attr::Hardware),
            firmware: name_of(node, Attr::Firmware),
            revision: self.version(node, Attr::Revision),
            pn_revision: self.version(node, Attr::PnRevision),
        }
    }

    fn profibus(&mut self, node: &Node) -> Profibus {
        Profibus {
            master: self.required(node, Attr::Role, "slave") == "master",
            system_id: node.parse(Attr::SystemId).unwrap_or(0),
            address: node.parse(Attr::Address),
            max_slaves: node.parse(Attr::MaxSlaves),
            ident_number: hex(node, Attr::IdentNumber),
            gsd: self.path(node, Attr::Gsd, ReferenceKind::Gsd).unwrap_or_default(),
            baud_kbit: node.parse(Attr::BaudKbit),
        }
    }

    fn qos(&mut self, node: &Node) -> Vec<QosOffer> {
        let mut offers = Vec::new();
        for offer in node.first(Element::QosList).into_iter().flat_map(|list| list.all(Element::Qos)) {
            let Some(qos_type) = offer.get(Attr::Type).and_then(QosType::from_token) else {
                self.tell(Rule::Incomplete, offer, || "a transmission without a known type is left out".into());
                continue;
            };
            let listed = offer.get(Attr::ValuesMs).unwrap_or_default().split_ascii_whitespace();
            let mut values_ms: Vec<u16> = listed.filter_map(|part| part.parse().ok()).collect();
            values_ms.sort_unstable();
            values_ms.dedup();
            offers.push(QosOffer { qos_type, values_ms, default_ms: offer.parse(Attr::DefaultMs) });
        }
        offers
    }

    fn ldevs(&mut self, nodes: impl Iterator<Item = &'a Node>) -> Vec<LogicalDevice> {
        let mut names = HashSet::new();
        let mut ldevs = Vec::new();
        for node in nodes {
            let Some(name) = self.unique(node, Attr::Name, "LDev", &mut names) else { continue };
            ldevs.push(LogicalDevice {
                name: name.into(),
                producer: node.get(Attr::Producer).map(Name::from),
                product: node.get(Attr::Product).map(Name::from),
                revision: self.version(node, Attr::Revision),
                pn_revision: self.version(node, Attr::PnRevision),
                description: texts(node, Element::Description),
                has_state: truth(node, Attr::State),
                has_group_error: truth(node, Attr::GroupError),
                has_time: truth(node, Attr::Time),
                rtautos: self.rtautos(node),
            });
        }
        ldevs
    }

    fn rtautos(&mut self, ldev: &'a Node) -> Vec<RtAuto> {
        let mut names = HashSet::new();
        let mut rtautos = Vec::new();
        for node in ldev.all(Element::RtAuto) {
            let Some(name) = self.unique(node, Attr::Name, "function", &mut names) else { continue };
            let mut ports = Vec::new();
            let mut port_names = HashSet::new();
            for interface in node.all(Element::Interface).chain([node]) {
                let interface_name = if std::ptr::eq(interface, node) {
                    Name::default()
                } else {
                    self.required(interface, Attr::Name, "")
                };
                for property in interface.all(Element::Property) {
                    if let Some(name) = self.unique(property, Attr::Name, "property", &mut port_names) {
                        ports.extend(self.port(property, name, &interface_name));
                    }
                }
            }
            rtautos.push(RtAuto {
                name: name.into(),
                revision: self.version(node, Attr::Revision),
                description: texts(node, Element::Description),
                ports,
            });
        }
        rtautos
    }

    fn port(&mut self, node: &'a Node, name: &str, interface: &Name) -> Option<Port> {
        let value_type = match self.types.of(node) {
            Ok(value_type) => value_type,
            Err(fault) => {
                self.tell(Rule::Incomplete, node, || format!("the property `{name}` is left out: {fault}"));
                return None;
            }
        };
        let direction = Direction::TOKENS.iter().find(|(_, token)| Some(*token) == node.get(Attr::Dir));
        let Some((direction, _)) = direction.copied() else {
            self.tell(Rule::Incomplete, node, || format!("the property `{name}` is left out: it has no direction"));
            return None;
        };
        let access = node.get(Attr::Access).unwrap_or(if direction == Direction::Out { "r" } else { "rw" });
        Some(Port {
            name: name.into(),
            interface: interface.clone(),
            direction,
            readable: access.contains('r'),
            writable: access.contains('w'),
            connectable: direction != Direction::Hmi
                && node.get(Attr::Connectable).is_none_or(|_| truth(node, Attr::Connectable)),
            unit: name_of(node, Attr::Unit),
            unit_code: name_of(node, Attr::UnitCode),
            min: self.real(node, Attr::Min, |number| !number.is_nan()),
            max: self.real(node, Attr::Max, |number| !number.is_nan()),
            default: self.literal(node, Attr::Default, &value_type),
            constant: truth(node, Attr::Constant),
            epsilon: self.real(node, Attr::Epsilon, |number| number.is_finite() && number >= 0.0),
            substitute: self.literal(node, Attr::Substitute, &value_type),
            max_len: node.parse(Attr::MaxLen),
            source_type: name_of(node, Attr::SourceType),
            disp_id: node.parse(Attr::DispId),
            comment: texts(node, Element::Comment),
            enumeration: self.enumeration(node),
            qos: self.qos(node),
            map: node.first(Element::Map).map(|map| ControllerMap {
                db: map.parse(Attr::Db),
                byte: map.parse(Attr::Byte),
                bit: map.parse(Attr::Bit),
                symbol: map.get(Attr::Symbol).unwrap_or_default().into(),
            }),
            value_type,
        })
    }

    /// A number that makes sense where it stands.
    fn real(&mut self, node: &Node, attr: Attr, fits: impl Fn(f64) -> bool) -> Option<f64> {
        let number = node.get(attr).and_then(lexical::real)?;
        if !fits(number) {
            self.tell(Rule::BadValue, node, || format!("`{number}` is no value of `{}` and is left out", attr.name()));
            return None;
        }
        Some(number)
    }

    fn literal(&mut self, node: &Node, attr: Attr, value_type: &ValueType) -> Option<Value> {
        let text = node.get(attr)?;
        let fault = match value_type.read_literal(text) {
            Ok(value) => return Some(value),
            Err(fault) => fault,
        };
        let (rule, other) = match value_type.base() {
            Some(BaseType::Bool) => (Rule::ValueSpelling, lexical::boolean(text).map(|truth| truth.to_string())),
            Some(BaseType::R4 | BaseType::R8) => (Rule::DecimalComma, lexical::decimal_point(text)),
            _ => (Rule::ValueSpelling, None),
        };
        if let Some(other) = other
            && let Ok(value) = value_type.read_literal(&other)
        {
            self.tell(rule, node, || format!("`{}` of `{}` is read as `{other}`", excerpt(text), attr.name()));
            return Some(value);
        }
        self.tell(Rule::BadLiteral, node, || format!("`{}` is left out: {fault}", attr.name()));
        None
    }

    fn enumeration(&mut self, node: &Node) -> Vec<EnumText> {
        let mut list = Vec::new();
        for entry in node.all(Element::Enum) {
            match entry.parse(Attr::Value) {
                Some(value) => {
                    list.push(EnumText { value, name: name_of(entry, Attr::Name), texts: texts(entry, Element::Text) })
                }
                None => self.tell(Rule::MissingValue, entry, || "a name without its value is left out".into()),
            }
        }
        list
    }

    fn icon(&mut self, node: &Node) -> Option<Icon> {
        Some(Icon {
            kind: node.get(Attr::Kind).unwrap_or("small").into(),
            mime: name_of(node, Attr::Mime),
            content: self.content(node, ReferenceKind::Icon)?,
        })
    }

    fn link(&mut self, node: &Node) -> Option<DocLink> {
        Some(DocLink {
            kind: node.get(Attr::Kind).unwrap_or("manual").into(),
            lang: name_of(node, Attr::Lang),
            href: self.path(node, Attr::Href, ReferenceKind::Document)?,
            title: node.text.trim().into(),
        })
    }

    fn payloads(&mut self, nodes: impl Iterator<Item = &'a Node>) -> Vec<Payload> {
        let mut ids = HashSet::new();
        let mut payloads = Vec::new();
        for node in nodes {
            let Some(id) = self.unique(node, Attr::Id, "payload", &mut ids) else { continue };
            let Some(content) = self.content(node, ReferenceKind::Payload) else { continue };
            payloads.push(Payload {
                id: id.into(),
                kind: self.required(node, Attr::Kind, "other"),
                target: name_of(node, Attr::Target),
                loader: name_of(node, Attr::Loader),
                mime: name_of(node, Attr::Mime),
                size: node.parse(Attr::Size),
                gzip: node.get(Attr::Compress) == Some("gzip"),
                sha256: node.get(Attr::Sha256).unwrap_or_default().to_ascii_lowercase().into(),
                content,
            });
        }
        payloads
    }

    /// The bytes in an element, or the file it names.
    fn content(&mut self, node: &Node, kind: ReferenceKind) -> Option<Content> {
        if node.get(Attr::Href).is_some() {
            return self.path(node, Attr::Href, kind).map(Content::Href);
        }
        let digits: String = node.text.chars().filter(|c| !lexical::is_blank(*c)).collect();
        let fault = match base64::engine::general_purpose::STANDARD.decode(digits) {
            Ok(bytes) if bytes.len() <= PAYLOAD_BYTES => return Some(Content::Inline(bytes.into())),
            Ok(_) => format!("it has more than {PAYLOAD_BYTES} bytes"),
            Err(error) => format!("it is no base64: {error}"),
        };
        self.tell(Rule::BadPayload, node, || format!("the content is left out: {fault}"));
        None
    }

    /// A relative path that stays in the folder of the description, or a document's address on the web.
    fn path(&mut self, node: &Node, attr: Attr, kind: ReferenceKind) -> Option<String> {
        let text = node.get(attr)?.trim();
        let is_web = |scheme: &&str| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
        if kind == ReferenceKind::Document && ["http://", "https://"].iter().any(is_web) {
            return Some(text.into());
        }
        let path = text.replace('\\', "/");
        if path != text {
            self.tell(Rule::PathSeparator, node, || format!("`{}` is read with `/`", excerpt(text)));
        }
        let steps: Vec<&str> = path.split('/').filter(|step| !matches!(*step, "" | ".")).collect();
        if path.starts_with('/') || path.contains(':') || steps.is_empty() || steps.contains(&"..") {
            self.tell(Rule::EscapingPath, node, || format!("`{}` is left out", excerpt(text)));
            return None;
        }
        let path = steps.join("/");
        let file = Reference::file_of(&path, kind);
        if !file.is_empty() {
            if self.references.len() >= REFERENCES {
                self.tell(Rule::MissingFile, node, || {
                    format!("more than {REFERENCES} files are referred to; this one is left out")
                });
                return None;
            }
            self.references.push(Reference { file: file.into(), kind, place: node.place() });
        }
        Some(path)
    }
}

fn text(node: Option<&Node>) -> Name {
    node.map(|node| node.text.trim().into()).unwrap_or_default()
}

fn name_of(node: &Node, attr: Attr) -> Name {
    node.get(attr).map(Name::from).unwrap_or_default()
}

fn truth(node: &Node, attr: Attr) -> bool {
    node.get(attr).and_then(lexical::boolean).unwrap_or(false)
}

fn hex(node: &Node, attr: Attr) -> Option<u16> {
    node.get(attr).and_then(lexical::hex16)
}

fn texts(node: &Node, element: Element) -> Texts {
    Texts(node.all(element).map(|text| (name_of(text, Attr::Lang), text.text.trim().into())).collect())
}
