//! JSON Web Tokens (RFC 7519): our own, signed with Ed25519, and those of other issuers.
//!
//! The issuer that a token names decides which key is asked, and the key decides the algorithm.
//! `none` and shared secrets (`HS*`) have no way in.

use std::{collections::HashMap, sync::Arc};

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, dangerous, decode, decode_header};
use model::{Caller, Permission, Principal, Role};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{
    error::{AuthError, ConfigError, Rejection},
    jwks::{JwksCache, JwksSource},
};

/// Clocks differ: this much past its end, or before its beginning, a token is still good.
const LEEWAY_S: f64 = 30.0;
/// Longer than any sensible token, shorter than what would cost us to parse.
const MAX_TOKEN_BYTES: usize = 8 * 1024;
const MAX_SUBJECT_BYTES: usize = 255;

/// A key with the one algorithm it verifies.
pub(crate) struct SigningKey {
    pub(crate) algorithm: Algorithm,
    pub(crate) key: DecodingKey,
}

/// Where the keys of an issuer come from.
pub enum IssuerKeys {
    /// One Ed25519 public key in PEM: our own tokens.
    Ed25519Pem(String),
    /// The set that the issuer publishes.
    Jwks(Arc<dyn JwksSource>),
}

/// An issuer whose tokens are accepted.
pub struct Issuer {
    /// What `iss` says.
    pub name: String,
    /// What `aud` must hold.
    pub audience: String,
    /// The claim that names the tenant, `tenant` unless the issuer has it elsewhere.
    pub tenant_claim: String,
    pub keys: IssuerKeys,
}

enum Keys {
    One(Arc<SigningKey>),
    Published(JwksCache),
}

struct Trusted {
    name: String,
    audience: String,
    tenant_claim: String,
    keys: Keys,
}

/// Verifies tokens of the configured issuers.
pub struct TokenVerifier {
    issuers: HashMap<String, Trusted>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    fn holds(&self, audience: &str) -> bool {
        match self {
            Self::One(one) => one == audience,
            Self::Many(many) => many.iter().any(|one| one == audience),
        }
    }
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: Audience,
    sub: String,
    exp: f64,
    nbf: Option<f64>,
    #[serde(flatten)]
    other: Map<String, Value>,
}

impl Claims {
    fn text(&self, claim: &str) -> Option<&str> {
        self.other.get(claim)?.as_str()
    }
}

/// The one claim that is looked at before the signature: it only chooses whose keys to ask.
#[derive(Deserialize)]
struct IssuerClaim {
    iss: String,
}

impl TokenVerifier {
    pub fn new(issuers: Vec<Issuer>) -> Result<Self, ConfigError> {
        let mut trusted = HashMap::new();
        for issuer in issuers {
            let keys = match issuer.keys {
                IssuerKeys::Ed25519Pem(pem) => match DecodingKey::from_ed_pem(pem.as_bytes()) {
                    Ok(key) => Keys::One(Arc::new(SigningKey { algorithm: Algorithm::EdDSA, key })),
                    Err(source) => {
                        return Err(ConfigError::PublicKey { issuer: issuer.name, source });
                    }
                },
                IssuerKeys::Jwks(source) => Keys::Published(JwksCache::new(source)),
            };
            let entry = Trusted {
                name: issuer.name.clone(),
                audience: issuer.audience,
                tenant_claim: issuer.tenant_claim,
                keys,
            };
            if trusted.insert(issuer.name.clone(), entry).is_some() {
                return Err(ConfigError::DuplicateIssuer { issuer: issuer.name });
            }
        }
        Ok(Self { issuers: trusted })
    }

    /// The caller that the token speaks for.
    pub(crate) async fn verify(&self, token: &str, now: Timestamp) -> Result<Caller, AuthError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(AuthError::Malformed);
        }
        // An algorithm outside jsonwebtoken's list, `none` among them, does not get past here.
        let header = decode_header(token).map_err(|_| AuthError::Malformed)?;
        let named = dangerous::insecure_decode_claims::<IssuerClaim>(token)
            .map_err(|_| AuthError::Malformed)?;
        if header.crit.is_some() {
            return Err(AuthError::Unknown(Rejection::CriticalHeader));
        }
        let issuer =
            self.issuers.get(&named.iss).ok_or(AuthError::Unknown(Rejection::UnknownIssuer))?;
        let key = match &issuer.keys {
            Keys::One(key) => Arc::clone(key),
            Keys::Published(keys) => keys
                .key(header.kid.as_deref(), now)
                .await
                .map_err(AuthError::Issuer)?
                .ok_or(AuthError::Unknown(Rejection::UnknownSigningKey))?,
        };
        if header.alg != key.algorithm {
            return Err(AuthError::Unknown(Rejection::WrongAlgorithm));
        }
        issuer.caller(&verified_claims(token, &key)?, now)
    }
}

/// Checks the signature only. The claims are ours to check, with our clock.
fn verified_claims(token: &str, key: &SigningKey) -> Result<Claims, AuthError> {
    let mut validation = Validation::new(key.algorithm);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    match decode::<Claims>(token, &key.key, &validation) {
        Ok(data) => Ok(data.claims),
        Err(error) => Err(AuthError::Unknown(match error.kind() {
            jsonwebtoken::errors::ErrorKind::Json(_) => Rejection::BadClaims,
            _ => Rejection::BadSignature,
        })),
    }
}

impl Trusted {
    fn caller(&self, claims: &Claims, now: Timestamp) -> Result<Caller, AuthError> {
        let refuse = |reason| Err(AuthError::Unknown(reason));
        let now_s = now.as_duration().as_secs_f64();
        if claims.iss != self.name {
            return refuse(Rejection::UnknownIssuer);
        }
        if !claims.aud.holds(&self.audience) {
            return refuse(Rejection::WrongAudience);
        }
        if claims.nbf.is_some_and(|start| now_s < start - LEEWAY_S) {
            return refuse(Rejection::NotYetValid);
        }
        if now_s >= claims.exp + LEEWAY_S {
            return Err(AuthError::Expired);
        }
        if claims.sub.is_empty() || claims.sub.len() > MAX_SUBJECT_BYTES {
            return refuse(Rejection::BadClaims);
        }
        let Some(tenant) = claims.text(&self.tenant_claim).and_then(|text| text.parse().ok())
        else {
            return refuse(Rejection::BadTenant);
        };
        let Some(role) = claims.text("role").and_then(Role::from_name) else {
            return refuse(Rejection::BadRole);
        };
        // RFC 8693: permissions, separated by spaces. Those we do not know allow nothing.
        let scopes = claims.text("scope").unwrap_or_default();
        Ok(Caller {
            tenant,
            principal: Principal::User(claims.sub.clone()),
            role,
            scopes: scopes.split(' ').filter_map(Permission::parse).collect(),
        })
    }
}

#[cfg(test)]
#[path = "token_tests.rs"]
mod tests;
