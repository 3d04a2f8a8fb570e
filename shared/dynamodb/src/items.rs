//! Sessions and API keys as items. Messages are in [`crate::body`], chunks of events in
//! [`crate::chunks`], claims in [`crate::claims`].

use auth::{KeyRecord, SecretHash};
use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use conversation::session::Session;
use model::{KeyId, Permission, Role, SessionId, TenantId};
use serde_json::{Map, Value};

use crate::{
    Item,
    failure::Failure,
    fields::{Fields, instant, number, text},
    keys::{self, Key},
};

/// An item's primary key as attributes.
pub(crate) fn key_item(key: Key) -> Item {
    Item::from([("pk".to_owned(), text(key.partition)), ("sk".to_owned(), text(key.sort))])
}

pub(crate) fn json_text(object: &Map<String, Value>) -> Result<String, Failure> {
    serde_json::to_string(object).map_err(|error| Failure::Refused(Box::new(error)))
}

pub(crate) fn session_item(tenant: &TenantId, session: &Session) -> Result<Item, Failure> {
    let activity = keys::activity_sort(session.last_activity, session.id);
    let mut item = key_item(keys::session(tenant, session.id));
    item.extend(
        [
            ("gsi_pk", text(keys::sessions_index(tenant))),
            ("gsi_sk", text(activity)),
            ("session_id", text(session.id.to_string())),
            ("metadata", text(json_text(&session.metadata)?)),
            ("created_by", text(&session.created_by)),
            ("created_at", text(instant(session.created_at))),
            ("last_activity", text(instant(session.last_activity))),
            ("message_count", number(session.message_count)),
        ]
        .map(|(name, value)| (name.to_owned(), value)),
    );
    for (name, value) in [
        ("session_name", &session.name),
        ("system_prompt", &session.system_prompt),
        ("topic_state", &session.state),
    ] {
        if let Some(value) = value {
            item.insert(name.to_owned(), text(value));
        }
    }
    Ok(item)
}

/// `None` for a session that is being deleted: it is invisible already.
pub(crate) fn session(item: Item) -> Result<Option<Session>, Failure> {
    let mut fields = Fields::new("session", item);
    if fields.has("deleting_at") {
        return Ok(None);
    }
    Ok(Some(Session {
        id: fields.parsed::<SessionId>("session_id")?,
        name: fields.optional_text("session_name")?,
        metadata: fields.json_object("metadata")?,
        system_prompt: fields.optional_text("system_prompt")?,
        created_by: fields.text("created_by")?,
        created_at: fields.parsed("created_at")?,
        last_activity: fields.parsed("last_activity")?,
        message_count: fields.number("message_count")?,
        state: fields.optional_text("topic_state")?,
    }))
}

pub(crate) fn api_key_item(record: &KeyRecord) -> Item {
    let scopes: Vec<String> = record.scopes.iter().map(Permission::to_string).collect();
    let mut item = key_item(keys::api_key(&record.tenant, &record.id));
    item.extend(
        [
            ("key_name", text(&record.name)),
            ("secret_hash", AttributeValue::B(Blob::new(*record.secret_hash.as_bytes()))),
            ("key_role", text(record.role.name())),
            // Permissions hold no spaces.
            ("scopes", text(scopes.join(" "))),
            ("created_by", text(&record.created_by)),
            ("created_at", text(instant(record.created_at))),
        ]
        .map(|(name, value)| (name.to_owned(), value)),
    );
    // Not the table's TTL attribute: an expired key stays, so that its owner is told why.
    for (name, moment) in [("valid_until", record.expires_at), ("revoked_at", record.revoked_at)] {
        if let Some(moment) = moment {
            item.insert(name.to_owned(), text(instant(moment)));
        }
    }
    item
}

pub(crate) fn api_key(tenant: &TenantId, id: &KeyId, item: Item) -> Result<KeyRecord, Failure> {
    let mut fields = Fields::new("API key", item);
    let scopes = fields.text("scopes")?;
    let scopes: Option<Vec<Permission>> =
        scopes.split_whitespace().map(Permission::parse).collect();
    Ok(KeyRecord {
        tenant: tenant.clone(),
        id: id.clone(),
        name: fields.text("key_name")?,
        secret_hash: SecretHash::from_bytes(fields.bytes("secret_hash")?),
        role: fields.named("key_role", Role::from_name)?,
        scopes: scopes.ok_or_else(|| Failure::Corrupt("API key: scopes".to_owned()))?,
        created_by: fields.text("created_by")?,
        created_at: fields.parsed("created_at")?,
        expires_at: fields.optional_parsed("valid_until")?,
        revoked_at: fields.optional_parsed("revoked_at")?,
    })
}
