//! The network of a plan as people work on it: addresses cell by cell, pasted from a spreadsheet, or assigned from the ranges of
//! subnets; devices hung on subnets and proxies; and where each stands in the network view.
//!
//! Everything here is a function of a plan: it proposes edits and says what cannot be, and changes nothing itself.

mod assign;
mod attach;
mod cell;
mod layout;
mod members;
mod paste;
mod sheet;
mod subnet;

pub use assign::{AddressChange, Assignment, Unassigned, assign_addresses};
pub use attach::{AttachError, Attached, attach};
pub use cell::{AddressColumn, CellError, cell_edit, cell_text, mac_text, read_mac};
pub use layout::{Bus, CARD, DrawnBus, NetworkCard, NetworkLayout};
pub use members::{DeviceMembers, Members};
pub use paste::{Paste, PasteProblem, paste_addresses};
pub use subnet::{SubnetError, read_subnet};
