//! Raw Ethernet for the tool and for virtual devices: what carries frames that have no IP address.
//!
//! ```text
//! LinkEnd ◀── Segment     stations, cables and switches in this process; needs no privilege
//!         ◀── Adapter     a network interface of this computer; needs the right to raw sockets
//!         ◀── FrameFile   frames of a pcap or pcapng file, as if they were received
//! ```
//!
//! Whoever speaks DCP or LLDP holds a [`LinkEnd`] and does not see what carries it. An end has a MAC address and one or
//! more LAN ports, each with a cable or without. What waits to be taken is bounded ([`MAX_WAITING_FRAMES`],
//! [`MAX_WAITING_BYTES`]); frames beyond that are dropped and counted, as a network card does.
//!
//! Times count from 1970 and never run backwards at one end: those of the computer's clock at live carriers, those of
//! the file in a capture.
//!
//! Start reading at [`LinkEnd`], then [`Segment`].

mod adapter;
mod clock;
mod end;
mod file;
mod inbox;
mod interface;
mod segment;

pub use adapter::{AdapterError, AdapterOptions, Promiscuous, open_adapter};
pub use clock::LinkClock;
pub use end::{Ended, LinkEnd, LinkEvent, LinkSender, LinkStatistics, Received, SendError};
pub use file::{FrameFile, RecordedFrame};
pub use inbox::{MAX_WAITING_BYTES, MAX_WAITING_FRAMES};
pub use interface::{InterfaceInfo, interfaces};
pub use segment::{CableId, Jack, LldpHandling, NodeId, Segment, SegmentError, SegmentStatistics};
