//! What a tenant's Loki records, service by service.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use query::LogCatalog;
use serde::Deserialize;

/// The result of [`module::LOGS_CATALOG`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct LogSources {
    /// All services together; the way of writing is that of most lines.
    #[serde(flatten)]
    pub all: LogCatalog,
    /// The label that tells services apart.
    #[serde(default)]
    pub service_label: Option<String>,
    /// How the lines of each service are written and what they hold, of those that were looked at.
    #[serde(default)]
    pub by_service: BTreeMap<String, LogCatalog>,
}

impl LogSources {
    /// The services that write logs.
    pub fn services(&self) -> &[String] {
        self.service_label
            .as_ref()
            .and_then(|label| self.all.labels.get(label))
            .map_or(&[], Vec::as_slice)
    }

    /// Whether some of these services, or of all where none is named, write JSON and the others
    /// logfmt.
    pub fn in_both_formats(&self, services: &[&str]) -> bool {
        let asked = |service: &str| services.is_empty() || services.contains(&service);
        let formats: BTreeSet<&str> = self
            .by_service
            .iter()
            .filter(|(service, _)| asked(service))
            .map(|(_, catalog)| catalog.line_format.as_str())
            .collect();
        formats.iter().copied().eq(["json", "logfmt"])
    }

    /// The catalog for a question about these services: where all of them write in one way, that way,
    /// with their fields. A parser that does not fit leaves a line out without a word, so the way of
    /// most services must not be taken for that of one.
    pub fn of(&self, services: &[&str]) -> Cow<'_, LogCatalog> {
        let known: Vec<&LogCatalog> =
            services.iter().filter_map(|service| self.by_service.get(*service)).collect();
        let [first, others @ ..] = known.as_slice() else { return Cow::Borrowed(&self.all) };
        let alike = others.iter().all(|other| other.line_format == first.line_format);
        if known.len() < services.len() || !alike {
            return Cow::Borrowed(&self.all);
        }
        let mut fields = first.fields.clone();
        for other in others {
            for (name, samples) in &other.fields {
                fields.entry(name.clone()).or_insert_with(|| samples.clone());
            }
        }
        Cow::Owned(LogCatalog {
            labels: self.all.labels.clone(),
            line_format: first.line_format.clone(),
            fields,
        })
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
            (&["cart", "mail"], "json", &["hits", "level", "status", "took"]),
            (&["mail", "silent"], "json", &["hits", "level", "status", "took"]),
            (&[], "json", &["hits", "level", "status", "took"]),
        ] {
            let found = sources.of(services);
            assert_eq!(found.line_format, format, "{services:?}");
            assert_eq!(found.fields.keys().collect::<Vec<_>>(), fields, "{services:?}");
            assert_eq!(found.labels, sources.all.labels);
        }
    }

    #[test]
    fn services_write_in_both_formats_or_in_one() {
        let sources = sources();
        for (services, expected) in [
            (&[][..], true),
            (&["cart", "mail"], true),
            (&["mail", "silent"], false),
            (&["cart", "search"], false),
            (&["silent"], false),
        ] {
            assert_eq!(sources.in_both_formats(services), expected, "{services:?}");
        }
        assert!(!LogSources::default().in_both_formats(&[]));
    }

    #[test]
    fn the_result_of_an_empty_loki_is_read() {
        let empty = json!({"labels": {}, "line_format": "", "fields": {}, "by_service": {}});
        assert_eq!(serde_json::from_value::<LogSources>(empty).unwrap(), LogSources::default());
    }
}
