//! A value together with its type, since neither means much without the other.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::model::{BaseType, Member, Name, StructType, Value, ValueType};

/// A value of a type.
///
/// In JSON `{"type": …, "value": "…"}`: the value is written as everywhere else in the program
/// ([`ValueType::read_literal`]), and a type is `"R4"`, `{"array": …, "sizes": [2, 3]}` or
/// `{"structure": "Recipe", "members": [{"name": …, "type": …}]}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedValue {
    /// The type.
    pub value_type: ValueType,
    /// The value; it is one of the type.
    pub value: Value,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TypedForm {
    #[serde(rename = "type")]
    value_type: TypeForm,
    value: String,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum TypeForm {
    Base(Name),
    Array(ArrayForm),
    Structure(StructureForm),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ArrayForm {
    array: Box<TypeForm>,
    sizes: Vec<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StructureForm {
    structure: Name,
    members: Vec<MemberForm>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MemberForm {
    name: Name,
    #[serde(rename = "type")]
    value_type: TypeForm,
}

impl From<&ValueType> for TypeForm {
    fn from(value_type: &ValueType) -> Self {
        match value_type {
            ValueType::Base(base) => Self::Base(base.token().into()),
            ValueType::Array { element, dims } => {
                Self::Array(ArrayForm { array: Box::new((&**element).into()), sizes: dims.clone() })
            }
            ValueType::Struct(structure) => Self::Structure(StructureForm {
                structure: structure.name.clone(),
                members: structure
                    .members
                    .iter()
                    .map(|member| MemberForm { name: member.name.clone(), value_type: (&member.value_type).into() })
                    .collect(),
            }),
        }
    }
}

impl TypeForm {
    fn read(self) -> Result<ValueType, String> {
        Ok(match self {
            Self::Base(token) => {
                ValueType::Base(BaseType::from_token(&token).ok_or_else(|| format!("there is no type `{token}`"))?)
            }
            Self::Array(ArrayForm { sizes, .. }) if sizes.is_empty() || sizes.contains(&0) => {
                return Err("every size of an array is at least 1".to_owned());
            }
            Self::Array(ArrayForm { array, sizes }) => {
                ValueType::Array { element: Box::new(array.read()?), dims: sizes }
            }
            Self::Structure(StructureForm { structure, members }) => {
                if members.is_empty() {
                    return Err(format!("structure `{structure}` has no members"));
                }
                let members = members
                    .into_iter()
                    .map(|member| Ok(Member { name: member.name, value_type: member.value_type.read()? }))
                    .collect::<Result<_, String>>()?;
                ValueType::Struct(StructType { name: structure, members }.into())
            }
        })
    }
}

impl Serialize for TypedValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let form =
            TypedForm { value_type: (&self.value_type).into(), value: self.value_type.write_literal(&self.value) };
        form.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for TypedValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let form = TypedForm::deserialize(deserializer)?;
        let value_type = form.value_type.read().map_err(D::Error::custom)?;
        let value = value_type.read_literal(&form.value).map_err(D::Error::custom)?;
        Ok(Self { value_type, value })
    }
}

impl std::fmt::Display for TypedValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.value_type.write_literal(&self.value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<TypedValue, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn values_come_back_with_their_types() {
        for json in [
            r#"{"type":"R4","value":"0.1"}"#,
            r#"{"type":"BSTR","value":" as is "}"#,
            r#"{"type":{"array":"I2","sizes":[2,2]},"value":"1 2 3 4"}"#,
            r#"{"type":{"structure":"Batch","members":[{"name":"no","type":"I4"},{"name":"w","type":{"array":"R8","sizes":[2]}}]},"value":"{no=7; w=[1.5 2]}"}"#,
        ] {
            assert_eq!(serde_json::to_string(&read(json).unwrap()).unwrap(), json);
        }
    }

    #[test]
    fn refusals_say_what_is_wrong() {
        assert!(read(r#"{"type":"I9","value":"1"}"#).unwrap_err().starts_with("there is no type `I9`"));
        assert!(read(r#"{"type":"I1","value":"300"}"#).unwrap_err().contains("outside the range"));
        assert!(read(r#"{"type":{"array":"I1","sizes":[0]},"value":""}"#).unwrap_err().contains("at least 1"));
        assert!(read(r#"{"type":{"structure":"S","members":[]},"value":"{}"}"#).unwrap_err().contains("no members"));
    }
}
