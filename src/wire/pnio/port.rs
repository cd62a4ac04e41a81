//! Interfaces and ports: addresses, peers, link and counters. Padding counts from the begin of the block.

use std::net::Ipv4Addr;

use crate::wire::ethernet::MacAddress;
use crate::wire::octets::{OctetReader, OctetWriter};

open_enum! {
    /// What a port does with frames.
    PortState: u8 {
        /// Not known.
        Unknown = 0 "unknown",
        /// Switched off.
        Disabled = 1 "disabled",
        /// Kept from making a loop.
        Blocking = 2 "blocking",
        /// On its way to forwarding.
        Listening = 3 "listening",
        /// On its way to forwarding.
        Learning = 4 "learning",
        /// At work.
        Forwarding = 5 "forwarding",
        /// Out of order.
        Broken = 6 "broken",
    }

    /// Whether a cable is in, and somebody at its other end.
    LinkState: u8 {
        /// Yes.
        Up = 1 "up",
        /// No.
        Down = 2 "down",
        /// Being tried.
        Testing = 3 "testing",
        /// Not known.
        Unknown = 4 "unknown",
    }

    /// What the cable is made of.
    MediaType: u32 {
        /// Not known.
        Unknown = 0 "unknown",
        /// Copper.
        Copper = 1 "copper",
        /// Fibre.
        Fibre = 2 "fibre",
        /// Radio.
        Radio = 3 "radio",
    }

    /// Speed and medium.
    MauType: u16 {
        /// Not known, or radio.
        Unknown = 0 "unknown",
        /// 10 Mbit/s, copper.
        Base10T = 0x05 "10BASE-T",
        /// 100 Mbit/s, copper, one direction at a time.
        Base100TxHalf = 0x0f "100BASE-TX half duplex",
        /// 100 Mbit/s, copper.
        Base100Tx = 0x10 "100BASE-TX",
        /// 100 Mbit/s, fibre, one direction at a time.
        Base100FxHalf = 0x11 "100BASE-FX half duplex",
        /// 100 Mbit/s, fibre.
        Base100Fx = 0x12 "100BASE-FX",
        /// 1 Gbit/s, copper, one direction at a time.
        Base1000THalf = 0x1d "1000BASE-T half duplex",
        /// 1 Gbit/s, copper.
        Base1000T = 0x1e "1000BASE-T",
        /// 100 Mbit/s, long fibre.
        Base100Lx10 = 0x2e "100BASE-LX10",
        /// 100 Mbit/s, polymer fibre.
        Base100Polymer = 0x36 "100 Mbit/s over polymer fibre",
        /// 10 Mbit/s, one pair.
        Base10T1L = 0x8d "10BASE-T1L",
    }
}

impl MauType {
    /// Speed in Mbit/s, where the type tells it.
    pub fn mbit_per_s(self) -> Option<u32> {
        Some(match self {
            Self::Base10T | Self::Base10T1L => 10,
            Self::Base1000T | Self::Base1000THalf => 1000,
            Self::Unknown | Self::Other(_) => return None,
            _ => 100,
        })
    }
}

fn text(r: &mut OctetReader<'_>) -> Option<String> {
    let n = r.u8("").ok()?;
    str::from_utf8(r.take(n.into(), "").ok()?).ok().map(str::to_owned)
}

/// 0x0240: an interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterfaceData {
    /// Name of the station, at most 255 bytes.
    pub chassis: String,
    /// Its address.
    pub mac: MacAddress,
    /// IP address.
    pub ip: Ipv4Addr,
    /// Mask.
    pub mask: Ipv4Addr,
    /// Gateway.
    pub gateway: Ipv4Addr,
}

impl InterfaceData {
    /// From what stands behind the block's length.
    pub(super) fn read(r: &mut OctetReader<'_>) -> Option<Self> {
        let chassis = text(r)?;
        r.align(4);
        let mac = r.mac("").ok()?;
        r.align(4);
        Some(Self { chassis, mac, ip: r.ip("").ok()?, mask: r.ip("").ok()?, gateway: r.ip("").ok()? })
    }

    pub(super) fn write(&self, w: &mut OctetWriter) {
        w.short_text(self.chassis.as_bytes());
        w.align(4);
        w.bytes(&self.mac.0);
        w.align(4);
        for address in [self.ip, self.mask, self.gateway] {
            w.bytes(&address.octets());
        }
    }
}

/// Who is at the other end of a cable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// Its port in the short form, `port-001`.
    pub port: String,
    /// Its station.
    pub chassis: String,
    /// Delay of the cable; bit 31 tells the format, 0: not known.
    pub line_delay: u32,
    /// Address of its port or interface.
    pub mac: MacAddress,
}

/// 0x020F: a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortData {
    /// Slot.
    pub slot: u16,
    /// Subslot: 0x8001 for port 1 of interface 1.
    pub subslot: u16,
    /// Its own name in the short form, `port-001`.
    pub port: String,
    /// Who is at the other end; at most 255, more are not sent.
    pub peers: Vec<Peer>,
    /// Speed and medium.
    pub mau_type: MauType,
    /// Where domains of real-time classes end, as bits.
    pub domain_boundary: u32,
    /// Where multicast groups end, as bits.
    pub multicast_boundary: u32,
    /// What it does.
    pub port_state: PortState,
    /// Whether a cable is in.
    pub link_state: LinkState,
    /// What the cable is made of.
    pub media: MediaType,
}

impl PortData {
    pub(super) fn read(r: &mut OctetReader<'_>) -> Option<Self> {
        r.u16("").ok()?;
        let (slot, subslot, port) = (r.u16("").ok()?, r.u16("").ok()?, text(r)?);
        let n = r.u8("").ok()?;
        r.align(4);
        let mut peers = Vec::new();
        for _ in 0..n {
            let (port, chassis) = (text(r)?, text(r)?);
            r.align(4);
            let (line_delay, mac) = (r.u32("").ok()?, r.mac("").ok()?);
            r.align(4);
            peers.push(Peer { port, chassis, line_delay, mac });
        }
        let mau_type = r.u16("").ok()?.into();
        r.align(4);
        let (domain_boundary, multicast_boundary) = (r.u32("").ok()?, r.u32("").ok()?);
        let (port_state, link_state) = (r.u8("").ok()?.into(), r.u8("").ok()?.into());
        r.align(4);
        let media = r.u32("").ok()?.into();
        Some(Self {
            slot,
            subslot,
            port,
            peers,
            mau_type,
            domain_boundary,
            multicast_boundary,
            port_state,
            link_state,
            media,
        })
    }

    pub(super) fn write(&self, w: &mut OctetWriter) {
        for value in [0, self.slot, self.subslot] {
            w.u16(value);
        }
        w.short_text(self.port.as_bytes());
        w.u8(u8::try_from(self.peers.len()).unwrap_or(u8::MAX));
        w.align(4);
        for peer in self.peers.iter().take(usize::from(u8::MAX)) {
            w.short_text(peer.port.as_bytes());
            w.short_text(peer.chassis.as_bytes());
            w.align(4);
            w.u32(peer.line_delay);
            w.bytes(&peer.mac.0);
            w.align(4);
        }
        w.u16(self.mau_type.raw());
        w.align(4);
        w.u32(self.domain_boundary);
        w.u32(self.multicast_boundary);
        w.bytes(&[self.port_state.raw(), self.link_state.raw(), 0, 0]);
        w.u32(self.media.raw());
    }
}

/// 0x0251: counters of a port or an interface, modulo 2^32.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PortStatistics {
    /// Which counters are not valid, as bits; 0: all are.
    pub status: u16,
    /// Octets received.
    pub in_octets: u32,
    /// Octets sent.
    pub out_octets: u32,
    /// Frames received and thrown away.
    pub in_discards: u32,
    /// Frames thrown away instead of sent.
    pub out_discards: u32,
    /// Broken frames received.
    pub in_errors: u32,
    /// Frames that could not be sent.
    pub out_errors: u32,
}

impl PortStatistics {
    pub(super) fn read(r: &mut OctetReader<'_>) -> Option<Self> {
        Some(Self {
            status: r.u16("").ok()?,
            in_octets: r.u32("").ok()?,
            out_octets: r.u32("").ok()?,
            in_discards: r.u32("").ok()?,
            out_discards: r.u32("").ok()?,
            in_errors: r.u32("").ok()?,
            out_errors: r.u32("").ok()?,
        })
    }

    pub(super) fn write(&self, w: &mut OctetWriter) {
        w.u16(self.status);
        for value in
            [self.in_octets, self.out_octets, self.in_discards, self.out_discards, self.in_errors, self.out_errors]
        {
            w.u32(value);
        }
    }
}

/// A peer that a port is meant to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerCheck {
    /// Its port.
    pub port: String,
    /// Its station.
    pub chassis: String,
}

impl PeerCheck {
    /// All peers of a block 0x020A.
    pub(super) fn read(r: &mut OctetReader<'_>) -> Option<Vec<Self>> {
        let n = r.u8("").ok()?;
        (0..n).map(|_| Some(Self { port: text(r)?, chassis: text(r)? })).collect()
    }

    pub(super) fn write(peers: &[Self], w: &mut OctetWriter) {
        w.u8(u8::try_from(peers.len()).unwrap_or(u8::MAX));
        for peer in peers.iter().take(usize::from(u8::MAX)) {
            w.short_text(peer.port.as_bytes());
            w.short_text(peer.chassis.as_bytes());
        }
        w.align(4);
    }
}
