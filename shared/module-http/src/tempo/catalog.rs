//! What exists: the attributes of spans by scope, and samples of the values of those that people ask
//! about.
//!
//! Names come from Tempo's index of tags. Values of one attribute are a request each, for which Tempo
//! may have to read blocks; so a bounded number is asked for, the likeliest first, and one that cannot
//! be had does not take the others along.

use std::collections::BTreeMap;

use futures::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use module::ModuleError;
use query::{Samples, TraceCatalog};
use serde::Deserialize;
use serde_json::Value;

use super::{TempoClient, seconds};
use crate::{RequestContext, naming::MAX_NAMING_VALUES};

const WINDOW: SignedDuration = SignedDuration::from_hours(1);
const MAX_ATTRIBUTES: usize = 500;
/// So many attributes' values are asked for.
const MAX_VALUED: usize = 40;
const MAX_VALUES: usize = 20;
const MAX_VALUE_CHARS: usize = 120;
const AT_ONCE: usize = 6;
const INTRINSIC: &str = "intrinsic";

/// By which people name what they ask about.
const SERVICE: &str = "resource.service.name";
/// Ends of names whose values people say, from OpenTelemetry's conventions.
const SAID: [&str; 22] = [
    "service.name",
    "deployment.environment",
    "deployment.environment.name",
    "service.version",
    "service.namespace",
    "http.method",
    "http.request.method",
    "http.status_code",
    "http.response.status_code",
    "http.route",
    "http.target",
    "url.path",
    "db.system",
    "db.operation",
    "db.name",
    "rpc.service",
    "rpc.method",
    "messaging.system",
    "messaging.destination.name",
    "exception.type",
    "error.type",
    "peer.service",
];

#[derive(Deserialize)]
struct Tags {
    #[serde(default)]
    scopes: Vec<Scope>,
}

#[derive(Deserialize)]
struct Scope {
    name: String,
    #[serde(default)]
    tags: Vec<String>,
}

#[derive(Deserialize)]
struct TagValues {
    #[serde(default, rename = "tagValues")]
    values: Vec<TagValue>,
}

#[derive(Deserialize)]
struct TagValue {
    value: Value,
}

impl TempoClient {
    /// Lists what spans have had shortly before `now`.
    ///
    /// The result is `{"intrinsics":[…],"attributes":{"<scope>.<name>":[sample values]}}`, which
    /// [`TraceCatalog`] reads, with `"warnings":[…]` where something was left out.
    pub async fn catalog(
        &self,
        context: &RequestContext<'_>,
        now: Timestamp,
    ) -> Result<Value, ModuleError> {
        let (start, end) = seconds(now.checked_sub(WINDOW).unwrap_or(now), now);
        let period = [("start", start.as_str()), ("end", end.as_str())];
        let tags: Tags = self.get(context, "/api/v2/search/tags", &period).await?;
        let mut intrinsics = Vec::new();
        let mut names = Vec::new();
        for Scope { name: scope, tags } in tags.scopes {
            if scope == INTRINSIC {
                intrinsics = tags;
            } else {
                names.extend(tags.iter().map(|tag| format!("{scope}.{tag}")));
            }
        }
        let mut warnings = Vec::new();
        names.sort_by_key(|name| (order(name), name.clone()));
        if names.len() > MAX_ATTRIBUTES {
            warnings
                .push(format!("only {MAX_ATTRIBUTES} of {} attributes are listed", names.len()));
            names.truncate(MAX_ATTRIBUTES);
        }
        let (attributes, failed) = self.values(context, &period, names).await;
        if failed > 0 {
            warnings.push(format!("the values of {failed} attributes cannot be had"));
        }
        let mut catalog = self.result(&TraceCatalog { intrinsics, attributes })?;
        if !warnings.is_empty() {
            catalog["warnings"] = warnings.into();
        }
        Ok(catalog)
    }

    /// All attributes, the first of them with values; and of how many these cannot be had.
    async fn values(
        &self,
        context: &RequestContext<'_>,
        period: &[(&str, &str)],
        names: Vec<String>,
    ) -> (BTreeMap<String, Samples>, usize) {
        let answers: Vec<Result<(String, Samples), ModuleError>> =
            stream::iter(names.iter().take(MAX_VALUED).cloned())
                .map(|name| async move {
                    let path = format!("/api/v2/search/tag/{}/values", escaped(&name));
                    let answer: TagValues = self.get(context, &path, period).await?;
                    let values = kept(&name, answer);
                    Ok((name, Samples::Values(values)))
                })
                .buffer_unordered(AT_ONCE)
                .collect()
                .await;
        let failed = answers.iter().filter(|answer| answer.is_err()).count();
        let mut attributes: BTreeMap<String, Samples> =
            names.into_iter().map(|name| (name, Samples::default())).collect();
        attributes.extend(answers.into_iter().flatten());
        (attributes, failed)
    }
}

/// Services first, then what people say, then the rest; ids last, since nobody asks for one of a
/// sample.
fn order(name: &str) -> usize {
    let said = |end: &str| name.strip_suffix(end).is_some_and(|scope| scope.ends_with('.'));
    if name == SERVICE {
        0
    } else if let Some(place) = SAID.iter().position(|end| said(end)) {
        1 + place
    } else if name.to_ascii_lowercase().ends_with("id") {
        usize::MAX
    } else {
        1 + SAID.len()
    }
}

fn kept(name: &str, answer: TagValues) -> Vec<String> {
    let most = if name == SERVICE { MAX_NAMING_VALUES } else { MAX_VALUES };
    let text = |value: Value| match value {
        Value::String(text) => Some(text),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    };
    let mut values: Vec<String> = answer
        .values
        .into_iter()
        .filter_map(|value| text(value.value))
        .filter(|value| value.chars().count() <= MAX_VALUE_CHARS)
        .collect();
    values.sort_unstable();
    values.dedup();
    values.truncate(most);
    values
}

/// A name as one segment of a path: it may hold anything.
fn escaped(name: &str) -> String {
    let mut escaped = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'~') {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_asked_for_in_a_sensible_order() {
        let mut names = [
            "span.request_id", "span.zone", "span.http.route", "resource.service.name",
            "span.http.method", "span.myhttp.method",
        ];
        names.sort_by_key(|name| (order(name), *name));
        assert_eq!(
            names,
            [
                "resource.service.name", "span.http.method", "span.http.route",
                "span.myhttp.method", "span.zone", "span.request_id",
            ]
        );
    }

    #[test]
    fn a_name_stays_one_segment() {
        assert_eq!(escaped("span.http.route"), "span.http.route");
        assert_eq!(escaped("span.a/b?c%d é"), "span.a%2Fb%3Fc%25d%20%C3%A9");
    }
}
