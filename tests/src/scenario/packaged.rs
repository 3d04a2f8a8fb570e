//! The functions as they are deployed: packaged, behind the HTTP API and the Function URL that the
//! template makes, each with the role that the template gives it.
//!
//! What the local cloud does not show: it answers a streamed request only when the stream is
//! complete.

use std::{collections::BTreeMap, path::Path, process::Output};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use chat_edge::Cloud;
use jiff::Timestamp;
use local::{
    demo,
    deploy::{Deployment, Outputs, deploy},
    keys,
    services::{Service, ministack, python},
};
use model::{Role, TenantId};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    process::Command,
    sync::OnceCell,
};

use crate::support::{
    app::tenant,
    client::{Client, answer},
    shared,
    world::{program, prometheus_url, root},
};

const FUNCTIONS: [&str; 3] = ["chat", "stream", "adapter"];
const QUESTION: &str = "What is the error rate for the payment service in the last hour?";
const SESSIONS: &str = "/api/v1/sessions";

/// A local cloud of its own, with the real packages in it.
struct Packaged {
    cloud: Service,
    outputs: Outputs,
    /// For a look behind the functions, with credentials that may do everything.
    sdk: SdkConfig,
    /// Stands where the deployed functions believe their language model to be.
    model: TcpListener,
    _dir: TempDir,
}

/// A tenant, with a client for each function's address.
struct Tenant {
    id: TenantId,
    chat: Client,
    stream: Client,
}

impl Packaged {
    async fn get() -> &'static Self {
        static PACKAGED: OnceCell<Packaged> = OnceCell::const_new();
        PACKAGED.get_or_init(|| shared(Self::start())).await
    }

    async fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let packages = dir.path().join("packages");
        let mut options = ministack::Options::new(dir.path());
        options.enforce_roles = true;
        let (prometheus, cloud, model, ()) = tokio::join!(
            prometheus_url(),
            ministack::start(&options),
            TcpListener::bind("127.0.0.1:0"),
            pack(&packages),
        );
        let (cloud, model) = (cloud.unwrap(), model.unwrap());
        let parameters = [
            ("Architecture", "x86_64".to_owned()),
            ("PrometheusUrl", prometheus.to_owned()),
            ("Slos", demo::SLOS.to_owned()),
            ("OpenAiModel", "scripted".to_owned()),
            ("OpenAiBaseUrl", format!("http://{}/v1", model.local_addr().unwrap())),
        ];
        let deployment = Deployment {
            stack: "packaged".to_owned(),
            endpoint_url: cloud.url().to_owned(),
            packages,
            parameters: BTreeMap::from(parameters.map(|(name, value)| (name.to_owned(), value))),
        };
        let outputs = deploy(&root(), &deployment).await.unwrap();
        let sdk = sdk(cloud.url()).await;
        // The policy refuses what comes without TLS, which is all that the local cloud has. The
        // roles are the subject here, and they stay.
        s3(&sdk).delete_bucket_policy().bucket(&outputs.bucket_name).send().await.unwrap();
        Self { cloud, outputs, sdk, model, _dir: dir }
    }

    async fn new_tenant(&self) -> Tenant {
        let cloud = Cloud::local(self.cloud.url(), ministack::REGION).await;
        let store = cloud.keys(&self.outputs.table_name);
        let id = tenant();
        let now = Timestamp::now();
        let key = keys::create(store.as_ref(), id.clone(), Role::Admin, "test", now).await.unwrap();
        Tenant {
            id,
            chat: Client::new(&self.outputs.local_api_url(self.cloud.url()), key.reveal()),
            stream: Client::new(&self.outputs.local_stream_url(self.cloud.url()), key.reveal()),
        }
    }

    /// How many items of the table belong to the session.
    async fn items(&self, session: &str) -> i32 {
        let session = aws_sdk_dynamodb::types::AttributeValue::S(session.to_owned());
        let scan = aws_sdk_dynamodb::Client::new(&self.sdk).scan();
        let scan = scan.table_name(&self.outputs.table_name).consistent_read(true);
        let scan = scan.filter_expression("contains(pk, :session)");
        scan.expression_attribute_values(":session", session).send().await.unwrap().count()
    }

    /// How many objects of the bucket belong to the tenant.
    async fn objects(&self, tenant: &TenantId) -> usize {
        let list = s3(&self.sdk).list_objects_v2().bucket(&self.outputs.bucket_name);
        let objects = list.prefix(format!("tenants/{tenant}/")).send().await.unwrap();
        objects.contents().len()
    }
}

/// Packs what `scripts/test` has built. Without symbols, which are most of it, this takes a third of
/// the time.
async fn pack(packages: &Path) {
    std::fs::create_dir(packages).unwrap();
    let mut command = Command::new(python().unwrap());
    command.arg(root().join("scripts/lib/package.py")).args(["--level", "1", "--output"]);
    command.arg(packages);
    for function in FUNCTIONS {
        let stripped = packages.join(function);
        run(Command::new("strip").arg("-o").arg(&stripped).arg(program(function))).await;
        command.arg(format!("{function}={}", stripped.display()));
    }
    run(&mut command).await;
}

async fn run(command: &mut Command) -> Output {
    let output = command.output().await.unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

async fn sdk(endpoint_url: &str) -> SdkConfig {
    let credentials =
        Credentials::from_keys(ministack::ACCESS_KEY_ID, ministack::SECRET_ACCESS_KEY, None);
    aws_config::defaults(BehaviorVersion::latest())
        .endpoint_url(endpoint_url)
        .region(Region::new(ministack::REGION))
        .credentials_provider(credentials)
        .load()
        .await
}

fn s3(sdk: &SdkConfig) -> aws_sdk_s3::Client {
    let config = aws_sdk_s3::config::Builder::from(sdk).force_path_style(true).build();
    aws_sdk_s3::Client::from_conf(config)
}

/// The composer answers this.
fn question() -> Value {
    json!({ "content": QUESTION, "model": "none" })
}

#[tokio::test]
async fn both_addresses_are_alive_and_ready_for_anybody() {
    let tenant = Packaged::get().await.new_tenant().await;
    for url in [&tenant.chat.url, &tenant.stream.url] {
        let anybody = Client::new(url, "none");
        let (status, health) = anybody.get("/health").await;
        assert_eq!((status, &health["status"]), (StatusCode::OK, &json!("ok")), "{url}");
        let (status, ready) = anybody.get("/ready").await;
        assert_eq!((status, &ready["status"]), (StatusCode::OK, &json!("ready")), "{url}: {ready}");
    }
}

#[tokio::test]
async fn a_question_is_answered_with_what_prometheus_says_and_stored() {
    let chat = Packaged::get().await.new_tenant().await.chat;
    let (status, answer) = chat.post("/api/v1/messages", &question()).await;
    assert_eq!(status, 201, "{answer}");
    let query = &answer["reply"]["details"]["queries"][0];
    let point = &query["result"]["series"][0]["points"][0][1];
    assert!(point.as_f64().is_some_and(f64::is_finite), "{query}");
    let said = answer["reply"]["content"].as_str().unwrap();
    assert!(said.contains(query["query"].as_str().unwrap()) && said.contains('%'), "{said}");
    // The objective is one of the template's parameters.
    assert!(said.contains("SLO") || said.contains("objective"), "{said}");

    let session = answer["session_id"].as_str().unwrap();
    let (status, messages) = chat.get(&format!("/api/v1/messages/{session}?order=desc")).await;
    assert_eq!(status, 200);
    let listed = &messages["items"][0];
    assert_eq!(listed["content"], answer["reply"]["content"]);
    assert_eq!(listed["details"]["queries"][0]["query"], query["query"]);
    assert_eq!(messages["items"][1]["content"], QUESTION);
}

#[tokio::test]
async fn sessions_are_made_listed_changed_and_deleted() {
    let chat = Packaged::get().await.new_tenant().await.chat;
    let (status, session) = chat.post(SESSIONS, &json!({ "name": "first" })).await;
    assert_eq!(status, 201, "{session}");
    let path = format!("{SESSIONS}/{}", session["id"].as_str().unwrap());
    let rename = chat.request(Method::PATCH, &path).json(&json!({ "name": "second" }));
    let (status, renamed) = answer(rename).await;
    assert_eq!((status, &renamed["name"]), (StatusCode::OK, &json!("second")));
    assert_eq!(chat.get(&path).await, (StatusCode::OK, renamed.clone()));
    let (status, listed) = chat.get(&format!("{SESSIONS}?limit=5")).await;
    assert_eq!((status, &listed["items"]), (StatusCode::OK, &json!([renamed])));
    assert_eq!(chat.delete(&path).await.0, 204);
    assert_eq!(chat.get(&path).await.0, 404);
}

/// Over DynamoDB's limit for an item, so it goes to the bucket, and goes from there.
#[tokio::test]
async fn a_long_message_is_kept_in_the_bucket_until_its_session_is_deleted() {
    let packaged = Packaged::get().await;
    let Tenant { id, chat, .. } = packaged.new_tenant().await;
    let content = format!("hello {}", "wörld ".repeat(70_000));
    let body = json!({ "content": content, "model": "none" });
    let (status, answer) = chat.post("/api/v1/messages", &body).await;
    assert_eq!(status, 201, "{answer}");
    assert_eq!(packaged.objects(&id).await, 1);
    let session = answer["session_id"].as_str().unwrap();
    let (_, messages) = chat.get(&format!("/api/v1/messages/{session}")).await;
    assert_eq!(messages["items"][0]["content"], content);

    assert_eq!(chat.delete(&format!("{SESSIONS}/{session}")).await.0, 204);
    assert_eq!(packaged.objects(&id).await, 0);
    assert_eq!(packaged.items(session).await, 0);
}

#[tokio::test]
async fn who_is_unknown_and_what_is_not_there_is_told_by_code() {
    let tenant = Packaged::get().await.new_tenant().await;
    let stranger = Client::new(&tenant.chat.url, "cpk_nobody");
    let unknown = "ses_01JZ0000000000000000000001";
    for (client, path, status, code) in [
        (&stranger, SESSIONS.to_owned(), 401, "UNAUTHENTICATED"),
        (&tenant.chat, format!("{SESSIONS}/{unknown}"), 404, "NOT_FOUND"),
        (&tenant.stream, "/api/v1/nowhere".to_owned(), 404, "NOT_FOUND"),
    ] {
        let (got, body) = client.get(&path).await;
        assert_eq!((got.as_u16(), body["error"]["code"].as_str()), (status, Some(code)), "{body}");
    }
}

#[tokio::test]
async fn the_function_url_streams_and_resumes() {
    let stream = Packaged::get().await.new_tenant().await.stream;
    let events = stream.stream(&question()).await;
    let terminal = |name: &str| name == "message_end" || name == "error";
    assert_eq!(events.iter().filter(|event| terminal(&event.name)).count(), 1, "{events:?}");
    assert_eq!(events.last().unwrap().name, "message_end");
    let id = events[0].json()["stream_id"].as_str().unwrap().to_owned();
    for cut in [0, 3, events.len()] {
        assert_eq!(stream.resume(&id, cut as u64).await, events[cut..], "after {cut}");
    }
}

/// What the turn has logged since is cleaned up by the function that runs the turn, which its role
/// has to allow.
#[tokio::test]
async fn a_session_that_is_deleted_while_it_is_answered_leaves_nothing_behind() {
    let packaged = Packaged::get().await;
    let Tenant { id, chat, stream } = packaged.new_tenant().await;
    let (_, session) = chat.post(SESSIONS, &json!({})).await;
    let session = session["id"].as_str().unwrap().to_owned();
    let body = json!({ "session_id": session, "content": QUESTION });
    let turn = tokio::spawn(async move { stream.stream(&body).await });

    let mut answering = asked(&packaged.model).await;
    assert_eq!(chat.delete(&format!("{SESSIONS}/{session}")).await.0, 204);
    say(&mut answering, "Nobody will read this.").await;
    while packaged.items(&session).await == 0 {}
    drop(answering);

    let events = turn.await.unwrap();
    let last = events.last().unwrap();
    assert_eq!((last.name.as_str(), &last.json()["code"]), ("error", &json!("NOT_FOUND")));
    assert_eq!(packaged.items(&session).await, 0);
    assert_eq!(packaged.objects(&id).await, 0);
}

/// Waits until the model is asked.
async fn asked(model: &TcpListener) -> TcpStream {
    let (mut connection, _) = model.accept().await.unwrap();
    assert!(connection.read(&mut [0; 64 * 1024]).await.unwrap() > 0);
    connection
}

/// Begins an answer, as a server of models does.
async fn say(connection: &mut TcpStream, text: &str) {
    let delta = json!({ "choices": [{ "index": 0, "delta": { "content": text } }] });
    let response =
        format!("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: {delta}\n\n");
    connection.write_all(response.as_bytes()).await.unwrap();
}

#[tokio::test]
async fn a_wrong_value_in_the_environment_stops_the_function_and_is_named() {
    const TURNS: &[(&str, &str)] =
        &[("TABLE_NAME", "table"), ("BUCKET_NAME", "bucket"), ("ADAPTER_FUNCTION", "adapter")];
    for (function, environment, variable, value) in [
        ("chat", TURNS, "RATE_LIMIT_KEY_PER_MINUTE", "0"),
        ("chat", TURNS, "TABLE_NAME", ""),
        ("stream", TURNS, "ADAPTER_FUNCTION", ""),
        ("stream", TURNS, "SLOS", "[]"),
        ("adapter", &[], "PROMETHEUS_URL", "prometheus:9090"),
    ] {
        let mut command = Command::new(program(function));
        command.env_clear().env("AWS_REGION", ministack::REGION);
        command.envs(environment.iter().copied()).env(variable, value).kill_on_drop(true);
        let output = command.output().await.unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{function} {variable}: {error}");
        assert!(error.contains(variable), "{function} {variable}: {error}");
    }
}
