//! Who wants to know of changes: the subscribers of ICBAState and ICBAGroupError.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::wire::cba::HResult;

/// Subscribers one LDev bears for each kind of event.
const MAX_SUBSCRIBERS: usize = 64;
/// Bytes of a subscriber's OBJREF.
const MOST_OBJREF_BYTES: usize = 4096;
/// Convention 4: a subscriber that failed to take this many events in a row is dropped.
const MAX_FAILURES: u32 = 3;

#[derive(Debug)]
struct Subscriber {
    /// OBJREF of its event interface.
    objref: Arc<[u8]>,
    failures: u32,
}

/// The subscribers to one kind of event, by cookie.
#[derive(Debug, Default)]
pub(super) struct Subscribers {
    by_cookie: BTreeMap<u32, Subscriber>,
    last_cookie: u32,
}

impl Subscribers {
    /// Adds a subscriber and gives it a cookie, which is never 0.
    ///
    /// # Errors
    /// `E_POINTER` without an object, `CBA_E_MALFORMED` for one that is described at length, `CBA_E_CAPACITYEXCEEDED` when
    /// there are too many.
    pub(super) fn advise(&mut self, objref: Option<Vec<u8>>) -> Result<u32, HResult> {
        let objref: Arc<[u8]> = objref.ok_or(HResult::E_POINTER)?.into();
        if objref.len() > MOST_OBJREF_BYTES {
            return Err(HResult::CBA_E_MALFORMED);
        }
        if self.by_cookie.len() >= MAX_SUBSCRIBERS {
            return Err(HResult::CBA_E_CAPACITYEXCEEDED);
        }
        loop {
            self.last_cookie = self.last_cookie.wrapping_add(1);
            if self.last_cookie != 0 && !self.by_cookie.contains_key(&self.last_cookie) {
                break;
            }
        }
        self.by_cookie.insert(self.last_cookie, Subscriber { objref, failures: 0 });
        Ok(self.last_cookie)
    }

    /// Removes a subscriber.
    ///
    /// # Errors
    /// `CBA_E_INVALIDCOOKIE`.
    pub(super) fn unadvise(&mut self, cookie: u32) -> Result<(), HResult> {
        self.by_cookie.remove(&cookie).map(drop).ok_or(HResult::CBA_E_INVALIDCOOKIE)
    }

    /// Cookies and OBJREFs of all.
    pub(super) fn all(&self) -> Vec<(u32, Arc<[u8]>)> {
        self.by_cookie.iter().map(|(cookie, subscriber)| (*cookie, Arc::clone(&subscriber.objref))).collect()
    }

    /// An event was called at a subscriber, or could not be.
    pub(super) fn told(&mut self, cookie: u32, delivered: bool) {
        let Some(subscriber) = self.by_cookie.get_mut(&cookie) else { return };
        subscriber.failures = if delivered { 0 } else { subscriber.failures + 1 };
        if subscriber.failures >= MAX_FAILURES {
            self.by_cookie.remove(&cookie);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subscriber_is_dropped_after_three_failures_in_a_row() {
        let mut subscribers = Subscribers::default();
        let first = subscribers.advise(Some(vec![1])).unwrap();
        let second = subscribers.advise(Some(vec![2])).unwrap();
        assert_ne!(first, second);
        for delivered in [false, false, true, false, false] {
            subscribers.told(first, delivered);
        }
        assert_eq!(subscribers.all().len(), 2);
        subscribers.told(first, false);
        assert_eq!(subscribers.all(), [(second, Arc::from([2_u8]))]);
        assert_eq!(subscribers.unadvise(first), Err(HResult::CBA_E_INVALIDCOOKIE));
        assert_eq!(subscribers.unadvise(second), Ok(()));
    }

    #[test]
    fn there_is_room_for_so_many() {
        let mut subscribers = Subscribers::default();
        assert_eq!(subscribers.advise(None), Err(HResult::E_POINTER));
        assert_eq!(subscribers.advise(Some(vec![0; 5000])), Err(HResult::CBA_E_MALFORMED));
        for _ in 0..MAX_SUBSCRIBERS {
            subscribers.advise(Some(vec![])).unwrap();
        }
        assert_eq!(subscribers.advise(Some(vec![])), Err(HResult::CBA_E_CAPACITYEXCEEDED));
    }
}
