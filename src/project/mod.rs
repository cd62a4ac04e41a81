//! The project on disk: a folder `NAME.plant/` of small text files that merge well in git, or the same as one
//! file `NAME.plantz`.
//!
//! Pure: [`write()`] turns a plan into files, [`read()`] files into a plan, [`archive`] files into one zip and back.
//! The disk itself is the affair of `app::store`. This part knows no other file format, and reads component descriptions
//! only through the reader it is given.
//!
//! Start reading at [`write()`]; then one module a file: `plant`, `chart`, `network`, `state`, `component` hold both
//! directions. `docs/PROJECT-FORMAT.md` is the manual.
//!
//! Rules of the format:
//! - One decision a line; tables sorted by name; values that are as usual left out. So one edit changes few lines, and two people's
//!   edits to different instances merge clean.
//! - Everything of an instance stands in one place: its block positions, the links *into* it, its constants, under
//!   `[instance.NAME]` in the file of its home chart, the one that its first function (by name) stands on.
//! - The same plan gives the same bytes. Reading and writing again changes nothing.
//! - Unknown keys are errors: keeping them would carry on what nobody checked, dropping them would lose it.
//! - What only a merge can make is kept and left to `check`: links that lead nowhere, and several links to one input, which
//!   stand as a list behind the input's name. What cannot be kept is an error with file, line and remedy.
//! - `plant.toml` names the format; older formats pass through the chain in `upgrade`, newer ones are refused.

pub mod archive;
mod chart;
mod component;
mod error;
pub(crate) mod limits;
mod network;
mod paths;
mod plant;
mod read;
mod source;
mod state;
#[cfg(test)]
mod tests;
mod text;
mod upgrade;
mod write;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use component::is_component_file;
pub use error::{LoadError, Problem};
pub use paths::{Places, STATE, file_stem, is_own};
pub use read::read;
pub use write::write;

use crate::model::{Component, ComponentSource};

/// Files by path inside the project, with `/`.
pub type Files = BTreeMap<String, Arc<[u8]>>;

/// Reads an embedded description: its files as they were imported, and the text of `profile.toml` when there is one. The
/// message of a failure says line and column where it can.
pub type ComponentReader<'a> = &'a (dyn Fn(Arc<ComponentSource>, Option<&str>) -> Result<Component, String> + Sync);
