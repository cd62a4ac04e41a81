//! One whole PDU: header, body by type, authentication trailer.

use super::bind::{Bind, BindAck, BindNak};
use super::call::{Fault, Request, Response};
use super::header::{Flags, HEADER_LEN, Header, PacketType, RPC_VERSION};
use crate::wire::WireError;
use crate::wire::ndr::{ByteOrder, NdrReader, NdrWriter};

/// Bytes of the authentication trailer before the token.
pub const AUTH_TRAILER_LEN: usize = 8;

/// Security appended to a PDU (protocol notes 2.8). Read to be skipped; never sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuthTrailer<'a> {
    /// Provider: 9 SPNEGO, 10 NTLM.
    pub auth_type: u8,
    /// 1 none, 2 connect, 3 call, 4 packet, 5 integrity, 6 privacy.
    pub auth_level: u8,
    /// Names the security context.
    pub context_id: u32,
    /// What the provider sends.
    pub token: &'a [u8],
}

/// What a PDU carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body<'a> {
    /// Call, or a fragment of it.
    Request(Request<'a>),
    /// Result, or a fragment of it.
    Response(Response<'a>),
    /// Failure of a call.
    Fault(Fault),
    /// First offer of contexts.
    Bind(Bind),
    /// Answer to [`Body::Bind`].
    BindAck(BindAck),
    /// Refusal of [`Body::Bind`].
    BindNak(BindNak),
    /// Offer of further contexts.
    AlterContext(Bind),
    /// Answer to [`Body::AlterContext`].
    AlterContextResp(BindAck),
    /// A type without a shape of its own here: auth3, shutdown, co_cancel, orphaned or unknown. Holds
    /// everything behind the header, authentication included.
    Other(PacketType, &'a [u8]),
}

impl Body<'_> {
    /// The type that goes into the header.
    pub fn packet_type(&self) -> PacketType {
        match self {
            Self::Request(_) => PacketType::Request,
            Self::Response(_) => PacketType::Response,
            Self::Fault(_) => PacketType::Fault,
            Self::Bind(_) => PacketType::Bind,
            Self::BindAck(_) => PacketType::BindAck,
            Self::BindNak(_) => PacketType::BindNak,
            Self::AlterContext(_) => PacketType::AlterContext,
            Self::AlterContextResp(_) => PacketType::AlterContextResp,
            Self::Other(packet_type, _) => *packet_type,
        }
    }
}

/// One PDU.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pdu<'a> {
    /// Fragmentation and call flags.
    pub flags: Flags,
    /// Ties fragments and answers to their call.
    pub call_id: u32,
    /// What it carries.
    pub body: Body<'a>,
}

impl<'a> Pdu<'a> {
    /// Reads exactly one PDU.
    ///
    /// # Errors
    /// A header or body that does not fit its type, a version other than 5.0 and 5.1, bytes missing or
    /// left over. Offsets count from the start of the PDU.
    pub fn parse(bytes: &'a [u8]) -> Result<(Header, Self, Option<AuthTrailer<'a>>), WireError> {
        let header = Header::parse(bytes)?;
        if header.version != RPC_VERSION || header.version_minor > 1 {
            return Err(WireError::Unsupported {
                at: 0,
                what: "RPC version",
                value: u64::from(header.version) << 8 | u64::from(header.version_minor),
            });
        }
        let length = usize::from(header.frag_length);
        if bytes.len() > length {
            return Err(WireError::Malformed { at: length, what: "PDU", why: "bytes follow behind frag_length" });
        }
        let mut whole = NdrReader::new(bytes, header.order);
        whole.take(length, "PDU")?;
        let (end, auth) = match header.packet_type {
            // Their trailer is part of what they are; nobody here needs its parts.
            PacketType::Auth3
            | PacketType::Shutdown
            | PacketType::CoCancel
            | PacketType::Orphaned
            | PacketType::Unknown(_) => (length, None),
            _ => split_auth(bytes, &header)?,
        };
        let mut r = NdrReader::new(bytes.get(..end).unwrap_or_default(), header.order);
        r.take(HEADER_LEN, "PDU header")?;
        let body = match header.packet_type {
            PacketType::Request => Body::Request(Request::read(&mut r, header.flags)?),
            PacketType::Response => Body::Response(Response::read(&mut r)?),
            PacketType::Fault => Body::Fault(Fault::read(&mut r)?),
            PacketType::Bind => Body::Bind(Bind::read(&mut r)?),
            PacketType::BindAck => Body::BindAck(BindAck::read(&mut r)?),
            PacketType::BindNak => Body::BindNak(BindNak::read(&mut r)?),
            PacketType::AlterContext => Body::AlterContext(Bind::read(&mut r)?),
            PacketType::AlterContextResp => Body::AlterContextResp(BindAck::read(&mut r)?),
            other => Body::Other(other, r.take(r.remaining(), "PDU body")?),
        };
        let pdu = Self { flags: header.flags, call_id: header.call_id, body };
        Ok((header, pdu, auth))
    }

    /// The bytes, version 5.0, little-endian, without security. The flag [`Flags::OBJECT`] follows from
    /// the request. A body beyond 65,535 bytes is cut there; calls are fragmented long before.
    pub fn emit(&self) -> Vec<u8> {
        let mut flags = Flags(self.flags.0 & !Flags::OBJECT.0);
        let mut w = NdrWriter::with_capacity(128);
        w.bytes(&[0; HEADER_LEN]);
        match &self.body {
            Body::Request(request) => {
                if request.object.is_some() {
                    flags = flags | Flags::OBJECT;
                }
                request.write(&mut w);
            }
            Body::Response(response) => response.write(&mut w),
            Body::Fault(fault) => fault.write(&mut w),
            Body::Bind(bind) | Body::AlterContext(bind) => bind.write(&mut w),
            Body::BindAck(ack) | Body::AlterContextResp(ack) => ack.write(&mut w),
            Body::BindNak(nak) => nak.write(&mut w),
            Body::Other(_, bytes) => w.bytes(bytes),
        }
        let mut bytes = w.into_bytes();
        bytes.truncate(usize::from(u16::MAX));
        let mut header = NdrWriter::with_capacity(HEADER_LEN);
        Header {
            version: RPC_VERSION,
            version_minor: 0,
            packet_type: self.body.packet_type(),
            flags,
            order: ByteOrder::Little,
            frag_length: u16::try_from(bytes.len()).unwrap_or(u16::MAX),
            auth_length: 0,
            call_id: self.call_id,
        }
        .emit(&mut header);
        for (to, from) in bytes.iter_mut().zip(header.as_bytes()) {
            *to = *from;
        }
        bytes
    }
}

/// Where the body ends, and the trailer behind it.
fn split_auth<'a>(bytes: &'a [u8], header: &Header) -> Result<(usize, Option<AuthTrailer<'a>>), WireError> {
    let length = usize::from(header.frag_length);
    let token_length = usize::from(header.auth_length);
    if token_length == 0 {
        return Ok((length, None));
    }
    // `Header::parse` has made sure that both fit behind the header.
    let at = length.saturating_sub(token_length + AUTH_TRAILER_LEN);
    let mut r = NdrReader::new(bytes, header.order);
    r.take(at, "PDU body")?;
    let [auth_type, auth_level, pad, _] = r.array("authentication trailer")?;
    let context_id = r.array("authentication trailer")?;
    let context_id = match header.order {
        ByteOrder::Little => u32::from_le_bytes(context_id),
        ByteOrder::Big => u32::from_be_bytes(context_id),
    };
    let token = r.take(token_length, "authentication token")?;
    let end = at.checked_sub(usize::from(pad)).filter(|end| *end >= HEADER_LEN).ok_or(WireError::Malformed {
        at: at + 2,
        what: "auth_pad_length",
        why: "the padding reaches into the header",
    })?;
    Ok((end, Some(AuthTrailer { auth_type, auth_level, context_id, token })))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::Guid;
    use crate::wire::dcerpc::FaultStatus;

    fn request() -> Pdu<'static> {
        Pdu {
            flags: Flags::WHOLE,
            call_id: 7,
            body: Body::Request(Request {
                alloc_hint: 5,
                context_id: 1,
                opnum: 3,
                object: Some(Guid::from_u128(0xa00b_0041)),
                stub: b"stub!",
            }),
        }
    }

    /// The PDU of `request`, with 3 bytes of padding and an NTLM token of 4 bytes behind the stub.
    fn with_auth() -> Vec<u8> {
        let mut bytes = request().emit();
        bytes.extend_from_slice(&[0, 0, 0]);
        bytes.extend_from_slice(&[10, 2, 3, 0, 1, 0, 0, 0]);
        bytes.extend_from_slice(b"NTLM");
        let length = u16::try_from(bytes.len()).unwrap();
        bytes[8..10].copy_from_slice(&length.to_le_bytes());
        bytes[10..12].copy_from_slice(&4_u16.to_le_bytes());
        bytes
    }

    #[test]
    fn authentication_trailer_is_cut_off() {
        let bytes = with_auth();
        let (header, pdu, auth) = Pdu::parse(&bytes).unwrap();
        assert_eq!(header.auth_length, 4);
        assert_eq!(pdu.body, request().body);
        assert_eq!(auth, Some(AuthTrailer { auth_type: 10, auth_level: 2, context_id: 1, token: b"NTLM" }));
    }

    #[test]
    fn padding_may_not_reach_into_the_header() {
        let mut bytes = with_auth();
        let at = bytes.len() - 12 + 2;
        bytes[at] = 200;
        let error = Pdu::parse(&bytes).unwrap_err();
        assert_eq!(error.at(), at, "{error}");
    }

    #[test]
    fn other_versions_are_named() {
        let mut bytes = request().emit();
        bytes[1] = 1;
        assert!(Pdu::parse(&bytes).is_ok(), "5.1 is accepted");
        bytes[0] = 4;
        assert_eq!(Pdu::parse(&bytes).unwrap_err().to_string(), "unsupported at byte 0: RPC version 0x401");
    }

    #[test]
    fn truncated_at_every_byte() {
        let fault = Pdu {
            flags: Flags::WHOLE | Flags::DID_NOT_EXECUTE,
            call_id: 9,
            body: Body::Fault(Fault { alloc_hint: 32, context_id: 0, status: FaultStatus::OP_RANGE }),
        };
        for bytes in [request().emit(), with_auth(), fault.emit()] {
            for n in 0..bytes.len() {
                assert!(Pdu::parse(&bytes[..n]).is_err(), "{n} of {}", bytes.len());
            }
        }
    }

    proptest! {
        #[test]
        fn random_bytes_never_panic(
            mut bytes in prop::collection::vec(any::<u8>(), 0..200),
            packet_type in 0_u8..24,
            little: bool,
            auth_length in 0_u8..64,
        ) {
            let _ = Pdu::parse(&bytes);
            // The same bytes behind a header that holds, so that the bodies are reached.
            let length = u16::try_from(bytes.len()).unwrap_or(0);
            if bytes.len() >= HEADER_LEN {
                bytes[..2].copy_from_slice(&[5, 0]);
                bytes[2] = packet_type;
                bytes[4] = if little { 0x10 } else { 0 };
                bytes[5] = 0;
                let (frag, auth) = if little {
                    (length.to_le_bytes(), [auth_length, 0])
                } else {
                    (length.to_be_bytes(), [0, auth_length])
                };
                bytes[8..10].copy_from_slice(&frag);
                bytes[10..12].copy_from_slice(&auth);
                if let Ok((_, pdu, _)) = Pdu::parse(&bytes) {
                    let again = pdu.emit();
                    let (_, back, _) = Pdu::parse(&again).unwrap();
                    prop_assert_eq!(back.body, pdu.body);
                }
            }
        }
    }
}
