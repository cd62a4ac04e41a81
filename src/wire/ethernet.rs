//! Ethernet addresses and the EtherTypes this project meets (IEEE 802.3, 802.1Q).
//!
//! ```text
//!  0      6      12       14
//!  +------+------+--------+---------
//!  | dst  | src  | type   | payload      an 802.1Q tag (0x8100, 2 bytes) may stand before `type`
//!  +------+------+--------+---------
//! ```
//! `net` takes its addresses from here; the protocols above TCP never see them, except the cyclic
//! connections, whose set-up carries both stations' addresses.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use thiserror::Error;

/// A 48-bit MAC address in transmission order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct MacAddress(pub [u8; 6]);

impl MacAddress {
    /// `ff:ff:ff:ff:ff:ff`.
    pub const BROADCAST: Self = Self([0xff; 6]);

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

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

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
