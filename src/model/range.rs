//! Whether a value lies in what the description of its port calls its range.

use super::{Phrase, Port, Value};
use crate::say;

impl Port {
    /// What is out of range about a value of this port's type, in words: number, named value or length of a text; `None` when
    /// nothing is.
    ///
    /// Elements of arrays are held against the range of their port, members of structures have none.
    pub fn complaint(&self, value: &Value) -> Option<Phrase> {
        match value {
            Value::Array(values) => values.iter().find_map(|value| self.complaint(value)),
            Value::Text(text) => {
                let length = text.chars().count();
                let longest = self.max_len.map(usize::from).filter(|longest| length > *longest)?;
                Some(say!("{length} characters, at most {longest} are allowed", length, longest))
            }
            Value::Int(number) if !self.enumeration.is_empty() => {
                let known = self.enumeration.iter().any(|text| text.value == *number);
                (!known).then(|| say!("{number} is none of the {n} named values", number, n = self.enumeration.len()))
            }
            _ => {
                let number = value.number()?;
                let unit = if self.unit.is_empty() { String::new() } else { format!(" {}", self.unit) };
                let below = self.min.filter(|min| number < *min);
                let above = self.max.filter(|max| number > *max);
                match (below, above) {
                    (Some(min), _) => Some(say!("{number} is below {min}{unit}", number, min, unit)),
                    (None, Some(max)) => Some(say!("{number} is above {max}{unit}", number, max, unit)),
                    (None, None) => None,
                }
            }
        }
    }
}
