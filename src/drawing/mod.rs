//! A chart as it is drawn: what stands where, for the link editor, for pictures and for the plant book.
//!
//! Pure functions over the plan: no screen, no disk, no clock. Lengths are canvas units (1 unit = 1 px at 100 %), x to the right, y
//! downwards; texts are measured with the embedded [`font`], so a block has the same size on every screen and in every file.
//!
//! Start at [`Scene`]: it holds the [`Block`]s and [`Wire`]s of one chart, is kept up to date edit by edit, and says what stands at
//! a place or in a view. Everything has a slot (a small number, valid until the next update) to be painted by, and a name (a
//! [`BlockId`] or a `LinkKey`) to be remembered by.
//!
//! A new scene shows sketches of its wires. [`Scene::route`] finds their real paths, those in view first and as many at a time as it
//! is allowed; `route.rs` says what a path depends on, `find.rs` and `search.rs` how it is found. Pictures call [`Scene::route_all`].

mod block;
mod build;
mod find;
pub mod font;
mod grid;
mod layout;
mod marks;
mod maze;
pub mod palette;
mod pick;
mod preview;
mod route;
mod scene;
mod search;
mod sketch;
mod stale;
mod tag;
#[cfg(test)]
mod tests;
mod tracks;
mod update;
mod wire;

pub use block::{Block, BlockId, BlockPort, BlockSlot, PortKind, Side, sizes};
pub use layout::layout;
pub use pick::{Hit, Reach};
pub use scene::Scene;
pub use tag::{ArrowTag, ArrowTarget, ConstantTag, FrameArea, NoteArea};
pub use wire::{End, Wire, WireEnd, WireSlot};
