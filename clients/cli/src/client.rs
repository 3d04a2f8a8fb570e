//! HTTP to the copilot: addresses from the contract's table of routes, credentials, retries, and
//! answers that are errors. Knows nothing of what is asked or shown.

use std::time::Duration;

use bytes::Bytes;
use contract::{
    page::Page,
    routes::{Function, ROUTES, Reply, Route, RouteId},
};
use reqwest::{Method, Response, StatusCode, Url};
use serde::de::DeserializeOwned;

use crate::{
    config::Settings,
    console::Console,
    error::Error,
    request::Request,
    response::{self, MAX_BODY_BYTES, check_type, read_bounded, transport},
    retry::Retry,
};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Pages of a listing that are read in one go.
const MAX_PAGES: usize = 100;

#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    settings: Settings,
    console: Console,
}

/// What a good answer holds.
enum Content {
    Stream(Response),
    Body(Bytes),
}

impl Client {
    pub(crate) fn new(settings: Settings, console: Console) -> Result<Self, Error> {
        let http = reqwest::Client::builder()
            .user_agent(concat!("copilot-cli/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT)
            // A redirected POST would lose its body, and the key must not follow to a stranger.
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| Error::Start(error.into()))?;
        Ok(Self { http, settings, console })
    }

    pub(crate) fn console(&self) -> &Console {
        &self.console
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// A JSON answer.
    pub(crate) async fn json<T: DeserializeOwned>(&self, request: &Request) -> Result<T, Error> {
        let body = self.send(request).await?;
        parse(request, &body)
    }

    /// An answer without content.
    pub(crate) async fn nothing(&self, request: &Request) -> Result<(), Error> {
        self.send(request).await.map(drop)
    }

    /// The beginning of a stream of events.
    pub(crate) async fn events(&self, request: &Request) -> Result<Response, Error> {
        match self.retried(request).await? {
            Content::Stream(response) => Ok(response),
            Content::Body(_) => Err(Error::Protocol {
                what: format!("{:?} answers without events", request.route),
                source: None,
            }),
        }
    }

    /// At most `limit` items of a listing, however many pages that takes.
    pub(crate) async fn list<T: DeserializeOwned>(
        &self,
        request: Request,
        limit: usize,
    ) -> Result<Vec<T>, Error> {
        let mut items: Vec<T> = Vec::new();
        let mut cursor: Option<String> = None;
        for _ in 0..MAX_PAGES {
            let wanted = (limit - items.len()).min(contract::page::MAX_LIMIT);
            let mut page_request = request.clone().query("limit", wanted);
            if let Some(cursor) = cursor {
                page_request = page_request.query("cursor", cursor);
            }
            let page: Page<T> = self.json(&page_request).await?;
            items.extend(page.items);
            items.truncate(limit);
            cursor = page.next_cursor;
            if cursor.is_none() || items.len() >= limit {
                break;
            }
        }
        Ok(items)
    }

    /// `/health` or `/ready` of either address. A server that is not ready answers 503 and says
    /// why, so the status is given back instead of being an error.
    pub(crate) async fn probe<T: DeserializeOwned>(
        &self,
        base: &Url,
        route: RouteId,
    ) -> Result<(StatusCode, T), Error> {
        let request = Request::new(route);
        let route = table(route)?;
        let response = self.exchange(&request, base.clone(), route).await?;
        let status = response.status();
        if !status.is_success() && status != StatusCode::SERVICE_UNAVAILABLE {
            return Err(response::failure(response, self.settings.api_key.is_some()).await);
        }
        check_type(&response, "application/json")?;
        let body = read_bounded(response, MAX_BODY_BYTES).await?;
        Ok((status, parse(&request, &body)?))
    }

    async fn send(&self, request: &Request) -> Result<Bytes, Error> {
        match self.retried(request).await? {
            Content::Body(bytes) => Ok(bytes),
            Content::Stream(_) => Err(Error::Protocol {
                what: format!("{:?} answers with events", request.route),
                source: None,
            }),
        }
    }

    async fn retried(&self, request: &Request) -> Result<Content, Error> {
        let mut retry = Retry::default();
        loop {
            let error = match self.attempt(request).await {
                Ok(content) => return Ok(content),
                Err(error) => error,
            };
            let wait = match transient(&error, request.patient) {
                Some(asked) => retry.next_wait(asked),
                None => None,
            };
            let Some(wait) = wait else { return Err(error) };
            self.console.note(&format!("{error}; {}", retry.describe(wait)));
            tokio::time::sleep(wait).await;
        }
    }

    async fn attempt(&self, request: &Request) -> Result<Content, Error> {
        let route = table(request.route)?;
        let base = match route.function {
            Some(Function::Stream) => &self.settings.stream_url,
            _ => &self.settings.url,
        };
        let response = self.exchange(request, base.clone(), route).await?;
        if !response.status().is_success() {
            return Err(response::failure(response, self.settings.api_key.is_some()).await);
        }
        match route.reply {
            Reply::Events => {
                check_type(&response, "text/event-stream")?;
                Ok(Content::Stream(response))
            }
            Reply::Json(_) => {
                check_type(&response, "application/json")?;
                read_bounded(response, MAX_BODY_BYTES).await.map(Content::Body)
            }
            Reply::Markdown => {
                check_type(&response, "text/markdown")?;
                read_bounded(response, MAX_BODY_BYTES).await.map(Content::Body)
            }
            Reply::Nothing => Ok(Content::Body(Bytes::new())),
        }
    }

    async fn exchange(
        &self,
        request: &Request,
        base: Url,
        route: &Route,
    ) -> Result<Response, Error> {
        let method = Method::from_bytes(route.method.as_bytes()).unwrap_or(Method::GET);
        let mut url = address(base, route.path, request.id.as_deref());
        if !request.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&request.query);
        }
        let mut builder = self.http.request(method, url.clone());
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        if let Some(key) = self.settings.api_key.as_ref().filter(|_| route.permission.is_some()) {
            builder = builder.bearer_auth(key);
        }
        if let Some(body) = &request.body {
            builder = builder.json(body);
        }
        if let Some(timeout) = request.timeout {
            builder = builder.timeout(timeout);
        }
        builder
            .send()
            .await
            .map_err(|error| transport(error, &url, request.timeout.unwrap_or(CONNECT_TIMEOUT)))
    }
}

fn parse<T: DeserializeOwned>(request: &Request, body: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(body)
        .map_err(|error| Error::protocol(format!("the answer of {:?}", request.route), error))
}

/// Whether the same request may go well in a moment, and how long the server asks to wait.
fn transient(error: &Error, patient: bool) -> Option<Option<Duration>> {
    match error {
        Error::Api(error) if matches!(error.status, 429 | 502 | 503 | 504) => {
            Some(error.retry_after)
        }
        Error::Api(error) if error.code == "IDEMPOTENCY_IN_PROGRESS" => Some(error.retry_after),
        // Nobody listens there; but a connection that broke may be made again, as every request is
        // either safe or carries an Idempotency-Key.
        Error::Unreachable { source, .. } => (patient || !source.is_connect()).then_some(None),
        _ => None,
    }
}

fn table(id: RouteId) -> Result<&'static Route, Error> {
    ROUTES
        .iter()
        .find(|route| route.id == id)
        .ok_or_else(|| Error::Protocol { what: format!("no route {id:?}"), source: None })
}

/// `path` below `base`, with `id` in the place of its parameter, escaped.
fn address(mut base: Url, path: &str, id: Option<&str>) -> Url {
    if let Ok(mut segments) = base.path_segments_mut() {
        segments.pop_if_empty();
        for segment in path.split('/').filter(|segment| !segment.is_empty()) {
            segments.push(if segment.starts_with('{') { id.unwrap_or_default() } else { segment });
        }
    }
    base
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ApiError;

    #[test]
    fn ids_cannot_leave_their_place_in_the_path() {
        for (base, path, id, expected) in [
            ("http://h", "/health", None, "http://h/health"),
            (
                "http://h/prod",
                "/api/v1/sessions/{id}",
                Some("ses_1"),
                "http://h/prod/api/v1/sessions/ses_1",
            ),
            (
                "http://h/",
                "/api/v1/sessions/{id}",
                Some("../a?b#c"),
                "http://h/api/v1/sessions/..%2Fa%3Fb%23c",
            ),
        ] {
            let url = address(Url::parse(base).unwrap(), path, id);
            assert_eq!(url.as_str(), expected);
        }
    }

    #[test]
    fn only_what_may_go_well_in_a_moment_is_tried_again() {
        for (status, code, expected) in [
            (429, "RATE_LIMITED", true),
            (503, "STORE_UNAVAILABLE", true),
            (409, "IDEMPOTENCY_IN_PROGRESS", true),
            (409, "CONFLICT", false),
            (500, "INTERNAL", false),
            (401, "UNAUTHENTICATED", false),
        ] {
            let code = code.to_owned();
            let error = Error::Api(Box::new(ApiError { status, code, ..ApiError::default() }));
            assert_eq!(transient(&error, false).is_some(), expected, "{error}");
        }
    }
}
