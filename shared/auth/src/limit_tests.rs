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
        if self.hangs.load(Ordering::SeqCst) {
            pending::<()>().await;
        }
        if self.down.load(Ordering::SeqCst) {
            return Err(StoreError::Throttled);
        }
        let taken = {
            let mut windows = self.used.lock().unwrap();
            let used = windows.entry((tenant.clone(), scope.to_owned(), window_start)).or_default();
            let granted = amount.min(limit - *used);
            *used += granted;
            Taken { granted, used: *used }
        };
        // The answer is on its way, and lost if nobody waits for it.
        tokio::task::yield_now().await;
        Ok(taken)
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

/// A request that is handled in no time.
async fn request(
    limiter: &RateLimiter,
    who: &Caller,
    now: Timestamp,
) -> Result<RateState, RateError> {
    let admission = limiter.check(who, now).await?;
    let state = admission.state;
    admission.refill().await;
    Ok(state)
}

#[tokio::test]
async fn the_tighter_limit_is_the_one_that_is_told() {
    let counter = Arc::new(Counter::default());
    let limiter = limiter(&counter, 5, 3);
    let (ada, bob) = (caller("demo", "ada"), caller("demo", "bob"));
    for remaining in [2, 1, 0] {
        let state = request(&limiter, &ada, at(10)).await.unwrap();
        assert_eq!((state.limit, state.remaining, state.reset_at), (3, remaining, at(60)));
    }
    let error = request(&limiter, &ada, at(10)).await.unwrap_err();
    assert_eq!((error.state.limit, error.retry_after.as_secs()), (3, 50));
    // Ada's refused request took nothing of the tenant's five.
    assert_eq!(request(&limiter, &bob, at(10)).await.unwrap().remaining, 1);
    assert_eq!(request(&limiter, &bob, at(10)).await.unwrap().remaining, 0);
    let error = request(&limiter, &bob, at(10)).await.unwrap_err();
    assert_eq!((error.state.limit, error.state.remaining), (5, 0));
    assert_eq!(error.code(), "RATE_LIMITED");
}

#[tokio::test]
async fn a_refused_request_asks_for_nothing() {
    // By whose limit the second request is refused.
    for (case, tenant, own, second) in
        [("the tenant's", 1, 9, "bob"), ("the caller's", 9, 1, "ada"), ("both", 1, 1, "ada")]
    {
        let counter = Arc::new(Counter::default());
        let limiter = limiter(&counter, tenant, own);
        request(&limiter, &caller("demo", "ada"), at(0)).await.unwrap();
        for _ in 0..10 {
            request(&limiter, &caller("demo", second), at(0)).await.unwrap_err();
        }
        assert_eq!(counter.calls.load(Ordering::SeqCst), 2, "{case}");
    }
}

#[tokio::test]
async fn tenants_do_not_share_and_minutes_start_anew() {
    let counter = Arc::new(Counter::default());
    let limiter = limiter(&counter, 1, 1);
    assert!(request(&limiter, &caller("a", "ada"), at(0)).await.is_ok());
    assert!(request(&limiter, &caller("b", "ada"), at(0)).await.is_ok());
    assert!(request(&limiter, &caller("a", "ada"), at(59)).await.is_err());
    assert!(request(&limiter, &caller("a", "ada"), at(60)).await.is_ok());
}

#[tokio::test]
async fn no_request_waits_where_each_has_its_lease_taken_beside_it() {
    let counter = Arc::new(Counter::default());
    let limiter = limiter(&counter, 600, 120);
    let ada = caller("demo", "ada");
    // More than one window, and their first requests.
    for second in 0..100 {
        let before = counter.calls.load(Ordering::SeqCst);
        let admission = limiter.check(&ada, at(second)).await.unwrap();
        assert_eq!(counter.calls.load(Ordering::SeqCst), before, "second {second}");
        admission.refill().await;
    }
}

#[tokio::test]
async fn others_wait_for_the_lease_of_the_first() {
    let counter = Arc::new(Counter::default());
    let limiter = limiter(&counter, 600, 120);
    let ada = caller("demo", "ada");
    let first = limiter.check(&ada, at(0)).await.unwrap();
    let second = async {
        // The first one's calls are under way.
        tokio::task::yield_now().await;
        assert_eq!(counter.calls.load(Ordering::SeqCst), 2);
        let admission = limiter.check(&ada, at(0)).await.unwrap();
        assert!(admission.state.shared, "the counter has answered");
    };
    tokio::join!(biased; first.refill(), second);
    assert_eq!(counter.calls.load(Ordering::SeqCst), 2, "one lease is enough for both");
}

/// Requests to each of several instances, all at once: how many are let through. Every `dropped`th
/// goes away before its leases are there.
async fn crowd(instances: u32, limit: u32, each: u32, dropped: u32) -> u32 {
    let counter = Arc::new(Counter::default());
    let limiters: Vec<_> =
        (0..instances).map(|_| Arc::new(limiter(&counter, 100_000, limit))).collect();
    let requests = (0..each * instances).map(|index| {
        let limiter = Arc::clone(&limiters[(index % instances) as usize]);
        tokio::spawn(async move {
            let Ok(admission) = limiter.check(&caller("demo", "ada"), at(0)).await else {
                return false;
            };
            if (index + 1) % dropped == 0 {
                // Up to the counter's answer.
                tokio::select! { biased; () = admission.refill() => {}, () = async {} => {} }
            } else {
                admission.refill().await;
            }
            true
        })
    });
    let mut granted = 0;
    for request in requests.collect::<Vec<_>>() {
        granted += u32::from(request.await.unwrap());
    }
    granted
}

#[tokio::test]
async fn instances_together_pass_the_limit_by_one_each_at_most() {
    for limit in [1, 7, 49, 100, 500] {
        for instances in [1, 2, 4, 10] {
            // So many for each that nobody is left with a lease.
            let granted = crowd(instances, limit, 2 * limit, u32::MAX).await;
            // One alone is exact.
            let most = if instances == 1 { limit } else { limit + instances };
            assert!(
                (limit..=most).contains(&granted),
                "{granted} of {limit} with {instances} instances"
            );
            // One request for each is granted in advance everywhere.
            assert_eq!(crowd(instances, limit, 1, u32::MAX).await, instances);
        }
    }
}

#[tokio::test]
async fn requests_that_go_away_never_make_it_more() {
    for limit in [1, 7, 100] {
        for (instances, dropped) in [(1, 1), (1, 3), (4, 1), (4, 3)] {
            let granted = crowd(instances, limit, 2 * limit, dropped).await;
            let most = if instances == 1 { limit } else { limit + instances };
            assert!((1..=most).contains(&granted), "{granted} of {limit}, {instances}, {dropped}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_refill_that_is_dropped_is_made_up_for_by_the_next_request() {
    let ada = caller("demo", "ada");
    for (case, begun) in [("before it began", false), ("while the counter was asked", true)] {
        let counter = Arc::new(Counter::default());
        let limiter = limiter(&counter, 10, 3);
        counter.hangs.store(true, Ordering::SeqCst);
        let admission = limiter.check(&ada, at(0)).await.unwrap();
        if begun {
            let soon = COUNTER_TIMEOUT / 2;
            assert!(tokio::time::timeout(soon, admission.refill()).await.is_err(), "{case}");
        } else {
            drop(admission);
        }
        counter.hangs.store(false, Ordering::SeqCst);
        for remaining in [1, 0] {
            let state = request(&limiter, &ada, at(1)).await.unwrap();
            assert_eq!((state.remaining, state.shared), (remaining, true), "{case}");
        }
        assert!(request(&limiter, &ada, at(2)).await.is_err(), "{case}: the first one counts");
    }
}

#[tokio::test]
async fn a_crowd_takes_its_permits_at_once() {
    let counter = Arc::new(Counter::default());
    let limiter = Arc::new(limiter(&counter, 1000, 1000));
    let crowd = (0..64).map(|_| {
        let limiter = Arc::clone(&limiter);
        tokio::spawn(async move { request(&limiter, &caller("demo", "ada"), at(0)).await.is_ok() })
    });
    for request in crowd.collect::<Vec<_>>() {
        assert!(request.await.unwrap());
    }
    // Two budgets: for the first request, for those who came meanwhile, and for who comes next.
    let calls = counter.calls.load(Ordering::SeqCst);
    assert!(calls <= 6, "{calls} calls for 64 requests");
}

#[tokio::test]
async fn without_the_counter_requests_pass_and_the_instance_holds_the_limit() {
    let counter = Arc::new(Counter::default());
    let limiter = limiter(&counter, 10, 2);
    let ada = caller("demo", "ada");
    counter.down.store(true, Ordering::SeqCst);
    for second in 0..2 {
        assert!(!request(&limiter, &ada, at(second)).await.unwrap().shared);
    }
    assert!(request(&limiter, &ada, at(2)).await.is_err());
    assert_eq!(counter.calls.load(Ordering::SeqCst), 2, "it is left alone for a while");
    counter.down.store(false, Ordering::SeqCst);
    assert!(request(&limiter, &ada, at(60)).await.is_ok());
    assert!(request(&limiter, &ada, at(60)).await.unwrap().shared);
    assert!(request(&limiter, &ada, at(60)).await.is_err(), "the limit is shared again");
}

#[tokio::test(start_paused = true)]
async fn a_counter_that_hangs_costs_half_a_second_once() {
    let counter = Arc::new(Counter::default());
    let limiter = limiter(&counter, 10, 10);
    let ada = caller("demo", "ada");
    counter.hangs.store(true, Ordering::SeqCst);
    let start = tokio::time::Instant::now();
    let admission = limiter.check(&ada, at(0)).await.unwrap();
    assert_eq!(start.elapsed(), Duration::ZERO, "and the handler does not wait");
    admission.refill().await;
    for _ in 0..5 {
        request(&limiter, &ada, at(0)).await.unwrap();
    }
    assert_eq!(start.elapsed().as_millis(), COUNTER_TIMEOUT.as_millis());
}
