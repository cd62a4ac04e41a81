//! Argument structures that several interfaces have in common.

use super::codec::{Bstr, F64, Lpwstr, ObjRef, U16, U32, VariantPtr};
use crate::wire::Variant;

arguments! {
    /// One BSTR: a name, a producer, a product.
    Text {
        /// The text.
        value: String => Bstr,
    }

    /// Serial number: a BSTR by convention; any type is accepted.
    SerialNo {
        /// The serial number.
        value: Option<Variant> => VariantPtr,
    }

    /// A date.
    Date {
        /// Days since 1899-12-30.
        date: f64 => F64,
    }

    /// Revision of a device or function.
    Revision {
        /// Major number.
        major: u16 => U16,
        /// Minor number.
        minor: u16 => U16,
    }

    /// Revision of the PROFINET stack.
    ProfinetRevision {
        /// Major number.
        major: u16 => U16,
        /// Minor number.
        minor: u16 => U16,
        /// Service pack.
        service_pack: u16 => U16,
        /// Build.
        build: u16 => U16,
    }

    /// Component a logical device or function was made from.
    ComponentInfo {
        /// Component id, from the component description.
        id: String => Bstr,
        /// Component version.
        version: String => Bstr,
    }

    /// An object handed out, or a callback handed in.
    Object {
        /// OBJREF bytes; `None` when the call failed.
        objref: Option<Vec<u8>> => ObjRef,
    }

    /// Cookie of a subscription, or a stamp.
    Cookie {
        /// The number.
        cookie: u32 => U32,
    }

    /// A number of items.
    Count {
        /// The number.
        count: u32 => U32,
    }

    /// A partner, as `<PDev>!<LDev>`.
    Partner {
        /// The consumer's name.
        consumer: String => Lpwstr,
    }
}
