//! What a reply holds besides its text, in an item of its own. It is many times as large as the text,
//! and a turn reads the texts of many messages; whoever wants both reads them side by side.

use std::{cmp::Ordering, pin::Pin};

use conversation::{session::Message, store::StoreError};
use futures::{
    future::join,
    stream::{self, Peekable, Stream, StreamExt},
};
use model::{MessageId, SessionId, TenantId};
use serde_json::Value;

use crate::{
    DynamoStore, Item,
    body::{BLOB, MAX_INLINE_BODY_BYTES, message_id},
    failure::Failure,
    fields::{Fields, text},
    items::key_item,
    keys::{self, DETAILS_PREFIX, Key, MESSAGE_PREFIX},
    paging::{self, sort_of},
};

/// Directly behind the sort keys of all messages, and of all details.
const BEHIND_MESSAGES: &str = "MSG$";
const BEHIND_DETAILS: &str = "DETAILS$";

type Found<T> = Result<T, Failure>;

impl DynamoStore {
    /// The item of the message's details, after its blob, if it needs one, was written. `None` where
    /// there are no details.
    pub(crate) async fn details_item(
        &self,
        tenant: &TenantId,
        message: &Message,
    ) -> Result<Option<Item>, StoreError> {
        if message.details.is_null() {
            return Ok(None);
        }
        let details = message.details.to_string();
        let mut item = key_item(keys::details(tenant, message.session, message.id));
        if details.len() > MAX_INLINE_BODY_BYTES {
            let key = keys::details_blob(tenant, message.session, message.id);
            self.blobs.put(&key, details.into_bytes()).await?;
            item.insert(BLOB.to_owned(), text(key));
        } else {
            item.insert("details".to_owned(), text(details));
        }
        Ok(Some(item))
    }

    /// The details that a message says it has, from their item if it was found already.
    pub(crate) async fn read_details(
        &self,
        key: Key,
        found: Option<Item>,
    ) -> Result<Value, StoreError> {
        let item = match found {
            Some(item) => item,
            None => {
                let missing = || Failure::Corrupt(format!("missing {}", key.sort));
                self.get(key.clone()).await?.ok_or_else(missing)?
            }
        };
        let mut fields = Fields::new("details", item);
        match fields.optional_text(BLOB)? {
            Some(key) => serde_json::from_slice(&self.blob(&key).await?)
                .map_err(|_| StoreError::Corrupt(format!("details blob {key}"))),
            None => Ok(fields.json("details")?),
        }
    }

    /// A session's messages behind `start`: up to `limit` of them, each with the item of its details
    /// where that was found, and one more, which says that there are more.
    ///
    /// Two queries, side by side and read as far as they are asked for: messages and details have
    /// one order. The later query may see a reply that the other does not; a reply whose details it
    /// was too early for is without them here.
    pub(crate) fn messages_with_details(
        &self,
        tenant: &TenantId,
        session: SessionId,
        start: Option<MessageId>,
        limit: usize,
        newest_first: bool,
    ) -> impl Stream<Item = Found<(Item, Option<Item>)>> + Send + use<> {
        let partition = keys::session_partition(tenant, session);
        let range = |first, last| {
            self.range(partition.clone(), first, last).scan_index_forward(!newest_first)
        };
        let behind = |key: fn(&TenantId, SessionId, MessageId) -> Key| {
            start.map(|message| key_item(key(tenant, session, message)))
        };
        let messages = range(MESSAGE_PREFIX, BEHIND_MESSAGES);
        let messages = paging::items(messages, behind(keys::message), limit + 1);
        // Only replies have details, and between two of them there is a question.
        let details = range(DETAILS_PREFIX, BEHIND_DETAILS);
        let details = paging::items(details, behind(keys::details), limit.div_ceil(2));
        paired(messages, details, newest_first)
    }
}

fn paired(
    messages: impl Stream<Item = Found<Item>> + Send,
    details: impl Stream<Item = Found<Item>> + Send,
    newest_first: bool,
) -> impl Stream<Item = Found<(Item, Option<Item>)>> + Send {
    let earlier = if newest_first { Ordering::Greater } else { Ordering::Less };
    let streams = (Box::pin(messages), Box::pin(details.peekable()));
    stream::try_unfold(streams, move |(mut messages, mut details)| async move {
        let (message, _) = join(messages.next(), details.as_mut().peek()).await;
        let Some(message) = message.transpose()? else { return Ok(None) };
        let id = message_id(sort_of(&message)?)?;
        let own = details_of(id, details.as_mut(), earlier).await?;
        Ok(Some(((message, own), (messages, details))))
    })
}

/// Takes the message's details, and drops those of earlier messages, which were not seen.
async fn details_of<S: Stream<Item = Found<Item>>>(
    message: MessageId,
    mut details: Pin<&mut Peekable<S>>,
    earlier: Ordering,
) -> Found<Option<Item>> {
    let is_due = |next: &Found<Item>| match next.as_ref().map(details_id) {
        Ok(Ok(id)) => id == message || id.cmp(&message) == earlier,
        // What is wrong is told at once.
        _ => true,
    };
    while let Some(next) = details.as_mut().next_if(is_due).await {
        let item = next?;
        if details_id(&item)? == message {
            return Ok(Some(item));
        }
    }
    Ok(None)
}

fn details_id(item: &Item) -> Found<MessageId> {
    let id = sort_of(item)?.strip_prefix(DETAILS_PREFIX).and_then(|id| id.parse().ok());
    id.ok_or_else(|| Failure::Corrupt("details: sk".to_owned()))
}

#[cfg(test)]
mod tests {
    use futures::{FutureExt, TryStreamExt};
    use jiff::Timestamp;

    use super::*;

    fn id(number: u8) -> MessageId {
        format!("msg_{number:026}").parse().unwrap()
    }

    fn items(key: fn(&TenantId, SessionId, MessageId) -> Key, ids: &[u8]) -> Vec<Found<Item>> {
        let (tenant, session) = ("demo".parse().unwrap(), SessionId::new(Timestamp::UNIX_EPOCH));
        ids.iter().map(|number| Ok(key_item(key(&tenant, session, id(*number))))).collect()
    }

    /// Each message with the one whose details it got.
    fn pairs(
        messages: &[u8],
        details: Vec<Found<Item>>,
        newest_first: bool,
    ) -> Found<Vec<(MessageId, Option<MessageId>)>> {
        let messages = stream::iter(items(keys::message, messages));
        let paired = paired(messages, stream::iter(details), newest_first);
        let ids = paired.and_then(async |(message, own)| {
            let own = own.as_ref().map(details_id).transpose()?;
            Ok((message_id(sort_of(&message)?)?, own))
        });
        ids.try_collect().now_or_never().unwrap()
    }

    #[test]
    fn details_find_their_messages_whatever_the_other_query_saw() {
        for (messages, details) in [
            (&[][..], &[][..]),
            (&[], &[2, 4]),
            (&[1, 2, 3, 4], &[2, 4]),
            (&[2, 3], &[2]),
            // Replies that only one of the queries saw.
            (&[1, 3, 4], &[2, 4]),
            (&[1, 2, 3, 4], &[4]),
            (&[1, 2, 3, 4], &[2]),
            (&[3, 4, 5], &[1, 2, 4, 6, 8]),
        ] {
            let expected: Vec<_> = messages
                .iter()
                .map(|number| (id(*number), details.contains(number).then(|| id(*number))))
                .collect();
            for newest_first in [false, true] {
                let [mut messages, mut details] = [messages.to_vec(), details.to_vec()];
                let mut expected = expected.clone();
                if newest_first {
                    messages.reverse();
                    details.reverse();
                    expected.reverse();
                }
                let found = pairs(&messages, items(keys::details, &details), newest_first);
                assert_eq!(found.unwrap(), expected);
            }
        }
    }

    #[test]
    fn details_that_cannot_be_read_are_not_passed_over() {
        for wrong in [Err(Failure::Throttled), Ok(Item::new())] {
            assert!(pairs(&[1, 2], vec![wrong], false).is_err());
        }
    }
}
