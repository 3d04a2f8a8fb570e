//! What a tenant's Loki records, service by service.

use std::collections::{BTreeMap, BTreeSet};

use query::{Indexed, LogCatalog, Samples};
use serde::Deserialize;

/// The result of [`module::LOGS_CATALOG`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Stored")]
pub struct LogSources {
    /// All services together.
    pub all: Indexed<LogCatalog>,
    /// The label that tells services apart.
    pub service_label: Option<String>,
    /// How the lines of each service are written and what they hold, of those that were looked at.
    pub by_service: BTreeMap<String, LogCatalog>,
}

#[derive(Deserialize)]
struct Stored {
    /// The way of writing is that of most lines.
    #[serde(flatten)]
    all: LogCatalog,
    #[serde(default)]
    service_label: Option<String>,
    #[serde(default)]
    by_service: BTreeMap<String, LogCatalog>,
}

impl From<Stored> for LogSources {
    fn from(Stored { mut all, service_label, by_service }: Stored) -> Self {
        let formats: BTreeSet<&str> =
            by_service.values().map(|catalog| catalog.line_format.as_str()).collect();
        if formats.into_iter().eq(["json", "logfmt"]) {
            LogCatalog::JSON_AND_LOGFMT.clone_into(&mut all.line_format);
        }
        Self { all: all.into(), service_label, by_service }
    }
}

impl LogSources {
    /// The services that write logs.
    pub fn services(&self) -> &[String] {
        self.service_label
            .as_ref()
            .and_then(|label| self.all.labels.get(label))
            .map_or(&[], Vec::as_slice)
    }

    /// The catalog for a question about these services: where all of them write in one way, that way,
    /// with their fields. A parser that does not fit leaves a line out without a word, so the way of
    /// most services must not be taken for that of one.
    pub fn of(&self, services: &[&str]) -> Indexed<LogCatalog> {
        let Some((line_format, fields)) = self.alike(services) else { return self.all.clone() };
        LogCatalog { labels: self.all.labels.clone(), line_format, fields }.into()
    }

    /// The one way in which these services write, and the fields of all of them.
    fn alike(&self, services: &[&str]) -> Option<(String, BTreeMap<String, Samples>)> {
        let known: Option<Vec<&LogCatalog>> =
            services.iter().map(|service| self.by_service.get(*service)).collect();
        let known = known?;
        let (first, others) = known.split_first()?;
        if others.iter().any(|other| other.line_format != first.line_format) {
            return None;
        }
        let mut fields = first.fields.clone();
        for other in others {
            for (name, samples) in &other.fields {
                fields.entry(name.clone()).or_insert_with(|| samples.clone());
            }
        }
        Some((first.line_format.clone(), fields))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sources() -> LogSources {
        serde_json::from_value(json!({
            "labels": {"service": ["cart", "mail", "search", "silent"], "env": ["prod"]},
            "line_format": "json",
            "fields": {"level": ["info"], "status": ["200"], "took": ["3ms"], "hits": ["7"]},
            "service_label": "service",
            "by_service": {
                "cart": {"line_format": "json", "fields": {"level": ["info"], "status": ["200"]}},
                "mail": {"line_format": "logfmt", "fields": {"level": ["warn"], "took": ["3ms"]}},
                "search": {"line_format": "json", "fields": {"level": ["info"], "hits": ["7"]}}
            },
            "warnings": ["x"]
        }))
        .unwrap()
    }

    #[test]
    fn a_question_gets_the_catalog_of_its_services() {
        let sources = sources();
        assert_eq!(sources.services().len(), 4);
        for (services, format, fields) in [
            (&["mail"][..], "logfmt", &["level", "took"][..]),
            (&["cart", "search"], "json", &["hits", "level", "status"]),
            (&["cart", "mail"], "json, logfmt", &["hits", "level", "status", "took"]),
            (&["mail", "silent"], "json, logfmt", &["hits", "level", "status", "took"]),
            (&[], "json, logfmt", &["hits", "level", "status", "took"]),
        ] {
            let found = sources.of(services);
            assert_eq!(found.line_format, format, "{services:?}");
            assert_eq!(found.fields.keys().collect::<Vec<_>>(), fields, "{services:?}");
            assert_eq!(found.labels, sources.all.labels);
        }
    }

    #[test]
    fn the_result_of_an_empty_loki_is_read() {
        let empty = json!({"labels": {}, "line_format": "", "fields": {}, "by_service": {}});
        assert_eq!(serde_json::from_value::<LogSources>(empty).unwrap(), LogSources::default());
    }
}
