//! All providers of one consumer, with the calls under way at them.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::task::{AbortHandle, JoinSet};

use super::provider::{Caller, PartnerFailure, ProviderSlot};
use crate::proto::acco::consumer::{Outcome, PartnerCall, RequestId};
use crate::wire::cba::HResult;

/// What the consumer's machine is to be told.
#[derive(Debug)]
pub enum Happened {
    /// A call ended: for [`Consumer::done`](crate::proto::acco::Consumer::done).
    Called {
        /// Which call.
        request: RequestId,
        /// Provider ACCO.
        provider: Arc<str>,
        /// How it ended.
        outcome: Outcome,
        /// Why, if it failed, in more words than its code has.
        failure: Option<PartnerFailure>,
    },
    /// The connection to a provider broke, so nothing comes from it any more: for
    /// [`Consumer::partner_lost`](crate::proto::acco::Consumer::partner_lost).
    Lost {
        /// Provider ACCO.
        provider: Arc<str>,
    },
}

/// What a consumer holds of its providers. Dropping it gives up all calls under way.
#[derive(Default)]
pub struct Providers {
    slots: HashMap<Arc<str>, ProviderSlot>,
    /// Those who notice when the connection to a provider breaks.
    watches: HashMap<Arc<str>, AbortHandle>,
    running: JoinSet<Happened>,
}

impl Providers {
    /// Makes a call; its outcome comes out of [`next`](Self::next). Without a caller (no network) it fails.
    pub fn begin(&mut self, caller: Option<Caller>, call: PartnerCall) {
        let PartnerCall { request, provider, call, .. } = call;
        let slot = self.slots.entry(Arc::clone(&provider)).or_default().clone();
        self.running.spawn(async move {
            let result = match &caller {
                Some(caller) => slot.call(caller, &provider, &call).await,
                None => Err(PartnerFailure::Refused(HResult::CBA_E_NONACCESSIBLE)),
            };
            let (outcome, failure) = match result {
                Ok(outcome) => (outcome, None),
                Err(failure) => (Outcome::Failed(failure.code()), Some(failure)),
            };
            Happened::Called { request, provider, outcome, failure }
        });
    }

    /// Waits for the next thing to tell the machine; `None` while no call is under way and no connection watched. Dropping the
    /// future loses nothing.
    pub async fn next(&mut self) -> Option<Happened> {
        loop {
            // Only what was called off has no outcome.
            let Ok(happened) = self.running.join_next().await? else { continue };
            match &happened {
                Happened::Called { provider, failure: None, .. } => self.watch_over(provider),
                Happened::Called { .. } => {}
                Happened::Lost { provider } => _ = self.watches.remove(provider),
            }
            return Some(happened);
        }
    }

    /// Lets go of a provider of which nothing is wanted any more.
    pub fn forget(&mut self, provider: &str) {
        self.slots.remove(provider);
        if let Some(watch) = self.watches.remove(provider) {
            watch.abort();
        }
    }

    /// Gives up everything, as when the own cable is pulled: the providers lost by that.
    pub fn forget_all(&mut self) -> Vec<Arc<str>> {
        // A new set, because what has ended in the old one must not be told any more either.
        self.running = JoinSet::new();
        self.watches.clear();
        self.slots.drain().map(|(provider, _)| provider).collect()
    }

    /// Has the breaking of the connection to a provider noticed.
    fn watch_over(&mut self, provider: &Arc<str>) {
        if self.watches.contains_key(provider) {
            return;
        }
        // A provider that was let go of meanwhile concerns nobody.
        let Some(slot) = self.slots.get(provider).cloned() else { return };
        let name = Arc::clone(provider);
        let watch = self.running.spawn(async move {
            slot.lost().await;
            Happened::Lost { provider: name }
        });
        self.watches.insert(Arc::clone(provider), watch);
    }
}
