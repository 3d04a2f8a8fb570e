use std::num::NonZeroU32;

use auth::{KeyRecord, KeyStore, NewKey, RateCounter, RateLimits, StoreError, Taken, issue};
use jiff::Timestamp;
use model::{KeyId, Role, SystemClock, TenantId};
use tokio::sync::Barrier;

use super::*;

/// The two budgets that a request counts against, and its handler.
const SIDE_BY_SIDE: usize = 3;

/// Knows one key, and counts no request before the others have begun as well.
struct Access {
    key: KeyRecord,
    barrier: Arc<Barrier>,
}

#[async_trait]
impl KeyStore for Access {
    async fn get(&self, _: &TenantId, _: &KeyId) -> Result<Option<KeyRecord>, StoreError> {
        Ok(Some(self.key.clone()))
    }

    async fn put(&self, _: &KeyRecord) -> Result<(), StoreError> {
        Err(StoreError::Throttled)
    }

    async fn revoke(&self, _: &TenantId, _: &KeyId, _: Timestamp) -> Result<(), StoreError> {
        Err(StoreError::Throttled)
    }
}

#[async_trait]
impl RateCounter for Access {
    async fn take(
        &self,
        _: &TenantId,
        _: &str,
        _: Timestamp,
        amount: u32,
        _: u32,
    ) -> Result<Taken, StoreError> {
        self.barrier.wait().await;
        Ok(Taken { granted: amount, used: amount })
    }
}

/// Answers when its requests are being counted.
struct Handler(Arc<Barrier>);

#[async_trait]
impl Function for Handler {
    fn name(&self) -> &'static str {
        "chat"
    }

    fn routes(&self) -> routes::Function {
        routes::Function::Chat
    }

    async fn ready(&self) -> Vec<Check> {
        vec![]
    }

    async fn handle(&self, _: Caller, _: Request) -> Result<Response, Error> {
        self.0.wait().await;
        Ok(Response::empty(204))
    }
}

#[tokio::test]
async fn leases_are_taken_while_the_request_is_handled() {
    let new = NewKey {
        tenant: "demo".parse().unwrap(),
        name: "test".to_owned(),
        role: Role::Admin,
        scopes: vec![],
        created_by: "test".to_owned(),
        expires_at: None,
    };
    let (key, plain) = issue(new, Timestamp::now(), &mut rand::rng());
    let barrier = Arc::new(Barrier::new(SIDE_BY_SIDE));
    let access = Arc::new(Access { key, barrier: Arc::clone(&barrier) });
    let per_minute = NonZeroU32::new(10).unwrap();
    let limits = RateLimits { tenant_per_minute: per_minute, caller_per_minute: per_minute };
    let settings = Settings {
        authenticator: Arc::new(Authenticator::new(access.clone(), None)),
        rate_limiter: Arc::new(RateLimiter::new(access, limits)),
        clock: Arc::new(SystemClock),
        timeout: Duration::from_secs(1),
    };
    let service = Service::new(Handler(barrier), settings);
    let request = http::Request::get("/api/v1/sessions")
        .header("x-api-key", plain.reveal())
        .body(Bytes::new())
        .unwrap();
    let response = service.call(request).await;
    assert_eq!(response.status(), 204);
    assert_eq!(response.headers()["x-ratelimit-remaining"], "9");
}
