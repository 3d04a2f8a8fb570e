//! Two tenants, who must not see anything of each other: by no route, id, cursor, stream or key.

use std::sync::Arc;

use contract::routes::{ROUTES, Route, RouteId};
use llm::Limits;
use model::Role;
use proptest::prelude::*;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use testkit::FixedOperations;

use crate::support::{
    app::{App, tenant},
    client::{Client, answer},
};

/// A tenant with things of its own.
struct Owner {
    client: Client,
    /// In everything that the tenant said.
    marker: String,
    session: String,
    stream: String,
    session_cursor: String,
    message_cursor: String,
}

impl Owner {
    async fn new(app: &App, name: &str) -> Self {
        let client = app.client(&tenant(), Role::Admin).await;
        let marker = format!("marker-of-{name}");
        let question = json!({ "content": format!("error rate of payment? {marker}") });
        let events = client.stream(&question).await;
        let start = events[0].json();
        let session = start["session_id"].as_str().unwrap().to_owned();
        for _ in 0..2 {
            let body = json!({ "name": marker, "metadata": { "marker": marker } });
            let (status, _) = client.post("/api/v1/sessions", &body).await;
            assert_eq!(status, 201);
        }
        let cursor = |page: Value| page["next_cursor"].as_str().unwrap().to_owned();
        let (_, sessions) = client.get("/api/v1/sessions?limit=1").await;
        let (_, messages) = client.get(&format!("/api/v1/messages/{session}?limit=1")).await;
        Self {
            marker,
            session,
            stream: start["stream_id"].as_str().unwrap().to_owned(),
            session_cursor: cursor(sessions),
            message_cursor: cursor(messages),
            client,
        }
    }

    /// Everything that would give the tenant away.
    fn traces(&self) -> [&str; 3] {
        [&self.marker, &self.session, &self.stream]
    }
}

/// One attempt of one tenant at what is the other's.
#[derive(Debug, Clone)]
struct Attempt {
    route: &'static Route,
    with_cursor: bool,
    claim: Option<String>,
}

fn attempts() -> impl Strategy<Value = Attempt> {
    let routes: Vec<&'static Route> =
        ROUTES.iter().filter(|route| route.permission.is_some()).collect();
    (prop::sample::select(routes), any::<bool>(), prop::option::of("[a-c]"))
        .prop_map(|(route, with_cursor, claim)| Attempt { route, with_cursor, claim })
}

impl Attempt {
    async fn make(&self, intruder: &Client, owner: &Owner) -> (StatusCode, String) {
        let mut path = self.route.path.replace("{session_id}", &owner.session).replace(
            "{id}",
            match self.route.id {
                RouteId::FollowStream => &owner.stream,
                _ => &owner.session,
            },
        );
        if self.with_cursor {
            let cursor = match self.route.id {
                RouteId::ListMessages => &owner.message_cursor,
                _ => &owner.session_cursor,
            };
            path = format!("{path}?cursor={cursor}&after=1");
        }
        let method: Method = self.route.method.parse().unwrap();
        let mut request = intruder.request(method, &path);
        if let Some(claim) = &self.claim {
            request = request.header("Idempotency-Key", claim);
        }
        request = match self.route.id {
            RouteId::PostMessage | RouteId::StreamMessage => {
                request.json(&json!({ "session_id": owner.session, "content": "hello" }))
            }
            RouteId::CreateSession | RouteId::UpdateSession => request.json(&json!({})),
            RouteId::Understand => {
                request.json(&json!({ "session_id": owner.session, "text": "and its p95?" }))
            }
            RouteId::TranslateQuery => request.json(&json!({
                "session_id": owner.session, "text": "and its p95?", "language": "promql",
            })),
            RouteId::QueryMetrics | RouteId::QueryLogs | RouteId::QueryTraces => request
                .json(&json!({ "session_id": owner.session, "natural_language": "and its p95?" })),
            _ => request,
        };
        let response = request.send().await.unwrap();
        (response.status(), response.text().await.unwrap())
    }

    /// What the route may answer to somebody who asks for another's: nothing there, or only their
    /// own.
    fn allows(&self, status: StatusCode) -> bool {
        match self.route.id {
            RouteId::CreateSession => status == 201,
            RouteId::ListSessions => status == if self.with_cursor { 400 } else { 200 },
            // The cursor is looked at before the session.
            RouteId::ListMessages if self.with_cursor => status == 400,
            _ => status == 404,
        }
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn no_attempt_shows_anything_of_another_tenant() {
    let runtime = runtime();
    let (app, owner, intruder) = runtime.block_on(async {
        let operations = Arc::new(FixedOperations::default());
        let app = App::in_memory(Vec::new(), Limits::default(), operations).await;
        let owner = Owner::new(&app, "owner").await;
        let intruder = Owner::new(&app, "intruder").await;
        (app, owner, intruder)
    });
    let mut runner = proptest::test_runner::TestRunner::default();
    runner
        .run(&attempts(), |attempt| {
            let (status, body) = runtime.block_on(attempt.make(&intruder.client, &owner));
            prop_assert!(attempt.allows(status), "{status} {body}");
            for trace in owner.traces() {
                prop_assert!(!body.contains(trace), "{body}");
            }
            Ok(())
        })
        .unwrap();
    runtime.block_on(untouched(&owner));
    drop(app);
}

#[tokio::test]
async fn every_route_of_the_table_keeps_tenants_apart_on_the_local_cloud() {
    let app = App::on_local_cloud(&[]).await;
    let owner = Owner::new(&app, "owner").await;
    let intruder = Owner::new(&app, "intruder").await;
    for route in ROUTES.iter().filter(|route| route.permission.is_some()) {
        for with_cursor in [false, true] {
            let attempt = Attempt { route, with_cursor, claim: Some("same".to_owned()) };
            let (status, body) = attempt.make(&intruder.client, &owner).await;
            assert!(attempt.allows(status), "{attempt:?}: {status} {body}");
            for trace in owner.traces() {
                assert!(!body.contains(trace), "{attempt:?}: {body}");
            }
        }
    }
    untouched(&owner).await;
}

/// The owner still has everything.
async fn untouched(owner: &Owner) {
    let (status, messages) = owner.client.get(&format!("/api/v1/messages/{}", owner.session)).await;
    assert_eq!(status, 200);
    assert_eq!(messages["items"].as_array().unwrap().len(), 2);
    assert!(!owner.client.resume(&owner.stream, 0).await.is_empty());
}

/// The tenant stands in the key's id, where anybody can write it: it is the secret that counts.
#[tokio::test]
async fn a_key_does_not_open_another_tenant() {
    let operations = Arc::new(FixedOperations::default());
    let app = App::in_memory(Vec::new(), Limits::default(), operations).await;
    let owner = tenant();
    let own = app.client(&owner, Role::Admin).await;
    let other = app.client(&tenant(), Role::Admin).await;
    let [_, other_id, other_secret] = split(&other.key);
    let [_, own_id, own_secret] = split(&own.key);
    let other_serial = other_id.rsplit('-').next().unwrap();
    for forged in [
        format!("cpk_{owner}-{other_serial}_{other_secret}"),
        format!("cpk_{own_id}_{other_secret}"),
        format!("cpk_{other_id}_{own_secret}"),
    ] {
        let client = Client::new(&app.url, &forged);
        let (status, body) = answer(client.request(Method::GET, "/api/v1/sessions")).await;
        assert_eq!(status, 401, "{body}");
        assert_eq!(body["error"]["code"], "UNAUTHENTICATED");
    }
}

fn split(key: &str) -> [&str; 3] {
    key.split('_').collect::<Vec<_>>().try_into().unwrap()
}
