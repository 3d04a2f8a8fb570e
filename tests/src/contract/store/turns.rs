use std::sync::Arc;

use conversation::{
    session::{Message, MessageStatus, TURN_LIMIT},
    store::{Claimed, StoreError, TurnEnd},
};
use futures::future::join_all;
use serde_json::json;

use crate::contract::{
    backend::{Backend, CountedReads, for_every_store},
    samples::{
        answer, begin, begin_new, end, events, moment, object, page, question, said, session,
        stream,
    },
};

for_every_store!(
    a_turn_is_stored_from_beginning_to_end,
    a_session_loads_with_its_newest_messages_in_order,
    an_interrupted_turn_is_told_by_time,
    writing_a_beginning_again_is_harmless,
    writing_an_end_again_is_harmless,
    an_end_without_a_beginning_is_not_written,
    an_end_behind_an_erasure_is_not_written,
    large_messages_come_back_whole,
    a_long_history_of_long_messages_loads,
    turns_at_the_same_time_are_all_counted,
);

async fn a_turn_is_stored_from_beginning_to_end(on: Backend) {
    let opened = session(0);
    let asked = question(opened.id, 5);
    let started = on.turns.begin(&on.tenant, &begin_new(&opened, &asked)).await.unwrap();
    assert_eq!(started, Claimed::Fresh);
    let (loaded, history) = on.turns.load(&on.tenant, opened.id, 10).await.unwrap();
    assert_eq!(history, std::slice::from_ref(&asked));
    assert_eq!((loaded.message_count, loaded.last_activity), (1, moment(5)));
    assert_eq!(loaded.name, opened.name);

    let reply = answer(&asked, 9);
    let ending = TurnEnd { last_events: events(1..=3), ..end(&reply) };
    on.turns.finish(&on.tenant, &ending).await.unwrap();
    let (loaded, history) = on.turns.load(&on.tenant, opened.id, 10).await.unwrap();
    let answered = Message { status: MessageStatus::Complete, ..asked };
    assert_eq!(history, [answered.clone(), said(&reply)]);
    assert_eq!((loaded.message_count, loaded.last_activity), (2, moment(9)));
    assert_eq!(loaded.state.as_deref(), Some("state"));
    for message in [answered, reply.clone()] {
        let read = on.messages.message(&on.tenant, opened.id, message.id).await.unwrap();
        assert_eq!(read, message);
    }
    assert_eq!(on.events.read(&on.tenant, stream(&reply), 0).await.unwrap(), events(1..=3));

    let next = question(opened.id, 20);
    on.turns.begin(&on.tenant, &begin(&next)).await.unwrap();
    let mut failed = answer(&next, 21);
    (failed.status, failed.content) = (MessageStatus::Failed, "Let me".to_owned());
    let ending = TurnEnd { state: None, ..end(&failed) };
    on.turns.finish(&on.tenant, &ending).await.unwrap();
    let (loaded, history) = on.turns.load(&on.tenant, opened.id, 1).await.unwrap();
    assert_eq!(history, [said(&failed)]);
    let state = loaded.state.as_deref();
    assert_eq!((loaded.message_count, state), (4, Some("state")), "it is left as it was");
}

async fn a_session_loads_with_its_newest_messages_in_order(on: Backend) {
    let opened = session(0);
    on.sessions.create(&on.tenant, &opened, None).await.unwrap();
    let mut ids = vec![];
    for turn in 0..5 {
        let asked = question(opened.id, turn * 10);
        let reply = answer(&asked, turn * 10 + 5);
        on.turns.begin(&on.tenant, &begin(&asked)).await.unwrap();
        // Events of the session lie beside its messages and are not history.
        on.events.append(&on.tenant, stream(&reply), &events(1..=2), moment(99_000)).await.unwrap();
        on.turns.finish(&on.tenant, &end(&reply)).await.unwrap();
        ids.extend([asked.id, reply.id]);
    }
    for limit in [0, 1, 3, 10, 50] {
        let (loaded, history) = on.turns.load(&on.tenant, opened.id, limit).await.unwrap();
        assert_eq!(loaded.message_count, 10);
        let found: Vec<_> = history.iter().map(|message| message.id).collect();
        assert_eq!(found, ids[10_usize.saturating_sub(limit)..], "{limit}");
    }
}

async fn an_interrupted_turn_is_told_by_time(on: Backend) {
    let opened = session(0);
    let asked = question(opened.id, 0);
    on.turns.begin(&on.tenant, &begin_new(&opened, &asked)).await.unwrap();
    let read = on.messages.message(&on.tenant, opened.id, asked.id).await.unwrap();
    assert_eq!(read.status_at(moment(0) + TURN_LIMIT), MessageStatus::Pending);
    let later = moment(1) + TURN_LIMIT;
    assert_eq!(read.status_at(later), MessageStatus::Interrupted);
}

async fn writing_a_beginning_again_is_harmless(on: Backend) {
    let opened = session(0);
    let first = begin_new(&opened, &question(opened.id, 1));
    let second = begin(&question(opened.id, 2));
    for start in [&first, &first, &second, &second] {
        assert_eq!(on.turns.begin(&on.tenant, start).await.unwrap(), Claimed::Fresh);
    }
    assert_eq!(on.sessions.read(&on.tenant, opened.id).await.unwrap().message_count, 2);
}

async fn writing_an_end_again_is_harmless(on: Backend) {
    let opened = session(0);
    let asked = question(opened.id, 1);
    on.turns.begin(&on.tenant, &begin_new(&opened, &asked)).await.unwrap();
    let mut reply = answer(&asked, 2);
    // They are kept outside the table: the second write must not take them away.
    reply.content = "long ".repeat(30_000);
    reply.details = json!({"series": "9".repeat(500_000)});
    let ending = TurnEnd { last_events: events(1..=3), ..end(&reply) };
    on.turns.finish(&on.tenant, &ending).await.unwrap();
    on.turns.finish(&on.tenant, &ending).await.unwrap();
    let (loaded, history) = on.turns.load(&on.tenant, opened.id, 10).await.unwrap();
    assert_eq!((loaded.message_count, history.len()), (2, 2));
    assert!(history[1] == said(&reply));
    assert!(on.messages.message(&on.tenant, opened.id, reply.id).await.unwrap() == reply);
}

async fn an_end_without_a_beginning_is_not_written(on: Backend) {
    let opened = session(0);
    on.sessions.create(&on.tenant, &opened, None).await.unwrap();
    let reply = answer(&question(opened.id, 1), 2);
    let ending = TurnEnd { last_events: events(1..=3), ..end(&reply) };
    let error = on.turns.finish(&on.tenant, &ending).await.unwrap_err();
    assert!(matches!(error, StoreError::NotFound { what: "message" }), "{error:?}");
    let (loaded, history) = on.turns.load(&on.tenant, opened.id, 10).await.unwrap();
    assert_eq!((loaded, history.len()), (opened, 0));
    assert_eq!(on.events.read(&on.tenant, stream(&reply), 0).await.unwrap(), []);
}

async fn an_end_behind_an_erasure_is_not_written(on: Backend) {
    let opened = session(0);
    let asked = question(opened.id, 1);
    on.turns.begin(&on.tenant, &begin_new(&opened, &asked)).await.unwrap();
    on.eraser.erase(&on.tenant, opened.id).await.unwrap();
    let mut reply = answer(&asked, 2);
    reply.content = "long ".repeat(30_000);
    reply.details = json!({"series": "9".repeat(500_000)});
    let ending = TurnEnd { last_events: events(1..=3), ..end(&reply) };
    let error = on.turns.finish(&on.tenant, &ending).await.unwrap_err();
    assert!(matches!(error, StoreError::NotFound { what: "session" }), "{error:?}");
    assert_eq!(on.events.read(&on.tenant, stream(&reply), 0).await.unwrap(), []);
    if let Some(blobs) = &on.blobs {
        let key = format!("tenants/{}/sessions/{}/{}", on.tenant, opened.id, reply.id);
        for key in [&key, &format!("{key}.details")] {
            assert!(matches!(blobs.get(key).await, Err(StoreError::NotFound { .. })), "{key}");
        }
    }
    // An erasure finds nothing that is left.
    assert!(matches!(
        on.eraser.erase(&on.tenant, opened.id).await,
        Err(StoreError::NotFound { .. })
    ));
}

async fn large_messages_come_back_whole(on: Backend) {
    let opened = session(0);
    on.sessions.create(&on.tenant, &opened, None).await.unwrap();
    let megabyte = "Grüße ".repeat(1024 * 1024 / 8);
    let cases = [
        // (content, metadata, details): around the limit of what is kept inline, and far above
        ("x".repeat(100 * 1024), json!({}), json!(null)),
        ("x".repeat(100 * 1024 + 1), json!({}), json!(null)),
        (megabyte, json!({"a": 1}), json!({"series": [1.5, 2]})),
        // (the quotes and the name around the nines are 13 bytes)
        ("small".to_owned(), json!({}), json!({"series": "9".repeat(350 * 1024 - 13)})),
        ("small".to_owned(), json!({}), json!({"series": "9".repeat(350 * 1024 - 12)})),
        ("small".to_owned(), json!({}), json!({"series": "9".repeat(500_000)})),
        (
            "x".repeat(90 * 1024),
            json!({"m": "y".repeat(200_000)}),
            json!({"series": "9".repeat(300_000)}),
        ),
        ("small".to_owned(), json!({"m": "y".repeat(500_000)}), json!(null)),
        (String::new(), json!({}), json!(null)),
    ];
    for (index, (content, metadata, details)) in (0_i64..).zip(cases) {
        let mut asked = question(opened.id, 10 + index);
        (asked.content, asked.metadata) = (content.clone(), object(metadata));
        let mut reply = answer(&asked, 11 + index);
        (reply.content, reply.details) = (content, details);
        on.turns.begin(&on.tenant, &begin(&asked)).await.unwrap();
        on.turns.finish(&on.tenant, &end(&reply)).await.unwrap();
        let (_, history) = on.turns.load(&on.tenant, opened.id, 2).await.unwrap();
        asked.status = MessageStatus::Complete;
        assert!(history == [asked, said(&reply)], "case {index}");
        let read = on.messages.message(&on.tenant, opened.id, reply.id).await.unwrap();
        assert!(read == reply, "case {index}");
    }
}

/// More than a page of DynamoDB's, none of it outside the table.
async fn a_long_history_of_long_messages_loads(on: Backend) {
    let opened = session(0);
    on.sessions.create(&on.tenant, &opened, None).await.unwrap();
    for index in 0..24 {
        let mut asked = question(opened.id, index);
        asked.content = "z".repeat(90 * 1024);
        on.turns.begin(&on.tenant, &begin(&asked)).await.unwrap();
    }
    let (_, history) = on.turns.load(&on.tenant, opened.id, 20).await.unwrap();
    assert_eq!(history.len(), 20);
    assert!(history.is_sorted_by_key(|message| message.id));
    assert_eq!(history[19].created_at, moment(23));
}

async fn turns_at_the_same_time_are_all_counted(on: Backend) {
    const TURNS: i64 = 10;
    let opened = session(0);
    on.sessions.create(&on.tenant, &opened, None).await.unwrap();
    let on = Arc::new(on);
    let turns = (0..TURNS).map(|index| {
        let (on, session) = (on.clone(), opened.id);
        tokio::spawn(async move {
            let asked = question(session, index);
            on.turns.begin(&on.tenant, &begin(&asked)).await.unwrap();
            on.turns.finish(&on.tenant, &end(&answer(&asked, 100 + index))).await.unwrap();
        })
    });
    for turn in join_all(turns).await {
        turn.unwrap();
    }
    let (loaded, history) = on.turns.load(&on.tenant, opened.id, 50).await.unwrap();
    assert_eq!(history.len(), 2 * TURNS as usize);
    assert_eq!(loaded.message_count, 2 * TURNS as u32);
    assert!(history.iter().all(|message| message.status == MessageStatus::Complete));
    assert!(loaded.last_activity >= moment(100));
}

/// Of a real store only: the fake keeps everything in one place.
#[tokio::test]
async fn a_load_reads_few_bodies_at_once_and_no_details() {
    const AT_ONCE: usize = 8;
    let blobs = Arc::new(CountedReads::default());
    let on = Backend::dynamodb_local_with(blobs.clone()).await;
    let opened = session(0);
    on.sessions.create(&on.tenant, &opened, None).await.unwrap();
    for index in 0..10 {
        let mut asked = question(opened.id, index);
        asked.content = "long ".repeat(30_000);
        let mut reply = answer(&asked, index);
        reply.details = json!({"series": "9".repeat(500_000)});
        on.turns.begin(&on.tenant, &begin(&asked)).await.unwrap();
        on.turns.finish(&on.tenant, &end(&reply)).await.unwrap();
    }
    let (_, history) = on.turns.load(&on.tenant, opened.id, 20).await.unwrap();
    assert!(history.len() == 20 && history.is_sorted_by_key(|message| message.id));
    // The answers quote the questions.
    assert_eq!((blobs.total(), blobs.most_at_once()), (20, AT_ONCE));
}

/// Of the real stores only: the fake keeps nothing outside itself.
#[tokio::test]
async fn a_message_whose_body_is_lost_is_corrupt() {
    for on in [Backend::local_cloud().await, Backend::dynamodb_local().await] {
        let opened = session(0);
        let mut asked = question(opened.id, 1);
        asked.content = "long ".repeat(30_000);
        let mut reply = answer(&asked, 2);
        reply.details = json!({"series": "9".repeat(500_000)});
        on.turns.begin(&on.tenant, &begin_new(&opened, &asked)).await.unwrap();
        on.turns.finish(&on.tenant, &end(&reply)).await.unwrap();
        let blobs = on.blobs.as_ref().unwrap();
        blobs.delete_prefix(&format!("tenants/{}/", on.tenant)).await.unwrap();
        for error in [
            on.messages.message(&on.tenant, opened.id, asked.id).await.unwrap_err(),
            on.messages.message(&on.tenant, opened.id, reply.id).await.unwrap_err(),
            on.listings.messages(&on.tenant, opened.id, &page(5, None)).await.unwrap_err(),
        ] {
            assert!(matches!(error, StoreError::Corrupt(_)), "{error:?}");
        }
    }
}
