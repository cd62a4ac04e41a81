//! The virtual device: everything a planned device does on the network, without hardware.
//!
//! It speaks the protocols of `proto` on real sockets, so a tool cannot tell it from a station, and it moves its
//! values with the behaviour script of its component. It never looks at `online`, which is the other side.
pub mod behaviour;
pub mod fault;
pub mod spec;
pub mod store;

mod clock;
mod core;
mod items;
mod ldev;
mod serve;
mod subscribers;
