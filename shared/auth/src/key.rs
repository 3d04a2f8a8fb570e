//! API keys: `cpk_<tenant>-<id>_<secret>`.
//!
//! The tenant stands in the key because a store is asked by tenant first. The secret is 256 random
//! bits, so a plain SHA-256 of it is as good as any slow hash: there is nothing to guess.

use std::fmt;

use data_encoding::BASE32_NOPAD;
use jiff::Timestamp;
use model::{Caller, KeyId, Permission, Principal, Role, TenantId};
use rand::CryptoRng;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

pub(crate) const PREFIX: &str = "cpk_";
const ID_BYTES: usize = 10;
const SECRET_BYTES: usize = 32;
/// 32 bytes in base 32 without padding.
const SECRET_LENGTH: usize = 52;

/// The SHA-256 of a key's secret: all of it that is ever kept.
#[derive(Clone, Copy)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }

    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// In constant time, so that `==` is always the safe comparison.
impl PartialEq for SecretHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for SecretHash {}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(…)")
    }
}

/// What is kept of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRecord {
    pub tenant: TenantId,
    pub id: KeyId,
    pub name: String,
    pub secret_hash: SecretHash,
    pub role: Role,
    /// What a `service` key is limited to; empty with other roles.
    pub scopes: Vec<Permission>,
    /// The principal that asked for it.
    pub created_by: String,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

impl KeyRecord {
    pub(crate) fn caller(&self) -> Caller {
        Caller {
            tenant: self.tenant.clone(),
            principal: Principal::Key(self.id.clone()),
            role: self.role,
            scopes: self.scopes.clone(),
        }
    }
}

/// What a new key is to be.
#[derive(Debug, Clone)]
pub struct NewKey {
    pub tenant: TenantId,
    pub role: Role,
    pub name: String,
    pub scopes: Vec<Permission>,
    pub expires_at: Option<Timestamp>,
    pub created_by: String,
}

/// A whole key. It exists between being issued and being shown, once.
pub struct PlainKey(String);

impl PlainKey {
    /// The text to show to the key's owner. It must not be kept or logged.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PlainKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlainKey(…)")
    }
}

/// Makes a key: the record to keep and the text to show.
pub fn issue(new: NewKey, now: Timestamp, rng: &mut impl CryptoRng) -> (KeyRecord, PlainKey) {
    let (id, secret) = loop {
        let id = random_base32::<ID_BYTES>(rng);
        let secret = random_base32::<SECRET_BYTES>(rng);
        // Ten bytes are always sixteen characters of the id's alphabet, so this never repeats.
        if let Ok(id) = id.parse::<KeyId>() {
            break (id, secret);
        }
    };
    let plain = PlainKey(format!("{PREFIX}{}-{id}_{secret}", new.tenant));
    let record = KeyRecord {
        tenant: new.tenant,
        id,
        name: new.name,
        secret_hash: SecretHash::of(&secret),
        role: new.role,
        scopes: new.scopes,
        created_by: new.created_by,
        created_at: now,
        expires_at: new.expires_at,
        revoked_at: None,
    };
    (record, plain)
}

fn random_base32<const BYTES: usize>(rng: &mut impl CryptoRng) -> String {
    let mut bytes = [0; BYTES];
    rng.fill_bytes(&mut bytes);
    BASE32_NOPAD.encode(&bytes).to_ascii_lowercase()
}

/// A key as a caller presented it: well-formed, not verified.
pub(crate) struct PresentedKey {
    pub(crate) tenant: TenantId,
    pub(crate) id: KeyId,
    secret_hash: SecretHash,
}

impl PresentedKey {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (name, secret) = text.strip_prefix(PREFIX)?.split_once('_')?;
        let (tenant, id) = name.rsplit_once('-')?;
        let well_formed = secret.len() == SECRET_LENGTH
            && secret.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'));
        well_formed.then_some(())?;
        Some(Self {
            tenant: tenant.parse().ok()?,
            id: id.parse().ok()?,
            secret_hash: SecretHash::of(secret),
        })
    }

    /// Whether the secret is the record's. Without a record the same comparison is made with a hash
    /// that nothing has, so that time does not tell which ids exist.
    pub(crate) fn proves(&self, record: Option<&KeyRecord>) -> bool {
        let nobody = SecretHash([0; 32]);
        let expected = record.map_or(&nobody, |record| &record.secret_hash);
        let same = self.secret_hash == *expected;
        same && record.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new_key(tenant: &str) -> NewKey {
        NewKey {
            tenant: tenant.parse().unwrap(),
            role: Role::Developer,
            name: "laptop".to_owned(),
            scopes: vec![],
            expires_at: None,
            created_by: "user:ada".to_owned(),
        }
    }

    #[test]
    fn an_issued_key_proves_itself_and_no_other() {
        // A tenant may hold the character that separates it from the id.
        for tenant in ["demo", "acme-2", "a-b-c"] {
            let (record, plain) = issue(new_key(tenant), Timestamp::UNIX_EPOCH, &mut rand::rng());
            let (other, _) = issue(new_key(tenant), Timestamp::UNIX_EPOCH, &mut rand::rng());
            let presented = PresentedKey::parse(plain.reveal()).unwrap();
            assert_eq!((&presented.tenant, &presented.id), (&record.tenant, &record.id));
            assert!(presented.proves(Some(&record)));
            assert!(!presented.proves(Some(&other)));
            assert!(!presented.proves(None));
        }
    }

    #[test]
    fn what_is_kept_or_printed_does_not_hold_the_secret() {
        let (record, plain) = issue(new_key("demo"), Timestamp::UNIX_EPOCH, &mut rand::rng());
        let secret = plain.reveal().rsplit_once('_').unwrap().1;
        assert!(!format!("{record:?} {plain:?}").contains(secret));
        assert_ne!(record.secret_hash.as_bytes(), secret.as_bytes());
    }

    #[test]
    fn texts_that_are_not_keys_are_refused() {
        let (_, plain) = issue(new_key("demo"), Timestamp::UNIX_EPOCH, &mut rand::rng());
        let good = plain.reveal();
        for bad in [
            "",
            "cpk_",
            "cpk__",
            "cpk_demo_secret",
            &good[..good.len() - 1],
            &format!("{good}a"),
            &good.to_uppercase(),
            &good.replace("cpk_demo-", "cpk_"),
            &good.replace("cpk_demo-", "cpk_Demo-"),
            &good.replace("cpk_", "cpx_"),
            &format!("{}1", &good[..good.len() - 1]),
        ] {
            assert!(PresentedKey::parse(bad).is_none(), "{bad}");
        }
    }
}
