//! Quality code (QC): one byte beside every value, saying how far it can be trusted.

use std::fmt;

/// A quality code. Bits 7 and 6 give the class, the rest the reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Quality(pub u8);

/// Class of a quality code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum QualityClass {
    /// The value is not usable.
    Bad,
    /// The value is usable with doubt.
    Uncertain,
    /// The value is sound.
    Good,
}

impl Quality {
    /// Bad: the provider is out of service, or the connection passive.
    pub const BAD_OUT_OF_SERVICE: Self = Self(0x1c);
    /// Uncertain: the last value received before a disturbance.
    pub const UNCERTAIN_LAST_USABLE: Self = Self(0x44);
    /// Uncertain: the substitute value is in force.
    pub const UNCERTAIN_SUBSTITUTE: Self = Self(0x48);
    /// Uncertain: the sensor is not accurate.
    pub const UNCERTAIN_SENSOR: Self = Self(0x50);
    /// Good.
    pub const GOOD: Self = Self(0x80);

    /// Class from bits 7 and 6.
    pub const fn class(self) -> QualityClass {
        match self.0 >> 6 {
            0 => QualityClass::Bad,
            1 => QualityClass::Uncertain,
            _ => QualityClass::Good,
        }
    }

    /// All codes that have a name.
    pub const NAMED: [(Self, &'static str); 5] = [
        (Self::BAD_OUT_OF_SERVICE, "BadOutOfService"),
        (Self::UNCERTAIN_LAST_USABLE, "UncertainLastUsableValue"),
        (Self::UNCERTAIN_SUBSTITUTE, "UncertainSubstituteSet"),
        (Self::UNCERTAIN_SENSOR, "UncertainSensorNotAccurate"),
        (Self::GOOD, "GoodNonCascOk"),
    ];

    fn name(self) -> Option<&'static str> {
        Self::NAMED.iter().find(|(code, _)| *code == self).map(|(_, name)| *name)
    }

    /// The code with this name, in any case, or with this number (`128`, `0x80`).
    pub fn parse(text: &str) -> Option<Self> {
        let named = Self::NAMED.iter().find(|(_, name)| name.eq_ignore_ascii_case(text)).map(|(code, _)| *code);
        named.or_else(|| {
            let number = match text.strip_prefix("0x") {
                Some(hex) => u8::from_str_radix(hex, 16),
                None => text.parse(),
            };
            // Rust would also read a sign.
            number.ok().filter(|_| !text.contains('+')).map(Self)
        })
    }
}

impl Default for Quality {
    /// [`Quality::BAD_OUT_OF_SERVICE`]: nothing is known yet.
    fn default() -> Self {
        Self::BAD_OUT_OF_SERVICE
    }
}

impl From<u16> for Quality {
    /// ReadItems and WriteItemsQCD carry the code in 16 bits of which the upper ones are 0.
    fn from(value: u16) -> Self {
        let [low, _] = value.to_le_bytes();
        Self(low)
    }
}

impl From<Quality> for u16 {
    fn from(quality: Quality) -> u16 {
        quality.0.into()
    }
}

impl fmt::Display for QualityClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bad => "bad",
            Self::Uncertain => "uncertain",
            Self::Good => "good",
        })
    }
}

impl fmt::Display for Quality {
    /// `GoodNonCascOk`, `good (0xc0)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "{} ({:#04x})", self.class(), self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_and_names() {
        let text = |code| Quality(code).to_string();
        assert_eq!(text(0x80), "GoodNonCascOk");
        assert_eq!(text(0x48), "UncertainSubstituteSet");
        assert_eq!(text(0xc0), "good (0xc0)");
        assert_eq!(text(0x04), "bad (0x04)");
        assert_eq!(Quality::UNCERTAIN_LAST_USABLE.class(), QualityClass::Uncertain);
        assert_eq!(Quality::from(0x0180_u16), Quality::GOOD);
        for (code, name) in Quality::NAMED {
            assert_eq!(Quality::parse(name), Some(code));
        }
        assert_eq!(Quality::parse("0xC0"), Some(Quality(0xc0)));
        assert_eq!(Quality::parse("72"), Some(Quality::UNCERTAIN_SUBSTITUTE));
        assert_eq!(Quality::parse("goodnoncascok"), Some(Quality::GOOD));
        assert_eq!((Quality::parse("good"), Quality::parse("256"), Quality::parse("0x+1")), (None, None, None));
    }
}
