//! Idempotency keys: an item per key for a day, written in one transaction with what it stands for.

use aws_sdk_dynamodb::{
    error::BuildError,
    types::{AttributeValue, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update},
};
use conversation::{
    session::TURN_LIMIT,
    store::{Claim, Claimed, Reference, StoreError},
};
use jiff::{SignedDuration, Timestamp};
use model::{MessageId, SessionId, TenantId};

use crate::{
    DynamoStore, Item,
    failure::Failure,
    fields::{Fields, number, text, ttl},
    items::key_item,
    keys,
};

/// A key may be used again after this long.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24);

impl From<BuildError> for Failure {
    fn from(error: BuildError) -> Self {
        Self::Refused(Box::new(error))
    }
}

impl DynamoStore {
    /// The write that makes the claim. It is refused while the key is taken, which it no longer is
    /// when its time is up, or when its first request died before it could finish.
    pub(crate) fn claim_write(
        &self,
        tenant: &TenantId,
        claim: &Claim,
        leads_to: Reference,
        now: Timestamp,
    ) -> Result<TransactWriteItem, Failure> {
        let mut item = key_item(keys::claim(tenant, &claim.key));
        let forget_at = now.saturating_add(KEPT_FOR).unwrap_or(Timestamp::MAX);
        item.extend(
            [
                ("body_hash", text(&claim.body_hash)),
                ("session_id", text(leads_to.session.to_string())),
                ("finished", AttributeValue::Bool(leads_to.finished)),
                ("claimed_at_ms", number(now.as_millisecond())),
                ("expires_at", ttl(forget_at)),
            ]
            .map(|(name, value)| (name.to_owned(), value)),
        );
        if let Some(message) = leads_to.message {
            item.insert("message_id".to_owned(), text(message.to_string()));
        }
        let abandoned = now.as_millisecond().saturating_sub(TURN_LIMIT.as_millis() as i64);
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression(
                "attribute_not_exists(pk) OR expires_at <= :now \
                 OR (finished = :no AND body_hash = :body AND claimed_at_ms < :abandoned)",
            )
            .expression_attribute_values(":now", number(now.as_second()))
            .expression_attribute_values(":no", AttributeValue::Bool(false))
            .expression_attribute_values(":body", text(&claim.body_hash))
            .expression_attribute_values(":abandoned", number(abandoned))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// The write that marks the claim as finished. It is refused when the claim is no longer this
    /// turn's: forgotten, or taken over.
    pub(crate) fn claim_end(
        &self,
        tenant: &TenantId,
        claim: &Claim,
        question: MessageId,
    ) -> Result<TransactWriteItem, Failure> {
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key_item(keys::claim(tenant, &claim.key))))
            .update_expression("SET finished = :yes")
            .condition_expression("message_id = :question")
            .expression_attribute_values(":yes", AttributeValue::Bool(true))
            .expression_attribute_values(":question", text(question.to_string()))
            .build()?;
        Ok(TransactWriteItem::builder().update(update).build())
    }
}

/// What an earlier request with the same key means for the one that found it.
pub(crate) fn earlier(
    found: Option<Item>,
    claim: &Claim,
    session: SessionId,
    message: Option<MessageId>,
) -> Result<Claimed, StoreError> {
    // It was there a moment ago: somebody else is at it right now.
    let item = found.ok_or(StoreError::Contended)?;
    let mut fields = Fields::new("claim", item);
    if fields.text("body_hash")? != claim.body_hash {
        return Err(StoreError::IdempotencyMismatch);
    }
    let reference = Reference {
        session: fields.parsed("session_id")?,
        message: fields.optional_parsed("message_id")?,
        finished: fields.flag("finished")?,
    };
    // Our own write, whose answer we did not get: it is as new as it was then.
    let ours = reference.message == message && (message.is_some() || reference.session == session);
    Ok(if ours { Claimed::Fresh } else { Claimed::Repeated(reference) })
}
