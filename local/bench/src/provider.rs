//! A language model's server on loopback that speaks at a steady pace, and knows when it said what.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    response::Response,
    routing::post,
    serve::ListenerExt as _,
};
use futures::stream;
use http::{HeaderValue, header};
use serde_json::json;
use tokio::{net::TcpListener, task::JoinHandle};

/// Between two chunks: fifty a second, as quick models speak.
pub(crate) const PACE: Duration = Duration::from_millis(20);
/// What stands before and behind the number of a chunk in its text.
const MARK: (char, char) = ('#', ';');

/// A running server; it ends when this is dropped.
pub(crate) struct Provider {
    /// The base URL, as a client of the protocol wants it.
    pub(crate) url: String,
    script: Script,
    server: JoinHandle<()>,
}

#[derive(Clone)]
struct Script {
    chunks: usize,
    next: Arc<AtomicU64>,
    said: Arc<Mutex<HashMap<u64, Instant>>>,
}

impl Provider {
    /// Each answer has so many chunks.
    pub(crate) async fn start(chunks: usize) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/v1", listener.local_addr()?);
        let script = Script { chunks, next: Arc::default(), said: Arc::default() };
        let app =
            Router::new().route("/v1/chat/completions", post(complete)).with_state(script.clone());
        // As providers do: a chunk does not wait until the one before it is acknowledged.
        let listener = listener.tap_io(|connection| {
            let _ = connection.set_nodelay(true);
        });
        let server = tokio::spawn(async move {
            // It serves for as long as the process needs it; whoever calls it sees if it does not.
            let _ = axum::serve(listener, app).await;
        });
        Ok(Self { url, script, server })
    }

    /// How long each of these took from here to where it was read.
    pub(crate) fn taken(&self, read: &[(u64, Instant)]) -> Vec<Duration> {
        let said = self.script.said.lock().unwrap_or_else(PoisonError::into_inner);
        read.iter()
            .filter_map(|(number, at)| Some(at.saturating_duration_since(*said.get(number)?)))
            .collect()
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn complete(State(script): State<Script>) -> Response {
    let chunks = stream::unfold(0, move |index| {
        let script = script.clone();
        async move {
            if index > script.chunks {
                return None;
            }
            if index == script.chunks {
                return Some((Ok::<_, std::io::Error>(end()), index + 1));
            }
            tokio::time::sleep(PACE).await;
            Some((Ok(script.say()), index + 1))
        }
    });
    let mut response = Response::new(Body::from_stream(chunks));
    let events = HeaderValue::from_static("text/event-stream");
    response.headers_mut().insert(header::CONTENT_TYPE, events);
    response
}

impl Script {
    fn say(&self) -> Bytes {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let (before, behind) = MARK;
        let text = format!(" word{before}{number}{behind}");
        let chunk = json!({ "choices": [{ "index": 0, "delta": { "content": text } }] });
        let bytes = Bytes::from(format!("data: {chunk}\n\n"));
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        said.insert(number, Instant::now());
        bytes
    }
}

fn end() -> Bytes {
    let chunk = json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": "stop" }] });
    Bytes::from(format!("data: {chunk}\n\ndata: [DONE]\n\n"))
}

/// Takes the numbers of chunks out of `text`, and leaves what may be the beginning of one.
pub(crate) fn numbers(text: &mut String) -> Vec<u64> {
    let (before, behind) = MARK;
    let mut numbers = Vec::new();
    while let Some(from) = text.find(before) {
        let digits = text[from + 1..].chars().take_while(char::is_ascii_digit).count();
        let end = from + 1 + digits;
        match text[end..].chars().next() {
            // The rest of it is still to come.
            None => {
                text.drain(..from);
                return numbers;
            }
            Some(next) if next == behind => numbers.extend(text[from + 1..end].parse::<u64>()),
            Some(_) => {}
        }
        text.drain(..end);
    }
    text.clear();
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_wherever_the_text_is_cut() {
        let whole = "id: 1\ndata: \"a#12;b # x #3;\"#45;#";
        for cut in 0..whole.len() {
            let mut pending = whole[..cut].to_owned();
            let mut found = numbers(&mut pending);
            pending.push_str(&whole[cut..]);
            found.extend(numbers(&mut pending));
            assert_eq!(found, [12, 3, 45], "cut at {cut}");
        }
    }
}
