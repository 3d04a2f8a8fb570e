//! Listings, page by page.

use std::fmt::Display;

use async_trait::async_trait;
use conversation::{
    session::{Message, Session},
    store::{Listings, MAX_PAGE_BYTES, Page, PageRequest, StoreError},
};
use jiff::Timestamp;
use model::{MessageId, SessionId, TenantId};

use super::MemoryStore;

fn cursor(listing: &str, position: impl Display) -> String {
    format!("{listing}|{position}")
}

fn position<'a>(page: &'a PageRequest, listing: &str) -> Result<Option<&'a str>, StoreError> {
    let Some(cursor) = &page.cursor else { return Ok(None) };
    let position = cursor.strip_prefix(listing).and_then(|rest| rest.strip_prefix('|'));
    position.map(Some).ok_or(StoreError::BadCursor)
}

/// Cuts a page of this many items at most, and within a page's bytes, out of a whole listing.
fn cut<T>(
    mut items: Vec<T>,
    limit: usize,
    json_bytes: impl Fn(&T) -> usize,
    cursor: impl Fn(&T) -> String,
) -> Page<T> {
    let limit = limit.min(fitting(&items, json_bytes)).max(1);
    let more = items.len() > limit;
    items.truncate(limit);
    let next_cursor = items.last().filter(|_| more).map(cursor);
    Page { items, next_cursor }
}

/// How many of the first items stay within a page's bytes.
fn fitting<T>(items: &[T], json_bytes: impl Fn(&T) -> usize) -> usize {
    let sizes = items.iter().scan(0_usize, |bytes, item| {
        *bytes = bytes.saturating_add(json_bytes(item));
        Some(*bytes)
    });
    sizes.take_while(|&bytes| bytes <= MAX_PAGE_BYTES).count()
}

fn activity(text: &str) -> Option<(Timestamp, SessionId)> {
    let (moment, session) = text.split_once('#')?;
    Some((moment.parse().ok()?, session.parse().ok()?))
}

#[async_trait]
impl Listings for MemoryStore {
    async fn sessions(
        &self,
        tenant: &TenantId,
        page: &PageRequest,
    ) -> Result<Page<Session>, StoreError> {
        let listing = format!("{tenant}/sessions");
        let start = match position(page, &listing)? {
            Some(text) => Some(activity(text).ok_or(StoreError::BadCursor)?),
            None => None,
        };
        let mut sessions: Vec<Session> = self.with(tenant, |tenant| {
            let sessions = tenant.sessions.values().map(|found| &found.session);
            let behind = |session: &&Session| {
                start.is_none_or(|start| (session.last_activity, session.id) < start)
            };
            sessions.filter(behind).cloned().collect()
        });
        sessions.sort_by_key(|session| std::cmp::Reverse((session.last_activity, session.id)));
        Ok(cut(sessions, page.limit, Session::json_bytes, |last| {
            cursor(&listing, format_args!("{}#{}", last.last_activity, last.id))
        }))
    }

    async fn messages(
        &self,
        tenant: &TenantId,
        session: SessionId,
        page: &PageRequest,
    ) -> Result<Page<Message>, StoreError> {
        let listing = format!("{tenant}/{session}/{}", page.newest_first);
        let start: Option<MessageId> = match position(page, &listing)? {
            Some(text) => Some(text.parse().map_err(|_| StoreError::BadCursor)?),
            None => None,
        };
        let mut messages: Vec<Message> = self.with(tenant, |tenant| {
            let messages = tenant.conversation(session)?.messages.values();
            let behind = |message: &&Message| match start {
                None => true,
                Some(start) if page.newest_first => message.id < start,
                Some(start) => message.id > start,
            };
            Ok::<_, StoreError>(messages.filter(behind).cloned().collect())
        })?;
        if page.newest_first {
            messages.reverse();
        }
        Ok(cut(messages, page.limit, Message::json_bytes, |last| cursor(&listing, last.id)))
    }
}
