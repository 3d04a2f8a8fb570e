//! Stands between an SDK and the local cloud and writes down every request that is really made:
//! retries, and calls that no port knows of, included.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::Context as _;
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    response::Response,
};
use http::{HeaderMap, Method, StatusCode, header};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::stats::Span;

/// Each answer is held back this long, so that calls which are made side by side overlap however
/// quick the local cloud is, and only those made one after the other do not.
const HELD: Duration = Duration::from_millis(20);
const MAX_BODY_BYTES: usize = 8 * 1024 * 1024;

/// One request that was made.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// As AWS names it.
    pub(crate) operation: String,
    pub(crate) span: Span,
}

/// A running proxy; it ends when this is dropped.
pub(crate) struct Proxy {
    pub(crate) url: String,
    calls: Calls,
    server: JoinHandle<()>,
}

type Calls = Arc<Mutex<Vec<Call>>>;

#[derive(Clone)]
struct Forwarder {
    http: reqwest::Client,
    upstream: String,
    calls: Calls,
}

impl Proxy {
    pub(crate) async fn start(upstream: &str) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let calls = Calls::default();
        let forwarder = Forwarder {
            http: reqwest::Client::builder().no_proxy().build()?,
            upstream: upstream.to_owned(),
            calls: Arc::clone(&calls),
        };
        let app = Router::new().fallback(forward).with_state(forwarder);
        let server = tokio::spawn(async move {
            // It serves for as long as the process needs it; whoever calls it sees if it does not.
            let _ = axum::serve(listener, app).await;
        });
        Ok(Self { url, calls, server })
    }

    /// The calls since the last time.
    pub(crate) fn take(&self) -> Vec<Call> {
        std::mem::take(&mut *self.calls.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn forward(State(forwarder): State<Forwarder>, request: Request) -> Response {
    let from = Instant::now();
    let operation = operation(request.method(), request.headers());
    let response = forwarder.pass_on(request).await;
    tokio::time::sleep(HELD).await;
    let call = Call { operation, span: Span { from, to: Instant::now() } };
    forwarder.calls.lock().unwrap_or_else(PoisonError::into_inner).push(call);
    response.unwrap_or_else(|error| {
        let mut response = Response::new(Body::from(error.to_string()));
        *response.status_mut() = StatusCode::BAD_GATEWAY;
        response
    })
}

impl Forwarder {
    async fn pass_on(&self, request: Request) -> anyhow::Result<Response> {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path_and_query().context("a request without a path")?;
        let answer = self
            .http
            .request(parts.method, format!("{}{path}", self.upstream))
            .headers(parts.headers)
            .body(to_bytes(body, MAX_BODY_BYTES).await?)
            .send()
            .await?;
        let mut response = Response::new(Body::empty());
        *response.status_mut() = answer.status();
        *response.headers_mut() = answer.headers().clone();
        // How the body is cut into pieces is this connection's own affair.
        response.headers_mut().remove(header::TRANSFER_ENCODING);
        *response.body_mut() = Body::from(answer.bytes().await?);
        Ok(response)
    }
}

/// DynamoDB names the operation in a header; S3's are told by their method.
fn operation(method: &Method, headers: &HeaderMap) -> String {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    match target.and_then(|target| target.rsplit_once('.')) {
        Some((_, name)) => name.to_owned(),
        None => match *method {
            Method::PUT => "PutObject".to_owned(),
            Method::GET => "GetObject".to_owned(),
            Method::DELETE => "DeleteObject".to_owned(),
            _ => format!("s3:{method}"),
        },
    }
}
