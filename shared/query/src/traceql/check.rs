//! The check that every TraceQL query passes before it runs: it parses, names what exists, compares
//! like with like, and stays within bounds.

use std::collections::BTreeSet;

use super::{
    TraceCatalog,
    ast::{Attribute, Reference, Scope},
    parse::{SyntaxError, parse},
    types,
};
use crate::{Bounds, CheckError, text};

const LANGUAGE: &str = "TraceQL";
/// Longer regular expressions are not written by people, and cost the server much.
const MAX_PATTERN_BYTES: usize = 1_024;
const NEAREST_SHOWN: usize = 3;

/// What the check found out about a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The attributes that it reads, as the query has them, in order, each once. Intrinsics are
    /// not among them.
    pub attributes: Vec<String>,
    /// Whether it yields numbers over time rather than spans.
    pub is_metric: bool,
}

/// Parses a query and holds it to the catalog and the bounds.
pub fn check(query: &str, catalog: &TraceCatalog, bounds: &Bounds) -> Result<Checked, CheckError> {
    if query.len() > bounds.max_query_bytes {
        return Err(CheckError::TooLong { bytes: query.len(), max: bounds.max_query_bytes });
    }
    let parsed = parse(query).map_err(|SyntaxError { position, message }| CheckError::Grammar {
        language: LANGUAGE,
        message,
        position: Some(position),
    })?;
    // Held here for fuzz/, so that neither the parser nor the printer need be public for it.
    #[cfg(fuzzing)]
    assert_eq!(
        parse(&parsed.query.to_string()).map(|again| again.query).as_ref(),
        Ok(&parsed.query),
        "{}",
        parsed.query
    );
    if parsed.nesting > bounds.max_depth {
        return Err(CheckError::TooDeep { max: bounds.max_depth });
    }
    if parsed.spansets > bounds.max_selectors {
        return Err(CheckError::TooManySpansets { max: bounds.max_selectors });
    }
    if parsed.longest_pattern > MAX_PATTERN_BYTES {
        return Err(CheckError::PatternTooLong { max: MAX_PATTERN_BYTES });
    }
    let mut attributes: Vec<String> = Vec::new();
    for (reference, position) in &parsed.references {
        let Reference::Attribute(attribute) = reference else { continue };
        let name = attribute.to_string();
        if !catalog.has(attribute) {
            return Err(CheckError::UnknownAttribute {
                nearest: catalog.nearest(&name),
                name,
                position: Some(*position),
            });
        }
        if !attributes.contains(&name) {
            attributes.push(name);
        }
    }
    types::check(&parsed.query.pipeline).map_err(|message| CheckError::Grammar {
        language: LANGUAGE,
        message,
        position: None,
    })?;
    Ok(Checked { attributes, is_metric: parsed.query.pipeline.is_metric() })
}

impl TraceCatalog {
    /// Whether spans have the attribute; without a scope, in any.
    fn has(&self, attribute: &Attribute) -> bool {
        let known = |scope: Scope| {
            self.attributes.contains_key(&format!("{}.{}", scope.word(), attribute.name))
        };
        match attribute.scope {
            Some(scope) => known(scope),
            None => {
                Scope::ALL.iter().copied().any(known)
                    || self.attributes.contains_key(&attribute.name)
                    || self.attributes.contains_key(&format!(".{}", attribute.name))
            }
        }
    }

    /// The names that come nearest to one that is not there, by the whole or by the last part.
    pub(super) fn nearest(&self, name: &str) -> Vec<String> {
        let last =
            |key: &'_ str| key.rsplit('.').find(|part| *part != "name").unwrap_or(key).to_owned();
        let keys = || self.attributes.keys();
        let mut nearest = text::nearest(name, keys().map(String::as_str), NEAREST_SHOWN);
        let parts: Vec<String> = keys().map(|key| last(key)).collect();
        for part in text::nearest(&last(name), parts.iter().map(String::as_str), NEAREST_SHOWN) {
            nearest.extend(keys().filter(|key| last(key) == part).cloned());
        }
        let mut seen = BTreeSet::new();
        nearest.retain(|key| seen.insert(key.clone()));
        nearest.truncate(NEAREST_SHOWN);
        nearest
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Samples;

    fn catalog() -> TraceCatalog {
        let names = [
            "resource.service.name", "span.http.status_code", "span.http.route",
            "event.exception.type", "span.odd name",
        ];
        TraceCatalog {
            intrinsics: vec!["duration".to_owned()],
            attributes: names
                .into_iter()
                .map(|name| (name.to_owned(), Samples::default()))
                .collect(),
        }
    }

    fn refusal(query: &str) -> Option<CheckError> {
        check(query, &catalog(), &Bounds::default()).err()
    }

    #[test]
    fn good_queries_pass() {
        for query in [
            "{ }",
            "{ resource.service.name = \"payment\" && duration > 1s }",
            "{ .service.name = \"payment\" } >> { status = error }",
            "{ parent.resource.service.name = \"a\" && kind != server }",
            "{ span.\"odd name\" = 1 } | select(name, span.http.route)",
            "{ span.http.status_code >= 500 } | rate() by (resource.service.name) | topk(5)",
            "{ event.exception.type =~ \"Time.*\" } | quantile_over_time(duration, .5, 0.99)",
            "{ name = nil || rootServiceName != nil }",
        ] {
            assert_eq!(refusal(query), None, "{query}");
        }
    }

    #[test]
    fn what_it_reads_is_told() {
        let query =
            "{ .service.name = \"a\" && span.http.route = \"/\" && .service.name != nil } | rate()";
        let checked = check(query, &catalog(), &Bounds::default()).unwrap();
        assert_eq!(checked.attributes, [".service.name", "span.http.route"]);
        assert!(checked.is_metric);
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (query, expected) in [
            (
                "",
                "not valid TraceQL: `{` or a function is expected, not the end of the query (at 0)",
            ),
            (
                "{ status = \"error\" }",
                "compares a status (ok, error or unset, without quotation marks) with text",
            ),
            ("{ kind = \"server\" }", "compares a kind"),
            ("{ name =~ 5 }", "`5` is a number, not text"),
            ("{ duration }", "`duration` is a number, not a condition"),
            ("{ !name }", "`name` is text, not true or false"),
            ("{ } | avg(status) > 1", "wants a number"),
            ("{ } | max_over_time(name)", "`name` is text, not a number"),
            ("{ } | quantile_over_time(duration, 95)", "from 0 to 1"),
            ("{ } | rate() | topk(0)", "above 0"),
            (
                "{ resource.servce.name = \"a\" }",
                "no attribute `resource.servce.name` (at 2). The nearest: `resource.service.name`",
            ),
            ("{ span.service.name = \"a\" }", "no attribute `span.service.name`"),
            ("{ } | select(span.made.up)", "no attribute `span.made.up`"),
            ("{ service.name = 1 }", "there is no scope `service`"),
        ] {
            let error = refusal(query).unwrap_or_else(|| panic!("{query} passes"));
            assert!(error.to_string().contains(expected), "{query}: {error}");
        }
    }

    #[test]
    fn size_and_depth_are_bounded() {
        let deep = format!("{{ {}duration > 1s{} }}", "(".repeat(40), ")".repeat(40));
        assert!(matches!(refusal(&deep), Some(CheckError::TooDeep { .. })));
        let many = vec!["{ }"; 17].join(" && ");
        assert!(matches!(refusal(&many), Some(CheckError::TooManySpansets { .. })));
        let long = format!("{{ name = \"{}\" }}", "x".repeat(9_000));
        assert!(matches!(refusal(&long), Some(CheckError::TooLong { .. })));
        let pattern = format!("{{ name =~ \"{}\" }}", "x".repeat(2_000));
        assert!(matches!(refusal(&pattern), Some(CheckError::PatternTooLong { .. })));
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange(query in any::<String>()) {
            let _ = check(&query, &catalog(), &Bounds::default());
        }
    }
}
