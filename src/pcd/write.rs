//! The writer: a component in the canonical form.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use base64::Engine as _;

use super::print::Printer;
use super::schema::{Attr, Element, NAMESPACE};
use crate::model::{
    BaseType, Component, Content, Direction, EnumText, ForeignOwner, FunctionDetails, Icon, LogicalDevice,
    MemberDetails, Name, PhysicalDevice, Port, Profibus, QosOffer, RtAuto, StructDetails, StructType, Texts, Value,
    ValueType,
};

/// Writes a component in the canonical form: valid against `library/schema/pcd-profile-2.xsd` when its names and values are, the
/// same text for the same component, and [`read`](super::read()) gives back an equal one (apart from its source files and
/// profile, and from interfaces without a name, which get that of their function).
///
/// Foreign parts ([`Details::foreign`](crate::model::Details::foreign)) stand in `Extensions` of what they belong to. What
/// XML cannot hold (control characters) becomes U+FFFD.
pub fn write(component: &Component) -> String {
    let mut foreign: BTreeMap<&ForeignOwner, Vec<&str>> = BTreeMap::new();
    for part in &component.details.foreign {
        foreign.entry(&part.owner).or_default().push(&part.xml);
    }
    let functions = component.details.functions.iter().map(|details| ((&*details.ldev, &*details.rtauto), details));
    let mut writer =
        Writer { printer: Printer::new(), foreign, functions: functions.collect(), structs: Structs::of(component) };
    writer.component(component);
    writer.printer.finish()
}

struct Writer<'a> {
    printer: Printer,
    foreign: BTreeMap<&'a ForeignOwner, Vec<&'a str>>,
    functions: HashMap<(&'a str, &'a str), &'a FunctionDetails>,
    structs: Structs<'a>,
}

impl<'a> Writer<'a> {
    fn component(&mut self, component: &'a Component) {
        self.printer.open(Element::Root);
        self.printer.raw_attribute("xmlns", NAMESPACE);
        self.printer.attribute(Attr::SchemaVersion, "2.0");
        self.info(component);
        self.device(component);
        for ldev in &component.ldevs {
            self.ldev(ldev);
        }
        self.types();
        if !component.payloads.is_empty() {
            self.printer.open(Element::Payloads);
            for payload in &component.payloads {
                let printer = &mut self.printer;
                printer.open(Element::Payload);
                printer.attribute(Attr::Id, &payload.id);
                printer.attribute(Attr::Kind, &payload.kind);
                printer.some(Attr::Target, &payload.target);
                printer.some(Attr::Loader, &payload.loader);
                printer.some(Attr::Mime, &payload.mime);
                printer.option(Attr::Size, payload.size);
                printer.some(Attr::Compress, if payload.gzip { "gzip" } else { "" });
                printer.some(Attr::Sha256, &payload.sha256);
                content(printer, &payload.content);
            }
            self.printer.close();
        }
        self.extensions(&ForeignOwner::Description);
        self.printer.close();
    }

    fn info(&mut self, component: &Component) {
        let details = &component.details;
        let printer = &mut self.printer;
        printer.open(Element::Info);
        printer.attribute(Attr::Id, &component.key.id);
        printer.attribute(Attr::Version, component.key.version.to_string());
        printer.some(Attr::Kind, if component.singleton { "singleton" } else { "" });
        printer.some(Attr::Author, &details.author);
        printer.some(Attr::Category, &component.category);
        printer.some(Attr::Tool, &details.tool);
        printer.some(Attr::Created, &details.created);
        printer.some(Attr::Modified, &details.modified);
        printer.open(Element::Name);
        printer.close_with(&component.name);
        printer.open(Element::Vendor);
        printer.some(Attr::Url, &details.vendor_url);
        printer.close_with(&component.vendor);
        texts(printer, Element::Description, &component.description);
        icons(printer, &component.icons);
        for link in &component.links {
            printer.open(Element::Link);
            printer.attribute(Attr::Kind, &link.kind);
            printer.attribute(Attr::Href, &link.href);
            printer.some(Attr::Lang, &link.lang);
            printer.close_with(&link.title);
        }
        self.extensions(&ForeignOwner::Info);
        self.printer.close();
    }

    fn device(&mut self, component: &Component) {
        let device = &component.device;
        let printer = &mut self.printer;
        printer.open(Element::Device);
        printer.attribute(Attr::Class, device.class.token());
        printer.some(Attr::Stack, if device.microsoft_stack { "MS" } else { "" });
        printer.some(Attr::MultiApp, if device.multi_app { "true" } else { "" });
        printer.some(Attr::TypeName, &device.type_name);
        identity(printer, device);
        texts(printer, Element::Description, &device.description);
        icons(printer, &component.details.device_icons);
        limits(printer, device);
        qos(printer, &device.qos);
        if let Some(ethernet) = &device.ethernet {
            printer.open(Element::Ethernet);
            printer.attribute(Attr::Ports, ethernet.ports.to_string());
            printer.some(Attr::DefaultName, &ethernet.default_name);
            printer.some(Attr::Addressing, &ethernet.addressing);
            printer.close();
        }
        for bus in &device.profibus {
            profibus(printer, bus);
        }
        self.extensions(&ForeignOwner::Device);
        self.printer.close();
    }

    fn ldev(&mut self, ldev: &LogicalDevice) {
        let printer = &mut self.printer;
        printer.open(Element::Ldev);
        printer.attribute(Attr::Name, &ldev.name);
        printer.option(Attr::Producer, ldev.producer.as_ref());
        printer.option(Attr::Product, ldev.product.as_ref());
        printer.option(Attr::Revision, ldev.revision);
        printer.option(Attr::PnRevision, ldev.pn_revision);
        for (attr, is, usual) in [
            (Attr::State, ldev.has_state, true),
            (Attr::GroupError, ldev.has_group_error, true),
            (Attr::Time, ldev.has_time, false),
        ] {
            printer.option(attr, (is != usual).then_some(is));
        }
        texts(printer, Element::Description, &ldev.description);
        for rtauto in &ldev.rtautos {
            self.rtauto(&ldev.name, rtauto);
        }
        self.extensions(&ForeignOwner::Ldev(ldev.name.clone()));
        self.printer.close();
    }

    fn rtauto(&mut self, ldev: &Name, rtauto: &RtAuto) {
        let details = self.functions.get(&(ldev.as_str(), rtauto.name.as_str())).copied();
        let printer = &mut self.printer;
        printer.open(Element::RtAuto);
        printer.attribute(Attr::Name, &rtauto.name);
        printer.some(Attr::Id, details.map_or("", |details| &details.id));
        printer.option(Attr::Revision, rtauto.revision);
        texts(printer, Element::Description, &rtauto.description);
        icons(printer, details.map_or(&[], |details| &details.icons));
        for (interface, ports) in interfaces(rtauto, details) {
            let described = details.and_then(|details| details.interfaces.iter().find(|one| one.name == *interface));
            let printer = &mut self.printer;
            printer.open(Element::Interface);
            printer.attribute(Attr::Name, interface);
            if let Some(described) = described {
                printer.some(Attr::Uuid, &described.uuid);
                printer.some(Attr::Version, &described.version);
                texts(printer, Element::Description, &described.description);
            }
            for port in ports {
                self.port(ldev, &rtauto.name, port);
            }
            self.printer.close();
        }
        self.extensions(&ForeignOwner::RtAuto(ldev.clone(), rtauto.name.clone()));
        self.printer.close();
    }

    fn port(&mut self, ldev: &Name, rtauto: &Name, port: &Port) {
        let printer = &mut self.printer;
        printer.open(Element::Property);
        printer.attribute(Attr::Name, &port.name);
        self.structs.value_type(printer, &port.value_type);
        printer.attribute(Attr::Dir, port.direction.token());
        let usual = if port.direction == Direction::Out { "r" } else { "rw" };
        let access = match (port.readable, port.writable) {
            (true, true) => "rw",
            (true, false) => "r",
            (false, true) => "w",
            // The format has no word for it.
            (false, false) => usual,
        };
        printer.some(Attr::Access, if access == usual { "" } else { access });
        printer.option(Attr::MaxLen, port.max_len);
        printer.some(Attr::Unit, &port.unit);
        printer.some(Attr::UnitCode, &port.unit_code);
        printer.option(Attr::Min, port.min.map(number));
        printer.option(Attr::Max, port.max.map(number));
        printer.option(Attr::Default, literal(port, port.default.as_ref()));
        printer.some(Attr::Constant, if port.constant { "true" } else { "" });
        printer.option(Attr::Epsilon, port.epsilon.map(number));
        printer.option(Attr::Substitute, literal(port, port.substitute.as_ref()));
        printer
            .some(Attr::Connectable, if port.connectable || port.direction == Direction::Hmi { "" } else { "false" });
        printer.option(Attr::DispId, port.disp_id);
        printer.some(Attr::SourceType, &port.source_type);
        texts(printer, Element::Comment, &port.comment);
        enumeration(printer, &port.enumeration);
        qos(printer, &port.qos);
        if let Some(map) = &port.map {
            printer.open(Element::Map);
            printer.option(Attr::Db, map.db);
            printer.option(Attr::Byte, map.byte);
            printer.option(Attr::Bit, map.bit);
            printer.some(Attr::Symbol, &map.symbol);
            printer.close();
        }
        // Few ports have any; names are not copied for the others.
        if !self.foreign.is_empty() {
            self.extensions(&ForeignOwner::Port(ldev.clone(), rtauto.clone(), port.name.clone()));
        }
        self.printer.close();
    }

    fn types(&mut self) {
        if self.structs.list.is_empty() {
            return;
        }
        self.printer.open(Element::Types);
        for (name, structure, details) in &self.structs.list {
            let printer = &mut self.printer;
            printer.open(Element::Struct);
            printer.attribute(Attr::Name, name);
            printer.some(Attr::Uuid, details.map_or("", |details| &details.uuid));
            texts(printer, Element::Comment, &details.map(|details| details.comment.clone()).unwrap_or_default());
            for (at, member) in structure.members.iter().enumerate() {
                printer.open(Element::Member);
                printer.attribute(Attr::Name, &member.name);
                self.structs.value_type(printer, &member.value_type);
                if let Some(details) = details.and_then(|details| details.members.get(at)) {
                    member_details(printer, details);
                }
                printer.close();
            }
            printer.close();
        }
        self.printer.close();
    }

    fn extensions(&mut self, owner: &ForeignOwner) {
        let Some(parts) = self.foreign.get(owner) else { return };
        self.printer.open(Element::Extensions);
        for part in parts {
            self.printer.raw(part);
        }
        self.printer.close();
    }
}

/// The structure types of a component, each with a name of its own.
struct Structs<'a> {
    list: Vec<(Name, Arc<StructType>, Option<&'a StructDetails>)>,
    /// By the name they have in the model; several types can have the same there.
    names: HashMap<Name, Vec<(Arc<StructType>, Name)>>,
    taken: HashSet<Name>,
}

impl<'a> Structs<'a> {
    fn of(component: &'a Component) -> Self {
        let mut structs = Self { list: Vec::new(), names: HashMap::new(), taken: HashSet::new() };
        for details in &component.details.structs {
            structs.add(&details.structure, Some(details));
        }
        for (_, rtauto) in component.rtautos() {
            for port in &rtauto.ports {
                structs.add_all(&port.value_type);
            }
        }
        structs
    }

    /// Adds all structures in a type, the inner ones first. Types are not deeper than the reader allows.
    fn add_all(&mut self, value_type: &ValueType) {
        match value_type {
            ValueType::Base(_) => {}
            ValueType::Array { element, .. } => self.add_all(element),
            ValueType::Struct(structure) => {
                if self.name_of(structure).is_none() {
                    structure.members.iter().for_each(|member| self.add_all(&member.value_type));
                    self.add(structure, None);
                }
            }
        }
    }

    fn add(&mut self, structure: &Arc<StructType>, details: Option<&'a StructDetails>) {
        if self.name_of(structure).is_some() {
            return;
        }
        let mut name = structure.name.clone();
        let mut n = 2;
        while !self.taken.insert(name.clone()) {
            name = format!("{}_{n}", structure.name).into();
            n += 1;
        }
        self.names.entry(structure.name.clone()).or_default().push((structure.clone(), name.clone()));
        self.list.push((name, structure.clone(), details));
    }

    fn name_of(&self, structure: &StructType) -> Option<&Name> {
        let named = self.names.get(&structure.name)?;
        named.iter().find(|(candidate, _)| **candidate == *structure).map(|(_, name)| name)
    }

    fn value_type(&self, printer: &mut Printer, value_type: &ValueType) {
        let (element, dims) = match value_type {
            ValueType::Array { element, dims } => (&**element, dims.as_slice()),
            other => (other, &[][..]),
        };
        match element {
            ValueType::Base(base) => printer.attribute(Attr::Type, base.token()),
            ValueType::Struct(structure) => {
                printer.attribute(Attr::Type, "STRUCT");
                printer.attribute(Attr::TypeRef, self.name_of(structure).unwrap_or(&structure.name));
            }
            // Arrays of arrays have one list of sizes in this format; nobody makes them otherwise.
            ValueType::Array { .. } => printer.attribute(Attr::Type, BaseType::UI1.token()),
        }
        if !dims.is_empty() {
            let dims: Vec<String> = dims.iter().map(u32::to_string).collect();
            printer.attribute(Attr::Array, dims.join(" "));
        }
    }
}

/// The interfaces of a function in their order, each with its ports. The schema wants one at least.
fn interfaces<'a>(rtauto: &'a RtAuto, details: Option<&'a FunctionDetails>) -> Vec<(&'a Name, Vec<&'a Port>)> {
    let mut list: Vec<(&Name, Vec<&Port>)> = Vec::new();
    let mut places: HashMap<&Name, usize> = HashMap::new();
    let described = details.into_iter().flat_map(|details| details.interfaces.iter().map(|one| (&one.name, None)));
    for (name, port) in described.chain(rtauto.ports.iter().map(|port| (&port.interface, Some(port)))) {
        let name = if name.is_empty() { &rtauto.name } else { name };
        let at = *places.entry(name).or_insert_with(|| {
            list.push((name, Vec::new()));
            list.len() - 1
        });
        if let Some((_, ports)) = list.get_mut(at) {
            ports.extend(port);
        }
    }
    if list.is_empty() {
        list.push((&rtauto.name, Vec::new()));
    }
    list
}

fn texts(printer: &mut Printer, element: Element, texts: &Texts) {
    for (lang, text) in &texts.0 {
        printer.open(element);
        printer.some(Attr::Lang, lang);
        printer.close_with(text);
    }
}

fn icons(printer: &mut Printer, icons: &[Icon]) {
    for icon in icons {
        printer.open(Element::Icon);
        printer.attribute(Attr::Kind, &icon.kind);
        printer.some(Attr::Mime, &icon.mime);
        content(printer, &icon.content);
    }
}

/// Ends an element with bytes or a reference to them.
fn content(printer: &mut Printer, content: &Content) {
    match content {
        Content::Href(href) => {
            printer.attribute(Attr::Href, href);
            printer.close();
        }
        Content::Inline(bytes) => printer.close_with(&base64::engine::general_purpose::STANDARD.encode(bytes)),
    }
}

fn identity(printer: &mut Printer, device: &PhysicalDevice) {
    let identity = &device.identity;
    printer.open(Element::Identity);
    printer.attribute(Attr::Producer, &identity.producer);
    printer.attribute(Attr::Product, &identity.product);
    printer.option(Attr::VendorId, identity.vendor_id.map(hex));
    printer.option(Attr::DeviceId, identity.device_id.map(hex));
    printer.some(Attr::OrderNumber, &identity.order_number);
    printer.some(Attr::Hardware, &identity.hardware);
    printer.some(Attr::Firmware, &identity.firmware);
    printer.option(Attr::Revision, identity.revision);
    printer.option(Attr::PnRevision, identity.pn_revision);
    printer.close();
}

fn limits(printer: &mut Printer, device: &PhysicalDevice) {
    let limits = &device.limits;
    let figures = [
        (Attr::MaxConnectionsIn, limits.connections_in),
        (Attr::MaxConnectionsOut, limits.connections_out),
        (Attr::MaxPartners, limits.partners),
        (Attr::MaxBytesIn, limits.bytes_in),
        (Attr::MaxBytesOut, limits.bytes_out),
        (Attr::MaxCyclicIn, limits.cyclic_in),
        (Attr::MaxCyclicOut, limits.cyclic_out),
        (Attr::MaxArrayBytes, limits.array_bytes),
    ];
    if figures.iter().all(|(_, figure)| figure.is_none()) {
        return;
    }
    printer.open(Element::Limits);
    for (attr, figure) in figures {
        printer.option(attr, figure);
    }
    printer.close();
}

fn qos(printer: &mut Printer, offers: &[QosOffer]) {
    if offers.is_empty() {
        return;
    }
    printer.open(Element::QosList);
    for offer in offers {
        printer.open(Element::Qos);
        printer.attribute(Attr::Type, offer.qos_type.token());
        let values: Vec<String> = offer.values_ms.iter().map(u16::to_string).collect();
        printer.some(Attr::ValuesMs, values.join(" "));
        printer.option(Attr::DefaultMs, offer.default_ms);
        printer.close();
    }
    printer.close();
}

fn profibus(printer: &mut Printer, bus: &Profibus) {
    printer.open(Element::Profibus);
    printer.attribute(Attr::Role, if bus.master { "master" } else { "slave" });
    printer.attribute(Attr::SystemId, bus.system_id.to_string());
    printer.option(Attr::Address, bus.address);
    printer.option(Attr::MaxSlaves, bus.max_slaves);
    printer.option(Attr::IdentNumber, bus.ident_number.map(hex));
    printer.some(Attr::Gsd, &bus.gsd);
    printer.option(Attr::BaudKbit, bus.baud_kbit.filter(|rate| rate.is_finite()));
    printer.close();
}

fn member_details(printer: &mut Printer, details: &MemberDetails) {
    printer.option(Attr::MaxLen, details.max_len);
    printer.some(Attr::Unit, &details.unit);
    printer.some(Attr::UnitCode, &details.unit_code);
    printer.option(Attr::Min, details.min.map(number));
    printer.option(Attr::Max, details.max.map(number));
    printer.option(Attr::Default, details.default.as_ref());
    printer.some(Attr::SourceType, &details.source_type);
    texts(printer, Element::Comment, &details.comment);
    enumeration(printer, &details.enumeration);
}

fn enumeration(printer: &mut Printer, enumeration: &[EnumText]) {
    for entry in enumeration {
        printer.open(Element::Enum);
        printer.attribute(Attr::Value, entry.value.to_string());
        printer.some(Attr::Name, &entry.name);
        texts(printer, Element::Text, &entry.texts);
        printer.close();
    }
}

fn literal(port: &Port, value: Option<&Value>) -> Option<String> {
    value.map(|value| port.value_type.write_literal(value))
}

fn hex(number: u16) -> String {
    format!("0x{number:04X}")
}

/// As `xs:double`.
fn number(number: f64) -> String {
    if number.is_nan() {
        "NaN".to_owned()
    } else if number.is_infinite() {
        if number > 0.0 { "INF" } else { "-INF" }.to_owned()
    } else {
        number.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Grade, Read, ReadOptions, read};
    use super::*;
    use crate::model::{Details, Foreign, fixture};

    fn read_back(text: &str) -> Read {
        read(text.as_bytes(), &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}\n{text}"))
    }

    /// The component without what the writer does not write.
    fn bare(component: &Component) -> Component {
        Component { source: Arc::default(), profile: None, ..component.clone() }
    }

    #[test]
    fn a_component_that_was_never_a_file_comes_back() {
        let mut component = fixture::component(
            "component Filler 1.2 {\n struct Batch (no I4, names BSTR[2])\n in start BOOL = false\n in order Batch\n out level R4[3] min 0 max 100 = \"1 2 3\"\n hmi text BSTR }",
        )
        .unwrap();
        component.description = Texts(vec![("de".into(), "Füllt <Flaschen> & \"mehr\"".into())]);
        component.details = Arc::new(Details {
            author: "A\tB\n".into(),
            foreign: vec![Foreign { owner: ForeignOwner::Info, xml: "<v:x xmlns:v=\"u\" a='1'>  y </v:x>".into() }],
            ..Details::default()
        });
        let text = write(&component);
        let back = read_back(&text);
        assert_eq!(back.grade, Grade::Exact, "{:#?}", back.remarks);
        assert_eq!(&*back.kept[0].text, "<v:x xmlns:v=\"u\" a='1'>  y </v:x>");
        let mut expected = bare(&component);
        for ldev in &mut expected.ldevs {
            for rtauto in &mut ldev.rtautos {
                let name = rtauto.name.clone();
                rtauto.ports.iter_mut().for_each(|port| port.interface = name.clone());
            }
        }
        let found = bare(&back.component);
        expected.details = found.details.clone();
        assert_eq!(found, expected);
        assert_eq!((&*found.details.author, found.details.structs.len()), ("A\tB\n", 1));
        assert_eq!(write(&back.component), text);
    }

    #[test]
    fn structures_with_one_name_are_told_apart() {
        let component = |member: &str| {
            fixture::component(&format!("component A 1.0 {{\n struct S ({member} I4)\n in x S }}")).unwrap()
        };
        let mut both = component("a");
        let other = component("b").ldevs[0].rtautos[0].ports[0].clone();
        both.ldevs[0].rtautos[0].ports.push(Port { name: "y".into(), ..other });
        let back = read_back(&write(&both)).component;
        let types = |component: &Component| -> Vec<ValueType> {
            component.ldevs[0].rtautos[0].ports.iter().map(|port| port.value_type.clone()).collect()
        };
        assert_eq!(types(&back), types(&both));
    }

    #[test]
    fn values_at_the_edge_come_back() {
        let mut component =
            fixture::component("component A 1.0 {\n in x R8\n in y R4\n in z DATE\n in t BSTR }").unwrap();
        let values = [
            Value::Real(f64::from_bits(1)),
            Value::Real(f64::from(f32::MAX)),
            Value::Date(45_658.333_333),
            Value::Text(" \r\n<&>\"]]> ".into()),
        ];
        for (port, value) in component.ldevs[0].rtautos[0].ports.iter_mut().zip(values) {
            port.default = Some(value.clone());
            port.substitute = Some(value);
        }
        component.ldevs[0].rtautos[0].ports[0].min = Some(f64::NEG_INFINITY);
        component.ldevs[0].rtautos[0].ports[0].max = Some(f64::MAX);
        let back = read_back(&write(&component));
        assert!(back.remarks.is_empty(), "{:?}", back.remarks);
        for (found, port) in back.component.ldevs[0].rtautos[0].ports.iter().zip(&component.ldevs[0].rtautos[0].ports) {
            assert_eq!((&found.substitute, found.min, found.max), (&port.substitute, port.min, port.max));
        }
    }
}
