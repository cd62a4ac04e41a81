//! Conversations: who may say what after what, in the client's and in the server's role.
//!
//! Bytes go in, bytes and events come out. Nothing here owns a socket, reads a clock or draws a random
//! number: time is an argument, and so is whatever must be unique in the world. The virtual device and
//! the engineering tool run the same code, one as server, one as client, and both as either where
//! devices talk to each other. Of ours it imports `wire`, the shapes of the bytes, and nothing else.
//!
//! Where to start: [`rpc`] (calls over an association), then [`dcom`] (objects behind the calls),
//! then [`acco`] (connections between logical devices). What goes over Ethernet without TCP begins at [`dcp`].

pub mod acco;
pub mod dcom;
pub mod dcp;
pub mod lldp;
pub mod pnio;
pub mod rpc;
