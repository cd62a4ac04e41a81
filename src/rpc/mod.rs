//! DCOM over TCP, for both roles: what `device` and `online` share above `proto` and `net`.
//!
//! [`RpcClient`] is one association with one address, shared by any number of callers; [`RpcServer`] a
//! port on which calls are answered. Both run the conversations of `proto::rpc` on the streams of
//! `net::tcp`, add deadlines, and turn whatever goes wrong into an [`RpcError`] that says who is at
//! fault.
//!
//! It belongs to layer 2, below `device` and `online`: it imports `wire`, `proto` and `net`, and never
//! them, nor the plan. The interfaces of CBA are known here as types only: which methods there are and
//! what they do is their business.
//!
//! Where to start: [`RpcClient::call`] and [`Dispatch`].

mod client;
mod error;
mod server;
#[cfg(test)]
mod tests;

pub use client::{Answer, ClientOptions, RpcClient};
pub use error::{RpcError, Violation};
pub use server::{Answering, Dispatch, RpcServer, ServerLimits};
