//! ICBAAccoServerSRT: the provider's ACCO for cyclic connections, called by the consumer's (protocol
//! notes, section 5.12).

use super::acco_mgt::{ProvIds, Results};
use super::acco_server::{ConnectOut, SetActivationRequest};
use super::codec::{Counted, Flag8, Lpwstr, Mac, ObjRef, Returned, TypeDescWords, U8, U16, U32};
use super::codes::HResult;
use super::enums::Activation;
use super::qos::QosType;
use super::shared::Partner;

/// Flag of ConnectCR: values are time-stamped. Not used.
pub const FLAG_TIMESTAMPED: u32 = 1;
/// Flag of ConnectCR: an existing communication relation is set up anew.
pub const FLAG_RECONFIGURE: u32 = 2;

methods! {
    AccoServerSrt {
        /// Sets up communication relations, one real-time frame each.
        3 ConnectCr "ConnectCR" (ConnectCrRequest) -> ConnectCrResponse;
        /// Ends communication relations.
        4 DisconnectCr "DisconnectCR" (ProvCrIds) -> Results;
        /// Places items as records in a communication relation.
        5 Connect "Connect" (ConnectRequest) -> ConnectResponse;
        /// Ends connections; their bytes in the frame become a hole.
        6 Disconnect "Disconnect" (ProvIds) -> Results;
        /// Ends all cyclic connections of one consumer.
        7 DisconnectMe "DisconnectMe" (Partner) -> ();
        /// Activates or deactivates connections.
        8 SetActivation "SetActivation" (SetActivationRequest) -> Results;
    }
}

arguments! {
    /// `[in]` of ConnectCR.
    ConnectCrRequest {
        /// Consumer ACCO, `<PDev>!<LDev>`.
        consumer: String => Lpwstr,
        /// Cyclic.
        qos_type: QosType => U16,
        /// Transmission interval, milliseconds.
        qos_value: u16 => U16,
        /// ICBAAccoCallback of the consumer, OBJREF bytes.
        callback: Option<Vec<u8>> => ObjRef,
        /// Where frames go to.
        consumer_mac: [u8; 6] => Mac,
        /// [`FLAG_TIMESTAMPED`], [`FLAG_RECONFIGURE`].
        flags: u32 => U32,
        /// The communication relations.
        crs: Vec<ConnectCrIn> => Counted<ConnectCrIn>,
    }

    /// `[out]` of ConnectCR.
    ConnectCrResponse {
        /// The provider knew nothing of this consumer before.
        first_connect: bool => Flag8,
        /// Where frames come from.
        provider_mac: [u8; 6] => Mac,
        /// Id and result of each communication relation, in the order given.
        crs: Vec<ConnectCrOut> => Returned<ConnectCrOut>,
    }

    /// Ids of communication relations, given by the provider.
    ProvCrIds {
        /// The ids.
        prov_cr_ids: Vec<u32> => Counted<U32>,
    }

    /// `[in]` of Connect.
    ConnectRequest {
        /// The communication relation.
        prov_cr_id: u32 => U32,
        /// Whether the records carry values at once.
        state: Activation => U8,
        /// The communication relation is complete with this call.
        last_connect: bool => Flag8,
        /// Records, in the order of the frame.
        connections: Vec<ConnectIn> => Counted<ConnectIn>,
    }

    /// `[out]` of Connect.
    ConnectResponse {
        /// Id and result of each record, in the order given.
        connections: Vec<ConnectOut> => Returned<ConnectOut>,
    }
}

structures! {
    /// CONNECTINCR.
    ConnectCrIn align 2 {
        /// Id at the consumer, which is the FrameID of the real-time frame.
        consumer_cr_id: u16 => U16,
        /// Length of the data buffer in the frame, bytes.
        length: u16 => U16,
    }

    /// CONNECTOUTCR.
    ConnectCrOut align 4 {
        /// Id at the provider; 0 if it was refused.
        prov_cr_id: u32 => U32,
        /// Result of this communication relation.
        hr: HResult => U32,
    }

    /// CONNECTINSRT.
    ConnectIn align 4 {
        /// Item at the provider, `RTAuto.Property`.
        provider_item: String => Lpwstr,
        /// Type the consumer expects, see [`TypeDesc`](super::TypeDesc).
        type_desc: Vec<u16> => TypeDescWords,
        /// Id of the connection at the consumer.
        cons_id: u32 => U32,
        /// Length of the record, bytes: 3 and the data.
        record_length: u16 => U16,
    }
}
