//! An object elsewhere, to be called.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::client::Answer;
use super::error::RpcError;
use super::node::{RemoteExporter, RpcNode, WrongAnswer, behind_that, checked, lock};
use crate::proto::dcom::RemoteRef;
use crate::proto::dcom::convention::PUBLIC_REFS;
use crate::proto::rpc::Call;
use crate::wire::Guid;
use crate::wire::cba::{Arguments, Method, Reply};
use crate::wire::dcom::rem_unknown::{
    InterfaceRef, QueryInterfaceRequest, QueryInterfaceResponse, REM_QUERY_INTERFACE, REM_RELEASE, ReferencesRequest,
};
use crate::wire::dcom::{iid, oxid::StatusResponse, status};
use crate::wire::ndr::NdrWriter;

/// One interface of an object elsewhere. Clones share its references; while one of them lives, the
/// object's server is pinged.
#[derive(Clone)]
pub struct RemoteObject {
    held: Arc<Held>,
}

struct Held {
    node: RpcNode,
    reference: RemoteRef,
    exporter: RemoteExporter,
    /// Further interfaces that came along, until somebody asks for them.
    others: Mutex<Vec<RemoteRef>>,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.node.inner.pings.forget(&self.reference);
    }
}

impl RemoteObject {
    pub(super) fn new(node: RpcNode, reference: RemoteRef, exporter: RemoteExporter, others: Vec<RemoteRef>) -> Self {
        node.inner.pings.hold(&node, &reference);
        Self { held: Arc::new(Held { node, reference, exporter, others: Mutex::new(others) }) }
    }

    /// Address of the object's exporter.
    pub fn peer(&self) -> SocketAddr {
        self.held.exporter.address
    }

    /// Interface, pointer, object and exporter by their ids.
    pub fn reference(&self) -> &RemoteRef {
        &self.held.reference
    }

    /// Calls a method, within the node's usual deadline.
    ///
    /// # Errors
    /// See [`RpcError`]. A method that answers with a failing HRESULT is no error here: look at the
    /// reply.
    pub async fn call<M: Method>(&self, request: &M::Request) -> Result<Reply<M::Response>, RpcError> {
        self.call_within::<M>(request, self.held.node.inner.options.deadline).await
    }

    /// Calls a method and waits `within` from now at most.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn call_within<M: Method>(
        &self,
        request: &M::Request,
        within: Duration,
    ) -> Result<Reply<M::Response>, RpcError> {
        let mut w = NdrWriter::new();
        self.held.node.write_this(&mut w);
        request.write(&mut w);
        let RemoteRef { iid, ipid, .. } = self.held.reference;
        let answer = self.exchange((iid, ipid), (M::OPNUM, M::NAME), w, within).await?;
        behind_that(self.peer(), M::NAME, &answer, Reply::read)
    }

    async fn exchange(
        &self,
        (interface, ipid): (Guid, Guid),
        (opnum, name): (u16, &'static str),
        stub: NdrWriter,
        within: Duration,
    ) -> Result<Answer, RpcError> {
        let call = Call { interface, opnum, object: Some(ipid), stub: stub.into_bytes() };
        self.held.node.client_of(self.peer()).call(call, name, within).await
    }

    async fn exchange_rem_unknown(
        &self,
        method: (u16, &'static str),
        write: impl FnOnce(&mut NdrWriter),
    ) -> Result<Answer, RpcError> {
        let mut w = NdrWriter::new();
        self.held.node.write_this(&mut w);
        write(&mut w);
        let target = (iid::REM_UNKNOWN, self.held.exporter.rem_unknown);
        self.exchange(target, method, w, self.held.node.inner.options.deadline).await
    }

    /// Resolves when the connection to the object's exporter is next lost. Calls made later connect anew, but the object may
    /// then be gone.
    pub fn connection_lost(&self) -> impl Future<Output = ()> + Send + use<> {
        self.held.node.client_of(self.peer()).lost()
    }

    /// Another interface of the object; `None` where it has no such interface.
    ///
    /// # Errors
    /// See [`RpcError`].
    pub async fn query(&self, iid: Guid) -> Result<Option<Self>, RpcError> {
        if iid == self.held.reference.iid {
            return Ok(Some(self.clone()));
        }
        let at_hand = {
            let mut others = lock(&self.held.others);
            let found = others.iter().position(|other| other.iid == iid);
            found.map(|i| others.swap_remove(i))
        };
        if let Some(reference) = at_hand {
            return Ok(Some(self.sibling(reference)));
        }
        let method = (REM_QUERY_INTERFACE, "RemQueryInterface");
        let request = QueryInterfaceRequest { ipid: self.held.reference.ipid, refs: PUBLIC_REFS, iids: vec![iid] };
        let answer = self.exchange_rem_unknown(method, |w| request.write(w)).await?;
        let response = behind_that(self.peer(), method.1, &answer, QueryInterfaceResponse::read)?;
        if response.hresult == status::E_NOINTERFACE {
            return Ok(None);
        }
        checked(self.peer(), method.1, response.hresult)?;
        let [result] = response.results.as_slice() else {
            return Err(RpcError::broke(self.peer(), method.1, WrongAnswer::NO_INTERFACE));
        };
        if result.hresult == status::E_NOINTERFACE {
            return Ok(None);
        }
        checked(self.peer(), method.1, result.hresult)?;
        Ok(Some(self.sibling(RemoteRef {
            iid,
            ipid: result.std.ipid,
            oid: result.std.oid,
            oxid: result.std.oxid,
            public_refs: result.std.public_refs,
            resolver: self.held.reference.resolver,
        })))
    }

    fn sibling(&self, reference: RemoteRef) -> Self {
        Self::new(self.held.node.clone(), reference, self.held.exporter, Vec::new())
    }

    /// Makes an interface pointer that this object handed out, as OBJREF bytes, into an object to call.
    ///
    /// # Errors
    /// As [`RpcNode::unmarshal`].
    pub async fn unmarshal(&self, objref: &[u8]) -> Result<Self, RpcError> {
        self.held.node.unmarshal(objref, self.peer()).await
    }

    /// Gives the references back; the object cannot be called any more, through any clone.
    ///
    /// # Errors
    /// See [`RpcError`]; the references are gone all the same.
    pub async fn release(self) -> Result<(), RpcError> {
        let held = &self.held;
        let others = std::mem::take(&mut *lock(&held.others));
        let refs = std::iter::once(&held.reference)
            .chain(&others)
            .map(|one| InterfaceRef { ipid: one.ipid, public_refs: one.public_refs, private_refs: 0 })
            .collect();
        let method = (REM_RELEASE, "RemRelease");
        let answer = self.exchange_rem_unknown(method, |w| ReferencesRequest { refs }.write(w)).await?;
        let response = behind_that(self.peer(), method.1, &answer, StatusResponse::read)?;
        checked(self.peer(), method.1, response.status)
    }
}

impl std::fmt::Debug for RemoteObject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RemoteObject").field("peer", &self.peer()).field("reference", self.reference()).finish()
    }
}
