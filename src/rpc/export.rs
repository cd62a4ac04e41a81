//! Objects offered to others: the exporter's port and the resolver's, with the handlers behind.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use super::error::RpcError;
use super::node::{RpcNode, lock};
use super::server::{Answering, Dispatch, RpcServer, ServerLimits};
use crate::net::tcp::{NetError, Network};
use crate::proto::dcom::convention::{OWN_VERSION, PUBLIC_REFS};
use crate::proto::dcom::{Activator, Endpoint, Exporter, IdSource, Oid, Resolver, Route};
use crate::proto::rpc::ServerRequest;
use crate::wire::Guid;
use crate::wire::cba::{Arguments, Interface, Method, Reply};
use crate::wire::dcerpc::FaultStatus;
use crate::wire::dcom::{DualStringArray, ObjRef, OrpcThat, OrpcThis, StandardObjRef, iid, status};
use crate::wire::ndr::{NdrReader, NdrWriter};

/// A method call on an exported object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectCall {
    /// Who calls.
    pub caller: SocketAddr,
    /// Interface called.
    pub interface: Guid,
    /// Number of the method.
    pub opnum: u16,
    /// Names the chain of calls this one belongs to.
    pub causality_id: Guid,
    request: ServerRequest,
}

impl ObjectCall {
    /// The arguments of method `M`.
    ///
    /// # Errors
    /// The fault to answer with.
    pub fn arguments<M: Method>(&self) -> Result<M::Request, FaultStatus> {
        M::Request::read(&mut self.reader()?).map_err(|_| FaultStatus::BAD_STUB)
    }

    /// A reader over the arguments.
    ///
    /// # Errors
    /// The fault to answer with.
    pub fn reader(&self) -> Result<NdrReader<'_>, FaultStatus> {
        let mut r = self.request.reader();
        OrpcThis::read(&mut r).map_err(|_| FaultStatus::BAD_STUB)?;
        Ok(r)
    }
}

/// Results of a method as [`ObjectHandler::call`] gives them back.
pub fn results<T: Arguments>(reply: &Reply<T>) -> Vec<u8> {
    let mut w = NdrWriter::new();
    reply.write(&mut w);
    w.into_bytes()
}

/// Whoever answers the calls of an exported object.
pub trait ObjectHandler: Send + Sync + 'static {
    /// Answers a call with its results, HRESULT included ([`results`]), or a fault: `OP_RANGE` for an
    /// opnum it does not know. May call out meanwhile.
    fn call(self: Arc<Self>, call: ObjectCall) -> Answering;
}

/// An object offered to others. Clones are the same object.
#[derive(Clone)]
pub struct Exported {
    inner: Arc<ExportedInner>,
}

struct ExportedInner {
    node: RpcNode,
    handler: Arc<dyn ObjectHandler>,
    iids: Vec<Guid>,
    /// Where it has been handed out, by the address of our own that is reached there.
    oids: Mutex<HashMap<Ipv4Addr, Oid>>,
}

impl Exported {
    pub(super) fn new(node: RpcNode, handler: Arc<dyn ObjectHandler>, interfaces: &[Interface]) -> Self {
        let iids = interfaces.iter().map(|interface| interface.iid()).collect();
        Self { inner: Arc::new(ExportedInner { node, handler, iids, oids: Mutex::default() }) }
    }

    /// An interface pointer for a peer at `toward`, as OBJREF bytes, with references of its own.
    ///
    /// # Errors
    /// Our ports cannot be opened. An interface the object was not exported with yields `HResult`.
    pub fn objref(&self, interface: Interface, toward: Ipv4Addr) -> Result<Vec<u8>, RpcError> {
        let oid = self.oid_toward(toward)?;
        let (objref, endpoint) =
            self.inner.node.home_toward(toward, |home| (home.shared.marshal(oid, interface.iid()), home.endpoint()))?;
        let no_interface = || RpcError::HResult {
            peer: SocketAddr::new(endpoint.ip.into(), endpoint.exporter_port),
            call: "marshalling",
            code: crate::wire::cba::HResult(status::E_NOINTERFACE),
        };
        objref.map(|objref| ObjRef::from(objref).to_bytes()).ok_or_else(no_interface)
    }

    /// Takes the object away: pointers to it are refused from now on.
    pub fn withdraw(&self) {
        for (ip, oid) in std::mem::take(&mut *lock(&self.inner.oids)) {
            self.inner.node.with_open_home(ip, |home| home.shared.withdraw(oid));
        }
    }

    pub(super) fn oid_toward(&self, toward: Ipv4Addr) -> Result<Oid, RpcError> {
        self.inner.node.home_toward(toward, |home| {
            let mut oids = lock(&self.inner.oids);
            *oids
                .entry(home.endpoint().ip)
                .or_insert_with(|| home.shared.export(&self.inner.iids, Arc::clone(&self.inner.handler)))
        })
    }
}

/// The two ports at one address of ours, and what is served there.
pub(super) struct Home {
    shared: Arc<Shared>,
    exporter: RpcServer,
    resolver: RpcServer,
}

struct Shared {
    endpoint: Endpoint,
    ids: Arc<Mutex<IdSource>>,
    started: Instant,
    exporter: Mutex<Exporter>,
    resolver: Mutex<Resolver>,
    handlers: Mutex<HashMap<Oid, Arc<dyn ObjectHandler>>>,
    /// Class and object that can be activated.
    root: Mutex<Option<(Guid, Oid)>>,
}

impl Home {
    pub fn open(
        network: &Network,
        ip: Ipv4Addr,
        resolver_port: u16,
        limits: ServerLimits,
        ids: Arc<Mutex<IdSource>>,
    ) -> Result<Self, NetError> {
        let resolver_listener = network.listen(SocketAddr::new(ip.into(), resolver_port))?;
        let exporter_listener = network.listen(SocketAddr::new(ip.into(), 0))?;
        let endpoint = Endpoint {
            ip,
            resolver_port: resolver_listener.local_addr().port(),
            exporter_port: exporter_listener.local_addr().port(),
        };
        let exporter = Exporter::new(&mut lock(&ids));
        let resolver = Resolver::new(endpoint, exporter.oxid(), exporter.rem_unknown_ipid());
        let shared = Arc::new(Shared {
            endpoint,
            ids,
            started: Instant::now(),
            exporter: Mutex::new(exporter),
            resolver: Mutex::new(resolver),
            handlers: Mutex::default(),
            root: Mutex::default(),
        });
        let served = Interface::ALL.map(Interface::iid).into_iter();
        let served = [iid::REM_UNKNOWN, iid::REM_UNKNOWN2, iid::UNKNOWN].into_iter().chain(served).collect();
        let exporter_port = Arc::new(ExporterPort(Arc::clone(&shared)));
        let resolver_port = Arc::new(ResolverPort(Arc::clone(&shared)));
        let exporter = RpcServer::start(exporter_listener, served, exporter_port, limits);
        let resolver = RpcServer::start(resolver_listener, Arc::new(Resolver::INTERFACES), resolver_port, limits);
        Ok(Self { shared, exporter, resolver })
    }

    pub fn endpoint(&self) -> Endpoint {
        self.shared.endpoint
    }

    pub fn set_root(&self, clsid: Guid, oid: Oid) {
        *lock(&self.shared.root) = Some((clsid, oid));
    }

    pub async fn shutdown(self) {
        tokio::join!(self.resolver.shutdown(), self.exporter.shutdown());
        lock(&self.shared.handlers).clear();
    }
}

impl Shared {
    fn export(&self, iids: &[Guid], handler: Arc<dyn ObjectHandler>) -> Oid {
        // Ids before the exporter, in the order in which an activation takes them.
        let mut ids = lock(&self.ids);
        let oid = lock(&self.exporter).export(&mut ids, iids.iter().copied());
        drop(ids);
        lock(&self.handlers).insert(oid, handler);
        oid
    }

    fn withdraw(&self, oid: Oid) {
        lock(&self.exporter).withdraw(oid);
        lock(&self.handlers).remove(&oid);
    }

    fn marshal(&self, oid: Oid, iid: Guid) -> Option<StandardObjRef> {
        lock(&self.exporter).marshal(oid, iid, self.endpoint.resolver_bindings())
    }

    fn route(&self, request: &ServerRequest) -> Result<(Route, OrpcThis), FaultStatus> {
        let route = lock(&self.exporter).route(request.object, request.interface)?;
        let this = OrpcThis::read(&mut request.reader()).map_err(|_| FaultStatus::BAD_STUB)?;
        if this.version.major != OWN_VERSION.major {
            return Err(FaultStatus::VERSION_MISMATCH);
        }
        Ok((route, this))
    }

    fn rem_unknown(&self, request: &ServerRequest) -> Result<Vec<u8>, FaultStatus> {
        let mut r = request.reader();
        OrpcThis::read(&mut r).map_err(|_| FaultStatus::BAD_STUB)?;
        let mut w = NdrWriter::new();
        OrpcThat::default().write(&mut w);
        let resolver = self.endpoint.resolver_bindings();
        lock(&self.exporter).rem_unknown(request.opnum, &mut r, &resolver, &mut w)?;
        Ok(w.into_bytes())
    }
}

struct ExporterPort(Arc<Shared>);

impl Dispatch for ExporterPort {
    fn call(self: Arc<Self>, caller: SocketAddr, request: ServerRequest) -> Answering {
        Box::pin(async move {
            let (route, this) = self.0.route(&request)?;
            let (oid, interface) = match route {
                Route::RemUnknown => return self.0.rem_unknown(&request),
                Route::Object { oid, iid } => (oid, iid),
            };
            let handler = lock(&self.0.handlers).get(&oid).cloned().ok_or(FaultStatus::DISCONNECTED)?;
            // QueryInterface, AddRef and Release never travel.
            if request.opnum < 3 {
                return Err(FaultStatus::OP_RANGE);
            }
            let call = ObjectCall { caller, interface, opnum: request.opnum, causality_id: this.causality_id, request };
            let results = handler.call(call).await?;
            // ORPCTHAT is 8 bytes long, so the results stay aligned behind it.
            let mut w = NdrWriter::with_capacity(8 + results.len());
            OrpcThat::default().write(&mut w);
            w.bytes(&results);
            Ok(w.into_bytes())
        })
    }
}

struct ResolverPort(Arc<Shared>);

impl Dispatch for ResolverPort {
    fn call(self: Arc<Self>, _: SocketAddr, request: ServerRequest) -> Answering {
        Box::pin(async move {
            let shared = &*self.0;
            let mut root = Root { root: *lock(&shared.root), exporter: &shared.exporter, endpoint: shared.endpoint };
            let now = shared.started.elapsed();
            let mut resolver = lock(&shared.resolver);
            let mut ids = lock(&shared.ids);
            resolver.call(request.interface, request.opnum, &mut request.reader(), now, &mut ids, &mut root)
        })
    }
}

/// Activates the one object there is to activate.
struct Root<'a> {
    root: Option<(Guid, Oid)>,
    exporter: &'a Mutex<Exporter>,
    endpoint: Endpoint,
}

impl Activator for Root<'_> {
    fn activate(&mut self, clsid: Guid, iids: &[Guid]) -> Result<Vec<Option<StandardObjRef>>, u32> {
        let (_, oid) = self.root.filter(|(class, _)| *class == clsid).ok_or(status::REGDB_E_CLASSNOTREG)?;
        let resolver: DualStringArray = self.endpoint.resolver_bindings();
        let mut exporter = lock(self.exporter);
        let one = |iid: &Guid| {
            let std = exporter.hand_out(oid, *iid, PUBLIC_REFS)?;
            Some(StandardObjRef { iid: *iid, std, resolver: resolver.clone() })
        };
        Ok(iids.iter().map(one).collect())
    }
}
