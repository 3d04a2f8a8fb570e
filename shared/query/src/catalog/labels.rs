//! Which label plays which part. Label names differ between exporters; the tables here say which
//! names can mean a service, a version, a status, and the values in the data decide.

use std::collections::{BTreeMap, BTreeSet};

use crate::text;

/// Sample values by label name.
pub(crate) type Labels = BTreeMap<String, Vec<String>>;

/// Labels that name a service, in tiers: a later tier counts only where an earlier one is absent,
/// because `job` often names the scrape configuration and `container` also names side cars.
const SERVICE_TIERS: [&[&str]; 3] = [
    &[
        "service",
        "service_name",
        "exported_service",
        "destination_service_name",
        "destination_app",
        "destination_workload",
        "app",
        "application",
        "app_kubernetes_io_name",
        "microservice",
        "svc",
    ],
    &["deployment", "workload", "container", "component"],
    &["job"],
];
const VERSION_LABELS: [&str; 8] = [
    "version",
    "app_version",
    "service_version",
    "destination_version",
    "release",
    "app_kubernetes_io_version",
    "image_tag",
    "image",
];
pub(crate) const ENVIRONMENT_LABELS: [&str; 6] =
    ["environment", "env", "deployment_environment", "stage", "exported_environment", "tier"];
pub(crate) const STATUS_LABELS: [&str; 8] = [
    "status",
    "status_code",
    "code",
    "http_status",
    "http_status_code",
    "http_response_status_code",
    "response_code",
    "grpc_code",
];
/// Labels that say in words how a request ended.
pub(crate) const OUTCOME_LABELS: [&str; 6] =
    ["outcome", "result", "status", "grpc_code", "success", "error"];
pub(crate) const ROUTE_LABELS: [&str; 10] = [
    "route", "http_route", "uri", "path", "endpoint", "handler", "request_path",
    "request_operation", "grpc_method", "operation",
];
pub(crate) const METHOD_LABELS: [&str; 4] =
    ["method", "http_method", "http_request_method", "verb"];
pub(crate) const INSTANCE_LABELS: [&str; 4] = ["pod", "instance", "host", "node"];

/// The first of `names` that the series has.
pub(crate) fn first_label<'a>(labels: &'a Labels, names: &[&str]) -> Option<&'a str> {
    names.iter().find_map(|name| labels.get_key_value(*name)).map(|(name, _)| name.as_str())
}

pub(crate) fn version_label(labels: &Labels) -> Option<&str> {
    first_label(labels, &VERSION_LABELS)
}

pub(crate) fn environment_label(labels: &Labels) -> Option<&str> {
    first_label(labels, &ENVIRONMENT_LABELS)
}

pub(crate) fn instance_label(labels: &Labels) -> Option<&str> {
    first_label(labels, &INSTANCE_LABELS)
}

/// The label, best tier first, that has one of these services among its values.
pub(super) fn naming<'a>(labels: &'a Labels, services: &[String]) -> Option<&'a str> {
    SERVICE_TIERS.iter().flat_map(|tier| tier.iter()).find_map(|name| {
        let (label, values) = labels.get_key_value(*name)?;
        let named = |value: &String| services.binary_search(value).is_ok();
        values.iter().any(named).then_some(label.as_str())
    })
}

/// The label and the value, as the data spells it, that name `service` on a series.
pub(crate) fn service_label<'a>(labels: &'a Labels, service: &str) -> Option<(&'a str, &'a str)> {
    SERVICE_TIERS.iter().flat_map(|tier| tier.iter()).find_map(|name| {
        let (label, values) = labels.get_key_value(*name)?;
        let value = value_like(values, service)?;
        Some((label.as_str(), value))
    })
}

/// The value that is `name`, exactly or but for style.
pub(crate) fn value_like<'a>(values: &'a [String], name: &str) -> Option<&'a str> {
    let key = text::key(name);
    values
        .iter()
        .find(|value| *value == name)
        .or_else(|| values.iter().find(|value| text::key(value) == key))
        .map(String::as_str)
}

/// The label that holds names of pods of `service`, made by a Deployment
/// (`payment-6d5f9c7b8-x2x4v`) or a StatefulSet (`payment-0`).
pub(crate) fn pods_of<'a>(labels: &'a Labels, service: &str) -> Option<&'a str> {
    let (label, values) = labels.get_key_value("pod")?;
    let is_pod = |value: &String| {
        let Some(rest) = value.strip_prefix(service).and_then(|rest| rest.strip_prefix('-')) else {
            return false;
        };
        match rest.split_once('-') {
            None => !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()),
            Some((hash, id)) => {
                !hash.is_empty()
                    && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
                    && !id.is_empty()
                    && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
            }
        }
    };
    values.iter().any(is_pod).then_some(label.as_str())
}

/// The services of a catalog: the values of the first tier of labels that has any.
pub(super) fn services(series: &BTreeMap<String, Labels>) -> Vec<String> {
    for tier in SERVICE_TIERS {
        let found: BTreeSet<&String> = series
            .values()
            .flat_map(|labels| tier.iter().filter_map(|name| labels.get(*name)))
            .flatten()
            .filter(|value| !value.is_empty() && *value != "unknown")
            .collect();
        if !found.is_empty() {
            return found.into_iter().cloned().collect();
        }
    }
    Vec::new()
}

/// How the data spells each service, by the form in which names are compared: as the best tier of
/// labels does, and in it the first spelling by name.
pub(super) fn spellings(series: &BTreeMap<String, Labels>) -> BTreeMap<String, String> {
    let mut spellings = BTreeMap::new();
    for tier in SERVICE_TIERS {
        let values: BTreeSet<&String> = series
            .values()
            .flat_map(|labels| tier.iter().filter_map(|name| labels.get(*name)))
            .flatten()
            .filter(|value| !value.is_empty())
            .collect();
        for value in values {
            spellings.entry(text::key(value)).or_insert_with(|| value.clone());
        }
    }
    spellings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(pairs: &[(&str, &[&str])]) -> Labels {
        pairs
            .iter()
            .map(|(name, values)| {
                ((*name).to_owned(), values.iter().map(|value| (*value).to_owned()).collect())
            })
            .collect()
    }

    #[test]
    fn the_value_decides_which_label_names_the_service() {
        let both = labels(&[("service", &["metrics"]), ("container", &["payment", "proxy"])]);
        assert_eq!(service_label(&both, "payment"), Some(("container", "payment")));
        assert_eq!(service_label(&both, "checkout"), None);
    }

    #[test]
    fn a_job_names_a_service_only_where_nothing_better_does() {
        let series = |pairs: &[(&str, &[&str])]| BTreeMap::from([("m".to_owned(), labels(pairs))]);
        assert_eq!(services(&series(&[("job", &["shop"]), ("service", &["auth"])])), ["auth"]);
        assert_eq!(services(&series(&[("job", &["shop"])])), ["shop"]);
    }

    #[test]
    fn pods_belong_to_the_service_that_made_them() {
        let pods = labels(&[("pod", &["payment-worker-6d5f9c7b8-x2x4v", "cart-0"])]);
        assert_eq!(pods_of(&pods, "payment"), None);
        assert_eq!(pods_of(&pods, "payment-worker"), Some("pod"));
        assert_eq!(pods_of(&pods, "cart"), Some("pod"));
    }
}
