//! Makes up the frames of one TCP connection around the bytes that really went over it.
//!
//! Every frame is Ethernet II, IPv4 or IPv6, TCP, with valid checksums. Sequence numbers count the
//! recorded bytes, so the stream reassembles to exactly what was sent. The receiver acknowledges
//! with its own data, and with an empty segment whenever 16 KiB are outstanding, so that the window
//! never looks full.

use std::net::{IpAddr, SocketAddr};

use etherparse::{PacketBuilder, TcpHeader, TcpOptionElement};

use crate::wire::ethernet::MacAddress;

/// Largest payload of one segment: an Ethernet frame less IPv4 and TCP headers.
const SEGMENT: usize = 1460;
/// Announced by both ends; no window scaling.
const WINDOW: u16 = 65_535;
/// Outstanding bytes after which the receiver acknowledges on its own.
const ACK_AFTER: u32 = 16_384;
/// Hops; what most systems start with.
const TTL: u8 = 64;

/// Who of the two: the one that called or the one that was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Client,
    Server,
}

impl Side {
    pub(crate) fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}

/// One connection as the capture file tells it.
#[derive(Debug)]
pub(super) struct Conversation {
    client: End,
    server: End,
    reset: bool,
}

#[derive(Debug)]
struct End {
    address: SocketAddr,
    /// Sequence number of its next byte.
    next: u32,
    /// The other side's next sequence number it has acknowledged.
    acknowledged: u32,
    finished: bool,
    /// This end lives, or has lived, in this process.
    seen: bool,
    open: bool,
}

#[derive(Debug, Clone, Copy, Default)]
struct Flags {
    syn: bool,
    ack: bool,
    psh: bool,
    fin: bool,
    rst: bool,
}

const ACK: Flags = Flags { syn: false, ack: true, psh: false, fin: false, rst: false };

impl Conversation {
    /// `number` spreads the initial sequence numbers, so that connections are told apart even where
    /// ports are used again.
    pub(super) fn new(client: SocketAddr, server: SocketAddr, number: u64) -> Self {
        let low = u32::try_from(number & 0xffff).unwrap_or_default();
        let end = |address, initial| End {
            address,
            next: initial,
            acknowledged: 0,
            finished: false,
            seen: false,
            open: false,
        };
        Self {
            client: end(client, 0x1000_0000 + (low << 12)),
            server: end(server, 0x6000_0000 + (low << 12)),
            reset: false,
        }
    }

    pub(super) fn ends(&self) -> (SocketAddr, SocketAddr) {
        (self.client.address, self.server.address)
    }

    pub(super) fn seen(&self, side: Side) -> bool {
        self.end(side).seen
    }

    pub(super) fn is_open(&self) -> bool {
        self.client.open || self.server.open
    }

    pub(super) fn enter(&mut self, side: Side) {
        let end = self.end_mut(side);
        (end.seen, end.open) = (true, true);
    }

    pub(super) fn leave(&mut self, side: Side) {
        self.end_mut(side).open = false;
    }

    pub(super) fn handshake(&mut self, frames: &mut Vec<Vec<u8>>) {
        let syn = Flags { syn: true, ..Flags::default() };
        frames.extend(self.frame(Side::Client, syn, &[]));
        self.client.next = self.client.next.wrapping_add(1);
        frames.extend(self.frame(Side::Server, Flags { ack: true, ..syn }, &[]));
        self.server.next = self.server.next.wrapping_add(1);
        frames.extend(self.frame(Side::Client, ACK, &[]));
    }

    /// `from` sent `bytes`.
    pub(super) fn data(&mut self, from: Side, bytes: &[u8], frames: &mut Vec<Vec<u8>>) {
        if self.reset || self.end(from).finished {
            return;
        }
        let n_segments = bytes.len().div_ceil(SEGMENT);
        for (idx, payload) in bytes.chunks(SEGMENT).enumerate() {
            let flags = Flags { psh: idx + 1 == n_segments, ..ACK };
            frames.extend(self.frame(from, flags, payload));
            // A chunk is at most SEGMENT long.
            let length = u32::try_from(payload.len()).unwrap_or_default();
            let next = self.end(from).next.wrapping_add(length);
            self.end_mut(from).next = next;
            if next.wrapping_sub(self.end(from.other()).acknowledged) >= ACK_AFTER {
                frames.extend(self.frame(from.other(), ACK, &[]));
            }
        }
    }

    /// `from` sends no more. Does nothing the second time.
    pub(super) fn finish(&mut self, from: Side, frames: &mut Vec<Vec<u8>>) {
        if self.reset || self.end(from).finished {
            return;
        }
        frames.extend(self.frame(from, Flags { fin: true, ..ACK }, &[]));
        let end = self.end_mut(from);
        end.next = end.next.wrapping_add(1);
        end.finished = true;
        frames.extend(self.frame(from.other(), ACK, &[]));
    }

    /// `from` broke the connection off.
    pub(super) fn reset(&mut self, from: Side, frames: &mut Vec<Vec<u8>>) {
        if self.reset || (self.client.finished && self.server.finished) {
            return;
        }
        frames.extend(self.frame(from, Flags { rst: true, ..ACK }, &[]));
        self.reset = true;
    }

    fn end(&self, side: Side) -> &End {
        match side {
            Side::Client => &self.client,
            Side::Server => &self.server,
        }
    }

    fn end_mut(&mut self, side: Side) -> &mut End {
        match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }

    /// One frame; `None` only if the two ends are of different IP versions, which no socket has.
    fn frame(&mut self, from: Side, flags: Flags, payload: &[u8]) -> Option<Vec<u8>> {
        let (source, target) = (self.end(from), self.end(from.other()));
        let (source_ip, target_ip) = (source.address.ip(), target.address.ip());
        let mut tcp = TcpHeader::new(source.address.port(), target.address.port(), source.next, WINDOW);
        tcp.syn = flags.syn;
        tcp.ack = flags.ack;
        tcp.psh = flags.psh;
        tcp.fin = flags.fin;
        tcp.rst = flags.rst;
        let acknowledged = target.next;
        if flags.ack {
            tcp.acknowledgment_number = acknowledged;
        }
        if flags.syn {
            let segment = u16::try_from(SEGMENT).unwrap_or(u16::MAX);
            tcp.set_options(&[TcpOptionElement::MaximumSegmentSize(segment)]).ok()?;
        }
        let ethernet =
            PacketBuilder::ethernet2(MacAddress::invented_for(source_ip).0, MacAddress::invented_for(target_ip).0);
        let packet = match (source_ip, target_ip) {
            (IpAddr::V4(source), IpAddr::V4(target)) => ethernet.ipv4(source.octets(), target.octets(), TTL),
            (IpAddr::V6(source), IpAddr::V6(target)) => ethernet.ipv6(source.octets(), target.octets(), TTL),
            _ => return None,
        };
        let packet = packet.tcp_header(tcp);
        let mut bytes = Vec::with_capacity(packet.size(payload.len()));
        packet.write_to_vec(&mut bytes, payload).ok()?;
        if flags.ack {
            self.end_mut(from).acknowledged = acknowledged;
        }
        Some(bytes)
    }
}
