//! What exists: the labels of the streams, and from some of their lines how lines are written and
//! which fields they hold.
//!
//! Labels and their values come from Loki's index. Lines are read of one service after the other,
//! because services write in different ways; a few newest lines of each, and a few of trouble, are
//! little work for Loki.

use std::collections::BTreeMap;

use futures::{StreamExt, TryStreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use module::ModuleError;
use query::LogCatalog;
use serde::Serialize;
use serde_json::Value;

use super::{LinesQuery, LokiClient, sample::Sample};
use crate::{
    RequestContext,
    envelope::open_list,
    http::not_json,
    naming::{is_naming, max_values},
};

/// Streams that wrote nothing for so long are not listed.
const WINDOW: SignedDuration = SignedDuration::from_hours(6);
const MAX_LABELS: usize = 60;
const MAX_NAMES_BYTES: usize = 1024 * 1024;
/// So many services' lines are looked at.
const MAX_SERVICES: usize = 20;
const LINES_PER_SERVICE: usize = 40;
/// Lines of errors are asked about most, and among the newest there may be none. By the level that
/// they tell, in whatever way they are written.
const TROUBLE: &str = r#"(?i:(level|lvl|severity|sev)["=: ]+(err|fatal|crit|panic))|\b(ERROR|FATAL|PANIC)\b|Exception"#;
const TROUBLE_LINES: usize = 20;
/// All of it is read where there is no trouble, so it is short.
const TROUBLE_WINDOW: SignedDuration = SignedDuration::from_mins(30);
const MAX_SAMPLE_BYTES: usize = 2 * 1024 * 1024;
const AT_ONCE: usize = 6;

/// Labels that tell services apart, the likeliest first; Loki itself adds `service_name`.
const SERVICE_LABELS: [&str; 13] = [
    "service", "app", "service_name", "application", "app_kubernetes_io_name", "microservice",
    "svc", "component", "container", "deployment", "workload", "job", "namespace",
];

type Labels = BTreeMap<String, Vec<String>>;

#[derive(Serialize)]
struct Catalog {
    #[serde(flatten)]
    all: LogCatalog,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_label: Option<String>,
    /// By the value of that label, of those whose lines were looked at.
    by_service: BTreeMap<String, LogCatalog>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}

impl LokiClient {
    /// Lists what has had lines shortly before `now`.
    ///
    /// The result is `{"labels":{label:[values]},"line_format","fields":{field:[values]|kind}}`, which
    /// [`LogCatalog`] reads, with `"service_label"`, the label that tells services apart, and
    /// `"by_service":{service:{"line_format","fields"}}`, since services write in different ways; and
    /// `"warnings":[…]` where something was left out.
    pub async fn catalog(
        &self,
        context: &RequestContext<'_>,
        now: Timestamp,
    ) -> Result<Value, ModuleError> {
        let period = Period::before(now);
        let mut warnings = Vec::new();
        let labels = self.labels(context, &period, &mut warnings).await?;
        let service_label = SERVICE_LABELS
            .into_iter()
            .chain(labels.keys().map(String::as_str))
            .find(|label| labels.get(*label).is_some_and(|values| !values.is_empty()))
            .map(str::to_owned);
        let samples = match &service_label {
            Some(label) => {
                self.samples(context, &period, label, &labels[label], &mut warnings).await?
            }
            None => Vec::new(),
        };
        let mut whole = Sample::default();
        samples.iter().for_each(|(_, sample)| whole.merge(sample));
        let by_service = samples
            .iter()
            .map(|(service, sample)| (service.clone(), sample.describe(&labels)))
            .collect();
        let all = LogCatalog { labels: labels.clone(), ..whole.describe(&labels) };
        let catalog = Catalog { all, service_label, by_service, warnings };
        serde_json::to_value(catalog).map_err(|error| not_json(self.module(), error))
    }

    async fn labels(
        &self,
        context: &RequestContext<'_>,
        period: &Period,
        warnings: &mut Vec<String>,
    ) -> Result<Labels, ModuleError> {
        let mut names = self.names(context, "/loki/api/v1/labels", period).await?;
        // Those with underscores are Loki's own; others than these no query can name.
        names.retain(|name| is_label(name) && !name.starts_with("__"));
        if names.len() > MAX_LABELS {
            warnings.push(format!("only {MAX_LABELS} of {} labels are listed", names.len()));
            names.sort_by_key(|name| !is_naming(name));
            names.truncate(MAX_LABELS);
        }
        stream::iter(names)
            .map(|name| async move {
                let path = format!("/loki/api/v1/label/{name}/values");
                let mut values = self.names(context, &path, period).await?;
                values.truncate(max_values(&name));
                Ok((name, values))
            })
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await
    }

    async fn names(
        &self,
        context: &RequestContext<'_>,
        path: &str,
        period: &Period,
    ) -> Result<Vec<String>, ModuleError> {
        let parameters = [("start", period.start.as_str()), ("end", period.end.as_str())];
        let body = self.get(context, path, &parameters, MAX_NAMES_BYTES).await?;
        open_list(self.module(), &body)
    }

    /// Some lines of each service. One whose lines cannot be had does not take the others along.
    async fn samples(
        &self,
        context: &RequestContext<'_>,
        period: &Period,
        label: &str,
        services: &[String],
        warnings: &mut Vec<String>,
    ) -> Result<Vec<(String, Sample)>, ModuleError> {
        let answers: Vec<(String, Result<Sample, ModuleError>)> =
            stream::iter(services.iter().take(MAX_SERVICES).cloned())
                .map(|service| async move {
                    let sample = self.sample(context, period, label, &service).await;
                    (service, sample)
                })
                .buffered(AT_ONCE)
                .collect()
                .await;
        let mut samples = Vec::new();
        let mut failure = None;
        let mut failed = 0;
        for (service, answer) in answers {
            match answer {
                Ok(sample) => samples.push((service, sample)),
                Err(error) => {
                    failed += 1;
                    failure = Some(error);
                }
            }
        }
        match failure {
            Some(error) if samples.is_empty() => return Err(error),
            Some(_) => warnings.push(format!("the lines of {failed} services cannot be read")),
            None => {}
        }
        if services.len() > MAX_SERVICES {
            warnings.push(format!("the lines of only {MAX_SERVICES} services were looked at"));
        }
        Ok(samples)
    }

    async fn sample(
        &self,
        context: &RequestContext<'_>,
        period: &Period,
        label: &str,
        service: &str,
    ) -> Result<Sample, ModuleError> {
        let selector = format!("{{{label}={}}}", quoted(service));
        let newest = LinesQuery {
            query: &selector,
            start: &period.start,
            end: &period.end,
            limit: LINES_PER_SERVICE,
            oldest_first: false,
        };
        let trouble = LinesQuery {
            query: &format!("{selector} |~ `{TROUBLE}`"),
            start: &period.trouble_start,
            limit: TROUBLE_LINES,
            ..newest
        };
        let (newest, trouble) = tokio::join!(
            self.read_lines(context, &newest, MAX_SAMPLE_BYTES),
            self.read_lines(context, &trouble, MAX_SAMPLE_BYTES),
        );
        let mut sample = Sample::default();
        newest?.lines.iter().for_each(|line| sample.add(&line.line, &line.fields));
        // Not having these makes the catalog poorer, but not wrong.
        for line in trouble.into_iter().flat_map(|found| found.lines) {
            sample.add_fields(&line.line, &line.fields);
        }
        Ok(sample)
    }
}

struct Period {
    start: String,
    trouble_start: String,
    end: String,
}

impl Period {
    fn before(now: Timestamp) -> Self {
        let back = |length| now.checked_sub(length).unwrap_or(now).to_string();
        Self { start: back(WINDOW), trouble_start: back(TROUBLE_WINDOW), end: now.to_string() }
    }
}

fn is_label(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// A string of LogQL, whose escapes are Go's.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\n' => quoted.push_str("\\n"),
            other if other.is_control() => quoted.push_str(&format!("\\u{:04x}", u32::from(other))),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_s_name_cannot_leave_its_quotes() {
        for (name, expected) in [
            ("payment", r#""payment""#),
            (r#"a"} or {b="c"#, r#""a\"} or {b=\"c""#),
            ("a\\\n\u{7}é", r#""a\\\n\u0007é""#),
        ] {
            assert_eq!(quoted(name), expected);
            let query = format!("{{service={}}}", quoted(name));
            let bounds = query::Bounds::default();
            assert!(query::check_logql(&query, &LogCatalog::default(), &bounds).is_ok(), "{query}");
        }
    }
}
