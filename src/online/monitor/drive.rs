//! The task of a monitor: makes the calls its machine asks for, and takes the values that devices deliver.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::core::Core;
use crate::partner::{Caller, Providers};
use crate::proto::dcom::convention::RESOLVER_PORT;
use crate::rpc::{Answering, ObjectCall, ObjectHandler, RpcNode, results};
use crate::wire::cba::acco_callback::{Gnip, OnDataChanged};
use crate::wire::cba::{HResult, Interface, Method, Reply};
use crate::wire::dcerpc::FaultStatus;

/// How long devices are given to answer the goodbye.
pub(super) const FAREWELL: Duration = Duration::from_secs(2);

/// Works until `stop`, then disconnects everywhere.
pub(super) async fn run(core: Arc<Core>, node: RpcNode, name: Arc<str>, stop: CancellationToken) {
    let exported = super::export(&core, &node);
    let callback = {
        let exported = exported.clone();
        Arc::new(move |toward| exported.objref(Interface::AccoCallback, toward).ok())
    };
    let caller = Caller { node, name, callback, usual_resolver_port: RESOLVER_PORT };
    let mut providers = Providers::default();
    let mut leaving: Option<Instant> = None;
    loop {
        let work = core.take_work();
        for provider in work.gone {
            providers.forget(&provider);
        }
        for call in work.calls {
            providers.begin(Some(caller.clone()), call);
        }
        if leaving.is_some() && !work.busy {
            break;
        }
        let timer = async {
            match work.due {
                Some(due) => sleep_until(core.at(due).into()).await,
                None => std::future::pending().await,
            }
        };
        let too_long = async {
            match leaving {
                Some(until) => sleep_until(until).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = stop.cancelled(), if leaving.is_none() => {
                leaving = Some(Instant::now() + FAREWELL);
                core.leave();
            }
            () = too_long => break,
            Some(happened) = providers.next() => core.hear(happened),
            () = core.rung() => {}
            () = timer => core.look(),
        }
    }
    exported.withdraw();
}

/// ICBAAccoCallback2: what devices call.
pub(super) struct Callback(pub(super) Arc<Core>);

impl Callback {
    fn answer(&self, call: &ObjectCall) -> Result<Vec<u8>, FaultStatus> {
        match call.opnum {
            OnDataChanged::OPNUM => {
                let request = call.arguments::<OnDataChanged>()?;
                Ok(results(&self.0.data_changed(&request.data)))
            }
            // Only providers of real-time frames ask; being here is the answer.
            Gnip::OPNUM => Ok(results(&Reply::<()>::only(HResult::S_OK))),
            _ => Err(FaultStatus::OP_RANGE),
        }
    }
}

impl ObjectHandler for Callback {
    fn call(self: Arc<Self>, call: ObjectCall) -> Answering {
        Box::pin(std::future::ready(self.answer(&call)))
    }
}
