//! A request as a handler sees it: routed, with its caller known and its limits checked.

use std::collections::HashMap;

use bytes::Bytes;
use contract::routes::Route;
use http::{HeaderMap, HeaderValue};
use jiff::Timestamp;
use model::RequestId;
use serde::de::DeserializeOwned;

use crate::{
    error::{Error, FieldProblem},
    traceparent::TraceContext,
};

/// See the module.
#[derive(Debug)]
pub struct Request {
    pub route: &'static Route,
    pub(crate) path_parameters: HashMap<String, String>,
    pub(crate) query: HashMap<String, String>,
    pub(crate) headers: HeaderMap,
    pub body: Bytes,
    pub id: RequestId,
    pub trace: TraceContext,
    /// When it came.
    pub received_at: Timestamp,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// A header that means something else when it is left out: one that cannot be read is refused.
    pub fn text_header(&self, name: &str) -> Result<Option<&str>, Error> {
        self.headers.get(name).map(HeaderValue::to_str).transpose().map_err(|_| {
            let message = format!("{name} must be printable ASCII");
            Error::fields(vec![FieldProblem::new(name, "format", message)])
        })
    }

    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str)
    }

    pub fn path_parameter(&self, name: &str) -> Option<&str> {
        self.path_parameters.get(name).map(String::as_str)
    }

    /// An id from the path. One that cannot be an id names nothing, so it is "not found" rather
    /// than "invalid": both look the same to a caller who guesses.
    pub fn path_id<T: std::str::FromStr>(&self, name: &str, what: &str) -> Result<T, Error> {
        self.path_parameter(name)
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| Error::not_found(format!("there is no {what} with this id")))
    }

    /// The body as JSON. Errors name the field.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let text = std::str::from_utf8(&self.body)
            .map_err(|error| Error::json(format!("the body is not UTF-8: {error}"), None))?;
        if text.trim().is_empty() {
            return Err(Error::json(
                "the body is empty; it must be a JSON object".to_owned(),
                None,
            ));
        }
        // Left to itself, serde takes a list for the fields in their order.
        if text.trim_start().starts_with('[') {
            return Err(Error::json(
                "the body is a list; it must be a JSON object".to_owned(),
                None,
            ));
        }
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
            let field = error.path().to_string();
            let reason = error.into_inner();
            let message = if reason.is_data() {
                format!("the body does not fit: {reason}")
            } else {
                format!("the body is not JSON: {reason}")
            };
            // A path of `.` is the body itself.
            let problem = (reason.is_data() && field != ".")
                .then(|| FieldProblem::new(&field, "type", reason.to_string()));
            Error::json(message, problem)
        })?;
        deserializer
            .end()
            .map_err(|error| Error::json(format!("the body is not JSON: {error}"), None))?;
        Ok(value)
    }
}
