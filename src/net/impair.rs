//! Impairment carrier: makes the streams of chosen addresses slow, silent or short-lived.
//!
//! Tests of misbehaving devices (and anybody who wants to see a plant with a bad one) put an
//! [`Impairment`] on a device's IP address. It acts on the streams whose *own* end has that address
//! and may be changed while they are open. The bytes themselves are never altered.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Waker};
use std::time::Duration;

/// What is wrong with the carrier of one address. The default impairs nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Impairment {
    /// New connections to the address fail: refused when asked for through the same network, reset
    /// at once when they come from elsewhere.
    pub refuse: bool,
    /// How long received bytes are held back before they are handed over.
    pub delay: Duration,
    /// After so many bytes sent on a connection it falls silent in both directions, but stays open.
    pub stall_after: Option<u64>,
    /// After so many bytes sent, a connection ends, if need be in the middle of a message.
    pub cut_after: Option<u64>,
}

impl Impairment {
    /// Pulls the plug: open connections end, new ones are refused.
    pub const UNPLUGGED: Self = Self { refuse: true, delay: Duration::ZERO, stall_after: None, cut_after: Some(0) };

    /// Takes no part any more, but does not say so: nothing goes in or out.
    pub const SILENT: Self = Self { refuse: false, delay: Duration::ZERO, stall_after: Some(0), cut_after: None };
}

/// The impairments of a network, by address. Clones share one table.
#[derive(Debug, Clone, Default)]
pub struct Impairments {
    lines: Arc<Mutex<HashMap<IpAddr, Arc<Line>>>>,
}

impl Impairments {
    /// A table that impairs nobody yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Impairs `address` from now on, open connections included.
    pub fn set(&self, address: IpAddr, impairment: Impairment) {
        self.line(address).set(impairment);
    }

    /// Takes the impairment away. Stalled connections go on; cut ones stay cut.
    pub fn clear(&self, address: IpAddr) {
        self.set(address, Impairment::default());
    }

    pub(crate) fn refuses(&self, address: IpAddr) -> bool {
        self.line(address).state().impairment.refuse
    }

    pub(crate) fn line(&self, address: IpAddr) -> Arc<Line> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(lines.entry(address).or_default())
    }
}

/// What all streams of one address share.
#[derive(Debug, Default)]
pub(crate) struct Line {
    state: Mutex<LineState>,
    next_waiter: AtomicU64,
}

#[derive(Debug, Default)]
struct LineState {
    impairment: Impairment,
    /// Stream halves that wait, for whatever reason: a change may end their wait.
    waiting: HashMap<u64, Waker>,
}

/// What a stream may do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Passage {
    /// Pass, at most so many bytes when sending.
    Open { at_most: u64 },
    /// Wait until the line changes.
    Stalled,
    /// The connection is over.
    Cut,
}

impl Line {
    /// A number for one stream half, for [`Self::wait`].
    pub(crate) fn waiter(&self) -> u64 {
        self.next_waiter.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn delay(&self) -> Duration {
        self.state().impairment.delay
    }

    /// The state of a connection that has sent `sent` bytes.
    pub(crate) fn passage(&self, sent: u64) -> Passage {
        let Impairment { stall_after, cut_after, .. } = self.state().impairment;
        let until_cut = cut_after.map_or(u64::MAX, |limit| limit.saturating_sub(sent));
        let until_stall = stall_after.map_or(u64::MAX, |limit| limit.saturating_sub(sent));
        match (until_cut, until_stall) {
            (0, _) => Passage::Cut,
            (_, 0) => Passage::Stalled,
            (cut, stall) => Passage::Open { at_most: cut.min(stall) },
        }
    }

    /// Wakes the task when the line changes.
    pub(crate) fn wait(&self, waiter: u64, context: &Context<'_>) {
        self.state()
            .waiting
            .entry(waiter)
            .and_modify(|waker| waker.clone_from(context.waker()))
            .or_insert_with(|| context.waker().clone());
    }

    pub(crate) fn forget(&self, waiter: u64) {
        self.state().waiting.remove(&waiter);
    }

    fn set(&self, impairment: Impairment) {
        let waiting = {
            let mut state = self.state();
            state.impairment = impairment;
            std::mem::take(&mut state.waiting)
        };
        waiting.into_values().for_each(Waker::wake);
    }

    fn state(&self) -> MutexGuard<'_, LineState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::tcp::{Listener, NetError, Network, Stream};
    use std::io::ErrorKind;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::time::timeout;

    const SOON: Duration = Duration::from_secs(10);
    const SHORT: Duration = Duration::from_millis(20);

    fn localhost() -> IpAddr {
        "127.0.0.1".parse().unwrap()
    }

    /// A healthy client, and a device whose carrier obeys the returned table.
    async fn pair() -> (Impairments, Listener, Stream, Stream) {
        let impairments = Impairments::new();
        let device = Network::new().with_impairments(impairments.clone());
        let listener = device.listen((localhost(), 0).into()).unwrap();
        let healthy = Network::new();
        let (client, server) =
            tokio::try_join!(healthy.connect(listener.local_addr(), SOON), listener.accept()).unwrap();
        (impairments, listener, client, server)
    }

    #[tokio::test]
    async fn a_cut_ends_the_connection_inside_a_message() {
        let (impairments, _listener, mut client, mut server) = pair().await;
        impairments.set(localhost(), Impairment { cut_after: Some(3), ..Impairment::default() });
        let error = server.write_all(b"answer").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        let mut got = Vec::new();
        timeout(SOON, client.read_to_end(&mut got)).await.unwrap().unwrap();
        assert_eq!(got, b"ans");
    }

    #[tokio::test]
    async fn unplugging_wakes_a_waiting_reader() {
        let (impairments, listener, client, mut server) = pair().await;
        let reading = tokio::spawn(async move { server.read_u8().await });
        tokio::task::yield_now().await;
        impairments.set(localhost(), Impairment::UNPLUGGED);
        let error = timeout(SOON, reading).await.unwrap().unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        drop(client);

        let same_network = Network::new().with_impairments(impairments);
        let error = same_network.connect(listener.local_addr(), SOON).await.unwrap_err();
        assert!(matches!(error, NetError::Refused { .. }), "{error}");
        assert!(timeout(SHORT, listener.accept()).await.is_err());
    }

    #[tokio::test]
    async fn a_stall_holds_everything_until_it_is_lifted() {
        let (impairments, _listener, mut client, mut server) = pair().await;
        impairments.set(localhost(), Impairment::SILENT);
        client.write_all(b"x").await.unwrap();
        let mut byte = [0];
        assert!(timeout(SHORT, server.read_exact(&mut byte)).await.is_err());
        assert!(timeout(SHORT, server.write_all(b"y")).await.is_err());
        let reading = tokio::spawn(async move { server.read_u8().await });
        tokio::task::yield_now().await;
        impairments.clear(localhost());
        assert_eq!(timeout(SOON, reading).await.unwrap().unwrap().unwrap(), b'x');
    }

    #[tokio::test]
    async fn a_delay_holds_received_bytes_back() {
        let (impairments, _listener, mut client, mut server) = pair().await;
        let delay = Duration::from_millis(60);
        impairments.set(localhost(), Impairment { delay, ..Impairment::default() });
        let start = std::time::Instant::now();
        client.write_all(b"z").await.unwrap();
        assert_eq!(server.read_u8().await.unwrap(), b'z');
        assert!(start.elapsed() >= delay);
    }
}
