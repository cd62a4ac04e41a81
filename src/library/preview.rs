//! A component as a person wants to see it before using it: ports, transmission, limits, and how well it was understood.

use serde::Serialize;

use super::catalogue::Catalogue;
use super::entry::Entry;
use crate::model::{Direction, Limits, Port, QosOffer, RtAuto};
use crate::pcd::{Kept, Remark};

/// All there is to show of an entry. `--json` prints it as it is, so its names are stable (`docs/JSON.md`).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Preview {
    /// Component id.
    pub id: String,
    /// Version.
    pub version: String,
    /// Library caption.
    pub name: String,
    /// Vendor.
    pub vendor: String,
    /// Category, levels separated by `/`.
    pub category: String,
    /// Description in the language asked for.
    pub description: String,
    /// At most one instance in a project.
    pub singleton: bool,
    /// File it comes from.
    pub path: String,
    /// `exact`, `tolerant` or `partial`.
    pub grade: String,
    /// Token of the device class, e.g. `plc`.
    pub device_class: &'static str,
    /// Device caption.
    pub device: String,
    /// Producer that the device reports.
    pub producer: String,
    /// Product that the device reports.
    pub product: String,
    /// Order number.
    pub order_number: String,
    /// Stage of CBA, 1 or 2.
    pub stage: u8,
    /// LAN ports; `None` without Ethernet.
    pub lan_ports: Option<u8>,
    /// PROFIBUS roles, `master` or `slave`.
    pub profibus: Vec<&'static str>,
    /// Transmission the device offers.
    pub qos: Vec<QosPreview>,
    /// What the device can bear; figures that nobody states are left out.
    pub limits: Vec<LimitPreview>,
    /// Document and page of the device profile; empty without one.
    pub profile: String,
    /// Technological functions.
    pub functions: Vec<FunctionPreview>,
    /// Files that come with it, by path.
    pub files: Vec<String>,
    /// Addresses and paths of documents.
    pub documents: Vec<String>,
    /// Ids of programs, parameters and scripts.
    pub payloads: Vec<String>,
    /// All versions in the library, from the newest.
    pub versions: Vec<VersionPreview>,
    /// What was guessed, left out or found wrong.
    pub remarks: Vec<RemarkPreview>,
    /// What was not understood or is meant for others.
    pub kept: Vec<KeptPreview>,
}

/// One transmission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct QosPreview {
    /// Token, e.g. `cyclic`.
    #[serde(rename = "type")]
    pub qos_type: &'static str,
    /// Intervals in milliseconds; empty means any.
    pub values_ms: Vec<u16>,
    /// The interval to propose.
    pub default_ms: Option<u16>,
}

/// One figure of what a device can bear.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LimitPreview {
    /// Key as in a device profile, e.g. `connections_in`.
    pub what: &'static str,
    /// Typical, by the profile.
    pub typical: Option<u32>,
    /// Most, by the description or the profile, whichever is less.
    pub maximum: Option<u32>,
}

/// A technological function.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FunctionPreview {
    /// LDev it runs in.
    pub ldev: String,
    /// Its name.
    pub name: String,
    /// Description in the language asked for.
    pub description: String,
    /// Its ports, in the order of the description.
    pub ports: Vec<PortPreview>,
}

/// A port.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PortPreview {
    /// Name.
    pub name: String,
    /// `In`, `Out`, `InOut` or `HMI`.
    pub direction: &'static str,
    /// Type, e.g. `R4[8]`.
    #[serde(rename = "type")]
    pub value_type: String,
    /// Bytes of a value on the wire, texts estimated.
    pub bytes: u64,
    /// Unit text.
    pub unit: String,
    /// Least value.
    pub min: Option<f64>,
    /// Greatest value.
    pub max: Option<f64>,
    /// Initial value as a literal.
    pub default: Option<String>,
    /// Value on connection loss as a literal; `None` holds the last one.
    pub substitute: Option<String>,
    /// Must be fed by a link or a constant.
    pub mandatory: bool,
    /// May be an end of a link.
    pub connectable: bool,
    /// Comment in the language asked for.
    pub comment: String,
    /// Transmission that this port offers instead of the device's; empty when it offers the device's.
    pub qos: Vec<QosPreview>,
}

/// A version in the library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VersionPreview {
    /// Version.
    pub version: String,
    /// File.
    pub path: String,
}

/// A remark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RemarkPreview {
    /// Stable code of the rule, e.g. `PCD-T07`.
    pub code: &'static str,
    /// The rule in a few words.
    pub rule: &'static str,
    /// `info`, `warning` or `error`.
    pub severity: String,
    /// Line, from 1.
    pub line: Option<u32>,
    /// Character in the line, from 1.
    pub column: Option<u32>,
    /// Path of elements.
    pub place: String,
    /// What it says.
    pub message: String,
    /// How often.
    pub count: u32,
}

/// A part that has no place in the component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeptPreview {
    /// Line, from 1.
    pub line: Option<u32>,
    /// Character in the line, from 1.
    pub column: Option<u32>,
    /// Path of elements.
    pub place: String,
    /// Its text as in the file.
    pub text: String,
}

impl From<&Remark> for RemarkPreview {
    fn from(remark: &Remark) -> Self {
        Self {
            code: remark.rule.code(),
            rule: remark.rule.name(),
            severity: remark.rule.severity().to_string(),
            line: remark.place.position.map(|position| position.line),
            column: remark.place.position.map(|position| position.column),
            place: remark.place.path.clone(),
            message: remark.message.clone(),
            count: remark.count,
        }
    }
}

impl From<&Kept> for KeptPreview {
    fn from(kept: &Kept) -> Self {
        Self {
            line: kept.place.position.map(|position| position.line),
            column: kept.place.position.map(|position| position.column),
            place: kept.place.path.clone(),
            text: kept.text.to_string(),
        }
    }
}

impl Preview {
    /// The preview of an entry, texts in `lang` where there are any, with the versions in `catalogue` beside it.
    pub fn new(entry: &Entry, catalogue: &Catalogue, lang: &str) -> Self {
        let component = &entry.component;
        let device = &component.device;
        let text = |texts: &crate::model::Texts| texts.get(lang).unwrap_or_default().to_owned();
        let functions = component.rtautos().map(|(ldev, rtauto)| function(&ldev.name, rtauto, lang)).collect();
        let versions = catalogue
            .versions(&component.key.id)
            .into_iter()
            .map(|entry| VersionPreview { version: entry.component.key.version.to_string(), path: entry.path.clone() });
        Self {
            id: component.key.id.to_string(),
            version: component.key.version.to_string(),
            name: component.name.to_string(),
            vendor: component.vendor.to_string(),
            category: component.category.to_string(),
            description: text(&component.description),
            singleton: component.singleton,
            path: entry.path.clone(),
            grade: entry.grade.to_string(),
            device_class: device.class.token(),
            device: device.type_name.to_string(),
            producer: device.identity.producer.to_string(),
            product: device.identity.product.to_string(),
            order_number: device.identity.order_number.to_string(),
            stage: component.stage(),
            lan_ports: device.ethernet.as_ref().map(|ethernet| ethernet.ports),
            profibus: device.profibus.iter().map(|bus| if bus.master { "master" } else { "slave" }).collect(),
            qos: device.qos.iter().map(qos).collect(),
            limits: limits(entry),
            profile: component.profile.as_ref().map(|profile| profile.source.clone()).unwrap_or_default(),
            functions,
            files: component.source.files.keys().cloned().collect(),
            documents: component.links.iter().map(|link| link.href.clone()).collect(),
            payloads: component.payloads.iter().map(|payload| payload.id.to_string()).collect(),
            versions: versions.collect(),
            remarks: entry.remarks.iter().map(RemarkPreview::from).collect(),
            kept: entry.kept.iter().map(KeptPreview::from).collect(),
        }
    }
}

fn function(ldev: &str, rtauto: &RtAuto, lang: &str) -> FunctionPreview {
    FunctionPreview {
        ldev: ldev.to_owned(),
        name: rtauto.name.to_string(),
        description: rtauto.description.get(lang).unwrap_or_default().to_owned(),
        ports: rtauto.ports.iter().map(|port| self::port(port, lang)).collect(),
    }
}

fn port(port: &Port, lang: &str) -> PortPreview {
    let literal =
        |value: &Option<crate::model::Value>| value.as_ref().map(|value| port.value_type.write_literal(value));
    PortPreview {
        name: port.name.to_string(),
        direction: Direction::token(port.direction),
        value_type: port.value_type.to_string(),
        bytes: port.value_type.wire_bytes(),
        unit: port.unit.to_string(),
        min: port.min,
        max: port.max,
        default: literal(&port.default),
        substitute: literal(&port.substitute),
        mandatory: port.is_mandatory(),
        connectable: port.connectable,
        comment: port.comment.get(lang).unwrap_or_default().to_owned(),
        qos: port.qos.iter().map(qos).collect(),
    }
}

fn qos(offer: &QosOffer) -> QosPreview {
    QosPreview { qos_type: offer.qos_type.token(), values_ms: offer.values_ms.clone(), default_ms: offer.default_ms }
}

fn limits(entry: &Entry) -> Vec<LimitPreview> {
    let described = figures(&entry.component.device.limits);
    let profile = entry.component.profile.as_deref();
    let typical = figures(&profile.map(|profile| profile.typical).unwrap_or_default());
    let maximum = figures(&profile.map(|profile| profile.maximum).unwrap_or_default());
    let rows = described.into_iter().zip(typical).zip(maximum);
    rows.map(|(((what, described), (_, typical)), (_, maximum))| LimitPreview {
        what,
        typical,
        maximum: match (described, maximum) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        },
    })
    .filter(|row| row.typical.is_some() || row.maximum.is_some())
    .collect()
}

fn figures(limits: &Limits) -> [(&'static str, Option<u32>); 8] {
    [
        ("connections_in", limits.connections_in),
        ("connections_out", limits.connections_out),
        ("partners", limits.partners),
        ("bytes_in", limits.bytes_in),
        ("bytes_out", limits.bytes_out),
        ("cyclic_in", limits.cyclic_in),
        ("cyclic_out", limits.cyclic_out),
        ("array_bytes", limits.array_bytes),
    ]
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::library::read_profile;
    use crate::model::fixture;
    use crate::pcd::Grade;

    #[test]
    fn figures_of_description_and_profile_come_together() {
        let mut component = fixture::component("component Filler 1.0 { in start BOOL; out level R4 = 0 }").unwrap();
        component.device.limits.partners = Some(8);
        component.device.limits.bytes_in = Some(64);
        let profile =
            "[match]\nproducer='a'\nproduct='b'\n[typical]\npartners=4\n[maximum]\npartners=6\nbytes_out=32\n";
        component.profile = Some(Arc::new(read_profile(profile).unwrap()));
        let entry = Entry::new("f.xml".into(), Arc::new(component), Grade::Exact, Vec::new(), Vec::new());
        let preview = Preview::new(&entry, &Catalogue::new(vec![entry.clone()], Vec::new()), "en");
        let limits: Vec<_> = preview.limits.iter().map(|row| (row.what, row.typical, row.maximum)).collect();
        assert_eq!(
            limits,
            [("partners", Some(4), Some(6)), ("bytes_in", None, Some(64)), ("bytes_out", None, Some(32))]
        );
        let ports: Vec<_> =
            preview.functions[0].ports.iter().map(|port| (port.name.as_str(), port.mandatory)).collect();
        assert_eq!(ports, [("start", true), ("level", false)]);
        assert_eq!(preview.versions.len(), 1);
    }
}
