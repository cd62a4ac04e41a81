//! Writes what goes over our sockets into a pcap file that Wireshark opens, without any privilege.
//!
//! The bytes are those handed to and taken from the sockets; the Ethernet, IP and TCP headers around
//! them are made up here ([`segment`]): handshake, sequence numbers, segments of at most 1460 bytes,
//! valid checksums, and a MAC invented per IP address. Retransmissions and the system's own timing do
//! not show.
//!
//! A frame is recorded in the very step that puts its bytes on the socket, under one lock for the
//! whole capture. So nothing anywhere in the process can react to bytes before they are in the file,
//! and an answer never stands before its question. When both ends of a connection live in this
//! process, each records what it sends; when the other end is foreign, ours records both directions.
//! Raw Ethernet (`net::link`) is recorded as it is, into the same file if that is wanted.
//!
//! [`read`] is the way back: the byte streams out of a capture, ours or anybody's.

pub mod read;
mod segment;

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::{Duration, SystemTime};

use pcap_file::pcap::{PcapHeader, PcapPacket, PcapWriter};
use pcap_file::{DataLink, PcapError, TsResolution};
use thiserror::Error;

use segment::Conversation;
pub(crate) use segment::Side;

/// Largest frame announced in the file header.
const SNAP_LENGTH: u32 = 65_535;
/// Size of the global header of a pcap file and of the header of one frame in it.
const FILE_HEADER: u64 = 24;
const FRAME_HEADER: u64 = 16;
/// Connections kept after they closed because only one end has shown itself: the other may still sit
/// in a listener's queue.
const KEPT_HALF_SEEN: usize = 256;

/// A running capture. Clones write into the same file.
///
/// The file is complete after [`finish`](Self::finish); if that is never called, it is completed when
/// the last clone is dropped and trouble is then only logged.
#[derive(Clone)]
pub struct Capture {
    recorder: Arc<Mutex<Recorder>>,
}

/// How to capture.
#[derive(Clone)]
pub struct CaptureSettings {
    /// Time stamps come from here; they never run backwards in the file.
    pub clock: Arc<dyn Fn() -> SystemTime + Send + Sync>,
    /// Largest size of the file in bytes; frames that would exceed it are left out. `None`: no limit.
    pub max_bytes: Option<u64>,
}

impl Default for CaptureSettings {
    fn default() -> Self {
        Self { clock: Arc::new(SystemTime::now), max_bytes: None }
    }
}

/// What a capture holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CaptureSummary {
    /// Frames in the file.
    pub frames: u64,
    /// Size of the file.
    pub bytes: u64,
    /// TCP connections seen.
    pub connections: u64,
    /// The size limit was reached, and what came later is missing.
    pub truncated: bool,
}

/// A capture file could not be written.
#[derive(Debug, Error)]
pub enum CaptureError {
    /// The file cannot be created.
    #[error("cannot create the capture file {}: {source}", .path.display())]
    Create {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Writing failed; the capture ends there.
    #[error("cannot write the capture: {source}")]
    Write {
        /// What the system said.
        source: io::Error,
    },
}

impl Capture {
    /// Captures into a new file at `path`, replacing one that is there.
    ///
    /// # Errors
    /// [`CaptureError`] if the file cannot be created or its header not written.
    pub fn create(path: &Path, settings: CaptureSettings) -> Result<Self, CaptureError> {
        let file = File::create(path).map_err(|source| CaptureError::Create { path: path.to_owned(), source })?;
        Self::to_writer(file, settings)
    }

    /// Captures into any writer; it is buffered here.
    ///
    /// # Errors
    /// [`CaptureError::Write`] if the file header cannot be written.
    pub fn to_writer(writer: impl Write + Send + 'static, settings: CaptureSettings) -> Result<Self, CaptureError> {
        let writer: Box<dyn Write + Send> = Box::new(writer);
        let header = PcapHeader {
            snaplen: SNAP_LENGTH,
            datalink: DataLink::ETHERNET,
            ts_resolution: TsResolution::MicroSecond,
            ..PcapHeader::default()
        };
        let file = PcapWriter::with_header(BufWriter::with_capacity(1 << 16, writer), header)
            .map_err(|error| CaptureError::Write { source: io_error(error) })?;
        Ok(Self {
            recorder: Arc::new(Mutex::new(Recorder {
                sink: Sink {
                    file: Some(file),
                    settings,
                    latest: Duration::ZERO,
                    summary: CaptureSummary { bytes: FILE_HEADER, ..CaptureSummary::default() },
                    failure: None,
                },
                conversations: HashMap::new(),
                by_ends: HashMap::new(),
                half_seen: VecDeque::new(),
                next_id: 0,
            })),
        })
    }

    /// Completes the file. What happens on the sockets afterwards is not recorded.
    ///
    /// # Errors
    /// The first trouble with writing since the start, reported here once.
    pub fn finish(&self) -> Result<CaptureSummary, CaptureError> {
        self.recorder().sink.finish()
    }

    /// Records a whole Ethernet frame that was sent or received as it is.
    pub(crate) fn record_frame(&self, frame: &[u8]) {
        self.recorder().sink.write(frame);
    }

    /// Registers one end of a connection. `side` is the role of the end at `local`.
    pub(crate) fn open(&self, local: SocketAddr, remote: SocketAddr, side: Side) -> Tap {
        let conversation = self.recorder().open(local, remote, side);
        Tap { capture: self.clone(), conversation, side }
    }

    fn recorder(&self) -> MutexGuard<'_, Recorder> {
        self.recorder.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Capture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Capture").finish()
    }
}

/// One end of a connection, as the capture sees it. Dropping it closes that end.
#[derive(Debug)]
pub(crate) struct Tap {
    capture: Capture,
    conversation: u64,
    side: Side,
}

impl Tap {
    /// Runs `send`, which hands `bytes` to the socket, and records those it took.
    pub(crate) fn send(&self, bytes: &[u8], send: impl FnOnce() -> Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        let mut recorder = self.capture.recorder();
        let result = send();
        if let Poll::Ready(Ok(count)) = result
            && let Some(taken) = bytes.get(..count)
        {
            recorder.record(self.conversation, |conversation, frames| {
                conversation.data(self.side, taken, frames);
            });
        }
        result
    }

    /// Bytes came from the other end.
    pub(crate) fn received(&self, bytes: &[u8]) {
        self.of_remote(|conversation, frames| {
            conversation.data(self.side.other(), bytes, frames);
        });
    }

    /// This end sends no more.
    pub(crate) fn finished(&self) {
        self.capture.recorder().record(self.conversation, |conversation, frames| {
            conversation.finish(self.side, frames);
        });
    }

    /// The other end sends no more.
    pub(crate) fn remote_finished(&self) {
        self.of_remote(|conversation, frames| conversation.finish(self.side.other(), frames));
    }

    /// The other end broke the connection off.
    pub(crate) fn remote_reset(&self) {
        self.of_remote(|conversation, frames| conversation.reset(self.side.other(), frames));
    }

    /// Records something the other end did, unless that end is ours too and does so itself.
    fn of_remote(&self, what: impl FnOnce(&mut Conversation, &mut Vec<Vec<u8>>)) {
        self.capture.recorder().record(self.conversation, |conversation, frames| {
            if !conversation.seen(self.side.other()) {
                what(conversation, frames);
            }
        });
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.finished();
        self.capture.recorder().close(self.conversation, self.side);
    }
}

struct Recorder {
    sink: Sink,
    conversations: HashMap<u64, Conversation>,
    /// The latest conversation between a client and a server address.
    by_ends: HashMap<(SocketAddr, SocketAddr), u64>,
    /// Closed conversations of which only one end has shown itself, oldest first.
    half_seen: VecDeque<u64>,
    next_id: u64,
}

impl Recorder {
    fn open(&mut self, local: SocketAddr, remote: SocketAddr, side: Side) -> u64 {
        let ends = match side {
            Side::Client => (local, remote),
            Side::Server => (remote, local),
        };
        if let Some(id) = self.by_ends.get(&ends)
            && let Some(conversation) = self.conversations.get_mut(id)
            && !conversation.seen(side)
        {
            conversation.enter(side);
            return *id;
        }
        // Otherwise it is new, or the ports of an earlier one are used again.
        let id = self.next_id;
        self.next_id += 1;
        self.sink.summary.connections += 1;
        let mut conversation = Conversation::new(ends.0, ends.1, id);
        conversation.enter(side);
        self.conversations.insert(id, conversation);
        self.by_ends.insert(ends, id);
        self.record(id, Conversation::handshake);
        id
    }

    fn record(&mut self, id: u64, what: impl FnOnce(&mut Conversation, &mut Vec<Vec<u8>>)) {
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        let mut frames = Vec::new();
        what(conversation, &mut frames);
        for frame in frames {
            self.sink.write(&frame);
        }
    }

    fn close(&mut self, id: u64, side: Side) {
        let Some(conversation) = self.conversations.get_mut(&id) else {
            return;
        };
        conversation.leave(side);
        if conversation.is_open() {
            return;
        }
        if conversation.seen(side.other()) {
            self.forget(id);
        } else {
            self.half_seen.push_back(id);
            if self.half_seen.len() > KEPT_HALF_SEEN
                && let Some(oldest) = self.half_seen.pop_front()
                && self.conversations.get(&oldest).is_some_and(|c| !c.is_open())
            {
                self.forget(oldest);
            }
        }
    }

    fn forget(&mut self, id: u64) {
        if let Some(conversation) = self.conversations.remove(&id)
            && self.by_ends.get(&conversation.ends()) == Some(&id)
        {
            self.by_ends.remove(&conversation.ends());
        }
    }
}

struct Sink {
    /// Gone once the capture is finished or has failed.
    file: Option<PcapWriter<BufWriter<Box<dyn Write + Send>>>>,
    settings: CaptureSettings,
    /// Time stamp of the latest frame, since 1970.
    latest: Duration,
    summary: CaptureSummary,
    failure: Option<io::Error>,
}

impl Sink {
    fn write(&mut self, frame: &[u8]) {
        let Some(file) = &mut self.file else {
            return;
        };
        let Ok(length) = u32::try_from(frame.len()) else {
            return;
        };
        let size = self.summary.bytes + FRAME_HEADER + u64::from(length);
        if self.summary.truncated || self.settings.max_bytes.is_some_and(|limit| size > limit) {
            self.summary.truncated = true;
            return;
        }
        // A clock set back must not make a later frame look earlier.
        let now = (self.settings.clock)().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        self.latest = self.latest.max(now);
        match file.write_packet(&PcapPacket::new(self.latest, length, frame)) {
            Ok(_) => {
                self.summary.frames += 1;
                self.summary.bytes = size;
            }
            Err(error) => {
                self.failure = Some(io_error(error));
                self.file = None;
            }
        }
    }

    fn finish(&mut self) -> Result<CaptureSummary, CaptureError> {
        if let Some(file) = self.file.take()
            && let Err(error) = file.into_writer().flush()
        {
            self.failure = Some(error);
        }
        match self.failure.take() {
            None => Ok(self.summary),
            Some(source) => Err(CaptureError::Write { source }),
        }
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        if let Err(error) = self.finish() {
            tracing::warn!("{error}");
        }
    }
}

fn io_error(error: PcapError) -> io::Error {
    match error {
        PcapError::IoError(error) => error,
        other => io::Error::other(other),
    }
}

#[cfg(test)]
mod tests;
