//! One TCP connection, with the capture tap and the impairment of its own address.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::Sleep;

use crate::net::capture::Tap;
use crate::net::impair::{Line, Passage};

/// A connected byte stream. Read and write it directly or [split](Self::into_split) it; either way
/// every byte passes the capture, if the network has one.
///
/// Dropping it closes the connection. It sets no deadlines: wrap reads and writes in
/// `tokio::time::timeout`.
#[derive(Debug)]
pub struct Stream {
    reader: ReadHalf,
    writer: WriteHalf,
}

/// The receiving half of a [`Stream`].
pub struct ReadHalf {
    inner: OwnedReadHalf,
    shared: Arc<Shared>,
    gate: Option<Gate>,
    /// Runs while received bytes are held back.
    held: Option<Pin<Box<Sleep>>>,
}

/// The sending half of a [`Stream`]. Dropping it tells the other side that nothing more comes.
pub struct WriteHalf {
    inner: OwnedWriteHalf,
    shared: Arc<Shared>,
    gate: Option<Gate>,
}

#[derive(Debug)]
struct Shared {
    local: SocketAddr,
    remote: SocketAddr,
    tap: Option<Tap>,
    /// Bytes sent so far; the impairments count by it.
    sent: AtomicU64,
}

/// One half's place in the queue of its impaired line.
#[derive(Debug)]
struct Gate {
    line: Arc<Line>,
    waiter: u64,
}

impl Stream {
    pub(crate) fn new(
        inner: TcpStream,
        local: SocketAddr,
        remote: SocketAddr,
        tap: Option<Tap>,
        line: Option<Arc<Line>>,
    ) -> Self {
        let shared = Arc::new(Shared { local, remote, tap, sent: AtomicU64::new(0) });
        let gate = || line.as_ref().map(|line| Gate { line: Arc::clone(line), waiter: line.waiter() });
        let (reader, writer) = inner.into_split();
        Self {
            reader: ReadHalf { inner: reader, shared: Arc::clone(&shared), gate: gate(), held: None },
            writer: WriteHalf { inner: writer, shared, gate: gate() },
        }
    }

    /// Our end.
    pub fn local_addr(&self) -> SocketAddr {
        self.reader.local_addr()
    }

    /// The other end.
    pub fn remote_addr(&self) -> SocketAddr {
        self.reader.remote_addr()
    }

    /// Two halves that different tasks may own.
    pub fn into_split(self) -> (ReadHalf, WriteHalf) {
        (self.reader, self.writer)
    }
}

impl ReadHalf {
    /// Our end.
    pub fn local_addr(&self) -> SocketAddr {
        self.shared.local
    }

    /// The other end.
    pub fn remote_addr(&self) -> SocketAddr {
        self.shared.remote
    }

    /// Passes when the impaired line, if there is one, lets received bytes through.
    fn poll_gate(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Some(gate) = &self.gate else {
            return Poll::Ready(Ok(()));
        };
        // Registered first, so that no change is missed, and kept: the wait for bytes itself must
        // end too when the line is cut.
        gate.line.wait(gate.waiter, context);
        match gate.line.passage(self.shared.sent.load(Ordering::Relaxed)) {
            Passage::Cut => return Poll::Ready(Err(cut())),
            Passage::Stalled => return Poll::Pending,
            Passage::Open { .. } => {}
        }
        let delay = gate.line.delay();
        if delay.is_zero() {
            self.held = None;
            return Poll::Ready(Ok(()));
        }
        if self.held.is_none() {
            let mut first = [0; 1];
            ready!(self.inner.poll_peek(context, &mut ReadBuf::new(&mut first)))?;
        }
        let held = self.held.get_or_insert_with(|| Box::pin(tokio::time::sleep(delay)));
        ready!(held.as_mut().poll(context));
        self.held = None;
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for ReadHalf {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_gate(context))?;
        let before = buffer.filled().len();
        let room = buffer.remaining();
        let result = ready!(Pin::new(&mut this.inner).poll_read(context, buffer));
        if let Some(tap) = &this.shared.tap {
            let got = buffer.filled().get(before..).unwrap_or_default();
            match &result {
                Ok(()) if got.is_empty() && room > 0 => tap.remote_finished(),
                Ok(()) => tap.received(got),
                Err(error) => note_reset(tap, error),
            }
        }
        Poll::Ready(result)
    }
}

impl AsyncWrite for WriteHalf {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let mut bytes = bytes;
        if let Some(gate) = &this.gate {
            gate.line.wait(gate.waiter, context);
            match gate.line.passage(this.shared.sent.load(Ordering::Relaxed)) {
                Passage::Cut => {
                    // The other side sees the end of the stream now, not when the owner gets
                    // round to dropping it.
                    ready!(this.poll_finish(context))?;
                    return Poll::Ready(Err(cut()));
                }
                Passage::Stalled => return Poll::Pending,
                Passage::Open { at_most } => {
                    let at_most = usize::try_from(at_most).unwrap_or(usize::MAX);
                    bytes = bytes.get(..at_most).unwrap_or(bytes);
                }
            }
        }
        let inner = Pin::new(&mut this.inner);
        let result = match &this.shared.tap {
            None => ready!(inner.poll_write(context, bytes)),
            Some(tap) => {
                let result = ready!(tap.send(bytes, || inner.poll_write(context, bytes)));
                if let Err(error) = &result {
                    note_reset(tap, error);
                }
                result
            }
        };
        if let Ok(count) = result {
            this.shared.sent.fetch_add(count as u64, Ordering::Relaxed);
        }
        Poll::Ready(result)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().poll_finish(context)
    }
}

impl WriteHalf {
    /// Our end.
    pub fn local_addr(&self) -> SocketAddr {
        self.shared.local
    }

    /// The other end.
    pub fn remote_addr(&self) -> SocketAddr {
        self.shared.remote
    }

    fn poll_finish(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Some(tap) = &self.shared.tap {
            tap.finished();
        }
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

impl Drop for ReadHalf {
    fn drop(&mut self) {
        if let Some(gate) = &self.gate {
            gate.line.forget(gate.waiter);
        }
    }
}

impl Drop for WriteHalf {
    fn drop(&mut self) {
        if let Some(gate) = &self.gate {
            gate.line.forget(gate.waiter);
        }
        // The inner half sends a FIN when it is dropped, right after this.
        if let Some(tap) = &self.shared.tap {
            tap.finished();
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().reader).poll_read(context, buffer)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().writer).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().writer).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().writer).poll_shutdown(context)
    }
}

impl fmt::Debug for ReadHalf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} <- {}", self.shared.local, self.shared.remote)
    }
}

impl fmt::Debug for WriteHalf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} -> {}", self.shared.local, self.shared.remote)
    }
}

fn cut() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionReset, "the connection was cut by an impairment")
}

fn note_reset(tap: &Tap, error: &io::Error) {
    if matches!(error.kind(), io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe) {
        tap.remote_reset();
    }
}
