//! SAFEARRAY: an array of one automation type with bounds per dimension (MS-OAUT 2.2.30).
//!
//! ```text
//! u32 ptr ("User"), u32 ptr          pointer to pointer; a NULL in either = no array
//! u32 max_count of the bounds = cDims
//! u16 cDims, u16 fFeatures (0080 vartype known, +0100 BSTR, +0800 VARIANT)
//! u32 cbElements, u16 cLocks 0, u16 element VARTYPE
//! u32 sfType (16, 2, 3, 20 = 1-, 2-, 4-, 8-byte elements; 8 BSTR, 10 ERROR, 12 VARIANT)
//! u32 number of elements, u32 ptr to data
//! cDims x {u32 cElements, i32 lower bound}
//! u32 max_count of the data, elements aligned to their size; BSTR and VARIANT: pointers, then bodies
//! ```

use std::fmt;

use super::{MAX_DEPTH, VarType, Variant, bool_bits, bstr};
use crate::wire::WireError;
use crate::wire::ndr::{NdrReader, NdrWriter};

/// More dimensions are refused. CBA arrays have one; a few are tolerated.
const MAX_DIMENSIONS: usize = 16;

const FEATURE_HAVE_VARTYPE: u16 = 0x0080;
const FEATURE_BSTR: u16 = 0x0100;
const FEATURE_VARIANT: u16 = 0x0800;

/// `sfType`: how elements are marshalled.
mod kind {
    pub(super) const I2: u32 = 2;
    pub(super) const I4: u32 = 3;
    pub(super) const BSTR: u32 = 8;
    pub(super) const ERROR: u32 = 10;
    pub(super) const VARIANT: u32 = 12;
    pub(super) const I1: u32 = 16;
    pub(super) const I8: u32 = 20;
}

/// One dimension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bound {
    /// Number of elements.
    pub count: u32,
    /// Index of the first element.
    pub lower: i32,
}

macro_rules! elements {
    ($($(#[$doc:meta])* $name:ident($ty:ty) = $vt:ident;)*) => {
        /// The elements of an array, in storage order.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Elements {
            $($(#[$doc])* $name(Vec<$ty>),)*
        }

        impl Elements {
            /// Type code of an element.
            pub fn var_type(&self) -> VarType {
                match self {
                    $(Self::$name(_) => VarType::$vt,)*
                }
            }

            /// Number of elements.
            pub fn len(&self) -> usize {
                match self {
                    $(Self::$name(v) => v.len(),)*
                }
            }

            /// The element at `index` as a value of its own; `None` past the end.
            pub fn get(&self, index: usize) -> Option<Variant> {
                match self {
                    $(Self::$name(v) => v.get(index).cloned().map(|e| Element::into_variant(e, VarType::$vt)),)*
                }
            }
        }
    };
}

elements! {
    /// Signed 8-bit integers.
    I1(i8) = I1;
    /// Unsigned 8-bit integers.
    Ui1(u8) = UI1;
    /// Signed 16-bit integers.
    I2(i16) = I2;
    /// Unsigned 16-bit integers.
    Ui2(u16) = UI2;
    /// Truth values.
    Bool(bool) = BOOL;
    /// Signed 32-bit integers.
    I4(i32) = I4;
    /// Unsigned 32-bit integers.
    Ui4(u32) = UI4;
    /// HRESULTs.
    Error(u32) = ERROR;
    /// Single-precision numbers.
    R4(f32) = R4;
    /// Double-precision numbers.
    R8(f64) = R8;
    /// Days since 1899-12-30.
    Date(f64) = DATE;
    /// Signed 64-bit integers.
    I8(i64) = I8;
    /// Unsigned 64-bit integers.
    Ui8(u64) = UI8;
    /// Currency in units of 1/10000.
    Cy(i64) = CY;
    /// Strings.
    Bstr(String) = BSTR;
    /// Values with a type each.
    Variant(Variant) = VARIANT;
}

/// How a Rust element becomes a [`Variant`]; the type code separates types of one representation.
trait Element {
    fn into_variant(self, vt: VarType) -> Variant;
}

macro_rules! element {
    ($($ty:ty: $default:ident $(, $vt:ident => $other:ident)*;)*) => {$(
        impl Element for $ty {
            fn into_variant(self, vt: VarType) -> Variant {
                match vt {
                    $(VarType::$vt => Variant::$other(self),)*
                    _ => Variant::$default(self),
                }
            }
        }
    )*};
}

element! {
    i8: I1;
    u8: Ui1;
    i16: I2;
    u16: Ui2;
    bool: Bool;
    i32: I4;
    u32: Ui4, ERROR => Error;
    f32: R4;
    f64: R8, DATE => Date;
    i64: I8, CY => Cy;
    u64: Ui8;
    String: Bstr;
}

impl Element for Variant {
    fn into_variant(self, _: VarType) -> Variant {
        self
    }
}

impl Elements {
    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn marshalling(&self) -> (u16, u32, u32) {
        match self.var_type() {
            VarType::BSTR => (FEATURE_HAVE_VARTYPE | FEATURE_BSTR, 4, kind::BSTR),
            VarType::VARIANT => (FEATURE_HAVE_VARTYPE | FEATURE_VARIANT, 16, kind::VARIANT),
            VarType::ERROR => (FEATURE_HAVE_VARTYPE, 4, kind::ERROR),
            vt => match vt.size() {
                Some(1) => (FEATURE_HAVE_VARTYPE, 1, kind::I1),
                Some(2) => (FEATURE_HAVE_VARTYPE, 2, kind::I2),
                Some(8) => (FEATURE_HAVE_VARTYPE, 8, kind::I8),
                _ => (FEATURE_HAVE_VARTYPE, 4, kind::I4),
            },
        }
    }

    fn read(r: &mut NdrReader<'_>, vt: VarType, n: usize, what: &'static str, depth: usize) -> Result<Self, WireError> {
        /// `n` has been checked against the bytes left, so the capacity is bounded by the stub.
        fn many<T>(n: usize, mut one: impl FnMut() -> Result<T, WireError>) -> Result<Vec<T>, WireError> {
            let mut all = Vec::with_capacity(n);
            for _ in 0..n {
                all.push(one()?);
            }
            Ok(all)
        }
        Ok(match vt {
            VarType::I1 => Self::I1(many(n, || r.i8(what))?),
            VarType::UI1 => Self::Ui1(r.take(n, what)?.to_vec()),
            VarType::I2 => Self::I2(many(n, || r.i16(what))?),
            VarType::UI2 => Self::Ui2(many(n, || r.u16(what))?),
            VarType::BOOL => Self::Bool(many(n, || r.u16(what).map(|v| v != 0))?),
            VarType::I4 => Self::I4(many(n, || r.i32(what))?),
            VarType::UI4 => Self::Ui4(many(n, || r.u32(what))?),
            VarType::ERROR => Self::Error(many(n, || r.u32(what))?),
            VarType::R4 => Self::R4(many(n, || r.f32(what))?),
            VarType::R8 => Self::R8(many(n, || r.f64(what))?),
            VarType::DATE => Self::Date(many(n, || r.f64(what))?),
            VarType::I8 => Self::I8(many(n, || r.i64(what))?),
            VarType::UI8 => Self::Ui8(many(n, || r.u64(what))?),
            VarType::CY => Self::Cy(many(n, || r.i64(what))?),
            VarType::BSTR => {
                let present = many(n, || r.pointer(what))?;
                Self::Bstr(
                    present
                        .into_iter()
                        .map(|present| if present { bstr::read_body(r, what) } else { Ok(String::new()) })
                        .collect::<Result<_, _>>()?,
                )
            }
            VarType::VARIANT if depth < MAX_DEPTH => {
                let present = many(n, || r.pointer(what))?;
                Self::Variant(
                    present
                        .into_iter()
                        .map(
                            |present| {
                                if present { Variant::read_nested(r, what, depth + 1) } else { Ok(Variant::Empty) }
                            },
                        )
                        .collect::<Result<_, _>>()?,
                )
            }
            VarType::VARIANT => {
                return Err(WireError::Malformed {
                    at: r.position(),
                    what,
                    why: "arrays of VARIANT are nested too deep",
                });
            }
            _ => {
                return Err(WireError::Unsupported {
                    at: r.position(),
                    what: "SAFEARRAY element type",
                    value: vt.0.into(),
                });
            }
        })
    }

    fn write(&self, w: &mut NdrWriter) {
        match self {
            Self::I1(v) => v.iter().for_each(|e| w.i8(*e)),
            Self::Ui1(v) => w.bytes(v),
            Self::I2(v) => v.iter().for_each(|e| w.i16(*e)),
            Self::Ui2(v) => v.iter().for_each(|e| w.u16(*e)),
            Self::Bool(v) => v.iter().for_each(|e| w.u16(bool_bits(*e))),
            Self::I4(v) => v.iter().for_each(|e| w.i32(*e)),
            Self::Ui4(v) | Self::Error(v) => v.iter().for_each(|e| w.u32(*e)),
            Self::R4(v) => v.iter().for_each(|e| w.f32(*e)),
            Self::R8(v) | Self::Date(v) => v.iter().for_each(|e| w.f64(*e)),
            Self::I8(v) | Self::Cy(v) => v.iter().for_each(|e| w.i64(*e)),
            Self::Ui8(v) => v.iter().for_each(|e| w.u64(*e)),
            Self::Bstr(v) => {
                v.iter().for_each(|_| w.user_pointer(true));
                v.iter().for_each(|e| bstr::write_body(w, e));
            }
            Self::Variant(v) => {
                v.iter().for_each(|_| w.user_pointer(true));
                v.iter().for_each(|e| e.write_body(w));
            }
        }
    }
}

/// An array. The bounds always multiply to the number of elements.
#[derive(Debug, Clone, PartialEq)]
pub struct SafeArray {
    bounds: Vec<Bound>,
    elements: Elements,
}

impl SafeArray {
    /// One dimension, lower bound 0.
    pub fn vector(elements: Elements) -> Self {
        let count = u32::try_from(elements.len()).unwrap_or(u32::MAX);
        Self { bounds: vec![Bound { count, lower: 0 }], elements }
    }

    /// Several dimensions; `None` if there are none, more than 16, or if they do not multiply to the
    /// number of elements.
    pub fn with_bounds(bounds: Vec<Bound>, elements: Elements) -> Option<Self> {
        let valid = (1..=MAX_DIMENSIONS).contains(&bounds.len()) && product(&bounds) == Some(elements.len());
        valid.then_some(Self { bounds, elements })
    }

    /// Bounds per dimension, at least one.
    pub fn bounds(&self) -> &[Bound] {
        &self.bounds
    }

    /// Elements in storage order.
    pub fn elements(&self) -> &Elements {
        &self.elements
    }

    /// Elements in storage order, given away.
    pub fn into_elements(self) -> Elements {
        self.elements
    }

    /// Reads both pointers and the array; `None` if a pointer is NULL.
    ///
    /// # Errors
    /// Truncated or contradictory bytes, counts that do not fit, element types CBA does not use.
    pub fn read(r: &mut NdrReader<'_>, what: &'static str) -> Result<Option<Self>, WireError> {
        Self::read_nested(r, None, what, 0)
    }

    /// `expected` is the element type announced by the surrounding VARIANT.
    pub(super) fn read_nested(
        r: &mut NdrReader<'_>,
        expected: Option<VarType>,
        what: &'static str,
        depth: usize,
    ) -> Result<Option<Self>, WireError> {
        if !r.pointer(what)? || !r.pointer(what)? {
            return Ok(None);
        }
        let at = r.position();
        let malformed = |why| WireError::Malformed { at, what, why };
        let dimensions = r.max_count(8, what)?;
        if usize::from(r.u16(what)?) != dimensions {
            return Err(malformed("cDims differs from the number of bounds"));
        }
        if !(1..=MAX_DIMENSIONS).contains(&dimensions) {
            return Err(malformed("an array has 1 to 16 dimensions"));
        }
        let features = r.u16(what)?;
        r.u32("SAFEARRAY element size")?;
        r.u16("SAFEARRAY locks")?;
        let stated = VarType(r.u16("SAFEARRAY element type")?);
        let vt = element_type(stated, features, expected).ok_or(malformed("the element types disagree"))?;
        let kind = r.u32("SAFEARRAY kind")?;
        if !kind_matches(kind, vt) {
            return Err(malformed("sfType disagrees with the element type"));
        }
        let count = r.u32(what)?;
        let has_data = r.pointer(what)?;
        let mut bounds = Vec::with_capacity(dimensions);
        for _ in 0..dimensions {
            bounds.push(Bound { count: r.u32(what)?, lower: r.i32(what)? });
        }
        if product(&bounds) != usize::try_from(count).ok() {
            return Err(malformed("the bounds do not multiply to the number of elements"));
        }
        let n = match (has_data, count) {
            (true, _) => r.max_count_of(count, vt.size().unwrap_or(4), what)?,
            (false, 0) => 0,
            (false, _) => {
                return Err(malformed("elements are announced but the data pointer is NULL"));
            }
        };
        let elements = Elements::read(r, vt, n, what, depth)?;
        Ok(Some(Self { bounds, elements }))
    }

    /// Writes both pointers and the array; `None` writes one NULL pointer.
    pub fn write(array: Option<&Self>, w: &mut NdrWriter) {
        w.user_pointer(array.is_some());
        let Some(array) = array else { return };
        w.referent();
        let (features, element_size, kind) = array.elements.marshalling();
        w.count(array.bounds.len());
        w.u16(u16::try_from(array.bounds.len()).unwrap_or(u16::MAX));
        w.u16(features);
        w.u32(element_size);
        w.u16(0);
        w.u16(array.elements.var_type().0);
        w.u32(kind);
        w.count(array.elements.len());
        w.referent();
        for bound in &array.bounds {
            w.u32(bound.count);
            w.i32(bound.lower);
        }
        w.count(array.elements.len());
        array.elements.write(w);
    }
}

fn product(bounds: &[Bound]) -> Option<usize> {
    bounds.iter().try_fold(1_usize, |n, b| n.checked_mul(usize::try_from(b.count).ok()?))
}

/// The VARTYPE is in the array only if its feature says so; a VARIANT around it must not contradict.
fn element_type(stated: VarType, features: u16, expected: Option<VarType>) -> Option<VarType> {
    let stated = (features & FEATURE_HAVE_VARTYPE != 0).then_some(stated);
    match (stated, expected) {
        (Some(a), Some(b)) if a != b => None,
        (a, b) => a.or(b),
    }
}

fn kind_matches(kind: u32, vt: VarType) -> bool {
    match kind {
        kind::BSTR => vt == VarType::BSTR,
        kind::VARIANT => vt == VarType::VARIANT,
        kind::ERROR | kind::I4 => vt.size() == Some(4),
        kind::I1 => vt.size() == Some(1),
        kind::I2 => vt.size() == Some(2),
        kind::I8 => vt.size() == Some(8),
        _ => false,
    }
}

impl fmt::Display for SafeArray {
    /// Elements in storage order: `[1, 2, 3]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for index in 0..self.elements.len() {
            if index > 0 {
                f.write_str(", ")?;
            }
            if let Some(value) = self.elements.get(index) {
                value.fmt(f)?;
            }
        }
        f.write_str("]")
    }
}
