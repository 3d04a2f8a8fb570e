//! A Prometheus that runs queries, to see whether two of them yield the same.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use evaluation::{Executor, Sample};
use jiff::Timestamp;
use reqwest::Url;
use serde::Deserialize;

use crate::{
    config,
    error::Error,
    response::{MAX_BODY_BYTES, read_bounded},
};

const TIMEOUT: Duration = Duration::from_secs(30);

pub(super) struct Prometheus {
    http: reqwest::Client,
    url: Url,
    /// Why it stopped answering. A query that it refuses is no reason.
    lost: Mutex<Option<String>>,
}

/// Why there is no result.
enum Trouble {
    /// The server says what is wrong with the query.
    Refused(String),
    /// There is no answer, or none of a Prometheus.
    Lost(String),
}

#[derive(Deserialize)]
struct Envelope {
    data: Option<Data>,
    error: Option<String>,
}

/// `[unix seconds, value]`.
type Point = (f64, String);

#[derive(Deserialize)]
#[serde(tag = "resultType", content = "result", rename_all = "lowercase")]
enum Data {
    Vector(Vec<Element>),
    Scalar(Point),
    Matrix(serde::de::IgnoredAny),
    String(serde::de::IgnoredAny),
}

#[derive(Deserialize)]
struct Element {
    metric: BTreeMap<String, String>,
    /// A whole histogram has none.
    value: Option<Point>,
}

impl Prometheus {
    /// Asks it for a number first, so that a wrong address is told at once.
    pub(super) async fn connect(url: &str) -> Result<Self, Error> {
        let url = config::parse_url("--prometheus", url)?;
        let http = reqwest::Client::builder()
            .user_agent(concat!("copilot-cli/", env!("CARGO_PKG_VERSION")))
            .timeout(TIMEOUT)
            .build()
            .map_err(|error| Error::Start(error.into()))?;
        let prometheus = Self { http, url, lost: Mutex::default() };
        match prometheus.ask("vector(1)", Timestamp::now()).await {
            Ok(_) => Ok(prometheus),
            Err(Trouble::Refused(problem) | Trouble::Lost(problem)) => {
                Err(prometheus.unreachable(problem))
            }
        }
    }

    /// An error where it did not answer all the time: its silence must not be taken for results.
    pub(super) fn finish(self) -> Result<(), Error> {
        let lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner).take();
        lost.map_or(Ok(()), |problem| Err(self.unreachable(problem)))
    }

    fn unreachable(&self, problem: String) -> Error {
        Error::Prometheus { url: self.url.to_string(), problem }
    }

    async fn ask(&self, query: &str, at: Timestamp) -> Result<Vec<Sample>, Trouble> {
        let mut url = self.url.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(["api", "v1", "query"]);
        }
        url.query_pairs_mut().append_pair("query", query).append_pair("time", &at.to_string());
        let lost = |error: reqwest::Error| Trouble::Lost(describe(&error.without_url()));
        let response = self.http.get(url).send().await.map_err(lost)?;
        let status = response.status();
        let body = read_bounded(response, MAX_BODY_BYTES)
            .await
            .map_err(|error| Trouble::Lost(error.to_string()))?;
        let envelope: Envelope = serde_json::from_slice(&body).map_err(|_| {
            Trouble::Lost(format!("status {status}, and it is not what a Prometheus says"))
        })?;
        match envelope {
            Envelope { data: Some(data), error: None } => samples(data).map_err(Trouble::Refused),
            Envelope { error: Some(problem), .. } if !status.is_server_error() => {
                Err(Trouble::Refused(problem))
            }
            Envelope { error, .. } => {
                Err(Trouble::Lost(error.unwrap_or_else(|| format!("status {status}"))))
            }
        }
    }
}

#[async_trait]
impl Executor for Prometheus {
    async fn instant(&self, query: &str, at: Timestamp) -> Result<Vec<Sample>, String> {
        self.ask(query, at).await.map_err(|trouble| match trouble {
            Trouble::Refused(problem) => problem,
            Trouble::Lost(problem) => {
                let mut lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
                lost.get_or_insert_with(|| problem.clone());
                problem
            }
        })
    }
}

/// The error with what caused it, which says more than either alone.
fn describe(error: &reqwest::Error) -> String {
    let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    causes.last().map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}

fn samples(data: Data) -> Result<Vec<Sample>, String> {
    let value = |(_, text): Point| {
        text.parse::<f64>().map_err(|_| format!("a value that is no number: {text}"))
    };
    match data {
        Data::Scalar(point) => Ok(vec![Sample { labels: BTreeMap::new(), value: value(point)? }]),
        Data::Vector(elements) => elements
            .into_iter()
            .map(|element| {
                let point = element.value.ok_or("it yields whole histograms")?;
                Ok(Sample { labels: element.metric, value: value(point)? })
            })
            .collect(),
        Data::Matrix(_) => Err("it yields a range of samples".to_owned()),
        Data::String(_) => Err("it yields a string".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_read() {
        for (data, expected) in [
            (r#"{"resultType":"vector","result":[]}"#, Ok(vec![])),
            (
                r#"{"resultType":"vector","result":[{"metric":{"s":"a"},"value":[1.5,"0.25"]}]}"#,
                Ok(vec![0.25]),
            ),
            (r#"{"resultType":"scalar","result":[1,"+Inf"]}"#, Ok(vec![f64::INFINITY])),
            (
                r#"{"resultType":"vector","result":[{"metric":{},"histogram":[1,{}]}]}"#,
                Err("it yields whole histograms"),
            ),
            (
                r#"{"resultType":"matrix","result":[{"metric":{},"values":[[1,"1"]]}]}"#,
                Err("it yields a range of samples"),
            ),
            (r#"{"resultType":"string","result":[1,"x"]}"#, Err("it yields a string")),
        ] {
            let read = samples(serde_json::from_str(data).unwrap());
            let values = read.map(|list| list.iter().map(|sample| sample.value).collect());
            assert_eq!(values, expected.map_err(str::to_owned), "{data}");
        }
    }
}
