//! Ethernet II frames, their addresses and the EtherTypes this project meets (IEEE 802.3, 802.1Q; spec
//! `dcp-lldp-snmp` 1).
//!
//! ```text
//!  0      6      12       14
//!  +------+------+--------+---------
//!  | dst  | src  | type   | payload      an 802.1Q tag (0x8100, 2 bytes) may stand before `type`
//!  +------+------+--------+---------
//! ```
//! `net` takes its addresses and frames from here; the protocols above TCP never see them, except the
//! cyclic connections, whose set-up carries both stations' addresses.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use thiserror::Error;

use super::WireError;
use super::octets::{OctetReader, OctetWriter};

/// Shortest frame that is sent, in bytes without the checksum; what is shorter is padded with zeros. Shorter
/// ones do arrive over virtual links and are read.
pub const MIN_FRAME: usize = 60;

/// Longest payload of a frame, bytes.
pub const MAX_PAYLOAD: usize = 1500;

/// A 48-bit MAC address in transmission order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct MacAddress(pub [u8; 6]);

impl MacAddress {
    /// `ff:ff:ff:ff:ff:ff`.
    pub const BROADCAST: Self = Self([0xff; 6]);
    /// Where DCP Identify requests go.
    pub const DCP_IDENTIFY: Self = Self([0x01, 0x0e, 0xcf, 0, 0, 0]);
    /// Where DCP Hello goes.
    pub const DCP_HELLO: Self = Self([0x01, 0x0e, 0xcf, 0, 0, 1]);
    /// Where LLDP goes; bridges do not pass it on.
    pub const LLDP: Self = Self([0x01, 0x80, 0xc2, 0, 0, 0x0e]);

    /// An invented, locally administered address for a virtual station: `02:00` followed by the
    /// last four octets of its IP address, so that equal addresses give equal MACs in every capture.
    pub fn invented_for(ip: IpAddr) -> Self {
        let [a, b, c, d] = match ip {
            IpAddr::V4(ip) => ip.octets(),
            IpAddr::V6(ip) => {
                let [.., a, b, c, d] = ip.octets();
                [a, b, c, d]
            }
        };
        Self([0x02, 0x00, a, b, c, d])
    }

    /// Group bit set: the address names several stations.
    pub fn is_multicast(self) -> bool {
        self.0[0] & 0x01 != 0
    }

    /// Locally administered: not given out by a manufacturer.
    pub fn is_local(self) -> bool {
        self.0[0] & 0x02 != 0
    }
}

impl fmt::Display for MacAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

impl fmt::Debug for MacAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text is no MAC address.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("'{text}' is no MAC address: six pairs of hexadecimal digits, separated by ':' or '-', are wanted")]
pub struct MacAddressError {
    text: String,
}

impl FromStr for MacAddress {
    type Err = MacAddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || MacAddressError { text: text.chars().take(40).collect() };
        let mut octets = [0; 6];
        let mut parts = text.split([':', '-']);
        for octet in &mut octets {
            let part = parts.next().ok_or_else(error)?;
            if part.len() != 2 || !part.bytes().all(|b| b.is_ascii_hexdigit()) {
                return Err(error());
            }
            *octet = u8::from_str_radix(part, 16).map_err(|_| error())?;
        }
        match parts.next() {
            None => Ok(Self(octets)),
            Some(_) => Err(error()),
        }
    }
}

/// What an Ethernet frame carries. Unknown numbers are kept as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EtherType(pub u16);

impl EtherType {
    /// IPv4.
    pub const IPV4: Self = Self(0x0800);
    /// IEEE 802.1Q tag.
    pub const VLAN: Self = Self(0x8100);
    /// IPv6.
    pub const IPV6: Self = Self(0x86dd);
    /// PROFINET: DCP and cyclic frames.
    pub const PROFINET: Self = Self(0x8892);
    /// LLDP.
    pub const LLDP: Self = Self(0x88cc);
}

/// The control field of an 802.1Q tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct VlanTag(pub u16);

impl VlanTag {
    /// 0 to 7.
    pub fn priority(self) -> u8 {
        self.0.to_be_bytes()[0] >> 5
    }

    /// 0 to 4095; 0 means no VLAN, only a priority.
    pub fn vlan(self) -> u16 {
        self.0 & 0x0fff
    }
}

/// An Ethernet II frame without its checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// A station or a group.
    pub destination: MacAddress,
    /// The port or interface that sent it.
    pub source: MacAddress,
    /// Tag before the EtherType, if there is one. Nothing here sends tagged.
    pub tag: Option<VlanTag>,
    /// What the payload is.
    pub ether_type: EtherType,
    /// What follows, padding included.
    pub payload: &'a [u8],
}

impl<'a> Frame<'a> {
    /// Reads a frame of any length.
    ///
    /// # Errors
    /// The bytes end within the header. A length instead of an EtherType (IEEE 802.3 framing, below 0x0600) is
    /// given as EtherType.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, WireError> {
        let mut r = OctetReader::big(bytes);
        let destination = r.mac("destination address")?;
        let source = r.mac("source address")?;
        let mut ether_type = EtherType(r.u16("EtherType")?);
        let mut tag = None;
        if ether_type == EtherType::VLAN {
            tag = Some(VlanTag(r.u16("VLAN tag")?));
            ether_type = EtherType(r.u16("EtherType")?);
        }
        Ok(Self { destination, source, tag, ether_type, payload: r.rest() })
    }

    /// The bytes to send, padded to [`MIN_FRAME`].
    pub fn emit(&self) -> Vec<u8> {
        let mut w = OctetWriter::big();
        w.bytes(&self.destination.0);
        w.bytes(&self.source.0);
        if let Some(tag) = self.tag {
            w.u16(EtherType::VLAN.0);
            w.u16(tag.0);
        }
        w.u16(self.ether_type.0);
        w.bytes(self.payload);
        w.zeros(MIN_FRAME.saturating_sub(w.position()));
        w.into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    #[test]
    fn frames_with_and_without_tag() {
        let bare = Frame {
            destination: MacAddress::DCP_HELLO,
            source: MacAddress([2, 0, 0, 0, 0, 1]),
            tag: None,
            ether_type: EtherType::PROFINET,
            payload: &[0xfe, 0xfc],
        };
        let bytes = bare.emit();
        assert_eq!(bytes.len(), MIN_FRAME);
        assert_eq!(bytes[..16], [1, 0x0e, 0xcf, 0, 0, 1, 2, 0, 0, 0, 0, 1, 0x88, 0x92, 0xfe, 0xfc]);
        assert_eq!(Frame::parse(&bytes[..16]), Ok(bare), "short frames arrive on virtual links");
        let tagged = Frame { tag: Some(VlanTag(0xc005)), ..bare };
        let bytes = tagged.emit();
        assert_eq!(bytes[12..20], [0x81, 0, 0xc0, 5, 0x88, 0x92, 0xfe, 0xfc]);
        assert_eq!(Frame::parse(&bytes[..20]), Ok(tagged));
        assert_eq!(tagged.tag.map(|tag| (tag.priority(), tag.vlan())), Some((6, 5)));
        for n in 0..18 {
            let cut = Frame::parse(&bytes[..n]);
            assert!(matches!(cut, Err(WireError::Truncated { .. })), "{n} bytes: {cut:?}");
        }
    }

    #[test]
    fn text_and_bytes_agree() {
        let mac: MacAddress = "02:00-7f:00:00:0C".parse().unwrap();
        assert_eq!(mac, MacAddress([2, 0, 0x7f, 0, 0, 12]));
        assert_eq!(mac.to_string(), "02:00:7f:00:00:0c");
        assert_eq!(mac, MacAddress::invented_for(Ipv4Addr::new(127, 0, 0, 12).into()));
        assert!(mac.is_local() && !mac.is_multicast());
        assert!(MacAddress::BROADCAST.is_multicast());
    }

    #[test]
    fn malformed_text_is_refused() {
        for text in ["", "02:00:00:00:00", "02:00:00:00:00:00:00", "+2:00:00:00:00:00", "ä2:00:00:00:00:00"] {
            assert!(text.parse::<MacAddress>().is_err(), "{text}");
        }
    }
}
