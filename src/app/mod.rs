//! What the desktop app and the command line share: jobs over the core, with disk, clock and network.
//!
//! This part knows no widget and no terminal. A job takes plain arguments and returns data or a
//! [`Failure`] (what, why, what to do); `cli` prints it, a screen shows it. Start reading at the job you are after: every
//! file is one.

mod access;
mod announcement;
mod book;
mod bundled;
mod catalogue;
mod charts;
mod command;
mod compare;
mod demo;
mod description;
mod documents;
mod download;
mod failure;
mod fix;
mod generation;
mod icon;
mod import;
mod item;
mod job;
mod journal;
mod library;
pub mod live;
mod loaders;
mod monitor;
pub mod network;
mod open;
pub mod overview;
mod plan_diff;
mod plant;
mod refusal;
mod report;
mod runtime;
mod settings;
mod simulate;
mod stations;
mod store;
mod summary;
mod tags;
pub mod topology;
mod wake;
mod workspace;
mod write;
mod xref;

pub use access::{Access, AccessOptions, Whereabouts};
pub use announcement::{AnnouncedDevice, Announcement};
pub use book::{BookRequest, plant_book};
pub use bundled::{samples, unpack_library, unpack_sample};
pub use catalogue::{
    LibraryConflict, LibraryList, LibraryProblem, LibraryRow, canonical_description, list_library, preview_component,
    show_component,
};
pub use charts::{PictureFormat, PictureRequest, chart_tree, draw_chart, export_charts, find_chart};
pub use command::{COMMANDS, Command, CommandRow, Menu, Situation, When};
pub use compare::{ComparedDevice, ComparisonReport, compare};
pub use demo::{DemoEvent, DemoOptions, DemoSummary, LiveRow, Step, demo};
pub use documents::Documents;
pub use download::{DownloadOutcome, DownloadReport, DownloadRequest, DownloadedDevice, LeftWith, download};
pub use failure::Failure;
pub use fix::{FixedProject, TriedFix, apply_fixes, fix_edit, fix_project};
pub use generation::{GeneratedDevice, GenerationReport, generate_all, keep_downloaded, read_downloaded};
pub use icon::component_icon;
pub use import::{ImportOptions, ImportReport, ImportedComponent, ImportedFile, Outcome, import};
pub use item::{Item, Selection, function_label, place_of, port_label};
pub use job::{Job, JobHandle, JobId, JobState, JobView, Jobs};
pub use journal::{Journal, OnDisk, Orphan, Recovered, journal_folder, orphans};
pub use library::{Library, library_facts, open_libraries, open_library};
pub use loaders::{Loaders, PayloadOutcome, PayloadReport};
pub use monitor::{ItemRecord, LdevRecord, Record, WatchedItem, code_name, json_value, time_text, watched_items};
pub use open::open_project;
pub use plan_diff::{AffectedDevice, Effect, PlanChange, PlanDifference, diff_plans};
pub use refusal::Refusal;
pub use report::{FindingFilter, findings_json, sarif};
pub use runtime::{interrupted, runtime};
pub use settings::{LanguageChoice, RecentProject, ThemeChoice, UserSettings, WindowSize, settings_folder};
pub use simulate::{SimulateOptions, Simulation, SimulationEnd};
pub use stations::{
    NetworkWay, ScanNews, ScanOutcome, ScanRequest, ScannedStation, StationAct, StationChange, act, scan_network,
};
pub use store::{Saved, read_project_files, save_project_files};
pub use summary::{DeviceSummary, Summary, summary};
pub use tags::{TagRequest, export_tags};
pub use wake::Wake;
pub use workspace::{Counts, Opened, Workspace, save_archive, save_project};
pub use write::{ReadBackReport, WriteReport, write};
pub use xref::{XrefEnd, XrefRow, cross_reference, cross_reference_of};
