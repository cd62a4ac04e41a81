//! Bytes only: one file or folder per PDU family, read and written without sockets, clock or plan.
//!
//! Invariants: nothing here imports another part of this crate; a reader never panics, never
//! allocates more than a small multiple of the bytes it was given, and names the byte where it
//! stopped ([`WireError`]); a writer is total, so every value a type can hold can be sent.
//!
//! Where to start: [`ndr`] (how a stub is marshalled), then the CBA interfaces, one file each; for what goes
//! over Ethernet without TCP, [`ethernet`], then [`dcp`].
#[macro_use]
mod open_enum;

#[cfg(test)]
pub(crate) mod captured;
pub mod cba;
pub mod dcerpc;
pub mod dcom;
pub mod dcp;
pub mod error;
pub mod ethernet;
pub mod guid;
pub mod lldp;
pub mod ndr;
mod octets;
pub mod pnio;
pub mod variant;

pub use error::WireError;
pub use guid::Guid;
pub use variant::{VarType, Variant};
