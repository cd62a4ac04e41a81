//! Whether a value lies in what the description of its port calls its range.

use crate::model::{Port, Value};

/// What is out of range about a value of this port's type, in words; `None` when nothing is.
///
/// Elements of arrays are held against the range of their port, members of structures have none.
pub(super) fn complaint(port: &Port, value: &Value) -> Option<String> {
    match value {
        Value::Array(values) => values.iter().find_map(|value| complaint(port, value)),
        Value::Text(text) => {
            let length = text.chars().count();
            let longest = port.max_len.map(usize::from).filter(|longest| length > *longest)?;
            Some(format!("{length} characters, at most {longest} are allowed"))
        }
        Value::Int(number) if !port.enumeration.is_empty() => {
            let known = port.enumeration.iter().any(|text| text.value == *number);
            (!known).then(|| format!("{number} is none of the {} named values", port.enumeration.len()))
        }
        _ => {
            let number = value.number()?;
            let below = port.min.filter(|min| number < *min).map(|min| format!("{number} is below {min}"));
            let above = port.max.filter(|max| number > *max).map(|max| format!("{number} is above {max}"));
            let unit = if port.unit.is_empty() { String::new() } else { format!(" {}", port.unit) };
            below.or(above).map(|complaint| format!("{complaint}{unit}"))
        }
    }
}
