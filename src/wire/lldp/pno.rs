//! TLVs of PROFIBUS & PROFINET International.

use crate::wire::Guid;
use crate::wire::ethernet::MacAddress;
use crate::wire::octets::{OctetReader, OctetWriter};

/// OUI of PROFIBUS & PROFINET International.
pub(super) const PNO: [u8; 3] = [0x00, 0x0e, 0xcf];

/// Delays of a port, nanoseconds; 0 where unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MeasuredDelay {
    /// Receiving, here.
    pub rx_local: u32,
    /// Receiving, at the other end.
    pub rx_remote: u32,
    /// Sending, here.
    pub tx_local: u32,
    /// Sending, at the other end.
    pub tx_remote: u32,
    /// Of the cable, as measured here.
    pub cable: u32,
}

open_enum! {
    /// State of RT class 2.
    Rt2State: u16 {
        /// Not used.
        Off = 0 "off",
        /// Data for synchronisation is loaded.
        Loaded = 1 "sync data loaded",
        /// In use.
        Up = 2 "up",
    }

    /// State of RT class 3, the lowest three bits of its status.
    Rt3State: u16 {
        /// Not used.
        Off = 0 "off",
        /// Ready.
        Up = 2 "up",
        /// Lost.
        Down = 3 "down",
        /// In use.
        Run = 4 "run",
    }
}

/// Real-time classes of a port; the words are kept as sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PortStatus {
    /// RT class 2.
    pub rt2: u16,
    /// RT class 3.
    pub rt3: u16,
}

impl PortStatus {
    /// How class 2 fares.
    pub fn rt2_state(self) -> Rt2State {
        self.rt2.into()
    }

    /// How class 3 fares.
    pub fn rt3_state(self) -> Rt3State {
        (self.rt3 & 0x0007).into()
    }

    /// Frames are cut into fragments.
    pub fn fragmentation(self) -> bool {
        self.rt3 & 1 << 12 != 0
    }

    /// Frames begin with a short preamble.
    pub fn short_preamble(self) -> bool {
        self.rt3 & 1 << 13 != 0
    }
}

/// Who leads in time, and the parts of a cycle: bit 31 = valid, bits 0 to 30 nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PtcpStatus {
    /// Source of the time.
    pub master: MacAddress,
    /// Domain of synchronisation.
    pub subdomain: Guid,
    /// Planned cyclic data.
    pub ir_data: Guid,
    /// Length of a cycle.
    pub period: u32,
    /// Begin of the red part.
    pub red: u32,
    /// Begin of the orange part.
    pub orange: u32,
    /// Begin of the green part.
    pub green: u32,
}

/// A TLV of PROFINET.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PnoTlv {
    /// Subtype 1.
    MeasuredDelay(MeasuredDelay),
    /// Subtype 2.
    PortStatus(PortStatus),
    /// Subtype 3, `port-001.name`.
    Alias(String),
    /// Subtype 4: domain and status (0 off, 1 configured, 2 up) of the redundant ring.
    Mrp(Guid, u16),
    /// Subtype 5: the interface's address; the frame's source is the port's.
    InterfaceMac(MacAddress),
    /// Subtype 6.
    Ptcp(PtcpStatus),
    /// TSN, the future, or a length that does not fit: subtype and value.
    Other(u8, Vec<u8>),
}

impl PnoTlv {
    pub(super) fn read(subtype: u8, value: &[u8]) -> Self {
        Self::known(subtype, value).unwrap_or_else(|| Self::Other(subtype, value.to_vec()))
    }

    fn known(subtype: u8, value: &[u8]) -> Option<Self> {
        let mut r = OctetReader::big(value);
        let tlv = match subtype {
            1 => {
                let mut next = || r.u32("").ok();
                let (rx_local, rx_remote, tx_local, tx_remote) = (next()?, next()?, next()?, next()?);
                Self::MeasuredDelay(MeasuredDelay { rx_local, rx_remote, tx_local, tx_remote, cable: next()? })
            }
            2 => Self::PortStatus(PortStatus { rt2: r.u16("").ok()?, rt3: r.u16("").ok()? }),
            3 => Self::Alias(str::from_utf8(r.rest()).ok()?.to_owned()),
            4 => Self::Mrp(r.guid("").ok()?, r.u16("").ok()?),
            5 => Self::InterfaceMac(r.mac("").ok()?),
            6 => Self::Ptcp(PtcpStatus {
                master: r.mac("").ok()?,
                subdomain: r.guid("").ok()?,
                ir_data: r.guid("").ok()?,
                period: r.u32("").ok()?,
                red: r.u32("").ok()?,
                orange: r.u32("").ok()?,
                green: r.u32("").ok()?,
            }),
            _ => return None,
        };
        (r.remaining() == 0).then_some(tlv)
    }

    /// OUI, subtype and value.
    pub(super) fn value(&self) -> Vec<u8> {
        let mut w = OctetWriter::big();
        w.bytes(&PNO);
        match self {
            Self::MeasuredDelay(delay) => {
                w.u8(1);
                for value in [delay.rx_local, delay.rx_remote, delay.tx_local, delay.tx_remote, delay.cable] {
                    w.u32(value);
                }
            }
            Self::PortStatus(status) => {
                w.u8(2);
                w.u16(status.rt2);
                w.u16(status.rt3);
            }
            Self::Alias(text) => {
                w.u8(3);
                w.bytes(text.as_bytes());
            }
            Self::Mrp(domain, status) => {
                w.u8(4);
                w.guid(*domain);
                w.u16(*status);
            }
            Self::InterfaceMac(mac) => {
                w.u8(5);
                w.bytes(&mac.0);
            }
            Self::Ptcp(status) => {
                w.u8(6);
                w.bytes(&status.master.0);
                w.guid(status.subdomain);
                w.guid(status.ir_data);
                for value in [status.period, status.red, status.orange, status.green] {
                    w.u32(value);
                }
            }
            Self::Other(subtype, value) => {
                w.u8(*subtype);
                w.bytes(value);
            }
        }
        w.into_bytes()
    }
}
