//! A timer that is set with every call and hardly ever goes off.

use std::pin::Pin;

use tokio::time::{Instant, Sleep, sleep_until};

/// Waits for deadlines that mostly move on before they are reached.
///
/// Setting a timer of the runtime anew takes locks that all its timers share; at one or more a call that is a good part of what a
/// call costs. So the timer stays where it is when a deadline moves on, and is set again when it goes off early: once in a while
/// instead of once a call.
#[derive(Debug)]
pub(super) struct Alarm(Pin<Box<Sleep>>);

impl Alarm {
    /// An alarm whose first deadline is about this.
    pub fn at(deadline: Instant) -> Self {
        Self(Box::pin(sleep_until(deadline)))
    }

    /// Waits until `due`. Can be given up and called again, with another deadline.
    pub async fn wait_until(&mut self, due: Instant) {
        if due < self.0.deadline() {
            self.0.as_mut().reset(due);
        }
        loop {
            self.0.as_mut().await;
            if self.0.deadline() >= due {
                return;
            }
            self.0.as_mut().reset(due);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn it_goes_off_at_the_deadline_asked_for_last_and_never_before() {
        let start = Instant::now();
        let after = |millis| start + Duration::from_millis(millis);
        let mut alarm = Alarm::at(after(10));
        // Moved on, given up, moved on again: what was asked before does not count.
        for due in [3_600_000, 7_200_000] {
            let given_up = tokio::time::timeout_at(after(20), alarm.wait_until(after(due))).await;
            assert!(given_up.is_err());
        }
        // Moved forward, from far away.
        alarm.wait_until(after(40)).await;
        assert!(Instant::now() >= after(40));
        // Moved on after it went off.
        alarm.wait_until(after(60)).await;
        assert!(Instant::now() >= after(60));
        // Past already.
        alarm.wait_until(after(5)).await;
    }
}
