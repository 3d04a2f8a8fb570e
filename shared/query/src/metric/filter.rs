//! What a question is narrowed to and told apart by, and which labels of a series say so.

use crate::{
    Catalog, PlanError,
    catalog::{
        Labels, METHOD_LABELS, ROUTE_LABELS, environment_label, first_label, instance_label,
        pods_of, service_label, value_like, version_label,
    },
    promql::{Matcher, Selector, escape_regex},
    text,
};

/// What a question is narrowed to. Services are spelled as the catalog has them.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Filters {
    pub(crate) services: Vec<String>,
    pub(crate) versions: Vec<String>,
    pub(crate) environments: Vec<String>,
    pub(crate) path: Option<String>,
    pub(crate) method: Option<String>,
}

/// What rows of a result are told apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dimension {
    Service,
    Version,
    Environment,
    Route,
    Instance,
}

impl Dimension {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Version => "version",
            Self::Environment => "environment",
            Self::Route => "route",
            Self::Instance => "instance",
        }
    }

    /// The label of a series that holds this dimension.
    pub(crate) fn label<'a>(
        self,
        labels: &'a Labels,
        filters: &Filters,
        catalog: &Catalog,
    ) -> Option<&'a str> {
        match self {
            Self::Service => match filters.services.first() {
                Some(service) => service_label(labels, service).map(|(label, _)| label),
                None => catalog.service_label(labels),
            },
            Self::Version => version_label(labels),
            Self::Environment => environment_label(labels),
            Self::Route => first_label(labels, &ROUTE_LABELS),
            Self::Instance => instance_label(labels),
        }
    }
}

/// What a question is about, and the catalog that must be able to tell.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub(crate) filters: &'a Filters,
    pub(crate) by: &'a [Dimension],
    pub(crate) catalog: &'a Catalog,
}

impl Scope<'_> {
    /// The selector of a series narrowed to what was asked; an error when the series cannot tell.
    pub(crate) fn select(&self, series: &str) -> Result<Selector, PlanError> {
        self.filters.select(series, self.by, self.catalog)
    }

    /// The labels by which the rows of a series are told apart.
    pub(crate) fn group(&self, series: &str) -> Result<Vec<String>, PlanError> {
        self.filters.group(series, self.by, self.catalog)
    }
}

impl Filters {
    /// The selector of a series narrowed to what was asked; an error when the series cannot tell.
    pub(crate) fn select(
        &self,
        series: &str,
        by: &[Dimension],
        catalog: &Catalog,
    ) -> Result<Selector, PlanError> {
        let none = Labels::new();
        let labels = catalog.labels(series).unwrap_or(&none);
        let mut matchers = Vec::new();
        self.match_service(series, labels, by, &mut matchers)?;
        for (what, wanted, label) in [
            ("version", &self.versions, version_label(labels)),
            ("environment", &self.environments, environment_label(labels)),
        ] {
            if wanted.is_empty() {
                continue;
            }
            let label = label.ok_or_else(|| no_label(what, series))?;
            let known = &labels[label];
            let values = match what {
                "version" => wanted.iter().map(|version| version_of(known, version)).collect(),
                _ => resolve(what, series, known, wanted, environment_like)?,
            };
            matchers.push(Matcher::one_of(label, &values));
        }
        for (what, wanted, names) in [
            ("endpoint", &self.path, &ROUTE_LABELS[..]),
            ("method", &self.method, &METHOD_LABELS[..]),
        ] {
            let Some(wanted) = wanted else { continue };
            let label = first_label(labels, names).ok_or_else(|| no_label(what, series))?;
            let wanted = std::slice::from_ref(wanted);
            let values = resolve(what, series, &labels[label], wanted, value_like)?;
            matchers.push(Matcher::one_of(label, &values));
        }
        matchers.extend(self.counted_once(labels, by, catalog));
        Ok(Selector::new(series, matchers))
    }

    /// The labels by which the rows of a series are told apart.
    pub(crate) fn group(
        &self,
        series: &str,
        by: &[Dimension],
        catalog: &Catalog,
    ) -> Result<Vec<String>, PlanError> {
        let none = Labels::new();
        let labels = catalog.labels(series).unwrap_or(&none);
        by.iter()
            .map(|dimension| {
                dimension
                    .label(labels, self, catalog)
                    .map(str::to_owned)
                    .ok_or_else(|| no_label(dimension.name(), series))
            })
            .collect()
    }

    fn match_service(
        &self,
        series: &str,
        labels: &Labels,
        by: &[Dimension],
        matchers: &mut Vec<Matcher>,
    ) -> Result<(), PlanError> {
        let Some(first) = self.services.first() else { return Ok(()) };
        let not_recorded = |service: &str| PlanError::NotRecorded {
            metric: series.to_owned(),
            service: service.to_owned(),
        };
        if let Some((label, _)) = service_label(labels, first) {
            let values = self
                .services
                .iter()
                .map(|service| {
                    value_like(&labels[label], service)
                        .map(str::to_owned)
                        .ok_or_else(|| not_recorded(service))
                })
                .collect::<Result<Vec<_>, _>>()?;
            matchers.push(Matcher::one_of(label, &values));
            return Ok(());
        }
        match pods_of(labels, first) {
            Some(label) if self.services.len() == 1 && !by.contains(&Dimension::Service) => {
                // The names that Deployments and StatefulSets give, so that `payment` does not
                // take in the pods of `payment-worker`.
                let made_by = format!("{}-([0-9a-f]+-[0-9a-z]+|[0-9]+)", escape_regex(first));
                matchers.push(Matcher::pattern(label, &made_by));
                Ok(())
            }
            _ => Err(not_recorded(first)),
        }
    }

    /// Matchers against counting twice: Istio records each request at both of its ends, and
    /// cAdvisor has a row for the pod around the containers.
    /// <https://istio.io/latest/docs/reference/config/metrics/>
    fn counted_once(&self, labels: &Labels, by: &[Dimension], catalog: &Catalog) -> Vec<Matcher> {
        let mut matchers = Vec::new();
        let ends = labels.get("reporter");
        if ends.is_some_and(|ends| ends.iter().any(|end| end == "destination")) {
            matchers.push(Matcher::equal("reporter", "destination"));
        }
        let by_container = by.iter().any(|it| it.label(labels, self, catalog) == Some("container"));
        if by_container && self.services.is_empty() {
            matchers.push(Matcher::not_equal("container", ""));
        }
        matchers
    }
}

fn no_label(what: &'static str, series: &str) -> PlanError {
    PlanError::NoLabel { what, metric: series.to_owned() }
}

fn resolve(
    what: &'static str,
    series: &str,
    values: &[String],
    wanted: &[String],
    find: impl for<'a> Fn(&'a [String], &str) -> Option<&'a str>,
) -> Result<Vec<String>, PlanError> {
    wanted
        .iter()
        .map(|name| {
            find(values, name).map(str::to_owned).ok_or_else(|| PlanError::UnknownValue {
                what,
                name: name.clone(),
                metric: series.to_owned(),
                values: values.to_vec(),
            })
        })
        .collect()
}

/// The version as the label writes it. One that is not there is kept: the catalog knows what runs
/// now, and the version asked about may be gone since.
fn version_of(known: &[String], version: &str) -> String {
    version_like(known, version).map_or_else(
        || {
            let bare = version.trim_start_matches(['v', 'V']);
            let with_v = known.iter().all(|known| known.starts_with('v')) && !known.is_empty();
            if with_v { format!("v{bare}") } else { bare.to_owned() }
        },
        str::to_owned,
    )
}

/// `2.0` finds `2.0`, `v2.0`, and `2.0.1` where that is the only one of its line.
fn version_like<'a>(values: &'a [String], version: &str) -> Option<&'a str> {
    let bare = |text: &str| text.trim_start_matches(['v', 'V']).to_owned();
    let wanted = bare(version);
    // An image names its version behind the last colon.
    let own = |value: &str| bare(value.rsplit(':').next().unwrap_or(value));
    let exact = values.iter().find(|value| own(value) == wanted);
    exact.map(String::as_str).or_else(|| {
        let prefix = format!("{wanted}.");
        let mut of_line = values.iter().filter(|value| own(value).starts_with(&prefix));
        let first = of_line.next()?;
        of_line.next().is_none().then_some(first.as_str())
    })
}

/// `production` finds `prod`, and the other way round.
fn environment_like<'a>(values: &'a [String], environment: &str) -> Option<&'a str> {
    value_like(values, environment).or_else(|| {
        let names = other_names_of_environment(&text::key(environment));
        values.iter().find(|value| names.contains(&text::key(value).as_str())).map(String::as_str)
    })
}

/// What else an environment is called: `prod` for `production`.
pub(crate) fn other_names_of_environment(name: &str) -> &'static [&'static str] {
    const SAME: [&[&str]; 4] = [
        &["production", "prod", "prd", "live"],
        &["staging", "stage", "stg"],
        &["development", "dev"],
        &["testing", "test", "qa"],
    ];
    SAME.into_iter().find(|names| names.contains(&name)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    fn shop_filters() -> Filters {
        Filters { services: vec!["payment".to_owned()], ..Filters::default() }
    }

    #[test]
    fn selectors_use_the_labels_that_the_series_has() {
        let istio = fixtures::istio();
        for (series, expected) in [
            (
                "istio_requests_total",
                r#"istio_requests_total{destination_service_name="payment",reporter="destination"}"#,
            ),
            (
                "container_cpu_usage_seconds_total",
                r#"container_cpu_usage_seconds_total{container="payment"}"#,
            ),
        ] {
            let selector = shop_filters().select(series, &[], &istio).unwrap();
            assert_eq!(selector.to_string(), expected);
        }
        let error = shop_filters().select("node_cpu_seconds_total", &[], &istio).unwrap_err();
        assert!(matches!(error, PlanError::NotRecorded { .. }));
    }

    #[test]
    fn several_services_are_one_pattern() {
        let mut filters = shop_filters();
        filters.services.push("api-gateway".to_owned());
        let selector = filters.select("build_info", &[Dimension::Service], &fixtures::shop());
        assert_eq!(selector.unwrap().to_string(), r#"build_info{service=~"payment|api-gateway"}"#);
    }

    #[test]
    fn versions_environments_and_endpoints_are_found_or_refused() {
        let versions: Vec<String> =
            ["v2.1", "1.4.2", "2.0.1", "repo/app:3.0"].map(str::to_owned).to_vec();
        for (asked, expected) in [
            ("2.1", Some("v2.1")),
            ("v1.4.2", Some("1.4.2")),
            ("2.0", Some("2.0.1")),
            ("3.0", Some("repo/app:3.0")),
            ("9", None),
        ] {
            assert_eq!(version_like(&versions, asked), expected, "{asked}");
        }
        assert_eq!(version_of(&versions, "v9"), "9");
        assert_eq!(version_of(&["v1".to_owned()], "9"), "v9");
        let spring = fixtures::spring();
        let filters = Filters {
            services: vec!["order-service".to_owned()],
            environments: vec!["prod".to_owned()],
            path: Some("/orders".to_owned()),
            method: Some("POST".to_owned()),
            ..Filters::default()
        };
        let series = "http_server_requests_seconds_count";
        assert_eq!(
            filters.select(series, &[], &spring).unwrap().to_string(),
            r#"http_server_requests_seconds_count{application="order-service",env="production",uri="/orders",method="POST"}"#
        );
        let elsewhere = Filters { path: Some("/nowhere".to_owned()), ..filters };
        let error = elsewhere.select(series, &[], &spring).unwrap_err();
        assert!(matches!(error, PlanError::UnknownValue { what: "endpoint", .. }), "{error}");
    }
}
