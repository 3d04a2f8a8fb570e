//! Issues API keys where no key exists yet that could ask for one.

use anyhow::Context as _;
use auth::{KeyStore, NewKey, PlainKey, issue};
use jiff::Timestamp;
use model::{Role, TenantId};

/// Issues a key and keeps its hash. The key itself is only in what is returned.
pub async fn create(
    keys: &dyn KeyStore,
    tenant: TenantId,
    role: Role,
    name: &str,
    now: Timestamp,
) -> anyhow::Result<PlainKey> {
    let new = NewKey {
        tenant,
        role,
        name: name.to_owned(),
        scopes: Vec::new(),
        expires_at: None,
        created_by: "operator".to_owned(),
    };
    let (record, key) = issue(new, now, &mut rand::rng());
    keys.put(&record).await.context("the key could not be stored")?;
    Ok(key)
}
