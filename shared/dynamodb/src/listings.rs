//! A tenant's sessions and a session's messages, page by page.

use std::pin::pin;

use async_trait::async_trait;
use conversation::{
    session::{Message, Session},
    store::{Listings, MAX_PAGE_BYTES, Page, PageRequest, SessionStore, StoreError},
};
use futures::{
    future::join,
    stream::{Stream, StreamExt, TryStreamExt},
};
use model::{MessageId, SessionId, TenantId};

use crate::{
    DynamoStore, Item, cursor,
    fields::text,
    items::{self, key_item},
    keys::{self, MESSAGE_PREFIX},
    paging::{self, collect},
};

/// Whatever a page asks for, it has at least one and at most this many items.
const MAX_PAGE_ITEMS: usize = 1000;
/// How many messages are read at once where their bodies are in the blob store.
const CONCURRENT_READS: usize = 8;
/// Directly behind every message's sort key.
const BEHIND_MESSAGES: &str = "MSG$";

/// One item more than the page shows is read: it says whether there is a next page.
fn with_lookahead(page: &PageRequest) -> (usize, usize) {
    let limit = page.limit.clamp(1, MAX_PAGE_ITEMS);
    (limit, limit + 1)
}

/// Where a listing of sessions goes on: a key of the index holds the table's key as well.
fn index_start(tenant: &TenantId, position: &str) -> Result<Item, StoreError> {
    let session = keys::session_of_activity(position).ok_or(StoreError::BadCursor)?;
    let mut start = key_item(keys::session(tenant, session));
    start.insert("gsi_pk".to_owned(), text(keys::sessions_index(tenant)));
    start.insert("gsi_sk".to_owned(), text(position));
    Ok(start)
}

/// As many messages as a page holds, and whether there are more. `None` stands for one that the page
/// is not to show.
async fn fill(
    messages: impl Stream<Item = Result<Option<Message>, StoreError>>,
) -> Result<(Vec<Message>, bool), StoreError> {
    let mut messages = pin!(messages);
    let (mut page, mut bytes) = (Vec::new(), 0_usize);
    while let Some(next) = messages.try_next().await? {
        let Some(message) = next else { return Ok((page, true)) };
        bytes = bytes.saturating_add(message.json_bytes());
        if bytes > MAX_PAGE_BYTES && !page.is_empty() {
            return Ok((page, true));
        }
        page.push(message);
    }
    Ok((page, false))
}

#[async_trait]
impl Listings for DynamoStore {
    async fn sessions(
        &self,
        tenant: &TenantId,
        page: &PageRequest,
    ) -> Result<Page<Session>, StoreError> {
        let listing = keys::sessions_index(tenant);
        let start = match &page.cursor {
            Some(text) => Some(index_start(tenant, &cursor::decode(text, &listing)?)?),
            None => None,
        };
        let (limit, wanted) = with_lookahead(page);
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(keys::BY_ACTIVITY)
            .key_condition_expression("gsi_pk = :tenant")
            .expression_attribute_values(":tenant", text(&listing))
            .scan_index_forward(false);
        let found = collect(query, start, wanted).await?;
        let more = found.len() > limit;
        let mut items = Vec::with_capacity(limit);
        for item in found.into_iter().take(limit) {
            items.extend(items::session(item)?);
        }
        let next_cursor = items.last().filter(|_| more).map(|last| {
            cursor::encode(&listing, &keys::activity_sort(last.last_activity, last.id))
        });
        Ok(Page { items, next_cursor })
    }

    async fn messages(
        &self,
        tenant: &TenantId,
        session: SessionId,
        page: &PageRequest,
    ) -> Result<Page<Message>, StoreError> {
        let partition = keys::session_partition(tenant, session);
        let order = if page.newest_first { "newest" } else { "oldest" };
        let listing = format!("{partition}#{order}");
        let start = match &page.cursor {
            Some(text) => {
                let position = cursor::decode(text, &listing)?;
                let last: MessageId = position.parse().map_err(|_| StoreError::BadCursor)?;
                Some(key_item(keys::message(tenant, session, last)))
            }
            None => None,
        };
        let (limit, wanted) = with_lookahead(page);
        let query = self
            .range(partition, MESSAGE_PREFIX, BEHIND_MESSAGES)
            .scan_index_forward(!page.newest_first);
        let messages = paging::items(query, start, wanted)
            .enumerate()
            .map(|(index, item)| async move {
                let item = item?;
                if index == limit {
                    return Ok(None);
                }
                self.read_message(session, item).await.map(Some)
            })
            .buffered(CONCURRENT_READS);
        // That the session is gone explains whatever went wrong with its messages.
        let (opened, filled) = join(self.read(tenant, session), fill(messages)).await;
        opened?;
        let (items, more) = filled?;
        let next_cursor = items
            .last()
            .filter(|_| more)
            .map(|last| cursor::encode(&listing, &last.id.to_string()));
        Ok(Page { items, next_cursor })
    }
}
