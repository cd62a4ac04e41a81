//! One association with one address, shared by any number of callers.
//!
//! A task owns the connection: it connects at the first call, queues concurrent ones, and connects
//! anew after a loss as soon as somebody calls again. Every call has a deadline. A call that was sent
//! and is not answered by then ends the connection, because nothing may overtake it; calls that were
//! still queued go on over a new one.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;

use super::alarm::Alarm;
use super::error::{RpcError, Violation};
use crate::net::tcp::{NetError, Network, Stream};
use crate::proto::rpc::{Call, CallFailure, CallId, ClientAssociation, ClientEvent, Limits, RpcError as ProtocolError};
use crate::wire::ndr::{ByteOrder, NdrReader};

/// How a client behaves.
#[derive(Debug, Clone, Copy)]
pub struct ClientOptions {
    /// Bounds of the association.
    pub limits: Limits,
    /// Longest wait for a connection; a call's own deadline may be shorter.
    pub connect_within: Duration,
    /// An unused connection is closed after this long; keep it shorter than the servers' patience.
    pub idle: Duration,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self { limits: Limits::default(), connect_within: Duration::from_secs(5), idle: Duration::from_secs(240) }
    }
}

/// Calls that may wait in the channel before callers have to wait themselves.
const CHANNEL: usize = 256;

/// Calls the interfaces of one address. Clones share the connection; it closes with the last of them.
#[derive(Debug, Clone)]
pub struct RpcClient {
    peer: SocketAddr,
    jobs: mpsc::Sender<Job>,
    losses: watch::Receiver<u64>,
}

/// The answer to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Results, ORPCTHAT included where the interface has it.
    pub stub: Vec<u8>,
    /// Byte order of the stub.
    pub order: ByteOrder,
}

impl Answer {
    /// A reader over the stub.
    pub fn reader(&self) -> NdrReader<'_> {
        NdrReader::new(&self.stub, self.order)
    }
}

#[derive(Debug)]
struct Job {
    call: Call,
    waiter: Waiter,
}

/// Somebody who waits for an answer.
#[derive(Debug)]
struct Waiter {
    name: &'static str,
    within: Duration,
    deadline: Instant,
    answer: oneshot::Sender<Result<Answer, RpcError>>,
}

impl Waiter {
    fn tell(self, result: Result<Answer, RpcError>) {
        // A caller that went away has no use for it.
        let _ = self.answer.send(result);
    }

    fn silent(self, peer: SocketAddr) {
        let error = RpcError::Silent { peer, awaited: self.name, after: self.within };
        self.tell(Err(error));
    }
}

impl RpcClient {
    /// A client of `peer`, calling from `local` if given. Connects with the first call. Must run inside
    /// a tokio runtime.
    pub fn new(network: Network, local: Option<IpAddr>, peer: SocketAddr, options: ClientOptions) -> Self {
        let (jobs, received) = mpsc::channel(CHANNEL);
        let (losses, seen_losses) = watch::channel(0);
        let worker = Worker { network, local, peer, options, jobs: received, losses };
        tokio::spawn(worker.run());
        Self { peer, jobs, losses: seen_losses }
    }

    /// Resolves when the connection is next lost: closed by the peer, broken, or stuck. It does not keep the connection open, and
    /// that we close it ourselves is no loss.
    pub fn lost(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut losses = self.losses.clone();
        losses.mark_unchanged();
        async move {
            if losses.changed().await.is_err() {
                // Nobody can call any more; that is not the peer's doing.
                std::future::pending::<()>().await;
            }
        }
    }

    /// The address called.
    pub fn peer(&self) -> SocketAddr {
        self.peer
    }

    /// Makes a call and waits for its answer, `within` from now at most. `name` is what errors call it.
    /// Dropping the future gives the call up.
    ///
    /// # Errors
    /// See [`RpcError`].
    pub async fn call(&self, call: Call, name: &'static str, within: Duration) -> Result<Answer, RpcError> {
        let deadline = Instant::now() + within;
        let (answer, answered) = oneshot::channel();
        let job = Job { call, waiter: Waiter { name, within, deadline, answer } };
        // The worker takes jobs at all times and keeps their deadlines, so none is kept here.
        self.jobs.send(job).await.map_err(|_| RpcError::ShutDown { call: name })?;
        answered.await.map_err(|_| RpcError::ShutDown { call: name })?
    }
}

struct Worker {
    network: Network,
    local: Option<IpAddr>,
    peer: SocketAddr,
    options: ClientOptions,
    jobs: mpsc::Receiver<Job>,
    /// Counts lost connections.
    losses: watch::Sender<u64>,
}

/// How a connection ended.
enum End {
    /// Nobody can call any more.
    NoCallers,
    /// Closed, because nobody called for long.
    Idle,
    /// Lost, with calls left that were never sent.
    Unsent(Vec<Job>),
}

impl Worker {
    async fn run(mut self) {
        let mut waiting: Vec<Job> = Vec::new();
        loop {
            if waiting.is_empty() {
                match self.jobs.recv().await {
                    Some(job) => waiting.push(job),
                    None => return,
                }
            }
            let Some(stream) = self.connect(&mut waiting).await else { continue };
            match self.converse(stream, waiting).await {
                End::NoCallers => return,
                End::Idle => waiting = Vec::new(),
                End::Unsent(unsent) => {
                    waiting = unsent;
                    self.losses.send_modify(|losses| *losses = losses.wrapping_add(1));
                }
            }
        }
    }

    /// Connects for those who wait, and those who call meanwhile; `None` when there is no connection, or nobody waits for it any
    /// more. All of them have been told then.
    async fn connect(&mut self, waiting: &mut Vec<Job>) -> Option<Stream> {
        let Self { network, local, peer, options, jobs, .. } = self;
        let within = options.connect_within;
        let connecting = async {
            match *local {
                Some(local) => network.connect_from(local, *peer, within).await,
                None => network.connect(*peer, within).await,
            }
        };
        tokio::pin!(connecting);
        let mut alarm = Alarm::at(Instant::now() + within);
        loop {
            let now = Instant::now();
            waiting.retain(|job| !job.waiter.answer.is_closed());
            for late in waiting.extract_if(.., |job| job.waiter.deadline <= now) {
                let error = NetError::TimedOut { remote: *peer, after: late.waiter.within };
                late.waiter.tell(Err(RpcError::Unreachable(Arc::new(error))));
            }
            let due = waiting.iter().map(|job| job.waiter.deadline).min()?;
            tokio::select! {
                connected = &mut connecting => match connected {
                    Ok(stream) => return Some(stream),
                    Err(error) => {
                        let error = RpcError::Unreachable(Arc::new(error));
                        waiting.drain(..).for_each(|job| job.waiter.tell(Err(error.clone())));
                        return None;
                    }
                },
                Some(job) = jobs.recv() => waiting.push(job),
                () = alarm.wait_until(due) => {}
            }
        }
    }

    async fn converse(&mut self, stream: Stream, jobs: Vec<Job>) -> End {
        let (mut reader, mut writer) = stream.into_split();
        let mut talk =
            Talk { peer: self.peer, association: ClientAssociation::new(self.options.limits), waiters: HashMap::new() };
        for job in jobs {
            talk.start(job);
        }
        let mut received = vec![0; 16 * 1024];
        let mut output = Vec::new();
        let mut sent = 0;
        let mut last_used = Instant::now();
        let mut alarm = Alarm::at(last_used + self.options.idle);
        loop {
            if sent == output.len() {
                sent = 0;
                output = talk.association.take_output();
            }
            let due = talk.next_deadline().unwrap_or(last_used + self.options.idle);
            let unsent = output.get(sent..).unwrap_or_default();
            let was_idle = talk.waiters.is_empty();
            // In this order: a call is on its way before anything is waited for. Who is always ready cannot hold off those below for
            // long: after a while tokio lets its reads and writes wait.
            tokio::select! {
                biased;
                written = writer.write(unsent), if !unsent.is_empty() => match written {
                    Ok(n) if n > 0 => sent += n,
                    _ => return talk.lost(),
                },
                read = reader.read(&mut received) => match read {
                    Ok(n) if n > 0 => {
                        if let Err(error) = talk.handle(received.get(..n).unwrap_or_default()) {
                            return talk.broke(error);
                        }
                    }
                    _ => return talk.lost(),
                },
                job = self.jobs.recv() => match job {
                    Some(job) => talk.start(job),
                    None => return End::NoCallers,
                },
                () = alarm.wait_until(due) => {
                    // The halves say goodbye to the peer when they are dropped.
                    if was_idle {
                        return End::Idle;
                    }
                    if talk.expire() {
                        return talk.stuck();
                    }
                }
            }
            if !was_idle && talk.waiters.is_empty() {
                last_used = Instant::now();
            }
        }
    }
}

/// One connection's calls and those who wait for them.
struct Talk {
    peer: SocketAddr,
    association: ClientAssociation,
    waiters: HashMap<CallId, Waiter>,
}

impl Talk {
    fn start(&mut self, job: Job) {
        if job.waiter.answer.is_closed() {
            return;
        }
        let id = self.association.call(job.call);
        self.waiters.insert(id, job.waiter);
        // Some calls fail at once, such as those beyond a limit.
        self.tell_events();
    }

    fn handle(&mut self, bytes: &[u8]) -> Result<(), ProtocolError> {
        // Calls that nobody waits for any more are not worth sending.
        let Self { association, waiters, .. } = self;
        waiters.retain(|id, waiter| {
            let given_up = waiter.answer.is_closed() && !association.is_blocked_by(*id);
            if given_up {
                association.cancel(*id);
            }
            !given_up
        });
        let result = self.association.handle(bytes);
        self.tell_events();
        result
    }

    fn tell_events(&mut self) {
        while let Some(event) = self.association.next_event() {
            match event {
                ClientEvent::Bound { .. } => {}
                ClientEvent::Response { call, stub, order } => {
                    if let Some(waiter) = self.waiters.remove(&call) {
                        waiter.tell(Ok(Answer { stub, order }));
                    }
                }
                ClientEvent::Failed { call, failure } => self.fail(call, failure),
            }
        }
    }

    fn fail(&mut self, call: CallId, failure: CallFailure) {
        if let Some(waiter) = self.waiters.remove(&call) {
            let error = RpcError::failure(self.peer, waiter.name, failure);
            waiter.tell(Err(error));
        }
    }

    fn next_deadline(&self) -> Option<Instant> {
        self.waiters.values().map(|waiter| waiter.deadline).min()
    }

    /// Tells those whose deadline has passed. Returns whether the call under way, or the agreement on
    /// an interface, was among them, so that the connection is stuck.
    fn expire(&mut self) -> bool {
        let now = Instant::now();
        let late: Vec<CallId> =
            self.waiters.iter().filter(|(_, waiter)| waiter.deadline <= now).map(|(id, _)| *id).collect();
        let mut stuck = false;
        for id in late {
            stuck |= self.association.is_blocked_by(id);
            self.association.cancel(id);
            if let Some(waiter) = self.waiters.remove(&id) {
                waiter.silent(self.peer);
            }
        }
        stuck
    }

    /// The end after a call that was not answered: what was not sent goes on elsewhere.
    fn stuck(mut self) -> End {
        let unsent = self
            .association
            .into_unsent()
            .filter_map(|(id, call)| self.waiters.remove(&id).map(|waiter| Job { call, waiter }))
            .collect();
        End::Unsent(unsent)
    }

    /// The end of a connection that the peer closed.
    fn lost(self) -> End {
        for (_, waiter) in self.waiters {
            let error = RpcError::Lost { peer: self.peer, awaited: waiter.name };
            waiter.tell(Err(error));
        }
        End::Unsent(Vec::new())
    }

    fn broke(self, error: ProtocolError) -> End {
        for (_, waiter) in self.waiters {
            let error = RpcError::broke(self.peer, waiter.name, Violation::from(error.clone()));
            waiter.tell(Err(error));
        }
        End::Unsent(Vec::new())
    }
}
