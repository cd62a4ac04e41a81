//! The plan as plain data: what the engineer decided, and the components it is made of.
//!
//! A [`Plan`] is immutable shared data: cloning it copies a few pointers, and two plans that differ in
//! one link share everything else. It is changed only through `edit::Document`, which keeps the
//! indexes right and the history whole.
//!
//! This part knows no file format, no bytes on a wire, no socket, no clock and no screen; positions on
//! the canvas are our own [`Point`].
//!
//! Start reading at [`Plan`], then [`Component`] (a vendor's type), [`Instance`] (its use in the plant)
//! and [`Link`] (provider output to consumer input). Names are identities: the same text stands in the
//! files, on the screen, in messages and on the wire, so an end of a link is a [`PortRef`] of names and may
//! dangle (after a merge, say); `check` finds that.

mod component;
mod details;
pub mod fixture;
pub mod graph;
mod ip_settings;
mod link;
mod literal;
mod lookup;
mod name;
mod network;
mod phrase;
mod plan;
mod range;
mod serving;
mod station_name;
mod touched;
mod value;

pub use component::*;
pub use details::*;
pub use ip_settings::{IpSettingsError, check_ip_address, check_ip_settings, is_mask};
pub use link::*;
pub use literal::{LiteralError, date_text, parse_date};
pub use lookup::LookupError;
pub use name::{FunctionRef, Name, NameError, PortPath, PortRef, check_identifier, check_instance_name};
pub use network::*;
pub use phrase::{Part, Phrase, Say, places};
pub use plan::*;
pub(crate) use serving::ldev_on_network;
pub use station_name::{StationNameError, check_station_name, convert_station_name, to_station_name};
pub use touched::Touched;
pub use value::*;
