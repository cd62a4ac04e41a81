//! A node: one program's end of DCOM, client and server at once.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::client::{Answer, ClientOptions, RpcClient};
use super::error::RpcError;
use super::export::{Exported, Home, ObjectHandler};
use super::object::RemoteObject;
use super::ping::Pings;
use super::server::ServerLimits;
use crate::net::tcp::{NetError, Network};
use crate::proto::dcom::convention::{OWN_VERSION, RESOLVER_PORT};
use crate::proto::dcom::{Endpoint, IdSource, RemoteRef, Where};
use crate::proto::rpc::Call;
use crate::wire::cba::interfaces::CLSID_PHYSICAL_DEVICE;
use crate::wire::cba::{HResult, Interface};
use crate::wire::dcom::activation::{
    ActivatedInterface, REMOTE_ACTIVATION, RemoteActivationRequest, RemoteActivationResponse,
};
use crate::wire::dcom::dual_string::TOWER_TCP;
use crate::wire::dcom::oxid::{
    RESOLVE_OXID2, ResolveOxidRequest, ResolveOxidResponse, SERVER_ALIVE2, ServerAlive2Response,
};
use crate::wire::dcom::properties::{CreateInstanceRequest, CreateInstanceResponse, REMOTE_CREATE_INSTANCE};
use crate::wire::dcom::{DualStringArray, ObjRef, OrpcThat, OrpcThis, iid};
use crate::wire::ndr::{NdrReader, NdrWriter};
use crate::wire::{Guid, WireError};

/// How a node behaves.
#[derive(Debug, Clone, Copy)]
pub struct NodeOptions {
    /// How long a call may take unless it says otherwise.
    pub deadline: Duration,
    /// Of every connection made.
    pub client: ClientOptions,
    /// Of both ports served.
    pub server: ServerLimits,
}

impl Default for NodeOptions {
    fn default() -> Self {
        Self { deadline: Duration::from_secs(5), client: ClientOptions::default(), server: ServerLimits::default() }
    }
}

/// One program's end of DCOM. Clones are the same node.
///
/// Handlers of exported objects that hold a clone keep the node alive: end it with
/// [`shutdown`](Self::shutdown).
#[derive(Clone)]
pub struct RpcNode {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    network: Network,
    /// Own address, if it is fixed.
    ip: Option<Ipv4Addr>,
    resolver_port: Option<u16>,
    pub(super) options: NodeOptions,
    clients: Mutex<HashMap<SocketAddr, RpcClient>>,
    exporters: Mutex<HashMap<u64, RemoteExporter>>,
    ids: Arc<Mutex<IdSource>>,
    homes: Mutex<HashMap<Ipv4Addr, Home>>,
    pub(super) pings: Pings,
    /// No port is opened again.
    is_shut_down: AtomicBool,
}

/// An exporter elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RemoteExporter {
    pub address: SocketAddr,
    pub rem_unknown: Guid,
}

/// Addresses and exporters remembered; beyond, all are forgotten and found again when needed, so that a
/// peer that hands out ever new ones cannot fill the memory.
const REMEMBERED: usize = 4096;

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What a panic left behind is consistent: every change under these locks is a single step.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl RpcNode {
    /// A node that calls others, from `ip` if given. Its own ports open, at ports the system chooses,
    /// when the first object is handed out.
    pub fn client(network: Network, ip: Option<Ipv4Addr>) -> Self {
        Self::new(network, ip, None, NodeOptions::default())
    }

    /// A node that is called: opens its exporter, at a port the system chooses, and its resolver at
    /// `resolver_port` (0: at a port the system chooses too). It calls others from `ip`. Must run inside
    /// a tokio runtime.
    ///
    /// # Errors
    /// A port cannot be opened.
    pub fn serve(network: Network, ip: Ipv4Addr, resolver_port: u16, options: NodeOptions) -> Result<Self, NetError> {
        let node = Self::new(network, Some(ip), Some(resolver_port), options);
        node.with_home(ip, |_| ())?;
        Ok(node)
    }

    fn new(network: Network, ip: Option<Ipv4Addr>, resolver_port: Option<u16>, options: NodeOptions) -> Self {
        let inner = Inner {
            network,
            ip,
            resolver_port,
            options,
            clients: Mutex::default(),
            exporters: Mutex::default(),
            ids: Arc::new(Mutex::new(IdSource::new(rand::random::<u128>))),
            homes: Mutex::default(),
            pings: Pings::default(),
            is_shut_down: AtomicBool::new(false),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Where this node is reached, once its ports are open; of a [`client`](Self::client) with several
    /// addresses, any.
    pub fn endpoint(&self) -> Option<Endpoint> {
        lock(&self.inner.homes).values().map(Home::endpoint).next()
    }

    /// Where a peer at `toward` reaches this node; opens its ports there if need be.
    ///
    /// # Errors
    /// A port cannot be opened.
    pub fn endpoint_toward(&self, toward: Ipv4Addr) -> Result<Endpoint, RpcError> {
        self.home_toward(toward, Home::endpoint)
    }

    /// Offers an object with these interfaces. It can be called from the moment an interface pointer to
    /// it is handed out with [`Exported::objref`].
    pub fn export(&self, handler: Arc<dyn ObjectHandler>, interfaces: &[Interface]) -> Exported {
        Exported::new(self.clone(), handler, interfaces)
    }

    /// Lets others activate the object as the physical device, CBA00000.
    ///
    /// # Errors
    /// A port cannot be opened.
    pub fn offer_activation(&self, object: &Exported, toward: Ipv4Addr) -> Result<(), RpcError> {
        let oid = object.oid_toward(toward)?;
        self.home_toward(toward, |home| home.set_root(CLSID_PHYSICAL_DEVICE, oid))
    }

    /// Closes the ports, waits a second at most for answers under way, and lets go of all objects.
    pub async fn shutdown(&self) {
        self.inner.is_shut_down.store(true, Ordering::Release);
        let homes = std::mem::take(&mut *lock(&self.inner.homes));
        for home in homes.into_values() {
            home.shutdown().await;
        }
        lock(&self.inner.clients).clear();
        lock(&self.inner.exporters).clear();
        self.inner.pings.stop();
    }

    /// Does something with the ports that a peer at `toward` can reach, opening them if need be.
    pub(super) fn home_toward<T>(&self, toward: Ipv4Addr, run: impl FnOnce(&Home) -> T) -> Result<T, RpcError> {
        if self.inner.is_shut_down.load(Ordering::Acquire) {
            return Err(RpcError::ShutDown { call: "handing out an object" });
        }
        let ip = self.inner.ip.unwrap_or_else(|| own_address_toward(toward));
        self.with_home(ip, run).map_err(|error| RpcError::Unreachable(Arc::new(error)))
    }

    /// Does something with the ports at an address of ours, if they are open.
    pub(super) fn with_open_home(&self, ip: Ipv4Addr, run: impl FnOnce(&Home)) {
        if let Some(home) = lock(&self.inner.homes).get(&ip) {
            run(home);
        }
    }

    fn with_home<T>(&self, ip: Ipv4Addr, run: impl FnOnce(&Home) -> T) -> Result<T, NetError> {
        let open =
            |port| Home::open(&self.inner.network, ip, port, self.inner.options.server, Arc::clone(&self.inner.ids));
        let mut homes = lock(&self.inner.homes);
        let home = match homes.entry(ip) {
            Entry::Occupied(open) => open.into_mut(),
            Entry::Vacant(none) => none.insert(match self.inner.resolver_port {
                Some(port) => open(port)?,
                // Devices that know nothing of other ports look at 135; on loopback that is a virtual
                // device's.
                None if !ip.is_loopback() => open(RESOLVER_PORT).or_else(|_| open(0))?,
                None => open(0)?,
            }),
        };
        Ok(run(home))
    }

    /// The client of an address, shared.
    pub(super) fn client_of(&self, peer: SocketAddr) -> RpcClient {
        let inner = &self.inner;
        let mut clients = lock(&inner.clients);
        if clients.len() >= REMEMBERED {
            clients.clear();
        }
        let make = || RpcClient::new(inner.network.clone(), inner.ip.map(IpAddr::from), peer, inner.options.client);
        clients.entry(peer).or_insert_with(make).clone()
    }

    /// Makes a call of the resolver port: the stub as it is.
    pub(super) async fn call_resolver(
        &self,
        peer: SocketAddr,
        (interface, opnum, name): (Guid, u16, &'static str),
        write: impl FnOnce(&mut NdrWriter),
    ) -> Result<Answer, RpcError> {
        let mut w = NdrWriter::new();
        write(&mut w);
        let call = Call { interface, opnum, object: None, stub: w.into_bytes() };
        self.client_of(peer).call(call, name, self.inner.options.deadline).await
    }

    /// ORPCTHIS for a call that starts here.
    pub(super) fn write_this(&self, w: &mut NdrWriter) {
        let causality_id = lock(&self.inner.ids).guid();
        OrpcThis { version: OWN_VERSION, flags: 0, causality_id }.write(w);
    }

    /// Asks the resolver at an address whether it is there, and where it says it is.
    ///
    /// # Errors
    /// See [`RpcError`].
    pub async fn server_alive(&self, ip: Ipv4Addr, resolver_port: u16) -> Result<ServerAlive2Response, RpcError> {
        let peer = SocketAddr::new(ip.into(), resolver_port);
        let method = (iid::OXID_RESOLVER, SERVER_ALIVE2, "ServerAlive2");
        let answer = self.call_resolver(peer, method, |_| ()).await?;
        let response = stub_of(peer, method.2, ServerAlive2Response::read(&mut answer.reader()))?;
        checked(peer, method.2, response.status)?;
        Ok(response)
    }

    /// Activates the physical device at an address: the first of the interfaces, with the others at hand
    /// for [`RemoteObject::query`].
    ///
    /// # Errors
    /// Unreachable, silent, no CBA device there (`HResult`), or bytes against the protocol.
    pub async fn activate(&self, ip: Ipv4Addr, resolver_port: u16, iids: &[Guid]) -> Result<RemoteObject, RpcError> {
        let peer = SocketAddr::new(ip.into(), resolver_port);
        let activated = match self.create_instance(peer, iids).await {
            // The new way is not known there.
            Err(RpcError::Refused { .. } | RpcError::Fault { .. }) => self.remote_activation(peer, iids).await?,
            result => result?,
        };
        let call = "activation";
        let exporter = Where::first_of(&activated.bindings, 0)
            .filter(|place| place.port != 0)
            .ok_or_else(|| RpcError::broke(peer, call, WrongAnswer::NO_BINDING))?;
        let mut address = SocketAddr::new(exporter.ip.into(), exporter.port);
        if exporter.ip != ip && !self.answers_at(address).await {
            // Behind an address translation only the address we know is of use.
            address = SocketAddr::new(ip.into(), exporter.port);
        }
        let exporter = RemoteExporter { address, rem_unknown: activated.rem_unknown };
        self.remember(activated.oxid, exporter);

        let mut references = Vec::new();
        let mut refused = None;
        for (i, one) in activated.interfaces.into_iter().enumerate() {
            match one.objref {
                Some(ObjRef::Standard(objref)) => {
                    let resolver = Some(Where { ip, port: resolver_port });
                    references.push(RemoteRef { resolver, ..RemoteRef::from(&objref) });
                }
                Some(ObjRef::Custom { .. }) => return Err(RpcError::broke(peer, call, WrongAnswer::CUSTOM)),
                None if i == 0 => refused = Some(one.hresult),
                None => {}
            }
        }
        if let Some(hresult) = refused {
            return Err(RpcError::HResult { peer, call, code: HResult(hresult) });
        }
        if references.is_empty() {
            return Err(RpcError::broke(peer, call, WrongAnswer::NO_INTERFACE));
        }
        let first = references.remove(0);
        Ok(RemoteObject::new(self.clone(), first, exporter, references))
    }

    async fn answers_at(&self, address: SocketAddr) -> bool {
        self.inner.network.connect(address, Duration::from_secs(1)).await.is_ok()
    }

    async fn create_instance(&self, peer: SocketAddr, iids: &[Guid]) -> Result<Activated, RpcError> {
        let method = (iid::SYSTEM_ACTIVATOR, REMOTE_CREATE_INSTANCE, "RemoteCreateInstance");
        let request = CreateInstanceRequest {
            clsid: CLSID_PHYSICAL_DEVICE,
            class_context: 0x14,
            iids: iids.to_vec(),
            version: OWN_VERSION,
            imp_level: 2,
            protseqs: vec![TOWER_TCP],
        };
        let write = |w: &mut NdrWriter| {
            self.write_this(w);
            request.write(w);
        };
        let answer = self.call_resolver(peer, method, write).await?;
        let response = behind_that(peer, method.2, &answer, CreateInstanceResponse::read)?;
        checked(peer, method.2, response.status)?;
        let created = response.created.ok_or_else(|| RpcError::broke(peer, method.2, WrongAnswer::NO_INTERFACE))?;
        Ok(Activated {
            oxid: created.oxid,
            bindings: created.bindings,
            rem_unknown: created.rem_unknown,
            interfaces: created.interfaces.into_iter().map(|(_, one)| one).collect(),
        })
    }

    async fn remote_activation(&self, peer: SocketAddr, iids: &[Guid]) -> Result<Activated, RpcError> {
        let method = (iid::ACTIVATION, REMOTE_ACTIVATION, "RemoteActivation");
        let request = RemoteActivationRequest {
            clsid: CLSID_PHYSICAL_DEVICE,
            object_name: None,
            object_storage: None,
            imp_level: 2,
            mode: 0,
            iids: iids.to_vec(),
            protseqs: vec![TOWER_TCP],
        };
        let write = |w: &mut NdrWriter| {
            self.write_this(w);
            request.write(w);
        };
        let answer = self.call_resolver(peer, method, write).await?;
        let response = behind_that(peer, method.2, &answer, RemoteActivationResponse::read)?;
        checked(peer, method.2, response.status)?;
        checked(peer, method.2, response.hresult)?;
        Ok(Activated {
            oxid: response.oxid,
            bindings: response.bindings.unwrap_or_default(),
            rem_unknown: response.rem_unknown,
            interfaces: response.interfaces,
        })
    }

    fn remember(&self, oxid: u64, exporter: RemoteExporter) {
        let mut exporters = lock(&self.inner.exporters);
        if exporters.len() >= REMEMBERED {
            exporters.clear();
        }
        exporters.insert(oxid, exporter);
    }

    /// Makes an interface pointer that was received, as OBJREF bytes, into an object to call. Asks the
    /// pointer's resolver where its exporter is, unless that is known.
    ///
    /// # Errors
    /// Not a pointer to an object elsewhere; its resolver is not reachable or does not know it. `from`
    /// is named as who sent it.
    pub async fn unmarshal(&self, objref: &[u8], from: SocketAddr) -> Result<RemoteObject, RpcError> {
        let call = "interface pointer";
        let objref = stub_of(from, call, ObjRef::parse(objref))?;
        let standard = objref.standard().ok_or_else(|| RpcError::broke(from, call, WrongAnswer::CUSTOM))?;
        let reference = RemoteRef::from(standard);
        let known = lock(&self.inner.exporters).get(&reference.oxid).copied();
        let exporter = match known {
            Some(exporter) => exporter,
            None => self.resolve(&reference, from).await?,
        };
        Ok(RemoteObject::new(self.clone(), reference, exporter, Vec::new()))
    }

    async fn resolve(&self, reference: &RemoteRef, from: SocketAddr) -> Result<RemoteExporter, RpcError> {
        let method = (iid::OXID_RESOLVER, RESOLVE_OXID2, "ResolveOxid2");
        let resolver = reference.resolver.ok_or_else(|| RpcError::broke(from, method.2, WrongAnswer::NO_BINDING))?;
        let peer = SocketAddr::new(resolver.ip.into(), resolver.port);
        let request = ResolveOxidRequest { oxid: reference.oxid, protseqs: vec![TOWER_TCP] };
        let answer = self.call_resolver(peer, method, |w| request.write(w)).await?;
        let response = stub_of(peer, method.2, ResolveOxidResponse::read(&mut answer.reader(), true))?;
        checked(peer, method.2, response.status)?;
        let place = response
            .bindings
            .as_ref()
            .and_then(|bindings| Where::first_of(bindings, 0))
            .filter(|place| place.port != 0)
            .ok_or_else(|| RpcError::broke(peer, method.2, WrongAnswer::NO_BINDING))?;
        let address = SocketAddr::new(place.ip.into(), place.port);
        let exporter = RemoteExporter { address, rem_unknown: response.rem_unknown };
        self.remember(reference.oxid, exporter);
        Ok(exporter)
    }
}

/// What both activations yield.
struct Activated {
    oxid: u64,
    bindings: DualStringArray,
    rem_unknown: Guid,
    interfaces: Vec<ActivatedInterface>,
}

/// Answers that can be read but make no sense.
pub(super) struct WrongAnswer;

impl WrongAnswer {
    const NO_BINDING: super::Violation =
        super::Violation::Meaning("no TCP address with a port says where the exporter is");
    const CUSTOM: super::Violation = super::Violation::Meaning("the interface pointer is not of the standard form");
    pub(super) const NO_INTERFACE: super::Violation = super::Violation::Meaning("it holds no interface pointer");
}

/// A stub's content, or who sent one that cannot be read.
pub(super) fn stub_of<T>(peer: SocketAddr, call: &'static str, read: Result<T, WireError>) -> Result<T, RpcError> {
    read.map_err(|error| RpcError::broke(peer, call, error))
}

/// A stub's content behind ORPCTHAT.
pub(super) fn behind_that<T>(
    peer: SocketAddr,
    call: &'static str,
    answer: &Answer,
    read: impl FnOnce(&mut NdrReader<'_>) -> Result<T, WireError>,
) -> Result<T, RpcError> {
    let mut r = answer.reader();
    stub_of(peer, call, OrpcThat::read(&mut r).and_then(|_| read(&mut r)))
}

/// A result of DCOM itself that must not be a failure.
pub(super) fn checked(peer: SocketAddr, call: &'static str, status: u32) -> Result<(), RpcError> {
    let code = HResult(status);
    if code.is_failure() { Err(RpcError::HResult { peer, call, code }) } else { Ok(()) }
}

/// The address this host calls `toward` from. No packet is sent.
fn own_address_toward(toward: Ipv4Addr) -> Ipv4Addr {
    let find = || {
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
        socket.connect((toward, RESOLVER_PORT))?;
        socket.local_addr()
    };
    match find().map(|address: SocketAddr| address.ip()) {
        Ok(IpAddr::V4(ip)) => ip,
        _ => Ipv4Addr::LOCALHOST,
    }
}

#[cfg(test)]
impl RpcNode {
    /// The pointer that RemoteActivation yields.
    pub(super) async fn activated_the_old_way(&self, peer: SocketAddr, iid: Guid) -> Option<ObjRef> {
        self.remote_activation(peer, &[iid]).await.ok()?.interfaces.pop()?.objref
    }
}
