//! Transactions: all or nothing, tried again while others are in the way.

use std::time::Duration;

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::transact_write_items::TransactWriteItemsError,
    types::{CancellationReason, TransactWriteItem},
};
use backon::{BackoffBuilder, ExponentialBuilder};
use conversation::store::StoreError;

use crate::{DynamoStore, Item, failure::Failure};

/// Several turns of one session write the same item; DynamoDB lets one pass and refuses the others.
const CONFLICT_RETRIES: usize = 8;
const SHORTEST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

/// A write whose condition did not hold, with the item that stood there where it was asked for.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) item: Option<Item>,
}

/// Why a transaction was not made.
#[derive(Debug)]
pub(crate) enum NotMade {
    /// In the order of the transaction's writes: which of them refused.
    Refused(Vec<Option<Refusal>>),
    Failed(StoreError),
}

/// Whether it is worth trying again.
enum Verdict {
    Final(NotMade),
    /// Other writes were in the way.
    Conflict,
    Throttled,
}

/// Pauses between attempts, with jitter, so that those who collided do not collide again.
pub(crate) fn pauses() -> impl Iterator<Item = Duration> {
    ExponentialBuilder::default()
        .with_min_delay(SHORTEST_PAUSE)
        .with_max_delay(LONGEST_PAUSE)
        .with_max_times(CONFLICT_RETRIES)
        .with_jitter()
        .build()
}

impl DynamoStore {
    /// One token serves all attempts: should an earlier one have been made after all, a later one
    /// is answered as if it had made it.
    pub(crate) async fn transact(&self, writes: Vec<TransactWriteItem>) -> Result<(), NotMade> {
        let token = format!("{:032x}", rand::random::<u128>());
        let request = self
            .client
            .transact_write_items()
            .client_request_token(token)
            .set_transact_items(Some(writes));
        let mut pauses = pauses();
        loop {
            let Err(error) = request.clone().send().await else { return Ok(()) };
            let given_up = match verdict(error) {
                Verdict::Final(not_made) => return Err(not_made),
                Verdict::Conflict => StoreError::Contended,
                Verdict::Throttled => StoreError::Throttled,
            };
            match pauses.next() {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return Err(NotMade::Failed(given_up)),
            }
        }
    }
}

fn verdict(error: SdkError<TransactWriteItemsError>) -> Verdict {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            let reasons = cancelled.cancellation_reasons().to_vec();
            cancellation(reasons).unwrap_or_else(|| failed(error))
        }
        Some(TransactWriteItemsError::TransactionInProgressException(_)) => Verdict::Conflict,
        _ => failed(error),
    }
}

fn failed(error: SdkError<TransactWriteItemsError>) -> Verdict {
    Verdict::Final(NotMade::Failed(Failure::from(error).into()))
}

/// A condition that did not hold outweighs the rest: trying again would not help. `None` for
/// reasons that are our own mistake.
fn cancellation(reasons: Vec<CancellationReason>) -> Option<Verdict> {
    let has = |codes: &[&str]| {
        reasons.iter().any(|reason| reason.code().is_some_and(|code| codes.contains(&code)))
    };
    if has(&["ConditionalCheckFailed"]) {
        let refusals = reasons.into_iter().map(|reason| {
            let refused = reason.code() == Some("ConditionalCheckFailed");
            refused.then_some(Refusal { item: reason.item })
        });
        return Some(Verdict::Final(NotMade::Refused(refusals.collect())));
    }
    if has(&["TransactionConflict"]) {
        return Some(Verdict::Conflict);
    }
    has(&["ThrottlingError", "ProvisionedThroughputExceeded"]).then_some(Verdict::Throttled)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reasons(codes: &[&str]) -> Vec<CancellationReason> {
        codes.iter().map(|code| CancellationReason::builder().code(*code).build()).collect()
    }

    #[test]
    fn reasons_are_weighed() {
        let refused =
            cancellation(reasons(&["None", "ConditionalCheckFailed", "TransactionConflict"]));
        let Some(Verdict::Final(NotMade::Refused(refusals))) = refused else {
            panic!("a condition that did not hold is final");
        };
        assert_eq!(refusals.iter().map(Option::is_some).collect::<Vec<_>>(), [false, true, false]);
        assert!(matches!(
            cancellation(reasons(&["None", "TransactionConflict"])),
            Some(Verdict::Conflict)
        ));
        for code in ["ThrottlingError", "ProvisionedThroughputExceeded"] {
            assert!(matches!(cancellation(reasons(&[code, "None"])), Some(Verdict::Throttled)));
        }
        assert!(cancellation(reasons(&["ValidationError"])).is_none());
    }

    #[test]
    fn pauses_are_bounded() {
        let all: Vec<Duration> = pauses().collect();
        assert_eq!(all.len(), CONFLICT_RETRIES);
        // Jitter adds at most as much again.
        assert!(all.iter().all(|pause| *pause <= LONGEST_PAUSE * 2), "{all:?}");
    }
}
