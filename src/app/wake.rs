//! Waking the screen when something is new, and not more often than an eye can follow.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;

/// Least time between two wakings by [`Wake::soon`]: 30 a second.
const PACE: Duration = Duration::from_millis(33);

/// Wakes the screen. A clone wakes the same screen, at the same pace.
#[derive(Clone)]
pub struct Wake {
    inner: Arc<Inner>,
}

struct Inner {
    wake: Arc<dyn Fn() + Send + Sync>,
    /// Waits for the moment of a waking that came too early.
    runtime: Handle,
    pacing: Mutex<Pacing>,
}

#[derive(Default)]
struct Pacing {
    last: Option<Instant>,
    /// Somebody waits already, and will wake for all who come until then.
    is_due: bool,
}

impl Wake {
    pub(super) fn new(wake: Arc<dyn Fn() + Send + Sync>, runtime: Handle) -> Self {
        Self { inner: Arc::new(Inner { wake, runtime, pacing: Mutex::default() }) }
    }

    /// Wakes at once.
    pub fn now(&self) {
        self.inner.lock().last = Some(Instant::now());
        (self.inner.wake)();
    }

    /// Wakes at once or, when that was only just done, as soon as it is time again; however often this is called until
    /// then, once.
    pub fn soon(&self) {
        let now = Instant::now();
        let mut pacing = self.inner.lock();
        match pacing.last.map(|last| last + PACE).filter(|next| *next > now) {
            None => {
                pacing.last = Some(now);
                drop(pacing);
                (self.inner.wake)();
            }
            Some(next) if !std::mem::replace(&mut pacing.is_due, true) => {
                drop(pacing);
                let inner = Arc::clone(&self.inner);
                self.inner.runtime.spawn(async move {
                    tokio::time::sleep_until(next.into()).await;
                    let mut pacing = inner.lock();
                    (pacing.is_due, pacing.last) = (false, Some(Instant::now()));
                    drop(pacing);
                    (inner.wake)();
                });
            }
            Some(_) => {}
        }
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, Pacing> {
        self.pacing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Wake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wake").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn many_reasons_wake_once_and_the_last_is_not_lost() {
        let runtime = crate::app::runtime().unwrap();
        let (woken, wakings) = mpsc::channel();
        let wake = Wake::new(Arc::new(move || woken.send(Instant::now()).unwrap()), runtime.handle().clone());
        let begun = Instant::now();
        for _ in 0..10_000 {
            wake.soon();
        }
        let last_reason = Instant::now();
        let mut n_wakings = 0;
        loop {
            let woken = wakings.recv_timeout(Duration::from_secs(10)).expect("the last reason wakes too");
            n_wakings += 1;
            if woken >= last_reason {
                break;
            }
        }
        let most = last_reason.duration_since(begun).as_millis() / PACE.as_millis() + 2;
        assert!(n_wakings <= most, "{n_wakings} wakings, at most {most}");
    }
}
