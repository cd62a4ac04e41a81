//! What waits at an end to be taken.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::{Ended, LinkEvent, Received};

/// Most frames that wait at one end.
pub const MAX_WAITING_FRAMES: usize = 32_768;

/// Most bytes of frames that wait at one end.
pub const MAX_WAITING_BYTES: usize = 8 << 20;

/// A queue with a bound, and news of ports that are never lost in it.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    state: Mutex<InboxState>,
    news: Notify,
    pub(super) received: AtomicU64,
    pub(super) dropped: AtomicU64,
}

#[derive(Debug, Default)]
struct InboxState {
    waiting: VecDeque<LinkEvent>,
    n_frames: usize,
    n_bytes: usize,
    ended: Option<Arc<Ended>>,
}

impl Inbox {
    /// A frame has come. It is dropped when too much waits already, or after the end.
    pub(super) fn frame(&self, received: Received) {
        let mut state = self.state();
        let length = received.frame.len();
        if state.ended.is_some() {
            return;
        }
        if state.n_frames >= MAX_WAITING_FRAMES || state.n_bytes + length > MAX_WAITING_BYTES {
            self.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        state.n_frames += 1;
        state.n_bytes += length;
        state.waiting.push_back(LinkEvent::Frame(received));
        drop(state);
        self.received.fetch_add(1, Ordering::Relaxed);
        self.news.notify_one();
    }

    /// The link of a port has come up or is lost. It waits in its place among the frames, so what was received before a
    /// loss is taken before it. Of more than two changes of one port that wait, a pair that cancels out is left away.
    pub(super) fn link(&self, port: u16, up: bool) {
        let mut state = self.state();
        let of_port = |event: &LinkEvent| matches!(event, LinkEvent::Link { port: other, .. } if *other == port);
        let waiting: Vec<usize> =
            (0..state.waiting.len()).filter(|at| state.waiting.get(*at).is_some_and(of_port)).collect();
        if let [.., earlier, later] = waiting[..] {
            state.waiting.remove(later);
            state.waiting.remove(earlier);
        }
        state.waiting.push_back(LinkEvent::Link { port, up });
        drop(state);
        self.news.notify_one();
    }

    /// Nothing more will come.
    pub(super) fn end(&self, why: Ended) {
        self.state().ended.get_or_insert_with(|| Arc::new(why));
        self.news.notify_one();
    }

    pub(super) fn ended(&self) -> Option<Arc<Ended>> {
        self.state().ended.clone()
    }

    /// What has waited longest, without waiting. `None`: nothing now; `Some(None)`: never again.
    pub(super) fn try_take(&self) -> Option<Option<LinkEvent>> {
        let mut state = self.state();
        let event = state.waiting.pop_front();
        if let Some(LinkEvent::Frame(Received { frame, .. })) = &event {
            state.n_frames -= 1;
            state.n_bytes -= frame.len();
        }
        match event {
            None if state.ended.is_none() => None,
            event => Some(event),
        }
    }

    /// What has waited longest; `None` after the end. Cancel safe.
    pub(super) async fn take(&self) -> Option<LinkEvent> {
        loop {
            if let Some(event) = self.try_take() {
                return event;
            }
            self.news.notified().await;
        }
    }

    fn state(&self) -> MutexGuard<'_, InboxState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
