//! DCE/RPC associations without sockets (protocol notes section 2).
//!
//! ```text
//!           call ──▶ ┌───────────────────┐ output ──▶ ~~~ ──▶ handle ┌───────────────────┐ ──▶ request
//!                    │ ClientAssociation │                           │ ServerAssociation │
//! response, fault ◀──└───────────────────┘ handle ◀── ~~~ ◀── output └───────────────────┘ ◀── respond
//! ```
//!
//! An association is one TCP connection. Feed what arrives into `handle` in pieces of any size, send
//! what `take_output` gives, and take events or requests until there are none. An error from `handle`
//! means the peer broke the protocol: send what output there is, then close.
//!
//! Memory is bounded by [`Limits`]. This part does not know what a stub holds; that is `proto::dcom`
//! and the interfaces above it.

mod assembly;
mod client;
mod error;
mod framer;
mod limits;
mod server;
#[cfg(test)]
mod tests;

pub use client::{Call, CallFailure, CallId, ClientAssociation, ClientEvent};
pub use error::RpcError;
pub use framer::Framer;
pub use limits::Limits;
pub use server::{ServerAssociation, ServerRequest};
