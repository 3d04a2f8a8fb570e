//! The public keys of the identity provider.

use module::ModuleError;
use reqwest::Client;
use serde_json::Value;

use crate::{
    Endpoint, RequestContext,
    http::{exchange, malformed, not_json},
};

/// Key sets have a few keys of about a kilobyte.
const MAX_JWKS_BYTES: usize = 256 * 1024;

/// Fetches the JSON Web Key Set at one configured URL.
#[derive(Debug, Clone)]
pub struct JwksClient {
    client: Client,
    endpoint: Endpoint,
    module: String,
}

impl JwksClient {
    pub fn new(client: Client, endpoint: Endpoint) -> Self {
        let module = format!("The identity provider at {endpoint}");
        Self { client, endpoint, module }
    }

    /// The module's name in errors.
    pub fn module(&self) -> &str {
        &self.module
    }

    /// The key set as it is published (<https://www.rfc-editor.org/rfc/rfc7517#section-5>). The keys
    /// are public: neither the tenant nor a credential is sent.
    pub async fn fetch(&self, context: &RequestContext<'_>) -> Result<Value, ModuleError> {
        let request = context.apply(self.client.get(self.endpoint.url().clone()));
        let body = exchange(request, &self.module, MAX_JWKS_BYTES)
            .await
            .map_err(|fault| fault.by_status(&self.module))?;
        if body.cut {
            return Err(malformed(&self.module, "its key set is larger than 256 KiB"));
        }
        let set: Value =
            serde_json::from_slice(&body.bytes).map_err(|error| not_json(&self.module, error))?;
        if set["keys"].is_array() {
            Ok(set)
        } else {
            Err(malformed(&self.module, "its answer has no array of keys"))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;
    use wiremock::{
        Mock, MockServer, ResponseTemplate,
        matchers::{method, path},
    };

    use super::*;
    use crate::http_client;

    async fn fetch(response: ResponseTemplate) -> Result<Value, ModuleError> {
        let server = MockServer::start().await;
        Mock::given(method("GET"))
            .and(path("/.well-known/jwks.json"))
            .respond_with(response)
            .mount(&server)
            .await;
        let url = format!("{}/.well-known/jwks.json", server.uri());
        let client = JwksClient::new(http_client().unwrap(), Endpoint::parse(&url).unwrap());
        let tenant = "demo".parse().unwrap();
        let context = RequestContext {
            tenant: &tenant,
            request_id: "req_1",
            traceparent: None,
            timeout: Duration::from_secs(5),
        };
        client.fetch(&context).await
    }

    #[tokio::test]
    async fn a_key_set_is_passed_on_as_it_is() {
        let set = json!({"keys": [{"kty": "OKP", "kid": "1", "x": "…"}], "more": 1});
        let fetched = fetch(ResponseTemplate::new(200).set_body_json(&set)).await;
        assert_eq!(fetched.unwrap(), set);
    }

    #[tokio::test]
    async fn what_is_no_key_set_is_said() {
        for (response, kind) in [
            (ResponseTemplate::new(200).set_body_string("<html>"), "bad_response"),
            (ResponseTemplate::new(200).set_body_json(json!({"keys": {}})), "bad_response"),
            (ResponseTemplate::new(200).set_body_json(json!([])), "bad_response"),
            (
                ResponseTemplate::new(200).set_body_bytes(vec![b' '; MAX_JWKS_BYTES + 1]),
                "bad_response",
            ),
            (
                ResponseTemplate::new(302).insert_header("location", "http://127.0.0.1:1/"),
                "bad_response",
            ),
            (ResponseTemplate::new(404), "bad_response"),
            (ResponseTemplate::new(403), "denied"),
            (ResponseTemplate::new(429), "throttled"),
            (ResponseTemplate::new(500), "unreachable"),
        ] {
            let error = fetch(response).await.unwrap_err();
            assert_eq!(module::ErrorWire::from(&error).kind.name(), kind, "{error}");
        }
    }
}
