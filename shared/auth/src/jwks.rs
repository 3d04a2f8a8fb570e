//! An issuer's published keys (RFC 7517): fetched when needed, kept for a while, and never fetched
//! in a stampede.

use std::{
    collections::HashMap,
    error::Error,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse},
};
use serde::Deserialize;
use tokio::sync::Mutex;

use crate::token::SigningKey;

/// How long a set of keys is used before it is asked for again.
const KEEP_FOR: SignedDuration = SignedDuration::from_mins(10);
/// While the issuer does not answer, known keys are used this long. Past it, a key that the issuer
/// withdrew could still open the door.
const KEEP_AT_MOST: SignedDuration = SignedDuration::from_hours(6);
/// Between two attempts at least this long, whatever tokens come in.
const BETWEEN_FETCHES: SignedDuration = SignedDuration::from_secs(30);
const FETCH_TIMEOUT: Duration = Duration::from_secs(3);
const MAX_SET_BYTES: usize = 256 * 1024;
const MAX_KEYS: usize = 64;

/// Where an issuer's key set comes from.
#[async_trait]
pub trait JwksSource: Send + Sync {
    /// The JSON text of the set as it is now.
    async fn fetch(&self) -> Result<String, JwksError>;
}

/// Why an issuer's keys are not there.
#[derive(Debug, thiserror::Error)]
pub enum JwksError {
    #[error("the issuer's key set cannot be fetched")]
    Fetch(#[source] Box<dyn Error + Send + Sync>),
    #[error("the issuer's key set did not come within {} s", FETCH_TIMEOUT.as_secs())]
    TimedOut,
    #[error("the issuer's key set is over {MAX_SET_BYTES} bytes")]
    TooLarge,
    #[error("the issuer's key set is not a JSON Web Key Set")]
    NotAKeySet(#[source] serde_json::Error),
    #[error("the issuer's key set could not be fetched a moment ago")]
    FailedBefore,
}

struct KeySet {
    by_kid: HashMap<String, Arc<SigningKey>>,
    /// For tokens without a `kid`, which only a set of one key can serve.
    only: Option<Arc<SigningKey>>,
    fetched_at: Timestamp,
}

impl KeySet {
    fn find(&self, kid: Option<&str>) -> Option<Arc<SigningKey>> {
        match kid {
            Some(kid) => self.by_kid.get(kid).cloned(),
            None => self.only.clone(),
        }
    }

    fn younger_than(&self, age: SignedDuration, now: Timestamp) -> bool {
        now.duration_since(self.fetched_at) < age
    }
}

/// The keys of one issuer.
pub(crate) struct JwksCache {
    source: Arc<dyn JwksSource>,
    current: RwLock<Option<Arc<KeySet>>>,
    /// When the last attempt began. Whoever holds it is the one who fetches.
    attempted_at: Mutex<Option<Timestamp>>,
}

impl JwksCache {
    pub(crate) fn new(source: Arc<dyn JwksSource>) -> Self {
        Self { source, current: RwLock::default(), attempted_at: Mutex::default() }
    }

    /// The key under `kid`; `None` when the issuer has none.
    pub(crate) async fn key(
        &self,
        kid: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<Arc<SigningKey>>, JwksError> {
        if let Some(key) = self.fresh(kid, now) {
            return Ok(Some(key));
        }
        let mut attempted_at = self.attempted_at.lock().await;
        // Whoever waited for the lock finds what its holder fetched.
        if let Some(key) = self.fresh(kid, now) {
            return Ok(Some(key));
        }
        let due = attempted_at.is_none_or(|at| now.duration_since(at) >= BETWEEN_FETCHES);
        let outcome = if due {
            *attempted_at = Some(now);
            self.refresh(now).await
        } else {
            Err(JwksError::FailedBefore)
        };
        match (self.current(), outcome) {
            (Some(set), _) if set.younger_than(KEEP_AT_MOST, now) => match set.find(kid) {
                Some(key) => Ok(Some(key)),
                // Old keys say nothing about a new one.
                None if set.younger_than(KEEP_FOR, now) => Ok(None),
                None => Err(JwksError::FailedBefore),
            },
            (_, Err(error)) => Err(error),
            (_, Ok(())) => Ok(None),
        }
    }

    fn current(&self) -> Option<Arc<KeySet>> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn fresh(&self, kid: Option<&str>, now: Timestamp) -> Option<Arc<SigningKey>> {
        self.current().filter(|set| set.younger_than(KEEP_FOR, now))?.find(kid)
    }

    async fn refresh(&self, now: Timestamp) -> Result<(), JwksError> {
        let text = tokio::time::timeout(FETCH_TIMEOUT, self.source.fetch())
            .await
            .map_err(|_| JwksError::TimedOut)??;
        let set = Arc::new(parse(&text, now)?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some(set);
        Ok(())
    }
}

/// Keys of kinds that we do not use are left out, so that one odd key does not spoil the set.
fn parse(text: &str, now: Timestamp) -> Result<KeySet, JwksError> {
    #[derive(Deserialize)]
    struct Wire {
        keys: Vec<serde_json::Value>,
    }
    if text.len() > MAX_SET_BYTES {
        return Err(JwksError::TooLarge);
    }
    let wire: Wire = serde_json::from_str(text).map_err(JwksError::NotAKeySet)?;
    let keys: Vec<(Option<String>, Arc<SigningKey>)> = wire
        .keys
        .into_iter()
        .take(MAX_KEYS)
        .filter_map(|value| serde_json::from_value::<Jwk>(value).ok())
        .filter_map(|jwk| Some((jwk.common.key_id.clone(), Arc::new(signing_key(&jwk)?))))
        .collect();
    let only = match keys.as_slice() {
        [(_, key)] => Some(Arc::clone(key)),
        _ => None,
    };
    let by_kid = keys.into_iter().filter_map(|(kid, key)| Some((kid?, key))).collect();
    Ok(KeySet { by_kid, only, fetched_at: now })
}

/// The key with the one algorithm it may be used with. The token has no say in it: a token that
/// chose its own algorithm could have a public key taken for a shared secret.
fn signing_key(jwk: &Jwk) -> Option<SigningKey> {
    if !matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature)) {
        return None;
    }
    let algorithm = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => Algorithm::RS256,
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => {
            Algorithm::ES256
        }
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
            Algorithm::EdDSA
        }
        _ => return None,
    };
    let declared = jwk.common.key_algorithm.map(|declared| declared.to_string());
    if declared.is_some_and(|declared| declared != format!("{algorithm:?}")) {
        return None;
    }
    Some(SigningKey { algorithm, key: DecodingKey::from_jwk(jwk).ok()? })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    const ED25519: &str = r#"{"kty":"OKP","crv":"Ed25519","kid":"ed","use":"sig",
        "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    const SECRET: &str = r#"{"kty":"oct","kid":"hs","alg":"HS256","k":"c2VjcmV0"}"#;
    const ENCRYPTION: &str = r#"{"kty":"OKP","crv":"Ed25519","kid":"enc","use":"enc",
        "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    const P384: &str = r#"{"kty":"EC","crv":"P-384","kid":"p384","x":"AA","y":"AA"}"#;

    /// Answers with the texts in turn, the last one for ever; an empty text is a failure.
    struct Scripted {
        texts: Vec<String>,
        fetches: AtomicUsize,
    }

    impl Scripted {
        fn new(sets: &[&[&str]]) -> Arc<Self> {
            let text = |keys: &&[&str]| match keys {
                [] => String::new(),
                keys => format!(r#"{{"keys":[{}]}}"#, keys.join(",")),
            };
            Arc::new(Self {
                texts: sets.iter().map(text).collect(),
                fetches: AtomicUsize::default(),
            })
        }

        fn fetches(&self) -> usize {
            self.fetches.load(Ordering::SeqCst)
        }
    }

    #[async_trait]
    impl JwksSource for Scripted {
        async fn fetch(&self) -> Result<String, JwksError> {
            let index = self.fetches.fetch_add(1, Ordering::SeqCst).min(self.texts.len() - 1);
            // Lets others run, so that a stampede would show.
            tokio::task::yield_now().await;
            match self.texts[index].as_str() {
                "" => Err(JwksError::Fetch("connection refused".into())),
                text => Ok(text.to_owned()),
            }
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn only_keys_for_known_signatures_are_taken() {
        let odd = r#"{"kty":"unheard-of"}"#;
        let text = format!(r#"{{"keys":[{ED25519},{SECRET},{ENCRYPTION},{P384},{odd}]}}"#);
        let set = parse(&text, at(0)).unwrap();
        assert_eq!(set.by_kid.keys().collect::<Vec<_>>(), ["ed"]);
        assert_eq!(set.find(None).unwrap().algorithm, Algorithm::EdDSA);
        let lying = ED25519.replace(r#""use":"sig""#, r#""alg":"RS256""#);
        assert!(parse(&format!(r#"{{"keys":[{lying}]}}"#), at(0)).unwrap().by_kid.is_empty());
        assert!(matches!(parse("[]", at(0)), Err(JwksError::NotAKeySet(_))));
        let huge = " ".repeat(MAX_SET_BYTES + 1);
        assert!(matches!(parse(&huge, at(0)), Err(JwksError::TooLarge)));
    }

    #[tokio::test]
    async fn many_callers_share_one_fetch() {
        let source = Scripted::new(&[&[ED25519]]);
        let cache = Arc::new(JwksCache::new(source.clone()));
        let calls = (0..32).map(|_| {
            let cache = Arc::clone(&cache);
            tokio::spawn(async move { cache.key(Some("ed"), at(0)).await.unwrap().is_some() })
        });
        for call in calls.collect::<Vec<_>>() {
            assert!(call.await.unwrap());
        }
        assert_eq!(source.fetches(), 1);
    }

    #[tokio::test]
    async fn unknown_kids_are_looked_up_now_and_then_only() {
        let source = Scripted::new(&[&[ED25519]]);
        let cache = JwksCache::new(source.clone());
        for (second, fetches) in [(0, 1), (1, 1), (29, 1), (30, 2), (31, 2), (60, 3)] {
            assert!(cache.key(Some("unknown"), at(second)).await.unwrap().is_none());
            assert_eq!(source.fetches(), fetches, "at {second}");
        }
    }

    #[tokio::test]
    async fn a_key_that_the_issuer_adds_is_found_and_one_it_withdraws_is_forgotten() {
        let rotated = ED25519.replace(r#""kid":"ed""#, r#""kid":"ed2""#);
        let cache = JwksCache::new(Scripted::new(&[&[ED25519], &[&rotated]]));
        assert!(cache.key(Some("ed"), at(0)).await.unwrap().is_some());
        assert!(cache.key(Some("ed2"), at(40)).await.unwrap().is_some());
        assert!(cache.key(Some("ed"), at(80)).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn known_keys_outlive_an_issuers_outage_for_a_while() {
        let source = Scripted::new(&[&[ED25519], &[]]);
        let cache = JwksCache::new(source.clone());
        assert!(cache.key(Some("ed"), at(0)).await.unwrap().is_some());
        assert!(cache.key(Some("ed"), at(700)).await.unwrap().is_some());
        assert_eq!(source.fetches(), 2);
        assert!(cache.key(Some("new"), at(800)).await.is_err(), "not known is not refused");
        let past = KEEP_AT_MOST.as_secs();
        assert!(cache.key(Some("ed"), at(past)).await.is_err());
    }

    #[tokio::test]
    async fn a_failing_issuer_is_not_asked_for_each_token() {
        let source = Scripted::new(&[&[]]);
        let cache = JwksCache::new(source.clone());
        for second in 0..10 {
            assert!(cache.key(Some("ed"), at(second)).await.is_err());
        }
        assert_eq!(source.fetches(), 1);
    }
}
