//! The only place that builds a key. Every one begins with the tenant, whose alphabet does not hold
//! the separator, so no two tenants can ever name the same item.
//!
//! The order inside a session's partition is part of the design: `DETAILS#` < `EVT#` < `MSG#` <
//! `SESSION`, so one descending query from the end brings the session and its newest messages,
//! without events and details. Among themselves details are in the order of their messages.

use jiff::Timestamp;
use model::{KeyId, MessageId, SessionId, StreamId, TenantId};
use sha2::{Digest, Sha256};

use crate::fields::instant;

/// The index of a tenant's sessions by activity.
pub(crate) const BY_ACTIVITY: &str = "by_activity";

pub(crate) const SESSION_SORT: &str = "SESSION";
pub(crate) const MESSAGE_PREFIX: &str = "MSG#";
pub(crate) const DETAILS_PREFIX: &str = "DETAILS#";
const EVENT_PREFIX: &str = "EVT#";
const CLAIM_SORT: &str = "CLAIM";
const RATE_SORT: &str = "RATE";
/// Digits of an event id in a key: text must sort as the numbers do.
const EVENT_ID_WIDTH: usize = 12;
const LAST_EVENT_ID: u64 = 999_999_999_999;

/// A whole primary key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) partition: String,
    pub(crate) sort: String,
}

pub(crate) fn session_partition(tenant: &TenantId, session: SessionId) -> String {
    format!("{tenant}#SESSION#{session}")
}

pub(crate) fn session(tenant: &TenantId, session: SessionId) -> Key {
    Key { partition: session_partition(tenant, session), sort: SESSION_SORT.to_owned() }
}

pub(crate) fn message(tenant: &TenantId, session: SessionId, message: MessageId) -> Key {
    Key { partition: session_partition(tenant, session), sort: message_sort(message) }
}

pub(crate) fn message_sort(message: MessageId) -> String {
    format!("{MESSAGE_PREFIX}{message}")
}

pub(crate) fn details(tenant: &TenantId, session: SessionId, message: MessageId) -> Key {
    Key { partition: session_partition(tenant, session), sort: details_sort(message) }
}

fn details_sort(message: MessageId) -> String {
    format!("{DETAILS_PREFIX}{message}")
}

pub(crate) fn chunk(tenant: &TenantId, stream: StreamId, last_id: u64) -> Key {
    Key {
        partition: session_partition(tenant, stream.session),
        sort: chunk_sort(stream.reply, last_id),
    }
}

/// The sort keys of the chunks that end behind `after`: the first and the last that may exist.
pub(crate) fn chunks_behind(reply: MessageId, after: u64) -> (String, String) {
    (chunk_sort(reply, after.saturating_add(1)), chunk_sort(reply, LAST_EVENT_ID))
}

fn chunk_sort(reply: MessageId, last_id: u64) -> String {
    let last_id = last_id.min(LAST_EVENT_ID);
    format!("{EVENT_PREFIX}{reply}#{last_id:0width$}", width = EVENT_ID_WIDTH)
}

/// The partition of [`BY_ACTIVITY`].
pub(crate) fn sessions_index(tenant: &TenantId) -> String {
    format!("{tenant}#SESSIONS")
}

/// The sort key of [`BY_ACTIVITY`]. The id tells sessions of the same moment apart.
pub(crate) fn activity_sort(last_activity: Timestamp, session: SessionId) -> String {
    format!("{}#{session}", instant(last_activity))
}

/// The session that [`activity_sort`] was made for.
pub(crate) fn session_of_activity(sort: &str) -> Option<SessionId> {
    let (moment, session) = sort.split_once('#')?;
    moment.parse::<Timestamp>().ok()?;
    session.parse().ok()
}

/// The caller's text is hashed: it may hold anything and be long.
pub(crate) fn claim(tenant: &TenantId, claim: &str) -> Key {
    let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(claim.as_bytes()));
    Key { partition: format!("{tenant}#CLAIM#{hash}"), sort: CLAIM_SORT.to_owned() }
}

pub(crate) fn api_key(tenant: &TenantId, id: &KeyId) -> Key {
    Key { partition: format!("{tenant}#KEYS"), sort: id.to_string() }
}

pub(crate) fn rate(tenant: &TenantId, scope: &str, window_start: Timestamp) -> Key {
    let second = window_start.as_second();
    Key { partition: format!("{tenant}#RATE#{scope}#{second}"), sort: RATE_SORT.to_owned() }
}

/// What every blob of a session begins with.
pub(crate) fn session_blobs(tenant: &TenantId, session: SessionId) -> String {
    format!("tenants/{tenant}/sessions/{session}/")
}

pub(crate) fn message_blob(tenant: &TenantId, session: SessionId, message: MessageId) -> String {
    format!("{}{message}", session_blobs(tenant, session))
}

pub(crate) fn details_blob(tenant: &TenantId, session: SessionId, message: MessageId) -> String {
    format!("{}.details", message_blob(tenant, session, message))
}

pub(crate) fn chunk_blob(tenant: &TenantId, stream: StreamId, last_id: u64) -> String {
    format!("{}events/{}/{last_id}", session_blobs(tenant, stream.session), stream.reply)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids() -> (TenantId, SessionId, MessageId) {
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        ("demo".parse().unwrap(), SessionId::new(now), MessageId::new(now))
    }

    #[test]
    fn a_sessions_partition_is_in_the_order_that_the_queries_need() {
        let (_, session, message) = ids();
        let stream = StreamId { session, reply: message };
        let event = chunk_sort(stream.reply, LAST_EVENT_ID);
        let details = details_sort(message);
        let sorts = [&details, &event, MESSAGE_PREFIX, &message_sort(message), SESSION_SORT];
        assert!(sorts.is_sorted(), "{sorts:?}");
    }

    #[test]
    fn chunks_sort_as_their_numbers_do() {
        let (_, _, reply) = ids();
        let sorts: Vec<String> =
            [1, 9, 10, 99, 100, 12_345, u64::MAX].map(|id| chunk_sort(reply, id)).to_vec();
        assert!(sorts.is_sorted(), "{sorts:?}");
        let (first, last) = chunks_behind(reply, 9);
        assert!(chunk_sort(reply, 9) < first && first <= chunk_sort(reply, 10));
        assert_eq!(last, chunk_sort(reply, u64::MAX));
        assert!(chunks_behind(reply, u64::MAX).0 <= last, "a query needs its bounds in order");
    }

    #[test]
    fn activity_sorts_by_time_at_any_precision() {
        let (_, session, _) = ids();
        let sorts = ["2024-01-01T00:00:00Z", "2024-01-01T00:00:00.5Z", "2024-01-01T00:00:01Z"]
            .map(|moment| activity_sort(moment.parse().unwrap(), session));
        assert!(sorts.is_sorted(), "{sorts:?}");
        assert_eq!(session_of_activity(&sorts[1]), Some(session));
        assert_eq!(session_of_activity("x#y"), None);
    }

    #[test]
    fn every_key_begins_with_its_tenant() {
        let (tenant, id, message_id) = ids();
        let stream = StreamId { session: id, reply: message_id };
        let key_id: KeyId = "abcdefghijklmnop".parse().unwrap();
        for key in [
            session(&tenant, id),
            message(&tenant, id, message_id),
            details(&tenant, id, message_id),
            chunk(&tenant, stream, 1),
            claim(&tenant, "other#KEYS"),
            api_key(&tenant, &key_id),
            rate(&tenant, "tenant", Timestamp::UNIX_EPOCH),
        ] {
            assert!(key.partition.starts_with("demo#"), "{key:?}");
        }
        assert!(sessions_index(&tenant).starts_with("demo#"));
        for blob in [
            message_blob(&tenant, id, message_id),
            details_blob(&tenant, id, message_id),
            chunk_blob(&tenant, stream, 1),
        ] {
            assert!(blob.starts_with(&session_blobs(&tenant, id)), "{blob}");
            assert!(blob.starts_with("tenants/demo/"), "{blob}");
        }
    }
}
