//! A server on a free port whose answers a test writes, and that remembers what it was asked.

use std::{
    collections::HashMap,
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::StatusCode,
    response::Response,
    serve::Listener,
};
use futures::{Stream, StreamExt as _, stream};
use serde_json::Value;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::JoinHandle,
};

const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: Value,
}

/// How a stream ends.
#[derive(Clone)]
pub(crate) enum End {
    /// In order, with or without a terminal event.
    Close,
    /// In the middle of the body.
    Break,
    /// When the test says so; then the frames follow, and the stream closes.
    Wait(Arc<Notify>, Vec<String>),
}

pub(crate) enum Reply {
    Json(u16, Value),
    Raw { status: u16, headers: Vec<(&'static str, &'static str)>, body: String },
    Events(Vec<String>, End),
}

type Script = dyn Fn(&Seen, usize) -> Reply + Send + Sync;

struct Shared {
    script: Box<Script>,
    seen: Mutex<Vec<Seen>>,
}

pub(crate) struct Server {
    pub(crate) url: String,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// `script` gets the request and how many came before it.
    pub(crate) async fn start(
        script: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::start_dropping(0, script).await
    }

    /// The first `dropped` connections are closed without an answer.
    pub(crate) async fn start_dropping(
        dropped: usize,
        script: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared { script: Box::new(script), seen: Mutex::default() });
        let router = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        let listener = Dropping { listener, left: AtomicUsize::new(dropped) };
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, shared, task }
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.shared.seen.lock().unwrap().clone()
    }
}

struct Dropping {
    listener: TcpListener,
    left: AtomicUsize,
}

impl Listener for Dropping {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        loop {
            let accepted = Listener::accept(&mut self.listener).await;
            let drop_it = self
                .left
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1))
                .is_ok();
            if !drop_it {
                return accepted;
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, MAX_BODY_BYTES).await.unwrap();
    let seen = Seen {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect(),
        body: if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap() },
    };
    let before = {
        let mut log = shared.seen.lock().unwrap();
        log.push(seen.clone());
        log.len() - 1
    };
    respond((shared.script)(&seen, before))
}

fn respond(reply: Reply) -> Response {
    let builder = Response::builder();
    let response = match reply {
        Reply::Json(status, body) => builder
            .status(status)
            .header("content-type", "application/json")
            .header("x-request-id", "req_test")
            .body(Body::from(body.to_string())),
        Reply::Raw { status, headers, body } => headers
            .into_iter()
            .fold(builder.status(status), |builder, (name, value)| builder.header(name, value))
            .body(Body::from(body)),
        Reply::Events(frames, end) => builder
            .status(StatusCode::OK)
            .header("content-type", "text/event-stream; charset=utf-8")
            .body(events(frames, end)),
    };
    response.unwrap()
}

fn events(frames: Vec<String>, end: End) -> Body {
    let frames = stream::iter(frames).map(|frame| Ok(Bytes::from(frame)));
    match end {
        End::Close => Body::from_stream(typed(frames)),
        End::Break => {
            let error = stream::once(async {
                // What was said before goes out first.
                tokio::task::yield_now().await;
                Err(io::Error::other("cut"))
            });
            Body::from_stream(typed(frames).chain(error))
        }
        End::Wait(released, rest) => {
            let later = stream::once(async move {
                released.notified().await;
                Ok(Bytes::from(rest.concat()))
            });
            Body::from_stream(typed(frames).chain(later))
        }
    }
}

/// Says which error such a stream may hold.
fn typed<S: Stream<Item = io::Result<Bytes>>>(frames: S) -> S {
    frames
}
