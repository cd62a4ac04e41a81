//! A port on which calls are answered.
//!
//! Every connection has a task of its own, and so has every call that does not answer at once: a call
//! that waits for calls of its own holds up nobody. A call runs to its end even if its connection
//! closes, so that no handler is cut off half-way.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::alarm::Alarm;
use super::seats::{Seat, Seats};
use crate::net::tcp::{Listener, Stream};
use crate::proto::rpc::{Limits, ServerAssociation, ServerRequest};
use crate::wire::Guid;
use crate::wire::dcerpc::FaultStatus;

/// The answer to a call, when it is there: results with ORPCTHAT where the interface has it, or a fault.
pub type Answering = Pin<Box<dyn Future<Output = Result<Vec<u8>, FaultStatus>> + Send>>;

/// Whoever answers the calls of a port.
pub trait Dispatch: Send + Sync + 'static {
    /// Answers one call from `caller`. May call out meanwhile.
    fn call(self: Arc<Self>, caller: SocketAddr, request: ServerRequest) -> Answering;
}

/// What a server bears.
#[derive(Debug, Clone, Copy)]
pub struct ServerLimits {
    /// Bounds of each association.
    pub association: Limits,
    /// Connections at once. One more takes the place of one that never called, or not for long; if there is none, it is closed
    /// as soon as it is made.
    pub connections: usize,
    /// A connection without calls is closed after this long.
    pub idle: Duration,
    /// A connection on which a PDU, a call or an answer does not get done is closed after this long, and so is one on which
    /// nothing was ever asked.
    pub stall: Duration,
    /// Bytes of calls that have begun to arrive, over all connections. Beyond it, those who hold more than their share are
    /// closed.
    pub begun: usize,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            association: Limits::default(),
            connections: 256,
            idle: Duration::from_secs(600),
            stall: Duration::from_secs(30),
            begun: 32 << 20,
        }
    }
}

/// How long a shutdown waits for answers under way.
const FAREWELL: Duration = Duration::from_secs(1);

/// Answers not yet taken by a client, in bytes, beyond which nothing further is read from it.
const MAX_OUTPUT: usize = 256 * 1024;

/// Bytes of a call that has begun to arrive that nobody is closed for.
const FAIR_SHARE: usize = 64 * 1024;

/// An open port. Closes, with its connections, when dropped.
#[derive(Debug)]
pub struct RpcServer {
    local: SocketAddr,
    task: JoinHandle<()>,
    stop: DropGuard,
}

impl RpcServer {
    /// Serves `interfaces`, in version 0.0, on the listener's port. Must run inside a tokio runtime.
    pub fn start(
        listener: Listener,
        interfaces: Arc<[Guid]>,
        dispatch: Arc<dyn Dispatch>,
        limits: ServerLimits,
    ) -> Self {
        let local = listener.local_addr();
        let stop = CancellationToken::new();
        let begun = Arc::new(AtomicUsize::new(0));
        let port = Port { interfaces, dispatch, limits, port: local.port(), begun, stop: stop.clone() };
        let task = tokio::spawn(accept(listener, port));
        Self { local, task, stop: stop.drop_guard() }
    }

    /// The address served.
    pub fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// Closes the port, waits a second at most for answers under way, and closes the connections.
    pub async fn shutdown(self) {
        drop(self.stop);
        // It ends by itself; that it might have panicked changes nothing about being gone.
        let _ = self.task.await;
    }
}

/// What all connections of a port share.
#[derive(Clone)]
struct Port {
    interfaces: Arc<[Guid]>,
    dispatch: Arc<dyn Dispatch>,
    limits: ServerLimits,
    port: u16,
    /// Bytes of calls that have begun to arrive.
    begun: Arc<AtomicUsize>,
    stop: CancellationToken,
}

/// What one connection has in [`Port::begun`].
struct Begun {
    total: Arc<AtomicUsize>,
    own: usize,
}

impl Begun {
    /// Takes note of what is held now; the bytes of all connections together.
    fn set(&mut self, own: usize) -> usize {
        let before = std::mem::replace(&mut self.own, own);
        if own >= before {
            self.total.fetch_add(own - before, Ordering::Relaxed) + (own - before)
        } else {
            self.total.fetch_sub(before - own, Ordering::Relaxed) - (before - own)
        }
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        self.set(0);
    }
}

async fn accept(listener: Listener, port: Port) {
    let mut connections = JoinSet::new();
    let mut seats = Seats::new(port.limits.connections);
    loop {
        tokio::select! {
            () = port.stop.cancelled() => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                // Without a place it is dropped, which closes it.
                Ok(stream) => {
                    if let Some(seat) = seats.take(Instant::now()) {
                        connections.spawn(serve(stream, port.clone(), seat));
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "accepting connections");
                    sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

type Answered = (u32, Result<Vec<u8>, FaultStatus>);

/// Sends the answer of a call, or a fault if the handler panicked before it had one.
struct Reply {
    call_id: u32,
    result: Result<Vec<u8>, FaultStatus>,
    answers: mpsc::UnboundedSender<Answered>,
}

impl Drop for Reply {
    fn drop(&mut self) {
        let result = std::mem::replace(&mut self.result, Err(FaultStatus::SERVER_FAULT));
        // The connection may be gone by now; then nobody waits.
        let _ = self.answers.send((self.call_id, result));
    }
}

async fn serve(stream: Stream, port: Port, seat: Arc<Seat>) {
    let limits = port.limits;
    let caller = stream.remote_addr();
    let (mut reader, mut writer) = stream.into_split();
    let group_id = rand::random::<u32>().max(1);
    let mut association = ServerAssociation::new(limits.association, Arc::clone(&port.interfaces), port.port, group_id);
    // Unbounded in type only: there is one answer for each open call, and these are limited.
    let (answers, mut answered) = mpsc::unbounded_channel::<Answered>();
    let mut received = vec![0; 16 * 1024];
    let mut output: Vec<u8> = Vec::new();
    let mut sent = 0;
    let mut last_progress = Instant::now();
    // Since when a PDU or a call is on its way that does not get done, however many bytes of it come.
    let mut begun_at: Option<Instant> = None;
    let mut begun = Begun { total: Arc::clone(&port.begun), own: 0 };
    let mut was_asked = false;
    let mut closing: Option<Instant> = None;
    let mut alarm = Alarm::at(last_progress + limits.stall);
    let (needed, stop) = (seat.needed(), port.stop.cancelled());
    tokio::pin!(needed, stop);
    loop {
        while let Some(request) = association.next_request() {
            was_asked = true;
            begun_at = None;
            seat.heard(Instant::now());
            begin(&mut association, &port.dispatch, caller, request, &answers);
        }
        if begun.set(association.n_held()) > limits.begun && begun.own > FAIR_SHARE {
            tracing::info!(%caller, "closing a connection: too many calls have begun to arrive");
            break;
        }
        if sent == output.len() {
            sent = 0;
            output = association.take_output();
        } else {
            output.extend(association.take_output());
        }
        let unsent = output.get(sent..).unwrap_or_default();
        if closing.is_some() && unsent.is_empty() && association.n_open() == 0 {
            break;
        }
        begun_at = association.is_half_way().then(|| begun_at.unwrap_or(last_progress));
        let due = match (closing, begun_at) {
            (Some(at), _) => at,
            (None, Some(at)) => at + limits.stall,
            (None, None) if !unsent.is_empty() || !was_asked => last_progress + limits.stall,
            // However long it takes: the caller has its own deadline.
            (None, None) if association.n_open() > 0 => Instant::now() + limits.idle,
            (None, None) => last_progress + limits.idle,
        };
        // In this order: an answer is on its way before anything is waited for. Who is always ready cannot hold off those below for
        // long: after a while tokio lets its reads and writes wait.
        tokio::select! {
            biased;
            written = writer.write(unsent), if !unsent.is_empty() => match written {
                Ok(n) if n > 0 => {
                    sent += n;
                    last_progress = Instant::now();
                }
                _ => break,
            },
            Some((call_id, result)) = answered.recv() => {
                answer(&mut association, call_id, result);
                seat.heard(Instant::now());
                last_progress = Instant::now();
            }
            read = reader.read(&mut received), if closing.is_none() && unsent.len() < MAX_OUTPUT => match read {
                Ok(n) if n > 0 => {
                    last_progress = Instant::now();
                    if let Err(error) = association.handle(received.get(..n).unwrap_or_default()) {
                        tracing::info!(%caller, %error, "closing a connection");
                        closing = Some(Instant::now() + FAREWELL);
                    }
                }
                _ => break,
            },
            () = alarm.wait_until(due) => break,
            () = &mut needed => break,
            () = &mut stop, if closing.is_none() => closing = Some(Instant::now() + FAREWELL),
        }
    }
    // The end is told if the peer listens; either way the socket closes now.
    let _ = timeout(Duration::from_millis(100), writer.shutdown()).await;
}

/// Has a call answered: at once if its handler can, otherwise by a task of its own.
fn begin(
    association: &mut ServerAssociation,
    dispatch: &Arc<dyn Dispatch>,
    caller: SocketAddr,
    request: ServerRequest,
    answers: &mpsc::UnboundedSender<Answered>,
) {
    let call_id = request.call_id;
    let mut answering = Arc::clone(dispatch).call(caller, request);
    let mut context = Context::from_waker(Waker::noop());
    match answering.as_mut().poll(&mut context) {
        Poll::Ready(result) => answer(association, call_id, result),
        Poll::Pending => {
            let answers = answers.clone();
            tokio::spawn(async move {
                let mut reply = Reply { call_id, result: Err(FaultStatus::SERVER_FAULT), answers };
                reply.result = answering.await;
            });
        }
    }
}

fn answer(association: &mut ServerAssociation, call_id: u32, result: Result<Vec<u8>, FaultStatus>) {
    match result {
        Ok(stub) => association.respond(call_id, &stub),
        Err(status) => association.fault(call_id, status),
    }
}
