use conversation::{
    session::Session,
    store::{Claimed, Reference, SessionPatch, StoreError},
};
use jiff::SignedDuration;
use serde_json::json;

use crate::contract::{
    backend::{Backend, for_every_store},
    samples::{begin, claim, moment, object, page, question, session},
};

for_every_store!(
    a_session_comes_back_as_it_was_written,
    what_is_not_there_is_not_found,
    a_patch_changes_what_it_names_and_nothing_else,
    creating_again_under_one_key_returns_the_first,
    writing_the_same_session_again_is_harmless,
    a_key_is_forgotten_after_a_day,
);

async fn a_session_comes_back_as_it_was_written(on: Backend) {
    let full = session(0);
    let mut bare = session(1);
    (bare.name, bare.system_prompt, bare.metadata) = (None, None, object(json!({})));
    let mut odd = session(2);
    odd.name = Some(String::new());
    odd.created_at = "2026-01-01T00:00:00.123456789Z".parse().unwrap();
    odd.state = Some("{\"focus\":\"payment\"}".to_owned());
    for written in [full, bare, odd] {
        assert_eq!(on.sessions.create(&on.tenant, &written, None).await.unwrap(), Claimed::Fresh);
        assert_eq!(on.sessions.read(&on.tenant, written.id).await.unwrap(), written);
    }
}

async fn what_is_not_there_is_not_found(on: Backend) {
    let missing = question(session(0).id, 0);
    let id = missing.session;
    let errors = [
        on.sessions.read(&on.tenant, id).await.unwrap_err(),
        on.sessions.update(&on.tenant, id, &SessionPatch::default()).await.unwrap_err(),
        on.sessions
            .update(&on.tenant, id, &SessionPatch { name: Some(None), ..SessionPatch::default() })
            .await
            .unwrap_err(),
        on.listings.messages(&on.tenant, id, &page(5, None)).await.unwrap_err(),
        on.turns.load(&on.tenant, id, 5).await.unwrap_err(),
        on.turns.begin(&on.tenant, &begin(&missing)).await.unwrap_err(),
        on.eraser.erase(&on.tenant, id).await.unwrap_err(),
        on.messages.message(&on.tenant, id, missing.id).await.unwrap_err(),
    ];
    for error in errors {
        assert!(matches!(error, StoreError::NotFound { what: "session" }), "{error:?}");
    }
    // Nothing of what was refused was written.
    assert!(on.sessions.read(&on.tenant, id).await.is_err());
    let there = session(1);
    on.sessions.create(&on.tenant, &there, None).await.unwrap();
    let error = on.messages.message(&on.tenant, there.id, missing.id).await.unwrap_err();
    assert!(matches!(error, StoreError::NotFound { what: "message" }), "{error:?}");
}

async fn a_patch_changes_what_it_names_and_nothing_else(on: Backend) {
    let mut expected = session(0);
    on.sessions.create(&on.tenant, &expected, None).await.unwrap();
    let text = |text: &str| Some(Some(text.to_owned()));
    let metadata = object(json!({"team": "platform"}));
    for patch in [
        SessionPatch::default(),
        SessionPatch { name: text("renamed"), ..SessionPatch::default() },
        SessionPatch { name: Some(None), ..SessionPatch::default() },
        SessionPatch { metadata: Some(metadata), ..SessionPatch::default() },
        SessionPatch {
            name: text("again"),
            metadata: Some(object(json!({}))),
            system_prompt: Some(None),
        },
    ] {
        if let Some(name) = patch.name.clone() {
            expected.name = name;
        }
        if let Some(metadata) = patch.metadata.clone() {
            expected.metadata = metadata;
        }
        if let Some(system_prompt) = patch.system_prompt.clone() {
            expected.system_prompt = system_prompt;
        }
        let updated = on.sessions.update(&on.tenant, expected.id, &patch).await.unwrap();
        assert_eq!(updated, expected, "{patch:?}");
        assert_eq!(on.sessions.read(&on.tenant, expected.id).await.unwrap(), expected);
    }
}

async fn creating_again_under_one_key_returns_the_first(on: Backend) {
    let (first, second) = (session(0), session(1));
    let key = claim("POST /sessions key:a k1", "body");
    let made = on.sessions.create(&on.tenant, &first, Some(&key)).await.unwrap();
    assert_eq!(made, Claimed::Fresh);
    let again = on.sessions.create(&on.tenant, &second, Some(&key)).await.unwrap();
    let expected = Reference { session: first.id, message: None, finished: true };
    assert_eq!(again, Claimed::Repeated(expected));
    let other_body = claim(&key.key, "other body");
    let error = on.sessions.create(&on.tenant, &second, Some(&other_body)).await.unwrap_err();
    assert!(matches!(error, StoreError::IdempotencyMismatch), "{error:?}");
    assert!(on.sessions.read(&on.tenant, second.id).await.is_err());
    let other_key = claim("POST /sessions key:a k2", "body");
    let other = on.sessions.create(&on.tenant, &second, Some(&other_key)).await.unwrap();
    assert_eq!(other, Claimed::Fresh);
}

/// As when the answer to the first attempt was lost.
async fn writing_the_same_session_again_is_harmless(on: Backend) {
    let written = session(0);
    for _ in 0..2 {
        let made = on.sessions.create(&on.tenant, &written, None).await.unwrap();
        assert_eq!(made, Claimed::Fresh);
    }
    let claimed = session(1);
    let key = claim("POST /sessions key:a k", "body");
    for _ in 0..2 {
        let made = on.sessions.create(&on.tenant, &claimed, Some(&key)).await.unwrap();
        assert_eq!(made, Claimed::Fresh);
    }
    let other = Session { created_at: moment(9), ..written.clone() };
    let error = on.sessions.create(&on.tenant, &other, None).await.unwrap_err();
    assert!(matches!(error, StoreError::Contended), "{error:?}");
    assert_eq!(on.sessions.read(&on.tenant, written.id).await.unwrap(), written);
}

async fn a_key_is_forgotten_after_a_day(on: Backend) {
    let key = claim("POST /sessions key:a daily", "body");
    on.sessions.create(&on.tenant, &session(0), Some(&key)).await.unwrap();
    on.clock.advance(SignedDuration::from_hours(24) - SignedDuration::from_secs(1));
    let before = on.sessions.create(&on.tenant, &session(1), Some(&key)).await.unwrap();
    assert!(matches!(before, Claimed::Repeated(_)));
    on.clock.advance(SignedDuration::from_secs(1));
    let other_body = claim(&key.key, "other body");
    let after = on.sessions.create(&on.tenant, &session(2), Some(&other_body)).await.unwrap();
    assert_eq!(after, Claimed::Fresh);
}
