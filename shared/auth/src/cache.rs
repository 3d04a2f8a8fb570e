//! Remembers for a short while which keys were verified, so that a busy caller does not cost a read
//! of the store for each request.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use model::Caller;
use sha2::{Digest, Sha256};

/// What a presented key is remembered by. Never the key itself: a dump of memory shows no secret.
pub(crate) type Fingerprint = [u8; 32];

pub(crate) fn fingerprint(presented: &str) -> Fingerprint {
    Sha256::digest(presented.as_bytes()).into()
}

struct Verified {
    caller: Caller,
    forget_at: Timestamp,
    expires_at: Option<Timestamp>,
}

/// Verified keys, at most `capacity` of them. What was refused is never in it.
pub(crate) struct VerifiedKeys {
    entries: Mutex<HashMap<Fingerprint, Verified>>,
    capacity: usize,
    keep_for: SignedDuration,
}

impl VerifiedKeys {
    pub(crate) fn new(capacity: usize, keep_for: SignedDuration) -> Self {
        Self { entries: Mutex::default(), capacity, keep_for }
    }

    /// The caller behind a key that was verified a short while ago and has not expired since.
    pub(crate) fn get(&self, key: &Fingerprint, now: Timestamp) -> Option<Caller> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.get(key)?;
        let valid = now < entry.forget_at && entry.expires_at.is_none_or(|end| now < end);
        valid.then(|| entry.caller.clone())
    }

    pub(crate) fn insert(
        &self,
        key: Fingerprint,
        caller: Caller,
        expires_at: Option<Timestamp>,
        now: Timestamp,
    ) {
        let forget_at = now.saturating_add(self.keep_for).unwrap_or(now);
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= self.capacity {
            entries.retain(|_, entry| now < entry.forget_at);
        }
        // A cache full of fresh keys stays as it is: the newcomer costs a read each time.
        if entries.len() < self.capacity {
            entries.insert(key, Verified { caller, forget_at, expires_at });
        }
    }
}

#[cfg(test)]
mod tests {
    use model::{Principal, Role};

    use super::*;

    fn caller() -> Caller {
        Caller {
            tenant: "demo".parse().unwrap(),
            principal: Principal::User("ada".to_owned()),
            role: Role::Viewer,
            scopes: vec![],
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn an_entry_lives_as_long_as_allowed_and_not_past_its_keys_expiry() {
        let cache = VerifiedKeys::new(10, SignedDuration::from_secs(30));
        cache.insert([1; 32], caller(), None, at(100));
        cache.insert([2; 32], caller(), Some(at(110)), at(100));
        for (key, second, found) in
            [(1, 100, true), (1, 129, true), (1, 130, false), (2, 109, true), (2, 110, false)]
        {
            assert_eq!(cache.get(&[key; 32], at(second)).is_some(), found, "{key} at {second}");
        }
        assert!(cache.get(&[3; 32], at(100)).is_none());
    }

    #[test]
    fn it_never_grows_past_its_capacity() {
        let cache = VerifiedKeys::new(2, SignedDuration::from_secs(30));
        for key in 0..5 {
            cache.insert([key; 32], caller(), None, at(100));
        }
        assert_eq!(cache.entries.lock().unwrap().len(), 2);
        cache.insert([9; 32], caller(), None, at(200));
        assert!(cache.get(&[9; 32], at(200)).is_some(), "old entries make room");
        assert_eq!(cache.entries.lock().unwrap().len(), 1);
    }
}
