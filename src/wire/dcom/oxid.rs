//! IOXIDResolver, port 135: are you there, where is this exporter, keep these objects alive
//! (protocol notes 3.3). No ORPCTHIS and no ORPCTHAT.
//!
//! ```text
//! 0 ResolveOxid    u64 OXID, u16 n, [pad], u32 max_count, n × u16 protseq
//!                  -> ptr, DUALSTRINGARRAY; IPID of IRemUnknown; u32 authn hint; u32 status
//! 1 SimplePing     u64 SetId -> u32 status
//! 2 ComplexPing    u64 SetId, u16 sequence, u16 cAdd, u16 cDel, [pad], ptr add, ptr del
//!                  -> u64 SetId, u16 backoff, [pad], u32 status
//! 3 ServerAlive    -> u32 status
//! 4 ResolveOxid2   as 0 -> as 0 with u16, u16 COM version before the status
//! 5 ServerAlive2   -> u16, u16 COM version; ptr, DUALSTRINGARRAY; u32 0; u32 status
//! ```

use super::dual_string::DualStringArray;
use super::orpc::ComVersion;
use crate::wire::ndr::{NdrReader, NdrWriter};
use crate::wire::{Guid, WireError};

/// Opnum of ResolveOxid.
pub const RESOLVE_OXID: u16 = 0;
/// Opnum of SimplePing.
pub const SIMPLE_PING: u16 = 1;
/// Opnum of ComplexPing.
pub const COMPLEX_PING: u16 = 2;
/// Opnum of ServerAlive.
pub const SERVER_ALIVE: u16 = 3;
/// Opnum of ResolveOxid2.
pub const RESOLVE_OXID2: u16 = 4;
/// Opnum of ServerAlive2.
pub const SERVER_ALIVE2: u16 = 5;

/// Request of ResolveOxid and ResolveOxid2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolveOxidRequest {
    /// Exporter sought; not 0.
    pub oxid: u64,
    /// Tower ids the caller can use; at most 65,535.
    pub protseqs: Vec<u16>,
}

impl ResolveOxidRequest {
    /// Reads the whole stub.
    ///
    /// # Errors
    /// Truncated, or counts that disagree.
    pub fn read(r: &mut NdrReader<'_>) -> Result<Self, WireError> {
        Ok(Self { oxid: r.u64("OXID")?, protseqs: read_protseqs(r)? })
    }

    /// Writes the whole stub.
    pub fn write(&self, w: &mut NdrWriter) {
        w.u64(self.oxid);
        write_protseqs(w, &self.protseqs);
    }
}

/// `u16 n, u32 max_count, n × u16`, shared with RemoteActivation.
pub(super) fn read_protseqs(r: &mut NdrReader<'_>) -> Result<Vec<u16>, WireError> {
    let n = r.u16("protseq count")?;
    let n = r.max_count_of(u32::from(n), 2, "protseqs")?;
    (0..n).map(|_| r.u16("protseq")).collect()
}

/// Counterpart of [`read_protseqs`].
pub(super) fn write_protseqs(w: &mut NdrWriter, protseqs: &[u16]) {
    let n = u16::try_from(protseqs.len()).unwrap_or(u16::MAX);
    w.u16(n);
    w.u32(u32::from(n));
    for protseq in protseqs.iter().take(usize::from(n)) {
        w.u16(*protseq);
    }
}

/// Response of ResolveOxid and ResolveOxid2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolveOxidResponse {
    /// Where the exporter is reached, `ip[port]`; `None` with an error.
    pub bindings: Option<DualStringArray>,
    /// IPID of the exporter's IRemUnknown.
    pub rem_unknown: Guid,
    /// Authentication level recommended; 1 = none.
    pub authn_hint: u32,
    /// What the exporter speaks; only in ResolveOxid2.
    pub version: Option<ComVersion>,
    /// 0, or why not.
    pub status: u32,
}

impl ResolveOxidResponse {
    /// Reads the whole stub; `version` says whether it is that of ResolveOxid2.
    ///
    /// # Errors
    /// Truncated, or bindings that cannot be read.
    pub fn read(r: &mut NdrReader<'_>, version: bool) -> Result<Self, WireError> {
        Ok(Self {
            bindings: read_bindings(r)?,
            rem_unknown: r.guid("IPID of IRemUnknown")?,
            authn_hint: r.u32("authn hint")?,
            version: if version { Some(ComVersion::read(r)?) } else { None },
            status: r.u32("status")?,
        })
    }

    /// Writes the whole stub, that of ResolveOxid2 if there is a version.
    pub fn write(&self, w: &mut NdrWriter) {
        write_bindings(w, self.bindings.as_ref());
        w.guid(self.rem_unknown);
        w.u32(self.authn_hint);
        if let Some(version) = self.version {
            version.write(w);
        }
        w.u32(self.status);
    }
}

/// Pointer to a DUALSTRINGARRAY argument, which follows at once.
pub(super) fn read_bindings(r: &mut NdrReader<'_>) -> Result<Option<DualStringArray>, WireError> {
    if r.pointer("bindings")? { DualStringArray::read_argument(r).map(Some) } else { Ok(None) }
}

/// Counterpart of [`read_bindings`].
pub(super) fn write_bindings(w: &mut NdrWriter, bindings: Option<&DualStringArray>) {
    w.pointer(bindings.is_some());
    if let Some(bindings) = bindings {
        bindings.write_argument(w);
    }
}

/// Request of SimplePing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SimplePingRequest {
    /// The set to keep.
    pub set_id: u64,
}

impl SimplePingRequest {
    /// Reads the whole stub.
    ///
    /// # Errors
    /// Truncated.
    pub fn read(r: &mut NdrReader<'_>) -> Result<Self, WireError> {
        Ok(Self { set_id: r.u64("SetId")? })
    }

    /// Writes the whole stub.
    pub fn write(&self, w: &mut NdrWriter) {
        w.u64(self.set_id);
    }
}

/// Request of ComplexPing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComplexPingRequest {
    /// The set to change; 0 = a new one.
    pub set_id: u64,
    /// Grows with every change, so that late duplicates are known.
    pub sequence: u16,
    /// OIDs that join; at most 65,535.
    pub add: Vec<u64>,
    /// OIDs that leave; at most 65,535.
    pub del: Vec<u64>,
}

impl ComplexPingRequest {
    /// Reads the whole stub.
    ///
    /// # Errors
    /// Truncated, or counts that disagree.
    pub fn read(r: &mut NdrReader<'_>) -> Result<Self, WireError> {
        let set_id = r.u64("SetId")?;
        let sequence = r.u16("sequence")?;
        let n_add = r.u16("cAddToSet")?;
        let n_del = r.u16("cDelFromSet")?;
        Ok(Self { set_id, sequence, add: read_oids(r, n_add, "AddToSet")?, del: read_oids(r, n_del, "DelFromSet")? })
    }

    /// Writes the whole stub.
    pub fn write(&self, w: &mut NdrWriter) {
        let n_add = u16::try_from(self.add.len()).unwrap_or(u16::MAX);
        let n_del = u16::try_from(self.del.len()).unwrap_or(u16::MAX);
        w.u64(self.set_id);
        w.u16(self.sequence);
        w.u16(n_add);
        w.u16(n_del);
        for (n, oids) in [(n_add, &self.add), (n_del, &self.del)] {
            w.pointer(n > 0);
            if n > 0 {
                w.u32(u32::from(n));
                for oid in oids.iter().take(usize::from(n)) {
                    w.u64(*oid);
                }
            }
        }
    }
}

fn read_oids(r: &mut NdrReader<'_>, n: u16, what: &'static str) -> Result<Vec<u64>, WireError> {
    let at = r.position();
    if r.pointer(what)? {
        let n = r.max_count_of(u32::from(n), 8, what)?;
        (0..n).map(|_| r.u64(what)).collect()
    } else if n == 0 {
        Ok(Vec::new())
    } else {
        Err(WireError::Malformed { at, what, why: "NULL although its count is not 0" })
    }
}

/// Response of ComplexPing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ComplexPingResponse {
    /// The set, newly given if the request had 0.
    pub set_id: u64,
    /// 0; n asks for pings 2^n times more rarely.
    pub ping_backoff_factor: u16,
    /// 0, or why not.
    pub status: u32,
}

impl ComplexPingResponse {
    /// Reads the whole stub.
    ///
    /// # Errors
    /// Truncated.
    pub fn read(r: &mut NdrReader<'_>) -> Result<Self, WireError> {
        Ok(Self {
            set_id: r.u64("SetId")?,
            ping_backoff_factor: r.u16("ping backoff factor")?,
            status: r.u32("status")?,
        })
    }

    /// Writes the whole stub.
    pub fn write(&self, w: &mut NdrWriter) {
        w.u64(self.set_id);
        w.u16(self.ping_backoff_factor);
        w.u32(self.status);
    }
}

/// Response of SimplePing and ServerAlive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusResponse {
    /// 0, or why not.
    pub status: u32,
}

impl StatusResponse {
    /// Reads the whole stub.
    ///
    /// # Errors
    /// Truncated.
    pub fn read(r: &mut NdrReader<'_>) -> Result<Self, WireError> {
        Ok(Self { status: r.u32("status")? })
    }

    /// Writes the whole stub.
    pub fn write(&self, w: &mut NdrWriter) {
        w.u32(self.status);
    }
}

/// Response of ServerAlive2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerAlive2Response {
    /// What the resolver speaks.
    pub version: ComVersion,
    /// Where the resolver is reached.
    pub bindings: Option<DualStringArray>,
    /// 0, or why not.
    pub status: u32,
}

impl ServerAlive2Response {
    /// Reads the whole stub.
    ///
    /// # Errors
    /// Truncated, or bindings that cannot be read.
    pub fn read(r: &mut NdrReader<'_>) -> Result<Self, WireError> {
        let version = ComVersion::read(r)?;
        let bindings = read_bindings(r)?;
        r.u32("reserved")?;
        Ok(Self { version, bindings, status: r.u32("status")? })
    }

    /// Writes the whole stub.
    pub fn write(&self, w: &mut NdrWriter) {
        self.version.write(w);
        write_bindings(w, self.bindings.as_ref());
        w.u32(0);
        w.u32(self.status);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::ndr::ByteOrder;

    #[test]
    fn null_oids_need_a_zero_count() {
        let request = ComplexPingRequest { set_id: 1, sequence: 2, add: vec![], del: vec![9] };
        let mut w = NdrWriter::new();
        request.write(&mut w);
        let mut bytes = w.into_bytes();
        let read = |bytes: &[u8]| ComplexPingRequest::read(&mut NdrReader::new(bytes, ByteOrder::Little));
        assert_eq!(read(&bytes), Ok(request));
        bytes[10] = 1;
        assert_eq!(
            read(&bytes).unwrap_err().to_string(),
            "malformed at byte 14: AddToSet: NULL although its count is not 0"
        );
    }

    #[test]
    fn the_old_resolve_has_no_version() {
        let mut response = ResolveOxidResponse {
            bindings: None,
            rem_unknown: Guid::NIL,
            authn_hint: 0,
            version: None,
            status: super::super::status::OR_INVALID_OXID,
        };
        let mut w = NdrWriter::new();
        response.write(&mut w);
        assert_eq!(w.position(), 28);
        let mut r = NdrReader::new(w.as_bytes(), ByteOrder::Little);
        assert_eq!(ResolveOxidResponse::read(&mut r, false), Ok(response.clone()));
        response.version = Some(ComVersion { major: 5, minor: 7 });
        let mut w = NdrWriter::new();
        response.write(&mut w);
        let mut r = NdrReader::new(w.as_bytes(), ByteOrder::Little);
        assert_eq!(ResolveOxidResponse::read(&mut r, true), Ok(response));
    }

    proptest! {
        #[test]
        fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..120), big: bool) {
            let order = if big { ByteOrder::Big } else { ByteOrder::Little };
            let r = || NdrReader::new(&bytes, order);
            let _ = ResolveOxidRequest::read(&mut r());
            let _ = ResolveOxidResponse::read(&mut r(), true);
            let _ = ResolveOxidResponse::read(&mut r(), false);
            let _ = SimplePingRequest::read(&mut r());
            let _ = ComplexPingRequest::read(&mut r());
            let _ = ComplexPingResponse::read(&mut r());
            let _ = StatusResponse::read(&mut r());
            let _ = ServerAlive2Response::read(&mut r());
        }
    }
}
