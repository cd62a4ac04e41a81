//! One row of our own tag files: all that the plan knows of a variable.
//!
//! These structs are the file format, field by field: `docs/schema/tags.schema.json` and `docs/TAGS.md` describe the same.

use std::net::Ipv4Addr;

use serde::Serialize;

use super::variable::{Variable, one_line};
use crate::model::{BaseType, Direction, EnumText, Member, Name, Plan, Port, Substitute, Value, ValueType};

/// A variable in our own tag files. Absent values are `null`, texts that nobody wrote are empty.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Tag {
    /// `Instance.LDev.RTAuto.Property`, unique.
    pub path: String,
    /// Planned device that the instance runs on.
    pub device: Name,
    /// Planned device that answers: `device`, or its proxy; `null` while it has none.
    pub server: Option<Name>,
    /// Address of the server.
    pub ip: Option<Ipv4Addr>,
    /// Name of the LDev on the network.
    pub ldev: Name,
    /// RTAuto.
    pub rtauto: Name,
    /// Property.
    pub port: Name,
    /// `RTAuto.Property`, the item of the ACCO.
    pub item: String,
    /// What a value is.
    #[serde(flatten)]
    pub shape: Shape,
    /// `In`, `Out`, `InOut` or `HMI`.
    pub direction: &'static str,
    /// What clients may do: `R`, `W` or `RW`.
    pub access: &'static str,
    /// Unit text.
    pub unit: Name,
    /// UNECE Rec. 20 code of the unit.
    pub unit_code: Name,
    /// Least value.
    pub min: Option<f64>,
    /// Greatest value.
    pub max: Option<f64>,
    /// Value before anybody writes, as a literal.
    pub default: Option<String>,
    /// The value never changes and equals the default.
    pub fixed: bool,
    /// Description in the language of the file.
    pub description: String,
    /// Names of values.
    pub enumeration: Vec<EnumValue>,
    /// Constant of the plan that feeds it, as a literal.
    pub constant: Option<String>,
    /// Links of the plan that feed it: none, one, or more after a merge.
    pub fed_by: Vec<Feed>,
}

/// Type of a value, in the words of OPC.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Shape {
    /// `R4`, `UI1[2 3]`, `Recipe`.
    #[serde(rename = "type")]
    pub type_text: String,
    /// VARTYPE of OPC Data Access.
    pub vartype: u16,
    /// Sizes of an array, outermost first; empty when it is none.
    pub dims: Vec<u32>,
    /// Members of the structure, or of each element; empty for simple types.
    pub members: Vec<MemberShape>,
}

/// A member of a structure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct MemberShape {
    /// Name.
    pub name: Name,
    /// What a value is.
    #[serde(flatten)]
    pub shape: Shape,
}

/// Name of one value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct EnumValue {
    /// The value.
    pub value: i64,
    /// Its name in the language of the file.
    pub text: String,
}

/// A link that feeds a variable.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Feed {
    /// Path of the output.
    pub provider: String,
    /// Transmission, e.g. `cyclic 8 ms`.
    pub qos: String,
    /// Whether data flow, or the link is only stored.
    pub active: bool,
    /// Value on connection loss as a literal; `null` holds the last one.
    pub substitute: Option<String>,
}

impl Tag {
    pub fn of(plan: &Plan, variable: &Variable<'_>, lang: &str) -> Self {
        let port = variable.port;
        let literal = |value: &Value| port.value_type.write_literal(value);
        let feeds = plan.links_to(&variable.at).map(|(_, link)| Feed {
            provider: link.provider.to_string(),
            qos: link.qos.to_string(),
            active: link.active,
            substitute: match &link.substitute {
                Substitute::HoldLast => None,
                Substitute::Value(value) => Some(value.to_string()),
            },
        });
        Self {
            path: variable.at.to_string(),
            device: variable.device.clone(),
            server: variable.server.map(|server| server.name.clone()),
            ip: variable.server.and_then(|server| server.ip),
            ldev: variable.ldev.clone(),
            rtauto: variable.at.rtauto.clone(),
            port: variable.at.port.clone(),
            item: variable.item(),
            shape: Shape::of(&port.value_type),
            direction: Direction::token(port.direction),
            access: access(port),
            unit: port.unit.clone(),
            unit_code: port.unit_code.clone(),
            min: port.min,
            max: port.max,
            default: port.default.as_ref().map(literal),
            fixed: port.constant,
            description: variable.description(lang),
            enumeration: enumeration(port, lang),
            constant: plan.constants().get(&variable.at).map(|constant| constant.value.to_string()),
            fed_by: feeds.collect(),
        }
    }
}

impl Shape {
    fn of(value_type: &ValueType) -> Self {
        let (element, dims) = flattened(value_type);
        let (vartype, members) = match element {
            ValueType::Base(base) => (vartype(*base), Vec::new()),
            ValueType::Struct(structure) => {
                let member =
                    |member: &Member| MemberShape { name: member.name.clone(), shape: Self::of(&member.value_type) };
                (VT_ARRAY | VT_VARIANT, structure.members.iter().map(member).collect())
            }
            // `flattened` goes down to what is no array.
            ValueType::Array { .. } => (VT_ARRAY | VT_VARIANT, Vec::new()),
        };
        let array = if dims.is_empty() { 0 } else { VT_ARRAY };
        Self { type_text: value_type.to_string(), vartype: vartype | array, dims, members }
    }
}

/// What the elements are, and the sizes of all arrays around them: an array of arrays is one array on the wire.
pub(super) fn flattened(value_type: &ValueType) -> (&ValueType, Vec<u32>) {
    let mut dims = Vec::new();
    let mut inner = value_type;
    while let ValueType::Array { element, dims: sizes } = inner {
        dims.extend(sizes);
        inner = element;
    }
    (inner, dims)
}

/// What clients may do.
pub(super) fn access(port: &Port) -> &'static str {
    match (port.readable, port.writable) {
        (_, false) => "R",
        (false, true) => "W",
        (true, true) => "RW",
    }
}

fn enumeration(port: &Port, lang: &str) -> Vec<EnumValue> {
    let text = |value: &EnumText| one_line(value.texts.get(lang).unwrap_or(&value.name));
    port.enumeration.iter().map(|value| EnumValue { value: value.value, text: text(value) }).collect()
}

const VT_VARIANT: u16 = 12;
const VT_ARRAY: u16 = 0x2000;

/// VARTYPE of a simple type: that of the wire is that of OPC Data Access.
pub(super) fn vartype(base: BaseType) -> u16 {
    match base {
        BaseType::I2 => 2,
        BaseType::I4 => 3,
        BaseType::R4 => 4,
        BaseType::R8 => 5,
        BaseType::Date => 7,
        BaseType::Bstr => 8,
        BaseType::Bool => 11,
        BaseType::I1 => 16,
        BaseType::UI1 => 17,
        BaseType::UI2 => 18,
        BaseType::UI4 => 19,
    }
}

/// VARTYPE of a simple type or, when `array`, of an array of it.
pub(super) fn vartype_of(base: BaseType, array: bool) -> u16 {
    vartype(base) | if array { VT_ARRAY } else { 0 }
}
