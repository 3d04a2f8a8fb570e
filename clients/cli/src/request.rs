//! What is asked of the API, before it is sent.

use std::time::Duration;

use contract::routes::RouteId;
use serde_json::Value;

/// For an answer that is not the reply of a turn.
pub(crate) const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// One request; [`Request::new`] and then what it needs.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) route: RouteId,
    /// The `{id}` of the path.
    pub(crate) id: Option<String>,
    pub(crate) query: Vec<(&'static str, String)>,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Option<Value>,
    pub(crate) timeout: Option<Duration>,
    /// Also wait for a server that refuses connections: it was there a moment ago.
    pub(crate) patient: bool,
}

impl Request {
    pub(crate) fn new(route: RouteId) -> Self {
        Self {
            route,
            id: None,
            query: Vec::new(),
            headers: Vec::new(),
            body: None,
            timeout: Some(REQUEST_TIMEOUT),
            patient: false,
        }
    }

    pub(crate) fn id(mut self, id: &str) -> Self {
        self.id = Some(id.to_owned());
        self
    }

    pub(crate) fn query(mut self, name: &'static str, value: impl ToString) -> Self {
        self.query.push((name, value.to_string()));
        self
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl ToString) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }

    pub(crate) fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    /// `None` for a stream, which ends when it ends.
    pub(crate) fn timeout(mut self, timeout: Option<Duration>) -> Self {
        self.timeout = timeout;
        self
    }

    pub(crate) fn patient(mut self, patient: bool) -> Self {
        self.patient = patient;
        self
    }
}
