//! ICBAPersist and ICBAPersist2: keeping connections over a restart (protocol notes, section 5.3).

use super::codec::VariantPtr;
use crate::wire::Variant;

methods! {
    Persist {
        /// Saves the persistent connections of every logical device.
        7 Save "Save" (()) -> ();
    }
    Persist2 {
        /// As Save, with a result for each logical device.
        8 Save2 "Save2" (()) -> Save2Response;
    }
}

arguments! {
    /// `[out]` of Save2: two arrays of equal length.
    Save2Response {
        /// Names of the logical devices, array of BSTR.
        ldev_names: Option<Variant> => VariantPtr,
        /// Their results, array of ERROR.
        results: Option<Variant> => VariantPtr,
    }
}
