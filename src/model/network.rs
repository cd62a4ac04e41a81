//! Devices, subnets, PROFIBUS lines and cables as planned, and what is known of each device.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use super::Name;

/// An Ethernet subnet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subnet {
    /// Network address.
    pub address: Ipv4Addr,
    /// Mask.
    pub mask: Ipv4Addr,
    /// The engineer's remark.
    pub comment: Name,
}

impl Subnet {
    /// Whether `ip` lies in this subnet.
    pub fn contains(&self, ip: Ipv4Addr) -> bool {
        ip.to_bits() & self.mask.to_bits() == self.address.to_bits() & self.mask.to_bits()
    }
}

/// MAC address.
pub type Mac = [u8; 6];

/// A planned device: the PDev that one instance, or several on a multi-application device, run on.
#[derive(Debug, Clone, PartialEq)]
pub struct Device {
    /// How it is reached.
    pub attachment: Attachment,
    /// Canvas position in the network view.
    pub at: super::Point,
    /// The engineer's remark.
    pub comment: Name,
}

/// How a device is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attachment {
    /// Its own Ethernet interface.
    Ethernet(EthernetAddress),
    /// PROFIBUS behind a proxy, which answers for it on the proxy's own IP address.
    Profibus(ProfibusAddress),
}

/// Ethernet addressing of a device.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EthernetAddress {
    /// Subnet of the plan it belongs to.
    pub subnet: Option<Name>,
    /// PROFINET name of station; empty when not yet decided.
    pub name_of_station: Name,
    /// IP address.
    pub ip: Option<Ipv4Addr>,
    /// Mask; absent means that of the subnet.
    pub mask: Option<Ipv4Addr>,
    /// Router.
    pub router: Option<Ipv4Addr>,
    /// MAC address, once known.
    pub mac: Option<Mac>,
}

/// PROFIBUS addressing of a device.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProfibusAddress {
    /// The planned device that is its proxy; absent when not yet attached.
    pub proxy: Option<Name>,
    /// DP master system inside the proxy.
    pub system_id: u8,
    /// PROFIBUS address; 0..=125 in operation, 126 is the state of delivery.
    pub address: Option<u8>,
}

impl Device {
    /// A device on Ethernet without addresses.
    pub fn ethernet() -> Self {
        Self {
            attachment: Attachment::Ethernet(EthernetAddress::default()),
            at: super::Point::default(),
            comment: Name::default(),
        }
    }

    /// Its Ethernet addressing, when it has an interface of its own.
    pub fn ethernet_address(&self) -> Option<&EthernetAddress> {
        match &self.attachment {
            Attachment::Ethernet(address) => Some(address),
            Attachment::Profibus(_) => None,
        }
    }

    /// Its PROFIBUS addressing, when it is behind a proxy.
    pub fn profibus_address(&self) -> Option<&ProfibusAddress> {
        match &self.attachment {
            Attachment::Profibus(address) => Some(address),
            Attachment::Ethernet(_) => None,
        }
    }
}

/// One end of a cable.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LanPort {
    /// Planned device.
    pub device: Name,
    /// Port number on it, from 1.
    pub port: u8,
}

/// A planned cable; `a` is the smaller end.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cable {
    /// One end.
    pub a: LanPort,
    /// The other end.
    pub b: LanPort,
}

impl Cable {
    /// A cable between two ends, in whichever order.
    pub fn between(one: LanPort, other: LanPort) -> Self {
        if one <= other { Self { a: one, b: other } } else { Self { a: other, b: one } }
    }
}

/// What is known of a device from the last generate, download or visit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeviceState {
    /// SHA-256 (hex) of the configuration last generated.
    pub generated: Option<Name>,
    /// SHA-256 (hex) of the configuration last downloaded.
    pub downloaded: Option<Name>,
    /// When that was, `xs:dateTime` in UTC.
    pub downloaded_at: Option<Name>,
    /// PDevStamp read back then.
    pub pdev_stamp: Option<u32>,
    /// CDBCookie read back then, by LDev.
    pub cdb_cookies: BTreeMap<Name, u32>,
}
