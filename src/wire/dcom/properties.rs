//! ISystemActivator.RemoteCreateInstance (opnum 4): the new way to obtain the first interface pointer
//! of a server (protocol notes 3.5). Behind ORPCTHIS and ORPCTHAT.
//!
//! ```text
//! request   ptr pUnkOuter 0 | ptr, interface pointer (custom OBJREF: properties in)
//! response  ptr, interface pointer (custom OBJREF: properties out) | u32 status
//!
//! blob      u32 dwSize | u32 0 | CustomHeader | properties
//! each of these as type serialisation 1:
//!           u8 1 | u8 10h little-endian | u16 8 | u32 cccccccch | u32 body length | u32 0 | body, padded to 8
//! header    u32 dwSize | u32 own size | u32 0 | u32 destCtx 2 | u32 n | 16 zeros | ptr, ptr, ptr 0
//!           | u32 n, n × CLSID | u32 n, n × u32 size
//! ```
//!
//! Properties are found by their CLSID; unknown ones are skipped.

use super::activation::{ActivatedInterface, join};
use super::dual_string::DualStringArray;
use super::iid::com;
use super::objref::{ObjRef, read_custom_head, sub_reader};
use super::orpc::ComVersion;
use super::rem_unknown::{read_hresults, read_interfaces, write_hresults, write_interfaces};
use crate::wire::ndr::{ByteOrder, NdrReader, NdrWriter};
use crate::wire::{Guid, WireError};

/// Opnum of RemoteCreateInstance.
pub const REMOTE_CREATE_INSTANCE: u16 = 4;

const IID_PROPERTIES_IN: Guid = com(0x0000_01a2);
const IID_PROPERTIES_OUT: Guid = com(0x0000_01a3);
const CLSID_PROPERTIES_IN: Guid = com(0x0000_0338);
const CLSID_PROPERTIES_OUT: Guid = com(0x0000_0339);
const CLSID_INSTANTIATION_INFO: Guid = com(0x0000_01ab);
const CLSID_ACTIVATION_CONTEXT_INFO: Guid = com(0x0000_01a5);
const CLSID_LOCATION_INFO: Guid = com(0x0000_01a4);
const CLSID_SCM_REQUEST_INFO: Guid = com(0x0000_01aa);
const CLSID_PROPS_OUT_INFO: Guid = com(0x0000_0339);
const CLSID_SCM_REPLY_INFO: Guid = com(0x0000_01b6);

/// Request of RemoteCreateInstance, as far as CBA has a use for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateInstanceRequest {
    /// Class to activate.
    pub clsid: Guid,
    /// Where the object may run; 14h = local or remote server.
    pub class_context: u32,
    /// Interfaces wanted.
    pub iids: Vec<Guid>,
    /// What the client speaks.
    pub version: ComVersion,
    /// 2 = identify; 0 if the caller left it out.
    pub imp_level: u32,
    /// Tower ids the caller can use, at most 65,535; empty if it left them out.
    pub protseqs: Vec<u16>,
}

impl CreateInstanceRequest {
    /// Reads the arguments.
    ///
    /// # Errors
    /// Truncated, aggregation (`pUnkOuter`), a blob whose sizes do not add up, no InstantiationInfo.
    pub fn read(r: &mut NdrReader<'_>) -> Result<Self, WireError> {
        let at = r.position();
        if r.pointer("pUnkOuter")? {
            return Err(WireError::Unsupported { at, what: "aggregation, pUnkOuter", value: 1 });
        }
        let at = r.position();
        if !r.pointer("activation properties")? {
            return Err(missing(at, "activation properties", "NULL"));
        }
        let at = r.position();
        let properties = read_blob(r, CLSID_PROPERTIES_IN)?;
        let mut info = None;
        let mut scm = None;
        for property in properties {
            if property.clsid == CLSID_INSTANTIATION_INFO {
                info = Some(read_instantiation_info(property)?);
            } else if property.clsid == CLSID_SCM_REQUEST_INFO {
                scm = Some(read_scm_request_info(property)?);
            }
        }
        let info = info.ok_or_else(|| missing(at, "activation properties", "InstantiationInfo is missing"))?;
        let (imp_level, protseqs) = scm.unwrap_or_default();
        Ok(Self { imp_level, protseqs, ..info })
    }

    /// Writes the arguments, with the four properties a server needs.
    pub fn write(&self, w: &mut NdrWriter) {
        let mut info = NdrWriter::new();
        info.guid(self.clsid);
        info.u32(self.class_context);
        info.u32(0);
        info.u32(0);
        info.count(self.iids.len());
        info.u32(0);
        info.pointer(!self.iids.is_empty());
        // The size of the whole property stands inside it, ahead of its deferred part.
        let deferred = if self.iids.is_empty() { 0 } else { 4 + 16 * self.iids.len() };
        info.count((info.position() + 8 + deferred).next_multiple_of(8) + PREFIX_LEN);
        self.version.write(&mut info);
        if !self.iids.is_empty() {
            info.count(self.iids.len());
            for iid in &self.iids {
                info.guid(*iid);
            }
        }

        let mut context = NdrWriter::new();
        context.bytes(&[0; 24]);
        let mut location = NdrWriter::new();
        location.bytes(&[0; 16]);

        let n = u16::try_from(self.protseqs.len()).unwrap_or(u16::MAX);
        let mut scm = NdrWriter::new();
        scm.null();
        scm.referent();
        scm.u32(self.imp_level);
        scm.u16(n);
        scm.referent();
        scm.u32(u32::from(n));
        for protseq in self.protseqs.iter().take(usize::from(n)) {
            scm.u16(*protseq);
        }

        w.null();
        w.referent();
        write_blob(
            w,
            IID_PROPERTIES_IN,
            CLSID_PROPERTIES_IN,
            &[
                (CLSID_INSTANTIATION_INFO, info),
                (CLSID_ACTIVATION_CONTEXT_INFO, context),
                (CLSID_LOCATION_INFO, location),
                (CLSID_SCM_REQUEST_INFO, scm),
            ],
        );
    }
}

/// Body of InstantiationInfo: everything of a request but what ScmRequestInfo says.
fn read_instantiation_info(property: Property<'_>) -> Result<CreateInstanceRequest, WireError> {
    const WHAT: &str = "InstantiationInfo";
    let mut r = property.body;
    let clsid = r.guid(WHAT)?;
    let class_context = r.u32(WHAT)?;
    r.u32(WHAT)?;
    r.u32(WHAT)?;
    let n = r.u32(WHAT)?;
    r.u32(WHAT)?;
    let at = r.position();
    let has_iids = r.pointer(WHAT)?;
    r.u32(WHAT)?;
    let version = ComVersion::read(&mut r)?;
    let iids = if has_iids {
        let n = r.max_count_of(n, 16, "IIDs")?;
        (0..n).map(|_| r.guid("IID")).collect::<Result<_, _>>()?
    } else if n == 0 {
        Vec::new()
    } else {
        return Err(missing(at, "IIDs", "NULL although their count is not 0"));
    };
    Ok(CreateInstanceRequest { clsid, class_context, iids, version, imp_level: 0, protseqs: Vec::new() })
}

/// Body of ScmRequestInfo: imp level and protseqs.
fn read_scm_request_info(property: Property<'_>) -> Result<(u32, Vec<u16>), WireError> {
    const WHAT: &str = "ScmRequestInfo";
    let mut r = property.body;
    r.u32(WHAT)?;
    if !r.pointer(WHAT)? {
        return Ok((0, Vec::new()));
    }
    let imp_level = r.u32(WHAT)?;
    let n = r.u16(WHAT)?;
    if !r.pointer(WHAT)? {
        return Ok((imp_level, Vec::new()));
    }
    let n = r.max_count_of(u32::from(n), 2, "protseqs")?;
    let protseqs = (0..n).map(|_| r.u16("protseq")).collect::<Result<_, _>>()?;
    Ok((imp_level, protseqs))
}

/// What an activation yields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatedInstance {
    /// IIDs asked for, with their answers.
    pub interfaces: Vec<(Guid, ActivatedInterface)>,
    /// Exporter of the object.
    pub oxid: u64,
    /// Where the exporter is reached, `ip[port]`.
    pub bindings: DualStringArray,
    /// IPID of the exporter's IRemUnknown.
    pub rem_unknown: Guid,
    /// Authentication level recommended; 1 = none.
    pub authn_hint: u32,
    /// What the server speaks.
    pub version: ComVersion,
}

/// Response of RemoteCreateInstance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateInstanceResponse {
    /// `None` if the activation failed as a whole.
    pub created: Option<CreatedInstance>,
    /// 0, or why not.
    pub status: u32,
}

impl CreateInstanceResponse {
    /// Reads the results.
    ///
    /// # Errors
    /// Truncated, a blob whose sizes do not add up, PropsOutInfo or ScmReplyInfo missing.
    pub fn read(r: &mut NdrReader<'_>) -> Result<Self, WireError> {
        let created = if r.pointer("activation properties")? {
            let at = r.position();
            let properties = read_blob(r, CLSID_PROPERTIES_OUT)?;
            let mut interfaces = None;
            let mut reply = None;
            for property in properties {
                if property.clsid == CLSID_PROPS_OUT_INFO {
                    interfaces = Some(read_props_out_info(property)?);
                } else if property.clsid == CLSID_SCM_REPLY_INFO {
                    reply = Some(read_scm_reply_info(property)?);
                }
            }
            let what = "activation properties";
            let interfaces = interfaces.ok_or_else(|| missing(at, what, "PropsOutInfo is missing"))?;
            let reply = reply.ok_or_else(|| missing(at, what, "ScmReplyInfo is missing"))?;
            Some(CreatedInstance { interfaces, ..reply })
        } else {
            None
        };
        Ok(Self { created, status: r.u32("status")? })
    }

    /// Writes the results.
    pub fn write(&self, w: &mut NdrWriter) {
        w.pointer(self.created.is_some());
        if let Some(created) = &self.created {
            let interfaces = &created.interfaces;
            let mut out = NdrWriter::new();
            out.count(interfaces.len());
            out.referent();
            out.referent();
            out.referent();
            out.count(interfaces.len());
            for (iid, _) in interfaces {
                out.guid(*iid);
            }
            write_hresults(&mut out, interfaces.iter().map(|(_, one)| one.hresult));
            write_interfaces(&mut out, interfaces.iter().map(|(_, one)| one.objref.as_ref()));

            let mut reply = NdrWriter::new();
            reply.null();
            reply.referent();
            reply.u64(created.oxid);
            reply.referent();
            reply.guid(created.rem_unknown);
            reply.u32(created.authn_hint);
            created.version.write(&mut reply);
            created.bindings.write_argument(&mut reply);

            write_blob(
                w,
                IID_PROPERTIES_OUT,
                CLSID_PROPERTIES_OUT,
                &[(CLSID_PROPS_OUT_INFO, out), (CLSID_SCM_REPLY_INFO, reply)],
            );
        }
        w.u32(self.status);
    }
}

fn read_props_out_info(property: Property<'_>) -> Result<Vec<(Guid, ActivatedInterface)>, WireError> {
    const WHAT: &str = "PropsOutInfo";
    let mut r = property.body;
    let at = r.position();
    let n = r.u32(WHAT)?;
    let has_iids = r.pointer(WHAT)?;
    let has_hresults = r.pointer(WHAT)?;
    let has_interfaces = r.pointer(WHAT)?;
    if !(has_iids && has_hresults && has_interfaces) {
        return if n == 0 { Ok(Vec::new()) } else { Err(missing(at, WHAT, "an array is NULL")) };
    }
    let n = r.max_count_of(n, 16, "IIDs")?;
    let iids = (0..n).map(|_| r.guid("IID")).collect::<Result<Vec<_>, _>>()?;
    let hresults = read_hresults(&mut r)?;
    let interfaces = join(at, hresults, read_interfaces(&mut r)?)?;
    if interfaces.len() != iids.len() {
        return Err(missing(at, WHAT, "its arrays differ in length"));
    }
    Ok(iids.into_iter().zip(interfaces).collect())
}

/// Body of ScmReplyInfo: everything of an answer but the interfaces.
fn read_scm_reply_info(property: Property<'_>) -> Result<CreatedInstance, WireError> {
    const WHAT: &str = "ScmReplyInfo";
    let mut r = property.body;
    r.u32(WHAT)?;
    let at = r.position();
    if !r.pointer(WHAT)? {
        return Err(missing(at, WHAT, "its reply is NULL"));
    }
    let oxid = r.u64("OXID")?;
    let has_bindings = r.pointer("bindings")?;
    let rem_unknown = r.guid("IPID of IRemUnknown")?;
    let authn_hint = r.u32("authn hint")?;
    let version = ComVersion::read(&mut r)?;
    let bindings = if has_bindings { DualStringArray::read_argument(&mut r)? } else { DualStringArray::default() };
    Ok(CreatedInstance { interfaces: Vec::new(), oxid, bindings, rem_unknown, authn_hint, version })
}

const fn missing(at: usize, what: &'static str, why: &'static str) -> WireError {
    WireError::Malformed { at, what, why }
}

/// Bytes of a type serialisation before its body.
const PREFIX_LEN: usize = 16;

/// One property of a blob.
struct Property<'a> {
    clsid: Guid,
    body: NdrReader<'a>,
}

/// Reads the interface pointer that holds the properties.
fn read_blob<'a>(r: &mut NdrReader<'a>, expected_clsid: Guid) -> Result<Vec<Property<'a>>, WireError> {
    const WHAT: &str = "activation properties";
    let mut objref = sub_reader(r)?;
    let at = objref.position();
    let (_, clsid) = read_custom_head(&mut objref)?;
    if clsid != expected_clsid {
        return Err(missing(at, WHAT, "the OBJREF is of another class"));
    }
    let n = objref.remaining();
    let mut blob = objref.sub(n, ByteOrder::Little, WHAT)?;
    blob.u32(WHAT)?;
    blob.u32(WHAT)?;
    let start = blob.position();
    let mut header = read_serialised(&mut blob)?;
    header.u32(WHAT)?;
    let at = header.position();
    let header_size = header.u32("CustomHeader size")?;
    header.u32(WHAT)?;
    header.u32(WHAT)?;
    let n = header.u32(WHAT)?;
    header.guid(WHAT)?;
    let has_clsids = header.pointer(WHAT)?;
    let has_sizes = header.pointer(WHAT)?;
    header.pointer(WHAT)?;
    if !(has_clsids && has_sizes) {
        return Err(missing(at, WHAT, "CustomHeader lists no properties"));
    }
    let n = header.max_count_of(n, 16, "property CLSIDs")?;
    let clsids = (0..n).map(|_| header.guid("property CLSID")).collect::<Result<Vec<_>, _>>()?;
    let at_sizes = header.position();
    let sizes = read_hresults(&mut header)?;
    if sizes.len() != n {
        return Err(missing(at_sizes, "property sizes", "not as many as CLSIDs"));
    }
    // What the header says of its own size finds the first property.
    let skip = usize::try_from(header_size)
        .ok()
        .and_then(|size| start.checked_add(size))
        .and_then(|end| end.checked_sub(blob.position()))
        .ok_or_else(|| missing(at, "CustomHeader size", "smaller than the header"))?;
    blob.take(skip, WHAT)?;
    clsids
        .into_iter()
        .zip(sizes)
        .map(|(clsid, size)| {
            let size = blob.count(size, 1, "property size")?;
            let mut property = blob.sub(size, ByteOrder::Little, "property")?;
            Ok(Property { clsid, body: read_serialised(&mut property)? })
        })
        .collect()
}

/// Reads a type serialisation up to its body, and takes the body off `r`.
fn read_serialised<'a>(r: &mut NdrReader<'a>) -> Result<NdrReader<'a>, WireError> {
    const WHAT: &str = "type serialisation";
    let at = r.position();
    let [version, order] = r.array(WHAT)?;
    let order = match order {
        0x10 => ByteOrder::Little,
        0x00 => ByteOrder::Big,
        other => {
            return Err(WireError::Unsupported {
                at: at + 1,
                what: "byte order of a type serialisation",
                value: u64::from(other),
            });
        }
    };
    if version != 1 {
        return Err(WireError::Unsupported { at, what: "type serialisation version", value: u64::from(version) });
    }
    let mut prefix = r.sub(PREFIX_LEN - 2, order, WHAT)?;
    prefix.u16(WHAT)?;
    prefix.take(4, WHAT)?;
    // The prefix is read from its third byte on, so the aligned reads would count from there.
    let length = prefix.array::<4>(WHAT)?;
    let length = match order {
        ByteOrder::Little => u32::from_le_bytes(length),
        ByteOrder::Big => u32::from_be_bytes(length),
    };
    let length = r.count(length, 1, "type serialisation body")?;
    r.sub(length, order, "type serialisation body")
}

/// A body as type serialisation 1.
fn serialise(body: &NdrWriter) -> Vec<u8> {
    let length = body.position().next_multiple_of(8);
    let mut w = NdrWriter::with_capacity(PREFIX_LEN + length);
    w.bytes(&[1, 0x10]);
    w.u16(8);
    w.u32(0xcccc_cccc);
    w.count(length);
    w.u32(0);
    w.bytes(body.as_bytes());
    w.align(8);
    w.into_bytes()
}

/// Writes the interface pointer that holds the properties.
fn write_blob(w: &mut NdrWriter, iid: Guid, clsid: Guid, properties: &[(Guid, NdrWriter)]) {
    let bodies: Vec<Vec<u8>> = properties.iter().map(|(_, body)| serialise(body)).collect();
    let n = properties.len();
    // Fixed part 48 bytes, two lists with their counts.
    let header_size = (48 + 4 + 16 * n + 4 + 4 * n).next_multiple_of(8) + PREFIX_LEN;
    let total = header_size + bodies.iter().map(Vec::len).sum::<usize>();
    let mut header = NdrWriter::new();
    header.count(total);
    header.count(header_size);
    header.u32(0);
    header.u32(2);
    header.count(n);
    header.guid(Guid::NIL);
    header.referent();
    header.referent();
    header.null();
    header.count(n);
    for (clsid, _) in properties {
        header.guid(*clsid);
    }
    header.count(n);
    for body in &bodies {
        header.count(body.len());
    }
    let mut blob = NdrWriter::with_capacity(total + 8);
    blob.count(total);
    blob.u32(0);
    blob.bytes(&serialise(&header));
    for body in &bodies {
        blob.bytes(body);
    }
    let objref = ObjRef::Custom { iid, clsid, data: blob.into_bytes() };
    w.interface_pointer_body(&objref.to_bytes());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::dcom::{StandardObjRef, StdObjRef};

    fn request(n_iids: u8) -> CreateInstanceRequest {
        CreateInstanceRequest {
            clsid: Guid::from_u128(1),
            class_context: 0x14,
            iids: (0..n_iids).map(|n| Guid::from_u128(n.into())).collect(),
            version: ComVersion { major: 5, minor: 7 },
            imp_level: 2,
            protseqs: vec![7],
        }
    }

    fn response() -> CreateInstanceResponse {
        let objref = ObjRef::from(StandardObjRef {
            iid: Guid::from_u128(1),
            std: StdObjRef { flags: 0, public_refs: 5, oxid: 8, oid: 9, ipid: Guid::from_u128(7) },
            resolver: DualStringArray::tcp("10.0.0.1", None),
        });
        CreateInstanceResponse {
            created: Some(CreatedInstance {
                interfaces: vec![
                    (Guid::from_u128(1), ActivatedInterface { hresult: 0, objref: Some(objref) }),
                    (Guid::from_u128(2), ActivatedInterface { hresult: 0x8000_4002, objref: None }),
                ],
                oxid: 8,
                bindings: DualStringArray::tcp("10.0.0.1", Some(49155)),
                rem_unknown: Guid::from_u128(5),
                authn_hint: 1,
                version: ComVersion { major: 5, minor: 7 },
            }),
            status: 0,
        }
    }

    fn read_request(bytes: &[u8]) -> Result<CreateInstanceRequest, WireError> {
        CreateInstanceRequest::read(&mut NdrReader::new(bytes, ByteOrder::Little))
    }

    fn read_response(bytes: &[u8]) -> Result<CreateInstanceResponse, WireError> {
        CreateInstanceResponse::read(&mut NdrReader::new(bytes, ByteOrder::Little))
    }

    fn stub(write: impl FnOnce(&mut NdrWriter)) -> Vec<u8> {
        let mut w = NdrWriter::new();
        write(&mut w);
        w.into_bytes()
    }

    #[test]
    fn both_directions_round_trip() {
        for n in 0..5 {
            let bytes = stub(|w| request(n).write(w));
            assert_eq!(read_request(&bytes), Ok(request(n)), "{n} IIDs");
        }
        assert_eq!(read_response(&stub(|w| response().write(w))), Ok(response()));
        let refused = CreateInstanceResponse { created: None, status: super::super::status::REGDB_E_CLASSNOTREG };
        let bytes = stub(|w| refused.write(w));
        assert_eq!(bytes.len(), 8);
        assert_eq!(read_response(&bytes), Ok(refused));
    }

    #[test]
    fn unknown_properties_are_skipped_and_missing_ones_named() {
        let mut body = NdrWriter::new();
        body.u64(42);
        let bytes = stub(|w| {
            w.null();
            w.referent();
            write_blob(w, IID_PROPERTIES_IN, CLSID_PROPERTIES_IN, &[(com(0x0000_01b9), body)]);
        });
        assert_eq!(
            read_request(&bytes).unwrap_err().to_string(),
            "malformed at byte 8: activation properties: InstantiationInfo is missing"
        );
    }

    #[test]
    fn truncated_at_every_byte() {
        let bytes = stub(|w| request(2).write(w));
        for n in 0..bytes.len() {
            assert!(read_request(&bytes[..n]).is_err(), "{n}");
        }
        let bytes = stub(|w| response().write(w));
        for n in 0..bytes.len() {
            assert!(read_response(&bytes[..n]).is_err(), "{n}");
        }
    }

    proptest! {
        #[test]
        fn mutations_never_panic(at in 0_usize..1000, value: u8) {
            for mut bytes in [stub(|w| request(2).write(w)), stub(|w| response().write(w))] {
                let at = at % bytes.len();
                bytes[at] = value;
                let _ = read_request(&bytes);
                let _ = read_response(&bytes);
            }
        }
    }
}
