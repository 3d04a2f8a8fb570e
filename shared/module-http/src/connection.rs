//! A connection to one server: where it is, and what every request to it carries.

use reqwest::{
    Client, RequestBuilder, Url,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue},
};

use crate::{
    RequestContext, ServerSettings, SettingsError,
    http::{Body, Fault, exchange},
    settings::Endpoint,
};

/// Above this a query goes into the body of a POST where the server takes one: proxies refuse long
/// request lines, often at 8 KiB, and percent-encoding may treble a query.
pub(crate) const MAX_GET_QUERY_BYTES: usize = 2_000;
/// By which multi-tenant servers keep tenants apart.
pub(crate) const ORG_ID: &str = "X-Scope-OrgID";

/// How a server takes a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Long {
    /// A form in the body of a POST, where the address would be too long.
    Form,
    /// It knows GET alone.
    Address,
}

#[derive(Debug, Clone)]
pub(crate) struct Connection {
    client: Client,
    endpoint: Endpoint,
    authorization: Option<HeaderValue>,
    send_org_id: bool,
    long: Long,
    /// What the server is called in errors.
    pub(crate) module: String,
    /// How much of an answer to a query is read.
    pub(crate) max_response_bytes: usize,
}

impl Connection {
    /// `name` is what the server is: `Prometheus`, `Loki`, …
    pub(crate) fn new(
        client: Client,
        settings: ServerSettings,
        name: &str,
        long: Long,
    ) -> Result<Self, SettingsError> {
        let authorization = settings.authorization()?;
        let ServerSettings { endpoint, credential: _, send_org_id, max_response_bytes } = settings;
        let module = format!("{name} at {endpoint}");
        Ok(Self { client, endpoint, authorization, send_org_id, long, module, max_response_bytes })
    }

    /// One request below the base URL, of whose answer at most `limit` bytes are read. `headers` come
    /// on top of those that every request has.
    pub(crate) async fn get(
        &self,
        context: &RequestContext<'_>,
        path: &str,
        parameters: &[(&str, &str)],
        headers: &[(&str, &str)],
        limit: usize,
    ) -> Result<Body, Fault> {
        let mut url = self.endpoint.join(path);
        if !parameters.is_empty() {
            url.query_pairs_mut().extend_pairs(parameters);
        }
        let mut request = context.apply(self.request(url));
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        if self.send_org_id {
            request = request.header(ORG_ID, context.tenant.as_str());
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        exchange(request, &self.module, limit).await
    }

    fn request(&self, mut url: Url) -> RequestBuilder {
        let query = url.query().unwrap_or_default();
        if self.long == Long::Address || query.len() <= MAX_GET_QUERY_BYTES {
            return self.client.get(url);
        }
        let form = query.to_owned();
        url.set_query(None);
        self.client.post(url).header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form)
    }
}
