use std::{future::pending, sync::atomic::AtomicBool};

use async_trait::async_trait;
use model::Role;

use super::*;
use crate::store::{StoreError, Taken};

/// A shared counter in memory that can fail or hang, and counts its calls.
#[derive(Default)]
struct Counter {
    used: Mutex<HashMap<(TenantId, String, Timestamp), u32>>,
    calls: AtomicU32,
    down: AtomicBool,
    hangs: AtomicBool,
}

#[async_trait]
impl RateCounter for Counter {
    async fn take(
        &self,
        tenant: &TenantId,
        scope: &str,
        window_start: Timestamp,
        amount: u32,
        limit: u32,
    ) -> Result<Taken, StoreError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        if self.hangs.load(Ordering::SeqCst) {
            pending::<()>().await;
        }
        if self.down.load(Ordering::SeqCst) {
            return Err(StoreError::Throttled);
        }
        let mut windows = self.used.lock().unwrap();
        let used = windows.entry((tenant.clone(), scope.to_owned(), window_start)).or_default();
        let granted = amount.min(limit - *used);
        *used += granted;
        Ok(Taken { granted, used: *used })
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn caller(tenant: &str, subject: &str) -> Caller {
    Caller {
        tenant: tenant.parse().unwrap(),
        principal: Principal::User(subject.to_owned()),
        role: Role::Developer,
        scopes: vec![],
    }
}

fn limiter(counter: &Arc<Counter>, tenant: u32, caller: u32) -> RateLimiter {
    let limits = RateLimits {
        tenant_per_minute: NonZeroU32::new(tenant).unwrap(),
        caller_per_minute: NonZeroU32::new(caller).unwrap(),
    };
    RateLimiter::new(counter.clone(), limits)
}

#[tokio::test]
async fn the_tighter_limit_is_the_one_that_is_told() {
    let counter = Arc::new(Counter::default());
    let limiter = limiter(&counter, 5, 3);
    let (ada, bob) = (caller("demo", "ada"), caller("demo", "bob"));
    for remaining in [2, 1, 0] {
        let state = limiter.check(&ada, at(10)).await.unwrap();
        assert_eq!((state.limit, state.remaining, state.reset_at), (3, remaining, at(60)));
    }
    let error = limiter.check(&ada, at(10)).await.unwrap_err();
    assert_eq!((error.state.limit, error.retry_after.as_secs()), (3, 50));
    // Ada's refused request took nothing of the tenant's five.
    assert_eq!(limiter.check(&bob, at(10)).await.unwrap().remaining, 1);
    assert_eq!(limiter.check(&bob, at(10)).await.unwrap().remaining, 0);
    let error = limiter.check(&bob, at(10)).await.unwrap_err();
    assert_eq!((error.state.limit, error.state.remaining), (5, 0));
    assert_eq!(error.code(), "RATE_LIMITED");
}

#[tokio::test]
async fn tenants_do_not_share_and_minutes_start_anew() {
    let counter = Arc::new(Counter::default());
    let limiter = limiter(&counter, 1, 1);
    assert!(limiter.check(&caller("a", "ada"), at(0)).await.is_ok());
    assert!(limiter.check(&caller("b", "ada"), at(0)).await.is_ok());
    assert!(limiter.check(&caller("a", "ada"), at(59)).await.is_err());
    assert!(limiter.check(&caller("a", "ada"), at(60)).await.is_ok());
}

#[tokio::test]
async fn instances_together_never_grant_more_than_the_limit() {
    for limit in [1, 7, 49, 100, 500] {
        let counter = Arc::new(Counter::default());
        let instances: Vec<_> =
            (0..4).map(|_| Arc::new(limiter(&counter, 100_000, limit))).collect();
        let requests = (0..limit * 2).map(|index| {
            let instance = Arc::clone(&instances[index as usize % instances.len()]);
            tokio::spawn(async move { instance.check(&caller("demo", "ada"), at(0)).await.is_ok() })
        });
        let mut granted = 0;
        for request in requests.collect::<Vec<_>>() {
            granted += u32::from(request.await.unwrap());
        }
        assert_eq!(granted, limit, "leases of {limit} are used up by those who ask");
    }
}

#[tokio::test]
async fn a_crowd_takes_its_permits_at_once() {
    let counter = Arc::new(Counter::default());
    let limiter = Arc::new(limiter(&counter, 1000, 1000));
    let crowd = (0..64).map(|_| {
        let limiter = Arc::clone(&limiter);
        tokio::spawn(async move { limiter.check(&caller("demo", "ada"), at(0)).await.is_ok() })
    });
    for request in crowd.collect::<Vec<_>>() {
        assert!(request.await.unwrap());
    }
    // Two budgets; the first request of each may go before the crowd is there.
    let calls = counter.calls.load(Ordering::SeqCst);
    assert!(calls <= 6, "{calls} calls for 64 requests");
}

#[tokio::test]
async fn without_the_counter_requests_pass_and_the_instance_holds_the_limit() {
    let counter = Arc::new(Counter::default());
    let limiter = limiter(&counter, 10, 2);
    counter.down.store(true, Ordering::SeqCst);
    let state = limiter.check(&caller("demo", "ada"), at(0)).await.unwrap();
    assert!(!state.shared);
    assert!(limiter.check(&caller("demo", "ada"), at(1)).await.is_ok());
    assert!(limiter.check(&caller("demo", "ada"), at(2)).await.is_err());
    assert_eq!(counter.calls.load(Ordering::SeqCst), 2, "it is left alone for a while");
    counter.down.store(false, Ordering::SeqCst);
    assert!(limiter.check(&caller("demo", "ada"), at(60)).await.unwrap().shared);
}

#[tokio::test(start_paused = true)]
async fn a_counter_that_hangs_costs_half_a_second_once() {
    let counter = Arc::new(Counter::default());
    let limiter = limiter(&counter, 10, 10);
    counter.hangs.store(true, Ordering::SeqCst);
    let start = tokio::time::Instant::now();
    for _ in 0..5 {
        limiter.check(&caller("demo", "ada"), at(0)).await.unwrap();
    }
    assert!(start.elapsed() <= COUNTER_TIMEOUT * 2, "{:?}", start.elapsed());
}
