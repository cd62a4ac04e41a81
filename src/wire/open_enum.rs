//! Enumerations of foreign protocols: what has a name, and every other number as it came.

/// Declares an enumeration that keeps unknown values.
macro_rules! open_enum {
    ($($(#[$meta:meta])* $name:ident: $int:ident { $($(#[$variant_meta:meta])* $variant:ident = $value:literal $text:literal,)* })*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$variant_meta])* $variant,)*
            /// A value this program has no name for.
            Other($int),
        }

        impl $name {
            /// Every value that has a name.
            pub const NAMED: &'static [Self] = &[$(Self::$variant,)*];

            /// The value on the wire.
            pub const fn raw(self) -> $int {
                match self {
                    $(Self::$variant => $value,)*
                    Self::Other(value) => value,
                }
            }

            /// Whether the value is one of the named ones.
            pub const fn is_named(self) -> bool {
                !matches!(self, Self::Other(_))
            }
        }

        impl From<$int> for $name {
            fn from(value: $int) -> Self {
                match value {
                    $($value => Self::$variant,)*
                    value => Self::Other(value),
                }
            }
        }

        impl From<$name> for $int {
            fn from(value: $name) -> $int {
                value.raw()
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::from(0)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self {
                    $(Self::$variant => f.write_str($text),)*
                    Self::Other(value) => write!(f, "unknown ({value:#x})"),
                }
            }
        }
    )*};
}
