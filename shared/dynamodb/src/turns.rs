//! What a chat turn reads and writes: one query to load, one transaction to begin, one to finish.

use async_trait::async_trait;
use aws_sdk_dynamodb::types::{
    Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use conversation::{
    session::{Message, MessageStatus, Session},
    store::{
        Claimed, Reference, SessionStore, StoreError, TurnEnd, TurnSession, TurnStart, TurnStore,
    },
};
use futures::stream::{self, StreamExt, TryStreamExt};
use jiff::Timestamp;
use model::{SessionId, StreamId, TenantId};

use crate::{
    DynamoStore, Item,
    body::{CONCURRENT_READS, MessageItems},
    chunks, claims,
    failure::Failure,
    fields::{instant, number, text},
    items::{self, key_item},
    keys::{self, MESSAGE_PREFIX, SESSION_SORT},
    paging::collect,
    sessions::{NO_SESSION, SESSION_IS_THERE},
    transact::{NotMade, Refusal},
};

/// The places of the writes in their transactions, by which refusals are told apart.
const SESSION: usize = 0;
const MESSAGE: usize = 1;
const CLAIM: usize = 2;
const QUESTION: usize = 2;
/// Claim, then chunks, or chunks only. Details come last: they have no condition, so they are never
/// what a transaction is refused for.
const REST: usize = 3;

type Refusals = Vec<Option<Refusal>>;

fn refused(refusals: &Refusals, index: usize) -> bool {
    matches!(refusals.get(index), Some(Some(_)))
}

impl DynamoStore {
    /// One more message, and the moment of it. `state` is set where there is a new one.
    fn session_advance(
        &self,
        tenant: &TenantId,
        session: SessionId,
        at: Timestamp,
        state: Option<&str>,
    ) -> Result<TransactWriteItem, Failure> {
        let advance = "SET last_activity = :at, gsi_sk = :activity";
        let expression = match state {
            None => format!("{advance} ADD message_count :one"),
            Some(_) => format!("{advance}, topic_state = :state ADD message_count :one"),
        };
        let mut values = Item::from([
            (":at".to_owned(), text(instant(at))),
            (":activity".to_owned(), text(keys::activity_sort(at, session))),
            (":one".to_owned(), number(1)),
        ]);
        values.extend(state.map(|state| (":state".to_owned(), text(state))));
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key_item(keys::session(tenant, session))))
            .update_expression(expression)
            .condition_expression(SESSION_IS_THERE)
            .set_expression_attribute_values(Some(values))
            .build()?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    fn new_message_write(&self, item: Item) -> Result<TransactWriteItem, Failure> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::None)
            .build()?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    fn details_write(&self, item: Item) -> Result<TransactWriteItem, Failure> {
        let put = Put::builder().table_name(&self.table).set_item(Some(item)).build()?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    fn begin_writes(
        &self,
        tenant: &TenantId,
        start: &TurnStart,
        items: MessageItems,
    ) -> Result<Vec<TransactWriteItem>, Failure> {
        let Message { id, session, created_at, .. } = start.message;
        let on_session = match &start.session {
            TurnSession::Existing(existing) => {
                self.session_advance(tenant, *existing, created_at, None)?
            }
            TurnSession::New(new) => {
                let mut new: Session = (**new).clone();
                new.message_count += 1;
                new.last_activity = created_at;
                self.new_session_write(tenant, &new)?
            }
        };
        let mut writes = vec![on_session, self.new_message_write(items.message)?];
        if let Some(claim) = &start.claim {
            let leads_to = Reference { session, message: Some(id), finished: false };
            writes.push(self.claim_write(tenant, claim, leads_to, self.clock.now())?);
        }
        writes.extend(items.details.map(|details| self.details_write(details)).transpose()?);
        Ok(writes)
    }

    fn question_answered(
        &self,
        tenant: &TenantId,
        reply: &Message,
    ) -> Result<TransactWriteItem, Failure> {
        let question = keys::message(tenant, reply.session, reply.id.question());
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key_item(question)))
            .update_expression("SET message_status = :complete")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":complete", text(MessageStatus::Complete.name()))
            .build()?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    async fn finish_writes(
        &self,
        tenant: &TenantId,
        end: &TurnEnd,
        items: MessageItems,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let Message { id, session, created_at, .. } = end.reply;
        let mut writes = vec![
            self.session_advance(tenant, session, created_at, end.state.as_deref())?,
            self.new_message_write(items.message)?,
            self.question_answered(tenant, &end.reply)?,
        ];
        if let Some(claim) = &end.claim {
            writes.push(self.claim_end(tenant, claim, id.question())?);
        }
        let stream = StreamId { session, reply: id };
        for chunk in chunks::split(&end.last_events) {
            let put = self.chunk_write(tenant, stream, chunk, end.events_expire_at).await?;
            writes.push(TransactWriteItem::builder().put(put).build());
        }
        writes.extend(items.details.map(|details| self.details_write(details)).transpose()?);
        Ok(writes)
    }
}

/// What it means that a beginning was refused.
fn begun_before(start: &TurnStart, mut refusals: Refusals) -> Result<Claimed, StoreError> {
    let by_claim = refusals.get_mut(CLAIM).and_then(Option::take);
    if let (Some(refusal), Some(claim)) = (by_claim, &start.claim) {
        let Message { id, session, .. } = start.message;
        return claims::earlier(refusal.item, claim, session, Some(id));
    }
    let is_new = matches!(start.session, TurnSession::New(_));
    match (refused(&refusals, SESSION), refused(&refusals, MESSAGE)) {
        (true, _) if !is_new => Err(NO_SESSION),
        // Ids are ours and random: a message under this one is our own write, which was not
        // answered.
        (_, true) => Ok(Claimed::Fresh),
        _ => Err(StoreError::Contended),
    }
}

/// What it means that an end was refused.
enum Ending {
    Made,
    /// The claim is not this turn's any more: everything else is still to be written.
    WithoutClaim,
    NotMade(StoreError),
}

fn ending(end: &TurnEnd, refusals: &Refusals) -> Ending {
    if refused(refusals, SESSION) {
        Ending::NotMade(NO_SESSION)
    } else if refused(refusals, MESSAGE) {
        // All or nothing: where the reply is, everything else is.
        Ending::Made
    } else if refused(refusals, QUESTION) {
        Ending::NotMade(StoreError::NotFound { what: "message" })
    } else if end.claim.is_some() && refused(refusals, REST) {
        Ending::WithoutClaim
    } else {
        Ending::NotMade(StoreError::Contended)
    }
}

#[async_trait]
impl TurnStore for DynamoStore {
    async fn load(
        &self,
        tenant: &TenantId,
        session: SessionId,
        limit: usize,
    ) -> Result<(Session, Vec<Message>), StoreError> {
        if limit == 0 {
            return Ok((self.read(tenant, session).await?, Vec::new()));
        }
        let partition = keys::session_partition(tenant, session);
        let query = self.range(partition, MESSAGE_PREFIX, SESSION_SORT).scan_index_forward(false);
        let found = collect(query, None, limit.saturating_add(1)).await?;
        let mut found = found.into_iter();
        // Without its session's item a partition holds the rest of an erasure at most, and that
        // item, when it is there, comes first.
        let first = found.next().filter(|item| item.contains_key("session_id"));
        let loaded = items::session(first.ok_or(NO_SESSION)?)?.ok_or(NO_SESSION)?;
        let newest_first: Vec<Item> = found.collect();
        let reads = newest_first.into_iter().rev().map(|item| self.read_message(session, item));
        let messages = stream::iter(reads).buffered(CONCURRENT_READS).try_collect().await?;
        Ok((loaded, messages))
    }

    async fn begin(&self, tenant: &TenantId, start: &TurnStart) -> Result<Claimed, StoreError> {
        let items = self.message_items(tenant, &start.message).await?;
        let writes = self.begin_writes(tenant, start, items.clone())?;
        match self.transact(writes).await {
            Ok(()) => Ok(Claimed::Fresh),
            Err(NotMade::Failed(error)) => Err(error),
            Err(NotMade::Refused(refusals)) => {
                let claimed = begun_before(start, refusals);
                if !matches!(claimed, Ok(Claimed::Fresh)) {
                    self.discard_blobs(&items).await;
                }
                claimed
            }
        }
    }

    async fn finish(&self, tenant: &TenantId, end: &TurnEnd) -> Result<(), StoreError> {
        let items = self.message_items(tenant, &end.reply).await?;
        let mut writes = self.finish_writes(tenant, end, items.clone()).await?;
        let refusals = match self.transact(writes.clone()).await {
            Ok(()) => return Ok(()),
            Err(NotMade::Failed(error)) => return Err(error),
            Err(NotMade::Refused(refusals)) => refusals,
        };
        match ending(end, &refusals) {
            Ending::Made => Ok(()),
            Ending::NotMade(error) => {
                self.discard_blobs(&items).await;
                Err(error)
            }
            Ending::WithoutClaim => {
                writes.remove(REST);
                match self.transact(writes).await {
                    Ok(()) => Ok(()),
                    Err(NotMade::Failed(error)) => Err(error),
                    Err(NotMade::Refused(refusals)) if refused(&refusals, SESSION) => {
                        self.discard_blobs(&items).await;
                        Err(NO_SESSION)
                    }
                    Err(NotMade::Refused(_)) => Err(StoreError::Contended),
                }
            }
        }
    }
}
