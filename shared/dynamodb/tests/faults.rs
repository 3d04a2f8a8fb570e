//! What the emulators never do: conflicts, throttling, batches done in part, and answers that are
//! none. The wire is DynamoDB's JSON 1.0, served by a stand-in.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::sync::Arc;

use async_trait::async_trait;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::Credentials;
use conversation::{
    session::{Message, MessageStatus, Speaker},
    store::{
        BlobStore, Claimed, Listings, PageRequest, SessionEraser, SessionStore, StoreError,
        TurnSession, TurnStart, TurnStore,
    },
};
use dynamodb::DynamoStore;
use jiff::Timestamp;
use model::{MessageId, SessionId, SystemClock, TenantId};
use serde_json::{Map, Value, json};
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{body_string_contains, header, method},
};

struct NoBlobs;

#[async_trait]
impl BlobStore for NoBlobs {
    async fn put(&self, _: &str, _: Vec<u8>) -> Result<(), StoreError> {
        Ok(())
    }

    async fn get(&self, _: &str) -> Result<Vec<u8>, StoreError> {
        Err(StoreError::NotFound { what: "blob" })
    }

    async fn delete_prefix(&self, _: &str) -> Result<(), StoreError> {
        Ok(())
    }
}

async fn sdk(url: &str) -> SdkConfig {
    aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "tests"))
        .endpoint_url(url)
        .load()
        .await
}

async fn store(url: &str) -> DynamoStore {
    DynamoStore::new(&sdk(url).await, "copilot", Arc::new(NoBlobs), Arc::new(SystemClock))
}

fn tenant() -> TenantId {
    "demo".parse().unwrap()
}

fn start() -> TurnStart {
    let session = SessionId::new(Timestamp::now());
    let message = Message {
        id: MessageId::new(Timestamp::now()),
        session,
        speaker: Speaker::User,
        content: "How is payment?".to_owned(),
        status: MessageStatus::Pending,
        created_at: Timestamp::now(),
        metadata: Map::new(),
        details: Value::Null,
    };
    TurnStart { session: TurnSession::Existing(session), message, claim: None }
}

/// Answers an operation so for `times` requests.
async fn answer(server: &MockServer, operation: &str, times: u64, status: u16, body: Value) {
    Mock::given(method("POST"))
        .and(header("x-amz-target", format!("DynamoDB_20120810.{operation}").as_str()))
        .respond_with(ResponseTemplate::new(status).set_body_json(body))
        .up_to_n_times(times)
        .mount(server)
        .await;
}

fn cancelled(codes: &[&str]) -> Value {
    let reasons: Vec<Value> = codes.iter().map(|code| json!({"Code": code})).collect();
    json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": "Transaction cancelled",
        "CancellationReasons": reasons,
    })
}

fn fault(kind: &str) -> Value {
    json!({"__type": format!("com.amazonaws.dynamodb.v20120810#{kind}"), "message": "no"})
}

async fn bodies(server: &MockServer) -> Vec<Value> {
    let requests: Vec<Request> = server.received_requests().await.unwrap();
    requests.iter().map(|request| request.body_json().unwrap()).collect()
}

#[tokio::test]
async fn a_conflict_is_tried_again_as_the_same_transaction() {
    let server = MockServer::start().await;
    let conflict = cancelled(&["TransactionConflict", "None"]);
    answer(&server, "TransactWriteItems", 2, 400, conflict).await;
    answer(&server, "TransactWriteItems", 1, 200, json!({})).await;
    let store = store(&server.uri()).await;
    assert_eq!(store.begin(&tenant(), &start()).await.unwrap(), Claimed::Fresh);
    let tokens: Vec<Value> =
        bodies(&server).await.into_iter().map(|body| body["ClientRequestToken"].clone()).collect();
    assert_eq!(tokens.len(), 3);
    assert!(tokens[0].is_string() && tokens.iter().all(|token| *token == tokens[0]));
}

#[tokio::test]
async fn conflicts_without_end_are_given_up() {
    for (codes, expected) in [
        (["TransactionConflict", "None"], "the session changed while it was being written"),
        (["None", "ThrottlingError"], "the store is throttled"),
        (["None", "ProvisionedThroughputExceeded"], "the store is throttled"),
    ] {
        let server = MockServer::start().await;
        answer(&server, "TransactWriteItems", 1000, 400, cancelled(&codes)).await;
        let error = store(&server.uri()).await.begin(&tenant(), &start()).await.unwrap_err();
        assert_eq!(error.to_string(), expected, "{codes:?}");
        assert_eq!(bodies(&server).await.len(), 9, "one attempt and eight more");
    }
}

#[tokio::test]
async fn what_is_wrong_with_the_table_is_told_apart() {
    for (status, body, attempts, expected) in [
        (400, fault("ThrottlingException"), 3, "the store is throttled"),
        (400, fault("ProvisionedThroughputExceededException"), 3, "the store is throttled"),
        (500, fault("InternalServerError"), 3, "the store does not answer"),
        (503, json!({}), 3, "the store does not answer"),
        (400, fault("ResourceNotFoundException"), 1, "the store does not answer"),
        (400, fault("ValidationException"), 1, "the store refused a request"),
    ] {
        let server = MockServer::start().await;
        answer(&server, "GetItem", 1000, status, body.clone()).await;
        let session = SessionId::new(Timestamp::now());
        let error = store(&server.uri()).await.read(&tenant(), session).await.unwrap_err();
        assert_eq!(error.to_string(), expected, "{body}");
        assert_eq!(bodies(&server).await.len(), attempts, "{body}");
    }
}

#[tokio::test]
async fn a_table_that_is_not_there_at_all_is_unavailable() {
    // The port was free a moment ago.
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let session = SessionId::new(Timestamp::now());
    let store = store(&format!("http://{address}")).await;
    let error = store.read(&tenant(), session).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
}

#[tokio::test]
async fn throttled_once_is_not_noticed() {
    let server = MockServer::start().await;
    answer(&server, "GetItem", 1, 400, fault("ThrottlingException")).await;
    answer(&server, "GetItem", 1, 200, json!({})).await;
    let session = SessionId::new(Timestamp::now());
    let error = store(&server.uri()).await.read(&tenant(), session).await.unwrap_err();
    assert!(matches!(error, StoreError::NotFound { what: "session" }), "{error:?}");
}

#[tokio::test]
async fn a_batch_that_is_done_in_part_is_finished() {
    let server = MockServer::start().await;
    let key = |sort: &str| json!({"pk": {"S": "p"}, "sk": {"S": sort}});
    let delete = |sort: &str| json!({"DeleteRequest": {"Key": key(sort)}});
    let left = json!({"UnprocessedItems": {"copilot": [delete("MSG#2")]}});
    answer(&server, "UpdateItem", 1, 200, json!({})).await;
    let page = json!({"Items": [key("MSG#1"), key("MSG#2"), key("SESSION")]});
    answer(&server, "Query", 1, 200, page).await;
    answer(&server, "BatchWriteItem", 1, 200, left).await;
    answer(&server, "BatchWriteItem", 1, 200, json!({})).await;
    answer(&server, "DeleteItem", 1, 200, json!({})).await;
    let session = SessionId::new(Timestamp::now());
    store(&server.uri()).await.erase(&tenant(), session).await.unwrap();
    let batches: Vec<Value> = bodies(&server)
        .await
        .iter()
        .filter(|body| body.get("RequestItems").is_some())
        .map(|body| body["RequestItems"]["copilot"].clone())
        .collect();
    assert_eq!(batches, [json!([delete("MSG#1"), delete("MSG#2")]), json!([delete("MSG#2")])]);
}

/// A session with a reply whose details the query for details was too early for.
async fn listed_too_early(details: Value) -> (MockServer, Result<Vec<Value>, StoreError>) {
    let server = MockServer::start().await;
    let (now, id) = ("2026-01-01T00:00:00Z", SessionId::new(Timestamp::now()));
    let text = |text: &str| json!({ "S": text });
    let session = json!({ "Item": {
        "session_id": text(&id.to_string()), "metadata": text("{}"), "created_by": text("key:a"),
        "created_at": text(now), "last_activity": text(now), "message_count": { "N": "2" },
    }});
    let reply = json!({
        "pk": text("p"), "sk": text(&format!("MSG#{}", MessageId::new(Timestamp::now()))),
        "speaker": text("assistant"), "message_status": text("complete"), "created_at": text(now),
        "content": text("2.5 %"), "metadata": text("{}"), "has_details": { "BOOL": true },
    });
    for (operation, about, body) in [
        ("GetItem", "DETAILS#", details),
        ("GetItem", "SESSION\"", session),
        ("Query", "DETAILS#", json!({ "Items": [] })),
        ("Query", "MSG#", json!({ "Items": [reply] })),
    ] {
        Mock::given(header("x-amz-target", format!("DynamoDB_20120810.{operation}").as_str()))
            .and(body_string_contains(about))
            .respond_with(ResponseTemplate::new(200).set_body_json(body))
            .mount(&server)
            .await;
    }
    let page = PageRequest { limit: 10, ..PageRequest::default() };
    let listed = store(&server.uri()).await.messages(&tenant(), id, &page).await;
    let details = listed.map(|page| page.items.into_iter().map(|found| found.details).collect());
    (server, details)
}

#[tokio::test]
async fn details_that_were_not_found_beside_their_message_are_read_by_themselves() {
    let item = json!({ "Item": { "details": { "S": "{\"intent\":\"analyze_errors\"}" } } });
    let (server, listed) = listed_too_early(item).await;
    assert_eq!(listed.unwrap(), [json!({ "intent": "analyze_errors" })]);
    assert_eq!(bodies(&server).await.len(), 4, "session, two queries and the details");
}

#[tokio::test]
async fn details_that_are_not_there_at_all_are_corrupt() {
    let (server, listed) = listed_too_early(json!({})).await;
    assert!(matches!(listed, Err(StoreError::Corrupt(_))), "{listed:?}");
    assert_eq!(bodies(&server).await.len(), 5, "it looks whether the session is still there");
}
