//! The way of a request: route, caller, permission, rate, limits, handler; and of its response:
//! headers, one log line, metrics.

use std::{
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use auth::{Authenticator, RateLimiter, RateState};
use bytes::Bytes;
use contract::{
    health::{Check, Health, Ready},
    routes::{self, RouteId},
};
use futures::FutureExt;
use http::{HeaderValue, Method, header};
use model::{Caller, Clock, Permission, RequestId};

use crate::{
    error::Error,
    http_log::{self, Outcome},
    request::Request,
    response::{Respond, Response},
    router::Router,
    traceparent::TraceContext,
};

/// Of a request's body.
pub const MAX_BODY_BYTES: usize = 6 * 1024 * 1024;

/// What a function brings: its name, its part of the route table, and what it does.
#[async_trait]
pub trait Function: Send + Sync + 'static {
    fn name(&self) -> &'static str;

    /// Which routes of the table are its own.
    fn routes(&self) -> routes::Function;

    /// Whether what it needs is there; asked by `GET /ready`.
    async fn ready(&self) -> Vec<Check>;

    async fn handle(&self, caller: Caller, request: Request) -> Result<Response, Error>;
}

/// What the layers around a function need.
pub struct Settings {
    pub authenticator: Arc<Authenticator>,
    pub rate_limiter: Arc<RateLimiter>,
    pub clock: Arc<dyn Clock>,
    /// For a handler to make its response (a stream goes on after that); below the function's own
    /// time limit, so that a caller gets an error and not a cut connection.
    pub timeout: Duration,
}

/// A function in its layers.
pub struct Service<F> {
    function: F,
    router: Router,
    settings: Settings,
    started: Instant,
}

/// What is known of a request before it reaches the handler.
struct Head {
    id: RequestId,
    trace: TraceContext,
    received_at: jiff::Timestamp,
}

impl<F: Function> Service<F> {
    pub fn new(function: F, settings: Settings) -> Self {
        let router = Router::new(function.routes());
        Self { function, router, settings, started: Instant::now() }
    }

    /// Whether the request is for one of its own routes.
    pub fn serves(&self, method: &Method, path: &str) -> bool {
        self.router.find(method, path).is_ok_and(|(route, _)| route.function.is_some())
    }

    /// Whether the address is one of its own, with whatever method.
    pub fn knows(&self, path: &str) -> bool {
        self.router.allowed(path).is_some()
    }

    /// Answers a request. Never fails: an error is an answer too.
    pub async fn call(&self, request: http::Request<Bytes>) -> Response {
        let started = Instant::now();
        let received_at = self.settings.clock.now();
        let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
        let head = Head {
            id: header("x-request-id")
                .and_then(|id| id.parse().ok())
                .unwrap_or_else(|| RequestId::new(received_at)),
            trace: TraceContext::join(header("traceparent")),
            received_at,
        };
        let (id, trace) = (head.id.clone(), head.trace.clone());
        let method = request.method().clone();
        let mut outcome = Outcome::default();

        let result = self.answer(head, request, &mut outcome).await;
        let mut response = match result {
            Ok(response) => response,
            Err(error) => error_response(&error, &id, &mut outcome),
        };
        self.add_headers(&mut response, &id, &outcome);
        http_log::write(&http_log::Line {
            service: self.function.name(),
            now: received_at,
            request_id: &id,
            trace: &trace,
            method: &method,
            status: response.status(),
            duration: started.elapsed(),
            outcome: &outcome,
        });
        response
    }

    async fn answer(
        &self,
        head: Head,
        request: http::Request<Bytes>,
        outcome: &mut Outcome,
    ) -> Result<Response, Error> {
        let (parts, body) = request.into_parts();
        let found = self.router.find(&parts.method, parts.uri.path());
        if found.is_err() {
            outcome.allow = self.router.allowed(parts.uri.path());
        }
        let (route, path_parameters) = found?;
        outcome.route = Some(route);
        let query = form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
            .into_owned()
            .collect();
        let request = Request {
            route,
            path_parameters,
            query,
            headers: parts.headers,
            body,
            id: head.id,
            trace: head.trace,
            received_at: head.received_at,
        };
        let Some(permission) = route.permission else {
            return self.about_itself(&request).await;
        };
        let caller = self.caller(&request).await?;
        outcome.caller = Some(caller.clone());
        let admission = self.settings.rate_limiter.check(&caller, request.received_at).await;
        outcome.rate =
            Some(admission.as_ref().map_or_else(|error| error.state, |admitted| admitted.state));
        // Leases are taken beside the handler, and not in a task of their own: Lambda freezes the
        // process as soon as the response is there.
        let ((), result) =
            tokio::join!(admission?.refill(), self.admitted(caller, permission, request));
        result
    }

    async fn admitted(
        &self,
        caller: Caller,
        permission: Permission,
        request: Request,
    ) -> Result<Response, Error> {
        if !caller.may(permission) {
            return Err(Error::permission_denied(permission, caller.role));
        }
        check_body(&request)?;
        self.handle(caller, request).await
    }

    async fn caller(&self, request: &Request) -> Result<Caller, Error> {
        let authorization = request.header(header::AUTHORIZATION.as_str());
        let api_key = request.header("x-api-key");
        let now = request.received_at;
        Ok(self.settings.authenticator.authenticate(authorization, api_key, now).await?)
    }

    /// Runs the handler within its time, and turns a panic into an error that is told to the caller
    /// like any other.
    async fn handle(&self, caller: Caller, request: Request) -> Result<Response, Error> {
        let limit = self.settings.timeout;
        let handler = AssertUnwindSafe(self.function.handle(caller, request)).catch_unwind();
        match tokio::time::timeout(limit, handler).await {
            Ok(Ok(result)) => result,
            Ok(Err(panic)) => Err(Error::bug(format!("panic: {}", panic_text(panic.as_ref())))),
            Err(_) => Err(Error::timeout(limit)),
        }
    }

    async fn about_itself(&self, request: &Request) -> Result<Response, Error> {
        match request.route.id {
            RouteId::Health => self.health(),
            RouteId::ErrorPage => error_page(request),
            _ => self.ready().await,
        }
    }

    fn health(&self) -> Result<Response, Error> {
        let health = Health {
            status: "ok".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            uptime_s: self.started.elapsed().as_secs(),
        };
        Response::json(200, &health)
    }

    async fn ready(&self) -> Result<Response, Error> {
        let checks = self.function.ready().await;
        let ready = checks.iter().all(|check| !check.required || check.status == "ok");
        let (status, text) = if ready { (200, "ready") } else { (503, "unavailable") };
        Response::json(status, &Ready { status: text.to_owned(), checks })
    }

    fn add_headers(&self, response: &mut Response, id: &RequestId, outcome: &Outcome) {
        let headers = response.headers_mut();
        let mut set = |name: &'static str, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        };
        set("x-request-id", id.as_str());
        set("cache-control", "no-store");
        set("x-content-type-options", "nosniff");
        if let Some(RateState { limit, remaining, reset_at, .. }) = &outcome.rate {
            set("x-ratelimit-limit", &limit.to_string());
            set("x-ratelimit-remaining", &remaining.to_string());
            set("x-ratelimit-reset", &reset_at.as_second().to_string());
        }
        if let Some(methods) = &outcome.allow {
            set("allow", methods);
        }
    }
}

fn check_body(request: &Request) -> Result<(), Error> {
    if request.body.len() > MAX_BODY_BYTES {
        return Err(Error::too_large(MAX_BODY_BYTES));
    }
    if request.route.body.is_none() {
        return Ok(());
    }
    let content_type = request.header(header::CONTENT_TYPE.as_str()).unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/json") {
        return Err(Error::unsupported_media_type());
    }
    Ok(())
}

fn error_page(request: &Request) -> Result<Response, Error> {
    request
        .path_parameter("code")
        .and_then(contract::error::page)
        .map(Response::markdown)
        .ok_or_else(|| Error::not_found("there is no error code of this name"))
}

fn error_response(error: &Error, id: &RequestId, outcome: &mut Outcome) -> Response {
    outcome.error = Some((error.class, error.code, error.chain.clone()));
    let mut response = Response::json(error.status.as_u16(), &error.body(id))
        .unwrap_or_else(|_| Response::empty(error.status.as_u16()));
    let headers = response.headers_mut();
    if let Some(wait) = error.retry_after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
    }
    if error.status == http::StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("of unknown kind")
}

/// A body that came whole but is too large to be read at all: for servers that see its length first.
pub fn too_large_response(method: &Method, now: jiff::Timestamp) -> Response {
    let id = RequestId::new(now);
    tracing::info!(request_id = id.as_str(), method = method.as_str(), "body refused unread");
    let mut response =
        error_response(&Error::too_large(MAX_BODY_BYTES), &id, &mut Outcome::default());
    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        response.headers_mut().insert("x-request-id", value);
    }
    response
}

#[cfg(test)]
#[path = "service_tests.rs"]
mod tests;
