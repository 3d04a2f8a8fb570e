//! Why a credential was not accepted.

use std::time::Duration;

use model::{Classified, ErrorClass};

use crate::{jwks::JwksError, store::StoreError};

/// Why a request has no verified caller.
///
/// Every variant of class `Denied` here means "we do not know you" (HTTP 401), where the class
/// elsewhere means "you may not" (403): the code tells them apart, see
/// [`AuthError::is_unauthenticated`].
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    #[error("no credential came with the request: send `Authorization: Bearer …` or `X-API-Key`")]
    Missing,
    #[error("the credential is not of a form that we know")]
    Malformed,
    /// One message for everything that could help to guess a credential; the reason is for the log.
    #[error("the credential is not valid")]
    Unknown(#[source] Rejection),
    #[error("the credential has expired")]
    Expired,
    #[error("the credential was revoked")]
    Revoked,
    #[error("the credential cannot be checked at the moment")]
    Store(#[source] StoreError),
    #[error("the token cannot be checked at the moment")]
    Issuer(#[source] JwksError),
}

impl AuthError {
    /// Whether the answer is 401: the caller is not known, rather than known and not allowed.
    pub fn is_unauthenticated(&self) -> bool {
        self.class() == ErrorClass::Denied
    }
}

impl Classified for AuthError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Missing | Self::Malformed | Self::Unknown(_) | Self::Expired | Self::Revoked => {
                ErrorClass::Denied
            }
            Self::Store(error) => error.class(),
            Self::Issuer(_) => ErrorClass::Unavailable,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Missing | Self::Malformed | Self::Unknown(_) => "UNAUTHENTICATED",
            Self::Expired | Self::Revoked => "TOKEN_EXPIRED",
            Self::Store(error) => error.code(),
            Self::Issuer(_) => "UNAVAILABLE",
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Store(error) => error.retry_after(),
            Self::Issuer(_) => Some(Duration::from_secs(1)),
            _ => None,
        }
    }
}

/// What exactly was wrong with a credential that is not valid. For logs, never for callers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    #[error("no key with this id")]
    NoSuchKey,
    #[error("the key's secret is wrong")]
    WrongSecret,
    #[error("no issuer is configured under the token's iss")]
    UnknownIssuer,
    #[error("the issuer has no key under the token's kid")]
    UnknownSigningKey,
    #[error("the token's alg is not the one that its key is for")]
    WrongAlgorithm,
    #[error("the token has a critical header that is not understood")]
    CriticalHeader,
    #[error("the token's signature is wrong")]
    BadSignature,
    #[error("the token's claims are not of the form that is asked for")]
    BadClaims,
    #[error("the token is for another audience")]
    WrongAudience,
    #[error("the token is not valid yet")]
    NotYetValid,
    #[error("the token names no valid tenant")]
    BadTenant,
    #[error("the token names no role that we know")]
    BadRole,
}

/// What is wrong with the configuration of tokens; found at start.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("the public key of issuer {issuer} is not an Ed25519 key in PEM")]
    PublicKey {
        issuer: String,
        #[source]
        source: jsonwebtoken::errors::Error,
    },
    #[error("issuer {issuer} is configured twice")]
    DuplicateIssuer { issuer: String },
}
