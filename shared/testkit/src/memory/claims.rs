//! Idempotency keys.

use conversation::{
    session::TURN_LIMIT,
    store::{Claim, Claimed, Reference, StoreError},
};
use jiff::{SignedDuration, Timestamp};
use model::MessageId;

use super::{Claimant, Tenant};

const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24);

impl Tenant {
    /// What an earlier request with this key led to; `None` when the key is free.
    pub(super) fn earlier(
        &self,
        claim: &Claim,
        now: Timestamp,
    ) -> Result<Option<Claimed>, StoreError> {
        let Some(first) = self.claims.get(&claim.key) else { return Ok(None) };
        let age = now.duration_since(first.claimed_at);
        if age >= KEPT_FOR {
            return Ok(None);
        }
        if first.body_hash != claim.body_hash {
            return Err(StoreError::IdempotencyMismatch);
        }
        if !first.reference.finished && age > TURN_LIMIT {
            return Ok(None);
        }
        Ok(Some(Claimed::Repeated(first.reference)))
    }

    pub(super) fn claim(&mut self, claim: &Claim, reference: Reference, now: Timestamp) {
        let claimant = Claimant { body_hash: claim.body_hash.clone(), reference, claimed_at: now };
        self.claims.insert(claim.key.clone(), claimant);
    }

    /// Leaves alone a claim that another request has taken over.
    pub(super) fn finish_claim(&mut self, claim: &Claim, question: MessageId) {
        if let Some(claimant) = self.claims.get_mut(&claim.key)
            && claimant.reference.message == Some(question)
        {
            claimant.reference.finished = true;
        }
    }
}
