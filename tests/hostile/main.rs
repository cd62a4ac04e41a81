//! Hostile and broken input: every case is answered with a precise error or remark, within bounded memory and work,
//! and without a panic.
//!
//! `cases/README.md` lists the small files with their answers; what is large is made while it is read. One binary of
//! its own, because its allocator counts.

mod archives;
mod corpus;
mod descriptions;
mod device;
mod meter;
mod network;
mod pdus;
mod projects;
mod scripts;
mod stubs;
mod texts;
