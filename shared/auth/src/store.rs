//! The ports to what is kept about access: keys, and how often they were used.

use std::error::Error;

use async_trait::async_trait;
use jiff::Timestamp;
use model::{Classified, ErrorClass, KeyId, TenantId};

use crate::key::KeyRecord;

/// Why a store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("there is no key with this id")]
    NotFound,
    #[error("there is another key with this id")]
    Exists,
    #[error("the store is throttled")]
    Throttled,
    #[error("the store does not answer")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    #[error("a stored item cannot be read: {0}")]
    Corrupt(String),
    /// The store refused a request that we should not have made.
    #[error("the store refused a request")]
    Refused(#[source] Box<dyn Error + Send + Sync>),
}

impl Classified for StoreError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::NotFound => ErrorClass::NotFound,
            Self::Exists => ErrorClass::Conflict,
            Self::Throttled | Self::Unavailable(_) => ErrorClass::Unavailable,
            Self::Corrupt(_) | Self::Refused(_) => ErrorClass::Bug,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "NOT_FOUND",
            Self::Exists => "CONFLICT",
            Self::Throttled | Self::Unavailable(_) => "STORE_UNAVAILABLE",
            Self::Corrupt(_) | Self::Refused(_) => "INTERNAL",
        }
    }
}

/// A tenant's API keys, by their hashes.
#[async_trait]
pub trait KeyStore: Send + Sync {
    async fn get(&self, tenant: &TenantId, id: &KeyId) -> Result<Option<KeyRecord>, StoreError>;

    /// Keeps a new key. Repeating it after an unclear outcome is harmless; `Exists` when another
    /// key has the id.
    async fn put(&self, record: &KeyRecord) -> Result<(), StoreError>;

    /// From `at` on the key is not accepted. A key that was revoked before keeps its first time.
    async fn revoke(&self, tenant: &TenantId, id: &KeyId, at: Timestamp) -> Result<(), StoreError>;
}

/// The answer to taking permits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// 0 to the amount that was asked for.
    pub granted: u32,
    /// How many of the window's permits are taken now, by all instances together.
    pub used: u32,
}

/// Counts requests in windows of time, for all instances together.
#[async_trait]
pub trait RateCounter: Send + Sync {
    /// Takes up to `amount` permits of a window. All grants of a window together never exceed
    /// `limit`. `scope` holds letters, digits and `:-_` only.
    async fn take(
        &self,
        tenant: &TenantId,
        scope: &str,
        window_start: Timestamp,
        amount: u32,
        limit: u32,
    ) -> Result<Taken, StoreError>;
}
