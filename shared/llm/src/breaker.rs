//! A circuit breaker: a provider that is down is left alone for a while, so that not every turn
//! waits for it to fail again.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// One provider's breaker. Its state lives as long as the process; another instance learns anew.
#[derive(Debug)]
pub(crate) struct Breaker {
    failures_to_open: u32,
    pause: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    failures_in_row: u32,
    /// Requests are let through from here on.
    open_until: Option<Instant>,
}

impl Breaker {
    pub(crate) fn new(failures_to_open: u32, pause: Duration) -> Self {
        Self { failures_to_open, pause, state: Mutex::default() }
    }

    /// Whether a request may go out. After a pause the first to ask is the probe; the others wait
    /// for another pause, or for the probe to succeed.
    pub(crate) fn admits(&self) -> bool {
        let mut state = self.lock();
        let Some(until) = state.open_until else { return true };
        let now = Instant::now();
        if now < until {
            return false;
        }
        state.open_until = Some(now + self.pause);
        true
    }

    /// Whether the provider is being left alone now. Asking does not use up the probe.
    pub(crate) fn is_open(&self) -> bool {
        self.lock().open_until.is_some_and(|until| Instant::now() < until)
    }

    pub(crate) fn succeeded(&self) {
        *self.lock() = State::default();
    }

    pub(crate) fn failed(&self) {
        let mut state = self.lock();
        state.failures_in_row = state.failures_in_row.saturating_add(1);
        if state.failures_in_row >= self.failures_to_open {
            state.open_until = Some(Instant::now() + self.pause);
        }
    }

    /// A panic elsewhere cannot leave the two fields at odds, so a poisoned lock is taken over.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAUSE: Duration = Duration::from_secs(30);

    #[tokio::test(start_paused = true)]
    async fn opens_after_failures_in_a_row_and_lets_one_probe_through() {
        let breaker = Breaker::new(2, PAUSE);
        breaker.failed();
        breaker.succeeded();
        breaker.failed();
        assert!(breaker.admits(), "one failure in a row is not two");
        breaker.failed();
        assert!(!breaker.admits());
        tokio::time::advance(PAUSE).await;
        assert!(breaker.admits(), "the probe");
        assert!(!breaker.admits(), "only one probe");
        breaker.failed();
        tokio::time::advance(PAUSE / 2).await;
        assert!(!breaker.admits());
        tokio::time::advance(PAUSE).await;
        assert!(breaker.admits());
        breaker.succeeded();
        assert!(breaker.admits());
        assert!(breaker.admits());
    }
}
