//! Frames of a capture file, one after the other.

use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Chain, Cursor, Read};
use std::path::Path;
use std::time::Duration;

use pcap_file::pcap::PcapReader;
use pcap_file::pcapng::blocks::interface_description::InterfaceDescriptionOption;
use pcap_file::pcapng::{Block, PcapNgReader};
use pcap_file::{DataLink, PcapError};

use crate::net::capture::read::CaptureReadError;

/// Block type of a pcapng section header: the first four bytes of such a file, in either byte order.
const SECTION_HEADER: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];
/// Exponent of ten of a pcapng time stamp unless the file says otherwise: microseconds.
const USUAL_RESOLUTION: u8 = 6;

/// A frame of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedFrame {
    /// When it was recorded, since 1970; never before the frame that stands before it.
    pub at: Duration,
    /// Its bytes, perhaps cut by the recorder.
    pub frame: Vec<u8>,
}

type Source = Chain<Cursor<Vec<u8>>, Box<dyn Read + Send>>;

enum Format {
    Pcap(PcapReader<Source>),
    PcapNg(PcapNgReader<Source>),
}

/// Gives the Ethernet frames of a pcap or pcapng file in order, reading as it is asked. Memory does not grow with the
/// file. Frames of interfaces that are not Ethernet are left out.
pub struct FrameFile {
    format: Format,
    frames: u64,
    latest: Duration,
    failed: bool,
}

impl FrameFile {
    /// Opens a file.
    ///
    /// # Errors
    /// It cannot be opened ([`CaptureReadError::Format`] with what the system said), or as [`FrameFile::read`].
    pub fn open(path: &Path) -> Result<Self, CaptureReadError> {
        let file = File::open(path).map_err(|error| failed_at(0, PcapError::IoError(error)))?;
        Self::read(BufReader::new(file))
    }

    /// Reads from anywhere.
    ///
    /// # Errors
    /// Neither pcap nor pcapng, or a pcap file of something other than Ethernet.
    pub fn read(mut reader: impl Read + Send + 'static) -> Result<Self, CaptureReadError> {
        let mut magic = Vec::with_capacity(SECTION_HEADER.len());
        let io = |error| failed_at(0, PcapError::IoError(error));
        reader.by_ref().take(SECTION_HEADER.len() as u64).read_to_end(&mut magic).map_err(io)?;
        let is_next_generation = magic == SECTION_HEADER;
        let reader: Box<dyn Read + Send> = Box::new(reader);
        let source = Cursor::new(magic).chain(reader);
        let format = if is_next_generation {
            Format::PcapNg(PcapNgReader::new(source).map_err(|error| failed_at(0, error))?)
        } else {
            let reader = PcapReader::new(source).map_err(|error| failed_at(0, error))?;
            let datalink = reader.header().datalink;
            if datalink != DataLink::ETHERNET {
                return Err(CaptureReadError::DataLink { datalink });
            }
            Format::Pcap(reader)
        };
        Ok(Self { format, frames: 0, latest: Duration::ZERO, failed: false })
    }

    /// Frames given so far.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    fn read_next(&mut self) -> Option<Result<RecordedFrame, PcapError>> {
        let next = match &mut self.format {
            Format::Pcap(reader) => reader.next_packet()?.map(|packet| (packet.timestamp, packet.data.into_owned())),
            Format::PcapNg(reader) => next_of_blocks(reader)?,
        };
        Some(next.map(|(at, frame)| RecordedFrame { at, frame }))
    }
}

impl Iterator for FrameFile {
    type Item = Result<RecordedFrame, CaptureReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        match self.read_next()? {
            Ok(mut recorded) => {
                self.frames += 1;
                self.latest = self.latest.max(recorded.at);
                recorded.at = self.latest;
                Some(Ok(recorded))
            }
            Err(error) => {
                self.failed = true;
                Some(Err(failed_at(self.frames, error)))
            }
        }
    }
}

impl fmt::Debug for FrameFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let format = if matches!(self.format, Format::Pcap(_)) { "pcap" } else { "pcapng" };
        f.debug_struct("FrameFile").field("format", &format).field("frames", &self.frames).finish()
    }
}

fn failed_at(frames: u64, source: PcapError) -> CaptureReadError {
    CaptureReadError::Format { frames, source }
}

fn next_of_blocks(reader: &mut PcapNgReader<Source>) -> Option<Result<(Duration, Vec<u8>), PcapError>> {
    loop {
        let (interface, at, frame) = match reader.next_block()? {
            Err(error) => return Some(Err(error)),
            Ok(Block::EnhancedPacket(packet)) => {
                (packet.interface_id, Some(packet.timestamp), packet.data.into_owned())
            }
            // Has no time stamp of its own: that of the frame before it counts.
            Ok(Block::SimplePacket(packet)) => (0, None, packet.data.into_owned()),
            Ok(_) => continue,
        };
        let interface = usize::try_from(interface).ok().and_then(|at| reader.interfaces().get(at));
        let Some(interface) = interface else {
            let error =
                io::Error::new(io::ErrorKind::InvalidData, "a frame of an interface that the file does not describe");
            return Some(Err(PcapError::IoError(error)));
        };
        if interface.linktype != DataLink::ETHERNET {
            continue;
        }
        let resolution = interface.options.iter().find_map(|option| match option {
            InterfaceDescriptionOption::IfTsResol(resolution) => Some(*resolution),
            _ => None,
        });
        // The reader takes every stamp for nanoseconds, whatever unit it has.
        let at = at.map_or(Duration::ZERO, |at| in_units(at.as_nanos(), resolution.unwrap_or(USUAL_RESOLUTION)));
        return Some(Ok((at, frame)));
    }
}

/// A stamp in units of 10^-n s or, with the highest bit, 2^-n s.
fn in_units(stamp: u128, resolution: u8) -> Duration {
    let exponent = u32::from(resolution & 0x7f);
    let base: u128 = if resolution & 0x80 == 0 { 10 } else { 2 };
    let Some(per_second) = base.checked_pow(exponent) else { return Duration::ZERO };
    let seconds = u64::try_from(stamp / per_second).unwrap_or(u64::MAX);
    // The rest is less than a second; beyond 10^29 units a second it is not worth a digit.
    let nanos = (stamp % per_second).checked_mul(1_000_000_000).map_or(0, |rest| rest / per_second);
    Duration::new(seconds, u32::try_from(nanos).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::borrow::Cow;

    use pcap_file::Endianness;
    use pcap_file::pcapng::PcapNgWriter;
    use pcap_file::pcapng::blocks::enhanced_packet::EnhancedPacketBlock;
    use pcap_file::pcapng::blocks::interface_description::InterfaceDescriptionBlock;
    use proptest::prelude::*;

    use crate::net::link::{Ended, LinkEnd, LinkEvent, SendError};
    use crate::wire::ethernet::MacAddress;

    fn captured(name: &str) -> FrameFile {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/captures");
        FrameFile::open(&folder.join(name)).unwrap()
    }

    #[test]
    fn captures_of_others_are_read_frame_by_frame() {
        for (name, n) in [("pnet-dcp-set-reset.pcap", 24), ("pnet-hello-lldp.pcap", 8), ("pnet-line-session.pcap", 191)]
        {
            let frames: Vec<_> = captured(name).map(Result::unwrap).collect();
            assert_eq!(frames.len(), n);
            assert!(frames.is_sorted_by_key(|frame| frame.at) && frames[0].at.as_secs() > 1_700_000_000);
        }
    }

    #[tokio::test]
    async fn a_file_is_an_end() {
        let mut end = LinkEnd::of_file(captured("pnet-hello-lldp.pcap"), MacAddress([2, 0, 0, 0, 0, 1]));
        assert!(matches!(end.send(&[0; 60]), Err(SendError::ReadOnly)));
        let mut times = Vec::new();
        while let Some(event) = end.recv().await {
            let LinkEvent::Frame(received) = event else { panic!("{event:?}") };
            assert_eq!(received.port, 1);
            times.push(received.at);
        }
        assert_eq!((times.len(), end.statistics().received), (8, 8));
        assert!(matches!(*end.ended().unwrap(), Ended::FileRead));
    }

    fn next_generation() -> Vec<u8> {
        let mut writer = PcapNgWriter::with_endianness(Vec::new(), Endianness::Little).unwrap();
        let mut describe = |link, resolution: Option<u8>| {
            let mut block = InterfaceDescriptionBlock::new(link, 65_535);
            block.options.extend(resolution.map(InterfaceDescriptionOption::IfTsResol));
            writer.write_pcapng_block(block).unwrap();
        };
        describe(DataLink::ETHERNET, None);
        describe(DataLink::IEEE802_11, None);
        describe(DataLink::ETHERNET, Some(9));
        describe(DataLink::ETHERNET, Some(0x80 | 10));
        // Stamps count in the unit of the interface; the writer takes them for nanoseconds.
        for (interface_id, stamp) in [(0, 5_000_001), (1, 6_000_000), (2, 7_000_000_002), (3, 8 * 1024 + 512), (0, 1)] {
            let data = Cow::Owned(vec![interface_id as u8; 60]);
            let timestamp = Duration::from_nanos(stamp);
            let block = EnhancedPacketBlock { interface_id, timestamp, original_len: 60, data, options: Vec::new() };
            writer.write_pcapng_block(block).unwrap();
        }
        writer.into_inner()
    }

    #[test]
    fn times_of_the_next_generation_have_the_unit_of_their_interface() {
        let frames: Vec<_> = FrameFile::read(io::Cursor::new(next_generation())).unwrap().map(Result::unwrap).collect();
        let told: Vec<_> = frames.iter().map(|frame| (frame.frame[0], frame.at.as_nanos())).collect();
        let never_backwards = (0, 8_500_000_000);
        assert_eq!(told, [(0, 5_000_001_000), (2, 7_000_000_002), (3, 8_500_000_000), never_backwards]);
    }

    #[test]
    fn what_is_no_capture_is_refused() {
        for bytes in [&b""[..], b"no", b"{\"frames\": []}", &[0x0a, 0x0d, 0x0d, 0x0a]] {
            assert!(FrameFile::read(io::Cursor::new(bytes.to_vec())).is_err());
        }
        assert!(FrameFile::open(Path::new("/no/such/file")).is_err());
    }

    proptest! {
        #[test]
        fn damaged_files_are_refused_or_read(
            flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
            cut in any::<prop::sample::Index>(),
            next in any::<bool>(),
        ) {
            let old = include_bytes!("../../../tests/data/captures/pnet-hello-lldp.pcap").to_vec();
            let mut file = if next { next_generation() } else { old };
            for (place, value) in flips {
                let place = place.index(file.len());
                file[place] = value;
            }
            file.truncate(cut.index(file.len() + 1));
            if let Ok(frames) = FrameFile::read(io::Cursor::new(file)) {
                let n = frames.take(10_000).count();
                prop_assert!(n < 10_000);
            }
        }
    }
}
