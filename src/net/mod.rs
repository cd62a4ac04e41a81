//! Carriers: where byte streams come from and go to.
//!
//! [`tcp`] connects and listens; virtual devices and the online client both use it, so both show the
//! same addresses, deadlines and errors. [`capture`] writes what went over the sockets into a pcap
//! file without any privilege, [`impair`] makes a device's carrier misbehave for tests, and
//! [`loopback`] chooses the addresses virtual devices live on. [`link`] carries raw Ethernet frames: over a
//! segment in this process, over a network interface, or out of a capture file.
//!
//! This part must never know what the bytes mean: no DCE/RPC, no CBA, no plan. Of ours it imports
//! `wire::ethernet` only. It is the one place below `device` and `online` that does I/O and reads the
//! clock.
//!
//! Start reading at [`tcp::Network`], or at [`link::LinkEnd`] for what has no IP address.

pub mod capture;
pub mod impair;
pub mod link;
pub mod loopback;
mod stream;
pub mod tcp;
