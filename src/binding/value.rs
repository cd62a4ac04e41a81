//! Values and their types on the wire.
//!
//! A simple type is a VARTYPE; an array is a SAFEARRAY or, in a data buffer, its elements; a structure is an array of VARIANTs or,
//! in a data buffer, its members. What of this is convention is said in [`convention`](super::convention).

use std::sync::Arc;

use crate::model::{BaseType, Value, ValueType};
use crate::wire::cba::TypeDesc;
use crate::wire::cba::convention::MAX_TYPE_DEPTH;
use crate::wire::variant::{Bound, Elements, SafeArray};
use crate::wire::{VarType, Variant, WireError};

/// Why a value or type has no counterpart on the other side.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BindingError {
    /// An array size, a number of members or the depth of nesting is beyond what the wire can describe.
    #[error("{value_type} cannot be described on the wire: {why}")]
    Indescribable {
        /// The type.
        value_type: String,
        /// What is too much.
        why: &'static str,
    },
    /// The value is not one of the type.
    #[error("{expected} expected, {found} found")]
    Mismatch {
        /// The type expected.
        expected: String,
        /// What was there instead.
        found: String,
    },
    /// The bytes are no value of the type.
    #[error(transparent)]
    Bytes(#[from] WireError),
}

/// The description of a type, as Connect2 carries it.
///
/// # Errors
/// [`BindingError::Indescribable`].
pub fn type_desc(value_type: &ValueType) -> Result<TypeDesc, BindingError> {
    let fail = |why| BindingError::Indescribable { value_type: value_type.to_string(), why };
    let desc = describe(value_type, 0).map_err(fail)?;
    // TypeDescLen has 16 bits.
    if desc.to_words().len() > usize::from(u16::MAX) {
        return Err(fail("its description is longer than 65535 words"));
    }
    Ok(desc)
}

fn describe(value_type: &ValueType, depth: usize) -> Result<TypeDesc, &'static str> {
    const TOO_DEEP: &str = "structures nest too deep";
    const TOO_MANY: &str = "a size is larger than 65535";
    match value_type {
        ValueType::Base(base) => Ok(TypeDesc::Scalar(var_type(*base))),
        ValueType::Array { element, dims } => {
            let sizes = dims.iter().map(|size| u16::try_from(*size)).collect::<Result<Vec<_>, _>>();
            let mut sizes = sizes.map_err(|_| TOO_MANY)?;
            match describe_element(element, depth)? {
                TypeDesc::Scalar(element) => Ok(TypeDesc::Array { element, dims: sizes }),
                TypeDesc::Array { element, dims } => {
                    sizes.extend(dims);
                    Ok(TypeDesc::Array { element, dims: sizes })
                }
                structure @ TypeDesc::Structure(_) => {
                    let count = u16::try_from(value_type.element_count()).map_err(|_| TOO_MANY)?;
                    Ok(TypeDesc::Structure(vec![structure; count.into()]))
                }
            }
        }
        ValueType::Struct(_) if depth >= MAX_TYPE_DEPTH => Err(TOO_DEEP),
        ValueType::Struct(structure) => {
            if u16::try_from(structure.members.len()).is_err() {
                return Err(TOO_MANY);
            }
            let members = structure.members.iter().map(|member| describe(&member.value_type, depth + 1));
            Ok(TypeDesc::Structure(members.collect::<Result<_, _>>()?))
        }
    }
}

/// Elements that are structures stand one level deeper, in the structure that the array becomes.
fn describe_element(element: &ValueType, depth: usize) -> Result<TypeDesc, &'static str> {
    let holds_structures = matches!(innermost(element), ValueType::Struct(_));
    describe(element, if holds_structures { depth + 1 } else { depth })
}

fn innermost(value_type: &ValueType) -> &ValueType {
    match value_type {
        ValueType::Array { element, .. } => innermost(element),
        other => other,
    }
}

/// The VARTYPE of a simple type.
pub fn var_type(base: BaseType) -> VarType {
    match base {
        BaseType::Bool => VarType::BOOL,
        BaseType::I1 => VarType::I1,
        BaseType::UI1 => VarType::UI1,
        BaseType::I2 => VarType::I2,
        BaseType::UI2 => VarType::UI2,
        BaseType::I4 => VarType::I4,
        BaseType::UI4 => VarType::UI4,
        BaseType::R4 => VarType::R4,
        BaseType::R8 => VarType::R8,
        BaseType::Date => VarType::DATE,
        BaseType::Bstr => VarType::BSTR,
    }
}

/// A value as VARIANT. A number for R4 is rounded to single precision.
///
/// # Errors
/// [`BindingError::Mismatch`] when the value is not one of the type, [`BindingError::Indescribable`].
pub fn to_variant(value: &Value, value_type: &ValueType) -> Result<Variant, BindingError> {
    let mismatch = || BindingError::Mismatch { expected: value_type.to_string(), found: kind(value).into() };
    match (value_type, value) {
        (ValueType::Base(base), value) => simple(value, *base).ok_or_else(mismatch),
        (ValueType::Array { .. }, Value::Array(_)) => match innermost(value_type) {
            ValueType::Base(base) => {
                let mut leaves = Vec::new();
                collect_leaves(value, value_type, &mut leaves)?;
                let bounds = array_bounds(value_type);
                let elements = elements(&leaves, *base).ok_or_else(mismatch)?;
                SafeArray::with_bounds(bounds, elements).map(Variant::Array).ok_or_else(mismatch)
            }
            _ => structure(value, value_type),
        },
        (ValueType::Struct(_), Value::Struct(_)) => structure(value, value_type),
        _ => Err(mismatch()),
    }
}

/// Members of a structure, or elements of an array of structures.
fn structure(value: &Value, value_type: &ValueType) -> Result<Variant, BindingError> {
    let parts: Result<Vec<_>, _> = match (value_type, value) {
        (ValueType::Array { element, .. }, Value::Array(values))
            if values.len() as u64 == value_type.element_count() =>
        {
            values.iter().map(|value| to_variant(value, element)).collect()
        }
        (ValueType::Struct(structure), Value::Struct(values)) if values.len() == structure.members.len() => {
            structure.members.iter().zip(values.iter()).map(|(m, value)| to_variant(value, &m.value_type)).collect()
        }
        _ => {
            let (expected, found) = (value_type.to_string(), kind(value).into());
            return Err(BindingError::Mismatch { expected, found });
        }
    };
    Ok(Variant::vector(Elements::Variant(parts?)))
}

/// The simple values of an array of arrays, row-major.
fn collect_leaves<'a>(
    value: &'a Value,
    value_type: &ValueType,
    leaves: &mut Vec<&'a Value>,
) -> Result<(), BindingError> {
    match (value_type, value) {
        (ValueType::Array { element, .. }, Value::Array(values))
            if values.len() as u64 == value_type.element_count() =>
        {
            values.iter().try_for_each(|value| collect_leaves(value, element, leaves))
        }
        (ValueType::Array { .. }, _) => {
            Err(BindingError::Mismatch { expected: value_type.to_string(), found: kind(value).into() })
        }
        _ => {
            leaves.push(value);
            Ok(())
        }
    }
}

fn array_bounds(value_type: &ValueType) -> Vec<Bound> {
    let mut bounds = Vec::new();
    let mut at = value_type;
    while let ValueType::Array { element, dims } = at {
        bounds.extend(dims.iter().map(|count| Bound { count: *count, lower: 0 }));
        at = element;
    }
    bounds
}

fn simple(value: &Value, base: BaseType) -> Option<Variant> {
    Some(match (base, value) {
        (BaseType::Bool, Value::Bool(v)) => Variant::Bool(*v),
        (BaseType::I1, Value::Int(v)) => Variant::I1(i8::try_from(*v).ok()?),
        (BaseType::UI1, Value::Int(v)) => Variant::Ui1(u8::try_from(*v).ok()?),
        (BaseType::I2, Value::Int(v)) => Variant::I2(i16::try_from(*v).ok()?),
        (BaseType::UI2, Value::Int(v)) => Variant::Ui2(u16::try_from(*v).ok()?),
        (BaseType::I4, Value::Int(v)) => Variant::I4(i32::try_from(*v).ok()?),
        (BaseType::UI4, Value::Int(v)) => Variant::Ui4(u32::try_from(*v).ok()?),
        (BaseType::R4, Value::Real(v)) => Variant::R4(*v as f32),
        (BaseType::R8, Value::Real(v)) => Variant::R8(*v),
        (BaseType::Date, Value::Date(v)) => Variant::Date(*v),
        (BaseType::Bstr, Value::Text(v)) => Variant::Bstr(v.to_string()),
        _ => return None,
    })
}

fn elements(leaves: &[&Value], base: BaseType) -> Option<Elements> {
    fn integers<T: TryFrom<i64>>(leaves: &[&Value]) -> Option<Vec<T>> {
        let number = |value: &&Value| if let Value::Int(v) = value { T::try_from(*v).ok() } else { None };
        leaves.iter().map(number).collect()
    }
    fn each<'a, T>(leaves: &[&'a Value], take: impl Fn(&'a Value) -> Option<T>) -> Option<Vec<T>> {
        leaves.iter().map(|value| take(value)).collect()
    }
    let real = |value: &Value| if let Value::Real(v) = value { Some(*v) } else { None };
    Some(match base {
        BaseType::Bool => Elements::Bool(each(leaves, |v| if let Value::Bool(v) = v { Some(*v) } else { None })?),
        BaseType::I1 => Elements::I1(integers(leaves)?),
        BaseType::UI1 => Elements::Ui1(integers(leaves)?),
        BaseType::I2 => Elements::I2(integers(leaves)?),
        BaseType::UI2 => Elements::Ui2(integers(leaves)?),
        BaseType::I4 => Elements::I4(integers(leaves)?),
        BaseType::UI4 => Elements::Ui4(integers(leaves)?),
        BaseType::R4 => Elements::R4(each(leaves, |v| real(v).map(|v| v as f32))?),
        BaseType::R8 => Elements::R8(each(leaves, real)?),
        BaseType::Date => Elements::Date(each(leaves, |v| if let Value::Date(v) = v { Some(*v) } else { None })?),
        BaseType::Bstr => {
            Elements::Bstr(each(leaves, |v| if let Value::Text(v) = v { Some(v.to_string()) } else { None })?)
        }
    })
}

/// The value in a VARIANT, which must have exactly this type.
///
/// # Errors
/// [`BindingError::Mismatch`].
pub fn from_variant(variant: &Variant, value_type: &ValueType) -> Result<Value, BindingError> {
    let mismatch = || BindingError::Mismatch { expected: value_type.to_string(), found: found(variant) };
    match value_type {
        ValueType::Base(base) => from_simple(variant, *base).ok_or_else(mismatch),
        ValueType::Array { element, .. } => {
            let Variant::Array(array) = variant else { return Err(mismatch()) };
            let leaf = innermost(value_type);
            match leaf {
                ValueType::Base(base) => {
                    let all = array.elements();
                    if all.var_type() != var_type(*base) || all.len() as u64 != leaf_count(value_type) {
                        return Err(mismatch());
                    }
                    let mut leaves = (0..all.len()).map_while(|index| from_simple(&all.get(index)?, *base));
                    nest(&mut leaves, value_type).ok_or_else(mismatch)
                }
                _ => match array.elements() {
                    Elements::Variant(parts) if parts.len() as u64 == value_type.element_count() => {
                        let values = parts.iter().map(|part| from_variant(part, element));
                        Ok(Value::Array(values.collect::<Result<Arc<[_]>, _>>()?))
                    }
                    _ => Err(mismatch()),
                },
            }
        }
        ValueType::Struct(structure) => {
            let Variant::Array(array) = variant else { return Err(mismatch()) };
            match array.elements() {
                Elements::Variant(parts) if parts.len() == structure.members.len() => {
                    let pairs = structure.members.iter().zip(parts);
                    let values = pairs.map(|(member, part)| from_variant(part, &member.value_type));
                    Ok(Value::Struct(values.collect::<Result<Arc<[_]>, _>>()?))
                }
                _ => Err(mismatch()),
            }
        }
    }
}

fn leaf_count(value_type: &ValueType) -> u64 {
    match value_type {
        ValueType::Array { element, .. } => value_type.element_count().saturating_mul(leaf_count(element)),
        _ => 1,
    }
}

/// Puts simple values, row-major, into the arrays they belong to.
fn nest(leaves: &mut impl Iterator<Item = Value>, value_type: &ValueType) -> Option<Value> {
    match value_type {
        ValueType::Array { element, .. } => {
            let values = (0..value_type.element_count()).map(|_| nest(leaves, element));
            Some(Value::Array(values.collect::<Option<Arc<[_]>>>()?))
        }
        _ => leaves.next(),
    }
}

fn from_simple(variant: &Variant, base: BaseType) -> Option<Value> {
    Some(match (base, variant) {
        (BaseType::Bool, Variant::Bool(v)) => Value::Bool(*v),
        (BaseType::I1, Variant::I1(v)) => Value::Int((*v).into()),
        (BaseType::UI1, Variant::Ui1(v)) => Value::Int((*v).into()),
        (BaseType::I2, Variant::I2(v)) => Value::Int((*v).into()),
        (BaseType::UI2, Variant::Ui2(v)) => Value::Int((*v).into()),
        (BaseType::I4, Variant::I4(v)) => Value::Int((*v).into()),
        (BaseType::UI4, Variant::Ui4(v)) => Value::Int((*v).into()),
        (BaseType::R4, Variant::R4(v)) => Value::Real((*v).into()),
        (BaseType::R8, Variant::R8(v)) => Value::Real(*v),
        (BaseType::Date, Variant::Date(v)) => Value::Date(*v),
        (BaseType::Bstr, Variant::Bstr(v)) => Value::Text(v.as_str().into()),
        _ => return None,
    })
}

/// Appends the bytes of a value, as they stand in a data buffer.
///
/// # Errors
/// As [`to_variant`]; `out` is then as before.
pub fn encode(value: &Value, value_type: &ValueType, out: &mut Vec<u8>) -> Result<(), BindingError> {
    // Simple values, which most are, take the short way.
    if let (ValueType::Base(base), Some(variant)) = (value_type, value_type.base().and_then(|b| simple(value, b))) {
        return TypeDesc::Scalar(var_type(*base))
            .encode(&variant, out)
            .map_err(|mismatch| BindingError::Mismatch { expected: mismatch.expected, found: mismatch.found });
    }
    let variant = to_variant(value, value_type)?;
    type_desc(value_type)?
        .encode(&variant, out)
        .map_err(|mismatch| BindingError::Mismatch { expected: mismatch.expected, found: mismatch.found })
}

/// The value whose bytes stand in a data buffer; they must be all of `bytes`.
///
/// # Errors
/// [`BindingError::Bytes`] when they are too few or too many, [`BindingError::Indescribable`].
pub fn decode(bytes: &[u8], value_type: &ValueType) -> Result<Value, BindingError> {
    from_variant(&type_desc(value_type)?.decode(bytes)?, value_type)
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "a truth value",
        Value::Int(_) => "an integer",
        Value::Real(_) => "a number",
        Value::Date(_) => "a date",
        Value::Text(_) => "a text",
        Value::Array(_) => "an array of another size or type",
        Value::Struct(_) => "a structure of other members",
    }
}

fn found(variant: &Variant) -> String {
    match variant {
        Variant::Array(array) => format!("{} with {} elements", variant.var_type(), array.elements().len()),
        other => other.var_type().to_string(),
    }
}

impl crate::model::Say for BindingError {
    /// In its own words: it is about a file's text, and met by those who write such files.
    fn say(&self) -> crate::model::Phrase {
        crate::model::Phrase::plain(self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::{Member, StructType};

    fn structure_of(members: Vec<ValueType>) -> ValueType {
        let members = members
            .into_iter()
            .enumerate()
            .map(|(index, value_type)| Member { name: format!("m{index}").into(), value_type })
            .collect();
        ValueType::Struct(StructType { name: "S".into(), members }.into())
    }

    fn array(element: ValueType, dims: &[u32]) -> ValueType {
        ValueType::Array { element: Box::new(element), dims: dims.to_vec() }
    }

    /// Types that the wire can describe.
    fn value_type() -> impl Strategy<Value = ValueType> {
        let base = || prop::sample::select(BaseType::ALL.to_vec()).prop_map(ValueType::Base);
        let flat = prop_oneof![
            base(),
            (base(), prop::collection::vec(1_u32..4, 1..3)).prop_map(|(element, dims)| array(element, &dims)),
            base().prop_map(|element| array(array(element, &[2]), &[3])),
        ];
        let structure = prop::collection::vec(flat.clone(), 1..4).prop_map(structure_of).boxed();
        prop_oneof![
            flat,
            structure.clone(),
            structure.clone().prop_map(|element| array(element, &[2, 2])),
            structure.prop_map(|inner| structure_of(vec![inner, ValueType::Base(BaseType::Bstr)])),
        ]
    }

    fn value_of(value_type: &ValueType) -> BoxedStrategy<Value> {
        match value_type {
            ValueType::Base(base) => match base {
                BaseType::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
                BaseType::R4 => any::<f32>().prop_map(|v| Value::Real(v.into())).boxed(),
                BaseType::R8 => any::<f64>().prop_map(Value::Real).boxed(),
                BaseType::Date => any::<f64>().prop_map(Value::Date).boxed(),
                BaseType::Bstr => any::<String>().prop_map(|v| Value::Text(v.into())).boxed(),
                _ => {
                    let (low, high) = base.integer_range().unwrap();
                    (low..=high).prop_map(Value::Int).boxed()
                }
            },
            ValueType::Array { element, .. } => {
                let count = usize::try_from(value_type.element_count()).unwrap();
                prop::collection::vec(value_of(element), count).prop_map(|v| Value::Array(v.into())).boxed()
            }
            ValueType::Struct(structure) => {
                let members: Vec<_> = structure.members.iter().map(|member| value_of(&member.value_type)).collect();
                members.prop_map(|v| Value::Struct(v.into())).boxed()
            }
        }
    }

    proptest! {
        #[test]
        fn values_come_back(
            (value_type, value) in value_type().prop_flat_map(|t| { let v = value_of(&t); (Just(t), v) })
        ) {
            prop_assert!(value_type.accepts(&value));
            let desc = type_desc(&value_type).unwrap();
            let variant = to_variant(&value, &value_type).unwrap();
            prop_assert!(desc.accepts(&variant), "{} {:?}", desc, variant);
            prop_assert_eq!(&from_variant(&variant, &value_type).unwrap(), &value);

            let mut bytes = Vec::new();
            encode(&value, &value_type, &mut bytes).unwrap();
            prop_assert_eq!(&decode(&bytes, &value_type).unwrap(), &value);
            if desc.fixed_size().is_some() {
                prop_assert_eq!(bytes.len() as u64, value_type.wire_bytes());
            }
        }

        #[test]
        fn foreign_values_are_taken_or_refused(
            value_type in value_type(),
            other in value_type(),
            bytes in prop::collection::vec(any::<u8>(), 0..40),
        ) {
            if let Ok(value) = decode(&bytes, &value_type) {
                prop_assert!(value_type.accepts(&value));
            }
            let variant = to_variant(&other.zero(), &other).unwrap();
            match from_variant(&variant, &value_type) {
                Ok(value) => prop_assert!(value_type.accepts(&value)),
                Err(error) => prop_assert!(value_type != other, "{}", error),
            }
        }
    }

    #[test]
    fn types_are_described_as_agreed() {
        let i2 = ValueType::Base(BaseType::I2);
        let words = |value_type: &ValueType| type_desc(value_type).unwrap().to_words();
        assert_eq!(words(&i2), [2]);
        assert_eq!(words(&array(array(i2.clone(), &[4]), &[2, 3])), [0x2002, 3, 2, 3, 4]);
        let recipe = structure_of(vec![i2.clone(), ValueType::Base(BaseType::Bstr)]);
        assert_eq!(words(&recipe), [29, 2, 2, 8]);
        assert_eq!(words(&array(recipe, &[2])), [29, 2, 29, 2, 2, 8, 29, 2, 2, 8]);
    }

    #[test]
    fn what_the_wire_cannot_describe_is_refused() {
        let i2 = ValueType::Base(BaseType::I2);
        let deep = (0..6).fold(i2.clone(), |inner, _| structure_of(vec![inner]));
        let deep_array = (0..3).fold(i2.clone(), |inner, _| array(structure_of(vec![inner]), &[1]));
        let wide = array(structure_of(vec![i2.clone(); 40]), &[60_000]);
        for value_type in [array(i2, &[70_000]), deep, deep_array, wide] {
            let error = type_desc(&value_type).unwrap_err();
            assert!(matches!(error, BindingError::Indescribable { .. }), "{error}");
        }
    }

    #[test]
    fn a_number_of_another_type_is_refused() {
        let error = from_variant(&Variant::I4(1), &ValueType::Base(BaseType::I2)).unwrap_err();
        assert_eq!(error.to_string(), "I2 expected, VT_I4 found");
        let error = to_variant(&Value::Int(300), &ValueType::Base(BaseType::UI1)).unwrap_err();
        assert_eq!(error.to_string(), "UI1 expected, an integer found");
    }
}
