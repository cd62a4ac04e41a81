//! PNIO-CM without a connection: records of PROFINET stations, read by "read implicit" (spec `dcp-lldp-snmp` 8).
//!
//! ```text
//! datagram (wire::dcerpc::datagram) ▸ ReadRequest or ReadResponse: a part in the packet's byte order,
//!                                     then a header of 64 bytes, always big-endian ▸ record: blocks
//! block   type u16 | length u16 (of what follows) | version u8 u8 | body
//! ```
//!
//! Records and blocks that are unknown, or known with a length they cannot have, are kept raw.
//!
//! Where to start: [`ReadRequest`] and [`ReadResponse`], then [`Record`]. Repeats, fragments and faults are `proto::pnio`.

mod identification;
mod im;
mod plugged;
mod port;
mod read;
mod record;

pub use identification::SystemIdentification;
pub use im::{Im0, Im1, ImSupported};
pub use plugged::{Api, Module, Plugged, PluggedKind, Submodule};
pub use port::{InterfaceData, LinkState, MauType, MediaType, Peer, PeerCheck, PortData, PortState, PortStatistics};
pub use read::{PnioStatus, READ_HEADER_LEN, ReadHeader, ReadRequest, ReadResponse};
pub use record::{Record, blocks, emit_blocks, index, submodule};

use super::Guid;

/// The interface of devices.
pub const DEVICE_INTERFACE: Guid = Guid::from_u128(0xdea0_0001_6c97_11d1_8271_00a0_2442_df7d);
/// The interface of controllers.
pub const CONTROLLER_INTERFACE: Guid = Guid::from_u128(0xdea0_0002_6c97_11d1_8271_00a0_2442_df7d);
/// The interface of supervisors.
pub const SUPERVISOR_INTERFACE: Guid = Guid::from_u128(0xdea0_0003_6c97_11d1_8271_00a0_2442_df7d);
/// UDP port of devices.
pub const UDP_PORT: u16 = 34964;
/// Number of the method that reads a record without a connection.
pub const READ_IMPLICIT: u16 = 5;

const OBJECT: u128 = 0xdea0_0000_6c97_11d1_8271_0000_0000_0000;

/// The object of a device: instance (usually 1), DeviceID and VendorID, which DCP tells.
pub const fn device_object(instance: u16, device: u16, vendor: u16) -> Guid {
    Guid::from_u128(OBJECT | (instance as u128) << 32 | (device as u128) << 16 | vendor as u128)
}

/// Instance, DeviceID and VendorID of a device's object; `None` for other UUIDs.
pub fn of_device_object(object: Guid) -> Option<(u16, u16, u16)> {
    let number = object.to_u128();
    let [.., a, b, c, d, e, f] = number.to_be_bytes();
    let part = |high, low| u16::from_be_bytes([high, low]);
    (number >> 48 == OBJECT >> 48).then(|| (part(a, b), part(c, d), part(e, f)))
}

/// A text padded with blanks (or zeros) on the right; `None` if it is none.
fn padded(bytes: &[u8]) -> Option<String> {
    Some(str::from_utf8(bytes).ok()?.trim_end_matches([' ', '\0']).to_owned())
}

/// A text of exactly `N` bytes: cut off, or padded with blanks.
fn pad(text: &str, n: usize) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    bytes.resize(n, b' ');
    bytes
}

#[cfg(test)]
mod tests;
