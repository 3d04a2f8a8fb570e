//! The shop's HTTP interface: metrics for the scraper, deployments and health for everybody.

use std::sync::{Arc, PoisonError, RwLock};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{
        DefaultBodyLimit, Path, Query, State,
        rejection::{BytesRejection, QueryRejection},
    },
    http::{Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::get,
};
use jiff::Timestamp;
use model::{Classified, Clock, ErrorClass};
use serde::Deserialize;
use serde_json::json;

use crate::{
    Deployment, DeploymentLog, Error, Generator, Health, LogLine, StateFile,
    deployment::{MAX_DEPLOYMENTS, known_service},
    exposition, health, log_lines,
};

/// A deployment takes a hundred bytes.
const MAX_BODY_BYTES: usize = 4 * 1024;
const DEFAULT_LIMIT: usize = 50;

/// A running shop.
pub struct Shop {
    generator: Generator,
    log: RwLock<Arc<DeploymentLog>>,
    /// Held while a deployment is written, so that deployments are written one after the other.
    writing: tokio::sync::Mutex<()>,
    state: StateFile,
    clock: Arc<dyn Clock>,
    started_at: Timestamp,
}

impl Shop {
    /// Opens the shop with the deployments of its state file, which is created if need be.
    pub fn open(state: StateFile, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        let started_at = clock.now();
        let log = state.load_or_create(started_at)?;
        Ok(Self {
            generator: Generator::default(),
            log: RwLock::new(Arc::new(log)),
            writing: tokio::sync::Mutex::new(()),
            state,
            clock,
            started_at,
        })
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.clock.now().as_millisecond()
    }

    /// The lines of all services between two moments.
    pub(crate) fn log_lines(&self, from_ms: i64, until_ms: i64) -> Vec<LogLine> {
        log_lines(&self.generator, &self.log(), from_ms, until_ms)
    }

    fn log(&self) -> Arc<DeploymentLog> {
        Arc::clone(&self.log.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Deploys a version: first to the file, then for everybody to see.
    async fn deploy(&self, service: &str, version: &str) -> Result<Deployment, Error> {
        let _writing = self.writing.lock().await;
        let mut log = DeploymentLog::clone(&self.log());
        let deployment = log.deploy(service, version, self.clock.now())?;
        let state = self.state.clone();
        let log = Arc::new(log);
        let written = Arc::clone(&log);
        tokio::task::spawn_blocking(move || state.save(&written))
            .await
            .map_err(Error::TaskFailed)??;
        *self.log.write().unwrap_or_else(PoisonError::into_inner) = log;
        Ok(deployment)
    }
}

/// All routes of the shop.
pub fn router(shop: Arc<Shop>) -> Router {
    Router::new()
        .route("/health", get(process_health))
        .route("/health/{service}", get(service_health))
        .route("/metrics/{service}/{replica}", get(metrics))
        .route("/deployments", get(list_deployments).post(create_deployment))
        .fallback(no_such_route)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(shop)
}

async fn process_health(State(shop): State<Arc<Shop>>) -> Json<serde_json::Value> {
    let uptime_s = shop.clock.now().as_second() - shop.started_at.as_second();
    Json(json!({"status": "ok", "version": env!("CARGO_PKG_VERSION"), "uptime_s": uptime_s}))
}

async fn service_health(
    State(shop): State<Arc<Shop>>,
    Path(service): Path<String>,
) -> Result<Json<Health>, Error> {
    let service = known_service(&service)?;
    Ok(Json(health(&shop.generator, service, &shop.log(), shop.clock.now())))
}

async fn metrics(
    State(shop): State<Arc<Shop>>,
    Path((service, replica)): Path<(String, String)>,
) -> Result<Response, Error> {
    let service = known_service(&service)?;
    let number = replica.parse().ok().filter(|number| *number < service.replicas);
    let number = number.ok_or_else(|| Error::UnknownReplica {
        service: service.name,
        replica,
        last: service.replicas - 1,
    })?;
    let sample = shop.generator.sample(service, number, &shop.log(), shop.clock.now());
    let content_type = "text/plain; version=0.0.4; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, content_type)], exposition(service, &sample)).into_response())
}

#[derive(Deserialize)]
struct Filter {
    service: Option<String>,
    limit: Option<usize>,
}

async fn list_deployments(
    State(shop): State<Arc<Shop>>,
    filter: Result<Query<Filter>, QueryRejection>,
) -> Result<Json<serde_json::Value>, Error> {
    let Query(filter) =
        filter.map_err(|rejection| Error::InvalidQuery { reason: rejection.body_text() })?;
    let limit = filter.limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_DEPLOYMENTS).contains(&limit) {
        let reason = format!("limit is a number from 1 to {MAX_DEPLOYMENTS}");
        return Err(Error::InvalidQuery { reason });
    }
    let service = filter.service.as_deref().map(known_service).transpose()?;
    let log = shop.log();
    let wanted =
        |deployment: &&Deployment| service.is_none_or(|service| service.name == deployment.service);
    let items: Vec<&Deployment> = log.all().iter().rev().filter(wanted).take(limit).collect();
    Ok(Json(json!({"items": items})))
}

#[derive(Deserialize)]
struct NewDeployment {
    service: String,
    version: String,
}

async fn create_deployment(
    State(shop): State<Arc<Shop>>,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<Deployment>), Error> {
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Error::BodyTooLarge { limit_bytes: MAX_BODY_BYTES },
        _ => Error::UnreadableBody,
    })?;
    let wanted: NewDeployment = serde_json::from_slice(&body)
        .map_err(|error| Error::InvalidBody { reason: error.to_string() })?;
    let deployment = shop.deploy(&wanted.service, &wanted.version).await?;
    Ok((StatusCode::CREATED, Json(deployment)))
}

async fn no_such_route(uri: Uri) -> Error {
    Error::NoSuchRoute { path: uri.path().to_owned() }
}

async fn method_not_allowed(method: Method, uri: Uri) -> Error {
    Error::MethodNotAllowed { method: method.to_string(), path: uri.path().to_owned() }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let status = match (&self, self.class()) {
            (Self::BodyTooLarge { .. }, _) => StatusCode::PAYLOAD_TOO_LARGE,
            (Self::MethodNotAllowed { .. }, _) => StatusCode::METHOD_NOT_ALLOWED,
            (_, ErrorClass::Invalid) => StatusCode::BAD_REQUEST,
            (_, ErrorClass::Denied) => StatusCode::FORBIDDEN,
            (_, ErrorClass::NotFound) => StatusCode::NOT_FOUND,
            (_, ErrorClass::Conflict) => StatusCode::CONFLICT,
            (_, ErrorClass::Throttled) => StatusCode::TOO_MANY_REQUESTS,
            (_, ErrorClass::Unavailable) => StatusCode::SERVICE_UNAVAILABLE,
            (_, ErrorClass::Bug) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let message = model::public_message(&self);
        (status, Json(json!({"error": {"code": self.code(), "message": message}}))).into_response()
    }
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::Request};
    use http_body_util::BodyExt as _;
    use serde_json::Value;
    use tower::ServiceExt as _;

    use super::*;

    struct FixedClock;

    impl Clock for FixedClock {
        fn now(&self) -> Timestamp {
            "2026-03-04T12:05:00Z".parse().unwrap()
        }
    }

    fn open(folder: &tempfile::TempDir) -> Router {
        let state = StateFile::new(folder.path().join("shop.json"));
        router(Arc::new(Shop::open(state, Arc::new(FixedClock)).unwrap()))
    }

    async fn send(router: &Router, method: &str, path: &str, body: &[u8]) -> (u16, Vec<u8>) {
        let request =
            Request::builder().method(method).uri(path).body(Body::from(body.to_vec())).unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        (status, response.into_body().collect().await.unwrap().to_bytes().to_vec())
    }

    async fn json(router: &Router, method: &str, path: &str, body: &str) -> (u16, Value) {
        let (status, body) = send(router, method, path, body.as_bytes()).await;
        (status, serde_json::from_slice(&body).unwrap())
    }

    #[tokio::test]
    async fn a_deployment_is_listed_and_outlives_the_process() {
        let folder = tempfile::tempdir().unwrap();
        let router = open(&folder);
        let body = r#"{"service": "payment", "version": "2.5.0-bad"}"#;
        let (status, deployment) = json(&router, "POST", "/deployments", body).await;
        assert_eq!(status, 201);
        assert_eq!(deployment["previous_version"], "2.4.0");
        assert_eq!(deployment["time"], "2026-03-04T12:05:00Z");

        let (status, list) = json(&router, "GET", "/deployments", "").await;
        assert_eq!((status, &list["items"][0]), (200, &deployment));
        assert_eq!(list["items"][1]["service"], "frontend");
        assert_eq!(list["items"].as_array().unwrap().len(), 13);
        let (_, list) = json(&router, "GET", "/deployments?service=payment&limit=2", "").await;
        assert_eq!(list["items"][1]["version"], "2.4.0");
        assert_eq!(list["items"].as_array().unwrap().len(), 2);

        let (_, metrics) = send(&router, "GET", "/metrics/payment/0", b"").await;
        let metrics = String::from_utf8(metrics).unwrap();
        assert!(metrics.contains("build_info{service=\"payment\",version=\"2.5.0-bad\"} 1\n"));

        let (_, again) = json(&open(&folder), "GET", "/deployments?limit=1", "").await;
        assert_eq!(again["items"][0], deployment);
    }

    #[tokio::test]
    async fn concurrent_deployments_are_all_kept() {
        let folder = tempfile::tempdir().unwrap();
        let router = open(&folder);
        let deploy = |number: usize| {
            let router = router.clone();
            async move {
                let body = format!(r#"{{"service": "auth", "version": "2.0.{number}"}}"#);
                json(&router, "POST", "/deployments", &body).await.0
            }
        };
        let (a, b, c) = tokio::join!(deploy(1), deploy(2), deploy(3));
        assert_eq!([a, b, c], [201; 3]);
        let (_, list) = json(&open(&folder), "GET", "/deployments?service=auth", "").await;
        assert_eq!(list["items"].as_array().unwrap().len(), 4);
    }

    #[tokio::test]
    async fn a_body_that_is_wrong_is_told_why() {
        let folder = tempfile::tempdir().unwrap();
        let router = open(&folder);
        let large = format!(r#"{{"service": "auth", "version": "{}"}}"#, "1".repeat(5_000));
        for (body, status, part) in [
            ("{", 400, "EOF"),
            ("", 400, "EOF"),
            ("[]", 400, "service"),
            ("{}", 400, "missing field `service`"),
            (r#"{"service": "auth"}"#, 400, "missing field `version`"),
            (r#"{"service": "auth", "version": 2}"#, 400, "string"),
            (r#"{"service": "auth", "version": "a b"}"#, 400, "letters"),
            (r#"{"service": "cart", "version": "1"}"#, 404, "payment, checkout"),
            (&large, 413, "4096 bytes"),
        ] {
            let (got, answer) = json(&router, "POST", "/deployments", body).await;
            assert_eq!(got, status, "{body}: {answer}");
            let message = answer["error"]["message"].as_str().unwrap();
            assert!(message.contains(part), "{body}: {message}");
        }
        let (status, _) = send(&router, "POST", "/deployments", b"{\"service\": \"\xff\"}").await;
        assert_eq!(status, 400);
        let (_, list) = json(&router, "GET", "/deployments", "").await;
        assert_eq!(list["items"].as_array().unwrap().len(), 12, "nothing was deployed");
    }

    #[tokio::test]
    async fn an_address_that_is_wrong_is_told_why() {
        let folder = tempfile::tempdir().unwrap();
        let router = open(&folder);
        for (method, path, status, code, part) in [
            ("DELETE", "/deployments", 405, "INVALID_REQUEST", "DELETE"),
            ("GET", "/deployments?limit=0", 400, "INVALID_REQUEST", "limit"),
            ("GET", "/deployments?limit=x", 400, "INVALID_REQUEST", "limit"),
            ("GET", "/deployments?service=cart", 404, "NOT_FOUND", "cart"),
            ("GET", "/health/cart", 404, "NOT_FOUND", "cart"),
            ("GET", "/metrics/cart/0", 404, "NOT_FOUND", "cart"),
            ("GET", "/metrics/orders/2", 404, "NOT_FOUND", "0 to 1"),
            ("GET", "/metrics/orders/-1", 404, "NOT_FOUND", "0 to 1"),
            ("GET", "/nothing", 404, "NOT_FOUND", "/nothing"),
        ] {
            let (got, body) = json(&router, method, path, "").await;
            assert_eq!(got, status, "{method} {path}: {body}");
            assert_eq!(body["error"]["code"], code, "{method} {path}");
            let message = body["error"]["message"].as_str().unwrap();
            assert!(message.contains(part), "{method} {path}: {message}");
        }
    }

    #[tokio::test]
    async fn a_deployment_that_cannot_be_kept_did_not_happen() {
        let folder = tempfile::tempdir().unwrap();
        let router = open(&folder);
        drop(folder);
        let body = r#"{"service": "payment", "version": "2.5.0"}"#;
        let (status, error) = json(&router, "POST", "/deployments", body).await;
        assert_eq!((status, &error["error"]["code"]), (503, &Value::from("UNAVAILABLE")));
        let (_, health) = json(&router, "GET", "/health/payment", "").await;
        assert_eq!(health["version"], "2.4.0");
    }

    #[tokio::test]
    async fn health_is_told_of_the_process_and_of_each_service() {
        let folder = tempfile::tempdir().unwrap();
        let router = open(&folder);
        let (status, process) = json(&router, "GET", "/health", "").await;
        assert_eq!((status, &process["status"]), (200, &Value::from("ok")));
        for service in crate::SERVICES {
            let path = format!("/health/{}", service.name);
            let (status, health) = json(&router, "GET", &path, "").await;
            assert_eq!((status, &health["service"]), (200, &Value::from(service.name)));
            assert!(health["requests_per_second"].as_f64().unwrap() > 1.0, "{health}");
        }
    }
}
