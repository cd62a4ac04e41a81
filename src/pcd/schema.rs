//! The shapes of the canonical document (`pcd-format` 5, `pcd-profile-2.xsd`) as a table.
//!
//! The reader walks it to know what may stand where and what is exact, the dialect to resolve names, the
//! writer for spellings. A later version of the format begins here.

use std::sync::LazyLock;

/// Namespace of the canonical form. Owned by this project: no namespace of PI is known.
pub(super) const NAMESPACE: &str = "urn:x-cba:pcd:2";
/// What the namespaces of all versions of the format begin with.
pub(super) const NAMESPACE_FAMILY: &str = "urn:x-cba:pcd:";

macro_rules! names {
    ($(#[doc = $doc:literal])+ $Enum:ident { $($variant:ident = $text:literal,)+ }) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(super) enum $Enum { $($variant,)+ }

        impl $Enum {
            pub(super) const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The canonical name.
            pub(super) fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// The one with exactly this canonical name.
            pub(super) fn named(name: &str) -> Option<Self> {
                static NAMES: LazyLock<Names> = LazyLock::new(|| Names::new(&[$($text,)+]));
                Self::ALL.get(NAMES.find(name)?).copied()
            }
        }
    };
}

names! {
    /// Elements.
    Element {
        Root = "ComponentDescription",
        Info = "ComponentInfo",
        Name = "Name",
        Vendor = "Vendor",
        Description = "Description",
        Icon = "Icon",
        Link = "Link",
        Extensions = "Extensions",
        Device = "PhysicalDevice",
        Identity = "Identity",
        Limits = "Limits",
        QosList = "SupportedQoS",
        Qos = "QoS",
        Ethernet = "Ethernet",
        Profibus = "Profibus",
        Ldev = "LogicalDevice",
        RtAuto = "RTAuto",
        Interface = "Interface",
        Property = "Property",
        Comment = "Comment",
        Enum = "Enum",
        Text = "Text",
        Map = "Map",
        Types = "Types",
        Struct = "Struct",
        Member = "Member",
        Payloads = "Payloads",
        Payload = "Payload",
    }
}

names! {
    /// Attributes.
    Attr {
        SchemaVersion = "schemaVersion",
        Id = "id",
        Version = "version",
        Kind = "kind",
        Author = "author",
        Category = "category",
        Tool = "tool",
        Created = "created",
        Modified = "modified",
        Url = "url",
        Lang = "lang",
        Mime = "mime",
        Href = "href",
        Class = "class",
        Stack = "stack",
        MultiApp = "multiApp",
        TypeName = "typeName",
        Producer = "producer",
        Product = "product",
        VendorId = "vendorId",
        DeviceId = "deviceId",
        OrderNumber = "orderNumber",
        Hardware = "hardware",
        Firmware = "firmware",
        Revision = "revision",
        PnRevision = "pnRevision",
        MaxConnectionsIn = "maxConnectionsIn",
        MaxConnectionsOut = "maxConnectionsOut",
        MaxPartners = "maxPartners",
        MaxBytesIn = "maxBytesIn",
        MaxBytesOut = "maxBytesOut",
        MaxCyclicIn = "maxCyclicIn",
        MaxCyclicOut = "maxCyclicOut",
        MaxArrayBytes = "maxArrayBytes",
        Type = "type",
        ValuesMs = "valuesMs",
        DefaultMs = "defaultMs",
        Ports = "ports",
        DefaultName = "defaultName",
        Addressing = "addressing",
        Role = "role",
        SystemId = "systemId",
        Address = "address",
        MaxSlaves = "maxSlaves",
        IdentNumber = "identNumber",
        Gsd = "gsd",
        BaudKbit = "baudKbit",
        Name = "name",
        State = "state",
        GroupError = "groupError",
        Time = "time",
        Uuid = "uuid",
        TypeRef = "typeRef",
        Array = "array",
        MaxLen = "maxLen",
        Unit = "unit",
        UnitCode = "unitCode",
        Min = "min",
        Max = "max",
        Default = "default",
        SourceType = "sourceType",
        Dir = "dir",
        Access = "access",
        DispId = "dispId",
        Constant = "constant",
        Epsilon = "epsilon",
        Substitute = "substitute",
        Connectable = "connectable",
        Value = "value",
        Db = "db",
        Byte = "byte",
        Bit = "bit",
        Symbol = "symbol",
        Target = "target",
        Loader = "loader",
        Size = "size",
        Compress = "compress",
        Sha256 = "sha256",
    }
}

/// Finds a name among some, looking at one or two of them: every tag and attribute of a file is looked up.
struct Names {
    names: Vec<&'static str>,
    /// For each hash the index of a name, or of the next one tried.
    slots: [u8; Self::SLOTS],
}

impl Names {
    const SLOTS: usize = 512;
    const FREE: u8 = u8::MAX;

    fn new(names: &[&'static str]) -> Self {
        let mut slots = [Self::FREE; Self::SLOTS];
        for (index, name) in names.iter().enumerate() {
            let mut at = Self::hash(name);
            while slots.get(at).is_some_and(|slot| *slot != Self::FREE) {
                at = (at + 1) % Self::SLOTS;
            }
            if let (Some(slot), Ok(index)) = (slots.get_mut(at), u8::try_from(index)) {
                *slot = index;
            }
        }
        Self { names: names.to_vec(), slots }
    }

    fn hash(name: &str) -> usize {
        let byte = |at: usize| usize::from(name.as_bytes().get(at).copied().unwrap_or(0));
        let length = name.len();
        (length * 67 + byte(0) * 5 + byte(length / 2) * 29 + byte(length.saturating_sub(1)) * 11) % Self::SLOTS
    }

    fn find(&self, name: &str) -> Option<usize> {
        let mut at = Self::hash(name);
        loop {
            let index = usize::from(*self.slots.get(at).filter(|slot| **slot != Self::FREE)?);
            if self.names.get(index).is_some_and(|found| *found == name) {
                return Some(index);
            }
            at = (at + 1) % Self::SLOTS;
        }
    }
}

/// How a value is written in the canonical form.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Lexical {
    /// Anything.
    Text,
    /// 1 to 240 characters.
    Name,
    /// `[letter_][letter digit _]{0,239}`.
    Ident,
    Uuid,
    Version,
    /// `0x` and one to four digits.
    Hex16,
    Lang,
    Bool,
    /// A whole number in this range.
    Int(i64, u64),
    Double,
    Decimal,
    DateTime,
    /// Whole numbers 0..=65535 separated by blanks.
    MsList,
    /// Positive whole numbers separated by blanks, at least one.
    Dims,
    Token(&'static [&'static str]),
    /// 64 hexadecimal digits.
    Sha256,
    Base64,
}

use Lexical as L;

const UINT8: Lexical = L::Int(0, u8::MAX as u64);
const UINT16: Lexical = L::Int(0, u16::MAX as u64);
const UINT32: Lexical = L::Int(0, u32::MAX as u64);
const BASE_TYPE: Lexical =
    L::Token(&["BOOL", "I1", "UI1", "I2", "UI2", "I4", "UI4", "R4", "R8", "BSTR", "DATE", "STRUCT"]);

/// What stands between the tags of an element.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Content {
    /// Elements only.
    Elements,
    /// A text.
    Text(Lexical),
    /// Any elements; they are kept.
    Any,
}

/// What may stand in an element.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) content: Content,
    /// Attributes, with whether they are required.
    pub(super) attributes: &'static [(Attr, Lexical, bool)],
    /// Children in their order, with least and greatest number (0 is unbounded).
    pub(super) children: &'static [(Element, u8, u8)],
}

/// Children an element has at most in its shape.
pub(super) const MOST_CHILDREN: usize = 8;

/// Children that stand in another place than the schema says and are understood all the same (`pcd-format` 7.3).
pub(super) const OTHER_PLACES: &[(Element, Element)] = &[
    (Element::Device, Element::Ldev),
    (Element::RtAuto, Element::Property),
    (Element::Root, Element::Struct),
    (Element::Root, Element::Payload),
];

impl Element {
    /// Its shape.
    pub(super) fn shape(self) -> &'static Shape {
        match self {
            Self::Root => &ROOT,
            Self::Info => &INFO,
            Self::Name => &NAME,
            Self::Vendor => &VENDOR,
            Self::Description | Self::Comment | Self::Text => &TEXT,
            Self::Icon => &ICON,
            Self::Link => &LINK,
            Self::Extensions => &EXTENSIONS,
            Self::Device => &DEVICE,
            Self::Identity => &IDENTITY,
            Self::Limits => &LIMITS,
            Self::QosList => &QOS_LIST,
            Self::Qos => &QOS,
            Self::Ethernet => &ETHERNET,
            Self::Profibus => &PROFIBUS,
            Self::Ldev => &LDEV,
            Self::RtAuto => &RTAUTO,
            Self::Interface => &INTERFACE,
            Self::Property => &PROPERTY,
            Self::Enum => &ENUM,
            Self::Map => &MAP,
            Self::Types => &TYPES,
            Self::Struct => &STRUCT,
            Self::Member => &MEMBER,
            Self::Payloads => &PAYLOADS,
            Self::Payload => &PAYLOAD,
        }
    }
}

/// For each element the index of each attribute and child in its shape: every tag and attribute of a file is looked up.
struct Indexes {
    attributes: Vec<[u8; Attr::ALL.len()]>,
    children: Vec<[u8; Element::ALL.len()]>,
}

/// No index.
const NOWHERE: u8 = u8::MAX;

static INDEXES: LazyLock<Indexes> = LazyLock::new(|| {
    let attributes = |element: &'static Element| {
        Attr::ALL.iter().map(|attr| element.shape().attributes.iter().position(|(found, ..)| found == attr))
    };
    let children = |element: &'static Element| {
        Element::ALL.iter().map(|child| element.shape().children.iter().position(|(found, ..)| found == child))
    };
    Indexes {
        attributes: Element::ALL.iter().map(|element| row(attributes(element))).collect(),
        children: Element::ALL.iter().map(|element| row(children(element))).collect(),
    }
});

fn row<const N: usize>(indexes: impl Iterator<Item = Option<usize>>) -> [u8; N] {
    let mut row = [NOWHERE; N];
    for (place, index) in row.iter_mut().zip(indexes) {
        *place = index.and_then(|index| u8::try_from(index).ok()).unwrap_or(NOWHERE);
    }
    row
}

impl Element {
    /// How an attribute is written on this element; `None` when it has no place there.
    pub(super) fn lexical(self, attr: Attr) -> Option<Lexical> {
        let index = INDEXES.attributes.get(self as usize)?.get(attr as usize)?;
        self.shape().attributes.get(usize::from(*index)).map(|(_, lexical, _)| *lexical)
    }

    /// The place of a child in the order of the schema.
    pub(super) fn child(self, child: Element) -> Option<usize> {
        let index = INDEXES.children.get(self as usize)?.get(child as usize)?;
        (*index != NOWHERE).then(|| usize::from(*index))
    }
}

static ROOT: Shape = Shape {
    content: Content::Elements,
    attributes: &[(Attr::SchemaVersion, L::Version, true)],
    children: &[
        (Element::Info, 1, 1),
        (Element::Device, 1, 1),
        (Element::Ldev, 1, 0),
        (Element::Types, 0, 1),
        (Element::Payloads, 0, 1),
        (Element::Extensions, 0, 1),
    ],
};

static INFO: Shape = Shape {
    content: Content::Elements,
    attributes: &[
        (Attr::Id, L::Uuid, true),
        (Attr::Version, L::Version, true),
        (Attr::Kind, L::Token(&["standard", "singleton"]), false),
        (Attr::Author, L::Text, false),
        (Attr::Category, L::Text, false),
        (Attr::Tool, L::Text, false),
        (Attr::Created, L::DateTime, false),
        (Attr::Modified, L::DateTime, false),
    ],
    children: &[
        (Element::Name, 1, 1),
        (Element::Vendor, 1, 1),
        (Element::Description, 0, 0),
        (Element::Icon, 0, 0),
        (Element::Link, 0, 0),
        (Element::Extensions, 0, 1),
    ],
};

static NAME: Shape = Shape { content: Content::Text(L::Name), attributes: &[], children: &[] };
static VENDOR: Shape =
    Shape { content: Content::Text(L::Text), attributes: &[(Attr::Url, L::Text, false)], children: &[] };
static TEXT: Shape =
    Shape { content: Content::Text(L::Text), attributes: &[(Attr::Lang, L::Lang, false)], children: &[] };

static ICON: Shape = Shape {
    content: Content::Text(L::Base64),
    attributes: &[
        (Attr::Kind, L::Token(&["small", "large", "device", "function"]), false),
        (Attr::Mime, L::Text, false),
        (Attr::Href, L::Text, false),
    ],
    children: &[],
};

static LINK: Shape = Shape {
    content: Content::Text(L::Text),
    attributes: &[
        (Attr::Kind, L::Token(&["manual", "help", "web", "project"]), false),
        (Attr::Href, L::Text, true),
        (Attr::Lang, L::Lang, false),
    ],
    children: &[],
};

static EXTENSIONS: Shape = Shape { content: Content::Any, attributes: &[], children: &[] };

static DEVICE: Shape = Shape {
    content: Content::Elements,
    attributes: &[
        (Attr::Class, L::Token(&["plc", "pc", "proxy", "profibusSlave", "field", "other"]), true),
        (Attr::Stack, L::Token(&["PN", "MS"]), false),
        (Attr::MultiApp, L::Bool, false),
        (Attr::TypeName, L::Name, false),
    ],
    children: &[
        (Element::Identity, 1, 1),
        (Element::Description, 0, 0),
        (Element::Icon, 0, 0),
        (Element::Limits, 0, 1),
        (Element::QosList, 0, 1),
        (Element::Ethernet, 0, 1),
        (Element::Profibus, 0, 0),
        (Element::Extensions, 0, 1),
    ],
};

static IDENTITY: Shape = Shape {
    content: Content::Elements,
    attributes: &[
        (Attr::Producer, L::Name, true),
        (Attr::Product, L::Name, true),
        (Attr::VendorId, L::Hex16, false),
        (Attr::DeviceId, L::Hex16, false),
        (Attr::OrderNumber, L::Text, false),
        (Attr::Hardware, L::Text, false),
        (Attr::Firmware, L::Text, false),
        (Attr::Revision, L::Version, false),
        (Attr::PnRevision, L::Version, false),
    ],
    children: &[],
};

static LIMITS: Shape = Shape {
    content: Content::Elements,
    attributes: &[
        (Attr::MaxConnectionsIn, UINT32, false),
        (Attr::MaxConnectionsOut, UINT32, false),
        (Attr::MaxPartners, UINT32, false),
        (Attr::MaxBytesIn, UINT32, false),
        (Attr::MaxBytesOut, UINT32, false),
        (Attr::MaxCyclicIn, UINT32, false),
        (Attr::MaxCyclicOut, UINT32, false),
        (Attr::MaxArrayBytes, UINT32, false),
    ],
    children: &[],
};

static QOS_LIST: Shape = Shape { content: Content::Elements, attributes: &[], children: &[(Element::Qos, 1, 0)] };

static QOS: Shape = Shape {
    content: Content::Elements,
    attributes: &[
        (Attr::Type, L::Token(&["acyclic", "acyclicStatus", "acyclicHmi", "constant", "cyclic"]), true),
        (Attr::ValuesMs, L::MsList, false),
        (Attr::DefaultMs, UINT16, false),
    ],
    children: &[],
};

static ETHERNET: Shape = Shape {
    content: Content::Elements,
    attributes: &[
        (Attr::Ports, UINT8, false),
        (Attr::DefaultName, L::Text, false),
        (Attr::Addressing, L::Token(&["dcp", "dhcp", "fixed"]), false),
    ],
    children: &[],
};

static PROFIBUS: Shape = Shape {
    content: Content::Elements,
    attributes: &[
        (Attr::Role, L::Token(&["master", "slave"]), true),
        (Attr::SystemId, UINT8, false),
        (Attr::Address, L::Int(0, 126), false),
        (Attr::MaxSlaves, UINT8, false),
        (Attr::IdentNumber, L::Hex16, false),
        (Attr::Gsd, L::Text, false),
        (Attr::BaudKbit, L::Decimal, false),
    ],
    children: &[],
};

static LDEV: Shape = Shape {
    content: Content::Elements,
    attributes: &[
        (Attr::Name, L::Ident, true),
        (Attr::Producer, L::Name, false),
        (Attr::Product, L::Name, false),
        (Attr::Revision, L::Version, false),
        (Attr::PnRevision, L::Version, false),
        (Attr::State, L::Bool, false),
        (Attr::GroupError, L::Bool, false),
        (Attr::Time, L::Bool, false),
    ],
    children: &[(Element::Description, 0, 0), (Element::RtAuto, 0, 0), (Element::Extensions, 0, 1)],
};

static RTAUTO: Shape = Shape {
    content: Content::Elements,
    attributes: &[(Attr::Name, L::Ident, true), (Attr::Id, L::Uuid, false), (Attr::Revision, L::Version, false)],
    children: &[
        (Element::Description, 0, 0),
        (Element::Icon, 0, 0),
        (Element::Interface, 1, 0),
        (Element::Extensions, 0, 1),
    ],
};

static INTERFACE: Shape = Shape {
    content: Content::Elements,
    attributes: &[(Attr::Name, L::Ident, true), (Attr::Uuid, L::Uuid, false), (Attr::Version, L::Version, false)],
    children: &[(Element::Description, 0, 0), (Element::Property, 0, 0)],
};

static PROPERTY: Shape = Shape {
    content: Content::Elements,
    attributes: &[
        (Attr::Name, L::Ident, true),
        (Attr::Type, BASE_TYPE, true),
        (Attr::Dir, L::Token(&["In", "Out", "InOut", "HMI"]), true),
        (Attr::TypeRef, L::Ident, false),
        (Attr::Array, L::Dims, false),
        (Attr::MaxLen, UINT16, false),
        (Attr::Unit, L::Text, false),
        (Attr::UnitCode, L::Text, false),
        (Attr::Min, L::Double, false),
        (Attr::Max, L::Double, false),
        (Attr::Default, L::Text, false),
        (Attr::SourceType, L::Text, false),
        (Attr::Access, L::Token(&["r", "w", "rw"]), false),
        (Attr::DispId, L::Int(i32::MIN as i64, i32::MAX as u64), false),
        (Attr::Constant, L::Bool, false),
        (Attr::Epsilon, L::Double, false),
        (Attr::Substitute, L::Text, false),
        (Attr::Connectable, L::Bool, false),
    ],
    children: &[
        (Element::Comment, 0, 0),
        (Element::Enum, 0, 0),
        (Element::QosList, 0, 1),
        (Element::Map, 0, 1),
        (Element::Extensions, 0, 1),
    ],
};

static MEMBER: Shape = Shape {
    content: Content::Elements,
    attributes: &[
        (Attr::Name, L::Ident, true),
        (Attr::Type, BASE_TYPE, true),
        (Attr::TypeRef, L::Ident, false),
        (Attr::Array, L::Dims, false),
        (Attr::MaxLen, UINT16, false),
        (Attr::Unit, L::Text, false),
        (Attr::UnitCode, L::Text, false),
        (Attr::Min, L::Double, false),
        (Attr::Max, L::Double, false),
        (Attr::Default, L::Text, false),
        (Attr::SourceType, L::Text, false),
    ],
    children: &[(Element::Comment, 0, 0), (Element::Enum, 0, 0)],
};

static ENUM: Shape = Shape {
    content: Content::Elements,
    attributes: &[(Attr::Value, L::Int(i64::MIN, i64::MAX as u64), true), (Attr::Name, L::Text, false)],
    children: &[(Element::Text, 0, 0)],
};

static MAP: Shape = Shape {
    content: Content::Elements,
    attributes: &[
        (Attr::Db, UINT16, false),
        (Attr::Byte, UINT32, false),
        (Attr::Bit, L::Int(0, 7), false),
        (Attr::Symbol, L::Text, false),
    ],
    children: &[],
};

static TYPES: Shape = Shape { content: Content::Elements, attributes: &[], children: &[(Element::Struct, 1, 0)] };

static STRUCT: Shape = Shape {
    content: Content::Elements,
    attributes: &[(Attr::Name, L::Ident, true), (Attr::Uuid, L::Uuid, false)],
    children: &[(Element::Comment, 0, 0), (Element::Member, 1, 0)],
};

static PAYLOADS: Shape = Shape { content: Content::Elements, attributes: &[], children: &[(Element::Payload, 1, 0)] };

static PAYLOAD: Shape = Shape {
    content: Content::Text(L::Base64),
    attributes: &[
        (Attr::Id, L::Ident, true),
        (Attr::Kind, L::Token(&["program", "parameters", "hardware", "other"]), true),
        (Attr::Target, L::Text, false),
        (Attr::Loader, L::Text, false),
        (Attr::Mime, L::Text, false),
        (Attr::Size, L::Int(0, u64::MAX), false),
        (Attr::Compress, L::Token(&["none", "gzip"]), false),
        (Attr::Sha256, L::Sha256, false),
        (Attr::Href, L::Text, false),
    ],
    children: &[],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_and_no_other() {
        for element in Element::ALL {
            assert_eq!(Element::named(element.name()), Some(*element));
        }
        for attr in Attr::ALL {
            assert_eq!(Attr::named(attr.name()), Some(*attr));
        }
        for name in ["", "x", "NAME", "nam", "names", "Property "] {
            assert_eq!((Element::named(name), Attr::named(name)), (None, None), "{name}");
        }
    }

    #[test]
    fn shapes_are_found_by_index() {
        for element in Element::ALL {
            for attr in Attr::ALL {
                let found = element.shape().attributes.iter().find(|(found, ..)| found == attr);
                assert_eq!(element.lexical(*attr), found.map(|(_, lexical, _)| *lexical));
            }
            for child in Element::ALL {
                let found = element.shape().children.iter().position(|(found, ..)| found == child);
                assert_eq!(element.child(*child), found);
            }
        }
    }

    #[test]
    fn attributes_are_fewer_than_bits_of_a_set() {
        assert!(Attr::ALL.len() <= 128 && Element::ALL.len() < 255);
    }

    #[test]
    fn no_shape_has_more_children_than_the_reader_counts() {
        for element in Element::ALL {
            assert!(element.shape().children.len() <= MOST_CHILDREN, "{}", element.name());
        }
    }
}
