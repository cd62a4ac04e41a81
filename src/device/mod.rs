//! The virtual device: everything a planned device does on the network, without hardware.
//!
//! It speaks the protocols of `proto` on real sockets, so a tool cannot tell it from a station, and it moves its values with the
//! behaviour script of its component.
//!
//! ```text
//! VirtualPlant ── VirtualDevice ─┬─ Station   ports, objects, the way to others; gone while the cable is pulled
//!                                ├─ Driver    one task an LDev: makes the calls its ACCO asks for
//!                                ├─ Script    one task an instance: steps the behaviour
//!                                └─ DeviceCore  the state, one lock an LDev: items, ACCO, operating state
//! incoming call ─▶ Station ─▶ serve (decides under the lock, never waits) ─▶ answer
//! ```
//!
//! What a device is below IP, name and address included, is [`network`]: stations on an Ethernet in this process.
//!
//! It never looks at `online`, which is the other side of the same conversations. Start reading at [`VirtualDevice`] and
//! [`DeviceSpec`]; what each call does is in `serve`.

pub mod behaviour;
mod clock;
mod core;
mod drive;
mod fault;
mod items;
mod ldev;
pub mod network;
mod plant;
mod recipient;
mod script;
mod serve;
mod spec;
mod station;
mod store;
mod subscribers;
mod virtual_device;

pub use fault::{Fault, Faults};
pub use network::{NetworkOptions, VirtualNetwork};
pub use plant::{PlantError, PlantOptions, VirtualPlant};
pub use spec::{DeviceSpec, LDevSpec, ScriptSpec, SpecError};
pub use store::{Store, StoreError};
pub use virtual_device::{DeviceAddress, DeviceOptions, DeviceStatistics, ItemState, StartError, VirtualDevice};
