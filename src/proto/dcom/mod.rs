//! DCOM as conversations without sockets: who answers on the exporter's port and on port 135, and what a
//! client keeps of an object it was given (protocol notes, section 3).
//!
//! [`Exporter`] is the table of objects a process offers: it finds object and interface by IPID and serves IRemUnknown.
//! [`Resolver`] is the server of the resolver port: it serves the OXID resolver with its ping sets, and both activations.
//! [`RemoteRef`] is the client's end. [`convention`] holds what no source confirms.
//!
//! Nothing here knows a socket, reads a clock or draws a random number: time and [`IdSource`] come in as arguments.
//! Start reading at [`Exporter::route`].

pub mod convention;
mod exporter;
mod ids;
mod remote;
mod resolver;

pub use exporter::{Exporter, Oid, Route};
pub use ids::IdSource;
pub use remote::{RemoteRef, Where};
pub use resolver::{Activator, Endpoint, Resolver};
