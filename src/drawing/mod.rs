//! A chart as it is drawn: what stands where, for the link editor, for pictures and for the plant book.
//!
//! Pure functions over the plan: no screen, no disk, no clock. Lengths are canvas units (1 unit = 1 px at 100 %), x to the right, y
//! downwards; texts are measured with the embedded [`font`], so a block has the same size on every screen and in every file.

pub mod font;
pub mod palette;
