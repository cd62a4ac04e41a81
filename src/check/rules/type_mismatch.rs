//! # PW101: The ends of a link have different types
//!
//! ## What it checks
//! Output and input of a link have exactly the same type: the same simple type, the same array sizes, the same
//! sequence of structure members with the same names. The names of structures do not count.
//!
//! ## Why
//! CBA converts nothing. The provider refuses the connection with `CBA_E_TYPEMISMATCH`, and the input never gets a value.
//!
//! ## Example
//! `Filler1.level` is an `R4`, `Panel.count` an `I2`: a link between them is refused. So is one from `R4[8]` to `R4[4]`.
//!
//! ## Remedy
//! Link to a port of the same type, or convert in the program of one of the devices.
//!
//! ## Facts
//! `provider_type`; `consumer_type`; `detail`, where arrays or structures differ, otherwise `null`.

use serde::Serialize;

use crate::check::Severity;
use crate::check::context::LinkView;
use crate::check::rule::{Facts, On, Report, Rule};
use crate::model::{Name, Phrase, ValueType};
use crate::say;

pub(super) static RULE: Rule = Rule {
    code: "PW101",
    name: "type-mismatch",
    severity: Severity::Error,
    source: include_str!("type_mismatch.rs"),
    on: &[On::Link(check)],
};

#[derive(Serialize)]
struct TypeMismatch {
    provider_type: String,
    consumer_type: String,
    detail: Option<Phrase>,
}

impl Facts for TypeMismatch {
    fn message(&self) -> Phrase {
        let types =
            say!("the output is {output}, the input {input}", output = self.provider_type, input = self.consumer_type);
        match &self.detail {
            Some(detail) => say!("{types}: {detail}", types, detail),
            None => types,
        }
    }
}

fn check(view: &LinkView, report: &mut Report) {
    let Some((provider, consumer)) = view.ports() else { return };
    let (from, to) = (&provider.value_type, &consumer.value_type);
    if from != to {
        let facts =
            TypeMismatch { provider_type: from.to_string(), consumer_type: to.to_string(), detail: detail(from, to) };
        report.add(view.subject(), &facts);
    }
}

/// Where two types of the same kind part.
fn detail(from: &ValueType, to: &ValueType) -> Option<Phrase> {
    match (from, to) {
        (ValueType::Array { element: one, dims: from }, ValueType::Array { element: other, dims: to })
            if one == other =>
        {
            let elements = |dims: &[u32]| dims.iter().map(u32::to_string).collect::<Vec<_>>().join(" × ");
            Some(say!("{from} elements to {to}", from = elements(from), to = elements(to)))
        }
        (ValueType::Struct(from), ValueType::Struct(to)) => {
            let members = from.members.iter().zip(&to.members).find(|(one, other)| one != other);
            Some(match members {
                Some((one, other)) => {
                    let member = |name: &Name, value_type: &ValueType| format!("{name} {value_type}");
                    let (one, other) = (member(&one.name, &one.value_type), member(&other.name, &other.value_type));
                    say!("member {one} meets {other}", one, other)
                }
                None => say!("{from} members to {to}", from = from.members.len(), to = to.members.len()),
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::check::tests::found;

    #[test]
    fn fires_on_simple_types() {
        let plan = "component A 1.0 { out y I2; in x R4 = 0 }\nOne: A @10.0.0.1\nTwo: A @10.0.0.2\nOne.y -> Two.x";
        assert_eq!(found("PW101", plan), ["error One.y → Two.x: the output is I2, the input R4"]);
    }

    #[test]
    fn fires_on_sizes_and_members() {
        let plan = "component A 1.0 {
                struct S (a I2, b R4); struct T (a I2, c R4)
                out y I2[4]; in x I2[2 2]; out s S; in t T
            }
            One: A @10.0.0.1
            One.y -> One.x
            One.s -> One.t";
        assert_eq!(
            found("PW101", plan),
            [
                "error One.s → One.t: the output is S, the input T: member b R4 meets c R4",
                "error One.y → One.x: the output is I2[4], the input I2[2 2]: 4 elements to 2 × 2",
            ]
        );
    }

    #[test]
    fn silent_on_equal_types() {
        let plan =
            "component A 1.0 { struct S (a I2); struct T (a I2); out y S; in x T }\nOne: A @10.0.0.1\nOne.y -> One.x";
        assert_eq!(found("PW101", plan), [""; 0]);
    }
}
