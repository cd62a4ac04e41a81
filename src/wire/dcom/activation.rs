//! IActivation.RemoteActivation (opnum 0): the old way to obtain the first interface pointer of a
//! server (protocol notes 3.4). Behind ORPCTHIS and ORPCTHAT. The new way is [`super::properties`].
//!
//! ```text
//! request   CLSID | ptr object name | ptr object storage | u32 imp level | u32 mode | u32 cInterfaces
//!           | ptr, u32 max_count, n × IID | u16 cProtseqs, [pad], u32 max_count, n × u16
//! response  u64 OXID | ptr, DUALSTRINGARRAY | IPID of IRemUnknown | u32 authn hint | u16, u16 version
//!           | u32 HRESULT | u32 n, n × ptr, interface pointers | u32 n, n × u32 HRESULT | u32 status
//! ```

use super::dual_string::DualStringArray;
use super::objref::ObjRef;
use super::orpc::ComVersion;
use super::oxid::{read_bindings, read_protseqs, write_bindings, write_protseqs};
use super::rem_unknown::{read_hresults, read_interfaces, write_hresults, write_interfaces};
use crate::wire::ndr::{NdrReader, NdrWriter};
use crate::wire::{Guid, WireError};

/// Opnum of RemoteActivation.
pub const REMOTE_ACTIVATION: u16 = 0;

/// Mode that asks for the class object instead of an instance.
pub const MODE_GET_CLASS_OBJECT: u32 = 0xffff_ffff;

/// Request of RemoteActivation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteActivationRequest {
    /// Class to activate.
    pub clsid: Guid,
    /// File to load the object from; CBA knows none.
    pub object_name: Option<String>,
    /// Interface pointer of a storage to load the object from, as OBJREF bytes; CBA knows none.
    pub object_storage: Option<Vec<u8>>,
    /// 2 = identify.
    pub imp_level: u32,
    /// 0, or [`MODE_GET_CLASS_OBJECT`].
    pub mode: u32,
    /// Interfaces wanted.
    pub iids: Vec<Guid>,
    /// Tower ids the caller can use; at most 65,535.
    pub protseqs: Vec<u16>,
}

impl RemoteActivationRequest {
    /// Reads the arguments.
    ///
    /// # Errors
    /// Truncated, or counts that disagree.
    pub fn read(r: &mut NdrReader<'_>) -> Result<Self, WireError> {
        let clsid = r.guid("CLSID")?;
        let object_name = if r.pointer("object name")? { Some(r.lpwstr("object name")?) } else { None };
        let object_storage = r.interface_pointer("object storage")?.map(<[u8]>::to_vec);
        let imp_level = r.u32("client imp level")?;
        let mode = r.u32("mode")?;
        let at = r.position();
        let n = r.u32("cInterfaces")?;
        let iids = if r.pointer("IIDs")? {
            let n = r.max_count_of(n, 16, "IIDs")?;
            (0..n).map(|_| r.guid("IID")).collect::<Result<_, _>>()?
        } else if n == 0 {
            Vec::new()
        } else {
            return Err(WireError::Malformed { at, what: "IIDs", why: "NULL although their count is not 0" });
        };
        Ok(Self { clsid, object_name, object_storage, imp_level, mode, iids, protseqs: read_protseqs(r)? })
    }

    /// Writes the arguments.
    pub fn write(&self, w: &mut NdrWriter) {
        w.guid(self.clsid);
        w.pointer(self.object_name.is_some());
        if let Some(name) = &self.object_name {
            w.lpwstr(name);
        }
        w.interface_pointer(self.object_storage.as_deref());
        w.u32(self.imp_level);
        w.u32(self.mode);
        w.count(self.iids.len());
        w.pointer(!self.iids.is_empty());
        if !self.iids.is_empty() {
            w.count(self.iids.len());
            for iid in &self.iids {
                w.guid(*iid);
            }
        }
        write_protseqs(w, &self.protseqs);
    }
}

/// One interface of an activated object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivatedInterface {
    /// 0, or why there is no pointer.
    pub hresult: u32,
    /// The pointer.
    pub objref: Option<ObjRef>,
}

/// Response of RemoteActivation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteActivationResponse {
    /// Exporter of the object; 0 with an error.
    pub oxid: u64,
    /// Where the exporter is reached, `ip[port]`.
    pub bindings: Option<DualStringArray>,
    /// IPID of the exporter's IRemUnknown.
    pub rem_unknown: Guid,
    /// Authentication level recommended; 1 = none.
    pub authn_hint: u32,
    /// What the server speaks.
    pub version: ComVersion,
    /// Result of the activation.
    pub hresult: u32,
    /// In the order of the IIDs asked for.
    pub interfaces: Vec<ActivatedInterface>,
    /// Result of the call.
    pub status: u32,
}

impl RemoteActivationResponse {
    /// Reads the results.
    ///
    /// # Errors
    /// Truncated, an OBJREF that cannot be read, unequal numbers of pointers and HRESULTs.
    pub fn read(r: &mut NdrReader<'_>) -> Result<Self, WireError> {
        let oxid = r.u64("OXID")?;
        let bindings = read_bindings(r)?;
        let rem_unknown = r.guid("IPID of IRemUnknown")?;
        let authn_hint = r.u32("authn hint")?;
        let version = ComVersion::read(r)?;
        let hresult = r.u32("HRESULT")?;
        let objrefs = read_interfaces(r)?;
        let at = r.position();
        let hresults = read_hresults(r)?;
        Ok(Self {
            oxid,
            bindings,
            rem_unknown,
            authn_hint,
            version,
            hresult,
            interfaces: join(at, hresults, objrefs)?,
            status: r.u32("status")?,
        })
    }

    /// Writes the results.
    pub fn write(&self, w: &mut NdrWriter) {
        w.u64(self.oxid);
        write_bindings(w, self.bindings.as_ref());
        w.guid(self.rem_unknown);
        w.u32(self.authn_hint);
        self.version.write(w);
        w.u32(self.hresult);
        write_interfaces(w, self.interfaces.iter().map(|one| one.objref.as_ref()));
        write_hresults(w, self.interfaces.iter().map(|one| one.hresult));
        w.u32(self.status);
    }
}

/// The parallel arrays of an answer as one list.
pub(super) fn join(
    at: usize,
    hresults: Vec<u32>,
    objrefs: Vec<Option<ObjRef>>,
) -> Result<Vec<ActivatedInterface>, WireError> {
    if hresults.len() != objrefs.len() {
        return Err(WireError::Malformed { at, what: "HRESULTs", why: "not as many as interface pointers" });
    }
    Ok(hresults.into_iter().zip(objrefs).map(|(hresult, objref)| ActivatedInterface { hresult, objref }).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::ndr::ByteOrder;

    #[test]
    fn object_names_and_storages_are_read() {
        let request = RemoteActivationRequest {
            clsid: Guid::from_u128(1),
            object_name: Some("c:\\plant".to_owned()),
            object_storage: Some(vec![1, 2, 3]),
            imp_level: 2,
            mode: MODE_GET_CLASS_OBJECT,
            iids: vec![],
            protseqs: vec![7, 15],
        };
        let mut w = NdrWriter::new();
        request.write(&mut w);
        let bytes = w.into_bytes();
        let read = |bytes: &[u8]| RemoteActivationRequest::read(&mut NdrReader::new(bytes, ByteOrder::Little));
        assert_eq!(read(&bytes), Ok(request));
        for n in 0..bytes.len() {
            assert!(read(&bytes[..n]).is_err(), "{n}");
        }
    }

    proptest! {
        #[test]
        fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..160), big: bool) {
            let order = if big { ByteOrder::Big } else { ByteOrder::Little };
            let _ = RemoteActivationRequest::read(&mut NdrReader::new(&bytes, order));
            let _ = RemoteActivationResponse::read(&mut NdrReader::new(&bytes, order));
        }
    }
}
