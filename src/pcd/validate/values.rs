//! Values: literals, bounds and thresholds that fit the type (3), constants that have a value (7).

use super::super::lexical;
use super::super::remark::{Remarks, Rule};
use super::super::schema::Attr;
use super::super::tree::Node;
use super::super::xml::excerpt;
use crate::model::{BaseType, EnumText, MemberDetails, Port, Value, ValueType};

/// The value in an attribute. One that does not fit the type is left out.
pub(in super::super) fn literal(
    remarks: &mut Remarks,
    node: Node<'_>,
    attr: Attr,
    value_type: &ValueType,
) -> Option<Value> {
    let text = node.get(attr)?;
    if attr == Attr::Default && is_text_array(value_type) {
        remarks.add(Rule::BadLiteral, || node.place(), || "`default` is left out: an array of texts has none".into());
        return None;
    }
    let fault = match value_type.read_literal(text) {
        Ok(value) => return Some(value),
        Err(fault) => fault,
    };
    let (rule, other) = match value_type.base() {
        Some(BaseType::Bool) => (Rule::ValueSpelling, lexical::boolean(text).map(|truth| truth.to_string())),
        Some(BaseType::R4 | BaseType::R8) => (Rule::DecimalComma, lexical::decimal_point(text)),
        _ => (Rule::ValueSpelling, None),
    };
    if let Some(other) = other
        && let Ok(value) = value_type.read_literal(&other)
    {
        remarks.add(rule, || node.place(), || format!("`{}` of `{}` is read as `{other}`", excerpt(text), attr.name()));
        return Some(value);
    }
    remarks.add(Rule::BadLiteral, || node.place(), || format!("`{}` is left out: {fault}", attr.name()));
    None
}

fn is_text_array(value_type: &ValueType) -> bool {
    matches!(value_type, ValueType::Array { element, .. } if element.base() == Some(BaseType::Bstr))
}

/// Checks the values of a port, and leaves out what does not fit its type.
pub(in super::super) fn port_values(remarks: &mut Remarks, node: Node<'_>, port: &mut Port) {
    let mut check = Check { remarks, node, element: element_of(&port.value_type) };
    check.bounds(&mut port.min, &mut port.max);
    for (what, value) in [("default", &port.default), ("substitute", &port.substitute)] {
        check.within(what, value.as_ref(), port.min, port.max, port.max_len);
    }
    check.epsilon(&mut port.epsilon);
    check.max_len(&mut port.max_len);
    check.enumeration(&mut port.enumeration);
    if port.constant && port.default.is_none() {
        remarks.add(
            Rule::ConstantWithoutValue,
            || node.place(),
            || format!("`{}` is constant, so it needs a default", port.name),
        );
    }
}

/// Checks the values of a member of a structure, and sets its default.
pub(in super::super) fn member_values(
    remarks: &mut Remarks,
    node: Node<'_>,
    value_type: &ValueType,
    member: &mut MemberDetails,
) {
    let default = literal(remarks, node, Attr::Default, value_type);
    let mut check = Check { remarks, node, element: element_of(value_type) };
    check.bounds(&mut member.min, &mut member.max);
    check.within("default", default.as_ref(), member.min, member.max, member.max_len);
    check.max_len(&mut member.max_len);
    check.enumeration(&mut member.enumeration);
    member.default = default.map(|value| value_type.write_literal(&value).into());
}

/// The simple type of a value or of the elements of an array.
fn element_of(value_type: &ValueType) -> Option<BaseType> {
    match value_type {
        ValueType::Array { element, .. } => element_of(element),
        other => other.base(),
    }
}

struct Check<'a, 'n> {
    remarks: &'a mut Remarks,
    node: Node<'n>,
    element: Option<BaseType>,
}

impl Check<'_, '_> {
    fn tell(&mut self, message: impl FnOnce() -> String) {
        self.remarks.add(Rule::BadLiteral, || self.node.place(), message);
    }

    fn is_numeric(&self) -> bool {
        self.element.is_some_and(BaseType::is_numeric)
    }

    fn bounds(&mut self, min: &mut Option<f64>, max: &mut Option<f64>) {
        if min.is_none() && max.is_none() {
            return;
        }
        if !self.is_numeric() {
            self.tell(|| "`min` and `max` are left out: the type is no number".to_owned());
            (*min, *max) = (None, None);
            return;
        }
        // NaN is neither above nor below, so it fails where it should hold.
        if min.is_some_and(f64::is_nan) || max.is_some_and(f64::is_nan) {
            self.tell(|| "`min` and `max` are left out: they are no numbers".to_owned());
            (*min, *max) = (None, None);
            return;
        }
        if let (Some(low), Some(high)) = (*min, *max)
            && low > high
        {
            self.tell(|| format!("`min` and `max` are left out: {low} is above {high}"));
            (*min, *max) = (None, None);
            return;
        }
        let (low, high) = match self.element {
            Some(BaseType::R4) => (f64::from(f32::MIN), f64::from(f32::MAX)),
            element => match element.and_then(BaseType::integer_range) {
                Some((low, high)) => (low as f64, high as f64),
                None => return,
            },
        };
        let outside =
            |bound: &&mut Option<f64>| bound.is_some_and(|bound| bound.is_finite() && !(low..=high).contains(&bound));
        if outside(&min) || outside(&max) {
            let token = self.element.map_or("", BaseType::token);
            self.tell(|| format!("`min` or `max` is outside the range of {token} ({low} to {high})"));
        }
    }

    fn within(&mut self, what: &str, value: Option<&Value>, min: Option<f64>, max: Option<f64>, max_len: Option<u16>) {
        let Some(value) = value else { return };
        if let Some(number) = outside(value, min.unwrap_or(f64::NEG_INFINITY), max.unwrap_or(f64::INFINITY)) {
            self.tell(|| {
                let bound = |bound: Option<f64>| bound.map_or("…".to_owned(), |bound| bound.to_string());
                format!("`{what}` {number} is not from {} to {}", bound(min), bound(max))
            });
        }
        if let (Value::Text(text), Some(most)) = (value, max_len) {
            let length = text.chars().count();
            if length > usize::from(most) {
                self.tell(|| format!("`{what}` has {length} characters, `maxLen` allows {most}"));
            }
        }
    }

    fn epsilon(&mut self, epsilon: &mut Option<f64>) {
        let Some(found) = *epsilon else { return };
        if !self.is_numeric() {
            self.tell(|| "`epsilon` is left out: the type is no number".to_owned());
            *epsilon = None;
        } else if !found.is_finite() || found < 0.0 {
            self.tell(|| format!("`epsilon` is left out: {found} is no threshold"));
            *epsilon = None;
        }
    }

    fn max_len(&mut self, max_len: &mut Option<u16>) {
        if max_len.is_some() && self.element != Some(BaseType::Bstr) {
            self.tell(|| "`maxLen` is left out: the type is no text".to_owned());
            *max_len = None;
        } else if *max_len == Some(0) {
            self.tell(|| "`maxLen` is left out: 0 characters hold no text".to_owned());
            *max_len = None;
        }
    }

    fn enumeration(&mut self, enumeration: &mut Vec<EnumText>) {
        if enumeration.is_empty() {
            return;
        }
        let Some((low, high)) = self.element.and_then(BaseType::integer_range) else {
            self.tell(|| "names of values are left out: the type is no whole number".to_owned());
            enumeration.clear();
            return;
        };
        if let Some(entry) = enumeration.iter().find(|entry| !(low..=high).contains(&entry.value)) {
            let (value, token) = (entry.value, self.element.map_or("", BaseType::token));
            self.tell(|| format!("the name of {value} can never be shown: it is outside {token} ({low} to {high})"));
        }
    }
}

/// The first number in a value that is not from `low` to `high`.
fn outside(value: &Value, low: f64, high: f64) -> Option<f64> {
    match value {
        Value::Array(values) => values.iter().find_map(|value| outside(value, low, high)),
        // Members have bounds of their own.
        Value::Struct(_) => None,
        value => value.number().filter(|number| !(low..=high).contains(number)),
    }
}
