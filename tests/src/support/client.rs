//! An HTTP client with a key, and a reader of event streams that believes nothing: it fails on
//! anything that the format does not allow.

use contract::{event::ChatEvent, message::Answer};
use futures::StreamExt;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

/// See the module.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) url: String,
    pub(crate) key: String,
    http: reqwest::Client,
}

/// An event as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) data: String,
}

impl Event {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.data).unwrap()
    }
}

impl Client {
    pub(crate) fn new(url: &str, key: &str) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { url: url.to_owned(), key: key.to_owned(), http }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url)).bearer_auth(&self.key)
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, Value) {
        answer(self.request(Method::GET, path)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> (StatusCode, Value) {
        answer(self.request(Method::DELETE, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        answer(self.request(Method::POST, path).json(body)).await
    }

    /// Asks, buffered, and insists on an answer.
    pub(crate) async fn ask(&self, session: Option<&str>, content: &str) -> Answer {
        let mut body = json!({ "content": content });
        if let Some(session) = session {
            body["session_id"] = json!(session);
        }
        let (status, answer) = self.post("/api/v1/messages", &body).await;
        assert_eq!(status, 201, "{content}: {answer}");
        serde_json::from_value(answer).unwrap()
    }

    /// Asks and reads the stream to its end.
    pub(crate) async fn stream(&self, body: &Value) -> Vec<Event> {
        let response = self.open_stream(body).await;
        assert_eq!(response.status(), 200);
        events(response, usize::MAX).await
    }

    pub(crate) async fn open_stream(&self, body: &Value) -> reqwest::Response {
        self.request(Method::POST, "/api/v1/messages/stream").json(body).send().await.unwrap()
    }

    /// Reads a stream from behind `after` to its end.
    pub(crate) async fn resume(&self, stream: &str, after: u64) -> Vec<Event> {
        let path = format!("/api/v1/streams/{stream}");
        let request = self.request(Method::GET, &path).header("Last-Event-ID", after.to_string());
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        events(response, usize::MAX).await
    }
}

/// Reads up to `limit` events and then hangs up.
pub(crate) async fn events(response: reqwest::Response, limit: usize) -> Vec<Event> {
    let mut events = Vec::new();
    let mut pending = String::new();
    let mut body = response.bytes_stream();
    while events.len() < limit {
        let Some(bytes) = body.next().await else { break };
        pending.push_str(std::str::from_utf8(&bytes.unwrap()).unwrap());
        while events.len() < limit
            && let Some((frame, rest)) = pending.split_once("\n\n")
        {
            if !frame.starts_with(':') {
                events.push(event(frame));
            }
            pending = rest.to_owned();
        }
    }
    events
}

fn event(frame: &str) -> Event {
    let lines: Vec<&str> = frame.lines().collect();
    let [id, name, data] = lines.as_slice() else { panic!("not an event: {frame:?}") };
    let event = Event {
        id: id.strip_prefix("id: ").unwrap().parse().unwrap(),
        name: name.strip_prefix("event: ").unwrap().to_owned(),
        data: data.strip_prefix("data: ").unwrap().to_owned(),
    };
    assert!(ChatEvent::parse(&event.name, &event.data).is_some(), "not of the contract: {event:?}");
    event
}

/// Sends it; an empty body is null.
pub(crate) async fn answer(request: RequestBuilder) -> (StatusCode, Value) {
    let response = request.send().await.unwrap();
    let status = response.status();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::Null))
}
