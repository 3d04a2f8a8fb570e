//! Runs a function in AWS Lambda: HTTP events buffered or streamed, and direct invocations.

use std::sync::Arc;

use bytes::Bytes;
use lambda_http::{Body as LambdaBody, service_fn};
use lambda_runtime::LambdaEvent;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    body::Body,
    service::{Function, Service},
};

/// Why a function stopped.
pub type RuntimeError = lambda_runtime::Error;

/// Answers HTTP API events with whole bodies.
pub async fn run_buffered<F: Function>(service: Service<F>) -> Result<(), RuntimeError> {
    let service = Arc::new(service);
    lambda_http::run(service_fn(move |event: lambda_http::Request| {
        let service = Arc::clone(&service);
        async move {
            let (parts, body) = service.call(event.map(bytes)).await.into_parts();
            let body = body.collect().await;
            // Everything that the buffered functions answer is JSON.
            let body = String::from_utf8(body.into())
                .map_or_else(|error| LambdaBody::Binary(error.into_bytes()), LambdaBody::Text);
            Ok::<_, std::convert::Infallible>(http::Response::from_parts(parts, body))
        }
    }))
    .await
}

/// Answers Function URL events with bodies that go out as they are made.
pub async fn run_streaming<F: Function>(service: Service<F>) -> Result<(), RuntimeError> {
    let service = Arc::new(service);
    lambda_http::run_with_streaming_response(service_fn(move |event: lambda_http::Request| {
        let service = Arc::clone(&service);
        async move {
            Ok::<http::Response<Body>, std::convert::Infallible>(
                service.call(event.map(bytes)).await,
            )
        }
    }))
    .await
}

/// Answers direct invocations.
pub async fn run_invoked<Q, R, F, Fut>(handler: F) -> Result<(), RuntimeError>
where
    Q: DeserializeOwned + Send + 'static,
    R: Serialize,
    F: Fn(Q) -> Fut,
    Fut: Future<Output = R>,
{
    let handler = &handler;
    lambda_runtime::run(lambda_runtime::service_fn(move |event: LambdaEvent<Q>| async move {
        Ok::<R, std::convert::Infallible>(handler(event.payload).await)
    }))
    .await
}

fn bytes(body: LambdaBody) -> Bytes {
    match body {
        LambdaBody::Text(text) => text.into(),
        LambdaBody::Binary(binary) => binary.into(),
        _ => Bytes::new(),
    }
}
