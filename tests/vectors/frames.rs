//! Frames of the golden captures, and the real-time frames in them.

use std::fs::File;

use pcap_file::pcap::PcapReader;
use plantweave::wire::cba::data_buffer::{DataBuffer, Version, record_at};
use plantweave::wire::cba::{Quality, TypeDesc};
use plantweave::wire::{VarType, Variant};

use super::table::file;

pub struct Capture {
    frames: Vec<Vec<u8>>,
}

impl Capture {
    pub fn open(name: &str) -> Self {
        let mut reader = PcapReader::new(File::open(file(name)).unwrap()).unwrap();
        let mut frames = Vec::new();
        while let Some(packet) = reader.next_packet() {
            frames.push(packet.unwrap().data.into_owned());
        }
        Self { frames }
    }

    /// The frame with this number, counted from 1 as in the tables.
    pub fn frame(&self, number: usize) -> &[u8] {
        &self.frames[number - 1]
    }

    /// The stub of the unfragmented request or response PDU in frame `number`.
    pub fn stub(&self, number: usize) -> &[u8] {
        let packet = etherparse::SlicedPacket::from_ethernet(self.frame(number)).unwrap();
        let Some(etherparse::TransportSlice::Tcp(tcp)) = packet.transport else { panic!("frame {number} is not TCP") };
        let pdu = tcp.payload();
        let has_object = pdu[3] & 0x80 != 0;
        &pdu[if has_object { 40 } else { 24 }..]
    }
}

#[test]
fn srt_frames_of_the_capture() {
    let capture = Capture::open("cba-example.pcap");
    // Ethernet header, VLAN tag, EtherType, FrameID.
    let data = &capture.frame(253)[20..];
    let buffer = DataBuffer::parse(data).unwrap();
    assert_eq!(buffer.version, Version::Srt);
    let value = |vt, bytes| TypeDesc::Scalar(vt).decode(bytes);
    assert_eq!(value(VarType::I2, buffer.items[0].data), Ok(Variant::I2(300)));
    assert_eq!(value(VarType::R4, buffer.items[1].data), Ok(Variant::R4(1.5)));
    assert!(buffer.items.iter().all(|item| item.quality == Quality::GOOD));
    // After the first record is removed its place is empty and the second stays.
    let data = &capture.frame(258)[20..];
    assert_eq!(record_at(data, 4, 5), None);
    let second = record_at(data, 9, 7).unwrap();
    assert_eq!(value(VarType::R4, second.data), Ok(Variant::R4(2.5)));
    assert_eq!(DataBuffer::parse(data).unwrap().items, [second]);
}
