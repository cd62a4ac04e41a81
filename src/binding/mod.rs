//! How names and values of the plan appear on the wire: layer 1, between `model` and `wire`.
//!
//! The plan knows a [`Value`](crate::model::Value) and its [`ValueType`](crate::model::ValueType); the wire knows VARIANTs, type
//! descriptions and packed bytes. [`value`] translates, [`acco_name`] and [`item`](item_name) are the texts by which
//! connections name their ends, [`qos`] is the transmission. What no source confirms is in [`convention`].
//!
//! Nothing here knows a socket, keeps a state or reads a clock. Start at [`value`].

pub mod acco_name;
pub mod convention;
pub mod qos;
pub mod value;

pub use acco_name::{AccoName, AccoNameError};
pub use value::{BindingError, decode, encode, from_variant, to_variant, type_desc};

use crate::model::{Port, Value};
use crate::wire::Variant;
use crate::wire::cba::convention::{item_name as wire_item_name, split_item};
use crate::wire::cba::{FileTime, filetime};

/// The text that names a port inside its LDev: `RTAuto.Property`.
pub fn item_name(rtauto: &str, property: &str) -> String {
    wire_item_name(rtauto, property)
}

/// RTAuto and property of an item text; `None` when the text is not of the form `RTAuto.Property`.
pub fn split_item_name(item: &str) -> Option<(&str, &str)> {
    split_item(item)
}

/// A change threshold as AddConnections carries it: a number of the port's own type.
///
/// Only numbers have a distance; for all other types, and for a threshold that rounds to 0, there is none: any change is sent.
pub fn epsilon_to_variant(epsilon: f64, port: &Port) -> Option<Variant> {
    let base = port.value_type.base()?;
    let value = match base.integer_range() {
        // The cast saturates at a range that the clamp narrows further.
        Some((_, high)) => Value::Int((epsilon.round() as i64).clamp(0, high)),
        None if base.is_numeric() => Value::Real(epsilon),
        None => return None,
    };
    (value.number() > Some(0.0)).then(|| to_variant(&value, &port.value_type).ok()).flatten()
}

/// A moment as days since 1899-12-30 UTC (DATE).
pub fn date_of(time: FileTime) -> f64 {
    filetime::ole_date_from_unix_seconds(time.to_unix_nanos() as f64 / 1e9)
}

/// A moment given as DATE; moments before 1601 are clamped, and what is no number is no time.
pub fn file_time_of(date: f64) -> FileTime {
    if !date.is_finite() {
        return FileTime::default();
    }
    // The cast saturates, and FILETIME clamps what is left.
    FileTime::from_unix_nanos((filetime::unix_seconds_from_ole_date(date) * 1e9) as i128)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture;

    #[test]
    fn epsilon_has_the_type_of_its_port() {
        let plan =
            fixture::read("component C 1.0 { out a I2; out b R4; out c BOOL; out d BSTR; out e UI1 }\nX: C").unwrap();
        let epsilon = |port: &str, epsilon| {
            epsilon_to_variant(epsilon, plan.port(&plan.find_port(&format!("X.{port}")).unwrap()).unwrap())
        };
        assert_eq!(epsilon("a", 2.6), Some(Variant::I2(3)));
        assert_eq!(epsilon("a", 0.3), None, "less than any change an integer can make");
        assert_eq!(epsilon("b", 0.1), Some(Variant::R4(0.1)));
        assert_eq!(epsilon("b", 0.0), None);
        assert_eq!(epsilon("e", 1e9), Some(Variant::Ui1(255)));
        assert_eq!(epsilon("b", f64::NAN), None);
        assert_eq!((epsilon("c", 1.0), epsilon("d", 1.0)), (None, None));
    }

    #[test]
    fn moments_go_both_ways() {
        let time = FileTime(130_604_392_058_178_781);
        let date = date_of(time);
        // 2014-11-14 11:46:45.8178781 UTC; a double carries microseconds at today's dates.
        assert!((date - 41_957.490_808_077_29).abs() < 1e-9, "{date}");
        assert!(file_time_of(date).0.abs_diff(time.0) < 100);
        assert_eq!(file_time_of(-1e9), FileTime(0));
        assert_eq!(file_time_of(f64::NEG_INFINITY), FileTime(0));
        assert_eq!(file_time_of(f64::NAN), FileTime(0));
    }
}
