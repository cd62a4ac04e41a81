//! Sampling and OnDataChanged: what is sent when.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::{CallId, Connection, Provider, ProviderAction};
use crate::proto::acco::convention::{DATA_BUFFER_BYTES, DATA_RETRIES, DATA_RETRY_PAUSE};
use crate::proto::acco::{ItemSpace, Sample};
use crate::wire::cba::Activation;
use crate::wire::cba::data_buffer::{DataBufferWriter, Version};

/// The OnDataChanged call of a consumer.
#[derive(Debug, Default)]
pub(super) enum Outgoing {
    /// None under way.
    #[default]
    Idle,
    /// Waiting for the outcome.
    Calling { call: CallId, data: Arc<[u8]>, failures: u32 },
    /// Failed, to be repeated.
    Pausing { until: Duration, data: Arc<[u8]>, failures: u32 },
}

impl Provider {
    /// Samples the groups that are due and returns the calls to make. To be called after every answer that was sent,
    /// after every [`done`](Self::done) and no later than [`next_due`](Self::next_due).
    pub fn poll(&mut self, now: Duration, items: &dyn ItemSpace) -> Vec<ProviderAction> {
        while let Some((next, consumer, interval)) = pop_due(&mut self.schedule, |due| due.0 <= now) {
            self.sample_group(now, next, &consumer, interval, items);
        }
        let mut actions: Vec<ProviderAction> =
            self.dropped.drain(..).map(|consumer| ProviderAction::Dropped { consumer }).collect();
        while let Some((_, consumer)) = pop_due(&mut self.retries, |due| due.0 <= now) {
            actions.extend(self.repeat(&consumer));
        }
        while let Some(consumer) = self.ready.pop_first() {
            actions.extend(self.send(&consumer, items));
        }
        actions
    }

    /// When [`poll`](Self::poll) has something to do next; `Duration::ZERO` if at once, `None` if never.
    pub fn next_due(&self) -> Option<Duration> {
        if !self.ready.is_empty() || !self.dropped.is_empty() {
            return Some(Duration::ZERO);
        }
        let sample = self.schedule.first().map(|due| due.0);
        let retry = self.retries.first().map(|due| due.0);
        sample.into_iter().chain(retry).min()
    }

    /// Reports the outcome of an OnDataChanged call. `delivered` says that the consumer answered, with whatever
    /// HRESULT; an unreachable consumer or a fault is `false`. An unknown call (its consumer was dropped
    /// meanwhile) is ignored.
    pub fn done(&mut self, now: Duration, call: CallId, delivered: bool) {
        let Some(consumer) = self.calls.remove(&call) else { return };
        let Some(entry) = self.consumers.get_mut(&consumer) else { return };
        let Outgoing::Calling { data, failures, .. } = std::mem::take(&mut entry.outgoing) else { return };
        if delivered {
            self.make_ready(&consumer);
        } else if failures >= DATA_RETRIES {
            self.drop_consumer(&consumer);
        } else {
            let until = now + DATA_RETRY_PAUSE;
            entry.outgoing = Outgoing::Pausing { until, data, failures: failures + 1 };
            self.retries.insert((until, consumer));
        }
    }

    /// Puts a connection into its consumer's queue.
    pub(super) fn mark(&mut self, prov_id: u32) {
        let Some(connection) = self.connections.get_mut(&prov_id) else { return };
        if std::mem::replace(&mut connection.marked, true) {
            return;
        }
        let consumer = connection.consumer.clone();
        if let Some(entry) = self.consumers.get_mut(&consumer) {
            entry.queue.push_back(prov_id);
            self.make_ready(&consumer);
        }
    }

    pub(super) fn make_ready(&mut self, consumer: &Arc<str>) {
        let Some(entry) = self.consumers.get(consumer) else { return };
        let idle = matches!(entry.outgoing, Outgoing::Idle);
        if idle && entry.callback.is_some() && !entry.queue.is_empty() {
            self.ready.insert(consumer.clone());
        }
    }

    fn sample_group(
        &mut self,
        now: Duration,
        due: Duration,
        consumer: &Arc<str>,
        interval: u32,
        items: &dyn ItemSpace,
    ) {
        let Some(entry) = self.consumers.get_mut(consumer) else { return };
        let Some(group) = entry.groups.get_mut(&interval) else { return };
        for prov_id in &group.members {
            let Some(connection) = self.connections.get_mut(prov_id) else { continue };
            if connection.marked || connection.state != Activation::Active {
                continue;
            }
            let Sample { value, quality } = items.sample(connection.item);
            let changed = match &connection.sent {
                None => true,
                Some((sent, sent_quality)) => *sent_quality != quality || connection.threshold.is_exceeded(sent, value),
            };
            if changed {
                connection.marked = true;
                entry.queue.push_back(*prov_id);
            }
        }
        // Keeps the rhythm; after a long silence it starts anew instead of catching up.
        let interval_time = Duration::from_millis(interval.into());
        let next = due + interval_time;
        group.next = if next > now { next } else { now + interval_time };
        self.schedule.insert((group.next, consumer.clone(), interval));
        self.make_ready(consumer);
    }

    fn send(&mut self, consumer: &Arc<str>, items: &dyn ItemSpace) -> Option<ProviderAction> {
        let entry = self.consumers.get_mut(consumer)?;
        let callback = entry.callback.clone()?;
        let mut buffer = DataBufferWriter::new(Version::Dcom);
        let mut scratch = Vec::new();
        while buffer.byte_len() < DATA_BUFFER_BYTES {
            let Some(prov_id) = entry.queue.pop_front() else { break };
            let Some(connection) = self.connections.get_mut(&prov_id) else { continue };
            connection.marked = false;
            if connection.state != Activation::Active {
                continue;
            }
            if push_item(&mut buffer, connection, items, &mut scratch) {
                let Sample { value, quality } = items.sample(connection.item);
                match &mut connection.sent {
                    Some(sent) => {
                        sent.0.clone_from(value);
                        sent.1 = quality;
                    }
                    none => *none = Some((value.clone(), quality)),
                }
            }
        }
        if buffer.count() == 0 {
            return None;
        }
        let data: Arc<[u8]> = buffer.into_bytes().into();
        let call = self.begin(consumer, data.clone(), 0)?;
        Some(ProviderAction::OnDataChanged { call, consumer: consumer.clone(), callback, data })
    }

    fn repeat(&mut self, consumer: &Arc<str>) -> Option<ProviderAction> {
        let entry = self.consumers.get_mut(consumer)?;
        let callback = entry.callback.clone()?;
        let Outgoing::Pausing { data, failures, .. } = std::mem::take(&mut entry.outgoing) else { return None };
        let call = self.begin(consumer, data.clone(), failures)?;
        Some(ProviderAction::OnDataChanged { call, consumer: consumer.clone(), callback, data })
    }

    fn begin(&mut self, consumer: &Arc<str>, data: Arc<[u8]>, failures: u32) -> Option<CallId> {
        let entry = self.consumers.get_mut(consumer)?;
        let call = CallId(self.next_call);
        self.next_call = self.next_call.wrapping_add(1);
        self.calls.insert(call, consumer.clone());
        entry.outgoing = Outgoing::Calling { call, data, failures };
        Some(call)
    }
}

/// The first entry, if it is due.
fn pop_due<T: Ord>(set: &mut BTreeSet<T>, is_due: impl Fn(&T) -> bool) -> Option<T> {
    if set.first().is_some_and(is_due) { set.pop_first() } else { None }
}

/// Appends the present value of a connection's item. A value that is not of the item's type is left out: that
/// is a fault of the owner, and the consumer could not read it.
pub(super) fn push_item(
    buffer: &mut DataBufferWriter,
    connection: &Connection,
    items: &dyn ItemSpace,
    scratch: &mut Vec<u8>,
) -> bool {
    let Sample { value, quality } = items.sample(connection.item);
    scratch.clear();
    connection.desc.encode(value, scratch).is_ok()
        && buffer.push(connection.cons_id, quality, |out| out.extend_from_slice(scratch))
}
