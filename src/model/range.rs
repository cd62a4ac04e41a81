//! Whether a value lies in what the description of its port calls its range.

use super::{Port, Value};

impl Port {
    /// What is out of range about a value of this port's type, in words: number, named value or length of a text; `None` when
    /// nothing is.
    ///
    /// Elements of arrays are held against the range of their port, members of structures have none.
    pub fn complaint(&self, value: &Value) -> Option<String> {
        match value {
            Value::Array(values) => values.iter().find_map(|value| self.complaint(value)),
            Value::Text(text) => {
                let length = text.chars().count();
                let longest = self.max_len.map(usize::from).filter(|longest| length > *longest)?;
                Some(format!("{length} characters, at most {longest} are allowed"))
            }
            Value::Int(number) if !self.enumeration.is_empty() => {
                let known = self.enumeration.iter().any(|text| text.value == *number);
                (!known).then(|| format!("{number} is none of the {} named values", self.enumeration.len()))
            }
            _ => {
                let number = value.number()?;
                let below = self.min.filter(|min| number < *min).map(|min| format!("{number} is below {min}"));
                let above = self.max.filter(|max| number > *max).map(|max| format!("{number} is above {max}"));
                let unit = if self.unit.is_empty() { String::new() } else { format!(" {}", self.unit) };
                below.or(above).map(|complaint| format!("{complaint}{unit}"))
            }
        }
    }
}
