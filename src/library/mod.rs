//! The library: many component descriptions as one searchable catalogue, and the device profiles that go with them.
//!
//! A library on disk is a folder of any shape; `app::library` reads it and hands over what it found. This part knows no disk: entries
//! and problems come in as values, and answers go out. It knows the description format only as
//! [`pcd`](crate::pcd)'s reader result, and no project.
//!
//! Start at [`Catalogue`]. One broken file never hides the others: it is a [`Problem`] beside the entries. Two files that claim to be
//! the same component version are a [`Conflict`] (`pcd-format` 5.9, no. 12).

mod catalogue;
mod category;
mod entry;
mod folder;
mod preview;
mod profile;
mod recognise;
mod search;

pub use catalogue::{Catalogue, Conflict, Standing};
pub use category::Category;
pub use entry::{Entry, Problem};
pub use folder::component_folder;
pub use preview::{
    FunctionPreview, KeptPreview, LimitPreview, PortPreview, Preview, QosPreview, RemarkPreview, VersionPreview,
};
pub use profile::{ProfileError, Profiles, read_profile};
pub use recognise::{Kind, recognise};
pub use search::{Hit, fold};
