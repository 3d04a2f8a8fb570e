//! What exists: metrics, their types and help, their labels and samples of the labels' values.
//!
//! A real server has some thousand metrics and a hundred thousand series or more. What it costs to
//! list them is kept down like this:
//!
//! - `/api/v1/metadata` gives types and help, one entry per family. It runs beside the next.
//! - `/api/v1/series` is answered from the index alone, no sample is read. It is asked for the last
//!   two hours, which Prometheus holds in memory, and without the buckets of histograms but the
//!   last: `le` is the label that multiplies series most and tells us nothing. The answer is read
//!   up to `MAX_SERIES_BYTES` and gathered as it is parsed, so that memory is bounded.
//! - Only if that was not all, the metrics still missing are looked up by `label/__name__/values`
//!   and asked for in a bounded number of batches. What is missing then is known by name only.
//! - The catalog is kept below `MAX_CATALOG_BYTES` by keeping fewer values per label.

use std::{
    collections::{BTreeMap, HashSet},
    io,
};

use futures::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use module::ModuleError;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    PrometheusClient,
    labels::{MAX_NAMES, SeriesLabels},
};
use crate::{
    RequestContext,
    envelope::open,
    http::{Body, not_json},
    naming::{MAX_NAMING_VALUES, MAX_SAMPLES},
};

const WINDOW: SignedDuration = SignedDuration::from_hours(2);
/// Series without `le`, and of a histogram's buckets the last.
const BUT_BUCKETS: &str = r#"le=~"|\\+Inf""#;
/// About a hundred thousand series, as Prometheus writes them.
const MAX_SERIES_BYTES: usize = 32 * 1024 * 1024;
/// For servers that know the parameter: they stop by themselves.
const SERIES_LIMIT: usize = 100_000;
const MAX_METADATA_BYTES: usize = 8 * 1024 * 1024;
const MAX_NAMES_BYTES: usize = 4 * 1024 * 1024;
const MAX_HELP_CHARS: usize = 300;

const BATCH_NAMES: usize = 100;
const MAX_BATCHES: usize = 20;
const BATCHES_AT_ONCE: usize = 4;
const MAX_BATCH_BYTES: usize = 4 * 1024 * 1024;

/// Fits into a function's response of 6 MB, and into a cache.
const MAX_CATALOG_BYTES: usize = 4 * 1024 * 1024;
/// Values kept of labels that name things, and of others, where all do not fit: the first that does
/// is taken, and the last in any case.
const SAMPLINGS: [(usize, usize); 4] = [(200, 10), (100, 5), (20, 3), (5, 1)];

/// What `/api/v1/metadata` says of a family.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
struct Metadata {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    help: String,
    #[serde(default)]
    unit: String,
}

type Families = BTreeMap<String, Vec<Metadata>>;

#[derive(Serialize)]
struct Catalog<'a> {
    metadata: &'a Families,
    labels: BTreeMap<&'a str, BTreeMap<&'a str, Vec<&'a str>>>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    warnings: &'a [String],
}

impl PrometheusClient {
    /// Lists what has had samples shortly before `now`.
    ///
    /// The result is `{"metadata":{family:[{"type","help","unit"}]},"labels":{series name:{label:
    /// [sample values]}}}`, with `"warnings":[…]` where something was left out.
    pub async fn catalog(
        &self,
        context: &RequestContext<'_>,
        now: Timestamp,
    ) -> Result<Value, ModuleError> {
        let start = now.checked_sub(WINDOW).unwrap_or(now).to_string();
        let (families, series) =
            tokio::join!(self.families(context), self.all_series(context, &start));
        let (mut labels, complete) = series?;
        let (mut families, mut warnings) = match families {
            Ok(families) => (families, Vec::new()),
            // Types can be told from names, so a server without metadata still has a catalog.
            Err(ModuleError::Rejected { .. } | ModuleError::BadResponse { .. }) => {
                let warning = "the types and help texts of the metrics cannot be had";
                (Families::new(), vec![warning.to_owned()])
            }
            Err(error) => return Err(error),
        };
        if !complete {
            let missing = self.add_missing(context, &start, &mut labels).await?;
            warnings.push(format!(
                "there are more series than can be listed; some label values, and the labels of \
                 {missing} metrics, are missing"
            ));
        }
        if labels.names_left_out {
            warnings.push(format!("only {MAX_NAMES} metrics are listed"));
        }
        retain_present(&mut families, &labels);
        fit(&families, &labels, warnings).map_err(|error| not_json(self.module(), error))
    }

    async fn families(&self, context: &RequestContext<'_>) -> Result<Families, ModuleError> {
        let limit = MAX_NAMES.to_string();
        let parameters = [("limit_per_metric", "1"), ("limit", limit.as_str())];
        let body = self.get(context, "/api/v1/metadata", &parameters, MAX_METADATA_BYTES).await?;
        let (mut families, _) = open::<Families>(self.module(), &body)?;
        for described in families.values_mut() {
            described.truncate(1);
            for Metadata { help, .. } in described {
                if let Some((end, _)) = help.char_indices().nth(MAX_HELP_CHARS) {
                    help.truncate(end);
                }
            }
        }
        Ok(families)
    }

    /// The labels of all series, and whether that was all.
    async fn all_series(
        &self,
        context: &RequestContext<'_>,
        start: &str,
    ) -> Result<(SeriesLabels, bool), ModuleError> {
        let selector = format!(r#"{{__name__=~".+",{BUT_BUCKETS}}}"#);
        let limit = SERIES_LIMIT.to_string();
        let parameters = [("match[]", selector.as_str()), ("start", start), ("limit", &limit)];
        let body = self.get(context, "/api/v1/series", &parameters, MAX_SERIES_BYTES).await?;
        let cut = body.cut;
        // Tens of megabytes take longer to parse than other work on this thread should wait.
        let labels = tokio::task::spawn_blocking(move || {
            let mut labels = SeriesLabels::default();
            labels.read(&body.bytes, body.cut).map(|()| labels)
        })
        .await
        .map_err(|error| ModuleError::bad_response(self.module(), error))?
        .map_err(|error| not_json(self.module(), error))?;
        let complete = !cut && labels.series < SERIES_LIMIT;
        Ok((labels, complete))
    }

    /// Looks for metrics that the list of series did not reach; gives how many are known by name
    /// only.
    async fn add_missing(
        &self,
        context: &RequestContext<'_>,
        start: &str,
        labels: &mut SeriesLabels,
    ) -> Result<usize, ModuleError> {
        let path = "/api/v1/label/__name__/values";
        let body = self.get(context, path, &[("start", start)], MAX_NAMES_BYTES).await?;
        let (names, _) = open::<Vec<String>>(self.module(), &body)?;
        let missing: Vec<&str> = names
            .iter()
            .map(String::as_str)
            .filter(|name| is_plain(name) && !labels.contains(name))
            .take(MAX_NAMES)
            .collect();
        let selectors: Vec<String> = missing
            .chunks(BATCH_NAMES)
            .take(MAX_BATCHES)
            .map(|batch| format!(r#"{{__name__=~"{}",{BUT_BUCKETS}}}"#, batch.join("|")))
            .collect();
        let mut answers = stream::iter(selectors)
            .map(|selector| self.batch(context, start, selector))
            .buffer_unordered(BATCHES_AT_ONCE);
        while let Some(answer) = answers.next().await {
            let body = answer?;
            labels.read(&body.bytes, body.cut).map_err(|error| not_json(self.module(), error))?;
        }
        let unknown: Vec<&str> =
            missing.into_iter().filter(|name| !labels.contains(name)).collect();
        for name in &unknown {
            labels.add_name(name);
        }
        Ok(unknown.len())
    }

    async fn batch(
        &self,
        context: &RequestContext<'_>,
        start: &str,
        selector: String,
    ) -> Result<Body, ModuleError> {
        let limit = SERIES_LIMIT.to_string();
        let parameters = [("match[]", selector.as_str()), ("start", start), ("limit", &limit)];
        self.get(context, "/api/v1/series", &parameters, MAX_BATCH_BYTES).await
    }
}

/// Whether the name can stand in a regular expression as it is. Others, which newer servers allow,
/// need quotes that our queries do not write.
fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':'))
}

/// Metadata is kept by targets beyond the series that they expose.
fn retain_present(families: &mut Families, labels: &SeriesLabels) {
    const ENDINGS: [&str; 6] = ["_bucket", "_sum", "_count", "_total", "_info", "_created"];
    let present: HashSet<&str> = labels
        .names()
        .flat_map(|name| {
            let family = ENDINGS.iter().find_map(|ending| name.strip_suffix(ending));
            std::iter::once(name).chain(family)
        })
        .collect();
    families.retain(|family, _| present.contains(family.as_str()));
}

/// The catalog with as many values per label as fit.
fn fit(
    families: &Families,
    labels: &SeriesLabels,
    mut warnings: Vec<String>,
) -> Result<Value, serde_json::Error> {
    let everything = Catalog {
        metadata: families,
        labels: labels.sampled(MAX_NAMING_VALUES, MAX_SAMPLES),
        warnings: &warnings,
    };
    if size(&everything)? <= MAX_CATALOG_BYTES {
        return serde_json::to_value(everything);
    }
    warnings.push("there are more label values than can be listed".to_owned());
    let mut catalog = Catalog { metadata: families, labels: BTreeMap::new(), warnings: &warnings };
    for (naming, samples) in SAMPLINGS {
        catalog.labels = labels.sampled(naming, samples);
        if size(&catalog)? <= MAX_CATALOG_BYTES {
            break;
        }
    }
    serde_json::to_value(catalog)
}

fn size(catalog: &Catalog<'_>) -> Result<usize, serde_json::Error> {
    struct Counter(usize);

    impl io::Write for Counter {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    let mut counter = Counter(0);
    serde_json::to_writer(&mut counter, catalog)?;
    Ok(counter.0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn labels(metrics: usize, pods: usize) -> SeriesLabels {
        let series: Vec<Value> = (0..metrics)
            .flat_map(|metric| {
                (0..pods).map(move |pod| {
                    json!({"__name__": format!("metric_{metric}_total"), "pod": format!("a-pod-with-a-very-very-long-name-in-a-namespace-{pod}")})
                })
            })
            .collect();
        let mut labels = SeriesLabels::default();
        labels.read(json!({"data": series}).to_string().as_bytes(), false).unwrap();
        labels
    }

    #[test]
    fn a_catalog_that_is_too_large_keeps_fewer_values() {
        let small = fit(&Families::new(), &labels(10, 100), Vec::new()).unwrap();
        assert_eq!(small["labels"]["metric_1_total"]["pod"].as_array().unwrap().len(), 100);
        assert!(small.get("warnings").is_none());

        let large = fit(&Families::new(), &labels(300, 500), Vec::new()).unwrap();
        assert!(large.to_string().len() <= MAX_CATALOG_BYTES);
        assert_eq!(large["labels"].as_object().unwrap().len(), 300);
        assert_eq!(large["labels"]["metric_1_total"]["pod"].as_array().unwrap().len(), 200);
        assert_eq!(large["warnings"], json!(["there are more label values than can be listed"]));
    }

    #[test]
    fn metadata_without_series_is_left_out() {
        let mut families = Families::from_iter(
            ["metric_0", "metric_0_total", "gone"]
                .map(|name| (name.to_owned(), vec![Metadata::default()])),
        );
        retain_present(&mut families, &labels(1, 1));
        assert_eq!(families.keys().collect::<Vec<_>>(), ["metric_0", "metric_0_total"]);
    }

    #[test]
    fn names_that_need_quotes_are_not_put_into_patterns() {
        for (name, plain) in [
            ("up", true),
            ("job:rate:5m", true),
            ("", false),
            ("a.b", false),
            ("a|b", false),
            ("é", false),
        ] {
            assert_eq!(is_plain(name), plain, "{name}");
        }
    }
}
