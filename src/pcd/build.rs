//! Resolved parts to the component. What is not usable is left out with a remark, never guessed silently.

use std::collections::HashSet;
use std::sync::Arc;

use super::convention::generated_id;
use super::error::{Limits as ReadLimits, PcdError};
use super::read::{Reference, ReferenceKind};
use super::remark::{Remarks, Rule};
use super::schema::{Attr, Element};
use super::tree::Node;
use super::types::{Types, Untyped};
use super::xml::excerpt;
use super::{lexical, validate};
use crate::model::{
    Component, ComponentKey, ComponentSource, ControllerMap, DeviceClass, Direction, EnumText, Ethernet, ForeignOwner,
    Identity, Limits, LogicalDevice, Name, PhysicalDevice, Port, Profibus, QosOffer, QosType, RtAuto, Texts, Version,
};

/// Taken for a name that a component must have and its file has not; the remark is that of the missing value.
const UNKNOWN: &str = "unknown";

/// # Errors
/// [`PcdError::Missing`] without component info, device or LDev.
pub(super) fn component<'a>(
    root: Node<'a>,
    bytes: &[u8],
    limits: &ReadLimits,
    remarks: &mut Remarks,
) -> Result<Built<'a>, PcdError> {
    let missing = |what: Element| PcdError::Missing { place: root.place(), what: what.name() };
    let info = root.first(Element::Info).ok_or_else(|| missing(Element::Info))?;
    let device = root.first(Element::Device).ok_or_else(|| missing(Element::Device))?;
    let structs = root.first(Element::Types).into_iter().flat_map(|types| types.all(Element::Struct));
    let structs = structs.chain(root.all(Element::Struct));
    let mut build = Build { remarks, references: Vec::new(), left_out: LeftOut::default(), types: Types::default() };
    build.types = build.structs(structs, limits);
    let name = Some(text(info.first(Element::Name))).filter(|name| !name.is_empty()).unwrap_or(UNKNOWN.into());
    let vendor = text(info.first(Element::Vendor));
    let key = build.key(info, &vendor, &name);
    let physical = build.device(device);
    let ldevs = build.ldevs(root.all(Element::Ldev).chain(device.all(Element::Ldev)), &physical);
    if ldevs.is_empty() {
        return Err(missing(Element::Ldev));
    }
    let payloads = root.first(Element::Payloads).into_iter().flat_map(|list| list.all(Element::Payload));
    let mut component = Component {
        key,
        name,
        vendor,
        singleton: info.get(Attr::Kind) == Some("singleton"),
        category: name_of(info, Attr::Category),
        description: build.texts(info, Element::Description),
        icons: build.icons(info),
        links: info.all(Element::Link).filter_map(|link| build.link(link)).collect(),
        device: physical,
        ldevs,
        payloads: build.payloads(payloads.chain(root.all(Element::Payload))),
        details: Arc::default(),
        profile: None,
        source: Arc::new(ComponentSource { xml: bytes.into(), ..ComponentSource::default() }),
    };
    validate::device(build.remarks, device, &component);
    component.details = Arc::new(build.details(root, info, device));
    Ok(Built { component, references: build.references, left_out: build.left_out.nodes })
}

/// What came of a document.
pub(super) struct Built<'a> {
    pub(super) component: Component,
    pub(super) references: Vec<Reference>,
    pub(super) left_out: Vec<(Node<'a>, ForeignOwner)>,
}

/// The work and what it has come to so far.
pub(super) struct Build<'a, 'r> {
    pub(super) remarks: &'r mut Remarks,
    pub(super) references: Vec<Reference>,
    pub(super) left_out: LeftOut<'a>,
    pub(super) types: Types<'a>,
}

/// Elements that are not usable, each with the part whose extensions may hold it.
#[derive(Default)]
pub(super) struct LeftOut<'a> {
    pub(super) nodes: Vec<(Node<'a>, ForeignOwner)>,
    known: HashSet<u32>,
}

impl<'a> LeftOut<'a> {
    pub(super) fn push(&mut self, node: Node<'a>, owner: ForeignOwner) {
        self.known.insert(node.id());
        self.nodes.push((node, owner));
    }

    pub(super) fn contains(&self, node: Node<'_>) -> bool {
        self.known.contains(&node.id())
    }
}

impl<'a> Build<'a, '_> {
    pub(super) fn tell(&mut self, rule: Rule, node: Node<'_>, message: impl FnOnce() -> String) {
        self.remarks.add(rule, || node.place(), message);
    }

    fn key(&mut self, info: Node<'_>, vendor: &str, name: &str) -> ComponentKey {
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

    fn version(&mut self, node: Node<'_>, attr: Attr) -> Option<Version> {
        let text = node.get(attr)?;
        let version = Version::parse(text);
        if version.is_none() {
            self.tell(Rule::BadValue, node, || format!("the version `{}` is out of range", excerpt(text)));
        }
        version
    }

    pub(super) fn required(&mut self, node: Node<'_>, attr: Attr, taken: &str) -> Name {
        node.get(attr).map(Name::from).unwrap_or_else(|| {
            self.tell(Rule::MissingValue, node, || format!("`{}` is missing; `{taken}` is taken", attr.name()));
            taken.into()
        })
    }

    /// The name of a part that cannot be used without one, and only once.
    pub(super) fn unique(
        &mut self,
        node: Node<'a>,
        attr: Attr,
        what: &str,
        names: &mut HashSet<&'a str>,
        owner: &ForeignOwner,
    ) -> Option<&'a str> {
        let Some(name) = node.get(attr) else {
            self.tell(Rule::Incomplete, node, || format!("{what} has no usable name and is left out"));
            self.left_out.push(node, owner.clone());
            return None;
        };
        if !names.insert(name) {
            self.tell(Rule::DuplicateName, node, || {
                format!("there are two of {what} `{name}`; the second is left out")
            });
            self.left_out.push(node, owner.clone());
            return None;
        }
        Some(name)
    }

    /// The structure types, each name once.
    fn structs(&mut self, nodes: impl Iterator<Item = Node<'a>>, limits: &ReadLimits) -> Types<'a> {
        let mut names = HashSet::new();
        let owner = ForeignOwner::Description;
        let unique =
            nodes.filter(|node| self.unique(*node, Attr::Name, "structure type", &mut names, &owner).is_some());
        Types::new(unique.collect(), limits)
    }

    fn device(&mut self, node: Node<'_>) -> PhysicalDevice {
        let class = self.required(node, Attr::Class, "other");
        let class = DeviceClass::TOKENS.iter().find(|(_, token)| *token == class);
        let class = class.map_or(DeviceClass::Other, |(class, _)| *class);
        let limits = node.first(Element::Limits);
        let limit = |attr: Attr| limits.and_then(|limits| limits.parse(attr));
        PhysicalDevice {
            class,
            microsoft_stack: node.get(Attr::Stack) == Some("MS"),
            multi_app: truth(node, Attr::MultiApp, false),
            type_name: name_of(node, Attr::TypeName),
            identity: node.first(Element::Identity).map(|identity| self.identity(identity)).unwrap_or_else(|| {
                Identity { producer: UNKNOWN.into(), product: UNKNOWN.into(), ..Identity::default() }
            }),
            description: self.texts(node, Element::Description),
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

    fn identity(&mut self, node: Node<'_>) -> Identity {
        Identity {
            producer: self.required(node, Attr::Producer, UNKNOWN),
            product: self.required(node, Attr::Product, UNKNOWN),
            vendor_id: hex(node, Attr::VendorId),
            device_id: hex(node, Attr::DeviceId),
            order_number: name_of(node, Attr::OrderNumber),
            hardware: name_of(node, Attr::Hardware),
            firmware: name_of(node, Attr::Firmware),
            revision: self.version(node, Attr::Revision),
            pn_revision: self.version(node, Attr::PnRevision),
        }
    }

    fn profibus(&mut self, node: Node<'_>) -> Profibus {
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

    fn qos(&mut self, node: Node<'_>) -> Vec<QosOffer> {
        let mut offers = Vec::new();
        for offer in node.first(Element::QosList).into_iter().flat_map(|list| list.all(Element::Qos)) {
            let Some(qos_type) = offer.get(Attr::Type).and_then(QosType::from_token) else {
                self.tell(Rule::Incomplete, offer, || "a transmission without a known type is left out".into());
                continue;
            };
            let listed = offer.get(Attr::ValuesMs).unwrap_or_default().split_ascii_whitespace();
            let values_ms: Vec<u16> = listed.filter_map(|part| part.parse().ok()).collect();
            let default_ms = offer.parse(Attr::DefaultMs);
            offers.push(validate::offer(self.remarks, offer, QosOffer { qos_type, values_ms, default_ms }));
        }
        offers
    }

    fn ldevs(&mut self, nodes: impl Iterator<Item = Node<'a>>, device: &PhysicalDevice) -> Vec<LogicalDevice> {
        let mut names = HashSet::new();
        let mut ldevs = Vec::new();
        let owner = ForeignOwner::Description;
        for node in nodes {
            let Some(name) = self.unique(node, Attr::Name, "LDev", &mut names, &owner) else { continue };
            ldevs.push(LogicalDevice {
                name: name.into(),
                producer: node.get(Attr::Producer).map(Name::from),
                product: node.get(Attr::Product).map(Name::from),
                revision: self.version(node, Attr::Revision),
                pn_revision: self.version(node, Attr::PnRevision),
                description: self.texts(node, Element::Description),
                has_state: truth(node, Attr::State, true),
                has_group_error: truth(node, Attr::GroupError, true),
                has_time: truth(node, Attr::Time, false),
                rtautos: self.rtautos(node, name, device),
            });
        }
        ldevs
    }

    fn rtautos(&mut self, ldev: Node<'a>, ldev_name: &str, device: &PhysicalDevice) -> Vec<RtAuto> {
        let mut names = HashSet::new();
        let mut rtautos = Vec::new();
        let in_ldev = ForeignOwner::Ldev(ldev_name.into());
        for node in ldev.all(Element::RtAuto) {
            let Some(name) = self.unique(node, Attr::Name, "function", &mut names, &in_ldev) else { continue };
            let owner = ForeignOwner::RtAuto(ldev_name.into(), name.into());
            let mut ports = Vec::new();
            let mut port_names = HashSet::new();
            for interface in node.all(Element::Interface).chain([node]) {
                let interface_name =
                    if interface == node { Name::default() } else { self.required(interface, Attr::Name, "") };
                for property in interface.all(Element::Property) {
                    let named = self.unique(property, Attr::Name, "property", &mut port_names, &owner);
                    let Some(port_name) = named else { continue };
                    match self.port(property, port_name, &interface_name, device) {
                        Some(port) => ports.push(port),
                        None => self.left_out.push(property, owner.clone()),
                    }
                }
            }
            rtautos.push(RtAuto {
                name: name.into(),
                revision: self.version(node, Attr::Revision),
                description: self.texts(node, Element::Description),
                ports,
            });
        }
        rtautos
    }

    fn port(&mut self, node: Node<'a>, name: &str, interface: &Name, device: &PhysicalDevice) -> Option<Port> {
        let value_type = match self.types.of(node) {
            Ok(value_type) => value_type,
            Err(Untyped { rule, fault }) => {
                self.tell(rule, node, || format!("the property `{name}` is left out: {fault}"));
                return None;
            }
        };
        let direction = Direction::TOKENS.iter().find(|(_, token)| Some(*token) == node.get(Attr::Dir));
        let Some((direction, _)) = direction.copied() else {
            self.tell(Rule::Incomplete, node, || format!("the property `{name}` is left out: it has no direction"));
            return None;
        };
        let access = node.get(Attr::Access).unwrap_or(if direction == Direction::Out { "r" } else { "rw" });
        let mut port = Port {
            name: name.into(),
            interface: interface.clone(),
            direction,
            readable: access.contains('r'),
            writable: access.contains('w'),
            connectable: direction != Direction::Hmi && truth(node, Attr::Connectable, true),
            unit: name_of(node, Attr::Unit),
            unit_code: name_of(node, Attr::UnitCode),
            min: real(node, Attr::Min),
            max: real(node, Attr::Max),
            default: validate::literal(self.remarks, node, Attr::Default, &value_type),
            constant: truth(node, Attr::Constant, false),
            epsilon: real(node, Attr::Epsilon),
            substitute: validate::literal(self.remarks, node, Attr::Substitute, &value_type),
            max_len: node.parse(Attr::MaxLen),
            source_type: name_of(node, Attr::SourceType),
            disp_id: node.parse(Attr::DispId),
            comment: self.texts(node, Element::Comment),
            enumeration: self.enumeration(node),
            qos: self.qos(node),
            map: node.first(Element::Map).map(|map| ControllerMap {
                db: map.parse(Attr::Db),
                byte: map.parse(Attr::Byte),
                bit: map.parse(Attr::Bit),
                symbol: map.get(Attr::Symbol).unwrap_or_default().into(),
            }),
            value_type,
        };
        validate::port_values(self.remarks, node, &mut port);
        validate::port_transmission(self.remarks, node, &port, device);
        Some(port)
    }

    pub(super) fn texts(&mut self, node: Node<'_>, element: Element) -> Texts {
        let nodes = node.all(element);
        let texts = Texts(nodes.map(|text| (name_of(text, Attr::Lang), text.text().trim().into())).collect());
        validate::languages(self.remarks, node, element);
        texts
    }

    pub(super) fn enumeration(&mut self, node: Node<'_>) -> Vec<EnumText> {
        let mut list = Vec::new();
        for entry in node.all(Element::Enum) {
            match entry.parse(Attr::Value) {
                Some(value) => list.push(EnumText {
                    value,
                    name: name_of(entry, Attr::Name),
                    texts: self.texts(entry, Element::Text),
                }),
                None => self.tell(Rule::MissingValue, entry, || "a name without its value is left out".into()),
            }
        }
        list
    }
}

fn text(node: Option<Node<'_>>) -> Name {
    node.map(|node| node.text().trim().into()).unwrap_or_default()
}

pub(super) fn name_of(node: Node<'_>, attr: Attr) -> Name {
    node.get(attr).map(Name::from).unwrap_or_default()
}

fn truth(node: Node<'_>, attr: Attr, otherwise: bool) -> bool {
    node.get(attr).and_then(lexical::boolean).unwrap_or(otherwise)
}

pub(super) fn real(node: Node<'_>, attr: Attr) -> Option<f64> {
    node.get(attr).and_then(lexical::real)
}

fn hex(node: Node<'_>, attr: Attr) -> Option<u16> {
    node.get(attr).and_then(lexical::hex16)
}
