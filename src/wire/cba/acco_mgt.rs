//! ICBAAccoMgt and ICBAAccoMgt2: the connection database of the consumer's ACCO, called by the
//! engineering tool (protocol notes, section 5.10).

use super::codec::{Counted, CountedBytes, CountedReturned, Lpwstr, Returned, ReturnedBytes, U8, U16, U32, VariantPtr};
use super::codes::HResult;
use super::enums::{Activation, DiagnosisRequest, Persistence};
use super::qos::QosType;
use super::shared::Cookie;
use crate::wire::Variant;

methods! {
    AccoMgt {
        /// Adds connections to one provider with one QoS.
        3 AddConnections "AddConnections" (AddConnectionsRequest) -> AddConnectionsResponse;
        /// Removes connections.
        4 RemoveConnections "RemoveConnections" (ConsIds) -> Results;
        /// Removes all connections.
        5 ClearConnections "ClearConnections" (()) -> ();
        /// Activates or deactivates connections.
        6 SetActivationState "SetActivationState" (SetActivationStateRequest) -> Results;
        /// How many connections there can be and are.
        7 GetInfo "GetInfo" (()) -> Info;
        /// Ids, states and versions of all connections.
        8 GetIds "GetIDs" (()) -> GetIdsResponse;
        /// Connections by id.
        9 GetConnections "GetConnections" (ConsIds) -> GetConnectionsResponse;
        /// The QoS value that would be used for a wanted one.
        10 ReviseQos "ReviseQoS" (ReviseQosRequest) -> QosValue;
        /// Reads the ping factor.
        11 GetPingFactor "get_PingFactor" (()) -> PingFactor;
        /// Sets the ping factor.
        12 PutPingFactor "put_PingFactor" (PingFactor) -> ();
        /// Stamp that changes whenever the database does.
        13 GetCdbCookie "get_CDBCookie" (()) -> Cookie;
    }
    AccoMgt2 {
        /// Ids of all connections this ACCO consumes.
        14 GetConsIds "GetConsIDs" (()) -> GetConsIdsResponse;
        /// Consumed connections by id.
        15 GetConsConnections "GetConsConnections" (ConsIds) -> GetConsConnectionsResponse;
        /// How consumed connections fare.
        16 DiagConsConnections "DiagConsConnections" (ConsIds) -> DiagConsConnectionsResponse;
        /// Ids of all connections this ACCO provides.
        17 GetProvIds "GetProvIDs" (()) -> GetProvIdsResponse;
        /// Provided connections by id.
        18 GetProvConnections "GetProvConnections" (ProvIds) -> GetProvConnectionsResponse;
        /// Diagnosis of the connection manager.
        19 GetDiagnosis "GetDiagnosis" (GetDiagnosisRequest) -> GetDiagnosisResponse;
    }
}

arguments! {
    /// `[in]` of AddConnections.
    AddConnectionsRequest {
        /// Provider ACCO, `<PDev>!<LDev>`.
        provider: String => Lpwstr,
        /// How values travel.
        qos_type: QosType => U16,
        /// Interval, milliseconds.
        qos_value: u16 => U16,
        /// Whether to connect at once.
        state: Activation => U8,
        /// The connections.
        connections: Vec<AddConnectionIn> => Counted<AddConnectionIn>,
    }

    /// `[out]` of AddConnections, in the order given.
    AddConnectionsResponse {
        /// Id, version and result of each connection.
        connections: Vec<AddConnectionOut> => Returned<AddConnectionOut>,
    }

    /// Ids given by AddConnections.
    ConsIds {
        /// The ids.
        cons_ids: Vec<u32> => Counted<U32>,
    }

    /// Ids given by the provider.
    ProvIds {
        /// The ids.
        prov_ids: Vec<u32> => Counted<U32>,
    }

    /// A result for each id, in the order given.
    Results {
        /// The results.
        results: Vec<HResult> => Returned<U32>,
    }

    /// `[in]` of SetActivationState.
    SetActivationStateRequest {
        /// New state.
        state: Activation => U8,
        /// The connections.
        cons_ids: Vec<u32> => Counted<U32>,
    }

    /// `[out]` of GetInfo.
    Info {
        /// Most connections possible.
        max: u32 => U32,
        /// Connections at present.
        current: u32 => U32,
    }

    /// `[out]` of GetIDs.
    GetIdsResponse {
        /// All connections.
        ids: Vec<GetIdOut> => CountedReturned<GetIdOut>,
    }

    /// `[out]` of GetConnections.
    GetConnectionsResponse {
        /// The connections, in the order asked for.
        connections: Vec<GetConnectionOut> => Returned<GetConnectionOut>,
    }

    /// `[in]` of ReviseQoS.
    ReviseQosRequest {
        /// Function in the logical device of this ACCO.
        rtauto: String => Lpwstr,
        /// How values travel.
        qos_type: QosType => U16,
        /// Interval wanted, milliseconds.
        qos_value: u16 => U16,
    }

    /// `[out]` of ReviseQoS.
    QosValue {
        /// Interval that would be used, milliseconds.
        value: u16 => U16,
    }

    /// Ping factor.
    PingFactor {
        /// The factor; period in seconds by convention, 0 = off.
        factor: u16 => U16,
    }

    /// `[out]` of GetConsIDs.
    GetConsIdsResponse {
        /// All ids.
        cons_ids: Vec<u32> => CountedReturned<U32>,
    }

    /// `[out]` of GetConsConnections.
    GetConsConnectionsResponse {
        /// The connections, in the order asked for.
        connections: Vec<GetConsConnectionOut> => Returned<GetConsConnectionOut>,
    }

    /// `[out]` of DiagConsConnections.
    DiagConsConnectionsResponse {
        /// The connections, in the order asked for.
        connections: Vec<DiagConsConnectionOut> => Returned<DiagConsConnectionOut>,
    }

    /// `[out]` of GetProvIDs.
    GetProvIdsResponse {
        /// All ids.
        prov_ids: Vec<u32> => CountedReturned<U32>,
    }

    /// `[out]` of GetProvConnections.
    GetProvConnectionsResponse {
        /// The connections, in the order asked for.
        connections: Vec<GetProvConnectionOut> => Returned<GetProvConnectionOut>,
    }

    /// `[in]` of GetDiagnosis.
    GetDiagnosisRequest {
        /// What is asked for.
        request: DiagnosisRequest => U32,
        /// Further arguments.
        data: Vec<u8> => CountedBytes,
    }

    /// `[out]` of GetDiagnosis; the layout is a convention of this project.
    GetDiagnosisResponse {
        /// The answer.
        data: Vec<u8> => ReturnedBytes,
    }
}

structures! {
    /// ADDCONNECTIONIN.
    AddConnectionIn align 4 {
        /// Item at the provider, `RTAuto.Property`; empty for constants.
        provider_item: String => Lpwstr,
        /// Item at this consumer.
        consumer_item: String => Lpwstr,
        /// Whether the connection survives a restart.
        persistence: Persistence => U16,
        /// Value in force while the provider is away.
        substitute: Option<Variant> => VariantPtr,
        /// Change below which no value is sent.
        epsilon: Option<Variant> => VariantPtr,
    }

    /// ADDCONNECTIONOUT.
    AddConnectionOut align 4 {
        /// Id of the connection; 0 if it was refused.
        cons_id: u32 => U32,
        /// Version of the connection.
        version: u16 => U16,
        /// Result of this connection.
        hr: HResult => U32,
    }

    /// GETIDOUT.
    GetIdOut align 4 {
        /// Id of the connection.
        cons_id: u32 => U32,
        /// Whether it is active.
        state: Activation => U8,
        /// Version of the connection.
        version: u16 => U16,
        /// Result of this connection.
        hr: HResult => U32,
    }

    /// GETCONNECTIONOUT.
    GetConnectionOut align 4 {
        /// Provider ACCO.
        provider: String => Lpwstr,
        /// Item at the provider.
        provider_item: String => Lpwstr,
        /// Item at this consumer.
        consumer_item: String => Lpwstr,
        /// Value in force while the provider is away.
        substitute: Option<Variant> => VariantPtr,
        /// Change below which no value is sent.
        epsilon: Option<Variant> => VariantPtr,
        /// How values travel.
        qos_type: QosType => U16,
        /// Interval, milliseconds.
        qos_value: u16 => U16,
        /// Whether it is active.
        state: Activation => U8,
        /// Whether the connection survives a restart.
        persistence: Persistence => U16,
        /// Version of the connection.
        version: u16 => U16,
        /// Result of this connection.
        hr: HResult => U32,
    }

    /// GETCONSCONNOUT.
    GetConsConnectionOut align 4 {
        /// Provider ACCO.
        provider: String => Lpwstr,
        /// Item at the provider.
        provider_item: String => Lpwstr,
        /// Item at this consumer.
        consumer_item: String => Lpwstr,
        /// Value in force while the provider is away.
        substitute: Option<Variant> => VariantPtr,
        /// Change below which no value is sent.
        epsilon: Option<Variant> => VariantPtr,
        /// How values travel.
        qos_type: QosType => U16,
        /// Interval, milliseconds.
        qos_value: u16 => U16,
        /// Whether it is active.
        state: Activation => U8,
        /// Whether the connection survives a restart.
        persistence: Persistence => U16,
        /// Result of this connection.
        hr: HResult => U32,
    }

    /// DIAGCONSCONNOUT.
    DiagConsConnectionOut align 4 {
        /// Whether it is active.
        state: Activation => U8,
        /// Whether the connection survives a restart.
        persistence: Persistence => U16,
        /// Version of the connection.
        version: u16 => U16,
        /// How the connection fares.
        error_state: HResult => U32,
        /// Result of this element.
        hr: HResult => U32,
    }

    /// GETPROVCONNOUT.
    GetProvConnectionOut align 4 {
        /// Consumer ACCO, `<PDev>!<LDev>`.
        consumer: String => Lpwstr,
        /// Item at this provider.
        provider_item: String => Lpwstr,
        /// Id of the connection at the consumer.
        cons_id: u32 => U32,
        /// Change below which no value is sent.
        epsilon: Option<Variant> => VariantPtr,
        /// How values travel.
        qos_type: QosType => U16,
        /// Interval, milliseconds.
        qos_value: u16 => U16,
        /// Whether it is active.
        state: Activation => U8,
        /// Result of this element.
        hr: HResult => U32,
    }
}
