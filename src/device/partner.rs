//! Calls at other devices: at the providers of our connections, at the consumers of our values, at subscribers.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::sync::Mutex;

use super::ldev::Event;
use super::serve::{Object, References};
use super::station::Station;
use crate::binding::AccoName;
use crate::proto::acco::consumer::{Outcome, ProviderCall};
use crate::proto::acco::convention::CALL_TIMEOUT;
use crate::rpc::{RemoteObject, RpcError, RpcNode};
use crate::wire::cba::acco_callback::{OnDataChanged, OnDataChangedRequest};
use crate::wire::cba::acco_mgt::ProvIds;
use crate::wire::cba::acco_server::{
    Connect, Connect2, Disconnect, DisconnectMe, Ping, SetActivation, SetActivationRequest,
};
use crate::wire::cba::shared::{Partner, Text};
use crate::wire::cba::{HResult, Interface, group_error, ldev, pdev, state};

/// The ACCO of a provider, reached.
#[derive(Clone)]
struct Provider {
    server: RemoteObject,
    /// Only devices of stage 2 have it.
    server2: Option<RemoteObject>,
}

/// A provider as we hold it: reached, or to be reached with the next call.
#[derive(Clone, Default)]
pub(super) struct ProviderSlot(Arc<Mutex<Option<Provider>>>);

/// Who calls.
#[derive(Clone)]
pub(super) struct Caller {
    pub(super) station: Arc<Station>,
    /// Index of the LDev.
    pub(super) ldev: usize,
    /// Its ACCO's name.
    pub(super) name: Arc<str>,
    /// Where resolvers are that a name says no port of.
    pub(super) usual_resolver_port: u16,
}

impl ProviderSlot {
    /// Makes a call at the provider `name`, reaching it first if need be.
    pub(super) async fn call(&self, caller: &Caller, name: &str, call: &ProviderCall) -> Outcome {
        let mut held = self.0.lock().await;
        let known = held.clone();
        let was_known = known.is_some();
        let attempt = async {
            let first = attempt(caller, name, known, call).await;
            match first {
                // What we knew of it is out of date, as after its restart: from the beginning, once.
                Err(Failure::Rpc(_)) if was_known => attempt(caller, name, None, call).await,
                other => other,
            }
        };
        let result = tokio::time::timeout(CALL_TIMEOUT, attempt).await.unwrap_or(Err(Failure::TooLate));
        match result {
            Ok((provider, outcome)) => {
                *held = Some(provider);
                outcome
            }
            Err(failure) => {
                *held = None;
                Outcome::Failed(failure.code())
            }
        }
    }
}

impl ProviderSlot {
    /// Resolves when the connection to the provider breaks, or if there is none.
    pub(super) async fn lost(self) {
        let lost = self.0.lock().await.as_ref().map(|provider| provider.server.connection_lost());
        drop(self);
        if let Some(lost) = lost {
            lost.await;
        }
    }
}

/// Why a partner could not be called.
enum Failure {
    /// The network, or the protocol.
    Rpc(RpcError),
    /// No answer in time.
    TooLate,
    /// Its word.
    Refused(HResult),
}

impl From<RpcError> for Failure {
    fn from(error: RpcError) -> Self {
        Self::Rpc(error)
    }
}

impl Failure {
    /// The error state of the connections concerned.
    fn code(&self) -> HResult {
        match self {
            Self::Refused(hr) | Self::Rpc(RpcError::HResult { code: hr, .. }) => *hr,
            Self::TooLate | Self::Rpc(_) => HResult::CBA_E_NONACCESSIBLE,
        }
    }
}

async fn attempt(
    caller: &Caller,
    name: &str,
    known: Option<Provider>,
    call: &ProviderCall,
) -> Result<(Provider, Outcome), Failure> {
    let provider = match known {
        Some(provider) => provider,
        None => reach(caller, name).await?,
    };
    let Provider { server, server2 } = &provider;
    let consumer = || Partner { consumer: caller.name.to_string() };
    let outcome = match call {
        ProviderCall::Connect { .. } => {
            let callback = caller.station.objref(Object::Acco(caller.ldev), Interface::AccoCallback);
            let callback = callback.ok_or(Failure::Refused(HResult::E_UNEXPECTED))?;
            let requests = match server2 {
                Some(server2) => {
                    (call.connect2_request(&caller.name, &callback).map(|request| (server2, request)), None)
                }
                None => (None, call.connect_request(&caller.name, &callback)),
            };
            match requests {
                (Some((server2, request)), _) => Outcome::Connected(server2.call::<Connect2>(&request).await?),
                (None, Some(request)) => Outcome::Connected(server.call::<Connect>(&request).await?),
                (None, None) => return Err(Failure::Refused(HResult::E_UNEXPECTED)),
            }
        }
        ProviderCall::Disconnect { prov_ids } => {
            Outcome::Results(server.call::<Disconnect>(&ProvIds { prov_ids: prov_ids.clone() }).await?)
        }
        ProviderCall::SetActivation { state, prov_ids } => {
            let request = SetActivationRequest { state: *state, prov_ids: prov_ids.clone() };
            Outcome::Results(server.call::<SetActivation>(&request).await?)
        }
        ProviderCall::DisconnectMe => Outcome::Answered(server.call::<DisconnectMe>(&consumer()).await?.hr),
        ProviderCall::Ping => Outcome::Answered(server.call::<Ping>(&consumer()).await?.hr),
    };
    Ok((provider, outcome))
}

/// Activates the provider's device and walks to its ACCO (wire spec 7.2).
async fn reach(caller: &Caller, name: &str) -> Result<Provider, Failure> {
    let acco = AccoName::parse(name).map_err(|_| Failure::Refused(HResult::CBA_E_MALFORMED))?;
    let port = acco.resolver_port.unwrap_or(caller.usual_resolver_port);
    let ip = address(&acco, port).await.ok_or(Failure::Refused(HResult::CBA_E_NONACCESSIBLE))?;
    let pdev = caller.station.node.activate(ip, port, &[Interface::PhysicalDevice.iid()]).await?;
    let found = pdev.call::<pdev::GetLogicalDevice>(&Text { value: acco.ldev.to_string() }).await?;
    let ldev = object(&pdev, found.hr, found.out.objref, Interface::LogicalDevice).await?;
    let found = ldev.call::<ldev::GetAcco>(&()).await?;
    let acco = object(&ldev, found.hr, found.out.objref, Interface::AccoServer).await?;
    let server2 = acco.query(Interface::AccoServer2.iid()).await?;
    Ok(Provider { server: acco, server2 })
}

async fn object(
    from: &RemoteObject,
    hr: HResult,
    objref: Option<Vec<u8>>,
    interface: Interface,
) -> Result<RemoteObject, Failure> {
    if hr.is_failure() {
        return Err(Failure::Refused(hr));
    }
    let objref = objref.ok_or(Failure::Refused(HResult::E_POINTER))?;
    let handed_out = from.unmarshal(&objref).await?;
    // Which interface is handed out is not fixed (convention 9).
    handed_out.query(interface.iid()).await?.ok_or(Failure::Refused(HResult::E_NOINTERFACE))
}

async fn address(acco: &AccoName, port: u16) -> Option<Ipv4Addr> {
    if let Some(ip) = acco.ip() {
        return Some(ip);
    }
    let found = tokio::net::lookup_host((acco.host.as_str(), port)).await.ok()?;
    found.map(|address| address.ip()).find_map(|ip| if let IpAddr::V4(ip) = ip { Some(ip) } else { None })
}

/// A consumer's callback as we hold it: reached, or to be reached with the next call.
#[derive(Clone, Default)]
pub(super) struct CallbackSlot(Arc<Mutex<Option<Callback>>>);

/// The pointer that a consumer gave us, and the object it leads to.
struct Callback {
    objref: Arc<[u8]>,
    object: RemoteObject,
}

impl CallbackSlot {
    /// Calls OnDataChanged; `false` when the consumer cannot be called.
    pub(super) async fn send(&self, node: &RpcNode, callback: &Arc<[u8]>, data: &Arc<[u8]>) -> bool {
        let mut held = self.0.lock().await;
        let known = held.take().filter(|held| held.objref == *callback).map(|held| held.object);
        let send = async {
            let object = match known {
                Some(object) => object,
                None => node.unmarshal(callback, NOBODY).await?,
            };
            let request = OnDataChangedRequest { data: data.to_vec() };
            object.call_within::<OnDataChanged>(&request, CALL_TIMEOUT).await?;
            Ok::<_, RpcError>(object)
        };
        match tokio::time::timeout(CALL_TIMEOUT, send).await {
            Ok(Ok(object)) => {
                *held = Some(Callback { objref: Arc::clone(callback), object });
                true
            }
            _ => false,
        }
    }
}

/// Tells a subscriber of an event; `false` when it cannot be called.
pub(super) async fn tell(node: &RpcNode, subscriber: &[u8], event: Event) -> bool {
    let tell = async {
        let object = node.unmarshal(subscriber, NOBODY).await?;
        match event {
            Event::State { new, old } => {
                object.call::<state::event::OnStateChanged>(&state::event::StateChange { new, old }).await?;
            }
            Event::GroupError { new, old } => {
                let change = group_error::event::GroupErrorChange { new, old };
                object.call::<group_error::event::OnGroupErrorChanged>(&change).await?;
            }
        }
        Ok::<_, RpcError>(())
    };
    matches!(tokio::time::timeout(CALL_TIMEOUT, tell).await, Ok(Ok(())))
}

/// The sender of a stored interface pointer, where nobody needs to know.
const NOBODY: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);
