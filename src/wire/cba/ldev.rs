//! ICBALogicalDevice and ICBALogicalDevice2: one automation unit (protocol notes, section 5.4).

use super::codec::SafeArrayPtr;
use super::shared::{ComponentInfo, Date, Object, ProfinetRevision, Revision, SerialNo, Text};
use crate::wire::variant::SafeArray;

methods! {
    LogicalDevice {
        /// Name.
        7 GetName "get_Name" (()) -> Text;
        /// Name of the vendor.
        8 GetProducer "get_Producer" (()) -> Text;
        /// Name of the product.
        9 GetProduct "get_Product" (()) -> Text;
        /// Serial number.
        10 GetSerialNo "get_SerialNo" (()) -> SerialNo;
        /// Date of production.
        11 GetProductionDate "get_ProductionDate" (()) -> Date;
        /// Revision.
        12 GetRevision "Revision" (()) -> Revision;
        /// The connection manager.
        13 GetAcco "get_ACCO" (()) -> Object;
        /// Function by name.
        14 GetRtAuto "get_RTAuto" (Text) -> Object;
    }
    LogicalDevice2 {
        /// Revision of the PROFINET stack.
        15 GetProfinetRevision "PROFInetRevision" (()) -> ProfinetRevision;
        /// Component the device was made from.
        16 GetComponentInfo "ComponentInfo" (()) -> ComponentInfo;
        /// PROFIBUS addresses behind the device.
        17 GetPbAddressInfo "PBAddressInfo" (()) -> PbAddressInfo;
    }
}

arguments! {
    /// `[out]` of PBAddressInfo.
    PbAddressInfo {
        /// Bytes in pairs: id of the PROFIBUS system, station address.
        pairs: Option<SafeArray> => SafeArrayPtr,
    }
}
