//! Idempotency keys of turns.

use std::sync::Arc;

use conversation::{
    session::TURN_LIMIT,
    store::{Claim, Claimed, Reference, StoreError, TurnEnd, TurnSession, TurnStart},
};
use futures::future::join_all;
use jiff::SignedDuration;
use model::MessageId;

use crate::contract::{
    backend::{Backend, for_every_store},
    samples::{answer, begin, begin_new, claim, end, question, session},
};

for_every_store!(
    a_turn_is_begun_once_per_key,
    a_key_with_another_body_is_a_conflict,
    of_many_at_once_one_begins,
    a_dead_turns_key_is_taken_over,
    a_turn_that_lost_its_key_still_ends,
    a_refused_turn_does_not_take_the_key,
    what_a_repeated_turn_brought_is_not_kept,
);

fn under(claim: &Claim, start: TurnStart) -> TurnStart {
    TurnStart { claim: Some(claim.clone()), ..start }
}

fn repeated(claimed: Claimed) -> (MessageId, bool) {
    match claimed {
        Claimed::Repeated(Reference { message: Some(message), finished, .. }) => {
            (message, finished)
        }
        other => panic!("{other:?}"),
    }
}

async fn a_turn_is_begun_once_per_key(on: Backend) {
    let key = claim("POST /messages key:a k", "body");
    let opened = session(0);
    let first = question(opened.id, 1);
    let start = under(&key, begin_new(&opened, &first));
    assert_eq!(on.turns.begin(&on.tenant, &start).await.unwrap(), Claimed::Fresh);
    // The very same write, as after an answer that was lost.
    assert_eq!(on.turns.begin(&on.tenant, &start).await.unwrap(), Claimed::Fresh);

    let other_session = session(2);
    let again = under(&key, begin_new(&other_session, &question(other_session.id, 2)));
    let claimed = on.turns.begin(&on.tenant, &again).await.unwrap();
    assert_eq!(repeated(claimed), (first.id, false));
    let ending = TurnEnd { claim: Some(key.clone()), ..end(&answer(&first, 3)) };
    on.turns.finish(&on.tenant, &ending).await.unwrap();
    let claimed = on.turns.begin(&on.tenant, &again).await.unwrap();
    assert_eq!(repeated(claimed), (first.id, true));

    assert!(on.sessions.read(&on.tenant, other_session.id).await.is_err());
    assert_eq!(on.sessions.read(&on.tenant, opened.id).await.unwrap().message_count, 2);
}

async fn a_key_with_another_body_is_a_conflict(on: Backend) {
    let key = claim("POST /messages key:a k", "body");
    let opened = session(0);
    let first = under(&key, begin_new(&opened, &question(opened.id, 1)));
    on.turns.begin(&on.tenant, &first).await.unwrap();
    let other_body = claim(&key.key, "other body");
    let second = under(&other_body, begin(&question(opened.id, 2)));
    for wait in [SignedDuration::ZERO, TURN_LIMIT + SignedDuration::from_secs(1)] {
        on.clock.advance(wait);
        let error = on.turns.begin(&on.tenant, &second).await.unwrap_err();
        assert!(matches!(error, StoreError::IdempotencyMismatch), "{error:?}");
    }
    assert_eq!(on.sessions.read(&on.tenant, opened.id).await.unwrap().message_count, 1);
}

async fn of_many_at_once_one_begins(on: Backend) {
    let key = claim("POST /messages key:a crowd", "body");
    let opened = session(0);
    on.sessions.create(&on.tenant, &opened, None).await.unwrap();
    let on = Arc::new(on);
    let attempts = (0..8).map(|index| {
        let (on, start) = (on.clone(), under(&key, begin(&question(opened.id, index))));
        tokio::spawn(async move {
            let claimed = on.turns.begin(&on.tenant, &start).await.unwrap();
            (start.message.id, claimed)
        })
    });
    let outcomes: Vec<_> =
        join_all(attempts).await.into_iter().map(|outcome| outcome.unwrap()).collect();
    let fresh: Vec<_> = outcomes.iter().filter(|(_, claimed)| *claimed == Claimed::Fresh).collect();
    let [(first, _)] = fresh[..] else { panic!("{outcomes:?}") };
    for (id, claimed) in &outcomes {
        if id != first {
            assert_eq!(repeated(claimed.clone()), (*first, false));
        }
    }
    assert_eq!(on.sessions.read(&on.tenant, opened.id).await.unwrap().message_count, 1);
}

async fn a_dead_turns_key_is_taken_over(on: Backend) {
    let key = claim("POST /messages key:a k", "body");
    let opened = session(0);
    let dead = question(opened.id, 1);
    on.turns.begin(&on.tenant, &under(&key, begin_new(&opened, &dead))).await.unwrap();
    let next = question(opened.id, 2);
    let takeover = under(&key, begin(&next));
    on.clock.advance(TURN_LIMIT);
    let claimed = on.turns.begin(&on.tenant, &takeover).await.unwrap();
    assert_eq!(repeated(claimed), (dead.id, false), "its time is not up yet");
    on.clock.advance(SignedDuration::from_millis(1));
    assert_eq!(on.turns.begin(&on.tenant, &takeover).await.unwrap(), Claimed::Fresh);
    let third = under(&key, begin(&question(opened.id, 3)));
    let claimed = on.turns.begin(&on.tenant, &third).await.unwrap();
    assert_eq!(repeated(claimed), (next.id, false), "the key is the second turn's now");
}

async fn a_turn_that_lost_its_key_still_ends(on: Backend) {
    let key = claim("POST /messages key:a k", "body");
    let opened = session(0);
    let slow = question(opened.id, 1);
    on.turns.begin(&on.tenant, &under(&key, begin_new(&opened, &slow))).await.unwrap();
    on.clock.advance(TURN_LIMIT + SignedDuration::from_secs(1));
    let next = question(opened.id, 2);
    on.turns.begin(&on.tenant, &under(&key, begin(&next))).await.unwrap();

    let ending = TurnEnd { claim: Some(key.clone()), ..end(&answer(&slow, 3)) };
    on.turns.finish(&on.tenant, &ending).await.unwrap();
    on.turns.finish(&on.tenant, &ending).await.unwrap();
    assert_eq!(on.sessions.read(&on.tenant, opened.id).await.unwrap().message_count, 3);
    let third = under(&key, begin(&question(opened.id, 4)));
    let claimed = on.turns.begin(&on.tenant, &third).await.unwrap();
    assert_eq!(repeated(claimed), (next.id, false), "the slow turn did not finish the other's key");
    // And with a key that nobody has any more.
    let other = question(opened.id, 5);
    on.turns.begin(&on.tenant, &begin(&other)).await.unwrap();
    let forgotten = Some(claim("POST /messages key:a forgotten", "body"));
    let ending = TurnEnd { claim: forgotten, ..end(&answer(&other, 6)) };
    on.turns.finish(&on.tenant, &ending).await.unwrap();
}

async fn a_refused_turn_does_not_take_the_key(on: Backend) {
    let key = claim("POST /messages key:a k", "body");
    let missing = question(session(0).id, 1);
    let error = on.turns.begin(&on.tenant, &under(&key, begin(&missing))).await.unwrap_err();
    assert!(matches!(error, StoreError::NotFound { what: "session" }), "{error:?}");
    let opened = session(0);
    let start = under(&key, begin_new(&opened, &question(opened.id, 2)));
    assert_eq!(on.turns.begin(&on.tenant, &start).await.unwrap(), Claimed::Fresh);
}

async fn what_a_repeated_turn_brought_is_not_kept(on: Backend) {
    let key = claim("POST /messages key:a k", "body");
    let opened = session(0);
    let first = under(&key, begin_new(&opened, &question(opened.id, 1)));
    on.turns.begin(&on.tenant, &first).await.unwrap();
    let mut large = question(opened.id, 2);
    large.content = "long ".repeat(30_000);
    let second = TurnStart {
        session: TurnSession::Existing(opened.id),
        message: large.clone(),
        claim: Some(key),
    };
    repeated(on.turns.begin(&on.tenant, &second).await.unwrap());
    assert!(on.messages.message(&on.tenant, opened.id, large.id).await.is_err());
    if let Some(blobs) = &on.blobs {
        let key = format!("tenants/{}/sessions/{}/{}", on.tenant, opened.id, large.id);
        assert!(matches!(blobs.get(&key).await, Err(StoreError::NotFound { .. })));
    }
}
