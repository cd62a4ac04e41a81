//! LLDP as PROFINET uses it: who sits at the other end of the cable (IEEE 802.1AB; spec `dcp-lldp-snmp` 6).
//!
//! ```text
//! TLV      u16: type (7 bits), length (9 bits) | value
//! LLDPDU   Chassis ID (1) | Port ID (2) | TTL (3) | others | End (0)
//! 127      OUI 3 | subtype u8 | value; 00-0E-CF is PROFIBUS & PROFINET International
//! ```
//!
//! [`Lldpdu::parse`] takes what stands behind the EtherType; TLVs that are unknown, or known with a length they cannot
//! have, are kept raw. [`naming`] knows what port and chassis texts mean.
//!
//! Where to start: [`Lldpdu`]. Who sends when, and for how long a neighbour counts, is `proto::lldp`.

pub mod naming;
mod pdu;
mod pno;
mod tlv;

pub use pdu::{ChassisId, Lldpdu, PortId};
pub use pno::{MeasuredDelay, PnoTlv, PortStatus, PtcpStatus, Rt2State, Rt3State};
pub use tlv::{MacPhy, ManagementAddress, Tlv};

#[cfg(test)]
mod tests;
