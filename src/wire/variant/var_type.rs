//! VARTYPE: the type codes of OLE Automation that CBA uses.

use std::fmt;

/// A VARTYPE code; unknown codes are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct VarType(pub u16);

impl VarType {
    /// No value.
    pub const EMPTY: Self = Self(0);
    /// SQL-like null.
    pub const NULL: Self = Self(1);
    /// Signed 16-bit integer.
    pub const I2: Self = Self(2);
    /// Signed 32-bit integer.
    pub const I4: Self = Self(3);
    /// Single-precision number.
    pub const R4: Self = Self(4);
    /// Double-precision number.
    pub const R8: Self = Self(5);
    /// Currency: 64-bit integer in units of 1/10000.
    pub const CY: Self = Self(6);
    /// OLE date: days since 1899-12-30 as a double.
    pub const DATE: Self = Self(7);
    /// UTF-16 string.
    pub const BSTR: Self = Self(8);
    /// HRESULT.
    pub const ERROR: Self = Self(10);
    /// VARIANT_BOOL.
    pub const BOOL: Self = Self(11);
    /// VARIANT, as array element only.
    pub const VARIANT: Self = Self(12);
    /// Signed 8-bit integer.
    pub const I1: Self = Self(16);
    /// Unsigned 8-bit integer.
    pub const UI1: Self = Self(17);
    /// Unsigned 16-bit integer.
    pub const UI2: Self = Self(18);
    /// Unsigned 32-bit integer.
    pub const UI4: Self = Self(19);
    /// Signed 64-bit integer.
    pub const I8: Self = Self(20);
    /// Unsigned 64-bit integer.
    pub const UI8: Self = Self(21);
    /// Structure, in type descriptions.
    pub const USERDEFINED: Self = Self(29);
    /// Flag: array of the type in the low bits.
    pub const ARRAY: u16 = 0x2000;
    /// Flag: reference to the type in the low bits.
    pub const BYREF: u16 = 0x4000;

    /// Whether the array flag is set.
    pub const fn is_array(self) -> bool {
        self.0 & Self::ARRAY != 0
    }

    /// The type without the array flag.
    #[must_use]
    pub const fn element(self) -> Self {
        Self(self.0 & !Self::ARRAY)
    }

    /// The type with the array flag.
    #[must_use]
    pub const fn array(self) -> Self {
        Self(self.0 | Self::ARRAY)
    }

    /// Bytes of a value in a stub or data buffer; `None` for BSTR, VARIANT, structures, arrays and unknown
    /// codes, 0 for EMPTY and NULL.
    pub const fn size(self) -> Option<usize> {
        Some(match self {
            Self::EMPTY | Self::NULL => 0,
            Self::I1 | Self::UI1 => 1,
            Self::I2 | Self::UI2 | Self::BOOL => 2,
            Self::I4 | Self::UI4 | Self::R4 | Self::ERROR => 4,
            Self::R8 | Self::DATE | Self::CY | Self::I8 | Self::UI8 => 8,
            _ => return None,
        })
    }

    /// Whether values have a distance that an epsilon can be compared with.
    pub const fn is_numeric(self) -> bool {
        matches!(
            self,
            Self::I1
                | Self::UI1
                | Self::I2
                | Self::UI2
                | Self::I4
                | Self::UI4
                | Self::I8
                | Self::UI8
                | Self::R4
                | Self::R8
                | Self::DATE
                | Self::CY
        )
    }

    const fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::EMPTY => "EMPTY",
            Self::NULL => "NULL",
            Self::I2 => "I2",
            Self::I4 => "I4",
            Self::R4 => "R4",
            Self::R8 => "R8",
            Self::CY => "CY",
            Self::DATE => "DATE",
            Self::BSTR => "BSTR",
            Self::ERROR => "ERROR",
            Self::BOOL => "BOOL",
            Self::VARIANT => "VARIANT",
            Self::I1 => "I1",
            Self::UI1 => "UI1",
            Self::UI2 => "UI2",
            Self::UI4 => "UI4",
            Self::I8 => "I8",
            Self::UI8 => "UI8",
            Self::USERDEFINED => "USERDEFINED",
            _ => return None,
        })
    }
}

impl From<u16> for VarType {
    fn from(value: u16) -> Self {
        Self(value)
    }
}

impl From<VarType> for u16 {
    fn from(value: VarType) -> u16 {
        value.0
    }
}

impl fmt::Display for VarType {
    /// `VT_I2`, `VT_ARRAY|VT_R4`, `VT_0x0063`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_array() {
            f.write_str("VT_ARRAY|")?;
        }
        let element = self.element();
        match element.name() {
            Some(name) => write!(f, "VT_{name}"),
            None => write!(f, "VT_{:#06x}", element.0),
        }
    }
}
