//! The server of the resolver port: OXID resolver, ping sets, both activations (protocol notes 3.3 to 3.5).

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::time::Duration;

use super::IdSource;
use super::convention::{
    AUTHN_HINT_NONE, MOST_INTERFACES, MOST_PING_SETS, MOST_PINGED_OBJECTS, OWN_VERSION, PING_SET_LIFE, RESOLVER_PORT,
};
use crate::wire::dcerpc::fault::FaultStatus;
use crate::wire::dcom::activation::{
    ActivatedInterface, REMOTE_ACTIVATION, RemoteActivationRequest, RemoteActivationResponse,
};
use crate::wire::dcom::oxid::{
    COMPLEX_PING, ComplexPingRequest, ComplexPingResponse, RESOLVE_OXID, RESOLVE_OXID2, ResolveOxidRequest,
    ResolveOxidResponse, SERVER_ALIVE, SERVER_ALIVE2, SIMPLE_PING, ServerAlive2Response, SimplePingRequest,
    StatusResponse,
};
use crate::wire::dcom::properties::{
    CreateInstanceRequest, CreateInstanceResponse, CreatedInstance, REMOTE_CREATE_INSTANCE,
};
use crate::wire::dcom::{ComVersion, DualStringArray, ObjRef, OrpcThat, OrpcThis, StandardObjRef, iid, status};
use crate::wire::ndr::{NdrReader, NdrWriter};
use crate::wire::{Guid, WireError};

/// Where a process is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Endpoint {
    /// Its address.
    pub ip: Ipv4Addr,
    /// Port of its resolver.
    pub resolver_port: u16,
    /// Port of its exporter.
    pub exporter_port: u16,
}

impl Endpoint {
    /// String binding of the resolver, as it stands in OBJREFs.
    pub fn resolver_bindings(&self) -> DualStringArray {
        DualStringArray::tcp(self.ip, (self.resolver_port != RESOLVER_PORT).then_some(self.resolver_port))
    }

    /// String binding of the exporter, as an OXID resolves to it.
    pub fn exporter_bindings(&self) -> DualStringArray {
        DualStringArray::tcp(self.ip, Some(self.exporter_port))
    }
}

/// Who knows the classes that can be activated.
pub trait Activator {
    /// Interface pointers to the object of a class, `None` for an interface it does not have.
    ///
    /// # Errors
    /// The HRESULT to answer with, REGDB_E_CLASSNOTREG for an unknown class.
    fn activate(&mut self, clsid: Guid, iids: &[Guid]) -> Result<Vec<Option<StandardObjRef>>, u32>;
}

/// Server of the resolver port of one process.
#[derive(Debug)]
pub struct Resolver {
    endpoint: Endpoint,
    oxid: u64,
    rem_unknown: Guid,
    sets: BTreeMap<u64, PingSet>,
}

#[derive(Debug)]
struct PingSet {
    oids: BTreeSet<u64>,
    heard: Duration,
}

impl Resolver {
    /// The interfaces it serves.
    pub const INTERFACES: [Guid; 3] = [iid::OXID_RESOLVER, iid::ACTIVATION, iid::SYSTEM_ACTIVATOR];

    /// For an exporter with this OXID, whose IRemUnknown has this IPID.
    pub fn new(endpoint: Endpoint, oxid: u64, rem_unknown: Guid) -> Self {
        Self { endpoint, oxid, rem_unknown, sets: BTreeMap::new() }
    }

    /// Answers a request: whole stub in, whole stub out. `now` is the time since any fixed moment.
    ///
    /// # Errors
    /// The fault to answer with.
    pub fn call(
        &mut self,
        interface: Guid,
        opnum: u16,
        stub: &mut NdrReader<'_>,
        now: Duration,
        ids: &mut IdSource,
        activator: &mut dyn Activator,
    ) -> Result<Vec<u8>, FaultStatus> {
        self.expire(now);
        let mut out = NdrWriter::new();
        match (interface, opnum) {
            (iid::OXID_RESOLVER, RESOLVE_OXID | RESOLVE_OXID2) => {
                let request = read(ResolveOxidRequest::read(stub))?;
                self.resolve(request.oxid, (opnum == RESOLVE_OXID2).then_some(OWN_VERSION)).write(&mut out);
            }
            (iid::OXID_RESOLVER, SERVER_ALIVE) => StatusResponse { status: status::S_OK }.write(&mut out),
            (iid::OXID_RESOLVER, SERVER_ALIVE2) => ServerAlive2Response {
                version: OWN_VERSION,
                bindings: Some(self.endpoint.resolver_bindings()),
                status: status::S_OK,
            }
            .write(&mut out),
            (iid::OXID_RESOLVER, SIMPLE_PING) => {
                let request = read(SimplePingRequest::read(stub))?;
                let known = self.sets.get_mut(&request.set_id).map(|set| set.heard = now);
                StatusResponse { status: known.map_or(status::OR_INVALID_SET, |()| status::S_OK) }.write(&mut out);
            }
            (iid::OXID_RESOLVER, COMPLEX_PING) => {
                let request = read(ComplexPingRequest::read(stub))?;
                self.complex_ping(&request, now, ids).write(&mut out);
            }
            (iid::ACTIVATION, REMOTE_ACTIVATION) => {
                let version = read_this(stub)?;
                let request = read(RemoteActivationRequest::read(stub))?;
                few(&request.iids)?;
                OrpcThat::default().write(&mut out);
                self.remote_activation(&request, version, activator).write(&mut out);
            }
            (iid::SYSTEM_ACTIVATOR, REMOTE_CREATE_INSTANCE) => {
                let version = read_this(stub)?;
                let request = read(CreateInstanceRequest::read(stub))?;
                few(&request.iids)?;
                OrpcThat::default().write(&mut out);
                self.create_instance(&request, version, activator).write(&mut out);
            }
            _ => return Err(FaultStatus::OP_RANGE),
        }
        Ok(out.into_bytes())
    }

    /// Whether some client still pings this object.
    pub fn is_pinged(&self, oid: u64) -> bool {
        self.sets.values().any(|set| set.oids.contains(&oid))
    }

    fn expire(&mut self, now: Duration) {
        self.sets.retain(|_, set| now.saturating_sub(set.heard) < PING_SET_LIFE);
    }

    fn resolve(&self, oxid: u64, version: Option<ComVersion>) -> ResolveOxidResponse {
        let known = oxid == self.oxid;
        ResolveOxidResponse {
            bindings: known.then(|| self.endpoint.exporter_bindings()),
            rem_unknown: if known { self.rem_unknown } else { Guid::NIL },
            authn_hint: AUTHN_HINT_NONE,
            version,
            status: if known { status::S_OK } else { status::OR_INVALID_OXID },
        }
    }

    fn complex_ping(&mut self, request: &ComplexPingRequest, now: Duration, ids: &mut IdSource) -> ComplexPingResponse {
        let refused = |set_id, status| ComplexPingResponse { set_id, ping_backoff_factor: 0, status };
        let mut set_id = request.set_id;
        if set_id == 0 {
            if self.sets.len() >= MOST_PING_SETS {
                return refused(0, status::E_OUTOFMEMORY);
            }
            set_id = ids.id();
            while self.sets.contains_key(&set_id) {
                set_id = ids.id();
            }
            self.sets.insert(set_id, PingSet { oids: BTreeSet::new(), heard: now });
        }
        let Some(set) = self.sets.get_mut(&set_id) else { return refused(set_id, status::OR_INVALID_SET) };
        set.heard = now;
        for oid in &request.del {
            set.oids.remove(oid);
        }
        if set.oids.len().saturating_add(request.add.len()) > MOST_PINGED_OBJECTS {
            return refused(set_id, status::E_OUTOFMEMORY);
        }
        set.oids.extend(&request.add);
        ComplexPingResponse { set_id, ping_backoff_factor: 0, status: status::S_OK }
    }

    fn remote_activation(
        &self,
        request: &RemoteActivationRequest,
        version: ComVersion,
        activator: &mut dyn Activator,
    ) -> RemoteActivationResponse {
        let activated = activator.activate(request.clsid, &request.iids);
        let hresult = activated.as_ref().err().copied().unwrap_or(status::S_OK);
        let done = activated.is_ok();
        let interfaces = activated.unwrap_or_else(|_| request.iids.iter().map(|_| None).collect());
        RemoteActivationResponse {
            oxid: if done { self.oxid } else { 0 },
            bindings: done.then(|| self.endpoint.exporter_bindings()),
            rem_unknown: if done { self.rem_unknown } else { Guid::NIL },
            authn_hint: AUTHN_HINT_NONE,
            version,
            hresult,
            interfaces: interfaces.into_iter().map(|objref| activated_interface(objref, hresult)).collect(),
            status: status::S_OK,
        }
    }

    fn create_instance(
        &self,
        request: &CreateInstanceRequest,
        version: ComVersion,
        activator: &mut dyn Activator,
    ) -> CreateInstanceResponse {
        let interfaces = match activator.activate(request.clsid, &request.iids) {
            Ok(interfaces) => interfaces,
            Err(status) => return CreateInstanceResponse { created: None, status },
        };
        let answers = interfaces.into_iter().map(|objref| activated_interface(objref, status::S_OK));
        let created = CreatedInstance {
            interfaces: request.iids.iter().copied().zip(answers).collect(),
            oxid: self.oxid,
            bindings: self.endpoint.exporter_bindings(),
            rem_unknown: self.rem_unknown,
            authn_hint: AUTHN_HINT_NONE,
            version,
        };
        CreateInstanceResponse { created: Some(created), status: status::S_OK }
    }
}

fn activated_interface(objref: Option<StandardObjRef>, failed: u32) -> ActivatedInterface {
    let hresult = match (&objref, failed) {
        (Some(_), _) => status::S_OK,
        (None, status::S_OK) => status::E_NOINTERFACE,
        (None, failed) => failed,
    };
    ActivatedInterface { hresult, objref: objref.map(ObjRef::from) }
}

fn read<T>(result: Result<T, WireError>) -> Result<T, FaultStatus> {
    result.map_err(|_| FaultStatus::BAD_STUB)
}

/// The fault for more interfaces than anybody needs.
pub(super) fn few(iids: &[Guid]) -> Result<(), FaultStatus> {
    if iids.len() <= MOST_INTERFACES { Ok(()) } else { Err(FaultStatus::BAD_STUB) }
}

/// Reads ORPCTHIS and agrees on a version: the smaller minor of both sides (P3).
fn read_this(stub: &mut NdrReader<'_>) -> Result<ComVersion, FaultStatus> {
    let this = read(OrpcThis::read(stub))?;
    if this.version.major != OWN_VERSION.major {
        return Err(FaultStatus::VERSION_MISMATCH);
    }
    Ok(this.version.min(OWN_VERSION))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::dcom::StdObjRef;
    use crate::wire::ndr::ByteOrder;

    const CLASS: Guid = Guid::from_u128(0xcba0_0000);
    const PDEV: Guid = Guid::from_u128(0xcba0_0001);
    const OXID: u64 = 0x1122;
    const REM_UNKNOWN: Guid = Guid::from_u128(0x131);

    struct Device;

    impl Activator for Device {
        fn activate(&mut self, clsid: Guid, iids: &[Guid]) -> Result<Vec<Option<StandardObjRef>>, u32> {
            if clsid != CLASS {
                return Err(status::REGDB_E_CLASSNOTREG);
            }
            let std = StdObjRef { flags: 0, public_refs: 5, oxid: OXID, oid: 9, ipid: Guid::from_u128(77) };
            let pdev = || StandardObjRef { iid: PDEV, std, resolver: DualStringArray::tcp("127.0.0.2", None) };
            Ok(iids.iter().map(|iid| (*iid == PDEV).then(pdev)).collect())
        }
    }

    struct Lab {
        resolver: Resolver,
        ids: IdSource,
    }

    fn lab() -> Lab {
        let endpoint = Endpoint { ip: [127, 0, 0, 2].into(), resolver_port: 41_350, exporter_port: 49_155 };
        let mut next = 0;
        let ids = IdSource::new(move || {
            next += 1;
            next
        });
        Lab { resolver: Resolver::new(endpoint, OXID, REM_UNKNOWN), ids }
    }

    impl Lab {
        fn call(&mut self, interface: Guid, opnum: u16, stub: NdrWriter, seconds: u64) -> Result<Vec<u8>, FaultStatus> {
            let stub = stub.into_bytes();
            let now = Duration::from_secs(seconds);
            let mut reader = NdrReader::new(&stub, ByteOrder::Little);
            self.resolver.call(interface, opnum, &mut reader, now, &mut self.ids, &mut Device)
        }

        fn ping(&mut self, set_id: u64, add: &[u64], del: &[u64], seconds: u64) -> ComplexPingResponse {
            let mut stub = NdrWriter::new();
            ComplexPingRequest { set_id, sequence: 1, add: add.to_vec(), del: del.to_vec() }.write(&mut stub);
            let answer = self.call(iid::OXID_RESOLVER, COMPLEX_PING, stub, seconds).unwrap();
            ComplexPingResponse::read(&mut NdrReader::new(&answer, ByteOrder::Little)).unwrap()
        }
    }

    #[test]
    fn an_oxid_resolves_to_address_and_port() {
        let mut lab = lab();
        let mut resolve = |oxid| {
            let mut stub = NdrWriter::new();
            ResolveOxidRequest { oxid, protseqs: vec![7] }.write(&mut stub);
            let answer = lab.call(iid::OXID_RESOLVER, RESOLVE_OXID2, stub, 0).unwrap();
            ResolveOxidResponse::read(&mut NdrReader::new(&answer, ByteOrder::Little), true).unwrap()
        };
        let known = resolve(OXID);
        assert_eq!(known.bindings, Some(DualStringArray::tcp("127.0.0.2", Some(49_155))));
        assert_eq!((known.rem_unknown, known.status), (REM_UNKNOWN, status::S_OK));
        assert_eq!(resolve(5).status, status::OR_INVALID_OXID);
    }

    #[test]
    fn a_resolver_on_another_port_says_so() {
        let answer = lab().call(iid::OXID_RESOLVER, SERVER_ALIVE2, NdrWriter::new(), 0).unwrap();
        let answer = ServerAlive2Response::read(&mut NdrReader::new(&answer, ByteOrder::Little)).unwrap();
        assert_eq!(answer.bindings, Some(DualStringArray::tcp("127.0.0.2", Some(41_350))));
    }

    #[test]
    fn a_silent_ping_set_is_forgotten() {
        let mut lab = lab();
        let set_id = lab.ping(0, &[9, 10], &[], 0).set_id;
        assert_ne!(set_id, 0);
        assert_eq!(lab.ping(set_id, &[], &[10], 359).status, status::S_OK);
        assert!(lab.resolver.is_pinged(9) && !lab.resolver.is_pinged(10));
        assert_eq!(lab.ping(set_id, &[], &[], 359 + 360).status, status::OR_INVALID_SET);
        assert!(!lab.resolver.is_pinged(9));
    }

    #[test]
    fn ping_sets_are_bounded() {
        let mut lab = lab();
        for _ in 0..MOST_PING_SETS {
            assert_eq!(lab.ping(0, &[], &[], 0).status, status::S_OK);
        }
        assert_eq!(lab.ping(0, &[], &[], 0).status, status::E_OUTOFMEMORY);
        let too_many: Vec<u64> = (0..=MOST_PINGED_OBJECTS as u64).collect();
        let mut lab = self::lab();
        assert_eq!(lab.ping(0, &too_many, &[], 0).status, status::E_OUTOFMEMORY);
    }

    #[test]
    fn the_old_activation_answers_interface_by_interface() {
        let mut lab = lab();
        let mut activate = |clsid| {
            let mut stub = NdrWriter::new();
            OrpcThis { version: ComVersion { major: 5, minor: 1 }, flags: 0, causality_id: CLASS }.write(&mut stub);
            RemoteActivationRequest {
                clsid,
                object_name: None,
                object_storage: None,
                imp_level: 2,
                mode: 0,
                iids: vec![PDEV, CLASS],
                protseqs: vec![7],
            }
            .write(&mut stub);
            let answer = lab.call(iid::ACTIVATION, REMOTE_ACTIVATION, stub, 0).unwrap();
            let mut reader = NdrReader::new(&answer, ByteOrder::Little);
            OrpcThat::read(&mut reader).unwrap();
            RemoteActivationResponse::read(&mut reader).unwrap()
        };
        let answer = activate(CLASS);
        assert_eq!(answer.version, ComVersion { major: 5, minor: 1 }, "the smaller version is used");
        assert!(answer.interfaces[0].objref.is_some());
        assert_eq!(answer.interfaces[1].hresult, status::E_NOINTERFACE);
        assert_eq!(activate(PDEV).hresult, status::REGDB_E_CLASSNOTREG);
    }

    #[test]
    fn faults_name_the_reason() {
        let mut lab = lab();
        assert_eq!(lab.call(iid::OXID_RESOLVER, 9, NdrWriter::new(), 0), Err(FaultStatus::OP_RANGE));
        assert_eq!(lab.call(iid::OXID_RESOLVER, SIMPLE_PING, NdrWriter::new(), 0), Err(FaultStatus::BAD_STUB));
        let mut stub = NdrWriter::new();
        OrpcThis { version: ComVersion { major: 6, minor: 0 }, flags: 0, causality_id: CLASS }.write(&mut stub);
        assert_eq!(lab.call(iid::ACTIVATION, REMOTE_ACTIVATION, stub, 0), Err(FaultStatus::VERSION_MISMATCH));
    }
}
