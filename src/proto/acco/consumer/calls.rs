//! What the consumer asks of its owner, and what it is told about the outcome.

use std::sync::Arc;

use crate::proto::acco::ItemKey;
use crate::wire::Variant;
use crate::wire::cba::acco_mgt::Results;
use crate::wire::cba::acco_server::{Connect2In, Connect2Request, ConnectIn, ConnectRequest, ConnectResponse};
use crate::wire::cba::{Activation, HResult, Qos, Quality, Reply, TypeDesc};

/// Names a call to a partner, so that its outcome finds its way back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId(pub u64);

/// What the owner is to do for the consumer.
#[derive(Debug, Clone, PartialEq)]
pub enum ConsumerAction {
    /// Make a call at a partner and report the outcome with [`Consumer::done`](super::Consumer::done).
    Call(PartnerCall),
    /// Put a value into an item.
    Deliver {
        /// The item.
        item: ItemKey,
        /// New value, of the item's type; `None` keeps the value it has.
        value: Option<Variant>,
        /// Quality of the value.
        quality: Quality,
    },
    /// The item is no longer fed by a connection.
    Release {
        /// The item.
        item: ItemKey,
    },
    /// Nothing is left at this partner; what the owner holds of it may be released.
    PartnerGone {
        /// Provider ACCO.
        provider: Arc<str>,
    },
}

/// A call at a partner. There is never a second one at the same partner before the outcome of the first.
#[derive(Debug, Clone, PartialEq)]
pub struct PartnerCall {
    /// For [`Consumer::done`](super::Consumer::done).
    pub request: RequestId,
    /// Provider ACCO, `<PDev>!<LDev>`.
    pub provider: Arc<str>,
    /// The provider is a logical device of this same device: no network, hand the request over.
    pub local: bool,
    /// What to call.
    pub call: ProviderCall,
}

/// A method of ICBAAccoServer(2) with what it takes.
#[derive(Debug, Clone, PartialEq)]
pub enum ProviderCall {
    /// Connect2 if the provider has ICBAAccoServer2, otherwise Connect; see [`connect2_request`](Self::connect2_request).
    Connect {
        /// How values are to travel; always an acyclic type.
        qos: Qos,
        /// Items, all active.
        items: Vec<ConnectItem>,
    },
    /// Disconnect.
    Disconnect {
        /// The connections.
        prov_ids: Vec<u32>,
    },
    /// DisconnectMe.
    DisconnectMe,
    /// SetActivation.
    SetActivation {
        /// New state.
        state: Activation,
        /// The connections.
        prov_ids: Vec<u32>,
    },
    /// Ping.
    Ping,
}

/// An item to connect.
#[derive(Debug, Clone, PartialEq)]
pub struct ConnectItem {
    /// Item at the provider.
    pub provider_item: String,
    /// Type of the own item.
    pub desc: Arc<TypeDesc>,
    /// Change below which no value is to be sent.
    pub epsilon: Option<Variant>,
    /// Own id of the connection.
    pub cons_id: u32,
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The provider answered Connect or Connect2.
    Connected(Reply<ConnectResponse>),
    /// The provider answered Disconnect or SetActivation.
    Results(Reply<Results>),
    /// The provider answered DisconnectMe or Ping.
    Answered(HResult),
    /// No answer: unreachable, timeout, fault, no such logical device or interface. `CBA_E_NONACCESSIBLE` if nothing better
    /// is known; it becomes the error state of the partner's connections.
    Failed(HResult),
}

impl ProviderCall {
    /// The request of Connect2; `None` if the call is another one.
    pub fn connect2_request(&self, consumer: &str, callback: &[u8]) -> Option<Connect2Request> {
        let Self::Connect { qos, items } = self else { return None };
        let connections = items.iter().map(|item| Connect2In {
            provider_item: item.provider_item.clone(),
            type_desc: item.desc.to_words(),
            epsilon: item.epsilon.clone(),
            cons_id: item.cons_id,
        });
        Some(Connect2Request {
            consumer: consumer.to_owned(),
            qos_type: qos.kind,
            qos_value: qos.value,
            state: Activation::Active,
            callback: Some(callback.to_vec()),
            connections: connections.collect(),
        })
    }

    /// The request of Connect, for providers that lack ICBAAccoServer2; `None` if the call is another one.
    pub fn connect_request(&self, consumer: &str, callback: &[u8]) -> Option<ConnectRequest> {
        let Self::Connect { qos, items } = self else { return None };
        let connections = items.iter().map(|item| ConnectIn {
            provider_item: item.provider_item.clone(),
            data_type: item.desc.var_type(),
            epsilon: item.epsilon.clone(),
            cons_id: item.cons_id,
        });
        Some(ConnectRequest {
            consumer: consumer.to_owned(),
            qos_type: qos.kind,
            qos_value: qos.value,
            state: Activation::Active,
            callback: Some(callback.to_vec()),
            connections: connections.collect(),
        })
    }
}
