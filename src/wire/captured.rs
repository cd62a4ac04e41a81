//! Frames captured from a real PROFINET device stack (`tests/data/captures`), for the tests of whoever reads them.

use etherparse::{NetSlice, SlicedPacket, TransportSlice};
use pcap_file::pcap::PcapReader;

/// DCP Get, Set of name and address, Signal, Identify, reset to factory: 24 frames.
pub(crate) const SET_RESET: &[u8] = include_bytes!("../../tests/data/captures/pnet-dcp-set-reset.pcap");
/// Hello and LLDP after the start of two devices: 8 frames.
pub(crate) const HELLO_LLDP: &[u8] = include_bytes!("../../tests/data/captures/pnet-hello-lldp.pcap");
/// 13 record reads: 26 frames.
pub(crate) const READ_IMPLICIT: &[u8] = include_bytes!("../../tests/data/captures/pnet-read-implicit.pcap");
/// A station, a device with two ports and another device in a line: 191 frames.
pub(crate) const LINE: &[u8] = include_bytes!("../../tests/data/captures/pnet-line-session.pcap");

/// All frames of a capture.
pub(crate) fn frames(capture: &[u8]) -> Vec<Vec<u8>> {
    let mut reader = PcapReader::new(capture).unwrap();
    let mut frames = Vec::new();
    while let Some(packet) = reader.next_packet() {
        frames.push(packet.unwrap().data.into_owned());
    }
    frames
}

/// Number (from 1), destination port and payload of the UDP datagrams to or from a port.
pub(crate) fn datagrams(capture: &[u8], port: u16) -> Vec<(usize, u16, Vec<u8>)> {
    let mut all = Vec::new();
    for (n, frame) in frames(capture).iter().enumerate() {
        let Ok(packet) = SlicedPacket::from_ethernet(frame) else { continue };
        let (Some(NetSlice::Ipv4(_)), Some(TransportSlice::Udp(udp))) = (packet.net, packet.transport) else {
            continue;
        };
        if udp.source_port() == port || udp.destination_port() == port {
            all.push((n + 1, udp.destination_port(), udp.payload().to_vec()));
        }
    }
    all
}

/// Bytes of hexadecimal digits; blanks between them do not count.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits: String = text.split_whitespace().collect();
    (0..digits.len() / 2).map(|n| u8::from_str_radix(&digits[2 * n..2 * n + 2], 16).unwrap()).collect()
}
