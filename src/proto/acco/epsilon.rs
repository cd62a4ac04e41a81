//! Epsilon: the least change of a value that is worth sending.

use crate::wire::Variant;
use crate::wire::cba::{HResult, TypeDesc};

/// An epsilon, made ready for comparing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Threshold {
    /// Any change counts.
    Any,
    /// Integers must differ by more than this.
    Integer(u128),
    /// Numbers must differ by more than this.
    Number(f64),
}

impl Threshold {
    /// From the epsilon of a connection to an item of type `desc`.
    ///
    /// # Errors
    /// `CBA_E_INVALIDEPSILON`: another type than the item's, negative, not a number.
    pub(super) fn new(epsilon: Option<&Variant>, desc: &TypeDesc) -> Result<Self, HResult> {
        let epsilon = match epsilon {
            None | Some(Variant::Empty | Variant::Null) => return Ok(Self::Any),
            Some(epsilon) if epsilon.var_type() == desc.var_type() => epsilon,
            Some(_) => {
                // A structure has no type code of its own in a VARIANT.
                let structure = matches!(desc, TypeDesc::Structure(_));
                return if structure { Ok(Self::Any) } else { Err(HResult::CBA_E_INVALIDEPSILON) };
            }
        };
        if !desc.is_numeric() {
            return Ok(Self::Any);
        }
        let threshold = match integer(epsilon) {
            Some(value) => u128::try_from(value).ok().map(Self::Integer),
            None => epsilon.as_f64().filter(|value| *value >= 0.0).map(Self::Number),
        };
        threshold.ok_or(HResult::CBA_E_INVALIDEPSILON)
    }

    /// Whether the step from `old` to `new` is worth sending.
    pub(super) fn is_exceeded(self, old: &Variant, new: &Variant) -> bool {
        match self {
            Self::Any => !same(old, new),
            Self::Integer(threshold) => match (integer(old), integer(new)) {
                (Some(old), Some(new)) => old.abs_diff(new) > threshold,
                _ => !same(old, new),
            },
            Self::Number(threshold) => match (old.as_f64(), new.as_f64()) {
                // With a NaN on one side the distance says nothing.
                (Some(old), Some(new)) if !old.is_nan() && !new.is_nan() => (old - new).abs() > threshold,
                _ => !same(old, new),
            },
        }
    }
}

fn integer(value: &Variant) -> Option<i128> {
    Some(match *value {
        Variant::I1(v) => v.into(),
        Variant::Ui1(v) => v.into(),
        Variant::I2(v) => v.into(),
        Variant::Ui2(v) => v.into(),
        Variant::I4(v) => v.into(),
        Variant::Ui4(v) => v.into(),
        Variant::I8(v) | Variant::Cy(v) => v.into(),
        Variant::Ui8(v) => v.into(),
        _ => return None,
    })
}

/// Equal, where a NaN equals itself so that it is not sent again and again.
fn same(old: &Variant, new: &Variant) -> bool {
    match (old, new) {
        (Variant::R4(old), Variant::R4(new)) => old.to_bits() == new.to_bits() || old == new,
        (Variant::R8(old), Variant::R8(new)) | (Variant::Date(old), Variant::Date(new)) => {
            old.to_bits() == new.to_bits() || old == new
        }
        _ => old == new,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::VarType;
    use crate::wire::variant::Elements;

    fn threshold(epsilon: Variant, vt: VarType) -> Result<Threshold, HResult> {
        Threshold::new(Some(&epsilon), &TypeDesc::Scalar(vt))
    }

    #[test]
    fn epsilon_must_suit_the_item() {
        let refused = Err(HResult::CBA_E_INVALIDEPSILON);
        assert_eq!(threshold(Variant::I2(10), VarType::I2), Ok(Threshold::Integer(10)));
        assert_eq!(threshold(Variant::R4(0.5), VarType::R4), Ok(Threshold::Number(0.5)));
        assert_eq!(threshold(Variant::Empty, VarType::R4), Ok(Threshold::Any));
        assert_eq!(threshold(Variant::Bool(true), VarType::BOOL), Ok(Threshold::Any));
        assert_eq!(threshold(Variant::I2(-1), VarType::I2), refused);
        assert_eq!(threshold(Variant::R8(f64::NAN), VarType::R8), refused);
        assert_eq!(threshold(Variant::I4(1), VarType::I2), refused);
        assert_eq!(threshold(Variant::I2(1), VarType::BOOL), refused);
    }

    #[test]
    fn only_more_than_epsilon_counts() {
        let ten = Threshold::Integer(10);
        assert!(!ten.is_exceeded(&Variant::I2(0), &Variant::I2(-10)));
        assert!(ten.is_exceeded(&Variant::I2(0), &Variant::I2(-11)));
        assert!(ten.is_exceeded(&Variant::I8(i64::MIN), &Variant::I8(i64::MAX)));
        let tenth = Threshold::Number(0.1);
        assert!(!tenth.is_exceeded(&Variant::R8(1.0), &Variant::R8(1.05)));
        assert!(tenth.is_exceeded(&Variant::R8(1.0), &Variant::R8(f64::NAN)));
        assert!(!tenth.is_exceeded(&Variant::R8(f64::NAN), &Variant::R8(f64::NAN)));
        assert!(!Threshold::Any.is_exceeded(&Variant::R4(f32::NAN), &Variant::R4(f32::NAN)));
        let array = |last| Variant::vector(Elements::I2(vec![1, last]));
        assert!(Threshold::Any.is_exceeded(&array(1), &array(2)));
        assert!(!Threshold::Any.is_exceeded(&array(1), &array(1)));
    }
}
