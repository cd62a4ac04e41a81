//! Partners on the network: how the consumer side of an ACCO reaches the providers it wants values from.
//!
//! A virtual device consumes for its inputs, the tool consumes to watch values; both run the machine of
//! [`proto::acco::Consumer`](crate::proto::acco::Consumer), and both have its calls made here. It stands above `rpc` and below
//! `device` and `online`, because neither of these may import the other.
//!
//! [`Providers`] is where to begin: it makes the calls the machine asks for, provider by provider side by side, and notices when
//! the connection to one breaks. What is then to be done is the machine's affair.

mod provider;
mod providers;

pub use provider::{Caller, PartnerFailure};
pub use providers::{Happened, Providers};
