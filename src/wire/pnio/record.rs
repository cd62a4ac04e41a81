//! Records: a sequence of blocks.

use super::{Im0, Im1, InterfaceData, PeerCheck, Plugged, PluggedKind, PortData, PortStatistics, pad, padded};
use crate::wire::WireError;
use crate::wire::octets::{OctetReader, OctetWriter};

/// Numbers of records.
pub mod index {
    /// I&M0: who made it.
    pub const IM0: u16 = 0xaff0;
    /// I&M1: function and location.
    pub const IM1: u16 = 0xaff1;
    /// I&M2: date.
    pub const IM2: u16 = 0xaff2;
    /// I&M3: descriptor.
    pub const IM3: u16 = 0xaff3;
    /// I&M4: signature.
    pub const IM4: u16 = 0xaff4;
    /// I&M5: annotation.
    pub const IM5: u16 = 0xaff5;
    /// Which submodules have I&M data.
    pub const IM0_FILTER: u16 = 0xf840;
    /// All ports and interfaces at once.
    pub const PD_REAL_DATA: u16 = 0xf841;
    /// What is plugged, of one API.
    pub const REAL_IDENTIFICATION: u16 = 0xf000;
    /// Interface.
    pub const INTERFACE: u16 = 0x8080;
    /// Port.
    pub const PORT: u16 = 0x802a;
    /// What a port is checked for.
    pub const PORT_CHECK: u16 = 0x802b;
    /// How a port is adjusted.
    pub const PORT_ADJUST: u16 = 0x802f;
    /// Counters of a port.
    pub const STATISTICS: u16 = 0x8072;

    /// Name of a known record.
    pub const fn name(index: u16) -> Option<&'static str> {
        Some(match index {
            IM0 => "I&M0",
            IM1 => "I&M1",
            IM2 => "I&M2",
            IM3 => "I&M3",
            IM4 => "I&M4",
            IM5 => "I&M5",
            IM0_FILTER => "I&M0 filter",
            PD_REAL_DATA => "ports and interfaces",
            REAL_IDENTIFICATION => "what is plugged",
            INTERFACE => "interface",
            PORT => "port",
            PORT_CHECK => "checks of a port",
            PORT_ADJUST => "adjustments of a port",
            STATISTICS => "counters of a port",
            _ => return None,
        })
    }
}

/// Subslots of interfaces and ports.
pub mod submodule {
    /// Interface 1; interface n is 0x100 further.
    pub const INTERFACE: u16 = 0x8000;

    /// Port n, from 1 to 255, of interface 1.
    pub const fn port(n: u8) -> u16 {
        INTERFACE + n as u16
    }

    /// Interface and port of a subslot, both from 1; port 0: the interface itself.
    pub fn interface_and_port(subslot: u16) -> Option<(u8, u8)> {
        let [high, port] = subslot.to_be_bytes();
        (0x80..=0x8f).contains(&high).then(|| (high - 0x7f, port))
    }
}

/// A block of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// 0x0020.
    Im0(Im0),
    /// 0x0021.
    Im1(Im1),
    /// 0x0022, `YYYY-MM-DD HH:MM`, at most 16 characters.
    Im2(String),
    /// 0x0023, at most 54 characters.
    Im3(String),
    /// 0x0024, 54 bytes; what is longer is cut off.
    Im4(Vec<u8>),
    /// 0x0013 in version 1.1, 0x0030 to 0x0032.
    Plugged(Plugged),
    /// 0x0240.
    Interface(InterfaceData),
    /// 0x020F.
    Port(PortData),
    /// 0x0251.
    Statistics(PortStatistics),
    /// 0x020A: peers a port is meant to have.
    Peers(Vec<PeerCheck>),
    /// 0x0400, 0x0200 (checks), 0x0202 (adjustments): blocks about one place.
    Group {
        /// Which of the three.
        block: u16,
        /// API; only of 0x0400.
        api: u32,
        /// Slot.
        slot: u16,
        /// Subslot.
        subslot: u16,
        /// The blocks; groups in them are raw.
        records: Vec<Record>,
    },
    /// Everything else.
    Other {
        /// Block type.
        block: u16,
        /// Version, high and low.
        version: [u8; 2],
        /// What follows the version.
        body: Vec<u8>,
    },
}

/// All blocks of a record.
///
/// # Errors
/// A block beyond the bytes, or too short for its version.
pub fn blocks(record: &[u8]) -> Result<Vec<Record>, WireError> {
    read_blocks(&mut OctetReader::big(record), true)
}

/// The bytes of a record.
pub fn emit_blocks(records: &[Record]) -> Vec<u8> {
    records.iter().flat_map(Record::emit).collect()
}

fn read_blocks(r: &mut OctetReader<'_>, groups: bool) -> Result<Vec<Record>, WireError> {
    let mut records = Vec::new();
    while r.remaining() > 0 {
        let block = r.u16("block type")?;
        let length = r.u16("block length")?;
        let mut body = r.sub(usize::from(length), "block")?;
        let version = body.array("block version")?;
        let whole = body.clone();
        let known = read_known(block, version, body, groups)?;
        records.push(known.unwrap_or_else(|| Record::Other { block, version, body: whole.clone().rest().to_vec() }));
    }
    Ok(records)
}

/// `Ok(None)` for what is unknown or has another length.
fn read_known(
    block: u16,
    version: [u8; 2],
    mut body: OctetReader<'_>,
    groups: bool,
) -> Result<Option<Record>, WireError> {
    let r = &mut body;
    let plugged = |r: &mut OctetReader<'_>, kind| Plugged::read(kind, r.rest()).map(Record::Plugged);
    let record = match (block, version) {
        (0x0020, [1, 0]) => Im0::read(r.rest()).map(Record::Im0),
        (0x0021, [1, 0]) => Im1::read(r.rest()).map(Record::Im1),
        (0x0022, [1, 0]) if r.remaining() == 16 => padded(r.rest()).map(Record::Im2),
        (0x0023, [1, 0]) if r.remaining() == 54 => padded(r.rest()).map(Record::Im3),
        (0x0024, [1, 0]) if r.remaining() == 54 => Some(Record::Im4(r.rest().to_vec())),
        (0x0013, [1, 1]) => plugged(r, PluggedKind::Real),
        (0x0030, [1, 0]) => plugged(r, PluggedKind::ImSubmodules),
        (0x0031, [1, 0]) => plugged(r, PluggedKind::ImModules),
        (0x0032, [1, 0]) => plugged(r, PluggedKind::ImDevice),
        (0x0240, [1, 0]) => InterfaceData::read(r).map(Record::Interface),
        (0x020f, [1, 0]) => PortData::read(r).map(Record::Port),
        (0x0251, [1, 0]) => PortStatistics::read(r).map(Record::Statistics),
        (0x020a, [1, 0]) => {
            let peers = PeerCheck::read(r).map(Record::Peers);
            r.align(4);
            peers
        }
        (0x0400 | 0x0200 | 0x0202, [1, 0]) if groups => {
            r.u16("padding")?;
            let api = if block == 0x0400 { r.u32("API")? } else { 0 };
            let (slot, subslot) = (r.u16("slot")?, r.u16("subslot")?);
            Some(Record::Group { block, api, slot, subslot, records: read_blocks(r, false)? })
        }
        _ => None,
    };
    Ok(record.filter(|_| r.remaining() == 0))
}

impl Record {
    fn emit(&self) -> Vec<u8> {
        let mut w = OctetWriter::big();
        let (block, version) = self.head();
        // Padding counts from the begin of the block.
        w.u16(block);
        w.u16(0);
        w.bytes(&version);
        match self {
            Self::Im0(im) => im.write(&mut w),
            Self::Im1(im) => im.write(&mut w),
            Self::Im2(text) => w.bytes(&pad(text, 16)),
            Self::Im3(text) => w.bytes(&pad(text, 54)),
            Self::Im4(bytes) => {
                let mut bytes = bytes.clone();
                bytes.resize(54, 0);
                w.bytes(&bytes);
            }
            Self::Plugged(plugged) => plugged.write(&mut w),
            Self::Interface(data) => data.write(&mut w),
            Self::Port(data) => data.write(&mut w),
            Self::Statistics(data) => data.write(&mut w),
            Self::Peers(peers) => PeerCheck::write(peers, &mut w),
            Self::Group { block, api, slot, subslot, records } => {
                w.u16(0);
                if *block == 0x0400 {
                    w.u32(*api);
                }
                w.u16(*slot);
                w.u16(*subslot);
                w.bytes(&emit_blocks(records));
            }
            Self::Other { body, .. } => w.bytes(body),
        }
        w.patch_u16(2, w.position() - 4);
        w.into_bytes()
    }

    fn head(&self) -> (u16, [u8; 2]) {
        match self {
            Self::Im0(_) => (0x0020, [1, 0]),
            Self::Im1(_) => (0x0021, [1, 0]),
            Self::Im2(_) => (0x0022, [1, 0]),
            Self::Im3(_) => (0x0023, [1, 0]),
            Self::Im4(_) => (0x0024, [1, 0]),
            Self::Plugged(plugged) => plugged.kind.block(),
            Self::Interface(_) => (0x0240, [1, 0]),
            Self::Port(_) => (0x020f, [1, 0]),
            Self::Statistics(_) => (0x0251, [1, 0]),
            Self::Peers(_) => (0x020a, [1, 0]),
            Self::Group { block, .. } => (*block, [1, 0]),
            Self::Other { block, version, .. } => (*block, *version),
        }
    }
}
