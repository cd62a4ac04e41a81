//! The objects a process offers: OID and interfaces of each, found again by IPID; IRemUnknown.

use std::collections::HashMap;

use super::IdSource;
use super::convention::PUBLIC_REFS;
use super::resolver::few;
use crate::wire::dcerpc::fault::FaultStatus;
use crate::wire::dcom::rem_unknown::{
    AddRefResponse, QueryInterface2Request, QueryInterface2Response, QueryInterfaceRequest, QueryInterfaceResponse,
    QueryInterfaceResult, REM_ADD_REF, REM_QUERY_INTERFACE, REM_QUERY_INTERFACE2, REM_RELEASE, ReferencesRequest,
};
use crate::wire::dcom::{DualStringArray, ObjRef, StandardObjRef, StdObjRef, iid, status};
use crate::wire::ndr::{NdrReader, NdrWriter};
use crate::wire::{Guid, WireError};

/// Identity of an exported object, its OID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Oid(pub u64);

/// What a request on the exporter's port is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// IRemUnknown or IRemUnknown2: [`Exporter::rem_unknown`] answers.
    RemUnknown,
    /// A method of an exported object.
    Object {
        /// The object.
        oid: Oid,
        /// Its interface.
        iid: Guid,
    },
}

/// The table of exported objects of one process (one OXID).
#[derive(Debug)]
pub struct Exporter {
    oxid: u64,
    rem_unknown: Guid,
    objects: HashMap<Oid, Vec<Interface>>,
    by_ipid: HashMap<Guid, (Oid, Guid)>,
}

#[derive(Debug, Clone, Copy)]
struct Interface {
    iid: Guid,
    ipid: Guid,
    /// References clients hold; for statistics only, since CBA objects live as long as their device (P4).
    refs: u64,
}

impl Exporter {
    /// An exporter without objects.
    pub fn new(ids: &mut IdSource) -> Self {
        Self { oxid: ids.id(), rem_unknown: ids.guid(), objects: HashMap::new(), by_ipid: HashMap::new() }
    }

    /// Identity of this exporter.
    pub fn oxid(&self) -> u64 {
        self.oxid
    }

    /// IPID of its IRemUnknown.
    pub fn rem_unknown_ipid(&self) -> Guid {
        self.rem_unknown
    }

    /// Offers an object with these interfaces; IUnknown is always among them.
    pub fn export(&mut self, ids: &mut IdSource, iids: impl IntoIterator<Item = Guid>) -> Oid {
        let mut oid = Oid(ids.id());
        while self.objects.contains_key(&oid) {
            oid = Oid(ids.id());
        }
        let mut interfaces: Vec<Interface> = Vec::new();
        for iid in iids.into_iter().chain([iid::UNKNOWN]) {
            if interfaces.iter().all(|known| known.iid != iid) {
                let ipid = ids.guid();
                self.by_ipid.insert(ipid, (oid, iid));
                interfaces.push(Interface { iid, ipid, refs: 0 });
            }
        }
        self.objects.insert(oid, interfaces);
        oid
    }

    /// Takes an object away: its IPIDs are unknown from now on.
    pub fn withdraw(&mut self, oid: Oid) {
        for interface in self.objects.remove(&oid).unwrap_or_default() {
            self.by_ipid.remove(&interface.ipid);
        }
    }

    /// References that clients hold on an object, over all its interfaces.
    pub fn references(&self, oid: Oid) -> u64 {
        self.objects.get(&oid).map_or(0, |interfaces| interfaces.iter().map(|interface| interface.refs).sum())
    }

    /// What an OBJREF says of an interface of an object, with new references for its receiver; `None` where the object has no
    /// such interface.
    pub fn hand_out(&mut self, oid: Oid, iid: Guid, refs: u32) -> Option<StdObjRef> {
        let interface = self.objects.get_mut(&oid)?.iter_mut().find(|interface| interface.iid == iid)?;
        interface.refs = interface.refs.saturating_add(refs.into());
        Some(StdObjRef { flags: 0, public_refs: refs, oxid: self.oxid, oid: oid.0, ipid: interface.ipid })
    }

    /// An interface pointer to an object, resolvable at `resolver`; `None` where the object has no such interface.
    pub fn marshal(&mut self, oid: Oid, iid: Guid, resolver: DualStringArray) -> Option<StandardObjRef> {
        Some(StandardObjRef { iid, std: self.hand_out(oid, iid, PUBLIC_REFS)?, resolver })
    }

    /// Finds whom a request is for, from its object UUID and the interface of its presentation context.
    ///
    /// # Errors
    /// The fault to answer with: no or an unknown IPID, or one of another interface (protocol notes 2.6).
    pub fn route(&self, ipid: Option<Guid>, context: Guid) -> Result<Route, FaultStatus> {
        let ipid = ipid.ok_or(FaultStatus::DISCONNECTED)?;
        if ipid == self.rem_unknown {
            let known = context == iid::REM_UNKNOWN || context == iid::REM_UNKNOWN2;
            return if known { Ok(Route::RemUnknown) } else { Err(FaultStatus::INVALID_IPID) };
        }
        let (oid, iid) = *self.by_ipid.get(&ipid).ok_or(FaultStatus::DISCONNECTED)?;
        if iid == context { Ok(Route::Object { oid, iid }) } else { Err(FaultStatus::INVALID_IPID) }
    }

    /// Answers a method of IRemUnknown(2): arguments behind ORPCTHIS in, results behind ORPCTHAT out.
    ///
    /// # Errors
    /// The fault to answer with: unknown opnum, unreadable arguments.
    pub fn rem_unknown(
        &mut self,
        opnum: u16,
        arguments: &mut NdrReader<'_>,
        resolver: &DualStringArray,
        out: &mut NdrWriter,
    ) -> Result<(), FaultStatus> {
        let bad_stub = |_: WireError| FaultStatus::BAD_STUB;
        match opnum {
            REM_QUERY_INTERFACE => {
                let request = QueryInterfaceRequest::read(arguments).map_err(bad_stub)?;
                few(&request.iids)?;
                self.query_interface(&request).write(out);
            }
            REM_QUERY_INTERFACE2 => {
                let request = QueryInterface2Request::read(arguments).map_err(bad_stub)?;
                few(&request.iids)?;
                let query = QueryInterfaceRequest { ipid: request.ipid, refs: PUBLIC_REFS, iids: request.iids };
                let answer = self.query_interface(&query);
                let interfaces = answer.results.iter().zip(&query.iids).map(|(result, iid)| {
                    let standard = StandardObjRef { iid: *iid, std: result.std, resolver: resolver.clone() };
                    (result.hresult == status::S_OK).then(|| ObjRef::from(standard))
                });
                QueryInterface2Response {
                    results: answer.results.iter().map(|result| result.hresult).collect(),
                    interfaces: interfaces.collect(),
                    hresult: answer.hresult,
                }
                .write(out);
            }
            REM_ADD_REF => {
                let request = ReferencesRequest::read(arguments).map_err(bad_stub)?;
                let count = |known: u64, change: u32| known.saturating_add(change.into());
                let results = self.count(&request, count);
                AddRefResponse { results, hresult: status::S_OK }.write(out);
            }
            REM_RELEASE => {
                let request = ReferencesRequest::read(arguments).map_err(bad_stub)?;
                self.count(&request, |known, change| known.saturating_sub(change.into()));
                out.u32(status::S_OK);
            }
            _ => return Err(FaultStatus::OP_RANGE),
        }
        Ok(())
    }

    fn query_interface(&mut self, request: &QueryInterfaceRequest) -> QueryInterfaceResponse {
        let Some((oid, _)) = self.by_ipid.get(&request.ipid).copied() else {
            return QueryInterfaceResponse { results: Vec::new(), hresult: status::RPC_E_INVALID_OBJECT };
        };
        let results: Vec<_> = request
            .iids
            .iter()
            .map(|iid| match self.hand_out(oid, *iid, request.refs) {
                Some(std) => QueryInterfaceResult { hresult: status::S_OK, std },
                None => QueryInterfaceResult { hresult: status::E_NOINTERFACE, std: StdObjRef::default() },
            })
            .collect();
        let n_found = results.iter().filter(|result| result.hresult == status::S_OK).count();
        let hresult = match n_found {
            0 => status::E_NOINTERFACE,
            n if n == results.len() => status::S_OK,
            _ => status::S_FALSE,
        };
        QueryInterfaceResponse { results, hresult }
    }

    fn count(&mut self, request: &ReferencesRequest, change: impl Fn(u64, u32) -> u64) -> Vec<u32> {
        let one = |one: &crate::wire::dcom::rem_unknown::InterfaceRef| {
            let (oid, iid) = *self.by_ipid.get(&one.ipid)?;
            let interface = self.objects.get_mut(&oid)?.iter_mut().find(|interface| interface.iid == iid)?;
            interface.refs = change(interface.refs, one.public_refs);
            Some(status::S_OK)
        };
        request.refs.iter().map(one).map(|result| result.unwrap_or(status::RPC_E_INVALID_OBJECT)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::ndr::ByteOrder;

    const PDEV: Guid = Guid::from_u128(0xcba0_0001);
    const PDEV2: Guid = Guid::from_u128(0xcba0_0006);

    fn ids() -> IdSource {
        let mut next = 0_u128;
        IdSource::new(move || {
            next += 1;
            next << 64 | next
        })
    }

    fn exporter() -> (Exporter, Oid, Guid) {
        let (mut ids, mut exporter);
        ids = self::ids();
        exporter = Exporter::new(&mut ids);
        let oid = exporter.export(&mut ids, [PDEV, PDEV2]);
        let ipid = exporter.hand_out(oid, PDEV, 5).unwrap().ipid;
        (exporter, oid, ipid)
    }

    fn call(exporter: &mut Exporter, opnum: u16, arguments: NdrWriter) -> Result<Vec<u8>, FaultStatus> {
        let stub = arguments.into_bytes();
        let mut out = NdrWriter::new();
        let resolver = DualStringArray::tcp("127.0.0.2", None);
        exporter.rem_unknown(opnum, &mut NdrReader::new(&stub, ByteOrder::Little), &resolver, &mut out)?;
        Ok(out.into_bytes())
    }

    #[test]
    fn requests_find_object_and_interface_by_ipid() {
        let (mut exporter, oid, ipid) = exporter();
        assert_eq!(exporter.route(Some(ipid), PDEV), Ok(Route::Object { oid, iid: PDEV }));
        assert_eq!(exporter.route(Some(ipid), PDEV2), Err(FaultStatus::INVALID_IPID));
        assert_eq!(exporter.route(Some(Guid::from_u128(7)), PDEV), Err(FaultStatus::DISCONNECTED));
        assert_eq!(exporter.route(None, PDEV), Err(FaultStatus::DISCONNECTED));
        let rem_unknown = exporter.rem_unknown_ipid();
        assert_eq!(exporter.route(Some(rem_unknown), iid::REM_UNKNOWN), Ok(Route::RemUnknown));
        assert_eq!(exporter.route(Some(rem_unknown), PDEV), Err(FaultStatus::INVALID_IPID));
        exporter.withdraw(oid);
        assert_eq!(exporter.route(Some(ipid), PDEV), Err(FaultStatus::DISCONNECTED));
    }

    #[test]
    fn query_interface_tells_all_some_and_none() {
        let (mut exporter, oid, ipid) = exporter();
        let mut query = |iids: &[Guid]| {
            let mut arguments = NdrWriter::new();
            QueryInterfaceRequest { ipid, refs: 5, iids: iids.to_vec() }.write(&mut arguments);
            let answer = call(&mut exporter, REM_QUERY_INTERFACE, arguments).unwrap();
            QueryInterfaceResponse::read(&mut NdrReader::new(&answer, ByteOrder::Little)).unwrap()
        };
        let other = Guid::from_u128(1);
        assert_eq!(query(&[PDEV, PDEV2]).hresult, status::S_OK);
        let some = query(&[other, PDEV2]);
        assert_eq!(some.hresult, status::S_FALSE);
        assert_eq!(some.results[0], QueryInterfaceResult { hresult: status::E_NOINTERFACE, std: StdObjRef::default() });
        assert_eq!(some.results[1].std.oid, oid.0);
        assert_eq!(query(&[other]).hresult, status::E_NOINTERFACE);
    }

    #[test]
    fn references_are_counted_and_unknown_opnums_refused() {
        let (mut exporter, oid, ipid) = exporter();
        let refs = |public_refs| {
            let mut arguments = NdrWriter::new();
            let one = crate::wire::dcom::rem_unknown::InterfaceRef { ipid, public_refs, private_refs: 0 };
            ReferencesRequest { refs: vec![one] }.write(&mut arguments);
            arguments
        };
        assert_eq!(exporter.references(oid), 5);
        call(&mut exporter, REM_ADD_REF, refs(2)).unwrap();
        assert_eq!(exporter.references(oid), 7);
        assert_eq!(call(&mut exporter, REM_RELEASE, refs(100)).unwrap(), [0; 4]);
        assert_eq!(exporter.references(oid), 0);
        assert_eq!(call(&mut exporter, 9, NdrWriter::new()), Err(FaultStatus::OP_RANGE));
        assert_eq!(call(&mut exporter, REM_RELEASE, NdrWriter::new()), Err(FaultStatus::BAD_STUB));
    }
}
