//! From the plan to one [`Configuration`] a device: everything that a download writes and a comparison reads back.
//!
//! Pure and deterministic: the same plan gives the same bytes, on every machine. This part knows nothing that
//! cannot be derived from the plan: no file, no address of this computer, no clock, no bytes on the wire.
//!
//! What it decides, beyond copying:
//!
//! * A device on PROFIBUS has no configuration of its own: its LDevs stand in that of its proxy, under names
//!   made by [`Plan::ldev_on_network`](crate::model::Plan::ldev_on_network).
//! * Connections are grouped as the consumer's ACCO takes them: one [`ConnectionGroup`] is one provider ACCO, one
//!   transmission and one activation state, hence one AddConnections call (or several, when it is cut in chunks).
//! * A constant is a connection of QoS type "constant" without provider; its value travels as the substitute
//!   (wire spec, convention 25).
//! * A cyclic link stays cyclic in the configuration; a [`Remark`] says that it is carried acyclically for now.
//! * What cannot be generated is a [`GenerateError`] of its device. The rest is generated all the same, but who downloads
//!   must refuse while there are errors.
//!
//! Start reading at [`generate()`], then [`Configuration`].

mod build;
mod change;
mod configuration;
mod json;
#[cfg(test)]
mod tests;
mod typed;

pub use build::{GenerateError, Generated, Generation, generate};
pub use change::{Change, ChangeKind, difference};
pub use configuration::*;
pub use json::ConfigurationError;
pub use typed::TypedValue;
