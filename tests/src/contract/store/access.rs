//! API keys and the count of requests.

use std::sync::Arc;

use auth::{KeyRecord, NewKey, StoreError, Taken, issue};
use futures::future::join_all;
use model::{Permission, Role};

use crate::contract::{
    backend::{Backend, for_every_store, tenant},
    samples::moment,
};

for_every_store!(
    a_key_comes_back_as_it_was_written,
    a_revoked_key_stays_revoked,
    a_window_grants_its_limit_and_no_more,
    windows_and_scopes_count_for_themselves,
    a_crowd_never_gets_more_than_the_limit,
);

fn key(on: &Backend) -> KeyRecord {
    let new = NewKey {
        tenant: on.tenant.clone(),
        role: Role::Service,
        name: "ci 🤖".to_owned(),
        scopes: ["messages:read", "sessions:write"]
            .map(|scope| Permission::parse(scope).unwrap())
            .to_vec(),
        expires_at: Some(moment(1_234_567)),
        created_by: "user:ada".to_owned(),
    };
    issue(new, moment(0), &mut rand::rng()).0
}

async fn a_key_comes_back_as_it_was_written(on: Backend) {
    let full = key(&on);
    let bare = KeyRecord { scopes: vec![], expires_at: None, name: String::new(), ..key(&on) };
    for record in [&full, &bare] {
        assert_eq!(on.keys.get(&on.tenant, &record.id).await.unwrap(), None);
        on.keys.put(record).await.unwrap();
        // As after an answer that was lost.
        on.keys.put(record).await.unwrap();
        assert_eq!(on.keys.get(&on.tenant, &record.id).await.unwrap().as_ref(), Some(record));
        assert_eq!(on.keys.get(&tenant(), &record.id).await.unwrap(), None);
    }
    let same_id = KeyRecord { id: full.id.clone(), ..key(&on) };
    assert!(matches!(on.keys.put(&same_id).await, Err(StoreError::Exists)));
    assert_eq!(on.keys.get(&on.tenant, &full.id).await.unwrap(), Some(full));
}

async fn a_revoked_key_stays_revoked(on: Backend) {
    let record = key(&on);
    let missing = on.keys.revoke(&on.tenant, &record.id, moment(1)).await;
    assert!(matches!(missing, Err(StoreError::NotFound)), "{missing:?}");
    on.keys.put(&record).await.unwrap();
    for ms in [5, 9] {
        on.keys.revoke(&on.tenant, &record.id, moment(ms)).await.unwrap();
        let found = on.keys.get(&on.tenant, &record.id).await.unwrap().unwrap();
        assert_eq!(found, KeyRecord { revoked_at: Some(moment(5)), ..record.clone() });
    }
    assert!(matches!(on.keys.put(&record).await, Err(StoreError::Exists)));
    let other = on.keys.revoke(&tenant(), &record.id, moment(1)).await;
    assert!(matches!(other, Err(StoreError::NotFound)), "{other:?}");
}

async fn a_window_grants_its_limit_and_no_more(on: Backend) {
    for (amount, granted, used) in [(4, 4, 4), (4, 4, 8), (4, 2, 10), (4, 0, 10), (1, 0, 10)] {
        let taken = on.rates.take(&on.tenant, "tenant", moment(0), amount, 10).await.unwrap();
        assert_eq!(taken, Taken { granted, used });
    }
    // More at once than there is.
    let taken = on.rates.take(&on.tenant, "other", moment(0), 25, 10).await.unwrap();
    assert_eq!(taken, Taken { granted: 10, used: 10 });
}

async fn windows_and_scopes_count_for_themselves(on: Backend) {
    let stranger = tenant();
    for (tenant, scope, start) in [
        (&on.tenant, "tenant", moment(0)),
        (&on.tenant, "key:a", moment(0)),
        (&on.tenant, "tenant", moment(60_000)),
        (&stranger, "tenant", moment(0)),
    ] {
        let taken = on.rates.take(tenant, scope, start, 1, 1).await.unwrap();
        assert_eq!(taken, Taken { granted: 1, used: 1 }, "{tenant} {scope} {start}");
    }
}

async fn a_crowd_never_gets_more_than_the_limit(on: Backend) {
    const LIMIT: u32 = 50;
    let on = Arc::new(on);
    let takes = (0..30).map(|index| {
        let on = on.clone();
        tokio::spawn(async move {
            on.rates.take(&on.tenant, "tenant", moment(0), 1 + index % 5, LIMIT).await.unwrap()
        })
    });
    let taken: Vec<Taken> = join_all(takes).await.into_iter().map(|taken| taken.unwrap()).collect();
    let granted: u32 = taken.iter().map(|taken| taken.granted).sum();
    // They ask for 90: whoever comes last may find that others were quicker, but not more is given
    // out than there is, and one more request gets what is left.
    let rest = on.rates.take(&on.tenant, "tenant", moment(0), LIMIT, LIMIT).await.unwrap();
    assert_eq!(granted + rest.granted, LIMIT);
    assert!(taken.iter().all(|taken| taken.used <= LIMIT));
}
