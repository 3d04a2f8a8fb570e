//! Who is calling: API keys, tokens, and how many requests a caller may make.
//!
//! It decides; it does no IO and knows neither HTTP nor AWS. What it needs from outside goes
//! through the ports [`KeyStore`], [`RateCounter`] and [`JwksSource`]. What a role may do is
//! `model`'s table.

mod authenticator;
mod cache;
mod error;
mod jwks;
mod key;
mod lease;
mod limit;
mod store;
mod token;

pub use authenticator::{Authenticator, VERIFIED_FOR};
pub use error::{AuthError, ConfigError, Rejection};
pub use jwks::{JwksError, JwksSource};
pub use key::{KeyRecord, NewKey, PlainKey, SecretHash, issue};
pub use limit::{Admission, RateError, RateLimiter, RateLimits, RateState};
pub use store::{KeyStore, RateCounter, StoreError, Taken};
pub use token::{Issuer, IssuerKeys, TokenVerifier};
