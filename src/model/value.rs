//! Types and values that a port can carry (`pcd-format` 4.2).

use std::fmt;
use std::sync::Arc;

use super::Name;

/// The simple types of CBA.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BaseType {
    /// Truth value; 2 bytes on the wire.
    Bool,
    /// Signed 8 bit.
    I1,
    /// Unsigned 8 bit.
    UI1,
    /// Signed 16 bit.
    I2,
    /// Unsigned 16 bit.
    UI2,
    /// Signed 32 bit.
    I4,
    /// Unsigned 32 bit.
    UI4,
    /// IEEE 754 single.
    R4,
    /// IEEE 754 double.
    R8,
    /// Days since 1899-12-30 as a double, UTC.
    Date,
    /// Text.
    Bstr,
}

impl BaseType {
    /// All simple types, in the order of the specification's table.
    pub const ALL: [Self; 11] = [
        Self::Bool,
        Self::I1,
        Self::UI1,
        Self::I2,
        Self::UI2,
        Self::I4,
        Self::UI4,
        Self::R4,
        Self::R8,
        Self::Date,
        Self::Bstr,
    ];

    /// The token of the component description, e.g. `UI2`.
    pub fn token(self) -> &'static str {
        match self {
            Self::Bool => "BOOL",
            Self::I1 => "I1",
            Self::UI1 => "UI1",
            Self::I2 => "I2",
            Self::UI2 => "UI2",
            Self::I4 => "I4",
            Self::UI4 => "UI4",
            Self::R4 => "R4",
            Self::R8 => "R8",
            Self::Date => "DATE",
            Self::Bstr => "BSTR",
        }
    }

    /// The type with this token, exactly as [`token`](Self::token) writes it.
    pub fn from_token(token: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|base| base.token() == token)
    }

    /// Whole-number range, for the integer types.
    pub fn integer_range(self) -> Option<(i64, i64)> {
        Some(match self {
            Self::I1 => (i8::MIN.into(), i8::MAX.into()),
            Self::UI1 => (0, u8::MAX.into()),
            Self::I2 => (i16::MIN.into(), i16::MAX.into()),
            Self::UI2 => (0, u16::MAX.into()),
            Self::I4 => (i32::MIN.into(), i32::MAX.into()),
            Self::UI4 => (0, u32::MAX.into()),
            _ => return None,
        })
    }

    /// Integers and reals: the types that have min, max and epsilon.
    pub fn is_numeric(self) -> bool {
        self.integer_range().is_some() || matches!(self, Self::R4 | Self::R8)
    }
}

/// The complete type of a port; only equal types connect.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ValueType {
    /// A simple type; `max_len` is the longest text in characters for [`BaseType::Bstr`].
    Base(BaseType),
    /// Elements in row-major order, last index fastest.
    Array {
        /// Type of one element.
        element: Box<ValueType>,
        /// Sizes, at least one, each at least 1.
        dims: Vec<u32>,
    },
    /// A structure; the member sequence decides equality, the name is for people.
    Struct(Arc<StructType>),
}

/// A structure type.
#[derive(Debug, Clone, Eq, Default)]
pub struct StructType {
    /// Name in the component description.
    pub name: Name,
    /// Members in wire order, at least one.
    pub members: Vec<Member>,
}

impl PartialEq for StructType {
    /// Two vendors may call the same member sequence differently: names of the structure do not count.
    fn eq(&self, other: &Self) -> bool {
        self.members == other.members
    }
}

impl std::hash::Hash for StructType {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.members.hash(state);
    }
}

/// A member of a structure.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Member {
    /// Name, unique in the structure.
    pub name: Name,
    /// Type.
    pub value_type: ValueType,
}

/// Bytes that an unbounded text is counted with in load and limit estimates: 4 + 2 × 32 characters.
pub const ESTIMATED_TEXT_BYTES: u64 = 68;

impl ValueType {
    /// A one-dimensional array.
    pub fn array_of(element: BaseType, len: u32) -> Self {
        Self::Array { element: Box::new(Self::Base(element)), dims: vec![len] }
    }

    /// Bytes in a data buffer (wire spec 7.4); texts are counted with [`ESTIMATED_TEXT_BYTES`].
    pub fn wire_bytes(&self) -> u64 {
        match self {
            Self::Base(base) => match base {
                BaseType::I1 | BaseType::UI1 => 1,
                BaseType::Bool | BaseType::I2 | BaseType::UI2 => 2,
                BaseType::I4 | BaseType::UI4 | BaseType::R4 => 4,
                BaseType::R8 | BaseType::Date => 8,
                BaseType::Bstr => ESTIMATED_TEXT_BYTES,
            },
            Self::Array { element, .. } => element.wire_bytes().saturating_mul(self.element_count()),
            Self::Struct(structure) => {
                structure.members.iter().fold(0, |sum, member| sum.saturating_add(member.value_type.wire_bytes()))
            }
        }
    }

    /// Number of elements of an array (product of its sizes), 1 for everything else.
    pub fn element_count(&self) -> u64 {
        match self {
            Self::Array { dims, .. } => dims.iter().fold(1, |count, size| u64::saturating_mul(count, u64::from(*size))),
            _ => 1,
        }
    }

    /// The simple type, if it is one.
    pub fn base(&self) -> Option<BaseType> {
        match self {
            Self::Base(base) => Some(*base),
            _ => None,
        }
    }

    /// Whether `value` is a value of this type: same shape, array sizes and integer ranges included.
    pub fn accepts(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Base(base), Value::Bool(_)) => *base == BaseType::Bool,
            (Self::Base(base), Value::Int(number)) => {
                base.integer_range().is_some_and(|(low, high)| (low..=high).contains(number))
            }
            (Self::Base(base), Value::Real(_)) => matches!(base, BaseType::R4 | BaseType::R8),
            (Self::Base(base), Value::Date(_)) => *base == BaseType::Date,
            (Self::Base(base), Value::Text(_)) => *base == BaseType::Bstr,
            (Self::Array { element, .. }, Value::Array(values)) => {
                values.len() as u64 == self.element_count() && values.iter().all(|value| element.accepts(value))
            }
            (Self::Struct(structure), Value::Struct(values)) => {
                values.len() == structure.members.len()
                    && structure
                        .members
                        .iter()
                        .zip(values.iter())
                        .all(|(member, value)| member.value_type.accepts(value))
            }
            _ => false,
        }
    }

    /// The value a port has before anybody wrote it: false, 0, empty text, and so on through the type.
    ///
    /// The caller bounds the size: a description with absurd array sizes is refused on import.
    pub fn zero(&self) -> Value {
        match self {
            Self::Base(base) => match base {
                BaseType::Bool => Value::Bool(false),
                BaseType::R4 | BaseType::R8 => Value::Real(0.0),
                BaseType::Date => Value::Date(0.0),
                BaseType::Bstr => Value::Text("".into()),
                _ => Value::Int(0),
            },
            Self::Array { element, .. } => {
                let count = usize::try_from(self.element_count()).unwrap_or(usize::MAX);
                Value::Array(vec![element.zero(); count].into())
            }
            Self::Struct(structure) => {
                Value::Struct(structure.members.iter().map(|member| member.value_type.zero()).collect())
            }
        }
    }
}

impl fmt::Display for ValueType {
    /// `I2`, `R4[8]`, `UI1[2 3]`, `Recipe`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Base(base) => f.write_str(base.token()),
            Self::Array { element, dims } => {
                let dims: Vec<_> = dims.iter().map(u32::to_string).collect();
                write!(f, "{element}[{}]", dims.join(" "))
            }
            Self::Struct(structure) => f.write_str(&structure.name),
        }
    }
}

/// A value; which type it has in the plan is the port's affair ([`ValueType::accepts`]).
///
/// Equality is by content; reals compare by bits, so `NaN` equals itself and a plan equals its copy.
#[derive(Debug, Clone)]
pub enum Value {
    /// BOOL.
    Bool(bool),
    /// All integer types.
    Int(i64),
    /// R4 and R8.
    Real(f64),
    /// DATE: days since 1899-12-30, UTC.
    Date(f64),
    /// BSTR.
    Text(Arc<str>),
    /// Elements, row-major.
    Array(Arc<[Value]>),
    /// Members in the order of the structure.
    Struct(Arc<[Value]>),
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::Real(a), Self::Real(b)) | (Self::Date(a), Self::Date(b)) => a.to_bits() == b.to_bits(),
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::Array(a), Self::Array(b)) | (Self::Struct(a), Self::Struct(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for Value {}

impl Value {
    /// The number in it, for the types that have min, max and epsilon.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Int(number) => Some(*number as f64),
            Self::Real(number) => Some(*number),
            _ => None,
        }
    }
}
