//! How often a module is asked and how long it is waited for.

use std::{future::Future, sync::Arc, time::Duration};

use backon::{ExponentialBuilder, Retryable};
use tokio::time::{Instant, timeout};

use crate::{
    ModuleError,
    breaker::{BreakerSettings, BreakerState, CircuitBreaker, CircuitOpen},
};

/// Bounds on the attempts of one call.
#[derive(Debug, Clone, Copy)]
pub struct PolicySettings {
    /// Attempts after the first.
    pub max_retries: usize,
    /// The wait before the first retry; it doubles from there, with jitter.
    pub min_delay: Duration,
    pub max_delay: Duration,
    /// A retry that would have less time than this is not begun.
    pub min_attempt: Duration,
    pub breaker: BreakerSettings,
}

impl Default for PolicySettings {
    fn default() -> Self {
        Self {
            max_retries: 2,
            min_delay: Duration::from_millis(50),
            max_delay: Duration::from_secs(1),
            min_attempt: Duration::from_millis(50),
            breaker: BreakerSettings::default(),
        }
    }
}

/// Retry, deadline and circuit breaker of one module.
#[derive(Debug)]
pub struct Policy {
    module: String,
    settings: PolicySettings,
    breaker: CircuitBreaker,
}

/// Why an attempt ended; only a module's own trouble is worth another.
enum Failure {
    Open(CircuitOpen),
    Module(ModuleError),
}

impl Policy {
    /// `module` is named in the errors that the policy itself makes.
    pub fn new(module: impl Into<String>, settings: PolicySettings) -> Self {
        let breaker = CircuitBreaker::new(settings.breaker);
        Self { module: module.into(), settings, breaker }
    }

    pub fn breaker_state(&self) -> BreakerState {
        self.breaker.state()
    }

    /// Runs `attempt`, which is told how much time it has, and ends within `within`.
    ///
    /// With `may_repeat` (a read-only operation) it is tried again when the module cannot be reached
    /// or asks for patience, as long as a further attempt fits.
    pub async fn run<T, F, A>(
        &self,
        within: Duration,
        may_repeat: bool,
        attempt: F,
    ) -> Result<T, ModuleError>
    where
        F: Fn(Duration) -> A,
        A: Future<Output = Result<T, ModuleError>>,
    {
        let deadline = Instant::now() + within;
        let backoff = ExponentialBuilder::new()
            .with_min_delay(self.settings.min_delay)
            .with_max_delay(self.settings.max_delay)
            .with_max_times(self.settings.max_retries)
            .with_jitter();
        let result = (|| self.attempt(deadline, &attempt))
            .retry(backoff)
            .when(|failure| {
                matches!(failure, Failure::Module(error) if may_repeat && error.is_transient())
            })
            .adjust(|failure, delay| self.delay(deadline, failure, delay?))
            .await;
        result.map_err(|failure| match failure {
            Failure::Module(error) => error,
            Failure::Open(open) => ModuleError::Unreachable {
                module: self.module.clone(),
                source: Some(Arc::new(open)),
            },
        })
    }

    async fn attempt<T, F, A>(&self, deadline: Instant, attempt: &F) -> Result<T, Failure>
    where
        F: Fn(Duration) -> A,
        A: Future<Output = Result<T, ModuleError>>,
    {
        let permit = self.breaker.acquire().map_err(Failure::Open)?;
        let remaining = deadline.saturating_duration_since(Instant::now());
        let result = timeout(remaining, attempt(remaining))
            .await
            .unwrap_or_else(|_| Err(ModuleError::timeout(&self.module)));
        match &result {
            Err(error) if error.is_module_failure() => permit.fail(),
            _ => permit.succeed(),
        }
        result.map_err(Failure::Module)
    }

    /// The module's own word on when to come back counts for more than our schedule; a wait that
    /// leaves no time for the attempt behind it is not begun.
    fn delay(&self, deadline: Instant, failure: &Failure, delay: Duration) -> Option<Duration> {
        let asked = match failure {
            Failure::Module(ModuleError::Throttled { retry_after, .. }) => *retry_after,
            _ => None,
        };
        let delay = delay.max(asked.unwrap_or_default());
        let remaining = deadline.saturating_duration_since(Instant::now());
        (delay.checked_add(self.settings.min_attempt)? <= remaining).then_some(delay)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        error::Error,
        sync::atomic::{AtomicU32, Ordering},
    };

    use super::*;

    const WITHIN: Duration = Duration::from_secs(10);

    fn policy(failures: u32) -> Policy {
        let breaker = BreakerSettings { failures, ..BreakerSettings::default() };
        Policy::new("Prometheus", PolicySettings { breaker, ..PolicySettings::default() })
    }

    fn unreachable() -> ModuleError {
        ModuleError::unreachable("Prometheus", std::io::Error::other("refused"))
    }

    fn throttled(retry_after: Option<Duration>) -> ModuleError {
        ModuleError::Throttled { module: "Prometheus".to_owned(), retry_after }
    }

    /// Fails with `error` until the attempt `succeeds_at`; gives the result, the attempts, and the
    /// time it took.
    async fn run(
        error: ModuleError,
        succeeds_at: u32,
        may_repeat: bool,
    ) -> (Result<u32, ModuleError>, u32, Duration) {
        let attempts = AtomicU32::new(0);
        let start = Instant::now();
        let result = policy(100)
            .run(WITHIN, may_repeat, async |_| {
                let attempt = attempts.fetch_add(1, Ordering::Relaxed) + 1;
                if attempt >= succeeds_at { Ok(attempt) } else { Err(error.clone()) }
            })
            .await;
        (result, attempts.into_inner(), start.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn only_transient_errors_of_repeatable_operations_are_tried_again() {
        for (error, may_repeat, attempts) in [
            (unreachable(), true, 3),
            (throttled(None), true, 3),
            (unreachable(), false, 1),
            (throttled(None), false, 1),
            (ModuleError::timeout("Prometheus"), true, 1),
            (ModuleError::Denied { module: "Prometheus".to_owned() }, true, 1),
            (ModuleError::rejected("Prometheus", "bad_data"), true, 1),
            (ModuleError::bad_response("Prometheus", std::io::Error::other("x")), true, 1),
        ] {
            let label = error.to_string();
            let (result, made, _) = run(error, u32::MAX, may_repeat).await;
            assert_eq!(result.unwrap_err().to_string(), label);
            assert_eq!(made, attempts, "{label}");
        }
        let (result, ..) = run(unreachable(), 3, true).await;
        assert_eq!(result.unwrap(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn the_module_s_own_wait_is_kept_if_it_fits() {
        let (result, attempts, took) = run(throttled(Some(Duration::from_secs(4))), 2, true).await;
        assert_eq!((result.unwrap(), attempts), (2, 2));
        assert!(took >= Duration::from_secs(4), "{took:?}");

        let (result, attempts, took) = run(throttled(Some(WITHIN)), 2, true).await;
        assert!(matches!(result, Err(ModuleError::Throttled { retry_after: Some(WITHIN), .. })));
        assert_eq!(attempts, 1);
        assert_eq!(took, Duration::ZERO);

        let (result, ..) = run(throttled(Some(Duration::MAX)), 2, true).await;
        assert!(result.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_hang_ends_in_time_and_counts_against_the_module() {
        let policy = policy(1);
        let start = Instant::now();
        let result: Result<(), _> =
            policy.run(WITHIN, true, async |_| std::future::pending().await).await;
        assert!(matches!(result, Err(ModuleError::Timeout { .. })));
        assert_eq!(start.elapsed(), WITHIN);
        assert_eq!(policy.breaker_state(), BreakerState::Open);
    }

    #[tokio::test(start_paused = true)]
    async fn an_open_breaker_fails_at_once_and_says_why() {
        let policy = policy(1);
        let failed: Result<(), _> = policy.run(WITHIN, false, async |_| Err(unreachable())).await;
        assert!(failed.is_err());
        let start = Instant::now();
        let error = policy.run(WITHIN, true, async |_| Ok(())).await.unwrap_err();
        assert_eq!(start.elapsed(), Duration::ZERO);
        assert_eq!(error.to_string(), "Prometheus does not answer");
        assert!(error.source().unwrap().to_string().contains("in a row"));
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_refuses_shows_that_the_module_is_well() {
        let policy = policy(2);
        for _ in 0..5 {
            let _: Result<(), _> = policy.run(WITHIN, false, async |_| Err(unreachable())).await;
            let refusal = ModuleError::rejected("Prometheus", "bad_data");
            let _: Result<(), _> = policy.run(WITHIN, false, async |_| Err(refusal.clone())).await;
        }
        assert_eq!(policy.breaker_state(), BreakerState::Closed);
    }
}
