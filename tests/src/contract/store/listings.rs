use conversation::store::{PageRequest, SessionPatch, StoreError};
use model::{MessageId, SessionId};

use crate::contract::{
    backend::{Backend, for_every_store, tenant},
    samples::{answer, begin, end, page, question, session},
};

for_every_store!(
    sessions_are_listed_by_activity_page_by_page,
    messages_are_listed_both_ways_page_by_page,
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

async fn messages_are_listed_both_ways_page_by_page(on: Backend) {
    let opened = session(0);
    on.sessions.create(&on.tenant, &opened, None).await.unwrap();
    let mut ids: Vec<MessageId> = vec![];
    for index in 0..4 {
        let asked = question(opened.id, index * 10);
        let reply = answer(&asked, index * 10 + 1);
        on.turns.begin(&on.tenant, &begin(&asked)).await.unwrap();
        on.turns.finish(&on.tenant, &end(&reply)).await.unwrap();
        ids.extend([asked.id, reply.id]);
    }
    for newest_first in [false, true] {
        for limit in [1, 3, 8, 9] {
            let (mut found, mut cursor) = (vec![], None);
            loop {
                let request = PageRequest { limit, cursor, newest_first };
                let next = on.listings.messages(&on.tenant, opened.id, &request).await.unwrap();
                assert!(next.items.len() <= limit && !next.items.is_empty());
                found.extend(next.items.iter().map(|message| message.id));
                cursor = next.next_cursor;
                if cursor.is_none() {
                    break;
                }
            }
            if newest_first {
                found.reverse();
            }
            assert_eq!(found, ids, "{limit} a page, newest first: {newest_first}");
        }
    }
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
