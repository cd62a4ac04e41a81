//! ICBARTAuto and ICBARTAuto2: one technological function (protocol notes, section 5.8). Its
//! properties may also be reached through [`super::dispatch`].

use super::shared::{ComponentInfo, Revision, Text};

methods! {
    RtAuto {
        /// Name.
        7 GetName "get_Name" (()) -> Text;
        /// Revision.
        8 GetRevision "Revision" (()) -> Revision;
    }
    RtAuto2 {
        /// Component the function was made from.
        9 GetComponentInfo "ComponentInfo" (()) -> ComponentInfo;
    }
}
