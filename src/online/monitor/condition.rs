//! Operating state and group error of one LDev, by its events.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::core::{Condition, Core};
use super::drive::FAREWELL;
use crate::online::session::{call, object, query};
use crate::online::{OnlineError, Target};
use crate::proto::acco::convention::RETRY_PAUSE;
use crate::rpc::{Answering, Exported, ObjectCall, ObjectHandler, RemoteObject, RpcNode, results};
use crate::wire::cba::group_error::{self, AdviseGroupError, GetGroupError, UnadviseGroupError};
use crate::wire::cba::shared::{Cookie, Object, Text};
use crate::wire::cba::state::{self, AdviseState, GetState, UnadviseState};
use crate::wire::cba::{HResult, Interface, Reply, pdev};
use crate::wire::dcerpc::FaultStatus;

/// Two subscriptions at one LDev.
#[derive(Default)]
struct Subscribed {
    state: Option<(RemoteObject, u32)>,
    group_error: Option<(RemoteObject, u32)>,
}

/// Stays subscribed until `stop`, then unsubscribes.
pub(super) async fn run(core: Arc<Core>, node: RpcNode, index: usize, target: Target, stop: CancellationToken) {
    let on_state = node.export(Arc::new(OnState { core: Arc::clone(&core), index }), &[Interface::StateEvent]);
    let on_error =
        node.export(Arc::new(OnGroupError { core: Arc::clone(&core), index }), &[Interface::GroupErrorEvent]);
    let visit = Visit { core: &core, node: &node, index, target, on_state: &on_state, on_error: &on_error };
    loop {
        let subscribed = tokio::select! {
            subscribed = visit.subscribe() => subscribed,
            () = stop.cancelled() => break,
        };
        // That the device cannot be reached is told with its values; here it is only tried again.
        if let Ok(subscribed) = subscribed {
            tokio::select! {
                () = subscribed.lost() => {}
                () = stop.cancelled() => {
                    let _ = timeout(FAREWELL, subscribed.end()).await;
                    break;
                }
            }
        }
        visit.forget();
        tokio::select! {
            () = tokio::time::sleep(RETRY_PAUSE) => {}
            () = stop.cancelled() => break,
        }
    }
    on_state.withdraw();
    on_error.withdraw();
}

struct Visit<'a> {
    core: &'a Core,
    node: &'a RpcNode,
    index: usize,
    target: Target,
    on_state: &'a Exported,
    on_error: &'a Exported,
}

impl Visit<'_> {
    /// Subscribes first and asks then, so that no change falls between.
    async fn subscribe(&self) -> Result<Subscribed, OnlineError> {
        let target = self.target;
        let rpc = |error| OnlineError::Rpc { target, error };
        let mut subscribed = Subscribed::default();
        let Some((name, has_state, has_group_error)) = self.core.ldev(self.index) else { return Ok(subscribed) };
        let iids = [Interface::PhysicalDevice.iid()];
        let pdev = self.node.activate(target.ip, target.resolver_port, &iids).await.map_err(rpc)?;
        let found = call::<pdev::GetLogicalDevice>(target, &pdev, &Text { value: name.to_string() }).await?;
        let ldev = object(target, &pdev, found.objref, Interface::LogicalDevice).await?;
        if has_state && let Some(at) = query(target, &ldev, Interface::State).await? {
            let objref = self.on_state.objref(Interface::StateEvent, target.ip).map_err(rpc)?;
            let cookie = call::<AdviseState>(target, &at, &Object { objref: Some(objref) }).await?.cookie;
            let asked_after = self.core.n_events(self.index);
            let state = call::<GetState>(target, &at, &()).await?.state;
            self.core.tell_condition(self.index, Some(asked_after), Condition::State(Some(state)));
            subscribed.state = Some((at, cookie));
        }
        if has_group_error && let Some(at) = query(target, &ldev, Interface::GroupError).await? {
            let objref = self.on_error.objref(Interface::GroupErrorEvent, target.ip).map_err(rpc)?;
            let cookie = call::<AdviseGroupError>(target, &at, &Object { objref: Some(objref) }).await?.cookie;
            let asked_after = self.core.n_events(self.index);
            let error = call::<GetGroupError>(target, &at, &()).await?.group_error;
            self.core.tell_condition(self.index, Some(asked_after), Condition::GroupError(Some(error)));
            subscribed.group_error = Some((at, cookie));
        }
        Ok(subscribed)
    }

    /// Nothing is known of the LDev any more.
    fn forget(&self) {
        self.core.tell_condition(self.index, None, Condition::State(None));
        self.core.tell_condition(self.index, None, Condition::GroupError(None));
    }
}

impl Subscribed {
    /// Resolves when the connection to the device breaks; never, if there is nothing to lose.
    async fn lost(&self) {
        match self.state.as_ref().or(self.group_error.as_ref()) {
            Some((object, _)) => object.connection_lost().await,
            None => std::future::pending().await,
        }
    }

    /// Gives both subscriptions back. Nothing depends on the answers: a device drops a subscriber it cannot call.
    async fn end(self) {
        if let Some((object, cookie)) = self.state {
            let _ = object.call_within::<UnadviseState>(&Cookie { cookie }, GOODBYE_CALL).await;
        }
        if let Some((object, cookie)) = self.group_error {
            let _ = object.call_within::<UnadviseGroupError>(&Cookie { cookie }, GOODBYE_CALL).await;
        }
    }
}

/// How long one goodbye may take.
const GOODBYE_CALL: Duration = Duration::from_secs(1);

struct OnState {
    core: Arc<Core>,
    index: usize,
}

impl ObjectHandler for OnState {
    fn call(self: Arc<Self>, call: ObjectCall) -> Answering {
        let change = call.arguments::<state::event::OnStateChanged>();
        let answer = change.map(|change| {
            self.core.tell_condition(self.index, None, Condition::State(Some(change.new)));
            taken()
        });
        Box::pin(std::future::ready(known(&call, answer)))
    }
}

struct OnGroupError {
    core: Arc<Core>,
    index: usize,
}

impl ObjectHandler for OnGroupError {
    fn call(self: Arc<Self>, call: ObjectCall) -> Answering {
        let change = call.arguments::<group_error::event::OnGroupErrorChanged>();
        let answer = change.map(|change| {
            self.core.tell_condition(self.index, None, Condition::GroupError(Some(change.new)));
            taken()
        });
        Box::pin(std::future::ready(known(&call, answer)))
    }
}

fn taken() -> Vec<u8> {
    results(&Reply::<()>::only(HResult::S_OK))
}

/// Both event interfaces have one method, number 3.
fn known(call: &ObjectCall, answer: Result<Vec<u8>, FaultStatus>) -> Result<Vec<u8>, FaultStatus> {
    if call.opnum == 3 { answer } else { Err(FaultStatus::OP_RANGE) }
}
