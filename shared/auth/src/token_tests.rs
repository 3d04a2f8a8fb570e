//! Keys are made anew for each run, so that no private key lies in the repository.

use std::collections::BTreeSet;

use async_trait::async_trait;
use aws_lc_rs::{
    encoding::AsDer,
    rand::SystemRandom,
    rsa::{KeyPair as RsaKeyPair, KeySize},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair},
};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use jsonwebtoken::{EncodingKey, Header, encode, jwk::Jwk};
use model::Classified;
use serde_json::json;

use super::*;
use crate::jwks::JwksError;

const NOW: i64 = 1_700_000_000;
const OWN: &str = "https://copilot.example";
const ISSUER: &str = "https://login.example";

struct Published(String);

#[async_trait]
impl JwksSource for Published {
    async fn fetch(&self) -> Result<String, JwksError> {
        Ok(self.0.clone())
    }
}

/// One signer for each algorithm, and the verifier that knows them all.
struct World {
    own: EncodingKey,
    own_public: Vec<u8>,
    issuer: Vec<(Algorithm, EncodingKey)>,
    verifier: TokenVerifier,
}

fn jwk(key: &EncodingKey, algorithm: Algorithm) -> Value {
    let mut jwk = Jwk::from_encoding_key(key, algorithm).unwrap();
    jwk.common.key_id = Some(format!("{algorithm:?}"));
    serde_json::to_value(jwk).unwrap()
}

fn ed25519() -> (EncodingKey, Vec<u8>) {
    let pkcs8 = Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new()).unwrap();
    let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8.as_ref()).unwrap();
    (EncodingKey::from_ed_der(pkcs8.as_ref()), pair.public_key().as_ref().to_vec())
}

fn world() -> World {
    let (own, own_public) = ed25519();
    // The fixed beginning of an Ed25519 SubjectPublicKeyInfo (RFC 8410).
    let mut der = vec![0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0];
    der.extend_from_slice(&own_public);
    let pem =
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", BASE64.encode(&der));
    let ec = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
    let rsa = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let rsa_pkcs8: aws_lc_rs::encoding::Pkcs8V1Der = rsa.as_der().unwrap();
    let rsa_pem = format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        BASE64.encode(rsa_pkcs8.as_ref())
    );
    let issuer = vec![
        (Algorithm::EdDSA, ed25519().0),
        (Algorithm::ES256, EncodingKey::from_ec_der(ec.unwrap().as_ref())),
        (Algorithm::RS256, EncodingKey::from_rsa_pem(rsa_pem.as_bytes()).unwrap()),
    ];
    let keys: Vec<Value> = issuer.iter().map(|(algorithm, key)| jwk(key, *algorithm)).collect();
    let source = Arc::new(Published(json!({ "keys": keys }).to_string()));
    let issuers = vec![
        Issuer {
            name: OWN.to_owned(),
            audience: "copilot".to_owned(),
            tenant_claim: "tenant".to_owned(),
            keys: IssuerKeys::Ed25519Pem(pem),
        },
        Issuer {
            name: ISSUER.to_owned(),
            audience: "copilot".to_owned(),
            tenant_claim: "https://copilot.example/tenant".to_owned(),
            keys: IssuerKeys::Jwks(source),
        },
    ];
    World { own, own_public, issuer, verifier: TokenVerifier::new(issuers).unwrap() }
}

fn own_claims() -> Value {
    json!({
        "iss": OWN, "aud": "copilot", "sub": "ada", "tenant": "demo", "role": "developer",
        "exp": NOW + 600,
    })
}

fn token(algorithm: Algorithm, kid: Option<&str>, claims: &Value, key: &EncodingKey) -> String {
    let header = Header { kid: kid.map(str::to_owned), ..Header::new(algorithm) };
    encode(&header, claims, key).unwrap()
}

fn now() -> Timestamp {
    Timestamp::from_second(NOW).unwrap()
}

/// The claims with some of them replaced, or taken away by null.
fn with(claims: &Value, changes: Value) -> Value {
    let mut claims = claims.clone();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    claims
}

#[tokio::test]
async fn a_valid_token_gives_its_caller() {
    let world = world();
    let claims = with(&own_claims(), json!({"role": "service", "scope": "messages:read x:y"}));
    let caller = world
        .verifier
        .verify(&token(Algorithm::EdDSA, None, &claims, &world.own), now())
        .await
        .unwrap();
    assert_eq!(caller.tenant.as_str(), "demo");
    assert_eq!(caller.principal, Principal::User("ada".to_owned()));
    assert_eq!(caller.role, Role::Service);
    assert_eq!(caller.scopes, [Permission::parse("messages:read").unwrap()]);
}

#[tokio::test]
async fn each_algorithm_of_an_issuers_key_set_works() {
    let world = world();
    let claims = json!({
        "iss": ISSUER, "aud": ["other", "copilot"], "sub": "ada", "role": "viewer",
        "https://copilot.example/tenant": "acme-2", "exp": NOW + 600,
    });
    let mut tenants = BTreeSet::new();
    for (algorithm, key) in &world.issuer {
        let token = token(*algorithm, Some(&format!("{algorithm:?}")), &claims, key);
        tenants.insert(world.verifier.verify(&token, now()).await.unwrap().tenant);
    }
    assert_eq!(tenants.first().unwrap().as_str(), "acme-2");
}

#[tokio::test]
async fn claims_that_do_not_hold_are_refused() {
    let world = world();
    for (changes, reason) in [
        (json!({"iss": "https://evil.example"}), Rejection::UnknownIssuer),
        (json!({"iss": ISSUER}), Rejection::UnknownSigningKey),
        (json!({"aud": "other"}), Rejection::WrongAudience),
        (json!({"aud": ["other"]}), Rejection::WrongAudience),
        (json!({"aud": null}), Rejection::BadClaims),
        (json!({"exp": null}), Rejection::BadClaims),
        (json!({"exp": "soon"}), Rejection::BadClaims),
        (json!({"nbf": NOW + 31}), Rejection::NotYetValid),
        (json!({"sub": null}), Rejection::BadClaims),
        (json!({"sub": ""}), Rejection::BadClaims),
        (json!({"sub": "a".repeat(256)}), Rejection::BadClaims),
        (json!({"tenant": null}), Rejection::BadTenant),
        (json!({"tenant": "Demo"}), Rejection::BadTenant),
        (json!({"tenant": "a#b"}), Rejection::BadTenant),
        (json!({"tenant": 7}), Rejection::BadTenant),
        (json!({"role": null}), Rejection::BadRole),
        (json!({"role": "root"}), Rejection::BadRole),
    ] {
        let claims = with(&own_claims(), changes.clone());
        let token = token(Algorithm::EdDSA, None, &claims, &world.own);
        match world.verifier.verify(&token, now()).await {
            Err(AuthError::Unknown(found)) => assert_eq!(found, reason, "{changes}"),
            other => panic!("{changes}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn times_have_thirty_seconds_of_leeway() {
    let world = world();
    for (changes, good) in [
        (json!({"exp": NOW - 29}), true),
        (json!({"exp": NOW - 30}), false),
        (json!({"nbf": NOW + 30}), true),
        (json!({"nbf": NOW + 31}), false),
        (json!({"exp": NOW as f64 + 0.5}), true),
    ] {
        let claims = with(&own_claims(), changes.clone());
        let token = token(Algorithm::EdDSA, None, &claims, &world.own);
        assert_eq!(world.verifier.verify(&token, now()).await.is_ok(), good, "{changes}");
    }
    let expired = with(&own_claims(), json!({"exp": NOW - 31}));
    let token = token(Algorithm::EdDSA, None, &expired, &world.own);
    let error = world.verifier.verify(&token, now()).await.unwrap_err();
    assert_eq!(error.code(), "TOKEN_EXPIRED");
}

#[tokio::test]
async fn forged_tokens_are_refused() {
    let world = world();
    let claims = own_claims();
    let good = token(Algorithm::EdDSA, None, &claims, &world.own);
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let (head, payload) = signed.split_once('.').unwrap();
    let admin = with(&claims, json!({"role": "admin"}));
    let admin = BASE64URL_NOPAD.encode(admin.to_string().as_bytes());
    let none = BASE64URL_NOPAD.encode(br#"{"alg":"none"}"#);
    let critical = Header { crit: Some(vec!["b64".to_owned()]), ..Header::new(Algorithm::EdDSA) };
    let stranger = ed25519().0;
    // The classic: the public key taken for a shared secret.
    let confused =
        token(Algorithm::HS256, None, &claims, &EncodingKey::from_secret(&world.own_public));
    for (name, forged) in [
        ("other payload", format!("{head}.{admin}.{signature}")),
        ("no signature", format!("{head}.{payload}.")),
        ("alg none", format!("{none}.{payload}.")),
        ("alg none with a signature", format!("{none}.{payload}.{signature}")),
        ("shared secret", confused),
        ("a stranger's key", token(Algorithm::EdDSA, None, &claims, &stranger)),
        ("another kind of key", token(Algorithm::ES256, None, &claims, &world.issuer[1].1)),
        ("a critical header", encode(&critical, &claims, &world.own).unwrap()),
        ("two parts", format!("{head}.{payload}")),
        ("nothing", String::new()),
        ("not base 64", "a b.c.d".to_owned()),
        ("too long", format!("{good}{}", "A".repeat(MAX_TOKEN_BYTES))),
    ] {
        let error = world.verifier.verify(&forged, now()).await.expect_err(name);
        assert_eq!(error.code(), "UNAUTHENTICATED", "{name}");
    }
    assert!(world.verifier.verify(&good, now()).await.is_ok());
}

#[test]
fn a_wrong_configuration_is_found_at_start() {
    let issuer = |pem: &str| Issuer {
        name: OWN.to_owned(),
        audience: "copilot".to_owned(),
        tenant_claim: "tenant".to_owned(),
        keys: IssuerKeys::Ed25519Pem(pem.to_owned()),
    };
    let published =
        || Issuer { keys: IssuerKeys::Jwks(Arc::new(Published(String::new()))), ..issuer("") };
    assert!(matches!(
        TokenVerifier::new(vec![issuer("not a key")]),
        Err(ConfigError::PublicKey { .. })
    ));
    assert!(matches!(
        TokenVerifier::new(vec![published(), published()]),
        Err(ConfigError::DuplicateIssuer { .. })
    ));
}
