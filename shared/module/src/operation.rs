//! The table of operations. Nothing is run that is not in it.

use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::arguments::{MAX_LINES, MAX_QUERY_CHARS, MAX_STEP_S, MAX_TIME_CHARS, MAX_TRACES};

/// `{query, time}` → a query result at one instant.
pub const METRICS_QUERY: &str = "metrics.query";
/// `{query, start, end, step_s}` → a query result over time.
pub const METRICS_QUERY_RANGE: &str = "metrics.query_range";
/// `{}` → which metrics exist, with their types, labels and sample values.
pub const METRICS_CATALOG: &str = "metrics.catalog";
/// `{query, time}` → a query result at one instant, of a LogQL query that counts or measures.
pub const LOGS_QUERY: &str = "logs.query";
/// `{query, start, end, step_s}` → a query result over time, of a LogQL query that counts or
/// measures. Loki moves the points to multiples of the step: for one number about a period, ask
/// [`LOGS_QUERY`] at its end.
pub const LOGS_QUERY_RANGE: &str = "logs.query_range";
/// `{query, start, end, limit?, direction?}` → [`crate::LogLines`], of a LogQL query that selects
/// lines.
pub const LOGS_LINES: &str = "logs.lines";
/// `{}` → which log streams exist, by their labels, and what their lines hold.
pub const LOGS_CATALOG: &str = "logs.catalog";
/// `{query, start, end, limit?}` → [`crate::TraceList`], of a TraceQL query that selects spans.
pub const TRACES_SEARCH: &str = "traces.search";
/// `{query, start, end, step_s}` → a query result over time, of a TraceQL query that counts or
/// measures.
pub const TRACES_QUERY_RANGE: &str = "traces.query_range";
/// `{}` → which attributes spans have, with sample values.
pub const TRACES_CATALOG: &str = "traces.catalog";
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
    [metrics(), logs(), traces(), identity()].concat()
}

fn metrics() -> Vec<OperationSpec> {
    let query = query("A PromQL expression. Use only metrics and labels that the catalog lists.");
    vec![
        OperationSpec {
            name: METRICS_QUERY,
            description: "Evaluate a PromQL expression at one instant and return the value of each \
                          matching series. Use it for 'what is … now' or for one number over a \
                          window that the expression itself names, such as rate(x[1h]).",
            read_only: true,
            offered_to_models: true,
            arguments_schema: instant(&query),
        },
        OperationSpec {
            name: METRICS_QUERY_RANGE,
            description: "Evaluate a PromQL expression at regular steps between two instants and \
                          return the points of each matching series. Use it for how something \
                          developed over time, for peaks, and for charts. Choose a step that gives \
                          at most a few hundred points.",
            read_only: true,
            offered_to_models: true,
            arguments_schema: range(&query),
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
    ]
}

// Those on logs and traces are not offered to models until what a model writes in their languages
// is held to their catalogs, as its PromQL is.

fn logs() -> Vec<OperationSpec> {
    let query = query("A LogQL query. Use only stream labels and fields that the catalog lists.");
    vec![
        OperationSpec {
            name: LOGS_QUERY,
            description: "Evaluate a LogQL metric query, such as count_over_time, at one instant \
                          and return the value of each matching series.",
            read_only: true,
            offered_to_models: false,
            arguments_schema: instant(&query),
        },
        OperationSpec {
            name: LOGS_QUERY_RANGE,
            description: "Evaluate a LogQL metric query at regular steps between two instants and \
                          return the points of each matching series.",
            read_only: true,
            offered_to_models: false,
            arguments_schema: range(&query),
        },
        OperationSpec {
            name: LOGS_LINES,
            description: "Find the log lines that a LogQL query selects between two instants, the \
                          newest first unless direction is forward.",
            read_only: true,
            offered_to_models: false,
            arguments_schema: object(
                json!({
                    "query": query,
                    "start": time("First instant, RFC 3339."),
                    "end": time("Last instant, RFC 3339; later than start."),
                    "limit": limit(MAX_LINES, "At most so many lines; 100 if not given."),
                    "direction": {
                        "type": "string",
                        "enum": ["backward", "forward"],
                        "description": "backward begins with the newest line, forward with the oldest."
                    }
                }),
                &["query", "start", "end"],
            ),
        },
        OperationSpec {
            name: LOGS_CATALOG,
            description: "List the labels of the log streams that exist, with sample values, how \
                          their lines are written, and which fields the lines hold.",
            read_only: true,
            offered_to_models: false,
            arguments_schema: object(json!({}), &[]),
        },
    ]
}

fn traces() -> Vec<OperationSpec> {
    let query = query("A TraceQL query. Use only attributes that the catalog lists.");
    vec![
        OperationSpec {
            name: TRACES_SEARCH,
            description: "Find the traces of which spans match a TraceQL query between two \
                          instants.",
            read_only: true,
            offered_to_models: false,
            arguments_schema: object(
                json!({
                    "query": query,
                    "start": time("First instant, RFC 3339."),
                    "end": time("Last instant, RFC 3339; later than start."),
                    "limit": limit(MAX_TRACES, "At most so many traces; 20 if not given.")
                }),
                &["query", "start", "end"],
            ),
        },
        OperationSpec {
            name: TRACES_QUERY_RANGE,
            description: "Evaluate a TraceQL metrics query, such as rate() or quantile_over_time, \
                          at regular steps between two instants and return the points of each \
                          series.",
            read_only: true,
            offered_to_models: false,
            arguments_schema: range(&query),
        },
        OperationSpec {
            name: TRACES_CATALOG,
            description: "List the attributes that spans have, with sample values.",
            read_only: true,
            offered_to_models: false,
            arguments_schema: object(json!({}), &[]),
        },
    ]
}

fn identity() -> Vec<OperationSpec> {
    vec![OperationSpec {
        name: IDENTITY_JWKS,
        description: "Fetch the public keys of the configured identity provider.",
        read_only: true,
        offered_to_models: false,
        arguments_schema: object(json!({}), &[]),
    }]
}

fn query(description: &str) -> Value {
    json!({
        "type": "string",
        "minLength": 1,
        "maxLength": MAX_QUERY_CHARS,
        "pattern": "\\S",
        "description": description
    })
}

fn time(description: &str) -> Value {
    json!({
        "type": "string",
        "format": "date-time",
        "maxLength": MAX_TIME_CHARS,
        "description": description
    })
}

fn limit(maximum: u64, description: &str) -> Value {
    json!({ "type": "integer", "minimum": 1, "maximum": maximum, "description": description })
}

/// The arguments of a query that is evaluated once.
fn instant(query: &Value) -> Value {
    object(
        json!({
            "query": query,
            "time": time("When to evaluate, RFC 3339, for example 2026-03-01T14:00:00Z.")
        }),
        &["query", "time"],
    )
}

/// The arguments of a query that is evaluated at regular steps.
fn range(query: &Value) -> Value {
    object(
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
    )
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
        for tool in ["identity_jwks", "logs_lines", "traces_search"] {
            assert!(find_tool(tool).is_none(), "{tool}");
        }
        assert!(find_tool("metrics.query").is_none());
    }
}
