//! VARIANT, the self-describing value of OLE Automation, with BSTR and SAFEARRAY (MS-OAUT 2.2.29,
//! 2.2.30), as user-marshalled in stubs.
//!
//! ```text
//! u32 referent ("User"), possibly deferred; 0 = no VARIANT
//! body, aligned to 8:
//!   0 u32 clSize     body length in units of 8 bytes, rounded up
//!   4 u32 reserved   0
//!   8 u16 vt, 3 x u16 0
//!  16 u32 switch     = vt; 2000 hex for every array
//!  20 value          aligned to its own size
//! ```
//!
//! The body ends with its value; it is not padded to `clSize`, and `clSize` is not relied on.
//! Start with [`Variant`]; [`SafeArray`] is its array case.

pub mod bstr;
mod safearray;
mod var_type;

pub use safearray::{Bound, Elements, SafeArray};
pub use var_type::VarType;

use std::fmt;

use super::WireError;
use super::ndr::{NdrReader, NdrWriter};

/// Arrays of VARIANT may nest this deep.
const MAX_DEPTH: usize = 4;

/// A value with its type.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Variant {
    /// No value.
    #[default]
    Empty,
    /// SQL-like null.
    Null,
    /// Signed 8-bit integer.
    I1(i8),
    /// Unsigned 8-bit integer.
    Ui1(u8),
    /// Signed 16-bit integer.
    I2(i16),
    /// Unsigned 16-bit integer.
    Ui2(u16),
    /// Truth value; on the wire ffff or 0000, any other non-zero value reads as true.
    Bool(bool),
    /// Signed 32-bit integer.
    I4(i32),
    /// Unsigned 32-bit integer.
    Ui4(u32),
    /// HRESULT.
    Error(u32),
    /// Single-precision number.
    R4(f32),
    /// Double-precision number.
    R8(f64),
    /// Days since 1899-12-30.
    Date(f64),
    /// Signed 64-bit integer.
    I8(i64),
    /// Unsigned 64-bit integer.
    Ui8(u64),
    /// Currency in units of 1/10000.
    Cy(i64),
    /// String.
    Bstr(String),
    /// Array of one element type.
    Array(SafeArray),
}

impl Variant {
    /// A one-dimensional array, lower bound 0.
    pub fn vector(elements: Elements) -> Self {
        Self::Array(SafeArray::vector(elements))
    }

    /// Type code.
    pub fn var_type(&self) -> VarType {
        match self {
            Self::Empty => VarType::EMPTY,
            Self::Null => VarType::NULL,
            Self::I1(_) => VarType::I1,
            Self::Ui1(_) => VarType::UI1,
            Self::I2(_) => VarType::I2,
            Self::Ui2(_) => VarType::UI2,
            Self::Bool(_) => VarType::BOOL,
            Self::I4(_) => VarType::I4,
            Self::Ui4(_) => VarType::UI4,
            Self::Error(_) => VarType::ERROR,
            Self::R4(_) => VarType::R4,
            Self::R8(_) => VarType::R8,
            Self::Date(_) => VarType::DATE,
            Self::I8(_) => VarType::I8,
            Self::Ui8(_) => VarType::UI8,
            Self::Cy(_) => VarType::CY,
            Self::Bstr(_) => VarType::BSTR,
            Self::Array(array) => array.elements().var_type().array(),
        }
    }

    /// The value as a number, for comparing distances: integers and floats as they are, DATE in days, CY
    /// in whole units. `None` for everything else.
    pub fn as_f64(&self) -> Option<f64> {
        Some(match *self {
            Self::I1(v) => v.into(),
            Self::Ui1(v) => v.into(),
            Self::I2(v) => v.into(),
            Self::Ui2(v) => v.into(),
            Self::I4(v) => v.into(),
            Self::Ui4(v) => v.into(),
            Self::R4(v) => v.into(),
            Self::R8(v) | Self::Date(v) => v,
            Self::I8(v) => v as f64,
            Self::Ui8(v) => v as f64,
            Self::Cy(v) => v as f64 / 10_000.0,
            _ => return None,
        })
    }

    /// Reads pointer and body; a NULL pointer is `None`.
    ///
    /// # Errors
    /// Truncated or contradictory bytes; a type CBA does not use (objects, references).
    pub fn read(r: &mut NdrReader<'_>, what: &'static str) -> Result<Option<Self>, WireError> {
        if r.pointer(what)? { Self::read_body(r, what).map(Some) } else { Ok(None) }
    }

    /// Reads the body a VARIANT pointer points to.
    ///
    /// # Errors
    /// As [`Variant::read`].
    pub fn read_body(r: &mut NdrReader<'_>, what: &'static str) -> Result<Self, WireError> {
        Self::read_nested(r, what, 0)
    }

    fn read_nested(r: &mut NdrReader<'_>, what: &'static str, depth: usize) -> Result<Self, WireError> {
        r.align(8, what)?;
        let at = r.position();
        r.u32("VARIANT size")?;
        r.u32("VARIANT reserved")?;
        let vt = VarType(r.u16("VARIANT type")?);
        for _ in 0..3 {
            r.u16("VARIANT reserved")?;
        }
        let switch = r.u32("VARIANT switch")?;
        let expected = if vt.is_array() { u32::from(VarType::ARRAY) } else { u32::from(vt.0) };
        if switch != expected && switch != u32::from(vt.0) {
            return Err(WireError::Malformed {
                at: at.saturating_add(16),
                what,
                why: "the switch of a VARIANT disagrees with its type",
            });
        }
        Ok(match vt {
            VarType::EMPTY => Self::Empty,
            VarType::NULL => Self::Null,
            VarType::I1 => Self::I1(r.i8(what)?),
            VarType::UI1 => Self::Ui1(r.u8(what)?),
            VarType::I2 => Self::I2(r.i16(what)?),
            VarType::UI2 => Self::Ui2(r.u16(what)?),
            VarType::BOOL => Self::Bool(r.u16(what)? != 0),
            VarType::I4 => Self::I4(r.i32(what)?),
            VarType::UI4 => Self::Ui4(r.u32(what)?),
            VarType::ERROR => Self::Error(r.u32(what)?),
            VarType::R4 => Self::R4(r.f32(what)?),
            VarType::R8 => Self::R8(r.f64(what)?),
            VarType::DATE => Self::Date(r.f64(what)?),
            VarType::I8 => Self::I8(r.i64(what)?),
            VarType::UI8 => Self::Ui8(r.u64(what)?),
            VarType::CY => Self::Cy(r.i64(what)?),
            VarType::BSTR => Self::Bstr(bstr::read(r, what)?),
            _ if vt.is_array() => {
                let at = r.position();
                match SafeArray::read_nested(r, Some(vt.element()), what, depth)? {
                    Some(array) => Self::Array(array),
                    None => {
                        return Err(WireError::Malformed { at, what, why: "an array VARIANT has no array" });
                    }
                }
            }
            _ => {
                return Err(WireError::Unsupported {
                    at: at.saturating_add(8),
                    what: "VARIANT type",
                    value: vt.0.into(),
                });
            }
        })
    }

    /// Writes pointer and body; `None` writes a NULL pointer.
    pub fn write(value: Option<&Self>, w: &mut NdrWriter) {
        w.user_pointer(value.is_some());
        if let Some(value) = value {
            value.write_body(w);
        }
    }

    /// Writes the body.
    pub fn write_body(&self, w: &mut NdrWriter) {
        w.align(8);
        let start = w.position();
        let vt = self.var_type();
        w.u32(0);
        w.u32(0);
        w.u16(vt.0);
        for _ in 0..3 {
            w.u16(0);
        }
        w.u32(if vt.is_array() { VarType::ARRAY.into() } else { vt.0.into() });
        match self {
            Self::Empty | Self::Null => {}
            Self::I1(v) => w.i8(*v),
            Self::Ui1(v) => w.u8(*v),
            Self::I2(v) => w.i16(*v),
            Self::Ui2(v) => w.u16(*v),
            Self::Bool(v) => w.u16(bool_bits(*v)),
            Self::I4(v) => w.i32(*v),
            Self::Ui4(v) | Self::Error(v) => w.u32(*v),
            Self::R4(v) => w.f32(*v),
            Self::R8(v) | Self::Date(v) => w.f64(*v),
            Self::I8(v) | Self::Cy(v) => w.i64(*v),
            Self::Ui8(v) => w.u64(*v),
            Self::Bstr(v) => bstr::write(w, v),
            Self::Array(array) => SafeArray::write(Some(array), w),
        }
        let units = w.position().saturating_sub(start).div_ceil(8);
        w.patch_u32(start, u32::try_from(units).unwrap_or(u32::MAX));
    }
}

/// VARIANT_BOOL of a truth value.
pub(crate) fn bool_bits(value: bool) -> u16 {
    if value { 0xffff } else { 0 }
}

impl fmt::Display for Variant {
    /// The value alone: `-5`, `1.5`, `true`, `"text"`, `[1, 2, 3]`, `empty`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("empty"),
            Self::Null => f.write_str("null"),
            Self::I1(v) => v.fmt(f),
            Self::Ui1(v) => v.fmt(f),
            Self::I2(v) => v.fmt(f),
            Self::Ui2(v) => v.fmt(f),
            Self::Bool(v) => v.fmt(f),
            Self::I4(v) => v.fmt(f),
            Self::Ui4(v) => v.fmt(f),
            Self::Error(v) => write!(f, "{v:#010x}"),
            Self::R4(v) => v.fmt(f),
            Self::R8(v) | Self::Date(v) => v.fmt(f),
            Self::I8(v) => v.fmt(f),
            Self::Ui8(v) => v.fmt(f),
            Self::Cy(v) => {
                let sign = if *v < 0 { "-" } else { "" };
                write!(f, "{sign}{}.{:04}", v.unsigned_abs() / 10_000, v.unsigned_abs() % 10_000)
            }
            Self::Bstr(v) => write!(f, "{v:?}"),
            Self::Array(array) => array.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests;
