//! On line, the engineering tool's side: find out who answers, compare, download, read and write.
//!
//! A [`PDevSession`] is a visit to a device, an [`LdevSession`] one to an LDev and its ACCO; both only make calls. What is
//! decided stands apart: [`identify`] whether it is the device the plan means, [`Delta`] what must change,
//! [`download()`] in which order, and how to put a device back when something fails.
//!
//! [`monitor`] watches by subscription, [`Write`] sets a value.
//!
//! [`network`] is what the tool does below IP: it finds, names and addresses stations.
//!
//! It never looks at `device`: virtual and real devices are the same to it. It knows the plan only through configurations
//! and [`Targets`]; it does not touch the disk.
//!
//! Start reading at [`download()`].

mod compare;
mod connections;
mod download;
mod error;
mod identify;
pub mod monitor;
pub mod network;
pub mod records;
mod session;
pub mod snmp;
mod targets;
mod words;
mod write;

pub use compare::{Comparison, LdevCondition, compare};
pub use connections::{Connection, Connections, Delta, Difference, Unwritable, differences, wanted};
pub use download::{
    DeviceReport, DownloadError, DownloadOptions, Failed, Left, Outcome, Progress, Step, download, download_each, lines,
};
pub use error::OnlineError;
pub use identify::{Identified, VisitedLdev, identify, identify_device};
pub use monitor::{Monitor, MonitorOptions, Watch};
pub use session::{LdevIdentity, LdevSession, PDevIdentity, PDevSession};
pub use targets::{Target, Targets};
pub use words::meaning;
pub use write::{Unwritten, Write, Written};
