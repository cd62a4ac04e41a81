//! Values between a port and a script.
//!
//! Writing back is strict about shape (number of elements, names of members) and lenient about numbers: a float for an
//! integer port is rounded, an integer for a real port taken as it is, and both are clamped to the port's range.

use std::sync::Arc;

use rhai::{Array, Dynamic, Map};

use crate::model::{BaseType, StructType, Value, ValueType};

/// What a script left that is no value of the type.
#[derive(Debug)]
pub(super) struct WrongValue {
    /// Where in the value: `[3]`, `.member`.
    pub(super) path: String,
    pub(super) expected: String,
    pub(super) found: String,
}

/// Simple values in a value of this type.
pub(super) fn elements(value_type: &ValueType) -> u64 {
    match value_type {
        ValueType::Base(_) => 1,
        ValueType::Array { element, .. } => elements(element).saturating_mul(value_type.element_count()),
        ValueType::Struct(structure) => {
            structure.members.iter().fold(0, |sum, member| sum.saturating_add(elements(&member.value_type)))
        }
    }
}

/// The value as the script sees it; a part that does not fit the type is shown as `()`.
pub(super) fn to_script(value: &Value, value_type: &ValueType) -> Dynamic {
    match (value, value_type) {
        (Value::Bool(truth), _) => (*truth).into(),
        (Value::Int(number), _) => (*number).into(),
        (Value::Real(number) | Value::Date(number), _) => (*number).into(),
        (Value::Text(text), _) => text.as_ref().into(),
        (Value::Array(values), ValueType::Array { element, .. }) => {
            Dynamic::from_array(values.iter().map(|value| to_script(value, element)).collect())
        }
        (Value::Struct(values), ValueType::Struct(structure)) => {
            let members = structure.members.iter().zip(values.iter());
            let map: Map = members
                .map(|(member, value)| (member.name.as_str().into(), to_script(value, &member.value_type)))
                .collect();
            Dynamic::from_map(map)
        }
        _ => Dynamic::UNIT,
    }
}

/// Whether the script holds exactly this value; allocates nothing.
pub(super) fn same(held: &Dynamic, value: &Value, value_type: &ValueType) -> bool {
    match (value, value_type) {
        (Value::Bool(truth), _) => held.as_bool() == Ok(*truth),
        (Value::Int(number), _) => held.as_int() == Ok(*number),
        (Value::Real(number) | Value::Date(number), _) => {
            held.as_float().is_ok_and(|held| held.to_bits() == number.to_bits())
        }
        (Value::Text(text), _) => held.as_immutable_string_ref().is_ok_and(|held| held.as_str() == text.as_ref()),
        (Value::Array(values), ValueType::Array { element, .. }) => held.as_array_ref().is_ok_and(|held| {
            held.len() == values.len() && held.iter().zip(values.iter()).all(|(held, value)| same(held, value, element))
        }),
        (Value::Struct(values), ValueType::Struct(structure)) => held.as_map_ref().is_ok_and(|held| {
            held.len() == values.len()
                && structure.members.iter().zip(values.iter()).all(|(member, value)| {
                    held.get(member.name.as_str()).is_some_and(|held| same(held, value, &member.value_type))
                })
        }),
        _ => false,
    }
}

/// The value that the script holds, clamped to the type.
pub(super) fn from_script(held: &Dynamic, value_type: &ValueType) -> Result<Value, WrongValue> {
    match value_type {
        ValueType::Base(base) => base_from_script(held, *base),
        ValueType::Array { element, .. } => {
            let array = held.as_array_ref().map_err(|kind| wrong(value_type, kind))?;
            array_from_script(&array, element, value_type)
        }
        ValueType::Struct(structure) => {
            let map = held.as_map_ref().map_err(|kind| wrong(value_type, kind))?;
            struct_from_script(&map, structure)
        }
    }
}

fn array_from_script(array: &Array, element: &ValueType, whole: &ValueType) -> Result<Value, WrongValue> {
    if array.len() as u64 != whole.element_count() {
        return Err(wrong(whole, format!("an array of {}", array.len())));
    }
    let values = array.iter().enumerate().map(|(index, held)| {
        from_script(held, element).map_err(|wrong| WrongValue { path: format!("[{index}]{}", wrong.path), ..wrong })
    });
    Ok(Value::Array(values.collect::<Result<Arc<[_]>, _>>()?))
}

fn struct_from_script(map: &Map, structure: &StructType) -> Result<Value, WrongValue> {
    let values = structure.members.iter().map(|member| {
        let path = |wrong: WrongValue| WrongValue { path: format!(".{}{}", member.name, wrong.path), ..wrong };
        let held = map.get(member.name.as_str()).ok_or_else(|| path(wrong(&member.value_type, "nothing")))?;
        from_script(held, &member.value_type).map_err(path)
    });
    Ok(Value::Struct(values.collect::<Result<Arc<[_]>, _>>()?))
}

fn base_from_script(held: &Dynamic, base: BaseType) -> Result<Value, WrongValue> {
    let number = || held.as_float().ok().or_else(|| held.as_int().ok().map(|number| number as f64));
    let value = match base {
        BaseType::Bool => held.as_bool().ok().map(Value::Bool),
        BaseType::Bstr => held.as_immutable_string_ref().ok().map(|text| Value::Text(text.as_str().into())),
        BaseType::R4 => number().map(|number| Value::Real(f64::from(number as f32))),
        BaseType::R8 => number().map(Value::Real),
        BaseType::Date => number().map(Value::Date),
        _ => {
            let (low, high) = base.integer_range().unwrap_or((i64::MIN, i64::MAX));
            match held.as_int() {
                Ok(number) => Some(Value::Int(number.clamp(low, high))),
                // The cast saturates, which is the clamping wanted; a NaN has no nearest integer.
                Err(_) => held
                    .as_float()
                    .ok()
                    .filter(|number| !number.is_nan())
                    .map(|number| Value::Int((number.round() as i64).clamp(low, high))),
            }
        }
    };
    value.ok_or_else(|| wrong(&ValueType::Base(base), describe(held)))
}

fn wrong(expected: &ValueType, found: impl Into<String>) -> WrongValue {
    WrongValue { path: String::new(), expected: expected.to_string(), found: found.into() }
}

fn describe(held: &Dynamic) -> String {
    match held.as_float() {
        Ok(number) => number.to_string(),
        Err("()") => "nothing".into(),
        Err(kind) => kind.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Member;

    fn recipe() -> ValueType {
        let member = |name: &str, value_type| Member { name: name.into(), value_type };
        ValueType::Struct(Arc::new(StructType {
            name: "Recipe".into(),
            members: vec![
                member("batch", ValueType::Base(BaseType::UI2)),
                member("weights", ValueType::array_of(BaseType::R4, 2)),
                member("name", ValueType::Base(BaseType::Bstr)),
            ],
        }))
    }

    #[test]
    fn every_type_goes_in_and_comes_back() {
        let types = BaseType::ALL.map(ValueType::Base).into_iter().chain([recipe()]);
        for value_type in types {
            let zero = value_type.zero();
            let script = to_script(&zero, &value_type);
            assert!(same(&script, &zero, &value_type), "{value_type}");
            assert_eq!(from_script(&script, &value_type).unwrap(), zero, "{value_type}");
        }
        let value = recipe().read_literal("{batch=7; weights=[1.5 2.5]; name=\"A\"}").unwrap();
        let script = to_script(&value, &recipe());
        assert!(same(&script, &value, &recipe()));
        assert!(!same(&script, &recipe().zero(), &recipe()));
        assert_eq!(from_script(&script, &recipe()).unwrap(), value);
    }

    #[test]
    fn numbers_are_clamped_and_rounded() {
        let ui1 = ValueType::Base(BaseType::UI1);
        let back = |held: Dynamic, value_type: &ValueType| from_script(&held, value_type).ok();
        assert_eq!(back(300_i64.into(), &ui1), Some(Value::Int(255)));
        assert_eq!(back((-1_i64).into(), &ui1), Some(Value::Int(0)));
        assert_eq!(back(12.6.into(), &ui1), Some(Value::Int(13)));
        assert_eq!(back(f64::INFINITY.into(), &ui1), Some(Value::Int(255)));
        assert_eq!(back(f64::NAN.into(), &ui1), None);
        assert_eq!(back(2_i64.into(), &ValueType::Base(BaseType::R4)), Some(Value::Real(2.0)));
        assert_eq!(back(0.1.into(), &ValueType::Base(BaseType::R4)), Some(Value::Real(f64::from(0.1_f32))));
    }

    #[test]
    fn a_wrong_shape_names_its_place() {
        let value = recipe().read_literal("{batch=7; weights=[1.5 2.5]; name=\"A\"}").unwrap();
        let mut map = to_script(&value, &recipe()).cast::<Map>();
        map.insert("weights".into(), Dynamic::from_array(vec![1.0.into(), "x".into()]));
        let wrong = from_script(&Dynamic::from_map(map.clone()), &recipe()).unwrap_err();
        assert_eq!(
            (wrong.path.as_str(), wrong.expected.as_str(), wrong.found.as_str()),
            (".weights[1]", "R4", "string")
        );
        map.remove("weights");
        let wrong = from_script(&Dynamic::from_map(map), &recipe()).unwrap_err();
        assert_eq!((wrong.path.as_str(), wrong.found.as_str()), (".weights", "nothing"));
    }
}
