//! A circuit breaker: after several failures in a row a module is left alone for a while, so that
//! its trouble costs its callers nothing and our calls do not add to it.
//!
//! It is our own, because ready ones neither tell their state, which is a metric, nor let exactly
//! one call try whether the module is back. Its clock is tokio's, so tests need not wait.

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// When the breaker opens and for how long.
#[derive(Debug, Clone, Copy)]
pub struct BreakerSettings {
    /// So many failures in a row open it.
    pub failures: u32,
    /// So long nothing is sent; then one call may try.
    pub open_for: Duration,
}

impl Default for BreakerSettings {
    fn default() -> Self {
        Self { failures: 5, open_for: Duration::from_secs(10) }
    }
}

/// What the breaker does with the next call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakerState {
    /// Calls pass.
    Closed,
    /// One call tries whether the module is back.
    HalfOpen,
    /// Calls fail at once.
    Open,
}

impl BreakerState {
    /// The value of the metric `module_circuit_breaker_state`.
    pub fn gauge(self) -> u8 {
        match self {
            Self::Closed => 0,
            Self::HalfOpen => 1,
            Self::Open => 2,
        }
    }
}

/// The call was not made, because calls before it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not asked, since it failed several times in a row; the next try is in {} ms", retry_after.as_millis())]
pub struct CircuitOpen {
    pub retry_after: Duration,
}

#[derive(Debug, Clone, Copy)]
enum State {
    Closed { failures: u32 },
    Open { until: Instant },
    HalfOpen,
}

/// One per module; shared by every call to it.
pub struct CircuitBreaker {
    settings: BreakerSettings,
    state: Mutex<State>,
}

impl CircuitBreaker {
    pub fn new(settings: BreakerSettings) -> Self {
        Self { settings, state: Mutex::new(State::Closed { failures: 0 }) }
    }

    pub fn state(&self) -> BreakerState {
        match *self.lock() {
            State::Closed { .. } => BreakerState::Closed,
            State::HalfOpen => BreakerState::HalfOpen,
            State::Open { until } if until <= Instant::now() => BreakerState::HalfOpen,
            State::Open { .. } => BreakerState::Open,
        }
    }

    /// Leave to make one call. Its outcome is told to the permit.
    pub fn acquire(&self) -> Result<Permit<'_>, CircuitOpen> {
        let mut state = self.lock();
        let probe = match *state {
            State::Closed { .. } => false,
            State::Open { until } => {
                let now = Instant::now();
                if now < until {
                    return Err(CircuitOpen { retry_after: until - now });
                }
                *state = State::HalfOpen;
                true
            }
            // Somebody is trying already.
            State::HalfOpen => return Err(CircuitOpen { retry_after: self.settings.open_for }),
        };
        Ok(Permit { breaker: self, probe, told: false })
    }

    fn succeeded(&self, probe: bool) {
        let mut state = self.lock();
        match *state {
            State::Closed { .. } => *state = State::Closed { failures: 0 },
            State::HalfOpen if probe => *state = State::Closed { failures: 0 },
            // A call from before it opened says nothing about now.
            State::HalfOpen | State::Open { .. } => {}
        }
    }

    fn failed(&self, probe: bool) {
        let mut state = self.lock();
        let open = State::Open { until: Instant::now() + self.settings.open_for };
        match *state {
            State::Closed { failures } if failures + 1 >= self.settings.failures => *state = open,
            State::Closed { failures } => *state = State::Closed { failures: failures + 1 },
            State::HalfOpen if probe => *state = open,
            State::HalfOpen | State::Open { .. } => {}
        }
    }

    /// The probe was given up before it had an answer: the next call may try.
    fn abandoned(&self) {
        *self.lock() = State::Open { until: Instant::now() };
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The state is a plain value that is never half-written.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for CircuitBreaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CircuitBreaker").field("state", &self.state()).finish_non_exhaustive()
    }
}

/// Leave to make one call.
#[derive(Debug)]
#[must_use = "tell the permit how the call went"]
pub struct Permit<'a> {
    breaker: &'a CircuitBreaker,
    probe: bool,
    told: bool,
}

impl Permit<'_> {
    pub fn succeed(mut self) {
        self.told = true;
        self.breaker.succeeded(self.probe);
    }

    pub fn fail(mut self) {
        self.told = true;
        self.breaker.failed(self.probe);
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if self.probe && !self.told {
            self.breaker.abandoned();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN_FOR: Duration = Duration::from_secs(10);

    fn breaker(failures: u32) -> CircuitBreaker {
        CircuitBreaker::new(BreakerSettings { failures, open_for: OPEN_FOR })
    }

    fn open(failures: u32) -> CircuitBreaker {
        let breaker = breaker(failures);
        for _ in 0..failures {
            breaker.acquire().unwrap().fail();
        }
        breaker
    }

    #[tokio::test(start_paused = true)]
    async fn it_opens_after_failures_in_a_row_only() {
        let breaker = breaker(3);
        for outcome in [false, false, true, false, false] {
            let permit = breaker.acquire().unwrap();
            if outcome {
                permit.succeed()
            } else {
                permit.fail()
            }
            assert_eq!(breaker.state(), BreakerState::Closed);
        }
        breaker.acquire().unwrap().fail();
        assert_eq!(breaker.state(), BreakerState::Open);
        assert_eq!(breaker.acquire().unwrap_err().retry_after, OPEN_FOR);
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_while_one_call_tries_and_decides() {
        for (answers, then) in [(true, BreakerState::Closed), (false, BreakerState::Open)] {
            let breaker = open(2);
            tokio::time::advance(OPEN_FOR).await;
            assert_eq!(breaker.state(), BreakerState::HalfOpen);
            let probe = breaker.acquire().unwrap();
            assert!(breaker.acquire().is_err(), "a second call passed beside the probe");
            if answers {
                probe.succeed()
            } else {
                probe.fail()
            }
            assert_eq!(breaker.state(), then);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_that_is_given_up_leaves_the_try_to_the_next() {
        let breaker = open(1);
        tokio::time::advance(OPEN_FOR).await;
        drop(breaker.acquire().unwrap());
        breaker.acquire().unwrap().succeed();
        assert_eq!(breaker.state(), BreakerState::Closed);
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_from_before_it_opened_decides_nothing() {
        let breaker = breaker(1);
        let (slow, late_failure) = (breaker.acquire().unwrap(), breaker.acquire().unwrap());
        breaker.acquire().unwrap().fail();
        slow.succeed();
        assert_eq!(breaker.state(), BreakerState::Open);
        tokio::time::advance(OPEN_FOR).await;
        let probe = breaker.acquire().unwrap();
        late_failure.fail();
        assert_eq!(breaker.state(), BreakerState::HalfOpen);
        probe.succeed();
        assert_eq!(breaker.state(), BreakerState::Closed);
    }
}
