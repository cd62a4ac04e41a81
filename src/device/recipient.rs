//! Calls at those who want to know of this device: the consumers of its values, and subscribers to its events.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::sync::Mutex;

use super::ldev::Event;
use crate::proto::acco::convention::CALL_TIMEOUT;
use crate::rpc::{RemoteObject, RpcError, RpcNode};
use crate::wire::cba::acco_callback::{OnDataChanged, OnDataChangedRequest};
use crate::wire::cba::{group_error, state};

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
