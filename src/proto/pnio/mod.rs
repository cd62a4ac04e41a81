//! Reading records of PROFINET stations over UDP, without a connection, in both roles (spec `dcp-lldp-snmp` 8).
//!
//! ```text
//! Client   call ──▶ request ──▶ again after 2 s, three times ──▶ Outcome
//!                      ◀── working: wait on ──┤  ◀── fragments, acknowledged where wanted
//! Server   request ──▶ response in as many fragments as it takes; keeps nothing between two requests
//! ```
//!
//! Payloads of UDP datagrams go in and out. An answer is tied to its call by activity and sequence number, never by its
//! port: the carrier passes on whatever comes from the station's address.

mod client;
pub mod convention;
mod server;

pub use client::{CallId, Client, Outcome};
pub use server::{Records, Server, ServerSettings};

#[cfg(test)]
mod tests;
