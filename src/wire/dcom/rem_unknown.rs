//! IRemUnknown and IRemUnknown2: QueryInterface and reference counting over the network (protocol
//! notes 3.6). Called on the exporter with the IPID of its IRemUnknown; behind ORPCTHIS and ORPCTHAT.
//!
//! ```text
//! 3 RemQueryInterface   IPID, u32 cRefs, u16 cIids, [pad], u32 max_count, n × IID
//!                       -> ptr, u32 max_count, n × REMQIRESULT, u32 HRESULT
//! 4 RemAddRef           u16 c, [pad], u32 max_count, c × { IPID, u32 public, u32 private }
//!                       -> u32 max_count, c × u32 HRESULT, u32 HRESULT
//! 5 RemRelease          as 4 -> u32 HRESULT
//! 6 RemQueryInterface2  IPID, u16 cIids, [pad], u32 max_count, n × IID
//!                       -> u32 max_count, n × u32 HRESULT, u32 max_count, n × ptr,
//!                          interface pointers, u32 HRESULT
//! REMQIRESULT           8-aligned: u32 HRESULT, u32 pad, STDOBJREF
//! ```

use super::objref::{ObjRef, StdObjRef};
use crate::wire::ndr::{NdrReader, NdrWriter};
use crate::wire::{Guid, WireError};

/// Opnum of RemQueryInterface.
pub const REM_QUERY_INTERFACE: u16 = 3;
/// Opnum of RemAddRef.
pub const REM_ADD_REF: u16 = 4;
/// Opnum of RemRelease.
pub const REM_RELEASE: u16 = 5;
/// Opnum of RemQueryInterface2; IRemUnknown2 only.
pub const REM_QUERY_INTERFACE2: u16 = 6;

/// Request of RemQueryInterface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryInterfaceRequest {
    /// Any interface of the object asked.
    pub ipid: Guid,
    /// References wanted on each interface found.
    pub refs: u32,
    /// Interfaces wanted; at most 65,535.
    pub iids: Vec<Guid>,
}

impl QueryInterfaceRequest {
    /// Reads the arguments.
    ///
    /// # Errors
    /// Truncated, or counts that disagree.
    pub fn read(r: &mut NdrReader<'_>) -> Result<Self, WireError> {
        Ok(Self { ipid: r.guid("IPID")?, refs: r.u32("cRefs")?, iids: read_iids(r)? })
    }

    /// Writes the arguments.
    pub fn write(&self, w: &mut NdrWriter) {
        w.guid(self.ipid);
        w.u32(self.refs);
        write_iids(w, &self.iids);
    }
}

fn read_iids(r: &mut NdrReader<'_>) -> Result<Vec<Guid>, WireError> {
    let n = r.u16("cIids")?;
    let n = r.max_count_of(u32::from(n), 16, "IIDs")?;
    (0..n).map(|_| r.guid("IID")).collect()
}

fn write_iids(w: &mut NdrWriter, iids: &[Guid]) {
    let n = u16::try_from(iids.len()).unwrap_or(u16::MAX);
    w.u16(n);
    w.u32(u32::from(n));
    for iid in iids.iter().take(usize::from(n)) {
        w.guid(*iid);
    }
}

/// REMQIRESULT: answer for one interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QueryInterfaceResult {
    /// 0, or E_NOINTERFACE.
    pub hresult: u32,
    /// All zero where the interface is not there.
    pub std: StdObjRef,
}

const REMQIRESULT_LEN: usize = 48;

/// Response of RemQueryInterface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryInterfaceResponse {
    /// In the order of the IIDs; empty if the call failed as a whole.
    pub results: Vec<QueryInterfaceResult>,
    /// S_OK all found, S_FALSE some, E_NOINTERFACE none.
    pub hresult: u32,
}

impl QueryInterfaceResponse {
    /// Reads the results.
    ///
    /// # Errors
    /// Truncated, or a count that does not fit.
    pub fn read(r: &mut NdrReader<'_>) -> Result<Self, WireError> {
        let mut results = Vec::new();
        if r.pointer("REMQIRESULTs")? {
            let n = r.max_count(REMQIRESULT_LEN, "REMQIRESULTs")?;
            for _ in 0..n {
                r.align(8, "REMQIRESULT")?;
                let hresult = r.u32("HRESULT")?;
                r.align(8, "REMQIRESULT")?;
                results.push(QueryInterfaceResult { hresult, std: StdObjRef::read(r)? });
            }
        }
        Ok(Self { results, hresult: r.u32("HRESULT")? })
    }

    /// Writes the results.
    pub fn write(&self, w: &mut NdrWriter) {
        w.pointer(!self.results.is_empty());
        if !self.results.is_empty() {
            w.count(self.results.len());
            for result in &self.results {
                w.align(8);
                w.u32(result.hresult);
                w.align(8);
                result.std.write(w);
            }
        }
        w.u32(self.hresult);
    }
}

/// References on one interface, to be added or released.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InterfaceRef {
    /// The interface pointer.
    pub ipid: Guid,
    /// Public references.
    pub public_refs: u32,
    /// Private references; 0 without security.
    pub private_refs: u32,
}

/// Request of RemAddRef and RemRelease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferencesRequest {
    /// At most 65,535.
    pub refs: Vec<InterfaceRef>,
}

impl ReferencesRequest {
    /// Reads the arguments.
    ///
    /// # Errors
    /// Truncated, or counts that disagree.
    pub fn read(r: &mut NdrReader<'_>) -> Result<Self, WireError> {
        let n = r.u16("cInterfaceRefs")?;
        let n = r.max_count_of(u32::from(n), 24, "REMINTERFACEREFs")?;
        let refs = (0..n)
            .map(|_| {
                Ok(InterfaceRef {
                    ipid: r.guid("IPID")?,
                    public_refs: r.u32("cPublicRefs")?,
                    private_refs: r.u32("cPrivateRefs")?,
                })
            })
            .collect::<Result<_, WireError>>()?;
        Ok(Self { refs })
    }

    /// Writes the arguments.
    pub fn write(&self, w: &mut NdrWriter) {
        let n = u16::try_from(self.refs.len()).unwrap_or(u16::MAX);
        w.u16(n);
        w.u32(u32::from(n));
        for one in self.refs.iter().take(usize::from(n)) {
            w.guid(one.ipid);
            w.u32(one.public_refs);
            w.u32(one.private_refs);
        }
    }
}

/// Response of RemAddRef.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddRefResponse {
    /// In the order of the references.
    pub results: Vec<u32>,
    /// Of the whole.
    pub hresult: u32,
}

impl AddRefResponse {
    /// Reads the results.
    ///
    /// # Errors
    /// Truncated, or a count that does not fit.
    pub fn read(r: &mut NdrReader<'_>) -> Result<Self, WireError> {
        Ok(Self { results: read_hresults(r)?, hresult: r.u32("HRESULT")? })
    }

    /// Writes the results.
    pub fn write(&self, w: &mut NdrWriter) {
        write_hresults(w, self.results.iter().copied());
        w.u32(self.hresult);
    }
}

/// `u32 max_count, n × u32 HRESULT`.
pub(super) fn read_hresults(r: &mut NdrReader<'_>) -> Result<Vec<u32>, WireError> {
    let n = r.max_count(4, "HRESULTs")?;
    (0..n).map(|_| r.u32("HRESULT")).collect()
}

/// Counterpart of [`read_hresults`].
pub(super) fn write_hresults(w: &mut NdrWriter, hresults: impl ExactSizeIterator<Item = u32>) {
    w.count(hresults.len());
    for hresult in hresults {
        w.u32(hresult);
    }
}

/// `u32 max_count, n × ptr`, then the interface pointers that are not NULL.
pub(super) fn read_interfaces(r: &mut NdrReader<'_>) -> Result<Vec<Option<ObjRef>>, WireError> {
    let n = r.max_count(4, "interface pointers")?;
    let set = (0..n).map(|_| r.pointer("interface pointer")).collect::<Result<Vec<_>, _>>()?;
    set.into_iter().map(|set| if set { ObjRef::read_body(r).map(Some) } else { Ok(None) }).collect()
}

/// Counterpart of [`read_interfaces`].
pub(super) fn write_interfaces<'a>(
    w: &mut NdrWriter,
    interfaces: impl ExactSizeIterator<Item = Option<&'a ObjRef>> + Clone,
) {
    w.count(interfaces.len());
    for interface in interfaces.clone() {
        w.pointer(interface.is_some());
    }
    for objref in interfaces.flatten() {
        objref.write_body(w);
    }
}

/// Request of RemQueryInterface2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryInterface2Request {
    /// Any interface of the object asked.
    pub ipid: Guid,
    /// Interfaces wanted; at most 65,535.
    pub iids: Vec<Guid>,
}

impl QueryInterface2Request {
    /// Reads the arguments.
    ///
    /// # Errors
    /// Truncated, or counts that disagree.
    pub fn read(r: &mut NdrReader<'_>) -> Result<Self, WireError> {
        Ok(Self { ipid: r.guid("IPID")?, iids: read_iids(r)? })
    }

    /// Writes the arguments.
    pub fn write(&self, w: &mut NdrWriter) {
        w.guid(self.ipid);
        write_iids(w, &self.iids);
    }
}

/// Response of RemQueryInterface2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryInterface2Response {
    /// In the order of the IIDs.
    pub results: Vec<u32>,
    /// In the order of the IIDs; `None` where not found.
    pub interfaces: Vec<Option<ObjRef>>,
    /// As in [`QueryInterfaceResponse`].
    pub hresult: u32,
}

impl QueryInterface2Response {
    /// Reads the results.
    ///
    /// # Errors
    /// Truncated, a count that does not fit, an OBJREF that cannot be read.
    pub fn read(r: &mut NdrReader<'_>) -> Result<Self, WireError> {
        Ok(Self { results: read_hresults(r)?, interfaces: read_interfaces(r)?, hresult: r.u32("HRESULT")? })
    }

    /// Writes the results.
    pub fn write(&self, w: &mut NdrWriter) {
        write_hresults(w, self.results.iter().copied());
        write_interfaces(w, self.interfaces.iter().map(Option::as_ref));
        w.u32(self.hresult);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::dcom::{DualStringArray, StandardObjRef};
    use crate::wire::ndr::ByteOrder;

    #[test]
    fn query_interface2_round_trips() {
        let response = QueryInterface2Response {
            results: vec![0, 0x8000_4002],
            interfaces: vec![
                Some(
                    StandardObjRef {
                        iid: Guid::from_u128(1),
                        std: StdObjRef { flags: 0, public_refs: 5, oxid: 1, oid: 2, ipid: Guid::from_u128(3) },
                        resolver: DualStringArray::tcp("10.0.0.1", None),
                    }
                    .into(),
                ),
                None,
            ],
            hresult: 1,
        };
        let mut w = NdrWriter::new();
        response.write(&mut w);
        let bytes = w.into_bytes();
        let read = |bytes: &[u8]| QueryInterface2Response::read(&mut NdrReader::new(bytes, ByteOrder::Little));
        assert_eq!(read(&bytes), Ok(response));
        for n in 0..bytes.len() {
            assert!(read(&bytes[..n]).is_err(), "{n}");
        }
        let request = QueryInterface2Request { ipid: Guid::from_u128(3), iids: vec![Guid::from_u128(4); 3] };
        let mut w = NdrWriter::new();
        request.write(&mut w);
        let mut r = NdrReader::new(w.as_bytes(), ByteOrder::Little);
        assert_eq!(QueryInterface2Request::read(&mut r), Ok(request));
    }

    #[test]
    fn errors_in_an_inner_objref_count_from_the_stub() {
        let mut w = NdrWriter::new();
        w.u32(1);
        w.u32(0);
        w.u32(1);
        w.referent();
        w.interface_pointer_body(b"WOEM");
        let mut r = NdrReader::new(w.as_bytes(), ByteOrder::Little);
        let error = QueryInterface2Response::read(&mut r).unwrap_err();
        assert_eq!(error.to_string(), "malformed at byte 24: OBJREF: does not start with MEOW");
    }

    proptest! {
        #[test]
        fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..160), big: bool) {
            let order = if big { ByteOrder::Big } else { ByteOrder::Little };
            let r = || NdrReader::new(&bytes, order);
            let _ = QueryInterfaceRequest::read(&mut r());
            let _ = QueryInterfaceResponse::read(&mut r());
            let _ = ReferencesRequest::read(&mut r());
            let _ = AddRefResponse::read(&mut r());
            let _ = QueryInterface2Request::read(&mut r());
            let _ = QueryInterface2Response::read(&mut r());
        }
    }
}
