//! What the desktop app and the command line share: jobs over the core, with disk, clock and network.
//!
//! This part knows no widget and no terminal. A job takes plain arguments and returns data or a
//! [`Failure`] (what, why, what to do); `cli` prints it, a screen shows it. Start reading at the job you are after: every
//! file is one.

mod bundled;
mod catalogue;
mod demo;
mod description;
mod failure;
mod generation;
mod import;
mod library;
mod open;
mod report;
mod runtime;
mod store;
mod summary;
mod tags;
mod xref;

pub use bundled::{samples, unpack_library, unpack_sample};
pub use catalogue::{LibraryConflict, LibraryList, LibraryProblem, LibraryRow, list_library, show_component};
pub use demo::{DemoEvent, DemoOptions, DemoSummary, LiveRow, Step, demo};
pub use failure::Failure;
pub use generation::{GeneratedDevice, GenerationReport, generate_all, keep_downloaded, read_downloaded};
pub use import::{ImportOptions, ImportReport, ImportedComponent, ImportedFile, Outcome, import};
pub use library::{Library, library_facts, open_libraries, open_library};
pub use open::open_project;
pub use report::sarif;
pub use runtime::{interrupted, runtime};
pub use store::{Saved, read_project_files, save_project_files};
pub use summary::{DeviceSummary, Summary, summary};
pub use tags::{TagRequest, export_tags};
pub use xref::{XrefEnd, XrefRow, cross_reference};
