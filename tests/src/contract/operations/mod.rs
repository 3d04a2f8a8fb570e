//! The operations on logs and traces, as whoever calls them relies on them: the same against the fake,
//! and against the adapter with a real Loki and a server that says what Tempo documents.

mod loki;
mod tempo;

use std::{sync::Arc, time::Duration};

use adapter::InProcess;
use jiff::{SignedDuration, Timestamp};
use kit::config::Environment;
use model::TenantId;
use module::{
    LOGS_CATALOG, LOGS_LINES, LOGS_QUERY, LOGS_QUERY_RANGE, LogLines, ModuleError, OperationCall,
    Operations, TRACES_CATALOG, TRACES_QUERY_RANGE, TRACES_SEARCH, TraceList,
};
use query::{Bounds, LogCatalog, QueryResult, ResultType, TraceCatalog};
use serde_json::{Value, json};
use testkit::FixedOperations;

const TIMEOUT: Duration = Duration::from_secs(20);

/// Operations, with a tenant that has logs and traces of `payment` in the hour before `end`.
struct Backend {
    operations: Arc<dyn Operations>,
    tenant: TenantId,
    end: Timestamp,
}

impl Backend {
    fn fake() -> Self {
        let operations = Arc::new(FixedOperations::default());
        Self { operations, tenant: "demo".parse().unwrap(), end: Timestamp::now() }
    }

    /// The adapter with these modules.
    fn adapter(environment: &[(&str, &str)], tenant: TenantId, end: Timestamp) -> Self {
        let environment: Environment = environment.iter().copied().collect();
        let config = adapter::Config::read(&environment).unwrap();
        let deps = adapter::Deps::new(&config).unwrap();
        Self { operations: Arc::new(InProcess::new(deps)), tenant, end }
    }

    fn start(&self) -> Timestamp {
        self.end - SignedDuration::from_hours(1)
    }

    async fn run(&self, operation: &str, arguments: Value) -> Result<Value, ModuleError> {
        let call = OperationCall {
            tenant: self.tenant.clone(),
            operation: operation.to_owned(),
            arguments,
            request_id: "req_contract".to_owned(),
            traceparent: None,
            timeout: TIMEOUT,
        };
        self.operations.run(&call).await
    }

    /// The result in the form that the operation documents.
    async fn read<T: serde::de::DeserializeOwned>(&self, operation: &str, arguments: Value) -> T {
        let result = self.run(operation, arguments).await;
        let value = result.unwrap_or_else(|error| panic!("{operation}: {error:?}"));
        serde_json::from_value(value).unwrap_or_else(|error| panic!("{operation}: {error}"))
    }

    fn range(&self, query: &str) -> Value {
        json!({ "query": query, "start": self.start(), "end": self.end })
    }

    fn stepped(&self, query: &str) -> Value {
        json!({ "query": query, "start": self.start(), "end": self.end, "step_s": 300 })
    }

    fn instant(&self, query: &str) -> Value {
        json!({ "query": query, "time": self.end })
    }
}

async fn logs_have_their_forms(backend: &Backend) {
    let catalog: LogCatalog = backend.read(LOGS_CATALOG, json!({})).await;
    assert!(catalog.labels["service"].contains(&"payment".to_owned()), "{catalog:?}");
    assert!(catalog.fields.contains_key("level") && catalog.fields.contains_key("status"));
    let query = r#"{service="payment"} | json | level="error""#;
    query::check_logql(query, &catalog, &Bounds::default()).unwrap();

    let mut arguments = backend.range(query);
    arguments["limit"] = json!(5);
    let found: LogLines = backend.read(LOGS_LINES, arguments).await;
    assert!((1..=5).contains(&found.lines.len()), "{found:?}");
    for line in &found.lines {
        assert_eq!(line.labels["service"], "payment");
        assert_eq!(line.fields["level"], "error");
        assert!(line.line.contains("error"), "{line:?}");
    }

    let rate = format!("sum(count_over_time({query} [1h]))");
    let now: QueryResult = backend.read(LOGS_QUERY, backend.instant(&rate)).await;
    assert_eq!((now.result_type, now.series.len()), (ResultType::Vector, 1));
    assert!(now.series[0].points[0].value.unwrap() > 0.0);
    let over: QueryResult = backend.read(LOGS_QUERY_RANGE, backend.stepped(&rate)).await;
    assert_eq!(over.result_type, ResultType::Matrix);
    assert!(over.series[0].points.len() > 1);
}

async fn traces_have_their_forms(backend: &Backend) {
    let catalog: TraceCatalog = backend.read(TRACES_CATALOG, json!({})).await;
    assert!(catalog.attributes["resource.service.name"].values().contains(&"payment".to_owned()));
    assert!(catalog.intrinsics.contains(&"status".to_owned()));
    let query = r#"{ resource.service.name = "payment" && status = error }"#;
    query::check_traceql(query, &catalog, &Bounds::default()).unwrap();

    let found: TraceList = backend.read(TRACES_SEARCH, backend.range(query)).await;
    assert_eq!(found.traces[0].root_service, "payment");
    assert_eq!(found.traces[0].spans[0].attributes["status"], "error");
    let rate = format!("{query} | rate()");
    let over: QueryResult = backend.read(TRACES_QUERY_RANGE, backend.stepped(&rate)).await;
    assert_eq!(over.result_type, ResultType::Matrix);
    assert!(over.series[0].points.len() > 1);
}

async fn wrong_arguments_are_refused(backend: &Backend) {
    let mut endless = backend.range(r#"{service="payment"}"#);
    endless["start"] = json!("2020-01-01T00:00:00Z");
    let mut many = backend.range("{ }");
    many["limit"] = json!(100_000);
    for (operation, arguments) in [
        (LOGS_LINES, endless),
        (LOGS_LINES, json!({})),
        (LOGS_QUERY, json!({"query": "", "time": backend.end})),
        (TRACES_SEARCH, many),
        (TRACES_QUERY_RANGE, backend.range("{ } | rate()")),
    ] {
        let error = backend.run(operation, arguments.clone()).await.unwrap_err();
        let refused = matches!(&error, ModuleError::InvalidArguments { operation: named, .. } if named == operation);
        assert!(refused, "{operation} {arguments}: {error:?}");
    }
}

#[tokio::test]
async fn the_fake_keeps_the_contract() {
    let backend = Backend::fake();
    logs_have_their_forms(&backend).await;
    traces_have_their_forms(&backend).await;
    wrong_arguments_are_refused(&backend).await;
}
