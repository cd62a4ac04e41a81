//! Type of a connectable item, its description in words (Connect2, SRT Connect) and how its values lie in
//! a data buffer. All three are conventions of this project (17 and 24 of the protocol notes).
//!
//! ```text
//! description   scalar [vt]; array [2000+vt, number of dimensions, n1, ...];
//!               structure [29, member count, member descriptions ...]
//! value         packed, little-endian: I1/UI1 1, I2/UI2/BOOL 2, I4/UI4/R4/ERROR 4, R8/DATE/CY/I8/UI8 8
//!               bytes; BSTR u32 byte count + UTF-16; array = elements without header; structure = members
//! ```
//!
//! In a [`Variant`] a structure is an array of VARIANT with one element per member.

use std::fmt;

use super::convention::MAX_TYPE_DEPTH;
use crate::wire::variant::{Bound, Elements, SafeArray, bool_bits};
use crate::wire::{VarType, Variant, WireError};

/// Type of a connectable item.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum TypeDesc {
    /// One value.
    Scalar(VarType),
    /// Elements of one scalar type.
    Array {
        /// Type of an element.
        element: VarType,
        /// Elements per dimension, at least one dimension.
        dims: Vec<u16>,
    },
    /// Members in order.
    Structure(Vec<TypeDesc>),
}

/// A type description that makes no sense, at which word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("type description, word {word}: {why}")]
pub struct TypeDescError {
    /// Index of the word.
    pub word: usize,
    /// What is wrong.
    pub why: &'static str,
}

/// A value that is not of the type it should have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a value of type {found} where {expected} is required")]
pub struct ValueMismatch {
    /// Type required.
    pub expected: String,
    /// Type met.
    pub found: String,
}

impl TypeDesc {
    /// Reads a description.
    ///
    /// # Errors
    /// A type that cannot be connected, missing or surplus words, nesting beyond 3.
    pub fn from_words(words: &[u16]) -> Result<Self, TypeDescError> {
        let mut at = 0;
        let desc = Self::parse(words, &mut at, 0)?;
        if at == words.len() { Ok(desc) } else { Err(TypeDescError { word: at, why: "surplus words" }) }
    }

    fn parse(words: &[u16], at: &mut usize, depth: usize) -> Result<Self, TypeDescError> {
        let mut next = |why| {
            let word = *words.get(*at).ok_or(TypeDescError { word: *at, why })?;
            *at += 1;
            Ok::<_, TypeDescError>(word)
        };
        let vt = VarType(next("the description ends where a type is expected")?);
        if vt == VarType::USERDEFINED {
            let members = next("the description ends where a member count is expected")?;
            let start = *at;
            if depth >= MAX_TYPE_DEPTH {
                return Err(TypeDescError { word: start, why: "structures are nested too deep" });
            }
            if members == 0 || usize::from(members) > words.len().saturating_sub(start) {
                return Err(TypeDescError { word: start, why: "the member count does not fit the description" });
            }
            let members: Result<Vec<_>, _> = (0..members).map(|_| Self::parse(words, at, depth + 1)).collect();
            return Ok(Self::Structure(members?));
        }
        let element = vt.element();
        if !is_connectable(element) {
            return Err(TypeDescError { word: *at - 1, why: "values of this type cannot be connected" });
        }
        if !vt.is_array() {
            return Ok(Self::Scalar(element));
        }
        let dimensions = next("the description ends where a number of dimensions is expected")?;
        let start = *at;
        let end = start + usize::from(dimensions);
        let dims = words.get(start..end).filter(|dims| !dims.is_empty());
        let dims = dims.ok_or(TypeDescError { word: start, why: "the dimensions do not fit the description" })?;
        *at = end;
        Ok(Self::Array { element, dims: dims.to_vec() })
    }

    /// Writes the description.
    pub fn to_words(&self) -> Vec<u16> {
        let mut words = Vec::new();
        self.push_words(&mut words);
        words
    }

    fn push_words(&self, words: &mut Vec<u16>) {
        match self {
            Self::Scalar(vt) => words.push(vt.0),
            Self::Array { element, dims } => {
                words.push(element.array().0);
                words.push(u16::try_from(dims.len()).unwrap_or(u16::MAX));
                words.extend(dims);
            }
            Self::Structure(members) => {
                words.push(VarType::USERDEFINED.0);
                words.push(u16::try_from(members.len()).unwrap_or(u16::MAX));
                members.iter().for_each(|member| member.push_words(words));
            }
        }
    }

    /// The VARTYPE that Connect and browsing use for the type; USERDEFINED for structures.
    pub fn var_type(&self) -> VarType {
        match self {
            Self::Scalar(vt) => *vt,
            Self::Array { element, .. } => element.array(),
            Self::Structure(_) => VarType::USERDEFINED,
        }
    }

    /// Whether two values have a distance that an epsilon can be compared with.
    pub fn is_numeric(&self) -> bool {
        matches!(self, Self::Scalar(vt) if vt.is_numeric())
    }

    /// Bytes of a value in a data buffer; `None` if it varies, as for strings.
    pub fn fixed_size(&self) -> Option<usize> {
        match self {
            Self::Scalar(vt) => vt.size(),
            Self::Array { element, dims } => element.size()?.checked_mul(element_count(dims)?),
            Self::Structure(members) => {
                members.iter().try_fold(0_usize, |sum, member| sum.checked_add(member.fixed_size()?))
            }
        }
    }

    /// Whether `value` has this type.
    pub fn accepts(&self, value: &Variant) -> bool {
        match (self, value) {
            (Self::Scalar(vt), value) => value.var_type() == *vt,
            (Self::Array { element, dims }, Variant::Array(array)) => {
                array.elements().var_type() == *element && Some(array.elements().len()) == element_count(dims)
            }
            (Self::Structure(members), Variant::Array(array)) => match array.elements() {
                Elements::Variant(values) => {
                    values.len() == members.len() && members.iter().zip(values).all(|(m, v)| m.accepts(v))
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// Appends the bytes of `value` to `out`.
    ///
    /// # Errors
    /// The value has another type; `out` is then as before.
    pub fn encode(&self, value: &Variant, out: &mut Vec<u8>) -> Result<(), ValueMismatch> {
        if self.accepts(value) {
            push_value(value, out);
            Ok(())
        } else {
            Err(ValueMismatch { expected: self.to_string(), found: value.var_type().to_string() })
        }
    }

    /// Reads a value that fills `bytes` exactly.
    ///
    /// # Errors
    /// Too few or too many bytes.
    pub fn decode(&self, bytes: &[u8]) -> Result<Variant, WireError> {
        let mut reader = Packed { bytes, at: 0 };
        let value = self.read(&mut reader)?;
        if reader.at == bytes.len() {
            Ok(value)
        } else {
            Err(WireError::Malformed { at: reader.at, what: "value", why: "surplus bytes after the value" })
        }
    }

    /// A value of zeros, false and empty strings.
    pub fn zero(&self) -> Variant {
        match self {
            Self::Scalar(vt) => zero(*vt),
            Self::Array { element, dims } => {
                let n = element_count(dims).unwrap_or(0);
                let values = std::iter::repeat_n(zero(*element), n);
                shaped(*element, dims, values.collect())
            }
            Self::Structure(members) => Variant::vector(Elements::Variant(members.iter().map(Self::zero).collect())),
        }
    }

    fn read(&self, r: &mut Packed<'_>) -> Result<Variant, WireError> {
        match self {
            Self::Scalar(vt) => r.scalar(*vt),
            Self::Array { element, dims } => {
                let overflow = WireError::Malformed { at: r.at, what: "value", why: "the array is too large to count" };
                let n = element_count(dims).ok_or(overflow)?;
                // The smallest element has one byte, so this also bounds the allocation.
                r.require(n.saturating_mul(element.size().unwrap_or(4)))?;
                let values: Result<Vec<_>, _> = (0..n).map(|_| r.scalar(*element)).collect();
                Ok(shaped(*element, dims, values?))
            }
            Self::Structure(members) => {
                let values: Result<Vec<_>, _> = members.iter().map(|member| member.read(r)).collect();
                Ok(Variant::vector(Elements::Variant(values?)))
            }
        }
    }
}

fn is_connectable(vt: VarType) -> bool {
    vt == VarType::BSTR || vt.size().is_some_and(|size| size > 0)
}

fn element_count(dims: &[u16]) -> Option<usize> {
    dims.iter().try_fold(1_usize, |n, dim| n.checked_mul(usize::from(*dim)))
}

fn zero(vt: VarType) -> Variant {
    match vt {
        VarType::I1 => Variant::I1(0),
        VarType::UI1 => Variant::Ui1(0),
        VarType::I2 => Variant::I2(0),
        VarType::UI2 => Variant::Ui2(0),
        VarType::BOOL => Variant::Bool(false),
        VarType::I4 => Variant::I4(0),
        VarType::UI4 => Variant::Ui4(0),
        VarType::ERROR => Variant::Error(0),
        VarType::R4 => Variant::R4(0.0),
        VarType::R8 => Variant::R8(0.0),
        VarType::DATE => Variant::Date(0.0),
        VarType::I8 => Variant::I8(0),
        VarType::UI8 => Variant::Ui8(0),
        VarType::CY => Variant::Cy(0),
        VarType::BSTR => Variant::Bstr(String::new()),
        _ => Variant::Empty,
    }
}

/// Makes an array of scalars that all have type `element`; one of another type would be left out.
fn shaped(element: VarType, dims: &[u16], values: Vec<Variant>) -> Variant {
    macro_rules! collect {
        ($($vt:ident $name:ident;)*) => {
            match element {
                $(VarType::$vt => Elements::$name(
                    values.into_iter().filter_map(|v| if let Variant::$name(v) = v { Some(v) } else { None }).collect(),
                ),)*
                _ => Elements::Variant(values),
            }
        };
    }
    let elements = collect! {
        I1 I1; UI1 Ui1; I2 I2; UI2 Ui2; BOOL Bool; I4 I4; UI4 Ui4; ERROR Error; R4 R4; R8 R8; DATE Date;
        I8 I8; UI8 Ui8; CY Cy; BSTR Bstr;
    };
    let bounds = dims.iter().map(|dim| Bound { count: (*dim).into(), lower: 0 }).collect();
    match SafeArray::with_bounds(bounds, elements.clone()) {
        Some(array) => Variant::Array(array),
        None => Variant::vector(elements),
    }
}

fn push_text(text: &str, out: &mut Vec<u8>) {
    let bytes = text.encode_utf16().count().saturating_mul(2);
    out.extend(u32::try_from(bytes).unwrap_or(u32::MAX).to_le_bytes());
    text.encode_utf16().for_each(|unit| out.extend(unit.to_le_bytes()));
}

fn push_value(value: &Variant, out: &mut Vec<u8>) {
    match value {
        Variant::Empty | Variant::Null => {}
        Variant::I1(v) => out.extend(v.to_le_bytes()),
        Variant::Ui1(v) => out.push(*v),
        Variant::I2(v) => out.extend(v.to_le_bytes()),
        Variant::Ui2(v) => out.extend(v.to_le_bytes()),
        Variant::Bool(v) => out.extend(bool_bits(*v).to_le_bytes()),
        Variant::I4(v) => out.extend(v.to_le_bytes()),
        Variant::Ui4(v) | Variant::Error(v) => out.extend(v.to_le_bytes()),
        Variant::R4(v) => out.extend(v.to_le_bytes()),
        Variant::R8(v) | Variant::Date(v) => out.extend(v.to_le_bytes()),
        Variant::I8(v) | Variant::Cy(v) => out.extend(v.to_le_bytes()),
        Variant::Ui8(v) => out.extend(v.to_le_bytes()),
        Variant::Bstr(v) => push_text(v, out),
        Variant::Array(array) => match array.elements() {
            Elements::I1(v) => v.iter().for_each(|v| out.extend(v.to_le_bytes())),
            Elements::Ui1(v) => out.extend(v),
            Elements::I2(v) => v.iter().for_each(|v| out.extend(v.to_le_bytes())),
            Elements::Ui2(v) => v.iter().for_each(|v| out.extend(v.to_le_bytes())),
            Elements::Bool(v) => v.iter().for_each(|v| out.extend(bool_bits(*v).to_le_bytes())),
            Elements::I4(v) => v.iter().for_each(|v| out.extend(v.to_le_bytes())),
            Elements::Ui4(v) | Elements::Error(v) => v.iter().for_each(|v| out.extend(v.to_le_bytes())),
            Elements::R4(v) => v.iter().for_each(|v| out.extend(v.to_le_bytes())),
            Elements::R8(v) | Elements::Date(v) => v.iter().for_each(|v| out.extend(v.to_le_bytes())),
            Elements::I8(v) | Elements::Cy(v) => v.iter().for_each(|v| out.extend(v.to_le_bytes())),
            Elements::Ui8(v) => v.iter().for_each(|v| out.extend(v.to_le_bytes())),
            Elements::Bstr(v) => v.iter().for_each(|v| push_text(v, out)),
            Elements::Variant(v) => v.iter().for_each(|v| push_value(v, out)),
        },
    }
}

/// Reads packed little-endian values.
struct Packed<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Packed<'a> {
    fn require(&self, need: usize) -> Result<(), WireError> {
        let have = self.bytes.len().saturating_sub(self.at);
        if need <= have { Ok(()) } else { Err(WireError::Truncated { at: self.at, what: "value", need, have }) }
    }

    fn take(&mut self, n: usize) -> Result<&'a [u8], WireError> {
        self.require(n)?;
        let bytes = self.bytes.get(self.at..self.at + n).unwrap_or_default();
        self.at += n;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    fn scalar(&mut self, vt: VarType) -> Result<Variant, WireError> {
        let at = self.at;
        Ok(match vt {
            VarType::I1 => Variant::I1(i8::from_le_bytes(self.array()?)),
            VarType::UI1 => Variant::Ui1(u8::from_le_bytes(self.array()?)),
            VarType::I2 => Variant::I2(i16::from_le_bytes(self.array()?)),
            VarType::UI2 => Variant::Ui2(u16::from_le_bytes(self.array()?)),
            VarType::BOOL => Variant::Bool(self.array::<2>()? != [0, 0]),
            VarType::I4 => Variant::I4(i32::from_le_bytes(self.array()?)),
            VarType::UI4 => Variant::Ui4(u32::from_le_bytes(self.array()?)),
            VarType::ERROR => Variant::Error(u32::from_le_bytes(self.array()?)),
            VarType::R4 => Variant::R4(f32::from_le_bytes(self.array()?)),
            VarType::R8 => Variant::R8(f64::from_le_bytes(self.array()?)),
            VarType::DATE => Variant::Date(f64::from_le_bytes(self.array()?)),
            VarType::I8 => Variant::I8(i64::from_le_bytes(self.array()?)),
            VarType::UI8 => Variant::Ui8(u64::from_le_bytes(self.array()?)),
            VarType::CY => Variant::Cy(i64::from_le_bytes(self.array()?)),
            VarType::BSTR => {
                let n = u32::from_le_bytes(self.array()?);
                if n % 2 != 0 {
                    return Err(WireError::Malformed { at, what: "value", why: "a string has an odd byte count" });
                }
                let bytes = self.take(usize::try_from(n).unwrap_or(usize::MAX))?;
                let units = bytes.chunks_exact(2).map(|pair| match pair {
                    &[low, high] => u16::from_le_bytes([low, high]),
                    _ => 0,
                });
                let chars = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER));
                Variant::Bstr(chars.collect())
            }
            _ => return Err(WireError::Unsupported { at, what: "value type", value: vt.0.into() }),
        })
    }
}

impl fmt::Display for TypeDesc {
    /// `VT_I2`, `VT_I4[3]`, `{VT_R4, VT_BOOL}`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scalar(vt) => vt.fmt(f),
            Self::Array { element, dims } => {
                element.fmt(f)?;
                dims.iter().try_for_each(|dim| write!(f, "[{dim}]"))
            }
            Self::Structure(members) => {
                f.write_str("{")?;
                for (index, member) in members.iter().enumerate() {
                    if index > 0 {
                        f.write_str(", ")?;
                    }
                    member.fmt(f)?;
                }
                f.write_str("}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn array(element: VarType, dims: &[u16]) -> TypeDesc {
        TypeDesc::Array { element, dims: dims.to_vec() }
    }

    #[test]
    fn words_both_ways() {
        let pump = TypeDesc::Structure(vec![
            TypeDesc::Scalar(VarType::R4),
            array(VarType::I2, &[2, 3]),
            TypeDesc::Structure(vec![TypeDesc::Scalar(VarType::BOOL)]),
        ]);
        let cases: [(TypeDesc, &[u16]); 3] = [
            (TypeDesc::Scalar(VarType::R4), &[4]),
            (array(VarType::I4, &[3]), &[0x2003, 1, 3]),
            (pump, &[29, 3, 4, 0x2002, 2, 2, 3, 29, 1, 11]),
        ];
        for (desc, words) in cases {
            assert_eq!(desc.to_words(), words);
            assert_eq!(TypeDesc::from_words(words), Ok(desc));
            for end in 0..words.len() {
                assert!(TypeDesc::from_words(&words[..end]).is_err());
            }
        }
        for bad in [&[0_u16][..], &[12], &[0x2003, 0], &[29, 0], &[29, 0xffff, 2], &[4, 4], &[0x4003]] {
            assert!(TypeDesc::from_words(bad).is_err(), "{bad:?}");
        }
        assert!(TypeDesc::from_words(&[29, 1].repeat(9).into_iter().chain([2]).collect::<Vec<_>>()).is_err());
    }

    #[test]
    fn values_lie_packed() {
        let desc = TypeDesc::Structure(vec![
            TypeDesc::Scalar(VarType::UI1),
            array(VarType::I2, &[2]),
            TypeDesc::Scalar(VarType::BSTR),
            TypeDesc::Scalar(VarType::BOOL),
        ]);
        let value = Variant::vector(Elements::Variant(vec![
            Variant::Ui1(7),
            Variant::vector(Elements::I2(vec![1, -1])),
            Variant::Bstr("ab".into()),
            Variant::Bool(true),
        ]));
        let mut bytes = vec![0xa5];
        desc.encode(&value, &mut bytes).unwrap();
        assert_eq!(bytes[1..], [7, 1, 0, 0xff, 0xff, 4, 0, 0, 0, 0x61, 0, 0x62, 0, 0xff, 0xff]);
        assert_eq!(desc.decode(&bytes[1..]), Ok(value));
        assert_eq!(desc.fixed_size(), None);
        for end in 1..bytes.len() {
            assert!(desc.decode(&bytes[1..end]).is_err());
        }
        assert!(desc.decode(&[&bytes[1..], &[0]].concat()).is_err());
    }

    #[test]
    fn wrong_types_are_refused() {
        let mut out = Vec::new();
        let error = TypeDesc::Scalar(VarType::I2).encode(&Variant::I4(1), &mut out).unwrap_err();
        assert_eq!(error.to_string(), "a value of type VT_I4 where VT_I2 is required");
        assert!(!array(VarType::I2, &[3]).accepts(&Variant::vector(Elements::I2(vec![1, 2]))));
        assert!(out.is_empty());
    }

    #[test]
    fn huge_arrays_do_not_allocate() {
        let desc = array(VarType::UI1, &[0xffff, 0xffff]);
        assert!(matches!(desc.decode(&[0; 8]), Err(WireError::Truncated { .. })));
        assert!(array(VarType::UI1, &[0xffff; 8]).decode(&[0; 8]).is_err());
    }

    fn desc() -> impl Strategy<Value = TypeDesc> {
        let vt = prop::sample::select(vec![2_u16, 3, 4, 5, 6, 7, 8, 10, 11, 16, 17, 18, 19, 20, 21]).prop_map(VarType);
        let leaf = prop_oneof![
            vt.clone().prop_map(TypeDesc::Scalar),
            (vt, prop::collection::vec(0_u16..4, 1..3)).prop_map(|(element, dims)| TypeDesc::Array { element, dims }),
        ];
        leaf.prop_recursive(3, 12, 4, |inner| prop::collection::vec(inner, 1..4).prop_map(TypeDesc::Structure))
    }

    proptest! {
        #[test]
        fn zero_values_round_trip(desc in desc()) {
            prop_assert_eq!(&TypeDesc::from_words(&desc.to_words()).unwrap(), &desc);
            let zero = desc.zero();
            prop_assert!(desc.accepts(&zero), "{} {:?}", desc, zero);
            let mut bytes = Vec::new();
            desc.encode(&zero, &mut bytes).unwrap();
            prop_assert!(desc.fixed_size().is_none_or(|size| size == bytes.len()));
            prop_assert_eq!(desc.decode(&bytes).unwrap(), zero);
        }

        #[test]
        fn random_input_never_panics(
            words in prop::collection::vec(prop_oneof![0_u16..32, any::<u16>()], 0..20),
            bytes in prop::collection::vec(any::<u8>(), 0..60),
            desc in desc(),
        ) {
            let _ = TypeDesc::from_words(&words);
            if let Ok(value) = desc.decode(&bytes) {
                prop_assert!(desc.accepts(&value));
            }
        }
    }
}
