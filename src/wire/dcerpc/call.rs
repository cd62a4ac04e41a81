//! Bodies of the PDUs that carry a call: request, response, fault (protocol notes 2.5, 2.6).
//!
//! ```text
//! request   16 u32 alloc_hint | 20 u16 p_cont_id | 22 u16 opnum | [24 object UUID = IPID] | stub
//! response  16 u32 alloc_hint | 20 u16 p_cont_id | 22 u8 cancel_count | 23 u8 0 | 24 stub
//! fault     as response up to 24 | 24 u32 status | 28 u32 0
//! ```
//!
//! Alignment inside the stub counts from its first byte; 24 and 40 are multiples of 8, so that agrees
//! with counting from the PDU.

use super::fault::FaultStatus;
use super::header::Flags;
use crate::wire::ndr::{NdrReader, NdrWriter};
use crate::wire::{Guid, WireError};

/// Bytes before the stub of a request without object UUID, and of a response.
pub const CALL_HEAD_LEN: usize = 24;

/// Bytes of the object UUID.
pub const OBJECT_LEN: usize = 16;

/// Body of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request<'a> {
    /// Bytes of the whole stub over all fragments; a hint only.
    pub alloc_hint: u32,
    /// Context that names the interface.
    pub context_id: u16,
    /// Number of the method.
    pub opnum: u16,
    /// The IPID called.
    pub object: Option<Guid>,
    /// Stub, or this fragment's part of it.
    pub stub: &'a [u8],
}

impl<'a> Request<'a> {
    pub(crate) fn read(r: &mut NdrReader<'a>, flags: Flags) -> Result<Self, WireError> {
        Ok(Self {
            alloc_hint: r.u32("alloc_hint")?,
            context_id: r.u16("p_cont_id")?,
            opnum: r.u16("opnum")?,
            object: if flags.contains(Flags::OBJECT) { Some(r.guid("object UUID")?) } else { None },
            stub: r.take(r.remaining(), "stub")?,
        })
    }

    pub(crate) fn write(&self, w: &mut NdrWriter) {
        w.u32(self.alloc_hint);
        w.u16(self.context_id);
        w.u16(self.opnum);
        if let Some(object) = self.object {
            w.guid(object);
        }
        w.bytes(self.stub);
    }
}

/// Body of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Response<'a> {
    /// Bytes of the whole stub over all fragments; a hint only.
    pub alloc_hint: u32,
    /// Context of the request.
    pub context_id: u16,
    /// Cancels that arrived; 0.
    pub cancel_count: u8,
    /// Stub, or this fragment's part of it.
    pub stub: &'a [u8],
}

impl<'a> Response<'a> {
    pub(crate) fn read(r: &mut NdrReader<'a>) -> Result<Self, WireError> {
        let alloc_hint = r.u32("alloc_hint")?;
        let context_id = r.u16("p_cont_id")?;
        let cancel_count = r.u8("cancel_count")?;
        r.u8("reserved")?;
        Ok(Self { alloc_hint, context_id, cancel_count, stub: r.take(r.remaining(), "stub")? })
    }

    pub(crate) fn write(&self, w: &mut NdrWriter) {
        w.u32(self.alloc_hint);
        w.u16(self.context_id);
        w.u8(self.cancel_count);
        w.u8(0);
        w.bytes(self.stub);
    }
}

/// Body of a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// A hint without meaning.
    pub alloc_hint: u32,
    /// Context of the request.
    pub context_id: u16,
    /// Why.
    pub status: FaultStatus,
}

impl Fault {
    pub(crate) fn read(r: &mut NdrReader<'_>) -> Result<Self, WireError> {
        let alloc_hint = r.u32("alloc_hint")?;
        let context_id = r.u16("p_cont_id")?;
        r.u8("cancel_count")?;
        r.u8("fault flags")?;
        // Behind the status some peers omit the reserved word and others add a stub; neither matters.
        Ok(Self { alloc_hint, context_id, status: FaultStatus(r.u32("fault status")?) })
    }

    pub(crate) fn write(&self, w: &mut NdrWriter) {
        w.u32(self.alloc_hint);
        w.u16(self.context_id);
        w.bytes(&[0, 0]);
        w.u32(self.status.0);
        w.u32(0);
    }
}
