//! Two tenants that use the very same ids.

use conversation::store::{Claimed, SessionPatch, TurnEnd, TurnStart};

use crate::contract::{
    backend::{Backend, for_every_store, tenant},
    samples::{answer, begin, begin_new, claim, end, events, page, question, session, stream},
};

for_every_store!(tenants_with_the_same_ids_never_meet);

async fn tenants_with_the_same_ids_never_meet(on: Backend) {
    let stranger = tenant();
    let opened = session(0);
    let key = claim("POST /messages key:a k", "body");
    let asked = question(opened.id, 1);
    let mut theirs = asked.clone();
    theirs.content = "theirs".to_owned();
    // The same idempotency key, with another body: another tenant's is not ours to conflict with.
    let start = TurnStart { claim: Some(key.clone()), ..begin_new(&opened, &asked) };
    assert_eq!(on.turns.begin(&on.tenant, &start).await.unwrap(), Claimed::Fresh);
    let their_key = claim(&key.key, "other body");
    let start = TurnStart { claim: Some(their_key), ..begin_new(&opened, &theirs) };
    assert_eq!(on.turns.begin(&stranger, &start).await.unwrap(), Claimed::Fresh);

    let reply = answer(&asked, 2);
    let ending = TurnEnd { last_events: events(1..=3), claim: Some(key), ..end(&reply) };
    on.turns.finish(&on.tenant, &ending).await.unwrap();
    let patch = SessionPatch { name: Some(Some("ours".to_owned())), ..SessionPatch::default() };
    on.sessions.update(&on.tenant, opened.id, &patch).await.unwrap();

    let (their_session, their_history) = on.turns.load(&stranger, opened.id, 10).await.unwrap();
    assert_eq!((their_session.name, their_session.message_count), (opened.name.clone(), 1));
    assert_eq!(their_history, [theirs]);
    assert!(on.messages.message(&stranger, opened.id, reply.id).await.is_err());
    assert_eq!(on.events.read(&stranger, stream(&reply), 0).await.unwrap(), []);
    let listed = on.listings.messages(&stranger, opened.id, &page(10, None)).await.unwrap();
    assert_eq!(listed.items.len(), 1);

    on.eraser.erase(&stranger, opened.id).await.unwrap();
    assert!(on.sessions.read(&stranger, opened.id).await.is_err());
    let (ours, our_history) = on.turns.load(&on.tenant, opened.id, 10).await.unwrap();
    assert_eq!((ours.name.as_deref(), our_history.len()), (Some("ours"), 2));
    assert_eq!(on.events.read(&on.tenant, stream(&reply), 0).await.unwrap(), events(1..=3));
    assert!(on.turns.begin(&stranger, &begin(&question(opened.id, 9))).await.is_err());
}
