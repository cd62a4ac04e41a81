//! The items of a logical device, as its ACCO sees them.

use std::sync::Arc;

use crate::wire::Variant;
use crate::wire::cba::{HResult, Quality, TypeDesc};

/// Names an item for the owner; the ACCO only hands it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ItemKey(pub u32);

/// What is known of an item.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemInfo {
    /// For [`ItemSpace::sample`] and deliveries.
    pub key: ItemKey,
    /// Type.
    pub desc: Arc<TypeDesc>,
    /// Whether consumers may connect to it (an output).
    pub readable: bool,
    /// Whether a provider may feed it (an input).
    pub writable: bool,
}

/// Value and quality of an item.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample<'a> {
    /// Present value; must have the item's type.
    pub value: &'a Variant,
    /// Its quality; out of service while the logical device does not operate.
    pub quality: Quality,
}

/// The items of a logical device. Names are `RTAuto.Property`, with `.member` for members of structures.
pub trait ItemSpace {
    /// Whether the logical device has a function of this name.
    fn has_rtauto(&self, name: &str) -> bool;

    /// Looks an item up.
    ///
    /// # Errors
    /// `CBA_E_UNKNOWNOBJECT` for an unknown function, `CBA_E_UNKNOWNMEMBER` for an unknown property.
    fn find(&self, item: &str) -> Result<ItemInfo, HResult>;

    /// Present value of an item found before.
    fn sample(&self, item: ItemKey) -> Sample<'_>;
}

/// Bytes a value of this type is counted with against the limits of a device.
pub(super) fn counted_bytes(desc: &TypeDesc) -> usize {
    match desc {
        TypeDesc::Scalar(vt) => vt.size().unwrap_or(super::convention::ESTIMATED_TEXT_BYTES),
        TypeDesc::Array { element, dims } => {
            let one = element.size().unwrap_or(super::convention::ESTIMATED_TEXT_BYTES);
            dims.iter().fold(one, |bytes, dim| bytes.saturating_mul(usize::from(*dim)))
        }
        TypeDesc::Structure(members) => {
            members.iter().fold(0, |bytes, member| bytes.saturating_add(counted_bytes(member)))
        }
    }
}
