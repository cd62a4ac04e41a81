//! The whole PDU: who, which port, for how long, and what else.

use std::fmt;

use super::Tlv;
use super::tlv::{emit_tlv, split};
use crate::wire::WireError;
use crate::wire::ethernet::{EtherType, Frame, MacAddress};
use crate::wire::octets::OctetReader;

/// Who sends.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChassisId {
    /// Subtype 4: a station that has no name (legacy), or a peer that is not PROFINET.
    Mac(MacAddress),
    /// Subtype 7: the station's name (legacy) or its system identification text.
    Local(String),
    /// Any other subtype, or a value that does not fit.
    Other(u8, Vec<u8>),
}

/// Which of its ports.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PortId {
    /// Subtype 3.
    Mac(MacAddress),
    /// Subtype 5, `eth0`.
    InterfaceName(String),
    /// Subtype 1.
    InterfaceAlias(String),
    /// Subtype 7: `port-001` or `port-001.name`.
    Local(String),
    /// Any other subtype, or a value that does not fit.
    Other(u8, Vec<u8>),
}

fn text(value: &[u8]) -> Option<String> {
    str::from_utf8(value).ok().map(str::to_owned)
}

fn mac(value: &[u8]) -> Option<MacAddress> {
    value.try_into().ok().map(MacAddress)
}

impl ChassisId {
    fn read(subtype: u8, value: &[u8]) -> Self {
        let known = match subtype {
            4 => mac(value).map(Self::Mac),
            7 => text(value).map(Self::Local),
            _ => None,
        };
        known.unwrap_or_else(|| Self::Other(subtype, value.to_vec()))
    }

    fn value(&self) -> Vec<u8> {
        match self {
            Self::Mac(mac) => [&[4], &mac.0[..]].concat(),
            Self::Local(text) => [&[7], text.as_bytes()].concat(),
            Self::Other(subtype, value) => [&[*subtype], &value[..]].concat(),
        }
    }
}

impl PortId {
    fn read(subtype: u8, value: &[u8]) -> Self {
        let known = match subtype {
            1 => text(value).map(Self::InterfaceAlias),
            3 => mac(value).map(Self::Mac),
            5 => text(value).map(Self::InterfaceName),
            7 => text(value).map(Self::Local),
            _ => None,
        };
        known.unwrap_or_else(|| Self::Other(subtype, value.to_vec()))
    }

    fn value(&self) -> Vec<u8> {
        match self {
            Self::Mac(mac) => [&[3], &mac.0[..]].concat(),
            Self::InterfaceAlias(text) => [&[1], text.as_bytes()].concat(),
            Self::InterfaceName(text) => [&[5], text.as_bytes()].concat(),
            Self::Local(text) => [&[7], text.as_bytes()].concat(),
            Self::Other(subtype, value) => [&[*subtype], &value[..]].concat(),
        }
    }
}

fn raw(f: &mut fmt::Formatter<'_>, subtype: u8, value: &[u8]) -> fmt::Result {
    write!(f, "subtype {subtype}:")?;
    value.iter().try_for_each(|byte| write!(f, " {byte:02x}"))
}

impl fmt::Display for ChassisId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mac(mac) => mac.fmt(f),
            Self::Local(text) => f.write_str(text),
            Self::Other(subtype, value) => raw(f, *subtype, value),
        }
    }
}

impl fmt::Display for PortId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mac(mac) => mac.fmt(f),
            Self::InterfaceName(text) | Self::InterfaceAlias(text) | Self::Local(text) => f.write_str(text),
            Self::Other(subtype, value) => raw(f, *subtype, value),
        }
    }
}

/// What a port says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lldpdu {
    /// Who.
    pub chassis: ChassisId,
    /// Which port.
    pub port: PortId,
    /// Seconds for which this counts; 0: goodbye.
    pub ttl: u16,
    /// Everything else, in order; what exceeds a TLV (511 bytes) is cut off when sent.
    pub tlvs: Vec<Tlv>,
}

impl Lldpdu {
    /// Reads what stands behind the EtherType, up to the End TLV or the end of the bytes.
    ///
    /// # Errors
    /// A TLV beyond the bytes; Chassis ID, Port ID and TTL not at the beginning in this order, or there twice.
    pub fn parse(payload: &[u8]) -> Result<Self, WireError> {
        let mut r = OctetReader::big(payload);
        let malformed = |at, what, why| WireError::Malformed { at, what, why };
        let (at, value) = expect(&mut r, 1, "Chassis ID")?;
        let [subtype, id @ ..] = value else { return Err(malformed(at, "Chassis ID", "it is empty")) };
        let chassis = ChassisId::read(*subtype, id);
        let (at, value) = expect(&mut r, 2, "Port ID")?;
        let [subtype, id @ ..] = value else { return Err(malformed(at, "Port ID", "it is empty")) };
        let port = PortId::read(*subtype, id);
        let (at, value) = expect(&mut r, 3, "TTL")?;
        let [high, low, ..] = value else { return Err(malformed(at, "TTL", "two bytes are expected")) };
        let ttl = u16::from_be_bytes([*high, *low]);
        let mut tlvs = Vec::new();
        while r.remaining() > 0 {
            let at = r.at();
            match split(&mut r)? {
                (0, _) => break,
                (1..=3, _) => return Err(malformed(at, "TLV", "Chassis ID, Port ID or TTL a second time")),
                (kind, value) => tlvs.push(Tlv::read(kind, value)),
            }
        }
        Ok(Self { chassis, port, ttl, tlvs })
    }

    /// What stands behind the EtherType, End TLV included, without the padding of short frames.
    pub fn emit(&self) -> Vec<u8> {
        let mut bytes = emit_tlv(1, &self.chassis.value());
        bytes.extend(emit_tlv(2, &self.port.value()));
        bytes.extend(emit_tlv(3, &self.ttl.to_be_bytes()));
        for tlv in &self.tlvs {
            bytes.extend(tlv.emit());
        }
        bytes.extend([0, 0]);
        bytes
    }

    /// The whole frame. `port` is the address of the port, which may differ from the interface's.
    pub fn frame(&self, port: MacAddress) -> Vec<u8> {
        let (destination, payload) = (MacAddress::LLDP, self.emit());
        Frame { destination, source: port, tag: None, ether_type: EtherType::LLDP, payload: &payload }.emit()
    }

    /// Address of the station's interface, which DCP knows: as told by PROFINET, or as chassis.
    pub fn interface_mac(&self) -> Option<MacAddress> {
        let told = self.tlvs.iter().find_map(|tlv| match tlv {
            Tlv::Pno(super::PnoTlv::InterfaceMac(mac)) => Some(*mac),
            _ => None,
        });
        told.or(match &self.chassis {
            ChassisId::Mac(mac) => Some(*mac),
            _ => None,
        })
    }

    /// Name of the port as others know it; `None` for peers that are not PROFINET.
    pub fn alias(&self) -> Option<String> {
        super::naming::alias(&self.chassis, &self.port)
    }

    /// Name of the station, if it tells one.
    pub fn station_name(&self) -> Option<String> {
        super::naming::station_name(&self.chassis, &self.port)
    }
}

fn expect<'a>(r: &mut OctetReader<'a>, wanted: u8, what: &'static str) -> Result<(usize, &'a [u8]), WireError> {
    let at = r.at();
    match split(r)? {
        (kind, value) if kind == wanted => Ok((at, value)),
        _ => Err(WireError::Malformed { at, what, why: "another TLV stands in its place" }),
    }
}
