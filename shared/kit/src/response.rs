//! What a handler answers with.

use bytes::Bytes;
use futures::Stream;
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::{body::Body, error::Error};

/// See the module.
pub type Response = http::Response<Body>;

/// Ways to make one.
pub trait Respond: Sized {
    fn json(status: u16, value: &impl Serialize) -> Result<Self, Error>;
    fn empty(status: u16) -> Self;
    fn markdown(text: &'static str) -> Self;
    /// Server-sent events; never compressed or cached on the way.
    fn events(frames: impl Stream<Item = Bytes> + Send + 'static) -> Self;
}

impl Respond for Response {
    fn json(status: u16, value: &impl Serialize) -> Result<Self, Error> {
        let bytes = serde_json::to_vec(value).map_err(|error| Error::bug(error.to_string()))?;
        let mut response = with_status(status, Body::Full(bytes.into()));
        set(&mut response, header::CONTENT_TYPE, "application/json");
        Ok(response)
    }

    fn empty(status: u16) -> Self {
        with_status(status, Body::Full(Bytes::new()))
    }

    fn markdown(text: &'static str) -> Self {
        let mut response = with_status(200, Body::Full(Bytes::from_static(text.as_bytes())));
        set(&mut response, header::CONTENT_TYPE, "text/markdown; charset=utf-8");
        response
    }

    fn events(frames: impl Stream<Item = Bytes> + Send + 'static) -> Self {
        let mut response = with_status(200, Body::stream(frames));
        set(&mut response, header::CONTENT_TYPE, "text/event-stream; charset=utf-8");
        set(&mut response, HeaderName::from_static("x-accel-buffering"), "no");
        response
    }
}

fn with_status(status: u16, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    response
}

fn set(response: &mut Response, name: HeaderName, value: &'static str) {
    response.headers_mut().insert(name, HeaderValue::from_static(value));
}
