//! Agreement on interfaces: bind, alter_context and their answers (protocol notes 2.3, 2.4).
//!
//! ```text
//! bind, alter_context          16 u16 max_xmit_frag | 18 u16 max_recv_frag | 20 u32 assoc_group_id
//!                              24 u8 n_context_elem, 3 reserved | elements
//!   element                    u16 p_cont_id | u8 n_transfer_syn, 1 reserved | abstract syntax 20
//!                              | n × transfer syntax 20
//! bind_ack, alter_context_resp 16..24 as above | 24 u16 length, secondary address with NUL | pad to 4
//!                              | u8 n_results, 3 reserved | n × { u16 result, u16 reason, syntax 20 }
//! bind_nak                     16 u16 reason | 18 u8 n, n × { u8 major, u8 minor }
//! syntax                       16 UUID | u32 version (minor in the upper half)
//! ```

use std::fmt;

use crate::wire::ndr::{NdrReader, NdrWriter};
use crate::wire::{Guid, WireError};

/// An interface or a transfer syntax, with its version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SyntaxId {
    /// Which.
    pub uuid: Guid,
    /// Major version.
    pub version: u16,
    /// Minor version.
    pub version_minor: u16,
}

impl SyntaxId {
    /// NDR 2.0, the only transfer syntax spoken here.
    pub const NDR: Self =
        Self { uuid: Guid::from_u128(0x8a88_5d04_1ceb_11c9_9fe8_0800_2b10_4860), version: 2, version_minor: 0 };

    /// NDR64 1.0, offered by Windows and refused here.
    pub const NDR64: Self =
        Self { uuid: Guid::from_u128(0x7171_0533_beba_4937_8319_b5db_ef9c_cc36), version: 1, version_minor: 0 };

    /// What a rejected context is answered with.
    pub const NONE: Self = Self { uuid: Guid::NIL, version: 0, version_minor: 0 };

    /// An interface in version 0.0, as all of DCOM and CBA are.
    pub const fn interface(uuid: Guid) -> Self {
        Self { uuid, version: 0, version_minor: 0 }
    }

    /// Whether this pretended transfer syntax asks for bind-time features: the UUID then starts with
    /// `6cb71c2c-9812-4540` and holds bits.
    pub fn is_feature_negotiation(&self) -> bool {
        self.uuid.to_u128() >> 64 == 0x6cb7_1c2c_9812_4540
    }

    const LEN: usize = 20;

    fn read(r: &mut NdrReader<'_>, what: &'static str) -> Result<Self, WireError> {
        let uuid = r.guid(what)?;
        let version = r.u32(what)?;
        let [a, b, c, d] = version.to_be_bytes();
        Ok(Self { uuid, version: u16::from_be_bytes([c, d]), version_minor: u16::from_be_bytes([a, b]) })
    }

    fn write(&self, w: &mut NdrWriter) {
        w.guid(self.uuid);
        w.u32(u32::from(self.version_minor) << 16 | u32::from(self.version));
    }
}

impl fmt::Display for SyntaxId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} v{}.{}", self.uuid, self.version, self.version_minor)
    }
}

/// One offer: an interface and the transfer syntaxes it may be spoken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresentationContext {
    /// Number the client will use in requests.
    pub context_id: u16,
    /// The interface.
    pub abstract_syntax: SyntaxId,
    /// At most 255; more are not sent.
    pub transfer_syntaxes: Vec<SyntaxId>,
}

/// Body of bind and alter_context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bind {
    /// Longest PDU the client sends, bytes.
    pub max_xmit_frag: u16,
    /// Longest PDU the client takes, bytes.
    pub max_recv_frag: u16,
    /// 0 at first, then what the server gave.
    pub assoc_group_id: u32,
    /// At most 255; more are not sent.
    pub contexts: Vec<PresentationContext>,
}

impl Bind {
    pub(crate) fn read(r: &mut NdrReader<'_>) -> Result<Self, WireError> {
        let max_xmit_frag = r.u16("max_xmit_frag")?;
        let max_recv_frag = r.u16("max_recv_frag")?;
        let assoc_group_id = r.u32("assoc_group_id")?;
        let [n_contexts, _, _, _] = r.array::<4>("n_context_elem")?;
        let n_contexts = r.count(u32::from(n_contexts), 4 + SyntaxId::LEN, "presentation contexts")?;
        let mut contexts = Vec::with_capacity(n_contexts);
        for _ in 0..n_contexts {
            let context_id = r.u16("p_cont_id")?;
            let [n_syntaxes, _] = r.array::<2>("n_transfer_syn")?;
            let abstract_syntax = SyntaxId::read(r, "abstract syntax")?;
            let n_syntaxes = r.count(u32::from(n_syntaxes), SyntaxId::LEN, "transfer syntaxes")?;
            let transfer_syntaxes =
                (0..n_syntaxes).map(|_| SyntaxId::read(r, "transfer syntax")).collect::<Result<_, _>>()?;
            contexts.push(PresentationContext { context_id, abstract_syntax, transfer_syntaxes });
        }
        Ok(Self { max_xmit_frag, max_recv_frag, assoc_group_id, contexts })
    }

    pub(crate) fn write(&self, w: &mut NdrWriter) {
        w.u16(self.max_xmit_frag);
        w.u16(self.max_recv_frag);
        w.u32(self.assoc_group_id);
        let (n_contexts, contexts) = counted(&self.contexts);
        w.bytes(&[n_contexts, 0, 0, 0]);
        for context in contexts {
            w.u16(context.context_id);
            let (n_syntaxes, syntaxes) = counted(&context.transfer_syntaxes);
            w.bytes(&[n_syntaxes, 0]);
            context.abstract_syntax.write(w);
            for syntax in syntaxes {
                syntax.write(w);
            }
        }
    }
}

/// A list as its u8 count allows.
fn counted<T>(list: &[T]) -> (u8, impl Iterator<Item = &T>) {
    let n = u8::try_from(list.len()).unwrap_or(u8::MAX);
    (n, list.iter().take(usize::from(n)))
}

/// Answer to one offered context, in the order of the offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContextResult {
    /// 0 accepted, 1 user rejection, 2 provider rejection, 3 negotiate_ack.
    pub result: u16,
    /// With result 2: 1 abstract syntax, 2 transfer syntaxes not supported, 3 local limit.
    pub reason: u16,
    /// The transfer syntax chosen; zero where rejected.
    pub transfer_syntax: SyntaxId,
}

impl ContextResult {
    /// Spoken in NDR.
    pub const ACCEPTED: Self = Self { result: 0, reason: 0, transfer_syntax: SyntaxId::NDR };
    /// The interface is not served here.
    pub const UNKNOWN_INTERFACE: Self = Self::rejected(1);
    /// None of the transfer syntaxes is spoken here.
    pub const UNKNOWN_TRANSFER_SYNTAX: Self = Self::rejected(2);
    /// More contexts than a server bears.
    pub const LOCAL_LIMIT: Self = Self::rejected(3);
    /// Answer to bind-time features: none.
    pub const NEGOTIATE_ACK: Self = Self { result: 3, reason: 0, transfer_syntax: SyntaxId::NONE };

    const fn rejected(reason: u16) -> Self {
        Self { result: 2, reason, transfer_syntax: SyntaxId::NONE }
    }

    /// Whether calls may use the context.
    pub const fn is_accepted(&self) -> bool {
        self.result == 0
    }
}

impl fmt::Display for ContextResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.result, self.reason) {
            (0, _) => f.write_str("accepted"),
            (2, 1) => f.write_str("interface not supported"),
            (2, 2) => f.write_str("transfer syntax not supported"),
            (2, 3) => f.write_str("local limit exceeded"),
            (1, reason) => write!(f, "rejected by the user, reason {reason}"),
            (2, reason) => write!(f, "rejected by the provider, reason {reason}"),
            (3, _) => f.write_str("features negotiated"),
            (result, reason) => write!(f, "result {result}, reason {reason}"),
        }
    }
}

/// Body of bind_ack and alter_context_resp.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BindAck {
    /// Longest PDU the server sends, bytes.
    pub max_xmit_frag: u16,
    /// Longest PDU the server takes, bytes.
    pub max_recv_frag: u16,
    /// Names the group of associations; not 0.
    pub assoc_group_id: u32,
    /// Port number as text; empty in alter_context_resp. A character that is not ASCII is read
    /// and sent as `?`.
    pub secondary_address: String,
    /// At most 255; more are not sent.
    pub results: Vec<ContextResult>,
}

impl BindAck {
    pub(crate) fn read(r: &mut NdrReader<'_>) -> Result<Self, WireError> {
        let max_xmit_frag = r.u16("max_xmit_frag")?;
        let max_recv_frag = r.u16("max_recv_frag")?;
        let assoc_group_id = r.u32("assoc_group_id")?;
        let length = r.u16("secondary address")?;
        let address = r.take(usize::from(length), "secondary address")?;
        let secondary_address = address
            .iter()
            .take_while(|byte| **byte != 0)
            .map(|byte| if byte.is_ascii() { char::from(*byte) } else { '?' })
            .collect();
        r.align(4, "secondary address")?;
        let [n_results, _, _, _] = r.array::<4>("n_results")?;
        let n_results = r.count(u32::from(n_results), 4 + SyntaxId::LEN, "context results")?;
        let results = (0..n_results)
            .map(|_| {
                Ok(ContextResult {
                    result: r.u16("context result")?,
                    reason: r.u16("context reason")?,
                    transfer_syntax: SyntaxId::read(r, "transfer syntax")?,
                })
            })
            .collect::<Result<_, WireError>>()?;
        Ok(Self { max_xmit_frag, max_recv_frag, assoc_group_id, secondary_address, results })
    }

    pub(crate) fn write(&self, w: &mut NdrWriter) {
        w.u16(self.max_xmit_frag);
        w.u16(self.max_recv_frag);
        w.u32(self.assoc_group_id);
        if self.secondary_address.is_empty() {
            w.u16(0);
        } else {
            let address: Vec<u8> = self
                .secondary_address
                .chars()
                .take(usize::from(u16::MAX) - 1)
                .map(|c| u8::try_from(c).ok().filter(u8::is_ascii).unwrap_or(b'?'))
                .collect();
            w.u16(u16::try_from(address.len() + 1).unwrap_or(0));
            w.bytes(&address);
            w.u8(0);
        }
        w.align(4);
        let (n_results, results) = counted(&self.results);
        w.bytes(&[n_results, 0, 0, 0]);
        for result in results {
            w.u16(result.result);
            w.u16(result.reason);
            result.transfer_syntax.write(w);
        }
    }
}

/// Body of bind_nak.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BindNak {
    /// 0 not specified, 1 temporary congestion, 2 local limit, 4 protocol version not supported.
    pub reason: u16,
    /// Versions the server speaks, major and minor; at most 255.
    pub versions: Vec<(u8, u8)>,
}

impl BindNak {
    /// Reason for a client that asks for more, or less, than the server bears.
    pub const LOCAL_LIMIT: u16 = 2;
    /// Reason for a version nobody here speaks.
    pub const VERSION_NOT_SUPPORTED: u16 = 4;

    pub(crate) fn read(r: &mut NdrReader<'_>) -> Result<Self, WireError> {
        let reason = r.u16("bind_nak reason")?;
        let mut versions = Vec::new();
        // Several servers end the PDU here.
        if r.remaining() > 0 {
            let n = r.u8("versions")?;
            let n = r.count(u32::from(n), 2, "versions")?;
            for _ in 0..n {
                let [major, minor] = r.array("version")?;
                versions.push((major, minor));
            }
        }
        Ok(Self { reason, versions })
    }

    pub(crate) fn write(&self, w: &mut NdrWriter) {
        w.u16(self.reason);
        let (n, versions) = counted(&self.versions);
        w.u8(n);
        for (major, minor) in versions {
            w.bytes(&[*major, *minor]);
        }
    }
}

impl fmt::Display for BindNak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.reason {
            0 => f.write_str("reason not specified"),
            1 => f.write_str("temporary congestion"),
            2 => f.write_str("local limit exceeded"),
            4 => f.write_str("protocol version not supported"),
            other => write!(f, "reason {other}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::dcerpc::{Body, Flags, Pdu};

    /// Bind for ICBAAccoMgt as printed in the protocol notes, 2.3.
    const BIND: [u8; 72] = [
        5, 0, 11, 3, 0x10, 0, 0, 0, 72, 0, 0, 0, 1, 0, 0, 0, // header
        0xd0, 0x16, 0xd0, 0x16, 0, 0, 0, 0, 1, 0, 0, 0, // 5840, 5840, group 0, one element
        0, 0, 1, 0, // context 0, one transfer syntax
        0x41, 0, 0xa0, 0xcb, 0x97, 0x6c, 0xd1, 0x11, 0x82, 0x71, 0, 0xa0, 0x24, 0x42, 0xdf, 0x7d, 0, 0, 0,
        0, // version 0.0
        4, 0x5d, 0x88, 0x8a, 0xeb, 0x1c, 0xc9, 0x11, 0x9f, 0xe8, 8, 0, 0x2b, 0x10, 0x48, 0x60, 2, 0, 0,
        0, // NDR 2.0
    ];

    fn bind() -> Pdu<'static> {
        Pdu {
            flags: Flags::WHOLE,
            call_id: 1,
            body: Body::Bind(Bind {
                max_xmit_frag: 5840,
                max_recv_frag: 5840,
                assoc_group_id: 0,
                contexts: vec![PresentationContext {
                    context_id: 0,
                    abstract_syntax: SyntaxId::interface("cba00041-6c97-11d1-8271-00a02442df7d".parse().unwrap()),
                    transfer_syntaxes: vec![SyntaxId::NDR],
                }],
            }),
        }
    }

    #[test]
    fn bind_matches_the_example() {
        assert_eq!(bind().emit(), BIND);
        assert_eq!(Pdu::parse(&BIND).unwrap().1, bind());
    }

    #[test]
    fn bind_from_a_big_endian_peer() {
        let mut bytes = BIND;
        bytes[4] = 0;
        bytes[8..10].reverse();
        bytes[12..16].reverse();
        bytes[16..18].reverse();
        bytes[18..20].reverse();
        bytes[28..30].reverse();
        for at in [32, 52] {
            bytes[at..at + 4].reverse();
            bytes[at + 4..at + 6].reverse();
            bytes[at + 6..at + 8].reverse();
            bytes[at + 16..at + 20].reverse();
        }
        assert_eq!(Pdu::parse(&bytes).unwrap().1, bind());
    }

    #[test]
    fn answers_round_trip() {
        for secondary_address in ["", "135", "49155", "4915"] {
            let ack = Pdu {
                flags: Flags::WHOLE,
                call_id: 2,
                body: Body::BindAck(BindAck {
                    max_xmit_frag: 5840,
                    max_recv_frag: 4280,
                    assoc_group_id: 0x1234,
                    secondary_address: secondary_address.to_owned(),
                    results: vec![
                        ContextResult::ACCEPTED,
                        ContextResult::UNKNOWN_TRANSFER_SYNTAX,
                        ContextResult::NEGOTIATE_ACK,
                    ],
                }),
            };
            assert_eq!(Pdu::parse(&ack.emit()).unwrap().1, ack);
        }
        let nak =
            Pdu { flags: Flags::WHOLE, call_id: 1, body: Body::BindNak(BindNak { reason: 4, versions: vec![(5, 0)] }) };
        assert_eq!(Pdu::parse(&nak.emit()).unwrap().1, nak);
    }

    #[test]
    fn truncated_at_every_byte() {
        for n in 0..BIND.len() {
            let mut bytes = BIND[..n].to_vec();
            assert!(Pdu::parse(&bytes).is_err());
            // Also with a header that agrees with the cut.
            if let Some(length) = bytes.get_mut(8) {
                *length = u8::try_from(n).unwrap();
                assert!(Pdu::parse(&bytes).is_err(), "{n}");
            }
        }
    }

    #[test]
    fn over_long_lists_are_cut_at_255() {
        let nak = Pdu {
            flags: Flags::WHOLE,
            call_id: 1,
            body: Body::BindNak(BindNak { reason: 0, versions: vec![(5, 0); 300] }),
        };
        let bytes = nak.emit();
        let Body::BindNak(back) = Pdu::parse(&bytes).unwrap().1.body else {
            panic!("not a bind_nak");
        };
        assert_eq!(back.versions.len(), 255);
    }

    #[test]
    fn bind_time_features_are_recognised() {
        let mut features = SyntaxId::NDR64;
        assert!(!features.is_feature_negotiation());
        features.uuid = "6cb71c2c-9812-4540-0300-000000000000".parse().unwrap();
        assert!(features.is_feature_negotiation());
    }
}
