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
    DynamoStore, Item,
    body::CONCURRENT_READS,
    cursor,
    failure::Failure,
    fields::text,
    items::{self, key_item},
    keys, paging,
};

/// Whatever a page asks for, it has at least one and at most this many items.
const MAX_PAGE_ITEMS: usize = 1000;

/// How many items the page shows. One more is read: it says whether there is a next page.
fn limit(page: &PageRequest) -> usize {
    page.limit.clamp(1, MAX_PAGE_ITEMS)
}

/// Where a listing of sessions goes on: a key of the index holds the table's key as well.
fn index_start(tenant: &TenantId, position: &str) -> Result<Item, StoreError> {
    let session = keys::session_of_activity(position).ok_or(StoreError::BadCursor)?;
    let mut start = key_item(keys::session(tenant, session));
    start.insert("gsi_pk".to_owned(), text(keys::sessions_index(tenant)));
    start.insert("gsi_sk".to_owned(), text(position));
    Ok(start)
}

/// The first `limit` items; `None` for whatever is behind them, which the page is not to show.
fn shown<T>(
    items: impl Stream<Item = Result<T, Failure>>,
    limit: usize,
) -> impl Stream<Item = Result<Option<T>, StoreError>> {
    let numbered = items.enumerate();
    numbered.map(move |(index, item)| Ok(Some(item?).filter(|_| index < limit)))
}

/// As many items as a page holds, and whether there are more, for which `None` stands.
async fn fill<T>(
    items: impl Stream<Item = Result<Option<T>, StoreError>>,
    json_bytes: fn(&T) -> usize,
) -> Result<(Vec<T>, bool), StoreError> {
    let mut items = pin!(items);
    let (mut page, mut bytes) = (Vec::new(), 0_usize);
    while let Some(next) = items.try_next().await? {
        let Some(item) = next else { return Ok((page, true)) };
        bytes = bytes.saturating_add(json_bytes(&item));
        if bytes > MAX_PAGE_BYTES && !page.is_empty() {
            return Ok((page, true));
        }
        page.push(item);
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
        let limit = limit(page);
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(keys::BY_ACTIVITY)
            .key_condition_expression("gsi_pk = :tenant")
            .expression_attribute_values(":tenant", text(&listing))
            .scan_index_forward(false);
        let found = paging::items(query, start, limit + 1);
        let sessions = shown(found, limit).try_filter_map(|next| async {
            match next {
                // One that is being deleted is in no listing.
                Some(item) => Ok(items::session(item)?.map(Some)),
                None => Ok(Some(None)),
            }
        });
        let (items, more) = fill(sessions, Session::json_bytes).await?;
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
        let start: Option<MessageId> = match &page.cursor {
            Some(text) => {
                let position = cursor::decode(text, &listing)?;
                Some(position.parse().map_err(|_| StoreError::BadCursor)?)
            }
            None => None,
        };
        let limit = limit(page);
        let found = self.messages_with_details(tenant, session, start, limit, page.newest_first);
        let messages = shown(found, limit)
            .map(|next| async {
                match next? {
                    Some((item, details)) => {
                        self.read_whole_message(tenant, session, item, details).await.map(Some)
                    }
                    None => Ok(None),
                }
            })
            .buffered(CONCURRENT_READS);
        // That the session is gone explains whatever went wrong with its messages.
        let filled = fill(messages, Message::json_bytes);
        let (opened, filled) = join(self.read(tenant, session), filled).await;
        opened?;
        let (items, more) = match filled {
            Ok(filled) => filled,
            Err(error) => return Err(self.explained(tenant, session, error).await),
        };
        let next_cursor = items
            .last()
            .filter(|_| more)
            .map(|last| cursor::encode(&listing, &last.id.to_string()));
        Ok(Page { items, next_cursor })
    }
}
