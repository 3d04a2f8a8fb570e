//! Every function in this process, on one port: what an API Gateway and a Function URL do in AWS,
//! with real streaming.

use std::{io, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    response::Response,
    serve::ListenerExt as _,
};
use chat::Chat;
use chat_edge::{Config, Deps, Ports};
use jiff::Timestamp;
use kit::{MAX_BODY_BYTES, Service};
use stream::EventStreams;
use tokio::net::TcpListener;

/// How long answers under way may take when the process is asked to stop.
const GRACE: Duration = Duration::from_secs(3);

/// The functions that answer HTTP.
pub struct Functions {
    chat: Service<Chat>,
    stream: Service<EventStreams>,
}

impl Functions {
    pub fn new(config: &Config, ports: &Ports) -> Result<Self, auth::ConfigError> {
        let chat_deps = Deps::new(config, ports.clone(), chat::TURN_TIMEOUT)?;
        let stream_deps = Deps::new(config, ports.clone(), stream::TURN_TIMEOUT)?;
        let chat_settings = chat_deps.settings(chat::TIMEOUT);
        let stream_settings = stream_deps.settings(stream::TIMEOUT);
        Ok(Self {
            chat: Service::new(Chat { deps: chat_deps.into() }, chat_settings),
            stream: Service::new(EventStreams { deps: stream_deps.into() }, stream_settings),
        })
    }

    /// Answers as the function would that the request is for.
    pub async fn call(&self, request: http::Request<bytes::Bytes>) -> kit::Response {
        let (method, path) = (request.method(), request.uri().path());
        let streams =
            self.stream.serves(method, path) || self.stream.knows(path) && !self.chat.knows(path);
        if streams { self.stream.call(request).await } else { self.chat.call(request).await }
    }
}

/// Serves until `stop` is done; then lets answers under way end, for a moment.
pub async fn serve(
    listener: TcpListener,
    functions: Arc<Functions>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let app = Router::new().fallback(answer).with_state(functions);
    let (stopping, stopped) = tokio::sync::oneshot::channel::<()>();
    // An event of a stream goes out at once, not when the reader has acknowledged the one before it,
    // which readers take up to 40 ms for.
    let listener = listener.tap_io(|connection| {
        let _ = connection.set_nodelay(true);
    });
    let graceful = axum::serve(listener, app).with_graceful_shutdown(async move {
        stop.await;
        let _ = stopping.send(());
    });
    let out_of_patience = async {
        // An error means that the server ended by itself; it is reported below.
        if stopped.await.is_ok() {
            tokio::time::sleep(GRACE).await;
        } else {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        result = graceful.into_future() => result,
        () = out_of_patience => Ok(()),
    }
}

async fn answer(State(functions): State<Arc<Functions>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, MAX_BODY_BYTES).await else {
        return kit::too_large_response(&parts.method, Timestamp::now()).map(Body::new);
    };
    functions.call(http::Request::from_parts(parts, bytes)).await.map(Body::new)
}
