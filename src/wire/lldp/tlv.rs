//! TLVs behind the first three.

use std::net::Ipv4Addr;

use super::PnoTlv;
use super::pno::PNO;
use crate::wire::WireError;
use crate::wire::octets::{OctetReader, OctetWriter};

/// Longest value of a TLV, bytes.
const MAX_VALUE: usize = 511;
/// OUI of IEEE 802.3.
const DOT3: [u8; 3] = [0x00, 0x12, 0x0f];

/// An address under which a station can be managed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagementAddress {
    /// Its address.
    pub ip: Ipv4Addr,
    /// How `interface` counts: 2 = ifIndex, 3 = system port.
    pub numbering: u8,
    /// Number of the interface.
    pub interface: u32,
    /// Object identifier as it stands in the TLV; usually empty.
    pub oid: Vec<u8>,
}

/// How a port negotiates, and what it runs at (IEEE 802.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MacPhy {
    /// Bit 0 supported, bit 1 enabled.
    pub autonegotiation: u8,
    /// What it offers, as bits.
    pub advertised: u16,
    /// Type of its medium attachment unit, see `wire::pnio`.
    pub mau_type: u16,
}

/// One statement about the port or the station.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tlv {
    /// Type 4.
    PortDescription(String),
    /// Type 5.
    SystemName(String),
    /// Type 6.
    SystemDescription(String),
    /// Type 7: what it can be, and what of that it is, as bits.
    Capabilities(u16, u16),
    /// Type 8 with an IPv4 address.
    ManagementAddress(ManagementAddress),
    /// Type 127 of IEEE 802.3, subtype 1.
    MacPhy(MacPhy),
    /// Type 127 of PROFINET.
    Pno(PnoTlv),
    /// Type 127 of anybody else: OUI, subtype, value.
    Organisation([u8; 3], u8, Vec<u8>),
    /// Everything else: type (7 bits) and value.
    Other(u8, Vec<u8>),
}

impl Tlv {
    pub(super) fn read(kind: u8, value: &[u8]) -> Self {
        Self::known(kind, value).unwrap_or_else(|| Self::Other(kind, value.to_vec()))
    }

    fn known(kind: u8, value: &[u8]) -> Option<Self> {
        let text = || str::from_utf8(value).ok().map(str::to_owned);
        Some(match kind {
            4 => Self::PortDescription(text()?),
            5 => Self::SystemName(text()?),
            6 => Self::SystemDescription(text()?),
            7 => match value {
                [a, b, c, d] => Self::Capabilities(u16::from_be_bytes([*a, *b]), u16::from_be_bytes([*c, *d])),
                _ => return None,
            },
            8 => {
                let mut r = OctetReader::big(value);
                if r.array("").ok()? != [5, 1] {
                    return None;
                }
                let (ip, numbering) = (r.ip("").ok()?, r.u8("").ok()?);
                let (interface, n) = (r.u32("").ok()?, r.u8("").ok()?);
                let oid = r.rest().to_vec();
                if oid.len() != usize::from(n) {
                    return None;
                }
                Self::ManagementAddress(ManagementAddress { ip, numbering, interface, oid })
            }
            127 => match value {
                [a, b, c, subtype, value @ ..] => Self::of_organisation([*a, *b, *c], *subtype, value),
                _ => return None,
            },
            _ => return None,
        })
    }

    fn of_organisation(oui: [u8; 3], subtype: u8, value: &[u8]) -> Self {
        match (oui, subtype, value) {
            (PNO, ..) => Self::Pno(PnoTlv::read(subtype, value)),
            (DOT3, 1, [autonegotiation, a, b, c, d]) => Self::MacPhy(MacPhy {
                autonegotiation: *autonegotiation,
                advertised: u16::from_be_bytes([*a, *b]),
                mau_type: u16::from_be_bytes([*c, *d]),
            }),
            _ => Self::Organisation(oui, subtype, value.to_vec()),
        }
    }

    pub(super) fn emit(&self) -> Vec<u8> {
        match self {
            Self::PortDescription(text) => emit_tlv(4, text.as_bytes()),
            Self::SystemName(text) => emit_tlv(5, text.as_bytes()),
            Self::SystemDescription(text) => emit_tlv(6, text.as_bytes()),
            Self::Capabilities(can, is) => emit_tlv(7, &[can.to_be_bytes(), is.to_be_bytes()].concat()),
            Self::ManagementAddress(address) => {
                let mut w = OctetWriter::big();
                w.bytes(&[5, 1]);
                w.bytes(&address.ip.octets());
                w.u8(address.numbering);
                w.u32(address.interface);
                w.short_text(&address.oid);
                emit_tlv(8, &w.into_bytes())
            }
            Self::MacPhy(phy) => {
                let mut w = OctetWriter::big();
                w.bytes(&DOT3);
                w.bytes(&[1, phy.autonegotiation]);
                w.u16(phy.advertised);
                w.u16(phy.mau_type);
                emit_tlv(127, &w.into_bytes())
            }
            Self::Pno(tlv) => emit_tlv(127, &tlv.value()),
            Self::Organisation(oui, subtype, value) => emit_tlv(127, &[oui, &[*subtype][..], value].concat()),
            Self::Other(kind, value) => emit_tlv(*kind, value),
        }
    }
}

/// Type and value of the next TLV.
pub(super) fn split<'a>(r: &mut OctetReader<'a>) -> Result<(u8, &'a [u8]), WireError> {
    let [high, low] = r.array("TLV header")?;
    let length = usize::from(high & 1) << 8 | usize::from(low);
    Ok((high >> 1, r.take(length, "TLV")?))
}

/// Type and length, then the value, of which what exceeds a TLV is cut off.
pub(super) fn emit_tlv(kind: u8, value: &[u8]) -> Vec<u8> {
    let value = value.get(..MAX_VALUE).unwrap_or(value);
    let header = u16::from(kind & 0x7f) << 9 | u16::try_from(value.len()).unwrap_or_default();
    [&header.to_be_bytes()[..], value].concat()
}
