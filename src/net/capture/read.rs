//! Takes the TCP byte streams out of a pcap file, ours or one recorded by another program.
//!
//! Segments are put in order by their sequence numbers; repeated bytes are dropped. Frames that are
//! not TCP, or are cut short by the recorder's snap length, are counted and left out.

use std::collections::{BTreeMap, HashMap};
use std::io::Read;
use std::net::{IpAddr, SocketAddr};

use etherparse::{NetSlice, SlicedPacket, TcpSlice, TransportSlice};
use pcap_file::pcap::PcapReader;
use pcap_file::{DataLink, PcapError};
use thiserror::Error;

/// The TCP part of a capture.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TcpCapture {
    /// In the order of their first frames.
    pub conversations: Vec<TcpConversation>,
    /// Frames in the file, of any kind.
    pub frames: u64,
    /// Frames left out: other protocols, cut short, or not decodable.
    pub left_out: u64,
}

/// What went over one TCP connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TcpConversation {
    /// The end that called; where the handshake is missing, the sender of the first frame.
    pub client: SocketAddr,
    /// The end that was called.
    pub server: SocketAddr,
    /// The bytes the client sent.
    pub from_client: Vec<u8>,
    /// The bytes the server sent.
    pub from_server: Vec<u8>,
    /// No bytes are missing between those recorded.
    pub complete: bool,
}

/// A capture cannot be read.
#[derive(Debug, Error)]
pub enum CaptureReadError {
    /// Not a pcap file, or damaged in the middle.
    #[error("not a readable pcap file (after frame {frames}): {source}")]
    Format {
        /// Frames read before the trouble.
        frames: u64,
        /// What is wrong.
        source: PcapError,
    },
    /// A pcap file of something other than Ethernet.
    #[error("the capture holds {datalink:?} frames; only Ethernet is understood")]
    DataLink {
        /// What the file header says.
        datalink: DataLink,
    },
}

/// Reads a whole capture. Memory use is bounded by the size of the file.
///
/// # Errors
/// [`CaptureReadError`] if the file is no Ethernet pcap or is damaged.
pub fn tcp_conversations(file: impl Read) -> Result<TcpCapture, CaptureReadError> {
    let mut frames = 0;
    let damaged = |frames| move |source| CaptureReadError::Format { frames, source };
    let mut reader = PcapReader::new(file).map_err(damaged(frames))?;
    let datalink = reader.header().datalink;
    if datalink != DataLink::ETHERNET {
        return Err(CaptureReadError::DataLink { datalink });
    }
    let mut assembly = Assembly::default();
    let mut left_out = 0;
    while let Some(packet) = reader.next_raw_packet() {
        let packet = packet.map_err(damaged(frames))?;
        frames += 1;
        let segment = (packet.incl_len == packet.orig_len).then(|| tcp_segment(&packet.data)).flatten();
        match segment {
            Some((source, target, tcp)) => assembly.take(source, target, &tcp),
            None => left_out += 1,
        }
    }
    Ok(TcpCapture { conversations: assembly.conversations.into_iter().map(Pair::done).collect(), frames, left_out })
}

fn tcp_segment(frame: &[u8]) -> Option<(SocketAddr, SocketAddr, TcpSlice<'_>)> {
    let packet = SlicedPacket::from_ethernet(frame).ok()?;
    let (source, target): (IpAddr, IpAddr) = match packet.net? {
        NetSlice::Ipv4(ip) => (ip.header().source_addr().into(), ip.header().destination_addr().into()),
        NetSlice::Ipv6(ip) => (ip.header().source_addr().into(), ip.header().destination_addr().into()),
        NetSlice::Arp(_) => return None,
    };
    let TransportSlice::Tcp(tcp) = packet.transport? else {
        return None;
    };
    Some((SocketAddr::new(source, tcp.source_port()), SocketAddr::new(target, tcp.destination_port()), tcp))
}

#[derive(Default)]
struct Assembly {
    conversations: Vec<Pair>,
    /// Position of the latest conversation between two ends, by (client, server).
    latest: HashMap<(SocketAddr, SocketAddr), usize>,
}

struct Pair {
    client: SocketAddr,
    server: SocketAddr,
    from_client: Direction,
    from_server: Direction,
}

#[derive(Default)]
struct Direction {
    bytes: Vec<u8>,
    /// Initial sequence number of the SYN, to tell a repeated one from a new connection.
    initial: Option<u32>,
    /// Sequence number wanted next.
    next: Option<u32>,
    /// Segments that came early, by their distance from the first byte of the direction.
    early: BTreeMap<u64, Vec<u8>>,
}

impl Assembly {
    fn take(&mut self, source: SocketAddr, target: SocketAddr, tcp: &TcpSlice<'_>) {
        let opens = tcp.syn() && !tcp.ack();
        let known = self
            .latest
            .get(&(source, target))
            .map(|idx| (*idx, true))
            .or_else(|| self.latest.get(&(target, source)).map(|idx| (*idx, false)))
            .filter(|(idx, from_client)| {
                let repeated = self
                    .conversations
                    .get(*idx)
                    .is_some_and(|pair| *from_client && pair.from_client.initial == Some(tcp.sequence_number()));
                !opens || repeated
            });
        let (idx, from_client) = known.unwrap_or_else(|| {
            // A SYN-ACK is a server's first frame.
            let from_client = !(tcp.syn() && tcp.ack());
            let (client, server) = if from_client { (source, target) } else { (target, source) };
            let idx = self.conversations.len();
            self.conversations.push(Pair {
                client,
                server,
                from_client: Direction::default(),
                from_server: Direction::default(),
            });
            self.latest.remove(&(server, client));
            self.latest.insert((client, server), idx);
            (idx, from_client)
        });
        if let Some(pair) = self.conversations.get_mut(idx) {
            let direction = if from_client { &mut pair.from_client } else { &mut pair.from_server };
            direction.take(tcp);
        }
    }
}

impl Direction {
    fn take(&mut self, tcp: &TcpSlice<'_>) {
        let mut sequence = tcp.sequence_number();
        if tcp.syn() {
            self.initial.get_or_insert(sequence);
            sequence = sequence.wrapping_add(1);
            self.next.get_or_insert(sequence);
        }
        let mut payload = tcp.payload();
        if payload.is_empty() {
            return;
        }
        let next = *self.next.get_or_insert(sequence);
        let ahead = sequence.wrapping_sub(next);
        if ahead > u32::MAX / 2 {
            // Starts before what is wanted: a repetition, perhaps with something new at its end.
            let known = usize::try_from(next.wrapping_sub(sequence)).unwrap_or(usize::MAX);
            payload = payload.get(known..).unwrap_or_default();
        } else if ahead > 0 {
            let position = self.bytes.len() as u64 + u64::from(ahead);
            let place = self.early.entry(position).or_default();
            if place.len() < payload.len() {
                *place = payload.to_vec();
            }
            return;
        }
        self.append(payload);
        while let Some(entry) = self.early.first_entry() {
            let here = self.bytes.len() as u64;
            let Some(known) = here.checked_sub(*entry.key()) else {
                break;
            };
            let early = entry.remove();
            let known = usize::try_from(known).unwrap_or(usize::MAX);
            self.append(early.get(known..).unwrap_or_default());
        }
    }

    fn append(&mut self, payload: &[u8]) {
        self.bytes.extend_from_slice(payload);
        // Sequence numbers count modulo 2^32.
        let length = payload.len() as u32;
        self.next = self.next.map(|next| next.wrapping_add(length));
    }
}

impl Pair {
    fn done(self) -> TcpConversation {
        TcpConversation {
            client: self.client,
            server: self.server,
            complete: self.from_client.early.is_empty() && self.from_server.early.is_empty(),
            from_client: self.from_client.bytes,
            from_server: self.from_server.bytes,
        }
    }
}
