//! Which network interfaces this computer has.

use std::net::IpAddr;
use std::path::Path;

use pnet::datalink::{self, NetworkInterface};

use crate::wire::ethernet::MacAddress;

/// What a person needs to choose an interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterfaceInfo {
    /// By which the system calls it, `eth0`.
    pub name: String,
    /// What the system says about it; empty on most.
    pub description: String,
    /// Its address; `None` for what is no Ethernet.
    pub mac: Option<MacAddress>,
    /// Its IP addresses with the lengths of their prefixes.
    pub ips: Vec<(IpAddr, u8)>,
    /// Switched on by the system.
    pub up: bool,
    /// Has link: something is at the other end of its cable.
    pub running: bool,
    /// Leads nowhere but back.
    pub loopback: bool,
    /// Probably a wireless one; PROFINET and most access points do not go together.
    pub wireless: bool,
}

impl InterfaceInfo {
    /// Whether raw Ethernet frames can be sent there.
    pub fn is_ethernet(&self) -> bool {
        self.mac.is_some() && !self.loopback
    }

    fn of(interface: &NetworkInterface) -> Self {
        Self {
            name: interface.name.clone(),
            description: interface.description.clone(),
            mac: mac_of(interface),
            ips: interface.ips.iter().map(|network| (network.ip(), network.prefix())).collect(),
            up: interface.is_up(),
            running: has_link(interface),
            loopback: interface.is_loopback(),
            wireless: is_wireless(&interface.name),
        }
    }
}

/// All interfaces, by name. Needs no privilege.
pub fn interfaces() -> Vec<InterfaceInfo> {
    let mut all: Vec<_> = datalink::interfaces().iter().map(InterfaceInfo::of).collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}

pub(super) fn find(name: &str) -> Option<NetworkInterface> {
    datalink::interfaces().into_iter().find(|interface| interface.name == name)
}

/// All zeros is what the system says of interfaces that have none.
pub(super) fn mac_of(interface: &NetworkInterface) -> Option<MacAddress> {
    let mac = interface.mac.map(|mac| MacAddress(mac.octets()));
    mac.filter(|mac| *mac != MacAddress::default())
}

#[cfg(unix)]
pub(super) fn has_link(interface: &NetworkInterface) -> bool {
    interface.is_up() && interface.is_running()
}

#[cfg(not(unix))]
pub(super) fn has_link(interface: &NetworkInterface) -> bool {
    interface.is_up()
}

fn is_wireless(name: &str) -> bool {
    let known = |entry: &str| Path::new("/sys/class/net").join(name).join(entry).exists();
    known("wireless") || known("phy80211") || name.starts_with("wl")
}
