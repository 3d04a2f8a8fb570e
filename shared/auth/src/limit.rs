//! Rate limits per tenant and per caller, shared between instances.
//!
//! Requests are counted in fixed windows of one minute. A window's permits live in the shared
//! counter; instances lease them ([`crate::lease`]), never more than the limit in total. So that the
//! counter's round trip stands in no request's way, leases are taken while requests are handled
//! ([`Admission::refill`]), and an instance that knows nothing of a window yet grants its first
//! request in advance. Where others have used the window up, that request is one too many: at most
//! one per instance, window and budget. One instance by itself is exact.
//!
//! When the counter does not answer, requests pass, and each instance holds the limit by itself
//! until the counter is back: a limiter must not be what keeps an engineer from their copilot in an
//! incident, and whatever has to be stored fails on its own when the store is down.

use std::{
    collections::HashMap,
    num::NonZeroU32,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use data_encoding::BASE32_NOPAD;
use jiff::Timestamp;
use model::{Caller, Classified, ErrorClass, Principal, TenantId};
use sha2::{Digest, Sha256};

use crate::{
    lease::{Next, WINDOW, Window, window_start},
    store::RateCounter,
};

/// The counter may take this long; then the request passes without it.
const COUNTER_TIMEOUT: Duration = Duration::from_millis(500);
/// Budgets of earlier windows are dropped when there are this many.
const MAX_BUDGETS: usize = 10_000;
const TENANT_SCOPE: &str = "tenant";

/// How many requests a minute may bring.
#[derive(Debug, Clone, Copy)]
pub struct RateLimits {
    pub tenant_per_minute: NonZeroU32,
    /// Per API key, or per user with tokens.
    pub caller_per_minute: NonZeroU32,
}

/// Where a caller stands: the tighter of the tenant's and the caller's own limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateState {
    pub limit: u32,
    pub remaining: u32,
    pub reset_at: Timestamp,
    /// Whether the count is that of all instances: false before the counter's first answer about a
    /// window, and while it does not answer.
    pub shared: bool,
}

/// The limit is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the limit of {} requests a minute is reached", state.limit)]
pub struct RateError {
    pub retry_after: Duration,
    pub state: RateState,
}

impl Classified for RateError {
    fn class(&self) -> ErrorClass {
        ErrorClass::Throttled
    }

    fn retry_after(&self) -> Option<Duration> {
        Some(self.retry_after)
    }
}

struct Budget {
    tenant: TenantId,
    scope: String,
    waiting: AtomicU32,
    /// Held over the round trip: whoever holds it takes permits for those who wait as well.
    window: tokio::sync::Mutex<Window>,
}

/// Counts a request as waiting for as long as it does, also when it is given up.
struct Waiting<'a>(&'a AtomicU32);

impl<'a> Waiting<'a> {
    fn begin(count: &'a AtomicU32) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

struct Verdict {
    allowed: bool,
    state: RateState,
    window_start: Timestamp,
}

/// Holds callers to their limits.
pub struct RateLimiter {
    counter: Arc<dyn RateCounter>,
    limits: RateLimits,
    budgets: Mutex<HashMap<(TenantId, String), Arc<Budget>>>,
}

impl RateLimiter {
    pub fn new(counter: Arc<dyn RateCounter>, limits: RateLimits) -> Self {
        Self { counter, limits, budgets: Mutex::default() }
    }

    /// Counts one request of the caller, for the tenant and for the caller at once. It waits for the
    /// counter only where a lease that is used up has not been followed by the next one yet.
    pub async fn check(&self, caller: &Caller, now: Timestamp) -> Result<Admission<'_>, RateError> {
        let RateLimits { tenant_per_minute, caller_per_minute } = self.limits;
        let scope = scope_of(&caller.principal);
        let of_tenant = self.budget(&caller.tenant, TENANT_SCOPE, tenant_per_minute, now);
        let of_caller = self.budget(&caller.tenant, &scope, caller_per_minute, now);
        let (tenant, own) = tokio::join!(self.count(&of_tenant, now), self.count(&of_caller, now));
        // A request that one limit refuses does not count against the other.
        if tenant.allowed && !own.allowed {
            of_tenant.window.lock().await.give_back(tenant.window_start);
        } else if own.allowed && !tenant.allowed {
            of_caller.window.lock().await.give_back(own.window_start);
        }
        let tighter = match (tenant.allowed, own.allowed) {
            (true, false) => &own,
            (false, true) => &tenant,
            _ if tenant.state.remaining < own.state.remaining => &tenant,
            _ => &own,
        };
        if !tighter.allowed {
            return Err(refusal(tighter.state, now));
        }
        Ok(Admission { state: tighter.state, limiter: self, of_tenant, of_caller, now })
    }

    fn budget(
        &self,
        tenant: &TenantId,
        scope: &str,
        limit: NonZeroU32,
        now: Timestamp,
    ) -> Arc<Budget> {
        let mut budgets = self.budgets.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (tenant.clone(), scope.to_owned());
        if let Some(budget) = budgets.get(&key) {
            return Arc::clone(budget);
        }
        let start = window_start(now);
        if budgets.len() >= MAX_BUDGETS {
            // One that is locked is in use.
            budgets.retain(|_, budget| {
                budget.window.try_lock().map_or(true, |window| window.start >= start)
            });
        }
        let budget = Arc::new(Budget {
            tenant: tenant.clone(),
            scope: scope.to_owned(),
            waiting: AtomicU32::new(0),
            window: tokio::sync::Mutex::new(Window::new(start, limit.get())),
        });
        budgets.insert(key, Arc::clone(&budget));
        budget
    }

    async fn count(&self, budget: &Budget, now: Timestamp) -> Verdict {
        let waiting = Waiting::begin(&budget.waiting);
        let mut window = budget.window.lock().await;
        drop(waiting);
        window.roll(window_start(now));
        let allowed = loop {
            match window.next(budget.waiting.load(Ordering::Relaxed), now) {
                Next::Granted => break true,
                Next::Refused => break false,
                // Each turn of the loop pays what is owed, fills the lease, ends the window, or goes
                // alone: it is run through at most three times.
                Next::Take(amount) => self.take(budget, &mut window, amount, now).await,
            }
        };
        let reset_at = window.start.checked_add(WINDOW).unwrap_or(Timestamp::MAX);
        let (limit, remaining, shared) = (window.limit, window.remaining(), window.is_shared(now));
        let state = RateState { limit, remaining, reset_at, shared };
        Verdict { allowed, state, window_start: window.start }
    }

    async fn refill(&self, budget: &Budget, now: Timestamp) {
        // Whoever holds the lock meanwhile needs a permit and takes the lease, or there is none due.
        let Ok(mut window) = budget.window.try_lock() else { return };
        if let Some(amount) = window.due(budget.waiting.load(Ordering::Relaxed), now) {
            self.take(budget, &mut window, amount, now).await;
        }
    }

    async fn take(&self, budget: &Budget, window: &mut Window, amount: u32, now: Timestamp) {
        let Budget { tenant, scope, .. } = budget;
        let take = self.counter.take(tenant, scope, window.start, amount, window.limit);
        match tokio::time::timeout(COUNTER_TIMEOUT, take).await {
            Ok(Ok(taken)) => window.took(taken),
            Ok(Err(_)) | Err(_) => window.counter_failed(now),
        }
    }
}

/// A request within the limits, which may be handled.
#[must_use = "leases are taken while the request is handled"]
pub struct Admission<'a> {
    pub state: RateState,
    limiter: &'a RateLimiter,
    of_tenant: Arc<Budget>,
    of_caller: Arc<Budget>,
    now: Timestamp,
}

impl Admission<'_> {
    /// Takes the leases that are due: to be run beside the handling of the request, and both to their
    /// ends, since Lambda freezes the process with the answer. It takes half a second
    /// at most. If it is dropped, the next request waits for the lease instead.
    pub async fn refill(self) {
        tokio::join!(
            self.limiter.refill(&self.of_tenant, self.now),
            self.limiter.refill(&self.of_caller, self.now),
        );
    }
}

fn refusal(state: RateState, now: Timestamp) -> RateError {
    let whole_seconds = state.reset_at.as_second().saturating_sub(now.as_second());
    let retry_after = Duration::from_secs(whole_seconds.max(1).unsigned_abs());
    RateError { retry_after, state }
}

/// A user's name may be anything, so its hash stands for it in the counter's key.
fn scope_of(principal: &Principal) -> String {
    match principal {
        Principal::Key(id) => format!("key:{id}"),
        Principal::User(subject) => {
            let hash = Sha256::digest(subject.as_bytes());
            format!("user:{}", BASE32_NOPAD.encode(&hash[..20]).to_ascii_lowercase())
        }
    }
}

#[cfg(test)]
#[path = "limit_tests.rs"]
mod tests;
