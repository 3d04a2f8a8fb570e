//! Sends the lines to Loki (<https://grafana.com/docs/loki/latest/reference/loki-http-api/#ingest-logs>).
//!
//! There is no queue: what was not sent is made again when it can be. So a Loki that is away costs
//! neither memory nor time, and when it comes back it gets what it missed, as far back as the history
//! reaches. Where to go on is asked of Loki itself.

use std::{collections::BTreeMap, io::Write as _, sync::Arc, time::Duration};

use reqwest::{StatusCode, Url};
use serde::{Deserialize, Serialize};

use super::{LogLine, WINDOW_MS, window_of};
use crate::{Shop, scrape_config::JOB};

/// One environment is all that the shop has.
const ENVIRONMENT: &str = "production";
/// A batch ends with the window in which it reaches this.
const BATCH_BYTES: usize = 1024 * 1024;
const TIMEOUT: Duration = Duration::from_secs(10);
/// How often there may be something new.
const PAUSE: Duration = Duration::from_secs(1);
const FIRST_RETRY: Duration = Duration::from_secs(1);
const LAST_RETRY: Duration = Duration::from_secs(15);
/// How much of a refusal is shown.
const MAX_REFUSAL_CHARS: usize = 200;

/// Where the lines go.
#[derive(Debug, Clone)]
pub struct LokiTarget {
    /// Base URL.
    pub url: Url,
    /// Sent as `X-Scope-OrgID`.
    pub tenant: String,
    /// How far back the history reaches.
    pub hours: u32,
}

/// What sends.
#[derive(Debug)]
pub struct LogPush {
    target: LokiTarget,
    http: reqwest::Client,
}

/// Why a batch did not arrive.
#[derive(Debug, thiserror::Error)]
enum PushError {
    #[error("does not answer")]
    Away(#[source] reqwest::Error),
    #[error("answers {status}: {text}")]
    Answer { status: StatusCode, text: String },
}

impl PushError {
    /// Whether the same lines may be taken later. Those that Loki finds too old will not be.
    fn may_pass(&self) -> bool {
        match self {
            Self::Away(_) => true,
            Self::Answer { status, .. } => {
                status.is_server_error() || matches!(status.as_u16(), 401 | 403 | 404 | 408 | 429)
            }
        }
    }
}

#[derive(Serialize)]
struct Push {
    streams: Vec<Stream>,
}

#[derive(Serialize)]
struct Stream {
    stream: BTreeMap<&'static str, String>,
    values: Vec<(String, String)>,
}

#[derive(Deserialize)]
struct Found {
    data: FoundData,
}

#[derive(Deserialize)]
struct FoundData {
    #[serde(default)]
    result: Vec<FoundStream>,
}

#[derive(Deserialize)]
struct FoundStream {
    #[serde(default)]
    values: Vec<Vec<serde_json::Value>>,
}

impl LogPush {
    pub fn new(target: LokiTarget) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder().timeout(TIMEOUT).build()?;
        Ok(Self { target, http })
    }

    /// Sends for as long as it is polled, and never fails: what goes wrong is said once, on standard
    /// error, and tried again.
    pub async fn run(&self, shop: Arc<Shop>) {
        let mut said = false;
        let mut retry = FIRST_RETRY;
        let mut next_ms = None;
        loop {
            let outcome = match next_ms {
                Some(from_ms) => self.step(&shop, from_ms).await,
                None => self.resume_ms(shop.now_ms()).await,
            };
            match outcome {
                Ok(until_ms) => {
                    if said {
                        self.say("takes the shop's logs again");
                    }
                    (said, retry, next_ms) = (false, FIRST_RETRY, Some(until_ms));
                    if until_ms >= window_of(shop.now_ms()) {
                        tokio::time::sleep(PAUSE).await;
                    }
                }
                Err(error) => {
                    if !said {
                        self.say(&format!("{error}; the shop goes on and tries again"));
                        said = true;
                    }
                    tokio::time::sleep(retry).await;
                    retry = (retry * 2).min(LAST_RETRY);
                }
            }
        }
    }

    /// Sends one batch from a moment on; gives the moment up to which everything was sent.
    async fn step(&self, shop: &Shop, from_ms: i64) -> Result<i64, PushError> {
        let now_ms = window_of(shop.now_ms());
        let oldest_ms = self.oldest_ms(now_ms);
        let mut until_ms = from_ms.max(oldest_ms);
        let mut lines = Vec::new();
        let mut bytes = 0;
        while until_ms < now_ms && bytes < BATCH_BYTES {
            let window = shop.log_lines(until_ms, until_ms + WINDOW_MS);
            bytes += window.iter().map(|line| line.text.len()).sum::<usize>();
            lines.extend(window);
            until_ms += WINDOW_MS;
            // A day's lines are made in seconds, between which others have their turn.
            tokio::task::yield_now().await;
        }
        if lines.is_empty() {
            return Ok(until_ms);
        }
        match self.push(lines).await {
            Err(error) if !error.may_pass() => {
                self.say(&format!("{error}; these lines are left out"));
                Ok(until_ms)
            }
            other => other.map(|()| until_ms),
        }
    }

    fn oldest_ms(&self, now_ms: i64) -> i64 {
        window_of(now_ms - i64::from(self.target.hours) * 3_600_000)
    }

    async fn push(&self, lines: Vec<LogLine>) -> Result<(), PushError> {
        let request = self.http.post(self.url("/loki/api/v1/push")).json(&Push::from(lines));
        self.send(request).await.map(drop)
    }

    /// Where to go on: behind the window of the newest line that Loki has, which it was sent whole,
    /// else with the history's beginning. A line that is sent again later counts twice: Loki tells
    /// that it is the same only while it is new.
    async fn resume_ms(&self, now_ms: i64) -> Result<i64, PushError> {
        let oldest_ms = self.oldest_ms(now_ms);
        let nanoseconds = |ms: i64| format!("{ms}000000");
        let mut url = self.url("/loki/api/v1/query_range");
        url.query_pairs_mut()
            .append_pair("query", &format!("{{job=\"{JOB}\"}}"))
            .append_pair("limit", "1")
            .append_pair("direction", "backward")
            .append_pair("start", &nanoseconds(oldest_ms))
            .append_pair("end", &nanoseconds(now_ms + WINDOW_MS));
        let request = self.http.get(url);
        let answer = self.send(request).await?;
        let found: Found = answer.json().await.map_err(PushError::Away)?;
        let newest_ns = found
            .data
            .result
            .iter()
            .flat_map(|stream| &stream.values)
            .filter_map(|entry| entry.first()?.as_str()?.parse::<i64>().ok())
            .max();
        Ok(newest_ns.map_or(oldest_ms, |newest_ns| window_of(newest_ns / 1_000_000) + WINDOW_MS))
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<reqwest::Response, PushError> {
        let request = request.header("X-Scope-OrgID", &self.target.tenant);
        let answer = request.send().await.map_err(|error| PushError::Away(error.without_url()))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(answer);
        }
        let text = answer.text().await.unwrap_or_default();
        let text = text.chars().filter(|c| !c.is_control()).take(MAX_REFUSAL_CHARS).collect();
        Err(PushError::Answer { status, text })
    }

    fn url(&self, path: &str) -> Url {
        let mut url = self.target.url.clone();
        url.set_path(&format!("{}{path}", self.target.url.path().trim_end_matches('/')));
        url
    }

    fn say(&self, what: &str) {
        let mut shown = self.target.url.clone();
        let _ = shown.set_password(None);
        let _ = shown.set_username("");
        // Nobody reading is no reason to stop.
        let _ = writeln!(std::io::stderr().lock(), "shop: Loki at {shown} {what}");
    }
}

impl From<Vec<LogLine>> for Push {
    fn from(lines: Vec<LogLine>) -> Self {
        let mut streams: BTreeMap<String, Stream> = BTreeMap::new();
        for line in lines {
            let instance = line.instance();
            let stream = streams.entry(instance.clone()).or_insert_with(|| Stream {
                stream: BTreeMap::from([
                    ("job", JOB.to_owned()),
                    ("env", ENVIRONMENT.to_owned()),
                    ("service", line.service.to_owned()),
                    ("instance", instance),
                ]),
                values: Vec::new(),
            });
            stream.values.push((line.time_ns.to_string(), line.text));
        }
        Self { streams: streams.into_values().collect() }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use model::Clock;
    use serde_json::{Value, json};
    use wiremock::{
        Mock, MockServer, ResponseTemplate,
        matchers::{header, method, path},
    };

    use super::*;
    use crate::StateFile;

    struct FixedClock;

    impl Clock for FixedClock {
        fn now(&self) -> Timestamp {
            "2026-03-04T12:05:03Z".parse().unwrap()
        }
    }

    fn shop(folder: &tempfile::TempDir) -> Arc<Shop> {
        let state = StateFile::new(folder.path().join("shop.json"));
        Arc::new(Shop::open(state, Arc::new(FixedClock)).unwrap())
    }

    fn push_to(server: &MockServer, hours: u32) -> LogPush {
        let url = format!("{}/logs/", server.uri()).parse().unwrap();
        LogPush::new(LokiTarget { url, tenant: "demo".to_owned(), hours }).unwrap()
    }

    fn ms(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    async fn newest(server: &MockServer, result: Value) {
        Mock::given(method("GET"))
            .and(path("/logs/loki/api/v1/query_range"))
            .and(header("X-Scope-OrgID", "demo"))
            .respond_with(
                ResponseTemplate::new(200).set_body_json(json!({"data": {"result": result}})),
            )
            .mount(server)
            .await;
    }

    async fn answers(server: &MockServer, response: ResponseTemplate, times: u64) {
        Mock::given(method("POST"))
            .and(path("/logs/loki/api/v1/push"))
            .and(header("X-Scope-OrgID", "demo"))
            .respond_with(response)
            .up_to_n_times(times)
            .mount(server)
            .await;
    }

    async fn pushed(server: &MockServer) -> Vec<Value> {
        let requests = server.received_requests().await.unwrap();
        let posts = requests.iter().filter(|request| request.method.as_str() == "POST");
        posts.map(|request| serde_json::from_slice(&request.body).unwrap()).collect()
    }

    /// Runs until so many pushes were made.
    async fn run_until(push: &LogPush, shop: Arc<Shop>, server: &MockServer, pushes: usize) {
        let enough = async {
            while pushed(server).await.len() < pushes {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::select! {
            () = push.run(shop) => {}
            () = enough => {}
            () = tokio::time::sleep(Duration::from_secs(20)) => panic!("not enough was sent"),
        }
    }

    #[tokio::test]
    async fn history_is_sent_from_where_loki_is() {
        let folder = tempfile::tempdir().unwrap();
        let server = MockServer::start().await;
        let newest_ns = format!("{}000000", ms("2026-03-04T12:04:52Z"));
        newest(&server, json!([{"stream": {}, "values": [[newest_ns, "x"]]}])).await;
        answers(&server, ResponseTemplate::new(204), 10).await;
        run_until(&push_to(&server, 1), shop(&folder), &server, 1).await;

        let batch = &pushed(&server).await[0];
        let streams = batch["streams"].as_array().unwrap();
        let times: Vec<i64> = streams
            .iter()
            .flat_map(|stream| stream["values"].as_array().unwrap())
            .map(|value| value[0].as_str().unwrap().parse::<i64>().unwrap() / 1_000_000)
            .collect();
        // From behind the window of Loki's newest line to the last that is over.
        let period = ms("2026-03-04T12:04:55Z")..ms("2026-03-04T12:05:00Z");
        assert!(times.iter().all(|time| period.contains(time)), "{times:?}");
        assert!(times.len() > 30, "{}", times.len());
        let payment = streams.iter().find(|stream| stream["stream"]["service"] == "payment");
        assert_eq!(payment.unwrap()["stream"]["env"], "production");
    }

    #[tokio::test]
    async fn a_loki_that_was_away_gets_what_it_missed_once() {
        let folder = tempfile::tempdir().unwrap();
        let server = MockServer::start().await;
        newest(&server, json!([])).await;
        answers(&server, ResponseTemplate::new(503), 1).await;
        answers(&server, ResponseTemplate::new(204), 100).await;
        let push = push_to(&server, 1);
        run_until(&push, shop(&folder), &server, 8).await;
        let batches = pushed(&server).await;
        assert_eq!(batches[0], batches[1], "the same again");
        assert_ne!(batches[1], batches[2], "and then the next");
        assert!(batches.iter().all(|batch| batch.to_string().len() < 2 * BATCH_BYTES));
    }

    #[tokio::test]
    async fn lines_that_loki_will_never_take_are_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let server = MockServer::start().await;
        newest(&server, json!([])).await;
        let too_old = ResponseTemplate::new(400).set_body_string("entry too far behind");
        answers(&server, too_old, 1).await;
        answers(&server, ResponseTemplate::new(204), 100).await;
        run_until(&push_to(&server, 1), shop(&folder), &server, 2).await;
        let batches = pushed(&server).await;
        assert_ne!(batches[0], batches[1]);
    }

    #[tokio::test]
    async fn a_loki_that_is_not_there_does_not_end_it() {
        let folder = tempfile::tempdir().unwrap();
        let url = "http://127.0.0.1:1".parse().unwrap();
        let target = LokiTarget { url, tenant: "demo".to_owned(), hours: 1 };
        let push = LogPush::new(target).unwrap();
        let run = push.run(shop(&folder));
        assert!(tokio::time::timeout(Duration::from_millis(300), run).await.is_err());
    }
}
