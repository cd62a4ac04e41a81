//! What a description says beyond what a plan needs: kept with the component, so that nothing is lost when it is written again.

use std::sync::Arc;

use super::{EnumText, Icon, Name, StructType, Texts};

/// The rest of a description.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Details {
    /// Who made the component.
    pub author: Name,
    /// Tool that wrote the description.
    pub tool: Name,
    /// When the component was made, `xs:dateTime`; empty when not given.
    pub created: Name,
    /// When it was changed last, `xs:dateTime`; empty when not given.
    pub modified: Name,
    /// Address of the vendor.
    pub vendor_url: String,
    /// Pictures of the device.
    pub device_icons: Vec<Icon>,
    /// Details of functions that have any.
    pub functions: Vec<FunctionDetails>,
    /// Structure types in the order of the description, also those that no port uses.
    pub structs: Vec<StructDetails>,
    /// Parts that were not understood or are meant for others, in the order of the file.
    pub foreign: Vec<Foreign>,
}

/// Details of a technological function.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FunctionDetails {
    /// LDev it is in.
    pub ldev: Name,
    /// Its name.
    pub rtauto: Name,
    /// UUID; empty when not given.
    pub id: Name,
    /// Pictures.
    pub icons: Vec<Icon>,
    /// Its interfaces in the order of the description, also those without ports.
    pub interfaces: Vec<InterfaceDetails>,
}

/// Details of an interface.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InterfaceDetails {
    /// Its name.
    pub name: Name,
    /// UUID; empty when not given.
    pub uuid: Name,
    /// Version as written; empty when not given.
    pub version: Name,
    /// Descriptions by language.
    pub description: Texts,
}

/// A structure type as the description explains it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StructDetails {
    /// The type; its name counts here.
    pub structure: Arc<StructType>,
    /// UUID; empty when not given.
    pub uuid: Name,
    /// Comments by language.
    pub comment: Texts,
    /// One entry a member, in their order.
    pub members: Vec<MemberDetails>,
}

/// A member as the description explains it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MemberDetails {
    /// Unit text.
    pub unit: Name,
    /// UNECE Rec. 20 unit code.
    pub unit_code: Name,
    /// Least value.
    pub min: Option<f64>,
    /// Greatest value.
    pub max: Option<f64>,
    /// Initial value as a literal.
    pub default: Option<Name>,
    /// Longest text in characters.
    pub max_len: Option<u16>,
    /// Type name in the source program.
    pub source_type: Name,
    /// Comments by language.
    pub comment: Texts,
    /// Names of values, for integer types.
    pub enumeration: Vec<EnumText>,
}

/// A part of the description that has no place in the component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    /// What it belongs to.
    pub owner: ForeignOwner,
    /// A complete XML element; it declares the namespaces it uses, except the format's own as default.
    pub xml: Arc<str>,
}

/// The part of a component that a foreign part belongs to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ForeignOwner {
    /// The description as a whole.
    Description,
    /// Its head.
    Info,
    /// The device.
    Device,
    /// An LDev.
    Ldev(Name),
    /// A function, by LDev and name.
    RtAuto(Name, Name),
    /// A property, by LDev, function and name.
    Port(Name, Name, Name),
}
