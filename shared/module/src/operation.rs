//! The table of operations. Nothing is run that is not in it.

use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::arguments::{MAX_QUERY_CHARS, MAX_STEP_S, MAX_TIME_CHARS};

/// `{query, time}` → a query result at one instant.
pub const METRICS_QUERY: &str = "metrics.query";
/// `{query, start, end, step_s}` → a query result over time.
pub const METRICS_QUERY_RANGE: &str = "metrics.query_range";
/// `{}` → which metrics exist, with their types, labels and sample values.
pub const METRICS_CATALOG: &str = "metrics.catalog";
/// `{}` → the JSON Web Key Set of the configured identity provider.
pub const IDENTITY_JWKS: &str = "identity.jwks";

/// What an operation is called, does and takes.
#[derive(Debug, Clone)]
pub struct OperationSpec {
    /// `<module>.<verb>`.
    pub name: &'static str,
    /// Written for a language model that decides whether to call it.
    pub description: &'static str,
    /// It changes nothing, so it may be repeated and needs no approval.
    pub read_only: bool,
    /// Whether a language model may call it. Some operations serve the copilot itself.
    pub offered_to_models: bool,
    /// JSON Schema 2020-12 of the arguments object.
    pub arguments_schema: Value,
}

impl OperationSpec {
    /// The name in the alphabet that model providers allow for tools (`[a-zA-Z0-9_-]{1,64}`), in
    /// which a dot is not.
    pub fn tool_name(&self) -> String {
        self.name.replace('.', "_")
    }
}

/// An operation as it is offered to a language model.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolSpec {
    pub name: String,
    pub description: &'static str,
    pub input_schema: Value,
}

/// Every operation there is.
pub fn operations() -> &'static [OperationSpec] {
    static TABLE: OnceLock<Vec<OperationSpec>> = OnceLock::new();
    TABLE.get_or_init(table)
}

/// The operation of that name.
pub fn find(name: &str) -> Option<&'static OperationSpec> {
    operations().iter().find(|spec| spec.name == name)
}

/// The operations that a language model may call: read-only ones, and of these not those that
/// serve the copilot itself.
pub fn tool_specs() -> Vec<ToolSpec> {
    offered()
        .map(|spec| ToolSpec {
            name: spec.tool_name(),
            description: spec.description,
            input_schema: spec.arguments_schema.clone(),
        })
        .collect()
}

/// The operation behind a tool's name as a model said it, if it was offered.
pub fn find_tool(tool_name: &str) -> Option<&'static OperationSpec> {
    offered().find(|spec| spec.tool_name() == tool_name)
}

fn offered() -> impl Iterator<Item = &'static OperationSpec> {
    operations().iter().filter(|spec| spec.read_only && spec.offered_to_models)
}

fn table() -> Vec<OperationSpec> {
    let query = json!({
        "type": "string",
        "minLength": 1,
        "maxLength": MAX_QUERY_CHARS,
        "pattern": "\\S",
        "description": "A PromQL expression. Use only metrics and labels that the catalog lists."
    });
    let time = |description: &str| {
        json!({
            "type": "string",
            "format": "date-time",
            "maxLength": MAX_TIME_CHARS,
            "description": description
        })
    };
    vec![
        OperationSpec {
            name: METRICS_QUERY,
            description: "Evaluate a PromQL expression at one instant and return the value of each \
                          matching series. Use it for 'what is … now' or for one number over a \
                          window that the expression itself names, such as rate(x[1h]).",
            read_only: true,
            offered_to_models: true,
            arguments_schema: object(
                json!({
                    "query": query,
                    "time": time("When to evaluate, RFC 3339, for example 2026-03-01T14:00:00Z.")
                }),
                &["query", "time"],
            ),
        },
        OperationSpec {
            name: METRICS_QUERY_RANGE,
            description: "Evaluate a PromQL expression at regular steps between two instants and \
                          return the points of each matching series. Use it for how something \
                          developed over time, for peaks, and for charts. Choose a step that gives \
                          at most a few hundred points.",
            read_only: true,
            offered_to_models: true,
            arguments_schema: object(
                json!({
                    "query": query,
                    "start": time("First instant, RFC 3339."),
                    "end": time("Last instant, RFC 3339; later than start."),
                    "step_s": {
                        "type": "integer",
                        "minimum": 1,
                        "maximum": MAX_STEP_S,
                        "description": "Seconds between two points."
                    }
                }),
                &["query", "start", "end", "step_s"],
            ),
        },
        OperationSpec {
            name: METRICS_CATALOG,
            description: "List the metrics that exist, with their type, help text, labels and \
                          sample label values. Call it before writing a query for a metric or a \
                          label value that you have not seen. The answer can be long.",
            read_only: true,
            offered_to_models: true,
            arguments_schema: object(json!({}), &[]),
        },
        OperationSpec {
            name: IDENTITY_JWKS,
            description: "Fetch the public keys of the configured identity provider.",
            read_only: true,
            offered_to_models: false,
            arguments_schema: object(json!({}), &[]),
        },
    ]
}

fn object(properties: Value, required: &[&str]) -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_unique_and_fit_for_a_provider_s_tools() {
        let mut names = HashSet::new();
        for spec in operations() {
            assert!(names.insert(spec.tool_name()), "{} is there twice", spec.name);
            assert!(spec.tool_name().len() <= 64);
            assert!(
                spec.tool_name().bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'),
                "{}",
                spec.name
            );
            assert!(spec.description.ends_with('.') && spec.description.len() <= 1024);
            assert_eq!(find(spec.name).map(|found| found.name), Some(spec.name));
        }
    }

    #[test]
    fn models_are_offered_read_only_operations_that_are_for_them() {
        let offered: Vec<String> = tool_specs().into_iter().map(|tool| tool.name).collect();
        assert_eq!(offered, ["metrics_query", "metrics_query_range", "metrics_catalog"]);
        assert_eq!(find_tool("metrics_query").map(|spec| spec.name), Some(METRICS_QUERY));
        assert!(find_tool("identity_jwks").is_none());
        assert!(find_tool("metrics.query").is_none());
    }
}
