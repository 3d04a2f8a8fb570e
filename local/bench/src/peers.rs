//! What the same machine does with less: to hold the copilot's figures against.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::ensure;
use async_trait::async_trait;
use axum::{Router, body::Bytes, extract::State, routing::post};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{
    cloud::LocalCloud,
    latency::{CONCURRENCIES, OverHttp, over_http_by},
    load::{Load, Rounds},
    sizes::Sizes,
};

/// About what an answer has.
const ECHO_BYTES: usize = 8 * 1024;
/// About what a question and its reply have, on average.
const ITEM_BYTES: usize = 2_500;
/// As many as a turn reads.
const ITEMS: usize = 21;
/// Nothing checks it; it says which service and region the request is for.
const AUTHORIZATION: &str = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request, \
    SignedHeaders=host, Signature=0";

/// Makes the body of the next request.
type MakeBody = Arc<dyn Fn() -> Value + Send + Sync>;

/// A request over HTTP that must succeed.
struct Post {
    http: reqwest::Client,
    url: String,
    headers: Vec<(&'static str, String)>,
    body: MakeBody,
}

#[async_trait]
impl Load for Post {
    type Sample = Duration;

    async fn once(&mut self) -> anyhow::Result<Duration> {
        let body = serde_json::to_vec(&(self.body)())?;
        let began = Instant::now();
        let mut request = self.http.post(&self.url).body(body);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let answer = request.send().await?;
        let status = answer.status();
        let text = answer.bytes().await?;
        let wall = began.elapsed();
        ensure!(status.is_success(), "{status}: {}", String::from_utf8_lossy(&text));
        Ok(wall)
    }
}

/// A bare axum server that takes a body and gives one back, without looking at either.
pub(crate) async fn echo(sizes: &Sizes) -> anyhow::Result<Vec<OverHttp>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/", listener.local_addr()?);
    let body = Bytes::from("x".repeat(ECHO_BYTES));
    let answer = |State(body): State<Bytes>, _: Bytes| async move { body };
    let app = Router::new().route("/", post(answer)).with_state(body);
    let server = tokio::spawn(async move { axum::serve(listener, app).await });
    let question: MakeBody =
        Arc::new(|| json!({ "content": "What is the error rate for the payment service?" }));
    let mut figures = Vec::new();
    for concurrency in CONCURRENCIES {
        let loads = posts(concurrency, &url, &[], &question)?;
        figures.push(over_http_by(loads, sizes.turns, sizes.session).await?);
    }
    server.abort();
    Ok(figures)
}

/// Single requests to the local cloud's DynamoDB, made by hand: no SDK, no signature.
pub(crate) async fn dynamodb(
    cloud: &LocalCloud,
    sizes: &Sizes,
) -> anyhow::Result<BTreeMap<&'static str, Vec<OverHttp>>> {
    let mut figures = BTreeMap::new();
    for (operation, body) in requests(&cloud.table) {
        let target = format!("DynamoDB_20120810.{operation}");
        let headers = [
            ("x-amz-target", target),
            ("content-type", "application/x-amz-json-1.0".to_owned()),
            ("authorization", AUTHORIZATION.to_owned()),
        ];
        let mut at_each = Vec::new();
        for concurrency in CONCURRENCIES {
            let loads = posts(concurrency, cloud.url(), &headers, &body)?;
            // The first ones make the items that the query finds.
            let once = Rounds { warm_up: ITEMS.div_ceil(concurrency), length: usize::MAX };
            at_each.push(over_http_by(loads, sizes.cloud_turns, once).await?);
        }
        figures.insert(operation, at_each);
    }
    Ok(figures)
}

/// In the order in which they are made: the query finds what was put.
fn requests(table: &str) -> [(&'static str, MakeBody); 3] {
    let number = Arc::new(AtomicU64::new(0));
    let [put_table, query_table, transact_table] = [(); 3].map(|()| table.to_owned());
    let put = move || {
        let sort = number.fetch_add(1, Ordering::Relaxed) % ITEMS as u64;
        json!({ "TableName": put_table, "Item": item("read", sort) })
    };
    let query = move || {
        json!({
            "TableName": query_table,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": { ":pk": { "S": "bench#read" } },
            "ScanIndexForward": false,
            "ConsistentRead": true,
        })
    };
    let transact = move || {
        // As when a turn ends: three items that are written together.
        let put =
            |sort| json!({ "Put": { "TableName": transact_table, "Item": item("write", sort) } });
        json!({ "TransactItems": [put(next_number()), put(next_number()), put(next_number())] })
    };
    [
        ("PutItem", Arc::new(put)),
        ("Query", Arc::new(query)),
        ("TransactWriteItems", Arc::new(transact)),
    ]
}

/// Numbers that do not repeat within a run, so that no two transactions write the same item.
fn next_number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

fn item(partition: &str, sort: u64) -> Value {
    json!({
        "pk": { "S": format!("bench#{partition}") },
        "sk": { "S": format!("{sort:012}") },
        "content": { "S": "x".repeat(ITEM_BYTES) },
    })
}

fn posts(
    concurrency: usize,
    url: &str,
    headers: &[(&'static str, String)],
    body: &MakeBody,
) -> anyhow::Result<Vec<Post>> {
    let http = reqwest::Client::builder().no_proxy().build()?;
    let post = |_| Post {
        http: http.clone(),
        url: url.to_owned(),
        headers: headers.to_vec(),
        body: Arc::clone(body),
    };
    Ok((0..concurrency).map(post).collect())
}
