//! ICBAAccoServer and ICBAAccoServer2: the provider's ACCO, called by the consumer's (protocol notes,
//! section 5.11).

use super::acco_mgt::{ProvIds, Results};
use super::codec::{Counted, Flag8, Lpwstr, ObjRef, Returned, ReturnedBytes, TypeDescWords, U8, U16, U32, VariantPtr};
use super::codes::HResult;
use super::enums::Activation;
use super::qos::QosType;
use super::shared::Partner;
use crate::wire::Variant;
use crate::wire::variant::VarType;

methods! {
    AccoServer {
        /// Connects items, typed by VARTYPE.
        3 Connect "Connect" (ConnectRequest) -> ConnectResponse;
        /// Ends connections.
        4 Disconnect "Disconnect" (ProvIds) -> Results;
        /// Ends all acyclic connections of one consumer.
        5 DisconnectMe "DisconnectMe" (Partner) -> ();
        /// Activates or deactivates connections.
        6 SetActivation "SetActivation" (SetActivationRequest) -> Results;
        /// Asks whether the provider still knows the consumer.
        7 Ping "Ping" (Partner) -> ();
    }
    AccoServer2 {
        /// Connects items, typed by an extended type description.
        8 Connect2 "Connect2" (Connect2Request) -> ConnectResponse;
        /// Fetches the values of one consumer, for consumers without a callback.
        9 GetConnectionData "GetConnectionData" (Partner) -> GetConnectionDataResponse;
    }
}

arguments! {
    /// `[in]` of Connect.
    ConnectRequest {
        /// Consumer ACCO, `<PDev>!<LDev>`; the key under which the provider keeps the connections.
        consumer: String => Lpwstr,
        /// How values travel.
        qos_type: QosType => U16,
        /// Interval, milliseconds.
        qos_value: u16 => U16,
        /// Whether to send at once.
        state: Activation => U8,
        /// ICBAAccoCallback of the consumer, OBJREF bytes.
        callback: Option<Vec<u8>> => ObjRef,
        /// Items to connect.
        connections: Vec<ConnectIn> => Counted<ConnectIn>,
    }

    /// `[in]` of Connect2.
    Connect2Request {
        /// Consumer ACCO, `<PDev>!<LDev>`; the key under which the provider keeps the connections.
        consumer: String => Lpwstr,
        /// How values travel.
        qos_type: QosType => U16,
        /// Interval, milliseconds.
        qos_value: u16 => U16,
        /// Whether to send at once.
        state: Activation => U8,
        /// ICBAAccoCallback of the consumer, OBJREF bytes; `None` if data are fetched.
        callback: Option<Vec<u8>> => ObjRef,
        /// Items to connect.
        connections: Vec<Connect2In> => Counted<Connect2In>,
    }

    /// `[out]` of Connect and Connect2.
    ConnectResponse {
        /// The provider knew nothing of this consumer before.
        first_connect: bool => Flag8,
        /// Id and result of each item, in the order given.
        connections: Vec<ConnectOut> => Returned<ConnectOut>,
    }

    /// `[in]` of SetActivation.
    SetActivationRequest {
        /// New state.
        state: Activation => U8,
        /// The connections.
        prov_ids: Vec<u32> => Counted<U32>,
    }

    /// `[out]` of GetConnectionData.
    GetConnectionDataResponse {
        /// A data buffer, see [`super::data_buffer`].
        data: Vec<u8> => ReturnedBytes,
    }
}

structures! {
    /// CONNECTIN.
    ConnectIn align 4 {
        /// Item at the provider, `RTAuto.Property`.
        provider_item: String => Lpwstr,
        /// Type the consumer expects.
        data_type: VarType => U16,
        /// Change below which no value is sent.
        epsilon: Option<Variant> => VariantPtr,
        /// Id of the connection at the consumer.
        cons_id: u32 => U32,
    }

    /// CONNECTIN2.
    Connect2In align 4 {
        /// Item at the provider, `RTAuto.Property`.
        provider_item: String => Lpwstr,
        /// Type the consumer expects, see [`TypeDesc`](super::TypeDesc).
        type_desc: Vec<u16> => TypeDescWords,
        /// Change below which no value is sent.
        epsilon: Option<Variant> => VariantPtr,
        /// Id of the connection at the consumer.
        cons_id: u32 => U32,
    }

    /// CONNECTOUT.
    ConnectOut align 4 {
        /// Id of the connection at the provider; 0 if it was refused.
        prov_id: u32 => U32,
        /// Result of this item.
        hr: HResult => U32,
    }
}
