use std::sync::Arc;

use conversation::{
    session::{Message, MessageStatus, Session},
    store::{MAX_PAGE_BYTES, PageRequest, SessionPatch, StoreError},
};
use model::{MessageId, SessionId};
use serde_json::{Value, json};

use crate::contract::{
    backend::{Backend, CountedReads, for_every_store, tenant},
    samples::{answer, begin, end, object, page, question, session},
};

const MEBIBYTE: usize = 1024 * 1024;

for_every_store!(
    sessions_are_listed_by_activity_page_by_page,
    large_sessions_are_listed_in_pages_within_the_budget,
    messages_are_listed_both_ways_page_by_page,
    details_are_listed_with_their_messages_within_the_budget,
    large_messages_are_listed_in_pages_within_the_budget,
    a_message_above_the_budget_is_a_page_of_its_own,
    an_empty_listing_is_one_empty_page,
    a_cursor_is_good_for_its_own_listing_only,
    a_listing_goes_on_behind_what_was_deleted,
);

/// All pages of a tenant's sessions.
async fn all_sessions(on: &Backend, limit: usize) -> Vec<SessionId> {
    let (mut found, mut cursor) = (vec![], None);
    loop {
        let next = on.listings.sessions(&on.tenant, &page(limit, cursor)).await.unwrap();
        assert!(next.items.len() <= limit && !next.items.is_empty());
        found.extend(next.items.iter().map(|session| session.id));
        cursor = next.next_cursor;
        if cursor.is_none() {
            return found;
        }
    }
}

async fn sessions_are_listed_by_activity_page_by_page(on: Backend) {
    let mut expected = vec![];
    for index in 0..7 {
        // Two of the same moment are told apart by their ids.
        let opened = session(index / 2);
        on.sessions.create(&on.tenant, &opened, None).await.unwrap();
        expected.push((opened.last_activity, opened.id));
    }
    // A turn brings its session to the top.
    let (_, id) = expected.remove(2);
    let asked = question(id, 1000);
    on.turns.begin(&on.tenant, &begin(&asked)).await.unwrap();
    let reply = answer(&asked, 2000);
    on.turns.finish(&on.tenant, &end(&reply)).await.unwrap();
    expected.push((reply.created_at, id));
    // A patch does not.
    let patch = SessionPatch { name: Some(None), ..SessionPatch::default() };
    on.sessions.update(&on.tenant, expected[0].1, &patch).await.unwrap();

    expected.sort_unstable();
    let newest_first: Vec<SessionId> = expected.iter().rev().map(|(_, id)| *id).collect();
    for limit in [1, 2, 3, 6, 7, 8] {
        assert_eq!(all_sessions(&on, limit).await, newest_first, "{limit} a page");
    }
}

async fn large_sessions_are_listed_in_pages_within_the_budget(on: Backend) {
    const SESSIONS: i64 = 15;
    let mut ids = vec![];
    for index in 0..SESSIONS {
        let mut opened = session(index);
        // In a response, a line break takes two bytes.
        opened.metadata = object(json!({"m": "\n".repeat(100 * 1024)}));
        opened.system_prompt = Some("p".repeat(100 * 1024));
        on.sessions.create(&on.tenant, &opened, None).await.unwrap();
        ids.push(opened.id);
    }
    ids.reverse();
    let (mut pages, mut cursor) = (vec![], None);
    loop {
        let next = on.listings.sessions(&on.tenant, &page(200, cursor)).await.unwrap();
        let total: usize = next.items.iter().map(Session::json_bytes).sum();
        assert!(total <= MAX_PAGE_BYTES, "{total} bytes");
        pages.push(next.items.iter().map(|session| session.id).collect::<Vec<_>>());
        cursor = next.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    // 300 KiB each.
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [13, 2]);
    assert_eq!(pages.concat(), ids);
}

/// What is said in a session of its own, each reply with these details; a question stays unanswered
/// where there are none.
async fn talk(on: &Backend, details: Vec<Option<Value>>) -> (SessionId, Vec<Message>) {
    let opened = session(0);
    on.sessions.create(&on.tenant, &opened, None).await.unwrap();
    let mut messages = vec![];
    for (ms, details) in (1..).step_by(10).zip(details) {
        let asked = question(opened.id, ms);
        on.turns.begin(&on.tenant, &begin(&asked)).await.unwrap();
        let Some(details) = details else {
            messages.push(asked);
            continue;
        };
        let reply = Message { details, ..answer(&asked, ms + 1) };
        on.turns.finish(&on.tenant, &end(&reply)).await.unwrap();
        messages.extend([Message { status: MessageStatus::Complete, ..asked }, reply]);
    }
    (opened.id, messages)
}

async fn messages_are_listed_both_ways_page_by_page(on: Backend) {
    let details =
        [Some(json!({"n": 1})), None, Some(json!({"n": 2})), Some(json!(null)), Some(json!([]))];
    let (session, messages) = talk(&on, details.to_vec()).await;
    for newest_first in [false, true] {
        for limit in [1, 2, 3, 4, 9, 10] {
            let (mut found, mut cursor) = (vec![], None);
            loop {
                let request = PageRequest { limit, cursor, newest_first };
                let next = on.listings.messages(&on.tenant, session, &request).await.unwrap();
                assert!(next.items.len() <= limit && !next.items.is_empty());
                found.extend(next.items);
                cursor = next.next_cursor;
                if cursor.is_none() {
                    break;
                }
            }
            if newest_first {
                found.reverse();
            }
            assert_eq!(found, messages, "{limit} a page, newest first: {newest_first}");
        }
    }
}

/// More than a page of DynamoDB's, some of it outside the table.
async fn details_are_listed_with_their_messages_within_the_budget(on: Backend) {
    let details = (0..30_usize).map(|index| {
        let size = [300_000, 10, 400_000][index % 3];
        (index % 7 != 0).then(|| json!({"index": index, "series": "9".repeat(size)}))
    });
    let (session, mut messages) = talk(&on, details.collect()).await;
    for newest_first in [false, true] {
        let (mut found, mut cursor) = (vec![], None);
        loop {
            let request = PageRequest { limit: 200, cursor, newest_first };
            let next = on.listings.messages(&on.tenant, session, &request).await.unwrap();
            let total: usize = next.items.iter().map(Message::json_bytes).sum();
            assert!(total <= MAX_PAGE_BYTES && !next.items.is_empty(), "{total} bytes");
            found.extend(next.items);
            cursor = next.next_cursor;
            // A page that is not the last one is full.
            assert!(cursor.is_none() || total > MAX_PAGE_BYTES - 410_000, "{total} bytes");
            if cursor.is_none() {
                break;
            }
        }
        assert!(found == messages, "newest first: {newest_first}");
        messages.reverse();
    }
}

/// Questions with these contents, in a session of their own.
async fn ask(on: &Backend, contents: Vec<String>) -> (SessionId, Vec<MessageId>) {
    let opened = session(0);
    on.sessions.create(&on.tenant, &opened, None).await.unwrap();
    let mut ids = vec![];
    for (ms, content) in (1..).zip(contents) {
        let mut asked = question(opened.id, ms);
        asked.content = content;
        on.turns.begin(&on.tenant, &begin(&asked)).await.unwrap();
        ids.push(asked.id);
    }
    (opened.id, ids)
}

/// All pages of a session's messages, as the ids on each. No page is empty or above the budget,
/// unless it is a single message.
async fn pages_of_messages(on: &Backend, of: SessionId, newest_first: bool) -> Vec<Vec<MessageId>> {
    let (mut pages, mut cursor) = (vec![], None);
    loop {
        let request = PageRequest { limit: 50, cursor, newest_first };
        let next = on.listings.messages(&on.tenant, of, &request).await.unwrap();
        let bytes = |message: &Message| {
            let metadata = serde_json::to_string(&message.metadata).unwrap();
            message.content.len() + metadata.len() + message.details.to_string().len()
        };
        let total: usize = next.items.iter().map(bytes).sum();
        assert!(total <= MAX_PAGE_BYTES || next.items.len() == 1, "{total} bytes");
        assert!(!next.items.is_empty());
        pages.push(next.items.iter().map(|message| message.id).collect());
        cursor = next.next_cursor;
        if cursor.is_none() {
            return pages;
        }
    }
}

async fn large_messages_are_listed_in_pages_within_the_budget(on: Backend) {
    let (opened, mut ids) = ask(&on, vec!["x".repeat(MEBIBYTE); 7]).await;
    for newest_first in [false, true] {
        let pages = pages_of_messages(&on, opened, newest_first).await;
        let sizes: Vec<usize> = pages.iter().map(Vec::len).collect();
        // Four contents alone would fill a page to the byte, but there is metadata as well.
        assert_eq!(sizes, [3, 3, 1], "newest first: {newest_first}");
        assert_eq!(pages.concat(), ids, "newest first: {newest_first}");
        ids.reverse();
    }
}

async fn a_message_above_the_budget_is_a_page_of_its_own(on: Backend) {
    let small = || "x".to_owned();
    // In a response, a line break takes two bytes.
    let (opened, ids) = ask(&on, vec![small(), "\n".repeat(MAX_PAGE_BYTES / 2), small()]).await;
    let pages = pages_of_messages(&on, opened, false).await;
    assert_eq!(pages, ids.iter().map(|id| vec![*id]).collect::<Vec<_>>());
    // What a reply holds besides its text counts too.
    let mut reply = answer(&question(opened, 10), 11);
    reply.id = ids[2].reply();
    reply.details = json!({"series": "9".repeat(MAX_PAGE_BYTES)});
    on.turns.finish(&on.tenant, &end(&reply)).await.unwrap();
    let mut asked = question(opened, 12);
    asked.metadata = object(json!({"m": "y".repeat(MAX_PAGE_BYTES)}));
    on.turns.begin(&on.tenant, &begin(&asked)).await.unwrap();
    let pages = pages_of_messages(&on, opened, true).await;
    let expected = [asked.id, reply.id, ids[2], ids[1], ids[0]];
    assert_eq!(pages, expected.map(|id| vec![id]));
}

/// Of a real store only: the fake keeps everything in one place.
#[tokio::test]
async fn a_page_reads_few_bodies_at_once_and_hardly_more_than_it_shows() {
    const AT_ONCE: usize = 8;
    let blobs = Arc::new(CountedReads::default());
    let on = Backend::dynamodb_local_with(blobs.clone()).await;
    let (opened, _) = ask(&on, vec!["x".repeat(MEBIBYTE); 30]).await;
    let listed = on.listings.messages(&on.tenant, opened, &page(50, None)).await.unwrap();
    assert_eq!(listed.items.len(), 3);
    assert_eq!(blobs.most_at_once(), AT_ONCE);
    let total = blobs.total();
    // One shows that the page is full, the others were under way by then.
    assert!(total <= listed.items.len() + AT_ONCE, "{total} bodies");

    on.listings.messages(&on.tenant, opened, &page(2, None)).await.unwrap();
    assert_eq!(blobs.total(), 2, "the one behind the page is not read");
}

async fn an_empty_listing_is_one_empty_page(on: Backend) {
    let sessions = on.listings.sessions(&on.tenant, &page(10, None)).await.unwrap();
    assert_eq!((sessions.items.len(), sessions.next_cursor), (0, None));
    let opened = session(0);
    on.sessions.create(&on.tenant, &opened, None).await.unwrap();
    let messages = on.listings.messages(&on.tenant, opened.id, &page(10, None)).await.unwrap();
    assert_eq!((messages.items.len(), messages.next_cursor), (0, None));
}

async fn a_cursor_is_good_for_its_own_listing_only(on: Backend) {
    let stranger = tenant();
    let (ours, other) = (session(0), session(1));
    for tenant in [&on.tenant, &stranger] {
        for opened in [&ours, &other] {
            on.sessions.create(tenant, opened, None).await.unwrap();
            for index in 0..3 {
                on.turns.begin(tenant, &begin(&question(opened.id, index))).await.unwrap();
            }
        }
    }
    let request =
        |cursor: Option<String>, newest_first| PageRequest { limit: 1, cursor, newest_first };
    let of_sessions = |tenant, cursor| {
        let (listings, request) = (on.listings.clone(), request(cursor, false));
        async move { listings.sessions(tenant, &request).await.map(|page| page.next_cursor) }
    };
    let of_messages = |tenant, session, newest_first, cursor| {
        let (listings, request) = (on.listings.clone(), request(cursor, newest_first));
        async move { listings.messages(tenant, session, &request).await.map(|page| page.next_cursor) }
    };
    let mine = of_sessions(&on.tenant, None).await.unwrap();
    let theirs = of_sessions(&stranger, None).await.unwrap();
    let oldest = of_messages(&on.tenant, ours.id, false, None).await.unwrap();
    let newest = of_messages(&on.tenant, ours.id, true, None).await.unwrap();
    let elsewhere = of_messages(&on.tenant, other.id, false, None).await.unwrap();
    let theirs_too = of_messages(&stranger, ours.id, false, None).await.unwrap();
    for cursor in [&mine, &theirs, &oldest, &newest, &elsewhere, &theirs_too] {
        assert!(cursor.is_some());
    }
    assert!(of_sessions(&on.tenant, mine.clone()).await.is_ok());
    assert!(of_messages(&on.tenant, ours.id, false, oldest.clone()).await.is_ok());
    assert!(of_messages(&on.tenant, ours.id, true, newest.clone()).await.is_ok());

    let junk = ["", "x", "é☃", "AAAA", "../../etc", "bnVsbA"].map(|text| Some(text.to_owned()));
    for cursor in [&theirs, &oldest].into_iter().chain(&junk) {
        let error = of_sessions(&on.tenant, cursor.clone()).await.unwrap_err();
        assert!(matches!(error, StoreError::BadCursor), "{cursor:?}: {error:?}");
    }
    for cursor in [&mine, &newest, &elsewhere, &theirs_too].into_iter().chain(&junk) {
        let error = of_messages(&on.tenant, ours.id, false, cursor.clone()).await.unwrap_err();
        assert!(matches!(error, StoreError::BadCursor), "{cursor:?}: {error:?}");
    }
}

async fn a_listing_goes_on_behind_what_was_deleted(on: Backend) {
    let opened: Vec<_> = (0..4).map(session).collect();
    for session in &opened {
        on.sessions.create(&on.tenant, session, None).await.unwrap();
    }
    let first = on.listings.sessions(&on.tenant, &page(2, None)).await.unwrap();
    // The cursor stands behind this one.
    on.eraser.erase(&on.tenant, opened[2].id).await.unwrap();
    let rest = on.listings.sessions(&on.tenant, &page(5, first.next_cursor)).await.unwrap();
    let ids: Vec<_> = rest.items.iter().map(|session| session.id).collect();
    assert_eq!(ids, [opened[1].id, opened[0].id]);
}
