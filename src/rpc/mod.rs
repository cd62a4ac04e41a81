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
//! [`RpcNode`] joins them: one program's end of DCOM, which activates and calls objects elsewhere
//! ([`RemoteObject`]) and offers its own ([`ObjectHandler`], [`Exported`]).
//!
//! Where to start: [`RpcNode::activate`] and [`RpcNode::export`].

mod alarm;
mod client;
mod error;
mod export;
mod node;
#[cfg(test)]
mod node_tests;
mod object;
mod ping;
mod seats;
mod server;
#[cfg(test)]
mod tests;

pub use client::{Answer, ClientOptions, RpcClient};
pub use error::{RpcError, Violation};
pub use export::{Exported, ObjectCall, ObjectHandler, results};
pub use node::{NodeOptions, RpcNode};
pub use object::RemoteObject;
pub use server::{Answering, Dispatch, RpcServer, ServerLimits};
