//! A copilot to measure, in memory or on the local cloud, and the speakers who ask it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use chat_edge::{Cloud, Config, Ports, Stores};
use http::{Method, Request, StatusCode, header};
use jiff::Timestamp;
use kit::config::Environment;
use llm::{Chain, ChatModel, Limits};
use local::{keys, serve::Functions, services::ministack};
use model::{Clock, Role, SystemClock, TenantId};
use module::Operations;
use serde_json::{Value, json};
use testkit::{FixedOperations, MemoryStore};

use crate::{
    cloud::LocalCloud,
    timed::{Elsewhere, Stopwatch, Timed},
};

/// No request of a benchmark is refused.
const NO_LIMIT: &str = "1000000000";
/// Asked in turn: different intents, and one that refers to what was said before.
const QUESTIONS: &[&str] = &[
    "What is the error rate for the payment service in the last hour?",
    "and its p95 latency?",
    "Is checkout healthy?",
    "Compare the error rate of payment and checkout over the past 30 minutes",
];

/// How requests are limited.
#[derive(Debug, Clone, Copy)]
pub(crate) enum RateLimits {
    /// As a function has them that is not configured otherwise.
    Default,
    Off,
}

/// Every function, in this process.
pub(crate) struct Copilot {
    pub(crate) functions: Arc<Functions>,
    stores: Stores,
    stopwatch: Arc<Stopwatch>,
}

impl Copilot {
    /// Nothing outside this process is needed.
    pub(crate) fn in_memory(models: Vec<Arc<dyn ChatModel>>) -> anyhow::Result<Self> {
        let config = config("none", "none", RateLimits::Off)?;
        let stores = Stores::of(Arc::new(MemoryStore::default()));
        Self::new(&config, stores, models, Arc::new(SystemClock))
    }

    /// With the table and the bucket of the local cloud, reached at `url`.
    pub(crate) async fn in_cloud(
        cloud: &LocalCloud,
        url: &str,
        limits: RateLimits,
        clock: Arc<dyn Clock>,
        models: Vec<Arc<dyn ChatModel>>,
    ) -> anyhow::Result<Self> {
        let config = config(&cloud.table, &cloud.bucket, limits)?;
        let stores = Stores::in_cloud(&config, &Cloud::local(url, ministack::REGION).await);
        Self::new(&config, stores, models, clock)
    }

    fn new(
        config: &Config,
        stores: Stores,
        models: Vec<Arc<dyn ChatModel>>,
        clock: Arc<dyn Clock>,
    ) -> anyhow::Result<Self> {
        let stopwatch = Arc::new(Stopwatch::default());
        let operations: Arc<dyn Operations> = Arc::new(FixedOperations::default());
        let ports = Ports {
            stores: Stores {
                turns: Timed::new(Arc::clone(&stores.turns), &stopwatch),
                keys: Timed::new(Arc::clone(&stores.keys), &stopwatch),
                rates: Timed::new(Arc::clone(&stores.rates), &stopwatch),
                ..stores.clone()
            },
            operations: Timed::new(operations, &stopwatch),
            models: Chain::new(models, Limits::default()),
            clock,
        };
        let functions = Arc::new(Functions::new(config, &ports)?);
        Ok(Self { functions, stores, stopwatch })
    }

    /// Somebody with a tenant, a key and, from the first question on, a session of their own.
    pub(crate) async fn speaker(&self) -> anyhow::Result<Speaker> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let now = Timestamp::now();
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let tenant: TenantId = format!("bench-{}-{number}", now.as_millisecond()).parse()?;
        let keys = self.stores.keys.as_ref();
        let key = keys::create(keys, tenant.clone(), Role::Admin, "bench", now).await?;
        Ok(Speaker {
            functions: Arc::clone(&self.functions),
            stopwatch: Arc::clone(&self.stopwatch),
            tenant,
            authorization: format!("Bearer {}", key.reveal()),
            session: None,
            asked: 0,
        })
    }
}

fn config(table: &str, bucket: &str, limits: RateLimits) -> anyhow::Result<Config> {
    let mut pairs = vec![("TABLE_NAME", table), ("BUCKET_NAME", bucket)];
    if let RateLimits::Off = limits {
        pairs.push(("RATE_LIMIT_TENANT_PER_MINUTE", NO_LIMIT));
        pairs.push(("RATE_LIMIT_KEY_PER_MINUTE", NO_LIMIT));
    }
    Ok(Config::read(&pairs.into_iter().collect::<Environment>())?)
}

/// Asks one question after another.
#[derive(Clone)]
pub(crate) struct Speaker {
    functions: Arc<Functions>,
    stopwatch: Arc<Stopwatch>,
    tenant: TenantId,
    pub(crate) authorization: String,
    session: Option<String>,
    asked: usize,
}

/// How long one turn took, and how much of that it waited for others.
#[derive(Debug, Clone)]
pub(crate) struct Turn {
    pub(crate) wall: Duration,
    pub(crate) elsewhere: Elsewhere,
}

impl Turn {
    /// Apart from modules and the model.
    pub(crate) fn added(&self) -> Duration {
        self.wall.saturating_sub(self.elsewhere.modules)
    }

    /// Apart from the store as well.
    pub(crate) fn own(&self) -> Duration {
        self.added().saturating_sub(self.elsewhere.store)
    }
}

impl Speaker {
    /// The body of the next question.
    pub(crate) fn question(&mut self) -> Value {
        let content = QUESTIONS[self.asked % QUESTIONS.len()];
        self.asked += 1;
        self.saying(content)
    }

    fn saying(&self, content: &str) -> Value {
        let mut body = json!({ "content": content });
        if let Some(session) = &self.session {
            body["session_id"] = json!(session);
        }
        body
    }

    /// The next question, buffered.
    pub(crate) async fn ask(&mut self) -> anyhow::Result<Turn> {
        let body = self.question();
        self.post(&body).await
    }

    /// A message of this text, buffered.
    pub(crate) async fn say(&mut self, content: &str) -> anyhow::Result<Turn> {
        let body = self.saying(content);
        self.post(&body).await
    }

    async fn post(&mut self, body: &Value) -> anyhow::Result<Turn> {
        let request = self.request(Method::POST, "/api/v1/messages", body)?;
        let (turn, answer) = self.call(request, StatusCode::CREATED).await?;
        self.remember(&answer)?;
        Ok(turn)
    }

    /// The next question, streamed and read to its end.
    pub(crate) async fn ask_streaming(&mut self) -> anyhow::Result<Turn> {
        let body = self.question();
        let request = self.request(Method::POST, "/api/v1/messages/stream", &body)?;
        let (turn, events) = self.call(request, StatusCode::OK).await?;
        let text = std::str::from_utf8(&events)?;
        ensure!(text.contains("event: message_end"), "a stream without an end: {text}");
        Ok(turn)
    }

    /// Keeps the session of the answer for the questions that follow.
    pub(crate) fn remember(&mut self, answer: &[u8]) -> anyhow::Result<()> {
        if self.session.is_none() {
            let answer: Value = serde_json::from_slice(answer)?;
            let session = answer["session_id"].as_str().context("an answer without session_id")?;
            self.session = Some(session.to_owned());
        }
        Ok(())
    }

    /// The next question opens a session. The one of before is left as it is.
    pub(crate) fn leave_session(&mut self) {
        self.session = None;
        self.asked = 0;
    }

    /// Deletes the session; the next question opens another.
    pub(crate) async fn delete_session(&mut self) -> anyhow::Result<()> {
        if let Some(session) = self.session.take() {
            let path = format!("/api/v1/sessions/{session}");
            let request = self.request(Method::DELETE, &path, &Value::Null)?;
            self.call(request, StatusCode::NO_CONTENT).await?;
            self.asked = 0;
        }
        Ok(())
    }

    /// The same speaker before another copilot with the same store, such as a new process.
    pub(crate) fn turn_to(&mut self, copilot: &Copilot) {
        self.functions = Arc::clone(&copilot.functions);
        self.stopwatch = Arc::clone(&copilot.stopwatch);
    }

    fn request(&self, method: Method, path: &str, body: &Value) -> anyhow::Result<Request<Bytes>> {
        let bytes = if body.is_null() { Vec::new() } else { serde_json::to_vec(body)? };
        Ok(Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, &self.authorization)
            .header(header::CONTENT_TYPE, "application/json")
            .body(bytes.into())?)
    }

    async fn call(
        &self,
        request: Request<Bytes>,
        expected: StatusCode,
    ) -> anyhow::Result<(Turn, Bytes)> {
        let began = Instant::now();
        let response = self.functions.call(request).await;
        let status = response.status();
        let body = response.into_body().collect().await;
        let wall = began.elapsed();
        let text = String::from_utf8_lossy(&body);
        ensure!(status == expected, "{status} where {expected} was expected: {text}");
        Ok((Turn { wall, elsewhere: self.stopwatch.take(&self.tenant) }, body))
    }
}
