//! The ACCO of one provider: reached when first called, reached anew when what is known of it is out of date.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use tokio::sync::Mutex;

use crate::binding::AccoName;
use crate::proto::acco::consumer::{Outcome, ProviderCall};
use crate::proto::acco::convention::CALL_TIMEOUT;
use crate::rpc::{RemoteObject, RpcError, RpcNode};
use crate::wire::cba::acco_mgt::ProvIds;
use crate::wire::cba::acco_server::{
    Connect, Connect2, Disconnect, DisconnectMe, Ping, SetActivation, SetActivationRequest,
};
use crate::wire::cba::shared::{Partner, Text};
use crate::wire::cba::{HResult, Interface, ldev, pdev};

/// The ACCO of a provider, reached.
#[derive(Clone)]
struct Provider {
    server: RemoteObject,
    /// Only devices of stage 2 have it.
    server2: Option<RemoteObject>,
    /// Address of its device.
    ip: Ipv4Addr,
}

/// A provider as we hold it: reached, or to be reached with the next call.
#[derive(Clone, Default)]
pub(super) struct ProviderSlot(Arc<Mutex<Option<Provider>>>);

/// Makes an interface pointer to the caller's ICBAAccoCallback for a provider at an address; `None` when it has none to give
/// (any more).
pub type Callback = Arc<dyn Fn(Ipv4Addr) -> Option<Vec<u8>> + Send + Sync>;

/// The consumer that calls.
#[derive(Clone)]
pub struct Caller {
    /// Its end of DCOM.
    pub node: RpcNode,
    /// Its name, `<PDev>!<LDev>`, by which providers know it.
    pub name: Arc<str>,
    /// Its callback.
    pub callback: Callback,
    /// Where resolvers are that a name says no port of.
    pub usual_resolver_port: u16,
}

/// Why a partner could not be called.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PartnerFailure {
    /// The network, or the protocol.
    #[error(transparent)]
    Rpc(#[from] RpcError),
    /// No answer in time.
    #[error("no answer within {} s", CALL_TIMEOUT.as_secs())]
    TooLate,
    /// Its word, or what is said of it when it cannot even be asked.
    #[error("{}, {}", .0, .0.meaning())]
    Refused(HResult),
}

impl PartnerFailure {
    /// The error state of the connections concerned.
    pub fn code(&self) -> HResult {
        match self {
            Self::Refused(hr) | Self::Rpc(RpcError::HResult { code: hr, .. }) => *hr,
            Self::TooLate | Self::Rpc(_) => HResult::CBA_E_NONACCESSIBLE,
        }
    }
}

impl ProviderSlot {
    /// Makes a call at the provider `name`, reaching it first if need be.
    pub(super) async fn call(
        &self,
        caller: &Caller,
        name: &str,
        call: &ProviderCall,
    ) -> Result<Outcome, PartnerFailure> {
        let mut held = self.0.lock().await;
        let known = held.clone();
        let was_known = known.is_some();
        let attempt = async {
            let first = attempt(caller, name, known, call).await;
            match first {
                // What we knew of it is out of date, as after its restart: from the beginning, once.
                Err(PartnerFailure::Rpc(_)) if was_known => attempt(caller, name, None, call).await,
                other => other,
            }
        };
        let result = tokio::time::timeout(CALL_TIMEOUT, attempt).await.unwrap_or(Err(PartnerFailure::TooLate));
        match result {
            Ok((provider, outcome)) => {
                *held = Some(provider);
                Ok(outcome)
            }
            Err(failure) => {
                *held = None;
                Err(failure)
            }
        }
    }

    /// Resolves when the connection to the provider breaks, or if there is none.
    pub(super) async fn lost(self) {
        let lost = self.0.lock().await.as_ref().map(|provider| provider.server.connection_lost());
        drop(self);
        if let Some(lost) = lost {
            lost.await;
        }
    }
}

async fn attempt(
    caller: &Caller,
    name: &str,
    known: Option<Provider>,
    call: &ProviderCall,
) -> Result<(Provider, Outcome), PartnerFailure> {
    let provider = match known {
        Some(provider) => provider,
        None => reach(caller, name).await?,
    };
    let Provider { server, server2, ip } = &provider;
    let consumer = || Partner { consumer: caller.name.to_string() };
    let outcome = match call {
        ProviderCall::Connect { .. } => {
            let callback = (caller.callback)(*ip).ok_or(PartnerFailure::Refused(HResult::E_UNEXPECTED))?;
            let requests = match server2 {
                Some(server2) => {
                    (call.connect2_request(&caller.name, &callback).map(|request| (server2, request)), None)
                }
                None => (None, call.connect_request(&caller.name, &callback)),
            };
            match requests {
                (Some((server2, request)), _) => Outcome::Connected(server2.call::<Connect2>(&request).await?),
                (None, Some(request)) => Outcome::Connected(server.call::<Connect>(&request).await?),
                (None, None) => return Err(PartnerFailure::Refused(HResult::E_UNEXPECTED)),
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
async fn reach(caller: &Caller, name: &str) -> Result<Provider, PartnerFailure> {
    let acco = AccoName::parse(name).map_err(|_| PartnerFailure::Refused(HResult::CBA_E_MALFORMED))?;
    let port = acco.resolver_port.unwrap_or(caller.usual_resolver_port);
    let ip = address(&acco, port).await.ok_or(PartnerFailure::Refused(HResult::CBA_E_NONACCESSIBLE))?;
    let pdev = caller.node.activate(ip, port, &[Interface::PhysicalDevice.iid()]).await?;
    let found = pdev.call::<pdev::GetLogicalDevice>(&Text { value: acco.ldev.to_string() }).await?;
    let ldev = object(&pdev, found.hr, found.out.objref, Interface::LogicalDevice).await?;
    let found = ldev.call::<ldev::GetAcco>(&()).await?;
    let server = object(&ldev, found.hr, found.out.objref, Interface::AccoServer).await?;
    let server2 = server.query(Interface::AccoServer2.iid()).await?;
    Ok(Provider { server, server2, ip })
}

async fn object(
    from: &RemoteObject,
    hr: HResult,
    objref: Option<Vec<u8>>,
    interface: Interface,
) -> Result<RemoteObject, PartnerFailure> {
    if hr.is_failure() {
        return Err(PartnerFailure::Refused(hr));
    }
    let objref = objref.ok_or(PartnerFailure::Refused(HResult::E_POINTER))?;
    let handed_out = from.unmarshal(&objref).await?;
    // Which interface is handed out is not fixed (convention 9).
    handed_out.query(interface.iid()).await?.ok_or(PartnerFailure::Refused(HResult::E_NOINTERFACE))
}

async fn address(acco: &AccoName, port: u16) -> Option<Ipv4Addr> {
    if let Some(ip) = acco.ip() {
        return Some(ip);
    }
    let found = tokio::net::lookup_host((acco.host.as_str(), port)).await.ok()?;
    found.map(|address| address.ip()).find_map(|ip| if let IpAddr::V4(ip) = ip { Some(ip) } else { None })
}
