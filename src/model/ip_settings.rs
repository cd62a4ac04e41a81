//! IPv4 settings that a device accepts (spec `dcp-lldp-snmp` 5.2).

use std::net::Ipv4Addr;

use super::{Phrase, Say};

/// Why a device refuses an address, a mask or a gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IpSettingsError {
    /// Not ones, then zeros; or none although there is an address.
    Mask(Ipv4Addr),
    /// 0.x.
    ThisNetwork(Ipv4Addr),
    /// 127.x.
    Loopback(Ipv4Addr),
    /// 224.x to 239.x.
    Multicast(Ipv4Addr),
    /// 255.255.255.255.
    Broadcast(Ipv4Addr),
    /// 240.x and above.
    Reserved(Ipv4Addr),
    /// The first address of its network.
    NetworkItself(Ipv4Addr, Ipv4Addr),
    /// The last address of its network.
    NetworkBroadcast(Ipv4Addr, Ipv4Addr),
    /// A gateway in another network.
    GatewayOutside(Ipv4Addr),
    /// The gateway is the first or last address of the network.
    GatewayAtEdge(Ipv4Addr),
    /// A mask or a gateway without an address.
    WithoutAddress,
}

impl Say for IpSettingsError {
    fn say(&self) -> Phrase {
        match *self {
            Self::Mask(mask) => crate::say!("{mask} is no mask: ones must come first, then zeros", mask),
            Self::ThisNetwork(ip) => crate::say!("{ip} is an address of \"this network\"", ip),
            Self::Loopback(ip) => crate::say!("{ip} is a loopback address", ip),
            Self::Multicast(ip) => crate::say!("{ip} is a multicast address", ip),
            Self::Broadcast(ip) => crate::say!("{ip} is the broadcast address", ip),
            Self::Reserved(ip) => crate::say!("{ip} is a reserved address", ip),
            Self::NetworkItself(ip, mask) => {
                crate::say!("{ip} is the address of the network itself (mask {mask})", ip, mask)
            }
            Self::NetworkBroadcast(ip, mask) => {
                crate::say!("{ip} is the broadcast address of its network (mask {mask})", ip, mask)
            }
            Self::GatewayOutside(gateway) => {
                crate::say!("the gateway {gateway} is outside of the device's network", gateway)
            }
            Self::GatewayAtEdge(gateway) => {
                crate::say!("the gateway {gateway} is the first or last address of the network", gateway)
            }
            Self::WithoutAddress => crate::say!("a mask or a gateway without an address means nothing"),
        }
    }
}

crate::error_in_words!(IpSettingsError);

/// Ones, then zeros, and at least one of the ones.
pub fn is_mask(mask: Ipv4Addr) -> bool {
    let bits = mask.to_bits();
    bits.leading_ones() > 0 && bits.leading_ones() + bits.trailing_zeros() == 32
}

/// Checks an address alone or, with a mask that [is one](is_mask), in its network. Networks of 31 and 32 bits have no
/// first and last address.
///
/// # Errors
/// Why no device has it.
pub fn check_ip_address(ip: Ipv4Addr, mask: Option<Ipv4Addr>) -> Result<(), IpSettingsError> {
    match (ip.octets(), mask) {
        ([0, ..], _) => Err(IpSettingsError::ThisNetwork(ip)),
        ([127, ..], _) => Err(IpSettingsError::Loopback(ip)),
        ([224..=239, ..], _) => Err(IpSettingsError::Multicast(ip)),
        ([255, 255, 255, 255], _) => Err(IpSettingsError::Broadcast(ip)),
        ([240..=255, ..], _) => Err(IpSettingsError::Reserved(ip)),
        (_, Some(mask)) => match edge(ip, mask) {
            Some(Edge::First) => Err(IpSettingsError::NetworkItself(ip, mask)),
            Some(Edge::Last) => Err(IpSettingsError::NetworkBroadcast(ip, mask)),
            None => Ok(()),
        },
        (_, None) => Ok(()),
    }
}

/// Checks what a tool wants to set. All zeros clear the address; a gateway of 0.0.0.0, or the address itself, is none.
///
/// # Errors
/// Why a device would refuse it (DCP block error 3).
pub fn check_ip_settings(ip: Ipv4Addr, mask: Ipv4Addr, gateway: Ipv4Addr) -> Result<(), IpSettingsError> {
    if ip.is_unspecified() {
        let nothing = mask.is_unspecified() && gateway.is_unspecified();
        return if nothing { Ok(()) } else { Err(IpSettingsError::WithoutAddress) };
    }
    if !is_mask(mask) {
        return Err(IpSettingsError::Mask(mask));
    }
    check_ip_address(ip, Some(mask))?;
    if gateway.is_unspecified() || gateway == ip {
        return Ok(());
    }
    if (gateway.to_bits() ^ ip.to_bits()) & mask.to_bits() != 0 {
        return Err(IpSettingsError::GatewayOutside(gateway));
    }
    if edge(gateway, mask).is_some() { Err(IpSettingsError::GatewayAtEdge(gateway)) } else { Ok(()) }
}

enum Edge {
    First,
    Last,
}

fn edge(ip: Ipv4Addr, mask: Ipv4Addr) -> Option<Edge> {
    let host = !mask.to_bits();
    match ip.to_bits() & host {
        _ if host < 3 => None,
        0 => Some(Edge::First),
        bits if bits == host => Some(Edge::Last),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(ip: [u8; 4], mask: [u8; 4], gateway: [u8; 4]) -> Result<(), String> {
        check_ip_settings(ip.into(), mask.into(), gateway.into()).map_err(|error| error.to_string())
    }

    #[test]
    fn what_devices_accept() {
        let (none, c) = ([0; 4], [255, 255, 255, 0]);
        for (ip, mask, gateway) in [
            (none, none, none),
            ([10, 0, 0, 2], c, none),
            ([10, 0, 0, 2], c, [10, 0, 0, 1]),
            ([10, 0, 0, 2], c, [10, 0, 0, 2]),
            ([10, 0, 0, 2], [255, 255, 255, 254], none),
            ([10, 0, 0, 3], [255, 255, 255, 255], none),
            ([192, 168, 255, 255], [255, 0, 0, 0], none),
        ] {
            assert_eq!(checked(ip, mask, gateway), Ok(()), "{ip:?}/{mask:?} {gateway:?}");
        }
    }

    #[test]
    fn what_they_refuse_and_why() {
        let (none, c) = ([0; 4], [255, 255, 255, 0]);
        for (ip, mask, gateway, why) in [
            (none, c, none, "a mask or a gateway without an address means nothing"),
            (none, none, [10, 0, 0, 1], "a mask or a gateway without an address means nothing"),
            ([10, 0, 0, 2], none, none, "0.0.0.0 is no mask: ones must come first, then zeros"),
            ([10, 0, 0, 2], [255, 0, 255, 0], none, "255.0.255.0 is no mask: ones must come first, then zeros"),
            ([0, 0, 0, 1], c, none, "0.0.0.1 is an address of \"this network\""),
            ([127, 0, 0, 1], c, none, "127.0.0.1 is a loopback address"),
            ([224, 0, 0, 1], c, none, "224.0.0.1 is a multicast address"),
            ([250, 0, 0, 1], c, none, "250.0.0.1 is a reserved address"),
            ([255; 4], c, none, "255.255.255.255 is the broadcast address"),
            ([10, 0, 0, 0], c, none, "10.0.0.0 is the address of the network itself (mask 255.255.255.0)"),
            ([10, 0, 0, 255], c, none, "10.0.0.255 is the broadcast address of its network (mask 255.255.255.0)"),
            ([10, 0, 0, 2], c, [10, 0, 1, 1], "the gateway 10.0.1.1 is outside of the device's network"),
            ([10, 0, 0, 2], c, [10, 0, 0, 255], "the gateway 10.0.0.255 is the first or last address of the network"),
        ] {
            assert_eq!(checked(ip, mask, gateway), Err(why.to_owned()));
        }
    }
}
