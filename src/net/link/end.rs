//! One end of an Ethernet, whatever carries it.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use thiserror::Error;

use super::LinkClock;
use super::file::FrameFile;
use super::inbox::Inbox;
use crate::net::capture::read::CaptureReadError;
use crate::wire::ethernet::{MAX_PAYLOAD, MacAddress};

/// Shortest frame: two addresses and an EtherType.
const MIN_LEN: usize = 14;
/// Longest frame: header, a VLAN tag and the longest payload.
const MAX_LEN: usize = 18 + MAX_PAYLOAD;

/// A frame that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// LAN port at which it came in, from 1.
    pub port: u16,
    /// The whole frame without its checksum; shared with whoever else got it.
    pub frame: Arc<[u8]>,
    /// When, since 1970.
    pub at: Duration,
}

/// What happens at an end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkEvent {
    /// A frame came in.
    Frame(Received),
    /// The link of a port came up, or is lost. Ports that are up from the beginning are told first of all.
    Link {
        /// LAN port, from 1.
        port: u16,
        /// Whether something is at the other end of its cable.
        up: bool,
    },
}

/// Why nothing more comes.
#[derive(Debug, Error)]
pub enum Ended {
    /// All frames of the file have been taken.
    #[error("the capture file is at its end")]
    FileRead,
    /// The file is damaged behind the frames taken.
    #[error(transparent)]
    Damaged(CaptureReadError),
    /// The interface was removed from this computer.
    #[error("the network interface {name} is gone")]
    InterfaceGone {
        /// Its name.
        name: String,
    },
    /// The system refuses to go on.
    #[error("nothing more can be received from {name}: {source}")]
    Failed {
        /// Name of the interface.
        name: String,
        /// What the system said.
        source: io::Error,
    },
    /// The station was switched off, or its segment is gone.
    #[error("the station was switched off")]
    SwitchedOff,
}

/// A frame was not sent.
#[derive(Debug, Error)]
pub enum SendError {
    /// Frames have 14 to 1518 bytes without their checksum.
    #[error("a frame of {length} bytes cannot be sent: 14 to 1518 are possible")]
    Length {
        /// Its length.
        length: usize,
    },
    /// The end has fewer ports.
    #[error("there is no LAN port {port}: the station has {n_ports}")]
    NoSuchPort {
        /// The port asked for.
        port: u16,
        /// Ports there are.
        n_ports: usize,
    },
    /// The port has no link.
    #[error("LAN port {port} has no link")]
    NoLink {
        /// The port.
        port: u16,
    },
    /// The end is no more.
    #[error("the station is no longer on the network")]
    Gone,
    /// A capture file takes nothing.
    #[error("a capture file only gives frames, it cannot send any")]
    ReadOnly,
    /// The system refuses.
    #[error("the frame cannot be sent: {0}")]
    Io(#[from] io::Error),
}

/// What went through an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LinkStatistics {
    /// Frames received and kept for whoever holds the end.
    pub received: u64,
    /// Frames dropped because too much waited already.
    pub dropped: u64,
}

/// What carries an end.
pub(super) trait Carrier: Send + Sync + fmt::Debug {
    /// Puts a frame on one port, or on wherever it belongs.
    fn send(&self, port: Option<u16>, frame: &[u8]) -> Result<(), SendError>;
    /// Whether a port has link; `false` for ports that are not there.
    fn is_up(&self, port: u16) -> bool;
    /// The end was dropped.
    fn close(&self);
}

/// One end of an Ethernet: a station with its LAN ports. Dropping it takes the station off the network.
#[derive(Debug)]
pub struct LinkEnd {
    mac: MacAddress,
    port_macs: Vec<MacAddress>,
    source: Source,
    sender: LinkSender,
    clock: LinkClock,
}

#[derive(Debug)]
enum Source {
    Inbox(Arc<Inbox>),
    File(Box<FrameFile>, Option<Arc<Ended>>),
}

/// Sends for an end; clones send for the same one, and outlive it without effect.
#[derive(Debug, Clone)]
pub struct LinkSender {
    carrier: Arc<dyn Carrier>,
    n_ports: usize,
}

impl LinkEnd {
    pub(super) fn new(
        mac: MacAddress,
        port_macs: Vec<MacAddress>,
        inbox: Arc<Inbox>,
        carrier: Arc<dyn Carrier>,
        clock: LinkClock,
    ) -> Self {
        let sender = LinkSender { carrier, n_ports: port_macs.len() };
        Self { mac, port_macs, source: Source::Inbox(inbox), sender, clock }
    }

    /// The frames of a file, as received by a station with the address `mac` at its only port.
    pub fn of_file(file: FrameFile, mac: MacAddress) -> Self {
        let sender = LinkSender { carrier: Arc::new(Nowhere), n_ports: 1 };
        let source = Source::File(Box::new(file), None);
        Self { mac, port_macs: vec![mac], source, sender, clock: LinkClock::start() }
    }

    /// Address of the interface, with which DCP answers.
    pub fn mac(&self) -> MacAddress {
        self.mac
    }

    /// Addresses of the LAN ports, from port 1 on; LLDP sends with them.
    pub fn port_macs(&self) -> &[MacAddress] {
        &self.port_macs
    }

    /// The clock of the times of what is received. For a file it only says how late it is now.
    pub fn clock(&self) -> LinkClock {
        self.clock
    }

    /// What happens next; `None` when nothing ever will ([`ended`](Self::ended) says why). Cancel safe.
    pub async fn recv(&mut self) -> Option<LinkEvent> {
        match &mut self.source {
            Source::Inbox(inbox) => inbox.take().await,
            Source::File(..) => self.try_recv(),
        }
    }

    /// What has happened already, without waiting.
    pub fn try_recv(&mut self) -> Option<LinkEvent> {
        match &mut self.source {
            Source::Inbox(inbox) => inbox.try_take().flatten(),
            Source::File(_, Some(_)) => None,
            Source::File(file, ended) => match file.next() {
                Some(Ok(recorded)) => {
                    let frame = recorded.frame.into();
                    Some(LinkEvent::Frame(Received { port: 1, frame, at: recorded.at }))
                }
                Some(Err(error)) => {
                    *ended = Some(Arc::new(Ended::Damaged(error)));
                    None
                }
                None => {
                    *ended = Some(Arc::new(Ended::FileRead));
                    None
                }
            },
        }
    }

    /// Why nothing more comes, once that is so.
    pub fn ended(&self) -> Option<Arc<Ended>> {
        match &self.source {
            Source::Inbox(inbox) => inbox.ended(),
            Source::File(_, ended) => ended.clone(),
        }
    }

    /// Sends a frame to wherever its destination is: to one station, or from all ports.
    ///
    /// # Errors
    /// See [`SendError`]. That nobody receives it is no error, as on a real network.
    pub fn send(&self, frame: &[u8]) -> Result<(), SendError> {
        self.sender.send(frame)
    }

    /// Sends a frame from one LAN port, as LLDP does.
    ///
    /// # Errors
    /// As [`send`](Self::send), and [`SendError::NoSuchPort`], [`SendError::NoLink`].
    pub fn send_on(&self, port: u16, frame: &[u8]) -> Result<(), SendError> {
        self.sender.send_on(port, frame)
    }

    /// Whether a LAN port has link now.
    pub fn is_up(&self, port: u16) -> bool {
        self.sender.carrier.is_up(port)
    }

    /// Sends for this end from elsewhere.
    pub fn sender(&self) -> LinkSender {
        self.sender.clone()
    }

    /// What went through it.
    pub fn statistics(&self) -> LinkStatistics {
        match &self.source {
            Source::Inbox(inbox) => LinkStatistics {
                received: inbox.received.load(Ordering::Relaxed),
                dropped: inbox.dropped.load(Ordering::Relaxed),
            },
            Source::File(file, _) => LinkStatistics { received: file.frames(), dropped: 0 },
        }
    }
}

impl Drop for LinkEnd {
    fn drop(&mut self) {
        self.sender.carrier.close();
    }
}

impl LinkSender {
    /// See [`LinkEnd::send`].
    ///
    /// # Errors
    /// See there.
    pub fn send(&self, frame: &[u8]) -> Result<(), SendError> {
        check_length(frame)?;
        self.carrier.send(None, frame)
    }

    /// See [`LinkEnd::send_on`].
    ///
    /// # Errors
    /// See there.
    pub fn send_on(&self, port: u16, frame: &[u8]) -> Result<(), SendError> {
        check_length(frame)?;
        let n_ports = self.n_ports;
        if port == 0 || usize::from(port) > n_ports {
            return Err(SendError::NoSuchPort { port, n_ports });
        }
        self.carrier.send(Some(port), frame)
    }
}

fn check_length(frame: &[u8]) -> Result<(), SendError> {
    let length = frame.len();
    if (MIN_LEN..=MAX_LEN).contains(&length) { Ok(()) } else { Err(SendError::Length { length }) }
}

/// Where frames for a file go.
#[derive(Debug)]
struct Nowhere;

impl Carrier for Nowhere {
    fn send(&self, _: Option<u16>, _: &[u8]) -> Result<(), SendError> {
        Err(SendError::ReadOnly)
    }

    fn is_up(&self, _: u16) -> bool {
        false
    }

    fn close(&self) {}
}
