//! A catalog that came with a request.

use std::sync::Arc;

use contract::catalog::{Catalog, MAX_NAME_CHARS, MAX_NAMES, MAX_RECORDED};
use conversation::{Names, TenantCatalog};
use kit::FieldProblem;
use query::Catalogs;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The catalog, where there is one without problems.
pub(super) fn read(
    catalog: Option<Catalog>,
    problems: &mut Vec<FieldProblem>,
) -> Option<Arc<TenantCatalog>> {
    let Catalog { services, versions, environments, description: _, prometheus, loki, tempo } =
        catalog?;
    let before = problems.len();
    check_names("catalog.services", &services, problems);
    check_names("catalog.versions", &versions, problems);
    check_names("catalog.environments", &environments, problems);
    let catalogs = Catalogs {
        metrics: recorded("catalog.prometheus", prometheus, problems),
        logs: recorded("catalog.loki", loki, problems),
        traces: recorded("catalog.tempo", tempo, problems),
    };
    let names = Names { services, versions, environments };
    (problems.len() == before).then(|| Arc::new(TenantCatalog::with_names(catalogs, names)))
}

/// Looking a text's words up takes time for each name, so their number has a limit.
fn check_names(field: &str, names: &[String], problems: &mut Vec<FieldProblem>) {
    if names.len() > MAX_NAMES {
        let message = format!("{field} has more than {MAX_NAMES} names");
        problems.push(FieldProblem::new(field, "max_items", message));
    }
    if names.iter().any(|name| name.chars().nth(MAX_NAME_CHARS).is_some()) {
        let message = format!("{field} has a name longer than {MAX_NAME_CHARS} characters");
        problems.push(FieldProblem::new(field, "max_length", message));
    }
}

/// What one system records; nothing where it is left out.
fn recorded<T: DeserializeOwned + Default>(
    field: &str,
    value: Option<Value>,
    problems: &mut Vec<FieldProblem>,
) -> T {
    let Some(value) = value else { return T::default() };
    // Serde would take a list for the fields in their order.
    let Some(tables) = value.as_object() else {
        problems.push(FieldProblem::new(field, "type", format!("{field} must be an object")));
        return T::default();
    };
    // Each is a table of tables of names.
    if tables.values().map(entries).sum::<usize>() > MAX_RECORDED {
        let message = format!("{field} has more than {MAX_RECORDED} entries");
        problems.push(FieldProblem::new(field, "max_items", message));
        return T::default();
    }
    serde_path_to_error::deserialize(value).unwrap_or_else(|error| {
        let path = error.path().to_string();
        let field = if path == "." { field.to_owned() } else { format!("{field}.{path}") };
        problems.push(FieldProblem::new(&field, "type", error.into_inner().to_string()));
        T::default()
    })
}

fn entries(table: &Value) -> usize {
    match table {
        Value::Object(entries) => entries.len(),
        Value::Array(entries) => entries.len(),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(catalog: Value) -> Vec<(String, &'static str)> {
        let mut problems = Vec::new();
        let read = read(serde_json::from_value(catalog).unwrap(), &mut problems);
        assert_eq!(read.is_some(), problems.is_empty());
        problems.into_iter().map(|problem| (problem.field, problem.constraint)).collect()
    }

    #[test]
    fn what_a_catalog_may_hold() {
        let many = |count: usize| (0..count).map(|i| (format!("m{i}"), json!({}))).collect();
        let series = |count: usize| Value::Object(many(count));
        for (catalog, expected) in [
            (json!({}), None),
            (json!({ "description": "The shop's.", "services": ["payment"] }), None),
            (json!({ "prometheus": { "labels": series(MAX_RECORDED) } }), None),
            (
                json!({
                    "prometheus": { "metadata": { "up": [{ "type": "gauge" }] }, "labels": {} },
                    "loki": { "labels": { "app": ["a"] }, "line_format": "json",
                        "fields": { "status": [200], "msg": "string" } },
                    "tempo": { "intrinsics": ["duration"], "attributes": { "span.a": [true] } },
                }),
                None,
            ),
            (json!({ "services": vec!["x"; 2_001] }), Some(("catalog.services", "max_items"))),
            (json!({ "versions": ["x".repeat(101)] }), Some(("catalog.versions", "max_length"))),
            (
                json!({ "prometheus": { "labels": series(MAX_RECORDED + 1) } }),
                Some(("catalog.prometheus", "max_items")),
            ),
            (json!({ "prometheus": [] }), Some(("catalog.prometheus", "type"))),
            (
                json!({ "prometheus": { "labels": { "up": { "job": "x" } } } }),
                Some(("catalog.prometheus.labels", "type")),
            ),
            (json!({ "loki": { "labels": 1 } }), Some(("catalog.loki.labels", "type"))),
            (
                json!({ "tempo": { "attributes": { "span.a": [{}] } } }),
                Some(("catalog.tempo.attributes", "type")),
            ),
        ] {
            let found = fields(catalog.clone());
            let is_expected = match expected {
                None => found.is_empty(),
                Some((field, constraint)) => {
                    found.len() == 1 && found[0].0.starts_with(field) && found[0].1 == constraint
                }
            };
            assert!(is_expected, "{found:?}");
        }
    }
}
