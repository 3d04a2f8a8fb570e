use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use conversation::store::{BlobStore, SessionPatch, StoreError, TurnEnd};
use serde_json::json;
use testkit::MemoryBlobs;

use crate::contract::{
    backend::{Backend, for_every_store},
    samples::{
        answer, begin, begin_new, end, event, events, moment, page, question, session, stream,
    },
};

for_every_store!(
    an_erasure_leaves_nothing_and_touches_nothing_else,
    an_erasure_of_many_items_is_complete,
    what_was_logged_behind_an_erasure_is_erased_by_another,
);

fn is_gone<T: std::fmt::Debug>(result: Result<T, StoreError>) {
    assert!(matches!(result, Err(StoreError::NotFound { .. })), "{result:?}");
}

async fn an_erasure_leaves_nothing_and_touches_nothing_else(on: Backend) {
    let (erased, kept) = (session(0), session(1));
    let mut replies = vec![];
    for opened in [&erased, &kept] {
        let mut asked = question(opened.id, 1);
        asked.content = "long ".repeat(30_000);
        on.turns.begin(&on.tenant, &begin_new(opened, &asked)).await.unwrap();
        let mut reply = answer(&asked, 2);
        reply.details = json!({"series": "9".repeat(500_000)});
        let large = event(4, &"x".repeat(500_000));
        on.events.append(&on.tenant, stream(&reply), &events(1..=3), moment(60_000)).await.unwrap();
        on.events.append(&on.tenant, stream(&reply), &[large], moment(60_000)).await.unwrap();
        let ending = TurnEnd { last_events: events(5..=6), ..end(&reply) };
        on.turns.finish(&on.tenant, &ending).await.unwrap();
        replies.push((asked, reply));
    }
    on.eraser.erase(&on.tenant, erased.id).await.unwrap();

    let (asked, reply) = &replies[0];
    is_gone(on.sessions.read(&on.tenant, erased.id).await);
    is_gone(on.sessions.update(&on.tenant, erased.id, &SessionPatch::default()).await);
    is_gone(on.turns.load(&on.tenant, erased.id, 10).await);
    is_gone(on.listings.messages(&on.tenant, erased.id, &page(10, None)).await);
    is_gone(on.messages.message(&on.tenant, erased.id, asked.id).await);
    is_gone(on.messages.message(&on.tenant, erased.id, reply.id).await);
    is_gone(on.turns.begin(&on.tenant, &begin(&question(erased.id, 9))).await);
    assert_eq!(on.events.read(&on.tenant, stream(reply), 0).await.unwrap(), []);
    if let Some(blobs) = &on.blobs {
        let folder = format!("tenants/{}/sessions/{}", on.tenant, erased.id);
        is_gone(blobs.get(&format!("{folder}/{}", asked.id)).await);
        is_gone(blobs.get(&format!("{folder}/{}.details", reply.id)).await);
        is_gone(blobs.get(&format!("{folder}/events/{}/4", reply.id)).await);
    }
    is_gone(on.eraser.erase(&on.tenant, erased.id).await);
    let listed = on.listings.sessions(&on.tenant, &page(10, None)).await.unwrap();
    assert_eq!(listed.items.iter().map(|session| session.id).collect::<Vec<_>>(), [kept.id]);

    let (asked, reply) = &replies[1];
    let (_, history) = on.turns.load(&on.tenant, kept.id, 10).await.unwrap();
    assert_eq!(history[0].content.len(), asked.content.len());
    assert!(on.messages.message(&on.tenant, kept.id, reply.id).await.unwrap() == *reply);
    assert_eq!(on.events.read(&on.tenant, stream(reply), 0).await.unwrap().len(), 6);
}

/// More than one batch.
async fn an_erasure_of_many_items_is_complete(on: Backend) {
    let opened = session(0);
    on.sessions.create(&on.tenant, &opened, None).await.unwrap();
    let asked: Vec<_> = (0..60).map(|index| question(opened.id, index)).collect();
    for message in &asked {
        on.turns.begin(&on.tenant, &begin(message)).await.unwrap();
        on.turns.finish(&on.tenant, &end(&answer(message, 100))).await.unwrap();
    }
    on.eraser.erase(&on.tenant, opened.id).await.unwrap();
    is_gone(on.eraser.erase(&on.tenant, opened.id).await);
    // A session that takes the id again would show whatever had been left.
    on.sessions.create(&on.tenant, &opened, None).await.unwrap();
    let (_, history) = on.turns.load(&on.tenant, opened.id, 100).await.unwrap();
    assert_eq!(history, []);
}

async fn what_was_logged_behind_an_erasure_is_erased_by_another(on: Backend) {
    let opened = session(0);
    let asked = question(opened.id, 1);
    on.turns.begin(&on.tenant, &begin_new(&opened, &asked)).await.unwrap();
    on.eraser.erase(&on.tenant, opened.id).await.unwrap();
    let late = stream(&answer(&asked, 2));
    on.events.append(&on.tenant, late, &events(1..=3), moment(60_000)).await.unwrap();
    on.eraser.erase(&on.tenant, opened.id).await.unwrap();
    assert_eq!(on.events.read(&on.tenant, late, 0).await.unwrap(), []);
    is_gone(on.eraser.erase(&on.tenant, opened.id).await);
}

/// Blobs that can be written and not deleted, until the fault is over.
#[derive(Default)]
struct Undeletable {
    blobs: MemoryBlobs,
    is_over: AtomicBool,
}

#[async_trait]
impl BlobStore for Undeletable {
    async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), StoreError> {
        self.blobs.put(key, bytes).await
    }

    async fn get(&self, key: &str) -> Result<Vec<u8>, StoreError> {
        self.blobs.get(key).await
    }

    async fn delete_prefix(&self, prefix: &str) -> Result<(), StoreError> {
        if self.is_over.load(Ordering::SeqCst) {
            self.blobs.delete_prefix(prefix).await
        } else {
            Err(StoreError::Unavailable("connection refused".into()))
        }
    }
}

/// Of a real store only: the fake erases at once.
#[tokio::test]
async fn an_erasure_that_broke_off_hides_the_session_and_is_taken_up_again() {
    let blobs = Arc::new(Undeletable::default());
    let on = Backend::dynamodb_local_with(blobs.clone()).await;
    let opened = session(0);
    let asked = question(opened.id, 1);
    on.turns.begin(&on.tenant, &begin_new(&opened, &asked)).await.unwrap();
    let broken = on.eraser.erase(&on.tenant, opened.id).await;
    assert!(matches!(broken, Err(StoreError::Unavailable(_))), "{broken:?}");

    let patch = SessionPatch { name: Some(None), ..SessionPatch::default() };
    is_gone(on.sessions.read(&on.tenant, opened.id).await);
    is_gone(on.sessions.update(&on.tenant, opened.id, &patch).await);
    is_gone(on.turns.load(&on.tenant, opened.id, 10).await);
    is_gone(on.listings.messages(&on.tenant, opened.id, &page(10, None)).await);
    is_gone(on.messages.message(&on.tenant, opened.id, asked.id).await);
    is_gone(on.turns.begin(&on.tenant, &begin(&question(opened.id, 2))).await);
    is_gone(on.turns.finish(&on.tenant, &end(&answer(&asked, 3))).await);
    let listed = on.listings.sessions(&on.tenant, &page(10, None)).await.unwrap();
    assert_eq!(listed.items, []);

    blobs.is_over.store(true, Ordering::SeqCst);
    on.eraser.erase(&on.tenant, opened.id).await.unwrap();
    is_gone(on.eraser.erase(&on.tenant, opened.id).await);
}
