//! The shared count of requests: one item per scope and minute.

use async_trait::async_trait;
use auth::{RateCounter, StoreError, Taken};
use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure};
use jiff::{SignedDuration, Timestamp};
use model::TenantId;

use crate::{
    DynamoStore, Item,
    failure::{Failure, Written, written},
    fields::{Fields, number, ttl},
    items::key_item,
    keys::{self, Key},
};

/// A window's item goes this long after the window began: clocks of instances differ.
const KEPT_FOR: SignedDuration = SignedDuration::from_mins(10);
/// When a lease does not fit, what is left is asked for; others may be quicker, so this can happen
/// again.
const MAX_ATTEMPTS: usize = 4;

fn used(item: Option<Item>) -> Result<u32, Failure> {
    item.map_or(Ok(0), |item| Fields::new("rate window", item).number("used"))
}

impl DynamoStore {
    /// Adds `amount` when it fits. The count before, where it does not.
    async fn add(
        &self,
        key: Key,
        amount: u32,
        limit: u32,
        forget_at: Timestamp,
    ) -> Result<Written<u32>, Failure> {
        let result = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key_item(key)))
            .update_expression("SET expires_at = :expires_at ADD used :amount")
            .condition_expression("attribute_not_exists(pk) OR used <= :fitting")
            .expression_attribute_values(":expires_at", ttl(forget_at))
            .expression_attribute_values(":amount", number(amount))
            .expression_attribute_values(":fitting", number(limit - amount))
            .return_values(ReturnValue::UpdatedNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        Ok(match written(result)? {
            Written::Done(output) => Written::Done(used(output.attributes)?),
            Written::Refused(item) => Written::Refused(item),
        })
    }
}

#[async_trait]
impl RateCounter for DynamoStore {
    async fn take(
        &self,
        tenant: &TenantId,
        scope: &str,
        window_start: Timestamp,
        amount: u32,
        limit: u32,
    ) -> Result<Taken, StoreError> {
        let key = keys::rate(tenant, scope, window_start);
        let forget_at = window_start.saturating_add(KEPT_FOR).unwrap_or(Timestamp::MAX);
        let mut amount = amount.min(limit);
        let mut known = limit;
        for _ in 0..MAX_ATTEMPTS {
            if amount == 0 {
                break;
            }
            match self.add(key.clone(), amount, limit, forget_at).await? {
                Written::Done(used) => return Ok(Taken { granted: amount, used }),
                Written::Refused(item) => {
                    known = used(item)?;
                    amount = amount.min(limit.saturating_sub(known));
                }
            }
        }
        Ok(Taken { granted: 0, used: known })
    }
}
