//! From a request's headers to a verified caller.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use model::Caller;

use crate::{
    cache::{VerifiedKeys, fingerprint},
    error::{AuthError, Rejection},
    key::{PREFIX, PresentedKey},
    store::KeyStore,
    token::TokenVerifier,
};

/// How long a verified key is believed without asking the store: a revocation takes effect within
/// this time everywhere.
pub const VERIFIED_FOR: SignedDuration = SignedDuration::from_secs(30);
const MAX_VERIFIED_KEYS: usize = 4096;

/// Verifies credentials.
pub struct Authenticator {
    keys: Arc<dyn KeyStore>,
    tokens: Option<TokenVerifier>,
    verified: VerifiedKeys,
}

enum Credential<'a> {
    Key(&'a str),
    Token(&'a str),
}

impl Authenticator {
    /// Without `tokens` only API keys are accepted.
    pub fn new(keys: Arc<dyn KeyStore>, tokens: Option<TokenVerifier>) -> Self {
        Self { keys, tokens, verified: VerifiedKeys::new(MAX_VERIFIED_KEYS, VERIFIED_FOR) }
    }

    /// The caller behind `Authorization: Bearer <API key or token>` or `X-API-Key: <API key>`. When
    /// both are there, `Authorization` counts.
    pub async fn authenticate(
        &self,
        authorization_header: Option<&str>,
        x_api_key: Option<&str>,
        now: Timestamp,
    ) -> Result<Caller, AuthError> {
        match credential(authorization_header, x_api_key)? {
            Credential::Key(text) => self.by_key(text, now).await,
            Credential::Token(text) => match &self.tokens {
                Some(tokens) => tokens.verify(text, now).await,
                None => Err(AuthError::Unknown(Rejection::UnknownIssuer)),
            },
        }
    }

    async fn by_key(&self, text: &str, now: Timestamp) -> Result<Caller, AuthError> {
        let presented = PresentedKey::parse(text).ok_or(AuthError::Malformed)?;
        let fingerprint = fingerprint(text);
        if let Some(caller) = self.verified.get(&fingerprint, now) {
            return Ok(caller);
        }
        let record =
            self.keys.get(&presented.tenant, &presented.id).await.map_err(AuthError::Store)?;
        // Whether the key is revoked or expired is told only to whoever has its secret.
        let proven = presented.proves(record.as_ref());
        let record = record.ok_or(AuthError::Unknown(Rejection::NoSuchKey))?;
        if !proven {
            return Err(AuthError::Unknown(Rejection::WrongSecret));
        }
        if record.revoked_at.is_some_and(|at| at <= now) {
            return Err(AuthError::Revoked);
        }
        if record.expires_at.is_some_and(|at| at <= now) {
            return Err(AuthError::Expired);
        }
        let caller = record.caller();
        self.verified.insert(fingerprint, caller.clone(), record.expires_at, now);
        Ok(caller)
    }
}

fn credential<'a>(
    authorization_header: Option<&'a str>,
    x_api_key: Option<&'a str>,
) -> Result<Credential<'a>, AuthError> {
    let Some(header) = authorization_header else {
        return x_api_key.map(|key| Credential::Key(key.trim())).ok_or(AuthError::Missing);
    };
    let (scheme, text) = header.trim().split_once(' ').ok_or(AuthError::Malformed)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(AuthError::Malformed);
    }
    match text.trim() {
        key if key.starts_with(PREFIX) => Ok(Credential::Key(key)),
        token => Ok(Credential::Token(token)),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    };

    use async_trait::async_trait;
    use model::{Classified, KeyId, Role, TenantId};

    use super::*;
    use crate::{
        key::{KeyRecord, NewKey, PlainKey, issue},
        store::StoreError,
    };

    #[derive(Default)]
    struct OneKey {
        record: Mutex<Option<KeyRecord>>,
        reads: AtomicUsize,
        down: bool,
    }

    #[async_trait]
    impl KeyStore for OneKey {
        async fn get(
            &self,
            tenant: &TenantId,
            id: &KeyId,
        ) -> Result<Option<KeyRecord>, StoreError> {
            self.reads.fetch_add(1, Ordering::SeqCst);
            if self.down {
                return Err(StoreError::Unavailable("connection refused".into()));
            }
            let record = self.record.lock().unwrap().clone();
            Ok(record.filter(|record| record.tenant == *tenant && record.id == *id))
        }

        async fn put(&self, record: &KeyRecord) -> Result<(), StoreError> {
            *self.record.lock().unwrap() = Some(record.clone());
            Ok(())
        }

        async fn revoke(&self, _: &TenantId, _: &KeyId, at: Timestamp) -> Result<(), StoreError> {
            self.record.lock().unwrap().as_mut().ok_or(StoreError::NotFound)?.revoked_at = Some(at);
            Ok(())
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    async fn with_key(expires_at: Option<Timestamp>) -> (Arc<OneKey>, Authenticator, PlainKey) {
        let new = NewKey {
            tenant: "acme-2".parse().unwrap(),
            role: Role::Devops,
            name: "ci".to_owned(),
            scopes: vec![],
            expires_at,
            created_by: "user:ada".to_owned(),
        };
        let (record, plain) = issue(new, at(0), &mut rand::rng());
        let store = Arc::new(OneKey::default());
        store.put(&record).await.unwrap();
        (store.clone(), Authenticator::new(store, None), plain)
    }

    #[tokio::test]
    async fn a_key_is_accepted_wherever_it_stands() {
        let (_, authenticator, plain) = with_key(None).await;
        let key = plain.reveal();
        let bearer = format!("Bearer {key}");
        let lower = format!("bearer  {key} ");
        for (authorization, x_api_key) in [
            (Some(bearer.as_str()), None),
            (Some(lower.as_str()), None),
            (None, Some(key)),
            (Some(bearer.as_str()), Some("cpk_other")),
        ] {
            let caller = authenticator.authenticate(authorization, x_api_key, at(1)).await.unwrap();
            assert_eq!((caller.tenant.as_str(), caller.role), ("acme-2", Role::Devops));
        }
    }

    #[tokio::test]
    async fn what_is_not_a_valid_credential_is_refused_with_its_code() {
        let (_, authenticator, plain) = with_key(None).await;
        let key = plain.reveal();
        let end = if key.ends_with('a') { "b" } else { "a" };
        let wrong_secret = format!("Bearer {}{end}", &key[..key.len() - 1]);
        let wrong_tenant = format!("Bearer {}", key.replace("acme-2", "demo"));
        for (authorization, x_api_key, message) in [
            (None, None, "no credential"),
            (Some(""), None, "not of a form"),
            (Some("Basic YTpi"), None, "not of a form"),
            (Some("Bearer"), None, "not of a form"),
            (Some("Bearer cpk_x"), None, "not of a form"),
            (None, Some("a.b.c"), "not of a form"),
            (Some(wrong_secret.as_str()), None, "not valid"),
            (Some(wrong_tenant.as_str()), None, "not valid"),
            (Some("Bearer a.b.c"), None, "not valid"),
        ] {
            let error =
                authenticator.authenticate(authorization, x_api_key, at(1)).await.unwrap_err();
            assert!(error.to_string().contains(message), "{authorization:?}: {error}");
            assert!(error.is_unauthenticated());
            assert_eq!(error.code(), "UNAUTHENTICATED");
        }
    }

    #[tokio::test]
    async fn a_revocation_takes_effect_within_the_time_that_is_promised() {
        let (store, authenticator, plain) = with_key(None).await;
        let key = Some(plain.reveal());
        authenticator.authenticate(None, key, at(100)).await.unwrap();
        let id = store.record.lock().unwrap().clone().unwrap();
        store.revoke(&id.tenant, &id.id, at(101)).await.unwrap();
        assert!(authenticator.authenticate(None, key, at(129)).await.is_ok());
        let error = authenticator.authenticate(None, key, at(130)).await.unwrap_err();
        assert!(matches!(error, AuthError::Revoked), "{error}");
        assert_eq!(error.code(), "TOKEN_EXPIRED");
        assert_eq!(store.reads.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_key_ends_when_it_said_it_would_also_while_it_is_remembered() {
        let (_, authenticator, plain) = with_key(Some(at(110))).await;
        let key = Some(plain.reveal());
        assert!(authenticator.authenticate(None, key, at(100)).await.is_ok());
        let error = authenticator.authenticate(None, key, at(110)).await.unwrap_err();
        assert!(matches!(error, AuthError::Expired), "{error}");
    }

    #[tokio::test]
    async fn a_refusal_is_not_remembered() {
        let (store, authenticator, plain) = with_key(None).await;
        let record = store.record.lock().unwrap().take().unwrap();
        let key = Some(plain.reveal());
        assert!(authenticator.authenticate(None, key, at(1)).await.is_err());
        store.put(&record).await.unwrap();
        assert!(authenticator.authenticate(None, key, at(1)).await.is_ok());
    }

    #[tokio::test]
    async fn a_store_that_is_down_is_not_the_callers_fault() {
        let (_, _, plain) = with_key(None).await;
        let down = Arc::new(OneKey { down: true, ..OneKey::default() });
        let authenticator = Authenticator::new(down, None);
        let error =
            authenticator.authenticate(None, Some(plain.reveal()), at(1)).await.unwrap_err();
        assert!(!error.is_unauthenticated());
        assert_eq!(error.code(), "STORE_UNAVAILABLE");
        assert!(error.retry_after().is_some());
    }
}
