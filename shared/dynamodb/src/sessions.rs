//! Single sessions.

use async_trait::async_trait;
use aws_sdk_dynamodb::types::{
    Put, ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use conversation::{
    session::Session,
    store::{Claim, Claimed, Reference, SessionPatch, SessionStore, StoreError},
};
use model::{SessionId, TenantId};

use crate::{
    DynamoStore, Item, claims,
    failure::{Failure, Written, written},
    fields::text,
    items::{self, json_text, key_item, session_item},
    keys,
    transact::{NotMade, Refusal},
};

pub(crate) const NO_SESSION: StoreError = StoreError::NotFound { what: "session" };

/// What every write to an existing session asks for.
pub(crate) const SESSION_IS_THERE: &str =
    "attribute_exists(pk) AND attribute_not_exists(deleting_at)";

/// Each field that a patch may change, by its attribute.
struct Change {
    set: Vec<String>,
    remove: Vec<String>,
    values: Item,
}

impl Change {
    fn of(patch: &SessionPatch) -> Result<Self, Failure> {
        let mut change = Self { set: vec![], remove: vec![], values: Item::new() };
        change.optional("session_name", patch.name.as_ref());
        change.optional("system_prompt", patch.system_prompt.as_ref());
        if let Some(metadata) = &patch.metadata {
            change.put("metadata", json_text(metadata)?);
        }
        Ok(change)
    }

    fn optional(&mut self, attribute: &str, value: Option<&Option<String>>) {
        match value {
            None => {}
            Some(None) => self.remove.push(attribute.to_owned()),
            Some(Some(value)) => self.put(attribute, value.clone()),
        }
    }

    fn put(&mut self, attribute: &str, value: String) {
        self.set.push(format!("{attribute} = :{attribute}"));
        self.values.insert(format!(":{attribute}"), text(value));
    }

    /// `None` when nothing changes.
    fn expression(&self) -> Option<String> {
        let clause = |word: &str, parts: &[String]| {
            (!parts.is_empty()).then(|| format!("{word} {}", parts.join(", ")))
        };
        let clauses: Vec<String> = [clause("SET", &self.set), clause("REMOVE", &self.remove)]
            .into_iter()
            .flatten()
            .collect();
        (!clauses.is_empty()).then(|| clauses.join(" "))
    }
}

impl DynamoStore {
    /// The write of a session that is not there yet.
    pub(crate) fn new_session_write(
        &self,
        tenant: &TenantId,
        session: &Session,
    ) -> Result<TransactWriteItem, Failure> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(session_item(tenant, session)?))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// Why a part of a session, which was there a moment ago, is not whole: an erasure may have begun
    /// since.
    pub(crate) async fn explained(
        &self,
        tenant: &TenantId,
        id: SessionId,
        error: StoreError,
    ) -> StoreError {
        if !matches!(error, StoreError::Corrupt(_)) {
            return error;
        }
        match self.read(tenant, id).await {
            Err(gone @ StoreError::NotFound { .. }) => gone,
            _ => error,
        }
    }
}

/// A session under this id is there already: our own, whose write was answered by nobody, or one
/// that is not to be overwritten.
fn already_there(refusal: &Refusal, session: &Session) -> Result<Claimed, StoreError> {
    let found = refusal.item.clone().map(items::session).transpose()?.flatten();
    match found {
        Some(found) if found.created_at == session.created_at => Ok(Claimed::Fresh),
        _ => Err(StoreError::Contended),
    }
}

#[async_trait]
impl SessionStore for DynamoStore {
    async fn create(
        &self,
        tenant: &TenantId,
        session: &Session,
        claim: Option<&Claim>,
    ) -> Result<Claimed, StoreError> {
        let mut writes = vec![self.new_session_write(tenant, session)?];
        if let Some(claim) = claim {
            let leads_to = Reference { session: session.id, message: None, finished: true };
            writes.push(self.claim_write(tenant, claim, leads_to, self.clock.now())?);
        }
        match self.transact(writes).await {
            Ok(()) => Ok(Claimed::Fresh),
            Err(NotMade::Failed(error)) => Err(error),
            Err(NotMade::Refused(mut refusals)) => {
                let by_claim = refusals.get_mut(1).and_then(Option::take);
                match (by_claim, claim, refusals.first()) {
                    (Some(refusal), Some(claim), _) => {
                        claims::earlier(refusal.item, claim, session.id, None)
                    }
                    (_, _, Some(Some(refusal))) => already_there(refusal, session),
                    _ => Err(StoreError::Contended),
                }
            }
        }
    }

    async fn read(&self, tenant: &TenantId, id: SessionId) -> Result<Session, StoreError> {
        let item = self.get(keys::session(tenant, id)).await?.ok_or(NO_SESSION)?;
        items::session(item)?.ok_or(NO_SESSION)
    }

    async fn update(
        &self,
        tenant: &TenantId,
        id: SessionId,
        patch: &SessionPatch,
    ) -> Result<Session, StoreError> {
        let change = Change::of(patch)?;
        let Some(expression) = change.expression() else {
            return self.read(tenant, id).await;
        };
        let result = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key_item(keys::session(tenant, id))))
            .update_expression(expression)
            .condition_expression(SESSION_IS_THERE)
            .set_expression_attribute_values(
                Some(change.values).filter(|values| !values.is_empty()),
            )
            .return_values(ReturnValue::AllNew)
            .send()
            .await;
        match written(result)? {
            Written::Done(output) => {
                let item = output.attributes.ok_or(NO_SESSION)?;
                items::session(item)?.ok_or(NO_SESSION)
            }
            Written::Refused(_) => Err(NO_SESSION),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_becomes_one_expression() {
        let name = |name: Option<&str>| Some(name.map(str::to_owned));
        for (patch, expression) in [
            (SessionPatch::default(), None),
            (
                SessionPatch { name: name(Some("n")), ..SessionPatch::default() },
                Some("SET session_name = :session_name"),
            ),
            (
                SessionPatch { name: name(None), ..SessionPatch::default() },
                Some("REMOVE session_name"),
            ),
            (
                SessionPatch {
                    name: name(None),
                    metadata: Some(serde_json::Map::new()),
                    system_prompt: name(Some("p")),
                },
                Some(
                    "SET system_prompt = :system_prompt, metadata = :metadata REMOVE session_name",
                ),
            ),
        ] {
            let change = Change::of(&patch).unwrap();
            assert_eq!(change.expression().as_deref(), expression);
            assert_eq!(change.values.len(), change.set.len());
        }
    }
}
