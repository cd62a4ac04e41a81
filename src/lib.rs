//! Plantweave: engineering of PROFINET CBA plants, from vendors' component descriptions to live values.
//!
//! Modules in dependency order (the whole table of who may import whom is in `docs/ARCHITECTURE.md`
//! and kept by `tests/layers.rs`):
//!
//! | Layer | Modules |
//! |---|---|
//! | 0 | [`model`] the plan as plain data · [`wire`] bytes of every PDU |
//! | 1 | [`edit`] the one door to change a plan · [`pcd`] component descriptions · [`library`] many of them · [`project`] folders on disk · [`check`] findings · [`generate`] configurations · [`export`] tag files, pictures, plant book · [`diff`] two plans compared · [`binding`] plan to wire · [`proto`] conversations · [`net`] carriers |
//! | 2 | [`rpc`] DCOM over TCP · [`partner`] calls at providers · [`device`] virtual devices · [`online`] the tool's side |
//! | 3 | [`app`] jobs, disk and clock |
//! | 4 | [`cli`] the command line · `ui` the desktop app, with the feature `gui` |
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod app;
pub mod binding;
pub mod check;
pub mod cli;
pub mod device;
pub mod diff;
pub mod drawing;
pub mod edit;
pub mod export;
pub mod generate;
pub mod library;
pub mod model;
pub mod net;
pub mod online;
pub mod partner;
pub mod pcd;
pub mod project;
pub mod proto;
pub mod rpc;
pub mod topology;
#[cfg(feature = "gui")]
pub mod ui;
pub mod wire;
