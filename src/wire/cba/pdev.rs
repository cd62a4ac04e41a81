//! ICBAPhysicalDevice and ICBAPhysicalDevice2: the network node itself (protocol notes, section 5.1).

use super::codec::{U32, VariantBool};
use super::shared::{Date, Object, ProfinetRevision, Revision, SerialNo, Text};

methods! {
    PhysicalDevice {
        /// Name of the vendor.
        7 GetProducer "get_Producer" (()) -> Text;
        /// Name of the product.
        8 GetProduct "get_Product" (()) -> Text;
        /// Serial number.
        9 GetSerialNo "get_SerialNo" (()) -> SerialNo;
        /// Date of production.
        10 GetProductionDate "get_ProductionDate" (()) -> Date;
        /// Revision of the device.
        11 GetRevision "Revision" (()) -> Revision;
        /// Logical device by name.
        12 GetLogicalDevice "get_LogicalDevice" (Text) -> Object;
    }
    PhysicalDevice2 {
        /// Kind of device and of DCOM stack.
        13 GetType "Type" (()) -> DeviceType;
        /// Revision of the PROFINET stack.
        14 GetProfinetRevision "PROFInetRevision" (()) -> ProfinetRevision;
        /// Stamp that changes whenever the stored configuration does.
        15 GetPDevStamp "PDevStamp" (()) -> PDevStamp;
    }
}

arguments! {
    /// `[out]` of Type.
    DeviceType {
        /// Several applications share the device.
        multi_app: bool => VariantBool,
        /// The DCOM stack is the device's own and not Microsoft's.
        profinet_dcom_stack: bool => VariantBool,
    }

    /// `[out]` of PDevStamp.
    PDevStamp {
        /// Changes with every change of the stored configuration.
        stamp: u32 => U32,
    }
}
