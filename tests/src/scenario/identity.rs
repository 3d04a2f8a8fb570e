//! Tokens: our own, signed with Ed25519, and an identity provider's, whose keys are published.

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path},
};

use crate::support::{
    app::{App, tenant},
    client::Client,
};

const ISSUER: &str = "https://issuer.test";
const AUDIENCE: &str = "copilot";
/// Made for these tests: `openssl genpkey -algorithm ed25519`.
const PRIVATE_KEY: &str = include_str!("../../fixtures/ed25519.pem");
const PUBLIC_KEY: &str = include_str!("../../fixtures/ed25519.pub.pem");

fn claims(tenant: &str, role: &str) -> Value {
    let now = Timestamp::now().as_second();
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "exp": now + 300, "nbf": now - 10,
        "tenant": tenant, "role": role,
    })
}

fn sign(claims: &Value, kid: Option<&str>) -> String {
    let header = Header { kid: kid.map(str::to_owned), ..Header::new(Algorithm::EdDSA) };
    encode(&header, claims, &EncodingKey::from_ed_pem(PRIVATE_KEY.as_bytes()).unwrap()).unwrap()
}

async fn with_own_key() -> App {
    App::on_local_cloud(&[
        ("JWT_ISSUER", ISSUER),
        ("JWT_AUDIENCE", AUDIENCE),
        ("JWT_PUBLIC_KEY", PUBLIC_KEY),
    ])
    .await
}

#[tokio::test]
async fn a_token_opens_its_tenant_with_its_role() {
    let app = with_own_key().await;
    let tenant = tenant();
    let developer = Client::new(&app.url, &sign(&claims(tenant.as_str(), "developer"), None));
    let (status, session) =
        developer.post("/api/v1/sessions", &json!({ "name": "by token" })).await;
    assert_eq!(status, 201, "{session}");
    let viewer = Client::new(&app.url, &sign(&claims(tenant.as_str(), "viewer"), None));
    let (_, listed) = viewer.get("/api/v1/sessions").await;
    assert_eq!(listed["items"][0]["name"], "by token");
    let (status, refused) = viewer.post("/api/v1/sessions", &json!({})).await;
    assert_eq!((status.as_u16(), &refused["error"]["code"]), (403, &json!("PERMISSION_DENIED")));
}

#[tokio::test]
async fn a_token_that_is_not_right_in_every_part_is_refused() {
    let app = with_own_key().await;
    let good = claims("acme", "admin");
    for (claim, value, code) in [
        ("exp", json!(Timestamp::now().as_second() - 60), "TOKEN_EXPIRED"),
        ("iss", json!("https://other.test"), "UNAUTHENTICATED"),
        ("aud", json!("other"), "UNAUTHENTICATED"),
        ("tenant", json!("not a tenant"), "UNAUTHENTICATED"),
        ("tenant", Value::Null, "UNAUTHENTICATED"),
        ("role", json!("emperor"), "UNAUTHENTICATED"),
        ("nbf", json!(Timestamp::now().as_second() + 600), "UNAUTHENTICATED"),
    ] {
        let mut bad = good.clone();
        bad[claim] = value;
        let client = Client::new(&app.url, &sign(&bad, None));
        let (status, body) = client.get("/api/v1/sessions").await;
        assert_eq!(
            (status.as_u16(), &body["error"]["code"]),
            (401, &json!(code)),
            "{claim}: {body}"
        );
    }
    // The signature covers the claims.
    let token = sign(&good, None);
    let other = sign(&claims("other", "admin"), None);
    let parts = |token: &str| token.split('.').map(str::to_owned).collect::<Vec<_>>();
    let forged = format!("{}.{}.{}", parts(&token)[0], parts(&other)[1], parts(&token)[2]);
    assert_eq!(Client::new(&app.url, &forged).get("/api/v1/sessions").await.0, 401);
}

/// The adapter fetches the issuer's keys: no other function reaches out.
#[tokio::test]
async fn an_issuer_s_published_keys_are_used() {
    let issuer = MockServer::start().await;
    let keys = json!({ "keys": [{
        "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": "one",
        "x": include_str!("../../fixtures/ed25519.x").trim(),
    }] });
    Mock::given(method("GET"))
        .and(path("/keys"))
        .respond_with(ResponseTemplate::new(200).set_body_json(keys))
        .expect(1)
        .mount(&issuer)
        .await;
    let jwks_url = format!("{}/keys", issuer.uri());
    let app = App::on_local_cloud(&[
        ("JWT_ISSUER", ISSUER),
        ("JWT_AUDIENCE", AUDIENCE),
        ("JWKS_URL", &jwks_url),
    ])
    .await;
    for _ in 0..3 {
        let token = sign(&claims(tenant().as_str(), "viewer"), Some("one"));
        let (status, body) = Client::new(&app.url, &token).get("/api/v1/sessions").await;
        assert_eq!(status, 200, "{body}");
    }
    let token = sign(&claims("acme", "viewer"), Some("two"));
    assert_eq!(Client::new(&app.url, &token).get("/api/v1/sessions").await.0, 401);
}
