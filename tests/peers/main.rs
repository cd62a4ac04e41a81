//! Our work in the hands of foreign programs. One binary, so that its helpers are built once.
//!
//! Each module names the peer it needs; without it, it is skipped by name, unless `tests/run` has set
//! `PLANTWEAVE_REQUIRE_PEERS`.

mod book;
mod capture;
mod demo;
mod dumpcap;
mod findings;
mod foreign_client;
mod golden;
mod monitor;
mod network;
mod pictures;
mod plant;
mod process;
mod simulate;
mod tag_files;
mod tshark;

#[path = "../support/mod.rs"]
mod support;
